//! `chartroom lint` beside what helm 4.3.1 printed for the same charts.

use std::path::Path;
use std::process::Output;

use crate::cli_template::{fails, prints, write};
use crate::process::{chartroom, output, text};

/// A chart that breaks many rules.
const CARELESS: &[(&str, &str)] = &[
    (
        "careless/Chart.yaml",
        "apiVersion: v1
name: careless
version: 1.10
appVersion: 2
type: application
icon: logo.png
homepage: https://example.com
sources:
  - https://example.com/a
  - example.com/b
maintainers:
  - name: Ada
    email: ada at example.com
dependencies:
  - name: cache
    version: 1.0.0
    repository: \"\"
",
    ),
    (
        "careless/templates/objects.yaml",
        "apiVersion: extensions/v1beta1
kind: Ingress
metadata:
  name: Front_Door
---
apiVersion: v1
kind: Service
metadata:
  name: 1st
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
---
# nothing
---
apiVersion: v1
kind: List
items: []
",
    ),
    ("careless/templates/script.sh", "echo {{ .Release.Name }}\n"),
    (
        "careless/crds/x.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n",
    ),
];

fn lint(directory: &Path, arguments: &[&str]) -> Output {
    output(chartroom(&["lint"]).args(arguments).current_dir(directory))
}

#[test]
fn samples_pass() {
    prints(
        "==> Linting hello-web\n[INFO] Chart.yaml: icon is recommended\n\n1 chart(s) linted, 0 chart(s) failed\n",
        &["lint", "hello-web"],
    );
    prints(
        "==> Linting bare\n[INFO] Chart.yaml: icon is recommended\n[INFO] values.yaml: file does not exist\n\n==> Linting bookshop\n[INFO] Chart.yaml: icon is recommended\n\n2 chart(s) linted, 0 chart(s) failed\n",
        &["lint", "--strict", "bare", "bookshop"],
    );
    prints("", &["lint", "--quiet", "guestbook"]);
}

#[test]
fn subcharts_are_linted_on_request() {
    prints(
        "==> Linting bookshop\n[INFO] Chart.yaml: icon is recommended\n\n==> Linting bookshop/charts/cache\n[INFO] Chart.yaml: icon is recommended\n\n2 chart(s) linted, 0 chart(s) failed\n",
        &["lint", "--with-subcharts", "bookshop"],
    );
}

#[test]
fn every_broken_rule_is_named_in_helms_order_and_words() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(directory.path(), CARELESS);
    let got = lint(directory.path(), &["careless"]);
    let path = directory.path().join("careless").display().to_string();
    assert_eq!(
        text(&got.stdout),
        format!(
            "==> Linting careless
[WARNING] Chart.yaml: failed to strictly parse chart metadata file
\terror unmarshaling JSON: while decoding JSON: json: unknown field \"homepage\"
[ERROR] Chart.yaml: version should be of type string but it's of type float64
[ERROR] Chart.yaml: appVersion should be of type string but it's of type float64
[ERROR] Chart.yaml: invalid email 'ada at example.com' for maintainer 'Ada'
[ERROR] Chart.yaml: invalid source URL 'example.com/b'
[ERROR] Chart.yaml: invalid icon URL 'logo.png'
[ERROR] Chart.yaml: chart type is not valid in apiVersion 'v1'. It is valid in apiVersion 'v2'
[ERROR] Chart.yaml: dependencies are not valid in the Chart file with apiVersion 'v1'. They are valid in apiVersion 'v2'
[WARNING] Chart.yaml: version '1.1' is not a valid SemVerV2
[INFO] values.yaml: file does not exist
[WARNING] templates/objects.yaml: object name does not conform to Kubernetes naming requirements: \"Front_Door\": metadata.name: Invalid value: \"Front_Door\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
[WARNING] templates/objects.yaml: extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress
[WARNING] templates/objects.yaml: object name does not conform to Kubernetes naming requirements: \"1st\": metadata.name: Invalid value: \"1st\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')
[ERROR] templates/objects.yaml: a Deployment must contain matchLabels or matchExpressions, and \"web\" does not
[WARNING] templates/objects.yaml: object name does not conform to Kubernetes naming requirements: \"\": metadata.name: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
[ERROR] templates/script.sh: file extension '.sh' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt
[WARNING] {path}: chart directory is missing these dependencies: cache
[ERROR] crds/x.yaml: apiVersion is not in 'apiextensions.k8s.io'
[ERROR] crds/x.yaml: object kind is not 'CustomResourceDefinition'

"
        )
    );
    assert_eq!(text(&got.stderr), "Error: 1 chart(s) linted, 1 chart(s) failed\n");
    assert_eq!(got.status.code(), Some(1));
    let old = lint(directory.path(), &["careless", "--kube-version", "1.13"]);
    assert!(!text(&old.stdout).contains("deprecated"), "{}", text(&old.stdout));
}

#[test]
fn values_are_checked_with_the_users_laid_over_them() {
    fails(
        "1 chart(s) linted, 1 chart(s) failed",
        &["lint", "guestbook", "--set", "replicas=abc"],
    );
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(
        directory.path(),
        &[
            (
                "broken/Chart.yaml",
                "apiVersion: v2\nname: broken\nversion: 1.0.0\nicon: https://example.com/x.svg\n",
            ),
            ("broken/values.yaml", "size: large\n"),
            (
                "broken/values.schema.json",
                r#"{"type":"object","properties":{"size":{"type":"integer"}}}"#,
            ),
            (
                "broken/templates/a.yaml",
                "a: {{ required \"size is needed\" .Values.none }}\nb: {{ fail \"no\" }}\nc: {{ .Release.IsInstall }}\n",
            ),
        ],
    );
    let got = lint(directory.path(), &["broken"]);
    assert_eq!(
        text(&got.stdout),
        "==> Linting broken\n[ERROR] values.yaml: - at '/size': got string, want integer\n\n[ERROR] templates/: values don't meet the specifications of the schema(s) in the following chart(s):\nbroken:\n- at '/size': got string, want integer\n\n\n"
    );
    let got = lint(directory.path(), &["broken", "--set", "size=3", "--strict"]);
    assert!(text(&got.stdout).contains("conform"), "{}", text(&got.stdout));
    let got = lint(directory.path(), &["broken", "--set", "size=3"]);
    assert_eq!(got.status.code(), Some(0), "{}", text(&got.stdout));
}

#[test]
fn what_is_no_chart_fails() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(
        directory.path(),
        &[
            ("syntax/Chart.yaml", "apiVersion: [v2\nname: syntax\n"),
            ("empty/readme", ""),
        ],
    );
    let got = lint(directory.path(), &["empty", "syntax"]);
    assert_eq!(
        text(&got.stdout),
        "==> Linting empty
Error unable to check Chart.yaml file in chart: stat empty/Chart.yaml: no such file or directory

==> Linting syntax
[ERROR] Chart.yaml: unable to parse YAML
\terror converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'
[INFO] values.yaml: file does not exist
[WARNING] templates/: directory does not exist
[ERROR] : unable to load chart
\tcannot load Chart.yaml: error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'

"
    );
    assert_eq!(text(&got.stderr), "Error: 2 chart(s) linted, 2 chart(s) failed\n");
}

#[test]
fn an_archive_is_linted_like_its_directory() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let files = CARELESS.iter().map(|(name, text)| {
        let name = name.strip_prefix("careless/").expect("below the chart");
        (name, text.as_bytes())
    });
    let archive = helm::archive::pack("careless", files, Default::default()).expect("it packs");
    std::fs::write(directory.path().join("careless.tgz"), archive).expect("a file");
    write(directory.path(), CARELESS);
    let found = |path: &str| {
        let got = lint(directory.path(), &[path]);
        assert_eq!(got.status.code(), Some(1));
        let lines: Vec<String> = text(&got.stdout).lines().skip(1).map(str::to_owned).collect();
        lines
    };
    let whole = directory.path().join("careless").display().to_string();
    let of_directory = found("careless").join("\n").replace(&whole, "careless");
    assert_eq!(found("careless.tgz").join("\n"), of_directory);
}

#[test]
fn undeclared_subcharts_are_named_in_the_order_of_their_folders() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let names = ["ant", "bee", "cow", "dog", "eel"];
    let mut files = vec![(
        "top/Chart.yaml".to_owned(),
        "apiVersion: v2\nname: top\nversion: 1.0.0\nicon: https://example.com/i.png\n".to_owned(),
    )];
    for name in names {
        let chart = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        files.push((format!("top/charts/{name}/Chart.yaml"), chart));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    write(directory.path(), &files);
    let got = output(chartroom(&["lint", "top"]).current_dir(directory.path()));
    let want = format!(
        "chart metadata is missing these dependencies: {}",
        names.join(",")
    );
    assert!(text(&got.stdout).contains(&want), "{}", text(&got.stdout));
}
