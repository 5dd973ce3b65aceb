//! Template suites: a template, data, and what Helm printed for it, once as a file of a chart and once by `tpl`.
//!
//! The chart around a case is the smallest that gives the template what Helm's test chart gave it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::value::{GoStr, Kind, Map, Named, Type, Value};
use engine::{Error, FnError, Host, Limits, Options, Renderer, TemplateSet};
use serde_json::Value as Json;

/// A failed case, with both texts.
pub(crate) struct Failure {
    pub(crate) label: String,
    pub(crate) want: String,
    pub(crate) got: String,
}

/// What became of a suite.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) passed: usize,
    pub(crate) failures: Vec<Failure>,
}

impl Report {
    pub(crate) fn total(&self) -> usize {
        self.passed + self.failures.len()
    }

    fn compare(&mut self, label: impl FnOnce() -> String, want: &Json, got: Result<String, String>) {
        let (want_ok, want_text) = match (want.get("out"), want.get("err")) {
            (Some(out), _) => (true, out.as_str().unwrap_or_default()),
            (_, err) => (false, err.and_then(Json::as_str).unwrap_or_default()),
        };
        let (got_ok, got_text) = match got {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        if want_ok == got_ok && want_text == got_text {
            self.passed += 1;
            return;
        }
        let show = |ok: bool, text: &str| format!("{} {text}", if ok { "out" } else { "err" });
        self.failures.push(Failure {
            label: label(),
            want: show(want_ok, want_text),
            got: show(got_ok, &got_text),
        });
    }
}

/// The folder with the conformance data, if it is on this machine.
pub(crate) fn folder() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    let named = std::env::var_os("CHARTROOM_CONFORMANCE").map(PathBuf::from);
    let candidates = [
        named,
        Some(workspace.join("../shared/conformance")),
        Some(workspace.join("../../shared/conformance")),
    ];
    candidates
        .into_iter()
        .flatten()
        .find(|folder| folder.join("vectors").is_dir())
}

/// Runs one template suite.
pub(crate) fn run(path: &Path) -> Report {
    let text = std::fs::read_to_string(path).expect("the suite can be read");
    let suite: Json = serde_json::from_str(&text).expect("a suite is JSON");
    let shared = suite.get("data").cloned().unwrap_or(Json::Null);
    let mut report = Report::default();
    for case in suite
        .get("cases")
        .and_then(Json::as_array)
        .expect("a suite has cases")
    {
        if case.get("unstable").and_then(Json::as_bool) == Some(true) {
            continue;
        }
        let template = case.get("template").and_then(Json::as_str).unwrap_or_default();
        let data = case.get("data").unwrap_or(&shared);
        if let Some(want) = case.get("file") {
            let text = format!(
                "{{{{ define \"case\" }}}}{template}{{{{ end }}}}{{{{ template \"case\" .Values.d }}}}"
            );
            let values = Map::from_iter([("d", from_json(data))]);
            report.compare(|| template.to_owned(), want, render(&text, values));
        }
        if let Some(want) = case.get("tpl") {
            let values = Map::from_iter([("t", Value::from(template)), ("d", from_json(data))]);
            let got = render("{{ tpl .Values.t .Values.d }}", values);
            report.compare(|| format!("tpl: {template}"), want, got);
        }
    }
    report
}

/// Values as Helm reads them: every number a float64.
fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or_default()),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => {
            // encoding/json grows a slice to capacities of four and then by halves.
            let mut capacity = 0;
            while capacity < items.len() {
                capacity = if capacity == 0 { 4 } else { capacity + capacity / 2 };
            }
            let mut values: Vec<Value> = items.iter().map(from_json).collect();
            values.resize(capacity.max(items.len()), Value::Nil);
            Value::List(engine::value::List::with_capacity_tail(
                Type::LIST,
                values,
                items.len(),
            ))
        }
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, item)| (key.as_str(), from_json(item)))
                .collect(),
        ),
    }
}

/// Helm's `common.Values`, without its methods.
static VALUES: Named = Named {
    name: "common.Values",
    kind: Kind::Map,
    elem: Type::Interface,
    methods: &[],
};

fn named(map: Map) -> Value {
    Value::Map(map.retyped(&VALUES))
}

struct TestHost;

impl Host for TestHost {
    // When the data was made, since some cases print the day.
    fn unix_nanos(&self) -> i128 {
        1_795_516_320_000_000_000
    }

    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(Path::new("/usr/share/zoneinfo").join(name)).ok()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        buffer
            .iter_mut()
            .zip(1_u8..)
            .for_each(|(byte, n)| *byte = n.wrapping_mul(37));
        Ok(())
    }
}

fn render(template: &str, values: Map) -> Result<String, String> {
    const NAME: &str = "v/templates/t.yaml";
    let mut set = TemplateSet::new();
    set.add(NAME, template)
        .map_err(|error: Error| error.helm_text(NAME))?;
    let strings = |pairs: &[(&str, &str)]| -> Map { pairs.iter().copied().collect() };
    let template = strings(&[("Name", NAME), ("BasePath", "v/templates")]);
    let release: Map = [
        ("Name", Value::from("rel")),
        ("Namespace", Value::from("ns")),
        ("Service", Value::from("Helm")),
        ("IsInstall", Value::Bool(true)),
        ("IsUpgrade", Value::Bool(false)),
        ("Revision", Value::int(1)),
    ]
    .into_iter()
    .collect();
    let chart = strings(&[("Name", "v"), ("Version", "1.2.3"), ("AppVersion", "4.5")]);
    let data: Map = [
        ("Values", named(values)),
        ("Template", named(template)),
        ("Release", Value::Map(release)),
        ("Chart", Value::Map(chart)),
    ]
    .into_iter()
    .collect();
    let limits = Limits {
        max_stack_bytes: 200 << 20,
        max_time: Some(Duration::from_secs(20)),
        ..Limits::default()
    };
    let mut renderer = Renderer::new(
        &set,
        &TestHost,
        Options {
            limits,
            ..Options::default()
        },
    );
    renderer
        .render(NAME, Value::Map(data))
        .map(|out: GoStr| out.to_string())
        .map_err(|error| error.helm_text(NAME))
}
