//! Sending what changes of hosted charts left for webhooks: signed, in its own time for each receiver, again where it did
//! not get there, and given up in the end.
//!
//! A message is sent at least once: a process that dies between the receiver's answer and writing that down leaves a
//! message that is sent again with the same `webhook-id`. Of several processes one sends a message.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::Timestamp;
use model::webhook::WebhookEvent;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::LOOK_EVERY;
use crate::hosted::Hosted;
use crate::secret::SecretString;
use crate::settings::RepositorySettings;
use crate::store::{Attempt, DeliveryRecord, WebhookRecord};
use crate::{Backend, Error, Result};

/// What a webhook's secret begins with; the rest is its key in base64 (Standard Webhooks, "Signature scheme").
pub(crate) const SECRET_PREFIX: &str = "whsec_";
/// How long a receiver may take for its answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Who took up a message and has not said how it ended after so long is dead.
const CLAIM_SECS: i64 = 60;
/// The waits before each attempt after the first. After the last of them a message is given up.
const WAITS_SECS: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
/// A receiver that asks to be left alone is, for so long at most.
const MAX_WAIT_SECS: i64 = 86_400;

/// Sends what is to be sent until it is told to stop.
pub(super) async fn send(backend: Backend, hosted: Arc<Hosted>, stop: CancellationToken) {
    let mut sending = JoinSet::new();
    let mut busy = HashSet::new();
    loop {
        let now = backend.inner().clock.now();
        match backend.inner().store.due_webhooks(now).await {
            Ok(due) => {
                for id in due {
                    // One at a time for each receiver: who is slow or down delays only itself.
                    if busy.insert(id) {
                        let backend = backend.clone();
                        sending.spawn(async move { (id, backend.deliver_to(id).await) });
                    }
                }
            }
            Err(error) => {
                tracing::error!(error = %Error::from(error).chain(), "webhooks that are due cannot be read");
            }
        }
        tokio::select! {
            // What is on its way is sent again by whoever comes next.
            () = stop.cancelled() => return,
            Some(ended) = sending.join_next() => {
                // A task that panicked said nothing; its webhook waits until the next start.
                if let Ok((id, result)) = ended {
                    busy.remove(&id);
                    if let Err(error) = result {
                        tracing::error!(
                            webhook.id = id, error = %error.chain(), "messages to webhook {id} cannot be sent"
                        );
                    }
                }
            }
            () = hosted.outbox.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl Backend {
    /// Sends what is due to one webhook, until something fails: the next message waits for the next look then.
    pub(crate) async fn deliver_to(&self, webhook_id: i64) -> Result<()> {
        let inner = self.inner();
        loop {
            let now = inner.clock.now();
            let until = Timestamp(now.0 + CLAIM_SECS);
            let Some(delivery) = inner.store.claim_delivery(webhook_id, now, until).await? else {
                return Ok(());
            };
            let Some(webhook) = inner.store.find_webhook(webhook_id).await? else {
                return Ok(());
            };
            let ended = self.attempt(&webhook, &delivery).await?;
            let is_delivered = ended.error.is_none();
            let n_attempts = usize::try_from(delivery.n_attempts).unwrap_or_default();
            let wait = WAITS_SECS.get(n_attempts).filter(|_| !ended.is_final);
            let state = match wait {
                _ if is_delivered => "delivered",
                Some(_) => "waiting",
                None => "failed",
            };
            let wait = wait.copied().unwrap_or_default().max(ended.asked_secs);
            let attempt = Attempt {
                state,
                next_at: Timestamp(inner.clock.now().0 + wait),
                status: ended.status,
                error: ended.error.as_deref(),
            };
            inner.store.end_delivery(delivery.id, &attempt).await?;
            if state == "failed" {
                tracing::warn!(
                    webhook.id = webhook_id, message.id = %delivery.message_id,
                    "message {} to webhook {webhook_id} was given up", delivery.message_id
                );
            }
            if !is_delivered {
                return Ok(());
            }
        }
    }

    async fn attempt(&self, webhook: &WebhookRecord, delivery: &DeliveryRecord) -> Result<Ended> {
        let inner = self.inner();
        if !webhook.is_enabled && delivery.event != WebhookEvent::Test.as_str() {
            return Ok(Ended::given_up("it was switched off"));
        }
        let Some(hosted) = &inner.hosted else {
            return Ok(Ended::given_up("there are no hosted repositories any more"));
        };
        let Some(secret) = hosted.open_webhook(&webhook.sealed).await? else {
            return Ok(Ended::given_up(
                "its secret was sealed with another key: give it a new one",
            ));
        };
        let now = inner.clock.now();
        let Some(headers) = headers(&secret, delivery, now) else {
            return Ok(Ended::given_up("its secret cannot be used: give it a new one"));
        };
        let is_private_ok = Url::parse(&webhook.url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .is_some_and(|host| {
                let named = &hosted.settings.webhook_private_hosts;
                named.iter().any(|name| name.eq_ignore_ascii_case(&host))
            });
        let receiver = RepositorySettings {
            allow_private_network: is_private_ok,
            ..RepositorySettings::new("webhook", webhook.url.as_str())
        };
        let posted = match inner.upstream.source(&receiver) {
            Ok(source) => {
                let body = Bytes::from(delivery.body.clone());
                source.post(headers, body, PATIENCE).await
            }
            Err(error) => Err(error),
        };
        Ok(match posted {
            Ok(posted) if posted.status.is_success() => Ended {
                status: Some(posted.status.as_u16()),
                ..Ended::default()
            },
            Ok(posted) => {
                let status = posted.status.as_u16();
                let asked = posted.retry_after.map(|wait| wait.as_secs());
                let asked = asked.and_then(|secs| i64::try_from(secs).ok()).unwrap_or(0);
                let more = match posted.status.is_redirection() {
                    true => "; redirects are not followed",
                    false => "",
                };
                Ended {
                    status: Some(status),
                    error: Some(format!("it answered {status}{more}")),
                    asked_secs: asked.min(MAX_WAIT_SECS),
                    ..Ended::default()
                }
            }
            Err(error) => Ended {
                error: Some(error.in_words()),
                ..Ended::default()
            },
        })
    }
}

/// How an attempt ended.
#[derive(Default)]
struct Ended {
    status: Option<u16>,
    /// Nothing where all is well.
    error: Option<String>,
    /// Trying again would not help.
    is_final: bool,
    /// How long the receiver wants to be left alone.
    asked_secs: i64,
}

impl Ended {
    fn given_up(why: &str) -> Self {
        Self {
            error: Some(why.to_owned()),
            is_final: true,
            ..Self::default()
        }
    }
}

/// The headers of Standard Webhooks: the signature is over the message's id, the moment of this attempt and the body.
fn headers(secret: &SecretString, delivery: &DeliveryRecord, now: Timestamp) -> Option<HeaderMap> {
    let signature = signature(secret, &delivery.message_id, now, &delivery.body)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [
        ("webhook-id", delivery.message_id.clone()),
        ("webhook-timestamp", now.0.to_string()),
        ("webhook-signature", signature),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).ok()?);
    }
    Some(headers)
}

/// `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64; none where the secret is not one of a webhook.
fn signature(secret: &SecretString, id: &str, now: Timestamp, body: &str) -> Option<String> {
    let key = STANDARD
        .decode(secret.expose().strip_prefix(SECRET_PREFIX)?)
        .ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{}.{body}", now.0).as_bytes());
    Some(format!("v1,{}", STANDARD.encode(tag.as_ref())))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::signature;
    use crate::secret::SecretString;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The example of the reference libraries (`standard-webhooks`, `webhook_test.go`, `TestWebhookSign`).
        let secret = SecretString::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Timestamp(1_614_265_330),
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signed.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
        assert_eq!(
            signature(&SecretString::new("plain"), "id", Timestamp(0), ""),
            None
        );
    }
}
