//! What a plan depends on: the state of the cluster it was made for, and whether it still is.

use futures_util::{StreamExt as _, TryStreamExt as _};
use helm::render::PreparedChart;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::secret::without_server_fields;
use crate::discovery::Discovery;
use crate::manifest::{Place, text};
use crate::{Cluster, Error, RecordHead};

/// Objects that are looked at at the same time.
const AT_ONCE: usize = 8;

/// What controllers of Kubernetes write outside of `status`.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// An object as it was looked at.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Absent,
    /// A digest of all that is not status: controllers change that all the time, and it changes no plan.
    There(String),
    /// It may not be looked at.
    Hidden,
}

impl Seen {
    pub(super) fn of(live: &Result<Option<Value>, Error>) -> Self {
        match live {
            Ok(None) => Self::Absent,
            Err(_) => Self::Hidden,
            Ok(Some(live)) => {
                let uid = text(live, "/metadata/uid").unwrap_or_default();
                let mut stable = without_server_fields(live);
                let annotations = stable.pointer_mut("/metadata/annotations");
                if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
                    annotations.remove(REVISION);
                }
                Self::There(hex(&[uid, &stable.to_string()]))
            }
        }
    }

    fn word(&self) -> &str {
        match self {
            Self::Absent => "absent",
            Self::There(digest) => digest,
            Self::Hidden => "hidden",
        }
    }
}

/// What a plan was made for.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) namespace: String,
    /// The newest revision; the outer `None` where records may not be read.
    pub(super) last: Option<Option<RecordHead>>,
    pub(super) capabilities: String,
    pub(super) objects: Vec<(Place, Seen)>,
}

impl Facts {
    /// What templates can see of a cluster.
    pub(super) fn capabilities_of(discovery: &Discovery) -> Result<String, Error> {
        let capabilities = discovery.capabilities()?;
        Ok(hex(&[
            discovery.server_version(),
            &capabilities.api_versions.join(" "),
        ]))
    }

    /// What has changed since, in words.
    pub(super) async fn changes(
        &self,
        cluster: &Cluster,
        discovery: &Discovery,
    ) -> Result<Vec<String>, Error> {
        let mut changes = Vec::new();
        if let Some(last) = &self.last {
            let heads = cluster.history_heads(&self.namespace, &self.name).await?;
            changes.extend(change_of_history(last.as_ref(), heads.last()));
        }
        if Self::capabilities_of(discovery)? != self.capabilities {
            changes.push("the kinds or the version of the cluster have changed".to_owned());
        }
        let looked_at = futures_util::stream::iter(&self.objects)
            .map(async |(place, before)| {
                let live = match cluster.live_at(place).await {
                    // An API server that is away is no answer.
                    Err(error @ (Error::Unreachable(_) | Error::BrokenOff)) => return Err(error),
                    live => live,
                };
                let what = match (before, Seen::of(&live)) {
                    (before, now) if *before == now => return Ok(None),
                    (_, Seen::Absent) => "deleted",
                    (Seen::Absent, Seen::There(_)) => "created",
                    (Seen::There(_), Seen::There(_)) => "changed",
                    _ => return Ok(Some(format!("the right to see {} has changed", place.label()))),
                };
                Ok(Some(format!("{} was {what}", place.label())))
            })
            .buffered(AT_ONCE)
            .boxed();
        let found: Vec<String> = looked_at
            .try_filter_map(async |change| Ok(change))
            .try_collect()
            .await?;
        changes.extend(found);
        Ok(changes)
    }

    fn json(&self) -> Value {
        let last = self.last.as_ref().map(|last| {
            last.as_ref()
                .map(|head| format!("{} {}", head.revision, head.status.as_str()))
        });
        let objects: Vec<Value> = self
            .objects
            .iter()
            .map(|(place, seen)| json!([place, seen.word()]))
            .collect();
        json!([self.name, self.namespace, last, self.capabilities, objects])
    }

    /// The hash of a plan: what was asked for, what it was made for, and what is to be applied.
    pub(super) fn hash(&self, inputs: &Value, applied: &[&str]) -> String {
        let (inputs, facts) = (inputs.to_string(), self.json().to_string());
        let parts: Vec<&str> = [inputs.as_str(), facts.as_str()]
            .into_iter()
            .chain(applied.iter().copied())
            .collect();
        hex(&parts)
    }
}

fn change_of_history(before: Option<&RecordHead>, now: Option<&RecordHead>) -> Option<String> {
    match (before, now) {
        (None, None) => None,
        (Some(before), Some(now)) if before.revision == now.revision => (before.status != now.status)
            .then(|| format!("revision {} is {} now", now.revision, now.status.as_str())),
        (_, Some(now)) => Some(format!("revision {} was made meanwhile", now.revision)),
        (Some(before), None) => Some(format!("revision {} was deleted", before.revision)),
    }
}

/// All files of a chart and its subcharts.
pub(super) fn chart_digest(chart: &PreparedChart) -> String {
    let mut hash = Sha256::new();
    add_chart(&mut hash, chart.chart());
    written(&hash.finalize())
}

fn add_chart(hash: &mut Sha256, chart: &helm::chart::Chart) {
    let metadata = format!("{:?} {:?} {:?}", chart.metadata, chart.lock, chart.values);
    add(hash, metadata.as_bytes());
    for bytes in [&chart.values_text, &chart.schema].into_iter().flatten() {
        add(hash, bytes);
    }
    for file in chart.templates.iter().chain(&chart.files) {
        add(hash, file.path.as_bytes());
        add(hash, &file.data);
    }
    for dependency in &chart.dependencies {
        add_chart(hash, dependency);
    }
}

/// With the length before it, so that no two lists of parts are the same bytes.
fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

fn hex(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        add(&mut hash, part.as_bytes());
    }
    written(&hash.finalize())
}

fn written(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in digest {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_bookkeeping_outdate_no_plan() {
        let live = |uid: &str, version: &str, replicas: u8, ready: u8| {
            Seen::of(&Ok(Some(json!({
                "metadata": { "uid": uid, "resourceVersion": version, "annotations": { REVISION: version } },
                "spec": { "replicas": replicas },
                "status": { "ready": ready },
            }))))
        };
        assert!(live("a", "1", 1, 0) == live("a", "2", 1, 1));
        assert!(live("a", "1", 1, 0) != live("a", "1", 2, 0));
        assert!(live("a", "1", 1, 0) != live("b", "1", 1, 0));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(hex(&["ab", "c"]), hex(&["a", "bc"]));
        assert_eq!(
            hex(&[]),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
