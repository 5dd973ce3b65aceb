//! How a repository's syncs go, in words.

use leptos::prelude::*;
use model::repository::{SyncPhase, SyncState};

use super::relative_time::RelativeTime;
use crate::format::{count, number};

/// One sentence, and a bar while a sync runs.
#[component]
pub(crate) fn RepositoryState(state: SyncState) -> impl IntoView {
    let status = status(&state);
    view! {
        <div class="repository-state" data-status=status>
            <p>{sentence(&state)}</p>
            {state
                .running
                .filter(|progress| progress.n_total > 0)
                .map(|progress| {
                    view! {
                        <progress
                            max=progress.n_total.to_string()
                            value=progress.n_done.to_string()
                            aria-label="Progress of the sync"
                        ></progress>
                    }
                })}
        </div>
    }
}

/// `ok`, `info`, `warn` or `danger`; the words say it, too.
pub(crate) fn status(state: &SyncState) -> &'static str {
    if state.running.is_some() {
        "info"
    } else if state.last_error.is_some() || state.held.is_some() {
        if state.last_success.is_some() {
            "warn"
        } else {
            "danger"
        }
    } else if state.last_success.is_some() {
        "ok"
    } else {
        "neutral"
    }
}

fn sentence(state: &SyncState) -> AnyView {
    if let Some(progress) = &state.running {
        let what = match progress.phase {
            SyncPhase::Index => "Reading the index",
            SyncPhase::Archives => "Fetching archives",
        };
        let text = match progress.n_total {
            0 if progress.n_done == 0 => what.to_owned(),
            0 => format!("{what}: {}", number(progress.n_done)),
            total => format!("{what}: {} of {}", number(progress.n_done), number(total)),
        };
        return text.into_any();
    }
    if state.held.is_some() {
        return "Held: the index shrank; an operator has to accept it".into_any();
    }
    match (state.last_success, state.last_attempt, &state.last_error) {
        (Some(at), _, None) => view! { "Synced " <RelativeTime at=at /> {skipped(state)} }.into_any(),
        (Some(at), _, Some(_)) => {
            view! { "Last sync did not succeed; showing what was there " <RelativeTime at=at /> }.into_any()
        }
        (None, Some(at), Some(_)) => {
            view! { "Not synced yet; last tried " <RelativeTime at=at /> }.into_any()
        }
        _ => "Not synced yet".into_any(),
    }
}

fn skipped(state: &SyncState) -> Option<String> {
    (state.n_skipped > 0).then(|| match state.n_skipped {
        1 => ", 1 entry skipped".to_owned(),
        n => format!(", {} skipped", count(n, "entry")),
    })
}
