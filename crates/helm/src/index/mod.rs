//! A repository's index (`index.yaml`): read as a stream in YAML or JSON, compressed or not, one chart version at a
//! time, so that memory does not grow with the document; ordered and searched as Helm does; written for mirrors, and
//! kept in pieces for hosted repositories.
//!
//! An index is a claim by a stranger about archives. What can be used of it is handed on as [`IndexEntry`]; every
//! version that cannot be used is a [`Skipped`] with its [`SkipReason`] and harms no other. Only what makes the whole
//! document unusable is an [`IndexError`].
//!
//! ```
//! use helm::index::{IndexItem, IndexLimits, IndexReader};
//!
//! let mut names = Vec::new();
//! let mut sink = |item| {
//!     if let IndexItem::Version(entry) = item {
//!         names.push(format!("{} {}", entry.chart, entry.version));
//!     }
//! };
//! let mut reader = IndexReader::new(IndexLimits::default());
//! reader.push(b"apiVersion: v1\nentries:\n  demo:\n  - name: demo\n    vers", &mut sink)?;
//! reader.push(b"ion: 1.2.3\n    urls: [demo-1.2.3.tgz]\ngenerated: 2026-01-01T00:00:00Z\n", &mut sink)?;
//! let summary = reader.finish(&mut sink)?;
//! assert_eq!(names, ["demo 1.2.3"]);
//! assert!(summary.is_proven_complete);
//! # Ok::<(), helm::index::IndexError>(())
//! ```

mod assemble;
mod entry;
mod error;
mod fields;
mod fragment;
mod json;
mod locate;
mod node;
mod order;
mod reader;
mod skip;
mod timestamp;
mod write;
mod yaml;
mod yaml_node;

pub use entry::{ChartKind, IndexDependency, IndexEntry, IndexMaintainer};
pub use error::IndexError;
pub use fragment::{IndexFragment, Opening, assemble_versions, index_head, index_tail};
pub use locate::{LocateError, resolve_url};
pub use order::{ResolveError, find_latest, is_prerelease, resolve, sort_newest_first};
pub use reader::{IndexItem, IndexLimits, IndexReader, IndexSummary};
pub use skip::{EntryNote, SkipReason, Skipped};
pub use timestamp::Timestamp;
pub use write::{IndexFormat, IndexWriter, WriteError};
