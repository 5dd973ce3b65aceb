//! What charts come to with their defaults, and what differs between their versions.

use backend::{Bytes, Error, Viewer};
use model::release::{LineKind, ObjectChange};
use model::review::{ComparisonPart, ValueChangeKind, Weight};

use crate::support::block_on;
use crate::support::upstream::Chart;
use crate::support::world::World;

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: {{ .Values.label }}}
  template:
    spec:
      containers:
      - image: web:1
        env: [{name: TOKEN, value: {{ randAlphaNum 12 | quote }}}]
---
apiVersion: v1
kind: Secret
metadata:
  name: web
stringData:
  password: {{ randAlphaNum 20 | quote }}
";

const ROLE: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: web
rules:
- apiGroups: ['']
  resources: [secrets]
  verbs: [get]
";

fn web(version: &str) -> Chart {
    Chart::new("web", version).with_file("templates/deployment.yaml", WEB)
}

async fn world(charts: Vec<Chart>) -> World {
    let charts = charts.into_iter();
    let charts = charts
        .map(|chart| (chart.file_name(), Bytes::from(chart.archive())))
        .collect();
    World::with(|settings| settings.samples = Some(charts)).await
}

fn two_versions() -> Vec<Chart> {
    vec![
        web("1.0.0").with_file("values.yaml", "label: web\nold: 1\n"),
        web("2.0.0")
            .with_file("values.yaml", "# -- What pods are found by\nlabel: shop\n")
            .with_file("templates/role.yaml", ROLE)
            .with_file(
                "crds/gate.yaml",
                "kind: CustomResourceDefinition\nmetadata:\n  name: gates.example.com\n",
            ),
    ]
}

#[test]
fn a_chart_is_shown_with_its_sources_and_what_it_asks_for() {
    block_on(async {
        let world = world(two_versions()).await;
        let charts = world.backend.charts();
        let viewer = Viewer::anonymous();
        let shown = charts
            .rendered(&viewer, "samples", "web", None)
            .await
            .expect("it renders");
        assert_eq!(shown.reason, None);
        let rows: Vec<_> = shown
            .objects
            .iter()
            .map(|object| (object.kind.as_str(), object.file.as_deref(), object.line))
            .collect();
        assert_eq!(
            rows,
            [
                ("CustomResourceDefinition", Some("crds/gate.yaml"), Some(1)),
                ("Secret", Some("templates/deployment.yaml"), Some(15)),
                ("ClusterRole", Some("templates/role.yaml"), Some(2)),
                ("Deployment", Some("templates/deployment.yaml"), Some(2)),
            ]
        );
        assert_eq!(shown.images, ["web:1"]);
        let rules: Vec<&str> = shown.risks.iter().map(|risk| risk.rule.as_str()).collect();
        assert!(
            rules.contains(&"rbac-secrets") && rules.contains(&"definitions"),
            "{rules:?}"
        );
        assert!(
            shown.objects[1].yaml.contains("hidden"),
            "nothing of a Secret is shown"
        );
        // It is kept, and the same whoever asks.
        let again = charts.glance(&viewer, "samples", "web", Some("2.0.0")).await;
        assert_eq!(again.expect("it is known"), Some(shown));
    });
}

const HELPERS: &str = "\
{{- define \"labels\" -}}
app: {{ .Release.Name }}
{{ if .Values.team -}}
team: {{ .Values.team }}
{{ end -}}
tier: web
{{- end }}
{{- define \"job\" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: once
spec:
  template:
    spec:
      hostPID: true
      containers: []
{{- end }}
";

const LABELLED: &str = "\
# Who reads this?
{{- range $name := list \"one\" \"two\" }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels:
    {{- include \"labels\" $ | nindent 4 }}
spec:
  type: NodePort
{{- end }}
";

#[test]
fn every_rendered_line_leads_to_the_line_that_wrote_it() {
    block_on(async {
        let chart = Chart::new("web", "1.0.0")
            .with_file("values.yaml", "team: shop\n")
            .with_file("templates/_helpers.tpl", HELPERS)
            .with_file("templates/services.yaml", LABELLED)
            .with_file("templates/job.yaml", "{{ include \"job\" . }}\n")
            .with_file(
                "templates/secret.yaml",
                "\nkind: Secret\nmetadata: {name: a}\ndata: {a: YQ==}\n",
            );
        let world = world(vec![chart]).await;
        let (charts, viewer) = (world.backend.charts(), Viewer::anonymous());
        let shown = charts.rendered(&viewer, "samples", "web", None).await;
        let shown = shown.expect("it renders");
        let told = |name: &str| -> Vec<(String, String)> {
            let object = shown.objects.iter().find(|object| object.name == name);
            let object = object.expect("it is there");
            let source = |at: usize| {
                let source = object.lines.get(at)?.as_ref()?;
                Some(format!("{}:{}", object.files[source.file as usize], source.line))
            };
            let lines = object.yaml.lines().enumerate();
            lines
                .map(|(at, line)| (line.trim().to_owned(), source(at).unwrap_or_default()))
                .collect()
        };
        for name in ["one", "two"] {
            let want = [
                ("apiVersion: v1", "templates/services.yaml:4"),
                ("kind: Service", "templates/services.yaml:5"),
                ("metadata:", "templates/services.yaml:6"),
                (&format!("name: {name}"), "templates/services.yaml:7"),
                ("labels:", "templates/services.yaml:8"),
                ("app: release-name", "templates/_helpers.tpl:2"),
                ("team: shop", "templates/_helpers.tpl:4"),
                ("tier: web", "templates/_helpers.tpl:6"),
                ("spec:", "templates/services.yaml:10"),
                ("type: NodePort", "templates/services.yaml:11"),
            ];
            let want = want.map(|(line, place)| (line.to_owned(), place.to_owned()));
            assert_eq!(told(name), want);
        }
        let place = |name: &str| {
            let object = shown.objects.iter().find(|object| object.name == name);
            object.map(|object| (object.file.as_deref().unwrap_or_default(), object.line))
        };
        // An object leads into its own template, its lines to what is included there.
        assert_eq!(place("once"), Some(("templates/job.yaml", Some(1))));
        assert_eq!(told("once")[1].1, "templates/_helpers.tpl:10");
        assert_eq!(place("two"), Some(("templates/services.yaml", Some(5))));
        // A Secret is written anew without what is in it: its lines are not those of the template.
        assert_eq!(place("a"), Some(("templates/secret.yaml", Some(2))));
        assert!(told("a").iter().all(|(_, place)| place.is_empty()));
        // What asks for something does so in a line.
        let asks = |rule: &str| {
            let risk = shown
                .risks
                .iter()
                .find(|risk| risk.rule == rule)
                .expect("it is found");
            let objects = risk.objects.iter();
            let objects = objects.map(|object| (object.title.as_str(), object.file.as_deref(), object.line));
            objects.collect::<Vec<_>>()
        };
        let (services, helpers) = (Some("templates/services.yaml"), Some("templates/_helpers.tpl"));
        assert_eq!(
            asks("node-port"),
            [
                ("Service one", services, Some(11)),
                ("Service two", services, Some(11))
            ]
        );
        assert_eq!(asks("host-processes"), [("Job once", helpers, Some(16))]);
    });
}

#[test]
fn lines_without_number_are_told_within_limits() {
    block_on(async {
        let helpers = "{{- define \"many\" }}{{ range until 5000 }}\n- {{ . }}{{ end }}{{ end }}";
        let template =
            "kind: A\nmetadata: {name: a}\nlast:\n{{- range until 60 }}{{ include \"many\" $ }}{{ end }}\n";
        let chart = Chart::new("web", "1.0.0")
            .with_file("templates/_helpers.tpl", helpers)
            .with_file("templates/a.yaml", "kind: B\nmetadata: {name: b}\n")
            .with_file("templates/b.yaml", template);
        let world = world(vec![chart]).await;
        let (charts, viewer) = (world.backend.charts(), Viewer::anonymous());
        let shown = charts.rendered(&viewer, "samples", "web", None).await;
        let shown = shown.expect("it renders");
        let line = |name: &str| {
            let object = shown.objects.iter().find(|object| object.name == name);
            object.and_then(|object| object.line)
        };
        // What was rendered behind it is not looked at any more.
        assert_eq!((line("a"), line("b")), (Some(1), None));
        // All of it is too long to be shown.
        assert!(
            shown
                .objects
                .iter()
                .all(|object| object.yaml.is_empty() && object.lines.is_empty())
        );
    });
}

#[test]
fn a_chart_that_does_not_render_says_why() {
    block_on(async {
        let charts = vec![
            Chart::new("picky", "1.0.0").with_file(
                "templates/a.yaml",
                "a: {{ required \"a host is needed\" .Values.host }}\n",
            ),
            Chart::new("shared", "1.0.0").with("type: library\n"),
            Chart::new("odd", "1.0.0").with_file("templates/a.yaml", "a: [\n"),
        ];
        let world = world(charts).await;
        for (name, words, has_problem) in [
            (
                "picky",
                "templates/a.yaml does not work with its default values",
                true,
            ),
            ("shared", "It is a library", false),
            ("odd", "is no YAML", true),
        ] {
            let shown = world
                .backend
                .charts()
                .rendered(&Viewer::anonymous(), "samples", name, None)
                .await
                .expect("a reason is an answer");
            let reason = shown.reason.expect("there is one");
            assert!(reason.contains(words), "{reason}");
            assert_eq!(shown.problem.is_some(), has_problem, "{name}");
            assert!(shown.objects.is_empty() && shown.risks.is_empty());
        }
    });
}

#[test]
fn two_versions_are_compared_in_every_part() {
    block_on(async {
        let world = world(two_versions()).await;
        let viewer = Viewer::anonymous();
        let charts = world.backend.charts();
        let compare = |from: &'static str, to: &'static str, values: &'static str| {
            charts.compare(&viewer, "samples", "web", (from, to), values)
        };
        let forth = compare("1.0.0", "2.0.0", "").await.expect("both are there");
        assert!(!forth.is_backwards);
        let values: Vec<_> = forth
            .values
            .changes
            .iter()
            .map(|change| (change.change, change.path.as_str(), change.description.as_str()))
            .collect();
        assert_eq!(
            values,
            [
                (ValueChangeKind::Removed, "old", ""),
                (ValueChangeKind::DefaultChanged, "label", "What pods are found by"),
            ]
        );
        // What is drawn is drawn alike: passwords and tokens are no difference.
        let objects: Vec<_> = forth
            .rendered
            .objects
            .iter()
            .map(|object| (object.kind.as_str(), object.change))
            .collect();
        assert_eq!(
            objects,
            [
                ("ClusterRole", ObjectChange::Added),
                ("Deployment", ObjectChange::Changed)
            ]
        );
        assert_eq!(forth.rendered.n_equal_objects, 1);
        let lines = &forth.rendered.objects[1].text.hunks[0].lines;
        let changed: Vec<_> = lines.iter().filter(|line| line.kind != LineKind::Both).collect();
        assert_eq!(changed.len(), 2, "{changed:?}");
        assert_eq!(forth.permissions[0].added, ["get"]);
        assert_eq!(forth.crds[0].change, ObjectChange::Added);
        let heavy: Vec<_> = forth
            .remarks
            .iter()
            .filter(|remark| remark.weight == Weight::High)
            .map(|remark| (remark.part, remark.text.as_str()))
            .collect();
        assert_eq!(
            heavy,
            [
                (
                    ComparisonPart::Permissions,
                    "New: may read every Secret of the cluster."
                ),
                (
                    ComparisonPart::Rendered,
                    "Kubernetes refuses to change the selector of Deployment web: the upgrade fails unless the object is \
                     deleted before."
                ),
            ]
        );
        let paths: Vec<_> = forth
            .files
            .changes
            .iter()
            .map(|change| change.path.as_str())
            .collect();
        assert_eq!(
            paths,
            [
                "templates/role.yaml",
                "crds/gate.yaml",
                "Chart.yaml",
                "values.yaml",
                "README.md"
            ]
        );
        assert!(
            forth.rendered.relabelled.is_empty(),
            "a selector is no such label"
        );
        // Values of the reader's own make both alike where they say so.
        let pinned = compare("1.0.0", "2.0.0", "label: mine\n")
            .await
            .expect("they render");
        assert_eq!(pinned.rendered.n_equal_objects, 2);
        let back = compare("2.0.0", "1.0.0", "").await.expect("both are there");
        assert!(back.is_backwards);
        let same = compare("2.0.0", "2.0.0", "").await.expect("it is there");
        assert_eq!((same.remarks.len(), same.files.changes.len()), (0, 0));
        let missing = compare("1.0.0", "9.0.0", "").await;
        assert!(
            matches!(missing, Err(Error::NotFound { what: "version", .. })),
            "{missing:?}"
        );
        let broken = compare("1.0.0", "2.0.0", "a: [")
            .await
            .expect("a reason is an answer");
        assert_eq!(
            broken.rendered.after_reason.as_deref(),
            Some("It cannot use these values.")
        );
    });
}

#[test]
fn labels_that_name_the_version_are_told_in_one_word() {
    block_on(async {
        let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  labels:\n    helm.sh/chart: \
                        web-{{ .Chart.Version }}\n";
        let chart = |version: &str| Chart::new("web", version).with_file("templates/service.yaml", template);
        let world = world(vec![chart("1.0.0"), chart("1.0.1")]).await;
        let (charts, viewer) = (world.backend.charts(), Viewer::anonymous());
        let compared = charts.compare(&viewer, "samples", "web", ("1.0.0", "1.0.1"), "");
        let rendered = compared.await.expect("both are there").rendered;
        assert_eq!(rendered.relabelled, ["Service web"]);
        assert_eq!((rendered.objects.len(), rendered.n_equal_objects), (0, 1));
    });
}

#[test]
fn who_may_not_read_charts_gets_nothing_of_them() {
    block_on(async {
        let charts = two_versions().into_iter();
        let charts = charts
            .map(|chart| (chart.file_name(), Bytes::from(chart.archive())))
            .collect();
        let world = World::with(|settings| {
            settings.samples = Some(charts);
            settings.access.anonymous_catalog = false;
        })
        .await;
        let (charts, viewer) = (world.backend.charts(), Viewer::anonymous());
        let refused = |error: Option<Error>| matches!(error, Some(Error::Unauthenticated { .. }));
        assert!(refused(
            charts.rendered(&viewer, "samples", "web", None).await.err()
        ));
        assert!(refused(
            charts.glance(&viewer, "samples", "web", None).await.err()
        ));
        let compared = charts.compare(&viewer, "samples", "web", ("1.0.0", "2.0.0"), "");
        assert!(refused(compared.await.err()));
    });
}
