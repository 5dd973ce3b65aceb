//! What charts have to do with one another: who depends on whom, and who has words in common.
//!
//! Made of the snapshot's own rows when somebody first asks, and kept as long as the rows are the same. A chart is a
//! number here: its place in the snapshot, which holds what its reader may see and nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::catalog::{Dependent, RelatedChart, UsedChart};

use super::{Entry, Snapshot};

/// A word that more charts than this have tells nothing of them.
const MAX_SHARING: usize = 400;
/// Charts of the same name in other repositories that are told as related.
const MAX_NAMESAKES: usize = 3;
/// Words that are told of what two charts have in common.
const MAX_WORDS_TOLD: usize = 2;
/// Keywords of one chart that count: a chart may claim any number.
const MAX_KEYWORDS: usize = 24;
/// Words of names that say what a chart is, not what it is for.
const EMPTY_WORDS: &[&str] = &[
    "chart",
    "charts",
    "cluster",
    "controller",
    "helm",
    "kube",
    "kubernetes",
    "operator",
    "server",
    "service",
    "stack",
];

/// How much each kind of likeness counts, beside how rare it is.
mod weight {
    pub(super) const WORD: f32 = 1.0;
    pub(super) const DEPENDENCY: f32 = 0.8;
    pub(super) const CATEGORY: f32 = 1.0;
    pub(super) const NAMESAKE: f32 = 40.0;
}

/// Who depends on whom, and who shares which word.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    /// Those that depend on a chart, each with the place of the dependency in its list.
    used_by: HashMap<u32, Vec<(u32, u32)>>,
    /// Those with a keyword, or a word of their names.
    words: HashMap<Box<str>, Vec<u32>>,
    /// Those that depend on something of this name, wherever it comes from.
    needing: HashMap<Box<str>, Vec<u32>>,
}

impl Relations {
    /// `repositories` are names by URLs without a slash at the end.
    pub(super) fn new(charts: &[Arc<Entry>], repositories: &HashMap<String, String>) -> Self {
        let mut relations = Self::default();
        let place = |repository: &str, name: &str| {
            let key = (name, repository);
            let at = charts.binary_search_by(|entry| super::sort_key(entry).cmp(&key));
            at.ok().and_then(|at| u32::try_from(at).ok())
        };
        for (at, entry) in (0_u32..).zip(charts) {
            // What is gone, or should not be used, uses nothing any more.
            if entry.record.yanked || entry.record.deprecated {
                continue;
            }
            for word in words(entry) {
                relations.words.entry(word.into()).or_default().push(at);
            }
            for (number, need) in (0_u32..).zip(entry.about().needs.iter()) {
                let needing = relations.needing.entry(need.name.clone()).or_default();
                if needing.last() != Some(&at) {
                    needing.push(at);
                }
                let found = meant(&need.repository, &entry.record.repository, repositories)
                    .and_then(|from| place(from, &need.name));
                if let Some(used) = found.filter(|used| *used != at) {
                    let users = relations.used_by.entry(used).or_default();
                    if users.last().is_none_or(|(last, _)| *last != at) {
                        users.push((at, number));
                    }
                }
            }
        }
        relations
    }
}

/// The repository that a dependency comes from, where it is known here.
/// `own` is the repository of the chart that depends; the others are names by URLs without a slash at the end.
pub(crate) fn meant<'r>(
    repository: &'r str,
    own: &'r str,
    repositories: &'r HashMap<String, String>,
) -> Option<&'r str> {
    let repository = repository.trim_end_matches('/');
    if repository.starts_with("file://") {
        // A neighbour's directory: charts that are developed together are published together.
        return Some(own);
    }
    let alias = repository
        .strip_prefix('@')
        .or_else(|| repository.strip_prefix("alias:"));
    match alias {
        Some(name) => Some(name),
        None if repository.is_empty() => None,
        None => repositories.get(repository).map(String::as_str),
    }
}

/// The keywords of a chart and the words of its name, each once.
fn words(entry: &Entry) -> BTreeSet<&str> {
    let keywords = entry
        .record
        .keywords
        .iter()
        .take(MAX_KEYWORDS)
        .map(String::as_str);
    let names = entry.name.split(|c: char| !c.is_alphanumeric());
    let all = keywords.chain(names).chain([entry.name.as_str()]);
    all.map(str::trim)
        .filter(|word| word.len() > 2 && !EMPTY_WORDS.contains(word))
        .collect()
}

/// A part of those that depend on a chart.
#[derive(Debug, Default)]
pub(crate) struct Users {
    pub(crate) users: Vec<Dependent>,
    /// How many there are before this part.
    pub(crate) n_before: u64,
    /// How many there are.
    pub(crate) total: u64,
}

impl Snapshot {
    /// The relations, where they have been made.
    pub(crate) fn known_relations(&self) -> Option<Arc<Relations>> {
        self.relations.get().map(Arc::clone)
    }

    /// The relations; `repositories` are names by URLs without a slash at the end.
    pub(crate) fn relations(&self, repositories: &HashMap<String, String>) -> Arc<Relations> {
        let made = || Arc::new(Relations::new(&self.charts, repositories));
        Arc::clone(self.relations.get_or_init(made))
    }

    /// Those that depend on a chart, by name and repository, past the one that `after` names.
    pub(crate) fn used_by(
        &self,
        relations: &Relations,
        chart: usize,
        after: Option<(&str, &str)>,
        limit: usize,
    ) -> Users {
        let mut found = Users::default();
        for (at, number) in self.users(relations, chart) {
            let Some(entry) = self.charts.get(at as usize) else {
                continue;
            };
            found.total += 1;
            // Places are in the order of names.
            let is_past = after.is_none_or(|after| super::sort_key(entry) > after);
            found.n_before += u64::from(!is_past);
            if is_past && found.users.len() < limit {
                let need = entry.about().needs.get(number as usize);
                found.users.push(Dependent {
                    chart: entry.summary(),
                    range: need.map(|need| need.range.to_string()).unwrap_or_default(),
                    is_optional: need.is_some_and(|need| need.is_optional),
                });
            }
        }
        found
    }

    fn users<'r>(
        &self,
        relations: &'r Relations,
        chart: usize,
    ) -> impl Iterator<Item = (u32, u32)> + use<'r> {
        let chart = u32::try_from(chart).unwrap_or(u32::MAX);
        relations.used_by.get(&chart).into_iter().flatten().copied()
    }

    /// Installable charts that many depend on, those with most first.
    pub(crate) fn most_used(
        &self,
        relations: &Relations,
        n_releases: &dyn Fn(&Entry) -> u64,
        limit: usize,
    ) -> Vec<UsedChart> {
        let mut used: Vec<(u64, u64, &Entry)> = Vec::new();
        for (at, entry) in self.charts.iter().enumerate() {
            let record = &entry.record;
            if record.yanked || record.deprecated || record.is_library {
                continue;
            }
            let n_used_by = self.users(relations, at).count() as u64;
            let n_releases = n_releases(entry);
            if n_used_by + n_releases > 0 {
                used.push((n_used_by, n_releases, entry));
            }
        }
        // What runs here says more than what somebody's chart brings along.
        used.sort_by_key(|(n_used_by, n_releases, entry)| {
            let key = super::sort_key(entry);
            (
                Reverse(n_used_by + 3 * n_releases),
                !entry.is_official,
                key.0,
                key.1,
            )
        });
        // Copies of one chart in several repositories are one choice.
        let mut names = HashSet::new();
        let chosen = used.into_iter().filter(|(_, _, entry)| names.insert(&entry.name));
        chosen
            .take(limit)
            .map(|(n_used_by, n_releases, entry)| UsedChart {
                chart: entry.summary(),
                n_used_by,
                n_releases,
            })
            .collect()
    }

    /// Charts that are likely to interest whoever looks at this one, the likeliest first, each with the reason.
    pub(crate) fn related(&self, relations: &Relations, chart: usize, limit: usize) -> Vec<RelatedChart> {
        let Some(of) = self.charts.get(chart) else {
            return Vec::new();
        };
        let of_words = words(of);
        let of_words = of_words.iter().map(|word| {
            let charts = relations.words.get(*word);
            (charts, weight::WORD, What::Word(word))
        });
        let of_needs = of.about().needs.iter().map(|need| {
            let charts = relations.needing.get(&need.name);
            (charts, weight::DEPENDENCY, What::Needs(&need.name))
        });
        let mut found: HashMap<u32, Likeness<'_>> = HashMap::new();
        for (charts, weight, what) in of_words.chain(of_needs) {
            let Some(charts) = charts.filter(|charts| charts.len() <= MAX_SHARING) else {
                continue;
            };
            let rarity = (self.charts.len() as f32 / charts.len().max(1) as f32).ln() + 0.5;
            for at in charts {
                found.entry(*at).or_default().add(weight * rarity, what);
            }
        }
        // Those that depend on it are told by themselves.
        for (at, _) in self.users(relations, chart) {
            found.remove(&at);
        }
        let mut near: Vec<(f32, bool, &Entry, Likeness<'_>)> = found
            .into_iter()
            .filter_map(|(at, mut likeness)| {
                let entry: &Entry = self.charts.get(at as usize)?;
                let record = &entry.record;
                if at as usize == chart || record.yanked || record.deprecated {
                    return None;
                }
                let category = &of.about().category;
                if !category.is_empty() && *category == entry.about().category {
                    likeness.score += weight::CATEGORY;
                }
                let is_namesake = entry.name == of.name;
                if is_namesake {
                    likeness.score += weight::NAMESAKE;
                }
                Some((likeness.score, is_namesake, entry, likeness))
            })
            .collect();
        near.sort_by(|(a, _, one, _), (b, _, other, _)| {
            let key = |entry: &Entry| {
                (
                    !entry.is_official,
                    entry.record.name.clone(),
                    entry.record.repository.clone(),
                )
            };
            b.total_cmp(a).then_with(|| key(one).cmp(&key(other)))
        });
        let mut n_namesakes = 0;
        let mut names = HashSet::new();
        let chosen = near
            .into_iter()
            .filter(|(_, is_namesake, entry, _)| match is_namesake {
                true => {
                    n_namesakes += 1;
                    n_namesakes <= MAX_NAMESAKES
                }
                false => names.insert(&entry.name),
            });
        chosen
            .take(limit)
            .map(|(_, is_namesake, entry, likeness)| RelatedChart {
                chart: entry.summary(),
                why: match is_namesake {
                    true => "the same name".to_owned(),
                    false => likeness.in_words(),
                },
            })
            .collect()
    }
}

/// What two charts have in common.
#[derive(Clone, Copy)]
enum What<'s> {
    Word(&'s str),
    Needs(&'s str),
}

#[derive(Default)]
struct Likeness<'s> {
    score: f32,
    /// What is in common, each with how much it counts.
    what: Vec<(f32, What<'s>)>,
}

impl<'s> Likeness<'s> {
    fn add(&mut self, score: f32, what: What<'s>) {
        self.score += score;
        self.what.push((score, what));
    }

    /// What counts most of it.
    fn in_words(mut self) -> String {
        self.what.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let words: Vec<&str> = self
            .what
            .iter()
            .filter_map(|(_, what)| match what {
                What::Word(word) => Some(*word),
                What::Needs(_) => None,
            })
            .take(MAX_WORDS_TOLD)
            .collect();
        if !words.is_empty() {
            return format!("also about {}", words.join(" and "));
        }
        let need = self.what.iter().find_map(|(_, what)| match what {
            What::Needs(name) => Some(*name),
            What::Word(_) => None,
        });
        match need {
            Some(name) => format!("also brings {name}"),
            None => String::new(),
        }
    }
}
