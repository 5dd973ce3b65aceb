//! Files inside a chart's archive.

use serde::{Deserialize, Serialize};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Readme,
    Values,
    Schema,
    Metadata,
    Template,
    Crd,
    Notes,
    License,
    Changelog,
    Other,
}

/// A file of a chart's archive, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileEntry {
    /// Path below the chart's directory, `/` separated.
    pub path: String,
    pub kind: FileKind,
    pub size_bytes: u64,
    /// Its text is kept and can be shown.
    pub is_text: bool,
}

/// A file's text as highlighted, safe HTML: one `<span class="line" id="L{n}">` a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileView {
    pub entry: FileEntry,
    pub html: String,
    pub n_lines: u32,
}

/// The default values with an anchor a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValuesView {
    /// Highlighted, safe HTML, as [`FileView::html`]; a line that sets a key also carries `data-path="a.b.c"`.
    pub html: String,
    pub n_lines: u32,
    /// Every path that is set, in the order of the file.
    pub paths: Vec<ValuesPath>,
    /// The schema is shipped as `values.schema.json`.
    pub has_schema: bool,
    /// Other values files of the chart (`values-*.yaml`), to look at under files.
    pub variants: Vec<String>,
}

/// One key of the default values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValuesPath {
    /// `a.b.c`.
    pub path: String,
    /// 1-based.
    pub line: u32,
}
