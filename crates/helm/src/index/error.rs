//! What makes a whole index unusable.

use crate::archive::ArchiveError;

/// Why an index was refused. Versions that were handed on before must not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the document is empty")]
    Empty,
    #[error("the document is not a repository index")]
    NotAnIndex,
    #[error("the index does not say its `apiVersion`")]
    NoApiVersion,
    #[error("the index is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("the index has more than {limit} charts")]
    TooManyCharts { limit: usize },
    #[error("the index has more than {limit} versions")]
    TooManyVersions { limit: u64 },
    #[error("the index ends early, in the middle of its entries")]
    Truncated,
    #[error("the index is malformed at byte {offset}: {what}")]
    Malformed { offset: u64, what: String },
    #[error(
        "a part of the index at byte {offset} is longer than the {limit_bytes} bytes that are read at once"
    )]
    PartTooLarge { offset: u64, limit_bytes: usize },
    #[error("unpacking the index")]
    Gzip(#[source] ArchiveError),
    #[error("reading the index")]
    Read(#[source] std::io::Error),
}
