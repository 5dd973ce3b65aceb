//! JSON as Go's encoding/json reads and prints it.
//!
//! Printing sorts keys, escapes `<`, `>` and `&` unless told not to, and writes numbers in Go's two forms. Reading
//! makes every number a float64 and speaks of errors in Go's words.

mod decode;
mod encode;
mod error;
mod number;
mod string;

pub(crate) use decode::wrong_shape;
pub use decode::{decode, decode_list, decode_map};
pub use encode::{Escape, encode, encode_indented};
pub use error::{DecodeError, EncodeError};
pub use number::format_number;
pub use string::write_string;
