//! The distribution API over hosted charts: on the wire, and by real helm.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::client::{Reply, base64, chart};
use super::helm::Helm;
use super::origin::{Serving, add_user};

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn descriptor(kind: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": kind, "digest": digest(bytes), "size": bytes.len() })
}

/// A server with an operator, and a client that shows a token of hers.
pub(super) struct Registry {
    _data: tempfile::TempDir,
    pub(super) serving: Serving,
    pub(super) token: String,
    bearer: String,
}

impl Registry {
    pub(super) fn start(variables: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        add_user(data.path(), "olga", "operator");
        let serving = Serving::start(data.path(), variables);
        let token = serving.token("olga", "charts:write");
        Self {
            bearer: format!("Bearer {token}"),
            _data: data,
            serving,
            token,
        }
    }

    fn as_olga(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let headers = [&[("authorization", self.bearer.as_str())][..], headers].concat();
        self.serving.request(method, path, &headers, body)
    }

    /// Begins an upload; its address.
    fn begin(&self, name: &str) -> String {
        let begun = self.as_olga("POST", &format!("/v2/{name}/blobs/uploads/"), &[], b"");
        assert_eq!(begun.status, 202, "{}", begun.text());
        begun.header("location").to_owned()
    }

    fn push_blob(&self, name: &str, bytes: &[u8]) {
        let address = format!("{}?digest={}", self.begin(name), digest(bytes));
        let pushed = self.as_olga("PUT", &address, &[], bytes);
        assert_eq!(pushed.status, 201, "{}", pushed.text());
        assert_eq!(pushed.header("docker-content-digest"), digest(bytes));
    }

    fn put_manifest(&self, name: &str, reference: &str, manifest: &Value) -> Reply {
        let address = format!("/v2/{name}/manifests/{reference}");
        let kind = [("content-type", MANIFEST)];
        self.as_olga("PUT", &address, &kind, manifest.to_string().as_bytes())
    }

    /// Pushes a chart as helm does.
    fn push_chart(&self, name: &str, tag: &str, archive: &[u8]) -> Reply {
        self.push_blob(name, b"{}");
        self.push_blob(name, archive);
        self.put_manifest(name, tag, &chart_manifest(archive))
    }

    fn tags(&self, name: &str) -> Value {
        self.serving.get(&format!("/v2/{name}/tags/list")).json()["tags"].clone()
    }
}

pub(super) fn chart_manifest(archive: &[u8]) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, b"{}"),
        "layers": [descriptor(CHART, archive)],
    })
}

/// What a refusal is called.
fn code(reply: &Reply) -> (u16, String) {
    let code = reply.json()["errors"][0]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (reply.status, code)
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn a_chart_that_is_pushed_is_everywhere_and_one_that_was_uploaded_is_here() {
    let registry = Registry::start(&[]);
    let archive = chart("web", "1.0.0");
    let pushed = registry.push_chart("hosted/web", "1.0.0", &archive);
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let serving = &registry.serving;
    assert!(serving.get("/hosted/index.yaml").text().contains("web-1.0.0.tgz"));
    assert_eq!(serving.get("/hosted/charts/web-1.0.0.tgz").body, archive);
    assert_eq!(serving.get("/charts/hosted/web/1.0.0").status, 200);
    // As it was pushed, byte for byte.
    let manifest = serving.get("/v2/hosted/web/manifests/1.0.0");
    assert_eq!(manifest.text(), chart_manifest(&archive).to_string());
    assert_eq!(manifest.header("content-type"), MANIFEST);
    assert_eq!(manifest.header("docker-content-digest"), digest(&manifest.body));
    let blob = format!("/v2/hosted/web/blobs/{}", digest(&archive));
    assert_eq!(serving.get(&blob).body, archive);
    let head = serving.request("HEAD", &blob, &[], b"");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, archive.len().to_string().as_str())
    );

    // The same again is nothing new; another archive of that version is refused.
    assert_eq!(registry.push_chart("hosted/web", "1.0.0", &archive).status, 201);
    let mut other = archive.clone();
    // The operating system in the head of gzip: the same chart, other bytes.
    other[9] ^= 1;
    let exists = registry.push_chart("hosted/web", "1.0.0", &other);
    assert_eq!(code(&exists), refused(409, "DENIED"), "{}", exists.text());
    assert_eq!(serving.get("/hosted/charts/web-1.0.0.tgz").body, archive);

    // Uploaded with ChartMuseum's API: a manifest is made, and stays the same.
    let newer = chart("web", "1.1.0+build.5");
    let uploaded = registry.as_olga("POST", "/hosted/api/charts", &[], &newer);
    assert_eq!(uploaded.status, 201, "{}", uploaded.text());
    assert_eq!(registry.tags("hosted/web"), json!(["1.0.0", "1.1.0_build.5"]));
    let made = serving.get("/v2/hosted/web/manifests/1.1.0_build.5");
    assert_eq!(made.status, 200, "{}", made.text());
    let layer = &made.json()["layers"][0];
    assert_eq!(*layer, descriptor(CHART, &newer));
    let config = made.json()["config"]["digest"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let config = serving.get(&format!("/v2/hosted/web/blobs/{config}")).json();
    assert_eq!(
        (&config["name"], &config["version"]),
        (&json!("web"), &json!("1.1.0+build.5"))
    );
    let by_digest = format!("/v2/hosted/web/manifests/{}", digest(&made.body));
    assert_eq!(serving.get(&by_digest).body, made.body);

    // `cosign copy` puts a manifest at a tag of its own digest, too; that of another is none of a chart's.
    let own = chart_manifest(&archive);
    let own_tag = digest(own.to_string().as_bytes()).replace(':', "-");
    assert_eq!(registry.put_manifest("hosted/web", &own_tag, &own).status, 201);
    let at_own = format!("/v2/hosted/web/manifests/{own_tag}");
    assert_eq!(serving.get(&at_own).text(), own.to_string());
    let other_tag = digest(b"other").replace(':', "-");
    let elsewhere = registry.put_manifest("hosted/web", &other_tag, &own);
    assert_eq!(code(&elsewhere), refused(400, "MANIFEST_INVALID"));
    assert_eq!(registry.tags("hosted/web"), json!(["1.0.0", "1.1.0_build.5"]));

    // What is deleted by one door is gone at the other.
    let gone = registry.as_olga("DELETE", "/hosted/api/charts/web/1.1.0+build.5", &[], b"");
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert_eq!(code(&serving.get(&by_digest)), refused(404, "MANIFEST_UNKNOWN"));
    assert_eq!(registry.tags("hosted/web"), json!(["1.0.0"]));
    let deleted = registry.as_olga("DELETE", "/v2/hosted/web/manifests/1.0.0", &[], b"");
    assert_eq!(deleted.status, 202, "{}", deleted.text());
    assert!(!serving.get("/hosted/index.yaml").text().contains("web-1.0.0.tgz"));
    assert_eq!(serving.get("/charts/hosted/web/1.0.0").status, 410);
    assert_eq!(code(&serving.get(&at_own)), refused(404, "MANIFEST_UNKNOWN"));
}

/// Whoever was cut off goes on where that was (RFC 9110 section 14).
#[test]
fn a_blob_is_had_in_parts() {
    let registry = Registry::start(&[]);
    let archive = chart("web", "1.0.0");
    assert_eq!(registry.push_chart("hosted/web", "1.0.0", &archive).status, 201);
    let serving = &registry.serving;
    // The archive is a hosted file, the other a blob beside them.
    let other = b"A blob that is no chart.";
    registry.push_blob("hosted/web", other);
    for bytes in [&archive[..], other] {
        let digest = digest(bytes);
        let path = format!("/v2/hosted/web/blobs/{digest}");
        let whole = serving.get(&path).body;
        assert_eq!(whole, bytes);
        let part = |range: &str| serving.request("GET", &path, &[("range", range)], b"");
        let size = whole.len();
        let middle = part("bytes=3-5");
        assert_eq!((middle.status, &middle.body[..]), (206, &whole[3..=5]));
        assert_eq!(middle.header("content-range"), format!("bytes 3-5/{size}"));
        assert_eq!(middle.header("docker-content-digest"), digest);
        let rest = part("bytes=2-");
        assert_eq!((rest.status, &rest.body[..]), (206, &whole[2..]));
        let end = part("bytes=-1");
        assert_eq!((end.status, &end.body[..]), (206, &whole[size - 1..]));
        let past = part(&format!("bytes={size}-"));
        assert_eq!(code(&past), refused(416, "SIZE_INVALID"), "{}", past.text());
        assert_eq!(past.header("content-range"), format!("bytes */{size}"));
        let several = part("bytes=0-0,2-2");
        assert_eq!((several.status, &several.body), (200, &whole));
        assert_eq!(several.header("accept-ranges"), "bytes");
        let etag = several.header("etag").to_owned();
        for (known, want) in [(etag.as_str(), 206), ("\"sha256:another\"", 200)] {
            let headers = [("range", "bytes=0-0"), ("if-range", known)];
            assert_eq!(
                serving.request("GET", &path, &headers, b"").status,
                want,
                "{known}"
            );
        }
        let head = serving.request("HEAD", &path, &[("range", "bytes=0-0")], b"");
        assert_eq!(
            (head.status, head.header("content-length")),
            (200, size.to_string().as_str())
        );
    }
}

#[test]
fn uploads_come_in_pieces_and_are_checked() {
    let registry = Registry::start(&[("CHARTROOM__HOSTED__MAX_UPLOAD_BYTES", "100000")]);
    let name = "hosted/web";
    let bytes: Vec<u8> = (0..50_000_u32).map(|n| n as u8).collect();
    let (first, rest) = bytes.split_at(20_000);
    let address = registry.begin(name);
    let patch =
        |range: &str, part: &[u8]| registry.as_olga("PATCH", &address, &[("content-range", range)], part);
    let taken = patch("0-19999", first);
    assert_eq!(
        (taken.status, taken.header("range")),
        (202, "0-19999"),
        "{}",
        taken.text()
    );
    // Out of order: it says where it is.
    let again = patch("0-19999", first);
    assert_eq!(
        (again.status, again.header("range")),
        (416, "0-19999"),
        "{}",
        again.text()
    );
    assert_eq!(patch("x", rest).status, 409);
    let progress = registry.as_olga("GET", &address, &[], b"");
    assert_eq!((progress.status, progress.header("range")), (204, "0-19999"));
    // Another repository does not have the upload, whoever asks.
    let elsewhere = address.replace("/web/", "/db/");
    assert_eq!(
        code(&registry.as_olga("PATCH", &elsewhere, &[], rest)),
        refused(404, "BLOB_UPLOAD_UNKNOWN")
    );
    let finished = registry.as_olga("PUT", &format!("{address}?digest={}", digest(&bytes)), &[], rest);
    assert_eq!(finished.status, 201, "{}", finished.text());
    let blob = format!("/v2/{name}/blobs/{}", digest(&bytes));
    assert_eq!(registry.serving.get(&blob).body, bytes);
    assert_eq!(
        code(&registry.as_olga("GET", &address, &[], b"")),
        refused(404, "BLOB_UPLOAD_UNKNOWN")
    );

    // Bytes that are not those of the digest are nothing, and the upload is over.
    let address = registry.begin(name);
    let wrong = registry.as_olga("PUT", &format!("{address}?digest={}", digest(b"x")), &[], b"y");
    assert_eq!(code(&wrong), refused(400, "DIGEST_INVALID"));
    assert_eq!(
        registry
            .serving
            .get(&format!("/v2/{name}/blobs/{}", digest(b"x")))
            .status,
        404
    );
    assert_eq!(registry.as_olga("GET", &address, &[], b"").status, 404);
    for bad in ["", "sha256:", "sha256:../../etc", "md5:00"] {
        let address = registry.begin(name);
        let reply = registry.as_olga("PUT", &format!("{address}?digest={bad}"), &[], b"y");
        assert_eq!(code(&reply), refused(400, "DIGEST_INVALID"), "{bad}");
        assert_eq!(registry.as_olga("DELETE", &address, &[], b"").status, 204);
    }
    let long = registry.as_olga("PATCH", &registry.begin(name), &[], &vec![0; 100_001]);
    assert_eq!(code(&long), refused(413, "SIZE_INVALID"));

    // In one request, and from another repository.
    let at_once = format!("/v2/{name}/blobs/uploads/?digest={}", digest(b"once"));
    assert_eq!(registry.as_olga("POST", &at_once, &[], b"once").status, 201);
    let mount = |from: &str| {
        let address = format!(
            "/v2/hosted/db/blobs/uploads/?mount={}&from={from}",
            digest(b"once")
        );
        registry.as_olga("POST", &address, &[], b"").status
    };
    assert_eq!(mount("hosted/other"), 202);
    let in_db = format!("/v2/hosted/db/blobs/{}", digest(b"once"));
    assert_eq!(code(&registry.serving.get(&in_db)), refused(404, "BLOB_UNKNOWN"));
    assert_eq!(mount(name), 201);
    assert_eq!(registry.serving.get(&in_db).body, b"once");
}

#[test]
fn what_says_something_of_a_chart_is_found_beside_it() {
    let registry = Registry::start(&[]);
    let name = "hosted/web";
    let archive = chart("web", "1.0.0");
    assert_eq!(registry.push_chart(name, "1.0.0", &archive).status, 201);
    let of = registry.serving.get("/v2/hosted/web/manifests/1.0.0").body;
    registry.push_blob(name, b"signature");
    let signature = |kind: &str| {
        json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": kind,
            "config": descriptor("application/vnd.oci.empty.v1+json", b"{}"),
            "layers": [descriptor("application/x", b"signature")],
            "subject": descriptor(MANIFEST, &of),
            "annotations": { "by": "olga" },
        })
    };
    for kind in ["application/x.signature", "application/x.sbom"] {
        let manifest = signature(kind);
        let reply = registry.put_manifest(name, &digest(manifest.to_string().as_bytes()), &manifest);
        assert_eq!(reply.status, 201, "{}", reply.text());
        assert_eq!(reply.header("oci-subject"), digest(&of));
    }
    let referrers = format!("/v2/{name}/referrers/{}", digest(&of));
    let all = registry.serving.get(&referrers);
    assert_eq!(
        all.header("content-type"),
        "application/vnd.oci.image.index.v1+json"
    );
    assert_eq!(all.json()["manifests"].as_array().map(Vec::len), Some(2));
    let one = registry
        .serving
        .get(&format!("{referrers}?artifactType=application%2Fx.sbom"));
    assert_eq!(one.header("oci-filters-applied"), "artifactType");
    let one = one.json()["manifests"].clone();
    assert_eq!(
        (one.as_array().map(Vec::len), &one[0]["annotations"]["by"]),
        (Some(1), &json!("olga"))
    );
    let none = registry
        .serving
        .get(&format!("/v2/{name}/referrers/{}", digest(b"nobody")));
    assert_eq!(
        (none.status, none.json()["manifests"].as_array().map(Vec::len)),
        (200, Some(0))
    );

    // As cosign does without referrers: a tag made of the digest. It is a tag, and no version.
    let tag = format!("{}.sig", digest(&of).replace(':', "-"));
    assert_eq!(registry.put_manifest(name, &tag, &signature("")).status, 201);
    assert_eq!(registry.tags(name), json!(["1.0.0", tag]));
    assert!(
        !registry
            .serving
            .get("/hosted/index.yaml")
            .text()
            .contains("sha256-")
    );
    // The tag of a version is the chart's, whatever is pushed to it.
    let taken = registry.put_manifest(name, "1.0.0", &signature("application/x"));
    assert_eq!(code(&taken), refused(409, "DENIED"), "{}", taken.text());
    assert_eq!(
        registry
            .as_olga("DELETE", &format!("/v2/{name}/manifests/{tag}"), &[], b"")
            .status,
        202
    );
    assert_eq!(registry.tags(name), json!(["1.0.0"]));

    // Lists go on where they ended.
    assert_eq!(
        registry.push_chart(name, "1.1.0", &chart("web", "1.1.0")).status,
        201
    );
    assert_eq!(
        registry
            .push_chart("hosted/db", "2.0.0", &chart("db", "2.0.0"))
            .status,
        201
    );
    let page = registry.serving.get(&format!("/v2/{name}/tags/list?n=1"));
    assert_eq!(page.json()["tags"], json!(["1.0.0"]));
    let next = page
        .header("link")
        .trim_start_matches('<')
        .split('>')
        .next()
        .unwrap_or_default();
    let page = registry.serving.get(next);
    assert_eq!(
        (page.json()["tags"].clone(), page.header("link")),
        (json!(["1.1.0"]), "")
    );
    let catalog = registry.serving.get("/v2/_catalog").json();
    assert_eq!(catalog["repositories"], json!(["hosted/db", "hosted/web"]));
}

#[test]
fn what_is_no_chart_of_that_name_is_refused() {
    let registry = Registry::start(&[]);
    let archive = chart("web", "1.0.0");
    for (name, tag) in [
        ("hosted/db", "1.0.0"),
        ("hosted/web", "latest"),
        ("hosted/web", "1.0.1"),
    ] {
        let reply = registry.push_chart(name, tag, &archive);
        assert_eq!(
            code(&reply),
            refused(400, "MANIFEST_INVALID"),
            "{name}:{tag} {}",
            reply.text()
        );
    }
    let reply = registry.push_chart("hosted/web", "1.0.0", b"no archive");
    assert_eq!(code(&reply), refused(400, "MANIFEST_INVALID"));
    let absent = registry.put_manifest("hosted/web", "1.0.0", &chart_manifest(b"never pushed"));
    assert_eq!(code(&absent), refused(400, "MANIFEST_BLOB_UNKNOWN"));
    let mut lie = chart_manifest(&archive);
    lie["layers"][0]["size"] = json!(1);
    registry.push_blob("hosted/web", &archive);
    assert_eq!(
        code(&registry.put_manifest("hosted/web", "1.0.0", &lie)),
        refused(400, "MANIFEST_BLOB_UNKNOWN")
    );
    let other = registry.put_manifest("hosted/web", &digest(b"x"), &chart_manifest(&archive));
    assert_eq!(code(&other), refused(400, "DIGEST_INVALID"));
    let long = json!({ "schemaVersion": 2, "config": descriptor("x", b"{}"), "pad": "x".repeat(4 << 20) });
    assert_eq!(
        code(&registry.put_manifest("hosted/web", "1.0.0", &long)),
        refused(413, "SIZE_INVALID")
    );
    // Nothing of all this is anywhere.
    assert!(!registry.serving.get("/hosted/index.yaml").text().contains("web"));
    for name in ["hosted", "other/web", "hosted/Web", "hosted/..", "hosted/a/b"] {
        let reply = registry.serving.get(&format!("/v2/{name}/tags/list"));
        assert_eq!(reply.status, 404, "{name}");
    }
}

#[test]
fn rights_are_those_of_every_other_door() {
    let data = tempfile::tempdir().expect("a folder");
    add_user(data.path(), "olga", "operator");
    add_user(data.path(), "victor", "viewer");
    let closed = [("CHARTROOM__ACCESS__ANONYMOUS_CATALOG", "false")];
    let serving = Serving::start(data.path(), &closed);
    let stranger = serving.get("/v2/");
    assert_eq!(code(&stranger), refused(401, "UNAUTHORIZED"));
    let challenge = stranger.header("www-authenticate");
    let realm = format!("Bearer realm=\"http://127.0.0.1:{}/v2/token\"", serving.port);
    assert!(challenge.starts_with(&realm), "{challenge}");
    let upload = "/v2/hosted/web/blobs/uploads/";
    let refusal = serving.request("POST", upload, &[], b"");
    assert_eq!(refusal.status, 401);
    let scope = "scope=\"repository:hosted/web:pull,push\"";
    assert!(
        refusal.header("www-authenticate").contains(scope),
        "{}",
        refusal.header("www-authenticate")
    );

    // A name and a token become a token; wrong ones do not.
    let token = |user: &str, scope: &str| {
        let basic = format!(
            "Basic {}",
            base64(format!("ci:{}", serving.token(user, scope)).as_bytes())
        );
        let reply = serving.request("GET", "/v2/token?service=x", &[("authorization", &basic)], b"");
        assert_eq!(reply.status, 200, "{}", reply.text());
        format!("Bearer {}", reply.json()["token"].as_str().unwrap_or_default())
    };
    let wrong = format!("Basic {}", base64(b"ci:wrong"));
    let wrong = serving.request("GET", "/v2/token", &[("authorization", &wrong)], b"");
    assert_eq!(wrong.status, 401);
    let nobody = serving.get("/v2/token").json()["token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let nobody = format!("Bearer {nobody}");
    assert_eq!(
        serving
            .request("GET", "/v2/", &[("authorization", &nobody)], b"")
            .status,
        401
    );
    for (user, scope, push) in [
        ("olga", "charts:write", 202),
        ("olga", "releases:write", 403),
        ("victor", "charts:write", 403),
    ] {
        let bearer = token(user, scope);
        let headers = [("authorization", bearer.as_str())];
        assert_eq!(
            serving.request("POST", upload, &headers, b"").status,
            push,
            "{user} {scope}"
        );
    }
    let reading = token("victor", "read");
    assert_eq!(
        serving
            .request("GET", "/v2/", &[("authorization", &reading)], b"")
            .status,
        200
    );
    let olga = token("olga", "charts:write");
    let foreign = [
        ("authorization", olga.as_str()),
        ("origin", "https://evil.example.com"),
    ];
    assert_eq!(serving.request("POST", upload, &foreign, b"").status, 403);
}

fn helm_at_home(variable: &str) {
    let home = tempfile::tempdir().expect("a folder");
    let Some(helm) = Helm::find(variable, home.path()) else {
        return;
    };
    // The site may be below a path; registries never are.
    let registry = Registry::start(&[("CHARTROOM__SERVER__BASE_PATH", "/catalog")]);
    let host = format!("127.0.0.1:{}", registry.serving.port);
    let login = [
        "registry",
        "login",
        &host,
        "--plain-http",
        "--username",
        "ci",
        "--password",
    ];
    helm.fails(&[&login[..], &["wrong"]].concat());
    helm.works(&[&login[..], &[registry.token.as_str()]].concat());
    let to = format!("oci://{host}/hosted");
    for version in ["1.0.0", "1.1.0", "1.2.0-rc.1+build.5"] {
        let file = format!("web-{version}.tgz");
        std::fs::write(home.path().join(&file), chart("web", version)).expect("it is written");
        helm.works(&["push", &file, &to, "--plain-http"]);
        std::fs::remove_file(home.path().join(&file)).expect("it is removed");
    }
    let page = registry.serving.get("/catalog/charts/hosted/web/1.1.0");
    assert!(page.text().contains("This is web 1.1.0"), "{}", page.text());
    let from = format!("oci://{host}/hosted/web");
    for (version, file) in [
        ("", "web-1.1.0.tgz"),
        ("~1.0", "web-1.0.0.tgz"),
        ("1.2.0-rc.1+build.5", "web-1.2.0-rc.1+build.5.tgz"),
    ] {
        let mut pull = vec!["pull", &from, "--plain-http"];
        pull.extend(
            (!version.is_empty())
                .then_some(["--version", version])
                .into_iter()
                .flatten(),
        );
        helm.works(&pull);
        let pulled = std::fs::read(home.path().join(file)).expect("it is pulled");
        let version = file.trim_start_matches("web-").trim_end_matches(".tgz");
        assert_eq!(pulled, chart("web", version));
    }
    let shown = helm.works(&["show", "values", &from, "--plain-http"]);
    assert!(shown.contains("replicas: 1"), "{shown}");
    let rendered = helm.works(&["template", "mine", &from, "--version", "1.0.0", "--plain-http"]);
    assert!(rendered.contains("name: mine"), "{rendered}");
    // One that came by the other door.
    let uploaded = registry.as_olga("POST", "/catalog/hosted/api/charts", &[], &chart("db", "2.0.0"));
    assert_eq!(uploaded.status, 201, "{}", uploaded.text());
    helm.works(&["pull", &format!("oci://{host}/hosted/db"), "--plain-http"]);
    let pulled = std::fs::read(home.path().join("db-2.0.0.tgz")).expect("it is pulled");
    assert_eq!(pulled, chart("db", "2.0.0"));
    helm.works(&["registry", "logout", &host]);
    std::fs::write(home.path().join("web-3.0.0.tgz"), chart("web", "3.0.0")).expect("it is written");
    helm.fails(&["push", "web-3.0.0.tgz", &to, "--plain-http"]);
}

#[test]
fn helm_3_pushes_and_pulls() {
    helm_at_home("CHARTROOM_TEST_HELM3");
}

#[test]
fn helm_4_pushes_and_pulls() {
    helm_at_home("CHARTROOM_TEST_HELM4");
}
