//! What a release is in its cluster now: objects, pods, events, logs, and how it differs from its manifest.

use cluster::{LogOptions, Problem};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use model::Timestamp;
use model::logs::{ContainerLog, LogContainer, LogPod, ReleaseLogs};
use model::plan::PlannedHook;
use model::release::{
    AccessPoint, ClusterEvent, ClusterProblem, Container, Drift, ReleaseId, ReleaseQuery, Resource,
    ResourceState, Resources,
};

use super::Releases;
use super::plan::object;
use crate::clusters::{Connection, problem};
use crate::ops::authorise::Action;
use crate::own_thread::on_own_thread;
use crate::{Bytes, Error, Result, Viewer};

/// How long a stream lasts; whoever asks again is asked again who it is.
const STREAM_FOR: std::time::Duration = std::time::Duration::from_secs(300);

/// A container, and how much of what it printed is wanted.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// The pod's namespace, where it is not the release's.
    pub namespace: Option<String>,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Lines from the end.
    pub tail_lines: Option<u32>,
    /// Of the container before the last restart.
    pub previous: bool,
}

impl Releases<'_> {
    /// The objects of a release as they are now. What cannot be looked at is told as a problem of the answer.
    #[tracing::instrument(name = "op.release.resources", skip_all, fields(release.name = %id.name), err)]
    pub async fn resources(&self, viewer: &Viewer, id: &ReleaseId) -> Result<Resources> {
        let connection = self.open(viewer, id).await?;
        let release = self.deployed(&connection, id).await?;
        let cluster = connection.cluster.clone();
        let found = on_own_thread(move || async move { cluster.resources(&release).await }).await?;
        let found = found.map_err(|error| connection.explain(&error))?;
        Ok(Resources {
            state: found.state.map(state),
            summary: found.summary,
            objects: found.objects.into_iter().map(resource).collect(),
            access: found
                .access
                .into_iter()
                .map(|access| AccessPoint {
                    object: access.object,
                    url: access.url,
                    command: access.command,
                    note: access.note,
                })
                .collect(),
            events: found
                .events
                .into_iter()
                .map(|event| ClusterEvent {
                    at: event.at.map(Timestamp),
                    is_warning: event.is_warning,
                    reason: event.reason,
                    object: event.object,
                    message: event.message,
                    count: event.count,
                })
                .collect(),
            problems: problems(&connection, &found.problems),
        })
    }

    /// How the objects of a release differ from its manifest.
    #[tracing::instrument(name = "op.release.drift", skip_all, fields(release.name = %id.name), err)]
    pub async fn drift(&self, viewer: &Viewer, id: &ReleaseId) -> Result<Drift> {
        let connection = self.open(viewer, id).await?;
        let release = self.deployed(&connection, id).await?;
        let cluster = connection.cluster.clone();
        let drift = on_own_thread(move || async move { cluster.drift(&release).await }).await?;
        let drift = drift.map_err(|error| connection.explain(&error))?;
        Ok(Drift {
            revision: drift.revision,
            objects: drift.objects.iter().map(object).collect(),
            n_equal: drift.n_equal,
            problems: problems(&connection, &drift.problems),
        })
    }

    /// What a container of the release printed last.
    #[tracing::instrument(name = "op.release.log", skip_all, fields(release.name = %id.name), err)]
    pub async fn log(&self, viewer: &Viewer, id: &ReleaseId, query: &LogQuery) -> Result<ContainerLog> {
        let (connection, namespace) = self.own_pod(viewer, id, query).await?;
        let log = connection
            .cluster
            .pod_log(&namespace, &query.pod, &query.container, &options(query))
            .await
            .map_err(|error| connection.explain(&error))?;
        Ok(ContainerLog {
            pod: log.pod,
            container: log.container,
            is_previous: query.previous,
            text: log.text,
            is_cut: log.is_cut,
        })
    }

    /// The containers of a release, and the log of the one that is asked for, or else of the first.
    #[tracing::instrument(name = "op.release.logs", skip_all, fields(release.name = %id.name), err)]
    pub async fn logs(&self, viewer: &Viewer, id: &ReleaseId, query: &LogQuery) -> Result<ReleaseLogs> {
        let resources = self.resources(viewer, id).await?;
        let mut logs = ReleaseLogs {
            problems: resources.problems,
            ..ReleaseLogs::default()
        };
        let mut namespaces = Vec::new();
        for object in &resources.objects {
            pods_of(object, &mut logs.pods, &mut namespaces);
        }
        let first = logs.pods.first().and_then(|pod| {
            let container = pod.containers.first()?;
            Some((pod.name.clone(), container.name.clone()))
        });
        let (pod, container) = match (query.pod.as_str(), first) {
            ("", None) => return Ok(logs),
            ("", Some(first)) => first,
            (pod, _) => (pod.to_owned(), query.container.clone()),
        };
        let position = logs.pods.iter().position(|known| known.name == pod);
        let namespace = position.and_then(|position| namespaces.get(position).cloned().flatten());
        let wanted = LogQuery {
            namespace: query.namespace.clone().or(namespace),
            pod,
            container,
            tail_lines: query.tail_lines.or(Some(SHOWN_LINES)),
            previous: query.previous,
        };
        match self.log(viewer, id, &wanted).await {
            Ok(log) => logs.shown = Some(log),
            Err(error @ Error::NotFound { .. }) => return Err(error),
            Err(error) => logs.problems.push(problem(&error)),
        }
        Ok(logs)
    }

    /// The hooks that `helm test` runs, in their order.
    #[tracing::instrument(name = "op.release.tests", skip_all, fields(release.name = %id.name), err)]
    pub async fn tests(&self, viewer: &Viewer, id: &ReleaseId) -> Result<Vec<PlannedHook>> {
        let connection = self.open(viewer, id).await?;
        let release = self.revision(&connection, id, None).await?;
        let mut tests: Vec<PlannedHook> = release
            .hooks
            .into_iter()
            .filter(|hook| hook.events.iter().any(|event| event == "test"))
            .map(|hook| PlannedHook {
                event: "test".to_owned(),
                name: hook.name,
                kind: hook.kind,
                weight: hook.weight,
                path: hook.path,
            })
            .collect();
        tests.sort_by(|one, other| (one.weight, &one.name).cmp(&(other.weight, &other.name)));
        Ok(tests)
    }

    /// The same, and what it prints from now on, for some minutes.
    #[tracing::instrument(name = "op.release.follow_log", skip_all, fields(release.name = %id.name), err)]
    pub async fn follow_log(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        query: &LogQuery,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let (connection, namespace) = self.own_pod(viewer, id, query).await?;
        let lines = connection
            .cluster
            .follow_pod_log(&namespace, &query.pod, &query.container, &options(query))
            .await
            .map_err(|error| connection.explain(&error))?;
        let until = tokio::time::sleep(STREAM_FOR);
        let lines = lines.map(move |part| part.map_err(|error| connection.explain(&error)));
        Ok(lines.take_until(until).boxed())
    }

    /// Says whenever the list of a query may have changed, for some minutes.
    #[tracing::instrument(name = "op.release.watch", skip_all, err)]
    pub async fn watch(&self, viewer: &Viewer, query: &ReleaseQuery) -> Result<BoxStream<'static, ()>> {
        self.backend.authorise(viewer, Action::ReadClusters)?;
        let inner = self.backend.inner();
        let mut changes = vec![inner.running.news()];
        for cluster in self.clusters(viewer)? {
            if query
                .cluster
                .as_ref()
                .is_some_and(|wanted| *wanted != cluster.name)
            {
                continue;
            }
            // What is away says nothing; the page tells of it.
            let Ok(connection) = inner.clusters.connect(viewer, &cluster.name).await else {
                continue;
            };
            for scope in self.scopes(viewer, &cluster.name, query.namespace.as_deref())? {
                changes.push(inner.clusters.lists.changes(&connection, scope.as_deref()));
            }
        }
        let streams = changes.into_iter().map(|mut changes| {
            changes.mark_unchanged();
            let told = stream::unfold(changes, |mut changes| async move {
                changes.changed().await.ok()?;
                Some(((), changes))
            });
            told.boxed()
        });
        let until = tokio::time::sleep(STREAM_FOR);
        Ok(stream::select_all(streams).take_until(until).boxed())
    }

    /// The connection and the pod's namespace, if the pod is the release's: its logs are not those of others.
    async fn own_pod(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        query: &LogQuery,
    ) -> Result<(Connection, String)> {
        let connection = self.open(viewer, id).await?;
        let release = self.deployed(&connection, id).await?;
        let namespace = query.namespace.clone().unwrap_or_else(|| id.namespace.clone());
        let action = Action::ReadReleases {
            cluster: &id.cluster,
            namespace: &namespace,
        };
        self.backend.authorise(viewer, action)?;
        let is_own = connection
            .cluster
            .pod_of_release(&release, &namespace, &query.pod)
            .await
            .map_err(|error| connection.explain(&error))?;
        if is_own {
            return Ok((connection, namespace));
        }
        Err(Error::not_found("pod", &query.pod))
    }
}

/// Lines that a page shows of a log.
const SHOWN_LINES: u32 = 1_000;

/// The pods below an object, each with its namespace.
fn pods_of(object: &Resource, pods: &mut Vec<LogPod>, namespaces: &mut Vec<Option<String>>) {
    if object.kind == "Pod" && object.api_version == "v1" {
        let containers = object.containers.iter().map(|container| LogContainer {
            name: container.name.clone(),
            n_restarts: container.n_restarts,
        });
        pods.push(LogPod {
            name: object.name.clone(),
            containers: containers.collect(),
        });
        namespaces.push(object.namespace.clone());
    }
    for child in &object.children {
        pods_of(child, pods, namespaces);
    }
}

fn options(query: &LogQuery) -> LogOptions {
    LogOptions {
        tail_lines: query.tail_lines,
        previous: query.previous,
        ..LogOptions::default()
    }
}

fn state(state: cluster::ResourceState) -> ResourceState {
    match state {
        cluster::ResourceState::Ready => ResourceState::Ready,
        cluster::ResourceState::Unknown => ResourceState::Unknown,
        cluster::ResourceState::Progressing => ResourceState::Progressing,
        cluster::ResourceState::Missing => ResourceState::Missing,
        cluster::ResourceState::Failed => ResourceState::Failed,
    }
}

fn resource(found: cluster::Resource) -> Resource {
    Resource {
        api_version: found.api_version,
        kind: found.kind,
        namespace: found.namespace,
        name: found.name,
        state: state(found.state),
        message: found.message,
        created: found.created.map(Timestamp),
        containers: found
            .containers
            .into_iter()
            .map(|container| Container {
                name: container.name,
                image: container.image,
                is_init: container.is_init,
                is_ready: container.is_ready,
                state: container.state,
                n_restarts: container.n_restarts,
            })
            .collect(),
        children: found.children.into_iter().map(resource).collect(),
    }
}

fn problems(connection: &Connection, problems: &[Problem]) -> Vec<ClusterProblem> {
    problems
        .iter()
        .map(|problem| ClusterProblem {
            message: problem.message.clone(),
            role_yaml: problem.role_yaml(&connection.subject()),
        })
        .collect()
}
