//! A visitor's query to the index, and its answer as a page of the catalog.

use std::cmp::Reverse;
use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Timestamp;
use model::catalog::{
    CatalogHit, CatalogPage, CatalogQuery, CatalogSort, ChartSummary, FacetCount, Facets, Found, Mark,
};
use model::page::Page;
use search::{Deprecated, Explanation, Filters, Hit, Order, Part, Position, Request, Visible, Way, marks};
use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::{Error, Result};

/// Choices that are offered of a filter.
const MAX_CHOICES: usize = 30;
/// Charts that are offered while somebody types.
const MAX_COMPLETIONS: usize = 8;
/// The minor versions of Kubernetes 1 that are offered: those that still run somewhere.
const KUBERNETES: std::ops::RangeInclusive<u8> = 24..=36;

/// The part of a list that is wanted, as an address says it.
#[derive(Serialize, Deserialize)]
enum Cursor {
    /// The rows past this one.
    #[serde(rename = "a")]
    After(Position),
    /// The rows before this one.
    #[serde(rename = "b")]
    Before(Position),
}

impl Cursor {
    fn encode(&self) -> String {
        // Plain data: JSON can say it.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn parse(text: &str) -> Result<Part, Error> {
        if text.is_empty() {
            return Ok(Part::First);
        }
        let invalid = || Error::Invalid {
            field: "cursor",
            message: "is not one that a list has given out".to_owned(),
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        match serde_json::from_slice(&bytes).map_err(|_| invalid())? {
            Self::After(position) => Ok(Part::After(position)),
            Self::Before(position) => Ok(Part::Before(position)),
        }
    }
}

impl Snapshot {
    /// One part of the charts that match, with the counts of every filter.
    pub(crate) fn list(&self, query: &CatalogQuery, page_size: usize, now: Timestamp) -> Result<CatalogPage> {
        let request = Request {
            text: &query.q,
            filters: filters(query)?,
            // What somebody may not see is not in here.
            visible: Visible::All,
            order: match query.sort {
                CatalogSort::Relevance => Order::Relevance,
                CatalogSort::Name => Order::Name,
                CatalogSort::Updated => Order::Updated,
            },
            part: Cursor::parse(&query.cursor)?,
            part_size: page_size.max(1),
            now: now.0,
            facet_size: MAX_CHOICES,
            kubernetes: KUBERNETES.collect(),
            explain: query.explain,
        };
        let answer = self.index.search(&request);
        let next = answer.hits.last().filter(|_| answer.has_next);
        let previous = answer.hits.first().filter(|_| answer.has_previous);
        Ok(CatalogPage {
            charts: Page {
                total: answer.total,
                first_position: answer.first_number,
                next: next.map(|hit| Cursor::After(hit.position.clone()).encode()),
                previous: previous.map(|hit| Cursor::Before(hit.position.clone()).encode()),
                items: answer.hits.iter().filter_map(|hit| self.hit(hit)).collect(),
            },
            facets: facets(answer.facets),
            hints: answer.hints.iter().map(ToString::to_string).collect(),
        })
    }

    /// The charts that somebody who has typed so much may look for, best first.
    pub(crate) fn complete(&self, typed: &str, now: Timestamp) -> Vec<ChartSummary> {
        let found = self.index.suggest(typed, Visible::All, MAX_COMPLETIONS, now.0);
        let entries = found.into_iter().filter_map(|found| self.by_id.get(&found.id));
        entries.map(|entry| entry.summary()).collect()
    }

    fn hit(&self, hit: &Hit) -> Option<CatalogHit> {
        let chart = self.by_id.get(&hit.id)?.summary();
        let mark = |text: &str| -> Vec<Mark> {
            let marks = marks(text, &hit.matches).into_iter();
            marks
                .map(|mark| Mark {
                    start: mark.start,
                    end: mark.end,
                })
                .collect()
        };
        Some(CatalogHit {
            name_marks: mark(&chart.name),
            description_marks: mark(&chart.description),
            found: hit
                .matches
                .iter()
                .map(|found| Found {
                    word: found.word.clone(),
                    found: found.found.clone(),
                    field: found.field.in_words().to_owned(),
                    place: found.place.clone(),
                    way: way_in_words(found.way).to_owned(),
                })
                .collect(),
            why: hit.explanation.as_ref().map(why),
            chart,
        })
    }
}

fn filters(query: &CatalogQuery) -> Result<Filters> {
    let list = |value: &str| match value {
        "" => Vec::new(),
        value => vec![value.to_owned()],
    };
    let flag = |is_on: bool| is_on.then_some(true);
    let kubernetes = match query.kubernetes.as_str() {
        "" => None,
        version => {
            let minor = version.strip_prefix("1.").and_then(|minor| minor.parse().ok());
            let minor = minor
                .filter(|minor: &u8| *minor < 64)
                .ok_or_else(|| Error::Invalid {
                    field: "kubernetes",
                    message: "is a minor version such as `1.30`".to_owned(),
                })?;
            Some(minor)
        }
    };
    Ok(Filters {
        repositories: list(&query.repository),
        categories: list(&query.category),
        keywords: list(&query.keyword.to_lowercase()),
        licenses: list(&query.license),
        library: match query.chart_type.as_str() {
            "library" => Some(true),
            "application" => Some(false),
            _ => None,
        },
        signed: flag(query.signed),
        schema: flag(query.schema),
        deprecated: match query.deprecated {
            true => Deprecated::Shown,
            false => Deprecated::Hidden,
        },
        kubernetes,
    })
}

fn facets(facets: search::Facets) -> Facets {
    let counts = |counts: Vec<(String, u64)>| -> Vec<FacetCount> {
        counts
            .into_iter()
            .map(|(value, n)| FacetCount { value, n })
            .collect()
    };
    let types = [
        ("application", facets.n_applications),
        ("library", facets.n_libraries),
    ];
    let mut types: Vec<(String, u64)> = types
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(value, n)| (value.to_owned(), n))
        .collect();
    types.sort_by_key(|(_, n)| Reverse(*n));
    let kubernetes = facets.kubernetes.into_iter().rev();
    let kubernetes = kubernetes.map(|(minor, n)| (format!("1.{minor}"), n)).collect();
    Facets {
        repositories: counts(facets.repositories),
        categories: counts(facets.categories),
        keywords: counts(facets.keywords),
        licenses: counts(facets.licenses),
        chart_types: counts(types),
        kubernetes: counts(kubernetes),
        n_schema: facets.n_schema,
        n_signed: facets.n_signed,
        n_deprecated: facets.n_deprecated,
    }
}

fn way_in_words(way: Way) -> &'static str {
    match way {
        Way::Exact => "same word",
        Way::Joined => "written as one word",
        Way::Split => "written as two words",
        Way::Form => "other form",
        Way::Synonym => "same meaning",
        Way::Purpose => "serves the purpose",
        Way::Beginning => "begins so",
        Way::Typo => "one letter differs",
        Way::TwoTypos => "two letters differ",
        Way::Inside => "within the name",
    }
}

/// How a hit came to its place, line by line.
fn why(explanation: &Explanation) -> Vec<String> {
    let mut lines = Vec::new();
    match explanation.exact_name {
        2 => lines.push("the query is the chart's name".to_owned()),
        1 => lines.push("the query is the chart's name, but for what stands between letters".to_owned()),
        _ => {}
    }
    lines.push(format!("{} of the required words found", explanation.n_words));
    for word in &explanation.words {
        lines.push(format!(
            "`{}` as `{}` ({}) in {}: worth {:.2}, quality {:.2}, rarity {:.2}",
            word.found.word,
            word.found.found,
            way_in_words(word.found.way),
            word.found.field.in_words(),
            word.worth,
            word.quality,
            word.rarity
        ));
    }
    lines.push(format!(
        "share of the name: {:.2} of 4",
        explanation.name_coverage
    ));
    for (what, factor) in &explanation.factors {
        lines.push(format!("{what}: times {factor:.3}"));
    }
    lines.push(format!("score {:.3}", explanation.score));
    lines
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
