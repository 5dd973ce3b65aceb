//! What is odd about an archive that could be read all the same: shown to whoever uploads or browses it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Something a well-made chart archive does not have. Helm loads such archives, so they are not refused; a policy for
/// uploads may refuse those that [`Oddity::is_suspicious`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The same path twice: readers disagree which of them counts.
    DuplicatePath { path: String },
    /// Two paths that differ in case only.
    CaseTwins { first: String, second: String },
    /// Two paths that look alike and differ in Unicode normalization only.
    UnicodeTwins { first: String, second: String },
    /// A symbolic or hard link, read as an empty file.
    Link { path: String, target: String },
    /// A device or a pipe, read as an empty file.
    Device { path: String },
    /// A path written with `\`.
    Backslashes { path: String },
    /// A path with empty, `.` or `..` segments.
    UncleanPath { path: String },
    /// A path that is not UTF-8; it is shown with replacement characters.
    NotUtf8 { path: String },
    /// A path with control characters or characters that change the direction of text.
    HiddenCharacters { path: String },
    /// Files below more than one top directory.
    SeveralTopDirectories { first: String, second: String },
    /// A file that began with a byte order mark, which is removed.
    ByteOrderMark { path: String },
    /// More than one gzip member.
    SeveralGzipMembers { n_members: u32 },
    /// The tar file lacks the blocks that end it: it may have been cut short between two files.
    NoEndMarker,
}

impl Oddity {
    /// Whether it is more likely meant to mislead than to be a tool's quirk.
    pub fn is_suspicious(&self) -> bool {
        match self {
            Self::DuplicatePath { .. }
            | Self::UnicodeTwins { .. }
            | Self::Link { .. }
            | Self::Device { .. }
            | Self::HiddenCharacters { .. } => true,
            Self::CaseTwins { .. }
            | Self::Backslashes { .. }
            | Self::UncleanPath { .. }
            | Self::NotUtf8 { .. }
            | Self::SeveralTopDirectories { .. }
            | Self::ByteOrderMark { .. }
            | Self::SeveralGzipMembers { .. }
            | Self::NoEndMarker => false,
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicatePath { path } => write!(f, "`{}` occurs more than once", Escaped(path)),
            Self::CaseTwins { first, second } => {
                write!(
                    f,
                    "`{}` and `{}` differ in case only",
                    Escaped(first),
                    Escaped(second)
                )
            }
            Self::UnicodeTwins { first, second } => {
                write!(
                    f,
                    "`{}` and `{}` look the same and are not",
                    Escaped(first),
                    Escaped(second)
                )
            }
            Self::Link { path, target } => {
                write!(
                    f,
                    "`{}` is a link to `{}` and is read as an empty file",
                    Escaped(path),
                    Escaped(target)
                )
            }
            Self::Device { path } => {
                write!(f, "`{}` is a device and is read as an empty file", Escaped(path))
            }
            Self::Backslashes { path } => write!(f, "`{}` is written with backslashes", Escaped(path)),
            Self::UncleanPath { path } => write!(f, "`{}` has needless segments", Escaped(path)),
            Self::NotUtf8 { path } => write!(f, "`{}` is not named in UTF-8", Escaped(path)),
            Self::HiddenCharacters { path } => {
                write!(f, "`{}` has hidden characters in its name", Escaped(path))
            }
            Self::SeveralTopDirectories { first, second } => {
                write!(
                    f,
                    "files lie below both `{}` and `{}`",
                    Escaped(first),
                    Escaped(second)
                )
            }
            Self::ByteOrderMark { path } => write!(f, "`{}` began with a byte order mark", Escaped(path)),
            Self::SeveralGzipMembers { n_members } => {
                write!(f, "the archive is made of {n_members} gzip streams")
            }
            Self::NoEndMarker => f.write_str("the archive lacks the blocks that end a tar file"),
        }
    }
}

/// Hidden characters must not reach a terminal or a page through the very message that reports them.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_hidden(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// Control characters, and the format characters that reorder, hide or join text (Unicode's bidi controls, zero-width
/// characters, variation tags).
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The odd things found in one archive. A hostile archive can be odd a million times, so the list is capped.
#[derive(Clone, Debug, Default)]
pub struct Oddities {
    list: Vec<Oddity>,
    n_dropped: usize,
}

impl Oddities {
    const MAX: usize = 100;

    pub fn iter(&self) -> impl Iterator<Item = &Oddity> {
        self.list.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many more there were than the list holds.
    pub fn n_dropped(&self) -> usize {
        self.n_dropped
    }

    pub fn any_suspicious(&self) -> bool {
        self.list.iter().any(Oddity::is_suspicious)
    }

    pub(crate) fn add(&mut self, oddity: Oddity) {
        if self.list.len() < Self::MAX {
            self.list.push(oddity);
        } else {
            self.n_dropped += 1;
        }
    }

    /// Compares the paths with each other.
    pub(crate) fn compare_paths<'a>(&mut self, paths: impl Iterator<Item = &'a str>) {
        let mut exact = BTreeSet::new();
        let mut by_case: BTreeMap<String, &str> = BTreeMap::new();
        let mut by_form: BTreeMap<String, &str> = BTreeMap::new();
        for path in paths {
            if !exact.insert(path) {
                self.add(Oddity::DuplicatePath {
                    path: path.to_owned(),
                });
                continue;
            }
            let form = composed(path);
            if let Some(first) = by_case.insert(form.to_lowercase(), path)
                && !by_form.contains_key(&form)
            {
                self.add(Oddity::CaseTwins {
                    first: first.to_owned(),
                    second: path.to_owned(),
                });
            }
            if let Some(first) = by_form.insert(form, path) {
                self.add(Oddity::UnicodeTwins {
                    first: first.to_owned(),
                    second: path.to_owned(),
                });
            }
        }
    }
}

/// The path as it looks.
#[cfg(feature = "nfc")]
fn composed(path: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    if path.is_ascii() {
        return path.to_owned();
    }
    path.nfc().collect()
}

/// Without the tables, paths are compared as they are written.
#[cfg(not(feature = "nfc"))]
fn composed(path: &str) -> String {
    path.to_owned()
}
