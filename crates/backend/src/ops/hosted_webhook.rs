//! Webhooks of hosted repositories: who is told of what, and what became of the messages.
//!
//! A webhook is told of private charts, too: it is the word of somebody who may decide who sees them.

use model::Timestamp;
use model::webhook::{DeliveryState, Webhook, WebhookDelivery, WebhookEvent, WebhookSecret};
use url::Url;

use super::HostedCharts;
use super::authorise::Action;
use super::hosted::of;
use crate::hosted::{message_id, test_body};
use crate::jobs::SECRET_PREFIX;
use crate::secret::SecretString;
use crate::store::{
    DeliveryRecord, HostedRepositoryRecord, NewDelivery, NewWebhookRecord, Tx, WebhookRecord,
};
use crate::{Error, Result, Viewer, drawn};

/// Webhooks of all repositories together: each is asked with every change.
const MAX_WEBHOOKS: i64 = 50;
const MAX_URL_BYTES: usize = 2_000;
/// Messages that are shown of a webhook.
const MAX_SHOWN: i64 = 20;

/// What a webhook is told, and where.
#[derive(Clone, Debug)]
pub struct WebhookWish {
    /// `http` or `https`, without user name and password.
    pub url: String,
    /// At least one.
    pub events: Vec<WebhookEvent>,
    /// It is told of all hosted repositories; cannot be changed later.
    pub for_all: bool,
    /// Off, nothing is left for it.
    pub is_enabled: bool,
}

impl HostedCharts<'_> {
    /// The webhooks that are told of a tenant's repository, with their last messages.
    #[tracing::instrument(name = "op.webhook.list", skip_all)]
    pub async fn webhooks(&self, viewer: &Viewer, tenant: &str) -> Result<Vec<Webhook>> {
        self.backend.authorise(viewer, Action::ManageHosted { tenant })?;
        let (_, repository) = self.place(tenant).await?;
        let store = &self.backend.inner().store;
        let mut webhooks = Vec::new();
        for record in store.webhooks(repository.id).await? {
            let deliveries = store.deliveries(record.id, MAX_SHOWN).await?;
            webhooks.push(shown(record, deliveries));
        }
        Ok(webhooks)
    }

    /// Adds a webhook. Its secret is told this once.
    #[tracing::instrument(name = "op.webhook.create", skip_all)]
    pub async fn create_webhook(
        &self,
        viewer: &Viewer,
        tenant: &str,
        wish: WebhookWish,
    ) -> Result<WebhookSecret> {
        let object = of(tenant, &host(&wish.url));
        let work = async {
            let (hosted, repository) = self.place(tenant).await?;
            let inner = self.backend.inner();
            let (url, events) = checked(&wish)?;
            if inner.store.count_webhooks().await? >= MAX_WEBHOOKS {
                return Err(Error::Conflict {
                    what: "webhooks".to_owned(),
                    reason: format!("there are {MAX_WEBHOOKS}, which is the limit; delete one"),
                });
            }
            let secret = new_secret()?;
            let audit = self.backend.record(viewer, "webhook.create", &object, &events);
            let new = NewWebhookRecord {
                repository_id: (!wish.for_all).then_some(repository.id),
                url: &url,
                sealed: &hosted.seal_webhook(&secret).await?,
                events: &events,
                created_at: inner.clock.now(),
                created_by: &audit.actor,
            };
            let mut tx = inner.store.begin().await?;
            let id = tx.insert_webhook(&new).await?;
            if !wish.is_enabled {
                tx.update_webhook(id, &url, &events, false).await?;
            }
            tx.append_audit(&audit).await?;
            tx.commit().await?;
            Ok(WebhookSecret {
                id,
                secret: secret.expose().to_owned(),
            })
        };
        let action = Action::ManageHosted { tenant };
        self.backend
            .audited(viewer, action, "webhook.create", &object, work)
            .await
    }

    /// Changes where a webhook is sent to, what it is told of, and whether it is.
    #[tracing::instrument(name = "op.webhook.update", skip_all)]
    pub async fn update_webhook(
        &self,
        viewer: &Viewer,
        tenant: &str,
        id: i64,
        wish: WebhookWish,
    ) -> Result<()> {
        let state = if wish.is_enabled { "on" } else { "off" };
        let detail = format!("{}; {state}", host(&wish.url));
        self.change(viewer, tenant, id, "webhook.update", &detail, async |tx, _| {
            let (url, events) = checked(&wish)?;
            Ok(tx.update_webhook(id, &url, &events, wish.is_enabled).await?)
        })
        .await
    }

    /// Gives a webhook another secret, which is told this once. The old one signs nothing any more.
    #[tracing::instrument(name = "op.webhook.renew", skip_all)]
    pub async fn renew_webhook(&self, viewer: &Viewer, tenant: &str, id: i64) -> Result<WebhookSecret> {
        self.backend.authorise(viewer, Action::ManageHosted { tenant })?;
        let secret = new_secret()?;
        // Before the transaction begins: making a key takes one of its own.
        let sealed = self.hosted(tenant)?.seal_webhook(&secret).await?;
        self.change(viewer, tenant, id, "webhook.renew", "", async |tx, _| {
            Ok(tx.set_webhook_secret(id, &sealed).await?)
        })
        .await?;
        Ok(WebhookSecret {
            id,
            secret: secret.expose().to_owned(),
        })
    }

    /// Removes a webhook with what was still to be sent to it.
    #[tracing::instrument(name = "op.webhook.delete", skip_all)]
    pub async fn delete_webhook(&self, viewer: &Viewer, tenant: &str, id: i64) -> Result<()> {
        self.change(viewer, tenant, id, "webhook.delete", "", async |tx, _| {
            Ok(tx.delete_webhook(id).await?)
        })
        .await
    }

    /// Leaves a message that says that it is a test. It is sent like any other, also to a webhook that is off.
    #[tracing::instrument(name = "op.webhook.test", skip_all)]
    pub async fn test_webhook(&self, viewer: &Viewer, tenant: &str, id: i64) -> Result<()> {
        let by = self.backend.record(viewer, "webhook.test", "", "").actor;
        self.change(viewer, tenant, id, "webhook.test", "", async |tx, repository| {
            let now = self.backend.inner().clock.now();
            let new = NewDelivery {
                webhook_id: id,
                message_id: &message_id()?,
                event: WebhookEvent::Test.as_str(),
                about: "a test",
                body: &test_body(&repository.name, tenant, &by, now)?,
                created_at: now,
            };
            Ok(tx.put_delivery(&new).await?)
        })
        .await?;
        self.hosted(tenant)?.outbox.notify_one();
        Ok(())
    }

    /// Sends what is due now and waits for that. A job does so all the time.
    #[tracing::instrument(name = "op.webhook.deliver", skip_all)]
    pub async fn deliver_webhooks(&self, viewer: &Viewer) -> Result<()> {
        self.backend
            .authorise(viewer, Action::ManageHosted { tenant: "" })?;
        let inner = self.backend.inner();
        for id in inner.store.due_webhooks(inner.clock.now()).await? {
            self.backend.deliver_to(id).await?;
        }
        Ok(())
    }

    /// Changes a webhook that is told of a tenant's repository, with its line of the audit log in one transaction.
    async fn change(
        &self,
        viewer: &Viewer,
        tenant: &str,
        id: i64,
        name: &'static str,
        detail: &str,
        change: impl AsyncFnOnce(&mut Tx, &HostedRepositoryRecord) -> Result<()>,
    ) -> Result<()> {
        let object = of(tenant, &format!("webhook {id}"));
        let work = async {
            let (_, repository) = self.place(tenant).await?;
            let store = &self.backend.inner().store;
            let known = store.find_webhook(id).await?;
            let is_told =
                |webhook: &WebhookRecord| webhook.repository_id.is_none_or(|of| of == repository.id);
            if known.filter(is_told).is_none() {
                return Err(Error::not_found("webhook", id.to_string()));
            }
            let audit = self.backend.record(viewer, name, &object, detail);
            let mut tx = store.begin().await?;
            change(&mut tx, &repository).await?;
            tx.append_audit(&audit).await?;
            Ok(tx.commit().await?)
        };
        let action = Action::ManageHosted { tenant };
        self.backend.audited(viewer, action, name, &object, work).await
    }
}

fn new_secret() -> Result<SecretString> {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD.encode(drawn::bytes::<32>()?);
    Ok(SecretString::new(format!("{SECRET_PREFIX}{key}")))
}

/// The host alone: the rest of a webhook's URL can be a secret.
fn host(url: &str) -> String {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or("no host").to_owned()
}

fn checked(wish: &WebhookWish) -> Result<(String, String)> {
    let invalid = |message: &str| Error::Invalid {
        field: "url",
        message: message.to_owned(),
    };
    let text = wish.url.trim();
    if text.len() > MAX_URL_BYTES {
        return Err(invalid(&format!("has at most {MAX_URL_BYTES} bytes")));
    }
    let url =
        Url::parse(text).map_err(|_| invalid("is not a URL such as `https://ci.example.com/charts`"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(invalid("begins with `https://` or `http://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "has no user name and no password: the signature says who sends it",
        ));
    }
    let mut events = wish.events.clone();
    events.retain(|event| *event != WebhookEvent::Test);
    events.sort_unstable();
    events.dedup();
    if events.is_empty() {
        return Err(Error::Invalid {
            field: "events",
            message: "are needed: choose at least one".to_owned(),
        });
    }
    let events: Vec<&str> = events.into_iter().map(WebhookEvent::as_str).collect();
    Ok((url.into(), events.join(" ")))
}

fn shown(record: WebhookRecord, deliveries: Vec<DeliveryRecord>) -> Webhook {
    Webhook {
        id: record.id,
        url: record.url,
        for_all: record.repository_id.is_none(),
        events: record.events.split(' ').filter_map(WebhookEvent::parse).collect(),
        is_enabled: record.is_enabled,
        created: Timestamp(record.created_at),
        created_by: record.created_by,
        n_waiting: record.n_waiting.unsigned_abs(),
        deliveries: deliveries.into_iter().map(delivery).collect(),
    }
}

fn delivery(record: DeliveryRecord) -> WebhookDelivery {
    let state = match record.state.as_str() {
        "delivered" => DeliveryState::Delivered,
        "failed" => DeliveryState::Failed,
        _ => DeliveryState::Waiting,
    };
    WebhookDelivery {
        message_id: record.message_id,
        event: WebhookEvent::parse(&record.event).unwrap_or(WebhookEvent::Test),
        about: record.about,
        created: Timestamp(record.created_at),
        n_attempts: u32::try_from(record.n_attempts).unwrap_or_default(),
        status: record.status.and_then(|status| u16::try_from(status).ok()),
        error: record.error,
        next_attempt: (state == DeliveryState::Waiting).then_some(Timestamp(record.next_at)),
        state,
    }
}
