//! One version: parsing (loose and strict), printing, ordering.

use std::cmp::Ordering;
use std::fmt;

use super::{MAX_VERSION_LEN, SemverError, take_identifiers, take_while};

/// A version of three numbers with an optional prerelease and build metadata.
///
/// Two versions are equal when they have equal precedence, so metadata and spelling do not count.
#[derive(Debug, Clone)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number; 0 if the text had none.
    pub minor: u64,
    /// The third number; 0 if the text had none.
    pub patch: u64,
    pre: String,
    metadata: String,
    original: String,
}

/// A part of a version that can be incremented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `X` of `X.Y.Z`.
    Major,
    /// `Y` of `X.Y.Z`.
    Minor,
    /// `Z` of `X.Y.Z`.
    Patch,
}

impl Version {
    /// Reads a version as `semver.NewVersion` does: `v` prefix, missing parts and leading zeros are fine.
    pub fn parse(text: &str) -> Result<Self, SemverError> {
        if text.len() > MAX_VERSION_LEN {
            return Err(SemverError::VersionTooLong);
        }
        let raw = RawVersion::read(text).ok_or(SemverError::Invalid)?;
        let number = |digits: &str| {
            digits.parse::<u64>().map_err(|_| SemverError::OutOfRange {
                digits: digits.to_owned(),
                strict: false,
            })
        };
        let version = Self {
            major: number(raw.major)?,
            minor: raw.minor.map_or(Ok(0), number)?,
            patch: raw.patch.map_or(Ok(0), number)?,
            pre: raw.pre.unwrap_or_default().to_owned(),
            metadata: raw.metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        };
        if let Some(pre) = raw.pre {
            validate_prerelease(pre)?;
        }
        if let Some(metadata) = raw.metadata {
            validate_metadata(metadata)?;
        }
        Ok(version)
    }

    /// Reads a version as `semver.StrictNewVersion` does: exactly what the SemVer specification allows.
    pub fn parse_strict(text: &str) -> Result<Self, SemverError> {
        if text.is_empty() {
            return Err(SemverError::Empty);
        }
        if text.len() > MAX_VERSION_LEN {
            return Err(SemverError::VersionTooLong);
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(last)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SemverError::Invalid);
        };
        let (last, metadata) = last
            .split_once('+')
            .map_or((last, None), |(head, tail)| (head, Some(tail)));
        if let Some(metadata) = metadata {
            validate_metadata(metadata)?;
        }
        let (patch, pre) = last
            .split_once('-')
            .map_or((last, None), |(head, tail)| (head, Some(tail)));
        if let Some(pre) = pre {
            validate_prerelease(pre)?;
        }
        for part in [major, minor, patch] {
            if !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(SemverError::InvalidCharacters);
            }
            if part.len() > 1 && part.starts_with('0') {
                return Err(SemverError::SegmentStartsZero);
            }
        }
        let number = |digits: &str| match digits.parse::<u64>() {
            Ok(number) => Ok(number),
            // Go's ParseUint calls an empty text a syntax error; the strict parser lets it come this far.
            Err(_) if digits.is_empty() => Err(SemverError::InvalidCharacters),
            Err(_) => Err(SemverError::OutOfRange {
                digits: digits.to_owned(),
                strict: true,
            }),
        };
        Ok(Self {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            pre: pre.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        })
    }

    /// The text after `-`, or "".
    #[must_use]
    pub fn prerelease(&self) -> &str {
        &self.pre
    }

    /// The text after `+`, or "".
    #[must_use]
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text the version was read from.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The next version with `part` one higher, or `None` if it cannot grow.
    ///
    /// The next patch of a prerelease is the release itself.
    #[must_use]
    pub fn increment(&self, part: Part) -> Option<Self> {
        let (mut major, mut minor, mut patch) = (self.major, self.minor, self.patch);
        match part {
            Part::Major => {
                major = major.checked_add(1)?;
                (minor, patch) = (0, 0);
            }
            Part::Minor => {
                minor = minor.checked_add(1)?;
                patch = 0;
            }
            Part::Patch if self.pre.is_empty() => patch = patch.checked_add(1)?,
            Part::Patch => {}
        }
        let next = Self {
            major,
            minor,
            patch,
            pre: String::new(),
            metadata: String::new(),
            original: String::new(),
        };
        Some(next.spelled_like(self))
    }

    /// This version with another prerelease.
    pub fn with_prerelease(&self, pre: &str) -> Result<Self, SemverError> {
        if !pre.is_empty() {
            validate_prerelease(pre)?;
        }
        Ok(Self {
            pre: pre.to_owned(),
            ..self.clone()
        }
        .spelled_like(self))
    }

    /// This version with other metadata.
    pub fn with_metadata(&self, metadata: &str) -> Result<Self, SemverError> {
        if !metadata.is_empty() {
            validate_metadata(metadata)?;
        }
        Ok(Self {
            metadata: metadata.to_owned(),
            ..self.clone()
        }
        .spelled_like(self))
    }

    fn spelled_like(mut self, other: &Self) -> Self {
        let prefix = if other.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self
    }
}

impl fmt::Display for Version {
    /// The full version without a `v`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.major
            .cmp(&other.major)
            .then(self.minor.cmp(&other.minor))
            .then(self.patch.cmp(&other.patch))
            .then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prerelease(&self.pre, &other.pre),
            })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

/// Orders two prerelease texts identifier by identifier.
///
/// An empty text is less than any other, as the Go library has it here (and the other way around for whole versions).
pub(super) fn compare_prerelease(left: &str, right: &str) -> Ordering {
    let (mut lefts, mut rights) = (left.split('.'), right.split('.'));
    loop {
        let (left, right) = (lefts.next(), rights.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = compare_identifier(left.unwrap_or_default(), right.unwrap_or_default());
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_identifier(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    if left.is_empty() {
        return Ordering::Less;
    }
    if right.is_empty() {
        return Ordering::Greater;
    }
    match (parse_uint(left), parse_uint(right)) {
        (None, None) => left.cmp(right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        // Equal numbers of different spelling ("1" and "01") are "less" in the Go library.
        (Some(left), Some(right)) => left.cmp(&right).then(Ordering::Less),
    }
}

/// Go's ParseUint in base 10: digits only, whereas Rust's parser allows a plus sign.
fn parse_uint(text: &str) -> Option<u64> {
    if text.starts_with('+') {
        None
    } else {
        text.parse().ok()
    }
}

/// The texts of the parts of a loosely written version.
struct RawVersion<'a> {
    major: &'a str,
    minor: Option<&'a str>,
    patch: Option<&'a str>,
    pre: Option<&'a str>,
    metadata: Option<&'a str>,
}

impl<'a> RawVersion<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (major, mut rest) = take_while(text, |byte| byte.is_ascii_digit());
        if major.is_empty() {
            return None;
        }
        let mut number = || {
            let (digits, after) = take_while(rest.strip_prefix('.')?, |byte| byte.is_ascii_digit());
            if digits.is_empty() {
                return None;
            }
            rest = after;
            Some(digits)
        };
        let minor = number();
        let patch = minor.and_then(|_| number());
        let mut section = |mark: char| {
            let (text, after) = take_identifiers(rest.strip_prefix(mark)?)?;
            rest = after;
            Some(text)
        };
        let pre = section('-');
        let metadata = section('+');
        rest.is_empty().then_some(Self {
            major,
            minor,
            patch,
            pre,
            metadata,
        })
    }
}

fn validate_prerelease(text: &str) -> Result<(), SemverError> {
    for part in text.split('.') {
        if part.is_empty() {
            return Err(SemverError::InvalidPrerelease);
        } else if part.bytes().all(|byte| byte.is_ascii_digit()) {
            if part.len() > 1 && part.starts_with('0') {
                return Err(SemverError::SegmentStartsZero);
            }
        } else if !is_identifier(part) {
            return Err(SemverError::InvalidPrerelease);
        }
    }
    Ok(())
}

fn validate_metadata(text: &str) -> Result<(), SemverError> {
    let valid = text
        .split('.')
        .all(|part| !part.is_empty() && is_identifier(part));
    if valid {
        Ok(())
    } else {
        Err(SemverError::InvalidMetadata)
    }
}

fn is_identifier(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_versions_are_completed() {
        for (text, full) in [
            ("1", "1.0.0"),
            ("v1.2", "1.2.0"),
            ("01.002.3", "1.2.3"),
            ("1-a.b+c", "1.0.0-a.b+c"),
            ("1.2.3--", "1.2.3--"),
        ] {
            assert_eq!(
                Version::parse(text).map(|version| version.to_string()),
                Ok(full.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "v",
            "1.",
            "1.2.3.4",
            "1.2.3-",
            "1.2.3+",
            " 1",
            "1 ",
            "V1",
            "1.2.3-a_b",
            "1.-1",
        ] {
            assert_eq!(Version::parse(text).err(), Some(SemverError::Invalid), "{text}");
        }
        assert_eq!(
            Version::parse("1.2.3-01").err(),
            Some(SemverError::SegmentStartsZero)
        );
        assert_eq!(
            Version::parse("1.99999999999999999999")
                .map_err(|error| error.to_string())
                .err()
                .as_deref(),
            Some(
                "error parsing version segment: strconv.ParseUint: parsing \"99999999999999999999\": value out of range"
            )
        );
    }

    #[test]
    fn prereleases_are_ordered_by_identifier() {
        let order = [
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-a",
            "1.0.0-a.1",
            "1.0.0-a.b",
            "1.0.0-b",
            "1.0.0",
        ];
        for pair in order.windows(2) {
            let [left, right] = pair else {
                unreachable!("windows of two")
            };
            assert!(
                Version::parse(left).ok() < Version::parse(right).ok(),
                "{left} < {right}"
            );
        }
        assert_eq!(Version::parse("v1.0.0+a"), Version::parse("1+b"));
    }

    #[test]
    fn increments_keep_the_prefix() {
        let version = Version::parse("v1.2.3-rc.1+x").expect("a version");
        let next = |part| version.increment(part).map(|next| next.original().to_owned());
        assert_eq!(next(Part::Patch).as_deref(), Some("v1.2.3"));
        assert_eq!(next(Part::Minor).as_deref(), Some("v1.3.0"));
        assert_eq!(next(Part::Major).as_deref(), Some("v2.0.0"));
    }
}
