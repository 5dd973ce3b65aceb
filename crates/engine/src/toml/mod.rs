//! TOML as BurntSushi/toml reads and prints it.
//!
//! Printing indents tables below their parents and always gives floats a decimal. Reading keeps the library's own
//! checks, so that what it lets pass passes here and its error texts are the same.

mod decode;
mod encode;
mod error;
mod key;
mod lexer;
mod number;
mod text;

pub use decode::decode;
pub use encode::encode;
pub use error::{DecodeError, EncodeError};
