//! Events: what the parser hands out.

use std::borrow::Cow;

use super::error::Mark;

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// What may stand before any node: `&anchor` and `!tag`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties<'a> {
    /// Name of the anchor.
    pub anchor: Option<&'a str>,
    /// The tag in its long form (`tag:yaml.org,2002:str`).
    pub tag: Option<Box<str>>,
}

/// One step through a YAML stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// First of all.
    StreamStart,
    /// Last of all.
    StreamEnd,
    /// A document begins; `explicit` when written `---`.
    DocumentStart {
        /// Written as `---`.
        explicit: bool,
    },
    /// A document ends; `explicit` when written `...`.
    DocumentEnd {
        /// Written as `...`.
        explicit: bool,
    },
    /// `*name`; the parser does not look whether it exists.
    Alias {
        /// The anchor meant.
        name: &'a str,
    },
    /// A scalar.
    Scalar {
        /// The text, unquoted and unfolded; borrowed from the source where it stands there as it is.
        value: Cow<'a, str>,
        /// How it was written; only a plain scalar without a tag may be something else than a string.
        style: ScalarStyle,
        /// Whether the tag is to be found from the text: plain without a tag, or tagged `!`.
        implicit: bool,
        /// Anchor and tag.
        properties: Properties<'a>,
    },
    /// A sequence begins.
    SequenceStart {
        /// Written `[…]`.
        flow: bool,
        /// Anchor and tag.
        properties: Properties<'a>,
    },
    /// A sequence ends.
    SequenceEnd,
    /// A mapping begins: keys and values follow in turn.
    MappingStart {
        /// Written `{…}`.
        flow: bool,
        /// Anchor and tag.
        properties: Properties<'a>,
    },
    /// A mapping ends.
    MappingEnd,
}

/// An event and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<'a> {
    /// What.
    pub event: Event<'a>,
    /// First character.
    pub start: Mark,
    /// Past the last character.
    pub end: Mark,
}
