//! Files that cannot be read, in the words Go's `os` package has for it: helm's users know them.

use std::io;
use std::path::Path;

/// Reads a file; the error is the whole message.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, io::Error> {
    let shown = path.display();
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) => {
            let operation = match error.kind() {
                io::ErrorKind::IsADirectory => "read",
                _ => "open",
            };
            let text = format!("{operation} {shown}: {}", describe(&error));
            Err(io::Error::new(error.kind(), text))
        }
    }
}

/// The system's words for an error without Rust's number: `no such file or directory`.
pub(crate) fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
