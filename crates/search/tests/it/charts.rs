//! Charts that tests are made of.

use std::sync::{Arc, LazyLock};

use search::{Answer, Builder, Document, Index, Lexicon, Request, ValueKey};

/// The day that tests take place on.
pub(crate) const NOW: i64 = 1_790_000_000;

/// A chart of that name, as fresh and as plain as any.
pub(crate) fn chart(id: i64, repository: &str, name: &str) -> Document {
    Document {
        id,
        repository: repository.to_owned(),
        name: name.to_owned(),
        updated: Some(NOW),
        n_versions: 10,
        kubernetes: u64::MAX,
        ..Document::default()
    }
}

/// A key of values.
pub(crate) fn key(depth: u8, key: &str, comment: &str) -> ValueKey {
    ValueKey {
        depth,
        key: key.to_owned(),
        comment: comment.to_owned(),
    }
}

pub(crate) fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

pub(crate) fn index(documents: impl IntoIterator<Item = Document>) -> Index {
    let mut builder = Builder::new(lexicon());
    for document in documents {
        builder.add(document);
    }
    builder.finish()
}

pub(crate) fn ask(index: &Index, text: &str) -> Answer {
    index.search(&request(text))
}

pub(crate) fn request(text: &str) -> Request<'_> {
    Request {
        text,
        part_size: 20,
        now: NOW,
        facet_size: 10,
        ..Request::default()
    }
}

/// The keys of the hits in their order.
pub(crate) fn ids(answer: &Answer) -> Vec<i64> {
    answer.hits.iter().map(|hit| hit.id).collect()
}

/// The built-in lexicon, made once.
pub(crate) fn lexicon() -> Arc<Lexicon> {
    static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(Arc::default);
    Arc::clone(&LEXICON)
}
