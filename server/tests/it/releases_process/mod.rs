//! Releases changed by the real process on a real control plane: killed at any moment, two processes at once, and every
//! address over the wire.
//!
//! `cargo xtask test cluster` starts the control plane and says where it is; without it these skip.

mod by_token;
mod in_pod;
mod wire;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Command;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::process::{Server, chartroom, output, output_with, send, text};
use crate::site::{Answer, PASSWORD, Sent};

/// A namespace of one test, and an administrator's look into it.
pub(crate) struct Namespace {
    pub(crate) kubeconfig: OsString,
    kubectl: OsString,
    pub(crate) name: String,
}

/// What a cluster holds of a release.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Numbers and statuses, in order.
    pub(crate) revisions: Vec<(i64, String)>,
    /// Kinds of the chart's objects, in order.
    pub(crate) objects: Vec<String>,
}

/// The objects of the chart `hello-web`.
const OBJECTS: [&str; 4] = ["ConfigMap", "Deployment", "Service", "ServiceAccount"];

/// Of each object its kind, and the labels of records and of the chart's objects.
const LABELS: &str = "jsonpath={range .items[*]}{.kind},{.metadata.labels.owner},{.metadata.labels.name},\
{.metadata.labels.version},{.metadata.labels.status},{.metadata.labels.app\\.kubernetes\\.io/instance}\
{\"\\n\"}{end}";

impl Namespace {
    #[expect(clippy::print_stderr, reason = "says why a test does nothing")]
    pub(crate) fn find(purpose: &str) -> Option<Self> {
        let (Some(kubeconfig), Some(kubectl)) = (
            std::env::var_os("CHARTROOM_TEST_KUBECONFIG"),
            std::env::var_os("CHARTROOM_TEST_KUBECTL"),
        ) else {
            eprintln!("skipped: CHARTROOM_TEST_KUBECONFIG is not set; `cargo xtask test cluster` sets it");
            return None;
        };
        let namespace = Self {
            kubeconfig,
            kubectl,
            name: format!("process-{purpose}-{}", std::process::id()),
        };
        namespace.kubectl(&["create", "namespace", &namespace.name]);
        let user = format!("--user={}", namespace.kubernetes_user("alice"));
        let binding = ["create", "rolebinding", "alice", "--clusterrole=admin", &user];
        namespace.kubectl(&[&binding[..], &["--namespace", &namespace.name]].concat());
        Some(namespace)
    }

    /// Whom the cluster sees: names of its users are everybody's.
    fn kubernetes_user(&self, name: &str) -> String {
        format!("{name}-{}", self.name)
    }

    fn kubectl(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.kubectl);
        let done = output(command.args(arguments).env("KUBECONFIG", &self.kubeconfig));
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
        text(&done.stdout)
    }

    /// A token of a service account of the namespace, with what the role allows.
    fn service_account(&self, name: &str, role: Option<&str>) -> String {
        let namespace = &self.name;
        self.kubectl(&["create", "serviceaccount", name, "--namespace", namespace]);
        if let Some(role) = role {
            let role = format!("--clusterrole={role}");
            let account = format!("--serviceaccount={namespace}:{name}");
            let binding = [
                "create",
                "rolebinding",
                name,
                &role,
                &account,
                "--namespace",
                namespace,
            ];
            self.kubectl(&binding);
        }
        let token = self.kubectl(&["create", "token", name, "--namespace", namespace]);
        token.trim().to_owned()
    }

    /// What is there of a release.
    pub(crate) fn found(&self, name: &str) -> Found {
        let kinds = "secrets,configmaps,services,serviceaccounts,deployments";
        let lines = self.kubectl(&["get", kinds, "--namespace", &self.name, "--output", LABELS]);
        let mut found = Found {
            revisions: Vec::new(),
            objects: Vec::new(),
        };
        for line in lines.lines() {
            let fields: Vec<&str> = line.split(',').collect();
            match fields.as_slice() {
                [_, "helm", of, revision, status, _] if *of == name => {
                    let revision = revision.parse().expect("revisions are numbers");
                    found.revisions.push((revision, (*status).to_owned()));
                }
                [kind, .., of] if *of == name => found.objects.push((*kind).to_owned()),
                _ => {}
            }
        }
        found.revisions.sort();
        found.objects.sort();
        found
    }
}

/// A data directory, and the users in it.
pub(crate) struct House<'a> {
    pub(crate) data: tempfile::TempDir,
    namespace: &'a Namespace,
}

impl<'a> House<'a> {
    /// With `alice`, who may change releases of the namespace, here and in the cluster.
    pub(crate) fn new(namespace: &'a Namespace) -> Self {
        let house = Self {
            data: tempfile::tempdir().expect("a temporary folder"),
            namespace,
        };
        house.add("alice", &namespace.name);
        house
    }

    /// Adds a user who may change releases of a namespace, as far as the cluster allows.
    fn add(&self, name: &str, namespace: &str) {
        let kubernetes_user = self.namespace.kubernetes_user(name);
        let mut command = chartroom(&["user", "add", name, "--role", "operator", "--cluster", "test"]);
        command.args(["--namespace", namespace, "--kubernetes-user", &kubernetes_user]);
        let added = output_with(command.arg("--data-dir").arg(self.data.path()), PASSWORD);
        assert!(added.status.success(), "{}", text(&added.stderr));
    }

    /// A server that is ready and knows the sample charts.
    pub(crate) fn start(&self) -> Server {
        let kubeconfig = self.namespace.kubeconfig.to_string_lossy();
        self.start_on(&format!("name = \"test\", kubeconfig = \"{kubeconfig}\""))
    }

    /// The same with a cluster that is configured in this way.
    fn start_on(&self, cluster: &str) -> Server {
        let server = Server::start_with_clusters(self.data.path(), &format!("[{{ {cluster} }}]"));
        server.answers_after("/readyz");
        server.state_when(|state| state["last_success"].is_number());
        server
    }
}

/// Signs in by the form; the cookie.
fn sign_in(server: &Server, name: &str) -> String {
    let form = Sent::form("/sign-in", &[("name", name), ("password", PASSWORD)]);
    let answer = send(server.port, &form).expect("an answer");
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.cookie()
}

/// A token that may do all that its user may do with releases.
pub(crate) fn token(server: &Server, name: &str) -> String {
    let cookie = sign_in(server, name);
    let body = json!({ "label": "test", "scopes": ["releases:write"], "valid_days": 1 });
    let sent = Sent {
        origin: Some("http://localhost:8080"),
        ..Sent::json(Method::POST, "/api/v1/tokens", &body)
    };
    let answer = send(server.port, &sent.with(&cookie)).expect("an answer");
    assert_eq!(answer.status, 201, "{}", answer.body);
    let token = answer.json()["data"]["token"].as_str().map(str::to_owned);
    token.expect("the token is shown")
}

/// A program of a user's that speaks to a server.
#[derive(Clone, Copy)]
struct Client<'a> {
    port: u16,
    token: &'a str,
    namespace: &'a str,
    /// That every request brings.
    headers: &'a [(&'a str, &'a str)],
}

impl<'a> Client<'a> {
    fn new(server: &Server, token: &'a str, namespace: &'a Namespace) -> Self {
        Self {
            port: server.port,
            token,
            namespace: &namespace.name,
            headers: &[],
        }
    }

    fn get(&self, path: &str) -> Answer {
        let sent = Sent {
            headers: self.headers,
            ..Sent::get(path)
        };
        send(self.port, &sent.by(self.token)).expect("an answer")
    }

    fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Option<Answer> {
        let headers = [self.headers, headers].concat();
        let sent = Sent {
            headers: &headers,
            ..Sent::json(Method::POST, path, body)
        };
        send(self.port, &sent.by(self.token))
    }

    /// What an address answers, which is there.
    fn data(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()["data"].clone()
    }

    fn release(&self, name: &str) -> String {
        format!("/api/v1/releases/test/{}/{name}", self.namespace)
    }

    fn operations(&self, name: &str) -> String {
        format!("{}/operations", self.release(name))
    }

    /// Begins an operation; its id.
    fn begin(&self, name: &str, request: &Value) -> String {
        let answer = self.post(&self.operations(name), request, &[]);
        begun(&answer.expect("an answer"))
    }

    /// An operation once it has ended; a minute at most.
    fn ended(&self, id: &str) -> Value {
        let waited = Instant::now();
        loop {
            let operation = self.data(&format!("/api/v1/operations/{id}"));
            let state = operation["state"].as_str().unwrap_or_default();
            if ["succeeded", "failed", "canceled", "interrupted"].contains(&state) {
                return operation;
            }
            assert!(waited.elapsed() < Duration::from_secs(60), "{operation}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Does an operation to its end, and well.
    fn done(&self, name: &str, request: &Value) {
        let ended = self.ended(&self.begin(name, request));
        assert_eq!(ended["state"], "succeeded", "{ended}");
    }
}

/// The id of the operation that an answer accepts.
fn begun(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()["data"]["id"].as_str().expect("an id").to_owned()
}

fn change(operation: &str, greeting: &str) -> Value {
    json!({
        "operation": operation,
        "chart": { "repository": "samples", "name": "hello-web" },
        "values": format!("page:\n  greeting: {greeting}\n"),
        "options": { "history_max": 0 },
    })
}

fn uninstall() -> Value {
    json!({ "operation": "uninstall" })
}

/// What is asked for next: both kinds of changes in turn, as far as there is something to change, and now and then the
/// end of it all.
fn next_request(round: usize, revisions: &[(i64, String)]) -> Value {
    match revisions {
        [] => change("install", "first"),
        _ if round % 10 == 9 => uninstall(),
        [_, _, ..] if round % 2 == 1 => {
            json!({ "operation": "rollback", "options": { "history_max": 0 } })
        }
        _ => change("upgrade", &format!("round {round}")),
    }
}

/// What holds for a release that nobody is changing.
#[track_caller]
fn check(found: &Found, operation: &Value) {
    let context = format!("{found:?} after {operation}");
    let has_succeeded = operation["state"] == "succeeded";
    let (Some((first, _)), Some((newest, status))) = (found.revisions.first(), found.revisions.last()) else {
        // Without a record nothing may be left that only the record would tell of.
        assert!(found.objects.is_empty(), "{context}");
        let is_gone = operation.is_null() || operation["kind"] == "uninstall" || !has_succeeded;
        return assert!(is_gone, "{context}");
    };
    let numbers = found.revisions.iter().map(|(number, _)| *number);
    // An uninstallation that was hit deletes the records of the oldest revisions first.
    assert!(numbers.eq(*first..=*newest), "{context}");
    let deployed = found.revisions.iter().filter(|(_, status)| status == "deployed");
    assert!(deployed.count() <= 1, "{context}");
    assert!(["deployed", "failed"].contains(&status.as_str()), "{context}");
    if has_succeeded {
        assert_eq!(operation["revision"], *newest, "{context}");
        assert_eq!(status, "deployed", "{context}");
        assert_eq!(found.objects, OBJECTS, "{context}");
    }
    let is_doubled = |pair: &[String]| pair.first() == pair.last();
    assert!(!found.objects.windows(2).any(is_doubled), "{context}");
}

/// How an operation ended, in a word or two.
fn end(operation: &Value) -> &str {
    let was_hit = operation["message"]
        .as_str()
        .is_some_and(|message| message.contains("is marked as failed"));
    match operation["state"].as_str() {
        Some("interrupted") if was_hit => "interrupted in the middle",
        state => state.unwrap_or("not begun"),
    }
}

/// Moments as parts of a whole; a fixed sequence, so that a failure can be looked at again.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        const MODULUS: u32 = 1_000_003;
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005) % u64::from(MODULUS);
        f64::from(u32::try_from(self.0).unwrap_or_default()) / f64::from(MODULUS)
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "says what the kills hit")]
fn killed_at_any_moment_a_release_comes_to_a_definite_end() {
    const N_KILLS: usize = 50;
    let Some(namespace) = Namespace::find("killed") else {
        return;
    };
    let house = House::new(&namespace);
    let mut server = house.start();
    let token = token(&server, "alice");
    // How long an operation lasts here and now: kills are spread over that.
    let client = Client::new(&server, &token, &namespace);
    let measure = |request: Value| {
        let begun = Instant::now();
        client.done("measured", &request);
        begun.elapsed()
    };
    let lengths = [("install", "one"), ("upgrade", "two"), ("upgrade", "three")]
        .map(|(operation, greeting)| measure(change(operation, greeting)));
    let length = lengths.into_iter().min().unwrap_or_default();

    let mut moments = Moments(7);
    let mut found = namespace.found("web");
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let mut known: Vec<String> = Vec::new();
    for round in 0..N_KILLS {
        let client = Client::new(&server, &token, &namespace);
        let request = next_request(round, &found.revisions);
        let answer = std::thread::scope(|scope| {
            let asking = scope.spawn(|| client.post(&client.operations("web"), &request, &[]));
            std::thread::sleep(length.mul_f64(moments.next()));
            server.kill();
            asking.join().expect("it asks")
        });

        server = house.start();
        let client = Client::new(&server, &token, &namespace);
        let listed = client.data(&client.operations("web"));
        let ids = listed.as_array().expect("a list").iter();
        let ids: Vec<String> = ids
            .filter_map(|operation| operation["id"].as_str().map(str::to_owned))
            .filter(|id| !known.contains(id))
            .collect();
        assert!(ids.len() <= 1, "one request began {ids:?}");
        if let Some(answer) = answer {
            assert_eq!(ids, [begun(&answer)], "what was accepted is not forgotten");
        }
        let operation = ids.first().map_or(Value::Null, |id| client.ended(id));
        found = namespace.found("web");
        check(&found, &operation);
        *ends.entry(end(&operation).to_owned()).or_default() += 1;
        known.extend(ids);
    }
    eprintln!("operations of {length:?}: {ends:?}");
    assert!(ends.contains_key("succeeded"), "some came through: {ends:?}");
    assert!(
        ends.contains_key("interrupted in the middle"),
        "some were hit: {ends:?}"
    );

    let client = Client::new(&server, &token, &namespace);
    let install_or_upgrade = if found.revisions.is_empty() {
        "install"
    } else {
        "upgrade"
    };
    client.done("web", &change(install_or_upgrade, "last"));
    found = namespace.found("web");
    assert_eq!(found.objects, OBJECTS);
    assert_eq!(
        found.revisions.last().map(|(_, status)| status.as_str()),
        Some("deployed")
    );
    let history = client.data(&format!("{}/history", client.release("web")));
    let shown = history["revisions"].as_array().expect("revisions");
    assert_eq!(shown.len(), found.revisions.len(), "{history}");
    client.done("web", &uninstall());
    found = namespace.found("web");
    assert!(
        found.revisions.is_empty() && found.objects.is_empty(),
        "{found:?}"
    );
}

#[test]
fn of_two_servers_that_install_one_name_one_does() {
    let Some(namespace) = Namespace::find("race") else {
        return;
    };
    let houses = [House::new(&namespace), House::new(&namespace)];
    let servers = houses.each_ref().map(House::start);
    let tokens = servers.each_ref().map(|server| token(server, "alice"));
    let clients = [0, 1].map(|which| Client::new(&servers[which], &tokens[which], &namespace));
    for round in 0..10 {
        let name = format!("race-{round}");
        let start = Barrier::new(2);
        let ended = std::thread::scope(|scope| {
            let (name, start) = (&name, &start);
            let racing = clients.map(|client| {
                scope.spawn(move || {
                    start.wait();
                    client.ended(&client.begin(name, &change("install", "mine")))
                })
            });
            racing.map(|client| client.join().expect("it ends"))
        });
        let mut states = ended.each_ref().map(|operation| &operation["state"]);
        states.sort_by_key(|state| state.as_str());
        assert_eq!(states, ["failed", "succeeded"], "{ended:#?}");
        let failed = ended.iter().find(|operation| operation["state"] == "failed");
        let message = failed.and_then(|operation| operation["message"].as_str());
        assert!(
            message.is_some_and(|message| message.contains("name that is still in use")),
            "{message:?}"
        );
        let found = namespace.found(&name);
        assert_eq!(found.revisions, [(1, "deployed".to_owned())]);
        assert_eq!(found.objects, OBJECTS);
    }
}
