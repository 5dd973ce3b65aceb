//! The bar on top of every page: mark, search, where to go, who one is.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::account_menu::AccountMenu;
use super::icon::Icon;
use super::search_field::SearchField;
use super::theme_switch::ThemeSwitch;
use crate::api::{site, visitor};
use crate::routes::{Links, Route, query_value};

/// The bar; it marks the area that is shown.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let links = Links::here();
    let location = use_location();
    let pathname = location.pathname;
    let route = Memo::new(move |_| pathname.with(|path| Route::parse(links.strip(path).unwrap_or(path))));
    let search = location.search;
    let words = Signal::derive(move || {
        // There, `q` is about releases.
        if route.with(|route| *route == Route::Releases) {
            return String::new();
        }
        search.with(|search| query_value(search, "q")).unwrap_or_default()
    });
    let current = move |is: fn(&Route) -> bool| move || route.with(is).then_some("page");
    let in_catalog = current(|route| matches!(route, Route::Catalog { .. } | Route::Chart(_)));
    let in_repositories = current(|route| matches!(route, Route::Repositories | Route::Repository { .. }));
    let in_releases = current(|route| {
        matches!(
            route,
            Route::Releases | Route::Release(_) | Route::Operation { .. }
        )
    });
    // Only users see releases.
    let releases = (!visitor().name.is_empty()).then(|| {
        view! {
            <a href=links.releases() aria-current=in_releases>
                <Icon name="release" />
                <span>"Releases"</span>
            </a>
        }
    });
    view! {
        <header class="top-bar">
            <a class="skip-link" href="#_main">"Skip to content"</a>
            <div class="top-bar__inner">
                <a class="top-bar__brand" href=links.home()>
                    <Icon name="mark" />
                    <span>{site().title}</span>
                </a>
                <SearchField label="Search charts" value=words name="search" hint=true />
                <nav class="top-bar__nav" aria-label="Main">
                    <a href=links.charts() aria-current=in_catalog>
                        <Icon name="chart" />
                        <span>"Catalog"</span>
                    </a>
                    <a href=links.repositories() aria-current=in_repositories>
                        <Icon name="repository" />
                        <span>"Repositories"</span>
                    </a>
                    {releases}
                </nav>
                <ThemeSwitch />
                <AccountMenu />
            </div>
        </header>
    }
}
