//! Webhooks of hosted repositories and the deliveries that changes leave for them.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, Tx};

const HOOKS: &str = "select w.hosted_webhook_id, w.repository_id, w.url, w.secret, w.events, w.is_enabled, w.created_at, \
    w.created_by, (select count(*) from hosted_delivery d where d.hosted_webhook_id = w.hosted_webhook_id \
    and d.state = 'waiting') as n_waiting from hosted_webhook w \
    where w.repository_id is null or w.repository_id = $1 order by w.hosted_webhook_id";
const FIND: &str = "select w.hosted_webhook_id, w.repository_id, w.url, w.secret, w.events, w.is_enabled, w.created_at, \
    w.created_by, cast(0 as bigint) as n_waiting from hosted_webhook w where w.hosted_webhook_id = $1";
const COUNT: &str = "select count(*) from hosted_webhook";
const INSERT: &str = "insert into hosted_webhook (repository_id, url, secret, events, created_at, created_by) \
    values ($1, $2, $3, $4, $5, $6) returning hosted_webhook_id";
const UPDATE: &str =
    "update hosted_webhook set url = $2, events = $3, is_enabled = $4 where hosted_webhook_id = $1";
const SET_SECRET: &str = "update hosted_webhook set secret = $2 where hosted_webhook_id = $1";
const DELETE: &str = "delete from hosted_webhook where hosted_webhook_id = $1";
const LISTENING: &str = "select hosted_webhook_id, events from hosted_webhook \
    where is_enabled and (repository_id is null or repository_id = $1)";
const PUT: &str = "insert into hosted_delivery (hosted_webhook_id, message_id, event, about, body, created_at, next_at) \
    values ($1, $2, $3, $4, $5, $6, $6)";
const LAST: &str = "select hosted_delivery_id, hosted_webhook_id, message_id, event, about, body, created_at, state, \
    n_attempts, next_at, status, error from hosted_delivery where hosted_webhook_id = $1 \
    order by hosted_delivery_id desc limit $2";
const DUE_HOOKS: &str = "select distinct d.hosted_webhook_id from hosted_delivery d \
    where d.state = 'waiting' and d.next_at <= $1 and d.claimed_until <= $1";
const NEXT: &str = "select hosted_delivery_id, hosted_webhook_id, message_id, event, about, body, created_at, state, \
    n_attempts, next_at, status, error from hosted_delivery where hosted_webhook_id = $1 and state = 'waiting' \
    and next_at <= $2 and claimed_until <= $2 order by next_at, hosted_delivery_id limit 1";
// Of several processes one changes the row.
const CLAIM: &str = "update hosted_delivery set claimed_until = $3 where hosted_delivery_id = $1 \
    and state = 'waiting' and claimed_until <= $2";
const END: &str = "update hosted_delivery set state = $2, n_attempts = n_attempts + 1, next_at = $3, claimed_until = 0, \
    status = $4, error = $5 where hosted_delivery_id = $1";
const FORGET: &str = "delete from hosted_delivery where state <> 'waiting' and created_at < $1";

pub(super) const SQL: &[&str] = &[
    HOOKS, FIND, COUNT, INSERT, UPDATE, SET_SECRET, DELETE, LISTENING, PUT, LAST, DUE_HOOKS, NEXT, CLAIM,
    END, FORGET,
];

/// A webhook.
#[derive(Clone, Debug, FromRow)]
pub struct WebhookRecord {
    /// The key.
    #[sqlx(rename = "hosted_webhook_id")]
    pub id: i64,
    /// Of the one that it is for; nothing where it is for all.
    pub repository_id: Option<i64>,
    /// Where it is sent to. It can hold a secret: not for logs.
    pub url: String,
    /// For who has the key.
    #[sqlx(rename = "secret")]
    pub sealed: Vec<u8>,
    /// With spaces between them.
    pub events: String,
    /// Off, nothing is left for it.
    pub is_enabled: bool,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Whoever made it.
    pub created_by: String,
    /// Deliveries that are still to be made.
    pub n_waiting: i64,
}

/// A webhook to add.
#[derive(Clone, Copy, Debug)]
pub struct NewWebhookRecord<'a> {
    /// Nothing for all.
    pub repository_id: Option<i64>,
    /// Where it is sent to.
    pub url: &'a str,
    /// Sealed.
    pub sealed: &'a [u8],
    /// With spaces between them.
    pub events: &'a str,
    /// Now.
    pub created_at: Timestamp,
    /// Whoever makes it.
    pub created_by: &'a str,
}

/// A webhook that is to be told of what happens.
#[derive(Clone, Debug, FromRow)]
pub struct ListeningWebhook {
    /// The key.
    #[sqlx(rename = "hosted_webhook_id")]
    pub id: i64,
    /// With spaces between them.
    pub events: String,
}

/// A message to a webhook.
#[derive(Clone, Debug, FromRow)]
pub struct DeliveryRecord {
    /// The key.
    #[sqlx(rename = "hosted_delivery_id")]
    pub id: i64,
    /// To whom.
    #[sqlx(rename = "hosted_webhook_id")]
    pub webhook_id: i64,
    /// The same in every attempt.
    pub message_id: String,
    /// Its name.
    pub event: String,
    /// What it is about, in words.
    pub about: String,
    /// The bytes that are signed.
    pub body: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub n_attempts: i64,
    /// When it is tried next, in seconds since 1970.
    pub next_at: i64,
    /// What the receiver answered last.
    pub status: Option<i64>,
    /// Why the last attempt did not succeed.
    pub error: Option<String>,
}

/// A message to leave for a webhook.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery<'a> {
    /// To whom.
    pub webhook_id: i64,
    /// The same in every attempt.
    pub message_id: &'a str,
    /// Its name.
    pub event: &'a str,
    /// What it is about, in words.
    pub about: &'a str,
    /// The bytes that are signed.
    pub body: &'a str,
    /// Now.
    pub created_at: Timestamp,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// `waiting`, `delivered` or `failed`.
    pub state: &'a str,
    /// When it is tried again.
    pub next_at: Timestamp,
    /// What the receiver answered.
    pub status: Option<u16>,
    /// Why it did not succeed.
    pub error: Option<&'a str>,
}

impl Store {
    /// The webhooks that are told of a repository.
    #[tracing::instrument(name = "db.webhook.list", skip_all, err)]
    pub async fn webhooks(&self, repository_id: i64) -> Result<Vec<WebhookRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, WebhookRecord>(HOOKS)
                .bind(repository_id)
                .fetch_all(pool)
                .await
        })?)
    }

    /// One of them, whatever it is told of.
    #[tracing::instrument(name = "db.webhook.find", skip_all, err)]
    pub async fn find_webhook(&self, id: i64) -> Result<Option<WebhookRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, WebhookRecord>(FIND)
                .bind(id)
                .fetch_optional(pool)
                .await
        })?)
    }

    /// How many there are.
    pub async fn count_webhooks(&self) -> Result<i64> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(COUNT).fetch_one(pool).await
        })?)
    }

    /// The last messages to a webhook, the newest first.
    #[tracing::instrument(name = "db.webhook.deliveries", skip_all, err)]
    pub async fn deliveries(&self, webhook_id: i64, limit: i64) -> Result<Vec<DeliveryRecord>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_as::<_, DeliveryRecord>(LAST)
                .bind(webhook_id)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?)
    }

    /// The webhooks to which something is to be sent now.
    #[tracing::instrument(name = "db.webhook.due", level = "debug", skip_all, err)]
    pub async fn due_webhooks(&self, now: Timestamp) -> Result<Vec<i64>> {
        Ok(on_pool!(self, |pool| {
            sqlx::query_scalar::<_, i64>(DUE_HOOKS)
                .bind(now.0)
                .fetch_all(pool)
                .await
        })?)
    }

    /// Takes up the message that a webhook waits for longest; until then no other process does.
    #[tracing::instrument(name = "db.webhook.claim", skip_all, err)]
    pub async fn claim_delivery(
        &self,
        webhook_id: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<DeliveryRecord>> {
        loop {
            let next = on_pool!(self, |pool| {
                sqlx::query_as::<_, DeliveryRecord>(NEXT)
                    .bind(webhook_id)
                    .bind(now.0)
                    .fetch_optional(pool)
                    .await
            })?;
            let Some(next) = next else { return Ok(None) };
            let n = on_writer!(self, |pool| sqlx::query(CLAIM)
                .bind(next.id)
                .bind(now.0)
                .bind(until.0)
                .execute(pool)
                .await
                .map(|done| done.rows_affected()))?;
            if n > 0 {
                return Ok(Some(next));
            }
        }
    }

    /// Notes how an attempt ended.
    #[tracing::instrument(name = "db.webhook.end", skip_all, err)]
    pub async fn end_delivery(&self, id: i64, attempt: &Attempt<'_>) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(END)
            .bind(id)
            .bind(attempt.state)
            .bind(attempt.next_at.0)
            .bind(attempt.status.map(i64::from))
            .bind(attempt.error)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets messages from before `before` that came to an end.
    #[tracing::instrument(name = "db.webhook.forget", skip_all, err)]
    pub async fn forget_deliveries(&self, before: Timestamp) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(FORGET)
            .bind(before.0)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

impl Tx {
    /// Adds a webhook; the answer is its key.
    pub async fn insert_webhook(&mut self, new: &NewWebhookRecord<'_>) -> Result<i64> {
        Ok(on_tx!(self, |c| {
            sqlx::query_scalar::<_, i64>(INSERT)
                .bind(new.repository_id)
                .bind(new.url)
                .bind(new.sealed)
                .bind(new.events)
                .bind(new.created_at.0)
                .bind(new.created_by)
                .fetch_one(c)
                .await
        })?)
    }

    /// Changes where it is sent to, what it is told of, and whether it is.
    pub async fn update_webhook(&mut self, id: i64, url: &str, events: &str, is_enabled: bool) -> Result<()> {
        on_tx!(self, |c| sqlx::query(UPDATE)
            .bind(id)
            .bind(url)
            .bind(events)
            .bind(is_enabled)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Gives it another secret.
    pub async fn set_webhook_secret(&mut self, id: i64, sealed: &[u8]) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SET_SECRET)
            .bind(id)
            .bind(sealed)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Removes it with its messages.
    pub async fn delete_webhook(&mut self, id: i64) -> Result<()> {
        on_tx!(self, |c| sqlx::query(DELETE).bind(id).execute(c).await.map(drop))?;
        Ok(())
    }

    /// The webhooks that are told of a repository.
    pub async fn listening_webhooks(&mut self, repository_id: i64) -> Result<Vec<ListeningWebhook>> {
        Ok(on_tx!(self, |c| {
            sqlx::query_as::<_, ListeningWebhook>(LISTENING)
                .bind(repository_id)
                .fetch_all(c)
                .await
        })?)
    }

    /// Leaves a message.
    pub async fn put_delivery(&mut self, new: &NewDelivery<'_>) -> Result<()> {
        on_tx!(self, |c| sqlx::query(PUT)
            .bind(new.webhook_id)
            .bind(new.message_id)
            .bind(new.event)
            .bind(new.about)
            .bind(new.body)
            .bind(new.created_at.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}
