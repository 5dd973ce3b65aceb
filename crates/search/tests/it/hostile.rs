//! Texts that want to break something: in charts, and in queries.

use proptest::prelude::*;
use search::{Builder, Document, Request, ValueKey, Visible, marks};

use crate::charts::{ask, chart, ids, index, key, lexicon, request, words};

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z:\"-]{0,40}",
        "(repo|image|kind|key|is|has|license|kubernetes|version|type):[a-z0-9.\"]{0,12}( -?[a-z]{0,6}){0,4}",
        "[\u{0}-\u{20}\u{200b}-\u{202e}\u{fe0f}\u{1f600}中a]{0,30}",
    ]
}

fn any_document(id: i64) -> impl Strategy<Value = Document> {
    let list = || proptest::collection::vec(any_text(), 0..4);
    let values = proptest::collection::vec((any::<u8>(), any_text(), any_text()), 0..8);
    (
        any_text(),
        any_text(),
        any_text(),
        list(),
        list(),
        list(),
        values,
        any::<[u64; 3]>(),
    )
        .prop_map(
            move |(repository, name, description, keywords, images, kinds, values, numbers)| Document {
                id,
                repository,
                name,
                readme: description.clone(),
                category: description.clone(),
                license: description.clone(),
                description,
                versions: keywords.clone(),
                keywords,
                images,
                crd_kinds: kinds,
                values: values
                    .into_iter()
                    .map(|(depth, key, comment)| ValueKey { depth, key, comment })
                    .collect(),
                n_versions: numbers[0] as u32,
                updated: Some(numbers[1].cast_signed()),
                kubernetes: numbers[2],
                ..Document::default()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn no_text_breaks_the_index(
        one in any_document(1),
        other in any_document(2),
        queries in proptest::collection::vec(any_text(), 1..6),
        now in any::<i64>(),
    ) {
        let (name, description) = (one.name.clone(), one.description.clone());
        let mut builder = Builder::new(lexicon());
        builder.add(one);
        builder.add(other.clone());
        let index = builder.finish().with([search::Change::Put(Box::new(other))]);
        for text in queries.iter().chain([&name, &description]) {
            let answer = index.search(&Request { explain: true, now, ..request(text) });
            prop_assert!(answer.total <= 2);
            for hit in &answer.hits {
                for mark in marks(&description, &hit.matches) {
                    prop_assert!(description.get(mark).is_some());
                }
            }
            for hint in &answer.hints {
                prop_assert!(!hint.to_string().is_empty());
            }
            index.suggest(text, Visible::All, 5, now);
        }
    }
}

#[test]
fn texts_of_charts_have_limits() {
    let long = "word ".repeat(200_000);
    let many: Vec<String> = (0..100_000).map(|n| format!("keyword{n}")).collect();
    let values = (0..100_000)
        .map(|n| key(u8::MAX, &format!("key{n}"), &long[..200]))
        .collect();
    let index = index([
        Document {
            description: long.clone(),
            readme: (0..400_000).map(|n| format!("w{n:x}q ")).collect(),
            keywords: many.clone(),
            images: many.clone(),
            versions: many,
            values,
            ..chart(1, &long, &long)
        },
        chart(2, "a", "plain"),
    ]);
    assert!(index.stats().n_bytes < 3_000_000, "{:?}", index.stats());
    assert_eq!(ids(&ask(&index, "plain")), [2]);
    assert_eq!(ask(&index, "keyword99").total, 1);
    assert_eq!(ask(&index, "\"keyword99999\"").total, 0);
}

#[test]
fn a_query_that_asks_for_everything_has_an_end() {
    let index = index((0..2_000).map(|id| Document {
        keywords: (0..20).map(|n| format!("kube{}x{}", id % 50, n)).collect(),
        description: "kube cluster operator for kube clusters".to_owned(),
        ..chart(id, "a", &format!("kube-{id}"))
    }));
    let text = "k ku kub kube kubx clustr operato oprator kubecluster kube-cluster e* [a-z]+ .* ";
    let answer = ask(&index, &text.repeat(100));
    assert!(
        answer.total <= 2_000 && answer.hints.len() >= 2,
        "{:?}",
        answer.hints
    );
}

#[test]
fn a_chart_gains_nothing_by_repeating_words() {
    let index = index([
        Document {
            description: "redis ".repeat(100),
            keywords: words(&["redis", "redis-redis", "redis redis"]),
            readme: "redis ".repeat(10_000),
            ..chart(1, "spam", "best-redis-redis-redis")
        },
        chart(2, "bitnami", "redis"),
    ]);
    assert_eq!(ids(&ask(&index, "redis")).first(), Some(&2));
}
