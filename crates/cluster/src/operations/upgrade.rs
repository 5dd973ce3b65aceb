//! `helm upgrade`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use helm::chart::{Chart, validate_release_name};
use helm::manifest::HookEvent;
use helm::release::{NewRevision, Release, ReleaseStatus, ReuseValues, UpgradeValues, upgrade_values};
use helm::render::{PreparedChart, ReleaseOptions};
use helm::values::Table;

use super::render::{Purpose, render};
use super::{
    Context, DEFAULT_TIMEOUT, DryRun, Rollback, ServerSide, check_labels, check_method, clean_up, hooks,
    is_server_side, targets, wait_for,
};
use crate::apply::Method;
use crate::discovery::Discovery;
use crate::error::{During as _, Step};
use crate::manifest::{Located, ManifestObject, locate};
use crate::storage::{deployed, info_mut, now, set_status, status_of};
use crate::{Cluster, Error, Event, RecordHead, Wait};

/// An upgrade.
#[derive(Clone)]
pub struct Upgrade {
    pub name: String,
    pub namespace: String,
    pub chart: Arc<PreparedChart>,
    /// The user's values.
    pub values: Table,
    pub reuse_values: ReuseValues,
    /// Over the labels of the revision before; `null` removes one.
    pub labels: BTreeMap<String, String>,
    pub description: Option<String>,
    pub dry_run: Option<DryRun>,
    pub no_hooks: bool,
    pub wait: Wait,
    /// For each step that waits.
    pub timeout: Duration,
    /// Go back to the last revision that was deployed if something goes wrong; waits for objects, too.
    pub rollback_on_failure: bool,
    /// Delete what was created if something goes wrong.
    pub cleanup_on_failure: bool,
    /// Take over objects of others.
    pub take_ownership: bool,
    pub server_side: ServerSide,
    pub force_conflicts: bool,
    pub force_replace: bool,
    pub sub_notes: bool,
    /// Leave Secrets out of what a dry run shows.
    pub hide_secrets: bool,
    pub skip_schema_validation: bool,
    /// Revisions to keep; 0 for all.
    pub history_max: usize,
}

/// How many revisions helm keeps.
pub(super) const DEFAULT_HISTORY_MAX: usize = 10;

/// Why an upgrade that may install has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRelease {
    /// There is nothing under this name.
    NeverInstalled,
    /// It was uninstalled and its history kept.
    Uninstalled,
}

impl Cluster {
    /// Whether a release is missing, so that an upgrade has to install it.
    pub async fn missing(&self, namespace: &str, name: &str) -> Result<Option<MissingRelease>, Error> {
        let heads = self.history_heads(namespace, name).await?;
        Ok(match heads.last() {
            None => Some(MissingRelease::NeverInstalled),
            Some(newest) if newest.status == ReleaseStatus::Uninstalled => Some(MissingRelease::Uninstalled),
            Some(_) => None,
        })
    }
}

/// What an upgrade starts from, and what it leads to.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) current: Release,
    pub(crate) upgraded: Release,
    pub(crate) method: Method,
    /// The newest revision, which is not always the one it starts from.
    pub(crate) last: RecordHead,
    /// How many revisions there are.
    pub(crate) revisions: usize,
}

impl Upgrade {
    /// An upgrade as helm does it without flags.
    pub fn new(
        name: impl Into<String>,
        namespace: impl Into<String>,
        chart: Arc<PreparedChart>,
        values: Table,
    ) -> Self {
        Self {
            name: name.into(),
            namespace: namespace.into(),
            chart,
            values,
            reuse_values: ReuseValues::IfNoneGiven,
            labels: BTreeMap::new(),
            description: None,
            dry_run: None,
            no_hooks: false,
            wait: Wait::Hooks,
            timeout: DEFAULT_TIMEOUT,
            rollback_on_failure: false,
            cleanup_on_failure: false,
            take_ownership: false,
            server_side: ServerSide::Auto,
            force_conflicts: false,
            force_replace: false,
            sub_notes: false,
            hide_secrets: false,
            skip_schema_validation: false,
            history_max: DEFAULT_HISTORY_MAX,
        }
    }

    /// Upgrades, and answers the record as it was read back.
    pub async fn run(mut self, context: &Context<'_>) -> Result<Release, Error> {
        self.settle()?;
        let discovery = context.cluster.discover().await?;
        let prepared = self.prepare(context, &discovery).await?;
        self.upgrade(context, &discovery, prepared).await
    }

    /// Checks the options, and completes those that follow from others.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        if self.rollback_on_failure && self.wait == Wait::Hooks {
            self.wait = Wait::Objects;
        }
        validate_release_name(&self.name).map_err(|_| Error::ReleaseName {
            name: self.name.clone(),
        })
    }

    /// Brings a prepared revision into the cluster.
    pub(crate) async fn upgrade(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        prepared: Prepared,
    ) -> Result<Release, Error> {
        let Prepared {
            mut current,
            mut upgraded,
            method,
            ..
        } = prepared;
        let mut originals =
            locate(&current.manifest, &self.namespace, discovery).during(|| Step::CurrentObjects)?;
        let targets = targets(&upgraded, &self.namespace, discovery)
            .and_then(Located::complete)
            .during(|| Step::NewObjects)?;
        originals.extend(self.existing_new(context, &originals, &targets).await?);
        if self.dry_run.is_some() {
            let description = self.described("Dry run complete").to_owned();
            info_mut(&mut upgraded).description = description;
            return Ok(upgraded);
        }
        context.cluster.create_record(&upgraded, self.history_max).await?;
        context.observer.event(Event::Recorded {
            revision: upgraded.revision,
        });
        let mut created = Vec::new();
        let performing = self.perform(
            context,
            discovery,
            method,
            &mut upgraded,
            (&originals, &targets),
            &mut created,
        );
        if let Err(error) = context.cancel.unless(performing).await {
            return Err(self
                .fail(context, discovery, method, &mut upgraded, &created, error)
                .await);
        }
        if status_of(&current) != ReleaseStatus::Superseded {
            info_mut(&mut current).status = ReleaseStatus::Superseded;
            context.cluster.update_record(&current).await?;
        }
        let description = self.described("Upgrade complete").to_owned();
        set_status(&mut upgraded, ReleaseStatus::Deployed, description);
        context.cluster.update_record(&upgraded).await?;
        context.cluster.confirm(&upgraded).await?;
        Ok(upgraded)
    }

    fn described<'s>(&'s self, otherwise: &'s str) -> &'s str {
        self.description
            .as_deref()
            .filter(|text| !text.is_empty())
            .unwrap_or(otherwise)
    }

    pub(crate) async fn prepare(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
    ) -> Result<Prepared, Error> {
        let heads = context.cluster.history_heads(&self.namespace, &self.name).await?;
        let no_deployed = || Error::NoDeployedRevision {
            name: self.name.clone(),
        };
        let last = heads.last().ok_or_else(no_deployed)?;
        if last.status.is_pending() {
            return Err(Error::Pending);
        }
        let last_head = last.clone();
        let start = start_of(&heads, last).ok_or_else(no_deployed)?;
        let current = context
            .cluster
            .record(&self.namespace, &start.object)
            .await?
            .release;
        let last = if start.revision == last.revision {
            current.clone()
        } else {
            context
                .cluster
                .record(&self.namespace, &last.object)
                .await?
                .release
        };
        let UpgradeValues { supplied, defaults } =
            upgrade_values(self.reuse_values, &current, self.values.clone())
                .map_err(|error| Error::Values(error).during(Step::OldValues))?;
        let chart = match defaults {
            None => Arc::clone(&self.chart),
            Some(values) => Arc::new(PreparedChart::new(Chart {
                values,
                ..Chart::clone(self.chart.chart())
            })),
        };
        let revision = last.revision + 1;
        let purpose = Purpose {
            name: &self.name,
            namespace: &current.namespace,
            revision,
            is_upgrade: true,
            skip_schema_validation: self.skip_schema_validation,
            release: ReleaseOptions {
                sub_notes: self.sub_notes,
                hide_secrets: self.hide_secrets && self.dry_run.is_some(),
                ..ReleaseOptions::default()
            },
        };
        let may_look_up = self.dry_run != Some(DryRun::Client);
        let filled = render(context, Some(discovery), may_look_up, &chart, &supplied, purpose).await?;
        check_labels(&self.labels)?;
        let method = Method {
            server_side: self.server_side.for_release(&last),
            force_conflicts: self.force_conflicts,
            force_replace: self.force_replace,
            adopt_client_side_fields: !is_server_side(&current),
            merge_all_by_three: false,
        };
        check_method(&method)?;
        let first_deployed = current.info.as_ref().and_then(|info| info.first_deployed.clone());
        let now = now();
        let new = NewRevision {
            name: &self.name,
            namespace: &current.namespace,
            revision,
            chart: chart.chart(),
            rendered: &filled.rendered,
            manifest: &filled.manifest,
            supplied_values: &supplied,
            first_deployed: first_deployed.as_deref().unwrap_or(&now),
            last_deployed: &now,
            status: ReleaseStatus::PendingUpgrade,
            description: "Preparing upgrade",
            server_side_apply: method.server_side,
        };
        let mut upgraded = new.to_release().map_err(Error::Encode)?;
        upgraded.labels.clone_from(&last.labels);
        upgraded.labels.extend(self.labels.clone());
        upgraded.labels.retain(|_, value| value != "null");
        Ok(Prepared {
            current,
            upgraded,
            method,
            last: last_head,
            revisions: heads.len(),
        })
    }

    /// Objects that are new in this revision and exist all the same.
    async fn existing_new(
        &self,
        context: &Context<'_>,
        originals: &[ManifestObject],
        targets: &[ManifestObject],
    ) -> Result<Vec<ManifestObject>, Error> {
        let is_known = |target: &&ManifestObject| {
            originals.iter().any(|original| {
                original.place.is_same_object(&target.place)
                    && original.place.api_version == target.place.api_version
            })
        };
        let new: Vec<ManifestObject> = targets
            .iter()
            .filter(|target| !is_known(target))
            .cloned()
            .collect();
        context
            .cluster
            .existing(&new, &self.name, &self.namespace, self.take_ownership)
            .await
            .during(|| Step::ContinueUpgrade)
    }

    async fn perform(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        method: Method,
        release: &mut Release,
        (originals, targets): (&[ManifestObject], &[ManifestObject]),
        created: &mut Vec<ManifestObject>,
    ) -> Result<(), Error> {
        let applier = context.applier(discovery, method);
        let hook_method = Method {
            force_conflicts: false,
            ..method
        };
        let hook_applier = context.applier(discovery, hook_method);
        let hooks = hooks(&hook_applier, self.timeout);
        if !self.no_hooks {
            let event = HookEvent::PreUpgrade;
            hooks
                .run(release, event)
                .await
                .during(|| Step::UpgradeHooks(event))?;
        }
        let (updated, result) = applier.update(originals, targets).await;
        created.extend(updated.created);
        result?;
        wait_for(context, targets, self.wait, self.timeout).await?;
        if !self.no_hooks {
            let event = HookEvent::PostUpgrade;
            hooks
                .run(release, event)
                .await
                .during(|| Step::UpgradeHooks(event))?;
        }
        Ok(())
    }

    /// Records the failure, and cleans up or goes back if that was asked for.
    async fn fail(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        method: Method,
        release: &mut Release,
        created: &[ManifestObject],
        error: Error,
    ) -> Error {
        let description = format!("Upgrade {:?} failed: {}", self.name, error.chain());
        set_status(release, ReleaseStatus::Failed, description);
        // There is one error to tell already.
        let _ = context.cluster.update_record(release).await;
        let error = if self.cleanup_on_failure {
            let applier = context.applier(discovery, method);
            match clean_up(&applier, created, "upgrade", error).await {
                Ok(error) => error,
                Err(second) => return second,
            }
        } else {
            error
        };
        if !self.rollback_on_failure {
            return error;
        }
        self.go_back(context, error).await
    }

    async fn go_back(&self, context: &Context<'_>, error: Error) -> Error {
        let roll_back = |second: Error, original: &Error| {
            second.during(Step::RollBack {
                original: original.chain(),
            })
        };
        let heads = match context.cluster.history_heads(&self.namespace, &self.name).await {
            Ok(heads) => heads,
            Err(second) => return roll_back(second, &error),
        };
        let was_deployed =
            |head: &&RecordHead| matches!(head.status, ReleaseStatus::Superseded | ReleaseStatus::Deployed);
        let Some(last_good) = heads.iter().rev().find(was_deployed) else {
            return error.during(Step::NothingToRollBackTo);
        };
        let rollback = Rollback {
            revision: Some(last_good.revision),
            wait: self.wait,
            no_hooks: self.no_hooks,
            force_replace: self.force_replace,
            force_conflicts: self.force_conflicts,
            server_side: self.server_side,
            timeout: self.timeout,
            history_max: 0,
            ..Rollback::new(&self.name, &self.namespace)
        };
        match rollback.run(context).await {
            Ok(_) => error.during(Step::RolledBack {
                name: self.name.clone(),
            }),
            Err(second) => roll_back(second, &error),
        }
    }
}

/// The revision an upgrade starts from: the deployed one, else the last if it failed or was superseded.
fn start_of<'h>(heads: &'h [RecordHead], last: &'h RecordHead) -> Option<&'h RecordHead> {
    if last.status == ReleaseStatus::Deployed {
        return Some(last);
    }
    deployed(heads).or_else(|| {
        let may_start = matches!(last.status, ReleaseStatus::Failed | ReleaseStatus::Superseded);
        may_start.then_some(last)
    })
}
