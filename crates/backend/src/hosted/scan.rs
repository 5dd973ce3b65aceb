//! Noticing what others do in the directory: files that are there and not known, that changed, that are gone.
//!
//! A file's size and time tell whether it is the known one, so that a directory of 7,000 known archives costs 7,000 calls
//! of `stat` and no reading. Whether there is reason to look at all, the time of the directory itself tells.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use futures_util::StreamExt as _;

use super::change::{Found, FoundFile};
use super::files::Stat;
use super::package::{Package, Provenance};
use super::tenant::PROVENANCE;
use super::{AT_A_TIME, Hosted, SHARED_LOOK, Scanned, Tenant, blocking, now_ns};
use crate::Result;
use crate::store::{FileState, HostedStatRow};

/// Archives that become known in one transaction.
const BATCH: usize = 64;
/// File systems stamp with a clock that ticks this slowly at worst.
const TICK_NS: i64 = 20_000_000;

/// What a scan found different.
#[derive(Debug, Default)]
struct Differences {
    /// Not known, or not as known.
    new: Vec<(String, Stat)>,
    /// Known and not there.
    gone: Vec<String>,
}

impl Hosted {
    /// Compares a tenant with its directory if there is reason to. `None` if there is neither a directory nor anything
    /// known.
    pub(super) async fn look(&self, name: &str) -> Result<Option<Arc<Tenant>>> {
        let files = self.files.clone();
        let place = name.to_owned();
        let time = blocking(move || files.directory_time(&place)).await??;
        // Only of what exists something is kept in memory: names cost nothing to make up.
        if time.is_none() && self.store.find_hosted(name).await?.is_none() {
            return Ok(None);
        }
        let tenant = self.tenant(name);
        if !self.is_scanned(&tenant, time) {
            // What this process does there is no news, once it has said so.
            let (files, placing) = (self.files.clone(), Arc::clone(&tenant));
            let time =
                blocking(move || placing.directory_time(|| files.directory_time(&placing.name))).await??;
            self.scan_unless(&tenant, time).await?;
        }
        Ok(Some(tenant))
    }

    fn is_scanned(&self, tenant: &Tenant, time: Option<i64>) -> bool {
        let scanned = *tenant.scanned.lock().unwrap_or_else(PoisonError::into_inner);
        scanned.is_some_and(|scanned| {
            // Under constant change no scan is certain: so that they do not follow each other, a twentieth of the time is
            // for them.
            let is_certain = scanned.is_certain || scanned.at.elapsed() < scanned.took * 20;
            let is_unchanged = is_certain && scanned.directory_time == time;
            is_unchanged || (!self.store.is_embedded() && scanned.at.elapsed() < SHARED_LOOK)
        })
    }

    async fn scan_unless(&self, tenant: &Arc<Tenant>, time: Option<i64>) -> Result<()> {
        let scanning = tenant.scanning.lock().await;
        // Another did it while this one waited.
        if !self.is_scanned(tenant, time) {
            self.scan_locked(tenant).await?;
        }
        drop(scanning);
        Ok(())
    }

    /// Compares a tenant with its directory.
    pub(crate) async fn scan(&self, name: &str) -> Result<()> {
        let tenant = self.tenant(name);
        let _scanning = tenant.scanning.lock().await;
        self.scan_locked(&tenant).await
    }

    #[tracing::instrument(name = "hosted.scan", level = "debug", skip_all, fields(tenant = %tenant.name), err)]
    async fn scan_locked(&self, tenant: &Arc<Tenant>) -> Result<()> {
        let (files, place) = (self.files.clone(), Arc::clone(tenant));
        let (now, at) = (now_ns(), Instant::now());
        let (directory_time, listed) = blocking(move || {
            let time = place.begin_scan(|| files.directory_time(&place.name))?;
            io::Result::Ok((time, files.list(&place.name)?))
        })
        .await??;
        // After the listing: what was placed in between is known, and what is known and not listed is asked for once
        // more before it counts as gone.
        let differences = self.compare(tenant, &listed).await?;
        self.take_over(tenant, differences).await?;
        tenant.end_scan(Scanned {
            at,
            took: at.elapsed(),
            directory_time,
            is_certain: directory_time.is_none_or(|time| now.saturating_sub(time) > TICK_NS),
        });
        Ok(())
    }

    async fn compare(&self, tenant: &Tenant, listed: &[(String, Stat)]) -> Result<Differences> {
        let known = match self.store.find_hosted(&tenant.name).await? {
            Some(repository) => self.store.hosted_stats(repository.id).await?,
            None => Vec::new(),
        };
        let mut known: HashMap<&str, &HostedStatRow> =
            known.iter().map(|row| (row.file_name.as_str(), row)).collect();
        let mut differences = Differences::default();
        let mut refused = tenant.refused.lock().unwrap_or_else(PoisonError::into_inner);
        for (file_name, stat) in listed {
            let is_known = match known.remove(file_name.as_str()) {
                Some(row) => is_busy(row) || is_same(row, stat),
                None => refused.get(file_name) == Some(stat),
            };
            if !is_known {
                differences.new.push((file_name.clone(), *stat));
            }
        }
        refused.retain(|refused, _| listed.iter().any(|(listed, _)| listed == refused));
        let gone = known.into_values().filter(|row| !is_busy(row));
        differences.gone = gone.map(|row| row.file_name.clone()).collect();
        // So that the same directory is taken over in the same order.
        differences.new.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(differences)
    }

    /// Compares some files with what is known of them.
    pub(super) async fn reconcile(&self, name: &str, file_names: &[&str]) -> Result<()> {
        let repository = self.store.find_hosted(name).await?;
        let mut differences = Differences::default();
        for file_name in file_names {
            let (files, place, file) = (self.files.clone(), name.to_owned(), (*file_name).to_owned());
            let stat = blocking(move || files.stat(&place, &file)).await??;
            let known = match &repository {
                Some(repository) => self.store.find_hosted_file(repository.id, file_name).await?,
                None => None,
            };
            let known = known.filter(|known| known.state != FileState::Gone);
            match (known, stat) {
                (Some(known), _) if known.state == FileState::Removing || known.staged.is_some() => {}
                (Some(known), Some(stat))
                    if known.size_bytes == stat.size_bytes && known.modified_ns == stat.modified_ns => {}
                (_, Some(stat)) => differences.new.push(((*file_name).to_owned(), stat)),
                (Some(_), None) => differences.gone.push((*file_name).to_owned()),
                (None, None) => {}
            }
        }
        if differences.new.is_empty() && differences.gone.is_empty() {
            return Ok(());
        }
        let tenant = self.tenant(name);
        self.take_over(&tenant, differences).await
    }

    /// Takes over one file that is not known; whether it is known now.
    pub(super) async fn adopt_one(&self, name: &str, file_name: &str) -> Result<bool> {
        self.reconcile(name, &[file_name]).await?;
        let Some(repository) = self.store.find_hosted(name).await? else {
            return Ok(false);
        };
        let known = self.store.find_hosted_file(repository.id, file_name).await?;
        Ok(known.is_some_and(|known| known.state == FileState::Live))
    }

    async fn take_over(&self, tenant: &Arc<Tenant>, differences: Differences) -> Result<()> {
        let Differences { new, gone } = differences;
        if !gone.is_empty() {
            tracing::info!(
                tenant = %tenant.name, n_files = gone.len(),
                "{} hosted files were removed from the directory", gone.len()
            );
            for part in gone.chunks(BATCH) {
                self.note_gone(&tenant.name, part, true).await?;
            }
        }
        let n_new = new.len();
        // While one batch is written, the next is read.
        let (send, mut receive) = tokio::sync::mpsc::channel(1);
        let read = async move {
            let mut reads = futures_util::stream::iter(new)
                .map(|(file_name, stat)| self.read_found(tenant, file_name, stat))
                // In order, so that what comes out does not depend on which thread is faster.
                .buffered(AT_A_TIME);
            let mut batch = Vec::with_capacity(BATCH);
            while let Some(found) = reads.next().await {
                batch.extend(found?);
                if batch.len() >= BATCH {
                    let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                    // Where nobody takes it, writing failed, and says so.
                    let _ = send.send(full).await;
                }
            }
            let _ = send.send(batch).await;
            Result::<()>::Ok(())
        };
        let write = async {
            let mut n_taken = 0;
            while let Some(batch) = receive.recv().await {
                n_taken += self.note_found(&tenant.name, batch).await?;
            }
            Result::<usize>::Ok(n_taken)
        };
        let ((), n_taken) = tokio::try_join!(read, write)?;
        if n_taken > 0 {
            tracing::info!(
                tenant = %tenant.name, n_files = n_taken, n_left_out = n_new - n_taken,
                "{n_taken} hosted files were found in the directory"
            );
        }
        Ok(())
    }

    /// Reads a file that is not known; nothing if it vanished or is not what its name says.
    async fn read_found(
        &self,
        tenant: &Arc<Tenant>,
        file_name: String,
        stat: Stat,
    ) -> Result<Option<FoundFile>> {
        let _permit = self.reading.acquire().await.map_err(crate::Error::internal)?;
        let (files, limits, name, file) = (
            self.files.clone(),
            self.limits,
            tenant.name.clone(),
            file_name.clone(),
        );
        let read = blocking(move || -> io::Result<Option<Result<Found, String>>> {
            use std::io::Read as _;
            let Some(opened) = files.open_file(None, &name, &file)? else {
                return Ok(None);
            };
            if stat.size_bytes.unsigned_abs() > limits.max_compressed_bytes {
                return Ok(Some(Err("it is too large".to_owned())));
            }
            let mut bytes = Vec::new();
            opened.take(limits.max_compressed_bytes).read_to_end(&mut bytes)?;
            let bytes = bytes::Bytes::from(bytes);
            let found = if file.ends_with(PROVENANCE) {
                Provenance::read(bytes).map(Found::Provenance)
            } else {
                Package::read(bytes, &limits).map(|package| {
                    Found::Package(Box::new(Package {
                        // It is on the disk.
                        bytes: bytes::Bytes::new(),
                        ..package
                    }))
                })
            };
            Ok(Some(match found {
                Ok(found) if found.file_name() == file => Ok(found),
                Ok(found) => Err(format!("it holds what is to be called {}", found.file_name())),
                Err(error) => Err(error.to_string()),
            }))
        })
        .await??;
        match read {
            None => Ok(None),
            Some(Ok(found)) => Ok(Some(FoundFile { found, stat })),
            Some(Err(reason)) => {
                tracing::warn!(tenant = %tenant.name, file = %file_name, %reason, "{file_name} is left out: {reason}");
                tenant
                    .refused
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(file_name.clone(), stat);
                // What it was before is not there any more.
                self.note_gone(&tenant.name, &[file_name], false).await?;
                Ok(None)
            }
        }
    }

    /// The tenants that are there: those with a directory and those that are known.
    pub(crate) async fn tenant_names(&self) -> Result<Vec<String>> {
        let (files, depth) = (self.files.clone(), self.depth());
        let mut names = blocking(move || files.tenants(depth)).await??;
        let known = self.store.list_hosted().await?;
        names.extend(known.into_iter().map(|repository| repository.tenant));
        names.retain(|name| self.is_place(name));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Looks at every tenant whose directory changed.
    pub(crate) async fn look_at_all(&self) -> Result<()> {
        for name in self.tenant_names().await? {
            self.look(&name).await?;
        }
        Ok(())
    }

    /// Compares every tenant, whether its directory changed or not: files may have changed in place.
    pub(crate) async fn scan_all(&self) -> Result<()> {
        for name in self.tenant_names().await? {
            self.scan(&name).await?;
        }
        Ok(())
    }
}

impl Tenant {
    /// The directory's time at a moment when nothing of this process is half done there.
    fn directory_time(&self, time: impl Fn() -> io::Result<Option<i64>>) -> io::Result<Option<i64>> {
        let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        time()
    }

    /// Changes the directory. If it was as known before, it is as known after: a change of ours needs no scan.
    pub(super) fn change_directory<T>(
        &self,
        time: impl Fn() -> io::Result<Option<i64>>,
        work: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let mut placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = time()?;
        let done = work()?;
        let after = time()?;
        if let Some(changes) = placing.as_mut() {
            changes.push((before, after));
        }
        let mut scanned = self.scanned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scanned) = scanned.as_mut() {
            scanned.pass(before, after);
        }
        Ok(done)
    }

    /// The directory's time before it is listed. From here on, what this process changes is written down.
    fn begin_scan(&self, time: impl Fn() -> io::Result<Option<i64>>) -> io::Result<Option<i64>> {
        let mut placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        *placing = Some(Vec::new());
        time()
    }

    fn end_scan(&self, mut now: Scanned) {
        let mut placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        for (before, after) in placing.take().unwrap_or_default() {
            now.pass(before, after);
        }
        *self.scanned.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

impl Scanned {
    fn pass(&mut self, before: Option<i64>, after: Option<i64>) {
        if self.directory_time == before {
            self.directory_time = after;
        }
    }
}

/// Somebody is doing something with it.
fn is_busy(row: &HostedStatRow) -> bool {
    row.state != FileState::Live || row.staged.is_some()
}

fn is_same(row: &HostedStatRow, stat: &Stat) -> bool {
    row.size_bytes == stat.size_bytes && row.modified_ns == stat.modified_ns
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    use super::{Scanned, Tenant};

    #[test]
    fn what_this_process_changes_is_no_news_and_what_others_change_is() {
        let (tenant, now) = (Tenant::default(), Cell::new(Some(1)));
        let time = || Ok(now.get());
        let own = |after: i64| {
            let work = || {
                now.set(Some(after));
                Ok(())
            };
            tenant.change_directory(time, work).expect("it is done");
        };
        let known = || {
            tenant
                .scanned
                .lock()
                .expect("unpoisoned")
                .and_then(|scanned| scanned.directory_time)
        };
        let end = |directory_time| {
            tenant.end_scan(Scanned {
                at: Instant::now(),
                took: Duration::ZERO,
                directory_time,
                is_certain: true,
            });
        };
        own(2);
        assert_eq!(known(), None, "nothing is known before the first scan");
        let begun = tenant.begin_scan(time).expect("a time");
        own(3);
        own(4);
        end(begun);
        assert_eq!(known(), Some(4), "changes while it is listed are followed");
        own(5);
        assert_eq!(known(), Some(5));
        now.set(Some(6));
        own(7);
        assert_eq!(known(), Some(5), "somebody else did something in between");
        let begun = tenant.begin_scan(time).expect("a time");
        now.set(Some(8));
        own(9);
        end(begun);
        assert_eq!(known(), Some(7), "also while it is listed");
    }
}
