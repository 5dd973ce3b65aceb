//! Rolling back, uninstalling and testing: what would be done, what would be lost, and the form that does it.
//!
//! The form sends the plan's hash, so that what is done is what was shown, or nothing.

use leptos::prelude::*;
use model::operation::Cascade;
use model::plan::{Plan, PlannedAction, PlannedHook};
use model::release::{History, ReleaseDetail, RevisionSummary};

use super::super::Page;
use super::breadcrumbs;
use crate::api::FormOutcome;
use crate::components::form::{FormToken, checkbox, why_not};
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::plan_view::{Hooks, PlanView};
use crate::format;
use crate::routes::{ActionQuery, Links, ReleaseAction, ReleasePage, action_fields};

/// What is shown before it is done.
pub(in crate::pages) enum Preview {
    Rollback {
        /// The revision whose chart and values come back.
        to: i64,
        plan: Plan,
        /// What else could be rolled back to.
        history: History,
    },
    Uninstall {
        plan: Plan,
    },
    /// A test changes no object of the release, so there is no plan: only what runs.
    Test {
        hooks: Vec<PlannedHook>,
    },
}

impl Preview {
    fn action(&self) -> ReleaseAction {
        match self {
            Self::Rollback { .. } => ReleaseAction::Rollback,
            Self::Uninstall { .. } => ReleaseAction::Uninstall,
            Self::Test { .. } => ReleaseAction::Test,
        }
    }

    fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Rollback { plan, .. } | Self::Uninstall { plan } => Some(plan),
            Self::Test { .. } => None,
        }
    }
}

/// `outcome` is of the form, where it was sent and did not work: because the cluster has changed, for example.
pub(in crate::pages) fn show(
    release: &ReleaseDetail,
    query: &ActionQuery,
    preview: Preview,
    outcome: &FormOutcome,
) -> Page {
    let links = Links::here();
    let id = &release.summary.id;
    let action = preview.action();
    let query = &ActionQuery {
        revision: match &preview {
            Preview::Rollback { to, .. } => Some(*to),
            _ => None,
        },
        options: query.options.clone(),
    };
    let (title, lead) = words(release, &preview);
    let losses = losses(release, query, &preview);
    let choices = choices(release, query, &preview);
    let decision = decision(release, query, &preview);
    let body = match preview {
        Preview::Rollback { plan, .. } | Preview::Uninstall { plan } => {
            view! { <PlanView plan=plan /> }.into_any()
        }
        Preview::Test { hooks } => tests(hooks),
    };
    let view = view! {
        <article class="release">
            {breadcrumbs(id, true)}
            <header class="page-header">
                <h1>{title.clone()}</h1>
                <p>{lead}</p>
                {why_not(outcome)}
            </header>
            {choices}
            {losses}
            {body}
            {decision}
        </article>
    };
    let description = format!("{title}: what would be done in the cluster.");
    let canonical = links.release_page(id, ReleasePage::Action(action));
    Page::new(title, description, canonical, view.into_any()).answering(outcome)
}

fn words(release: &ReleaseDetail, preview: &Preview) -> (String, String) {
    let name = &release.summary.id.name;
    match preview {
        Preview::Rollback { to, plan, .. } => (
            format!("Roll back {name} to revision {to}"),
            format!(
                "Makes revision {} with the chart, values and hooks of revision {to}. It can be undone by rolling back again.",
                plan.revision
            ),
        ),
        Preview::Uninstall { .. } => (
            format!("Uninstall {name}"),
            "Deletes the objects of the release from the cluster.".to_owned(),
        ),
        Preview::Test { .. } => (
            format!("Test {name}"),
            "Runs the tests that the chart brings, in the cluster. The release stays as it is.".to_owned(),
        ),
    }
}

/// What will not come back, by name.
fn losses(release: &ReleaseDetail, query: &ActionQuery, preview: &Preview) -> Option<AnyView> {
    let mut sentences = preview.plan().map(lost_with_objects).unwrap_or_default();
    if preview.action() == ReleaseAction::Uninstall {
        sentences.push(if query.options.keep_history {
            "The history stays: rolling back to a revision brings the release back, without what was stored."
                .to_owned()
        } else {
            format!(
                "The history goes, too: {}, with their values. It cannot be undone.",
                format::count(release.summary.revision.unsigned_abs(), "revision")
            )
        });
    }
    if sentences.is_empty() {
        return None;
    }
    let rows = sentences
        .into_iter()
        .map(|sentence| {
            view! {
                <li data-status="warn">
                    <Icon name="alert" />
                    <span>{sentence}</span>
                </li>
            }
        })
        .collect_view();
    let view = view! {
        <section class="section losses">
            <header class="section__head">
                <h2>"What is lost"</h2>
            </header>
            <ul class="sentences">{rows}</ul>
        </section>
    };
    Some(view.into_any())
}

fn lost_with_objects(plan: &Plan) -> Vec<String> {
    let names = |kind: &str| {
        let of_kind: Vec<&str> = plan
            .objects
            .iter()
            .filter(|object| object.action == PlannedAction::Delete && object.kind == kind)
            .map(|object| object.name.as_str())
            .collect();
        (!of_kind.is_empty()).then(|| of_kind.join(", "))
    };
    let rows = [
        (
            "PersistentVolumeClaim",
            "Volumes",
            "unless their storage class keeps them, what is stored on them is gone.",
        ),
        (
            "Secret",
            "Secrets",
            "passwords and keys that were generated in them do not come back.",
        ),
        (
            "CustomResourceDefinition",
            "Resource definitions",
            "every object of these kinds in the cluster goes with them.",
        ),
        ("Namespace", "Namespaces", "everything in them goes with them."),
    ];
    rows.into_iter()
        .filter_map(|(kind, words, lost)| names(kind).map(|names| format!("{words} {names}: {lost}")))
        .collect()
}

/// What could be chosen otherwise; choosing shows another plan and changes nothing.
fn choices(release: &ReleaseDetail, query: &ActionQuery, preview: &Preview) -> Option<AnyView> {
    let options = &query.options;
    let fields = match preview {
        Preview::Rollback { to, history, .. } => {
            let conflicts = "Take fields that others have set";
            view! {
                {revisions(release, *to, history)}
                <div class="choices">
                    {checkbox("no_hooks", "Run no hooks", options.no_hooks)}
                    {checkbox("force_conflicts", conflicts, options.force_conflicts)}
                </div>
            }
            .into_any()
        }
        Preview::Uninstall { .. } => view! {
            {cascade(options.cascade)}
            <div class="choices">
                {checkbox("keep_history", "Keep the history", options.keep_history)}
                {checkbox("no_hooks", "Run no hooks", options.no_hooks)}
            </div>
        }
        .into_any(),
        Preview::Test { .. } => return None,
    };
    let to = Links::here().release_page(&release.summary.id, ReleasePage::Action(preview.action()));
    let form = view! {
        <form class="form form--row action__choices" method="get" action=to>
            {fields}
            <button class="button">"Plan again"</button>
        </form>
    };
    Some(form.into_any())
}

fn revisions(release: &ReleaseDetail, to: i64, history: &History) -> AnyView {
    let options = history
        .revisions
        .iter()
        .filter(|revision| revision.revision != release.summary.revision)
        .map(|revision| {
            let is_chosen = revision.revision == to;
            view! {
                <option value=revision.revision.to_string() selected=is_chosen>
                    {revision_words(revision)}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="action-revision">"Back to"</label>
            <select id="action-revision" name="revision">{options}</select>
        </div>
    }
    .into_any()
}

fn revision_words(revision: &RevisionSummary) -> String {
    let date = revision
        .updated
        .map(|at| format!(", {}", format::date(at)))
        .unwrap_or_default();
    format!(
        "Revision {}: {} {}, {}{date}",
        revision.revision, revision.chart, revision.chart_version, revision.status
    )
}

fn cascade(chosen: Cascade) -> AnyView {
    let options = [
        (Cascade::Background, "background", "goes after them (background)"),
        (Cascade::Foreground, "foreground", "goes before them (foreground)"),
        (Cascade::Orphan, "orphan", "stays (orphan)"),
    ];
    let options = options.map(|(cascade, word, label)| {
        let is_chosen = cascade == chosen;
        view! { <option value=word selected=is_chosen>{label}</option> }
    });
    view! {
        <div class="field">
            <label for="action-cascade">"What the objects own"</label>
            <select id="action-cascade" name="cascade">{options.into_iter().collect_view()}</select>
        </div>
    }
    .into_any()
}

fn tests(hooks: Vec<PlannedHook>) -> AnyView {
    if hooks.is_empty() {
        return view! { <p class="empty">"The chart of this release brings no tests."</p> }.into_any();
    }
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"What runs"</h2>
            </header>
            <Hooks hooks=hooks />
        </section>
    }
    .into_any()
}

/// The form, or why there is none.
fn decision(release: &ReleaseDetail, query: &ActionQuery, preview: &Preview) -> Option<AnyView> {
    let links = Links::here();
    let id = &release.summary.id;
    let back = view! { <a href=links.release(id)>"Leave it as it is"</a> };
    if !release.rights.change {
        let text = format!(
            "You may see the releases in namespace {} and not change them. An administrator can give you the role operator there.",
            id.namespace
        );
        return Some(view! { <Notice status="info">{text}</Notice> }.into_any());
    }
    if preview.plan().is_some_and(|plan| plan.is_prevented) {
        let text = "This would not work as it is: what stands in the way is said above.";
        let view = view! {
            <div class="decision">
                <p class="mark" data-status="danger">
                    <Icon name="failed" />
                    {text}
                </p>
                {back}
            </div>
        };
        return Some(view.into_any());
    }
    let (class, label) = match preview {
        Preview::Rollback { to, .. } => ("button button--primary", format!("Roll back to revision {to}")),
        Preview::Uninstall { .. } => ("button button--danger", format!("Uninstall {}", id.name)),
        Preview::Test { hooks } if hooks.is_empty() => return None,
        Preview::Test { .. } => ("button button--primary", "Run tests".to_owned()),
    };
    // A test always waits for what it runs.
    let wait = (preview.action() != ReleaseAction::Test).then(|| {
        checkbox(
            "wait",
            "Wait until it is done in the cluster, too",
            query.options.wait,
        )
    });
    let hidden = action_fields(query)
        .into_iter()
        .filter(|(name, _)| *name != "wait")
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    let hash = preview
        .plan()
        .map(|plan| view! { <input type="hidden" name="hash" value=plan.hash.clone() /> });
    // With the query: where it does not work the answer is the same plan, made anew.
    let to = links.release_action(id, preview.action(), query);
    let form = view! {
        <form class="decision" method="post" action=to>
            <FormToken />
            {hidden}
            {hash}
            <button class=class>{label}</button>
            {wait}
            {back}
        </form>
    };
    Some(form.into_any())
}
