//! Where all rendered lines begin to be written, against what is told of each of them alone.

use std::collections::BTreeMap;

use engine::{Begun, NoHost};
use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};
use helm::chart::Chart;
use helm::render::{PreparedChart, RenderOptions};
use helm::values::Table;

use crate::conformance;

fn prepared(tgz: &[u8]) -> Option<PreparedChart> {
    let files = ChartFiles::from_bytes(tgz, &ArchiveLimits::default()).ok()?;
    Some(PreparedChart::new(Chart::from_files(files.files.clone()).ok()?))
}

/// What is told of all lines of every template; nothing where the chart does not render.
fn all_begun(chart: &PreparedChart, n_left: &mut usize) -> Option<BTreeMap<String, Vec<Option<Begun>>>> {
    let options = RenderOptions::default();
    let mut begun = BTreeMap::new();
    let told = chart.render_told(&Table::new(), &options, &NoHost, &mut |path, trace| {
        begun.insert(path.to_owned(), trace.begun(n_left));
    });
    let plain = chart.render(&Table::new(), &options, &NoHost);
    let (told, plain) = (told.ok()?, plain.ok()?);
    assert_eq!(told.templates, plain.templates, "looking changes nothing");
    Some(begun)
}

/// Compares with what each line tells by itself; the number of lines that were compared.
fn check(chart: &PreparedChart, path: &str, begun: &[Option<Begun>]) -> usize {
    let trace = chart.trace(&Table::new(), &RenderOptions::default(), &NoHost, path);
    let trace = trace.expect("it renders");
    let mut n_compared = 0;
    for (at, begun) in begun.iter().enumerate().take(400) {
        let made = trace.line(at + 1);
        assert_eq!(begun.is_some(), made.is_some(), "{path}, line {}", at + 1);
        let (Some(begun), Some(made)) = (begun, made) else {
            continue;
        };
        assert_eq!(made.places[0].1, begun.line, "{path}, line {}", at + 1);
        let by = (begun.by.0.to_string(), begun.by.1);
        assert!(
            made.places.contains(&by),
            "{path}, line {}: {by:?} in {:?}",
            at + 1,
            made.places
        );
        n_compared += 1;
    }
    n_compared
}

const HELPERS: &str = "\
{{- define \"labels\" -}}
app: {{ .Chart.Name }}
same: same
{{ include \"more\" . }}
same: same
{{- end }}
{{- define \"more\" -}}
more: {{ .Release.Name | quote }}
{{- end }}
";

const TEMPLATE: &str = "\
kind: A
labels:
  {{- include \"labels\" . | nindent 2 }}
name: {{ include \"more\" . | trunc 3 }}
{{- range list 1 2 }}
- {{ . }}
  {{- with $ }}
  {{- include \"labels\" . | upper | nindent 2 }}
  {{- end }}
{{- end }}
{{ tpl \"x: {{ 1 }}\\ny: 2\" . }}

last: true
";

#[test]
fn every_line_begins_somewhere() {
    let files: [(&str, &[u8]); 3] = [
        ("Chart.yaml", b"apiVersion: v2\nname: demo\nversion: 1.0.0\n"),
        ("templates/_helpers.tpl", HELPERS.as_bytes()),
        ("templates/a.yaml", TEMPLATE.as_bytes()),
    ];
    let tgz = pack("demo", files, Modified::default()).expect("it packs");
    let chart = prepared(&tgz).expect("it loads");
    let begun = all_begun(&chart, &mut 1_000).expect("it renders");
    let path = "demo/templates/a.yaml";
    let lines = &begun[path];
    assert!(check(&chart, path, lines) > 15);
    let told: Vec<String> = lines
        .iter()
        .map(|begun| match begun {
            Some(Begun { line, by: (file, at) }) => {
                format!("{line} {}:{at}", file.rsplit('/').next().unwrap_or_default())
            }
            None => String::new(),
        })
        .collect();
    assert_eq!(
        told[..8],
        [
            "1 a.yaml:1",
            "2 a.yaml:2",
            "3 _helpers.tpl:2",
            "3 _helpers.tpl:3",
            "3 _helpers.tpl:8",
            // The second of two equal lines is the second.
            "3 _helpers.tpl:5",
            "4 a.yaml:4",
            "6 a.yaml:6",
        ]
    );
    // What was changed on its way is its template's, and no more is claimed.
    assert_eq!(told[8], "8 a.yaml:8");
    assert_eq!(told.last().map(String::as_str), Some(""));
    assert_eq!(told[told.len() - 2], "13 a.yaml:13");
}

#[test]
fn looking_has_an_end() {
    let files: [(&str, &[u8]); 3] = [
        ("Chart.yaml", b"apiVersion: v2\nname: demo\nversion: 1.0.0\n"),
        (
            "templates/a.yaml",
            b"{{ range until 500 }}\n- {{ . }}\n{{- end }}\n",
        ),
        ("templates/b.yaml", b"b: 1\n"),
    ];
    let tgz = pack("demo", files, Modified::default()).expect("it packs");
    let chart = prepared(&tgz).expect("it loads");
    let mut n_left = 300;
    let begun = all_begun(&chart, &mut n_left).expect("it renders");
    assert_eq!(n_left, 0);
    let n_lines: Vec<usize> = begun.values().map(Vec::len).collect();
    assert_eq!(n_lines.iter().sum::<usize>(), 300, "{n_lines:?}");
}

#[test]
fn published_charts_are_told_the_same_line_by_line() {
    let Some(folder) = conformance::folder() else {
        return;
    };
    let (mut n_lines, mut n_charts) = (0, 0);
    for path in conformance::archives(&folder).iter().step_by(23) {
        let tgz = std::fs::read(path).expect("it is there");
        let Some(chart) = prepared(&tgz) else { continue };
        let Some(begun) = all_begun(&chart, &mut 200_000) else {
            continue;
        };
        n_charts += 1;
        for (template, begun) in begun.iter().filter(|(_, begun)| begun.len() > 3).take(6) {
            n_lines += check(&chart, template, begun);
        }
    }
    assert!(
        n_charts > 5 && n_lines > 500,
        "{n_charts} charts, {n_lines} lines"
    );
}
