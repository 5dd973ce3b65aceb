//! What people do with hosted charts on pages and by the API beside uploading: deciding who sees them, deprecating, yanking,
//! bringing back what was deleted, and looking at an archive before it is uploaded.

use std::sync::Arc;

use bytes::Bytes;
use model::Timestamp;
use model::hosted::{DeletedVersion, HostedChart, HostedRepository, HostedVersion, UploadCheck};
use model::repository::RepositoryAction;

use super::HostedCharts;
use super::authorise::Action;
use super::hosted::{HostedError, UploadedVersion, of};
use crate::store::{DeletedVersion as DeletedRow, HostedChartRow};
use crate::{Error, Result, Viewer};

/// Deleted versions that are listed.
const MAX_DELETED: i64 = 100;
/// Characters of a reason: it stands in a line of a page.
const MAX_REASON_CHARS: usize = 300;

impl HostedCharts<'_> {
    /// What is in the repository of a tenant, as far as the viewer may know; nothing where there is none.
    #[tracing::instrument(name = "op.hosted.repository", skip_all)]
    pub async fn repository(&self, viewer: &Viewer, tenant: &str) -> Result<Option<HostedRepository>> {
        self.backend.authorise(viewer, Action::PullHosted { tenant })?;
        let store = &self.backend.inner().store;
        let Ok(hosted) = self.hosted(tenant) else {
            return Ok(None);
        };
        let Some(record) = store.find_hosted(tenant).await? else {
            // The first upload makes it.
            return Ok(Some(HostedRepository {
                tenant: tenant.to_owned(),
                undo_secs: hosted.settings.undo_secs,
                max_upload_bytes: hosted.settings.max_upload_bytes,
                ..HostedRepository::default()
            }));
        };
        let sees_private = self.backend.sees_private(viewer, tenant);
        if record.is_private && !sees_private {
            return Ok(None);
        }
        let rows = store.hosted_charts(record.id).await?;
        let may_delete = self
            .backend
            .authorise(viewer, Action::DeleteHosted { tenant })
            .is_ok();
        let deleted = match may_delete && sees_private {
            true => store.deleted_versions(record.id, MAX_DELETED).await?,
            false => Vec::new(),
        };
        Ok(Some(HostedRepository {
            tenant: tenant.to_owned(),
            is_private: record.is_private,
            charts: charts(rows, sees_private),
            deleted: deleted.into_iter().map(deleted_version).collect(),
            undo_secs: hosted.settings.undo_secs,
            max_upload_bytes: hosted.settings.max_upload_bytes,
            copies_to: self.copy_targets(viewer, tenant).await?,
        }))
    }

    /// The tenant of a hosted repository by its name in the catalog, for whoever may do something there. Who may not is
    /// told so before anything is told of the repository.
    #[tracing::instrument(name = "op.hosted.tenant", skip_all)]
    pub async fn tenant(&self, viewer: &Viewer, repository: &str, wish: RepositoryAction) -> Result<String> {
        let found = self.backend.find_repository(viewer, repository).await;
        let tenant = found
            .as_ref()
            .ok()
            .and_then(|record| record.hosted_tenant.clone());
        let place = tenant.as_deref().unwrap_or_default();
        let action = match wish {
            RepositoryAction::Pull => Action::PullHosted { tenant: place },
            RepositoryAction::Push => Action::PushHosted { tenant: place },
            RepositoryAction::Delete => Action::DeleteHosted { tenant: place },
            RepositoryAction::Manage | RepositoryAction::Sync => Action::ManageHosted { tenant: place },
        };
        self.backend.authorise(viewer, action)?;
        found?;
        tenant.ok_or_else(|| Error::Conflict {
            what: format!("repository `{repository}`"),
            reason: "its charts are not uploaded here".to_owned(),
        })
    }

    /// Makes a chart private or public, or the whole repository of a tenant where no chart is named.
    #[tracing::instrument(name = "op.hosted.set_private", skip_all)]
    pub async fn set_private(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: Option<&str>,
        is_private: bool,
    ) -> Result<(), HostedError> {
        let object = of(tenant, name.unwrap_or("all charts"));
        let detail = if is_private { "private" } else { "public" };
        let work = async {
            let hosted = Arc::clone(self.hosted(tenant)?);
            let audit = self.backend.record(viewer, "hosted.visibility", &object, detail);
            let (tenant, name) = (tenant.to_owned(), name.map(str::to_owned));
            spawned(async move {
                hosted
                    .set_private(&tenant, name.as_deref(), is_private, audit)
                    .await
            })
            .await
        };
        let action = Action::ManageHosted { tenant };
        let done = self.audited(viewer, action, "hosted.visibility", &object, work);
        found(done.await?, "no chart name found".to_owned())
    }

    /// Says of a chart why another is to be used, or with no reason that it is like others again.
    #[tracing::instrument(name = "op.hosted.deprecate", skip_all, fields(chart.name = %name))]
    pub async fn deprecate(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        reason: Option<&str>,
    ) -> Result<(), HostedError> {
        let object = of(tenant, name);
        let audited = match reason {
            Some(_) => "hosted.deprecate",
            None => "hosted.undeprecate",
        };
        let work = async {
            let reason = reason.map(checked).transpose()?;
            let hosted = Arc::clone(self.hosted(tenant)?);
            let audit = self
                .backend
                .record(viewer, audited, &object, reason.as_deref().unwrap_or(""));
            let (tenant, name) = (tenant.to_owned(), name.to_owned());
            spawned(async move { hosted.deprecate(&tenant, &name, reason.as_deref(), audit).await }).await
        };
        let action = Action::PushHosted { tenant };
        let done = self.audited(viewer, action, audited, &object, work);
        found(done.await?, "no chart name found".to_owned())
    }

    /// Leaves a version out of the index and says why, or with no reason takes that back. By its exact name it can be had
    /// either way.
    #[tracing::instrument(name = "op.hosted.yank", skip_all, fields(chart.name = %name))]
    pub async fn yank(
        &self,
        viewer: &Viewer,
        tenant: &str,
        name: &str,
        version: &str,
        reason: Option<&str>,
    ) -> Result<(), HostedError> {
        let object = of(tenant, &format!("{name} {version}"));
        let audited = match reason {
            Some(_) => "hosted.yank",
            None => "hosted.unyank",
        };
        let work = async {
            let reason = reason.map(checked).transpose()?;
            let hosted = Arc::clone(self.hosted(tenant)?);
            let audit = self
                .backend
                .record(viewer, audited, &object, reason.as_deref().unwrap_or(""));
            let (tenant, name, version) = (tenant.to_owned(), name.to_owned(), version.to_owned());
            spawned(async move {
                let reason = reason.as_deref();
                hosted.yank(&tenant, &name, &version, reason, audit).await
            })
            .await
        };
        let action = Action::PushHosted { tenant };
        let done = self.audited(viewer, action, audited, &object, work);
        found(
            done.await?,
            format!("no chart version found for {name}-{version}"),
        )
    }

    /// Brings a deleted version back as it was, unless one of its name and version has come since.
    #[tracing::instrument(name = "op.hosted.restore", skip_all)]
    pub async fn restore(
        &self,
        viewer: &Viewer,
        tenant: &str,
        id: i64,
    ) -> Result<UploadedVersion, HostedError> {
        let work = async { Ok(self.bring_back(viewer, tenant, id).await) };
        let object = of(tenant, &format!("deleted version {id}"));
        let action = Action::DeleteHosted { tenant };
        self.backend
            .audited(viewer, action, "hosted.restore", &object, work)
            .await?
    }

    async fn bring_back(
        &self,
        viewer: &Viewer,
        tenant: &str,
        id: i64,
    ) -> Result<UploadedVersion, HostedError> {
        let hosted = Arc::clone(self.hosted(tenant)?);
        let missing = || HostedError::Missing {
            text: "it is gone for good, or it is back already".to_owned(),
        };
        let store = &self.backend.inner().store;
        let repository = store.find_hosted(tenant).await.map_err(Error::from)?;
        let repository = repository.ok_or_else(missing)?;
        let deleted = store.find_deleted(repository.id, id).await.map_err(Error::from)?;
        let deleted = deleted.ok_or_else(missing)?;
        let object = of(tenant, &format!("{} {}", deleted.name, deleted.version));
        let audit = self.backend.record(viewer, "hosted.restore", &object, "");
        let tenant = tenant.to_owned();
        let taken = tokio::spawn(async move { hosted.restore(&tenant, deleted, audit).await })
            .await
            .map_err(Error::internal)?;
        let kept = taken?.package.ok_or_else(missing)?;
        Ok(UploadedVersion::from(kept))
    }

    /// What is odd about an archive that somebody is about to upload, and what stands against it. Keeps nothing of it.
    #[tracing::instrument(name = "op.hosted.check", skip_all)]
    pub async fn check_archive(&self, viewer: &Viewer, tenant: &str, archive: Bytes) -> Result<UploadCheck> {
        self.backend.authorise(viewer, Action::PushHosted { tenant })?;
        let hosted = self.hosted(tenant)?;
        hosted.check(tenant, archive).await
    }

    /// Removes for good what was deleted so long ago that it does not come back. A job does so every hour.
    #[tracing::instrument(name = "op.hosted.purge", skip_all)]
    pub async fn purge(&self, viewer: &Viewer) -> Result<()> {
        self.backend
            .authorise(viewer, Action::ManageHosted { tenant: "" })?;
        match &self.backend.inner().hosted {
            Some(hosted) => hosted.purge().await,
            None => Ok(()),
        }
    }

    async fn audited(
        &self,
        viewer: &Viewer,
        action: Action<'_>,
        name: &'static str,
        object: &str,
        work: impl Future<Output = Result<bool>>,
    ) -> Result<bool> {
        self.backend.audited(viewer, action, name, object, work).await
    }
}

/// On its own: it comes to its end when the client has gone.
async fn spawned(work: impl Future<Output = Result<bool>> + Send + 'static) -> Result<bool> {
    tokio::spawn(work).await.map_err(Error::internal)?
}

fn found(is_there: bool, text: String) -> Result<(), HostedError> {
    match is_there {
        true => Ok(()),
        false => Err(HostedError::Missing { text }),
    }
}

/// A line that pages show.
fn checked(reason: &str) -> Result<String> {
    let reason = reason.trim();
    let is_line = !reason.chars().any(char::is_control);
    if !reason.is_empty() && is_line && reason.chars().count() <= MAX_REASON_CHARS {
        return Ok(reason.to_owned());
    }
    Err(Error::Invalid {
        field: "reason",
        message: format!("is a line of at most {MAX_REASON_CHARS} characters"),
    })
}

fn charts(rows: Vec<HostedChartRow>, sees_private: bool) -> Vec<HostedChart> {
    let mut charts: Vec<HostedChart> = Vec::new();
    for row in rows.into_iter().filter(|row| sees_private || !row.is_private) {
        if charts.last().is_none_or(|last| last.name != row.name) {
            charts.push(HostedChart {
                name: row.name.clone(),
                is_private: row.is_private,
                deprecated: row.deprecated.clone(),
                versions: Vec::new(),
            });
        }
        let version = HostedVersion {
            version: row.version,
            size_bytes: row.size_bytes.unsigned_abs(),
            uploaded: Timestamp(row.modified_ns.div_euclid(1_000_000_000)),
            uploaded_by: Some(row.uploaded_by).filter(|by| !by.is_empty()),
            has_provenance: row.has_provenance == 1,
            yanked: row.yanked,
        };
        if let Some(chart) = charts.last_mut() {
            chart.versions.push(version);
        }
    }
    charts
}

fn deleted_version(row: DeletedRow) -> DeletedVersion {
    DeletedVersion {
        id: row.id,
        name: row.name,
        version: row.version,
        deleted: Timestamp(row.deleted_at),
        deleted_by: Some(row.deleted_by).filter(|by| !by.is_empty()),
    }
}
