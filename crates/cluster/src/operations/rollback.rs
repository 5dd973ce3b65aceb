//! `helm rollback`.

use std::time::Duration;

use helm::chart::validate_release_name;
use helm::manifest::HookEvent;
use helm::release::{Release, ReleaseInfo, ReleaseStatus};

use super::upgrade::DEFAULT_HISTORY_MAX;
use super::{Context, DEFAULT_TIMEOUT, DryRun, ServerSide, check_method, clean_up, hooks, targets, wait_for};
use crate::apply::Method;
use crate::discovery::Discovery;
use crate::error::{During as _, Step};
use crate::manifest::{Located, ManifestObject, locate};
use crate::storage::{info_mut, now, set_status, status_of};
use crate::{Error, Event, RecordHead, Wait};

/// What a description may be long.
pub const MAX_DESCRIPTION_CHARS: usize = 256;

/// What a rollback starts from, and what it leads to.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// The last revision.
    pub(crate) current: Release,
    /// The new one, which is as the wanted one was.
    pub(crate) target: Release,
    pub(crate) method: Method,
    pub(crate) last: RecordHead,
    /// How many revisions there are.
    pub(crate) revisions: usize,
}

/// Going back to an earlier revision, which becomes a new one.
#[derive(Clone)]
pub struct Rollback {
    pub name: String,
    pub namespace: String,
    /// The one before the last where none is named.
    pub revision: Option<i64>,
    pub description: Option<String>,
    pub dry_run: Option<DryRun>,
    pub no_hooks: bool,
    pub wait: Wait,
    /// For each step that waits.
    pub timeout: Duration,
    /// Delete what was created if something goes wrong.
    pub cleanup_on_failure: bool,
    pub server_side: ServerSide,
    pub force_conflicts: bool,
    pub force_replace: bool,
    /// Revisions to keep; 0 for all.
    pub history_max: usize,
}

impl Rollback {
    /// A rollback as helm does it without flags.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            namespace: namespace.into(),
            revision: None,
            description: None,
            dry_run: None,
            no_hooks: false,
            wait: Wait::Hooks,
            timeout: DEFAULT_TIMEOUT,
            cleanup_on_failure: false,
            server_side: ServerSide::Auto,
            force_conflicts: false,
            force_replace: false,
            history_max: DEFAULT_HISTORY_MAX,
        }
    }

    /// Rolls back, and answers the record as it was read back.
    pub async fn run(self, context: &Context<'_>) -> Result<Release, Error> {
        self.check()?;
        let discovery = context.cluster.discover().await?;
        let prepared = self.prepare(context).await?;
        if self.dry_run.is_some() {
            return Ok(prepared.target);
        }
        self.roll_back(context, &discovery, prepared).await
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let length = self.description.as_deref().map_or(0, |text| text.chars().count());
        if length > MAX_DESCRIPTION_CHARS {
            return Err(Error::Description {
                length,
                limit: MAX_DESCRIPTION_CHARS,
            });
        }
        validate_release_name(&self.name).map_err(|_| Error::ReleaseName {
            name: self.name.clone(),
        })
    }

    /// Brings a prepared revision into the cluster.
    pub(crate) async fn roll_back(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        prepared: Prepared,
    ) -> Result<Release, Error> {
        let Prepared {
            mut current,
            mut target,
            method,
            ..
        } = prepared;
        let originals =
            locate(&current.manifest, &self.namespace, discovery).during(|| Step::CurrentObjects)?;
        let targets = targets(&target, &self.namespace, discovery)
            .and_then(Located::complete)
            .during(|| Step::NewObjects)?;
        context.cluster.create_record(&target, self.history_max).await?;
        context.observer.event(Event::Recorded {
            revision: target.revision,
        });
        let mut created = Vec::new();
        let performing = self.perform(
            context,
            discovery,
            method,
            &mut target,
            (&originals, &targets),
            &mut created,
        );
        if let Err((error, was_applied)) = context
            .cancel
            .unless(async { Ok(performing.await) })
            .await
            .unwrap_or_else(|error| Err((error, false)))
        {
            // As in Helm: whatever it was, it is not what the objects are any more.
            if !was_applied {
                info_mut(&mut current).status = ReleaseStatus::Superseded;
                let _ = context.cluster.update_record(&current).await;
            }
            return Err(self
                .fail(context, discovery, method, &mut target, &created, error)
                .await);
        }
        context
            .cluster
            .supersede(&self.namespace, &self.name, target.revision)
            .await?;
        // Rolling back is how a release is freed whose operation was killed. Helm leaves that pending for good.
        if status_of(&current).is_pending() {
            let description = format!(
                "Did not finish, and was rolled back by revision {}",
                target.revision
            );
            set_status(&mut current, ReleaseStatus::Failed, description);
            context.cluster.update_record(&current).await?;
        }
        info_mut(&mut target).status = ReleaseStatus::Deployed;
        context.cluster.update_record(&target).await?;
        context.cluster.confirm(&target).await?;
        Ok(target)
    }

    pub(crate) async fn prepare(&self, context: &Context<'_>) -> Result<Prepared, Error> {
        let cluster = &context.cluster;
        let heads = cluster.history_heads(&self.namespace, &self.name).await?;
        let last = heads.last().ok_or(Error::NotFound)?;
        let revision = self.revision.unwrap_or(last.revision - 1);
        let wanted = heads
            .iter()
            .find(|head| head.revision == revision)
            .ok_or(Error::NoRevision { revision })?;
        let current = cluster.record(&self.namespace, &last.object).await?.release;
        let wanted = cluster.record(&self.namespace, &wanted.object).await?.release;
        let server_side = self.server_side.for_release(&wanted);
        let description = self
            .description
            .clone()
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| format!("Rollback to {revision}"));
        let mut info = ReleaseInfo {
            first_deployed: current.info.as_ref().and_then(|info| info.first_deployed.clone()),
            last_deployed: Some(now()),
            status: ReleaseStatus::PendingRollback,
            notes: wanted
                .info
                .as_ref()
                .map(|info| info.notes.clone())
                .unwrap_or_default(),
            description,
            ..ReleaseInfo::default()
        };
        info.other.insert("rollback_revision".to_owned(), revision.into());
        let target = Release {
            info: Some(info),
            revision: current.revision + 1,
            namespace: current.namespace.clone(),
            apply_method: if server_side { "ssa" } else { "csa" }.to_owned(),
            ..wanted
        };
        let method = Method {
            server_side,
            force_conflicts: self.force_conflicts,
            force_replace: self.force_replace,
            adopt_client_side_fields: true,
            merge_all_by_three: false,
        };
        check_method(&method)?;
        Ok(Prepared {
            current,
            target,
            method,
            last: last.clone(),
            revisions: heads.len(),
        })
    }

    /// The flag of an error says whether the objects were applied by then.
    async fn perform(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        method: Method,
        target: &mut Release,
        (originals, targets): (&[ManifestObject], &[ManifestObject]),
        created: &mut Vec<ManifestObject>,
    ) -> Result<(), (Error, bool)> {
        let applier = context.applier(discovery, method);
        let hook_method = Method {
            force_conflicts: false,
            ..method
        };
        let hook_applier = context.applier(discovery, hook_method);
        let hooks = hooks(&hook_applier, self.timeout);
        if !self.no_hooks {
            hooks
                .run(target, HookEvent::PreRollback)
                .await
                .map_err(|error| (error, true))?;
        }
        let (updated, result) = applier.update(originals, targets).await;
        created.extend(updated.created);
        result.map_err(|error| (error, false))?;
        wait_for(context, targets, self.wait, self.timeout)
            .await
            .map_err(|error| {
                let name = self.name.clone();
                (error.during(Step::Release { name }), true)
            })?;
        if !self.no_hooks {
            hooks
                .run(target, HookEvent::PostRollback)
                .await
                .map_err(|error| (error, true))?;
        }
        Ok(())
    }

    async fn fail(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        method: Method,
        target: &mut Release,
        created: &[ManifestObject],
        error: Error,
    ) -> Error {
        let description = format!("Rollback {:?} failed: {}", self.name, error.chain());
        // Helm leaves the revision pending where a hook failed; nothing would ever end it.
        set_status(target, ReleaseStatus::Failed, description);
        let _ = context.cluster.update_record(target).await;
        if self.cleanup_on_failure {
            let applier = context.applier(discovery, method);
            return clean_up(&applier, created, "rollback", error)
                .await
                .unwrap_or_else(|second| second);
        }
        error
    }
}
