//! From rendered template text to the objects of a release: splitting, ordering, hooks.

mod head;
mod head_events;
mod hooks;
mod kinds;
mod sort;
mod split;

pub use head::Head;
pub use hooks::{
    HOOK_ANNOTATION, HOOK_DELETE_ANNOTATION, HOOK_LOG_ANNOTATION, HOOK_WEIGHT_ANNOTATION, Hook, HookEvent,
    HookRole, RESOURCE_POLICY_ANNOTATION, hook_role,
};
pub use kinds::{KindOrder, install_order, uninstall_order};
pub use sort::{ManifestError, Object, Objects, SkippedHook, sort_manifests};
pub use split::{Document, split_documents};
