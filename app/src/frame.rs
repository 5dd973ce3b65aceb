//! The frame around every page, and the page inside of it: fetched by its address, replaced when the address changes.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::{SsrMode, path};

use crate::api::page::{PageBody, page};
use crate::api::{LeanCodec, answer_with};
use crate::behaviours;
use crate::components::footer::Footer;
use crate::components::shortcuts::Shortcuts;
use crate::components::top_bar::TopBar;
use crate::error::AppError;
use crate::routes::Links;

/// The whole application, inside the body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router base=Links::here().base()>
            // The routes the server answers. What each of them shows is read from the address, by `routes::Route`.
            <FlatRoutes fallback=|| ()>
                <Route path=path!("/") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/charts") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/charts/:repository") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/charts/:repository/*chart") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/repositories") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/repositories/:name") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/setup") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/account") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/accounts") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/audit") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/releases") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/releases/*release") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/operations/:id") view=|| () ssr=SsrMode::Async />
            </FlatRoutes>
            <TopBar />
            <Page />
            <Footer />
            <Shortcuts />
        </Router>
    }
}

/// The page of the address. On the server it blocks; in the browser the old one stays until the new one is here.
#[component]
fn Page() -> impl IntoView {
    let links = Links::here();
    let location = use_location();
    let address = Memo::new(move |_| {
        let path = location
            .pathname
            .with(|path| links.strip(path).unwrap_or("/-").to_owned());
        (path, location.search.get())
    });
    let resource: Resource<Result<PageBody, AppError>, LeanCodec> =
        Resource::new_with_options(move || address.get(), |(path, search)| page(path, search), true);
    let is_loading = RwSignal::new(false);
    behaviours::attach(links, resource, is_loading);
    view! {
        <div class="progress-line" data-active=move || is_loading.get().to_string() aria-hidden="true"></div>
        <main class="page" id="_main" tabindex="-1">
            <Transition fallback=|| () set_pending=is_loading>
                {move || Suspend::new(async move {
                    let body = resource.await.unwrap_or_else(unreachable_page);
                    answer_with(&body);
                    view! {
                        <Title text=body.title />
                        <div class="page__body" inner_html=body.html></div>
                    }
                })}
            </Transition>
        </main>
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
