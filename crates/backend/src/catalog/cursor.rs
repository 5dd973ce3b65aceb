//! Where a part of a list begins or ends, by key: a list that changes while it is read neither repeats nor drops rows.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::Error;

/// A row's place in an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct SortKey {
    pub(super) first: i64,
    pub(super) name: String,
    pub(super) repository: String,
}

/// The part of a list that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Cursor {
    /// The rows past this one.
    #[serde(rename = "a")]
    After(SortKey),
    /// The rows before this one.
    #[serde(rename = "b")]
    Before(SortKey),
}

impl Cursor {
    pub(super) fn encode(&self) -> String {
        // Plain data: JSON can say it.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    pub(super) fn parse(text: &str) -> Result<Option<Self>, Error> {
        if text.is_empty() {
            return Ok(None);
        }
        let invalid = || Error::Invalid {
            field: "cursor",
            message: "is not one that a list has given out".to_owned(),
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        serde_json::from_slice(&bytes).map(Some).map_err(|_| invalid())
    }
}
