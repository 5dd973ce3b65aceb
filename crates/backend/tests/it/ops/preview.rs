//! Previews: what charts and values come to, without any cluster.

use backend::{Bytes, Error, Viewer};
use model::install::{Preview, PreviewRequest, RenderProblem, RenderStage};
use model::operation::ChartReference;

use crate::support::block_on;
use crate::support::upstream::Chart;
use crate::support::world::World;

const SETTINGS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  kubernetes: {{ .Capabilities.KubeVersion.Version }}
  tag: {{ .Values.image.tag | required \"a tag is needed\" }}
  port: {{ .Values.ports.http.number }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
stringData:
  password: {{ .Values.password }}
";

const VALUES: &str =
    "image:\n  tag: \"1.27\"\nports:\n  http:\n    number: 80\npassword: swordfish\nextra: \"\"\n";

fn web() -> Chart {
    Chart::new("web", "1.0.0")
        .with_file("templates/deployment.yaml", SETTINGS)
        .with_file("templates/extra.yaml", "{{ .Values.extra }}\n")
        .with_file(
            "templates/check.yaml",
            "kind: Job\nmetadata:\n  name: check\n  annotations:\n    helm.sh/hook: pre-install\n",
        )
        .with_file(
            "templates/NOTES.txt",
            "{{ .Release.Name }} in {{ .Release.Namespace }}",
        )
        .with_file("values.yaml", VALUES)
}

async fn world(charts: Vec<Chart>) -> World {
    let charts = charts.into_iter();
    let charts = charts
        .map(|chart| (chart.file_name(), Bytes::from(chart.archive())))
        .collect();
    World::with(|settings| settings.samples = Some(charts)).await
}

fn request(chart: &str, values: &str) -> PreviewRequest {
    PreviewRequest {
        chart: ChartReference {
            repository: "samples".to_owned(),
            name: chart.to_owned(),
            version: None,
        },
        values: values.to_owned(),
        name: "shop".to_owned(),
        namespace: "prod".to_owned(),
        cluster: None,
        is_upgrade: false,
    }
}

async fn render(world: &World, request: &PreviewRequest) -> Result<Preview, Error> {
    let previews = world.backend.previews();
    previews.render(&Viewer::anonymous(), request).await
}

async fn problem(world: &World, chart: &str, values: &str) -> RenderProblem {
    let preview = render(world, &request(chart, values)).await;
    let preview = preview.expect("a problem is an answer");
    assert!(preview.objects.is_empty());
    preview.problem.expect("there is one")
}

#[test]
fn a_chart_is_shown_as_it_would_be_installed() {
    block_on(async {
        let world = world(vec![web()]).await;
        let preview = render(&world, &request("web", "image: {tag: mine}\n")).await;
        let preview = preview.expect("it renders");
        assert_eq!(preview.problem, None);
        let objects: Vec<_> = preview
            .objects
            .iter()
            .map(|object| (object.kind.as_str(), object.name.as_str(), object.path.as_str()))
            .collect();
        let path = "web/templates/deployment.yaml";
        assert_eq!(objects, [("Secret", "shop", path), ("ConfigMap", "shop", path)]);
        let config = &preview.objects[1].yaml;
        assert!(
            config.contains("tag: mine") && config.contains("namespace: prod"),
            "{config}"
        );
        assert!(config.contains(&format!("kubernetes: {}", preview.kubernetes_version)));
        assert_eq!(preview.hooks.len(), 1);
        assert_eq!(preview.hooks[0].events, ["pre-install"]);
        assert_eq!(preview.notes, "shop in prod");
        assert!(
            !format!("{preview:?}").contains("swordfish"),
            "nothing of a Secret is shown"
        );
    });
}

#[test]
fn a_failing_template_is_shown_with_the_value_to_blame() {
    block_on(async {
        let world = world(vec![web()]).await;
        let problem = problem(&world, "web", "image:\n  tag: x\nports:\n  http: null\n").await;
        assert_eq!(problem.stage, RenderStage::Template);
        assert_eq!(problem.template.as_deref(), Some("web/templates/deployment.yaml"));
        let failing = problem.excerpt.last().expect("an excerpt");
        assert_eq!(failing.number, 9);
        assert_eq!(failing.text, "  port: {{ .Values.ports.http.number }}");
        assert_eq!(problem.value.as_deref(), Some("ports.http.number"));
        assert_eq!(problem.values_line, Some(4));
        assert!(!problem.is_over_budget);
    });
}

#[test]
fn what_is_no_yaml_is_shown_at_its_line() {
    block_on(async {
        let world = world(vec![web()]).await;
        let typed = problem(&world, "web", "image:\n  tag: x\n\tport: 1\n").await;
        assert_eq!(typed.stage, RenderStage::Values);
        assert_eq!(typed.values_line, Some(3), "{}", typed.message);

        let printed = problem(&world, "web", "extra: \"kind: A\\nb: c: d\"\n").await;
        assert_eq!(printed.stage, RenderStage::Manifest);
        assert_eq!(printed.template.as_deref(), Some("web/templates/extra.yaml"));
        let failing = printed.excerpt.last().expect("an excerpt");
        assert_eq!(
            (failing.number, failing.text.as_str()),
            (2, "b: c: d"),
            "{}",
            printed.message
        );
    });
}

#[test]
fn values_that_break_the_schema_are_found_in_what_was_typed() {
    block_on(async {
        let schema = r#"{"properties": {"ports": {"properties": {"http": {"properties": {"number": {"type": "integer"}}}}}}}"#;
        let world = world(vec![web().with_file("values.schema.json", schema)]).await;
        let values = "# mine\nports:\n  http:\n    number: eighty\n";
        let problem = problem(&world, "web", values).await;
        assert_eq!(problem.stage, RenderStage::Schema);
        assert_eq!(problem.value.as_deref(), Some("ports.http.number"));
        assert_eq!(problem.values_line, Some(4));
    });
}

#[test]
fn a_chart_that_asks_for_too_much_is_ended() {
    block_on(async {
        let large = "kind: A\nmetadata: {name: a}\ntext: {{ repeat 1500000 \"x\" }}\n";
        let charts = vec![
            Chart::new("huge", "1.0.0").with_file("templates/a.yaml", "{{ repeat 900000000 \"x\" }}"),
            Chart::new("large", "1.0.0")
                .with_file("templates/a.yaml", large)
                .with_file("templates/b.yaml", large)
                .with_file("templates/deployment.yaml", "kind: C\nmetadata: {name: c}\n"),
        ];
        let world = world(charts).await;
        assert!(problem(&world, "huge", "").await.is_over_budget);
        let preview = render(&world, &request("large", "")).await.expect("it renders");
        assert_eq!((preview.objects.len(), preview.n_left_out), (2, 1));
    });
}

#[test]
fn what_cannot_be_a_preview_is_refused() {
    block_on(async {
        let charts = vec![web(), Chart::new("parts", "1.0.0").with("type: library\n")];
        let world = world(charts).await;
        let field = |answer: Result<Preview, Error>| match answer {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        let badly_named = PreviewRequest {
            name: "-A".to_owned(),
            ..request("web", "")
        };
        assert_eq!(field(render(&world, &badly_named).await), "name");
        let long = "# ".repeat(1 << 20);
        assert_eq!(field(render(&world, &request("web", &long)).await), "values");
        assert_eq!(field(render(&world, &request("parts", "")).await), "chart");
        let unknown = render(&world, &request("nothing", "")).await;
        assert!(matches!(unknown, Err(Error::NotFound { what: "chart", .. })));
        // Whose clusters there are, visitors are not told.
        let in_cluster = PreviewRequest {
            cluster: Some("prod".to_owned()),
            ..request("web", "")
        };
        let refused = render(&world, &in_cluster).await;
        assert!(matches!(refused, Err(Error::Unauthenticated { .. })));
    });
}

#[test]
fn a_closed_catalog_renders_nothing_for_visitors() {
    block_on(async {
        let charts = vec![(web().file_name(), Bytes::from(web().archive()))];
        let world = World::with(|settings| {
            settings.samples = Some(charts);
            settings.access.anonymous_catalog = false;
        })
        .await;
        let refused = render(&world, &request("web", "")).await;
        assert!(matches!(refused, Err(Error::Unauthenticated { .. })));
    });
}
