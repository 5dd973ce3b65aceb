//! What is decided about hosted repositories, by the API and by the forms of pages: copies, retention, webhooks, rights.

use backend::ops::NewUpload;
use backend::{Bytes, Viewer};
use helm::archive::{Modified, pack};
use http::Method;
use model::access::Role;
use serde_json::{Value, json};

use crate::site::{Answer, Sent, Site, block_on};

const CHARTS: &[&str] = &["charts:write"];

/// A site with tenants, an administrator `root` and a user `alice` without a role.
async fn site() -> (Site, String) {
    let site = Site::with(|config| config.hosted.depth_dynamic = true).await;
    site.user("root", Some(Role::Admin)).await;
    site.user("alice", None).await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        push(&site, "dev", version).await;
    }
    let cookie = site.sign_in("root").await;
    (site, cookie)
}

async fn push(site: &Site, tenant: &str, version: &str) {
    let metadata = format!("apiVersion: v2\nname: web\nversion: {version}\n");
    let files = [("Chart.yaml", metadata.as_bytes())];
    let new = NewUpload {
        archive: Some(Bytes::from(
            pack("web", files, Modified::default()).expect("it packs"),
        )),
        ..NewUpload::default()
    };
    let uploaded = site.backend.hosted().upload(&Viewer::system(), tenant, new).await;
    uploaded.expect("it is taken");
}

async fn api(site: &Site, token: &str, method: Method, path: &str, body: Value) -> Answer {
    let path = format!("/api/v1/repositories/{path}");
    let sent = match body {
        Value::Null => Sent {
            method,
            ..Sent::get(&path)
        },
        body => Sent::json(method, &path, &body),
    };
    site.send(sent.by(token)).await
}

/// Sends a form of a page.
async fn form(site: &Site, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form_token = site.form_token(cookie).await;
    let mut fields = fields.to_vec();
    fields.push(("form_token", &form_token));
    site.send(Sent::form(path, &fields).with(cookie)).await
}

#[test]
fn a_version_is_copied_by_the_api_and_by_a_button() {
    block_on(async {
        let (site, cookie) = site().await;
        let token = site.token("root", CHARTS).await;
        let path = "hosted.dev/charts/web/versions/1.0.0/copy";
        let made = api(&site, &token, Method::POST, path, json!({ "tenant": "stable" })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.json()["data"]["digest"].as_str().map(str::len), Some(64));
        for (body, status) in [
            (json!({ "repository": "hosted.stable" }), 409),
            (json!({ "repository": "hosted.nowhere" }), 404),
            (json!({ "tenant": "../up" }), 404),
            (json!({}), 400),
            (json!({ "tenant": "a", "repository": "hosted.stable" }), 400),
        ] {
            let refused = api(&site, &token, Method::POST, path, body.clone()).await;
            assert_eq!(refused.status, status, "{body}: {}", refused.body);
        }

        let page = site
            .send(Sent::get("/repositories/hosted.dev").with(&cookie))
            .await;
        assert!(
            page.body.contains("<option value=\"hosted.stable\""),
            "it can be chosen"
        );
        let fields = [
            ("do", "copy"),
            ("chart", "web"),
            ("version", "1.1.0"),
            ("to", "hosted.stable"),
        ];
        let copied = form(&site, &cookie, "/repositories/hosted.dev", &fields).await;
        assert_eq!(
            (copied.status, copied.location()),
            (303, "/repositories/hosted.dev?done=copied&to=hosted.stable")
        );
        let index = site.send(Sent::get("/hosted/stable/index.yaml")).await;
        assert!(index.body.contains("web-1.1.0.tgz"), "{}", index.body);
        let again = form(&site, &cookie, "/repositories/hosted.dev", &fields).await;
        assert_eq!(again.status, 409);
        assert!(again.body.contains("1.1.0.tgz exists already"), "it says why");
    });
}

#[test]
fn what_goes_is_shown_confirmed_and_gone() {
    block_on(async {
        let (site, cookie) = site().await;
        let token = site.token("root", CHARTS).await;
        let rules = json!({ "rules": { "keep_releases": 1 } });
        let shown = api(&site, &token, Method::PUT, "hosted.dev/retention", rules).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert_eq!(shown.json()["data"]["plan"]["n_versions"], 2);
        let wrong = json!({ "digest": "0" });
        let refused = api(&site, &token, Method::POST, "hosted.dev/retention/apply", wrong).await;
        assert_eq!(refused.status, 409, "{}", refused.body);

        let path = "/repositories/hosted.dev/retention";
        let fields = [
            ("do", "rules"),
            ("keep_releases", "2"),
            ("release_days", ""),
            ("except", "db\nweb 9.*"),
        ];
        let saved = form(&site, &cookie, path, &fields).await;
        assert_eq!(
            (saved.status, saved.location()),
            (303, "/repositories/hosted.dev/retention?done=rules")
        );
        let bad = form(&site, &cookie, path, &[("do", "rules"), ("keep_releases", "two")]).await;
        assert_eq!(bad.status, 400);
        assert!(
            bad.body.contains("Keep releases is a whole number, such as 10."),
            "{}",
            bad.body
        );
        assert!(bad.body.contains("value=\"two\""), "what was typed stays");
        let page = site.send(Sent::get(path).with(&cookie)).await;
        assert!(page.body.contains("web 1.0.0") && page.body.contains("2 newer releases; 2 stay"));
        assert!(!page.body.contains(">web 1.1.0<"));
        let plan = page.hidden("plan");
        let applied = form(&site, &cookie, path, &[("do", "apply"), ("plan", &plan)]).await;
        assert_eq!(
            (applied.status, applied.location()),
            (303, "/repositories/hosted.dev/retention?done=applied&n=1")
        );
        let again = form(&site, &cookie, path, &[("do", "apply"), ("plan", &plan)]).await;
        assert_eq!(again.status, 409);
        assert!(again.body.contains("is not what was shown"), "{}", again.body);
        let index = site.send(Sent::get("/hosted/dev/index.yaml")).await;
        assert!(!index.body.contains("1.0.0") && index.body.contains("1.1.0"));
        let now = api(&site, &token, Method::GET, "hosted.dev/retention", Value::Null)
            .await
            .json();
        assert_eq!(
            (&now["data"]["is_applied"], &now["data"]["confirmed_by"]),
            (&json!(true), &json!("root"))
        );
    });
}

#[test]
fn a_webhook_is_made_changed_tried_and_removed() {
    block_on(async {
        let (site, cookie) = site().await;
        let token = site.token("root", CHARTS).await;
        let wish = json!({ "url": "https://ci.example.com/x", "events": ["chart.pushed"], "for_all": true });
        let made = api(&site, &token, Method::POST, "hosted.dev/webhooks", wish).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let secret = made.json()["data"]["secret"]
            .as_str()
            .expect("a secret")
            .to_owned();
        assert!(secret.starts_with("whsec_"));
        let id = made.json()["data"]["id"].as_i64().expect("a number");
        let of = |tail: &str| format!("hosted.dev/webhooks/{id}{tail}");
        let tried = api(&site, &token, Method::POST, &of("/test"), Value::Null).await;
        assert_eq!(tried.status, 204, "{}", tried.body);
        push(&site, "other", "1.0.0").await;
        let listed = api(&site, &token, Method::GET, "hosted.other/webhooks", Value::Null).await;
        let listed = listed.json();
        assert_eq!(listed["data"][0]["n_waiting"], 2);
        assert_eq!(listed["data"][0]["deliveries"][0]["about"], "web 1.0.0");
        assert!(!listed.to_string().contains("whsec_"), "a secret is told once");
        let renewed = api(&site, &token, Method::POST, &of("/secret"), Value::Null).await;
        assert_ne!(renewed.json()["data"]["secret"], secret);
        let off =
            json!({ "url": "https://ci.example.com/y", "events": ["chart.deleted"], "is_enabled": false });
        assert_eq!(api(&site, &token, Method::PUT, &of(""), off).await.status, 204);
        let bad = json!({ "url": "ftp://ci.example.com/", "events": ["chart.deleted"] });
        assert_eq!(api(&site, &token, Method::PUT, &of(""), bad).await.status, 400);

        let path = "/repositories/hosted.dev/webhooks";
        let page = site.send(Sent::get(path).with(&cookie)).await;
        assert!(page.body.contains("https://ci.example.com/y") && !page.body.contains("whsec_"));
        let fields = [
            ("do", "create"),
            ("url", "https://b.example.com/"),
            ("event", "chart.pushed"),
        ];
        let shown = form(&site, &cookie, path, &fields).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body.contains("whsec_"), "it is shown now or never");
        let none = form(
            &site,
            &cookie,
            path,
            &[("do", "create"), ("url", "https://b.example.com/")],
        )
        .await;
        assert_eq!(none.status, 400);
        assert!(
            none.body.contains("Events are needed: choose at least one."),
            "{}",
            none.body
        );
        let id = id.to_string();
        let gone = form(&site, &cookie, path, &[("do", "delete"), ("id", &id)]).await;
        assert_eq!(
            (gone.status, gone.location()),
            (303, "/repositories/hosted.dev/webhooks?done=deleted")
        );
        assert_eq!(
            api(&site, &token, Method::DELETE, &of(""), Value::Null)
                .await
                .status,
            404
        );
    });
}

#[test]
fn rights_are_given_and_taken_and_are_administrators_to_give() {
    block_on(async {
        let (site, cookie) = site().await;
        let root = site.token("root", CHARTS).await;
        let alice = site.sign_in("alice").await;
        let token = site.token("alice", CHARTS).await;
        let delete = "hosted.dev/charts/web?version=1.0.0";
        assert_eq!(
            api(&site, &token, Method::DELETE, delete, Value::Null)
                .await
                .status,
            403
        );
        let wish = json!({ "subject": "user", "name": "alice", "right": "delete" });
        assert_eq!(
            api(&site, &token, Method::POST, "hosted.dev/rights", wish.clone())
                .await
                .status,
            403
        );
        let given = api(&site, &root, Method::POST, "hosted.dev/rights", wish).await;
        assert_eq!(given.status, 204, "{}", given.body);
        let deleted = api(&site, &token, Method::DELETE, delete, Value::Null).await;
        assert_eq!(deleted.status, 200, "{}", deleted.body);
        let other = json!({ "subject": "user", "name": "alice", "right": "delete", "place": "prod" });
        assert_eq!(
            api(&site, &root, Method::POST, "hosted.dev/rights", other)
                .await
                .status,
            400
        );

        let path = "/repositories/hosted.dev/rights";
        let fields = [
            ("do", "grant"),
            ("subject", "group"),
            ("who", "team-a"),
            ("right", "push"),
            ("place", "*"),
        ];
        let given = form(&site, &cookie, path, &fields).await;
        assert_eq!(
            (given.status, given.location()),
            (303, "/repositories/hosted.dev/rights?done=granted")
        );
        let nobody = [
            ("do", "grant"),
            ("subject", "user"),
            ("who", "nobody"),
            ("right", "push"),
            ("place", "*"),
        ];
        let missing = form(&site, &cookie, path, &nobody).await;
        assert_eq!(missing.status, 404);
        let page = site.send(Sent::get(path).with(&cookie)).await;
        assert!(page.body.contains("team-a") && page.body.contains("every hosted repository"));
        let listed = api(&site, &root, Method::GET, "hosted.dev/rights", Value::Null)
            .await
            .json();
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));
        let id = listed["data"][0]["id"].to_string();
        let taken = form(&site, &cookie, path, &[("do", "revoke"), ("id", &id)]).await;
        assert_eq!(taken.status, 303, "{}", taken.body);
        assert_eq!(
            api(&site, &token, Method::DELETE, delete, Value::Null)
                .await
                .status,
            403
        );
        let id = listed["data"][1]["id"].to_string();
        let of = format!("hosted.dev/rights/{id}");
        assert_eq!(
            api(&site, &root, Method::DELETE, &of, Value::Null).await.status,
            204
        );

        // Whoever is not an administrator is told so, and sees nothing.
        for page in ["rights", "retention", "webhooks"] {
            let path = format!("/repositories/hosted.dev/{page}");
            assert_eq!(site.send(Sent::get(&path)).await.status, 401, "{path}");
            assert_eq!(
                site.send(Sent::get(&path).with(&alice)).await.status,
                403,
                "{path}"
            );
        }
        let unknown = site
            .send(Sent::get("/repositories/hosted.dev/other").with(&cookie))
            .await;
        assert_eq!(unknown.status, 404);
    });
}
