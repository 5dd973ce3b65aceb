//! One file a page: it asks the backend for its data and puts components together. The server's alone.

pub(crate) mod access;
mod api;
mod catalog;
pub(crate) mod change;
mod chart;
mod compare;
mod failed;
#[cfg(test)]
mod gallery;
mod home;
mod hosted;
pub(crate) mod releases;
mod repositories;

use backend::{Backend, Viewer};
use leptos::prelude::*;

use crate::api::page::PageBody;
use crate::api::{api_reference, backend, site, viewer};
use crate::error::{AppError, ErrorKind};
use crate::head::Head;
use crate::routes::{Links, Route, catalog_query};

/// For whom, and with what, a page is made.
struct Request {
    backend: Backend,
    viewer: Viewer,
}

/// A page that is ready to be written.
struct Page {
    /// Without the site's name, which is added.
    title: String,
    description: String,
    /// The path that is this page's proper one.
    canonical: String,
    status: u16,
    refresh_secs: u32,
    /// The path, below the base path, of the event stream that says when the page has changed.
    events: String,
    /// Whether that stream tells of everything that changes.
    events_tell_all: bool,
    head: Head,
    view: AnyView,
}

impl Page {
    fn new(title: impl Into<String>, description: String, canonical: String, view: AnyView) -> Self {
        Self {
            title: title.into(),
            description,
            canonical,
            status: 200,
            refresh_secs: 0,
            events: String::new(),
            events_tell_all: false,
            head: Head::default(),
            view,
        }
    }

    /// A page about something that goes on: it is fetched again, sooner while it is `busy`.
    fn live(self, busy: bool) -> Self {
        self.again_after(if busy { 1 } else { 15 })
    }

    fn again_after(self, refresh_secs: u32) -> Self {
        Self { refresh_secs, ..self }
    }

    /// A page that is fetched again whenever the event stream at a path below the base path says so. The stream tells of
    /// everything that changes on it.
    fn following(self, events: impl Into<String>) -> Self {
        Self {
            events: events.into(),
            events_tell_all: true,
            ..self
        }
    }

    /// The same where other things change as well, of which the stream does not tell.
    fn partly_following(self, events: impl Into<String>) -> Self {
        Self {
            events_tell_all: false,
            ..self.following(events)
        }
    }

    fn with_head(self, head: Head) -> Self {
        Self { head, ..self }
    }

    fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    fn into_body(self) -> PageBody {
        let name = site().title;
        let title = if self.title.is_empty() {
            name
        } else {
            format!("{} \u{b7} {name}", self.title)
        };
        PageBody {
            title,
            description: self.description,
            canonical: self.canonical,
            // Marks between texts are for hydration, which never looks inside of a page.
            html: self.view.to_html().replace("<!>", ""),
            status: self.status,
            refresh_secs: self.refresh_secs,
            events: self.events,
            events_tell_all: self.events_tell_all,
            head: self.head,
        }
    }
}

/// The page of an address.
pub(crate) async fn page(path: &str, search: &str) -> PageBody {
    let request = Request {
        backend: backend(),
        viewer: viewer(),
    };
    let route = Route::parse(path);
    let is_shared = route.is_shared();
    let answer = match route {
        Route::Home => home::home(&request).await,
        Route::Catalog { repository } => {
            catalog::catalog(&request, catalog_query(repository.as_deref(), search)).await
        }
        Route::Chart(route) => chart::chart(&request, route).await,
        Route::Compare {
            repository,
            name,
            versions,
        } => compare::compare(&request, &repository, &name, versions, search).await,
        Route::Install {
            repository,
            name,
            version,
        } => change::ask::install(&request, &repository, &name, version.as_deref(), search).await,
        Route::Repositories => repositories::list(&request, search).await,
        Route::Hosted { name, page } => hosted::decide(&request, &name, page, search).await,
        Route::Repository { name } => repositories::one(&request, &name, search).await,
        Route::Setup => access::setup::setup(&request, search).await,
        Route::SignIn => access::sign_in::sign_in(&request, search).await,
        Route::Account => access::account::account(&request, search).await,
        Route::Accounts => access::accounts::accounts(&request, search).await,
        Route::Api => Ok(api::show(&api_reference())),
        Route::Audit => access::audit::audit(&request, search).await,
        Route::Releases => releases::ask::releases(&request, search).await,
        Route::Release(route) => releases::ask::release(&request, route, search).await,
        Route::Operation { id } => releases::ask::operation(&request, &id).await,
        Route::Unknown => Err(AppError::no_page()),
    };
    let page = match answer {
        Ok(page) => page,
        // The way in takes the place of what is behind it, and leads back there.
        Err(error) if error.kind == ErrorKind::SignedOut => {
            access::sign_in::instead(&request, &Links::here().path(path), search).await
        }
        Err(error) => failed::failed(error, &Links::here().path(path)),
    };
    if is_shared {
        return page.into_body();
    }
    // What only its owner can read, and forms, are nothing for a crawler.
    page.with_head(Head::hidden()).into_body()
}
