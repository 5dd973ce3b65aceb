//! Versions as Helm reads and orders them: semantic versions, loosely written (`v1.2` is one).

use std::cmp::Ordering;

/// A version: its three numbers and what makes it a pre-release. Build metadata does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version<'a> {
    numbers: [u64; 3],
    prerelease: &'a str,
}

impl<'a> Version<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (rest, metadata) = match text.split_once('+') {
            Some((rest, metadata)) => (rest, Some(metadata)),
            None => (text, None),
        };
        let (core, prerelease) = match rest.split_once('-') {
            Some((core, prerelease)) => (core, Some(prerelease)),
            None => (rest, None),
        };
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let words = |text: &str| text.split('.').all(word);
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        // A numeric part of a pre-release has no leading zero.
        let no_leading_zero = |part: &str| !(part.len() > 1 && part.starts_with('0') && number(part));
        if metadata.is_some_and(|metadata| !words(metadata))
            || prerelease.is_some_and(|text| !words(text) || !text.split('.').all(no_leading_zero))
        {
            return None;
        }
        let mut numbers = [0; 3];
        let mut parts = core.strip_prefix('v').unwrap_or(core).split('.');
        for (slot, part) in numbers.iter_mut().zip(parts.by_ref()) {
            if !number(part) {
                return None;
            }
            *slot = part.parse().ok()?;
        }
        parts.next().is_none().then(|| Self {
            numbers,
            prerelease: prerelease.unwrap_or_default(),
        })
    }

    pub(super) fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| match (self.is_prerelease(), other.is_prerelease()) {
                (false, true) => Ordering::Greater,
                (true, false) => Ordering::Less,
                _ => compare_prereleases(self.prerelease, other.prerelease),
            })
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Part by part: numbers before words, a shorter list before a longer one that goes on from it.
fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => match (left.parse::<u64>(), right.parse::<u64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}
