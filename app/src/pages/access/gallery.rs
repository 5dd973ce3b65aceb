//! The pages of this area with made-up data, for the gallery of all pages.

use leptos::prelude::Owner;
use model::Timestamp;
use model::access::{
    AuditEntry, AuditPage, ClusterIdentity, ClusterIdentityKind, Grant, Me, Outcome, Rights, Role, Scope,
    SessionSummary, TokenSummary, UserSummary,
};
use model::page::Page as Part;

use super::super::Page;
use super::{account, accounts, audit, setup, sign_in};
use crate::api::{FormOutcome, ShownToken};
use crate::error::{AppError, ErrorKind};
use crate::format::now;

pub(in crate::pages) const PAGES: &[&str] = &[
    "setup",
    "sign-in",
    "sign-in-wrong",
    "account",
    "account-new-token",
    "users",
    "users-wrong",
    "audit",
];

fn ago(hours: i64) -> Timestamp {
    Timestamp(now().0 - hours * 3_600)
}

fn grant(role: Role, cluster: Option<&str>, namespace: Option<&str>) -> Grant {
    Grant {
        role,
        cluster: cluster.map(str::to_owned),
        namespace: namespace.map(str::to_owned),
    }
}

fn wrong(message: &str, typed: &[(&str, &str)]) -> FormOutcome {
    FormOutcome {
        error: Some(AppError::new(ErrorKind::Invalid, message)),
        typed: typed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..FormOutcome::default()
    }
}

fn token(label: &str, scopes: &[Scope], expires: Timestamp, last_used: Option<Timestamp>) -> TokenSummary {
    TokenSummary {
        id: 1,
        label: label.to_owned(),
        hint: "crt_x7Qk2a".to_owned(),
        scopes: scopes.to_vec(),
        created: ago(900),
        is_expired: expires < now(),
        expires,
        last_used,
    }
}

fn my_clusters() -> Vec<ClusterIdentity> {
    let token = |user: &str, expires| ClusterIdentityKind::Token {
        user: user.to_owned(),
        given: ago(2),
        expires,
        is_expired: expires.is_some_and(|at| at < ago(0)),
    };
    let kinds = [
        (
            "prod",
            ClusterIdentityKind::Impersonated {
                user: "alice@example.com".to_owned(),
                groups: vec!["chartroom:users".to_owned()],
            },
        ),
        (
            "staging",
            token("system:serviceaccount:shop:deployer", Some(ago(-30))),
        ),
        ("old", token("alice", Some(ago(1)))),
        ("edge", ClusterIdentityKind::TokenNeeded),
    ];
    kinds
        .into_iter()
        .map(|(cluster, kind)| ClusterIdentity {
            cluster: cluster.to_owned(),
            kind,
        })
        .collect()
}

fn my_account() -> account::Account {
    let session = |id: i64, browser: &str, address: &str| SessionSummary {
        id,
        is_current: id == 1,
        created: ago(30 * id),
        last_seen: ago(id - 1),
        expires: ago(-100),
        address: address.to_owned(),
        browser: browser.to_owned(),
    };
    account::Account {
        me: Me {
            name: Some("alice".to_owned()),
            via: Some("session".to_owned()),
            grants: vec![
                grant(Role::Operator, Some("prod"), Some("shop")),
                grant(Role::Viewer, None, None),
            ],
            scopes: Vec::new(),
            rights: Rights::default(),
        },
        clusters: my_clusters(),
        kubernetes_user: "alice@example.com".to_owned(),
        kubernetes_groups: vec!["chartroom:users".to_owned(), "shop-team".to_owned()],
        tokens: vec![
            token(
                "ci of the shop",
                &[Scope::WriteReleases],
                ago(-2_000),
                Some(ago(3)),
            ),
            token("laptop", &[Scope::Read, Scope::ReadReleases], ago(40), None),
        ],
        token_max_days: 365,
        sessions: vec![
            session(
                1,
                "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36",
                "192.0.2.17",
            ),
            session(
                2,
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
                "2001:db8:85a3::8a2e:370:7334",
            ),
        ],
    }
}

fn users() -> Part<UserSummary> {
    let user = |name: &str, grants: Vec<Grant>, last_sign_in: Option<Timestamp>| UserSummary {
        name: name.to_owned(),
        disabled: name == "mallory",
        grants,
        kubernetes_user: name.to_owned(),
        kubernetes_groups: Vec::new(),
        created: ago(2_000),
        last_sign_in,
    };
    let items = vec![
        user(
            "alice",
            vec![
                grant(Role::Operator, Some("prod"), Some("shop")),
                grant(Role::Viewer, None, None),
            ],
            Some(ago(2)),
        ),
        user("deployer-of-the-nightly-builds@example.com", Vec::new(), None),
        user(
            "mallory",
            vec![grant(Role::Viewer, None, Some("shop"))],
            Some(ago(900)),
        ),
        user("root", vec![grant(Role::Admin, None, None)], Some(ago(30))),
    ];
    Part {
        items,
        total: 104,
        first_position: 51,
        next: Some("root".to_owned()),
        previous: Some(String::new()),
    }
}

fn log() -> AuditPage {
    let entry =
        |at: i64, actor: &str, via: &str, action: &str, object: &str, outcome, detail: &str| AuditEntry {
            id: 100 - at,
            at: ago(at),
            actor: actor.to_owned(),
            via: via.to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            outcome,
            detail: detail.to_owned(),
            address: if via == "command line" { "" } else { "192.0.2.17" }.to_owned(),
        };
    AuditPage {
        entries: vec![
            entry(
                0,
                "alice",
                "token",
                "user.grant",
                "alice",
                Outcome::Refused,
                "managing users is not allowed: it needs the role admin for everything, which `alice` does not hold; \
                 with token ci of the shop",
            ),
            entry(
                1,
                "",
                "",
                "session.sign_in",
                "alice",
                Outcome::Refused,
                "the password is wrong",
            ),
            entry(
                2,
                "root",
                "session",
                "user.grant",
                "alice",
                Outcome::Done,
                "operator of namespace shop in cluster prod",
            ),
            entry(
                3,
                "system",
                "command line",
                "repository.add",
                "stable",
                Outcome::Done,
                "https://charts.example.com",
            ),
        ],
        next: Some(7),
    }
}

pub(in crate::pages) fn page(name: &str) -> Page {
    let fine = FormOutcome::default();
    match name {
        "setup" => setup::show("secret", &fine),
        "sign-in" => sign_in::show(
            None,
            "/charts",
            false,
            Some("Only users see this page."),
            Vec::new(),
            &fine,
        ),
        "sign-in-wrong" => {
            let outcome = wrong("the name or the password is wrong", &[("name", "alice")]);
            sign_in::show(None, "/charts", true, None, Vec::new(), &outcome)
        }
        "account" => account::show(my_account(), Some("password"), &fine),
        "account-new-token" => {
            let outcome = FormOutcome {
                new_token: Some(ShownToken {
                    label: "ci of the shop".to_owned(),
                    text: "crt_x7Qk2aV0m3nT9bYwLhZs5cJ8rE1uGd6fKpXoHqNiSvA".to_owned(),
                }),
                ..FormOutcome::default()
            };
            account::show(my_account(), None, &outcome)
        }
        "users" => accounts::show(users(), "grant", "alice", &fine),
        "users-wrong" => {
            let outcome = wrong(
                "`alice`: the name is taken",
                &[("do", "create"), ("name", "alice")],
            );
            accounts::show(users(), "", "", &outcome)
        }
        "audit" => audit::show(log(), Some(100), "alice"),
        _ => unreachable!("{name} is not in the list"),
    }
}

#[test]
fn forms_are_labelled_and_carry_their_token() {
    for name in PAGES {
        let html = Owner::new().with(|| page(name).into_body().html);
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let changes = form.contains("method=\"post\"");
            assert_eq!(changes, form.contains("name=\"form_token\""), "{name}: {form}");
        }
        let labelled: Vec<&str> = html
            .split(" for=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        for id in &labelled {
            assert_eq!(
                html.matches(&format!(" id=\"{id}\"")).count(),
                1,
                "{name}: one field {id}"
            );
        }
    }
}
