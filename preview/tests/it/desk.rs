//! What a page asks while values are edited, on a chart with a sub-chart, a schema and comments.

use std::collections::BTreeMap;

use preview::{Answer, Checked, Desk, Edited, Form, LoadedChart, Question};
use serde_json::{Value as Json, json};

const DEFAULTS: &str = "\
# -- How many
replicaCount: 1
image:
  # -- Of the image
  tag: \"1.0\"
  pullPolicy: Always
auth:
  # -- For the first user
  password: chosen
ports: []
db:
  enabled: true
";

fn chart(version: &str, defaults: &str) -> LoadedChart {
    let metadata = format!(
        "apiVersion: v2\nname: web\nversion: {version}\ndependencies:\n- name: db\n  version: 2.0.0\n  condition: db.enabled\n"
    );
    let files = [
        ("Chart.yaml", metadata.as_str()),
        ("values.yaml", defaults),
        (
            "charts/db/Chart.yaml",
            "apiVersion: v2\nname: db\nversion: 2.0.0\ndescription: Rows\n",
        ),
        ("charts/db/values.yaml", "size: 8Gi # of the disk\n"),
    ];
    let files: BTreeMap<String, String> = files
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
    LoadedChart::from_directory(files).expect("the chart loads")
}

fn desk() -> Desk {
    Desk::new(chart("2.0.0", DEFAULTS).chart())
}

fn ask(desk: &Desk, question: Json) -> Answer {
    desk.answer(&serde_json::from_value(question).expect("a question"))
}

fn edited(answer: Answer) -> Edited {
    match answer {
        Answer::Edited(edited) => edited,
        other => panic!("{other:?}"),
    }
}

fn form(desk: &Desk) -> Form {
    match ask(desk, json!({ "kind": "form" })) {
        Answer::Form(form) => form,
        other => panic!("{other:?}"),
    }
}

fn check(desk: &Desk, text: &str, report: Option<&str>) -> Checked {
    match ask(
        desk,
        json!({ "kind": "check", "text": text, "schemaReport": report }),
    ) {
        Answer::Checked(checked) => checked,
        other => panic!("{other:?}"),
    }
}

/// The text after an edit, whose places are UTF-16 units.
fn after(text: &str, edited: &Edited) -> String {
    let Some(edit) = &edited.edit else {
        return text.to_owned();
    };
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut made = units[..edit.from].to_vec();
    made.extend(edit.insert.encode_utf16());
    made.extend(&units[edit.to..]);
    String::from_utf16(&made).expect("whole characters")
}

#[test]
fn a_form_has_groups_in_the_order_of_the_file_and_sub_charts_last() {
    let form = form(&desk());
    let groups: Vec<_> = form
        .groups
        .iter()
        .map(|group| {
            let names: Vec<&str> = group.fields.iter().map(|field| field.name.as_str()).collect();
            (group.title.as_str(), group.subchart, names)
        })
        .collect();
    assert_eq!(
        groups,
        [
            ("", None, vec!["replicaCount", "ports"]),
            ("image", None, vec!["image.tag", "image.pullPolicy"]),
            ("auth", None, vec!["auth.password"]),
            ("db", None, vec!["db.enabled"]),
            ("", Some(0), vec!["db.size"]),
        ]
    );
    let password = &form.groups[2].fields[0];
    assert!(password.field.secret);
    assert_eq!(password.field.default, None, "a secret is shown nowhere");
    assert_eq!(form.groups[4].fields[0].label, "size");
    assert_eq!(form.subcharts[0].description, "Rows");
}

#[test]
fn an_edit_touches_its_own_lines_and_a_default_that_is_typed_again_goes() {
    let desk = desk();
    let text = "# grüße 😀\nreplicaCount: 2\nauth:\n  password: x # mine\nports: [a]\n";
    let set = |text: &str, path: Json, value: Json, settled: bool| {
        let question =
            json!({ "kind": "set", "text": text, "path": path, "value": value, "settled": settled });
        edited(ask(&desk, question))
    };
    let tagged = set(text, json!(["image", "tag"]), json!("1.1"), false);
    let want = "# grüße 😀\nreplicaCount: 2\nimage:\n  tag: '1.1'\nauth:\n  password: x # mine\nports: [a]\n";
    let made = after(text, &tagged);
    assert_eq!(made.replace('"', "'"), want, "in the order of values.yaml");
    let at = tagged.at.expect("it is there");
    let units: Vec<u16> = made.encode_utf16().collect();
    assert!(
        String::from_utf16(&units[at..])
            .expect("text")
            .starts_with("tag:")
    );

    let back = set(&made, json!(["image", "tag"]), json!("1.0"), true);
    assert_eq!(after(&made, &back), text, "a default needs no entry");
    let typing = set(&made, json!(["image", "tag"]), json!("1.0"), false);
    assert!(
        after(&made, &typing).contains("1.0"),
        "while somebody types, it stays"
    );
    let commented = "replicaCount: 3 # for the sale\n";
    let kept = set(commented, json!(["replicaCount"]), json!(1), true);
    assert_eq!(after(commented, &kept), "replicaCount: 1 # for the sale\n");

    let refused = set("a: [", json!(["replicaCount"]), json!(2), false);
    assert!(refused.edit.is_none() && refused.error.is_some());
}

#[test]
fn a_reset_takes_what_is_then_empty_and_leaves_comments() {
    let desk = desk();
    let cases = [
        ("a: 1\nimage:\n  tag: x\n", "a: 1\n"),
        ("image:\n  tag: x\n  pullPolicy: y\n", "image:\n  pullPolicy: y\n"),
        (
            "# why\nimage:\n  # ours\n  tag: x\nb: 1\n",
            "# why\nimage: {}\n  # ours\nb: 1\n",
        ),
    ];
    for (text, want) in cases {
        let question = json!({ "kind": "reset", "text": text, "path": ["image", "tag"] });
        let answer = edited(ask(&desk, question));
        assert_eq!(answer.error, None, "{text}");
        let made = after(text, &answer);
        assert_eq!(made, want, "{text}");
    }
}

#[test]
fn a_check_tells_what_is_set_what_is_wrong_and_what_is_off() {
    let desk = desk();
    let checked = check(&desk, "db:\n  enabled: false\nreplicaCont: 2\n", None);
    assert_eq!(
        checked.overrides,
        json!({ "db": { "enabled": false }, "replicaCont": 2 })
    );
    assert_eq!(checked.switched_off, [0]);
    let remark = &checked.remarks[0];
    assert_eq!((remark.line, remark.name.as_deref()), (3, Some("replicaCont")));
    let (_, fix) = remark.fix.as_ref().expect("it is a slip of the pen");
    assert_eq!((fix.from, fix.insert.as_str()), (21, "replicaCount"));

    let broken = check(&desk, "a: [\n", None);
    assert_eq!(broken.overrides, Json::Null);
    assert_eq!(broken.remarks.len(), 1);

    let report = "values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- at '/replicaCount': got string, want integer\n- at '/ports/0': got null, want string\ndb:\n- at '/size': no\n";
    let told = check(&desk, "# ü\nreplicaCount: x\nports: [null]\n", Some(report));
    let told: Vec<_> = told
        .remarks
        .iter()
        .map(|remark| (remark.line, remark.from, remark.name.clone().unwrap_or_default()))
        .collect();
    assert!(told.contains(&(2, 18, "replicaCount".to_owned())), "{told:?}");
    assert!(told.contains(&(3, 28, "ports[0]".to_owned())), "{told:?}");
    assert!(told.iter().any(|(_, _, name)| name == "db.size"), "{told:?}");
}

#[test]
fn help_at_the_cursor_counts_as_javascript_does() {
    let desk = desk();
    let text = "# 😀\nimage:\n  pu";
    let units = text.encode_utf16().count();
    let Answer::Completions(found) = ask(
        &desk,
        json!({ "kind": "complete", "text": text, "offset": units }),
    ) else {
        panic!("no completions");
    };
    assert_eq!(found.from, units - 2);
    assert_eq!(found.options[0].label, "pullPolicy");
    let Answer::Hovered(Some(hovered)) = ask(
        &desk,
        json!({ "kind": "hover", "text": "# 😀\nreplicaCount: 2\n", "offset": 7 }),
    ) else {
        panic!("nothing is hovered");
    };
    assert_eq!(
        (hovered.from, hovered.to, hovered.name.as_str()),
        (5, 17, "replicaCount")
    );
    assert_eq!(hovered.field.description.as_deref(), Some("How many"));
}

#[test]
fn flags_and_exports_go_both_ways() {
    let desk = desk();
    let text = "replicaCount: 1 # ours\n";
    let pasted = "helm install web ./web --set replicaCount=3,image.tag=1.2";
    let answer = edited(ask(
        &desk,
        json!({ "kind": "flags", "text": text, "pasted": pasted }),
    ));
    let made = after(text, &answer);
    assert!(made.starts_with("replicaCount: 3 # ours\n"), "{made}");
    assert!(made.contains("tag:"), "{made}");
    let target = json!({ "release": "web", "namespace": "shop", "chart": "web", "version": "2.0.0",
        "source": { "kind": "http", "name": "ours", "url": "https://charts.example.com" } });
    let export = |format: &str, target: &Json| {
        let question =
            json!({ "kind": "export", "text": text, "format": format, "verb": "install", "target": target });
        match ask(&desk, question) {
            Answer::Exported(exported) => exported,
            other => panic!("{other:?}"),
        }
    };
    let command = export("helm", &target).text.expect("a command");
    assert!(
        command.starts_with("helm install web web --repo https://charts.example.com"),
        "{command}"
    );
    assert!(export("flux", &target).text.expect("objects").contains("# ours"));
    assert!(
        export("argoCd", &target)
            .text
            .expect("an object")
            .contains("Application")
    );
    let nowhere = json!({ "release": "web", "namespace": "shop", "chart": "web", "version": "2.0.0",
        "source": { "kind": "archive", "url": "http://here/web.tgz" } });
    assert!(export("flux", &nowhere).error.is_some());
    assert!(
        export("helm", &nowhere)
            .text
            .expect("a command")
            .contains("http://here/web.tgz")
    );
}

#[test]
fn an_upgrade_is_told_and_decided_choice_by_choice() {
    let mut desk = desk();
    let text = "# of ours\nimagePullPolicy: Never # slow\ndebug: true\n";
    let merge = json!({ "kind": "merge", "text": text });
    assert!(
        matches!(ask(&desk, merge.clone()), Answer::Refused { .. }),
        "nothing is installed"
    );
    let old = DEFAULTS.replace("  pullPolicy: Always\n", "") + "imagePullPolicy: Always\ndebug: false\n";
    desk.upgrade_from(chart("2.0.0", DEFAULTS).chart(), chart("1.0.0", &old).chart());
    let Answer::Told(told) = ask(&desk, merge) else {
        panic!("nothing is told");
    };
    let sentences: Vec<_> = told
        .iter()
        .map(|told| (told.sentence.as_str(), told.is_conflict))
        .collect();
    assert_eq!(
        sentences,
        [
            ("`imagePullPolicy` is `image.pullPolicy` now.", true),
            ("`debug` is gone: this version does not know it.", true),
        ]
    );
    let choose = |text: &str, path: Json, choice: usize| {
        let question = json!({ "kind": "choose", "text": text, "path": path, "choice": choice });
        edited(ask(&desk, question))
    };
    let moved = after(text, &choose(text, json!(["imagePullPolicy"]), 0));
    assert!(
        moved.contains("image:\n  # of ours\n  pullPolicy: Never # slow\n"),
        "{moved}"
    );
    let dropped = after(&moved, &choose(&moved, json!(["debug"]), 0));
    assert_eq!(dropped, moved.replace("debug: true\n", ""));
    assert_eq!(choose(text, json!(["debug"]), 1).edit, None, "it is kept");
    assert_eq!(choose(text, json!(["nowhere"]), 0).edit, None);
}

#[test]
fn items_of_lists_are_put_in_moved_and_taken_out() {
    let ports = "ports:\n- name: http\n  port: 80\n- name: admin\n  port: 81\n";
    let desk = Desk::new(chart("2.0.0", ports).chart());
    let made = |text: &str, mut question: Json| {
        question["text"] = json!(text);
        let answer = edited(ask(&desk, question));
        assert_eq!(answer.error, None, "{text}");
        after(text, &answer)
    };
    // A default list is written out before something is done with it.
    let item = json!({ "name": "metrics", "port": 82 });
    let put = json!({ "kind": "insert", "path": ["ports"], "index": 2, "value": item });
    let all = made("# ours\n", put);
    assert!(all.starts_with("# ours\nports:\n"), "{all}");
    let list = |text: &str| check(&desk, text, None).overrides["ports"].clone();
    assert_eq!(
        list(&all),
        json!([{ "name": "http", "port": 80 }, { "name": "admin", "port": 81 }, { "name": "metrics", "port": 82 }])
    );
    let typed = "ports:\n# web\n- name: http\n  port: 80\n- name: admin # us\n  port: 81\n";
    let moved = made(
        typed,
        json!({ "kind": "move", "path": ["ports"], "from": 0, "to": 1 }),
    );
    assert_eq!(
        moved,
        "ports:\n- name: admin # us\n  port: 81\n# web\n- name: http\n  port: 80\n"
    );
    let rest = made(&moved, json!({ "kind": "takeOut", "path": ["ports", 1] }));
    assert_eq!(rest, "ports:\n- name: admin # us\n  port: 81\n");
    let set = json!({ "kind": "set", "path": ["ports", 1, "port"], "value": 8081, "settled": true });
    assert_eq!(list(&made("", set))[1], json!({ "name": "admin", "port": 8081 }));
    let question = json!({ "kind": "move", "text": typed, "path": ["ports"], "from": 0, "to": 2 });
    assert!(edited(ask(&desk, question)).error.is_some());
    let field = &form(&desk).groups[0].fields[0].field;
    assert_eq!(field.item_fields.len(), 2);
}

#[test]
fn any_text_has_an_answer() {
    let desk = desk();
    for text in [
        "",
        "\u{feff}",
        "\t",
        "a: &x [*x]",
        "---\na: 1\n---\nb: 2\n",
        "- 1",
        "😀: {",
    ] {
        for offset in [0, 1, 5, 99] {
            for kind in ["complete", "hover", "check", "merge"] {
                let _ = ask(&desk, json!({ "kind": kind, "text": text, "offset": offset }));
            }
        }
    }
    assert!(serde_json::from_value::<Question>(json!({ "kind": "format the disk" })).is_err());
}
