//! Problems, completions and hover on small texts.

use helm::chart::{Chart, ChartFile};
use values::assist::{Assistant, Severity, position};

fn chart(values: &str, schema: Option<&str>) -> Chart {
    let mut files = vec![
        ChartFile::new("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ChartFile::new("values.yaml", values.to_owned()),
    ];
    files.extend(schema.map(|schema| ChartFile::new("values.schema.json", schema.to_owned())));
    Chart::from_files(files).unwrap()
}

const VALUES: &str = "\
# How many pods
replicaCount: 1
image:
  repository: nginx
  # Which one
  tag: \"1.0\"
  pullPolicy: IfNotPresent
service:
  port: 80
  enabled: true
labels: {}
hosts: []
auth:
  password: hidden
";

/// The first problem: severity, line, column, words; and the text after its fix.
fn first(text: &str) -> (Severity, usize, usize, String, Option<String>) {
    let problems = Assistant::new(&chart(VALUES, None)).problems(text);
    let problem = problems
        .first()
        .unwrap_or_else(|| panic!("no problem in {text:?}"));
    assert_eq!(
        (problem.line, problem.column),
        position(text, problem.range.start)
    );
    let fixed = problem.fix.as_ref().map(|(_, change)| change.apply(text));
    (
        problem.severity,
        problem.line,
        problem.column,
        problem.message.clone(),
        fixed,
    )
}

#[test]
fn broken_yaml_is_explained() {
    for (text, line, column, words, fixed) in [
        (
            "image:\n\ttag: x\n",
            2,
            1,
            "indented with a tab",
            Some("image:\n  tag: x\n"),
        ),
        (
            "a: 1\nimage:x\nb: 2\n",
            2,
            1,
            "A space is missing behind the colon of `image`",
            Some("a: 1\nimage: x\nb: 2\n"),
        ),
        (
            "image:\n  tag:x\n  pullPolicy: y\n",
            2,
            3,
            "A space is missing behind the colon of `tag`",
            Some("image:\n  tag: x\n  pullPolicy: y\n"),
        ),
        (
            "a: 1\nreplicaCount 3\nb: 2\n",
            2,
            1,
            "A colon is missing behind `replicaCount`",
            Some("a: 1\nreplicaCount: 3\nb: 2\n"),
        ),
        (
            "image\n  tag: x\n",
            1,
            1,
            "A colon is missing behind `image`",
            Some("image:\n  tag: x\n"),
        ),
        (
            "a: \"x\nb: 2\n",
            1,
            4,
            "A quote opens here",
            Some("a: \"x\"\nb: 2\n"),
        ),
        (
            "a: 'x\nb: 2\n",
            1,
            4,
            "A quote opens here",
            Some("a: 'x'\nb: 2\n"),
        ),
        ("a: [x, y\nb: 2\n", 1, 4, "This list is not closed", None),
        ("a: {x: 1\n", 1, 4, "This mapping is not closed", None),
        (
            "a:\n    b: 1\n  c: 2\n",
            3,
            1,
            "indented by 2 spaces; the lines above it that it could belong to are indented by 0 or 4",
            Some("a:\n    b: 1\nc: 2\n"),
        ),
        ("a: x: y\n", 1, 1, "There are two colons on this line", None),
        (
            "a: @x\n",
            1,
            4,
            "Text that begins with @ must be in quotes",
            Some("a: \"@x\"\n"),
        ),
        (
            "a: {{ .Values.b }}\n",
            1,
            4,
            "begins with {{ must be in quotes",
            Some("a: \"{{ .Values.b }}\"\n"),
        ),
        ("a: *b\n", 1, 4, "refers to an anchor `&b`", None),
        ("- a\n- b\n", 1, 1, "this is a list", None),
        ("just text\n", 1, 1, "Is a colon missing?", None),
    ] {
        let (severity, found_line, found_column, message, found_fix) = first(text);
        assert_eq!(severity, Severity::Error, "{text:?}");
        assert!(message.contains(words), "{text:?}: {message}");
        assert_eq!((found_line, found_column), (line, column), "{text:?}: {message}");
        assert_eq!(found_fix.as_deref(), fixed, "{text:?}: {message}");
        if let Some(fixed) = fixed {
            assert!(values::Document::parse(fixed).is_ok(), "{fixed:?}");
        }
    }
}

#[test]
fn values_that_surprise_are_pointed_at() {
    for (text, severity, place, words) in [
        (
            "a: 1\nreplicaCount: 1\nreplicaCount: 2\n",
            Severity::Warning,
            (3, 1),
            "given twice, first on line 2",
        ),
        (
            "replicacount: 2\n",
            Severity::Hint,
            (1, 1),
            "Did you mean `replicaCount`?",
        ),
        (
            "image:\n  tga: x\n",
            Severity::Hint,
            (2, 3),
            "Did you mean `tag`?",
        ),
        (
            "pullPolicy: Always\n",
            Severity::Hint,
            (1, 1),
            "but `image.pullPolicy`",
        ),
        (
            "image: nginx\n",
            Severity::Warning,
            (1, 8),
            "`image` is text here; the chart's default is a mapping",
        ),
        (
            "replicaCount: \"2\"\n",
            Severity::Hint,
            (1, 15),
            "`replicaCount` is text here; the chart's default is a number",
        ),
    ] {
        let (found, line, column, message, _) = first(text);
        assert!(message.contains(words), "{text:?}: {message}");
        assert_eq!((found, (line, column)), (severity, place), "{text:?}: {message}");
    }
}

#[test]
fn what_is_well_is_no_problem() {
    let assistant = Assistant::new(&chart(VALUES, None));
    for text in [
        "",
        "# nothing\n",
        VALUES,
        "labels:\n  any: thing\n",
        "hosts: [a]\n",
        "replicaCount: null\n",
        "global:\n  x: 1\n",
        "image:\n  tag: 'it''s'\n",
    ] {
        assert_eq!(assistant.problems(text), [], "{text:?}");
    }
}

#[test]
fn violations_stand_at_the_value_that_caused_them() {
    let schema = r#"{"required": ["host"], "properties": {
        "replicaCount": {"type": "integer", "maximum": 5},
        "image": {"properties": {"tag": {"type": "string"}}, "additionalProperties": false},
        "hosts": {"items": {"type": "object"}}}}"#;
    let assistant = Assistant::new(&chart(
        "replicaCount: 1\nimage: {}\nhosts: []\nhost: x\n",
        Some(schema),
    ));
    for (text, place, words) in [
        (
            "replicaCount: 9 # many\n",
            "9",
            "replicaCount: maximum: got 9, want 5",
        ),
        ("image:\n  tag: 5\n", "5", "image.tag: got number, want string"),
        (
            "image:\n  tga: x\n",
            "image",
            "additional properties 'tga' not allowed",
        ),
        (
            "hosts:\n  - {}\n  - text\n",
            "text",
            "hosts[1]: got string, want object",
        ),
        ("a: 1\nhost: null\n", "", "missing property 'host'"),
    ] {
        let problems = assistant.problems(text);
        let problem = problems
            .iter()
            .find(|problem| problem.severity == Severity::Error);
        let problem = problem.unwrap_or_else(|| panic!("{text:?}: {problems:?}"));
        assert!(problem.message.contains(words), "{text:?}: {}", problem.message);
        assert_eq!(&text[problem.range.clone()], place, "{text:?}");
    }
    assert_eq!(assistant.problems("image:\n  tag: x\n"), []);
}

#[test]
fn switched_off_subcharts_are_not_checked() {
    let chart = Chart::from_files(vec![
        ChartFile::new(
            "Chart.yaml",
            "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- {name: db, version: 1.x, repository: '', condition: db.enabled}\n",
        ),
        ChartFile::new("values.yaml", "db:\n  enabled: false\n"),
        ChartFile::new("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.2.0\n"),
        ChartFile::new("charts/db/values.yaml", "size: 1\n"),
        ChartFile::new("charts/db/values.schema.json", r#"{"properties": {"size": {"type": "integer"}}}"#),
    ])
    .unwrap();
    let assistant = Assistant::new(&chart);
    assert_eq!(assistant.problems("db:\n  size: x\n"), []);
    let problems = assistant.problems("db:\n  enabled: true\n  size: x\n");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].message, "db.size: got string, want integer");
    assert_eq!((problems[0].line, problems[0].column), (3, 9));
}

fn labels(text: &str) -> Vec<String> {
    let offset = text.find('^').unwrap();
    let text = text.replace('^', "");
    let assistant = Assistant::new(&chart(VALUES, None));
    let completions = assistant.completions(&text, offset);
    completions
        .into_iter()
        .map(|completion| completion.label)
        .collect()
}

#[test]
fn completions_are_what_is_not_yet_given() {
    assert_eq!(
        labels("^"),
        ["replicaCount", "image", "service", "labels", "hosts", "auth"]
    );
    assert_eq!(labels("image:\n  ^"), ["repository", "tag", "pullPolicy"]);
    assert_eq!(labels("image:\n  tag: x\n  p^"), ["pullPolicy", "repository"]);
    assert_eq!(labels("image:\n  tag: x\nser^"), ["service"]);
    assert_eq!(labels("service:\n  enabled: ^"), ["true", "false"]);
    assert_eq!(labels("image:\n  pullPolicy: ^"), ["IfNotPresent"]);
    assert_eq!(labels("image:\n  tag: ^"), ["\"1.0\""]);
    assert_eq!(
        labels("auth:\n  password: ^"),
        Vec::<String>::new(),
        "secrets are not shown"
    );
    assert_eq!(labels("# ^"), Vec::<String>::new());
    let assistant = Assistant::new(&chart(VALUES, None));
    let text = "im";
    let completion = &assistant.completions(text, 2)[0];
    assert_eq!(
        (completion.range.clone(), completion.insert.as_str()),
        (0..2, "image:\n  ")
    );
    let completion = &assistant.completions("image:\n  ta", 11)[0];
    assert_eq!(completion.insert, "tag: ");
    assert_eq!(completion.detail, "string, default \"1.0\"");
    assert_eq!(completion.description.as_deref(), Some("Which one"));
}

#[test]
fn hover_tells_what_is_meant() {
    let assistant = Assistant::new(&chart(VALUES, None));
    let text = "image:\n  tag: x\nauth:\n  password: y\nlabels:\n  a: b\n";
    let hover = assistant.hover(text, text.find("x\n").unwrap()).unwrap();
    assert_eq!(
        (hover.path.to_string(), &text[hover.range]),
        ("image.tag".to_owned(), "tag")
    );
    assert_eq!(hover.field.description.as_deref(), Some("Which one"));
    let hover = assistant.hover(text, text.find("y\n").unwrap()).unwrap();
    assert_eq!(hover.field.default, None);
    let hover = assistant.hover(text, text.find("b\n").unwrap()).unwrap();
    assert_eq!(hover.path.to_string(), "labels");
    let broken = "x: [\nreplicaCount: 2\n";
    let hover = assistant.hover(broken, broken.find("rep").unwrap()).unwrap();
    assert_eq!(hover.path.to_string(), "replicaCount");
    assert_eq!(assistant.hover("unknown: 1\n", 0), None);
}

#[test]
fn nothing_typed_makes_it_panic() {
    let assistant = Assistant::new(&chart(VALUES, None));
    let whole = "image:\n  tag: 'ü' # \u{1F600}\n  - x: \"a\\\nb: |\n\t{ [ *x &y !z @\r\n--- \u{FEFF}<<: ?";
    for (end, _) in whole.char_indices() {
        for start in [0, 7, 16] {
            let Some(text) = whole.get(start..end) else {
                continue;
            };
            let _ = assistant.problems(text);
            for offset in [0, text.len() / 2, text.len(), text.len() + 5] {
                let _ = assistant.completions(text, offset);
                let _ = assistant.hover(text, offset);
            }
        }
    }
}
