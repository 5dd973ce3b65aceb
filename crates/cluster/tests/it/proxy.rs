//! Between us and the API server: a proxy that counts requests, and does to some what networks and servers do.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cluster::{Cluster, Settings};
use futures_util::StreamExt as _;
use http::{HeaderName, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::setup::Setup;

/// One request, as a schedule sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// How many of the same method, path and query came before.
    pub(crate) before: usize,
}

impl Seen {
    pub(crate) fn is(&self, method: &str, end_of_path: &str) -> bool {
        self.method == method && self.path.ends_with(end_of_path)
    }
}

/// What is done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// Nothing.
    Pass,
    Delay(Duration),
    /// Not forwarded; the API server's words for this status, with `Retry-After` where it is 429.
    Refuse(u16),
    /// Forwarded, and the answer ends in its middle.
    Cut,
    /// The same in the middle of its second piece.
    CutLater,
    /// Forwarded, and the connection is closed instead of an answer.
    Lose,
}

pub(crate) type Schedule = Arc<dyn Fn(&Seen) -> Fault + Send + Sync>;

/// Until it is dropped.
pub(crate) struct Proxy {
    address: String,
    seen: Arc<Mutex<Vec<(Seen, Fault)>>>,
    task: AbortHandle,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Wire {
    client: kube::Client,
    schedule: Schedule,
    counts: Arc<Mutex<HashMap<(String, String), usize>>>,
    seen: Arc<Mutex<Vec<(Seen, Fault)>>>,
}

type Answer = Response<UnsyncBoxBody<Bytes, io::Error>>;

impl Proxy {
    /// Speaks to the API server as the kubeconfig's current user.
    pub(crate) async fn start(
        setup: &Setup,
        schedule: impl Fn(&Seen) -> Fault + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let wire = Wire {
            client: client(&setup.kubeconfig).await,
            schedule: Arc::new(schedule),
            counts: Arc::default(),
            seen: Arc::default(),
        };
        let seen = Arc::clone(&wire.seen);
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    continue;
                };
                let wire = wire.clone();
                tokio::spawn(async move {
                    let service = hyper::service::service_fn(move |request| {
                        let wire = wire.clone();
                        async move { wire.answer(request).await }
                    });
                    // Ends with an error where an answer is lost or cut, which is what it is for.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        let task = task.abort_handle();
        Self { address, seen, task }
    }

    /// A connection that goes through here.
    pub(crate) async fn cluster(&self, setup: &Setup) -> Cluster {
        let settings = Settings {
            kubeconfig: vec![setup.kubeconfig.clone()],
            api_server: Some(self.address.clone()),
            driver: setup.driver,
            ..Settings::default()
        };
        Cluster::connect(settings).await.unwrap()
    }

    /// What came so far, and what was done to it.
    pub(crate) fn seen(&self) -> Vec<(Seen, Fault)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn client(kubeconfig: &Path) -> kube::Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .unwrap();
    kube::Client::try_from(config).unwrap()
}

impl Wire {
    async fn answer(&self, request: Request<Incoming>) -> io::Result<Answer> {
        let (seen, fault) = self.decide(&request);
        self.seen.lock().unwrap().push((seen, fault));
        match fault {
            Fault::Refuse(status) => return Ok(refusal(status)),
            Fault::Delay(delay) => tokio::time::sleep(delay).await,
            Fault::Pass | Fault::Cut | Fault::CutLater | Fault::Lose => {}
        }
        let answer = self.forward(request).await?;
        match fault {
            Fault::Lose => Err(io::ErrorKind::ConnectionAborted.into()),
            Fault::Cut => Ok(cut(answer, 0)),
            Fault::CutLater => Ok(cut(answer, 1)),
            _ => Ok(answer),
        }
    }

    fn decide(&self, request: &Request<Incoming>) -> (Seen, Fault) {
        let mut seen = Seen {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            before: 0,
        };
        let key = (seen.method.clone(), format!("{}?{}", seen.path, seen.query));
        let mut counts = self.counts.lock().unwrap();
        let count = counts.entry(key).or_default();
        seen.before = *count;
        *count += 1;
        drop(counts);
        let fault = (self.schedule)(&seen);
        (seen, fault)
    }

    async fn forward(&self, request: Request<Incoming>) -> io::Result<Answer> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let mut forwarded = Request::builder()
            .method(parts.method)
            .uri(parts.uri.path_and_query().unwrap().as_str());
        for name in [header::ACCEPT, header::CONTENT_TYPE] {
            if let Some(value) = parts.headers.get(&name) {
                forwarded = forwarded.header(name, value);
            }
        }
        let forwarded = forwarded.body(Body::from(body.to_vec())).unwrap();
        let answer = self.client.send(forwarded).await.map_err(io::Error::other)?;
        let (mut parts, body) = answer.into_parts();
        // Of this connection, not of that one.
        const OF_THE_CONNECTION: [HeaderName; 3] = [
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::CONNECTION,
        ];
        for name in OF_THE_CONNECTION {
            parts.headers.remove(name);
        }
        Ok(Response::from_parts(
            parts,
            body.map_err(io::Error::other).boxed_unsync(),
        ))
    }
}

/// The first `whole` pieces, half of the next, and no more.
fn cut(answer: Answer, whole: usize) -> Answer {
    let (parts, body) = answer.into_parts();
    let pieces = body
        .into_data_stream()
        .take(whole + 1)
        .enumerate()
        .map(move |(number, piece)| {
            let piece = piece?;
            let length = if number == whole {
                piece.len() / 2
            } else {
                piece.len()
            };
            Ok(Frame::data(piece.slice(..length)))
        });
    let end = futures_util::stream::once(async { Err(io::ErrorKind::ConnectionAborted.into()) });
    Response::from_parts(parts, StreamBody::new(pieces.chain(end)).boxed_unsync())
}

fn refusal(status: u16) -> Answer {
    let (reason, message) = match status {
        409 => (
            "Conflict",
            "Operation cannot be fulfilled on things \"x\": the object has been modified; please apply your changes to the latest version and try again",
        ),
        410 => ("Expired", "too old resource version"),
        429 => ("TooManyRequests", "too many requests, please try again later"),
        500 => ("InternalError", "an error on the server"),
        _ => (
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        ),
    };
    let body = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "reason": reason, "message": message, "code": status,
    });
    let body = Full::from(body.to_string()).map_err(|never: Infallible| match never {});
    let mut answer = Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header(header::CONTENT_TYPE, "application/json");
    if status == 429 {
        answer = answer.header(header::RETRY_AFTER, "1");
    }
    answer.body(body.boxed_unsync()).unwrap()
}
