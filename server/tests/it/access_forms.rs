//! Coming in and going out with a browser: forms, cookies, and the forgeries that must not work.

use http::header::{CACHE_CONTROL, SET_COOKIE};
use model::access::Role;

use crate::site::{PASSWORD, Sent, Site, block_on};

#[test]
fn the_first_user_comes_in_by_the_link_and_out_by_the_button() {
    block_on(async {
        let site = Site::new().await;
        let sign_in = site.send(Sent::get("/sign-in")).await;
        assert!(sign_in.body.contains("There is no user yet"), "{}", sign_in.body);
        let link = site.backend.accounts().new_setup_link().await;
        let link = link.expect("it answers").expect("nobody is there");
        let path = format!("/setup?token={}", link.expose());
        let page = site.send(Sent::get(&path)).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.hidden("token"), link.expose());
        let short = [
            ("token", link.expose()),
            ("name", "root"),
            ("password", "short-Pw"),
        ];
        let refused = site.send(Sent::form(&path, &short)).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(
            refused.body.contains("Password has at least 12 characters."),
            "{}",
            refused.body
        );
        assert!(
            refused.body.contains("value=\"root\""),
            "the name need not be typed again"
        );
        assert!(
            !refused.body.contains("short-Pw"),
            "a password is never sent back"
        );

        let good = [("token", link.expose()), ("name", "root"), ("password", PASSWORD)];
        let made = site.send(Sent::form("/setup", &good)).await;
        assert_eq!((made.status, made.location()), (303, "/account"), "{}", made.body);
        let cookie = made.cookie();
        let account = site.send(Sent::get("/account").with(&cookie)).await;
        assert_eq!(account.status, 200);
        assert!(account.body.contains("<h1>root</h1>") && account.body.contains("everything"));
        assert_eq!(account.header(CACHE_CONTROL), "private, no-store");
        let secret = cookie.split_once('=').expect("a value").1;
        assert!(!account.body.contains(secret), "the cookie stays out of pages");
        let used = site.send(Sent::get(&path)).await;
        assert_eq!(used.status, 409, "the link is used up");

        let token = account.hidden("form_token");
        let out = site
            .send(Sent::form("/sign-out", &[("form_token", &token)]).with(&cookie))
            .await;
        assert_eq!((out.status, out.location()), (303, "/"));
        assert!(out.header(SET_COOKIE).contains("Max-Age=0"));
        let account = site.send(Sent::get("/account").with(&cookie)).await;
        assert_eq!(account.status, 401);
        assert!(
            account.body.contains("name=\"to\" value=\"/account\""),
            "the way in leads back"
        );
    });
}

#[test]
fn the_cookie_has_every_attribute_and_is_new_at_every_sign_in() {
    block_on(async {
        let site = Site::new().await;
        site.user("alice", None).await;
        let fields = [("name", "alice"), ("password", PASSWORD)];
        // One that somebody planted, hoping that it becomes a session.
        let planted = "__Host-chartroom=planted";
        let first = site.send(Sent::form("/sign-in", &fields).with(planted)).await;
        let set = first.header(SET_COOKIE);
        for attribute in [
            "__Host-chartroom=",
            "Path=/;",
            "Secure",
            "HttpOnly",
            "SameSite=Lax",
            "Max-Age=604800",
        ] {
            assert!(set.contains(attribute), "{attribute} in {set}");
        }
        let account = site.send(Sent::get("/account").with(planted)).await;
        assert_eq!(account.status, 401, "what was planted is no session");

        let first = first.cookie();
        let token = site.form_token(&first).await;
        let again = [("name", "alice"), ("password", PASSWORD), ("form_token", &token)];
        let second = site
            .send(Sent::form("/sign-in", &again).with(&first))
            .await
            .cookie();
        assert_ne!(first, second);
        assert_eq!(site.send(Sent::get("/account").with(&first)).await.status, 401);
        assert_eq!(site.send(Sent::get("/account").with(&second)).await.status, 200);
    });
}

#[test]
fn signing_in_returns_to_this_site_alone() {
    block_on(async {
        let site = Site::new().await;
        site.user("alice", None).await;
        for (to, want) in [
            ("/charts?q=x", "/charts?q=x"),
            ("", "/"),
            ("//evil.org", "/"),
            ("/\\evil.org", "/"),
            ("https://evil.org/", "/"),
            ("/\t/evil.org", "/"),
            ("javascript:alert(1)", "/"),
        ] {
            let fields = [("name", "alice"), ("password", PASSWORD), ("to", to)];
            let answer = site.send(Sent::form("/sign-in", &fields)).await;
            assert_eq!((answer.status, answer.location()), (303, want), "{to:?}");
        }
    });
}

#[test]
fn a_wrong_password_shows_the_form_again_and_many_make_a_pause() {
    block_on(async {
        let site = Site::new().await;
        site.user("alice", None).await;
        let fields = [
            ("name", "alice"),
            ("password", "hunter2-hunter2"),
            ("to", "/charts"),
        ];
        for _ in 0..10 {
            let answer = site.send(Sent::form("/sign-in", &fields)).await;
            assert_eq!(answer.status, 401, "{}", answer.body);
            assert!(
                answer.body.contains("The name or the password is wrong."),
                "{}",
                answer.body
            );
            assert!(answer.body.contains("name=\"to\" value=\"/charts\""));
            assert!(!answer.body.contains("hunter2") && answer.header(SET_COOKIE).is_empty());
        }
        let answer = site.send(Sent::form("/sign-in", &fields)).await;
        assert_eq!(answer.status, 429);
        assert!(
            answer
                .body
                .contains("Too many failed attempts to sign in as this user; try again in")
        );
    });
}

#[test]
fn plain_http_elsewhere_is_refused_with_the_way_out() {
    block_on(async {
        let rows = [
            ("charts.example.com", "", 403),
            ("charts.example.com", "http://charts.example.com", 403),
            ("charts.example.com", "https://charts.example.com", 303),
            ("127.0.0.1:8080", "", 303),
        ];
        for (host, public_origin, want) in rows {
            let site = Site::with(|config| public_origin.clone_into(&mut config.server.public_origin)).await;
            site.user("alice", None).await;
            let fields = [("name", "alice"), ("password", PASSWORD)];
            let sent = Sent {
                host,
                origin: None,
                ..Sent::form("/sign-in", &fields)
            };
            let answer = site.send(sent).await;
            assert_eq!(answer.status, want, "{host} {public_origin}");
            if want == 403 {
                assert!(answer.body.contains("Signing in needs HTTPS"), "{}", answer.body);
                assert!(answer.header(SET_COOKIE).is_empty());
            }
        }
    });
}

#[test]
fn forms_of_other_sites_and_sessions_change_nothing() {
    block_on(async {
        let site = Site::new().await;
        site.user("root", Some(Role::Admin)).await;
        site.user("alice", None).await;
        let (root, alice) = (site.sign_in("root").await, site.sign_in("alice").await);
        let (token, other) = (site.form_token(&root).await, site.form_token(&alice).await);
        let own = "http://localhost:8080";
        let rows: [(&str, Option<&str>, &str, u16); 8] = [
            ("another site", Some("https://evil.org"), &token, 403),
            ("another port", Some("http://localhost:9090"), &token, 403),
            ("nowhere", Some("null"), &token, 403),
            ("no word about it", None, &token, 403),
            ("no form token", Some(own), "", 403),
            ("a wrong form token", Some(own), "wrong", 403),
            ("another session's form token", Some(own), &other, 403),
            ("our own page", Some(own), &token, 303),
        ];
        for (what, origin, form_token, want) in rows {
            let fields = [("do", "disable"), ("name", "alice"), ("form_token", form_token)];
            let sent = Sent {
                origin,
                ..Sent::form("/accounts", &fields).with(&root)
            };
            let answer = site.send(sent).await;
            assert_eq!(answer.status, want, "{what}: {}", answer.body);
            let users = site.backend.accounts().users(&backend::Viewer::system()).await;
            let users = users.expect("a list");
            let alice = users
                .iter()
                .find(|user| user.name == "alice")
                .expect("she exists");
            assert_eq!(alice.disabled, want == 303, "{what}");
        }
        // Signing somebody in as another from another site is a forgery, too.
        let fields = [("name", "root"), ("password", PASSWORD)];
        let sent = Sent {
            origin: Some("https://evil.org"),
            ..Sent::form("/sign-in", &fields)
        };
        let answer = site.send(sent).await;
        assert_eq!((answer.status, answer.header(SET_COOKIE)), (403, ""));
        // And a GET changes nothing whatever it says.
        let answer = site
            .send(Sent::get("/accounts?do=disable&name=root").with(&root))
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(site.send(Sent::get("/account").with(&root)).await.status, 200);
    });
}

#[test]
fn a_token_is_shown_once_and_its_page_is_kept_nowhere() {
    block_on(async {
        let site = Site::new().await;
        site.user("alice", None).await;
        let cookie = site.sign_in("alice").await;
        let token = site.form_token(&cookie).await;
        let mut fields = vec![
            ("do", "create-token"),
            ("label", "ci"),
            ("valid_days", "30"),
            ("form_token", &token),
        ];
        let refused = site.send(Sent::form("/account", &fields).with(&cookie)).await;
        assert_eq!(refused.status, 400);
        assert!(
            refused.body.contains("Scopes names at least one."),
            "{}",
            refused.body
        );
        fields.extend([("scope", "read"), ("scope", "releases:read")]);
        let made = site.send(Sent::form("/account", &fields).with(&cookie)).await;
        assert_eq!(
            (made.status, made.header(CACHE_CONTROL)),
            (200, "private, no-store")
        );
        let text = made.body.split_once("<code>crt_").expect("the token is shown").1;
        let text = format!("crt_{}", text.split('<').next().unwrap_or_default());
        assert_eq!(
            made.body.matches(&text).count(),
            1,
            "once, and not in the data for scripts"
        );
        let later = site.send(Sent::get("/account").with(&cookie)).await;
        assert!(later.body.contains("releases:read") && !later.body.contains(&text));
        let me = site.send(Sent::get("/api/v1/session").by(&text)).await;
        assert_eq!(me.json()["data"]["name"], "alice");
    });
}

#[test]
fn pages_of_administrators_are_for_them_and_work_by_forms_alone() {
    block_on(async {
        let site = Site::new().await;
        site.user("root", Some(Role::Admin)).await;
        site.user("alice", Some(Role::Viewer)).await;
        let (root, alice) = (site.sign_in("root").await, site.sign_in("alice").await);
        for path in ["/accounts", "/audit"] {
            assert_eq!(site.send(Sent::get(path)).await.status, 401, "{path}");
            assert_eq!(
                site.send(Sent::get(path).with(&alice)).await.status,
                403,
                "{path}"
            );
            assert_eq!(site.send(Sent::get(path).with(&root)).await.status, 200, "{path}");
        }
        let token = site.form_token(&root).await;
        let act = async |fields: &[(&str, &str)]| {
            let mut fields = fields.to_vec();
            fields.push(("form_token", &token));
            site.send(Sent::form("/accounts", &fields).with(&root)).await
        };
        let made = act(&[
            ("do", "create"),
            ("name", "bob"),
            ("password", PASSWORD),
            ("role", "operator"),
            ("cluster", "prod"),
            ("namespace", ""),
        ])
        .await;
        assert_eq!(
            (made.status, made.location()),
            (303, "/accounts?done=create&name=bob"),
            "{}",
            made.body
        );
        let taken = act(&[("do", "create"), ("name", "bob"), ("password", PASSWORD)]).await;
        assert_eq!(taken.status, 409);
        assert!(taken.body.contains("the name is taken"), "{}", taken.body);
        for (fields, word) in [
            (
                vec![
                    ("do", "grant"),
                    ("name", "bob"),
                    ("role", "viewer"),
                    ("namespace", "shop"),
                ],
                "grant",
            ),
            (
                vec![
                    ("do", "revoke"),
                    ("name", "bob"),
                    ("role", "operator"),
                    ("cluster", "prod"),
                ],
                "revoke",
            ),
            (
                vec![("do", "identity"), ("name", "bob"), ("kubernetes_groups", "a, b")],
                "identity",
            ),
            (
                vec![
                    ("do", "password"),
                    ("name", "bob"),
                    ("password", "quite another one"),
                ],
                "password",
            ),
            (vec![("do", "disable"), ("name", "bob")], "disable"),
            (vec![("do", "enable"), ("name", "bob")], "enable"),
        ] {
            let answer = act(&fields).await;
            assert_eq!(
                answer.location(),
                format!("/accounts?done={word}&name=bob"),
                "{}",
                answer.body
            );
        }
        let page = site
            .send(Sent::get("/accounts?done=enable&name=bob").with(&root))
            .await
            .body;
        assert!(
            page.contains("viewer of namespace shop in every cluster"),
            "{page}"
        );
        assert!(page.contains("The user was enabled."), "{page}");
        let last = act(&[("do", "revoke"), ("name", "root"), ("role", "admin")]).await;
        assert_eq!(last.status, 409);
        assert!(
            last.body.contains("somebody must be able to manage users"),
            "{}",
            last.body
        );
        let odd = act(&[("do", "nothing"), ("name", "bob")]).await;
        assert_eq!(odd.status, 400);

        let log = site.send(Sent::get("/audit?actor=root").with(&root)).await.body;
        for words in ["user.grant", "user.disable", "bob", "failed"] {
            assert!(log.contains(words), "{words} in {log}");
        }
    });
}

#[test]
fn a_closed_catalog_shows_everybody_else_the_way_in() {
    block_on(async {
        let site = Site::with(|config| config.access.anonymous_catalog = false).await;
        site.user("alice", None).await;
        let page = site.send(Sent::get("/charts?q=web")).await;
        assert_eq!(page.status, 401);
        assert!(
            page.body.contains("name=\"to\" value=\"/charts?q=web\""),
            "{}",
            page.body
        );
        for path in [
            "/",
            "/repositories",
            "/api/v1/repositories",
            "/raw/a/b/1.0.0/Chart.yaml",
            "/archives/a/b/1.0.0/b-1.0.0.tgz",
        ] {
            let answer = site.send(Sent::get(path)).await;
            assert_eq!(
                (answer.status, answer.header(CACHE_CONTROL)),
                (401, "private, no-store"),
                "{path}"
            );
        }
        // The page as a script asks for it.
        let function = site.send(Sent::get("/ui/page?path=%2Fcharts&search=")).await;
        assert_eq!(function.json()["status"], 401, "{}", function.body);
        for path in ["/livez", "/readyz", "/sign-in"] {
            assert_eq!(site.send(Sent::get(path)).await.status, 200, "{path}");
        }
        let cookie = site.sign_in("alice").await;
        assert_eq!(site.send(Sent::get("/charts").with(&cookie)).await.status, 200);
        let function = site
            .send(Sent::get("/ui/page?path=%2Fcharts&search=").with(&cookie))
            .await;
        assert_eq!(
            function.json()["status"],
            200,
            "a server function asks for the same viewer"
        );
    });
}

#[test]
fn everything_works_below_a_base_path() {
    block_on(async {
        let site = Site::with(|config| "/tools/charts".clone_into(&mut config.server.base_path)).await;
        site.user("alice", None).await;
        let fields = [("name", "alice"), ("password", PASSWORD)];
        let answer = site.send(Sent::form("/tools/charts/sign-in", &fields)).await;
        assert_eq!(
            (answer.status, answer.location()),
            (303, "/tools/charts/"),
            "{}",
            answer.body
        );
        let cookie = answer.cookie();
        let page = site.send(Sent::get("/tools/charts/account").with(&cookie)).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("action=\"/tools/charts/sign-out\""));
        let token = page.hidden("form_token");
        let out = Sent::form("/tools/charts/sign-out", &[("form_token", &token)]);
        assert_eq!(site.send(out.with(&cookie)).await.location(), "/tools/charts/");
    });
}
