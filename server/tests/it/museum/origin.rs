//! Hosted repositories on the main origin: users' tokens, the catalog, and pages, in one process with the API.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::client::{Reply, base64, chart, form, send};
use crate::process::{chartroom, free_port, output_with};
use crate::site::PASSWORD;

pub(super) struct Serving {
    child: Child,
    pub(super) port: u16,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    pub(super) fn start(data: &Path, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let child = chartroom(&["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(data)
            .envs(variables.iter().copied())
            .env("CHARTROOM__STORAGE__FSYNC", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let serving = Self { child, port };
        let waited = Instant::now();
        while send(port, "GET", "/readyz", &[], b"").is_none_or(|reply| reply.status != 200) {
            assert!(
                waited.elapsed() < Duration::from_secs(30),
                "it does not get ready"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        serving
    }

    /// `kill -9`.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program ended");
    }

    pub(super) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        send(self.port, method, path, headers, body).unwrap_or_else(|| panic!("{method} {path} is answered"))
    }

    pub(super) fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    /// A token of a user with one scope.
    pub(super) fn token(&self, user: &str, scope: &str) -> String {
        let json = ("content-type", "application/json");
        let credentials = format!("{{\"name\":\"{user}\",\"password\":\"{PASSWORD}\"}}");
        let session = self.request("POST", "/api/v1/session", &[json], credentials.as_bytes());
        assert_eq!(session.status, 201, "{}", session.text());
        let cookie = session
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let origin = format!("http://127.0.0.1:{}", self.port);
        let wanted = format!("{{\"label\":\"ci\",\"scopes\":[\"{scope}\"],\"valid_days\":1}}");
        let headers = [json, ("cookie", cookie.as_str()), ("origin", origin.as_str())];
        let made = self.request("POST", "/api/v1/tokens", &headers, wanted.as_bytes());
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["data"]["token"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

pub(super) fn add_user(data: &Path, name: &str, role: &str) {
    let mut command = chartroom(&["--data-dir"]);
    command.arg(data).args(["user", "add", name, "--role", role]);
    let output = output_with(&mut command, &format!("{PASSWORD}\n"));
    assert!(
        output.status.success(),
        "{}",
        crate::process::text(&output.stderr)
    );
}

#[test]
fn a_pushed_chart_is_on_its_page_when_it_is_answered() {
    let data = tempfile::tempdir().expect("a folder");
    add_user(data.path(), "olga", "operator");
    add_user(data.path(), "victor", "viewer");
    let serving = Serving::start(data.path(), &[]);
    let archive = chart("web", "1.0.0");
    let push = |headers: &[(&str, &str)]| serving.request("POST", "/hosted/api/charts", headers, &archive);

    let stranger = push(&[]);
    assert_eq!(stranger.status, 401);
    assert_eq!(stranger.text(), "{\"error\":\"unauthorized\"}");
    for (user, scope, words) in [
        ("victor", "charts:write", "role operator"),
        ("olga", "releases:write", "scope charts:write"),
    ] {
        let bearer = format!("Bearer {}", serving.token(user, scope));
        let reply = push(&[("authorization", &bearer)]);
        let text = reply.text();
        assert!(
            reply.status == 403 && text.contains(words),
            "{user} {scope}: {} {text}",
            reply.status
        );
    }
    let token = serving.token("olga", "charts:write");
    let bearer = format!("Bearer {token}");
    // A page of another site cannot use what a browser knows.
    let foreign = push(&[("authorization", &bearer), ("origin", "https://evil.example.com")]);
    assert_eq!(foreign.status, 403);
    let saved = push(&[("authorization", &bearer)]);
    assert_eq!(saved.status, 201, "{}", saved.text());
    assert_eq!(saved.json()["url"], "/hosted/charts/web-1.0.0.tgz");

    assert!(serving.get("/hosted/index.yaml").text().contains("web-1.0.0.tgz"));
    let page = serving.get("/charts/hosted/web");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("This is web 1.0.0"), "{}", page.text());
    let add = format!("helm repo add hosted http://127.0.0.1:{}/hosted", serving.port);
    assert!(page.text().contains(&add), "the page says how to add it");
    assert!(serving.get("/repositories/hosted").text().contains(&add));
    let repositories = serving.get("/api/v1/repositories").json();
    let kinds: Vec<&str> = repositories["data"]["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|repository| repository["name"] == "hosted")
        .filter_map(|repository| repository["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["hosted"]);

    // `helm cm-push` and `curl -u`: a form, and the token as password of whatever name.
    let (kind, body) = form(&[("chart", &chart("web", "1.1.0"))]);
    let basic = format!("Basic {}", base64(format!("ci:{token}").as_bytes()));
    let headers = [("content-type", kind.as_str()), ("authorization", basic.as_str())];
    assert_eq!(
        serving
            .request("POST", "/hosted/api/charts", &headers, &body)
            .status,
        201
    );
    assert!(
        serving
            .get("/charts/hosted/web")
            .text()
            .contains("This is web 1.1.0")
    );
    let deletion = serving.request(
        "DELETE",
        "/hosted/api/charts/web/1.1.0",
        &[("authorization", &basic)],
        b"",
    );
    assert_eq!(deletion.status, 200);
    assert!(
        serving
            .get("/charts/hosted/web")
            .text()
            .contains("This is web 1.0.0")
    );
    // Not unknown: it was here.
    assert_eq!(serving.get("/charts/hosted/web/1.1.0").status, 410);
}

#[test]
fn a_closed_catalog_has_closed_indexes_and_a_base_path_is_part_of_addresses() {
    let data = tempfile::tempdir().expect("a folder");
    add_user(data.path(), "olga", "operator");
    let variables = [
        ("CHARTROOM__ACCESS__ANONYMOUS_CATALOG", "false"),
        ("CHARTROOM__SERVER__BASE_PATH", "/a/b"),
        ("CHARTROOM__HOSTED__CONTEXT_PATH", "/museum"),
        ("CHARTROOM__HOSTED__DEPTH", "1"),
    ];
    let serving = Serving::start(data.path(), &variables);
    let token = serving.token("olga", "charts:write");
    let bearer = format!("Bearer {token}");
    let authorized = [("authorization", bearer.as_str())];
    let saved = serving.request(
        "POST",
        "/a/b/museum/api/team/charts",
        &authorized,
        &chart("web", "1.0.0"),
    );
    assert_eq!(saved.status, 201, "{}", saved.text());
    // With the base path and without it, as a proxy may strip it.
    for path in ["/a/b/museum/team/index.yaml", "/museum/team/index.yaml"] {
        assert_eq!(serving.get(path).status, 401, "{path}");
        let index = serving.request("GET", path, &authorized, b"");
        assert!(
            index.text().contains("contextPath: \"/a/b/museum\""),
            "{path}: {}",
            index.text()
        );
        assert!(index.header("cache-control").contains("no-cache"), "{path}");
    }
    assert_eq!(serving.get("/a/b/museum/team/charts/web-1.0.0.tgz").status, 401);
    assert_eq!(serving.get("/a/b/museum/health").status, 200);
}
