//! The form that installs a chart, as browsers without a script send it: looking, what is wrong, coming in on the way.
//!
//! What needs a cluster is in `releases_process`.

use backend::Bytes;
use helm::archive::{Modified, pack};
use model::access::Role;

use crate::site::{Answer, PASSWORD, Sent, Site, block_on};

const PATH: &str = "/charts/samples/web/1.0.0/install";

/// A chart with one template, and values to begin with.
fn chart() -> (String, Bytes) {
    let template = "kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  tag: {{ .Values.image.tag | quote }}\n";
    let files: [(&str, &[u8]); 4] = [
        ("Chart.yaml", b"apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("values.yaml", b"image:\n  tag: from the chart\n"),
        ("values-small.yaml", b"# Small <things>\nimage: {tag: small}\n"),
        ("templates/settings.yaml", template.as_bytes()),
    ];
    let archive = pack("web", files, Modified::default()).expect("it is packed");
    ("web-1.0.0.tgz".to_owned(), Bytes::from(archive))
}

async fn site() -> Site {
    Site::with_charts(|_| {}, vec![chart()]).await
}

async fn press(site: &Site, cookie: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let sent = Sent::form(PATH, fields);
    site.send(Sent { cookie, ..sent }).await
}

#[test]
fn a_visitor_sees_what_a_chart_comes_to() {
    block_on(async {
        let site = site().await;
        let page = site.send(Sent::get(PATH)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("from the chart"), "the defaults are beside");
        let begun = site
            .send(Sent::get(&format!("{PATH}?from=values-small.yaml")))
            .await;
        assert!(
            begun
                .body
                .contains("\n# Small &lt;things&gt;\nimage: {tag: small}\n</textarea>"),
            "{}",
            begun.body
        );
        let other = site.send(Sent::get(&format!("{PATH}?from=Chart.yaml"))).await;
        assert_eq!(other.status, 404, "only values are values to begin with");

        let values = "image:\r\n  tag: mine # <b>\r\n";
        let fields = [("do", "preview"), ("name", "shop"), ("values", values)];
        let shown = press(&site, None, &fields).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body.contains("1 object"), "{}", shown.body);
        assert!(
            shown
                .body
                .contains("image:\n  tag: mine # &lt;b&gt;\n</textarea>"),
            "{}",
            shown.body
        );
        assert!(
            shown.body.contains("name=\"name\" type=\"text\" value=\"shop\""),
            "{}",
            shown.body
        );

        let fields = [
            ("do", "preview"),
            ("name", "shop"),
            ("values", "image:\n  tag: x\n\tbad: 1\n"),
        ];
        let broken = press(&site, None, &fields).await;
        assert_eq!(broken.status, 200);
        assert!(
            broken.body.contains("1 error at line 3 of the values"),
            "{}",
            broken.body
        );
        let fields = [("do", "preview"), ("name", "-shop"), ("values", "a: 1")];
        let misnamed = press(&site, None, &fields).await;
        assert_eq!(misnamed.status, 400);
        assert!(
            misnamed.body.contains("id=\"change-name-error\""),
            "{}",
            misnamed.body
        );
    });
}

#[test]
fn large_values_are_taken_and_larger_ones_told() {
    block_on(async {
        let site = site().await;
        let comment = "# a comment of some length\n";
        let large = comment.repeat(900_000 / comment.len());
        let shown = press(&site, None, &[("do", "preview"), ("values", &large)]).await;
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("1 object"));
        let larger = comment.repeat((1 << 20) / comment.len() + 1);
        let refused = press(&site, None, &[("do", "preview"), ("values", &larger)]).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("id=\"change-values-error\""));
        assert!(refused.body.contains(comment), "and nothing of it is lost");
    });
}

#[test]
fn who_comes_in_on_the_way_finds_what_was_typed() {
    block_on(async {
        let site = Site::with_charts(
            |config| {
                config.clusters = vec![backend::settings::ClusterSettings {
                    name: "prod".to_owned(),
                    kubeconfig: Some("/nowhere/kubeconfig".into()),
                    ..backend::settings::ClusterSettings::default()
                }];
            },
            vec![chart()],
        )
        .await;
        site.user("alice", Some(Role::Operator)).await;
        let values = "# mine\nimage:\n  tag: \"<mine>\"\n";
        for step in ["plan", "begin"] {
            let fields = [
                ("do", step),
                ("name", "shop"),
                ("namespace", "prod"),
                ("values", values),
                ("cluster", "prod"),
            ];
            let way_in = press(&site, None, &fields).await;
            assert_eq!(way_in.status, 401, "{}", way_in.body);
            assert!(
                way_in.location().is_empty() && !way_in.body.contains("?values"),
                "values are in no address"
            );
            let carried = way_in.hidden("carried.values");
            assert_eq!(carried, "# mine\nimage:\n  tag: &quot;&lt;mine&gt;&quot;\n");

            let mut fields = vec![
                ("to", PATH),
                ("name", "alice"),
                ("carried.values", values),
                ("carried.name", "shop"),
                ("carried.do", step),
            ];
            // A wrong password takes nothing away.
            fields.push(("password", "not the right one"));
            let wrong = site.send(Sent::form("/sign-in", &fields)).await;
            assert_eq!(wrong.status, 401);
            assert_eq!(wrong.hidden("carried.values"), carried);
            fields.pop();
            fields.push(("password", PASSWORD));
            let inside = site.send(Sent::form("/sign-in", &fields)).await;
            assert_eq!(inside.status, 200, "{}", inside.body);
            assert!(
                inside.body.contains("tag: \"&lt;mine&gt;\"\n</textarea>"),
                "{}",
                inside.body
            );
            assert!(!inside.body.contains(PASSWORD));
            let cookie = inside.cookie();
            assert_eq!(inside.hidden("form_token"), site.form_token(&cookie).await);
        }
        // Without anything typed the way leads back as ever.
        let fields = [("to", PATH), ("name", "alice"), ("password", PASSWORD)];
        let back = site.send(Sent::form("/sign-in", &fields)).await;
        assert_eq!((back.status, back.location()), (303, PATH));
    });
}

#[test]
fn a_form_of_another_session_does_nothing_and_loses_nothing() {
    block_on(async {
        let site = site().await;
        site.user("alice", Some(Role::Operator)).await;
        let cookie = site.sign_in("alice").await;
        let fields = [
            ("do", "begin"),
            ("form_token", "old"),
            ("name", "shop"),
            ("values", "a: 1 # mine"),
        ];
        let refused = press(&site, Some(&cookie), &fields).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert!(
            refused.body.contains("a: 1 # mine\n</textarea>")
                || refused.body.contains("a: 1 # mine</textarea>")
        );
        assert_eq!(refused.hidden("form_token"), site.form_token(&cookie).await);
    });
}

#[test]
fn a_page_without_a_cluster_says_how_to_connect_one() {
    block_on(async {
        let site = site().await;
        site.user("alice", Some(Role::Operator)).await;
        let cookie = site.sign_in("alice").await;
        let page = site.send(Sent::get(PATH).with(&cookie)).await;
        assert!(page.body.contains("[[clusters]]"), "{}", page.body);
        assert!(!page.body.contains("value=\"begin\"") && page.body.contains("value=\"preview\""));
    });
}
