//! The Leptos user interface: views, and signatures of server functions.
//!
//! It holds no rule about charts: `backend` owns every operation, and `api` calls it with one line each. Pages are
//! complete HTML from the server and are then hydrated, written as if each interactive part were an island: data flows
//! down as props, state is in the address, and the browser keeps nothing that a reload may not lose.
//!
//! Read on in [`routes`] (every address), `pages` (one file a page), `components` (pure views) and [`api`].

pub mod api;
pub mod assets;
mod components;
pub mod error;
mod format;
mod pages;
pub mod routes;
#[cfg(feature = "ssr")]
mod shell;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

pub use components::icon::SPRITE;
#[cfg(feature = "ssr")]
pub use shell::shell;

use components::footer::Footer;
use components::shortcuts::Shortcuts;
use components::top_bar::TopBar;
use pages::catalog::CatalogPage;
use pages::chart::ChartPage;
use pages::home::HomePage;
use pages::not_found::NotFoundPage;
use pages::repositories::{RepositoriesPage, RepositoryPage};
use routes::Links;

/// The whole application, inside the body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let base = Links::here().base();
    // While this is set, the next page is loading and the old one stays.
    let (is_routing, set_is_routing) = signal(false);
    view! {
        <Router base=base set_is_routing=set_is_routing>
            <TopBar />
            <div class="progress-line" data-active=move || is_routing.get().to_string() aria-hidden="true"></div>
            <main class="page" id="_main" tabindex="-1">
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async />
                    <Route path=path!("/charts") view=CatalogPage ssr=SsrMode::Async />
                    <Route path=path!("/charts/:repository") view=CatalogPage ssr=SsrMode::Async />
                    <Route path=path!("/charts/:repository/*chart") view=ChartPage ssr=SsrMode::Async />
                    <Route path=path!("/repositories") view=RepositoriesPage ssr=SsrMode::Async />
                    <Route path=path!("/repositories/:name") view=RepositoryPage ssr=SsrMode::Async />
                </FlatRoutes>
            </main>
            <Footer />
            <Shortcuts />
        </Router>
    }
}

/// Takes over the document that the server rendered.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    let read = |key: &str| {
        document()
            .document_element()
            .and_then(|root| root.get_attribute(key))
            .unwrap_or_default()
    };
    let base = Links::new(&read("data-base"));
    // Server functions live below the base path, too.
    leptos::server_fn::client::set_server_url(base.base());
    let site = model::site::Site {
        version: read("data-version"),
        base_path: base.base().to_owned(),
        origin: String::new(),
        title: read("data-title"),
    };
    leptos::mount::hydrate_body(move || {
        provide_context(base);
        provide_context(site.clone());
        view! { <App /> }
    });
    // For those who wait for it: tests, and styles of what needs a script.
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "true");
    }
}
