//! Charts of the catalog: the archive of one version, from the store.

use anyhow::{Context as _, Result, bail};
use backend::{Backend, Viewer};
use bytes::Bytes;
use engine::semver::{Constraint, Version};
use futures_util::TryStreamExt as _;

use crate::cli::{Global, open, runtime};

/// The archive of `repository/name`: of the version asked for, of the newest that a range allows, or of the newest stable.
pub(super) fn archive(global: &Global, repository: &str, name: &str, version: Option<&str>) -> Result<Bytes> {
    let config = global.load()?;
    runtime()?.block_on(async {
        let backend = open(&config).await?;
        let version = match version {
            Some(wanted) => Some(choose(&backend, repository, name, wanted).await?),
            None => None,
        };
        // What everybody may read: the command line is no way around the catalog's rules.
        let viewer = Viewer::anonymous();
        let archive = backend
            .charts()
            .stored_archive(&viewer, repository, name, version.as_deref())
            .await?;
        let chunks: Vec<Bytes> = archive.body.try_collect().await.context("reading the archive")?;
        Ok(chunks.concat().into())
    })
}

/// The exact version, or the newest in the range.
async fn choose(backend: &Backend, repository: &str, name: &str, wanted: &str) -> Result<String> {
    let known = backend
        .charts()
        .versions(&Viewer::anonymous(), repository, name)
        .await?;
    if let Some(exact) = known.iter().find(|version| version.version == wanted) {
        return Ok(exact.version.clone());
    }
    let Ok(range) = Constraint::parse(wanted) else {
        bail!("improper constraint: {wanted}");
    };
    let newest = known
        .iter()
        .filter(|version| !version.yanked)
        .filter_map(|version| Some((Version::parse(&version.version).ok()?, &version.version)))
        .filter(|(version, _)| range.check(version))
        .max_by(|(a, _), (b, _)| a.cmp(b));
    match newest {
        Some((_, version)) => Ok(version.clone()),
        None => {
            bail!("chart {name:?} matching {wanted} not found in {repository} index. (try 'chartroom sync')")
        }
    }
}
