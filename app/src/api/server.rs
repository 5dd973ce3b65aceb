//! The server's half: contexts of a request, the mapping of errors, and pages that take more than one operation.

use std::sync::Arc;

use backend::{Backend, Viewer};
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{Link, Meta};
use model::site::Site;

use super::charts::{ChartPage, ChartRequest, TabContent};
use crate::assets::Assets;
use crate::error::{AppError, ErrorKind};
use crate::routes::{ChartTab, Links};

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
        provide_context(self.site.clone());
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

/// Sets the response's status.
///
/// A server function called by a form without JavaScript is answered with a redirect, which a status would break; all of
/// ours are reads that no form posts to.
pub(crate) fn set_status(kind: ErrorKind) {
    if let (Some(response), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(kind.status()),
    ) {
        response.set_status(status);
    }
}

/// Adds a description and the canonical address to the document's head.
pub(crate) fn describe(description: &str, canonical: &str) {
    let site = super::site();
    let url = format!("{}{canonical}", site.origin);
    // A meta element registers itself when it is rendered.
    let _ = view! {
        <Meta name="description" content=description.to_owned() />
        <Link rel="canonical" href=url />
    }
    .to_html();
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

/// Everything on one of a chart's pages.
pub(crate) async fn chart_page(request: ChartRequest) -> Result<ChartPage, AppError> {
    let backend = backend();
    let viewer = viewer();
    match chart_page_for(&backend, &viewer, &request).await {
        Err(mut error) if error.kind == ErrorKind::NotFound => {
            let nearest = backend
                .catalog()
                .suggest(&viewer, &request.repository, &request.name)
                .await;
            error.suggestions = nearest.unwrap_or_default();
            Err(error)
        }
        answer => answer,
    }
}

async fn chart_page_for(
    backend: &Backend,
    viewer: &Viewer,
    request: &ChartRequest,
) -> Result<ChartPage, AppError> {
    let ChartRequest {
        repository,
        name,
        version,
        tab,
        file,
    } = request;
    let version = Some(version.as_str()).filter(|version| !version.is_empty());
    let charts = backend.charts();
    let chart = charts.get(viewer, repository, name, version).await?;
    let tab = ChartTab::ALL
        .into_iter()
        .find(|known| known.segment() == tab)
        .unwrap_or(ChartTab::Overview);
    let content = match tab {
        ChartTab::Overview => TabContent::Overview {
            readme: charts.readme(viewer, repository, name, version).await?,
        },
        ChartTab::Values => TabContent::Values {
            values: charts.values(viewer, repository, name, version).await?,
        },
        ChartTab::Versions => TabContent::Versions {
            versions: charts.versions(viewer, repository, name).await?,
        },
        ChartTab::Dependencies => TabContent::Dependencies,
        ChartTab::Templates | ChartTab::Crds | ChartTab::Files => {
            let mut entries = charts.files(viewer, repository, name, version).await?;
            entries.retain(|entry| tab.shows(entry.kind));
            let path = match file.as_str() {
                "" => tab.first(&entries),
                file => Some(file),
            };
            let shown = match path {
                Some(path) => Some(charts.file(viewer, repository, name, version, path).await?),
                None => None,
            };
            TabContent::Files { entries, shown }
        }
    };
    Ok(ChartPage { chart, content })
}
