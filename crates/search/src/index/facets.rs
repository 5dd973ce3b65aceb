//! Counts of the choices that narrow a list.

use super::filter::{PAST, fails};
use crate::request::Facets;
use crate::segment::{Facts, NONE, Segment, flag};
use crate::values::{Names, Values};

/// Counts by number of a value.
pub(super) struct Counts {
    repositories: Vec<u32>,
    categories: Vec<u32>,
    keywords: Vec<u32>,
    licenses: Vec<u32>,
    kubernetes: Vec<(u8, u64)>,
    facets: Facets,
}

impl Counts {
    pub(super) fn new(values: &Values, kubernetes: &[u8]) -> Self {
        Self {
            repositories: vec![0; values.repositories.len()],
            categories: vec![0; values.categories.len()],
            keywords: vec![0; values.keywords.len()],
            licenses: vec![0; values.licenses.len()],
            kubernetes: kubernetes.iter().map(|minor| (*minor, 0)).collect(),
            facets: Facets::default(),
        }
    }

    /// Counts a document for every filter whose own choice is all that it may fail.
    pub(super) fn add(&mut self, segment: &Segment, facts: &Facts, failed: u16) {
        let only = |bit: u16| failed & !bit == 0;
        if only(fails::REPOSITORY) {
            count(&mut self.repositories, facts.repository);
        }
        if only(fails::CATEGORY) {
            count(&mut self.categories, facts.category);
        }
        if only(fails::LICENSE) {
            count(&mut self.licenses, facts.license);
        }
        if only(fails::KEYWORD) {
            for keyword in segment.keywords(facts) {
                count(&mut self.keywords, *keyword);
            }
        }
        let has = |flags: u16| facts.flags & flags != 0;
        let facets = &mut self.facets;
        if only(fails::LIBRARY) {
            facets.n_libraries += u64::from(has(flag::LIBRARY));
            facets.n_applications += u64::from(!has(flag::LIBRARY));
        }
        facets.n_signed += u64::from(only(fails::SIGNED) && has(flag::SIGNED));
        facets.n_schema += u64::from(only(fails::SCHEMA) && has(flag::SCHEMA));
        facets.n_deprecated += u64::from(only(fails::DEPRECATED) && has(PAST));
        if only(fails::KUBERNETES) {
            for (minor, n) in &mut self.kubernetes {
                *n += facts.kubernetes >> (*minor).min(63) & 1;
            }
        }
    }

    pub(super) fn facets(self, values: &Values, size: usize) -> Facets {
        Facets {
            repositories: most(&self.repositories, &values.repositories, size),
            categories: most(&self.categories, &values.categories, size),
            keywords: most(&self.keywords, &values.keywords, size),
            licenses: most(&self.licenses, &values.licenses, size),
            kubernetes: self.kubernetes.into_iter().filter(|(_, n)| *n > 0).collect(),
            ..self.facets
        }
    }
}

fn count(counts: &mut [u32], number: u32) {
    if number != NONE
        && let Some(count) = counts.get_mut(number as usize)
    {
        *count += 1;
    }
}

/// The most frequent values, then by name.
fn most(counts: &[u32], names: &Names, size: usize) -> Vec<(String, u64)> {
    let mut found: Vec<(u32, u32)> = (0..)
        .zip(counts)
        .filter(|(_, n)| **n > 0)
        .map(|(at, n)| (*n, at))
        .collect();
    let order =
        |a: &(u32, u32), b: &(u32, u32)| b.0.cmp(&a.0).then_with(|| names.name(a.1).cmp(names.name(b.1)));
    if found.len() > size && size > 0 {
        found.select_nth_unstable_by(size - 1, order);
    }
    found.truncate(size);
    found.sort_unstable_by(order);
    found
        .into_iter()
        .map(|(n, at)| (names.name(at).to_owned(), u64::from(n)))
        .collect()
}
