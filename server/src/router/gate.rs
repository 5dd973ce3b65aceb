//! The door that is there before the house: answers probes while the store opens.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use tower::{Service, ServiceExt as _};

/// Answers by itself until [`Gate::open`] puts the router behind it.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    router: Arc<OnceLock<Router>>,
}

impl Gate {
    /// Lets requests through to `router` from now on. Only the first call counts.
    pub(crate) fn open(&self, router: Router) {
        let _ = self.router.set(router);
    }
}

impl Service<Request> for Gate {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.router.get() {
            Some(router) => Box::pin(router.clone().oneshot(request)),
            None => {
                let response = while_closed(request.uri().path());
                Box::pin(async move { Ok(response) })
            }
        }
    }
}

fn while_closed(path: &str) -> Response {
    if path.ends_with("/livez") || path.ends_with("/healthz") {
        return (StatusCode::OK, "ok\n").into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(RETRY_AFTER, "1")],
        "the store is being opened; try again in a moment\n",
    )
        .into_response()
}
