//! The charts of a hosted repository, and what is done with each version and each chart.

use leptos::prelude::*;
use model::hosted::{HostedChart, HostedVersion};
use model::repository::RepositoryAction;

use super::Place;
use crate::components::form::{Field, FormToken, checkbox};
use crate::components::icon::Icon;
use crate::components::relative_time::RelativeTime;
use crate::format::{count, size};
use crate::routes::Links;

pub(super) fn charts(place: &Place<'_>) -> AnyView {
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

/// What a form is about: a version, or a chart with all of its versions.
#[derive(Clone, Copy)]
struct Subject<'a> {
    chart: &'a str,
    version: Option<&'a str>,
}

impl Subject<'_> {
    /// In words.
    fn name(&self) -> String {
        match self.version {
            Some(version) => format!("{} {version}", self.chart),
            None => self.chart.to_owned(),
        }
    }

    fn fields(&self) -> AnyView {
        let version = self.version.map(|version| {
            view! { <input type="hidden" name="version" value=version.to_owned() /> }
        });
        view! {
            <FormToken />
            <input type="hidden" name="chart" value=self.chart.to_owned() />
            {version}
        }
        .into_any()
    }

    /// One button that does what it says.
    fn button(&self, place: &Place<'_>, word: &'static str, text: String, label: Option<String>) -> AnyView {
        view! {
            <form method="post" action=place.action()>
                {self.fields()}
                <button class="button" name="do" value=word aria-label=label>{text}</button>
            </form>
        }
        .into_any()
    }

    /// A button that asks something first.
    fn menu(&self, place: &Place<'_>, ask: &Ask, fields: AnyView) -> AnyView {
        view! {
            <details class="menu">
                <summary class="button" aria-label=ask.label.clone()>{ask.text.clone()}</summary>
                <form class="form menu__body" method="post" action=place.action()>
                    {self.fields()}
                    {fields}
                    <button class="button button--primary" name="do" value=ask.word>{ask.button}</button>
                </form>
            </details>
        }
        .into_any()
    }

    /// The line that says why.
    fn reason(&self, word: &str, label: &'static str, placeholder: &'static str) -> AnyView {
        let id = [Some(word), Some(self.chart), self.version];
        let id: Vec<&str> = id.into_iter().flatten().collect();
        view! { <Field label=label name="reason" id=id.join("-") placeholder=placeholder /> }.into_any()
    }
}

/// What a menu is called, and what its button does.
struct Ask {
    word: &'static str,
    text: String,
    /// For those who do not see what it stands beside.
    label: Option<String>,
    button: &'static str,
}

fn version_actions(place: &Place<'_>, chart: &HostedChart, version: &HostedVersion) -> AnyView {
    let subject = Subject {
        chart: &chart.name,
        version: Some(&version.version),
    };
    let label = |what: &str| Some(format!("{what} {}", subject.name()));
    let button = |word, text: &str| subject.button(place, word, text.to_owned(), label(text));
    let yank = place.can(RepositoryAction::Push).then(|| match &version.yanked {
        Some(_) => button("unyank", "Unyank"),
        None => {
            let ask = Ask {
                word: "yank",
                text: "Yank".to_owned(),
                label: label("Yank"),
                button: "Yank",
            };
            let why = subject.reason("yank", "Why nobody should install it", "loses data on upgrades");
            subject.menu(place, &ask, why)
        }
    });
    let copy = (!place.hosted.copies_to.is_empty()).then(|| copy(place, chart, &subject));
    let delete = place
        .can(RepositoryAction::Delete)
        .then(|| button("delete", "Delete"));
    view! { <div class="row-actions">{yank} {copy} {delete}</div> }.into_any()
}

/// Copies a version into another repository.
fn copy(place: &Place<'_>, chart: &HostedChart, subject: &Subject<'_>) -> AnyView {
    let options = place.hosted.copies_to.iter().map(|name| {
        view! { <option value=name.clone()>{name.clone()}</option> }
    });
    let options = options.collect_view();
    let id = format!("copy-{}-{}", subject.chart, subject.version.unwrap_or_default());
    let is_private = chart.is_private || place.hosted.is_private;
    let publish = (is_private && place.can(RepositoryAction::Manage))
        .then(|| checkbox("publish", "It may become public there", false));
    let fields = view! {
        <div class="field">
            <label for=id.clone()>"Into"</label>
            <select id=id name="to">{options}</select>
        </div>
        {publish}
    };
    let ask = Ask {
        word: "copy",
        text: "Copy".to_owned(),
        label: Some(format!("Copy {}", subject.name())),
        button: "Copy",
    };
    subject.menu(place, &ask, fields.into_any())
}

fn chart_actions(place: &Place<'_>, chart: &HostedChart) -> AnyView {
    let name = &chart.name;
    let subject = Subject {
        chart: name,
        version: None,
    };
    let visibility = (place.can(RepositoryAction::Manage) && !place.hosted.is_private).then(|| {
        let word = if chart.is_private { "public" } else { "private" };
        subject.button(place, word, format!("Make {name} {word}"), None)
    });
    let deprecation = place
        .can(RepositoryAction::Push)
        .then(|| match chart.deprecated.is_some() {
            true => subject.button(place, "undeprecate", format!("{name} is not deprecated"), None),
            false => {
                let ask = Ask {
                    word: "deprecate",
                    text: format!("Deprecate {name}"),
                    label: None,
                    button: "Deprecate",
                };
                let why = subject.reason("deprecate", "Why, and what to use instead", "use shop-web");
                subject.menu(place, &ask, why)
            }
        });
    let reason = chart
        .deprecated
        .as_ref()
        .map(|reason| view! { <p class="muted">{format!("Deprecated: {reason}")}</p> });
    let delete = place.can(RepositoryAction::Delete).then(|| {
        let versions = count(chart.versions.len() as u64, "version");
        subject.button(place, "delete", format!("Delete {name}, {versions}"), None)
    });
    view! { {reason} <div class="row-actions">{visibility} {deprecation} {delete}</div> }.into_any()
}
