//! Addresses of what a page loads; their names carry a hash of the content, so only the server knows them.

/// The files of the browser bundle, as paths below the base path that start with a slash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub wasm: String,
    /// The text face, fetched early: it is on every page.
    pub font: String,
}
