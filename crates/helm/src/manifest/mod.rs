//! From rendered template text to the objects of a release: splitting, ordering, hooks.

mod hooks;
mod kinds;
mod split;

pub use hooks::{
    HOOK_ANNOTATION, HOOK_DELETE_ANNOTATION, HOOK_LOG_ANNOTATION, HOOK_WEIGHT_ANNOTATION, Hook, HookEvent,
    HookRole, RESOURCE_POLICY_ANNOTATION, hook_role,
};
pub use kinds::{KindOrder, install_order, uninstall_order};
pub use split::{Document, split_documents};
