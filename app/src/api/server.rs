//! The server's half: contexts of a request, and the one mapping of errors.

use std::sync::Arc;

use backend::{Backend, Viewer};
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{Link, Meta};
use model::site::Site;

use super::page::PageBody;
use crate::assets::Assets;
use crate::error::{AppError, ErrorKind};
use crate::routes::Links;

/// What every request of the user interface needs; built once.
#[derive(Clone)]
pub struct AppContext {
    backend: Backend,
    site: Arc<Site>,
    assets: Arc<Assets>,
}

impl AppContext {
    pub fn new(backend: Backend, site: Site, assets: Assets) -> Self {
        Self {
            backend,
            site: Arc::new(site),
            assets: Arc::new(assets),
        }
    }

    /// Provides everything to the page or the server function that is about to run.
    pub fn provide(&self) {
        provide_context(self.backend.clone());
        provide_context((*self.site).clone());
        provide_context(self.assets.clone());
        provide_context(Links::new(&self.site.base_path));
    }
}

/// Where the browser's files lie.
pub fn assets() -> Arc<Assets> {
    use_context().unwrap_or_default()
}

pub(crate) fn backend() -> Backend {
    expect_context()
}

/// On whose behalf the request runs.
pub(crate) fn viewer() -> Viewer {
    Viewer::anonymous()
}

/// Sets the response's status, and the description and canonical address in the document's head.
pub(crate) fn answer_with(page: &PageBody) {
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(page.status),
    ) {
        response.set_status(status);
    }
    let description = page.description.clone();
    // A meta element registers itself when it is rendered.
    let _ = view! { <Meta name="description" content=description /> }.to_html();
    if page.status == 200 {
        let url = format!("{}{}", super::site().origin, page.canonical);
        let _ = view! { <Link rel="canonical" href=url /> }.to_html();
    }
}

impl From<backend::Error> for AppError {
    fn from(error: backend::Error) -> Self {
        let message = error.to_string();
        match error {
            backend::Error::NotFound { .. } => Self::new(ErrorKind::NotFound, message),
            backend::Error::Unavailable { .. } => Self::new(ErrorKind::Unavailable, message),
            backend::Error::Forbidden { .. } => Self::new(ErrorKind::Forbidden, message),
            backend::Error::Invalid { .. } | backend::Error::Conflict { .. } => {
                Self::new(ErrorKind::Invalid, message)
            }
            backend::Error::Internal(_) => {
                tracing::error!(error = %error.chain(), "a page could not be built");
                Self::new(ErrorKind::Internal, message)
            }
        }
    }
}
