//! `/repositories/{name}/webhooks`: who is told of what happens to hosted charts, and what became of the messages.

use leptos::prelude::*;
use model::repository::RepositoryAction;
use model::webhook::{DeliveryState, Webhook, WebhookDelivery, WebhookEvent};

use super::super::{Page, Request};
use super::{decision, up};
use crate::api::{FormOutcome, ShownToken, form_outcome};
use crate::components::form::{Field, FormToken, checkbox, why_not};
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::relative_time::RelativeTime;
use crate::components::snippet::Snippet;
use crate::error::AppError;
use crate::format::count;
use crate::routes::{HostedPage, Links, query_value};

pub(super) async fn ask(request: &Request, name: &str, search: &str) -> Result<Page, AppError> {
    let hosted = request.backend.hosted();
    let tenant = hosted
        .tenant(&request.viewer, name, RepositoryAction::Manage)
        .await?;
    let webhooks = hosted.webhooks(&request.viewer, &tenant).await?;
    Ok(show(name, webhooks, &form_outcome(), search))
}

pub(in crate::pages) fn show(
    name: &str,
    webhooks: Vec<Webhook>,
    outcome: &FormOutcome,
    search: &str,
) -> Page {
    let said = match query_value(search, "done").as_deref() {
        _ if outcome.error.is_some() => None,
        Some("tested") => Some("A test is on its way. What became of it is below, in a moment."),
        Some("updated") => Some("Saved."),
        Some("deleted") => Some("The webhook is gone, with what was still to be sent."),
        _ => None,
    };
    let said = said.map(|said| view! { <Notice status="ok">{said}</Notice> });
    let is_waiting = webhooks.iter().any(|webhook| webhook.n_waiting > 0);
    let is_empty = webhooks.is_empty();
    let touched = query_value(search, "id").unwrap_or_default();
    let failed = outcome.typed("id");
    let rows = webhooks.into_iter().map(|webhook| {
        let id = webhook.id.to_string();
        let is_open = id == touched || id == failed;
        row(name, &webhook, is_open)
    });
    let rows = rows.collect_view();
    let adding = is_empty || outcome.typed("do") == "create";
    let view = view! {
        <header class="page-header">
            {up(name)}
            <h1>"Webhooks"</h1>
            <p>"Programs that are told when charts come and go, private ones included."</p>
            {said}
            {why_not(outcome)}
            {outcome.new_token.clone().map(new_secret)}
        </header>
        {is_empty.then(|| view! { <p class="muted">"Nobody is told yet."</p> })}
        <ul class="user-rows">{rows}</ul>
        <details class="disclosure" open=adding>
            <summary>"Add a webhook"</summary>
            {add(name, outcome)}
        </details>
    };
    decision(name, HostedPage::Webhooks, "Webhooks", view.into_any(), outcome).live(is_waiting)
}

/// The one time that a secret is shown.
fn new_secret(secret: ShownToken) -> AnyView {
    view! {
        <div class="new-token" role="note">
            <p><strong>{secret.label}</strong></p>
            <Snippet label="Secret" text=secret.text />
            <p>"Give it to the receiver, which checks with it that a message is from here. It is not shown again."</p>
        </div>
    }
    .into_any()
}

fn row(name: &str, webhook: &Webhook, is_open: bool) -> AnyView {
    let url = webhook.url.clone();
    let last = webhook.deliveries.first();
    let last = last.map(|delivery| {
        let (word, status) = state(delivery);
        view! { <span class="badge" data-status=status>{word}</span> }
    });
    let whom = if webhook.for_all {
        "all hosted repositories"
    } else {
        "this repository"
    };
    let waiting =
        (webhook.n_waiting > 0).then(|| format!(", {} to send", count(webhook.n_waiting, "message")));
    view! {
        <li class="user-row" id=format!("webhook-{}", webhook.id)>
            <details open=is_open>
                <summary>
                    <span class="user-row__name">{url}</span>
                    {(!webhook.is_enabled).then(|| view! { <span class="badge" data-status="warn">"off"</span> })}
                    {last}
                    <span class="user-row__roles">{whom} {waiting}</span>
                    <span class="user-row__seen">{count(webhook.events.len() as u64, "event")}</span>
                    <Icon name="down" />
                </summary>
                <div class="user-row__body">
                    {deliveries(webhook)}
                    {actions(name, webhook)}
                    {edit(name, webhook)}
                </div>
            </details>
        </li>
    }
    .into_any()
}

fn state(delivery: &WebhookDelivery) -> (&'static str, &'static str) {
    match (delivery.state, delivery.n_attempts) {
        (DeliveryState::Delivered, _) => ("delivered", "ok"),
        (DeliveryState::Failed, _) => ("given up", "danger"),
        (DeliveryState::Waiting, 0) => ("on its way", "info"),
        (DeliveryState::Waiting, _) => ("tried again", "warn"),
    }
}

fn deliveries(webhook: &Webhook) -> AnyView {
    if webhook.deliveries.is_empty() {
        return view! { <p class="muted">"Nothing was sent in the last week."</p> }.into_any();
    }
    let rows = webhook.deliveries.iter().map(|delivery| {
        let (word, status) = state(delivery);
        let attempts = match delivery.n_attempts {
            0 | 1 => String::new(),
            n => format!(" after {n} attempts"),
        };
        let answer = match (&delivery.error, delivery.status) {
            (Some(error), _) => error.clone(),
            (None, Some(status)) => format!("answered {status}"),
            (None, None) => String::new(),
        };
        let next = delivery
            .next_attempt
            .filter(|_| delivery.n_attempts > 0)
            .map(|at| view! { <span class="muted">"next " <RelativeTime at=at /></span> });
        view! {
            <tr>
                <td><code>{delivery.event.as_str()}</code> " " {delivery.about.clone()}</td>
                <td data-label="When"><RelativeTime at=delivery.created /></td>
                <td data-label="State"><span class="badge" data-status=status>{word}</span> {attempts} " " {next}</td>
                <td data-label="Answer">{answer}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked">
                <thead>
                    <tr>
                        <th scope="col">"Message"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Answer"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn actions(name: &str, webhook: &Webhook) -> AnyView {
    let button = |word: &'static str, text: &'static str| {
        view! {
            <form method="post" action=Links::here().hosted(name, HostedPage::Webhooks)>
                <FormToken />
                <input type="hidden" name="id" value=webhook.id.to_string() />
                <button class="button" name="do" value=word>{text}</button>
            </form>
        }
    };
    view! {
        <div class="row-actions">
            {button("test", "Send a test")} {button("renew", "Make a new secret")} {button("delete", "Delete")}
        </div>
    }
    .into_any()
}

fn edit(name: &str, webhook: &Webhook) -> AnyView {
    let id = webhook.id.to_string();
    view! {
        <form class="form" method="post" action=Links::here().hosted(name, HostedPage::Webhooks)>
            <FormToken />
            <input type="hidden" name="id" value=id.clone() />
            <Field label="Address" name="url" id=format!("url-{id}") kind="url" value=webhook.url.clone() />
            {events(&webhook.events)}
            {checkbox("enabled", "It is told of what happens", webhook.is_enabled)}
            <p><button class="button" name="do" value="update">"Save"</button></p>
        </form>
    }
    .into_any()
}

fn events(chosen: &[WebhookEvent]) -> AnyView {
    let choices = WebhookEvent::ALL.into_iter().map(|event| {
        let word = event.as_str();
        view! {
            <label class="choice">
                <input type="checkbox" name="event" value=word checked=chosen.contains(&event) />
                <code>{word}</code>
            </label>
        }
    });
    let choices = choices.collect_view();
    view! { <fieldset class="choices"><legend>"It is told of"</legend>{choices}</fieldset> }.into_any()
}

fn add(name: &str, outcome: &FormOutcome) -> AnyView {
    let is_again = outcome.typed("do") == "create";
    let chosen: Vec<WebhookEvent> = match is_again {
        true => outcome
            .typed
            .iter()
            .filter(|(field, _)| field == "event")
            .filter_map(|(_, word)| WebhookEvent::parse(word))
            .collect(),
        false => vec![WebhookEvent::Pushed, WebhookEvent::Deleted],
    };
    let url = if is_again {
        outcome.typed("url")
    } else {
        String::new()
    };
    let for_all = is_again && outcome.typed("for_all") == "true";
    view! {
        <form class="form" method="post" action=Links::here().hosted(name, HostedPage::Webhooks)>
            <FormToken />
            <Field
                label="Address"
                name="url"
                id="url-new".to_owned()
                kind="url"
                value=url
                placeholder="https://ci.example.com/charts"
                hint="Messages are signed as Standard Webhooks say, and sent again for a day where they do not get there."
            />
            {events(&chosen)}
            {checkbox("for_all", "Of all hosted repositories", for_all)}
            <p><button class="button button--primary" name="do" value="create">"Add webhook"</button></p>
        </form>
    }
    .into_any()
}
