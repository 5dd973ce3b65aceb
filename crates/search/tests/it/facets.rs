//! Counts against a plain count over all charts.

use proptest::prelude::*;
use search::{Deprecated, Document, Facets, Filters, Request};

use crate::charts::{chart, index, request, words};

const KEYWORDS: [&str; 4] = ["cache", "queue", "web", "logs"];
const LICENSES: [&str; 3] = ["", "MIT", "Apache-2.0"];
const CATEGORIES: [&str; 3] = ["", "Games", "Toys"];

fn made(id: i64, seed: u32) -> Document {
    let bit = |at: u32| seed >> at & 1 != 0;
    Document {
        keywords: (0..4)
            .filter(|at| bit(*at))
            .map(|at| KEYWORDS[at as usize].to_owned())
            .collect(),
        license: LICENSES[(seed >> 4) as usize % 3].to_owned(),
        category: CATEGORIES[(seed >> 6) as usize % 3].to_owned(),
        is_library: bit(8),
        is_signed: bit(9),
        has_schema: bit(10),
        is_deprecated: bit(11),
        kubernetes: if bit(12) { u64::MAX } else { 0b111 << 28 },
        ..chart(id, if bit(13) { "one" } else { "two" }, &format!("x{id}"))
    }
}

/// The names of the filters that a chart does not pass.
fn failed(chart: &Document, filters: &Filters) -> Vec<&'static str> {
    let has = |chosen: &[String], value: &str| chosen.is_empty() || chosen.iter().any(|one| one == value);
    let is = |wanted: Option<bool>, value: bool| wanted.is_none_or(|wanted| wanted == value);
    let keywords = &filters.keywords;
    let checks = [
        ("repository", has(&filters.repositories, &chart.repository)),
        ("category", has(&filters.categories, &chart.category)),
        ("license", has(&filters.licenses, &chart.license)),
        (
            "keyword",
            keywords.is_empty() || chart.keywords.iter().any(|keyword| keywords.contains(keyword)),
        ),
        ("library", is(filters.library, chart.is_library)),
        ("signed", is(filters.signed, chart.is_signed)),
        ("schema", is(filters.schema, chart.has_schema)),
        (
            "deprecated",
            match filters.deprecated {
                Deprecated::Hidden => !chart.is_deprecated,
                Deprecated::Shown => true,
                Deprecated::Only => chart.is_deprecated,
            },
        ),
        (
            "kubernetes",
            filters
                .kubernetes
                .is_none_or(|minor| chart.kubernetes >> minor & 1 != 0),
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, passes)| !passes)
        .map(|(name, _)| name)
        .collect()
}

fn counted(charts: &[Document], filters: &Filters) -> Facets {
    let but = |name: &str| -> Vec<&Document> {
        let passes = |chart: &&Document| failed(chart, filters).iter().all(|failed| *failed == name);
        charts.iter().filter(passes).collect()
    };
    let most = |name: &str, values: &dyn Fn(&Document) -> Vec<String>| {
        let mut counts = std::collections::BTreeMap::new();
        for value in but(name)
            .into_iter()
            .flat_map(values)
            .filter(|value| !value.is_empty())
        {
            *counts.entry(value).or_insert(0u64) += 1;
        }
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    };
    let n = |name: &str, is: &dyn Fn(&Document) -> bool| {
        but(name).into_iter().filter(|chart| is(chart)).count() as u64
    };
    Facets {
        repositories: most("repository", &|chart| vec![chart.repository.clone()]),
        categories: most("category", &|chart| vec![chart.category.clone()]),
        keywords: most("keyword", &|chart| chart.keywords.clone()),
        licenses: most("license", &|chart| vec![chart.license.clone()]),
        n_applications: n("library", &|chart| !chart.is_library),
        n_libraries: n("library", &|chart| chart.is_library),
        n_signed: n("signed", &|chart| chart.is_signed),
        n_schema: n("schema", &|chart| chart.has_schema),
        n_deprecated: n("deprecated", &|chart| chart.is_deprecated),
        kubernetes: [27, 28, 30, 31]
            .into_iter()
            .map(|minor| {
                (
                    minor,
                    n("kubernetes", &|chart| chart.kubernetes >> minor & 1 != 0),
                )
            })
            // What no chart says is no choice.
            .filter(|(_, n)| *n > 0)
            .collect(),
    }
}

fn filters() -> impl Strategy<Value = Filters> {
    let choice = |values: &'static [&'static str]| {
        proptest::collection::vec(proptest::sample::select(values), 0..2).prop_map(|list| words(&list))
    };
    (
        choice(&["one", "two", "three"]),
        choice(&["Games", "Toys"]),
        choice(&KEYWORDS),
        choice(&["MIT", "Apache-2.0"]),
        proptest::array::uniform3(proptest::option::of(any::<bool>())),
        proptest::sample::select(vec![Deprecated::Hidden, Deprecated::Shown, Deprecated::Only]),
        proptest::option::of(proptest::sample::select(vec![27u8, 28, 30, 31])),
    )
        .prop_map(
            |(repositories, categories, keywords, licenses, flags, deprecated, kubernetes)| Filters {
                repositories,
                categories,
                keywords,
                licenses,
                library: flags[0],
                signed: flags[1],
                schema: flags[2],
                deprecated,
                kubernetes,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn a_filters_own_choice_does_not_narrow_its_own_counts(
        seeds in proptest::collection::vec(0u32..1 << 14, 0..60),
        filters in filters(),
    ) {
        let charts: Vec<Document> = seeds.iter().enumerate().map(|(id, seed)| made(id as i64, *seed)).collect();
        let index = index(charts.clone());
        let answer = index.search(&Request {
            filters: filters.clone(),
            part_size: 100,
            kubernetes: vec![27, 28, 30, 31],
            ..request("")
        });
        let mut expected: Vec<i64> =
            charts.iter().filter(|chart| failed(chart, &filters).is_empty()).map(|chart| chart.id).collect();
        expected.sort_unstable();
        let mut found: Vec<i64> = answer.hits.iter().map(|hit| hit.id).collect();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(answer.facets, counted(&charts, &filters));
    }
}
