//! The frame around every page, and the page inside of it: fetched by its address, replaced when the address changes.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;

use crate::api::first_page;
use crate::api::page::{MAIN, PageBody, page};
use crate::behaviours;
use crate::components::footer::Footer;
use crate::components::shortcuts::Shortcuts;
use crate::components::top_bar::TopBar;
use crate::error::AppError;
use crate::routes::{Links, NO_PAGE};

/// The whole application, inside the body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router base=Links::here().base()>
            // An address becomes the browser's when a route has taken it: this one takes all.
            <FlatRoutes fallback=|| ()>
                <Route path=path!("/*any") view=|| () />
            </FlatRoutes>
            <TopBar />
            <Page />
            <Footer />
            <Shortcuts />
        </Router>
    }
}

/// The page of the address. On the server it is ready; in the browser the old one stays until the new one is here.
#[component]
fn Page() -> impl IntoView {
    let links = Links::here();
    let location = use_location();
    let address = Memo::new(move |_| {
        let path = location
            .pathname
            .with(|path| links.strip(path).unwrap_or(NO_PAGE).to_owned());
        (path, location.search.get())
    });
    let first = first_page();
    let unseen = serde_json::to_string(&first.unseen()).unwrap_or_default();
    // Leptos reads the title when it has left what belongs to the request, so this signal belongs to nobody.
    let title = ArcRwSignal::new(first.title.clone());
    let page = CurrentPage::new(first);
    Effect::new({
        let title = title.clone();
        move |_| title.set(page.body.with(|body| body.title.clone()))
    });
    page.follow(address);
    behaviours::attach(links, page);
    view! {
        <Title text=move || title.get() />
        <div
            class="progress-line"
            data-active=move || page.is_loading.get().to_string()
            aria-hidden="true"
        ></div>
        <main class="page" id=MAIN tabindex="-1" data-page=unseen>
            <div class="page__body" inner_html=move || page.body.with(|body| body.html.clone())></div>
        </main>
    }
}

/// The page that is shown, and what is known of the next one.
#[derive(Clone, Copy)]
pub(crate) struct CurrentPage {
    pub(crate) body: RwSignal<PageBody>,
    is_loading: RwSignal<bool>,
    /// Counts what was asked for, so that an answer that was overtaken is thrown away.
    n_asked: StoredValue<u32>,
    again: Trigger,
}

impl CurrentPage {
    fn new(body: PageBody) -> Self {
        Self {
            body: RwSignal::new(body),
            is_loading: RwSignal::new(false),
            n_asked: StoredValue::new(0),
            again: Trigger::new(),
        }
    }

    /// Fetches the page again.
    #[cfg(feature = "hydrate")]
    pub(crate) fn refetch(self) {
        self.again.notify();
    }

    /// Fetches whatever the address names from now on.
    fn follow(self, address: Memo<(String, String)>) {
        // Effects run in the browser only. At the first run the document holds the page.
        Effect::new(move |is_shown: Option<()>| {
            let (path, search) = address.get();
            self.again.track();
            if is_shown.is_some() {
                self.fetch(path, search);
            }
        });
    }

    fn fetch(self, path: String, search: String) {
        self.n_asked.update_value(|n| *n += 1);
        let asked = self.n_asked.get_value();
        self.is_loading.set(true);
        leptos::task::spawn_local(async move {
            let body = page(path, search).await.unwrap_or_else(unreachable_page);
            if self.n_asked.get_value() == asked {
                self.body.set(body);
                self.is_loading.set(false);
            }
        });
    }
}

/// What is shown when the server does not answer: the only page that the browser writes itself.
fn unreachable_page(error: AppError) -> PageBody {
    PageBody {
        title: "No connection".to_owned(),
        html: "<section class=\"error-section\"><h1>No connection</h1>\
               <p class=\"error-section__message\">The server did not answer.</p>\
               <p class=\"error-section__actions\"><a class=\"button\" href=\"\" data-retry>Try again</a></p></section>"
            .to_owned(),
        status: error.kind.status(),
        ..PageBody::default()
    }
}
