//! Every route: those of the API are listed in [`api`], all others here.

pub(crate) mod api;
pub(crate) mod endpoint;
pub(crate) mod gate;

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use backend::{Backend, Viewer};
use leptos_axum::handle_server_fns_with_context;

use crate::config::Config;
use crate::http::metrics::Metrics;
use crate::http::since::Since;
use crate::http::{
    chartsvc, crawl, description, embed, feeds, files, health, metrics, mirror, monocular, museum, oci,
    validators,
};
use crate::state::AppState;
use crate::{access, assets, forms, middleware, pages};

/// The whole site, ready to serve.
pub fn router(state: AppState) -> Router {
    // Leptos does so while it makes routes of pages. Here an address is a page's unless it is something else's, so there
    // are no such routes. Only the first call in a process counts.
    let _ = any_spawner::Executor::init_tokio();
    let base = state.config.server.base_path.clone();
    // Leptos mounts server functions at the root only; here they live below the base path, too.
    let server_functions = {
        let state = state.clone();
        move |request: Request| {
            let state = state.clone();
            handle_server_fns_with_context(move || state.provide(), request)
        }
    };
    // What is the same for everybody, and is looked at before anybody has signed in.
    let open = Router::new()
        .route("/livez", get(health::live))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/assets/{*path}", get(assets::get))
        .route("/robots.txt", get(crawl::robots));
    #[cfg(debug_assertions)]
    let open = open.route("/dev/starts", get(crate::http::dev::starts));
    let own = Router::new()
        .route("/icons/{digest}", get(files::icon))
        .route(
            "/archives/{repository}/{name}/{version}/{file}",
            get(files::archive),
        )
        .route("/raw/{repository}/{name}/{version}/{*path}", get(files::raw))
        .route("/ui/suggest", get(pages::suggestions))
        .route("/ui/{*function}", get(server_functions))
        .route("/sitemap.xml", get(crawl::index))
        .route("/sitemaps/{file}", get(crawl::part))
        .merge(embed::routes())
        .merge(feeds::routes())
        .merge(chartsvc::routes())
        .merge(mirror::routes())
        .merge(api::routes())
        .route("/v1/releases", get(monocular::list).post(monocular::create))
        .route(
            "/v1/releases/{name}",
            get(monocular::get).delete(monocular::delete),
        )
        .route("/api/v1", any(description::nothing))
        .route("/api/v1/{*path}", any(description::nothing));
    let metrics = Arc::new(Metrics::new(&state.config, false));
    let own = match state.config.telemetry.metrics {
        true => own.merge(metrics::route(&metrics)),
        false => own,
    };
    let below_base = |router: Router<AppState>| {
        if base.is_empty() {
            router
        } else {
            Router::new().nest(&base, router)
        }
    };
    let mut open = below_base(open);
    for asset in assets::root_files() {
        open =
            open.route(
                &format!("{base}/{}", asset.path),
                get(move |headers: ::http::HeaderMap| async move {
                    asset.respond(&headers, "public, max-age=86400")
                }),
            );
    }
    let kept = (state.backend.clone(), Arc::new(Since::default()));
    let open = open.layer(from_fn_with_state(kept.clone(), validators::of_kept));
    let identified = below_base(own)
        // The forms of pages are posted to the address of the page they are on.
        .route(&format!("{base}/setup"), get(pages::get).post(forms::setup::post))
        .route(
            &format!("{base}/sign-in"),
            get(pages::get).post(forms::sign_in::post),
        )
        .route(&format!("{base}/sign-out"), post(forms::sign_in::sign_out))
        .route(
            &format!("{base}/account"),
            get(pages::get).post(forms::account::post),
        )
        .route(
            &format!("{base}/accounts"),
            get(pages::get).post(forms::accounts::post),
        )
        .route(
            &format!("{base}/repositories/{{name}}"),
            get(pages::get).post(forms::hosted::post),
        )
        .route(
            &format!("{base}/repositories/{{name}}/{{page}}"),
            get(pages::get).post(forms::hosted_care::post),
        )
        // Which page it is, the form says itself.
        .route(
            &format!("{base}/charts/{{repository}}/{{*chart}}"),
            get(pages::get).post(forms::change::install),
        )
        .route(
            &format!("{base}/releases/{{*release}}"),
            get(pages::get).post(forms::releases::act),
        )
        .route(
            &format!("{base}/operations/{{id}}"),
            get(pages::get).post(forms::releases::cancel),
        )
        .fallback(pages::get)
        .layer(from_fn_with_state(kept, validators::of_kept))
        .layer(from_fn_with_state(state.clone(), access::identify));
    let hosted =
        museum::router(&state.backend, &state.config).merge(oci::router(&state.backend, &state.config));
    let router = identified.merge(open).with_state(state.clone()).merge(hosted);
    let router = router.layer(from_fn_with_state(metrics, metrics::count));
    middleware::stack(router, &state.config)
}

/// ChartMuseum's API alone, at the root of a listener or below the context path that the configuration names.
pub(crate) fn museum_router(backend: &Backend, config: &Config) -> Router {
    let museum = museum::standalone(backend, config);
    if !config.telemetry.metrics {
        return middleware::stack(museum, config);
    }
    let metrics = Arc::new(Metrics::new(config, true));
    // Nobody signs in on this listener; ChartMuseum asks for no credentials here either.
    let route = metrics::route(&metrics).layer(Extension(Viewer::anonymous()));
    let museum = museum.merge(route.with_state(backend.clone()));
    middleware::stack(museum.layer(from_fn_with_state(metrics, metrics::count)), config)
}
