//! Settings of who may come in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Users, sessions and API tokens.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccessSettings {
    /// Whether the catalog, charts and repositories may be read without signing in.
    pub anonymous_catalog: bool,
    /// How long a session holds at most.
    pub session_max_secs: u64,
    /// How long a session holds without being used.
    pub session_idle_secs: u64,
    /// The most days an API token may hold.
    pub token_max_days: u32,
    /// How long the link that makes the first user holds.
    pub setup_link_secs: u64,
    /// Ranges of addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: those of the proxies in front.
    pub trusted_proxies: Vec<String>,
}

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            anonymous_catalog: true,
            session_max_secs: 7 * 86_400,
            session_idle_secs: 86_400,
            token_max_days: 365,
            setup_link_secs: 86_400,
            trusted_proxies: vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()],
        }
    }
}
