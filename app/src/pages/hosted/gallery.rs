//! Made-up pages of hosted repositories; see `pages::gallery`.

use model::Timestamp;
use model::hosted::{
    DeletedVersion, GrantSubject, HostedChart, HostedGrant, HostedRepository, HostedRight, HostedVersion,
};
use model::repository::{RepositoryAction, RepositoryDetail, RepositoryKind, RepositorySummary, SyncState};
use model::retention::{ExpiringVersion, Retention, RetentionPlan, RetentionRules};
use model::webhook::{DeliveryState, Webhook, WebhookDelivery, WebhookEvent};

use super::super::{Page, repositories};
use super::{retention, rights, webhooks};
use crate::api::{FormOutcome, ShownToken};
use crate::error::{AppError, ErrorKind};
use crate::format::now;

pub(in crate::pages) const PAGES: &[&str] = &[
    "hosted",
    "hosted-retention",
    "hosted-retention-none",
    "hosted-webhooks",
    "hosted-webhooks-none",
    "hosted-rights",
    "hosted-rights-none",
];

const NAME: &str = "hosted.org.dev";

fn ago(days: i64) -> Timestamp {
    Timestamp(now().0 - days * 86_400)
}

pub(in crate::pages) fn page(name: &str) -> Page {
    let fine = FormOutcome::default();
    match name {
        "hosted" => repositories::show_one(repository(), &fine, "done=deleted&ids=7"),
        "hosted-retention" => retention::show(NAME, &rules(), &fine, ""),
        "hosted-retention-none" => {
            let outdated = AppError::new(ErrorKind::Conflict, "the plan is outdated: look at it again");
            let outcome = FormOutcome {
                error: Some(outdated),
                ..FormOutcome::default()
            };
            retention::show(NAME, &Retention::default(), &outcome, "")
        }
        "hosted-webhooks" => {
            let outcome = FormOutcome {
                new_token: Some(ShownToken {
                    label: "The webhook was added.".to_owned(),
                    text: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned(),
                }),
                ..FormOutcome::default()
            };
            webhooks::show(NAME, hooks(), &outcome, "id=1")
        }
        "hosted-webhooks-none" => webhooks::show(NAME, Vec::new(), &fine, ""),
        "hosted-rights" => rights::show(NAME, "org/dev", grants(), &fine, "done=granted"),
        _ => rights::show(NAME, "org/dev", Vec::new(), &fine, ""),
    }
}

fn repository() -> RepositoryDetail {
    let version = |version: &str, yanked: Option<&str>| HostedVersion {
        version: version.to_owned(),
        size_bytes: 12_345,
        uploaded: ago(3),
        uploaded_by: Some("alice".to_owned()),
        has_provenance: yanked.is_none(),
        yanked: yanked.map(str::to_owned),
    };
    let chart = |name: &str, is_private, deprecated: Option<&str>| HostedChart {
        name: name.to_owned(),
        is_private,
        deprecated: deprecated.map(str::to_owned),
        versions: vec![version("1.1.0", None), version("1.0.0", Some("loses data"))],
    };
    RepositoryDetail {
        summary: RepositorySummary {
            name: NAME.to_owned(),
            url: "/hosted/org/dev".to_owned(),
            kind: RepositoryKind::Hosted,
            n_charts: 2,
            n_versions: 4,
            state: SyncState::default(),
            is_private: false,
            can: vec![
                RepositoryAction::Pull,
                RepositoryAction::Push,
                RepositoryAction::Delete,
                RepositoryAction::Manage,
            ],
        },
        skipped: Vec::new(),
        history: Vec::new(),
        hosted: Some(HostedRepository {
            tenant: "org/dev".to_owned(),
            is_private: false,
            charts: vec![
                chart("web", false, Some("use shop-web")),
                chart("a-chart-with-a-long-name-that-wraps", true, None),
            ],
            deleted: vec![DeletedVersion {
                id: 7,
                name: "web".to_owned(),
                version: "0.9.0".to_owned(),
                deleted: ago(0),
                deleted_by: Some("bob".to_owned()),
            }],
            undo_secs: 86_400,
            max_upload_bytes: 20 << 20,
            copies_to: vec!["hosted.org.stable".to_owned(), "hosted.org.prod".to_owned()],
        }),
    }
}

fn rules() -> Retention {
    let version = |version: &str, reason: &str| ExpiringVersion {
        chart: "web".to_owned(),
        version: version.to_owned(),
        size_bytes: 45_678,
        uploaded: ago(200),
        reason: reason.to_owned(),
    };
    Retention {
        rules: RetentionRules {
            keep_releases: 10,
            release_days: 90,
            keep_prereleases: 3,
            prerelease_days: 0,
            except: vec!["web 1.0.*".to_owned()],
        },
        is_own: true,
        plan: RetentionPlan {
            digest: "0".repeat(64),
            versions: vec![
                version("2.0.0-rc.1", "4 newer pre-releases; 3 stay"),
                version(
                    "1.1.0",
                    "12 newer releases; 10 stay; uploaded 200 days ago, kept for 90",
                ),
            ],
            n_versions: 1_002,
            size_bytes: 45_678_000,
            n_kept: 345,
        },
        ..Retention::default()
    }
}

fn hooks() -> Vec<Webhook> {
    let delivery = |state, n_attempts, status, error: Option<&str>| WebhookDelivery {
        message_id: "msg_1".to_owned(),
        event: WebhookEvent::Pushed,
        about: "web 1.1.0".to_owned(),
        created: ago(0),
        state,
        n_attempts,
        status,
        error: error.map(str::to_owned),
        next_attempt: (state == DeliveryState::Waiting).then(|| ago(-1)),
    };
    let hook = |id, url: &str, is_enabled, deliveries| Webhook {
        id,
        url: url.to_owned(),
        for_all: id == 2,
        events: vec![WebhookEvent::Pushed, WebhookEvent::Deleted],
        is_enabled,
        created: ago(40),
        created_by: "root".to_owned(),
        n_waiting: 2,
        deliveries,
    };
    vec![
        hook(
            1,
            "https://ci.example.com/hooks/charts?team=a-team-with-a-long-name",
            true,
            vec![
                delivery(DeliveryState::Waiting, 0, None, None),
                delivery(DeliveryState::Waiting, 3, Some(503), Some("it answered 503")),
                delivery(DeliveryState::Delivered, 1, Some(204), None),
                delivery(
                    DeliveryState::Failed,
                    8,
                    None,
                    Some("ci.example.com cannot be reached"),
                ),
            ],
        ),
        hook(2, "https://mirror.example.com/", false, Vec::new()),
    ]
}

fn grants() -> Vec<HostedGrant> {
    let grant = |id, subject, name: &str, place: &str, right| HostedGrant {
        id,
        subject,
        name: name.to_owned(),
        place: place.to_owned(),
        right,
        granted: ago(id),
        granted_by: "root".to_owned(),
    };
    vec![
        grant(1, GrantSubject::User, "alice", "org/dev", HostedRight::Push),
        grant(
            2,
            GrantSubject::Group,
            "team-a-with-a-long-name",
            "org/*",
            HostedRight::Delete,
        ),
        grant(3, GrantSubject::Group, "chartroom:users", "*", HostedRight::Pull),
    ]
}
