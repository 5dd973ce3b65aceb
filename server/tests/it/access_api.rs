//! Users, tokens and the audit log over the API.

use http::Method;
use http::header::{CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use model::access::Role;
use serde_json::json;

use crate::site::{PASSWORD, Sent, Site, block_on};

#[test]
fn who_asks_and_what_they_may_do() {
    block_on(async {
        let site = Site::new().await;
        site.user("alice", Some(Role::Operator)).await;
        let nobody = site.send(Sent::get("/api/v1/session")).await.json();
        assert_eq!(nobody["data"]["name"], json!(null));
        assert_eq!(nobody["data"]["rights"]["read_catalog"], json!(true));

        let credentials = json!({ "name": "alice", "password": PASSWORD });
        let answer = site
            .send(Sent::json(Method::POST, "/api/v1/session", &credentials))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.json()["data"]["name"], "alice");
        let cookie = answer.cookie();
        let me = site
            .send(Sent::get("/api/v1/session?cluster=prod&namespace=shop").with(&cookie))
            .await
            .json();
        assert_eq!(
            me["data"],
            json!({
                "name": "alice",
                "via": "session",
                "grants": [{ "role": "operator", "cluster": null, "namespace": null }],
                "scopes": [],
                "rights": {
                    "read_catalog": true,
                    "manage_repositories": false,
                    "manage_accounts": false,
                    "read_audit": false,
                    "manage_own_account": true,
                    "releases": { "read": true, "change": true, "read_all_namespaces": true },
                },
            })
        );
        let sent = Sent {
            method: Method::DELETE,
            origin: Some("http://localhost:8080"),
            ..Sent::get("/api/v1/session").with(&cookie)
        };
        let out = site.send(sent).await;
        assert_eq!(out.status, 204);
        assert!(out.header(SET_COOKIE).contains("Max-Age=0"));
        let me = site.send(Sent::get("/api/v1/session").with(&cookie)).await.json();
        assert_eq!(me["data"]["name"], json!(null));
    });
}

#[test]
fn every_address_asks_for_the_right_that_it_needs() {
    block_on(async {
        let site = Site::new().await;
        site.user("root", Some(Role::Admin)).await;
        site.user("alice", Some(Role::Operator)).await;
        let alice = site.sign_in("alice").await;
        let narrow = site.token("root", &["releases:write"]).await;
        let wide = site.token("root", &["admin"]).await;
        let grant = json!({ "role": "viewer" });
        let user = json!({ "name": "new", "password": PASSWORD });
        let any = json!({ "label": "x", "scopes": ["read"], "valid_days": 1 });
        let nothing = json!({});
        let given = json!({ "token": "abc" });
        // Method, path, body; what nobody, an operator, a token of an administrator without and with the scope are told.
        let rows = [
            (Method::GET, "/api/v1/users", &nothing, [401, 403, 403, 200]),
            (Method::POST, "/api/v1/users", &user, [401, 403, 403, 201]),
            (Method::GET, "/api/v1/users/alice", &nothing, [401, 403, 403, 200]),
            (
                Method::PATCH,
                "/api/v1/users/alice",
                &nothing,
                [401, 403, 403, 200],
            ),
            (
                Method::GET,
                "/api/v1/users/alice/grants",
                &nothing,
                [401, 403, 403, 200],
            ),
            (
                Method::POST,
                "/api/v1/users/alice/grants",
                &grant,
                [401, 403, 403, 200],
            ),
            (
                Method::DELETE,
                "/api/v1/users/alice/grants?role=viewer",
                &nothing,
                [401, 403, 403, 200],
            ),
            (Method::GET, "/api/v1/audit", &nothing, [401, 403, 403, 200]),
            // One's own: a user's session, no token.
            (Method::GET, "/api/v1/tokens", &nothing, [401, 200, 403, 403]),
            (Method::POST, "/api/v1/tokens", &any, [401, 201, 403, 403]),
            (
                Method::DELETE,
                "/api/v1/tokens/999",
                &nothing,
                [401, 404, 403, 403],
            ),
            (Method::DELETE, "/api/v1/tokens/x", &nothing, [401, 404, 403, 403]),
            (
                Method::GET,
                "/api/v1/session/clusters",
                &nothing,
                [401, 200, 403, 403],
            ),
            (
                Method::PUT,
                "/api/v1/session/clusters/none",
                &given,
                [401, 404, 403, 403],
            ),
            (
                Method::DELETE,
                "/api/v1/session/clusters/none",
                &nothing,
                [401, 404, 403, 403],
            ),
            // What cannot be read is said in the same shape.
            (
                Method::GET,
                "/api/v1/audit?before=x",
                &nothing,
                [400, 400, 400, 400],
            ),
            (
                Method::DELETE,
                "/api/v1/users/alice/grants?role=x",
                &nothing,
                [400, 400, 400, 400],
            ),
        ];
        for (method, path, body, want) in rows {
            let sent = || Sent {
                origin: Some("http://localhost:8080"),
                ..Sent::json(method.clone(), path, body)
            };
            let got = [
                site.send(sent()).await,
                site.send(sent().with(&alice)).await,
                site.send(sent().by(&narrow)).await,
                site.send(sent().by(&wide)).await,
            ];
            let statuses = got.each_ref().map(|answer| answer.status);
            assert_eq!(statuses, want, "{method} {path}: {got:?}");
            for answer in &got {
                if answer.status >= 400 {
                    assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json");
                    assert_eq!(answer.json()["status"], answer.status);
                }
                let asks = answer.header(WWW_AUTHENTICATE);
                assert_eq!(asks, if answer.status == 401 { "Bearer" } else { "" }, "{path}");
            }
        }
    });
}

#[test]
fn a_token_needs_no_origin_and_a_session_does() {
    block_on(async {
        let site = Site::new().await;
        site.user("root", Some(Role::Admin)).await;
        site.user("alice", None).await;
        let cookie = site.sign_in("root").await;
        let token = site.token("root", &["admin"]).await;
        let body = json!({ "disabled": true });
        let path = "/api/v1/users/alice";
        let sent = |origin| Sent {
            origin,
            ..Sent::json(Method::PATCH, path, &body)
        };
        let own = Some("http://localhost:8080");
        assert_eq!(site.send(sent(None).with(&cookie)).await.status, 403);
        assert_eq!(
            site.send(sent(Some("https://evil.org")).with(&cookie))
                .await
                .status,
            403
        );
        assert_eq!(site.send(sent(own).with(&cookie)).await.status, 200);
        assert_eq!(site.send(sent(None).by(&token)).await.status, 200);
        // What a form of another site could send without being asked.
        let disguised = Sent {
            content_type: Some("text/plain"),
            ..sent(own)
        };
        assert_eq!(site.send(disguised.with(&cookie)).await.status, 400);
        // A token that is wrong is told so, whatever is asked for.
        for path in ["/api/v1/repositories", "/charts"] {
            let answer = site.send(Sent::get(path).by("crt_wrong")).await;
            assert_eq!(
                (answer.status, answer.header(WWW_AUTHENTICATE)),
                (401, "Bearer"),
                "{path}"
            );
        }
        // One that is none of ours may be a proxy's.
        assert_eq!(site.send(Sent::get("/charts").by("eyJhbGciOi")).await.status, 200);
    });
}

#[test]
fn users_are_managed_and_every_step_is_in_the_log() {
    block_on(async {
        let site = Site::new().await;
        site.user("root", Some(Role::Admin)).await;
        let token = site.token("root", &["admin"]).await;
        let send = async |method: Method, path: &str, body: serde_json::Value| {
            let answer = site.send(Sent::json(method, path, &body).by(&token)).await;
            (answer.status, answer.json())
        };
        let new = json!({
            "name": "bob",
            "password": PASSWORD,
            "grants": [{ "role": "operator", "cluster": "prod", "namespace": "shop" }],
            "kubernetes_groups": ["shop-team"],
        });
        let (status, made) = send(Method::POST, "/api/v1/users", new.clone()).await;
        assert_eq!(status, 201, "{made}");
        assert_eq!(made["data"]["kubernetes_user"], "bob");
        assert_eq!(made["data"]["grants"][0]["namespace"], "shop");
        assert!(made["data"].get("password").is_none());
        let (_, all) = send(Method::GET, "/api/v1/users", serde_json::Value::Null).await;
        assert_eq!(all["data"]["total"], 2, "{all}");
        let (_, part) = send(Method::GET, "/api/v1/users?cursor=bob", serde_json::Value::Null).await;
        assert_eq!(part["data"]["items"].as_array().map(Vec::len), Some(1), "{part}");
        assert_eq!(part["data"]["items"][0]["name"], "root");
        assert_eq!(part["data"]["previous"], "");
        let (status, _) = send(Method::GET, "/api/v1/users?cursor=No!", serde_json::Value::Null).await;
        assert_eq!(status, 400);
        let (status, problem) = send(Method::POST, "/api/v1/users", new).await;
        assert_eq!(
            (status, problem["detail"].as_str()),
            (409, Some("`bob`: the name is taken"))
        );

        let (status, problem) = send(
            Method::PATCH,
            "/api/v1/users/bob",
            json!({ "kubernetes_groups": ["system:masters"] }),
        )
        .await;
        assert_eq!(status, 400, "{problem}");
        let (status, changed) = send(
            Method::PATCH,
            "/api/v1/users/bob",
            json!({ "disabled": true, "kubernetes_user": "bob@example.com" }),
        )
        .await;
        assert_eq!(status, 200, "{changed}");
        assert_eq!(changed["data"]["disabled"], true);
        assert_eq!(changed["data"]["kubernetes_user"], "bob@example.com");
        assert_eq!(
            changed["data"]["kubernetes_groups"],
            json!(["shop-team"]),
            "what is left out stays"
        );

        for body in [
            json!({ "disable": true }),
            json!({ "disabled": "yes" }),
            json!([]),
        ] {
            let (status, problem) = send(Method::PATCH, "/api/v1/users/bob", body.clone()).await;
            assert_eq!(status, 400, "{body}: {problem}");
        }
        let secret = json!({ "name": "x", "password": { "text": "my-very-secret" } });
        let (status, problem) = send(Method::POST, "/api/v1/users", secret).await;
        assert_eq!(status, 400);
        assert!(!problem.to_string().contains("my-very-secret"), "{problem}");
        let (status, _) = send(Method::GET, "/api/v1/users/nobody", json!({})).await;
        assert_eq!(status, 404);

        let (_, log) = send(Method::GET, "/api/v1/audit", json!({})).await;
        let lines: Vec<_> = log["data"]["entries"]
            .as_array()
            .expect("entries")
            .iter()
            .map(|entry| {
                let word = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                format!("{} {} {}", word("action"), word("object"), word("outcome"))
            })
            .collect();
        assert_eq!(
            lines.get(..5),
            Some(
                &[
                    "user.disable bob done".to_owned(),
                    "user.identity bob done".to_owned(),
                    "user.identity bob failed".to_owned(),
                    "user.create bob failed".to_owned(),
                    "user.create bob done".to_owned(),
                ][..]
            ),
            "{log}"
        );
    });
}

#[test]
fn too_many_attempts_are_told_when_to_come_back() {
    block_on(async {
        let site = Site::new().await;
        site.user("alice", None).await;
        let wrong = json!({ "name": "alice", "password": "wrong" });
        for _ in 0..10 {
            let answer = site
                .send(Sent::json(Method::POST, "/api/v1/session", &wrong))
                .await;
            assert_eq!(answer.status, 401);
        }
        let answer = site
            .send(Sent::json(Method::POST, "/api/v1/session", &wrong))
            .await;
        assert_eq!(answer.status, 429);
        let seconds: u64 = answer.header(RETRY_AFTER).parse().expect("a number");
        assert!((1..=60).contains(&seconds), "{seconds}");
    });
}
