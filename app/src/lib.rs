//! The Leptos user interface: views, and signatures of server functions.
//!
//! It holds no rule about charts: `backend` owns every operation. The frame (bar, search, theme, keys) is hydrated;
//! pages inside of it are HTML that the server renders from the same kind of views, for the first answer and for every
//! later one. So every page is complete without JavaScript, the browser's bundle holds no page at all, and state is in
//! the address. Parts that need more than that, such as editors, become leaves that load their own code.
//!
//! Read on in [`routes`] (every address), `frame`, `pages` (one file a page), `components` (pure views), `behaviours`
//! (what a page can do once a script runs) and [`api`].

#![expect(
    unreachable_pub,
    reason = "leptos' component macro makes functions and their props public"
)]

pub mod api;
pub mod assets;
mod behaviours;
mod components;
pub mod error;
mod frame;
pub mod routes;

#[cfg(feature = "ssr")]
pub mod change;
#[cfg(feature = "ssr")]
mod format;
#[cfg(feature = "ssr")]
mod head;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "hydrate")]
use leptos::{prelude::*, server_fn};
#[cfg(feature = "hydrate")]
use model::site::Site;
#[cfg(feature = "hydrate")]
use routes::Links;

pub use frame::App;
#[cfg(feature = "ssr")]
pub use pages::access::sign_in::CARRIED;
#[cfg(feature = "ssr")]
pub use pages::change::ask::chart_to_upgrade_to;
#[cfg(feature = "ssr")]
pub use pages::releases::ask::operation_request;
#[cfg(feature = "ssr")]
pub use shell::shell;

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
    server_fn::client::set_server_url(base.base());
    let site = Site {
        version: read("data-version"),
        base_path: base.base().to_owned(),
        origin: String::new(),
        title: read("data-title"),
    };
    let visitor = api::Visitor {
        name: read("data-visitor"),
        form_token: read("data-form-token"),
        is_admin: read("data-admin") == "true",
    };
    hydrate_body(move || {
        provide_context(visitor.clone());
        provide_context(base);
        provide_context(site.clone());
        view! { <App /> }
    });
    // For those who wait for it: tests, and styles of what needs a script.
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "true");
    }
}
