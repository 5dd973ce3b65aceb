//! A tenant's index in memory: versions as ready text, in pieces of which a change makes one anew.
//!
//! The database counts changes, as for the catalog: a reader asks for the count, and reads what changed since. So every
//! process on one database answers with what was committed last, and with the same bytes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use helm::index::{
    IndexFormat, IndexFragment, Opening, ResolveError, Timestamp, assemble_versions, index_head, index_tail,
    resolve, sort_newest_first,
};

use super::pieces::{Piece, cut, is_border, written};
use super::text::{Document, Text};
use crate::store::{FileState, HostedEntryRow, HostedRepositoryRecord};

/// One version.
#[derive(Debug)]
pub(crate) struct Version {
    pub(super) chart: Arc<str>,
    pub(crate) version: String,
    pub(crate) file_name: String,
    pub(super) fragment: IndexFragment,
    /// Its chart is private.
    is_private: bool,
    /// It is had by its exact name alone.
    is_yanked: bool,
    /// A piece of the index begins with it.
    pub(super) is_border: bool,
}

/// The index at one count of changes; what it is written as is made once.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) generation: i64,
    changed_ms: i64,
    repository_id: i64,
    charts: BTreeMap<Arc<str>, Versions>,
    /// What is listed, as it is written.
    pieces: Vec<Arc<Piece>>,
    /// All of it is private.
    is_private: bool,
    /// Some of it is not for everybody.
    has_private: bool,
    /// Private charts are left out of this one.
    is_part: bool,
    public: OnceLock<Arc<Self>>,
    document: OnceLock<Document>,
    entries: OnceLock<Document>,
}

/// Of one chart, the newest first.
type Versions = Arc<[Arc<Version>]>;

/// How indexes are written here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manner {
    /// What the addresses of archives begin with; empty makes them relative.
    pub(crate) chart_url: String,
    /// `serverInfo.contextPath`, for `helm cm-push`; none where it is empty.
    pub(crate) context_path: String,
    /// What whoever asks for the index gets.
    pub(crate) format: IndexFormat,
}

impl Index {
    /// The index after the changes since this one. Rows that cannot be read are left out and logged.
    pub(crate) fn after(
        &self,
        repository: &HostedRepositoryRecord,
        rows: Vec<HostedEntryRow>,
        manner: &Manner,
    ) -> Self {
        // Changed lists are taken apart once, however many of their versions changed.
        let mut changed: BTreeMap<Arc<str>, Vec<Arc<Version>>> = BTreeMap::new();
        let mut charts = if self.repository_id == repository.id && self.generation >= repository.floor {
            self.charts.clone()
        } else {
            BTreeMap::new()
        };
        for row in rows {
            if row.name.is_empty() {
                continue;
            }
            let (chart, versions) = match changed.entry(Arc::from(row.name.as_str())) {
                Entry::Occupied(known) => (Arc::clone(known.key()), known.into_mut()),
                Entry::Vacant(new) => {
                    let known = charts.get(new.key()).map(|versions| versions.to_vec());
                    (Arc::clone(new.key()), new.insert(known.unwrap_or_default()))
                }
            };
            versions.retain(|known| known.file_name != row.file_name);
            if row.state != FileState::Live {
                continue;
            }
            match fragment(&row, &repository.tenant, manner) {
                Ok(fragment) => versions.push(Arc::new(Version {
                    chart,
                    is_border: is_border(&row.file_name),
                    version: row.version,
                    file_name: row.file_name,
                    fragment,
                    is_private: row.is_private,
                    is_yanked: row.is_yanked,
                })),
                Err(error) => tracing::error!(
                    file = %row.file_name, error = %error,
                    "the entry of {} cannot be read and is left out of the index", row.file_name
                ),
            }
        }
        for (name, mut versions) in changed {
            if versions.is_empty() {
                charts.remove(&name);
            } else {
                // By text first: versions that are equal but for build metadata have one order everywhere.
                versions.sort_unstable_by(|a, b| b.version.cmp(&a.version));
                sort_newest_first(&mut versions, |version| version.version.as_str());
                charts.insert(name, Arc::from(versions));
            }
        }
        Self {
            generation: repository.generation,
            changed_ms: repository.changed_ms,
            repository_id: repository.id,
            // Of one chart all versions are private, or none.
            has_private: repository.is_private
                || charts
                    .values()
                    .any(|versions| versions.iter().take(1).any(|one| one.is_private)),
            is_private: repository.is_private,
            pieces: cut(manner.format, listed(&charts), &self.pieces),
            charts,
            ..Self::default()
        }
    }

    /// The index for somebody: itself for those who see private charts, and for all where there are none.
    pub(crate) fn seen(self: &Arc<Self>, sees_private: bool, manner: &Manner) -> Arc<Self> {
        if sees_private || !self.has_private {
            return Arc::clone(self);
        }
        let made = || {
            let is_shown =
                |versions: &[Arc<Version>]| !self.is_private && !versions.iter().any(|one| one.is_private);
            let shown = self.charts.iter().filter(|(_, versions)| is_shown(versions));
            let charts = shown
                .map(|(name, versions)| (Arc::clone(name), Arc::clone(versions)))
                .collect();
            Arc::new(Self {
                generation: self.generation,
                changed_ms: self.changed_ms,
                repository_id: self.repository_id,
                pieces: cut(manner.format, listed(&charts), &self.pieces),
                charts,
                is_part: true,
                ..Self::default()
            })
        };
        Arc::clone(self.public.get_or_init(made))
    }

    /// Whether something in it is not for everybody.
    pub(crate) fn has_private(&self) -> bool {
        self.has_private
    }

    /// The count from which on changes are asked for.
    pub(crate) fn known(&self, repository: &HostedRepositoryRecord) -> i64 {
        match self.repository_id == repository.id && self.generation >= repository.floor {
            true => self.generation,
            false => 0,
        }
    }

    /// Whether it is the index at the repository's last change.
    pub(crate) fn is_at(&self, repository: &HostedRepositoryRecord) -> bool {
        self.repository_id == repository.id && self.generation == repository.generation
    }

    /// The whole document.
    pub(crate) fn document(&self, manner: &Manner) -> Document {
        let made = || {
            let generated = Timestamp {
                seconds: self.changed_ms.div_euclid(1000),
                nanoseconds: u32::try_from(self.changed_ms.rem_euclid(1000) * 1_000_000).unwrap_or(0),
            };
            let info = [("contextPath", manner.context_path.as_str())];
            let info = match manner.context_path.is_empty() {
                true => &[][..],
                false => &info[..],
            };
            let is_empty = self.pieces.is_empty();
            let head = Text::new(index_head(manner.format, is_empty));
            let tail = Text::new(index_tail(manner.format, is_empty, generated, info));
            let pieces = self.pieces.iter().map(|piece| piece.text());
            Document::new([head].into_iter().chain(pieces).chain([tail]).collect())
        };
        self.document.get_or_init(made).clone()
    }

    /// Changes when the document does; the same in every process. Weak: whether it is sent compressed it does not tell.
    pub(crate) fn etag(&self, manner: &Manner) -> String {
        let format = match manner.format {
            IndexFormat::Yaml => 'y',
            IndexFormat::Json => 'j',
        };
        format!(
            "W/\"{:x}-{:x}-{:x}{}{format}\"",
            self.repository_id,
            self.generation,
            self.changed_ms,
            // Nobody is told that the part that they have is the whole.
            if self.is_part { "p" } else { "" }
        )
    }

    /// Charts with their versions as JSON: all, or so many after the first so many.
    pub(crate) fn entries(&self, offset: usize, limit: Option<usize>) -> Document {
        let around = |pieces: Vec<Arc<Text>>| {
            let (head, tail) = match pieces.is_empty() {
                true => ("{", "}"),
                false => ("{", "]}"),
            };
            let head = Text::new(head);
            Document::new(
                [head]
                    .into_iter()
                    .chain(pieces)
                    .chain([Text::new(tail)])
                    .collect(),
            )
        };
        if offset == 0 && limit.is_none() {
            let made = || around(self.pieces.iter().map(|piece| piece.json()).collect());
            return self.entries.get_or_init(made).clone();
        }
        let charts = self.charts.values().filter(|versions| is_listed(versions));
        let part = charts.skip(offset).take(limit.unwrap_or(usize::MAX));
        let versions: Vec<_> = part
            .flat_map(|versions| versions.iter().filter(|version| !version.is_yanked))
            .collect();
        if versions.is_empty() {
            return around(Vec::new());
        }
        let json = IndexFormat::Json;
        let text = written(json, Opening::Document, &versions, |version, out| {
            version.fragment.write(json, out);
        });
        around(vec![Text::new(text)])
    }

    /// The versions of a chart as JSON.
    pub(crate) fn versions(&self, name: &str) -> Option<Bytes> {
        let versions = self.charts.get(name)?;
        let mut listed = versions.iter().filter(|version| !version.is_yanked).peekable();
        listed.peek()?;
        Some(Bytes::from(assemble_versions(
            listed.map(|version| &version.fragment),
        )))
    }

    /// The version that helm takes for `wanted`, which may be a constraint; `latest` is the newest release.
    pub(crate) fn resolve(&self, name: &str, wanted: &str) -> Result<&Version, NoVersion> {
        let versions = self.charts.get(name).ok_or(NoVersion::NoName)?;
        let wanted = if wanted == "latest" { "" } else { wanted };
        let listed: Vec<&Version> = versions
            .iter()
            .map(|version| &**version)
            .filter(|version| !version.is_yanked || version.version == wanted)
            .collect();
        resolve(name, &listed, |version| version.version.as_str(), wanted)
            .copied()
            .map_err(NoVersion::Unresolved)
    }

    /// The version of exactly that name.
    pub(crate) fn find(&self, name: &str, version: &str) -> Option<&Version> {
        let versions = self.charts.get(name)?;
        let mut versions = versions.iter().map(|known| &**known);
        versions.find(|known| known.version == version)
    }

    /// The names of all charts that have a version that is not yanked.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let listed = self.charts.iter().filter(|(_, versions)| is_listed(versions));
        listed.map(|(name, _)| &**name)
    }

    /// The versions of a chart that are not yanked, the newest first.
    pub(crate) fn version_names(&self, name: &str) -> impl Iterator<Item = &str> {
        let versions = self
            .charts
            .get(name)
            .map(|versions| &**versions)
            .unwrap_or_default();
        let listed = versions.iter().filter(|version| !version.is_yanked);
        listed.map(|version| version.version.as_str())
    }
}

/// All versions that are not yanked, by chart and the newest first.
fn listed(charts: &BTreeMap<Arc<str>, Versions>) -> impl Iterator<Item = &Arc<Version>> {
    let versions = charts.values().flat_map(|versions| versions.iter());
    versions.filter(|version| !version.is_yanked)
}

/// Whether a chart has something to list.
fn is_listed(versions: &[Arc<Version>]) -> bool {
    versions.iter().any(|version| !version.is_yanked)
}

impl Version {
    /// Its entry as JSON.
    pub(crate) fn json(&self) -> Bytes {
        Bytes::copy_from_slice(self.fragment.json().as_bytes())
    }
}

/// Why there is no version; the texts are Helm's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoVersion {
    #[error("no chart name found")]
    NoName,
    #[error("{0}")]
    Unresolved(ResolveError),
}

fn fragment(
    row: &HostedEntryRow,
    tenant: &str,
    manner: &Manner,
) -> Result<IndexFragment, helm::index::WriteError> {
    let deprecated = match row.is_deprecated {
        true => deprecated(&row.entry),
        false => None,
    };
    let entry = deprecated.as_deref().unwrap_or(&row.entry);
    if manner.chart_url.is_empty() {
        return IndexFragment::from_json(entry, None);
    }
    let base = manner.chart_url.trim_end_matches('/');
    let below = if tenant.is_empty() { "" } else { "/" };
    let url = format!("{base}{below}{tenant}/charts/{}", row.file_name);
    IndexFragment::from_json(entry, Some(&[url]))
}

/// An entry that says of itself that another chart is to be used.
fn deprecated(entry: &str) -> Option<String> {
    let mut entry: serde_json::Map<String, serde_json::Value> = serde_json::from_str(entry).ok()?;
    entry.insert("deprecated".to_owned(), true.into());
    serde_json::to_string(&entry).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use helm::index::{IndexEntry, IndexFormat, IndexFragment};

    use super::{Index, Manner, NoVersion, Piece, is_border};
    use crate::store::{FileState, HostedEntryRow, HostedRepositoryRecord};

    fn at(generation: i64, floor: i64) -> HostedRepositoryRecord {
        HostedRepositoryRecord {
            id: 1,
            tenant: "org/repo".to_owned(),
            name: "hosted.org.repo".to_owned(),
            generation,
            floor,
            changed_ms: 1_000 * generation,
            is_private: false,
        }
    }

    fn row(name: &str, version: &str, state: FileState) -> HostedEntryRow {
        let entry = IndexEntry {
            chart: name.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            urls: vec![format!("charts/{name}-{version}.tgz")],
            api_version: "v2".to_owned(),
            ..IndexEntry::default()
        };
        HostedEntryRow {
            file_name: format!("{name}-{version}.tgz"),
            state,
            name: name.to_owned(),
            version: version.to_owned(),
            entry: IndexFragment::new(&entry).expect("usable").json().to_owned(),
            is_private: false,
            is_deprecated: false,
            is_yanked: false,
        }
    }

    /// How many charts and versions there are.
    fn counts(index: &Index) -> (usize, usize) {
        let n_versions = index.charts.values().map(|versions| versions.len()).sum();
        (index.charts.len(), n_versions)
    }

    fn text(index: &Index, manner: &Manner) -> String {
        String::from_utf8(index.document(manner).plain().concat()).expect("text")
    }

    #[test]
    fn changes_on_top_of_an_index_are_the_index_read_anew() {
        use FileState::{Gone, Live};
        let manner = Manner::default();
        let first = Index::default().after(
            &at(1, 0),
            vec![
                row("web", "1.0.0", Live),
                row("db", "2.0.0", Live),
                row("web", "1.10.0", Live),
            ],
            &manner,
        );
        assert_eq!(counts(&first), (2, 3));
        assert_eq!(first.known(&at(4, 0)), 1);
        let second = first.after(
            &at(4, 0),
            vec![
                row("web", "1.9.0", Live),
                row("db", "2.0.0", Gone),
                row("web", "1.0.0", Gone),
            ],
            &manner,
        );
        let anew = Index::default().after(
            &at(4, 0),
            vec![row("web", "1.10.0", Live), row("web", "1.9.0", Live)],
            &manner,
        );
        assert_eq!(text(&second, &manner), text(&anew, &manner));
        assert_eq!(second.etag(&manner), anew.etag(&manner));
        assert_ne!(second.etag(&manner), first.etag(&manner));
        // Where changes were forgotten, what is known from before does not count.
        assert_eq!(first.known(&at(9, 5)), 0);
        let floored = first.after(&at(9, 5), vec![row("db", "3.0.0", Live)], &manner);
        assert_eq!(counts(&floored), (1, 1));
    }

    #[test]
    fn what_is_private_is_left_out_and_the_part_has_a_tag_of_its_own() {
        let manner = Manner::default();
        let secret = HostedEntryRow {
            is_private: true,
            ..row("secret", "1.0.0", FileState::Live)
        };
        let rows = vec![row("web", "1.0.0", FileState::Live), secret];
        let whole = Arc::new(Index::default().after(&at(1, 0), rows, &manner));
        let part = whole.seen(false, &manner);
        assert!(text(&whole.seen(true, &manner), &manner).contains("secret"));
        assert!(!text(&part, &manner).contains("secret"));
        assert_eq!(part.names().collect::<Vec<_>>(), ["web"]);
        assert!(part.find("secret", "1.0.0").is_none() && part.versions("secret").is_none());
        assert_eq!(part.resolve("secret", "1").map(drop), Err(NoVersion::NoName));
        assert_ne!(part.etag(&manner), whole.etag(&manner));

        let closed = HostedRepositoryRecord {
            is_private: true,
            ..at(2, 0)
        };
        let closed = Arc::new(whole.after(&closed, Vec::new(), &manner));
        assert_eq!(counts(&closed.seen(false, &manner)), (0, 0));
        assert_eq!(counts(&closed.seen(true, &manner)), (2, 2));
    }

    #[test]
    fn a_yanked_version_is_had_by_its_name_alone_and_a_deprecated_chart_says_so() {
        let manner = Manner::default();
        let yanked = HostedEntryRow {
            is_yanked: true,
            ..row("web", "1.1.0", FileState::Live)
        };
        let old = HostedEntryRow {
            is_deprecated: true,
            ..row("old", "1.0.0", FileState::Live)
        };
        let only = HostedEntryRow {
            is_yanked: true,
            ..row("only", "1.0.0", FileState::Live)
        };
        let rows = vec![row("web", "1.0.0", FileState::Live), yanked, old, only];
        let index = Index::default().after(&at(1, 0), rows, &manner);
        let found = |wanted: &str| index.resolve("web", wanted).map(|found| found.version.clone());
        assert_eq!(found("latest"), Ok("1.0.0".to_owned()));
        assert_eq!(found("^1"), Ok("1.0.0".to_owned()));
        assert_eq!(found("1.1.0"), Ok("1.1.0".to_owned()));
        assert_eq!(index.version_names("web").collect::<Vec<_>>(), ["1.0.0"]);
        assert_eq!(index.names().collect::<Vec<_>>(), ["old", "web"]);
        let text = text(&index, &manner);
        assert!(!text.contains("1.1.0") && !text.contains("only"), "{text}");
        assert_eq!(text.matches("deprecated: true").count(), 1, "{text}");
    }

    #[test]
    fn addresses_may_lead_elsewhere_and_the_context_path_is_told() {
        let manner = Manner {
            chart_url: "https://charts.example.com/".to_owned(),
            context_path: "/x".to_owned(),
            ..Manner::default()
        };
        let index = Index::default().after(&at(1, 0), vec![row("web", "1.0.0", FileState::Live)], &manner);
        let text = text(&index, &manner);
        assert!(
            text.contains("https://charts.example.com/org/repo/charts/web-1.0.0.tgz"),
            "{text}"
        );
        assert!(text.contains("serverInfo:\n  contextPath: \"/x\"\n"), "{text}");
    }

    #[test]
    fn versions_are_found_as_helm_finds_them() {
        let rows = ["1.0.0", "1.2.0", "2.0.0-rc.1"].map(|version| row("web", version, FileState::Live));
        let index = Index::default().after(&at(1, 0), rows.into(), &Manner::default());
        let found = |wanted: &str| {
            index
                .resolve("web", wanted)
                .map(|version| version.version.clone())
        };
        assert_eq!(found("latest"), Ok("1.2.0".to_owned()));
        assert_eq!(found("1"), Ok("1.2.0".to_owned()));
        assert_eq!(found("^1.0.0"), Ok("1.2.0".to_owned()));
        assert_eq!(found("2.0.0-rc.1"), Ok("2.0.0-rc.1".to_owned()));
        let words = |wanted: &str| found(wanted).map_err(|error| error.to_string());
        assert_eq!(
            words("3.0.0"),
            Err("no chart version found for web-3.0.0".to_owned())
        );
        assert_eq!(
            words("not-a-version"),
            Err("improper constraint: \"not-a-version\"".to_owned())
        );
        assert_eq!(index.resolve("db", "1").map(drop), Err(NoVersion::NoName));
        let entries = |offset, limit| index.entries(offset, limit).plain().concat();
        assert!(entries(0, Some(1)).starts_with(b"{\"web\":[{"));
        assert_eq!(entries(0, Some(1)), entries(0, None));
        assert_eq!(entries(1, None), b"{}");
    }

    fn manner(format: IndexFormat) -> Manner {
        Manner {
            format,
            ..Manner::default()
        }
    }

    /// Everything that clients can read of an index.
    async fn answers(index: &Arc<Index>, manner: &Manner) -> Vec<Vec<u8>> {
        let mut answers = Vec::new();
        for seen in [true, false] {
            let index = index.seen(seen, manner);
            for document in [index.document(manner), index.entries(0, None)] {
                answers.push(document.plain().concat());
                answers.push(document.gzip().await.expect("it is compressed").concat());
            }
            answers.push(index.entries(3, Some(50)).plain().concat());
        }
        answers
    }

    #[tokio::test]
    async fn whatever_happened_before_the_same_entries_are_the_same_bytes() {
        for format in [IndexFormat::Yaml, IndexFormat::Json] {
            let manner = manner(format);
            // A fixed sequence, so that a failure can be looked at again.
            let mut random = 7_u64;
            let mut next = move |below: u64| {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (random >> 33) % below
            };
            let mut known: BTreeMap<String, HostedEntryRow> = BTreeMap::new();
            let mut index = Arc::new(Index::default());
            for generation in 1..60 {
                let n_changes = if generation == 1 { 500 } else { 1 + next(5) };
                let mut changed = Vec::new();
                for _ in 0..n_changes {
                    // Some charts have many versions and some have one; every fifth is private.
                    let chart = next(40);
                    let name = format!("chart-{:02}", chart * chart / 40);
                    let version = format!("{}.{}.0", next(4), next(12));
                    let state = if next(4) == 0 {
                        FileState::Gone
                    } else {
                        FileState::Live
                    };
                    let row = HostedEntryRow {
                        is_private: (chart * chart / 40).is_multiple_of(5),
                        is_yanked: next(9) == 0,
                        ..row(&name, &version, state)
                    };
                    match state {
                        FileState::Live => known.insert(row.file_name.clone(), row.clone()),
                        _ => known.remove(&row.file_name),
                    };
                    changed.push(row);
                }
                index = Arc::new(index.after(&at(generation, 0), changed, &manner));
                let anew =
                    Index::default().after(&at(generation, 0), known.values().cloned().collect(), &manner);
                let (got, want) = (
                    answers(&index, &manner).await,
                    answers(&Arc::new(anew), &manner).await,
                );
                assert!(got == want, "{format:?}, change {generation}");
            }
            assert!(index.pieces.len() > 4, "{}", index.pieces.len());
            assert!(!index.seen(false, &manner).pieces.is_empty());
            // And when everything is gone.
            let gone = known.into_values().map(|row| HostedEntryRow {
                state: FileState::Gone,
                ..row
            });
            let empty = Arc::new(index.after(&at(60, 0), gone.collect(), &manner));
            let anew = Arc::new(Index::default().after(&at(60, 0), Vec::new(), &manner));
            assert!(answers(&empty, &manner).await == answers(&anew, &manner).await);
            assert_eq!(empty.entries(0, None).plain().concat(), b"{}");
        }
    }

    #[test]
    fn a_change_leaves_all_other_pieces_as_they_are() {
        let manner = Manner::default();
        let rows = (0..1_000).map(|n| row(&format!("chart-{n:03}"), "1.0.0", FileState::Live));
        let first = Index::default().after(&at(1, 0), rows.collect(), &manner);
        assert!(first.pieces.len() > 8, "{}", first.pieces.len());
        for (name, state) in [
            ("chart-500", FileState::Live),
            ("chart-500", FileState::Gone),
            ("chart-500b", FileState::Live),
            ("aaa", FileState::Live),
            ("zzz", FileState::Live),
        ] {
            let next = first.after(&at(2, 0), vec![row(name, "1.0.0", state)], &manner);
            let is_new = |piece: &&Arc<Piece>| !first.pieces.iter().any(|known| Arc::ptr_eq(known, piece));
            let n_new = next.pieces.iter().filter(is_new).count();
            // A border may come or go; and where another chart is the first, it opens the document.
            assert!((1..=2).contains(&n_new), "{name} {state:?}: {n_new}");
        }
    }

    #[test]
    fn names_that_begin_no_piece_do_not_make_a_large_one() {
        let manner = Manner::default();
        let names = (0..20_000).map(|n| format!("chart-{n:05}"));
        let rows = names
            .map(|name| row(&name, "1.0.0", FileState::Live))
            .filter(|row| !is_border(&row.file_name));
        let index = Index::default().after(&at(1, 0), rows.collect(), &manner);
        let longest = index.pieces.iter().map(|piece| piece.text().plain().len()).max();
        assert!(longest.is_some_and(|longest| longest < 256 * 1024), "{longest:?}");
    }
}
