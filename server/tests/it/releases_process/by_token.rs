//! Clusters that are asked with tokens of their users, and with nothing of Chartroom's.

use http::Method;
use serde_json::{Value, json};

use super::wire::{endless, problem};
use super::{Client, House, Namespace, OBJECTS, change, sign_in, token};
use crate::process::{Server, chartroom, output, send, text};
use crate::site::{Answer, Sent};

/// A house on a cluster of which Chartroom knows the address and no credentials.
struct Bare<'a> {
    house: House<'a>,
    cluster: String,
}

impl<'a> Bare<'a> {
    fn new(namespace: &'a Namespace) -> Self {
        let house = House::new(namespace);
        let shown = namespace.kubectl(&["config", "view", "--raw", "--output", "json"]);
        let mut kubeconfig: Value = serde_json::from_str(&shown).expect("JSON");
        kubeconfig["users"] = json!([]);
        for context in kubeconfig["contexts"].as_array_mut().expect("contexts") {
            context["context"]["user"] = json!("");
        }
        let file = house.data.path().join("kubeconfig");
        std::fs::write(&file, kubeconfig.to_string()).expect("it is written");
        Self {
            cluster: format!(
                "name = \"test\", impersonate = false, kubeconfig = \"{}\"",
                file.display()
            ),
            house,
        }
    }

    fn start(&self) -> Server {
        self.house.start_on(&self.cluster)
    }
}

#[test]
fn a_token_in_a_header_is_all_that_a_cluster_sees() {
    let Some(namespace) = Namespace::find("by-header") else {
        return;
    };
    let bare = Bare::new(&namespace);
    let server = bare.start();
    let token = token(&server, "alice");
    let (deployer, nobody) = (
        namespace.service_account("deployer", Some("admin")),
        namespace.service_account("nobody", None),
    );
    let with = |value: &str| format!("test {value}");
    let (deployer_header, nobody_header) = (with(&deployer), with(&nobody));
    fn headers(value: &str) -> [(&str, &str); 1] {
        [("chartroom-cluster-token", value)]
    }
    let (as_deployer, as_nobody) = (headers(&deployer_header), headers(&nobody_header));
    let plain = Client::new(&server, &token, &namespace);
    let deployer_client = Client {
        headers: &as_deployer,
        ..plain
    };
    let nobody_client = Client {
        headers: &as_nobody,
        ..plain
    };

    // Without one there is nothing to ask with; her name would be allowed, if anybody could speak for her.
    let install = change("install", "hello");
    let operations = plain.operations("web");
    let refused = plain.post(&operations, &install, &[]).expect("an answer");
    let said = problem(&refused, 403).to_string();
    assert!(
        said.contains("your own token") && said.contains("Chartroom-Cluster-Token"),
        "{said}"
    );

    deployer_client.done("web", &install);
    assert_eq!(namespace.found("web").objects, OBJECTS);
    let release = plain.release("web");
    assert_eq!(deployer_client.data(&release)["name"], "web");
    // What one token saw, another one does not see.
    let refused = problem(&nobody_client.get(&release), 403);
    let role = refused["role_yaml"].as_str().unwrap_or_default();
    let is_for_the_account = role.contains("kind: ServiceAccount") && role.contains("\"nobody\"");
    assert!(is_for_the_account, "{refused}");
    problem(&plain.get(&release), 403);

    for (value, status, said) in [
        (
            "test not-a-token-of-this-cluster",
            403,
            "does not take your token",
        ),
        ("test two words", 400, "no bearer token"),
        ("test", 400, "the name of a cluster, a space and a token"),
        // For another cluster, which does not concern this one.
        ("other abc", 403, "your own token"),
    ] {
        let sent = Sent {
            headers: &headers(value),
            ..Sent::get(&release)
        };
        let answer = send(server.port, &sent.by(&token)).expect("an answer");
        let answer = problem(&answer, status).to_string();
        assert!(answer.contains(said), "{value}: {answer}");
        assert!(!answer.contains("not-a-token"), "{answer}");
    }

    // The command line gives it from a file or a variable.
    let mut list = chartroom(&["list", "--server", &format!("http://127.0.0.1:{}", server.port)]);
    list.args(["--namespace", &namespace.name, "--short"])
        .env("CHARTROOM_TOKEN", &token);
    let without = output(&mut list);
    assert!(!without.status.success());
    assert!(
        text(&without.stderr).contains("your own token"),
        "{}",
        text(&without.stderr)
    );
    let listed = output(list.env("CHARTROOM_CLUSTER_TOKEN", &deployer));
    assert_eq!(text(&listed.stdout), "web\n", "{}", text(&listed.stderr));
}

#[test]
fn a_token_is_kept_for_one_session_alone() {
    let Some(namespace) = Namespace::find("by-session") else {
        return;
    };
    let bare = Bare::new(&namespace);
    let server = bare.start();
    let deployer = namespace.service_account("deployer", Some("admin"));
    let cookies = [sign_in(&server, "alice"), sign_in(&server, "alice")];
    let [cookie, other] = cookies.each_ref();
    let get = |path: &str, cookie: &str| -> Answer {
        let answer = send(server.port, &Sent::get(path).with(cookie)).expect("an answer");
        assert!(!answer.body.contains(&deployer), "{path} shows the token");
        answer
    };
    let account = get("/account", cookie);
    assert!(
        account.body.contains("a token of yours is needed"),
        "{}",
        account.body
    );
    let form_token = account.hidden("form_token");
    let post = |fields: &[(&str, &str)]| {
        let fields = [
            &[("form_token", form_token.as_str()), ("cluster", "test")][..],
            fields,
        ]
        .concat();
        send(server.port, &Sent::form("/account", &fields).with(cookie)).expect("an answer")
    };

    let give = ("do", "give-cluster-token");
    let wrong = post(&[give, ("token", "wrong-token")]);
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    assert!(
        wrong.body.contains("is not taken by the cluster"),
        "{}",
        wrong.body
    );
    assert!(!wrong.body.contains("wrong-token"), "{}", wrong.body);
    let given = post(&[give, ("token", &format!(" {deployer}\n"))]);
    assert_eq!(given.status, 303, "{}", given.body);

    let name = format!("system:serviceaccount:{}:deployer", namespace.name);
    let account = get("/account", cookie).body;
    assert!(
        account.contains(&name) && account.contains(", until "),
        "{account}"
    );
    let list = format!("/releases?namespace={}", namespace.name);
    let says_needed = |cookie: &str| get(&list, cookie).body.contains("your own token");
    assert!(!says_needed(cookie));
    assert!(
        says_needed(other),
        "another session of the same user has no token"
    );
    // A restart ends neither the session nor what is kept with it, and nobody else can read it.
    for file in std::fs::read_dir(bare.house.data.path()).expect("a folder") {
        let path = file.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("it is read");
            let is_there = bytes
                .windows(deployer.len())
                .any(|part| part == deployer.as_bytes());
            assert!(!is_there, "{} holds the token", path.display());
        }
    }

    let forgotten = post(&[("do", "forget-cluster-token")]);
    assert_eq!(forgotten.status, 303, "{}", forgotten.body);
    assert!(says_needed(cookie));
    let sent = Sent {
        origin: Some("http://localhost:8080"),
        ..Sent::json(
            Method::PUT,
            "/api/v1/session/clusters/test",
            &json!({ "token": deployer }),
        )
    };
    let given = send(server.port, &sent.with(other)).expect("an answer");
    assert_eq!(given.status, 204, "{}", given.body);
    assert!(!says_needed(other));
    let identities = get("/api/v1/session/clusters", other).json();
    assert_eq!(identities["data"][0]["by"], "token", "{identities}");
    assert_eq!(identities["data"][0]["user"], name);
}

#[test]
fn what_a_token_began_is_ended_when_its_user_comes_back() {
    let Some(namespace) = Namespace::find("by-killed") else {
        return;
    };
    let bare = Bare::new(&namespace);
    let server = bare.start();
    let token = token(&server, "alice");
    let header = format!("test {}", namespace.service_account("deployer", Some("admin")));
    let headers = [("chartroom-cluster-token", header.as_str())];
    let client = Client {
        headers: &headers,
        ..Client::new(&server, &token, &namespace)
    };
    let id = client.begin("web", &endless());
    loop {
        let operation = client.data(&format!("/api/v1/operations/{id}"));
        let state = operation["state"].as_str().unwrap_or_default();
        assert!(["queued", "running"].contains(&state), "{operation}");
        if operation["revision"].is_number() {
            break;
        }
        std::thread::yield_now();
    }
    server.kill();
    assert_eq!(
        namespace.found("web").revisions,
        [(1, "pending-install".to_owned())]
    );

    let server = bare.start();
    // Whoever looks brings the token, and nothing else could end it.
    let plain = Client::new(&server, &token, &namespace);
    let waiting = plain.data(&format!("/api/v1/operations/{id}"));
    assert_eq!(waiting["state"], "running", "{waiting}");
    let client = Client {
        headers: &headers,
        ..plain
    };
    assert_eq!(client.get(&client.release("web")).status, 200);
    let ended = client.ended(&id);
    assert_eq!(ended["state"], "interrupted", "{ended}");
    assert_eq!(namespace.found("web").revisions, [(1, "failed".to_owned())]);
}
