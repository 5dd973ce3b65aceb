//! The client beside a server that goes wrong in every way a network does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use client::{Client, Error, Settings, Token};
use futures_util::{StreamExt as _, stream};
use model::operation::{OperationOptions, OperationRequest, OperationState};
use model::record::RecordQuery;
use model::release::ReleaseId;

/// What a server was asked, and how often it goes wrong before it goes right.
#[derive(Default)]
struct Behaviour {
    requests: Mutex<Vec<String>>,
    /// Answers of `begin` that get lost.
    n_lost: Mutex<usize>,
}

impl Behaviour {
    fn note(&self, line: String) {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    fn noted(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

const OPERATION: &str = r#"{"id":"7","kind":"uninstall","release":{"cluster":"c","namespace":"n","name":"web"},
    "state":"STATE","by":"alice","created":1,"ended":null,"revision":3,"message":""}"#;

fn operation(state: &str) -> String {
    format!("{{\"data\":{}}}", OPERATION.replace("STATE", state))
}

fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [("content-type", "application/json")], body.into()).into_response()
}

fn header(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// A body that breaks off after its text, which is on its way by then: a server sends what it has when there is no more yet.
fn cut(text: String) -> Body {
    let breaking = stream::once(async {
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut"))
    });
    Body::from_stream(stream::iter([Ok(text)]).chain(breaking))
}

fn event(number: i64) -> String {
    format!(
        "id: {number}\ndata: {{\"number\":{number},\"at\":1,\"event\":\"warning\",\"message\":\"w{number}\"}}\n\n"
    )
}

/// Each connection tells two events and breaks, until six are told.
async fn events(State(behaviour): State<Arc<Behaviour>>, headers: HeaderMap) -> Response {
    let last: i64 = header(&headers, "last-event-id").parse().unwrap_or(0);
    behaviour.note(format!("events after {last}"));
    let events: String = (last + 1..=(last + 2).min(6)).map(event).collect();
    // Half an event at the end, as a cut leaves it.
    let body = if last < 4 {
        cut(format!("{events}id: 99\ndata: {{"))
    } else {
        Body::from(events)
    };
    ([("content-type", "text/event-stream")], body).into_response()
}

async fn begin(State(behaviour): State<Arc<Behaviour>>, headers: HeaderMap, body: String) -> Response {
    behaviour.note(format!("begin {} {body}", header(&headers, "idempotency-key")));
    let mut n_lost = behaviour.n_lost.lock().unwrap_or_else(PoisonError::into_inner);
    if *n_lost > 0 {
        *n_lost -= 1;
        return json(StatusCode::ACCEPTED, cut("{\"data\":".to_owned()));
    }
    json(StatusCode::ACCEPTED, operation("queued"))
}

async fn state(State(behaviour): State<Arc<Behaviour>>, Path(_id): Path<String>) -> Response {
    behaviour.note("state".to_owned());
    json(StatusCode::OK, operation("succeeded"))
}

async fn record(State(behaviour): State<Arc<Behaviour>>, uri: Uri, headers: HeaderMap) -> Response {
    behaviour.note(format!("{uri} as {}", header(&headers, "authorization")));
    match uri.path() {
        path if path.contains("missing") => (
            StatusCode::NOT_FOUND,
            [("content-type", "application/problem+json")],
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"release \"x\" does not exist"}"#,
        )
            .into_response(),
        path if path.contains("moved") => {
            (StatusCode::FOUND, [("location", "https://elsewhere.example.com/")]).into_response()
        }
        path if path.contains("proxy") => {
            (StatusCode::IM_A_TEAPOT, "<html>\u{7}this is no API</html>").into_response()
        }
        path if path.contains("page") => (StatusCode::OK, "<html>").into_response(),
        _ => json(StatusCode::OK, r#"{"data":{"release":{"name":"web"},"labels":{}}}"#),
    }
}

/// A server on a port of its own, and a client of it.
async fn serve(behaviour: &Arc<Behaviour>) -> Client {
    let app = Router::new()
        .route("/base/api/v1/releases/{c}/{n}/{r}/record", get(record))
        .route("/base/api/v1/clusters/{c}/records", get(record))
        .route("/base/api/v1/releases/{c}/{n}/{r}/operations", post(begin))
        .route("/base/api/v1/operations/{id}", get(state))
        .route("/base/api/v1/operations/{id}/events", get(events))
        .with_state(Arc::clone(behaviour));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    client(&format!("http://{address}/base/"))
}

fn client(server: &str) -> Client {
    Client::new(&Settings {
        server: server.to_owned(),
        token: Some(Token::new("crt_swordfish").expect("a token")),
        ca_file: None,
    })
    .expect("a client")
}

fn block_on<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(test)
}

fn release(name: &str) -> ReleaseId {
    ReleaseId {
        cluster: "c".to_owned(),
        namespace: "n".to_owned(),
        name: name.to_owned(),
    }
}

#[test]
fn an_operation_is_followed_over_connections_that_break() {
    block_on(async {
        let behaviour = Arc::new(Behaviour::default());
        let client = serve(&behaviour).await;
        let mut told = Vec::new();
        let ended = client.follow("7", |event| told.push(event.number)).await;
        assert_eq!(ended.expect("it ends").state, OperationState::Succeeded);
        assert_eq!(told, [1, 2, 3, 4, 5, 6], "each once, in order");
        let requests = behaviour.noted();
        let streams: Vec<&str> = requests
            .iter()
            .filter_map(|line| line.strip_prefix("events after "))
            .collect();
        assert_eq!(streams, ["0", "2", "4", "6"]);
    });
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_word() {
    block_on(async {
        let behaviour = Arc::new(Behaviour::default());
        *behaviour.n_lost.lock().expect("it is whole") = 2;
        let client = serve(&behaviour).await;
        let request = OperationRequest::Uninstall {
            options: OperationOptions::default(),
        };
        let begun = client.begin(&release("web"), &request, Some("abc")).await;
        assert_eq!(begun.expect("it begins").id, "7");
        let requests = behaviour.noted();
        let [first, second, third] = requests.as_slice() else {
            panic!("three requests: {requests:?}");
        };
        assert!(first == second && second == third, "{requests:?}");
        assert!(
            first.contains("\"plan_hash\":\"abc\"") && first.contains("\"operation\":\"uninstall\""),
            "{first}"
        );
        let key = first.split(' ').nth(1).unwrap_or_default();
        assert_eq!(key.len(), 32, "{first}");
    });
}

#[test]
fn what_is_asked_reaches_the_address_it_is_for() {
    block_on(async {
        let behaviour = Arc::new(Behaviour::default());
        let client = serve(&behaviour).await;
        let odd = release("a/b?c=../d");
        client.record(&odd, Some(3)).await.expect("a record");
        assert_eq!(
            behaviour.noted(),
            ["/base/api/v1/releases/c/n/a%2Fb%3Fc=..%2Fd/record?revision=3 as Bearer crt_swordfish"]
        );
    });
}

#[test]
fn every_kind_of_wrong_answer_is_told_apart() {
    block_on(async {
        let behaviour = Arc::new(Behaviour::default());
        let client = serve(&behaviour).await;
        let ask = async |name: &str| client.record(&release(name), None).await.expect_err(name);
        let missing = ask("missing").await;
        assert_eq!(missing.status(), Some(404));
        assert_eq!(missing.to_string(), "release \"x\" does not exist");
        let moved = ask("moved").await.to_string();
        assert!(
            moved.contains("leads on to https://elsewhere.example.com/"),
            "{moved}"
        );
        let proxy = ask("proxy").await.to_string();
        assert!(
            proxy.contains("418") && proxy.contains("<html>this is no API"),
            "{proxy}"
        );
        assert!(matches!(ask("page").await, Error::Answer { .. }));
        // Where nobody listens, it is said at once.
        let nobody = self::client("http://127.0.0.1:9");
        let query = RecordQuery::default();
        let listing = tokio::time::timeout(Duration::from_secs(20), nobody.list_records("c", &query));
        let error = listing.await.expect("at once").expect_err("nobody listens");
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
        let request = OperationRequest::Uninstall {
            options: OperationOptions::default(),
        };
        let id = release("web");
        let beginning = tokio::time::timeout(Duration::from_secs(20), nobody.begin(&id, &request, None));
        assert!(beginning.await.expect("at once").is_err());
        // The token is in no error.
        assert!(!format!("{error:?} {nobody:?}").contains("swordfish"));
    });
}
