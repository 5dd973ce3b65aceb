//! Copying a version of a hosted chart from one repository to another, which is how a version is promoted.

use std::sync::Arc;

use super::HostedCharts;
use super::authorise::Action;
use super::hosted::{HostedError, UploadedVersion, of};
use crate::hosted::{Upload, UploadError};
use crate::{Error, Result, Viewer};

/// Which version is copied, and how.
#[derive(Clone, Copy, Debug)]
pub struct VersionCopy<'a> {
    /// The chart.
    pub name: &'a str,
    /// Its exact version.
    pub version: &'a str,
    /// What is there may be replaced, if the settings allow that.
    pub force: bool,
    /// What is private may become public. Without it, a copy of a private chart is private, or is refused.
    pub publish: bool,
}

impl HostedCharts<'_> {
    /// Copies a version with its provenance file, and the signatures that were pushed beside it, from one tenant to
    /// another: the same bytes, so the same digest. All that an upload is checked for holds, and what is copied stays as
    /// it is. A yanked version is yanked there, too.
    #[tracing::instrument(name = "op.hosted.copy", skip_all, fields(chart.name = %what.name))]
    pub async fn copy(
        &self,
        viewer: &Viewer,
        from: &str,
        to: &str,
        what: VersionCopy<'_>,
    ) -> Result<UploadedVersion, HostedError> {
        let object = of(to, &format!("{} {}", what.name, what.version));
        let work = async { Ok(self.copy_version(viewer, from, to, what, &object).await) };
        let action = Action::PushHosted { tenant: to };
        self.backend
            .audited(viewer, action, "hosted.copy", &object, work)
            .await?
    }

    async fn copy_version(
        &self,
        viewer: &Viewer,
        from: &str,
        to: &str,
        what: VersionCopy<'_>,
        object: &str,
    ) -> Result<UploadedVersion, HostedError> {
        self.backend
            .authorise(viewer, Action::PullHosted { tenant: from })?;
        let VersionCopy { name, version, .. } = what;
        let missing = || HostedError::Missing {
            text: format!("no chart version found for {name}-{version}"),
        };
        let hosted = Arc::clone(self.hosted(from)?);
        self.hosted(to)?;
        if from == to {
            return Err(Error::Invalid {
                field: "to",
                message: "is another repository than the one that the version is in".to_owned(),
            }
            .into());
        }
        if hosted.is_private(from, name).await? && !self.backend.sees_private(viewer, from) {
            return Err(missing());
        }
        if what.publish {
            self.backend
                .authorise(viewer, Action::ManageHosted { tenant: from })?;
        }
        let mut original = hosted.original(from, name, version).await?.ok_or_else(missing)?;
        original.copied.publishes = what.publish;
        let settings = &hosted.settings;
        if original.package.size_bytes.unsigned_abs() > settings.max_upload_bytes {
            return Err(Error::Conflict {
                what: format!("version `{version}` of `{name}`"),
                reason: format!("an upload has at most {} bytes by now", settings.max_upload_bytes),
            }
            .into());
        }
        let detail = match from {
            "" => format!("from {}", settings.name),
            from => format!("from {from}"),
        };
        let upload = Upload {
            package: Some(original.package),
            provenance: original.provenance,
            may_replace: settings.allow_overwrite || (settings.allow_force_overwrite && what.force),
            restored: None,
            copied: Some(original.copied),
            audit: self.backend.record(viewer, "hosted.copy", object, &detail),
        };
        // On its own: it comes to its end when the client has gone.
        let to = to.to_owned();
        let taken = tokio::spawn(async move { hosted.upload(&to, upload).await })
            .await
            .map_err(Error::internal)??;
        let kept = taken
            .package
            .ok_or_else(|| UploadError::Other(Error::not_found("version", format!("{name} {version}"))))?;
        Ok(UploadedVersion::from(kept))
    }

    /// The hosted repositories, but for that of a tenant, to which the viewer may copy, by name.
    pub(super) async fn copy_targets(&self, viewer: &Viewer, tenant: &str) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for other in self.backend.inner().store.list_hosted().await? {
            let place = other.tenant.as_str();
            let may_push = self
                .backend
                .authorise(viewer, Action::PushHosted { tenant: place })
                .is_ok();
            let is_seen = !other.is_private || self.backend.sees_private(viewer, place);
            if place != tenant && may_push && is_seen {
                names.push(other.name);
            }
        }
        Ok(names)
    }
}
