//! Tokens: what the scanner hands to the parser.

use std::borrow::Cow;

use crate::yaml::error::Mark;
use crate::yaml::event::ScalarStyle;

/// The kind of a token, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::yaml) enum Kind {
    StreamStart,
    StreamEnd,
    VersionDirective,
    TagDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    Scalar,
}

/// The text that comes with some kinds.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::yaml) enum Data<'a> {
    None,
    /// Alias and anchor names.
    Name(&'a str),
    Scalar(Cow<'a, str>, ScalarStyle),
    /// `%YAML major.minor`
    Version(u8, u8),
    /// Handle and prefix of `%TAG`, handle and suffix of a tag.
    Pair(Box<(String, String)>),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::yaml) struct Token<'a> {
    pub(in crate::yaml) kind: Kind,
    pub(in crate::yaml) start: Mark,
    pub(in crate::yaml) end: Mark,
    pub(in crate::yaml) data: Data<'a>,
}

impl Token<'_> {
    pub(in crate::yaml) fn bare(kind: Kind, start: Mark, end: Mark) -> Self {
        Self {
            kind,
            start,
            end,
            data: Data::None,
        }
    }
}
