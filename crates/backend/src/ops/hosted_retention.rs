//! Rules by which versions of hosted repositories go: setting them, looking at what they come to, and confirming that.
//!
//! Rules do nothing until somebody has confirmed what they come to. From then on a job applies them, and whoever changes
//! them has to look again.

use std::sync::Arc;

use model::Timestamp;
use model::hosted::DeletedVersions;
use model::retention::{Retention, RetentionRules};

use super::HostedCharts;
use super::authorise::Action;
use super::hosted::{HostedError, of};
use crate::hosted::{Confirmation, retention_plan};
use crate::settings::HostedSettings;
use crate::store::{HostedRepositoryRecord, RetentionRecord};
use crate::{Error, Result, Viewer};

/// How often rules are applied.
const RUN_EVERY_SECS: i64 = 3_600;
/// Exceptions of one repository, and characters of one.
const MAX_EXCEPTIONS: usize = 100;
const MAX_EXCEPTION_CHARS: usize = 200;
/// A hundred years: more is a mistake in the unit.
const MAX_DAYS: u32 = 36_500;

impl HostedCharts<'_> {
    /// The rules of a tenant's repository and what would go by them now. Deletes nothing.
    #[tracing::instrument(name = "op.hosted.retention", skip_all)]
    pub async fn retention(&self, viewer: &Viewer, tenant: &str) -> Result<Retention> {
        self.backend.authorise(viewer, Action::ManageHosted { tenant })?;
        let (hosted, repository) = self.place(tenant).await?;
        let inner = self.backend.inner();
        let record = inner.store.find_retention(repository.id).await?;
        let decided = Decided::new(&record, &hosted.settings);
        let rows = inner.store.hosted_charts(repository.id).await?;
        let plan = retention_plan(&decided.rules, &rows, inner.clock.now()).shown();
        Ok(Retention {
            rules: decided.rules,
            is_own: decided.is_own,
            is_applied: decided.is_applied,
            confirmed_by: decided
                .is_confirmed
                .then_some(record.confirmed_by)
                .filter(|by| !by.is_empty()),
            confirmed: record
                .confirmed_at
                .filter(|_| decided.is_confirmed)
                .map(Timestamp),
            last_run: record.last_run_at.map(Timestamp),
            n_last_deleted: record.n_deleted.unsigned_abs(),
            plan,
        })
    }

    /// Gives a tenant's repository rules of its own, or with none those of the configuration. They are applied once what
    /// they come to is confirmed ([`HostedCharts::apply_retention`]).
    #[tracing::instrument(name = "op.hosted.set_retention", skip_all)]
    pub async fn set_retention(
        &self,
        viewer: &Viewer,
        tenant: &str,
        rules: Option<RetentionRules>,
    ) -> Result<Retention> {
        let object = of(tenant, "retention rules");
        let work = async {
            let rules = rules.map(checked).transpose()?;
            let (_, repository) = self.place(tenant).await?;
            let json = rules.as_ref().map(written).transpose()?;
            let detail = json.as_deref().unwrap_or("those of the configuration");
            let audit = self.backend.record(viewer, "hosted.retention", &object, detail);
            let mut tx = self.backend.inner().store.begin().await?;
            tx.set_retention_rules(repository.id, json.as_deref()).await?;
            tx.append_audit(&audit).await?;
            Ok(tx.commit().await?)
        };
        let action = Action::ManageHosted { tenant };
        self.backend
            .audited(viewer, action, "hosted.retention", &object, work)
            .await?;
        self.retention(viewer, tenant).await
    }

    /// Deletes what a plan says that was looked at, and lets a job apply its rules from now on. Where something else would
    /// go by now, nothing goes.
    #[tracing::instrument(name = "op.hosted.apply_retention", skip_all)]
    pub async fn apply_retention(
        &self,
        viewer: &Viewer,
        tenant: &str,
        digest: &str,
    ) -> Result<DeletedVersions, HostedError> {
        let object = of(tenant, "retention rules");
        let work = async {
            let (hosted, repository) = self.place(tenant).await?;
            if !hosted.settings.delete {
                return Err(Error::Conflict {
                    what: "retention rules".to_owned(),
                    reason: "`hosted.delete` says that nothing is deleted".to_owned(),
                });
            }
            let record = self.backend.inner().store.find_retention(repository.id).await?;
            let rules = Decided::new(&record, &hosted.settings).rules;
            let confirmation = Confirmation {
                digest: digest.to_owned(),
                rules: written(&rules)?,
            };
            let audit = self.backend.record(viewer, "hosted.expire", &object, "");
            let (tenant, hosted) = (tenant.to_owned(), Arc::clone(hosted));
            // On its own: it comes to its end when the client has gone.
            tokio::spawn(async move { hosted.expire(&tenant, &rules, Some(confirmation), &audit).await })
                .await
                .map_err(Error::internal)?
        };
        let action = Action::ManageHosted { tenant };
        let deleted = self
            .backend
            .audited(viewer, action, "hosted.expire", &object, work)
            .await?;
        Ok(DeletedVersions {
            n_versions: deleted.n_versions as u64,
            restorable: deleted.ids,
        })
    }

    /// Applies the rules of all repositories whose rules are to be applied and were not in the last hour. A job does so.
    #[tracing::instrument(name = "op.hosted.run_retention", skip_all)]
    pub async fn run_retention(&self, viewer: &Viewer) -> Result<()> {
        self.backend
            .authorise(viewer, Action::ManageHosted { tenant: "" })?;
        let inner = self.backend.inner();
        let Some(hosted) = inner.hosted.as_ref().filter(|hosted| hosted.settings.delete) else {
            return Ok(());
        };
        for repository in inner.store.list_hosted().await? {
            let record = inner.store.find_retention(repository.id).await?;
            let decided = Decided::new(&record, &hosted.settings);
            let now = inner.clock.now();
            let before = Timestamp(now.0 - RUN_EVERY_SECS);
            if !decided.is_applied || !inner.store.claim_retention(repository.id, now, before).await? {
                continue;
            }
            let audit = self.backend.record(viewer, "hosted.expire", "", "");
            let deleted = hosted
                .expire(&repository.tenant, &decided.rules, None, &audit)
                .await?;
            let n_deleted = i64::try_from(deleted.n_versions).unwrap_or(i64::MAX);
            inner
                .store
                .note_retention_run(repository.id, now, n_deleted)
                .await?;
            if n_deleted > 0 {
                tracing::info!(
                    repository.name = %repository.name, n_deleted,
                    "deleted {n_deleted} versions of {} by its retention rules", repository.name
                );
            }
        }
        Ok(())
    }

    /// The repository of a tenant, which must be there.
    pub(super) async fn place(
        &self,
        tenant: &str,
    ) -> Result<(&Arc<crate::hosted::Hosted>, HostedRepositoryRecord)> {
        let hosted = self.hosted(tenant)?;
        let repository = self.backend.inner().store.find_hosted(tenant).await?;
        let missing = || Error::not_found("repository", tenant);
        Ok((hosted, repository.ok_or_else(missing)?))
    }
}

/// The rules that hold, and whether they do anything.
struct Decided {
    rules: RetentionRules,
    is_own: bool,
    is_confirmed: bool,
    is_applied: bool,
}

impl Decided {
    fn new(record: &RetentionRecord, settings: &HostedSettings) -> Self {
        let own = record
            .rules
            .as_deref()
            .and_then(|json| serde_json::from_str::<RetentionRules>(json).ok());
        let confirmed = record.confirmed.as_deref();
        let confirmed = confirmed.and_then(|json| serde_json::from_str::<RetentionRules>(json).ok());
        let is_own = own.is_some();
        let rules = own.unwrap_or_else(|| configured(settings));
        let is_confirmed = confirmed.as_ref() == Some(&rules);
        let does_something = RetentionRules {
            except: Vec::new(),
            ..rules.clone()
        } != RetentionRules::default();
        Self {
            is_applied: does_something && (is_confirmed || (!is_own && settings.retention_apply)),
            rules,
            is_own,
            is_confirmed,
        }
    }
}

fn configured(settings: &HostedSettings) -> RetentionRules {
    RetentionRules {
        keep_releases: settings.retention_keep_releases,
        release_days: settings.retention_release_days,
        keep_prereleases: settings.retention_keep_prereleases,
        prerelease_days: settings.retention_prerelease_days,
        except: settings.retention_except.clone(),
    }
}

fn written(rules: &RetentionRules) -> Result<String> {
    serde_json::to_string(rules).map_err(Error::internal)
}

fn checked(mut rules: RetentionRules) -> Result<RetentionRules> {
    let invalid = |field, message: String| Err(Error::Invalid { field, message });
    for (field, days) in [
        ("release_days", rules.release_days),
        ("prerelease_days", rules.prerelease_days),
    ] {
        if days > MAX_DAYS {
            return invalid(field, format!("is at most {MAX_DAYS} days"));
        }
    }
    rules.except = rules
        .except
        .iter()
        .map(|one| one.trim().to_owned())
        .filter(|one| !one.is_empty())
        .collect();
    let is_line =
        |one: &String| one.chars().count() <= MAX_EXCEPTION_CHARS && !one.chars().any(char::is_control);
    if rules.except.len() > MAX_EXCEPTIONS || !rules.except.iter().all(is_line) {
        return invalid(
            "except",
            format!("are at most {MAX_EXCEPTIONS} lines of at most {MAX_EXCEPTION_CHARS} characters"),
        );
    }
    Ok(rules)
}
