//! The foot of every page.

use leptos::prelude::*;

use crate::api::site;
use crate::routes::Links;

/// Version, licence, the API, keys.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    let site = site();
    view! {
        <footer class="footer">
            <div class="footer__inner">
                <p>{format!("Chartroom {}", site.version)}</p>
                <p>"Apache-2.0"</p>
                <p>
                    <a href=Links::here().api()>"API"</a>
                </p>
                <p class="footer__keys">
                    <kbd>"?"</kbd>
                    " shows all keys"
                </p>
            </div>
        </footer>
    }
}
