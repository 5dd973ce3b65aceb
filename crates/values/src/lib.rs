//! The values that a person edits, as a document.
