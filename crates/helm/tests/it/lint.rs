//! Lint rules, one broken at a time. The texts are what Helm 4.3.1 printed for the same files.

use engine::NoHost;
use helm::capabilities::KubeVersion;
use helm::chart::{Chart, ChartFile};
use helm::lint::{ChartDirectory, Entry, LintOptions, lint};
use helm::values::Table;

const PLAIN: &str = "apiVersion: v2\nname: plain\nversion: 1.0.0\nicon: https://example.com/icon.svg\n";

/// The directory that would hold these files.
fn directory(files: &[(&str, &str)]) -> ChartDirectory {
    let entry = |name: &str| {
        let found = files.iter().find(|(path, _)| *path == name);
        let prefix = format!("{name}/");
        match found {
            Some((_, text)) => Entry::File((*text).to_owned().into()),
            None if files.iter().any(|(path, _)| path.starts_with(&prefix)) => Entry::Directory,
            None => Entry::Missing,
        }
    };
    let loaded = files
        .iter()
        .map(|(path, text)| ChartFile::new(*path, (*text).to_owned()));
    ChartDirectory {
        path: "/charts/plain".to_owned(),
        chart_yaml: entry("Chart.yaml"),
        values_yaml: entry("values.yaml"),
        schema: entry("values.schema.json"),
        templates: entry("templates"),
        crds: entry("crds"),
        chart: Chart::from_directory(loaded.collect()).map_err(|error| error.to_string()),
    }
}

/// Lints and expects these lines.
#[track_caller]
fn check(files: &[(&str, &str)], want: &[&str]) {
    check_with(&LintOptions::default(), files, want);
}

#[track_caller]
fn check_with(options: &LintOptions, files: &[(&str, &str)], want: &[&str]) {
    let found = lint(&directory(files), &Table::new(), options, &NoHost);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, want);
}

/// A chart that breaks nothing but what its templates break.
fn with_template(text: &'static str) -> [(&'static str, &'static str); 3] {
    [
        ("Chart.yaml", PLAIN),
        ("values.yaml", ""),
        ("templates/x.yaml", text),
    ]
}

#[test]
fn a_good_chart_has_no_findings() {
    check(
        &with_template("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"),
        &[],
    );
}

#[test]
fn what_is_missing_is_named() {
    check(
        &[("Chart.yaml", "{}\n")],
        &[
            "[ERROR] Chart.yaml: name is required",
            "[ERROR] Chart.yaml: apiVersion is required. The value must be either \"v1\" or \"v2\"",
            "[ERROR] Chart.yaml: version is required",
            "[INFO] Chart.yaml: icon is recommended",
            "[WARNING] Chart.yaml: version '' is not a valid SemVerV2",
            "[INFO] values.yaml: file does not exist",
            "[WARNING] templates/: directory does not exist",
            "[ERROR] : unable to load chart\n\tvalidation: chart.metadata.name is required",
        ],
    );
}

#[test]
fn files_where_directories_belong_are_named() {
    check(
        &[
            ("Chart.yaml", PLAIN),
            ("values.yaml", ""),
            ("templates", ""),
            ("crds", ""),
        ],
        &[
            "[ERROR] templates/: not a directory",
            "[ERROR] crds/: not a directory",
        ],
    );
}

#[test]
fn a_key_given_twice_is_a_warning() {
    let twice = format!("{PLAIN}name: plain\n");
    check(
        &[
            ("Chart.yaml", &twice),
            ("values.yaml", ""),
            ("templates/_x.tpl", ""),
        ],
        &[
            "[WARNING] Chart.yaml: failed to strictly parse chart metadata file\n\terror converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key \"name\" already set in map",
        ],
    );
}

#[test]
fn dependencies_and_folders_have_to_agree() {
    let declared = format!("{PLAIN}dependencies:\n- {{name: gone, version: 1.x.x, repository: \"\"}}\n");
    check(
        &[
            ("Chart.yaml", &declared),
            ("values.yaml", ""),
            ("templates/_x.tpl", ""),
            (
                "charts/extra/Chart.yaml",
                "apiVersion: v2\nname: extra\nversion: 1.0.0\n",
            ),
        ],
        &[
            "[ERROR] /charts/plain: chart metadata is missing these dependencies: extra",
            "[WARNING] /charts/plain: chart directory is missing these dependencies: gone",
        ],
    );
}

#[test]
fn required_and_fail_pass_and_nothing_is_installed() {
    check(
        &with_template(
            "kind: Pod\nmetadata:\n  name: {{ required \"no\" .Values.none | default \"a\" }}{{ fail \"no\" }}\nis: {{ .Release.IsInstall }}{{ .Release.IsUpgrade }}\n",
        ),
        &[],
    );
}

#[test]
fn templates_that_do_not_render_are_errors() {
    check(
        &with_template("{{ if }}\n"),
        &["[ERROR] templates/: parse error at (plain/templates/x.yaml:1): missing value for if"],
    );
}

#[test]
fn what_is_no_yaml_ends_the_look_at_templates() {
    check(
        &with_template("a: [\n"),
        &[
            "[ERROR] templates/x.yaml: unable to parse YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content",
        ],
    );
    check(
        &with_template("{ {- x }\n"),
        &[
            "[ERROR] templates/x.yaml: unable to parse YAML: json: offset 3: invalid character '{' looking for beginning of object key string",
        ],
    );
    check(
        &with_template("kind: {}\n"),
        &[
            "[ERROR] templates/x.yaml: unable to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go struct field k8sYamlStruct.Kind of type string",
        ],
    );
}

#[test]
fn deprecation_depends_on_the_kubernetes_asked_for() {
    let chart = with_template("apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n");
    check(
        &chart,
        &[
            "[WARNING] templates/x.yaml: batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob",
        ],
    );
    let options = LintOptions {
        kube_version: KubeVersion::parse("1.20").ok(),
        ..LintOptions::default()
    };
    check_with(&options, &chart, &[]);
}

#[test]
fn a_list_keeps_nothing() {
    const LIST: &str = "kind: List\nmetadata: {name: a}\nitems:\n- metadata: {annotations: {helm.sh/resource-policy: keep}}\n";
    check(
        &with_template(LIST),
        &["[ERROR] templates/x.yaml: annotation 'helm.sh/resource-policy' within List objects are ignored"],
    );
    // Helm reads the first document of the file for it, whichever the List is.
    check(
        &with_template(
            "kind: Pod\nmetadata: {name: a}\n---\nkind: List\nmetadata: {name: a}\nitems:\n- metadata: {annotations: {helm.sh/resource-policy: keep}}\n",
        ),
        &[],
    );
}

#[test]
fn values_have_to_fit_the_schema_unless_nobody_asks() {
    let chart = [
        ("Chart.yaml", PLAIN),
        ("values.yaml", "a: x\n"),
        ("values.schema.json", r#"{"properties":{"a":{"type":"integer"}}}"#),
        ("templates/_x.tpl", ""),
    ];
    check(
        &chart,
        &[
            "[ERROR] values.yaml: - at '/a': got string, want integer\n",
            "[ERROR] templates/: values don't meet the specifications of the schema(s) in the following chart(s):\nplain:\n- at '/a': got string, want integer\n",
        ],
    );
    let options = LintOptions {
        skip_schema_validation: true,
        ..LintOptions::default()
    };
    check_with(&options, &chart, &[]);
}

#[test]
fn values_that_are_no_mapping_are_an_error() {
    check(
        &[("Chart.yaml", PLAIN), ("values.yaml", "x")],
        &[
            "[ERROR] values.yaml: unable to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type common.Values",
            "[WARNING] templates/: directory does not exist",
            "[ERROR] : unable to load chart\n\tcannot load values.yaml: cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map[string]interface {}",
        ],
    );
}
