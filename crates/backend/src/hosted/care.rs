//! What people decide about charts that are there: who sees them, what is deprecated, what is yanked.
//!
//! Each is one transaction over index, catalog and pages, like every other change.

use model::webhook::WebhookEvent;

use super::Hosted;
use super::change::Change;
use super::outbox::Happening;
use crate::store::{AuditRecord, HostedFileRecord};
use crate::{Error, Result};

impl Hosted {
    /// Makes a chart of a tenant private or not, or the whole tenant where none is named; whether there is such a chart.
    #[tracing::instrument(name = "hosted.set_private", skip_all, fields(tenant = %tenant), err)]
    pub(crate) async fn set_private(
        &self,
        tenant: &str,
        name: Option<&str>,
        is_private: bool,
        audit: AuditRecord,
    ) -> Result<bool> {
        // A whole tenant may be closed before the first chart comes.
        let Some(mut change) = self.begin(tenant, name.is_none()).await? else {
            return Ok(false);
        };
        let id = change.repository.id;
        match name {
            None => change.tx.set_hosted_private(id, is_private).await?,
            Some(name) if change.tx.hosted_files_of(id, name).await?.is_empty() => return Ok(false),
            Some(name) => change.tx.set_chart_private(id, name, is_private).await?,
        }
        change.touch(name.unwrap_or("")).await?;
        self.conclude(change, audit).await?;
        Ok(true)
    }

    /// Says of all versions of a chart that another is to be used, and why, or takes that back; whether there is such a
    /// chart.
    #[tracing::instrument(name = "hosted.deprecate", skip_all, fields(tenant = %tenant, chart.name = %name), err)]
    pub(crate) async fn deprecate(
        &self,
        tenant: &str,
        name: &str,
        reason: Option<&str>,
        audit: AuditRecord,
    ) -> Result<bool> {
        let Some(mut change) = self.begin(tenant, false).await? else {
            return Ok(false);
        };
        let id = change.repository.id;
        let versions = change.tx.hosted_files_of(id, name).await?;
        if versions.is_empty() {
            return Ok(false);
        }
        change.tx.set_chart_deprecated(id, name, reason).await?;
        for version in &versions {
            change.mark(version, reason.is_some()).await?;
        }
        change.renew(name).await?;
        let event = match reason {
            Some(_) => WebhookEvent::Deprecated,
            None => WebhookEvent::Undeprecated,
        };
        change.happened.push(Happening {
            event,
            chart: name.to_owned(),
            version: None,
            digest: None,
            reason: reason.map(str::to_owned),
            by: audit.actor.clone(),
        });
        self.conclude(change, audit).await?;
        Ok(true)
    }

    /// Leaves a version out of the index and of what is newest, and says why, or takes that back; whether there is such a
    /// version.
    #[tracing::instrument(name = "hosted.yank", skip_all, fields(tenant = %tenant, chart.name = %name), err)]
    pub(crate) async fn yank(
        &self,
        tenant: &str,
        name: &str,
        version: &str,
        reason: Option<&str>,
        audit: AuditRecord,
    ) -> Result<bool> {
        let Some(mut change) = self.begin(tenant, false).await? else {
            return Ok(false);
        };
        let Some(file) = change.yank(name, version, reason).await? else {
            return Ok(false);
        };
        let event = match reason {
            Some(_) => WebhookEvent::Yanked,
            None => WebhookEvent::Unyanked,
        };
        let happening = Happening::of_file(event, &file, &audit.actor).because(reason);
        change.happened.push(happening);
        self.conclude(change, audit).await?;
        Ok(true)
    }

    async fn conclude(&self, mut change: Change<'_>, audit: AuditRecord) -> Result<()> {
        change.tx.append_audit(&audit).await?;
        let done = change.commit().await?;
        self.settle(done).await;
        Ok(())
    }
}

impl Change<'_> {
    /// See [`Hosted::yank`]; the version, where there is one.
    pub(super) async fn yank(
        &mut self,
        name: &str,
        version: &str,
        reason: Option<&str>,
    ) -> Result<Option<HostedFileRecord>> {
        let id = self.repository.id;
        let versions = self.tx.hosted_files_of(id, name).await?;
        let Some(known) = versions.into_iter().find(|known| known.version == version) else {
            return Ok(None);
        };
        self.tx.set_yanked(id, name, version, reason).await?;
        let is_deprecated = self.tx.is_chart_deprecated(id, name).await?;
        self.mark(&known, is_deprecated).await?;
        self.renew(name).await?;
        Ok(Some(known))
    }

    /// Writes into the catalog what is said of a version: by its people, or by its archive.
    async fn mark(&mut self, version: &HostedFileRecord, is_deprecated: bool) -> Result<()> {
        let Some(key) = version.chart_version_id else {
            return Ok(());
        };
        let id = self.repository.id;
        let yanked = self.tx.yanked_reason(id, &version.name, &version.version).await?;
        let entry = self.tx.hosted_entry(id, &version.file_name).await?;
        let says_so = entry
            .and_then(|entry| serde_json::from_str::<serde_json::Value>(&entry).ok())
            .is_some_and(|entry| entry.get("deprecated") == Some(&serde_json::Value::Bool(true)));
        let yanked_at = yanked.map(|_| self.now);
        Ok(self
            .tx
            .mark_version(key, is_deprecated || says_so, yanked_at)
            .await?)
    }

    /// Describes a chart anew, everywhere.
    async fn renew(&mut self, name: &str) -> Result<()> {
        let chart = self.tx.chart_id(self.repository.id, name).await?;
        let chart = chart.ok_or_else(|| Error::not_found("chart", name))?;
        self.tx.refresh_chart(chart, self.generation).await?;
        self.touch(name).await
    }

    /// Tells every reader to read a chart again; all charts for the empty name.
    async fn touch(&mut self, name: &str) -> Result<()> {
        let (index, catalog) = (self.index_generation, self.generation);
        Ok(self
            .tx
            .touch_hosted(self.repository.id, name, index, catalog)
            .await?)
    }
}
