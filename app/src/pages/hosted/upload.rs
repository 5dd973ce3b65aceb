//! Uploading files, and what became of them.

use leptos::prelude::*;
use model::hosted::{Finding, FindingLevel};

use super::Place;
use crate::api::{UploadOutcome, assets};
use crate::components::form::FormToken;
use crate::components::icon::Icon;
use crate::format::size;
use crate::routes::Links;

pub(super) fn upload(place: &Place<'_>) -> AnyView {
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
pub(super) fn results(place: &Place<'_>, uploads: &[UploadOutcome]) -> Option<AnyView> {
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
