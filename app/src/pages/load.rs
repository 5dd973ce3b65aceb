//! How every page gets its data: one resource, blocking on the server, and the old page stays until the new one is here.

use std::future::Future;

use leptos::prelude::*;

use crate::api::{Lean, LeanCodec, answer_with};
use crate::components::error_section::ErrorSection;
use crate::components::page_head::PageHead;
use crate::error::{AppError, ErrorKind};
use crate::routes::Links;

/// Shows what `fetch` answers for `source`, again whenever `source` changes.
///
/// `show` also gets a callback that fetches again.
pub(super) fn load<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> Fut + Send + Sync + 'static,
    show: fn(T, Callback<()>) -> AnyView,
) -> AnyView
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Lean,
    Fut: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let resource: Resource<Result<T, AppError>, LeanCodec> = Resource::new_with_options(source, fetch, true);
    let again = Callback::new(move |()| resource.refetch());
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                match resource.await {
                    Ok(data) => show(data, again),
                    Err(error) => failed(error, Some(again)),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// A page that could not be shown, with the status that belongs to it.
pub(super) fn failed(error: AppError, again: Option<Callback<()>>) -> AnyView {
    answer_with(&error);
    let title = match error.kind {
        ErrorKind::NotFound => "Not found",
        _ => "Not available",
    };
    let again = again.filter(|_| !matches!(error.kind, ErrorKind::NotFound | ErrorKind::Invalid));
    let canonical = Links::here().charts();
    match again {
        Some(retry) => view! {
            <PageHead title=title description="" canonical=canonical />
            <ErrorSection error=error retry=retry />
        }
        .into_any(),
        None => view! {
            <PageHead title=title description="" canonical=canonical />
            <ErrorSection error=error />
        }
        .into_any(),
    }
}

/// Fetches again after a while, for pages that show what is going on.
#[component]
pub(super) fn Refresh(
    again: Callback<()>,
    /// Something is going on right now.
    soon: bool,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        let pause = std::time::Duration::from_secs(if soon { 1 } else { 15 });
        let handle = set_timeout_with_handle(
            move || {
                if !document().hidden() {
                    again.run(());
                }
            },
            pause,
        );
        if let Ok(handle) = handle {
            on_cleanup(move || handle.clear());
        }
    }
    let _ = (again, soon);
}
