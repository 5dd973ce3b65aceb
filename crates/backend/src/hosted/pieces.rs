//! The entries of an index, cut into pieces of some tens of kilobytes: a change makes one of them anew, and all others are
//! shared with the index from before.
//!
//! Where a piece begins, the entries themselves say, by their names: the same entries are cut alike in every process and
//! whatever happened before, and one more or one fewer moves no border but its own.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use helm::index::{IndexFormat, Opening};

use super::index::Version;
use super::text::Text;

/// One in so many entries begins a piece: some 40 kB of ordinary ones.
const ONE_IN: u64 = 64;
/// Names that somebody chose so that they begin no piece do not make a large one: bytes of JSON after which one ends.
const MAX_BYTES: usize = 128 * 1024;

/// Entries that follow each other.
#[derive(Debug)]
pub(super) struct Piece {
    versions: Vec<Arc<Version>>,
    opening: Opening,
    /// In the format of the index.
    text: Arc<Text>,
    /// Where in it the entries are, without what opens charts.
    places: Vec<Range<usize>>,
    /// As JSON; made for the first who wants it, where the index is none.
    json: OnceLock<Arc<Text>>,
}

/// What is to become a piece.
struct Run<'a> {
    opening: Opening,
    versions: Vec<&'a Arc<Version>>,
}

/// Whether a piece begins with the entry of a file of that name.
pub(super) fn is_border(file_name: &str) -> bool {
    // FNV-1a: any hash does, as long as it is the same everywhere and for ever.
    let hash = file_name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 32).is_multiple_of(ONE_IN)
}

/// Cuts entries, which come by chart and the newest first. What is in `before` already is taken from there.
pub(super) fn cut<'a>(
    format: IndexFormat,
    listed: impl Iterator<Item = &'a Arc<Version>>,
    before: &[Arc<Piece>],
) -> Vec<Arc<Piece>> {
    let mut unused: HashMap<usize, &Arc<Piece>> = HashMap::with_capacity(before.len());
    for piece in before {
        unused.extend(piece.versions.first().map(|first| (address(first), piece)));
    }
    let runs: Vec<(Run<'_>, Option<Arc<Piece>>)> = runs(listed)
        .into_iter()
        .map(|run| {
            let first = run.versions.first().map_or(0, |first| address(first));
            let same = unused.get(&first).filter(|piece| piece.is(&run)).copied();
            if same.is_some() {
                unused.remove(&first);
            }
            (run, same.cloned())
        })
        .collect();
    // Of those that fell apart, the entries are good.
    let loose: HashMap<usize, Bytes> = unused.values().flat_map(|piece| piece.entries()).collect();
    let made = runs.into_iter().map(|(run, same)| match same {
        Some(piece) => piece,
        None => Arc::new(Piece::new(format, &run, &loose)),
    });
    made.collect()
}

fn runs<'a>(listed: impl Iterator<Item = &'a Arc<Version>>) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    let (mut n_bytes, mut chart) = (0, None);
    for version in listed {
        let opening = match chart.replace(&version.chart) {
            None => Opening::Document,
            Some(chart) if *chart == version.chart => Opening::Version,
            Some(_) => Opening::Chart,
        };
        match runs.last_mut() {
            Some(run) if !version.is_border && n_bytes < MAX_BYTES => run.versions.push(version),
            _ => {
                n_bytes = 0;
                runs.push(Run {
                    opening,
                    versions: vec![version],
                });
            }
        }
        n_bytes += version.fragment.json().len();
    }
    runs
}

/// What an entry is known by as long as somebody has it.
fn address(version: &Arc<Version>) -> usize {
    Arc::as_ptr(version).addr()
}

impl Piece {
    fn new(format: IndexFormat, run: &Run<'_>, loose: &HashMap<usize, Bytes>) -> Self {
        let mut places = Vec::with_capacity(run.versions.len());
        let text = written(format, run.opening, &run.versions, |version, out| {
            let begin = out.len();
            match loose.get(&address(version)) {
                Some(text) => out.extend_from_slice(text),
                None => version.fragment.write(format, out),
            }
            places.push(begin..out.len());
        });
        let text = Text::new(text);
        Self {
            versions: run.versions.iter().copied().cloned().collect(),
            opening: run.opening,
            json: match format {
                IndexFormat::Json => OnceLock::from(Arc::clone(&text)),
                IndexFormat::Yaml => OnceLock::new(),
            },
            text,
            places,
        }
    }

    /// Whether it would be made of just these.
    fn is(&self, run: &Run<'_>) -> bool {
        self.opening == run.opening
            && self.versions.len() == run.versions.len()
            && self
                .versions
                .iter()
                .zip(&run.versions)
                .all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// The texts of its entries.
    fn entries(&self) -> impl Iterator<Item = (usize, Bytes)> {
        let places = self.versions.iter().zip(&self.places);
        places.map(|(version, place)| (address(version), self.text.plain().slice(place.clone())))
    }

    pub(super) fn text(&self) -> Arc<Text> {
        Arc::clone(&self.text)
    }

    pub(super) fn json(&self) -> Arc<Text> {
        let made = || {
            let json = IndexFormat::Json;
            let write = |version: &Arc<Version>, out: &mut Vec<u8>| version.fragment.write(json, out);
            Text::new(written(json, self.opening, &self.versions, write))
        };
        Arc::clone(self.json.get_or_init(made))
    }
}

/// Entries in a row, with what opens their charts.
pub(super) fn written<V: AsRef<Version>>(
    format: IndexFormat,
    opening: Opening,
    versions: &[V],
    mut write: impl FnMut(&V, &mut Vec<u8>),
) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 * 1024);
    let mut chart: Option<&str> = None;
    for version in versions {
        let name = &*version.as_ref().chart;
        let opening = match chart.replace(name) {
            None => opening,
            Some(chart) if chart == name => Opening::Version,
            Some(_) => Opening::Chart,
        };
        opening.write(format, name, &mut out);
        write(version, &mut out);
    }
    out.shrink_to_fit();
    out
}
