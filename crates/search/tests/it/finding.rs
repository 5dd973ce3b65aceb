//! What is found, where, in which order, and what is told about it.

use search::{Deprecated, Document, Field, Filters, Hint, Order, Part, Request, Standing, Visible, Way};

use crate::charts::{NOW, ask, chart, ids, index, key, request, words};

#[test]
fn a_hit_says_where_each_word_was_found() {
    let index = index([Document {
        description: "Keeps things.".to_owned(),
        readme: "It copes with earthquakes.".to_owned(),
        values: vec![
            key(0, "image", ""),
            key(1, "tag", ""),
            key(0, "auth", "Who may come in"),
            key(1, "existingSecret", "A secret with a `passphrase` in it"),
        ],
        images: words(&["ghcr.io/example/keeper:1.2.3"]),
        crd_kinds: words(&["KeepRule"]),
        dependencies: words(&["redis"]),
        ..chart(1, "here", "keeper")
    }]);
    let found = |text: &str| {
        let answer = ask(&index, text);
        let hit = answer
            .hits
            .first()
            .unwrap_or_else(|| panic!("`{text}` finds nothing"));
        let found = hit.matches.first().expect("a match");
        (found.field, found.way, found.place.clone())
    };
    let at = |place: &str| Some(place.to_owned());
    assert_eq!(
        found("existingSecret"),
        (Field::Key, Way::Exact, at("auth.existingSecret"))
    );
    assert_eq!(
        found("passphrase"),
        (Field::Comment, Way::Exact, at("auth.existingSecret"))
    );
    assert_eq!(found("tag"), (Field::Key, Way::Exact, at("image.tag")));
    assert_eq!(
        found("ghcr"),
        (Field::Image, Way::Exact, at("ghcr.io/example/keeper:1.2.3"))
    );
    assert_eq!(found("keeprule"), (Field::Kind, Way::Exact, at("KeepRule")));
    assert_eq!(found("redis"), (Field::Dependency, Way::Exact, at("redis")));
    assert_eq!(found("earthquake"), (Field::Readme, Way::Form, None));
    assert_eq!(found("keepr"), (Field::WholeName, Way::Typo, None));
    assert_eq!(found("eepe"), (Field::Name, Way::Inside, None));
}

#[test]
fn every_word_has_to_be_there_unless_no_chart_has_all() {
    let index = index([
        Document {
            keywords: words(&["fast", "small"]),
            ..chart(1, "a", "one")
        },
        Document {
            keywords: words(&["fast"]),
            ..chart(2, "a", "two")
        },
    ]);
    assert_eq!(ids(&ask(&index, "fast small")), [1]);
    let answer = ask(&index, "fast zzzzzz");
    assert_eq!(answer.total, 2);
    assert_eq!(
        answer.hints,
        [Hint::Unmatched {
            words: words(&["zzzzzz"])
        }]
    );
    let answer = ask(&index, "two small");
    assert_eq!(answer.hints, [Hint::Relaxed]);
    assert_eq!(answer.total, 2);
    let answer = ask(&index, "zzzzzz qqqqqq");
    assert_eq!((answer.total, answer.hits.len()), (0, 0));
}

#[test]
fn what_has_no_letters_finds_nothing() {
    let index = index([chart(1, "a", "one")]);
    for text in ["%", "*", "((", "- - -", "\"\""] {
        let answer = ask(&index, text);
        assert_eq!((answer.total, answer.hints.len()), (0, 1), "{text}");
    }
    assert_eq!(ask(&index, "  ").total, 1);
}

#[test]
fn a_typo_is_told() {
    let index = index([chart(1, "a", "grafana")]);
    let told = Hint::Corrected {
        word: "garfana".to_owned(),
        instead: "grafana".to_owned(),
    };
    assert_eq!(ask(&index, "garfana").hints, [told]);
    assert!(ask(&index, "grafana").hints.is_empty());
    assert!(
        ask(&index, "\"garfana\"").hits.is_empty(),
        "what is quoted is meant as it is"
    );
}

#[test]
fn official_and_fresh_come_before_stale_ones_and_forks_and_deprecated_behind() {
    let year = 31_557_600;
    let index = index([
        Document {
            is_deprecated: true,
            ..chart(1, "a", "redis")
        },
        Document {
            standing: Standing::Fork,
            ..chart(2, "b", "redis")
        },
        Document {
            updated: Some(NOW - 3 * year),
            ..chart(3, "c", "redis")
        },
        chart(4, "d", "redis"),
        Document {
            standing: Standing::Official,
            ..chart(5, "e", "redis")
        },
        chart(6, "f", "redis-exporter"),
    ]);
    let filters = Filters {
        deprecated: Deprecated::Shown,
        ..Filters::default()
    };
    let answer = index.search(&Request {
        filters,
        ..request("redis")
    });
    assert_eq!(
        ids(&answer),
        [5, 4, 3, 2, 1, 6],
        "the exact name stays before any other"
    );
    assert_eq!(ids(&ask(&index, "redis")), [5, 4, 3, 2, 6]);
    let future = index_with_future();
    assert_eq!(
        ids(&ask(&future, "redis")),
        [1, 2],
        "a date in the future gains nothing"
    );
}

fn index_with_future() -> search::Index {
    index([
        Document {
            standing: Standing::Official,
            ..chart(1, "a", "redis")
        },
        Document {
            updated: Some(i64::MAX),
            ..chart(2, "b", "redis")
        },
    ])
}

#[test]
fn what_somebody_may_not_see_leaves_no_trace() {
    let index = index([
        Document {
            keywords: words(&["ledger"]),
            license: "MIT".to_owned(),
            ..chart(1, "open", "accounts")
        },
        Document {
            keywords: words(&["ledger", "payroll"]),
            license: "Secret".to_owned(),
            category: "Internal".to_owned(),
            ..chart(2, "hidden", "salaries")
        },
    ]);
    let see = |text| {
        index.search(&Request {
            visible: Visible::Only(&["open"]),
            ..request(text)
        })
    };
    let answer = see("");
    assert_eq!((answer.total, ids(&answer)), (1, vec![1]));
    assert_eq!(answer.facets.repositories, [("open".to_owned(), 1)]);
    assert_eq!(answer.facets.keywords, [("ledger".to_owned(), 1)]);
    assert_eq!(answer.facets.licenses, [("MIT".to_owned(), 1)]);
    assert!(answer.facets.categories.is_empty());
    for text in [
        "salaries",
        "salarise",
        "payroll",
        "repo:hidden",
        "repo:hiden",
        "is:deprecated",
    ] {
        let answer = see(text);
        assert_eq!(answer.total, 0, "{text}");
        // What was typed may be told; what was not must not.
        let told: String = answer.hints.iter().map(ToString::to_string).collect();
        for secret in ["salaries", "payroll", "hidden"]
            .iter()
            .filter(|secret| !text.contains(**secret))
        {
            assert!(!told.contains(secret), "{text}: {told}");
        }
    }
    assert!(index.suggest("sal", Visible::Only(&["open"]), 5, NOW).is_empty());
    assert_eq!(
        index
            .search(&Request {
                visible: Visible::Only(&[]),
                ..request("")
            })
            .total,
        0
    );
}

#[test]
fn parts_of_a_list_neither_repeat_nor_drop() {
    let documents = (0..97).map(|id| Document {
        updated: Some(NOW - (id % 5) * 1_000),
        keywords: words(&["thing"]),
        ..chart(
            id,
            if id % 2 == 0 { "a" } else { "b" },
            &format!("name-{}", id % 30),
        )
    });
    // Several segments, so that orders of segments have to be merged.
    let mut index = index(documents.clone().take(60));
    for document in documents.skip(60) {
        index = index.with([search::Change::Put(Box::new(document))]);
    }
    for order in [Order::Relevance, Order::Name, Order::Updated] {
        for text in ["", "thing", "name"] {
            let whole = index.search(&Request {
                order,
                part_size: 1_000,
                ..request(text)
            });
            assert_eq!(whole.total, 97);
            let whole = ids(&whole);
            let mut read = Vec::new();
            let mut part = Part::First;
            loop {
                let answer = index.search(&Request {
                    order,
                    part: part.clone(),
                    part_size: 7,
                    ..request(text)
                });
                assert_eq!(answer.first_number, read.len() as u64 + 1);
                assert_eq!(answer.has_previous, !read.is_empty());
                read.extend(ids(&answer));
                let last = answer.hits.last().expect("hits").position.clone();
                if !answer.has_next {
                    break;
                }
                part = Part::After(last);
            }
            assert_eq!(read, whole, "{order:?} `{text}`");
            let middle = index.search(&Request {
                order,
                part_size: 50,
                ..request(text)
            });
            let last = middle.hits.last().expect("hits").position.clone();
            let before = index.search(&Request {
                order,
                part: Part::Before(last),
                part_size: 7,
                ..request(text)
            });
            assert_eq!(ids(&before), whole[42..49], "{order:?} `{text}`");
            assert_eq!((before.first_number, before.has_next), (43, true));
        }
    }
}

#[test]
fn names_are_ordered_whatever_segments_they_are_in() {
    let mut index = index([chart(1, "a", "delta"), chart(2, "a", "bravo")]);
    index = index.with([search::Change::Put(Box::new(chart(3, "a", "charlie")))]);
    index = index.with([search::Change::Put(Box::new(chart(4, "a", "alpha")))]);
    let answer = index.search(&Request {
        order: Order::Name,
        ..request("")
    });
    assert_eq!(ids(&answer), [4, 2, 3, 1]);
}

#[test]
fn paths_of_keys_are_followed_from_top_to_bottom() {
    let index = index([
        Document {
            values: vec![
                key(0, "auth", ""),
                key(1, "enabled", ""),
                key(1, "existingSecret", ""),
            ],
            ..chart(1, "a", "one")
        },
        Document {
            values: vec![
                key(0, "auth", ""),
                key(1, "user", ""),
                key(0, "tls", ""),
                key(1, "existingSecret", ""),
            ],
            ..chart(2, "a", "two")
        },
    ]);
    assert_eq!(ids(&ask(&index, "key:auth.existingSecret")), [1]);
    assert_eq!(ids(&ask(&index, "key:tls.existing")), [2]);
    assert_eq!(ask(&index, "key:existingSecret").total, 2);
    assert_eq!(
        ids(&ask(&index, "key:existingSecret -key:tls.existingSecret")),
        [1]
    );
}

#[test]
fn versions_are_found_as_they_are() {
    let index = index([
        Document {
            versions: words(&["17.3.2", "v7.0.5"]),
            ..chart(1, "a", "redis")
        },
        Document {
            versions: words(&["17.3.1"]),
            ..chart(2, "b", "redis")
        },
    ]);
    assert_eq!(ids(&ask(&index, "redis 17.3.2")), [1]);
    assert_eq!(ids(&ask(&index, "redis v7.0.5")), [1]);
    assert_eq!(ids(&ask(&index, "version:17.3.1")), [2]);
}

#[test]
fn an_explanation_adds_up() {
    let index = index([
        Document {
            description: "A cache.".to_owned(),
            standing: Standing::Official,
            ..chart(1, "a", "redis")
        },
        chart(2, "a", "redis-tools"),
    ]);
    let answer = index.search(&Request {
        explain: true,
        ..request("redis cache")
    });
    let hit = answer.hits.first().expect("a hit");
    let why = hit.explanation.as_ref().expect("an explanation");
    assert_eq!(why.words.len(), 2);
    let product: f32 = why.factors.iter().map(|(_, factor)| factor).product();
    assert!((product - why.standing).abs() < 1e-4, "{why:?}");
    assert!(why.factors.iter().any(|(what, _)| what == "official"));
    let weights: f32 = why.words.iter().map(|word| word.rarity).sum();
    let sum: f32 = why
        .words
        .iter()
        .map(|word| word.rarity * word.worth * word.quality)
        .sum();
    let expected = (sum / weights + why.name_coverage) * why.standing;
    assert!((expected - why.score).abs() < 0.01, "{expected} {why:?}");
    assert!(
        ask(&index, "redis")
            .hits
            .iter()
            .all(|hit| hit.explanation.is_none())
    );
}

#[test]
fn suggestions_follow_what_is_typed() {
    let index = index([
        chart(1, "bitnami", "postgresql"),
        chart(2, "bitnami", "postgresql-ha"),
        Document {
            is_deprecated: true,
            ..chart(3, "stable", "postgresql")
        },
        Document {
            readme: "Works with postgresql.".to_owned(),
            ..chart(4, "a", "wiki")
        },
    ]);
    let suggest = |text: &str| -> Vec<i64> {
        index
            .suggest(text, Visible::All, 5, NOW)
            .into_iter()
            .map(|suggestion| suggestion.id)
            .collect()
    };
    assert_eq!(suggest("postg"), [1, 2]);
    assert_eq!(suggest("postgersql"), [1, 2]);
    assert_eq!(suggest(""), Vec::<i64>::new());
}
