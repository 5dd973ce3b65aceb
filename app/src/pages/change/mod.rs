//! Installing and upgrading: one form with the values, what they come to, what would be done, and the button that does it.
//!
//! [`ask`] gets what the page needs from the backend; everything else here is a view of it. Without a script each button
//! sends the form and the answer is this page again, with what was typed; a script makes an editor of the text area.

pub(crate) mod ask;
mod beside;
mod editor;
pub(in crate::pages) mod fields;
#[cfg(test)]
pub(super) mod gallery;
mod merge;
mod place;
mod problems;

use leptos::prelude::*;
use model::chart::ChartDetail;
use model::files::ValuesView;
use model::install::{InstallStart, NameTaken, Preview};
use model::plan::Plan;
use model::release::{ReleaseDetail, ReleaseId};

use super::Page;
use crate::change::{ChangeForm, ChangeStep};
use crate::components::form::FormToken;
use crate::components::icon::Icon;
use crate::components::plan_view::{PlanView, summary};
use crate::error::AppError;
use crate::format::count;
use crate::routes::Links;

/// What is installed or upgraded.
pub(super) enum Subject {
    Install,
    Upgrade {
        release: Box<ReleaseDetail>,
        /// Versions of the chart to choose from, newest first.
        versions: Vec<String>,
        /// Charts of the catalog, as `repository/name`, that the release may be of, where it is not known.
        candidates: Vec<String>,
        /// What the chosen version means for the values, where it is another than the installed one.
        merge: Option<Box<merge::Merging>>,
    },
}

/// Whether the viewer may do it.
pub(super) enum Permission {
    Given,
    /// Signing in may help.
    SignedOut,
    /// Why not.
    Denied(String),
    /// There is no cluster to do it in.
    NoCluster,
}

/// What was made of the form that was sent.
pub(super) enum Made {
    Nothing,
    Preview(Preview),
    Plan(Plan),
}

/// Everything the page shows.
pub(super) struct Change {
    pub subject: Subject,
    /// The chart in the version that is chosen; `None` where it is not known which one.
    pub chart: Option<ChartDetail>,
    pub form: ChangeForm,
    /// Where it can be installed; of an upgrade, and for visitors, empty.
    pub start: InstallStart,
    pub permission: Permission,
    pub defaults: Option<ValuesView>,
    /// Files of the chart whose text the values can begin with.
    pub starting_points: Vec<String>,
    pub made: Made,
    /// Why what was asked for did not work.
    pub error: Option<AppError>,
    /// The release that has the name that was typed.
    pub taken: Option<NameTaken>,
    /// Whether the form was sent, so that what it holds was typed.
    pub was_sent: bool,
}

impl Change {
    fn is_upgrade(&self) -> bool {
        matches!(self.subject, Subject::Upgrade { .. })
    }

    /// The release that would be made or changed.
    fn release(&self) -> ReleaseId {
        match &self.subject {
            Subject::Upgrade { release, .. } => release.summary.id.clone(),
            Subject::Install => ReleaseId {
                cluster: self.form.cluster.clone(),
                namespace: self.form.namespace.clone(),
                name: self.form.name.clone(),
            },
        }
    }

    /// The page's address, which the form is sent to.
    fn address(&self) -> String {
        let links = Links::here();
        match (&self.subject, &self.chart) {
            (Subject::Upgrade { release, .. }, _) => links.release_upgrade(&release.summary.id, None),
            (Subject::Install, Some(chart)) => {
                links.install(&chart.repository, &chart.name, Some(&chart.version.version))
            }
            (Subject::Install, None) => links.charts(),
        }
    }

    fn verb(&self) -> &'static str {
        if self.is_upgrade() { "Upgrade" } else { "Install" }
    }

    /// What a field's own error says, without the field's name.
    fn error_at(&self, field: &str) -> Option<String> {
        let error = self.error.as_ref()?;
        if error.field.as_deref() != Some(field) {
            return None;
        }
        let message = error.message.strip_prefix(field).unwrap_or(&error.message);
        Some(message.trim_start_matches([':', ' ']).to_owned())
    }

    /// Why there are no objects, where a render said so.
    fn render_problem(&self) -> Option<&model::install::RenderProblem> {
        match &self.made {
            Made::Preview(preview) => preview.problem.as_ref(),
            _ => None,
        }
    }
}

pub(super) fn show(change: Change) -> Page {
    let address = change.address();
    let title = match &change.subject {
        Subject::Install => {
            let name = change
                .chart
                .as_ref()
                .map_or_else(String::new, |chart| format!(" {}", chart.name));
            format!("Install{name}")
        }
        Subject::Upgrade { release, .. } => format!("Upgrade {}", release.summary.id.name),
    };
    let description = format!("{title}: edit its values, see what would be rendered, plan it and do it.");
    let status = change.error.as_ref().map(|error| error.kind.status());
    let bar = bar(&change);
    let plan = match &change.made {
        Made::Plan(plan) => Some(plan_section(plan.clone())),
        _ => None,
    };
    let hash = match &change.made {
        Made::Plan(plan) if !plan.is_prevented => {
            Some(view! { <input type="hidden" name="hash" value=plan.hash.clone() /> })
        }
        _ => None,
    };
    let view = view! {
        <article class="change">
            {place::head(&change, &title)}
            {problems::summary(&change)}
            {place::permission(&change)}
            <form class="change__form" id="change" method="post" action=address.clone()>
                <FormToken />
                {hash}
                {place::place(&change)}
                {merge::merge(&change)}
                {fields::options(&change)}
                {editor::around(
                    &change,
                    view! {
                        <div class="change__panes">
                            {fields::values(&change)}
                            {beside::beside(&change)}
                        </div>
                    }
                    .into_any(),
                )}
            </form>
            {plan}
            {bar}
        </article>
    };
    let page = Page::new(title, description, address, view.into_any());
    match status {
        Some(status) => Page { status, ..page },
        None => page,
    }
}

fn plan_section(plan: Plan) -> AnyView {
    // Apart: the types of views nest, and the compiler follows them only so deep.
    let plan = view! { <PlanView plan=plan /> }.into_any();
    view! {
        <section class="change__plan" id="plan" aria-label="Plan">
            {plan}
        </section>
    }
    .into_any()
}

/// What is known, and what can be done: always in sight.
fn bar(change: &Change) -> AnyView {
    let address = change.address();
    let (status, icon, facts) = facts(change);
    let step = |step: ChangeStep, class: &'static str, label: String, fragment: &'static str| {
        let to = format!("{address}{fragment}");
        view! {
            <button class=class form="change" name="do" value=step.as_str() formaction=to>
                {label}
            </button>
        }
    };
    let verb = change.verb();
    let can_preview = change.chart.is_some();
    let preview = can_preview.then(|| step(ChangeStep::Preview, "button", "Preview".to_owned(), "#preview"));
    let is_prevented = matches!(&change.made, Made::Plan(plan) if plan.is_prevented);
    let plan_label = match (&change.permission, &change.made) {
        (Permission::SignedOut, _) => "Sign in and plan",
        (_, Made::Plan(_)) => "Plan again",
        _ => "Plan",
    };
    let can_plan = matches!(change.permission, Permission::Given | Permission::SignedOut) && can_preview;
    let plan = can_plan.then(|| step(ChangeStep::Plan, "button", plan_label.to_owned(), "#plan"));
    let can_begin = matches!(change.permission, Permission::Given) && can_preview && !is_prevented;
    let begin = can_begin.then(|| step(ChangeStep::Begin, "button button--primary", verb.to_owned(), ""));
    view! {
        <div class="change__bar">
            <p class="mark change__facts" data-status=status role="status" data-change-facts=true>
                {icon.map(|icon| view! { <Icon name=icon /> })}
                <span>{facts}</span>
            </p>
            <div class="change__buttons">{preview} {plan} {begin}</div>
        </div>
    }
    .into_any()
}

/// One sentence with its status and shape.
fn facts(change: &Change) -> (&'static str, Option<&'static str>, String) {
    match &change.made {
        Made::Nothing => ("neutral", None, "Nothing is done before you say so.".to_owned()),
        Made::Plan(plan) if plan.is_prevented => (
            "danger",
            Some("failed"),
            "This would not work as it is: the plan says what stands in the way.".to_owned(),
        ),
        Made::Plan(plan) => ("ok", Some("ok"), summary(plan)),
        Made::Preview(preview) => rendered(preview),
    }
}

fn rendered(preview: &Preview) -> (&'static str, Option<&'static str>, String) {
    if let Some(problem) = &preview.problem {
        let place = match (problem.values_line, &problem.template) {
            (Some(line), _) => format!(" at line {line} of the values"),
            (None, Some(template)) => format!(" in {template}"),
            (None, None) => String::new(),
        };
        return ("danger", Some("failed"), format!("1 error{place}"));
    }
    let n_objects = preview.objects.len() + preview.n_left_out;
    let mut facts = count(n_objects as u64, "object");
    if !preview.hooks.is_empty() {
        facts.push_str(&format!(", {}", count(preview.hooks.len() as u64, "hook")));
    }
    if preview.warnings.is_empty() {
        return ("ok", Some("ok"), facts);
    }
    facts.push_str(&format!(", {}", count(preview.warnings.len() as u64, "warning")));
    ("warn", Some("alert"), facts)
}
