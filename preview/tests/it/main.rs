//! The module's answers, asked natively: what `cargo xtask conformance --wasm` does not look at.

mod desk;
mod origin;

use std::collections::BTreeMap;
use std::time::Duration;

use preview::{LoadedChart, RenderRequest, Rendering, Session, Stage, Surroundings};

/// No clock, no zones, no keys.
struct Nowhere;

impl Surroundings for Nowhere {}

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

fn load(files: &[(&str, &str)]) -> LoadedChart {
    let files = [("Chart.yaml", CHART)].iter().chain(files);
    let files: BTreeMap<String, String> = files
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    LoadedChart::from_directory(files).expect("the chart loads")
}

fn render(files: &[(&str, &str)], request: &RenderRequest) -> Rendering {
    load(files).render(&Session::new(Nowhere), request)
}

fn with_values(text: &str) -> RenderRequest {
    RenderRequest {
        values_files: vec![text.to_owned()],
        ..RenderRequest::default()
    }
}

#[test]
fn objects_know_their_lines_in_template_and_manifest() {
    let two = "\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: ns\ndata: {}\n";
    let files = [
        ("templates/a.yaml", two),
        ("crds/c.yaml", "kind: CustomResourceDefinition\n"),
    ];
    for request in [
        RenderRequest::default(),
        RenderRequest {
            include_crds: true,
            hide_secrets: true,
            ..RenderRequest::default()
        },
    ] {
        let rendering = render(&files, &request);
        assert_eq!(rendering.summary.problem, None);
        let manifest: Vec<&str> = rendering.manifest.lines().collect();
        for object in &rendering.summary.objects {
            let source = format!("# Source: {}", object.path);
            assert_eq!(manifest.get(object.manifest_line - 2), Some(&source.as_str()));
            let template = rendering.templates.get(&object.path).expect("its template");
            let first = template.lines().nth(object.line - 1);
            if object.kind != "Secret" || !request.hide_secrets {
                assert_eq!(manifest.get(object.manifest_line - 1).copied(), first);
            }
            let next = manifest.get(object.manifest_line - 1 + object.n_lines);
            assert!(
                next.is_none_or(|line| *line == "---" || line.is_empty()),
                "{next:?}"
            );
        }
        let names: Vec<_> = rendering
            .summary
            .objects
            .iter()
            .map(|object| {
                (
                    object.kind.as_str(),
                    object.name.as_str(),
                    object.namespace.as_str(),
                )
            })
            .collect();
        assert_eq!(names, [("Secret", "s", ""), ("ConfigMap", "release-name", "ns")]);
    }
}

#[test]
fn problems_say_where_they_are() {
    let template = ("templates/a.yaml", "a: 1\nb: {{ .Values.image.tag.x }}\n");
    let problem = |request: &RenderRequest, files: &[(&str, &str)]| {
        render(files, request).summary.problem.expect("a problem")
    };
    let bad_yaml = problem(&with_values("a: 1\nb: [\n"), &[template]);
    assert_eq!(bad_yaml.stage, Stage::Values);
    assert!(bad_yaml.values_line.is_some(), "{bad_yaml:?}");

    let nil = problem(&with_values("image: {tag: null}\n"), &[template]);
    assert_eq!(
        (nil.stage, nil.line, nil.column.is_some()),
        (Stage::Template, Some(2), true)
    );
    assert_eq!(nil.template.as_deref(), Some("web/templates/a.yaml"));
    assert_eq!(
        nil.values_path,
        Some(["image", "tag", "x"].map(str::to_owned).to_vec())
    );

    let schema = r#"{"properties": {"replicas": {"type": "integer"}}}"#;
    let wrong = problem(
        &with_values("replicas: many\n"),
        &[("values.schema.json", schema)],
    );
    assert_eq!(wrong.stage, Stage::Schema);
    assert_eq!(wrong.values_path, Some(vec!["replicas".to_owned()]));

    let no_yaml = problem(
        &RenderRequest::default(),
        &[("templates/a.yaml", "a: 1\n---\nb: [\n")],
    );
    assert_eq!((no_yaml.stage, no_yaml.line), (Stage::Manifest, Some(3)));

    let endless = (
        "templates/a.yaml",
        "{{ define \"a\" }}{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}",
    );
    let over = problem(&RenderRequest::default(), &[endless]);
    assert!(over.is_over_budget, "{over:?}");
}

#[test]
fn equal_requests_have_equal_answers_and_kept_keys_change_nothing() {
    let files = [(
        "templates/a.yaml",
        "a: {{ genPrivateKey \"ed25519\" | sha256sum }}\nb: {{ genPrivateKey \"ed25519\" | sha256sum }}\nc: {{ randAlphaNum 20 }}\nd: {{ now | date \"2006-01-02\" }}\n",
    )];
    let chart = load(&files);
    let request = RenderRequest {
        unix_millis: 86_400_000,
        seed: 7,
        ..RenderRequest::default()
    };
    let session = Session::new(Nowhere);
    let first = chart.render(&session, &request);
    assert_eq!(first, chart.render(&session, &request));
    assert_eq!(first, chart.render(&Session::new(Nowhere), &request));
    let text = first.templates.get("web/templates/a.yaml").expect("the template");
    assert!(text.ends_with("d: 1970-01-02\n"), "{text}");
    let keys: Vec<&str> = text.lines().take(2).map(|line| &line[3..]).collect();
    assert_ne!(keys.first(), keys.get(1), "two keys of one render differ");
    let other = RenderRequest { seed: 8, ..request };
    assert_ne!(first, chart.render(&Session::new(Nowhere), &other));
}

/// A clock that is an hour later at every look.
struct Late(std::cell::Cell<u64>);

impl Surroundings for Late {
    fn elapsed(&self) -> Option<Duration> {
        self.0.set(self.0.get() + 3600);
        Some(Duration::from_secs(self.0.get()))
    }
}

#[test]
fn a_render_that_takes_too_long_ends() {
    let chart = load(&[("templates/a.yaml", "{{ range until 9999 }}{{ end }}")]);
    let request = RenderRequest {
        time_limit_millis: Some(1_000),
        ..RenderRequest::default()
    };
    let rendering = chart.render(&Session::new(Late(Default::default())), &request);
    let problem = rendering.summary.problem.expect("it is out of time");
    assert!(
        problem.is_over_budget && problem.message.contains("longer than 1000 ms"),
        "{problem:?}"
    );
}

#[test]
fn values_are_laid_over_each_other_in_helms_order() {
    let request = RenderRequest {
        values: Some(serde_json::json!({"a": 0, "b": 0, "c": 0, "d": 0, "e": 0})),
        values_files: vec![
            "b: 1\nc: 1\nd: 1\ne: 1\n".to_owned(),
            "c: 2\nd: 2\ne: 2\n".to_owned(),
        ],
        set: vec!["d=3,e=3".to_owned()],
        set_string: vec!["e=4".to_owned()],
        ..RenderRequest::default()
    };
    let rendering = render(&[("templates/a.yaml", "x: {{ .Values | toJson }}")], &request);
    assert_eq!(
        rendering
            .templates
            .get("web/templates/a.yaml")
            .map(String::as_str),
        Some(r#"x: {"a":0,"b":1,"c":2,"d":3,"e":"4"}"#)
    );
}

/// `chartroom template`, plans and operations follow 4.3; the conformance data are of 4.2.
#[test]
fn a_look_follows_the_helm_that_operations_follow() {
    let template = "a: {{ .Capabilities.HelmVersion.Version }}, {{ .Capabilities.KubeVersion.Version }}\n\n\n---\nb: 1\n";
    let of = |request: &RenderRequest| render(&[("templates/a.yaml", template)], request).manifest;
    let source = "---\n# Source: web/templates/a.yaml\n";
    assert_eq!(
        of(&RenderRequest::default()),
        format!("{source}a: v4.3, v1.37.0\n\n\n\n{source}b: 1\n\n")
    );
    let older = RenderRequest {
        as_helm_4_2: true,
        ..RenderRequest::default()
    };
    assert_eq!(of(&older), format!("{source}a: v4.2, v1.36.0\n{source}b: 1\n\n"));
}
