//! What helm's commands print about releases: `list`, `history`, `status` and `get`, as table, JSON and YAML.
//!
//! From records to text and nothing else. Field names, their order and every space are helm 4's, for scripts that read
//! them. Colours, which helm prints on terminals, are not here.

mod get;
mod listing;
mod node;
mod objects;
mod status;
mod table;
mod time;

pub use get::{all, hooks, manifest, metadata, notes, values};
pub use listing::{ListStyle, history, list, names};
pub use objects::print as resources;
pub use status::{changed, status};

use node::Node;

/// How a command prints, as its flag `--output` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Table,
    Json,
    Yaml,
}

/// The data of a command in the formats for programs; `table` makes the one for people.
fn print(format: Format, node: &Node, table: impl FnOnce() -> String) -> String {
    match format {
        Format::Table => table(),
        Format::Json => node.to_json_line(),
        Format::Yaml => node.to_yaml(),
    }
}
