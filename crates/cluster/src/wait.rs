//! Waiting until objects are what they should be.
//!
//! By asking again and again, faster at first: it needs no right but `get`, and no watch that can be dropped. Objects
//! that are settled are not asked for again.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::live::pod_selector;
use crate::manifest::{ManifestObject, Place, text};
use crate::readiness::{
    ObjectStatus, Readiness, explain, hook_status, object_status, object_status_with_jobs,
    object_status_with_pods,
};
use crate::{Cluster, Error, Event, Observer};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// What a timeout of zero means (Helm's `DefaultStatusWatcherTimeout`).
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wait {
    /// Hooks only.
    #[default]
    Hooks,
    /// All objects.
    Objects,
    /// All objects, and jobs until they are through.
    ObjectsAndJobs,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    Ready,
    ReadyWithJobs,
    /// Hooks: pods and jobs until they are through.
    Through,
    Gone,
}

/// Objects that did not become what they should. The text is helm's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Unready {
    pub objects: Vec<UnreadyObject>,
    pub timed_out: bool,
    deleting: bool,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadyObject {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// kstatus' word.
    pub status: &'static str,
    pub message: String,
    /// Why, in words, where that can be known.
    pub reason: Option<String>,
}

impl Unready {
    fn text(&self) -> String {
        let what = if self.deleting {
            "still exists"
        } else {
            "not ready"
        };
        let mut lines: Vec<String> = self
            .objects
            .iter()
            .map(|object| {
                format!(
                    "resource {}/{}/{} {what}. status: {}, message: {}",
                    object.kind, object.namespace, object.name, object.status, object.message
                )
            })
            .collect();
        if self.timed_out {
            lines.push("context deadline exceeded".to_owned());
        }
        lines.join("\n")
    }
}

struct Watched<'a> {
    object: &'a ManifestObject,
    status: ObjectStatus,
    live: Option<Value>,
}

impl Cluster {
    /// Waits until all objects have reached the goal, have failed for good, or the time is over.
    pub(crate) async fn wait(
        &self,
        objects: &[ManifestObject],
        goal: Goal,
        timeout: Duration,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let timeout = if timeout.is_zero() {
            DEFAULT_TIMEOUT
        } else {
            timeout
        };
        let started = Instant::now();
        let mut watched: Vec<Watched<'_>> = objects
            .iter()
            .filter(|object| goal == Goal::Gone || !is_paused(&object.value))
            .map(|object| Watched {
                object,
                live: None,
                status: ObjectStatus {
                    readiness: Readiness::Unknown,
                    message: String::new(),
                },
            })
            .collect();
        let mut pause = FIRST_PAUSE;
        let mut told = None;
        let timed_out = loop {
            for one in watched
                .iter_mut()
                .filter(|one| !is_settled(one.status.readiness, goal))
            {
                self.look_at(one, goal).await?;
            }
            let ready = watched
                .iter()
                .filter(|one| is_settled(one.status.readiness, goal))
                .count();
            let unsettled = watched.iter().find(|one| !is_settled(one.status.readiness, goal));
            if told != Some(ready) || unsettled.is_none() {
                observer.event(Event::Waiting {
                    ready,
                    objects: watched.len(),
                    first: unsettled.map(|one| &one.object.place),
                    message: unsettled.map_or("", |one| &one.status.message),
                });
                told = Some(ready);
            }
            if unsettled.is_none() {
                break false;
            }
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                break true;
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        };
        let mut unready = Vec::new();
        for one in watched
            .iter()
            .filter(|one| !is_reached(one.status.readiness, goal))
        {
            unready.push(self.describe(one).await);
        }
        if unready.is_empty() {
            return Ok(());
        }
        Err(Error::NotReady(Unready {
            objects: unready,
            timed_out,
            deleting: goal == Goal::Gone,
        }))
    }

    async fn look_at(&self, watched: &mut Watched<'_>, goal: Goal) -> Result<(), Error> {
        let live = match self.live(watched.object).await {
            Ok(live) => live,
            // It may be back before the time is over.
            Err(error) if error.may_pass() => return Ok(()),
            Err(error) => return Err(error),
        };
        watched.status = match &live {
            None => ObjectStatus::not_found(),
            Some(live) => match goal {
                Goal::Ready | Goal::Gone => object_status(live),
                Goal::ReadyWithJobs => object_status_with_jobs(live),
                Goal::Through => hook_status(live),
            },
        };
        let may_have_failed = matches!(goal, Goal::Ready | Goal::ReadyWithJobs)
            && watched.status.readiness == Readiness::InProgress
            && matches!(watched.object.place.kind.as_str(), "StatefulSet" | "ReplicaSet");
        if may_have_failed
            && let Some(live) = &live
            && let Some(selector) = pod_selector(live)
            && let Some(namespace) = &watched.object.place.namespace
        {
            let pods = self
                .items(namespace, "pods", &[("labelSelector", &selector)])
                .await;
            watched.status = object_status_with_pods(live, &pods);
        }
        watched.live = live;
        Ok(())
    }

    async fn describe(&self, watched: &Watched<'_>) -> UnreadyObject {
        let Place {
            kind,
            namespace,
            name,
            ..
        } = &watched.object.place;
        UnreadyObject {
            kind: kind.clone(),
            namespace: namespace.clone().unwrap_or_default(),
            name: name.clone(),
            status: watched.status.readiness.as_str(),
            message: watched.status.message.clone(),
            reason: match &watched.live {
                Some(live) => self.reason(watched.object, live).await,
                None => None,
            },
        }
    }

    /// Why an object is not ready, as far as its pods and events tell; who may not see these gets no reason.
    pub(crate) async fn reason(&self, object: &ManifestObject, live: &Value) -> Option<String> {
        let namespace = object.place.namespace.as_deref()?;
        let pods = match (object.place.kind.as_str(), pod_selector(live)) {
            ("Pod", _) => vec![live.clone()],
            (_, Some(selector)) => {
                let query = [("labelSelector", selector.as_str()), ("limit", "50")];
                self.items(namespace, "pods", &query).await
            }
            (_, None) => Vec::new(),
        };
        let mut events = Vec::new();
        let names = std::iter::once(object.place.name.as_str())
            .chain(pods.iter().filter_map(|pod| text(pod, "/metadata/name")));
        for name in names.take(5) {
            let selector = format!("involvedObject.name={name}");
            let query = [("fieldSelector", selector.as_str()), ("limit", "20")];
            events.extend(self.items(namespace, "events", &query).await);
        }
        explain(live, &pods, &events)
    }
}

fn is_paused(object: &Value) -> bool {
    text(object, "/kind") == Some("Deployment")
        && object.pointer("/spec/paused").and_then(Value::as_bool) == Some(true)
}

fn is_reached(readiness: Readiness, goal: Goal) -> bool {
    match goal {
        Goal::Gone => matches!(readiness, Readiness::NotFound),
        _ => readiness == Readiness::Current,
    }
}

/// Whether waiting longer changes nothing: what has failed needs a person.
fn is_settled(readiness: Readiness, goal: Goal) -> bool {
    is_reached(readiness, goal) || goal != Goal::Gone && readiness == Readiness::Failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ready_is_told_in_helms_words() {
        let object = UnreadyObject {
            kind: "Deployment".to_owned(),
            namespace: "shop".to_owned(),
            name: "web".to_owned(),
            status: "InProgress",
            message: "Available: 0/1".to_owned(),
            reason: None,
        };
        let unready = Unready {
            objects: vec![object],
            timed_out: true,
            deleting: false,
        };
        assert_eq!(
            unready.to_string(),
            "resource Deployment/shop/web not ready. status: InProgress, message: Available: 0/1\ncontext deadline exceeded"
        );
    }

    #[test]
    fn what_failed_is_not_waited_for_but_is_not_reached() {
        assert!(is_settled(Readiness::Failed, Goal::Ready));
        assert!(!is_reached(Readiness::Failed, Goal::Ready));
        assert!(!is_settled(Readiness::Failed, Goal::Gone));
        assert!(is_settled(Readiness::NotFound, Goal::Gone));
        assert!(!is_settled(Readiness::NotFound, Goal::Ready));
    }
}
