//! Versions and constraints as Masterminds/semver v3 (v3.5) reads, orders and matches them.
//!
//! Not Cargo's grammar: versions may be partial (`1.2`) or start with `v`, constraints know `1.2.x`, `1 - 2`, `~>`, `=>`,
//! and `||`. [`Version`] is in `version.rs`, [`Constraint`] in `constraint.rs`.

mod constraint;
mod version;

pub use constraint::{Constraint, Mismatch};
pub use version::{Part, Version};

/// Longest version text that is looked at.
pub const MAX_VERSION_LEN: usize = 256;
/// Longest constraint text that is looked at.
pub const MAX_CONSTRAINT_LEN: usize = 512;
/// Most alternatives (`||`) in one constraint.
pub const MAX_CONSTRAINT_GROUPS: usize = 32;

/// Why a text is not a version or not a constraint. The texts are those of the Go library.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SemverError {
    /// Not of the form of a version at all.
    #[error("invalid semantic version")]
    Invalid,
    /// An empty text where a strict version is wanted.
    #[error("version string empty")]
    Empty,
    /// Something else than digits in a numeric part.
    #[error("invalid characters in version")]
    InvalidCharacters,
    /// A number with a leading zero.
    #[error("version segment starts with 0")]
    SegmentStartsZero,
    /// Bad text after `+`.
    #[error("invalid metadata string")]
    InvalidMetadata,
    /// Bad text after `-`.
    #[error("invalid prerelease string")]
    InvalidPrerelease,
    /// Longer than [`MAX_VERSION_LEN`].
    #[error("version string is too long (max {MAX_VERSION_LEN} bytes)")]
    VersionTooLong,
    /// A number that does not fit into 64 bits.
    #[error("{}strconv.ParseUint: parsing \"{digits}\": value out of range", if *.strict { "" } else { "error parsing version segment: " })]
    OutOfRange {
        /// The number as written.
        digits: String,
        /// Whether the strict parser said so, which does not explain itself.
        strict: bool,
    },
    /// Longer than [`MAX_CONSTRAINT_LEN`].
    #[error("constraint string is too long (max {MAX_CONSTRAINT_LEN} bytes)")]
    ConstraintTooLong,
    /// More than [`MAX_CONSTRAINT_GROUPS`] alternatives.
    #[error("too many constraint groups (max {MAX_CONSTRAINT_GROUPS})")]
    TooManyGroups,
    /// Not of the form of a constraint.
    #[error("improper constraint: {}", crate::strconv::quote(.text.as_bytes()))]
    ImproperConstraint {
        /// The alternative that is wrong, after ranges (`1 - 2`) were rewritten.
        text: String,
    },
    /// Of the form of a constraint, but its version is not one (`x1`).
    #[error("constraint parser error")]
    ConstraintParser,
}

/// Splits `text` after its leading bytes that satisfy `accept`.
fn take_while(text: &str, accept: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !accept(byte)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Reads `[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*` from the start of `text`.
fn take_identifiers(text: &str) -> Option<(&str, &str)> {
    let accept = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let (first, mut rest) = take_while(text, accept);
    if first.is_empty() {
        return None;
    }
    while let Some(after_dot) = rest.strip_prefix('.') {
        let (next, after) = take_while(after_dot, accept);
        if next.is_empty() {
            break;
        }
        rest = after;
    }
    let end = text.len() - rest.len();
    text.split_at_checked(end)
}
