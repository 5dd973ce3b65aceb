//! What every request can reach.

use std::sync::Arc;

use app::api::AppContext;
use app::assets::{Assets, EditorAssets};
use axum::extract::FromRef;
use backend::Backend;
use leptos::config::LeptosOptions;
use model::site::Site;

use crate::access::Proxies;
use crate::assets::asset_path;
use crate::config::Config;
use crate::http::crawl::Sitemaps;
use crate::middleware::csp;
use crate::openapi;

/// The state of the router. Cloning it is cheap.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub backend: Backend,
    pub config: Arc<Config>,
    pub leptos_options: LeptosOptions,
    pub app: AppContext,
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) sitemaps: Arc<Sitemaps>,
    /// Differs between two builds of the program whose pages load other files.
    pub(crate) build: Arc<str>,
}

impl AppState {
    /// Puts together what pages and routes need.
    pub fn new(backend: Backend, config: Config) -> Self {
        let site = Site {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            base_path: config.server.base_path.clone(),
            origin: config.server.public_origin.clone(),
            title: config.server.title.clone(),
        };
        let path = |name: &str| asset_path(name).unwrap_or_default();
        let assets = Assets {
            css: path("chartroom.css"),
            js: path("chartroom.js"),
            wasm: path("chartroom.wasm"),
            font: path("fonts/sans.woff2"),
            suggest: path("suggest.js"),
            editor: EditorAssets {
                script: path("editor.js"),
                style: path("editor.css"),
                worker: path("editor-worker.js"),
                engine: path("preview.js"),
                engine_module: path("preview.wasm"),
                extras: path("preview-extras.js"),
                extras_module: path("preview-extras.wasm"),
            },
        };
        let build = format!("{} {} {assets:?}", site.version, site.title);
        let description = openapi::document(&site.origin, &site.base_path);
        let reference = openapi::reference(&description);
        let app = AppContext::new(backend.clone(), site, assets).with_reference(reference);
        // Leptos' own file names and server address are not used: assets are ours, and so is the listener.
        let leptos_options = LeptosOptions::builder().output_name("chartroom").build();
        // The configuration was checked when it was read.
        let proxies = Proxies::parse(&config.access.trusted_proxies).unwrap_or_default();
        Self {
            backend,
            config: Arc::new(config),
            leptos_options,
            app,
            proxies: Arc::new(proxies),
            sitemaps: Arc::default(),
            build: build.into(),
        }
    }

    /// Gives the page or the server function that is about to run its contexts; written once, so it cannot diverge.
    pub(crate) fn provide(&self) {
        self.app.provide();
        csp::set_from_nonce();
    }
}
