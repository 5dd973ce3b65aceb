//! Every route with its statuses and texts, at depths 0 to 3, below a context path and at the root, with credentials and
//! without.

use super::client::{Museum, Reply, chart, chart_with, listed, provenance};

/// `user:pass`
const BASIC: &str = "Basic dXNlcjpwYXNz";

fn check(reply: &Reply, status: u16, error: &str, what: &str) {
    assert_eq!(reply.status, status, "{what}: {}", reply.text());
    if !error.is_empty() {
        assert_eq!(reply.json()["error"], error, "{what}");
    }
}

/// One museum, all of its routes: the order matters, as for a person who tries them.
fn all_routes(museum: &Museum, tenant: &str) {
    let below = if tenant.is_empty() {
        String::new()
    } else {
        format!("/{tenant}")
    };
    let api = format!("/api{below}");
    let archive = chart("mychart", "0.1.0");
    let signature = provenance("mychart", "0.1.0");
    let what = |path: &str| format!("{}{path}", museum.context);

    // What there is before anything is.
    let welcome = museum.get("/");
    check(&welcome, 200, "", "welcome");
    assert_eq!(welcome.header("content-type"), "text/html");
    assert!(
        museum.get("/info").json()["version"]
            .as_str()
            .is_some_and(|version| version.starts_with('v'))
    );
    let health = museum.get("/health");
    assert_eq!(
        (health.status, health.text().as_str()),
        (200, "{\"healthy\":true}")
    );
    let empty = museum.get(&format!("{below}/index.yaml"));
    check(&empty, 200, "", "an empty index");
    assert_eq!(empty.header("content-type"), "application/x-yaml");
    assert!(
        empty.text().starts_with("apiVersion: v1\nentries: {}\n"),
        "{}",
        empty.text()
    );
    check(
        &museum.request("HEAD", &format!("{below}/index.yaml"), &[], b""),
        200,
        "",
        "HEAD of an index",
    );
    assert_eq!(museum.get(&format!("{api}/charts")).text(), "{}");

    // Uploading.
    check(&museum.post(&format!("{api}/charts"), b""), 400, "", "nothing");
    check(
        &museum.post(&format!("{api}/prov"), b""),
        500,
        "invalid provenance file",
        "nothing as provenance",
    );
    let saved = museum.post(&format!("{api}/charts"), &archive);
    check(&saved, 201, "", "an archive");
    assert_eq!(saved.json()["saved"], true);
    assert_eq!(saved.json()["name"], "mychart");
    assert_eq!(saved.json()["version"], "0.1.0");
    assert_eq!(
        saved.json()["url"],
        what(&format!("{below}/charts/mychart-0.1.0.tgz"))
    );
    for query in ["", "?force"] {
        check(
            &museum.post(&format!("{api}/charts{query}"), &archive),
            409,
            "file already exists",
            "again",
        );
    }
    let saved = museum.post(&format!("{api}/prov"), &signature);
    assert_eq!((saved.status, saved.text().as_str()), (201, "{\"saved\":true}"));
    for query in ["", "?force"] {
        check(
            &museum.post(&format!("{api}/prov{query}"), &signature),
            409,
            "file already exists",
            "again",
        );
    }

    // Reading.
    let index = museum.get(&format!("{below}/index.yaml")).text();
    assert!(
        index.contains("- charts/mychart-0.1.0.tgz") || index.contains("- \"charts/mychart-0.1.0.tgz\""),
        "{index}"
    );
    assert_eq!(
        index.contains("serverInfo"),
        !museum.context.is_empty(),
        "{index}"
    );
    if !museum.context.is_empty() {
        assert!(
            index.contains(&format!("contextPath: \"{}\"", museum.context)),
            "{index}"
        );
    }
    let file = format!("{below}/charts/mychart-0.1.0.tgz");
    let got = museum.get(&file);
    check(&got, 200, "", &file);
    assert_eq!(
        (got.header("content-type"), &got.body),
        ("application/x-tar", &archive)
    );
    let got = museum.get(&format!("{file}.prov"));
    check(&got, 200, "", "provenance");
    assert_eq!(
        (got.header("content-type"), &got.body),
        ("application/pgp-signature", &signature)
    );
    let head = museum.request("HEAD", &file, &[], b"");
    check(&head, 200, "", "HEAD of an archive");
    assert_eq!(head.header("content-length"), archive.len().to_string());
    for missing in ["fakechart-0.1.0.tgz", "fakechart-0.1.0.tgz.prov"] {
        let path = format!("{below}/charts/{missing}");
        check(&museum.get(&path), 404, "object not found", &path);
        check(&museum.request("HEAD", &path, &[], b""), 404, "", &path);
    }
    let bad = format!("{below}/charts/fakechart-0.1.0.bad");
    check(&museum.get(&bad), 500, "unsupported file extension", &bad);

    let list = museum.get(&format!("{api}/charts")).json();
    assert_eq!(list["mychart"][0]["version"], "0.1.0");
    for (query, status, error) in [
        ("?offset=10&limit=5", 200, ""),
        ("?offset=0", 200, ""),
        (
            "?offset=-1&limit=5",
            400,
            "offset is not a valid non-negative integer",
        ),
        ("?offset=x", 400, "offset is not a valid non-negative integer"),
        ("?limit=0", 400, "limit is not a valid positive integer"),
    ] {
        check(&museum.get(&format!("{api}/charts{query}")), status, error, query);
    }
    assert_eq!(museum.get(&format!("{api}/charts?offset=1")).text(), "{}");
    let versions = museum.get(&format!("{api}/charts/mychart")).json();
    assert_eq!(versions[0]["urls"][0], "charts/mychart-0.1.0.tgz");
    for (path, status, error) in [
        ("mychart", 200, ""),
        ("fakechart", 404, "chart not found"),
        ("mychart/0.1.0", 200, ""),
        ("mychart/latest", 200, ""),
        ("mychart/0.1", 200, ""),
        ("mychart/^0.1.0", 200, ""),
        ("mychart/%3E%3D0.1.0", 200, ""),
        ("mychart/0.1.1", 404, "no chart version found for mychart-0.1.1"),
        ("mychart/nonsense!", 404, "improper constraint: \"nonsense!\""),
        ("fakechart/0.1.0", 404, "no chart name found"),
    ] {
        let path = format!("{api}/charts/{path}");
        check(&museum.get(&path), status, error, &path);
        let head = museum.request("HEAD", &path, &[], b"");
        assert_eq!((head.status, head.body.len()), (status, 0), "HEAD {path}");
    }
    for version in ["0.1.0", "latest"] {
        let templates = museum
            .get(&format!("{api}/charts/mychart/{version}/templates"))
            .json();
        assert_eq!(templates["templates"][0]["name"], "templates/map.yaml");
        assert!(
            templates["templates"][0]["data"]
                .as_str()
                .is_some_and(|data| data.starts_with("YXBpVmVyc2lvbjog"))
        );
        assert_eq!(templates["values"]["replicas"], 1);
        let values = museum.get(&format!("{api}/charts/mychart/{version}/values"));
        assert_eq!(
            (values.header("content-type"), values.text().as_str()),
            ("application/yaml", "replicas: 1\n")
        );
    }
    for end in ["templates", "values"] {
        check(
            &museum.get(&format!("{api}/charts/mychart/0.1.1/{end}")),
            404,
            "",
            end,
        );
        check(
            &museum.get(&format!("{api}/charts/fakechart/0.1.0/{end}")),
            404,
            "",
            end,
        );
    }

    // Deleting takes the provenance file along.
    let version = format!("{api}/charts/mychart/0.1.0");
    let deleted = museum.request("DELETE", &version, &[], b"");
    assert_eq!(
        (deleted.status, deleted.text().as_str()),
        (200, "{\"deleted\":true}")
    );
    check(&museum.request("DELETE", &version, &[], b""), 404, "", "again");
    check(&museum.get(&file), 404, "object not found", "deleted");
    check(
        &museum.get(&format!("{file}.prov")),
        404,
        "object not found",
        "deleted",
    );
    assert!(
        museum
            .get(&format!("{below}/index.yaml"))
            .text()
            .contains("entries: {}")
    );
    assert!(listed(&museum.dir.join(tenant)).is_empty());

    forms(museum, &api, &archive, &signature);

    // What is not there.
    for (method, path) in [
        ("GET", "/favicon.ico".to_owned()),
        ("GET", "/api".to_owned()),
        ("PUT", format!("{api}/charts")),
        ("HEAD", format!("{api}/charts")),
        ("GET", format!("{below}/x/y/z/index.yaml")),
        ("POST", format!("{below}/index.yaml")),
        ("GET", "/metrics".to_owned()),
        ("GET", "/static/x.css".to_owned()),
        ("GET", format!("{below}/artifacthub-repo.yml")),
    ] {
        let reply = museum.request(method, &path, &[], b"");
        let error = if method == "HEAD" { "" } else { "not found" };
        check(&reply, 404, error, &format!("{method} {path}"));
    }
    let traced = museum.request("GET", "/health", &[("x-request-id", "mine-1")], b"");
    assert_eq!(traced.header("x-request-id"), "mine-1");
    assert!(!museum.get("/health").header("x-request-id").is_empty());
}

fn forms(museum: &Museum, api: &str, archive: &[u8], signature: &[u8]) {
    let post =
        |files: &[(&str, &[u8])], query: &str| museum.post_form(&format!("{api}/charts{query}"), files);
    let clear = || {
        let reply = museum.request("DELETE", &format!("{api}/charts/mychart/0.1.0"), &[], b"");
        check(&reply, 200, "", "clearing");
    };
    check(&post(&[("chart", archive)], ""), 201, "", "chart");
    check(&post(&[("prov", signature)], ""), 201, "", "prov");
    clear();
    check(
        &post(&[("chart", archive), ("prov", signature)], ""),
        201,
        "",
        "both",
    );
    check(
        &museum.get(&format!(
            "{}/charts/mychart-0.1.0.tgz.prov",
            api.trim_start_matches("/api")
        )),
        200,
        "",
        "both",
    );
    clear();
    let nothing = "no package or provenance file found in form fields chart and prov";
    check(&post(&[("unknown", archive)], ""), 400, nothing, "unknown");
    check(&post(&[("chart", archive)], ""), 201, "", "chart");
    for query in ["", "?force"] {
        check(
            &post(&[("chart", archive)], query),
            409,
            "chart already exists",
            "again",
        );
    }
    check(
        &post(&[("chart", signature)], ""),
        400,
        "",
        "a signature as chart",
    );
    check(
        &post(&[("prov", archive)], ""),
        400,
        "invalid provenance file",
        "a chart as signature",
    );
    // All or nothing: the chart is not left behind by the signature that is refused.
    let other = chart("other", "1.0.0");
    check(
        &post(&[("chart", &other), ("prov", archive)], ""),
        400,
        "",
        "half",
    );
    check(
        &museum.get(&format!("{api}/charts/other")),
        404,
        "chart not found",
        "half",
    );
    clear();
}

#[test]
fn every_route_answers_as_chartmuseum_does() {
    for (depth, tenant) in [
        ("0", ""),
        ("1", "repo"),
        ("2", "org/repo"),
        ("3", "org/team/repo"),
    ] {
        for context in ["", "--context-path=/x/y"] {
            for with_credentials in [false, true] {
                let dir = tempfile::tempdir().expect("a folder");
                let mut flags = vec!["--depth", depth, "--disable-force-overwrite"];
                flags.extend((!context.is_empty()).then_some(context));
                if with_credentials {
                    flags.extend(["--basic-auth-user=user", "--basic-auth-pass=pass"]);
                }
                let museum = Museum::start(dir.path(), &flags);
                if with_credentials {
                    let refused = museum.get(&format!("/{tenant}/index.yaml").replace("//", "/"));
                    check(&refused, 401, "unauthorized", "without credentials");
                }
                let museum = match with_credentials {
                    true => museum.with_header("authorization", BASIC),
                    false => museum,
                };
                all_routes(&museum, tenant);
            }
        }
    }
}

#[test]
fn tenants_of_any_depth_live_side_by_side() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(dir.path(), &["--depth-dynamic"]);
    for tenant in ["", "/a", "/a/b", "/a/b/c"] {
        let name = format!("web{}", tenant.replace('/', "-"));
        check(
            &museum.post(&format!("/api{tenant}/charts"), &chart(&name, "1.0.0")),
            201,
            "",
            tenant,
        );
    }
    for tenant in ["", "/a", "/a/b", "/a/b/c"] {
        let list = museum.get(&format!("/api{tenant}/charts")).json();
        let names: Vec<&String> = list.as_object().expect("an object").keys().collect();
        assert_eq!(names, [&format!("web{}", tenant.replace('/', "-"))]);
    }
    // `..` is no tenant, at whatever depth (CVE-2019-1000009), and a chart's name is no path.
    for path in [
        "/../index.yaml",
        "/a/%2e%2e/index.yaml",
        "/a/../../charts/web-1.0.0.tgz",
    ] {
        let reply = museum.get(path);
        assert!(
            reply.status == 404 || reply.text().contains("entries: {}"),
            "{path}: {}",
            reply.text()
        );
    }
    let evil = chart("../../../../charts/org2/repo2/evil", "0.1.0");
    let refused = museum.post("/api/a/charts", &evil);
    check(&refused, 400, "", "a name that climbs");
    let evil = provenance("../../../../charts/org2/repo2/evil", "0.1.0");
    let text = "../../../../charts/org2/repo2/evil-0.1.0.tgz.prov is improperly formatted";
    check(
        &museum.post("/api/a/prov", &evil),
        400,
        text,
        "a signature for a name that climbs",
    );
}

#[test]
fn an_index_is_asked_for_again_without_being_sent_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(
        dir.path(),
        &["--json-index", "--chart-url=https://charts.example.com"],
    );
    museum.post("/api/charts", &chart("web", "1.0.0"));
    let index = museum.get("/index.yaml");
    let parsed = index.json();
    assert_eq!(
        parsed["entries"]["web"][0]["urls"][0],
        "https://charts.example.com/charts/web-1.0.0.tgz"
    );
    let etag = index.header("etag").to_owned();
    let again = museum.request("GET", "/index.yaml", &[("if-none-match", &etag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    museum.post("/api/charts", &chart("web", "1.0.1"));
    let again = museum.request("GET", "/index.yaml", &[("if-none-match", &etag)], b"");
    assert_eq!(again.status, 200);
    // The templates are found although the addresses lead elsewhere.
    assert_eq!(museum.get("/api/charts/web/latest/values").status, 200);
}

#[test]
fn what_is_switched_off_is_not_there() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("web-1.0.0.tgz"), chart("web", "1.0.0")).expect("it is written");
    let museum = Museum::start(dir.path(), &["--disable-api"]);
    assert!(museum.get("/index.yaml").text().contains("web-1.0.0.tgz"));
    for (method, path) in [
        ("GET", "/api/charts"),
        ("POST", "/api/charts"),
        ("DELETE", "/api/charts/web/1.0.0"),
    ] {
        check(&museum.request(method, path, &[], b""), 404, "not found", path);
    }
    drop(museum);
    let museum = Museum::start_with(
        dir.path(),
        &[],
        &[("DISABLE_DELETE", "true"), ("ALLOW_OVERWRITE", "1")],
    );
    check(
        &museum.request("DELETE", "/api/charts/web/1.0.0", &[], b""),
        404,
        "not found",
        "deleting",
    );
    let another = chart_with("web", "1.0.0", "Changed.");
    check(
        &museum.post("/api/charts", &another),
        201,
        "",
        "over what is there",
    );
    assert_eq!(museum.get("/charts/web-1.0.0.tgz").body, another);
}

#[test]
fn artifact_hub_and_pages_of_other_sites_are_told_what_was_set() {
    let dir = tempfile::tempdir().expect("a folder");
    let web = tempfile::tempdir().expect("a folder");
    std::fs::write(web.path().join("index.html"), "<h1>Ours</h1>").expect("it is written");
    std::fs::create_dir(web.path().join("static")).expect("it is made");
    std::fs::write(web.path().join("static/main.css"), "h1 {}").expect("it is written");
    let template = format!("--web-template-path={}", web.path().display());
    let flags = [
        "--depth=1",
        "--artifact-hub-repo-id=repo=0123-ab",
        "--cors-alloworigin=https://ui.example.com",
        &template,
    ];
    let museum = Museum::start(dir.path(), &flags);
    let file = museum.get("/repo/artifacthub-repo.yml");
    assert_eq!(file.header("content-type"), "application/x-yaml");
    assert_eq!(file.text(), "repositoryID: 0123-ab\n");
    check(
        &museum.get("/other/artifacthub-repo.yml"),
        404,
        "Artifact Hub repository ID not found",
        "other",
    );
    assert_eq!(museum.get("/").text(), "<h1>Ours</h1>");
    assert_eq!(museum.get("/static/main.css").text(), "h1 {}");
    for path in [
        "/static/..%2findex.html",
        "/static/../index.html",
        "/static/none.css",
    ] {
        check(&museum.get(path), 404, "not found", path);
    }
    assert_eq!(
        museum
            .get("/api/repo/charts")
            .header("access-control-allow-origin"),
        "https://ui.example.com"
    );
    assert_eq!(
        museum
            .get("/repo/index.yaml")
            .header("access-control-allow-origin"),
        ""
    );
    let archive = chart("web", "1.0.0");
    for (origin, status) in [("https://evil.example.com", 403), ("https://ui.example.com", 201)] {
        let reply = museum.request("POST", "/api/repo/charts", &[("origin", origin)], &archive);
        check(&reply, status, "", origin);
    }
}
