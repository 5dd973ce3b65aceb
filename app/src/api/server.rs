//! The server's half: contexts of a request, and the one mapping of errors.

use std::sync::Arc;

use backend::ops::HostedError;
use backend::{Action, Backend, Viewer};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos_axum::ResponseOptions;
use leptos_meta::Meta;
use model::hosted::UploadCheck;
use model::site::Site;

use super::Visitor;
use super::page::PageBody;
use super::reference::ApiReference;
use crate::assets::Assets;
use crate::components::suggestions::suggestions;
use crate::error::{AppError, ErrorKind};
use crate::routes::Links;

/// What every request of the user interface needs; built once.
#[derive(Clone)]
pub struct AppContext {
    backend: Backend,
    site: Arc<Site>,
    assets: Arc<Assets>,
    reference: Arc<ApiReference>,
}

impl AppContext {
    pub fn new(backend: Backend, site: Site, assets: Assets) -> Self {
        Self {
            backend,
            site: Arc::new(site),
            assets: Arc::new(assets),
            reference: Arc::default(),
        }
    }

    /// The same with what the page about the API shows.
    #[must_use]
    pub fn with_reference(self, reference: ApiReference) -> Self {
        Self {
            reference: Arc::new(reference),
            ..self
        }
    }

    /// Provides everything to the page or the server function that is about to run.
    pub fn provide(&self) {
        provide_context(self.backend.clone());
        provide_context((*self.site).clone());
        provide_context(self.assets.clone());
        provide_context(self.reference.clone());
        provide_context(Links::new(&self.site.base_path));
    }
}

/// Where the browser's files lie.
pub fn assets() -> Arc<Assets> {
    use_context().unwrap_or_default()
}

/// What the page about the API shows.
pub(crate) fn reference() -> Arc<ApiReference> {
    use_context().unwrap_or_default()
}

pub(crate) fn backend() -> Backend {
    expect_context()
}

/// On whose behalf the request runs: the server's door has put it into the request. Without a request nobody asks.
pub(crate) fn viewer() -> Viewer {
    of_request().unwrap_or_else(Viewer::anonymous)
}

/// What a form carries to show that a page of ours made it for this session; the door puts it into the request.
#[derive(Clone)]
pub struct FormToken(pub String);

/// How the form ended that was sent to the page which is being made.
#[derive(Clone, Default)]
pub struct FormOutcome {
    pub error: Option<AppError>,
    /// What was typed, without what is secret, to be shown again.
    pub typed: Vec<(String, String)>,
    pub new_token: Option<ShownToken>,
    /// What became of files that were sent.
    pub uploads: Vec<UploadOutcome>,
}

/// What became of a file that was sent.
#[derive(Clone, Default)]
pub struct UploadOutcome {
    /// As the browser calls it.
    pub file_name: String,
    /// What is odd about it, where that was asked.
    pub check: Option<UploadCheck>,
    /// Name and version of the chart, where it was uploaded.
    pub uploaded: Option<(String, String)>,
    /// Why it was not, as a clause.
    pub error: Option<String>,
}

/// An API token whose text is shown this once.
#[derive(Clone)]
pub struct ShownToken {
    pub label: String,
    pub text: String,
}

impl FormOutcome {
    /// What was typed into a field.
    pub(crate) fn typed(&self, name: &str) -> String {
        self.typed
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }
}

pub(crate) fn form_token() -> String {
    of_request::<FormToken>().map(|token| token.0).unwrap_or_default()
}

pub(crate) fn form_outcome() -> FormOutcome {
    use_context().unwrap_or_default()
}

/// What the frame shows of whoever asks.
pub(super) fn visitor() -> Visitor {
    let viewer = viewer();
    let Some(name) = viewer.name() else {
        return Visitor::default();
    };
    Visitor {
        name: name.to_owned(),
        form_token: form_token(),
        is_admin: backend().authorise(&viewer, Action::ManageAccounts).is_ok(),
    }
}

/// What the server's door has put into the request.
fn of_request<T: Clone + Send + Sync + 'static>() -> Option<T> {
    use_context::<Parts>()?.extensions.get::<T>().cloned()
}

/// A repository's address as a reader's other programs need it: one of ours is kept without our origin.
pub(crate) fn reachable(url: &str) -> String {
    match url.starts_with('/') {
        true => format!("{}{url}", origin()),
        false => url.to_owned(),
    }
}

/// The origin that a reader's other programs reach us by: as configured, else as this request says.
pub(crate) fn origin() -> String {
    let headers = use_context::<Parts>()
        .map(|parts| parts.headers)
        .unwrap_or_default();
    origin_of(&super::site().origin, &headers)
}

/// The origin that is configured, else the one that a request's headers name.
pub fn origin_of(configured: &str, headers: &HeaderMap) -> String {
    if !configured.is_empty() {
        return configured.to_owned();
    }
    let header = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        // It is only shown, and what is shown shall be a host and a port.
        let is_plain = value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        is_plain.then_some(value)
    };
    let scheme = header("x-forwarded-proto")
        .filter(|scheme| *scheme == "https")
        .unwrap_or("http");
    let host = header("host")
        .filter(|host| !host.is_empty())
        .unwrap_or("localhost");
    format!("{scheme}://{host}")
}

/// The page of an address below the base path, made for a request whose contexts `provide` gives.
///
/// What it needs of Leptos ends with it: the document is another piece of work, which begins when this is done.
pub async fn page_of(provide: impl FnOnce(), path: &str, search: &str) -> PageBody {
    let owner = Owner::new_root(None);
    let page = owner.with(|| {
        provide();
        ScopedFuture::new(crate::pages::page(path, search))
    });
    let page = page.await;
    owner.unset_with_forced_cleanup();
    page
}

/// What a search field shows when so much has been typed, as HTML, for a request whose contexts `provide` gives.
pub async fn suggestions_of(provide: impl FnOnce(), typed: &str) -> Result<String, AppError> {
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        provide();
        ScopedFuture::new(async move {
            let charts = backend().catalog().complete(&viewer(), typed).await?;
            Ok::<_, AppError>(suggestions(charts).to_html().replace("<!>", ""))
        })
    });
    let html = html.await;
    owner.unset_with_forced_cleanup();
    html
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
}

impl From<HostedError> for AppError {
    fn from(error: HostedError) -> Self {
        let message = error.to_string();
        let kind = match error {
            HostedError::Other(error) => return Self::from(error),
            HostedError::Missing { .. } => ErrorKind::NotFound,
            HostedError::NotAChart { .. } | HostedError::NotProvenance | HostedError::Misnamed { .. } => {
                ErrorKind::Invalid
            }
            HostedError::Exists { .. } | HostedError::TooManyFiles { .. } | HostedError::Full { .. } => {
                ErrorKind::Conflict
            }
        };
        Self::new(kind, message)
    }
}

impl From<backend::Error> for AppError {
    fn from(error: backend::Error) -> Self {
        let message = error.to_string();
        match error {
            backend::Error::NotFound { .. } => Self::new(ErrorKind::NotFound, message),
            backend::Error::Unavailable { .. } => Self::new(ErrorKind::Unavailable, message),
            backend::Error::Unauthenticated { .. } => Self::new(ErrorKind::SignedOut, message),
            backend::Error::Forbidden { .. } => Self::new(ErrorKind::Forbidden, message),
            backend::Error::TooManyAttempts { .. } => Self::new(ErrorKind::TooMany, message),
            backend::Error::Invalid { field, .. } => Self {
                field: Some(field.into()),
                ..Self::new(ErrorKind::Invalid, message)
            },
            backend::Error::Conflict { .. } | backend::Error::PlanOutdated { .. } => {
                Self::new(ErrorKind::Conflict, message)
            }
            backend::Error::ReleaseBusy { operation, .. } => Self {
                operation,
                ..Self::new(ErrorKind::Conflict, message)
            },
            backend::Error::MissingRights { role_yaml, .. } => Self {
                role_yaml: Some(role_yaml).filter(|yaml| !yaml.is_empty()),
                ..Self::new(ErrorKind::Forbidden, message)
            },
            backend::Error::Internal(_) => {
                tracing::error!(error = %error.chain(), "a page could not be built");
                Self::new(ErrorKind::Internal, message)
            }
        }
    }
}
