//! What every request can reach.

use std::sync::Arc;

use app::api::AppContext;
use app::assets::{Assets, EditorAssets};
use axum::extract::FromRef;
use backend::Backend;
use http::HeaderValue;
use leptos::config::LeptosOptions;
use model::site::Site;

use crate::access::Proxies;
use crate::assets::asset_path;
use crate::config::Config;
use crate::http::crawl::Sitemaps;
use crate::http::uploads::Uploads;
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
    pub(crate) uploads: Arc<Uploads>,
    /// Differs between two builds of the program whose pages load other files.
    pub(crate) build: Arc<str>,
    /// What a page cannot be painted without, as the header `Link`; nothing where a build of tests lacks the site.
    pub(crate) preload: Option<HeaderValue>,
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
            upload: path("upload.js"),
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
        let preload = preload(&site.base_path, &assets);
        let description = openapi::document(&site.origin, &site.base_path);
        let reference = openapi::reference(&description);
        let app = AppContext::new(backend.clone(), site, assets).with_reference(reference);
        // Leptos' own file names and server address are not used: assets are ours, and so is the listener.
        let leptos_options = LeptosOptions::builder().output_name("chartroom").build();
        // The configuration was checked when it was read.
        let proxies = Proxies::parse(&config.access.trusted_proxies).unwrap_or_default();
        Self {
            backend,
            uploads: Arc::new(Uploads::new(config.hosted.max_upload_bytes)),
            config: Arc::new(config),
            leptos_options,
            app,
            proxies: Arc::new(proxies),
            sitemaps: Arc::default(),
            build: build.into(),
            preload,
        }
    }

    /// Gives the page or the server function that is about to run its contexts; written once, so it cannot diverge.
    pub(crate) fn provide(&self) {
        self.app.provide();
        csp::set_from_nonce();
    }
}

/// Style sheet and font, which a browser asks for before it has read the document's first line, and a network in front of
/// this server sends ahead of the document (`103 Early Hints`). Not the script and its module: a page is whole without
/// them, and on a slow line they would come in the way of what is painted.
fn preload(base_path: &str, assets: &Assets) -> Option<HeaderValue> {
    if assets.css.is_empty() || assets.font.is_empty() {
        return None;
    }
    let (css, font) = (&assets.css, &assets.font);
    let links = format!(
        "<{base_path}{css}>; rel=preload; as=style, \
         <{base_path}{font}>; rel=preload; as=font; type=\"font/woff2\"; crossorigin"
    );
    HeaderValue::try_from(links).ok()
}

#[cfg(test)]
mod tests {
    use app::assets::Assets;

    use super::preload;

    #[test]
    fn what_is_painted_is_asked_for_early() {
        let assets = Assets {
            css: "/assets/a-1.css".to_owned(),
            font: "/assets/fonts/b-2.woff2".to_owned(),
            ..Assets::default()
        };
        let links = preload("/charts-of-ours", &assets).expect("both are there");
        assert_eq!(
            links,
            "</charts-of-ours/assets/a-1.css>; rel=preload; as=style, \
             </charts-of-ours/assets/fonts/b-2.woff2>; rel=preload; as=font; type=\"font/woff2\"; crossorigin"
        );
        assert_eq!(preload("", &Assets::default()), None);
    }
}
