//! Repository indexes: well-made, strange and hostile ones.

mod corpus;
mod fragment;
mod hostile;
mod layout;
mod locate;
mod order;
mod property;
mod read;
mod write;

use helm::index::{IndexEntry, IndexError, IndexItem, IndexLimits, IndexReader, IndexSummary};

/// Everything a reader says about a document.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) entries: Vec<IndexEntry>,
    pub(crate) skipped: Vec<String>,
    pub(crate) result: Result<IndexSummary, IndexError>,
}

impl Answer {
    fn versions(&self) -> Vec<String> {
        self.entries
            .iter()
            .map(|entry| format!("{} {}", entry.chart, entry.version))
            .collect()
    }

    fn summary(&self) -> &IndexSummary {
        self.result.as_ref().expect("an index")
    }

    fn error(&self) -> String {
        self.result.as_ref().expect_err("no index").to_string()
    }
}

pub(crate) fn read_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, limits: IndexLimits) -> Answer {
    let (mut entries, mut skipped) = (Vec::new(), Vec::new());
    let mut sink = |item| match item {
        IndexItem::Version(entry) => entries.push(*entry),
        IndexItem::Skipped(skip) => skipped.push(skip.to_string()),
    };
    let mut reader = IndexReader::new(limits);
    let mut result = Ok(());
    for chunk in chunks {
        result = reader.push(chunk, &mut sink);
        if result.is_err() {
            break;
        }
    }
    let result = match result {
        Ok(()) => reader.finish(&mut sink),
        Err(error) => Err(error),
    };
    Answer {
        entries,
        skipped,
        result,
    }
}

pub(crate) fn read(document: impl AsRef<[u8]>) -> Answer {
    read_chunks([document.as_ref()], IndexLimits::default())
}

/// An index with these lines below `entries:`.
fn with_entries(entries: &str) -> String {
    format!("apiVersion: v1\nentries:\n{entries}generated: \"2026-01-01T00:00:00Z\"\n")
}
