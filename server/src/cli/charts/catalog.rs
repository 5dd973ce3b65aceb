//! Charts of the catalog: the archive of one version, from the store.

use anyhow::{Context as _, Result, bail};
use backend::{Backend, Viewer};
use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::{Purpose, VersionFlags};
use crate::cli::{Global, open, runtime, terminal, verify};

/// The archive of `repository/name`: of the version asked for, of the newest that a range allows, or of the newest stable.
pub(super) fn archive(
    global: &Global,
    repository: &str,
    name: &str,
    flags: &VersionFlags,
    purpose: Purpose,
) -> Result<Bytes> {
    let version = flags.wanted();
    let config = global.load()?;
    runtime()?.block_on(async {
        let backend = open(&config).await?;
        // What everybody may read: the command line is no way around the catalog's rules.
        let viewer = Viewer::anonymous();
        let version = match version {
            Some(wanted) => Some(choose(&backend, &viewer, repository, name, wanted).await?),
            None => None,
        };
        let charts = backend.charts();
        let archive = match purpose {
            Purpose::Look => {
                charts
                    .stored_archive(&viewer, repository, name, version.as_deref())
                    .await?
            }
            Purpose::Install => {
                let (archive, concern) = charts
                    .installable_archive(&viewer, repository, name, version.as_deref())
                    .await?;
                if let Some(concern) = concern {
                    terminal::complain(&format!("WARNING: {concern}"));
                }
                archive
            }
        };
        let file_name = archive.file_name.clone();
        let chunks: Vec<Bytes> = archive.body.try_collect().await.context("reading the archive")?;
        let archive = chunks.concat();
        if let Some(keyring) = flags.keyring() {
            let keyring = keyring.read()?;
            let stem = file_name.strip_suffix(".tgz").unwrap_or(&file_name);
            let version = stem.get(name.len() + 1..).unwrap_or_default();
            let provenance = backend
                .mirrors()
                .stored_provenance(&viewer, repository, name, version)
                .await;
            let provenance =
                provenance.with_context(|| format!("could not load provenance file {file_name}.prov"))?;
            verify::bytes(&keyring, &archive, &provenance, &file_name)?;
        }
        Ok(archive.into())
    })
}

/// The exact version, or the newest in the range.
async fn choose(
    backend: &Backend,
    viewer: &Viewer,
    repository: &str,
    name: &str,
    wanted: &str,
) -> Result<String> {
    match backend
        .charts()
        .choose_version(viewer, repository, name, wanted)
        .await
    {
        // In helm's words, without the field, which is the flag that was just typed.
        Err(backend::Error::Invalid { message, .. }) => bail!("{message}"),
        Err(backend::Error::NotFound { what: "version", .. }) => {
            bail!("chart {name:?} matching {wanted} not found in {repository} index. (try 'chartroom sync')")
        }
        other => Ok(other?),
    }
}
