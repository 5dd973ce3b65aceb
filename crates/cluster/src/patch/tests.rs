//! What the Go code makes of documents, made here; and that nothing breaks on documents nobody would write.

use std::collections::HashMap;
use std::sync::LazyLock;

use proptest::prelude::{Just, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as _;
use serde_json::{Value, json};

use super::*;

const KINDS: [(&str, &str); 13] = [
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("batch", "Job"),
    ("batch", "CronJob"),
    ("", "Service"),
    ("", "ConfigMap"),
    ("", "Secret"),
    ("", "ServiceAccount"),
    ("", "PersistentVolumeClaim"),
    ("policy", "PodDisruptionBudget"),
    ("networking.k8s.io", "Ingress"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
];

static SCHEMAS: LazyLock<HashMap<&str, PatchSchema>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(include_str!("../../tests/data/openapi.json")).unwrap();
    let schema = |(group, kind)| {
        (
            kind,
            PatchSchema::from_openapi(&document, group, "v1", kind).unwrap(),
        )
    };
    KINDS.map(schema).into()
});

/// Documents, and the vectors that name them by number.
fn read(vectors: &str) -> (Vec<Value>, Vec<Value>) {
    let (mut objects, mut cases) = (Vec::new(), Vec::new());
    for line in vectors.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        match line.get_mut("object") {
            Some(object) => objects.push(object.take()),
            None => cases.push(line),
        }
    }
    (objects, cases)
}

fn documents<'o>(case: &Value, objects: &'o [Value]) -> [&'o Value; 3] {
    [0, 1, 2].map(|part| &objects[usize::try_from(case["from"][part].as_u64().unwrap()).unwrap()])
}

#[test]
fn strategic_patches_are_those_of_kubernetes() {
    let (objects, cases) = read(include_str!("../../tests/data/strategic.jsonl"));
    for case in &cases {
        let [original, modified, current] = documents(case, &objects);
        let schema = &SCHEMAS[case["kind"].as_str().unwrap()];
        let patch = three_way_strategic_merge(original, modified, current, schema);
        let shown = format!("{case}\noriginal {original}\nmodified {modified}\ncurrent {current}\n{patch:?}");
        assert_eq!(patch.ok().as_ref(), case.get("patch"), "{shown}");
    }
    assert!(cases.len() > 500, "{} vectors", cases.len());
}

#[test]
fn merge_patches_are_those_of_kubernetes() {
    let (objects, cases) = read(include_str!("../../tests/data/merge.jsonl"));
    for case in &cases {
        let [original, modified, current] = documents(case, &objects);
        let shown = format!("{case}\noriginal {original}\nmodified {modified}\ncurrent {current}");
        assert_eq!(merge_patch(original, modified), case["two"], "{shown}");
        let patch = three_way_merge_patch(original, modified, current);
        assert_eq!(patch.ok().as_ref(), case.get("three"), "{shown}");
    }
    assert!(cases.len() > 300, "{} vectors", cases.len());
}

#[test]
fn managed_fields_are_handed_over_as_client_go_does() {
    let mut n_patches = 0;
    for line in include_str!("../../tests/data/managed_fields.jsonl").lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let managers: Vec<&str> = vector["csa"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let object = &vector["object"];
        let patch = upgrade_managed_fields(object, &managers, vector["ssa"].as_str().unwrap());
        // client-go also patches where only the order of fields in the text would change.
        let changes_nothing = vector["patch"][0]["value"] == object["metadata"]["managedFields"];
        let expected = if changes_nothing {
            &Value::Null
        } else {
            &vector["patch"]
        };
        assert_eq!(patch.as_ref().unwrap_or(&Value::Null), expected, "{vector}");
        n_patches += usize::from(patch.is_some());
    }
    assert!(n_patches > 40, "{n_patches} patches");
}

#[test]
fn a_schema_says_how_fields_are_merged() {
    let field = |kind: &str, path: &str| SCHEMAS[kind].field(&path.split('.').collect::<Vec<_>>()).cloned();
    let list = |strategy, retain_keys, merge_key: Option<&str>| {
        Some(FieldPatch {
            strategy,
            retain_keys,
            merge_key: merge_key.map(str::to_owned),
            is_list: true,
        })
    };
    let pod = "spec.template.spec";
    assert_eq!(
        field("Deployment", &format!("{pod}.containers")),
        list(Strategy::Merge, false, Some("name"))
    );
    assert_eq!(
        field("Deployment", &format!("{pod}.containers.ports")),
        list(Strategy::Merge, false, Some("containerPort"))
    );
    assert_eq!(
        field("Deployment", &format!("{pod}.volumes")),
        list(Strategy::Merge, true, Some("name"))
    );
    assert_eq!(
        field("Deployment", &format!("{pod}.tolerations")),
        list(Strategy::Atomic, false, None)
    );
    assert_eq!(
        field("ConfigMap", "metadata.finalizers"),
        list(Strategy::Merge, false, None)
    );
    let strategy = field("Deployment", "spec.strategy").unwrap();
    assert!(strategy.retain_keys && !strategy.is_list);
    assert_eq!(field("Deployment", "spec.nothing"), None);
    let document: Value = serde_json::from_str(include_str!("../../tests/data/openapi.json")).unwrap();
    assert!(PatchSchema::from_openapi(&document, "apps", "v2", "Deployment").is_none());
    assert!(PatchSchema::from_openapi(&json!([]), "apps", "v1", "Deployment").is_none());
}

#[test]
fn custom_resources_are_merged_another_way() {
    for (group, kind) in KINDS {
        assert!(has_strategic_merge(group, "v1"), "{kind}");
    }
    for (group, version) in [
        ("gateway.networking.k8s.io", "v1"),
        ("apiregistration.k8s.io", "v1"),
        ("apiextensions.k8s.io", "v1beta1"),
        ("example.com", "v1"),
    ] {
        assert!(!has_strategic_merge(group, version), "{group}/{version}");
    }
}

#[test]
fn errors_say_where_and_hold_no_values() {
    let object = |items: Value| json!({ "spec": { "template": { "spec": { "containers": items } } } });
    let secret = object(json!([{ "image": "secret" }]));
    let error = three_way_strategic_merge(&secret, &secret, &secret, &SCHEMAS["Deployment"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an item has no `name`, by which items are merged, in `spec.template.spec.containers`"
    );
    let error =
        three_way_merge_patch(&json!({}), &json!({ "kind": "A" }), &json!({ "kind": "B" })).unwrap_err();
    assert_eq!(error.to_string(), "the field `kind` cannot be changed");
    let error = three_way_merge_patch(&json!([]), &json!({}), &json!({})).unwrap_err();
    assert_eq!(error.to_string(), "the original document is no object");
}

#[test]
fn large_integers_stay_exact() {
    let widget = |size: i64| json!({ "spec": { "size": size } });
    let (old, new) = (widget(9_007_199_254_740_992), widget(9_007_199_254_740_993));
    assert_eq!(merge_patch(&old, &new), new);
    assert_eq!(three_way_merge_patch(&old, &new, &old), Ok(new));
}

fn check_differences(before: Value, after: Value, expected: &[(&str, Value, Value)]) {
    let found = differences(&before, &after, Some(&SCHEMAS["Deployment"]));
    let found: Vec<_> = found
        .into_iter()
        .map(|found| {
            (
                found.path,
                found.old.unwrap_or_default(),
                found.new.unwrap_or_default(),
            )
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(path, old, new)| ((*path).to_owned(), old.clone(), new.clone()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn differences_name_items_by_their_key() {
    let object = |containers: Value, args: Value| {
        json!({
            "metadata": { "finalizers": args, "labels": { "a/b": "c" } },
            "spec": { "replicas": 1, "template": { "spec": { "containers": containers, "tolerations": args } } },
        })
    };
    let before = object(
        json!([{ "name": "a", "image": "x" }, { "name": "b" }]),
        json!(["p", "q"]),
    );
    let mut after = object(
        json!([{ "name": "c", "image": "z" }, { "name": "a", "image": "y" }]),
        json!(["q"]),
    );
    after["metadata"]["labels"]["a/b"] = "d".into();
    after["spec"]["replicas"] = 1.0.into();
    check_differences(
        before.clone(),
        after,
        &[
            ("/metadata/finalizers/[p]", json!("p"), Value::Null),
            ("/metadata/labels/a~1b", json!("c"), json!("d")),
            (
                "/spec/template/spec/containers/[name=c]",
                Value::Null,
                json!({ "name": "c", "image": "z" }),
            ),
            (
                "/spec/template/spec/containers/[name=a]/image",
                json!("x"),
                json!("y"),
            ),
            (
                "/spec/template/spec/containers/[name=b]",
                json!({ "name": "b" }),
                Value::Null,
            ),
            ("/spec/template/spec/tolerations/0", json!("p"), json!("q")),
            ("/spec/template/spec/tolerations/1", json!("q"), Value::Null),
        ],
    );
    check_differences(before.clone(), before, &[]);
}

#[test]
fn differences_show_another_order_and_survive_equal_names() {
    let object =
        |containers: Value| json!({ "spec": { "template": { "spec": { "containers": containers } } } });
    let path = "/spec/template/spec/containers";
    check_differences(
        object(json!([{ "name": "a" }, { "name": "b" }])),
        object(json!([{ "name": "b" }, { "name": "c" }, { "name": "a" }])),
        &[
            (path, json!(["name=a", "name=b"]), json!(["name=b", "name=a"])),
            (&format!("{path}/[name=c]"), Value::Null, json!({ "name": "c" })),
        ],
    );
    check_differences(
        object(json!([{ "name": "a" }, { "name": "a" }])),
        object(json!([{ "name": "a" }, { "name": "a", "image": "x" }])),
        &[(&format!("{path}/1/image"), Value::Null, json!("x"))],
    );
    let found = differences(&json!({ "a": 1 }), &json!([1]), None);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "");
}

/// JSON that has some of the names the code looks for, so that it does not stop at the first unknown one.
pub(crate) fn arbitrary_json() -> impl proptest::strategy::Strategy<Value = Value> {
    let name = prop_oneof![
        4 => proptest::sample::select(&[
            "spec", "template", "containers", "name", "ports", "containerPort", "env", "volumes", "metadata", "finalizers",
            "ownerReferences", "uid", "strategy", "status", "conditions", "type", "reason", "message", "phase", "apiVersion",
            "kind", "containerStatuses", "state", "waiting", "terminated", "managedFields", "fieldsV1", "manager",
            "operation", "$patch", "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers",
        ][..]).prop_map(str::to_owned),
        1 => "[a-z.:/~]{0,4}",
    ];
    let text = proptest::sample::select(
        &[
            "a", "b", "delete", "replace", "merge", "Running", "Pending", "Failed", "True", "helm", "Update",
            "Apply", "",
        ][..],
    );
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => (-2_i64..100).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        4 => text.prop_map(Value::from),
        1 => "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            3 => proptest::collection::hash_map(name.clone(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_documents_break_a_patch(
        original in arbitrary_json(),
        modified in arbitrary_json(),
        current in arbitrary_json(),
        kind in proptest::sample::select(&KINDS[..]),
    ) {
        let schema = &SCHEMAS[kind.1];
        if let Ok(patch) = three_way_strategic_merge(&original, &modified, &current, schema) {
            prop_assert!(patch.is_object());
            // A patch is JSON like any other.
            let _ = three_way_strategic_merge(&patch, &modified, &patch, schema);
        }
        let _ = three_way_merge_patch(&original, &modified, &current);
        let _ = PatchSchema::from_openapi(&original, "", "a", "b");
        for schema in [None, Some(schema)] {
            prop_assert!(differences(&original, &original, schema).is_empty());
            let _ = differences(&original, &modified, schema);
        }
        if let (true, true) = (original.is_object(), modified.is_object()) {
            let patch = merge_patch(&original, &modified);
            prop_assert_eq!(patch == json!({}), original == modified);
        }
        let _ = upgrade_managed_fields(&original, &["helm", "a"], "helm");
    }
}
