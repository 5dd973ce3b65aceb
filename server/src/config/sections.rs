//! The sections that are the server's own; the backend's are in `backend::settings`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// Where the server listens and how the world sees it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSection {
    /// The address and port to listen on.
    pub listen: String,
    /// The directory of everything that is kept.
    pub data_dir: PathBuf,
    /// Where the site lives below its origin, such as `/charts`; empty for the root. Requests are understood with and
    /// without it, so a proxy may strip it or not.
    pub base_path: String,
    /// The origin that the world uses, such as `https://charts.example.com`, for canonical links. Empty means that it is
    /// taken from each request.
    pub public_origin: String,
    /// The name of the site in titles.
    pub title: String,
    /// A request that takes longer is given up.
    pub request_timeout_secs: u64,
    /// How long requests that run are waited for at shutdown.
    pub shutdown_grace_secs: u64,
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data_dir: PathBuf::from("data"),
            base_path: String::new(),
            public_origin: String::new(),
            title: "Chartroom".to_owned(),
            request_timeout_secs: 60,
            shutdown_grace_secs: 10,
        }
    }
}

impl ServerSection {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let invalid = |key: &'static str, reason: &'static str, value: &str| {
            Err(ConfigError::Invalid {
                key,
                reason,
                value: value.to_owned(),
            })
        };
        let base = &self.base_path;
        let is_plain = base
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
        if !base.is_empty()
            && (!base.starts_with('/') || base.ends_with('/') || base.contains("//") || !is_plain)
        {
            return invalid(
                "server.base_path",
                "is empty or like `/a/b`, without a slash at the end",
                base,
            );
        }
        let origin = &self.public_origin;
        if !origin.is_empty() {
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', ' ', '@'])) {
                return invalid(
                    "server.public_origin",
                    "is a scheme and a host, like `https://charts.example.com`",
                    origin,
                );
            }
        }
        if self.listen.parse::<std::net::SocketAddr>().is_err() && !self.listen.contains(':') {
            return invalid(
                "server.listen",
                "is an address and a port, like `0.0.0.0:8080`",
                &self.listen,
            );
        }
        Ok(())
    }
}

/// Logs.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySection {
    /// What is logged: a level, or directives such as `info,backend::sync=debug`.
    pub log: String,
    /// How log lines look.
    pub format: LogFormat,
    /// Answer `GET /metrics`, with numbers of this process and of the repositories that whoever asks may see.
    pub metrics: bool,
}

impl Default for TelemetrySection {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            format: LogFormat::default(),
            metrics: true,
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}
