//! What every page knows about the site it belongs to.

use serde::{Deserialize, Serialize};

/// Facts about this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The product's version.
    pub version: String,
    /// Where the site lives below its origin: empty or `/a/b`, never with a trailing slash.
    pub base_path: String,
    /// The public origin, such as `https://charts.example.com`, for canonical links; empty when not configured.
    pub origin: String,
    pub title: String,
}

/// What a "not found" page offers instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// `repository/name` of the nearest charts, nearest first.
    pub charts: Vec<String>,
}
