//! An error inside the section it belongs to: what happened, and what to do now.

use leptos::prelude::*;

use super::icon::Icon;
use super::search_field::SearchField;
use super::snippet::Snippet;
use crate::error::{AppError, ErrorKind};
use crate::routes::Links;

/// The whole content of a page that could not be shown.
#[component]
pub(crate) fn ErrorSection(error: AppError) -> impl IntoView {
    let links = Links::here();
    let (heading, advice) = match error.kind {
        ErrorKind::NotFound => (
            "Not found",
            "The address may be mistyped, or what it named has been removed.",
        ),
        ErrorKind::Invalid => (
            "This request cannot be answered",
            "Its address says something that makes no sense here.",
        ),
        ErrorKind::Conflict => (
            "Not as things are now",
            "Something has changed, or something else is under way. Look again, then decide.",
        ),
        ErrorKind::SignedOut => ("Sign in first", "Only users see this."),
        ErrorKind::Forbidden => (
            "Not allowed",
            "An administrator can give you the role that it needs.",
        ),
        ErrorKind::TooMany => ("Too many attempts", "Wait a moment, then try again."),
        ErrorKind::Unavailable => (
            "Not available at present",
            "What this page needs does not answer. Try again in a moment.",
        ),
        ErrorKind::Internal => (
            "Something broke on our side",
            "It has been written to the log. Trying again may help.",
        ),
        ErrorKind::Offline => (
            "No connection",
            "The server did not answer. Check the connection and try again.",
        ),
    };
    let can_retry = matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Internal);
    let role = error.role_yaml.clone();
    let nearest = error.suggestions.charts.clone();
    view! {
        <section class="error-section">
            <p class="error-section__code">{error.kind.status()}</p>
            <h1>{heading}</h1>
            <p class="error-section__message">{sentence(&error.message)}</p>
            <p class="error-section__advice">{advice}</p>
            {role
                .map(|role| {
                    view! { <Snippet label="The role that would allow it" text=role /> }
                })}
            {(!nearest.is_empty())
                .then(|| {
                    view! {
                        <h2>"Nearest names"</h2>
                        <ul class="error-section__nearest">
                            {nearest.into_iter().map(|full| nearest_chart(links, full)).collect_view()}
                        </ul>
                    }
                })}
            {(error.kind == ErrorKind::NotFound)
                .then(|| view! { <SearchField label="Search all charts" name="not-found" /> })}
            <p class="error-section__actions">
                {can_retry
                    .then(|| {
                        view! {
                            <a class="button" href="" data-retry=true>
                                <Icon name="sync" />
                                "Try again"
                            </a>
                        }
                    })}
                <a class="button" href=links.charts()>"Browse the catalog"</a>
            </p>
        </section>
    }
}

fn nearest_chart(links: Links, full: String) -> AnyView {
    let (repository, name) = full.split_once('/').unwrap_or(("", &full));
    let href = links.chart(repository, name);
    view! {
        <li>
            <a href=href>{full.clone()}</a>
        </li>
    }
    .into_any()
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
