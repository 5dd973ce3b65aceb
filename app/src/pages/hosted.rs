//! A hosted repository: uploading, what is in it, what was deleted, and who sees it.
//!
//! Everything is a form that works without a script. With one, `frontend/upload/upload.js` takes files that are dropped,
//! says what is odd about each before it is uploaded, and shows how far it is.

use leptos::prelude::*;
use model::hosted::{DeletedVersion, Finding, FindingLevel, HostedChart, HostedRepository, HostedVersion};
use model::repository::{RepositoryAction, RepositorySummary};

use crate::api::{FormOutcome, UploadOutcome, assets, origin};
use crate::components::form::{Field, FormToken, checkbox, why_not};
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::relative_time::RelativeTime;
use crate::components::snippet::Snippet;
use crate::format::{count, size};
use crate::routes::{Links, query_value};

/// A repository, and what whoever looks may do with it.
struct Place<'a> {
    name: &'a str,
    can: &'a [RepositoryAction],
    hosted: &'a HostedRepository,
}

impl Place<'_> {
    fn can(&self, action: RepositoryAction) -> bool {
        self.can.contains(&action)
    }

    /// Where its forms are posted to.
    fn action(&self) -> String {
        Links::here().repository(self.name)
    }
}

/// What is below the head of its page.
pub(super) fn body(
    summary: &RepositorySummary,
    hosted: &HostedRepository,
    outcome: &FormOutcome,
    search: &str,
) -> AnyView {
    let place = Place {
        name: &summary.name,
        can: &summary.can,
        hosted,
    };
    view! {
        {done(&place, search)}
        {why_not(outcome)}
        {results(&place, &outcome.uploads)}
        {place.can(RepositoryAction::Push).then(|| upload(&place))}
        {charts(&place)}
        {deleted(&place)}
    }
    .into_any()
}

/// What is beside it.
pub(super) fn aside(summary: &RepositorySummary, hosted: &HostedRepository) -> AnyView {
    let place = Place {
        name: &summary.name,
        can: &summary.can,
        hosted,
    };
    view! {
        {place.can(RepositoryAction::Manage).then(|| visibility(&place))}
        {place.can(RepositoryAction::Push).then(|| from_ci(summary))}
    }
    .into_any()
}

/// What was done a moment ago, with the way back where there is one.
fn done(place: &Place<'_>, search: &str) -> Option<AnyView> {
    let text = match query_value(search, "done")?.as_str() {
        "deleted" => return undo(place, &query_value(search, "ids").unwrap_or_default()),
        "restored" => "It is back, as it was.",
        "uploaded" => "Uploaded. Everything is in the index, in the search and on its page.",
        "deprecated" => "The chart is marked as deprecated, in the index, too.",
        "undeprecated" => "The chart is not marked as deprecated any more.",
        "yanked" => "The version is left out of the index. By its exact name it can still be had.",
        "unyanked" => "The version is in the index again.",
        "private" => "Private: visitors do not see that it exists.",
        "public" => "Public: whoever may read the catalog sees it.",
        _ => return None,
    };
    Some(view! { <Notice status="ok">{text}</Notice> }.into_any())
}

fn undo(place: &Place<'_>, ids: &str) -> Option<AnyView> {
    let ids: Vec<i64> = ids.split(',').filter_map(|id| id.parse().ok()).collect();
    let deleted = place
        .hosted
        .deleted
        .iter()
        .filter(|version| ids.contains(&version.id));
    let deleted: Vec<&DeletedVersion> = deleted.collect();
    let what = match deleted.as_slice() {
        [] => return Some(view! { <Notice status="ok">"Deleted."</Notice> }.into_any()),
        [one] => format!("{} {}", one.name, one.version),
        [first, ..] => format!("{} of {}", count(deleted.len() as u64, "version"), first.name),
    };
    let fields = deleted.iter().map(|version| id_field(version.id)).collect_view();
    let view = view! {
        <form class="notice" data-status="ok" method="post" action=place.action()>
            <FormToken />
            {fields}
            <Icon name="trash" />
            <p>{format!("Deleted {what}. ")}</p>
            <button class="button" name="do" value="restore">
                <Icon name="undo" />
                "Undo"
            </button>
        </form>
    };
    Some(view.into_any())
}

fn id_field(id: i64) -> impl IntoView {
    view! { <input type="hidden" name="id" value=id.to_string() /> }
}

fn upload(place: &Place<'_>) -> AnyView {
    let links = Links::here();
    let script = assets().upload.clone();
    let script = (!script.is_empty()).then(|| links.path(&script));
    let api = links.path(&format!("/api/v1{}", Links::new("").repository(place.name)));
    let action = place.action();
    let limit = size(place.hosted.max_upload_bytes);
    view! {
        <section class="section" id="upload">
            <header class="section__head">
                <h2>"Upload charts"</h2>
            </header>
            <chart-upload data-script=script data-api=api data-page=action.clone()>
                <form class="upload" method="post" enctype="multipart/form-data" action=format!("{action}?do=upload")>
                    <FormToken />
                    <label class="upload__choose">
                        <Icon name="newer" />
                        <span>
                            <strong>"Archives to upload"</strong>
                            <span class="muted">
                                {format!("Files of helm package, .tgz and .prov, of at most {limit} each")}
                            </span>
                        </span>
                        <input type="file" name="chart" multiple=true required=true accept=".tgz,.prov" />
                    </label>
                    <p class="upload__buttons">
                        <button class="button button--primary">"Upload"</button>
                        <button class="button" formaction=format!("{action}?do=check")>"Only check"</button>
                    </p>
                </form>
            </chart-upload>
        </section>
    }
    .into_any()
}

/// What became of files that were sent.
fn results(place: &Place<'_>, uploads: &[UploadOutcome]) -> Option<AnyView> {
    if uploads.is_empty() {
        return None;
    }
    let links = Links::here();
    let rows = uploads.iter().map(|upload| {
        let (status, icon, what) = match (&upload.error, &upload.uploaded, &upload.check) {
            (Some(error), _, _) => (
                "danger",
                "failed",
                view! { {format!("Not uploaded: {error}.")} }.into_any(),
            ),
            (None, Some((name, version)), _) => {
                let href = links.chart_version(place.name, name, version);
                (
                    "ok",
                    "ok",
                    view! { "Uploaded as " <a href=href>{format!("{name} {version}")}</a> }.into_any(),
                )
            }
            (None, None, Some(check)) => {
                let is_refused = check
                    .findings
                    .iter()
                    .any(|one| one.level == FindingLevel::Refused);
                let what = check
                    .chart
                    .as_ref()
                    .map(|chart| format!("{} {}", chart.name, chart.version));
                let what = what.unwrap_or_else(|| "no chart".to_owned());
                let (status, icon, verdict) = match is_refused {
                    true => ("danger", "failed", "cannot be uploaded"),
                    false => ("info", "info", "can be uploaded"),
                };
                (
                    status,
                    icon,
                    view! { {format!("Checked: {what} {verdict}")} }.into_any(),
                )
            }
            (None, None, None) => ("ok", "ok", view! { "Uploaded" }.into_any()),
        };
        let found = upload.check.iter().flat_map(|check| check.findings.iter());
        let found = found.map(finding).collect_view();
        view! {
            <li class="upload-file" data-status=status>
                <Icon name=icon />
                <div>
                    <p><strong>{upload.file_name.clone()}</strong> " " {what}</p>
                    <ul class="upload-file__findings">{found}</ul>
                </div>
            </li>
        }
    });
    let rows = rows.collect_view();
    Some(
        view! {
            <section class="section" aria-label="What became of the files">
                <ul class="upload-files">{rows}</ul>
            </section>
        }
        .into_any(),
    )
}

fn finding(finding: &Finding) -> AnyView {
    let level = match finding.level {
        FindingLevel::Refused => "danger",
        FindingLevel::Warning => "warn",
        FindingLevel::Hint => "hint",
    };
    view! { <li data-level=level>{finding.text.clone()}</li> }.into_any()
}

fn charts(place: &Place<'_>) -> AnyView {
    let charts = &place.hosted.charts;
    if charts.is_empty() {
        return view! { <p class="muted">"No chart has been uploaded yet."</p> }.into_any();
    }
    let rows = charts.iter().map(|chart| chart_row(place, chart)).collect_view();
    view! {
        <section class="section" id="charts">
            <header class="section__head">
                <h2>"Charts"</h2>
            </header>
            <ul class="user-rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn chart_row(place: &Place<'_>, chart: &HostedChart) -> AnyView {
    let links = Links::here();
    let versions = chart
        .versions
        .iter()
        .map(|version| version_row(place, chart, version))
        .collect_view();
    let newest = chart.versions.first().map(|version| version.version.clone());
    let is_private = chart.is_private || place.hosted.is_private;
    view! {
        <li class="user-row" id=format!("chart-{}", chart.name)>
            <details>
                <summary>
                    <span class="user-row__name">{chart.name.clone()}</span>
                    {is_private.then(|| view! { <span class="badge">"private"</span> })}
                    {chart.deprecated.as_ref().map(|_| view! { <span class="badge" data-status="warn">"deprecated"</span> })}
                    <span class="user-row__roles">{newest}</span>
                    <span class="user-row__seen">{count(chart.versions.len() as u64, "version")}</span>
                    <Icon name="down" />
                </summary>
                <div class="user-row__body">
                    <p><a href=links.chart(place.name, &chart.name)>"Its page in the catalog"</a></p>
                    <div class="table-scroll" tabindex="0">
                        <table class="data-table data-table--stacked">
                            <thead>
                                <tr>
                                    <th scope="col">"Version"</th>
                                    <th scope="col">"Size"</th>
                                    <th scope="col">"Uploaded"</th>
                                    <th scope="col">"Signature"</th>
                                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                                </tr>
                            </thead>
                            <tbody>{versions}</tbody>
                        </table>
                    </div>
                    {chart_actions(place, chart)}
                </div>
            </details>
        </li>
    }
    .into_any()
}

fn version_row(place: &Place<'_>, chart: &HostedChart, version: &HostedVersion) -> AnyView {
    let href = Links::here().chart_version(place.name, &chart.name, &version.version);
    let by = version.uploaded_by.as_ref().map(|by| format!(" by {by}"));
    let yanked = version.yanked.as_ref().map(|reason| {
        view! { " " <span class="badge" data-status="danger" title=reason.clone()>"yanked"</span> }
    });
    let signature = if version.has_provenance {
        "provenance file"
    } else {
        ""
    };
    view! {
        <tr>
            <td><a href=href>{version.version.clone()}</a> {yanked}</td>
            <td data-label="Size">{size(version.size_bytes)}</td>
            <td data-label="Uploaded"><RelativeTime at=version.uploaded /> {by}</td>
            <td>{signature}</td>
            <td class="data-table__action">{version_actions(place, chart, version)}</td>
        </tr>
    }
    .into_any()
}

fn version_actions(place: &Place<'_>, chart: &HostedChart, version: &HostedVersion) -> AnyView {
    let what = format!("{} {}", chart.name, version.version);
    let hidden = || {
        view! {
            <FormToken />
            <input type="hidden" name="chart" value=chart.name.clone() />
            <input type="hidden" name="version" value=version.version.clone() />
        }
    };
    let yank = place.can(RepositoryAction::Push).then(|| match &version.yanked {
        Some(_) => view! {
            <form method="post" action=place.action()>
                {hidden()}
                <button class="button" name="do" value="unyank" aria-label=format!("Unyank {what}")>"Unyank"</button>
            </form>
        }
        .into_any(),
        None => view! {
            <details class="menu">
                <summary class="button" aria-label=format!("Yank {what}")>"Yank"</summary>
                <form class="form menu__body" method="post" action=place.action()>
                    {hidden()}
                    <Field
                        label="Why nobody should install it"
                        name="reason"
                        id=format!("yank-{}-{}", chart.name, version.version)
                        placeholder="loses data on upgrades"
                    />
                    <button class="button button--primary" name="do" value="yank">"Yank"</button>
                </form>
            </details>
        }
        .into_any(),
    });
    let delete = place.can(RepositoryAction::Delete).then(|| {
        view! {
            <form method="post" action=place.action()>
                {hidden()}
                <button class="button" name="do" value="delete" aria-label=format!("Delete {what}")>"Delete"</button>
            </form>
        }
    });
    view! { <div class="row-actions">{yank} {delete}</div> }.into_any()
}

fn chart_actions(place: &Place<'_>, chart: &HostedChart) -> AnyView {
    let hidden = || {
        view! {
            <FormToken />
            <input type="hidden" name="chart" value=chart.name.clone() />
        }
    };
    let name = &chart.name;
    let visibility = (place.can(RepositoryAction::Manage) && !place.hosted.is_private).then(|| {
        let (word, label) = match chart.is_private {
            true => ("public", format!("Make {name} public")),
            false => ("private", format!("Make {name} private")),
        };
        view! {
            <form method="post" action=place.action()>
                {hidden()}
                <button class="button" name="do" value=word>{label}</button>
            </form>
        }
    });
    let deprecation =
        place.can(RepositoryAction::Push).then(|| {
            match &chart.deprecated {
        Some(reason) => view! {
            <form method="post" action=place.action()>
                {hidden()}
                <button class="button" name="do" value="undeprecate" title=reason.clone()>
                    {format!("{name} is not deprecated")}
                </button>
            </form>
        }
        .into_any(),
        None => view! {
            <details class="menu">
                <summary class="button">{format!("Deprecate {name}")}</summary>
                <form class="form menu__body" method="post" action=place.action()>
                    {hidden()}
                    <Field
                        label="Why, and what to use instead"
                        name="reason"
                        id=format!("deprecate-{name}")
                        placeholder="use shop-web"
                    />
                    <button class="button button--primary" name="do" value="deprecate">"Deprecate"</button>
                </form>
            </details>
        }
        .into_any(),
    }
        });
    let delete = place.can(RepositoryAction::Delete).then(|| {
        view! {
            <form method="post" action=place.action()>
                {hidden()}
                <button class="button" name="do" value="delete">
                    {format!("Delete {name}, {}", count(chart.versions.len() as u64, "version"))}
                </button>
            </form>
        }
    });
    view! { <div class="row-actions">{visibility} {deprecation} {delete}</div> }.into_any()
}

fn deleted(place: &Place<'_>) -> Option<AnyView> {
    let deleted = &place.hosted.deleted;
    if deleted.is_empty() {
        return None;
    }
    let rows = deleted.iter().map(|version| {
        let what = format!("{} {}", version.name, version.version);
        let by = version.deleted_by.as_ref().map(|by| format!(" by {by}"));
        let label = format!("Bring {what} back");
        view! {
            <tr>
                <td>{what}</td>
                <td data-label="Deleted"><RelativeTime at=version.deleted /> {by}</td>
                <td class="data-table__action">
                    <form method="post" action=place.action()>
                        <FormToken />
                        {id_field(version.id)}
                        <button class="button" name="do" value="restore" aria-label=label>"Bring back"</button>
                    </form>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let keep = match place.hosted.undo_secs {
        secs if secs % 86_400 == 0 => count(secs / 86_400, "day"),
        secs if secs % 3_600 == 0 => count(secs / 3_600, "hour"),
        secs => count(secs, "second"),
    };
    let view = view! {
        <section class="section" id="deleted">
            <header class="section__head">
                <h2>"Deleted"</h2>
            </header>
            <p class="muted section__note">{format!("What was deleted can come back for {keep}.")}</p>
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Version"</th>
                            <th scope="col">"Deleted"</th>
                            <th scope="col"><span class="visually-hidden">"Bring back"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    };
    Some(view.into_any())
}

fn visibility(place: &Place<'_>) -> AnyView {
    view! {
        <section class="section" id="visibility">
            <header class="section__head">
                <h2>"Who sees it"</h2>
            </header>
            <form class="form" method="post" action=place.action()>
                <FormToken />
                {checkbox("private", "All its charts are private", place.hosted.is_private)}
                <p class="field__hint">
                    "Visitors do not see that private charts exist. Users with the role viewer for everything, and tokens of theirs, do."
                </p>
                <button class="button" name="do" value="visibility">"Save"</button>
            </form>
        </section>
    }
    .into_any()
}

/// How programs upload.
fn from_ci(summary: &RepositorySummary) -> AnyView {
    let url = format!("{}{}", origin(), summary.url);
    let command = format!("curl --fail -u ci:$TOKEN --data-binary @chart-1.0.0.tgz {url}/api/charts");
    view! {
        <section class="section" id="ci">
            <header class="section__head">
                <h2>"From CI"</h2>
            </header>
            <Snippet label="Upload with a token" text=command />
            <p class="muted">
                "A token with the scope " <code>"charts:write"</code> " is made on the page "
                <a href=format!("{}#tokens", Links::here().account())>"Account"</a> "."
            </p>
        </section>
    }
    .into_any()
}
