//! Queries that people type, judged: what they want has to be among the first hits.
//!
//! `charts.toml` is a catalog in our own words, `queries.toml` the queries, written from what users of chart catalogs
//! complained about. On top of the written ones, every name is asked for as it is, and with every kind of single edit
//! at every place. The figures are printed (`cargo test -p search judged -- --nocapture`); each group has a floor.
#![expect(clippy::print_stderr, reason = "the figures are what it is for")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use search::{Answer, Builder, Document, Index, Lexicon, Request, Standing, ValueKey};
use serde::Deserialize;

/// Seconds since 1970: the day that ages count from.
const NOW: i64 = 1_790_000_000;
const DAY_SECS: i64 = 86_400;

/// The least share of queries of each group that find what is wanted.
const FLOORS: &[(&str, f64)] = &[
    ("name", 1.0),
    ("typo", 0.95),
    ("joined", 0.97),
    ("synonym", 0.95),
    ("purpose", 0.95),
    ("inside", 1.0),
    ("filter", 1.0),
    ("order", 1.0),
];

#[derive(Deserialize)]
struct Charts {
    chart: Vec<Chart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chart {
    repository: String,
    name: String,
    description: String,
    #[serde(default)]
    keywords: Vec<String>,
    /// Days since the newest version.
    age: i64,
    versions: u32,
    #[serde(default)]
    images: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    deps: Vec<String>,
    /// `path|comment`.
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    official: bool,
    #[serde(default)]
    fork: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    yanked: bool,
    #[serde(default)]
    library: bool,
    #[serde(default)]
    signed: bool,
    #[serde(default)]
    schema: bool,
}

#[derive(Deserialize)]
struct Queries {
    query: Vec<Query>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    group: String,
    q: String,
    want: Vec<String>,
    within: usize,
    #[serde(default)]
    absent: Vec<String>,
}

struct Catalog {
    index: Index,
    charts: Vec<Chart>,
}

impl Catalog {
    fn new() -> Self {
        let charts: Charts = toml::from_str(include_str!("charts.toml")).expect("charts");
        let mut builder = Builder::new(Lexicon::default());
        for (id, chart) in charts.chart.iter().enumerate() {
            builder.add(document(id as i64, chart));
        }
        Self {
            index: builder.finish(),
            charts: charts.chart,
        }
    }

    fn ask(&self, text: &str, n: usize) -> (Answer, Vec<String>) {
        let answer = self.index.search(&Request {
            text,
            part_size: n,
            now: NOW,
            ..Request::default()
        });
        let names = answer
            .hits
            .iter()
            .map(|hit| {
                let chart = &self.charts[hit.id as usize];
                format!("{}/{}", chart.repository, chart.name)
            })
            .collect();
        (answer, names)
    }
}

fn document(id: i64, chart: &Chart) -> Document {
    Document {
        id,
        repository: chart.repository.clone(),
        name: chart.name.clone(),
        description: chart.description.clone(),
        keywords: chart.keywords.clone(),
        images: chart.images.clone(),
        crd_kinds: chart.kinds.clone(),
        dependencies: chart.deps.clone(),
        values: chart.values.iter().flat_map(|value| keys(value)).collect(),
        n_versions: chart.versions,
        updated: Some(NOW - chart.age * DAY_SECS),
        kubernetes: u64::MAX,
        is_library: chart.library,
        is_deprecated: chart.deprecated,
        is_yanked: chart.yanked,
        is_signed: chart.signed,
        has_schema: chart.schema,
        standing: match (chart.official, chart.fork) {
            (true, _) => Standing::Official,
            (_, true) => Standing::Fork,
            _ => Standing::Ordinary,
        },
        ..Document::default()
    }
}

fn keys(value: &str) -> Vec<ValueKey> {
    let (path, comment) = value.split_once('|').expect("path|comment");
    let n = path.split('.').count();
    path.split('.')
        .enumerate()
        .map(|(depth, key)| ValueKey {
            depth: depth as u8,
            key: key.to_owned(),
            comment: if depth + 1 == n {
                comment.to_owned()
            } else {
                String::new()
            },
        })
        .collect()
}

/// Whether a hit is what is wanted, with or without its repository.
fn is_wanted(hit: &str, wanted: &str) -> bool {
    hit == wanted || hit.split_once('/').is_some_and(|(_, name)| name == wanted)
}

#[derive(Default)]
struct Tally {
    n: usize,
    n_found: usize,
}

impl Tally {
    fn count(&mut self, is_found: bool) {
        self.n += 1;
        self.n_found += usize::from(is_found);
    }

    fn share(&self) -> f64 {
        self.n_found as f64 / self.n.max(1) as f64
    }
}

#[test]
fn people_find_what_they_want() {
    let catalog = Catalog::new();
    let queries: Queries = toml::from_str(include_str!("queries.toml")).expect("queries");
    assert!(queries.query.len() >= 150, "{} queries", queries.query.len());
    let mut groups: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut missed = String::new();
    for query in &queries.query {
        let (_, names) = catalog.ask(&query.q, 500);
        let first: Vec<&String> = names.iter().take(query.within).collect();
        let has_wanted = query
            .want
            .iter()
            .all(|wanted| first.iter().any(|hit| is_wanted(hit, wanted)));
        let has_absent = query.absent.iter().any(|absent| names.contains(absent));
        let is_found = has_wanted && !has_absent;
        groups.entry(&query.group).or_default().count(is_found);
        if !is_found {
            let shown: Vec<&String> = names.iter().take(6).collect();
            let _ = writeln!(
                missed,
                "{} `{}` wants {:?}, got {shown:?}",
                query.group, query.q, query.want
            );
        }
    }
    for (group, tally) in &groups {
        eprintln!("{group}: {} of {}", tally.n_found, tally.n);
    }
    eprintln!("{missed}");
    for (group, floor) in FLOORS {
        let tally = groups.get(group).expect("a group with queries");
        assert!(
            tally.share() >= *floor,
            "{group}: {} of {}\n{missed}",
            tally.n_found,
            tally.n
        );
    }
}

#[test]
fn a_chart_comes_first_for_its_own_name() {
    let catalog = Catalog::new();
    for chart in catalog
        .charts
        .iter()
        .filter(|chart| !chart.deprecated && !chart.yanked)
    {
        let (_, names) = catalog.ask(&chart.name, 1);
        assert!(
            names.iter().any(|hit| is_wanted(hit, &chart.name)),
            "{}: {names:?}",
            chart.name
        );
        let full = format!("{}/{}", chart.repository, chart.name);
        assert_eq!(catalog.ask(&full, 1).1, std::slice::from_ref(&full));
    }
}

#[test]
fn single_edits_of_names_are_forgiven() {
    let catalog = Catalog::new();
    let mut names: Vec<&str> = catalog
        .charts
        .iter()
        .filter(|chart| !chart.deprecated && !chart.yanked && chart.name.len() >= 4)
        .map(|chart| chart.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut kinds: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut all = Tally::default();
    let mut missed = String::new();
    for name in names {
        for (kind, edited) in edits(name) {
            // Another chart's name is not a typo.
            if catalog.charts.iter().any(|chart| chart.name == edited) {
                continue;
            }
            let (_, hits) = catalog.ask(&edited, 3);
            let is_found = hits.iter().any(|hit| is_wanted(hit, name));
            kinds.entry(kind).or_default().count(is_found);
            all.count(is_found);
            if !is_found {
                let _ = writeln!(missed, "{kind} `{edited}` of {name}: {hits:?}");
            }
        }
    }
    for (kind, tally) in &kinds {
        eprintln!("{kind}: {} of {}", tally.n_found, tally.n);
    }
    eprintln!("all: {} of {}\n{missed}", all.n_found, all.n);
    assert!(all.n > 2_000, "{}", all.n);
    assert!(all.share() >= 0.97, "{} of {}", all.n_found, all.n);
    for (kind, tally) in &kinds {
        assert!(tally.share() >= 0.95, "{kind}: {} of {}", tally.n_found, tally.n);
    }
}

/// Every kind of edit at the places of a name; the letters that come in go through the alphabet.
fn edits(name: &str) -> Vec<(&'static str, String)> {
    let letters: Vec<char> = name.chars().collect();
    let mut edits = Vec::new();
    let mut stranger = ('a'..='z').cycle();
    let mut push = |kind, letters: Vec<char>| {
        let edited: String = letters.into_iter().collect();
        if edited != name {
            edits.push((kind, edited));
        }
    };
    for at in 0..letters.len() {
        let mut other = letters.clone();
        // Each kind at every fifth place of a name, from another one on in names of other lengths.
        match (at + letters.len()) % 5 {
            0 => {
                other.remove(at);
                push("missing", other);
            }
            1 => {
                other.swap(at, (at + 1).min(letters.len() - 1));
                push("swapped", other);
            }
            2 => {
                other.insert(at, letters[at]);
                push("doubled", other);
            }
            3 => {
                other[at] = stranger.next().expect("endless");
                push("wrong", other);
            }
            _ => {
                other.insert(at, stranger.next().expect("endless"));
                push("extra", other);
            }
        }
    }
    edits
}
