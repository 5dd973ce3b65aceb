//! An index after changes is the index of the changed charts.

use proptest::prelude::*;
use search::{Change, Document, Index, Request};

use crate::charts::{NOW, ask, chart, ids, index, lexicon, request, words};

#[test]
fn a_change_is_found_and_what_it_replaced_is_not() {
    let before = index([chart(1, "a", "redis"), chart(2, "a", "kafka")]);
    let after = before.with([Change::Put(Box::new(chart(1, "a", "valkey"))), Change::Remove(2)]);
    assert_eq!(
        ids(&ask(&before, "redis")),
        [1],
        "readers of the old index are not disturbed"
    );
    assert_eq!(ids(&ask(&after, "valkey")), [1]);
    assert_eq!(ask(&after, "").total, 1);
    assert!(ask(&after, "redis").hits.is_empty());
    assert_eq!(after.stats().n_documents, 1);
}

#[test]
fn many_small_changes_do_not_pile_up() {
    let mut index = Index::new(lexicon());
    for id in 0..500 {
        index = index.with([Change::Put(Box::new(chart(id, "a", &format!("chart-{id}"))))]);
    }
    let stats = index.stats();
    assert_eq!(stats.n_documents, 500);
    assert!(stats.n_segments <= 7, "{stats:?}");
    for id in 0..500 {
        index = index.with([Change::Put(Box::new(chart(id % 10, "a", "again")))]);
    }
    assert_eq!(index.stats().n_documents, 500);
    assert!(index.stats().n_segments <= 7);
    for id in 0..500 {
        index = index.with([Change::Remove(id)]);
    }
    assert_eq!((index.stats().n_documents, index.stats().n_segments), (0, 0));
}

fn made(id: i64, kind: u8) -> Document {
    let names = [
        "redis",
        "redis-cluster",
        "postgresql",
        "cert-manager",
        "kafka",
        "nginx",
    ];
    let name = names[usize::from(kind) % names.len()];
    Document {
        keywords: words(if kind.is_multiple_of(2) {
            &["database", "cache"]
        } else {
            &["network"]
        }),
        description: format!("Chart number {kind}."),
        is_deprecated: kind.is_multiple_of(7),
        license: ["MIT", "Apache-2.0", ""][usize::from(kind) % 3].to_owned(),
        values: vec![crate::charts::key(0, &format!("key{kind}"), "about things")],
        ..chart(id, ["a", "b"][usize::from(kind) % 2], name)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn changing_is_the_same_as_building_anew(
        changes in proptest::collection::vec((0i64..12, proptest::option::of(0u8..40), any::<bool>()), 1..40)
    ) {
        let mut changed = Index::new(lexicon());
        let mut charts = std::collections::BTreeMap::new();
        let mut waiting = Vec::new();
        for (id, kind, is_last) in changes {
            match kind {
                Some(kind) => {
                    charts.insert(id, kind);
                    waiting.push(Change::Put(Box::new(made(id, kind))));
                }
                None => {
                    charts.remove(&id);
                    waiting.push(Change::Remove(id));
                }
            }
            if is_last {
                changed = changed.with(waiting.drain(..));
            }
        }
        changed = changed.with(waiting);
        let built = index(charts.iter().map(|(id, kind)| made(*id, *kind)));
        for text in ["", "redis", "cert", "rediss", "key3", "-cache", "is:deprecated", "license:mit", "database nginx"] {
            let ask = |index: &Index| index.search(&Request { part_size: 50, now: NOW, ..request(text) });
            let (a, b) = (ask(&changed), ask(&built));
            prop_assert_eq!(ids(&a), ids(&b), "`{}`", text);
            prop_assert_eq!(a, b, "`{}`", text);
        }
    }
}
