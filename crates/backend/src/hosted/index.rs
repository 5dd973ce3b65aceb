//! A tenant's index in memory: versions as ready text, put together when somebody asks.
//!
//! The database counts changes, as for the catalog: a reader asks for the count, and reads what changed since. So every
//! process on one database answers with what was committed last, and with the same bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use helm::index::{
    IndexFormat, IndexFragment, ResolveError, Timestamp, assemble, assemble_entries, assemble_versions,
    resolve, sort_newest_first,
};

use crate::store::{FileState, HostedEntryRow, HostedRepositoryRecord};

/// One version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) version: String,
    pub(crate) file_name: String,
    fragment: IndexFragment,
    /// Its chart is private.
    is_private: bool,
    /// It is had by its exact name alone.
    is_yanked: bool,
}

/// The index at one count of changes; what it is written as is made once.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) generation: i64,
    changed_ms: i64,
    repository_id: i64,
    charts: BTreeMap<Arc<str>, Arc<[Version]>>,
    /// All of it is private.
    is_private: bool,
    /// Some of it is not for everybody.
    has_private: bool,
    /// Private charts are left out of this one.
    is_part: bool,
    public: OnceLock<Arc<Self>>,
    yaml: OnceLock<Bytes>,
    json: OnceLock<Bytes>,
    entries: OnceLock<Bytes>,
}

/// How indexes are written here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manner {
    /// What the addresses of archives begin with; empty makes them relative.
    pub(crate) chart_url: String,
    /// `serverInfo.contextPath`, for `helm cm-push`; none where it is empty.
    pub(crate) context_path: String,
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
        let mut changed: BTreeMap<Arc<str>, Vec<Version>> = BTreeMap::new();
        let mut charts = if self.repository_id == repository.id && self.generation >= repository.floor {
            self.charts.clone()
        } else {
            BTreeMap::new()
        };
        for row in rows {
            if row.name.is_empty() {
                continue;
            }
            let versions = changed.entry(Arc::from(row.name.as_str())).or_insert_with(|| {
                charts
                    .get(row.name.as_str())
                    .map(|versions| versions.to_vec())
                    .unwrap_or_default()
            });
            versions.retain(|known| known.file_name != row.file_name);
            if row.state != FileState::Live {
                continue;
            }
            match fragment(&row, &repository.tenant, manner) {
                Ok(fragment) => versions.push(Version {
                    version: row.version,
                    file_name: row.file_name,
                    fragment,
                    is_private: row.is_private,
                    is_yanked: row.is_yanked,
                }),
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
            charts,
            ..Self::default()
        }
    }

    /// The index for somebody: itself for those who see private charts, and for all where there are none.
    pub(crate) fn seen(self: &Arc<Self>, sees_private: bool) -> Arc<Self> {
        if sees_private || !self.has_private {
            return Arc::clone(self);
        }
        let made = || {
            let is_shown =
                |versions: &[Version]| !self.is_private && !versions.iter().any(|one| one.is_private);
            let shown = self.charts.iter().filter(|(_, versions)| is_shown(versions));
            Arc::new(Self {
                generation: self.generation,
                changed_ms: self.changed_ms,
                repository_id: self.repository_id,
                charts: shown
                    .map(|(name, versions)| (Arc::clone(name), Arc::clone(versions)))
                    .collect(),
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
    pub(crate) fn document(&self, format: IndexFormat, manner: &Manner) -> Bytes {
        let ready = match format {
            IndexFormat::Yaml => &self.yaml,
            IndexFormat::Json => &self.json,
        };
        ready
            .get_or_init(|| {
                let generated = Timestamp {
                    seconds: self.changed_ms.div_euclid(1000),
                    nanoseconds: u32::try_from(self.changed_ms.rem_euclid(1000) * 1_000_000).unwrap_or(0),
                };
                let info = [("contextPath", manner.context_path.as_str())];
                let info = match manner.context_path.is_empty() {
                    true => &[][..],
                    false => &info[..],
                };
                Bytes::from(assemble(format, self.parts(), generated, info))
            })
            .clone()
    }

    /// Changes when the document does; the same in every process.
    pub(crate) fn etag(&self, format: IndexFormat) -> String {
        let format = match format {
            IndexFormat::Yaml => 'y',
            IndexFormat::Json => 'j',
        };
        format!(
            "\"{:x}-{:x}-{:x}{}{format}\"",
            self.repository_id,
            self.generation,
            self.changed_ms,
            // Nobody is told that the part that they have is the whole.
            if self.is_part { "p" } else { "" }
        )
    }

    /// Charts with their versions as JSON: all, or so many after the first so many.
    pub(crate) fn entries(&self, offset: usize, limit: Option<usize>) -> Bytes {
        if offset == 0 && limit.is_none() {
            let ready = self
                .entries
                .get_or_init(|| Bytes::from(assemble_entries(self.parts())));
            return ready.clone();
        }
        let part = self.parts().skip(offset).take(limit.unwrap_or(usize::MAX));
        Bytes::from(assemble_entries(part))
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
            .filter(|version| !version.is_yanked || version.version == wanted)
            .collect();
        resolve(name, &listed, |version| version.version.as_str(), wanted)
            .copied()
            .map_err(NoVersion::Unresolved)
    }

    /// The version of exactly that name.
    pub(crate) fn find(&self, name: &str, version: &str) -> Option<&Version> {
        let versions = self.charts.get(name)?;
        versions.iter().find(|known| known.version == version)
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

    fn parts(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &IndexFragment>)> {
        let listed = self.charts.iter().filter(|(_, versions)| is_listed(versions));
        listed.map(|(name, versions)| {
            let versions = versions.iter().filter(|version| !version.is_yanked);
            (&**name, versions.map(|version| &version.fragment))
        })
    }
}

/// Whether a chart has something to list.
fn is_listed(versions: &[Version]) -> bool {
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
    use std::sync::Arc;

    use helm::index::{IndexEntry, IndexFormat, IndexFragment};

    use super::{Index, Manner, NoVersion};
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
        String::from_utf8(index.document(IndexFormat::Yaml, manner).to_vec()).expect("text")
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
        assert_eq!(second.etag(IndexFormat::Yaml), anew.etag(IndexFormat::Yaml));
        assert_ne!(second.etag(IndexFormat::Yaml), first.etag(IndexFormat::Yaml));
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
        let part = whole.seen(false);
        assert!(text(&whole.seen(true), &manner).contains("secret"));
        assert!(!text(&part, &manner).contains("secret"));
        assert_eq!(part.names().collect::<Vec<_>>(), ["web"]);
        assert!(part.find("secret", "1.0.0").is_none() && part.versions("secret").is_none());
        assert_eq!(part.resolve("secret", "1").map(drop), Err(NoVersion::NoName));
        assert_ne!(part.etag(IndexFormat::Yaml), whole.etag(IndexFormat::Yaml));

        let closed = HostedRepositoryRecord {
            is_private: true,
            ..at(2, 0)
        };
        let closed = Arc::new(whole.after(&closed, Vec::new(), &manner));
        assert_eq!(counts(&closed.seen(false)), (0, 0));
        assert_eq!(counts(&closed.seen(true)), (2, 2));
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
        assert_eq!(&index.entries(0, Some(1))[..8], b"{\"web\":[");
        assert_eq!(&index.entries(1, None)[..], b"{}");
    }
}
