//! What webhooks are told: a change notes what it does, and leaves a message for each webhook that is to know in its own
//! transaction. So nothing is told that did not happen, and nothing that happened is forgotten.
//!
//! `jobs::webhooks` sends the messages. What others do in the directory is a finding and no deed, and is not told.

use model::Timestamp;
use model::webhook::WebhookEvent;
use serde::Serialize;

use super::change::Change;
use super::package::Package;
use crate::store::{HostedFileRecord, NewDelivery};
use crate::{Error, Result, drawn};

/// Something that a change does.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    pub(super) event: WebhookEvent,
    pub(super) chart: String,
    /// Nothing where it is about all versions.
    pub(super) version: Option<String>,
    /// Of the archive, as hexadecimal.
    pub(super) digest: Option<String>,
    /// Why, where somebody said so.
    pub(super) reason: Option<String>,
    pub(super) by: String,
}

impl Happening {
    pub(super) fn of_package(event: WebhookEvent, package: &Package, by: &str) -> Self {
        Self {
            event,
            chart: package.metadata.name.clone(),
            version: Some(package.metadata.version.clone()),
            digest: Some(package.digest.to_hex()),
            reason: None,
            by: by.to_owned(),
        }
    }

    pub(super) fn of_file(event: WebhookEvent, file: &HostedFileRecord, by: &str) -> Self {
        Self {
            event,
            chart: file.name.clone(),
            version: Some(file.version.clone()),
            digest: Some(hex::encode(&file.digest)),
            reason: None,
            by: by.to_owned(),
        }
    }

    pub(super) fn because(self, reason: Option<&str>) -> Self {
        Self {
            reason: reason.map(str::to_owned),
            ..self
        }
    }

    /// In words, for the list of deliveries.
    fn about(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.chart),
            None => self.chart.clone(),
        }
    }
}

/// The body of a message, as Standard Webhooks has it: what happened, when, and to what.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    repository: &'a str,
    tenant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// SHA-256 of the archive, as hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    /// Visitors do not know of the chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    by: &'a str,
}

impl Change<'_> {
    /// Leaves a message about everything that was noted for every webhook that is to know; whether there is any.
    pub(super) async fn leave_messages(&mut self) -> Result<bool> {
        let happened = std::mem::take(&mut self.happened);
        if happened.is_empty() {
            return Ok(false);
        }
        let webhooks = self.tx.listening_webhooks(self.repository.id).await?;
        let mut has_any = false;
        for one in &happened {
            let name = one.event.as_str();
            let mut body = None;
            for webhook in &webhooks {
                if !webhook.events.split(' ').any(|event| event == name) {
                    continue;
                }
                if body.is_none() {
                    body = Some(self.body(one).await?);
                }
                let new = NewDelivery {
                    webhook_id: webhook.id,
                    message_id: &message_id()?,
                    event: name,
                    about: &one.about(),
                    body: body.as_deref().unwrap_or_default(),
                    created_at: self.now,
                };
                self.tx.put_delivery(&new).await?;
                has_any = true;
            }
        }
        Ok(has_any)
    }

    async fn body(&mut self, one: &Happening) -> Result<String> {
        let is_private = self
            .tx
            .hosted_privacy(&self.repository.tenant, &one.chart)
            .await?;
        let data = Data {
            repository: &self.repository.name,
            tenant: &self.repository.tenant,
            chart: Some(&one.chart),
            version: one.version.as_deref(),
            digest: one.digest.as_deref(),
            private: Some(is_private),
            reason: one.reason.as_deref(),
            by: &one.by,
        };
        body(one.event, self.now, data)
    }
}

/// What a webhook is sent that somebody tries out.
pub(crate) fn test_body(repository: &str, tenant: &str, by: &str, now: Timestamp) -> Result<String> {
    let data = Data {
        repository,
        tenant,
        chart: None,
        version: None,
        digest: None,
        private: None,
        reason: None,
        by,
    };
    body(WebhookEvent::Test, now, data)
}

/// A name that no other message has.
pub(crate) fn message_id() -> Result<String> {
    Ok(format!("msg_{}", hex::encode(drawn::bytes::<16>()?)))
}

fn body(event: WebhookEvent, now: Timestamp, data: Data<'_>) -> Result<String> {
    let body = Body {
        r#type: event.as_str(),
        timestamp: now.to_rfc3339(),
        data,
    };
    serde_json::to_string(&body).map_err(Error::internal)
}
