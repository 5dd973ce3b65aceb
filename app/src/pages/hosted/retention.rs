//! `/repositories/{name}/retention`: which versions go by themselves, and what that comes to now.

use leptos::prelude::*;
use model::repository::RepositoryAction;
use model::retention::{ExpiringVersion, Retention, RetentionRules};

use super::super::{Page, Request};
use super::{decision, up};
use crate::api::{FormOutcome, form_outcome};
use crate::components::form::{Field, FormToken, why_not};
use crate::components::notice::Notice;
use crate::components::relative_time::RelativeTime;
use crate::error::AppError;
use crate::format::{count, number, size};
use crate::routes::{HostedPage, Links, query_value};

pub(super) async fn ask(request: &Request, name: &str, search: &str) -> Result<Page, AppError> {
    let hosted = request.backend.hosted();
    let tenant = hosted
        .tenant(&request.viewer, name, RepositoryAction::Manage)
        .await?;
    let retention = hosted.retention(&request.viewer, &tenant).await?;
    Ok(show(name, &retention, &form_outcome(), search))
}

pub(in crate::pages) fn show(name: &str, retention: &Retention, outcome: &FormOutcome, search: &str) -> Page {
    let n_deleted = query_value(search, "n").and_then(|n| n.parse::<u64>().ok());
    let said = match query_value(search, "done").as_deref() {
        _ if outcome.error.is_some() => None,
        Some("rules") => {
            Some("Saved. Nothing is deleted before you confirm what the rules come to.".to_owned())
        }
        Some("reset") => Some("The rules of the configuration hold here again.".to_owned()),
        Some("applied") => Some(format!(
            "Deleted {}. The rules are applied every hour from now on.",
            count(n_deleted.unwrap_or_default(), "version")
        )),
        _ => None,
    };
    let said = said.map(|said| view! { <Notice status="ok">{said}</Notice> });
    let view = view! {
        <header class="page-header">
            {up(name)}
            <h1>"Retention rules"</h1>
            <p>"Which versions go by themselves. What one limit keeps is kept, and the newest version of a chart never goes."</p>
            {said}
            {why_not(outcome)}
        </header>
        <div class="columns">
            <div class="columns__main">{plan(name, retention)}</div>
            <aside class="columns__side" aria-label="Rules">{rules(name, retention, outcome)}</aside>
        </div>
    };
    decision(
        name,
        HostedPage::Retention,
        "Retention rules",
        view.into_any(),
        outcome,
    )
}

fn plan(name: &str, retention: &Retention) -> AnyView {
    let plan = &retention.plan;
    let state = state(retention);
    let what = match plan.n_versions {
        0 => "Nothing would be deleted now.".to_owned(),
        n => format!(
            "{} of {} would be deleted now, {} in all. For a while they can be brought back.",
            count(n, "version"),
            number(n + plan.n_kept),
            size(plan.size_bytes)
        ),
    };
    let rows = plan.versions.iter().map(|one| row(name, one)).collect_view();
    let n_more = plan.n_versions - plan.versions.len() as u64;
    let more = (n_more > 0).then(|| view! { <p class="muted">{format!("And {} more.", number(n_more))}</p> });
    let table = (!plan.versions.is_empty()).then(|| {
        view! {
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Version"</th>
                            <th scope="col">"Uploaded"</th>
                            <th scope="col">"Size"</th>
                            <th scope="col">"Why"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <section class="section" id="plan">
            <header class="section__head">
                <h2>"What goes"</h2>
            </header>
            {state}
            <p class="section__note">{what}</p>
            {apply(name, retention)}
            {table}
            {more}
        </section>
    }
    .into_any()
}

fn state(retention: &Retention) -> AnyView {
    let limits = RetentionRules {
        except: Vec::new(),
        ..retention.rules.clone()
    };
    if limits == RetentionRules::default() {
        return view! { <p class="muted section__note">"There is no rule: every version stays."</p> }
            .into_any();
    }
    if !retention.is_applied {
        return view! {
            <Notice status="info">"These rules are not applied. Look at what they come to, and confirm it."</Notice>
        }
        .into_any();
    }
    let by = match &retention.confirmed_by {
        Some(by) => format!("confirmed by {by}"),
        None => "as the configuration says".to_owned(),
    };
    let last = retention.last_run.map(|at| {
        let deleted = count(retention.n_last_deleted, "version");
        view! { " The last run, " <RelativeTime at=at /> {format!(", deleted {deleted}.")} }
    });
    view! {
        <p class="muted section__note">{format!("The rules are applied every hour, {by}.")} {last}</p>
    }
    .into_any()
}

fn apply(name: &str, retention: &Retention) -> Option<AnyView> {
    let n = retention.plan.n_versions;
    let label = match (n, retention.is_applied) {
        (0, true) => return None,
        (0, false) if retention.rules == RetentionRules::default() => return None,
        (0, false) => "Apply these rules from now on".to_owned(),
        (n, true) => format!("Delete {} now", count(n, "version")),
        (n, false) => format!(
            "Delete {}, and apply these rules from now on",
            count(n, "version")
        ),
    };
    let class = if n > 0 { "button button--danger" } else { "button" };
    let form = view! {
        <form class="form" method="post" action=Links::here().hosted(name, HostedPage::Retention)>
            <FormToken />
            <input type="hidden" name="plan" value=retention.plan.digest.clone() />
            <p>
                <button class=class name="do" value="apply">
                    {label}
                </button>
            </p>
        </form>
    };
    Some(form.into_any())
}

fn row(name: &str, one: &ExpiringVersion) -> AnyView {
    let href = Links::here().chart_version(name, &one.chart, &one.version);
    view! {
        <tr>
            <td><a href=href>{format!("{} {}", one.chart, one.version)}</a></td>
            <td data-label="Uploaded"><RelativeTime at=one.uploaded /></td>
            <td data-label="Size">{size(one.size_bytes)}</td>
            <td data-label="Why">{one.reason.clone()}</td>
        </tr>
    }
    .into_any()
}

fn rules(name: &str, retention: &Retention, outcome: &FormOutcome) -> AnyView {
    let failed = outcome.typed("do") == "rules";
    let value = |field: &str, n: u32| match failed {
        true => outcome.typed(field),
        false => n.to_string(),
    };
    let rules = &retention.rules;
    let except = match failed {
        true => outcome.typed("except"),
        false => rules.except.join("\n"),
    };
    let field = |label: &'static str, name: &'static str, n: u32| {
        view! { <Field label=label name=name id=name.to_owned() kind="number" value=value(name, n) required=false /> }
    };
    let reset = retention.is_own.then(|| {
        view! { <button class="button" name="do" value="reset">"Use those of the configuration"</button> }
    });
    let whose = match retention.is_own {
        true => "Rules of this repository.",
        false => "Those of the configuration; saved here, they are this repository's own.",
    };
    view! {
        <section class="section" id="rules">
            <header class="section__head">
                <h2>"Rules"</h2>
            </header>
            <p class="muted">{whose} " 0 means no such limit."</p>
            <form class="form" method="post" action=Links::here().hosted(name, HostedPage::Retention)>
                <FormToken />
                <fieldset class="choices">
                    <legend>"Releases"</legend>
                    {field("Keep the newest of each chart", "keep_releases", rules.keep_releases)}
                    {field("Keep those of the last days", "release_days", rules.release_days)}
                </fieldset>
                <fieldset class="choices">
                    <legend>"Pre-releases"</legend>
                    {field("Keep the newest of each chart", "keep_prereleases", rules.keep_prereleases)}
                    {field("Keep those of the last days", "prerelease_days", rules.prerelease_days)}
                </fieldset>
                <div class="field">
                    <label for="except">"Never touch"</label>
                    <textarea id="except" name="except" rows="4" spellcheck="false" aria-describedby="except-hint">{except}</textarea>
                    <p class="field__hint" id="except-hint">
                        "A chart or a version on each line, such as " <code>"web"</code> " or " <code>"web 1.2.*"</code> "."
                    </p>
                </div>
                <div class="row-actions">
                    <button class="button button--primary" name="do" value="rules">"Save and show what goes"</button>
                    {reset}
                </div>
            </form>
        </section>
    }
    .into_any()
}
