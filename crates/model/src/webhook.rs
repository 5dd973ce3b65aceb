//! Webhooks of hosted repositories, as those who manage them see them.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Something that happens to hosted charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum WebhookEvent {
    /// A version was uploaded, by whatever door, or copied from another repository.
    #[serde(rename = "chart.pushed")]
    Pushed,
    /// A version was deleted, by somebody or by a rule.
    #[serde(rename = "chart.deleted")]
    Deleted,
    /// A deleted version came back.
    #[serde(rename = "chart.restored")]
    Restored,
    /// A version was yanked.
    #[serde(rename = "chart.yanked")]
    Yanked,
    /// A version is not yanked any more.
    #[serde(rename = "chart.unyanked")]
    Unyanked,
    /// A chart was deprecated.
    #[serde(rename = "chart.deprecated")]
    Deprecated,
    /// A chart is not deprecated any more.
    #[serde(rename = "chart.undeprecated")]
    Undeprecated,
    /// Somebody tries the webhook out.
    #[serde(rename = "webhook.test")]
    Test,
}

impl WebhookEvent {
    /// Those that a webhook can be for, in the order they are shown in.
    pub const ALL: [Self; 7] = [
        Self::Pushed,
        Self::Deleted,
        Self::Restored,
        Self::Yanked,
        Self::Unyanked,
        Self::Deprecated,
        Self::Undeprecated,
    ];

    /// As it is written in payloads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pushed => "chart.pushed",
            Self::Deleted => "chart.deleted",
            Self::Restored => "chart.restored",
            Self::Yanked => "chart.yanked",
            Self::Unyanked => "chart.unyanked",
            Self::Deprecated => "chart.deprecated",
            Self::Undeprecated => "chart.undeprecated",
            Self::Test => "webhook.test",
        }
    }

    /// One that a webhook can be for.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }
}

/// A webhook, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Webhook {
    pub id: i64,
    /// Where it is sent to.
    pub url: String,
    /// It is told of all hosted repositories, those of the future, too.
    pub for_all: bool,
    pub events: Vec<WebhookEvent>,
    /// Off, what happens meanwhile is not told later.
    pub is_enabled: bool,
    pub created: Timestamp,
    pub created_by: String,
    /// Deliveries that are still to be made.
    pub n_waiting: u64,
    /// The last 20, the newest first.
    pub deliveries: Vec<WebhookDelivery>,
}

/// A message to a webhook, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebhookDelivery {
    /// The same in every attempt: `webhook-id`.
    pub message_id: String,
    pub event: WebhookEvent,
    /// What it is about, in words.
    pub about: String,
    pub created: Timestamp,
    pub state: DeliveryState,
    pub n_attempts: u32,
    /// What the receiver answered last.
    pub status: Option<u16>,
    /// Why the last attempt did not succeed.
    pub error: Option<String>,
    /// When it is tried again.
    pub next_attempt: Option<Timestamp>,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is to be tried, for the first time or again.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// A webhook that was made, or has a new secret: this is the only time that it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WebhookSecret {
    pub id: i64,
    /// `whsec_` and a key in base64, as libraries of Standard Webhooks take it.
    pub secret: String,
}
