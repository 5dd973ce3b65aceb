//! Plans: what an operation would do, shown first and then done exactly so.
//!
//! A plan holds the rendered release: a chart that draws random values cannot be rendered the same way twice. So plans
//! are kept in memory for a while, each for whoever asked for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cluster::{Context, PlanWarning, Silent, role_yaml};
use model::operation::{OperationKind, OperationRequest};
use model::plan::{self, Plan};
use model::release::ReleaseId;

use super::Releases;
use super::request::{NewOrigin, Prepared, Work, prepare};
use crate::clusters::{Connection, Identity};
use crate::ops::authorise::Action;
use crate::own_thread::on_own_thread;
use crate::world::World;
use crate::{Backend, Error, Result, Viewer};

/// Plans that are kept at most; the oldest goes first. Each holds a chart and what was rendered of it.
const MAX_KEPT: usize = 64;

/// A plan that can be applied.
pub(crate) struct KeptPlan {
    identity: Identity,
    release: ReleaseId,
    /// What it was made from; the same request, planned again, may be something else.
    request: OperationRequest,
    made: Instant,
    pub(crate) plan: cluster::Plan,
    pub(crate) origin: Option<NewOrigin>,
    /// What is to be said of the chart's signature.
    concern: Option<String>,
}

/// The plans that were shown lately.
#[derive(Default)]
pub(crate) struct Plans {
    kept: Mutex<VecDeque<KeptPlan>>,
}

impl Plans {
    fn keep(&self, plan: KeptPlan) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MAX_KEPT {
            kept.pop_front();
        }
        kept.push_back(plan);
    }

    /// Takes out the plan that was shown to an identity, unless it is too old.
    fn take(
        &self,
        identity: &Identity,
        release: &ReleaseId,
        request: &OperationRequest,
        hash: &str,
        max_age: Duration,
    ) -> Option<KeptPlan> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|plan| plan.made.elapsed() < max_age);
        let is_it = |plan: &KeptPlan| {
            plan.plan.hash == hash
                && plan.identity == *identity
                && plan.release == *release
                && plan.request == *request
        };
        let position = kept.iter().rposition(is_it)?;
        kept.remove(position)
    }
}

impl Releases<'_> {
    /// What an operation would do, asked of the cluster as the viewer. It can be applied by its hash for a while.
    #[tracing::instrument(name = "op.release.plan", skip_all, fields(release.name = %id.name), err)]
    pub async fn plan(&self, viewer: &Viewer, id: &ReleaseId, request: &OperationRequest) -> Result<Plan> {
        let action = Action::ChangeReleases {
            cluster: &id.cluster,
            namespace: &id.namespace,
        };
        self.backend.authorise(viewer, action)?;
        let inner = self.backend.inner();
        let connection = inner.clusters.connect(viewer, &id.cluster).await?.about(&id.name);
        let kept = make(self.backend, viewer, &connection, id, request).await?;
        let mut shown = shown(&kept.plan, Some(&connection.subject()));
        let concern = kept.concern.iter().map(|concern| plan::PlanWarning {
            topic: "signature".to_owned(),
            message: concern.clone(),
            prevents: false,
        });
        shown.warnings.splice(0..0, concern);
        inner.plans.keep(kept);
        Ok(shown)
    }
}

/// The plan that was shown with `hash`. One that is not here any more is made anew, and is only given if it is the same.
pub(crate) async fn shown_before(
    backend: &Backend,
    viewer: &Viewer,
    connection: &Connection,
    id: &ReleaseId,
    request: &OperationRequest,
    hash: &str,
) -> Result<KeptPlan> {
    let inner = backend.inner();
    let max_age = Duration::from_secs(inner.settings.releases.plan_keep_secs);
    if let Some(kept) = inner.plans.take(&connection.identity, id, request, hash, max_age) {
        return Ok(kept);
    }
    let made = make(backend, viewer, connection, id, request).await?;
    if made.plan.hash == hash {
        return Ok(made);
    }
    Err(Error::PlanOutdated {
        changes: vec![
            "it is not kept any more, and planning the same again comes to something else".to_owned(),
        ],
    })
}

/// Makes a plan, which renders a chart.
async fn make(
    backend: &Backend,
    viewer: &Viewer,
    connection: &Connection,
    id: &ReleaseId,
    request: &OperationRequest,
) -> Result<KeptPlan> {
    let (backend, viewer, connection) = (backend.clone(), viewer.clone(), connection.clone());
    let (id, request) = (id.clone(), request.clone());
    on_own_thread(move || async move { made(&backend, &viewer, &connection, &id, &request).await }).await?
}

async fn made(
    backend: &Backend,
    viewer: &Viewer,
    connection: &Connection,
    id: &ReleaseId,
    request: &OperationRequest,
) -> Result<KeptPlan> {
    let Prepared {
        work,
        origin,
        concern,
    } = prepare(backend, viewer, connection, id, request).await?;
    let context = Context::new(&connection.cluster, Arc::new(World::new(false, None)), &Silent);
    let planning = async {
        match &work {
            Work::Install(install) => install.plan(&context).await,
            Work::Upgrade(upgrade) => upgrade.plan(&context).await,
            Work::Rollback(rollback) => rollback.plan(&context).await,
            Work::Uninstall(uninstall) => uninstall.plan(&context).await,
            Work::Test(_) => Err(cluster::Error::Options {
                problem: "tests are run without a plan: they change nothing but their own objects",
            }),
        }
    };
    let patience = Duration::from_secs(backend.inner().settings.releases.plan_timeout_secs);
    let plan = match tokio::time::timeout(patience, planning).await {
        Ok(plan) => plan.map_err(|error| connection.explain(&error))?,
        Err(_) => {
            return Err(Error::Unavailable {
                what: format!("cluster \"{}\"", id.cluster),
                reason: format!(
                    "it did not answer all questions of the plan within {} s (`releases.plan_timeout_secs`)",
                    patience.as_secs()
                ),
                retry_after_secs: None,
            });
        }
    };
    Ok(KeptPlan {
        identity: connection.identity.clone(),
        release: id.clone(),
        request: request.clone(),
        made: Instant::now(),
        plan,
        origin,
        concern,
    })
}

/// A plan as it crosses the wire; the roles that would give missing rights are for `subject`, if that is known.
pub fn shown(plan: &cluster::Plan, subject: Option<&cluster::Subject>) -> Plan {
    let missing = &plan.missing_rights;
    let operation = match plan.operation {
        cluster::Operation::Install => OperationKind::Install,
        cluster::Operation::Upgrade => OperationKind::Upgrade,
        cluster::Operation::Rollback => OperationKind::Rollback,
        cluster::Operation::Uninstall => OperationKind::Uninstall,
    };
    Plan {
        hash: plan.hash.clone(),
        operation,
        name: plan.name.clone(),
        namespace: plan.namespace.clone(),
        revision: plan.revision,
        from_revision: plan.from_revision,
        objects: plan.objects.iter().map(object).collect(),
        hooks: plan.hooks.iter().map(hook).collect(),
        notes: plan.notes.clone(),
        warnings: plan.warnings.iter().map(warning).collect(),
        missing_rights: missing.iter().map(ToString::to_string).collect(),
        role_yaml: subject
            .filter(|_| !missing.is_empty())
            .map(|subject| role_yaml(missing, subject)),
        manifest: plan.manifest.clone(),
        is_prevented: plan.is_prevented(),
    }
}

pub(super) fn object(planned: &cluster::PlannedObject) -> plan::PlannedObject {
    let (action, fixed_fields) = match &planned.action {
        cluster::Action::Create => (plan::PlannedAction::Create, Vec::new()),
        cluster::Action::Change => (plan::PlannedAction::Change, Vec::new()),
        cluster::Action::Recreate { fields } => (plan::PlannedAction::Recreate, fields.clone()),
        cluster::Action::Delete => (plan::PlannedAction::Delete, Vec::new()),
        cluster::Action::Keep => (plan::PlannedAction::Keep, Vec::new()),
        cluster::Action::Unchanged => (plan::PlannedAction::Unchanged, Vec::new()),
        cluster::Action::Adopt => (plan::PlannedAction::Adopt, Vec::new()),
    };
    let place = &planned.place;
    plan::PlannedObject {
        api_version: place.api_version.clone(),
        kind: place.kind.clone(),
        namespace: place.namespace.clone(),
        name: place.name.clone(),
        action,
        fixed_fields,
        fields: planned.fields.iter().map(field).collect(),
        conflicts: planned
            .conflicts
            .iter()
            .map(|conflict| plan::Conflict {
                manager: conflict.manager.clone(),
                fields: conflict.fields.clone(),
            })
            .collect(),
        problem: planned.problem.clone(),
    }
}

fn field(change: &cluster::FieldChange) -> plan::FieldChange {
    let value = |shown: &Option<cluster::Shown>| {
        shown.as_ref().map(|shown| match shown {
            cluster::Shown::Value(value) => plan::Shown::Value(value.clone()),
            cluster::Shown::Redacted { same_as_live } => plan::Shown::Redacted {
                same_as_live: *same_as_live,
            },
        })
    };
    plan::FieldChange {
        path: in_dots(&change.path),
        applied: value(&change.applied),
        live: value(&change.live),
        proposed: value(&change.proposed),
    }
}

/// `/spec/containers/[name=web]/image` as people write it: `spec.containers[name=web].image`.
fn in_dots(path: &str) -> String {
    let mut text = String::new();
    for step in path.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let is_item = step.starts_with('[');
        let is_number = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        if is_item {
            text.push_str(&step);
        } else if is_number {
            text.push_str(&format!("[{step}]"));
        } else if step.contains(['.', '/']) {
            text.push_str(&format!("[\"{step}\"]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(&step);
        }
    }
    text
}

fn hook(hook: &cluster::PlannedHook) -> plan::PlannedHook {
    plan::PlannedHook {
        event: hook.event.to_owned(),
        name: hook.name.clone(),
        kind: hook.kind.clone(),
        weight: hook.weight,
        path: hook.path.clone(),
    }
}

fn warning(warning: &PlanWarning) -> plan::PlanWarning {
    let topic = serde_json::to_value(warning)
        .ok()
        .and_then(|value| Some(value.get("topic")?.as_str()?.to_owned()));
    plan::PlanWarning {
        topic: topic.unwrap_or_default(),
        message: warning.to_string(),
        prevents: warning.prevents(),
    }
}

#[cfg(test)]
mod tests {
    use super::in_dots;

    #[test]
    fn paths_are_written_as_people_do() {
        for (pointer, want) in [
            ("/spec/replicas", "spec.replicas"),
            (
                "/spec/containers/[name=a~1b]/image",
                "spec.containers[name=a/b].image",
            ),
            ("/spec/args/0", "spec.args[0]"),
            ("/metadata/annotations/a.b~1c", "metadata.annotations[\"a.b/c\"]"),
            ("", ""),
        ] {
            assert_eq!(in_dots(pointer), want);
        }
    }
}
