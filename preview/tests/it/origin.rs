//! From rendered lines back to what made them.

use preview::{Origin, RenderRequest, Session};

use crate::{Nowhere, load, with_values};

const HELPERS: &str = "\
{{- define \"web.name\" -}}
{{- default .Chart.Name .Values.nameOverride -}}
{{- end -}}
{{- define \"web.labels\" -}}
app: {{ include \"web.name\" . }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
tier: front
{{- end -}}
";

const TEMPLATE: &str = "\
{{- if .Values.shown }}
{{- $port := .Values.service.port }}
kind: Service
metadata:
  name: {{ include \"web.name\" . | quote }}
  labels:
    {{- include \"web.labels\" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  main: {{ $port }}
  {{- with .Values.service }}
  address: {{ .address | default \"none\" }}
  {{- end }}
  ports:
    {{- range .Values.ports }}
    - name: {{ .name }}
      port: {{ .port | default $port }}
    {{- end }}
  hosts:
    {{- range $at, $host := .Values.hosts }}
    - {{ $host }}-{{ $at }}
    {{- end }}
  plain:
    {{- range .Values.hosts }}
    - {{ . }}
    {{- end }}
  {{- tpl .Values.extra $ | nindent 2 }}
  registry: {{ .Values.global.registry }}
{{- end }}
";

const VALUES: &str = "\
shown: true
nameOverride: shop
labels: {team: blue}
service: {port: 80, type: ClusterIP, address: \"\"}
ports:
- {name: http, port: 8080}
- {name: admin}
hosts: [a, b]
extra: |
  more: {{ .Values.nameOverride }}
global: {registry: here}
";

/// The origins of all lines whose text is `text`.
fn origins(files: &[(&str, &str)], path: &str, values: &str, text: &str) -> Vec<Origin> {
    let chart = load(files);
    let session = Session::new(Nowhere);
    let request = with_values(values);
    let rendering = chart.render(&session, &request);
    assert_eq!(rendering.summary.problem, None);
    let lines = rendering
        .templates
        .get(path)
        .expect("the template")
        .lines()
        .enumerate();
    let lines = lines.filter(|(_, line)| line.trim() == text);
    let found: Vec<Origin> = lines
        .map(|(at, _)| chart.origin(&session, &request, path, at + 1).expect(text))
        .collect();
    assert!(!found.is_empty(), "no line {text}");
    found
}

/// A rendered line, the template's lines it comes from, the values that it reads, and those that decided about it.
type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

#[test]
fn lines_lead_to_their_template_and_to_what_it_includes() {
    let files = [("templates/_h.tpl", HELPERS), ("templates/s.yaml", TEMPLATE)];
    let cases: [Case<'_>; 16] = [
        ("kind: Service", &["s.yaml:3"], &[], &["shown"]),
        (
            "name: \"shop\"",
            &["s.yaml:5", "_h.tpl:2"],
            &["nameOverride"],
            &["shown"],
        ),
        ("labels:", &["s.yaml:6"], &[], &["shown"]),
        (
            "app: shop",
            &["s.yaml:7", "_h.tpl:5", "_h.tpl:2"],
            &["nameOverride"],
            &["shown"],
        ),
        ("team: blue", &["s.yaml:7", "_h.tpl:7"], &["labels"], &["shown"]),
        ("tier: front", &["s.yaml:7", "_h.tpl:9"], &[], &["shown"]),
        ("type: ClusterIP", &["s.yaml:9"], &["service.type"], &["shown"]),
        ("main: 80", &["s.yaml:10"], &["service.port"], &["shown"]),
        (
            "address: none",
            &["s.yaml:12"],
            &["service.address"],
            &["service", "shown"],
        ),
        (
            "- name: http",
            &["s.yaml:16"],
            &["ports[0].name"],
            &["ports", "shown"],
        ),
        (
            "- name: admin",
            &["s.yaml:16"],
            &["ports[1].name"],
            &["ports", "shown"],
        ),
        (
            "port: 8080",
            &["s.yaml:17"],
            &["ports[0].port", "service.port"],
            &["ports", "shown"],
        ),
        ("- b-1", &["s.yaml:21"], &["hosts"], &["shown"]),
        ("- b", &["s.yaml:25"], &["hosts"], &["shown"]),
        (
            "more: shop",
            &["s.yaml:27"],
            &["extra", "nameOverride"],
            &["shown"],
        ),
        ("registry: here", &["s.yaml:28"], &["global.registry"], &["shown"]),
    ];
    for (text, places, values, conditions) in cases {
        let found = origins(&files, "web/templates/s.yaml", VALUES, text);
        let [origin] = found.as_slice() else {
            panic!("{text}: {} lines", found.len());
        };
        let names = |paths: &[values::Path]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        let at: Vec<String> = origin
            .places
            .iter()
            .map(|place| {
                format!(
                    "{}:{}",
                    place.template.rsplit('/').next().unwrap_or_default(),
                    place.line
                )
            })
            .collect();
        assert_eq!(at, places, "{text}");
        assert_eq!(names(&origin.values), values, "{text}");
        assert_eq!(names(&origin.conditions), conditions, "{text}");
        for place in &origin.places {
            let numbers: Vec<usize> = place.excerpt.iter().map(|(number, _)| *number).collect();
            assert!(numbers.contains(&place.line), "{text}: {numbers:?}");
        }
    }
}

#[test]
fn values_of_sub_charts_stand_below_their_keys_and_globals_at_the_top() {
    let files = [
        (
            "Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: 1.x, repository: '', alias: store}\n",
        ),
        (
            "charts/db/Chart.yaml",
            "apiVersion: v2\nname: db\nversion: 1.0.0\n",
        ),
        ("charts/db/values.yaml", "size: 8Gi\n"),
        (
            "charts/db/templates/a.yaml",
            "kind: A\nsize: {{ .Values.size }}\nclass: {{ .Values.global.class }}\n",
        ),
    ];
    let path = "web/charts/store/templates/a.yaml";
    let values = "global: {class: fast}\n";
    let size = origins(&files, path, values, "size: 8Gi");
    assert_eq!(size[0].values[0].to_string(), "store.size");
    assert_eq!(size[0].places[0].line, 2);
    let class = origins(&files, path, values, "class: fast");
    assert_eq!(class[0].values[0].to_string(), "global.class");
}

#[test]
fn lines_that_are_not_there_have_no_origin() {
    let chart = load(&[(
        "templates/a.yaml",
        "kind: A\n\n{{ if .Values.x }}{{ fail \"no\" }}{{ end }}\n",
    )]);
    let session = Session::new(Nowhere);
    let path = "web/templates/a.yaml";
    let origin =
        |request: &RenderRequest, path: &str, line: usize| chart.origin(&session, request, path, line);
    let plain = RenderRequest::default();
    assert!(origin(&plain, path, 1).is_some());
    for line in [0, 2, 3, 99, usize::MAX] {
        assert_eq!(origin(&plain, path, line), None, "{line}");
    }
    assert_eq!(origin(&plain, "web/templates/b.yaml", 1), None);
    assert_eq!(
        origin(&with_values("x: true\n"), path, 1),
        None,
        "it does not render"
    );
    assert_eq!(origin(&with_values("x: [\n"), path, 1), None);
}

#[test]
fn what_prints_without_end_is_traced_within_limits() {
    let files = [
        (
            "templates/_h.tpl",
            "{{ define \"x\" }}{{ range until 500 }}{{ . }}{{ $.Values.a }}\n{{ end }}{{ end }}",
        ),
        (
            "templates/a.yaml",
            "k: 1\n{{ range until 1000 }}\n{{ include \"x\" $ | nindent 2 }}{{ end }}\n",
        ),
    ];
    let chart = load(&files);
    let session = Session::new(Nowhere);
    let request = with_values("a: b\n");
    let first = chart
        .origin(&session, &request, "web/templates/a.yaml", 1)
        .expect("the first line");
    assert_eq!(first.places[0].line, 1);
    let _ = chart.origin(&session, &request, "web/templates/a.yaml", 400_000);
}
