//! What another version of the chart means for the values of a release: what was done, what is to be decided, and what
//! is good to know. Each decision is a button of the form; a script makes it at once (`frontend/editor/src/merge.js`).

use leptos::prelude::*;
use model::install::{MergeFinding, MergeView};

use super::{Change, Subject};
use crate::change::settle;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::error::AppError;
use crate::format::count;

/// From one version to another.
pub(in crate::pages) struct Merging {
    pub installed: String,
    pub version: String,
    /// What there is to say; or why nothing can be said.
    pub view: Result<MergeView, AppError>,
}

pub(super) fn merge(change: &Change) -> Option<AnyView> {
    let Subject::Upgrade {
        merge: Some(merging), ..
    } = &change.subject
    else {
        return None;
    };
    let form = &change.form;
    let title = format!("From {} to {}", merging.installed, merging.version);
    let content = match &merging.view {
        Ok(view) => found(view),
        Err(error) => {
            let why = format!("What changes for your values cannot be told: {}.", error.message);
            view! { <Notice status="warn">{why}</Notice> }.into_any()
        }
    };
    Some(
        view! {
            <section class="merge" id="merge" data-merge=true aria-labelledby="merge-title">
                <input type="hidden" name="merged" value=form.merged.clone() />
                <input type="hidden" name="kept" value=form.kept.clone() data-merge-kept=true />
                <h2 id="merge-title">{title}</h2>
                {content}
            </section>
        }
        .into_any(),
    )
}

fn found(view: &MergeView) -> AnyView {
    let (conflicts, notes): (Vec<_>, Vec<_>) = view.findings.iter().partition(|finding| finding.is_conflict);
    let made = view.made.iter().map(|sentence| {
        view! {
            <li>
                <Icon name="ok" />
                <span>{prose(sentence)} " Your value has moved there."</span>
            </li>
        }
    });
    let made = (!view.made.is_empty()).then(|| view! { <ul class="merge__made">{made.collect_view()}</ul> });
    view! {
        {made}
        <div data-merge-open=true>
            <p class="merge__lead">{lead(conflicts.len())}</p>
            {list(&conflicts)}
            {more(&notes)}
        </div>
    }
    .into_any()
}

fn lead(n_conflicts: usize) -> String {
    match n_conflicts {
        0 => "Nothing of your values needs a decision.".to_owned(),
        1 => "1 of your values needs a decision.".to_owned(),
        n => format!("{n} of your values need a decision."),
    }
}

fn list(findings: &[&MergeFinding]) -> Option<AnyView> {
    if findings.is_empty() {
        return None;
    }
    let rows = findings.iter().map(|finding| row(finding)).collect_view();
    Some(view! { <ul class="merge__list">{rows}</ul> }.into_any())
}

/// What stays as it is unless somebody wants it otherwise.
fn more(notes: &[&MergeFinding]) -> Option<AnyView> {
    let list = list(notes)?;
    let label = count(notes.len() as u64, "more thing");
    Some(
        view! {
            <details class="disclosure" id="merge-notes">
                <summary>{label} " to know"</summary>
                {list}
            </details>
        }
        .into_any(),
    )
}

fn row(finding: &MergeFinding) -> AnyView {
    let buttons = finding
        .choices
        .iter()
        .enumerate()
        .map(|(at, label)| {
            view! {
                <button class="button" name="do" value=settle(&finding.path, at)>
                    {label.clone()}
                </button>
            }
        })
        .collect_view();
    let line = finding.line.map(|line| {
        view! { <span class="merge__line">{format!("line {line}")}</span> }
    });
    let icon = match finding.is_conflict {
        true => view! { <Icon name="alert" /> },
        false => view! { <Icon name="info" /> },
    };
    let status = if finding.is_conflict { "warn" } else { "info" };
    view! {
        <li class="merge__finding" data-status=status>
            {icon}
            <p>{prose(&finding.sentence)} " " {line}</p>
            <div class="merge__choices">{buttons}</div>
        </li>
    }
    .into_any()
}

/// Text with code between back-ticks.
fn prose(sentence: &str) -> AnyView {
    let parts = sentence.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 {
        0 => part.to_owned().into_any(),
        _ => view! { <code>{part.to_owned()}</code> }.into_any(),
    });
    parts.collect_view().into_any()
}
