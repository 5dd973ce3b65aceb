//! Sending something to where an operator wants it: webhooks.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use super::retry::retry_after;
use super::source::host_of;
use super::{FetchError, Source};

/// What a receiver answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posted {
    pub(crate) status: StatusCode,
    /// How long it wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

impl Source {
    /// Sends a body to the URL that this source is of, within `patience`. A redirect is an answer like any other, and of
    /// an answer nothing but the head is read: who can choose the URL learns nothing of what is there.
    #[tracing::instrument(name = "upstream.post", skip_all, fields(host = %host_of(&self.origin)))]
    pub(crate) async fn post(
        &self,
        headers: HeaderMap,
        body: Bytes,
        patience: Duration,
    ) -> Result<Posted, FetchError> {
        let url = &self.origin;
        let sent = async {
            self.check(url).await?;
            let request = self.client.post(url.clone()).headers(headers).body(body);
            request.send().await.map_err(|error| self.classify(url, error))
        };
        match timeout(patience, sent).await {
            Err(_) => Err(FetchError::Timeout {
                host: host_of(url),
                what: "answer",
                seconds: patience.as_secs(),
            }),
            Ok(response) => {
                let response = response?;
                Ok(Posted {
                    status: response.status(),
                    retry_after: retry_after(response.headers(), SystemTime::now()),
                })
            }
        }
    }
}
