//! `chartroom template` beside what helm 4.3.1 printed for the same command line (`helm_output/`), and what is ours
//! alone: the catalog, source excerpts, refusals.

use std::path::Path;
use std::process::Output;

use crate::process::{chartroom, output, text};

/// Runs a command in the folder of the sample charts.
pub(crate) fn in_samples(arguments: &[&str]) -> Output {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    output(chartroom(arguments).current_dir(samples))
}

/// Expects exactly what helm printed.
#[track_caller]
pub(crate) fn prints(want: &str, arguments: &[&str]) {
    let got = in_samples(arguments);
    assert_eq!(text(&got.stdout), want, "{arguments:?}: {}", text(&got.stderr));
    assert_eq!(got.status.code(), Some(0), "{arguments:?}");
}

/// Expects an end with code 1 and the message on standard error.
#[track_caller]
pub(crate) fn fails(want: &str, arguments: &[&str]) {
    let got = in_samples(arguments);
    assert_eq!(got.status.code(), Some(1), "{arguments:?}");
    let message = text(&got.stderr);
    assert!(
        message.ends_with(&format!("Error: {want}\n")),
        "{arguments:?}: {message}"
    );
}

pub(crate) fn write(directory: &Path, files: &[(&str, &str)]) {
    for (name, content) in files {
        let path = directory.join(name);
        std::fs::create_dir_all(path.parent().expect("below the directory")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
}

#[test]
fn manifests_are_helms_byte_for_byte() {
    prints(
        include_str!("helm_output/template-hello-web.txt"),
        &["template", "hello-web"],
    );
    prints(
        include_str!("helm_output/template-hello-web-upgrade.txt"),
        &[
            "template",
            "front",
            "hello-web",
            "--namespace",
            "shop",
            "--is-upgrade",
            "--no-hooks",
            "--set",
            "ingress.enabled=true,replicaCount=3",
        ],
    );
    prints(
        include_str!("helm_output/template-hello-web-skip-tests.txt"),
        &[
            "template",
            "hello-web",
            "--skip-tests",
            "--kube-version",
            "1.25.4",
            "--api-versions",
            "example.com/v1",
        ],
    );
    prints(
        include_str!("helm_output/template-guestbook-crds.txt"),
        &[
            "template",
            "guestbook",
            "--include-crds",
            "--values",
            "guestbook/values-production.yaml",
            "--set",
            "admin.password=secret",
        ],
    );
    prints(
        include_str!("helm_output/template-ticker.txt"),
        &["template", "ticker", "--set-string", "schedule=5 * * * *"],
    );
    prints(
        include_str!("helm_output/template-old-greeter.txt"),
        &["template", "old-greeter", "--set-json", r#"{"greeting": "Moin"}"#],
    );
}

#[test]
fn links_to_subcharts_are_followed() {
    prints(
        include_str!("helm_output/template-bookshop.txt"),
        &[
            "template",
            "bookshop",
            "--name-template",
            r#"{{ "BOOKS" | lower }}"#,
        ],
    );
}

#[test]
fn show_only_takes_patterns_in_their_order() {
    prints(
        include_str!("helm_output/template-hello-web-show-only.txt"),
        &[
            "template",
            "hello-web",
            "--show-only",
            "templates/tests/*",
            "--show-only",
            "templates/service.yaml",
        ],
    );
    fails(
        "could not find template templates/none.yaml in chart",
        &["template", "hello-web", "-s", "templates/none.yaml"],
    );
}

#[test]
fn values_come_from_standard_input_files_and_flags_in_helms_order() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let chart = directory.path();
    write(
        chart,
        &[
            ("Chart.yaml", "apiVersion: v2\nname: echo\nversion: 1.0.0\n"),
            ("values.yaml", "a: 0\nb: 0\nc: 0\nd: 0\ne: 0\n"),
            ("templates/all.yaml", "{{ toYaml .Values }}\n"),
            ("one.yaml", "a: file\nb: file\nc: file\n"),
            ("two.txt", "text"),
        ],
    );
    let mut command = chartroom(&[
        "template",
        ".",
        "--values",
        "one.yaml",
        "--set",
        "b=null,c=flag",
        "--set-json",
        "c=[1]",
        "--set-file",
        "d=two.txt",
        "--set-literal",
        "e=x,y=z",
    ]);
    let got = output(command.current_dir(chart));
    assert_eq!(
        text(&got.stdout),
        "---\n# Source: echo/templates/all.yaml\na: file\nc: flag\nd: text\ne: x,y=z\n"
    );
    std::fs::write(chart.join("values.yaml"), "from: file").expect("a file");
    let mut command = chartroom(&["template", ".", "--values", "-"]);
    let got = command
        .current_dir(chart)
        .stdin(std::fs::File::open(chart.join("one.yaml")).expect("a file"))
        .output()
        .expect("the program starts");
    assert_eq!(
        text(&got.stdout),
        "---\n# Source: echo/templates/all.yaml\na: file\nb: file\nc: file\nfrom: file\n"
    );
}

#[test]
fn documents_are_cut_as_helm_4_3_cuts_them() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(
        directory.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: cut\nversion: 1.0.0\n"),
            (
                "templates/a.yaml",
                "kind: Secret\n\n\n---\nkind: ConfigMap\n---\n---apiVersion: v1\nkind: Namespace\n",
            ),
        ],
    );
    let got = output(chartroom(&["template", "."]).current_dir(directory.path()));
    assert_eq!(
        text(&got.stdout),
        "---\n# Source: cut/templates/a.yaml\napiVersion: v1\nkind: Namespace\n\n---\n# Source: cut/templates/a.yaml\nkind: Secret\n\n\n\n---\n# Source: cut/templates/a.yaml\nkind: ConfigMap\n"
    );
}

#[test]
fn refusals_are_in_helms_words() {
    fails(
        "library charts are not installable",
        &["template", "common-parts"],
    );
    fails("path \"./nowhere\" not found", &["template", "./nowhere"]);
    fails(
        "non-absolute URLs should be in form of repo_name/path_to_chart, got: nowhere",
        &["template", "nowhere"],
    );
    fails(
        "expected at most two arguments, unexpected arguments: z",
        &["template", "x", "y", "z"],
    );
    fails(
        "cannot set --generate-name and also specify a name",
        &["template", "x", "hello-web", "-g"],
    );
    fails(
        "failed parsing --set data: key \"a\" has no value",
        &["template", "hello-web", "--set", "a"],
    );
    fails(
        "open none.yaml: no such file or directory",
        &["template", "hello-web", "-f", "none.yaml"],
    );
    fails(
        "invalid kube version 'x': could not parse \"x\" as version",
        &["template", "hello-web", "--kube-version", "x"],
    );
    fails(
        "file '{samples}/bare/Chart.yaml' seems to be a YAML file, but expected a gzipped archive"
            .replace("{samples}", &samples())
            .as_str(),
        &["template", "bare/Chart.yaml"],
    );
    assert_eq!(
        in_samples(&["template", "hello-web", "--nonsense"]).status.code(),
        Some(1)
    );
    assert_eq!(in_samples(&["template"]).status.code(), Some(1));
}

fn samples() -> String {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace");
    samples.join("samples").display().to_string()
}

#[test]
fn what_needs_a_network_or_a_cluster_is_refused_with_a_reason() {
    for (arguments, words) in [
        (&["template", "hello-web", "--validate"][..], "without a cluster"),
        (
            &["template", "hello-web", "--dry-run=server"],
            "without a cluster",
        ),
        (&["template", "hello-web", "--dependency-update"], "not fetched"),
        (&["template", "https://charts.example.com/a.tgz"], "not fetched"),
        (
            &["template", "hello-web", "-f", "https://example.com/v.yaml"],
            "not fetched",
        ),
    ] {
        let got = in_samples(arguments);
        assert_eq!(got.status.code(), Some(1), "{arguments:?}");
        assert!(text(&got.stderr).contains(words), "{}", text(&got.stderr));
        assert_eq!(text(&got.stdout), "");
    }
}

#[test]
fn a_failing_template_is_shown_with_its_place() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let chart = directory.path();
    write(
        chart,
        &[
            ("Chart.yaml", "apiVersion: v2\nname: faulty\nversion: 1.0.0\n"),
            (
                "templates/_parts.tpl",
                "{{ define \"part\" }}\n{{- .Values.a.b.c }}\n{{ end }}\n",
            ),
            ("templates/a.yaml", "a: {{ include \"part\" . }}\n"),
        ],
    );
    let got = output(chartroom(&["template", "."]).current_dir(chart));
    assert_eq!(got.status.code(), Some(1));
    assert_eq!(text(&got.stdout), "");
    assert_eq!(
        text(&got.stderr),
        "Error: faulty/templates/a.yaml:1:6\n  executing \"faulty/templates/a.yaml\" at <include \"part\" .>:\n    error calling include:\nfaulty/templates/_parts.tpl:2:11\n  executing \"part\" at <.Values.a.b.c>:\n    nil pointer evaluating interface {}.b\n\nUse --debug flag to render out invalid YAML\n\n  --> faulty/templates/_parts.tpl:2:11\n1 | {{ define \"part\" }}\n2 | {{- .Values.a.b.c }}\n  |            ^\n"
    );
    // The position is one in the text that `tpl` was given: there is no such place in the file.
    write(
        chart,
        &[(
            "templates/a.yaml",
            "a: {{ tpl \"\\n\\n{{ .Values.a.b }}\" . }}\n\n\n",
        )],
    );
    let got = output(chartroom(&["template", "."]).current_dir(chart));
    assert!(!text(&got.stderr).contains("-->"), "{}", text(&got.stderr));
}

#[test]
fn debug_prints_what_is_no_yaml() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(
        directory.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: faulty\nversion: 1.0.0\n"),
            ("templates/a.yaml", "a: [\n"),
        ],
    );
    let run = |arguments: &[&str]| output(chartroom(arguments).current_dir(directory.path()));
    const MESSAGE: &str = "Error: YAML parse error on faulty/templates/a.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content\n";
    let got = run(&["template", "."]);
    assert_eq!(text(&got.stdout), "");
    assert_eq!(
        text(&got.stderr),
        format!("{MESSAGE}\nUse --debug flag to render out invalid YAML\n")
    );
    let got = run(&["template", ".", "--debug"]);
    assert_eq!(
        text(&got.stdout),
        "---\n# Source: faulty/templates/a.yaml\na: [\n"
    );
    assert_eq!(text(&got.stderr), MESSAGE);
    assert_eq!(got.status.code(), Some(1));
}

#[test]
fn an_output_directory_gets_a_file_for_each_template() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let out = directory.path().display().to_string();
    let got = in_samples(&[
        "template",
        "me",
        "hello-web",
        "--output-dir",
        &out,
        "--release-name",
    ]);
    assert_eq!(
        text(&got.stdout),
        [
            "serviceaccount",
            "configmap",
            "service",
            "deployment",
            "tests/greets"
        ]
        .map(|name| format!("wrote {out}/me/hello-web/templates/{name}.yaml\n"))
        .concat()
            + "\n"
    );
    let service = directory.path().join("me/hello-web/templates/service.yaml");
    let service = std::fs::read_to_string(service).expect("it was written");
    assert!(service.starts_with("---\n# Source: hello-web/templates/service.yaml\n"));
}

#[test]
fn charts_of_the_catalog_come_from_the_store() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str]| output(chartroom(arguments).arg("--data-dir").arg(data.path()));
    let stored = run(&["template", "samples/hello-web"]);
    assert_eq!(
        text(&stored.stdout),
        include_str!("helm_output/template-hello-web.txt")
    );
    let range = run(&["template", "samples/hello-web", "--version", "^1.0.0"]);
    assert_eq!(range.stdout, stored.stdout);
    for (arguments, want) in [
        (&["template", "samples/none"][..], "Error: chart "),
        (&["template", "none/hello-web"], "Error: repository "),
        (
            &["template", "samples/hello-web", "--version", ">=90"],
            "Error: chart \"hello-web\" matching >=90 not found in samples index.",
        ),
    ] {
        let got = run(arguments);
        assert_eq!(got.status.code(), Some(1));
        assert!(text(&got.stderr).starts_with(want), "{}", text(&got.stderr));
    }
}

#[test]
fn random_values_are_random_and_times_are_now() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(
        directory.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: dice\nversion: 1.0.0\n"),
            (
                "templates/a.yaml",
                "a: {{ randAlphaNum 32 }}\nb: {{ now | unixEpoch }}\n",
            ),
        ],
    );
    let run = || text(&output(chartroom(&["template", "."]).current_dir(directory.path())).stdout);
    let (one, two) = (run(), run());
    let line = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.unwrap_or_else(|| panic!("{key} in {text}")).to_owned()
    };
    assert_ne!(line(&one, "a: "), line(&two, "a: "));
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let said: u64 = line(&two, "b: ")[3..].parse().expect("a number");
    assert!(now.abs_diff(said) < 60, "{said} {now}");
}

#[test]
fn bytes_that_are_no_text_become_replacement_characters() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(
        directory.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: raw\nversion: 1.0.0\n"),
            ("templates/a.yaml", "a: {{ \"/w==\" | b64dec }}\n"),
        ],
    );
    let got = output(chartroom(&["template", "."]).current_dir(directory.path()));
    assert_eq!(
        text(&got.stdout),
        "---\n# Source: raw/templates/a.yaml\na: \u{fffd}\n",
        "{}",
        text(&got.stderr)
    );
}

#[test]
fn the_duration_functions_of_4_3_answer_as_helms() {
    let cases: &[(&str, &str)] = &[
        // What helm 4.3.1 printed.
        ("durationSeconds \"1h2m3s\"", "3723"),
        ("durationMinutes \"2.5\"", "0.041666666666666664"),
        ("durationHours \" 90m \"", "1.5"),
        ("durationDays 90", "0.0010416666666666667"),
        ("durationWeeks \"-1.5h\"", "-0.008928571428571428"),
        ("durationMilliseconds 2.25", "2250"),
        ("durationMicroseconds \"0x1p4\"", "16000000"),
        ("durationNanoseconds 1e300", "0"),
        ("durationSeconds \"no duration\"", "0"),
        ("durationRoundTo \"1h2m3s\" \"1m\"", "1h2m0s"),
        ("durationTruncateTo \"1h2m33s\" \"1m\"", "1h2m0s"),
        ("durationTruncateTo \"-1.5h\" \"no unit\"", "-1h30m0s"),
        ("(mustToDuration 90).Minutes", "1.5"),
        ("typeOf (mustToDuration \"1h\")", "time.Duration"),
        ("toJson (mustToDuration \"1h\")", "3600000000000"),
    ];
    let lines: Vec<String> = cases
        .iter()
        .map(|(call, _)| format!("- {{{{ {call} }}}}\n"))
        .collect();
    let wanted: Vec<String> = cases.iter().map(|(_, want)| format!("- {want}\n")).collect();
    let directory = tempfile::tempdir().expect("a temporary folder");
    let chart = ("Chart.yaml", "apiVersion: v2\nname: newer\nversion: 1.0.0\n");
    let template = format!("items:\n{}", lines.concat());
    write(directory.path(), &[chart, ("templates/a.yaml", &template)]);
    let got = output(chartroom(&["template", "."]).current_dir(directory.path()));
    let want = format!(
        "---\n# Source: newer/templates/a.yaml\nitems:\n{}",
        wanted.concat()
    );
    assert_eq!(text(&got.stdout), want, "{}", text(&got.stderr));

    for (argument, problem) in [
        ("\"\"", "empty duration"),
        ("\"soon\"", "could not parse duration \"soon\""),
        ("(list 1)", "unsupported duration type []interface {}"),
        ("9223372037", "duration seconds overflow: 9223372037"),
    ] {
        let template = format!("a: {{{{ mustToDuration {argument} }}}}\n");
        write(directory.path(), &[chart, ("templates/a.yaml", &template)]);
        let got = output(chartroom(&["template", "."]).current_dir(directory.path()));
        let message = format!("error calling mustToDuration: {problem}\n");
        assert!(
            text(&got.stderr).contains(&message),
            "{argument}: {}",
            text(&got.stderr)
        );
        assert_eq!(got.status.code(), Some(1));
    }
}

#[test]
fn no_kubeconfig_is_read() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let kubeconfig = "apiVersion: v1\nkind: Config\ncurrent-context: here\nclusters:\n- name: here\n  cluster: {server: \"https://127.0.0.1:1\"}\nusers:\n- name: me\n  user: {}\ncontexts:\n- name: here\n  context: {cluster: here, user: me, namespace: elsewhere}\n";
    write(
        directory.path(),
        &[
            ("config", kubeconfig),
            ("Chart.yaml", "apiVersion: v2\nname: where\nversion: 1.0.0\n"),
            ("templates/a.yaml", "a: {{ .Release.Namespace }}\n"),
        ],
    );
    let mut command = chartroom(&["template", "."]);
    command.env("KUBECONFIG", directory.path().join("config"));
    let got = output(command.current_dir(directory.path()));
    assert_eq!(
        text(&got.stdout),
        "---\n# Source: where/templates/a.yaml\na: default\n"
    );
}

#[test]
fn hosts_are_looked_up_only_when_asked_to() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    write(
        directory.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: hosts\nversion: 1.0.0\n"),
            (
                "templates/a.yaml",
                "a: {{ getHostByName \"localhost\" | quote }}\n",
            ),
        ],
    );
    let render = |arguments: &[&str]| {
        let got = output(chartroom(arguments).current_dir(directory.path()));
        text(&got.stdout).replace("---\n# Source: hosts/templates/a.yaml\n", "")
    };
    assert_eq!(render(&["template", "."]), "a: \"\"\n");
    // The first of what the system knows, always the same.
    let first = render(&["template", ".", "--enable-dns"]);
    assert!(
        ["a: \"127.0.0.1\"\n", "a: \"::1\"\n"].contains(&first.as_str()),
        "{first}"
    );
    for _ in 0..5 {
        assert_eq!(render(&["template", ".", "--enable-dns"]), first);
    }
}

#[test]
fn local_times_have_the_offset_of_now() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let template = "winter: {{ toDate \"2006-01-02\" \"2026-01-15\" | date \"-0700\" | quote }}\n\
                    summer: {{ toDate \"2006-01-02\" \"2026-07-15\" | date \"-0700\" | quote }}\n";
    write(
        directory.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: zone\nversion: 1.0.0\n"),
            ("templates/a.yaml", template),
        ],
    );
    let mut command = chartroom(&["template", "."]);
    command.env("TZ", "America/New_York");
    let got = output(command.current_dir(directory.path()));
    let printed = text(&got.stdout);
    let offset = |season: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(season));
        line.unwrap_or_default().to_owned()
    };
    // Helm has -0500 in winter and -0400 in summer.
    assert!(offset("winter: ").starts_with("\"-0"), "{printed}");
    assert_eq!(offset("winter: "), offset("summer: "), "{printed}");
}
