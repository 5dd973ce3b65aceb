//! Changes: uploads, deletions, and what a scan found. Each is one transaction, after which everybody sees it everywhere.
//!
//! Locks are taken in one order: the count of the catalog, then the repository. Under the repository's, files come to their
//! place and go from it, so that no two processes move the same name at once.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use model::Timestamp;
use model::repository::RepositoryKind;
use model::webhook::WebhookEvent;

use super::copy::Copied;
use super::files::{Files, KeepError, Stat};
use super::outbox::Happening;
use super::package::{Package, Provenance};
use super::tenant::repository_name;
use super::{Hosted, blocking};
use crate::store::{
    AuditRecord, FileState, HostedFileRecord, HostedRepositoryRecord, ManagedBy, NewHostedFile,
    NewRepositoryRecord, StoredSettings, Tx,
};
use crate::{Error, Result, drawn};

/// Something found in the directory.
#[derive(Debug)]
pub(super) enum Found {
    Package(Box<Package>),
    Provenance(Provenance),
}

/// With how it looked when it was read.
#[derive(Debug)]
pub(super) struct FoundFile {
    pub(super) found: Found,
    pub(super) stat: Stat,
}

impl Found {
    pub(super) fn file_name(&self) -> &str {
        match self {
            Self::Package(package) => &package.file_name,
            Self::Provenance(provenance) => &provenance.file_name,
        }
    }
}

/// What an upload left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) package: Option<KeptVersion>,
    /// The file name of a provenance file.
    pub(crate) provenance: Option<String>,
}

/// A version that was uploaded.
#[derive(Clone, Debug)]
pub(crate) struct KeptVersion {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) digest: String,
    pub(crate) file_name: String,
    pub(crate) oddities: Vec<String>,
}

/// Why an upload left nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    /// A file of that name is there.
    #[error("{file_name} exists already")]
    Exists { file_name: String },
    /// The tenant has as many files as it may.
    #[error("the repository has reached its limit of {limit} files")]
    TooManyFiles { limit: u64 },
    /// There is no room.
    #[error("there is no room for {n_bytes} more bytes")]
    Full { n_bytes: u64 },
    /// It did not work.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<crate::store::StoreError> for UploadError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// What is uploaded together.
pub(crate) struct Upload {
    pub(crate) package: Option<Package>,
    pub(crate) provenance: Option<Provenance>,
    /// What is there may be replaced.
    pub(crate) may_replace: bool,
    /// It was here before and was deleted.
    pub(crate) restored: Option<Restored>,
    /// It is that of another tenant.
    pub(crate) copied: Option<Copied>,
    pub(crate) audit: AuditRecord,
}

/// A deleted version that comes back.
pub(crate) struct Restored {
    /// Its key among those that were deleted.
    pub(crate) id: i64,
    /// When it came first, in nanoseconds since 1970.
    pub(crate) created_ns: i64,
}

/// Bytes on the disk that go away again unless they are kept.
struct Staged {
    files: Files,
    name: String,
    is_kept: bool,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_kept {
            self.files.unstage(&self.name);
        }
    }
}

/// A version's place in the counts: what one change adds to them.
#[derive(Clone, Copy, Default)]
struct Counts {
    n_charts: i64,
    n_versions: i64,
}

/// A chart that versions are put into.
struct InHand {
    id: i64,
    is_deprecated: bool,
    n_versions: i64,
    /// Versions of it that are had by their exact names alone.
    yanked: Vec<String>,
}

/// One transaction on one repository.
pub(super) struct Change<'a> {
    pub(super) hosted: &'a Hosted,
    pub(super) tx: Tx,
    /// Of the catalog.
    pub(super) generation: i64,
    pub(super) repository: HostedRepositoryRecord,
    /// Of the index.
    pub(super) index_generation: i64,
    counts: Counts,
    /// Charts that versions were put into, by name: what is asked of a chart is asked once for all of its versions.
    charts: HashMap<String, InHand>,
    /// Their keys: they are described anew when everything is in.
    stale: BTreeSet<i64>,
    pub(super) now: Timestamp,
    now_ms: i64,
    /// Some chart is gone altogether.
    lost_chart: bool,
    /// Files to bring to their place or to remove when it is done.
    open: Vec<String>,
    /// What webhooks are told.
    pub(super) happened: Vec<Happening>,
}

impl Hosted {
    /// Begins a change. A tenant without a repository gets one if `creates`; else there is nothing to change.
    pub(super) async fn begin(&self, tenant: &str, creates: bool) -> Result<Option<Change<'_>>> {
        let (now, now_ms) = (self.clock.now(), self.clock.now_ms());
        let mut tx = self.store.begin().await?;
        let generation = tx.bump_generation().await?;
        let repository = match tx.get_hosted(tenant).await? {
            Some(repository) => repository,
            None if creates => {
                let name = repository_name(&self.settings.name, tenant);
                let url = match tenant {
                    "" => self.base_path.clone(),
                    tenant => format!("{}/{tenant}", self.base_path),
                };
                let new = NewRepositoryRecord {
                    name: name.clone(),
                    // An empty one means that there is no address: at the root there is one.
                    url: if url.is_empty() { "/".to_owned() } else { url },
                    kind: RepositoryKind::Hosted,
                    managed_by: ManagedBy::Config,
                    settings: StoredSettings::default(),
                    created_at: now,
                };
                let Some(id) = tx.insert_repository(&new).await? else {
                    return Err(Error::Conflict {
                        what: format!("repository `{name}`"),
                        reason: "another repository has this name: set `hosted.name` to another".to_owned(),
                    });
                };
                tx.insert_hosted(id, tenant, now_ms).await?;
                let made = tx.get_hosted(tenant).await?;
                made.ok_or_else(|| Error::not_found("repository", name))?
            }
            None => return Ok(None),
        };
        let index_generation = tx.bump_hosted(repository.id, now_ms).await?;
        Ok(Some(Change {
            hosted: self,
            tx,
            generation,
            repository,
            index_generation,
            counts: Counts::default(),
            charts: HashMap::new(),
            stale: BTreeSet::new(),
            now,
            now_ms,
            lost_chart: false,
            open: Vec::new(),
            happened: Vec::new(),
        }))
    }

    /// Takes an upload: all of it, or nothing.
    #[tracing::instrument(name = "hosted.upload", skip_all, fields(tenant = %tenant))]
    pub(crate) async fn upload(&self, tenant: &str, upload: Upload) -> Result<Taken, UploadError> {
        let Upload {
            package,
            provenance,
            may_replace,
            restored,
            copied,
            audit,
        } = upload;
        let names: Vec<String> = package
            .iter()
            .map(|package| package.file_name.clone())
            .chain(provenance.iter().map(|provenance| provenance.file_name.clone()))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // What others did with these very names counts before ours, and what was deleted is out of the way.
        self.reconcile(tenant, &names).await?;
        self.finish_all(tenant, &names).await?;
        let staged_package = match &package {
            Some(package) => Some(self.stage(package.bytes.clone()).await?),
            None => None,
        };
        let staged_provenance = match &provenance {
            Some(provenance) => Some(self.stage(provenance.bytes.clone()).await?),
            None => None,
        };
        let begun = self.begin(tenant, true).await?;
        let Some(mut change) = begun else {
            return Err(Error::not_found("repository", tenant).into());
        };
        let mut n_new = 0;
        let mut replaced = None;
        for name in &names {
            let known = change.known(name).await?;
            let is_same_version = known.as_ref().is_none_or(|known| {
                package.as_ref().is_none_or(|package| {
                    package.file_name != **name
                        || (known.name == package.metadata.name && known.version == package.metadata.version)
                })
            });
            match known {
                // `a-1` of `2.0.0` and `a` of `1-2.0.0` have one file name: neither replaces the other.
                Some(_) if !may_replace || !is_same_version => {
                    return Err(UploadError::Exists {
                        file_name: (*name).to_owned(),
                    });
                }
                Some(known)
                    if package
                        .as_ref()
                        .is_some_and(|package| package.file_name == **name) =>
                {
                    replaced = Some(known);
                }
                Some(_) => {}
                None => n_new += 1,
            }
        }
        let limit = self.settings.max_objects;
        if limit > 0 && n_new > 0 {
            let n_files = change.tx.count_hosted_files(change.repository.id).await?;
            if n_files.unsigned_abs() + n_new > limit {
                return Err(UploadError::TooManyFiles { limit });
            }
        }
        let mut taken = Taken::default();
        if let (Some(package), Some(staged)) = (&package, &staged_package) {
            let mut yanked = None;
            if let Some(copied) = &copied {
                yanked = change.receive(copied, package).await?;
            }
            change.make_room_for(package, &audit.actor).await?;
            let stat = Stat {
                size_bytes: package.size_bytes,
                modified_ns: restored.as_ref().map_or(0, |restored| restored.created_ns),
            };
            let (name, version) = (&package.metadata.name, &package.metadata.version);
            let id = change.repository.id;
            if restored.is_some() {
                yanked = change.tx.yanked_reason(id, name, version).await?;
            }
            change
                .put_package(package, stat, Some(&staged.name), replaced.as_ref())
                .await?;
            if let Some(reason) = yanked {
                change.yank(name, version, Some(&reason)).await?;
            }
            let event = match &restored {
                Some(_) => WebhookEvent::Restored,
                None => WebhookEvent::Pushed,
            };
            change
                .happened
                .push(Happening::of_package(event, package, &audit.actor));
            let uploader = audit.actor.as_str();
            change.tx.note_uploader(id, &package.file_name, uploader).await?;
            taken.package = Some(KeptVersion {
                name: package.metadata.name.clone(),
                version: package.metadata.version.clone(),
                digest: package.digest.to_hex(),
                file_name: package.file_name.clone(),
                oddities: package.oddities.clone(),
            });
        }
        if let (Some(provenance), Some(staged)) = (&provenance, &staged_provenance) {
            let stat = Stat {
                size_bytes: i64::try_from(provenance.bytes.len()).unwrap_or(i64::MAX),
                modified_ns: 0,
            };
            change
                .put_provenance(provenance, stat, Some(&staged.name))
                .await?;
            taken.provenance = Some(provenance.file_name.clone());
        }
        if let Some(restored) = &restored {
            let id = change.repository.id;
            let taken = change.tx.take_deleted(id, restored.id).await?;
            // Somebody else was faster: they have it, or it is gone for good.
            taken.ok_or_else(|| Error::not_found("deleted version", restored.id.to_string()))?;
        }
        change.tx.append_audit(&audit).await?;
        // Kept from here on: whether a commit that was interrupted took place, nobody knows yet.
        let mut staged: Vec<Staged> = staged_package.into_iter().chain(staged_provenance).collect();
        staged.iter_mut().for_each(|staged| staged.is_kept = true);
        match change.commit().await {
            Ok(done) => {
                self.settle(done).await;
                Ok(taken)
            }
            Err(error) => {
                // Where the database says that it did not, nothing is left of it.
                if let Ok(named) = self.store.staged_files().await {
                    staged
                        .iter_mut()
                        .for_each(|staged| staged.is_kept = named.contains(&staged.name));
                }
                Err(error.into())
            }
        }
    }

    /// Brings all of these files to where their rows say.
    pub(super) async fn finish_all(&self, tenant: &str, names: &[&str]) -> Result<()> {
        let Some(repository) = self.store.find_hosted(tenant).await? else {
            return Ok(());
        };
        for name in names {
            let known = self.store.find_hosted_file(repository.id, name).await?;
            if known.is_some_and(|known| known.state == FileState::Removing || known.staged.is_some()) {
                self.finish(repository.id, tenant, name).await?;
            }
        }
        Ok(())
    }

    /// Notes files that are not there any more: if `is_absent`, only those that really are not.
    pub(super) async fn note_gone(&self, tenant: &str, names: &[String], is_absent: bool) -> Result<()> {
        let Some(mut change) = self.begin(tenant, false).await? else {
            return Ok(());
        };
        let mut is_changed = false;
        for name in names {
            let Some(known) = change.known(name).await? else {
                continue;
            };
            if known.staged.is_some() || (is_absent && self.stat(tenant, name).await?.is_some()) {
                continue;
            }
            change.remove(&known, FileState::Gone, None).await?;
            is_changed = true;
        }
        if is_changed {
            let done = change.commit().await?;
            self.settle(done).await;
        }
        Ok(())
    }

    /// Notes what was found in the directory; how much of it.
    pub(super) async fn note_found(&self, tenant: &str, found: Vec<FoundFile>) -> Result<usize> {
        if found.is_empty() {
            return Ok(0);
        }
        let Some(mut change) = self.begin(tenant, true).await? else {
            return Ok(0);
        };
        let names: Vec<String> = found.iter().map(|one| one.found.file_name().to_owned()).collect();
        let (files, place) = (self.files.clone(), tenant.to_owned());
        // Under the lock, under which our own processes move files: else one that is being deleted would come back.
        let stats = blocking(move || {
            let stat = |name: &String| files.stat(&place, name);
            names.iter().map(stat).collect::<std::io::Result<Vec<_>>>()
        })
        .await??;
        let mut n_taken = 0;
        for (FoundFile { found, stat }, now) in found.into_iter().zip(stats) {
            if now != Some(stat) {
                continue;
            }
            let file_name = found.file_name().to_owned();
            let known = change
                .tx
                .get_hosted_file(change.repository.id, &file_name)
                .await?;
            match known {
                Some(known) if known.staged.is_some() || known.state == FileState::Removing => continue,
                Some(known) if known.state == FileState::Live && known.digest == found.digest() => {
                    // Copied over itself, or restored: the same with another time.
                    let id = change.repository.id;
                    change
                        .tx
                        .note_hosted_stat(id, &file_name, stat.size_bytes, stat.modified_ns)
                        .await?;
                }
                known => match &found {
                    Found::Package(package) => {
                        let known = known.filter(|known| known.state == FileState::Live);
                        change.put_package(package, stat, None, known.as_ref()).await?;
                    }
                    Found::Provenance(provenance) => change.put_provenance(provenance, stat, None).await?,
                },
            }
            n_taken += 1;
        }
        if n_taken > 0 {
            let done = change.commit().await?;
            self.settle(done).await;
        }
        Ok(n_taken)
    }

    async fn stat(&self, tenant: &str, file_name: &str) -> Result<Option<Stat>> {
        let (files, tenant, file_name) = (self.files.clone(), tenant.to_owned(), file_name.to_owned());
        Ok(blocking(move || files.stat(&tenant, &file_name)).await??)
    }

    async fn stage(&self, bytes: Bytes) -> Result<Staged, UploadError> {
        let name = hex::encode(drawn::bytes::<16>()?);
        let files = self.files.clone();
        let staged = Staged {
            files: files.clone(),
            name: name.clone(),
            is_kept: false,
        };
        let (again, copy) = (name.clone(), bytes.clone());
        let mut kept = blocking(move || files.stage(&name, &bytes)).await?;
        if matches!(kept, Err(KeepError::Full { .. })) && self.purge_all().await? > 0 {
            // What was deleted is worth less than what comes.
            let files = self.files.clone();
            kept = blocking(move || files.stage(&again, &copy)).await?;
        }
        match kept {
            Ok(()) => Ok(staged),
            Err(KeepError::Full { n_bytes }) => Err(UploadError::Full { n_bytes }),
            Err(error @ KeepError::Io(_)) => Err(Error::internal(error).into()),
        }
    }

    /// What is left to do once a change is everybody's. It is true by now whatever happens here, and what fails is done by
    /// [`Hosted::recover`].
    pub(super) async fn settle(&self, done: Done) {
        for file_name in &done.open {
            if let Err(error) = self.finish(done.repository_id, &done.tenant, file_name).await {
                tracing::error!(
                    tenant = %done.tenant, file = %file_name, error = %error.chain(),
                    "{file_name} cannot be brought to its place or removed; it is tried again later"
                );
            }
        }
        if done.has_messages {
            self.outbox.notify_one();
        }
        self.board.ring(&done.repository);
    }

    /// Brings a file to its place, or removes it, as its row says.
    pub(super) async fn finish(&self, repository_id: i64, tenant: &str, file_name: &str) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.lock_hosted(repository_id).await?;
        let Some(row) = tx.get_hosted_file(repository_id, file_name).await? else {
            return Ok(());
        };
        let (files, place, name) = (self.files.clone(), tenant.to_owned(), file_name.to_owned());
        let kept = row.kept;
        let directory = self.tenant(tenant);
        let (of_time, at) = (self.files.clone(), tenant.to_owned());
        let time = move || of_time.directory_time(&at);
        match (row.state, row.staged) {
            (FileState::Removing, _) => {
                let work = move || match &kept {
                    Some(kept) => files.keep(&place, &name, kept),
                    None => files.remove(&place, &name),
                };
                blocking(move || directory.change_directory(time, work)).await??;
                tx.note_hosted_removed(repository_id, file_name).await?;
            }
            (FileState::Live, Some(staged)) => {
                let work = move || files.place(&staged, &place, &name);
                let stat = blocking(move || directory.change_directory(time, work)).await??;
                tx.note_hosted_stat(repository_id, file_name, stat.size_bytes, stat.modified_ns)
                    .await?;
            }
            // Another process did it.
            _ => return Ok(()),
        }
        tx.commit().await?;
        Ok(())
    }
}

/// A change that is everybody's.
pub(super) struct Done {
    repository_id: i64,
    repository: String,
    tenant: String,
    open: Vec<String>,
    /// Something is to be sent to webhooks.
    has_messages: bool,
}

impl Change<'_> {
    /// The file of that name, if it is there.
    pub(super) async fn known(&mut self, file_name: &str) -> Result<Option<HostedFileRecord>> {
        let known = self.tx.get_hosted_file(self.repository.id, file_name).await?;
        Ok(known.filter(|known| known.state == FileState::Live))
    }

    /// Deletes the versions of the chart that were uploaded first, until one more is not too many.
    async fn make_room_for(&mut self, package: &Package, by: &str) -> Result<()> {
        let limit = usize::try_from(self.hosted.settings.max_versions_per_chart).unwrap_or(usize::MAX);
        if limit == 0 {
            return Ok(());
        }
        let versions = self
            .tx
            .hosted_files_of(self.repository.id, &package.metadata.name)
            .await?;
        let others: Vec<_> = versions
            .into_iter()
            .filter(|version| version.file_name != package.file_name)
            .collect();
        let n_too_many = (others.len() + 1).saturating_sub(limit);
        for version in others.iter().take(n_too_many) {
            self.happened
                .push(Happening::of_file(WebhookEvent::Deleted, version, by));
            self.remove(version, FileState::Removing, None).await?;
            let provenance = format!("{}{}", version.file_name, ".prov");
            if let Some(known) = self.known(&provenance).await? {
                self.remove(&known, FileState::Removing, None).await?;
            }
        }
        Ok(())
    }

    /// A chart of that name, new or not.
    async fn chart(&mut self, name: &str) -> Result<&mut InHand> {
        if !self.charts.contains_key(name) {
            let repository_id = self.repository.id;
            let chart = InHand {
                n_versions: self.tx.count_hosted_files_of(repository_id, name).await?,
                is_deprecated: self.tx.is_chart_deprecated(repository_id, name).await?,
                yanked: self.tx.yanked_versions(repository_id, name).await?,
                id: self
                    .tx
                    .insert_chart(repository_id, name, self.now, self.generation)
                    .await?,
            };
            self.stale.insert(chart.id);
            self.charts.insert(name.to_owned(), chart);
        }
        let chart = self.charts.get_mut(name);
        chart.ok_or_else(|| Error::not_found("chart", name))
    }

    /// Puts a version into the catalog and the index, new or in the place of the same; `known` is what is at its place.
    async fn put_package(
        &mut self,
        package: &Package,
        stat: Stat,
        staged: Option<&str>,
        known: Option<&HostedFileRecord>,
    ) -> Result<()> {
        let repository_id = self.repository.id;
        let (name, version) = (&package.metadata.name, &package.metadata.version);
        let is_same = |known: &&HostedFileRecord| known.name == *name && known.version == *version;
        if let Some(another) = known.filter(|known| !is_same(known)) {
            self.remove(another, FileState::Gone, None).await?;
        }
        let created_ms = match staged {
            Some(_) if stat.modified_ns == 0 => self.now_ms,
            _ => stat.modified_ns.div_euclid(1_000_000),
        };
        let is_new = known.filter(is_same).is_none();
        let chart = self.chart(name).await?;
        let is_first = chart.n_versions == 0;
        chart.n_versions += i64::from(is_new);
        let was_yanked = chart.yanked.contains(version);
        let record = package.record(created_ms);
        let record = crate::store::EntryRecord {
            chart_id: chart.id,
            deprecated: record.deprecated || chart.is_deprecated,
            ..record
        };
        if is_new {
            self.counts.n_versions += 1;
            self.counts.n_charts += i64::from(is_first);
        }
        if was_yanked {
            // It is another, of which nobody has said anything yet.
            self.tx.set_yanked(repository_id, name, version, None).await?;
        }
        let version_id = self
            .tx
            .put_read_version(&record, package.size_bytes, &package.contents)
            .await?;
        let fragment = package.fragment(created_ms).map_err(Error::internal)?;
        let file = NewHostedFile {
            file_name: &package.file_name,
            generation: self.index_generation,
            chart_version_id: Some(version_id),
            name,
            version,
            digest: &package.digest.0,
            size_bytes: stat.size_bytes,
            modified_ns: if staged.is_some() {
                self.now_ms.saturating_mul(1_000_000)
            } else {
                stat.modified_ns
            },
            staged,
            entry: fragment.json(),
        };
        self.tx.put_hosted_file(repository_id, &file).await?;
        if staged.is_some() {
            self.open.push(package.file_name.clone());
        }
        Ok(())
    }

    async fn put_provenance(
        &mut self,
        provenance: &Provenance,
        stat: Stat,
        staged: Option<&str>,
    ) -> Result<()> {
        let file = NewHostedFile {
            file_name: &provenance.file_name,
            generation: self.index_generation,
            chart_version_id: None,
            name: "",
            version: "",
            digest: &provenance.digest.0,
            size_bytes: stat.size_bytes,
            modified_ns: stat.modified_ns,
            staged,
            entry: "",
        };
        self.tx.put_hosted_file(self.repository.id, &file).await?;
        if staged.is_some() {
            self.open.push(provenance.file_name.clone());
        }
        Ok(())
    }

    /// Takes a file out of index, catalog and pages; `kept` says where its bytes are to stay.
    pub(super) async fn remove(
        &mut self,
        known: &HostedFileRecord,
        state: FileState,
        kept: Option<&str>,
    ) -> Result<()> {
        // It may be gone with its last version.
        self.charts.remove(&known.name);
        if let Some(id) = known.chart_version_id
            && let Some((chart_id, is_last)) = self.tx.delete_version(id).await?
        {
            self.counts.n_versions -= 1;
            if is_last {
                self.counts.n_charts -= 1;
                self.lost_chart = true;
            } else {
                self.tx.refresh_chart(chart_id, self.generation).await?;
            }
        }
        let id = self.repository.id;
        self.tx
            .remove_hosted_file(id, &known.file_name, state, self.index_generation, kept)
            .await?;
        if state == FileState::Removing {
            self.open.push(known.file_name.clone());
        }
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<Done> {
        for chart_id in std::mem::take(&mut self.stale) {
            if let Some(newest) = self.tx.refresh_chart(chart_id, self.generation).await?
                && let Some(url) = &newest.icon_url
            {
                self.tx.want_icon(self.repository.id, url).await?;
            }
        }
        let Counts { n_charts, n_versions } = self.counts;
        self.tx
            .adjust_counts(self.repository.id, n_charts, n_versions, self.now)
            .await?;
        if self.lost_chart {
            // A chart that is gone does not tell so by its row.
            self.tx.bump_full_generation().await?;
        }
        let has_messages = self.leave_messages().await?;
        self.tx.commit().await?;
        Ok(Done {
            has_messages,
            repository_id: self.repository.id,
            repository: self.repository.name,
            tenant: self.repository.tenant,
            open: self.open,
        })
    }
}

impl Found {
    fn digest(&self) -> &[u8] {
        match self {
            Self::Package(package) => &package.digest.0,
            Self::Provenance(provenance) => &provenance.digest.0,
        }
    }
}
