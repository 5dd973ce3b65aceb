//! A version of one tenant as an upload to another: the same bytes, with what OCI clients pushed about them.
//!
//! What it was copied from is looked at again in the transaction that keeps the copy, so that a copy is of something that
//! was there at that moment, and as private as it was.

use super::change::Change;
use super::oci::{Artefacts, Repository};
use super::package::{Package, Provenance};
use super::tenant::{ARCHIVE, PROVENANCE};
use super::{Hosted, blocking, is_file_name};
use crate::store::FileState;
use crate::{Error, Result};

/// A version that was read to be copied.
pub(crate) struct Original {
    pub(crate) package: Package,
    pub(crate) provenance: Option<Provenance>,
    pub(crate) copied: Copied,
}

/// Where a copy comes from.
pub(crate) struct Copied {
    tenant: String,
    repository_id: i64,
    /// What clients pushed about the archive.
    artefacts: Artefacts,
    /// What is private there may become public here.
    pub(crate) publishes: bool,
}

impl Hosted {
    /// Reads a version with its provenance file and what was pushed about it; none where there is no such version.
    #[tracing::instrument(name = "hosted.original", skip_all, fields(tenant = %tenant, chart.name = %name), err)]
    pub(crate) async fn original(&self, tenant: &str, name: &str, version: &str) -> Result<Option<Original>> {
        let file_name = format!("{name}-{version}{ARCHIVE}");
        if !is_file_name(&file_name) {
            return Ok(None);
        }
        let Some(repository) = self.store.find_hosted(tenant).await? else {
            return Ok(None);
        };
        let Some(open) = self.open_file(tenant, &file_name).await? else {
            return Ok(None);
        };
        // `a-1` of `2.0.0` and `a` of `1-2.0.0` have one file name.
        if open.record.name != name || open.record.version != version {
            return Ok(None);
        }
        let digest = open.record.digest.clone();
        let archive = self.read(open).await?;
        let signed = self
            .open_file(tenant, &format!("{name}-{version}{PROVENANCE}"))
            .await?;
        let signed = match signed {
            Some(open) => Some(self.read(open).await?),
            None => None,
        };
        let (limits, permit) = self.reading().await?;
        let read = blocking(move || {
            let package = Package::read(archive, &limits)?;
            let provenance = signed.map(Provenance::read).transpose()?;
            Ok::<_, super::PackageError>((package, provenance))
        });
        let (package, provenance) = read.await?.map_err(Error::internal)?;
        drop(permit);
        if package.digest.0 != *digest {
            return Err(changed(name, version));
        }
        let of = Repository {
            tenant: tenant.to_owned(),
            chart: name.to_owned(),
        };
        let artefacts = self.artefacts(&of, package.digest).await?;
        Ok(Some(Original {
            package,
            provenance,
            copied: Copied {
                tenant: tenant.to_owned(),
                repository_id: repository.id,
                artefacts,
                publishes: false,
            },
        }))
    }
}

impl Change<'_> {
    /// Makes the chart as private as what is copied, takes over what was pushed about it, and answers why the version is
    /// yanked where it comes from.
    pub(super) async fn receive(&mut self, copied: &Copied, package: &Package) -> Result<Option<String>> {
        let (name, version) = (&package.metadata.name, &package.metadata.version);
        let there = self
            .tx
            .get_hosted_file(copied.repository_id, &package.file_name)
            .await?;
        let is_same =
            there.is_some_and(|file| file.state == FileState::Live && file.digest == package.digest.0);
        if !is_same {
            return Err(changed(name, version));
        }
        let (id, tenant) = (self.repository.id, self.repository.tenant.clone());
        let was_private = self.tx.hosted_privacy(&copied.tenant, name).await?;
        if was_private && !copied.publishes && !self.tx.hosted_privacy(&tenant, name).await? {
            if !self.tx.hosted_files_of(id, name).await?.is_empty() {
                return Err(Error::Conflict {
                    what: format!("chart `{name}`"),
                    reason: "it is private where it comes from and public where it would go: make it private there, or \
                             say that it may become public"
                        .to_owned(),
                });
            }
            self.tx.set_chart_private(id, name, true).await?;
        }
        let to = Repository {
            tenant,
            chart: name.clone(),
        };
        self.put_artefacts(&to, &copied.artefacts).await?;
        Ok(self.tx.yanked_reason(copied.repository_id, name, version).await?)
    }
}

fn changed(name: &str, version: &str) -> Error {
    Error::Conflict {
        what: format!("version `{version}` of `{name}`"),
        reason: "it was changed while it was copied; try again".to_owned(),
    }
}
