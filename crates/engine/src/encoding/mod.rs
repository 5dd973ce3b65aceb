//! Base64 and base32 as Go's standard encodings: padded, line breaks ignored, errors that name an offset.

pub mod base32;
pub mod base64;

/// Text that is not of the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("illegal {encoding} data at input byte {offset}")]
pub struct CorruptInput {
    /// `base64` or `base32`.
    pub encoding: &'static str,
    /// The byte Go complains about.
    pub offset: usize,
}
