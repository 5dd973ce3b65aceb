//! `chartroom museum`: hosted repositories on a listener of their own, with ChartMuseum's flags and variables.
//!
//! The flags are settings of `[hosted]` under the names that manifests and scripts use already; what ChartMuseum has and
//! Chartroom need not (caches, scan limits) is accepted and does nothing. Without credentials the server is open to
//! everybody, as ChartMuseum is, and says so.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::extract::Request;
use axum::{Router, ServiceExt};
use backend::secret::SecretString;
use backend::{Backend, Viewer};
use clap::{ArgAction, Args};
use tokio::net::TcpListener;

use super::{Global, terminal};
use crate::config::{Config, ServerSection};
use crate::router::museum_router;
use crate::shutdown;

/// A switch as ChartMuseum takes it: `--flag`, `--flag=false`, or its variable.
macro_rules! switches {
    ($(#[$group:meta])* $name:ident { $($(#[doc = $doc:literal])* $field:ident = $long:literal, $env:literal;)* }) => {
        $(#[$group])*
        #[derive(Args)]
        struct $name {
            $(
                $(#[doc = $doc])*
                #[arg(
                    long = $long, env = $env, action = ArgAction::Set, num_args = 0..=1, require_equals = true,
                    default_value = "false", default_missing_value = "true", value_name = "BOOL",
                    value_parser = switch, hide_default_value = true
                )]
                $field: bool,
            )*
        }
    };
}

switches! {
    Switches {
        /// Tenants may have any depth
        depth_dynamic = "depth-dynamic", "DEPTH_DYNAMIC";
        /// Let a version be uploaded again without ?force
        allow_overwrite = "allow-overwrite", "ALLOW_OVERWRITE";
        /// Do not let a version be uploaded again, even with ?force
        disable_force_overwrite = "disable-force-overwrite", "DISABLE_FORCE_OVERWRITE";
        /// Disable all routes below /api
        disable_api = "disable-api", "DISABLE_API";
        /// Disable deleting
        disable_delete = "disable-delete", "DISABLE_DELETE";
        /// Write the index as JSON
        json_index = "json-index", "JSON_INDEX";
        /// Let everybody get charts where credentials are needed
        auth_anonymous_get = "auth-anonymous-get", "AUTH_ANONYMOUS_GET";
        /// Accept tokens of an authorisation server
        bearer_auth = "bearer-auth", "BEARER_AUTH";
        /// Print the index and exit
        gen_index = "gen-index", "GEN_INDEX";
        /// Serve /metrics
        enable_metrics = "enable-metrics", "ENABLE_METRICS";
        /// Log more
        debug = "debug", "DEBUG";
        /// Log as JSON
        log_json = "log-json", "LOG_JSON";
    }
}

switches! {
    /// Accepted so that manifests run unchanged, and of no effect.
    Accepted {
        /// Accepted and without effect
        log_health = "log-health", "LOG_HEALTH";
        /// Accepted and without effect
        log_latency_integer = "log-latency-integer", "LOG_LATENCY_INTEGER";
        /// Accepted and without effect
        disable_metrics = "disable-metrics", "DISABLE_METRICS";
        /// Accepted and without effect
        disable_statefiles = "disable-statefiles", "DISABLE_STATEFILES";
        /// Accepted and without effect
        enforce_semver2 = "enforce-semver2", "ENFORCE_SEMVER2";
        /// Accepted and without effect
        always_regenerate_chart_index = "always-regenerate-chart-index", "ALWAYS_REGENERATE_CHART_INDEX";
    }
}

#[derive(Args)]
pub(super) struct Arguments {
    /// Listen on this port
    #[arg(long, env = "PORT", default_value_t = 8080)]
    port: u16,
    /// Listen on this address
    #[arg(long, env = "LISTEN_HOST", default_value = "0.0.0.0", value_name = "ADDR")]
    listen_host: String,
    /// Where the API lives below the origin, such as /charts
    #[arg(
        long,
        env = "CONTEXT_PATH",
        default_value = "",
        hide_default_value = true,
        value_name = "PATH"
    )]
    context_path: String,
    /// Segments of a tenant's name
    #[arg(long, env = "DEPTH", default_value_t = 0, value_name = "N")]
    depth: u32,
    /// Where the charts are: only `local`
    #[arg(long, env = "STORAGE", default_value = "local")]
    storage: String,
    /// The directory of the charts [default: hosted in the data directory]
    #[arg(long, env = "STORAGE_LOCAL_ROOTDIR", value_name = "DIR")]
    storage_local_rootdir: Option<PathBuf>,
    /// What addresses of archives begin with
    #[arg(
        long,
        env = "CHART_URL",
        default_value = "",
        hide_default_value = true,
        value_name = "URL"
    )]
    chart_url: String,
    /// Refuse larger uploads
    #[arg(long, env = "MAX_UPLOAD_SIZE", default_value_t = 20 * 1024 * 1024, value_name = "BYTES")]
    max_upload_size: u64,
    /// Files that a tenant may have; 0 means no limit
    #[arg(long, env = "MAX_STORAGE_OBJECTS", default_value_t = 0, value_name = "N")]
    max_storage_objects: u64,
    /// Versions that a chart may have; 0 means no limit
    #[arg(long, env = "PER_CHART_LIMIT", default_value_t = 0, value_name = "N")]
    per_chart_limit: u64,
    /// The name for basic authentication
    #[arg(long, env = "BASIC_AUTH_USER", value_name = "NAME")]
    basic_auth_user: Option<String>,
    /// The password for basic authentication
    #[arg(
        long,
        env = "BASIC_AUTH_PASS",
        hide_env_values = true,
        value_name = "PASSWORD"
    )]
    basic_auth_pass: Option<String>,
    /// The address of the authorisation server
    #[arg(long, env = "AUTH_REALM", value_name = "URL")]
    auth_realm: Option<String>,
    /// What the authorisation server calls this one
    #[arg(long, env = "AUTH_SERVICE", value_name = "NAME")]
    auth_service: Option<String>,
    /// The authorisation server's public key (PEM)
    #[arg(long, env = "AUTH_CERT_PATH", value_name = "FILE")]
    auth_cert_path: Option<PathBuf>,
    /// The field of a form that holds an archive
    #[arg(
        long,
        env = "CHART_POST_FORM_FIELD_NAME",
        default_value = "chart",
        value_name = "NAME"
    )]
    chart_post_form_field_name: String,
    /// The field of a form that holds a provenance file
    #[arg(
        long,
        env = "PROV_POST_FORM_FIELD_NAME",
        default_value = "prov",
        value_name = "NAME"
    )]
    prov_post_form_field_name: String,
    /// Ids on Artifact Hub: REPO=ID, or ID alone for the repository without a tenant
    #[arg(
        long,
        env = "ARTIFACT_HUB_REPO_ID",
        value_delimiter = ',',
        value_name = "REPO=ID"
    )]
    artifact_hub_repo_id: Vec<String>,
    /// What is sent as Access-Control-Allow-Origin
    #[arg(
        long = "cors-alloworigin",
        env = "CORS_ALLOW_ORIGIN",
        default_value = "",
        hide_default_value = true,
        value_name = "ORIGIN"
    )]
    cors_allow_origin: String,
    /// A directory with the index.html of a welcome page
    #[arg(long, env = "WEB_TEMPLATE_PATH", value_name = "DIR")]
    web_template_path: Option<PathBuf>,
    /// A request that takes longer is given up, in seconds
    #[arg(long, env = "WRITE_TIMEOUT", default_value_t = 30, value_name = "SECONDS")]
    write_timeout: u64,
    #[command(flatten)]
    switches: Switches,
    #[command(flatten)]
    accepted: Accepted,
    /// Accepted and without effect
    #[arg(long, env = "READ_TIMEOUT", hide = true)]
    read_timeout: Option<String>,
    /// Accepted and without effect
    #[arg(long, env = "INDEX_LIMIT", hide = true)]
    index_limit: Option<String>,
    /// Accepted and without effect
    #[arg(long, env = "CACHE_INTERVAL", hide = true)]
    cache_interval: Option<String>,
    /// Accepted and without effect
    #[arg(long, env = "STORAGE_TIMESTAMP_TOLERANCE", hide = true)]
    storage_timestamp_tolerance: Option<String>,
    /// Not there: PostgreSQL shares the state of replicas
    #[arg(long, env = "CACHE", hide = true)]
    cache: Option<String>,
    /// Not there: a proxy in front speaks TLS
    #[arg(long, env = "TLS_CERT", hide = true)]
    tls_cert: Option<String>,
    /// Not there: a proxy in front speaks TLS
    #[arg(long, env = "TLS_KEY", hide = true)]
    tls_key: Option<String>,
    /// Not there: a proxy in front speaks TLS
    #[arg(long, env = "TLS_CA_CERT", hide = true)]
    tls_ca_cert: Option<String>,
    /// Not there
    #[arg(long, env = "AUTH_ACTIONS_SEARCH_PATH", hide = true)]
    auth_actions_search_path: Option<String>,
}

/// What Go's flags take for a switch; a variable that is set to nothing is one that is not set.
fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" => Ok(true),
        "" | "0" | "f" | "false" => Ok(false),
        _ => Err("is neither true nor false".to_owned()),
    }
}

impl Arguments {
    /// The configuration with what the flags say. What would silently be another behaviour is refused.
    pub(super) fn config(&self, global: &Global) -> Result<Config> {
        let refused: [(&str, bool, &str); 5] = [
            (
                "--storage",
                self.storage != "local",
                "only `local` storage is there: mount the bucket, or copy it into a directory",
            ),
            (
                "--cache",
                self.cache.as_deref().is_some_and(|cache| !cache.is_empty()),
                "no cache is needed: replicas share a PostgreSQL database, see `database.url`",
            ),
            (
                "--tls-cert",
                [&self.tls_cert, &self.tls_key, &self.tls_ca_cert]
                    .iter()
                    .any(|value| value.as_deref().is_some_and(|value| !value.is_empty())),
                "TLS is spoken by a proxy or an ingress in front",
            ),
            (
                "--auth-actions-search-path",
                self.auth_actions_search_path
                    .as_deref()
                    .is_some_and(|path| !path.is_empty()),
                "rights are read from the claim `access`",
            ),
            (
                "--bearer-auth",
                self.switches.bearer_auth
                    && (self.auth_realm.is_none()
                        || self.auth_service.is_none()
                        || self.auth_cert_path.is_none()),
                "needs --auth-realm, --auth-service and --auth-cert-path",
            ),
        ];
        for (flag, is_refused, reason) in refused {
            if is_refused {
                bail!("{flag}: {reason}");
            }
        }
        let listen = format!("{}:{}", self.listen_host, self.port);
        let mut config = global
            .layers()?
            .flag(&["server", "listen"], Some(listen))
            .load()?;
        config.server.base_path = String::new();
        if let Some(root) = &self.storage_local_rootdir
            && config.server.data_dir == ServerSection::default().data_dir
        {
            // Beside the charts, where containers of ChartMuseum may write.
            config.server.data_dir = root.join(".chartroom");
        }
        config.server.request_timeout_secs = self.write_timeout.max(1);
        if self.switches.debug {
            config.telemetry.log = "debug,sqlx=info,hyper=info".to_owned();
        }
        if self.switches.log_json {
            config.telemetry.format = crate::config::LogFormat::Json;
        }
        config.telemetry.metrics = self.switches.enable_metrics;
        self.hosted(&mut config)?;
        // The context path may be what it likes here: there are no pages.
        Ok(config)
    }

    fn hosted(&self, config: &mut Config) -> Result<()> {
        let switches = &self.switches;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let hosted = &mut config.hosted;
        hosted.enabled = true;
        hosted.context_path = self.context_path.trim_end_matches('/').to_owned();
        if !hosted.context_path.is_empty() && !hosted.context_path.starts_with('/') {
            bail!(
                "--context-path begins with a slash, unlike `{}`",
                self.context_path
            );
        }
        if let Some(dir) = &self.storage_local_rootdir {
            hosted.dir.clone_from(dir);
        }
        hosted.depth = self.depth;
        hosted.depth_dynamic = switches.depth_dynamic;
        hosted.chart_url.clone_from(&self.chart_url);
        hosted.json_index = switches.json_index;
        hosted.api = !switches.disable_api;
        hosted.delete = !switches.disable_delete;
        hosted.allow_overwrite = switches.allow_overwrite;
        hosted.allow_force_overwrite = !switches.disable_force_overwrite;
        hosted.max_upload_bytes = self.max_upload_size;
        hosted.max_objects = self.max_storage_objects;
        hosted.max_versions_per_chart = self.per_chart_limit;
        hosted.basic_auth_user = text(&self.basic_auth_user);
        hosted.basic_auth_password = SecretString::new(text(&self.basic_auth_pass));
        hosted.chart_field.clone_from(&self.chart_post_form_field_name);
        hosted
            .provenance_field
            .clone_from(&self.prov_post_form_field_name);
        hosted.cors_allow_origin.clone_from(&self.cors_allow_origin);
        hosted.web_template_dir.clone_from(&self.web_template_path);
        hosted.artifact_hub_ids = self
            .artifact_hub_repo_id
            .iter()
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (tenant, id) = pair.split_once('=').unwrap_or(("", pair));
                (tenant.to_owned(), id.to_owned())
            })
            .collect();
        let has_basic = !hosted.basic_auth_user.is_empty() && !hosted.basic_auth_password.expose().is_empty();
        if switches.bearer_auth {
            hosted.auth_realm = text(&self.auth_realm);
            hosted.auth_service = text(&self.auth_service);
            hosted.auth_cert_file.clone_from(&self.auth_cert_path);
        } else {
            hosted.auth_realm = String::new();
            hosted.auth_cert_file = None;
        }
        let is_open = !has_basic && !switches.bearer_auth;
        hosted.anonymous_push = is_open;
        config.access.anonymous_catalog = is_open || switches.auth_anonymous_get;
        Ok(())
    }

    pub(super) fn is_index_wanted(&self) -> bool {
        self.switches.gen_index
    }
}

pub(super) async fn run(config: Config, is_index_wanted: bool) -> Result<ExitCode> {
    if is_index_wanted {
        return print_index(&config).await;
    }
    // Bound first, so that a port that is taken is told at once; accepted from later. Clients that wait for no more than a
    // connection get their answer when it is a right one.
    let listener = TcpListener::bind(&config.server.listen)
        .await
        .with_context(|| format!("listening on {}", config.server.listen))?;
    let address = listener.local_addr().context("asking for our own address")?;
    if config.hosted.anonymous_push && config.hosted.api {
        tracing::warn!(
            "no credentials are set: everybody who reaches this server may upload and delete charts"
        );
    }
    let backend = open(&config).await?;
    let jobs = backend.start_without_pages();
    let router = museum_router(&backend, &config);
    let context_path = &config.hosted.context_path;
    tracing::info!(%address, context_path, "listening on http://{address}{context_path}");
    serve(
        listener,
        router,
        Duration::from_secs(config.server.shutdown_grace_secs),
    )
    .await?;
    jobs.shutdown().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Without the sample charts: nobody looks at a catalog here.
async fn open(config: &Config) -> Result<Backend> {
    let settings = config.backend_settings();
    std::fs::create_dir_all(&settings.data_dir)
        .with_context(|| format!("making the data directory {}", settings.data_dir.display()))?;
    Backend::open(settings).await.context("opening the store")
}

async fn print_index(config: &Config) -> Result<ExitCode> {
    let backend = open(config).await?;
    let index = backend.hosted().index(&Viewer::system(), "").await;
    let index = index.context("reading the index")?;
    terminal::write_bytes(&index.text.plain().concat());
    backend.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Serves until asked to stop, then gives running requests `grace` to end.
async fn serve(listener: TcpListener, router: Router, grace: Duration) -> Result<()> {
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(router);
    let server = axum::serve(listener, service).with_graceful_shutdown(async {
        shutdown::requested().await;
        tracing::info!("stopping");
        drop(stop);
    });
    tokio::select! {
        result = async { server.await } => result.context("serving"),
        () = async { let _ = stopping.await; tokio::time::sleep(grace).await; } => Ok(()),
    }
}
