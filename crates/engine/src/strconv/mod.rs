//! Go's strconv: numbers and quoted strings to text and back.

mod float;
mod parse;
mod quote;

pub use float::format_float;
pub use parse::{NumberError, parse_float, parse_int, parse_uint};
pub use quote::{
    can_backquote, is_print, quote, quote_rune, quote_rune_to_ascii, quote_to_ascii, unquote, unquote_char,
};
