//! The plan of each operation: its own steps up to where something would change.

use helm::chart::validate_release_name;
use helm::manifest::HookEvent;
use helm::release::ReleaseStatus;
use helm::render::PreparedChart;
use helm::values::{Table, Tree};
use serde_json::{Value, json};

use super::draft::{Draft, Heard, kept};
use super::facts::chart_digest;
use super::needs::Records;
use super::objects::{Action, NewObjects, PlannedObject};
use super::{Operation, Plan, Prepared};
use crate::apply::Method;
use crate::error::{During as _, Step};
use crate::manifest::{Located, ManifestObject, locate, locate_known};
use crate::operations::install::definition_step;
use crate::operations::{Context, Install, Rollback, Uninstall, Upgrade, targets};
use crate::storage::status_of;
use crate::{Cluster, Error, RecordHead};

impl Install {
    /// What installing would do. Nothing is changed.
    ///
    /// Where the caller may not read records, the plan is made as if there were none, and says so among the missing
    /// rights.
    pub async fn plan(&self, context: &Context<'_>) -> Result<Plan, Error> {
        let mut operation = Self {
            dry_run: None,
            ..self.clone()
        };
        let method = operation.settle()?;
        validate_release_name(&self.name).map_err(|_| Error::ReleaseName {
            name: self.name.clone(),
        })?;
        let heard = Heard::default();
        let context = &context.observed_by(&heard);
        let now = context.cluster.discover().await?;
        let newest = newest(&context.cluster, &self.namespace, &self.name).await?;
        let last = match &newest {
            Some(_) => operation.check_name(context).await.during(|| Step::CheckName)?,
            None => None,
        };
        let mut first = Vec::new();
        let mut definitions = Vec::new();
        for file in operation.definitions()? {
            let objects = locate(&file.text(), &self.namespace, &now).during(|| definition_step(&file))?;
            definitions.extend(objects);
        }
        let values: Vec<Value> = definitions.iter().map(|object| object.value.clone()).collect();
        let discovery = now.clone().with_definitions(&values);
        if self.create_namespace {
            first.extend(operation.namespace_object(&now)?);
        }
        first.extend(definitions);
        let release = operation
            .prepare(context, Some(&discovery), last.as_ref())
            .await?;
        let draft = Draft {
            context,
            now: &now,
            discovery: &discovery,
            operation: Operation::Install,
            release: &release,
            namespace: &self.namespace,
            from_revision: None,
            last: newest,
            method,
            first,
            originals: Located::default(),
            targets: targets(&release, &self.namespace, &discovery).during(|| Step::Objects)?,
            new_objects: NewObjects::Claimed {
                take_ownership: self.take_ownership,
            },
            decided: Vec::new(),
            events: hooks(self.no_hooks, &[HookEvent::PreInstall, HookEvent::PostInstall]),
            records: Records {
                creates: true,
                deletes: false,
            },
            heard: &heard,
            inputs: json!([
                of_chart(&self.chart, &self.values),
                format!("{method:?} {:?} {:?}", self.labels, self.description),
                [self.create_namespace, self.skip_crds, self.no_hooks, self.replace],
                [self.take_ownership, self.rollback_on_failure],
            ]),
        };
        let prepared = Prepared::Install {
            operation: Box::new(operation),
            last: last.map(Box::new),
            release: Box::new(release.clone()),
        };
        draft.finish(prepared).await
    }
}

impl Upgrade {
    /// What upgrading would do. Nothing is changed.
    pub async fn plan(&self, context: &Context<'_>) -> Result<Plan, Error> {
        let mut operation = Self {
            dry_run: None,
            ..self.clone()
        };
        operation.settle()?;
        let heard = Heard::default();
        let context = &context.observed_by(&heard);
        let now = context.cluster.discover().await?;
        let prepared = operation.prepare(context, &now).await?;
        let draft = Draft {
            context,
            now: &now,
            discovery: &now,
            operation: Operation::Upgrade,
            release: &prepared.upgraded,
            namespace: &self.namespace,
            from_revision: Some(prepared.current.revision),
            last: Some(Some(prepared.last.clone())),
            method: prepared.method,
            first: Vec::new(),
            originals: locate_known(&prepared.current.manifest, &self.namespace, &now)
                .during(|| Step::CurrentObjects)?,
            targets: targets(&prepared.upgraded, &self.namespace, &now).during(|| Step::NewObjects)?,
            new_objects: NewObjects::Claimed {
                take_ownership: self.take_ownership,
            },
            decided: Vec::new(),
            events: hooks(self.no_hooks, &[HookEvent::PreUpgrade, HookEvent::PostUpgrade]),
            records: Records {
                creates: true,
                deletes: (1..=prepared.revisions).contains(&self.history_max),
            },
            heard: &heard,
            inputs: json!([
                of_chart(&self.chart, &self.values),
                format!("{:?} {:?} {:?}", prepared.method, self.labels, self.description),
                format!("{:?} {}", self.reuse_values, self.history_max),
                [
                    self.no_hooks,
                    self.take_ownership,
                    self.rollback_on_failure,
                    self.cleanup_on_failure
                ],
            ]),
        };
        let prepared = Prepared::Upgrade {
            operation: Box::new(operation),
            prepared: Box::new(prepared.clone()),
        };
        draft.finish(prepared).await
    }
}

impl Rollback {
    /// What rolling back would do. Nothing is changed.
    pub async fn plan(&self, context: &Context<'_>) -> Result<Plan, Error> {
        let operation = Self {
            dry_run: None,
            ..self.clone()
        };
        operation.check()?;
        let now = context.cluster.discover().await?;
        let prepared = operation.prepare(context).await?;
        let draft = Draft {
            context,
            now: &now,
            discovery: &now,
            operation: Operation::Rollback,
            release: &prepared.target,
            namespace: &self.namespace,
            from_revision: Some(prepared.current.revision),
            last: Some(Some(prepared.last.clone())),
            method: prepared.method,
            first: Vec::new(),
            originals: locate_known(&prepared.current.manifest, &self.namespace, &now)
                .during(|| Step::CurrentObjects)?,
            targets: targets(&prepared.target, &self.namespace, &now).during(|| Step::NewObjects)?,
            new_objects: NewObjects::Updated,
            decided: Vec::new(),
            events: hooks(self.no_hooks, &[HookEvent::PreRollback, HookEvent::PostRollback]),
            records: Records {
                creates: true,
                deletes: (1..=prepared.revisions).contains(&self.history_max),
            },
            heard: &Heard::default(),
            inputs: json!([
                format!(
                    "{:?} {:?} {}",
                    prepared.method, self.description, self.history_max
                ),
                [self.no_hooks, self.cleanup_on_failure],
            ]),
        };
        let prepared = Prepared::Rollback {
            operation: Box::new(operation),
            prepared: Box::new(prepared.clone()),
        };
        draft.finish(prepared).await
    }
}

impl Uninstall {
    /// What uninstalling would do. Nothing is changed.
    pub async fn plan(&self, context: &Context<'_>) -> Result<Plan, Error> {
        let operation = Self {
            dry_run: false,
            ..self.clone()
        };
        validate_release_name(&self.name).map_err(|_| Error::ReleaseName {
            name: self.name.clone(),
        })?;
        let cluster = &context.cluster;
        let now = cluster.discover().await?;
        let heads = cluster.history_heads(&self.namespace, &self.name).await?;
        let last = heads.last().ok_or_else(|| {
            let name = self.name.clone();
            Error::NotFound.during(Step::LoadForUninstall { name })
        })?;
        let release = cluster.record(&self.namespace, &last.object).await?.release;
        // Then only records are left.
        let is_over = status_of(&release) == ReleaseStatus::Uninstalled;
        if is_over && self.keep_history {
            return Err(Error::AlreadyUninstalled {
                name: self.name.clone(),
            });
        }
        let mut decided = Vec::new();
        if !is_over {
            let deletion = operation.deletion(context, &now, &release).await?;
            let planned = |object: &ManifestObject| PlannedObject::new(&object.place, Action::Delete);
            decided.extend(deletion.owned.iter().map(planned));
            for document in &deletion.keep {
                let objects = locate_known(&document.text, &self.namespace, &now)?.objects;
                decided.extend(objects.iter().map(|object| kept(object, None)));
            }
            let foreign = || Some("it is not owned by this release".to_owned());
            decided.extend(deletion.foreign.iter().map(|object| kept(object, foreign())));
            decided.extend(
                deletion
                    .unverified
                    .iter()
                    .map(|(object, error)| kept(object, Some(error.chain()))),
            );
        }
        let draft = Draft {
            context,
            now: &now,
            discovery: &now,
            operation: Operation::Uninstall,
            release: &release,
            namespace: &self.namespace,
            from_revision: Some(release.revision),
            last: Some(Some(last.clone())),
            method: Method {
                server_side: true,
                force_conflicts: false,
                force_replace: false,
                adopt_client_side_fields: false,
                merge_all_by_three: false,
            },
            first: Vec::new(),
            originals: Located::default(),
            targets: Located::default(),
            new_objects: NewObjects::Updated,
            decided,
            events: hooks(
                self.no_hooks || is_over,
                &[HookEvent::PreDelete, HookEvent::PostDelete],
            ),
            records: Records {
                creates: false,
                deletes: !self.keep_history,
            },
            heard: &Heard::default(),
            inputs: json!([
                format!("{:?} {:?}", self.cascade, self.description),
                [self.keep_history, self.no_hooks],
            ]),
        };
        let prepared = Prepared::Uninstall {
            operation: Box::new(operation),
        };
        draft.finish(prepared).await
    }
}

/// The newest revision of a name; the outer `None` where records may not be read.
async fn newest(cluster: &Cluster, namespace: &str, name: &str) -> Result<Option<Option<RecordHead>>, Error> {
    match cluster.history_heads(namespace, name).await {
        Ok(heads) => Ok(Some(heads.last().cloned())),
        Err(Error::Forbidden { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn hooks(no_hooks: bool, events: &'static [HookEvent]) -> &'static [HookEvent] {
    if no_hooks { &[] } else { events }
}

fn of_chart(chart: &PreparedChart, values: &Table) -> Value {
    json!([chart_digest(chart), Tree::Table(values.clone()).to_json()])
}
