//! The patches Helm sends for releases that were made by client-side apply, and the differences a plan shows.
//!
//! Three documents make such a patch: what was applied last, what is to be applied, what the cluster has. What somebody
//! else set stays, unless the new document says otherwise. For the kinds Kubernetes brings, lists are merged item by item
//! as the [`PatchSchema`] of the cluster says ([`three_way_strategic_merge`]); for all others a list is one value
//! ([`three_way_merge_patch`]). [`upgrade_managed_fields`] hands the fields of such a release to server-side apply.
//!
//! Values in, values out. A patch that the Go code makes from a document is made here too, and its errors are errors; where
//! the Go code would crash, there is an error as well. Errors name fields and never values: those may be secret.

mod differences;
mod fields;
mod json_merge;
mod order;
mod schema;
mod strategic;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::arbitrary_json;

pub use differences::{Difference, differences};
pub use fields::upgrade_managed_fields;
pub use json_merge::{merge_patch, three_way_merge_patch};
pub use schema::{FieldPatch, PatchSchema, Strategy, has_strategic_merge};
pub use strategic::three_way_strategic_merge;

/// Why there is no patch, and where in the object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}{}", at(.path))]
pub struct PatchError {
    /// Names of fields, outermost first; items of lists are not told apart.
    pub path: Vec<String>,
    pub problem: PatchProblem,
}

/// What a patch cannot be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchProblem {
    #[error("the {which} document is no object")]
    NotAnObject { which: &'static str },
    #[error("the cluster does not know the field `{field}`")]
    UnknownField { field: String },
    #[error("the field `{field}` is no list")]
    NotAList { field: String },
    #[error("the items of a list are not of one type")]
    MixedList,
    #[error("lists of lists cannot be merged")]
    ListOfLists,
    #[error("lists cannot be merged as they have no items")]
    EmptyLists,
    #[error("an item has no `{key}`, by which items are merged")]
    NoMergeKey { key: String },
    #[error("there is no key to merge items by")]
    Unkeyed,
    #[error("the directive `{directive}` is not valid here")]
    Directive { directive: String },
    #[error("what is to be set and what is to be deleted contradict each other")]
    Conflict,
    #[error("the field `{field}` cannot be changed")]
    Fixed { field: &'static str },
}

impl PatchError {
    /// The same error, of something inside of `field`.
    fn within(mut self, field: &str) -> Self {
        self.path.insert(0, field.to_owned());
        self
    }
}

impl From<PatchProblem> for PatchError {
    fn from(problem: PatchProblem) -> Self {
        Self {
            path: Vec::new(),
            problem,
        }
    }
}

fn at(path: &[String]) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(", in `{}`", path.join("."))
    }
}
