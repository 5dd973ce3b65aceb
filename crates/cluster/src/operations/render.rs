//! Rendering for a cluster: its capabilities, and `lookup` with the rights of who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use engine::value::{GoStr, List, Map, Value};
use engine::{FnError, Host, MissingPart};
use helm::Compat;
use helm::capabilities::Capabilities;
use helm::render::{PreparedChart, ReleaseManifest, ReleaseOptions, RenderFailure, RenderOptions, Rendered};
use helm::values::Table;
use tokio::runtime::Handle;

use super::Context;
use crate::api::{JSON, Payload, Question, escape};
use crate::discovery::{Discovery, root_of};
use crate::error::Step;
use crate::{Cluster, Error, Event};

/// How often the templates of one render may ask the cluster.
const MAX_LOOKUPS: usize = 1_000;

/// A chart filled in for a release.
#[derive(Debug)]
pub(super) struct Filled {
    pub(super) rendered: Rendered,
    pub(super) manifest: ReleaseManifest,
}

/// For what a chart is rendered.
pub(super) struct Purpose<'p> {
    pub(super) name: &'p str,
    pub(super) namespace: &'p str,
    pub(super) revision: i64,
    pub(super) is_upgrade: bool,
    pub(super) skip_schema_validation: bool,
    pub(super) release: ReleaseOptions,
}

/// Renders with what is known of a cluster, if anything; templates may ask it only if they `may_look_up`.
pub(super) async fn render(
    context: &Context<'_>,
    discovery: Option<&Discovery>,
    may_look_up: bool,
    chart: &Arc<PreparedChart>,
    values: &Table,
    purpose: Purpose<'_>,
) -> Result<Filled, Error> {
    let capabilities = match discovery {
        Some(discovery) => discovery.capabilities()?,
        None => Capabilities::of(Compat::Helm4_3),
    };
    let options = RenderOptions {
        release_name: purpose.name.to_owned(),
        namespace: purpose.namespace.to_owned(),
        revision: purpose.revision,
        is_upgrade: purpose.is_upgrade,
        capabilities,
        skip_schema_validation: purpose.skip_schema_validation,
        check_kube_version: true,
        ..RenderOptions::default()
    };
    let asked = discovery.filter(|_| may_look_up);
    let host = rendered_with(context.host.clone(), asked, &context.cluster);
    let (chart, values) = (Arc::clone(chart), values.clone());
    // Templates compute, and wait for what they look up, on a thread that may be blocked.
    let rendering = tokio::task::spawn_blocking(move || chart.render(&values, &options, host.as_ref()));
    let rendered = match rendering.await {
        Ok(Ok(rendered)) => rendered,
        Ok(Err(error)) => {
            tell(context, error.warnings());
            return Err(failure(error.failure));
        }
        // The engine does not panic; if it does, the operation must not go on with nothing.
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    tell(context, &rendered.warnings);
    let manifest = rendered.release_as(&purpose.release, Compat::Helm4_3)?;
    Ok(Filled { rendered, manifest })
}

fn tell(context: &Context<'_>, warnings: &[String]) {
    for warning in warnings {
        context.observer.event(Event::Warning(warning));
    }
}

fn failure(failure: RenderFailure) -> Error {
    let chooses_subcharts = matches!(&failure, RenderFailure::Values(mismatch) if mismatch.chooses_subcharts);
    let error = Error::Rendering(Box::new(failure));
    if chooses_subcharts {
        error.during(Step::Dependencies)
    } else {
        error
    }
}

/// What templates see of the world, and of the cluster if it was discovered.
fn rendered_with(
    host: Arc<dyn Host + Send + Sync>,
    discovery: Option<&Discovery>,
    cluster: &Cluster,
) -> Arc<dyn Host + Send + Sync> {
    match discovery {
        None => host,
        Some(discovery) => Arc::new(ClusterHost {
            inner: host,
            cluster: cluster.clone(),
            discovery: discovery.clone(),
            runtime: Handle::current(),
            lookups: AtomicUsize::new(0),
        }),
    }
}

struct ClusterHost {
    inner: Arc<dyn Host + Send + Sync>,
    cluster: Cluster,
    discovery: Discovery,
    runtime: Handle,
    lookups: AtomicUsize,
}

impl Host for ClusterHost {
    fn unix_nanos(&self) -> i128 {
        self.inner.unix_nanos()
    }

    fn elapsed(&self) -> Option<Duration> {
        self.inner.elapsed()
    }

    fn local_zone(&self) -> (i32, &str) {
        self.inner.local_zone()
    }

    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        self.inner.time_zone(name)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        self.inner.fill_random(buffer)
    }

    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Map, FnError> {
        if self.lookups.fetch_add(1, Ordering::Relaxed) >= MAX_LOOKUPS {
            return Err(FnError::new(format!("more than {MAX_LOOKUPS} lookups")));
        }
        self.runtime
            .block_on(self.look_up(api_version, kind, namespace, name))
    }

    fn get_host_by_name(&self, name: &str) -> String {
        self.inner.get_host_by_name(name)
    }

    fn cached_key(&self, function: &str, name: &str) -> Option<String> {
        self.inner.cached_key(function, name)
    }

    fn keep_key(&self, function: &str, name: &str, pem: &str) {
        self.inner.keep_key(function, name, pem);
    }

    fn generate_rsa(&self, bits: usize) -> Option<String> {
        self.inner.generate_rsa(bits)
    }

    fn delegate(&self, part: MissingPart, request: &[u8]) -> Option<Vec<u8>> {
        self.inner.delegate(part, request)
    }
}

impl ClusterHost {
    async fn look_up(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Map, FnError> {
        if !self.discovery.has_version(api_version) {
            let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
            return Err(FnError::new(format!(
                "unable to get apiresource from unstructured: {group}/{version}, Kind={kind}: the server could not find the requested resource"
            )));
        }
        // As in Helm, a kind that is not there has no objects.
        let Some(resource) = self.discovery.resource(api_version, kind) else {
            return Ok(Map::new());
        };
        let mut path = root_of(api_version);
        let namespace = Some(namespace).filter(|namespace| resource.namespaced && !namespace.is_empty());
        if let Some(namespace) = namespace {
            path.push_str(&format!("/namespaces/{}", escape(namespace)));
        }
        path.push_str(&format!("/{}", escape(&resource.name)));
        if !name.is_empty() {
            path.push_str(&format!("/{}", escape(name)));
        }
        let question = Question {
            verb: if name.is_empty() { "list" } else { "get" },
            resource: &resource.name,
            namespace,
            path,
            query: &[],
            accept: JSON,
            payload: Payload::Nothing,
        };
        match self.cluster.ask::<serde_json::Value>(question).await {
            Ok(found) => match to_value(&found) {
                Value::Map(map) => Ok(map),
                _ => Ok(Map::new()),
            },
            Err(error) if error.is_not_found() => Ok(Map::new()),
            Err(error) => Err(FnError::new(error.chain())),
        }
    }
}

/// JSON as Kubernetes' decoder makes it: whole numbers stay whole.
fn to_value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(bool) => Value::Bool(*bool),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Float(number.as_f64().unwrap_or_default()), Value::int64),
        serde_json::Value::String(text) => Value::String(GoStr::from_bytes(text.as_bytes())),
        serde_json::Value::Array(items) => Value::List(items.iter().map(to_value).collect::<List>()),
        serde_json::Value::Object(fields) => {
            let map = Map::new();
            for (key, value) in fields {
                map.insert(key.as_str(), to_value(value));
            }
            Value::Map(map)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_objects_stay_whole() {
        let value = to_value(&serde_json::json!({ "a": [1, 1.5, null, "x", true] }));
        let items = value.as_map().unwrap().get("a").unwrap().to_items().unwrap();
        let types: Vec<String> = items.iter().map(Value::type_name).collect();
        assert_eq!(types, ["int64", "float64", "<nil>", "string", "bool"]);
    }
}
