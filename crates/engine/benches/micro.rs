//! Micro-benchmarks of the engine: `cargo bench -p engine`, or with a word to run those whose name contains it.
//!
//! The figure in brackets is what Helm 4.2.3 needs for the same on the machine of the reference measurements.
#![expect(clippy::print_stdout, reason = "the table is what it is run for")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use engine::value::{Map, Value};
use engine::{NoHost, Options, Renderer, TemplateSet};

/// How often an operation happens within one render of a benchmark.
const REPETITIONS: usize = 1_000;

fn main() {
    let word = std::env::args()
        .skip(1)
        .find(|arg| !arg.starts_with('-'))
        .unwrap_or_default();
    let values = || {
        let inner = Map::from_iter([("b", Value::from("text")), ("enabled", Value::Bool(true))]);
        let list = (0..REPETITIONS).map(|n| Value::Float(n as f64)).collect();
        Map::from_iter([
            ("a", Value::Map(inner)),
            ("items", Value::list(list)),
            ("name", Value::from("a-name-that-is-longer-than-inline")),
        ])
    };
    let partial = "{{- define \"p.name\" -}}{{ .name | trunc 63 }}{{- end -}}";
    let per_item: &[(&str, &str, &str)] = &[
        (
            "field and if",
            "{{ if $.a.enabled }}{{ $.a.b }}{{ end }}",
            "490 ns",
        ),
        ("include", "{{ include \"p.name\" $ }}", "900 ns"),
        ("template", "{{ template \"p.name\" $ }}", ""),
        ("tpl", "{{ tpl \"{{ .a.b }}\" $ }}", "38 us"),
        ("printf", "{{ printf \"%s-%d-%v\" $.a.b 7 . }}", "830 ns"),
        ("print number", "{{ . }}", ""),
        ("quote and nindent", "{{ $.name | quote | nindent 4 }}", "1.2 us"),
        (
            "and or not eq",
            "{{ if and (or $.a.enabled false) (not (eq $.a.b \"x\")) }}y{{ end }}",
            "",
        ),
        (
            "dict and set",
            "{{ $d := dict \"a\" 1 \"b\" . }}{{ $_ := set $d \"c\" 2 }}",
            "",
        ),
        ("toYaml", "{{ toYaml $.a }}", "23 us"),
        ("regexMatch", "{{ regexMatch \"^[a-z]+$\" $.a.b }}", "3.8 us"),
        (
            "semverCompare",
            "{{ semverCompare \">=1.2-0\" \"v1.36.0\" }}",
            "4.6 us",
        ),
    ];
    for (name, body, helm) in per_item {
        if !name.contains(&word) {
            continue;
        }
        let mut set = TemplateSet::new();
        set.add("partial", partial).expect("the partial parses");
        let text = format!("{{{{ range .items }}}}{body}{{{{ end }}}}");
        if let Err(error) = set.add("t", text) {
            println!("{name:<20} {error}");
            continue;
        }
        let data = Value::Map(values());
        let median = measure(|| {
            let mut renderer = Renderer::new(&set, &NoHost, Options::default());
            renderer.render("t", data.clone()).expect("the template renders")
        });
        let each = median.as_nanos() as f64 / REPETITIONS as f64;
        println!("{name:<20} {each:>9.0} ns  ({helm})");
    }
    if "parse".contains(&word) {
        let text = sample();
        let median = measure(|| {
            let mut set = TemplateSet::new();
            set.add("t", text.as_str()).expect("the sample parses");
            set
        });
        let rate = text.len() as f64 / median.as_secs_f64() / 1e6;
        println!("{:<20} {rate:>9.0} MB/s  (30-50 MB/s)", "parse");
    }
    if "empty render".contains(&word) {
        let mut set = TemplateSet::new();
        set.add("t", "").expect("nothing parses");
        let median = measure(|| Renderer::new(&set, &NoHost, Options::default()).render("t", Value::Nil));
        println!("{:<20} {:>9} ns  (60 us)", "empty render", median.as_nanos());
    }
}

/// A template as charts write them, a hundred times.
fn sample() -> String {
    let mut text = String::new();
    for n in 0..100 {
        let _ = write!(
            text,
            r#"{{{{- define "chart.labels{n}" -}}}}
app.kubernetes.io/name: {{{{ include "chart.name" . }}}}
helm.sh/chart: {{{{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}}}
{{{{- end -}}}}
{{{{- if and .Values.ingress.enabled (not .Values.ingress.disabled) }}}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{{{ template "chart.fullname" . }}}}
  {{{{- with .Values.ingress.annotations }}}}
  annotations:
    {{{{- range $key, $value := . }}}}
    {{{{ $key }}}}: {{{{ $value | quote }}}}
    {{{{- end }}}}
  {{{{- end }}}}
spec:
  rules:
  {{{{- range .Values.ingress.hosts }}}}
    - host: {{{{ .host | quote }}}}
  {{{{- end }}}}
{{{{- end }}}}
"#
        );
    }
    text
}

/// The median time of `work`, over half a second.
fn measure<T>(mut work: impl FnMut() -> T) -> Duration {
    let started = Instant::now();
    let mut times = Vec::new();
    while times.len() < 10 || started.elapsed() < Duration::from_millis(500) {
        let start = Instant::now();
        black_box(work());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}
