//! `helm install`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use helm::chart::validate_release_name;
use helm::manifest::HookEvent;
use helm::release::{NewRevision, Release, ReleaseStatus};
use helm::render::{CrdFile, PreparedChart, ReleaseOptions};
use helm::values::Table;
use serde_json::json;

use super::render::{Purpose, render};
use super::{
    Context, DEFAULT_TIMEOUT, DryRun, Uninstall, check_labels, check_method, hooks, targets, wait_for,
};
use crate::apply::{Method, Twin};
use crate::discovery::Discovery;
use crate::error::{During as _, Step};
use crate::manifest::{Located, ManifestObject, locate};
use crate::storage::{now, set_status, status_of};
use crate::wait::Goal;
use crate::{Error, Event, Wait};

/// How long a definition may take until its kind is there.
const DEFINITION_TIMEOUT: Duration = Duration::from_secs(60);

/// An installation.
#[derive(Clone)]
pub struct Install {
    pub name: String,
    pub namespace: String,
    pub chart: Arc<PreparedChart>,
    /// The user's values.
    pub values: Table,
    /// Labels of the record.
    pub labels: BTreeMap<String, String>,
    pub description: Option<String>,
    pub dry_run: Option<DryRun>,
    pub create_namespace: bool,
    pub skip_crds: bool,
    pub no_hooks: bool,
    pub wait: Wait,
    /// For each step that waits.
    pub timeout: Duration,
    /// Reuse the name of a release that failed or was uninstalled.
    pub replace: bool,
    /// Uninstall what was installed if something goes wrong; waits for objects, too.
    pub rollback_on_failure: bool,
    /// Take over objects of others.
    pub take_ownership: bool,
    pub server_side: bool,
    pub force_conflicts: bool,
    pub force_replace: bool,
    pub sub_notes: bool,
    /// Leave Secrets out of what a dry run shows.
    pub hide_secrets: bool,
    pub skip_schema_validation: bool,
}

impl Install {
    /// An installation as helm does it without flags.
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
            labels: BTreeMap::new(),
            description: None,
            dry_run: None,
            create_namespace: false,
            skip_crds: false,
            no_hooks: false,
            wait: Wait::Hooks,
            timeout: DEFAULT_TIMEOUT,
            replace: false,
            rollback_on_failure: false,
            take_ownership: false,
            server_side: true,
            force_conflicts: false,
            force_replace: false,
            sub_notes: false,
            hide_secrets: false,
            skip_schema_validation: false,
        }
    }

    /// Installs, and answers the record as it was read back.
    pub async fn run(mut self, context: &Context<'_>) -> Result<Release, Error> {
        let method = self.settle()?;
        let asks_cluster = self.dry_run != Some(DryRun::Client);
        let mut discovery = match asks_cluster {
            true => Some(context.cluster.discover().await?),
            false => None,
        };
        let last = self.check_name(context).await.during(|| Step::CheckName)?;
        if let Some(found) = &discovery
            && self.install_definitions(context, found, method).await?
        {
            discovery = Some(context.cluster.discover().await?);
        }
        let mut release = self.prepare(context, discovery.as_ref(), last.as_ref()).await?;
        let Some(discovery) = discovery else {
            set_status(&mut release, ReleaseStatus::PendingInstall, "Dry run complete");
            return Ok(release);
        };
        self.install(context, &discovery, last, release).await
    }

    /// Checks the options, and completes those that follow from others.
    pub(crate) fn settle(&mut self) -> Result<Method, Error> {
        let method = self.method();
        check_method(&method)?;
        if self.rollback_on_failure && self.wait == Wait::Hooks {
            self.wait = Wait::Objects;
        }
        Ok(method)
    }

    /// Brings a prepared release into the cluster.
    pub(crate) async fn install(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        last: Option<Release>,
        mut release: Release,
    ) -> Result<Release, Error> {
        let method = self.method();
        let mut objects = targets(&release, &self.namespace, discovery)
            .and_then(Located::complete)
            .during(|| Step::Objects)?;
        let existing = context
            .cluster
            .existing(&objects, &self.name, &self.namespace, self.take_ownership)
            .await
            .during(|| Step::ContinueInstall)?;
        if self.dry_run.is_some() {
            set_status(&mut release, ReleaseStatus::PendingInstall, "Dry run complete");
            return Ok(release);
        }
        if self.create_namespace {
            self.make_namespace(context, discovery, method).await?;
        }
        if let Some(mut last) = last
            && status_of(&last) != ReleaseStatus::Failed
        {
            set_status(&mut last, ReleaseStatus::Superseded, "superseded by new release");
            context.cluster.update_record(&last).await?;
        }
        context.cluster.create_record(&release, 0).await?;
        context.observer.event(Event::Recorded {
            revision: release.revision,
        });
        let performed = context
            .cancel
            .unless(self.perform(context, discovery, method, &mut release, &mut objects, &existing))
            .await;
        if let Err(error) = performed {
            return Err(self.fail(context, &mut release, error).await);
        }
        let description = self.description.as_deref().unwrap_or_default();
        let description = if description.is_empty() {
            "Install complete"
        } else {
            description
        };
        set_status(&mut release, ReleaseStatus::Deployed, description);
        context.cluster.update_record(&release).await?;
        context.cluster.confirm(&release).await?;
        Ok(release)
    }

    pub(crate) fn method(&self) -> Method {
        Method {
            server_side: self.server_side,
            force_conflicts: self.force_conflicts,
            force_replace: self.force_replace,
            adopt_client_side_fields: true,
            merge_all_by_three: self.take_ownership && !self.server_side,
        }
    }

    /// The newest revision of the name, if it may be replaced.
    pub(crate) async fn check_name(&self, context: &Context<'_>) -> Result<Option<Release>, Error> {
        validate_release_name(&self.name).map_err(|_| Error::ReleaseName {
            name: self.name.clone(),
        })?;
        if self.dry_run.is_some() {
            return Ok(None);
        }
        let heads = context.cluster.history_heads(&self.namespace, &self.name).await?;
        let Some(newest) = heads.last() else {
            return Ok(None);
        };
        let is_over = matches!(newest.status, ReleaseStatus::Uninstalled | ReleaseStatus::Failed);
        if !(self.replace && is_over) {
            return Err(Error::NameInUse);
        }
        let stored = context.cluster.record(&self.namespace, &newest.object).await?;
        Ok(Some(stored.release))
    }

    /// Applies `crds/`, and waits for the kinds; answers whether there are new ones.
    pub(crate) async fn install_definitions(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        method: Method,
    ) -> Result<bool, Error> {
        let files = self.definitions()?;
        if files.is_empty() {
            return Ok(false);
        }
        if self.dry_run.is_some() {
            context.observer.event(Event::Warning(
                "This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies.",
            ));
            return Ok(false);
        }
        let applier = context.applier(discovery, method);
        let mut applied = Vec::new();
        for file in &files {
            let step = || definition_step(file);
            let mut objects = locate(&file.text(), &self.namespace, discovery).during(step)?;
            match applier.create(&mut objects, Twin::Ours).await {
                Ok(()) => applied.extend(objects),
                Err(error) if error.already_exists() => {}
                Err(error) => return Err(error.during(step())),
            }
        }
        context
            .cluster
            .wait(&applied, Goal::Ready, DEFINITION_TIMEOUT, context.observer)
            .await?;
        Ok(!applied.is_empty())
    }

    /// The files of `crds/` that are to be applied.
    pub(crate) fn definitions(&self) -> Result<Vec<CrdFile>, Error> {
        if self.skip_crds {
            return Ok(Vec::new());
        }
        self.chart
            .crds(&self.values)
            .map_err(|failure| Error::Rendering(Box::new(failure)))
    }

    pub(crate) async fn prepare(
        &self,
        context: &Context<'_>,
        discovery: Option<&Discovery>,
        last: Option<&Release>,
    ) -> Result<Release, Error> {
        check_labels(&self.labels)?;
        let purpose = Purpose {
            name: &self.name,
            namespace: &self.namespace,
            // Helm renders a replacement as the first revision, too.
            revision: 1,
            is_upgrade: false,
            skip_schema_validation: self.skip_schema_validation,
            release: ReleaseOptions {
                sub_notes: self.sub_notes,
                hide_secrets: self.hide_secrets && self.dry_run.is_some(),
                ..ReleaseOptions::default()
            },
        };
        let filled = render(context, discovery, true, &self.chart, &self.values, purpose).await?;
        let now = now();
        let revision = NewRevision {
            name: &self.name,
            namespace: &self.namespace,
            revision: last.map_or(1, |last| last.revision + 1),
            chart: self.chart.chart(),
            rendered: &filled.rendered,
            manifest: &filled.manifest,
            supplied_values: &self.values,
            first_deployed: &now,
            last_deployed: &now,
            status: ReleaseStatus::PendingInstall,
            description: "Initial install underway",
            server_side_apply: self.server_side,
        };
        let mut release = revision.to_release().map_err(Error::Encode)?;
        release.labels.clone_from(&self.labels);
        Ok(release)
    }

    pub(crate) fn namespace_object(&self, discovery: &Discovery) -> Result<Vec<ManifestObject>, Error> {
        let namespace = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": self.namespace, "labels": { "name": self.namespace } },
        });
        locate(&namespace.to_string(), &self.namespace, discovery)
    }

    async fn make_namespace(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        method: Method,
    ) -> Result<(), Error> {
        let mut objects = self.namespace_object(discovery)?;
        let method = Method {
            force_conflicts: false,
            ..method
        };
        match context
            .applier(discovery, method)
            .create(&mut objects, Twin::Ours)
            .await
        {
            Err(error) if !error.already_exists() => Err(error),
            _ => Ok(()),
        }
    }

    async fn perform(
        &self,
        context: &Context<'_>,
        discovery: &Discovery,
        method: Method,
        release: &mut Release,
        objects: &mut [ManifestObject],
        existing: &[ManifestObject],
    ) -> Result<(), Error> {
        // What nobody owns yet is not taken by force.
        let creating = Method {
            force_conflicts: false,
            ..method
        };
        let creator = context.applier(discovery, creating);
        let hooks = hooks(&creator, self.timeout);
        if !self.no_hooks {
            let event = HookEvent::PreInstall;
            hooks
                .run(release, event)
                .await
                .during(|| Step::InstallHooks(event))?;
        }
        if existing.is_empty() {
            creator.create(objects, Twin::Ours).await?;
        } else {
            let (_, result) = context.applier(discovery, method).update(existing, objects).await;
            result?;
        }
        wait_for(context, objects, self.wait, self.timeout).await?;
        if !self.no_hooks {
            let event = HookEvent::PostInstall;
            hooks
                .run(release, event)
                .await
                .during(|| Step::InstallHooks(event))?;
        }
        Ok(())
    }

    /// Records the failure, or takes everything back if that was asked for.
    async fn fail(&self, context: &Context<'_>, release: &mut Release, error: Error) -> Error {
        let description = format!("Release {:?} failed: {}", self.name, error.chain());
        set_status(release, ReleaseStatus::Failed, description);
        if !self.rollback_on_failure {
            // There is one error to tell already.
            let _ = context.cluster.update_record(release).await;
            return error;
        }
        let uninstall = Uninstall {
            no_hooks: self.no_hooks,
            wait: self.wait,
            timeout: self.timeout,
            ..Uninstall::new(&self.name, &self.namespace)
        };
        match uninstall.run(context).await {
            Ok(_) => error.during(Step::Uninstalled {
                name: self.name.clone(),
            }),
            Err(second) => {
                let _ = context.cluster.update_record(release).await;
                second.during(Step::Uninstall {
                    original: error.chain(),
                })
            }
        }
    }
}

/// What is being done with a file of `crds/`. It is named below its own chart, which may be a subchart.
pub(crate) fn definition_step(file: &CrdFile) -> Step {
    let path = match file.path.rfind("/crds/") {
        Some(at) => file.path.get(at + 1..).unwrap_or_default(),
        None => &file.path,
    };
    Step::Definition {
        path: path.to_owned(),
    }
}
