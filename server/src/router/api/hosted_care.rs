//! tidy: table
//! What is decided about hosted repositories.

use model::access::Scope;
use model::hosted::{DeletedVersions, HostedGrant};
use model::retention::Retention;
use model::webhook::{Webhook, WebhookSecret};

use super::super::endpoint::{Access, Endpoint};
use super::{DELETE, GET, POST, PUT};
use crate::http::hosted_care::{self, Confirmed, HookWish, RightWish, Rules};

const CHARTS: Access = Access::Scope(Scope::WriteCharts);

pub(super) fn endpoints() -> Vec<Endpoint> {
    [retention(), webhooks(), rights()]
        .into_iter()
        .flatten()
        .collect()
}

fn retention() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/repositories/{name}/retention",
            (
                "getRetention",
                "The rules by which versions go, and what would go by them now",
            ),
            CHARTS,
            hosted_care::retention,
        )
        .data::<Retention>()
        .problems(&[404, 409]),
        Endpoint::new(
            PUT,
            "/api/v1/repositories/{name}/retention",
            (
                "setRetention",
                "Changes the rules; nothing goes by them before what they come to is confirmed",
            ),
            CHARTS,
            hosted_care::set_retention,
        )
        .body::<Rules>()
        .data::<Retention>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/retention/apply",
            (
                "applyRetention",
                "Deletes what a plan names, if that is still what would go, and applies its rules every hour from now on",
            ),
            CHARTS,
            hosted_care::apply_retention,
        )
        .body::<Confirmed>()
        .data::<DeletedVersions>()
        .problems(&[400, 404, 409]),
    ]
}

fn webhooks() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/repositories/{name}/webhooks",
            (
                "listWebhooks",
                "Who is told of what happens in a repository, and what became of the last messages",
            ),
            CHARTS,
            hosted_care::webhooks,
        )
        .data::<Vec<Webhook>>()
        .problems(&[404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/webhooks",
            ("createWebhook", "Adds a webhook; its secret is told this once"),
            CHARTS,
            hosted_care::create_webhook,
        )
        .body::<HookWish>()
        .data_with::<WebhookSecret>(201)
        .problems(&[400, 404, 409]),
        Endpoint::new(
            PUT,
            "/api/v1/repositories/{name}/webhooks/{id}",
            (
                "updateWebhook",
                "Changes where a webhook is sent to, what it is told of, and whether it is",
            ),
            CHARTS,
            hosted_care::update_webhook,
        )
        .body::<HookWish>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            DELETE,
            "/api/v1/repositories/{name}/webhooks/{id}",
            (
                "deleteWebhook",
                "Removes a webhook with what was still to be sent",
            ),
            CHARTS,
            hosted_care::delete_webhook,
        )
        .problems(&[404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/webhooks/{id}/test",
            ("testWebhook", "Sends a message that says that it is a test"),
            CHARTS,
            hosted_care::test_webhook,
        )
        .problems(&[404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/webhooks/{id}/secret",
            ("renewWebhook", "Gives a webhook another secret, told this once"),
            CHARTS,
            hosted_care::renew_webhook,
        )
        .data::<WebhookSecret>()
        .problems(&[404, 409]),
    ]
}

fn rights() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            GET,
            "/api/v1/repositories/{name}/rights",
            (
                "listRights",
                "Who may pull, push and delete in a hosted repository, besides what roles allow",
            ),
            CHARTS,
            hosted_care::rights,
        )
        .data::<Vec<HostedGrant>>()
        .problems(&[404, 409]),
        Endpoint::new(
            POST,
            "/api/v1/repositories/{name}/rights",
            ("grantRight", "Gives a user or a group a right"),
            CHARTS,
            hosted_care::grant_right,
        )
        .body::<RightWish>()
        .problems(&[400, 404, 409]),
        Endpoint::new(
            DELETE,
            "/api/v1/repositories/{name}/rights/{id}",
            ("revokeRight", "Takes a right away"),
            CHARTS,
            hosted_care::revoke_right,
        )
        .problems(&[404, 409]),
    ]
}
