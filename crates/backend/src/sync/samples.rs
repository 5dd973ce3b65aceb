//! The bundled charts, so that a first start has something to show and nothing depends on the network.
//!
//! They go the way of every repository: an index made of their `Chart.yaml` files is taken over, and their archives
//! are found in the object store, where they are put before.

use std::sync::Arc;

use bytes::Bytes;
use helm::archive::ChartFiles;
use model::repository::RepositoryKind;

use super::engine::{Failure, Syncs};
use super::index::IndexBody;
use crate::blobs::{Blobs, Digest};
use crate::store::{ManagedBy, NewRepositoryRecord, StoredSettings};
use crate::{Error, Result};

/// Name of the repository.
const SAMPLES: &str = "samples";

/// Shows the bundled charts when nothing else ever was, and keeps them current where they are shown.
#[tracing::instrument(name = "sync.samples", skip_all, err)]
pub(crate) async fn install_samples(
    syncs: &Arc<Syncs>,
    blobs: &Blobs,
    archives: &[(String, Bytes)],
) -> Result<()> {
    let store = &syncs.store;
    let known = store.find_repository(SAMPLES).await?;
    let repository = match known {
        Some(known) if known.kind == RepositoryKind::Samples => known,
        // Somebody's own repository of that name.
        Some(_) => return Ok(()),
        None => {
            if store.samples_added().await? || !store.list_repositories().await?.is_empty() {
                return Ok(());
            }
            store
                .insert_repository(&NewRepositoryRecord {
                    name: SAMPLES.to_owned(),
                    url: String::new(),
                    kind: RepositoryKind::Samples,
                    managed_by: ManagedBy::Bundle,
                    settings: StoredSettings::default(),
                    created_at: syncs.clock.now(),
                })
                .await?;
            store.set_samples_added().await?;
            store
                .find_repository(SAMPLES)
                .await?
                .ok_or_else(|| Error::not_found("repository", SAMPLES))?
        }
    };
    let index = index_of(archives, syncs)?;
    let digest = Digest::of(&index);
    let is_current = repository.index_digest.as_deref() == Some(digest.0.as_slice());
    if is_current && repository.last_success.is_some() {
        return Ok(());
    }
    for (_, archive) in archives {
        blobs.put(Digest::of(archive), archive.clone()).await?;
    }
    let failed = |failure| match failure {
        Failure::Internal(error) => error,
        Failure::Words(words) => Error::internal(words),
    };
    syncs
        .take_over(&repository, IndexBody::Ours(index))
        .await
        .map_err(failed)?;
    syncs.fetch_samples(&repository).await.map_err(failed)?;
    store.count_repository(repository.id).await?;
    // Due again never: the next release brings other charts, and is another start.
    let never = model::Timestamp(i64::MAX / 2);
    store
        .note_success(repository.id, syncs.clock.now(), never)
        .await?;
    syncs.board.clear(SAMPLES);
    Ok(())
}

/// An index of the archives: every `Chart.yaml` is an entry as it stands.
fn index_of(archives: &[(String, Bytes)], syncs: &Syncs) -> Result<Bytes> {
    let mut by_name: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for (file_name, archive) in archives {
        let files = ChartFiles::from_bytes(archive, syncs.archives.limits()).map_err(Error::internal)?;
        let Some(metadata) = files.find("Chart.yaml") else {
            return Err(Error::internal(format!("{file_name} has no Chart.yaml")));
        };
        let metadata = String::from_utf8_lossy(&metadata.data).into_owned();
        let name = metadata
            .lines()
            .find_map(|line| line.strip_prefix("name:"))
            .unwrap_or_default();
        let name = name.trim().trim_matches(['"', '\'']).to_owned();
        let mut entry = format!("  - urls: [{file_name}]\n    digest: {}\n", files.digest);
        for line in metadata.lines().filter(|line| !line.starts_with("---")) {
            if line.trim().is_empty() {
                entry.push('\n');
            } else {
                entry.push_str("    ");
                entry.push_str(line);
                entry.push('\n');
            }
        }
        by_name.entry(name).or_default().push(entry);
    }
    let mut index = "apiVersion: v1\nentries:\n".to_owned();
    for (name, entries) in by_name {
        index.push_str(&format!("  {name}:\n"));
        entries.iter().for_each(|entry| index.push_str(entry));
    }
    // After the entries, as proof that none is missing.
    index.push_str("generated: \"1970-01-01T00:00:00Z\"\n");
    Ok(Bytes::from(index))
}
