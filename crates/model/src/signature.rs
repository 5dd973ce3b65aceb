//! What the signature of a chart's archive is worth.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What is known of who signed a version's archive. Checked here, with the keyring of its repository, and never taken from
/// an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignatureCheck {
    pub state: SignatureState,
    /// Who signed, the main name first; empty unless it is verified.
    pub by: Vec<String>,
    /// Of the key: hexadecimal. None unless it is verified.
    pub fingerprint: Option<String>,
    /// As the signature says; cosign keys say nothing.
    pub signed_at: Option<Timestamp>,
    /// Why it is not verified, as a clause that says what to do.
    pub reason: Option<String>,
    /// The keyring that it was checked with.
    pub keyring: Option<String>,
    pub policy: SignaturePolicy,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    /// A key of the keyring signed exactly this.
    Verified,
    /// There is no signature, or nobody who is known made it.
    Unverified,
    /// There is one, and it is not right.
    Bad,
}

/// What becomes of a chart that is not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignaturePolicy {
    /// Its page says so.
    Show,
    /// Every plan says so, too.
    Warn,
    /// It is not installed.
    Refuse,
}

impl SignatureCheck {
    /// What it comes to in a sentence without a period, about the chart; nothing where it is verified.
    pub fn concern(&self) -> Option<String> {
        let reason = self.reason.as_deref().unwrap_or("nothing is known of it");
        match self.state {
            SignatureState::Verified => None,
            SignatureState::Unverified => Some(format!("the chart is not verified: {reason}")),
            SignatureState::Bad => Some(format!("the chart's signature is bad: {reason}")),
        }
    }
}
