//! Errors of reading YAML, with the words of libyaml and go-yaml.

/// A position in the decoded text. Lines and columns count from 0, columns in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Byte offset in [`super::Source::text`].
    pub offset: usize,
    /// Line, from 0.
    pub line: u32,
    /// Column in characters, from 0.
    pub column: u32,
}

/// The layer that found a syntax error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The bytes are not text.
    Reader,
    /// The text is not made of YAML tokens.
    Scanner,
    /// The tokens do not form a document.
    Parser,
}

/// Why YAML text could not be read. `Display` is go-yaml's text, without its `yaml: ` prefix.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A syntax error; `line` is the number go-yaml prints (0 = none), `mark` the true position.
    #[error("{}{problem}", line_prefix(*.line))]
    Syntax {
        /// Who found it.
        stage: Stage,
        /// libyaml's words.
        problem: &'static str,
        /// The line number in the message: go-yaml counts it in two ways, so it may be off by one.
        line: u32,
        /// Where it was found.
        mark: Mark,
    },
    /// Collections are nested deeper than allowed.
    #[error("{}exceeded max depth of {limit}", line_prefix(*.line))]
    TooDeep {
        /// The depth that was allowed.
        limit: usize,
        /// The line number in the message.
        line: u32,
        /// The collection that was one too many.
        mark: Mark,
    },
    /// `*name` without `&name` before it.
    #[error("unknown anchor '{name}' referenced")]
    UnknownAnchor {
        /// The anchor's name.
        name: String,
    },
    /// `&name` around `*name`.
    #[error("anchor '{name}' value contains itself")]
    RecursiveAnchor {
        /// The anchor's name.
        name: String,
    },
    /// Aliases would blow the document up ("billion laughs").
    #[error("document contains excessive aliasing")]
    ExcessiveAliasing,
    /// `<<` with something else than a map or maps.
    #[error("map merge requires map or sequence of maps as the value")]
    MergeNotMap,
    /// A map or sequence as a key; the text is Go's `%#v` of it.
    #[error("invalid map key: {key}")]
    InvalidKey {
        /// The key in Go syntax.
        key: String,
    },
    /// An explicit tag that does not fit its value.
    #[error("cannot decode {found} `{value}` as a {wanted}")]
    TagMismatch {
        /// Short tag of what the value looks like.
        found: String,
        /// The scalar's text.
        value: String,
        /// Short tag that was asked for.
        wanted: String,
    },
    /// `!!binary` with text that is not base64.
    #[error("!!binary value contains invalid base64 data")]
    InvalidBinary,
    /// Keys given twice, or the like, in strict reading: one line each.
    #[error("unmarshal errors:\n  {}", .lines.join("\n  "))]
    Strict {
        /// What was wrong, line by line.
        lines: Vec<String>,
    },
}

fn line_prefix(line: u32) -> String {
    if line == 0 {
        String::new()
    } else {
        format!("line {line}: ")
    }
}
