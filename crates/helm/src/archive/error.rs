//! What can be wrong with a chart archive. Every variant carries the data a message or an API answer needs.

/// Why an archive was refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("not a gzip-compressed archive")]
    NotGzip,
    #[error("the gzip stream is damaged at byte {offset}: {what}")]
    DamagedGzip { offset: u64, what: GzipDamage },
    #[error("the archive ends early: {missing}")]
    Truncated { missing: Missing },
    #[error("the tar header at byte {offset} is not valid: {what}")]
    DamagedTar { offset: u64, what: TarDamage },
    #[error("archive is larger than {limit_bytes} bytes")]
    CompressedTooLarge { limit_bytes: u64 },
    #[error("archive is {limit_bytes} bytes or larger when unpacked")]
    TooLarge { limit_bytes: u64 },
    #[error("file `{path}` has {size_bytes} bytes, more than the {limit_bytes} allowed")]
    FileTooLarge {
        path: String,
        size_bytes: u64,
        limit_bytes: u64,
    },
    #[error("archive has more than {limit} entries")]
    TooManyEntries { limit: usize },
    #[error("an entry's path has {length} bytes, more than the {limit} allowed")]
    PathTooLong { length: usize, limit: usize },
    #[error("entry `{path}` lies outside the chart directory")]
    OutsideChart { path: String },
    #[error("entry `{path}` is an absolute path")]
    AbsolutePath { path: String },
    #[error("entry `{path}` leaves the chart directory")]
    EscapingPath { path: String },
    #[error("entry `{path}` names a drive")]
    DrivePath { path: String },
    #[error("`Chart.yaml` is not inside a chart directory")]
    ChartYamlAtRoot,
    #[error("entry `{path}` is a link or a device and yet claims {size_bytes} bytes of data")]
    DataOnHeaderOnlyEntry { path: String, size_bytes: u64 },
    #[error("entry `{path}` is a sparse file")]
    Sparse { path: String },
    #[error("archive holds no files")]
    Empty,
    #[error("archive `{path}` is nested more than {limit} levels deep")]
    NestedTooDeep { path: String, limit: usize },
    #[error("nested archives are {limit_bytes} bytes or larger when unpacked")]
    NestedTooLarge { limit_bytes: u64 },
    #[error("reading the archive")]
    Read(#[source] std::io::Error),
}

/// What is wrong with a gzip stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GzipDamage {
    Header,
    HeaderChecksum,
    Deflate,
    Checksum,
    Length,
}

impl std::fmt::Display for GzipDamage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "invalid member header",
            Self::HeaderChecksum => "the member header does not match its checksum",
            Self::Deflate => "invalid compressed data",
            Self::Checksum => "the data does not match its checksum",
            Self::Length => "the data does not match its length",
        })
    }
}

/// What is wrong with a tar header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TarDamage {
    Checksum,
    Number,
    Pax,
    LongNameTooLong,
    NegativeSize,
    DataAfterZeroBlock,
}

impl std::fmt::Display for TarDamage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Checksum => "its checksum is wrong",
            Self::Number => "a number is malformed",
            Self::Pax => "an extended record is malformed",
            Self::LongNameTooLong => "an extended header is longer than 1 MiB",
            Self::NegativeSize => "the size is negative",
            Self::DataAfterZeroBlock => "a lone zero block is followed by data",
        })
    }
}

/// What the archive should have gone on with when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    GzipData,
    TarHeader,
    FileData,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::GzipData => "compressed data is missing",
            Self::TarHeader => "a tar header is cut short",
            Self::FileData => "a file's data is cut short",
        })
    }
}
