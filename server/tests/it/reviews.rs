//! Comparing versions and looking at resources, on pages without a script and over the API.

use backend::Bytes;
use helm::archive::{Modified, pack};
use http::Method;
use serde_json::json;

use crate::site::{Sent, Site, block_on};

const TEMPLATE: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  tag: {{ .Values.tag | required \"a tag is needed\" | quote }}
";

fn chart(version: &str, values: &str) -> (String, Bytes) {
    let metadata = format!("apiVersion: v2\nname: web\nversion: {version}\n");
    let files: [(&str, &[u8]); 3] = [
        ("Chart.yaml", metadata.as_bytes()),
        ("values.yaml", values.as_bytes()),
        ("templates/settings.yaml", TEMPLATE.as_bytes()),
    ];
    let archive = pack("web", files, Modified::default()).expect("it is packed");
    (format!("web-{version}.tgz"), Bytes::from(archive))
}

async fn site() -> Site {
    let charts = vec![
        chart("1.0.0", "tag: one\n"),
        chart("1.1.0", "# What runs <here>\ntag: two\n"),
        chart("2.0.0", "other: 1\n"),
    ];
    Site::with_charts(|_| {}, charts).await
}

#[test]
fn the_number_of_a_rendered_line_leads_to_its_template() {
    block_on(async {
        let site = site().await;
        let page = site.send(Sent::get("/charts/samples/web/1.1.0/resources")).await;
        let file = "/charts/samples/web/1.1.0/files/templates/settings.yaml";
        for line in [2, 6] {
            let link =
                format!("<a class=\"line__from\" href=\"{file}#L{line}\">templates/settings.yaml:{line}</a>");
            assert!(page.body.contains(&link), "{line}: {}", page.body);
        }
        // It is there, and has the line.
        let shown = site.send(Sent::get(file)).await;
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("id=\"L6\""), "{}", shown.body);
    });
}

#[test]
fn two_versions_have_a_page() {
    block_on(async {
        let site = site().await;
        let path = "/charts/samples/web/compare/1.0.0...1.1.0";
        let page = site.send(Sent::get(path)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for part in [
            "From 1.0.0 to 1.1.0",
            "What runs &lt;here&gt;",
            "-   tag: &quot;one&quot;",
            "+   tag: &quot;two&quot;",
            "The other way round",
            &format!("{path}\">"),
        ] {
            let plain = page
                .body
                .replace("\"one\"", "&quot;one&quot;")
                .replace("\"two\"", "&quot;two&quot;");
            assert!(plain.contains(part), "{part}: {}", page.body);
        }
        // The choice of a form is the same page, and its proper address is the other.
        let chosen = site
            .send(Sent::get("/charts/samples/web/compare?from=1.0.0&to=1.1.0"))
            .await;
        assert!(chosen.body.contains(&format!("{path}\">")), "{}", chosen.body);
        let back = site
            .send(Sent::get("/charts/samples/web/compare/1.1.0...1.0.0"))
            .await;
        assert!(back.body.contains("1.0.0 is older than 1.1.0"), "{}", back.body);
        let choice = site.send(Sent::get("/charts/samples/web/compare")).await;
        assert_eq!(choice.status, 200);
        assert!(choice.body.contains("Compare two versions"), "{}", choice.body);
        let versions = site.send(Sent::get("/charts/samples/web/versions")).await;
        assert!(
            versions.body.contains("action=\"/charts/samples/web/compare\""),
            "{}",
            versions.body
        );
    });
}

#[test]
fn versions_that_are_not_there_are_told_with_those_that_are() {
    block_on(async {
        let site = site().await;
        let page = site
            .send(Sent::get("/charts/samples/web/compare/1.0.0...9.9.9"))
            .await;
        assert_eq!(page.status, 404, "{}", page.body);
        assert!(
            page.body
                .contains("web has no version \u{201c}9.9.9\u{201d}. The newest is 2.0.0"),
            "{}",
            page.body
        );
        let chart = site.send(Sent::get("/charts/samples/wep/compare/1...2")).await;
        assert_eq!(chart.status, 404);
        assert!(chart.body.contains("samples/web"), "the nearest name is offered");
        assert_eq!(
            site.send(Sent::get("/charts/samples/web/compare/1.0.0"))
                .await
                .status,
            404
        );
    });
}

#[test]
fn both_versions_are_rendered_with_values_of_ones_own() {
    block_on(async {
        let site = site().await;
        let path = "/charts/samples/web/compare/1.1.0...2.0.0";
        let page = site.send(Sent::get(path)).await;
        assert!(
            page.body.contains("The newer version has no objects."),
            "{}",
            page.body
        );
        let with = site
            .send(Sent::form(path, &[("values", "tag: mine # <b>\r\n")]))
            .await;
        assert_eq!(with.status, 200, "{}", with.body);
        assert!(
            with.body.contains("No object differs: all 1 are equal."),
            "{}",
            with.body
        );
        assert!(
            with.body.contains("tag: mine # &lt;b&gt;\n</textarea>"),
            "{}",
            with.body
        );
        let api = format!("/api/v1{path}");
        let sent = Sent {
            origin: Some("http://localhost:8080"),
            ..Sent::json(Method::POST, &api, &json!({ "values": "tag: mine\n" }))
        };
        let answer = site.send(sent).await;
        assert_eq!(
            answer.json()["data"]["rendered"]["n_equal_objects"],
            1,
            "{}",
            answer.body
        );
        let plain = site.send(Sent::get(&api)).await.json();
        assert!(plain["data"]["rendered"]["after_reason"].is_string(), "{plain}");
        assert_eq!(plain["data"]["values"]["changes"][0]["path"], "tag");
        let wrong = site
            .send(Sent::get("/api/v1/charts/samples/web/compare/1.0.0"))
            .await;
        assert_eq!(wrong.status, 400, "{}", wrong.body);
        let missing = site
            .send(Sent::get("/api/v1/charts/samples/web/compare/1.0.0...7.0.0"))
            .await;
        assert_eq!(missing.status, 404, "{}", missing.body);
    });
}

#[test]
fn resources_lead_to_the_lines_they_come_from() {
    block_on(async {
        let site = site().await;
        let page = site.send(Sent::get("/charts/samples/web/1.1.0/resources")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let link = "/charts/samples/web/1.1.0/files/templates/settings.yaml#L2";
        assert!(page.body.contains(&format!("href=\"{link}\"")), "{}", page.body);
        let none = site.send(Sent::get("/charts/samples/web/2.0.0/resources")).await;
        assert_eq!(none.status, 200);
        assert!(
            none.body.contains("does not work with its default values"),
            "{}",
            none.body
        );
        assert!(none.body.contains("a tag is needed"), "Helm's own words");
        let answer = site
            .send(Sent::get("/api/v1/charts/samples/web/resources?version=1.1.0"))
            .await
            .json();
        let object = &answer["data"]["objects"][0];
        assert_eq!(
            (&object["file"], &object["line"]),
            (&json!("templates/settings.yaml"), &json!(2))
        );
        let overview = site.send(Sent::get("/charts/samples/web/1.1.0")).await;
        assert_eq!(overview.status, 200);
    });
}
