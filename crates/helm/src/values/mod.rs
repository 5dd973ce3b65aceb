//! Values: what a chart is configured with, from its defaults and its user to what its templates see.

mod coalesce;
mod documents;
mod log;
pub mod strvals;
mod table;
mod tree;

pub use coalesce::TypeMismatch;
pub(crate) use coalesce::{Merge, coalesce_over, coalesce_values, display, merge_tables};
pub(crate) use documents::split_stream;
pub use documents::{ValuesError, parse_values};
pub(crate) use log::{Warnings, slog_line};
pub(crate) use table::{NoTable, lookup_table, path_value};
pub use tree::{Table, Tree, merge_over};
pub(crate) use tree::{from_map, table_to_json, to_map};
