//! Go strings: bytes, usually UTF-8 but never required to be, cheap to clone.
//!
//! Short strings live inside the value: map keys, names and scalars of a chart rarely pass 22 bytes, so most
//! clones copy three words and touch no counter. Longer ones are shared. A [`GoStr`] is `Send + Sync`, because
//! parsed templates hold their literals as strings and are shared between renders.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

const INLINE_CAPACITY: usize = 22;

#[derive(Clone)]
enum Repr {
    Inline {
        len: u8,
        bytes: [u8; INLINE_CAPACITY],
    },
    Static(&'static [u8]),
    Shared(Arc<[u8]>),
    /// Bytes that somebody else keeps anyway: a chart's files.
    Owned(Arc<dyn AsRef<[u8]> + Send + Sync>),
}

/// An immutable Go string.
#[derive(Clone)]
pub struct GoStr(Repr);

impl GoStr {
    /// The empty string.
    pub const EMPTY: Self = Self(Repr::Static(b""));

    /// A string known at compile time; no copy is made.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Repr::Static(text.as_bytes()))
    }

    /// Copies `bytes`.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut inline = [0; INLINE_CAPACITY];
        match (inline.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(target), Ok(len)) => {
                target.copy_from_slice(bytes);
                Self(Repr::Inline { len, bytes: inline })
            }
            _ => Self(Repr::Shared(Arc::from(bytes))),
        }
    }

    /// The bytes of `owner`, which are not copied unless they are few, and must be the same each time it is asked.
    #[must_use]
    pub fn from_owner(owner: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        if owner.as_ref().len() <= INLINE_CAPACITY {
            Self::from_bytes(owner.as_ref())
        } else {
            Self(Repr::Owned(Arc::new(owner)))
        }
    }

    /// The bytes of the string.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Repr::Static(bytes) => bytes,
            Repr::Shared(bytes) => bytes,
            Repr::Owned(owner) => (**owner).as_ref(),
        }
    }

    /// Length in bytes, as Go's `len`.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Inline { len, .. } => usize::from(*len),
            Repr::Static(bytes) => bytes.len(),
            Repr::Shared(bytes) => bytes.len(),
            Repr::Owned(owner) => (**owner).as_ref().len(),
        }
    }

    /// The first eight bytes as a number; the order of unequal numbers is that of the strings.
    // Zeros stand for what is missing: only a string and its continuation by zeros have one number.
    #[inline]
    pub(super) fn prefix(&self) -> u64 {
        match &self.0 {
            Repr::Inline { bytes, .. } => prefix_of(bytes),
            _ => self.prefix_of_long(),
        }
    }

    // Apart, so that comparing short keys, which nearly all are, is a few instructions without a jump.
    #[inline(never)]
    fn prefix_of_long(&self) -> u64 {
        prefix_of(self.as_bytes())
    }

    /// Whether the string has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text, when the bytes are valid UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// The text with each invalid byte run replaced by U+FFFD.
    #[must_use]
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }

    /// The bytes `start..end`, clamped to the string.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let end = end.min(self.len());
        let start = start.min(end);
        Self::from_bytes(self.as_bytes().get(start..end).unwrap_or_default())
    }

    /// Go's view of the string as code points: an invalid byte decodes to U+FFFD of width one.
    pub fn runes(&self) -> Runes<'_> {
        Runes {
            rest: self.as_bytes(),
        }
    }
}

/// See [`GoStr::prefix`].
pub(super) fn prefix_of(bytes: &[u8]) -> u64 {
    let word = match bytes.first_chunk() {
        Some(word) => *word,
        None => {
            let mut word = [0; 8];
            for (target, byte) in word.iter_mut().zip(bytes) {
                *target = *byte;
            }
            word
        }
    };
    u64::from_be_bytes(word)
}

/// Iterator over Go runes as `(char, width in bytes)`, see [`decode_rune`].
pub struct Runes<'a> {
    rest: &'a [u8],
}

impl Iterator for Runes<'_> {
    type Item = (char, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (rune, width) = decode_rune(self.rest)?;
        self.rest = self.rest.get(width..).unwrap_or_default();
        Some((rune, width))
    }
}

/// Decodes the first rune as Go's `utf8.DecodeRune` does: U+FFFD of width 1 for any invalid byte.
#[must_use]
pub fn decode_rune(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    if first < 0x80 {
        return Some((char::from(first), 1));
    }
    let width = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return Some((char::REPLACEMENT_CHARACTER, 1)),
    };
    let decoded = bytes.get(..width).and_then(|head| std::str::from_utf8(head).ok());
    match decoded.and_then(|text| text.chars().next()) {
        Some(rune) => Some((rune, width)),
        None => Some((char::REPLACEMENT_CHARACTER, 1)),
    }
}

impl Default for GoStr {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for GoStr {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // What is past the end is zero in both.
            (Repr::Inline { len: a_len, bytes: a }, Repr::Inline { len: b_len, bytes: b }) => {
                a_len == b_len && a == b
            }
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for GoStr {}

impl PartialEq<str> for GoStr {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for GoStr {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for GoStr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GoStr {
    fn cmp(&self, other: &Self) -> Ordering {
        self.prefix()
            .cmp(&other.prefix())
            .then_with(|| self.as_bytes().cmp(other.as_bytes()))
    }
}

// Equal to the hash of the bytes, as `Borrow<[u8]>` demands.
impl Hash for GoStr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl Borrow<[u8]> for GoStr {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for GoStr {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&str> for GoStr {
    fn from(text: &str) -> Self {
        Self::from_bytes(text.as_bytes())
    }
}

impl From<&[u8]> for GoStr {
    fn from(bytes: &[u8]) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<String> for GoStr {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<Vec<u8>> for GoStr {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.len() <= INLINE_CAPACITY {
            Self::from_bytes(&bytes)
        } else {
            Self(Repr::Shared(Arc::from(bytes)))
        }
    }
}

impl From<Cow<'_, str>> for GoStr {
    fn from(text: Cow<'_, str>) -> Self {
        Self::from_bytes(text.as_bytes())
    }
}

impl From<char> for GoStr {
    fn from(rune: char) -> Self {
        Self::from(rune.encode_utf8(&mut [0; 4]) as &str)
    }
}

impl fmt::Display for GoStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

impl fmt::Debug for GoStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_str_lossy(), f)
    }
}
