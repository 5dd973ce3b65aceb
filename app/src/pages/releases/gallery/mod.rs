//! The pages of releases with made-up data, for the gallery of all pages.

mod operations;
pub(in crate::pages) mod plans;
mod revisions;
pub(in crate::pages) mod samples;

use leptos::prelude::Owner;
use model::release::{ReleaseList, ReleaseQuery, StatusGroup};

use super::super::Page;
use super::action::Preview;
use super::{Tab, action, compare, list, operation, show};
use crate::api::FormOutcome;
use crate::error::{AppError, ErrorKind};
use crate::routes::ActionQuery;

pub(in crate::pages) const PAGES: &[&str] = &[
    "releases",
    "releases-narrowed",
    "releases-nothing",
    "releases-none",
    "releases-no-cluster",
    "release",
    "release-failed",
    "release-stuck",
    "release-unreachable",
    "release-values",
    "release-values-none",
    "release-manifest",
    "release-notes",
    "release-hooks",
    "release-history",
    "release-compare",
    "release-compare-equal",
    "release-drift",
    "release-drift-none",
    "release-logs",
    "release-rollback",
    "release-rollback-prevented",
    "release-rollback-changed",
    "release-uninstall",
    "release-test",
    "operation-running",
    "operation-succeeded",
    "operation-failed",
];

fn list_page(query: &ReleaseQuery, list: ReleaseList, clusters: &[&str]) -> Page {
    list::show(query, list, &samples::clusters(clusters))
}

fn narrowed() -> ReleaseQuery {
    ReleaseQuery {
        namespace: Some("shop".to_owned()),
        status: Some(StatusGroup::Failed),
        q: "web".to_owned(),
        page: 2,
        ..ReleaseQuery::default()
    }
}

fn changed_meanwhile() -> FormOutcome {
    FormOutcome {
        error: Some(AppError::new(
            ErrorKind::Invalid,
            "the cluster has changed since this was planned: Deployment shop/web is another one; this is the plan as of now",
        )),
        ..FormOutcome::default()
    }
}

fn action_page(preview: Preview, outcome: &FormOutcome) -> Page {
    action::show(&samples::detail(), &ActionQuery::default(), preview, outcome)
}

fn rollback(plan: model::plan::Plan) -> Preview {
    Preview::Rollback {
        to: 3,
        plan,
        history: revisions::history(),
    }
}

pub(in crate::pages) fn page(name: &str) -> Page {
    let fine = FormOutcome::default();
    let all = ReleaseQuery {
        page: 1,
        ..ReleaseQuery::default()
    };
    match name {
        "releases" => list_page(&all, samples::list(), &["prod", "staging-eu-central"]),
        "releases-narrowed" => list_page(&narrowed(), samples::second_part(), &["prod"]),
        "releases-nothing" => list_page(&narrowed(), ReleaseList::default(), &["prod"]),
        "releases-none" => list_page(&all, samples::forbidden(), &["prod"]),
        "releases-no-cluster" => list_page(&all, ReleaseList::default(), &[]),
        "release" => show(samples::detail(), Tab::Overview(samples::resources())),
        "release-failed" => show(samples::failed(), Tab::Overview(samples::well())),
        "release-stuck" => show(samples::stuck(), Tab::Overview(samples::well())),
        "release-unreachable" => show(samples::long(), Tab::Overview(samples::unreachable())),
        "release-values" => show(samples::detail(), Tab::Values(revisions::values())),
        "release-values-none" => show(samples::detail(), Tab::Values(revisions::no_values())),
        "release-manifest" => show(samples::detail(), Tab::Manifest(revisions::manifest())),
        "release-notes" => show(
            samples::detail(),
            Tab::Notes {
                revision: 4,
                notes: samples::NOTES.to_owned(),
            },
        ),
        "release-hooks" => show(samples::detail(), Tab::Hooks(revisions::hooks())),
        "release-history" => show(samples::detail(), Tab::History(revisions::history())),
        "release-compare" => compare::show(&samples::id("web"), revisions::comparison()),
        "release-compare-equal" => compare::show(&samples::id("web"), revisions::equal()),
        "release-drift" => show(samples::detail(), Tab::Drift(plans::drift())),
        "release-drift-none" => show(samples::detail(), Tab::Drift(plans::no_drift())),
        "release-logs" => show(samples::detail(), Tab::Logs(revisions::logs())),
        "release-rollback" => action_page(rollback(plans::rollback()), &fine),
        "release-rollback-prevented" => action_page(rollback(plans::prevented()), &fine),
        "release-rollback-changed" => action_page(rollback(plans::rollback()), &changed_meanwhile()),
        "release-uninstall" => action_page(
            Preview::Uninstall {
                plan: plans::uninstall(),
            },
            &fine,
        ),
        "release-test" => action_page(
            Preview::Test {
                hooks: plans::tests(),
            },
            &fine,
        ),
        "operation-running" => operation::show(&operations::running(), operations::events(), true, &fine),
        "operation-succeeded" => {
            operation::show(&operations::succeeded(), operations::events(), false, &fine)
        }
        "operation-failed" => operation::show(&operations::failed(), Vec::new(), false, &fine),
        _ => unreachable!("{name} is not in the list"),
    }
}

fn html(name: &str) -> String {
    Owner::new().with(|| page(name).into_body().html)
}

#[test]
fn forms_that_change_carry_a_token_and_what_was_shown() {
    for name in PAGES {
        let html = html(name);
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let changes = form.contains("method=\"post\"");
            assert_eq!(changes, form.contains("name=\"form_token\""), "{name}: {form}");
        }
    }
    for name in ["release-rollback", "release-uninstall"] {
        assert!(html(name).contains("name=\"hash\" value=\"7d4f"), "{name}");
    }
    let rollback = html("release-rollback");
    let form = rollback.split("method=\"post\"").nth(1).unwrap_or_default();
    assert!(form.contains("name=\"revision\" value=\"3\""), "{form}");
}

#[test]
fn what_is_prevented_or_not_allowed_has_no_form() {
    assert!(!html("release-rollback-prevented").contains("method=\"post\""));
    let only_seen = Owner::new().with(|| {
        let preview = Preview::Uninstall {
            plan: plans::uninstall(),
        };
        action::show(
            &samples::long(),
            &ActionQuery::default(),
            preview,
            &FormOutcome::default(),
        )
        .into_body()
        .html
    });
    assert!(!only_seen.contains("method=\"post\""));
    assert!(only_seen.contains("role operator"));
}

#[test]
fn ids_are_used_once_and_labels_find_their_fields() {
    for name in PAGES {
        let html = html(name);
        let values = |attribute: &str| -> Vec<String> {
            html.split(&format!(" {attribute}=\""))
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .map(str::to_owned)
                .collect()
        };
        let mut ids = values("id");
        for label in values("for") {
            assert!(ids.contains(&label), "{name}: no field {label}");
        }
        ids.sort();
        let n_ids = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), n_ids, "{name}: an id is used twice");
    }
}

#[test]
fn headings_go_down_by_one() {
    for name in PAGES {
        let html = html(name);
        let levels: Vec<u32> = html
            .split("<h")
            .skip(1)
            .filter_map(|rest| rest.chars().next()?.to_digit(10))
            .collect();
        assert_eq!(levels.first(), Some(&1), "{name}");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{name}: h{} after h{}", pair[1], pair[0]);
        }
    }
}

#[test]
fn what_a_cluster_says_is_text() {
    let html = html("release");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!html.contains("<script"));
    assert!(
        !html.contains("href=\"javascript:"),
        "only addresses of the web become links"
    );
}

#[test]
fn a_release_that_goes_on_is_fetched_again() {
    let refresh = |name: &str| Owner::new().with(|| page(name).into_body().refresh_secs);
    let rows = [
        ("release", 15),
        ("release-values", 0),
        ("operation-running", 1),
        ("operation-succeeded", 0),
    ];
    for (name, want) in rows {
        assert_eq!(refresh(name), want, "{name}");
    }
    let followed = Owner::new().with(|| page("release").following("/ui/events").into_body());
    assert_eq!(followed.events, "/ui/events");
    assert!(followed.events_tell_all);
    let followed = Owner::new().with(|| page("release").partly_following("/ui/events").into_body());
    assert_eq!(followed.events, "/ui/events");
    assert!(!followed.events_tell_all);
}
