//! `GET /metrics`: what a process counts of itself, as Prometheus reads it (OpenMetrics 1.0).
//!
//! What is said of repositories is what whoever asks may see of them, and no label has a value that a client, a chart or an
//! upstream chose: a series costs memory here and there.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRef, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Router};
use backend::{Backend, Viewer};
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use model::repository::RepositoryKind;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::error::Problem;
use crate::config::Config;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Seconds until an answer begins, from a page out of memory to an upgrade that waits.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// What a process counts while it serves.
pub(crate) struct Metrics {
    base_path: String,
    /// All that this listener serves is hosted charts.
    is_museum: bool,
    /// Where ChartMuseum's API is below it.
    hosted_path: String,
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<AreaLabels, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    area: Area,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AreaLabels {
    area: Area,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

/// What a request is for; `other` is feeds, sitemaps, badges and the addresses of others.
type Area = &'static str;

fn kind_name(kind: RepositoryKind) -> &'static str {
    match kind {
        RepositoryKind::Samples => "samples",
        RepositoryKind::Synced => "synced",
        RepositoryKind::Hosted => "hosted",
    }
}

impl Metrics {
    pub(crate) fn new(config: &Config, is_museum: bool) -> Self {
        let (mut registry, requests) = (Registry::default(), Family::default());
        let seconds: Family<AreaLabels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register(
            "chartroom_http_requests",
            "Requests that were answered",
            requests.clone(),
        );
        registry.register_with_unit(
            "chartroom_http_request_duration",
            "Time until an answer begins",
            Unit::Seconds,
            seconds.clone(),
        );
        Self {
            is_museum,
            base_path: config.server.base_path.clone(),
            hosted_path: config.hosted.context_path.clone(),
            registry,
            requests,
            seconds,
        }
    }

    /// A proxy may have taken the base path off.
    fn area(&self, path: &str) -> Area {
        if self.is_museum {
            return "hosted";
        }
        let path = path.strip_prefix(self.base_path.as_str()).unwrap_or(path);
        match path.strip_prefix(self.hosted_path.as_str()) {
            Some(rest) if !self.hosted_path.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
                "hosted"
            }
            _ => area(path),
        }
    }

    fn count(&self, area: Area, method: &Method, status: StatusCode, seconds: f64) {
        let labels = RequestLabels {
            area,
            method: method_name(method),
            status: status.as_u16(),
        };
        self.requests.get_or_create(&labels).inc();
        self.seconds.get_or_create(&AreaLabels { area }).observe(seconds);
    }
}

/// Its route.
pub(crate) fn route<S>(metrics: &Arc<Metrics>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Backend: FromRef<S>,
{
    Router::new()
        .route("/metrics", axum::routing::get(get))
        .layer(Extension(Arc::clone(metrics)))
}

/// Counts what goes by.
pub(crate) async fn count(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let (area, method, started) = (
        metrics.area(request.uri().path()),
        request.method().clone(),
        Instant::now(),
    );
    let response = next.run(request).await;
    metrics.count(area, &method, response.status(), started.elapsed().as_secs_f64());
    response
}

/// `GET /metrics`, for whoever may see repositories.
pub(crate) async fn get(
    State(backend): State<Backend>,
    Extension(metrics): Extension<Arc<Metrics>>,
    Extension(viewer): Extension<Viewer>,
) -> Result<Response, Problem> {
    let mut registry = Registry::default();
    of_repositories(&mut registry, &backend, &viewer).await?;
    of_process(&mut registry);
    let mut text = String::new();
    let written = encode_registry(&mut text, &metrics.registry)
        .and_then(|()| encode_registry(&mut text, &registry))
        .and_then(|()| encode_eof(&mut text));
    if written.is_err() {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    }
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

async fn of_repositories(registry: &mut Registry, backend: &Backend, viewer: &Viewer) -> Result<(), Problem> {
    let [repositories, charts, versions, failing, held, pending, failed] =
        std::array::from_fn(|_| Family::<KindLabels, Gauge>::default());
    let oldest = Family::<KindLabels, Gauge>::default();
    for repository in backend.repositories().list(viewer).await? {
        let labels = KindLabels {
            kind: kind_name(repository.kind),
        };
        let add = |family: &Family<KindLabels, Gauge>, n: u64| {
            family
                .get_or_create(&labels)
                .inc_by(i64::try_from(n).unwrap_or(i64::MAX));
        };
        let state = &repository.state;
        add(&repositories, 1);
        add(&charts, repository.n_charts);
        add(&versions, repository.n_versions);
        add(&failing, u64::from(state.last_error.is_some()));
        add(&held, u64::from(state.held.is_some()));
        add(&pending, state.n_archives_pending);
        add(&failed, state.n_archives_failed);
        if let (RepositoryKind::Synced, Some(success)) = (repository.kind, state.last_success) {
            let known = oldest.get_or_create(&labels);
            if known.get() == 0 || success.0 < known.get() {
                known.set(success.0);
            }
        }
    }
    for (name, help, family) in [
        ("chartroom_repositories", "Repositories", repositories),
        ("chartroom_charts", "Charts", charts),
        ("chartroom_chart_versions", "Versions of charts", versions),
        (
            "chartroom_repositories_failing",
            "Repositories whose last sync did not succeed",
            failing,
        ),
        (
            "chartroom_repositories_held",
            "Repositories whose index waits for an operator",
            held,
        ),
        (
            "chartroom_archives_pending",
            "Archives that are wanted and not fetched yet",
            pending,
        ),
        (
            "chartroom_archives_failed",
            "Archives that could not be fetched or read",
            failed,
        ),
        (
            "chartroom_oldest_sync_success_timestamp_seconds",
            "When the repository that has waited longest was last synced, in seconds since 1970",
            oldest,
        ),
    ] {
        registry.register(name, help, family);
    }
    Ok(())
}

/// What Linux says of this process, by the names that client libraries of Prometheus agree on.
fn of_process(registry: &mut Registry) {
    let mut gauge = |name: &str, help: &str, value: Option<i64>| {
        let Some(value) = value else { return };
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        let number = line.trim().strip_suffix(" kB")?.trim();
        Some(number.parse::<i64>().ok()? * 1024)
    };
    gauge(
        "process_resident_memory_bytes",
        "Memory in use",
        kilobytes("VmRSS:"),
    );
    gauge(
        "process_resident_memory_peak_bytes",
        "Most memory that was in use",
        kilobytes("VmHWM:"),
    );
    let n_open = std::fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
    gauge(
        "process_open_fds",
        "Open files and connections",
        n_open.and_then(|n| i64::try_from(n).ok()),
    );
    let build = Gauge::<i64>::default();
    build.set(1);
    let version = [("version".into(), env!("CARGO_PKG_VERSION").into())];
    registry.sub_registry_with_labels(version.into_iter()).register(
        "chartroom_build_info",
        "The version of this program",
        build,
    );
}

fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// By the first segment below the base path.
fn area(path: &str) -> Area {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next()) {
        (None | Some("charts" | "repositories" | "releases" | "operations" | "account" | "accounts"), _)
        | (Some("sign-in" | "sign-out" | "setup" | "audit" | "ui"), _) => "page",
        (Some("api"), Some("v1" | "charts")) => "api",
        (Some("v2"), _) => "oci",
        (Some("mirror"), _) => "mirror",
        (Some("archives" | "icons" | "raw"), _) => "archive",
        (Some("assets"), _) => "asset",
        (Some("livez" | "readyz" | "healthz" | "metrics"), _) => "probe",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};
    use prometheus_client::encoding::text::encode_registry;

    use super::Metrics;
    use crate::config::Config;

    #[test]
    fn whatever_is_asked_for_there_are_as_many_series_as_areas() {
        let mut config = Config::default();
        "/base".clone_into(&mut config.server.base_path);
        let metrics = Metrics::new(&config, false);
        for (path, want) in [
            ("/", "page"),
            ("/base/charts", "page"),
            ("/charts/team/web", "page"),
            ("/api/v1/charts", "api"),
            ("/api/chartsvc/v1/charts", "other"),
            ("/hosted/org/repo/index.yaml", "hosted"),
            ("/base/hosted", "hosted"),
            ("/hostedx", "other"),
            ("/v2/hosted/web/tags/list", "oci"),
            ("//livez", "probe"),
            ("/no/such/thing", "other"),
        ] {
            assert_eq!(metrics.area(path), want, "{path}");
        }
        for n in 0..1_000 {
            let method = Method::from_bytes(format!("M{n}").as_bytes()).expect("a method");
            metrics.count(metrics.area(&format!("/{n}")), &method, StatusCode::OK, 0.003);
        }
        let mut text = String::new();
        encode_registry(&mut text, &metrics.registry).expect("it is written");
        let counted: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("chartroom_http_requests_total"))
            .collect();
        assert_eq!(
            counted,
            ["chartroom_http_requests_total{area=\"other\",method=\"other\",status=\"200\"} 1000"]
        );
        assert!(
            text.contains("duration_seconds_bucket{le=\"0.005\",area=\"other\"} 1000"),
            "{text}"
        );
    }
}
