//! Filters, counts and order of the catalog.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use model::catalog::{CatalogPage, CatalogQuery, CatalogSort, ChartSummary, FacetCount, Facets};
use model::page::Page;

use super::cursor::{Cursor, SortKey};
use super::{Entry, Snapshot};
use crate::Result;

/// Words of a query that are looked at.
const MAX_WORDS: usize = 16;
/// Keywords that are offered as filters.
const MAX_KEYWORDS: usize = 30;

/// The filters, as bits that say which one an entry does not pass.
const REPOSITORY: u8 = 1;
const KEYWORD: u8 = 2;
const CHART_TYPE: u8 = 4;
const SCHEMA: u8 = 8;
const SIGNED: u8 = 16;
const DEPRECATED: u8 = 32;

impl Snapshot {
    /// One part of the charts that match, with the counts of every filter.
    pub(crate) fn list(&self, query: &CatalogQuery, page_size: usize) -> Result<CatalogPage> {
        let cursor = Cursor::parse(&query.cursor)?;
        let words: Vec<String> = query
            .q
            .to_lowercase()
            .split_whitespace()
            .take(MAX_WORDS)
            .map(str::to_owned)
            .collect();
        let mut counts = Counts::default();
        let mut rows: Vec<(SortKey, &Arc<Entry>)> = Vec::new();
        for entry in &self.charts {
            let Some(rank) = rank(entry, &words) else { continue };
            let failed = failed_filters(entry, query);
            counts.add(entry, failed);
            if failed == 0 {
                rows.push((key_of(entry, query.sort, rank), entry));
            }
        }
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(CatalogPage {
            charts: page_of(&rows, cursor.as_ref(), page_size.max(1)),
            facets: counts.facets(),
        })
    }
}

/// How well an entry matches; lower is better, none is not at all. Every word has to be somewhere.
fn rank(entry: &Entry, words: &[String]) -> Option<i64> {
    let mut sum = 0;
    for word in words {
        sum += rank_of_word(entry, word)?;
    }
    Some(sum)
}

fn rank_of_word(entry: &Entry, word: &str) -> Option<i64> {
    let name = entry.name.as_str();
    if name == word {
        return Some(0);
    }
    if name.starts_with(word) {
        return Some(1);
    }
    if name.contains(word) {
        return Some(2);
    }
    if entry.record.keywords.iter().any(|keyword| keyword == word) {
        return Some(3);
    }
    if entry.record.keywords.iter().any(|keyword| keyword.contains(word)) {
        return Some(4);
    }
    (entry.description.contains(word) || entry.record.repository.contains(word)).then_some(5)
}

fn key_of(entry: &Entry, sort: CatalogSort, rank: i64) -> SortKey {
    let record = &entry.record;
    let first = match sort {
        CatalogSort::Name => 0,
        // Among equals, what should not be used comes last.
        CatalogSort::Relevance => 2 * rank + i64::from(record.deprecated || record.yanked),
        CatalogSort::Updated => record.published_at.map_or(i64::MAX, |at| -at.0),
    };
    SortKey {
        first,
        name: record.name.clone(),
        repository: record.repository.clone(),
    }
}

fn failed_filters(entry: &Entry, query: &CatalogQuery) -> u8 {
    let record = &entry.record;
    let mut failed = 0;
    let mut require = |bit, passes: bool| {
        if !passes {
            failed |= bit;
        }
    };
    require(
        REPOSITORY,
        query.repository.is_empty() || record.repository == query.repository,
    );
    require(
        KEYWORD,
        query.keyword.is_empty() || record.keywords.contains(&query.keyword.to_lowercase()),
    );
    require(
        CHART_TYPE,
        query.chart_type.is_empty() || chart_type(entry) == query.chart_type,
    );
    require(SCHEMA, !query.schema || record.has_schema);
    require(SIGNED, !query.signed || record.is_signed);
    // A chart that is gone from its index is as little to be started with as a deprecated one.
    require(
        DEPRECATED,
        query.deprecated || !(record.deprecated || record.yanked),
    );
    failed
}

fn chart_type(entry: &Entry) -> &'static str {
    if entry.record.is_library {
        "library"
    } else {
        "application"
    }
}

#[derive(Default)]
struct Counts<'a> {
    repositories: HashMap<&'a str, u64>,
    keywords: HashMap<&'a str, u64>,
    chart_types: HashMap<&'static str, u64>,
    n_schema: u64,
    n_signed: u64,
    n_deprecated: u64,
}

impl<'a> Counts<'a> {
    /// Counts an entry for every filter whose own choice is all that it may fail.
    fn add(&mut self, entry: &'a Entry, failed: u8) {
        let only = |bit: u8| failed & !bit == 0;
        let record = &entry.record;
        if only(REPOSITORY) {
            *self.repositories.entry(&record.repository).or_default() += 1;
        }
        if only(KEYWORD) {
            for keyword in &record.keywords {
                *self.keywords.entry(keyword).or_default() += 1;
            }
        }
        if only(CHART_TYPE) {
            *self.chart_types.entry(chart_type(entry)).or_default() += 1;
        }
        self.n_schema += u64::from(only(SCHEMA) && record.has_schema);
        self.n_signed += u64::from(only(SIGNED) && record.is_signed);
        self.n_deprecated += u64::from(only(DEPRECATED) && (record.deprecated || record.yanked));
    }

    fn facets(self) -> Facets {
        Facets {
            repositories: most_frequent(self.repositories, usize::MAX),
            keywords: most_frequent(self.keywords, MAX_KEYWORDS),
            chart_types: most_frequent(self.chart_types, usize::MAX),
            n_schema: self.n_schema,
            n_signed: self.n_signed,
            n_deprecated: self.n_deprecated,
        }
    }
}

/// The most frequent values, most frequent first, then by name.
pub(super) fn most_frequent(counts: HashMap<&str, u64>, limit: usize) -> Vec<FacetCount> {
    let mut list: Vec<(&str, u64)> = counts.into_iter().collect();
    list.sort_unstable_by_key(|(value, n)| (Reverse(*n), *value));
    list.into_iter()
        .take(limit)
        .map(|(value, n)| FacetCount {
            value: value.to_owned(),
            n,
        })
        .collect()
}

fn page_of(rows: &[(SortKey, &Arc<Entry>)], cursor: Option<&Cursor>, page_size: usize) -> Page<ChartSummary> {
    let (from, to) = match cursor {
        None => (0, page_size),
        Some(Cursor::After(key)) => {
            let from = rows.partition_point(|row| row.0 <= *key);
            (from, from + page_size)
        }
        Some(Cursor::Before(key)) => {
            let to = rows.partition_point(|row| row.0 < *key);
            (to.saturating_sub(page_size), to)
        }
    };
    let part = rows.get(from..to.min(rows.len())).unwrap_or_default();
    let next = part.last().filter(|_| to < rows.len());
    let previous = part.first().filter(|_| from > 0);
    Page {
        items: part.iter().map(|(_, entry)| entry.summary()).collect(),
        total: rows.len() as u64,
        first_position: from as u64 + 1,
        next: next.map(|(key, _)| Cursor::After(key.clone()).encode()),
        previous: previous.map(|(key, _)| Cursor::Before(key.clone()).encode()),
    }
}
