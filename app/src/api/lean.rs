//! Sends a page's HTML once.
//!
//! A resource's value normally travels twice in the first answer: as the HTML it became, and as data for hydration. A
//! rendered README is large, and hydration never touches inner HTML, so values that hold such HTML leave it out of the
//! data. The server function that answers a later navigation carries all of it.

use leptos::server::codee;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AppError;

/// A value that holds HTML which need not travel twice.
pub trait Lean: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The same without its HTML.
    fn lean(&self) -> Self {
        self.clone()
    }
}

/// Encodes what [`Lean::lean`] leaves.
pub struct LeanCodec;

impl<T: Lean> codee::Encoder<Result<T, AppError>> for LeanCodec {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &Result<T, AppError>) -> Result<String, Self::Error> {
        serde_json::to_string(&value.as_ref().map(Lean::lean))
    }
}

impl<T: Lean> codee::Decoder<Result<T, AppError>> for LeanCodec {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<Result<T, AppError>, Self::Error> {
        serde_json::from_str(text)
    }
}
