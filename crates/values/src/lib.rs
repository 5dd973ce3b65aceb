//! The values that a person edits, as a document: pure, and small enough for a page.
//!
//! | You have | You want | Look at |
//! |---|---|---|
//! | a values file as typed | to read it and change single values, and lose nothing else | [`Document`], [`Path`] |
//! | a chart | to know what can be configured: types, choices, limits, descriptions, secrets, sub-charts | [`schema::Fields`] |
//! | a chart and half-typed text | problems at their place, completions, hover | [`assist::Assistant`] |
//! | defaults that were edited as a whole | what differs, and the way back | [`overrides::extract`], [`overrides::whole`] |
//! | overrides and a newer version of the chart | what that changes, and what to do about it | [`merge::Merge`] |
//! | values that are to go elsewhere | a helm command, objects for Flux and Argo CD | [`exports`] |
//! | a command with `--set` | the same as edits | [`exports::apply_flags`] |
//! | a chart and overrides | what they amount to | [`defaults`] |
//!
//! ```
//! use values::{Document, Path};
//! use helm::values::Tree;
//!
//! let mut document = Document::parse("# ours\nimage:\n  tag: '1.0' # pinned\n")?;
//! let path: Path = "image.tag".parse()?;
//! let change = document.set(&path, &Tree::String("1.1".into()))?;
//! assert_eq!(document.text(), "# ours\nimage:\n  tag: '1.1' # pinned\n");
//! assert_eq!((change.range, change.text.as_str()), (24..25, "1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Three things hold everywhere:
//!
//! * What Helm would read decides: every edit is checked by reading its result as Helm does, YAML 1.1 and all (`y` is
//!   true, and so is the key `y`).
//! * Texts and charts are hostile: sizes, depths and steps are limited, and nothing panics.
//! * Nothing here renders, and nothing is fetched or stored.
//!
//! Without the feature `schema` values are not checked against `values.schema.json`; the host brings what its
//! validator found ([`assist::Violation`]).
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

pub mod assist;
pub mod defaults;
pub mod document;
pub mod exports;
pub mod merge;
pub mod overrides;
mod path;
pub mod schema;

pub use document::Document;
pub use path::{Path, PathError, Segment};
