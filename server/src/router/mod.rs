//! Every route, in one list.

pub(crate) mod gate;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use leptos_axum::{
    LeptosRoutes as _, generate_route_list_with_exclusions_and_ssg_and_context,
    handle_server_fns_with_context, render_app_async_with_context,
};

use crate::http::{files, health, repositories};
use crate::state::AppState;
use crate::{assets, middleware};

/// The whole site, ready to serve.
pub fn router(state: AppState) -> Router {
    let base = state.config.server.base_path.clone();
    // The one closure that gives pages and server functions their contexts; written once, so it cannot diverge.
    let provide = {
        let app = state.app.clone();
        move || {
            app.provide();
            middleware::csp::set_from_nonce();
        }
    };
    let (pages, _) = {
        let app = state.app.clone();
        generate_route_list_with_exclusions_and_ssg_and_context(app::App, None, move || app.provide())
    };
    // Leptos mounts server functions at the root only; here they live below the base path, too.
    let server_functions = {
        let provide = provide.clone();
        move |request: Request| handle_server_fns_with_context(provide.clone(), request)
    };
    let own = Router::new()
        .route("/livez", get(health::live))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/assets/{*path}", get(assets::get))
        .route("/icons/{digest}", get(files::icon))
        .route(
            "/archives/{repository}/{name}/{version}/{file}",
            get(files::archive),
        )
        .route("/raw/{repository}/{name}/{version}/{*path}", get(files::raw))
        .route("/ui/{*function}", get(server_functions))
        .route("/api/v1/repositories", get(repositories::list))
        .route("/api/v1/repositories/events", get(repositories::events))
        .route("/api/v1/repositories/{name}", get(repositories::get));
    #[cfg(debug_assertions)]
    let own = own.route("/dev/starts", get(crate::http::dev::starts));
    let mut router = if base.is_empty() {
        own
    } else {
        Router::new().nest(&base, own)
    };
    for asset in assets::root_files() {
        router =
            router.route(
                &format!("{base}/{}", asset.path),
                get(move |headers: ::http::HeaderMap| async move {
                    asset.respond(&headers, "public, max-age=86400")
                }),
            );
    }
    let router = router
        .leptos_routes_with_context(&state, pages, provide.clone(), app::shell)
        .fallback(render_app_async_with_context(provide, app::shell))
        .with_state(state.clone());
    middleware::stack(router, &state.config)
}
