//! Revisions as helm records them, for programs that print what helm prints: the command line, above all.
//!
//! What is in Secrets is replaced here as everywhere else; nothing else is left out of a record that is read alone.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Context, DryRun, ListOptions, Order, Selector, Silent, State};
use helm::release::Release;
use model::record::{
    DryRunMode, DryRunRequest, LiveObjects, RecordList, RecordOrder, RecordQuery, ReleaseRecord,
};
use model::release::ReleaseId;

use super::Releases;
use super::redact::{Marks, hide_in_live, public_manifest};
use super::request::{Prepared, Work, prepare};
use crate::clusters::damaged;
use crate::ops::authorise::Action;
use crate::own_thread::on_own_thread;
use crate::world::World;
use crate::{Error, Result, Viewer};

/// Revisions of a release, or releases of a cluster, that are answered at once.
const MAX_RECORDS: usize = 5_000;

/// What a query means to a cluster. Errors name the part of the query.
pub fn list_options(query: &RecordQuery) -> Result<ListOptions> {
    let words = query
        .status
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let states = words.map(|word| {
        Ok(match word {
            "deployed" => State::Deployed,
            "failed" => State::Failed,
            "pending" => State::Pending,
            "superseded" => State::Superseded,
            "uninstalled" => State::Uninstalled,
            "uninstalling" => State::Uninstalling,
            _ => return Err(invalid("status", &format!("`{word}` is none of helm's words"))),
        })
    });
    Ok(ListOptions {
        namespace: query.namespace.clone(),
        states: states.collect::<Result<_>>()?,
        filter: Some(query.filter.clone()).filter(|filter| !filter.is_empty()),
        selector: Selector::parse(&query.selector)
            .map_err(|error| invalid("selector", &error.to_string()))?,
        order: match query.order {
            RecordOrder::Name => Order::Name,
            RecordOrder::Date => Order::Date,
        },
        reverse: query.reverse,
        offset: query.offset,
        max: (query.max > 0).then_some(query.max),
    })
}

/// The same, of not more than is answered at once.
fn bounded(options: ListOptions) -> ListOptions {
    let max = options.max.map_or(MAX_RECORDS, |max| max.min(MAX_RECORDS));
    ListOptions {
        max: Some(max),
        ..options
    }
}

fn invalid(field: &'static str, message: &str) -> Error {
    Error::Invalid {
        field,
        message: message.to_owned(),
    }
}

impl Releases<'_> {
    /// The releases of a cluster that `helm list` would list. At most 5,000 are answered at once.
    #[tracing::instrument(name = "op.release.records", skip_all, err)]
    pub async fn list_records(
        &self,
        viewer: &Viewer,
        cluster: &str,
        query: &RecordQuery,
    ) -> Result<RecordList> {
        let action = match &query.namespace {
            Some(namespace) => Action::ReadReleases { cluster, namespace },
            None => Action::ReadAllReleases { cluster },
        };
        self.backend.authorise(viewer, action)?;
        let options = bounded(list_options(query)?);
        let connection = self.backend.inner().clusters.connect(viewer, cluster).await?;
        let listed = connection.cluster.list(&options).await;
        let listed = listed.map_err(|error| match error {
            cluster::Error::Filter { pattern } => invalid("filter", &pattern),
            other => connection.explain(&other),
        })?;
        Ok(RecordList {
            records: listed.releases.iter().map(json).collect::<Result<_>>()?,
            damaged: listed
                .damaged
                .iter()
                .map(|(head, error)| damaged(head, error))
                .collect(),
        })
    }

    /// The newest `max` revisions of a release, the oldest of them first.
    #[tracing::instrument(name = "op.release.record_history", skip_all, fields(release.name = %id.name), err)]
    pub async fn record_history(&self, viewer: &Viewer, id: &ReleaseId, max: usize) -> Result<RecordList> {
        let connection = self.open(viewer, id).await?;
        let max = max.min(MAX_RECORDS);
        let history = connection.cluster.history(&id.namespace, &id.name, max).await;
        let (revisions, broken) = history.map_err(|error| connection.explain(&error))?;
        let without_bulk = |release: Release| Release {
            manifest: String::new(),
            hooks: Vec::new(),
            config: serde_json::Map::new(),
            chart: release.chart.map(|chart| helm::release::ReleaseChart {
                metadata: chart.metadata,
                ..helm::release::ReleaseChart::default()
            }),
            ..release
        };
        let records = revisions
            .into_iter()
            .map(|stored| json(&without_bulk(stored.release)));
        Ok(RecordList {
            records: records.collect::<Result<_>>()?,
            damaged: broken.iter().map(|(head, error)| damaged(head, error)).collect(),
        })
    }

    /// A revision, or the newest.
    #[tracing::instrument(name = "op.release.record", skip_all, fields(release.name = %id.name), err)]
    pub async fn record(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        revision: Option<i64>,
    ) -> Result<ReleaseRecord> {
        let connection = self.open(viewer, id).await?;
        let stored = self.stored(&connection, id, revision).await?;
        let release = public(stored.release, &self.backend.inner().marks);
        Ok(ReleaseRecord {
            release: json(&release)?,
            labels: stored.labels,
            kept: String::new(),
        })
    }

    /// The objects of a revision, or of the newest, as they are in the cluster now: whole, or as rows of the tables that
    /// the API server prints.
    #[tracing::instrument(name = "op.release.live_objects", skip_all, fields(release.name = %id.name), err)]
    pub async fn live_objects(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        revision: Option<i64>,
        as_tables: bool,
    ) -> Result<LiveObjects> {
        let connection = self.open(viewer, id).await?;
        let manifest = self.revision(&connection, id, revision).await?.manifest;
        let (cluster, namespace) = (connection.cluster.clone(), id.namespace.clone());
        let found =
            on_own_thread(
                move || async move { cluster.live_objects(&manifest, &namespace, as_tables).await },
            )
            .await?;
        let mut found = found.map_err(|error| connection.explain(&error))?;
        let marks = &self.backend.inner().marks;
        for object in found.values_mut().flatten() {
            hide_in_live(object, marks);
        }
        Ok(found)
    }

    /// The record that an operation would make, made without making it. Nothing is changed.
    #[tracing::instrument(name = "op.release.dry_run", skip_all, fields(release.name = %id.name), err)]
    pub async fn dry_run(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        wanted: &DryRunRequest,
    ) -> Result<ReleaseRecord> {
        let action = Action::ChangeReleases {
            cluster: &id.cluster,
            namespace: &id.namespace,
        };
        self.backend.authorise(viewer, action)?;
        let inner = self.backend.inner();
        let connection = inner.clusters.connect(viewer, &id.cluster).await?.about(&id.name);
        let prepared = prepare(self.backend, viewer, &connection, id, &wanted.request).await?;
        let mode = match wanted.mode {
            DryRunMode::Client => DryRun::Client,
            DryRunMode::Server => DryRun::Server,
        };
        let (cluster, hides) = (connection.cluster.clone(), wanted.hide_secrets);
        let patience = Duration::from_secs(inner.settings.releases.plan_timeout_secs);
        let simulated = on_own_thread(move || async move {
            tokio::time::timeout(patience, simulate(&cluster, prepared, mode, hides)).await
        })
        .await?;
        let Ok(simulated) = simulated else {
            return Err(Error::Unavailable {
                what: format!("cluster \"{}\"", id.cluster),
                reason: format!("it did not answer within {} s", patience.as_secs()),
                retry_after_secs: None,
            });
        };
        let (release, kept) = simulated.map_err(|error| connection.explain(&error))?;
        Ok(ReleaseRecord {
            labels: release.labels.clone(),
            release: json(&public(release, &inner.marks))?,
            kept,
        })
    }
}

/// The record, and what an uninstallation would leave.
async fn simulate(
    cluster: &cluster::Cluster,
    prepared: Prepared,
    mode: DryRun,
    hides_secrets: bool,
) -> Result<(Release, String), cluster::Error> {
    let context = Context::new(cluster, Arc::new(World::new(false, None)), &Silent);
    let release = match prepared.work {
        Work::Install(mut install) => {
            install.dry_run = Some(mode);
            install.hide_secrets = hides_secrets;
            install.run(&context).await?
        }
        Work::Upgrade(mut upgrade) => {
            upgrade.dry_run = Some(mode);
            upgrade.hide_secrets = hides_secrets;
            upgrade.run(&context).await?
        }
        Work::Rollback(mut rollback) => {
            rollback.dry_run = Some(mode);
            rollback.run(&context).await?
        }
        Work::Uninstall(mut uninstall) => {
            uninstall.dry_run = true;
            let done = uninstall.run(&context).await?;
            let done = done.ok_or(cluster::Error::NotFound)?;
            return Ok((done.release, done.kept));
        }
        Work::Test(_) => {
            return Err(cluster::Error::Options {
                problem: "tests are not simulated: they change nothing but their own objects",
            });
        }
    };
    Ok((release, String::new()))
}

/// A release without what is in Secrets.
fn public(release: Release, marks: &Marks) -> Release {
    let mut release = release;
    release.manifest = public_manifest(&release.manifest, marks);
    for hook in &mut release.hooks {
        hook.manifest = public_manifest(&hook.manifest, marks);
    }
    release
}

fn json(release: &Release) -> Result<serde_json::Value> {
    serde_json::to_value(release).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_five_thousand_releases_at_most() {
        for (asked, answered) in [(0, 5_000), (256, 256), (5_000, 5_000), (1_000_000, 5_000)] {
            let query = RecordQuery {
                max: asked,
                ..RecordQuery::default()
            };
            let options = bounded(list_options(&query).expect("a query"));
            assert_eq!(options.max, Some(answered), "{asked}");
        }
    }
}
