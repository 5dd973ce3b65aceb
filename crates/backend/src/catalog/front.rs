//! What the home page shows of the catalog, made once for each state of it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use model::Timestamp;
use model::catalog::{ChartSummary, FacetCount};

use super::query::most_frequent;
use super::{Entry, Snapshot};

/// Charts of a list.
const N_CHARTS: usize = 8;
/// Charts of one repository in a list, while there are others: a repository may publish all its charts at once.
const N_OF_ONE: usize = 3;
const N_KEYWORDS: usize = 20;
/// Two rows of five, or five of two.
const N_CATEGORIES: usize = 10;
/// What is said to be published later than this many seconds from now was not: indexes claim what they like.
const MAX_AHEAD_SECS: i64 = 86_400;
/// A chart is new if it came so many seconds later than the first of its repository: when a repository is added, none
/// of its charts is news.
const FIRST_SYNC_SECS: i64 = 6 * 3_600;

/// What the home page shows, without what depends on who looks.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) n_charts: u64,
    pub(crate) n_versions: u64,
    pub(crate) recently_updated: Vec<ChartSummary>,
    pub(crate) recently_added: Vec<ChartSummary>,
    pub(crate) categories: Vec<FacetCount>,
    pub(crate) keywords: Vec<FacetCount>,
}

impl Front {
    fn new(snapshot: &Snapshot, now: Timestamp) -> Self {
        let listed: Vec<&Entry> = snapshot
            .charts
            .iter()
            .map(AsRef::as_ref)
            .filter(|entry: &&Entry| !entry.record.yanked)
            .collect();
        let mut first_added: HashMap<&str, i64> = HashMap::new();
        let (mut keywords, mut categories) = (HashMap::new(), HashMap::new());
        for entry in &listed {
            let record = &entry.record;
            let first = first_added.entry(&record.repository).or_insert(i64::MAX);
            *first = record.added_at.0.min(*first);
            for keyword in &record.keywords {
                *keywords.entry(keyword.as_str()).or_insert(0) += 1;
            }
            let category = &*entry.about().category;
            if !category.is_empty() && !record.deprecated {
                *categories.entry(category).or_insert(0) += 1;
            }
        }
        let published = |entry: &Entry| {
            let is_likely = |at: &Timestamp| at.0 > 0 && at.0 <= now.0.saturating_add(MAX_AHEAD_SECS);
            // What has no date that can be true was first seen at some time.
            let at = entry.record.published_at.filter(is_likely);
            Some(at.unwrap_or(entry.record.added_at).0)
        };
        let added = |entry: &Entry| {
            let first = first_added.get(entry.record.repository.as_str())?;
            let at = entry.record.added_at.0;
            (at > first.saturating_add(FIRST_SYNC_SECS)).then_some(at)
        };
        Self {
            n_charts: listed.len() as u64,
            n_versions: listed
                .iter()
                .map(|entry| entry.record.n_versions.unsigned_abs())
                .sum(),
            recently_updated: newest(&listed, &published),
            recently_added: newest(&listed, &added),
            categories: most_frequent(categories, N_CATEGORIES),
            keywords: most_frequent(keywords, N_KEYWORDS),
        }
    }
}

impl Snapshot {
    /// What the home page shows of all charts.
    pub(crate) fn front(&self, now: Timestamp) -> Arc<Front> {
        Arc::clone(self.front.get_or_init(|| Arc::new(Front::new(self, now))))
    }
}

/// The charts with the latest times, the latest first; those without a time, and those that should not be started with,
/// are left out.
fn newest(listed: &[&Entry], time: &dyn Fn(&Entry) -> Option<i64>) -> Vec<ChartSummary> {
    let mut charts: Vec<(Reverse<i64>, &Entry)> = listed
        .iter()
        .filter(|entry| !entry.record.deprecated)
        .filter_map(|entry| Some((Reverse(time(entry)?), *entry)))
        .collect();
    charts.sort_unstable_by_key(|(at, entry)| (*at, super::sort_key(entry)));
    let mut of_one: HashMap<&str, usize> = HashMap::new();
    let (mut chosen, rest): (Vec<_>, Vec<_>) = charts.into_iter().partition(|(_, entry)| {
        let n = of_one.entry(&entry.record.repository).or_default();
        *n += 1;
        *n <= N_OF_ONE
    });
    chosen.truncate(N_CHARTS);
    let missing = N_CHARTS - chosen.len();
    chosen.extend(rest.into_iter().take(missing));
    chosen.sort_unstable_by_key(|(at, entry)| (*at, super::sort_key(entry)));
    chosen.into_iter().map(|(_, entry)| entry.summary()).collect()
}
