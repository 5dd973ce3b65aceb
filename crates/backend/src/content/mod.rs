//! From a chart's text to safe HTML: Markdown, highlighted files, the values view.
//!
//! Pure functions: no store, no network, no clock. Nothing that comes in is trusted, and everything that goes out may be
//! set as inner HTML under a policy without inline scripts or styles: looks are classes, and ids are prefixed so that
//! they cannot stand in for the page's own.
//!
//! [`prose`] renders Markdown, [`file`] a file with line numbers, [`values`] the default values with an anchor a path.

mod highlight;
mod links;
mod markdown;
mod rewrite;
mod sanitize;
mod slug;
mod values;
mod write;

pub use links::{ImagePolicy, ProseContext};
pub use markdown::prose;
pub use values::values;
pub(crate) use values::{value_comments, value_keys, value_lines};

/// A file's text as highlighted HTML and the number of its lines.
///
/// `path` tells the language. Every line is one `<span class="line" id="L{n}">`.
pub fn file(path: &str, text: &str) -> (String, u32) {
    let tokens = highlight::tokens(highlight::Language::of_path(path), text);
    write::lines(text, &tokens, &[])
}
