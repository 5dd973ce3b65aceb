//! `values.schema.json`: real messages, hostile schemas, arbitrary input.

use engine::value::Value;
use helm::schema::{Schema, SchemaErrors, validate};
use proptest::prelude::*;
use serde_json::json;

use crate::conformance;

/// A value as values files give it: every number a float.
fn value_of(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap()),
        serde_json::Value::String(text) => Value::string(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(value_of).collect()),
        serde_json::Value::Object(object) => Value::Map(
            object
                .iter()
                .map(|(key, value)| (key.as_str(), value_of(value)))
                .collect(),
        ),
    }
}

fn text(schema: &str, value: &serde_json::Value) -> String {
    validate(schema.as_bytes(), &value_of(value)).map_or_else(|error| error.to_string(), |()| String::new())
}

/// What santhosh-tekuri/jsonschema v6.0.2 answered, called as Helm 4.2.3 calls it; answers that depend on the order
/// of a Go map are left out. References that would be loaded have our words.
#[test]
fn messages_are_those_of_the_library_helm_uses() {
    let mut failed = Vec::new();
    let mut n_cases = 0;
    for line in include_str!("vectors.jsonl").lines() {
        let Ok(Value::Map(case)) = engine::json::decode(line.as_bytes()) else {
            panic!("{line}")
        };
        let field = |name: &str| case.get(name).unwrap_or_default();
        let (Value::String(schema), Value::String(want)) = (field("schema"), field("want")) else {
            panic!("{line}")
        };
        let got = validate(schema.as_bytes(), &field("value"));
        let got = got.map_or_else(|error| error.to_string(), |()| String::new());
        if want != got.as_str() {
            failed.push(format!("{line}\n got {got:?}\nwant {want:?}\n"));
        }
        n_cases += 1;
    }
    assert!(n_cases > 1500, "{n_cases}");
    assert!(
        failed.is_empty(),
        "{} of {n_cases}:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// Drops nulls from mappings, as Helm does before it validates.
fn without_nulls(values: &mut serde_json::Value) {
    if let Some(table) = values.as_object_mut() {
        table.retain(|_, value| !value.is_null());
        table.values_mut().for_each(without_nulls);
    }
}

/// The charts of the conformance data have one schema each; what is around the messages is assembled here.
#[test]
fn conformance_messages() {
    let Some(folder) = conformance::folder() else {
        return;
    };
    let suite = std::fs::read_to_string(folder.join("vectors/chart_schema.json")).unwrap();
    let suite: serde_json::Value = serde_json::from_str(&suite).unwrap();
    let (mut n_equal, mut failed) = (0, Vec::new());
    for case in suite["cases"].as_array().unwrap() {
        if case["unstable"] == true {
            continue;
        }
        let file = |path: &str| case["files"][path].as_str();
        let mut values: serde_json::Value = serde_json::from_str(file("values.yaml").unwrap()).unwrap();
        without_nulls(&mut values);
        let (name, schema) = match file("values.schema.json") {
            Some(schema) => ("v", schema),
            None => {
                values = values["sub"].take();
                values["global"] = json!({});
                ("sub", file("charts/sub/values.schema.json").unwrap())
            }
        };
        let frame = "values don't meet the specifications of the schema(s) in the following chart(s):";
        let got = match text(schema, &values) {
            text if text.is_empty() => None,
            text => Some(format!("{frame}\n{name}:\n{text}")),
        };
        let want = case["res"]["err"].as_str();
        // We do not fetch.
        let differs_on_purpose = schema.contains("http://127.0.0.1");
        if got.as_deref() == want || differs_on_purpose && got.is_some() {
            n_equal += 1;
        } else {
            failed.push(format!("{schema}\n{values}\n got {got:?}\nwant {want:?}\n"));
        }
    }
    assert!(
        failed.is_empty(),
        "{} equal, {} not:\n{}",
        n_equal,
        failed.len(),
        failed.join("\n")
    );
    assert!(n_equal >= 60, "{n_equal}");
}

#[test]
fn findings_carry_places_as_data() {
    let schema = json!({
        "properties": {"image": {"$ref": "#/$defs/image"}},
        "$defs": {"image": {"properties": {"tag": {"type": "string"}, "a/b": {"minimum": 5}}}},
    });
    let error = validate(
        schema.to_string().as_bytes(),
        &value_of(&json!({"image": {"tag": 1, "a/b": 1}})),
    )
    .unwrap_err();
    let findings = error.findings();
    let shown: Vec<_> = findings
        .iter()
        .map(|finding| {
            (
                finding.instance_pointer.as_str(),
                finding.schema_location.as_str(),
                finding.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                "/image",
                "file:///values.schema.json#/$defs/image",
                "validation failed"
            ),
            (
                "/image/a~1b",
                "file:///values.schema.json#/$defs/image/properties/a~1b/minimum",
                "minimum: got 1, want 5"
            ),
            (
                "/image/tag",
                "file:///values.schema.json#/$defs/image/properties/tag/type",
                "got number, want string"
            ),
        ]
    );
    assert_eq!(findings[1].instance_path, ["image", "a/b"]);
    assert_eq!(
        findings.iter().map(|finding| finding.depth).collect::<Vec<_>>(),
        [0, 1, 1]
    );
}

#[test]
fn a_schema_is_compiled_once_and_shared_between_threads() {
    fn is_shareable<T: Send + Sync>(_: &T) {}
    let schema = Schema::compile(br#"{"required": ["a"]}"#).unwrap();
    is_shareable(&schema);
    assert!(schema.validate(&value_of(&json!({"a": 1}))).is_ok());
    assert_eq!(
        schema.validate(&value_of(&json!({}))).unwrap_err().to_string(),
        "- at '': missing property 'a'\n"
    );
}

#[test]
fn nothing_is_fetched_or_read() {
    for (reference, reason) in [
        ("http://127.0.0.1:9/x.json", "remote schemas are not fetched"),
        ("file:///etc/passwd", "schema files are not read"),
        ("/etc/passwd", "schema files are not read"),
    ] {
        let message = text(&json!({ "$ref": reference }).to_string(), &json!({}));
        assert!(
            message.starts_with("failing loading ") && message.ends_with(reason),
            "{message}"
        );
    }
    assert_eq!(
        text(r#"{"$ref": "urn:unknown"}"#, &json!(1)),
        "",
        "Helm accepts URNs it does not know"
    );
}

/// Each would recurse or multiply without end.
#[test]
fn hostile_schemas_end() {
    let own_tail = json!({"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"x": {"$ref": "#/$defs/a"}}}}});
    let mut deep = json!({});
    for _ in 0..200 {
        deep = json!({ "x": deep });
    }
    let _ = text(&own_tail.to_string(), &deep);

    let chain: serde_json::Map<String, serde_json::Value> = (0..5000)
        .map(|n| (format!("d{n}"), json!({"$ref": format!("#/$defs/d{}", n + 1)})))
        .collect();
    let mut chain = json!({"$ref": "#/$defs/d0", "$defs": chain});
    chain["$defs"]["d5000"] = json!({"type": "string"});
    let message = text(&chain.to_string(), &json!({}));
    assert_eq!(
        message,
        "unable to validate schema: schemas refer to each other deeper than 256"
    );

    let doubling: serde_json::Map<String, serde_json::Value> = (0..100)
        .map(|n| {
            let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
            (format!("d{n}"), json!({"allOf": [next, next]}))
        })
        .collect();
    let mut doubling = json!({"$ref": "#/$defs/d0", "$defs": doubling});
    doubling["$defs"]["d100"] = json!({"type": "object"});
    let message = text(&doubling.to_string(), &json!({}));
    assert_eq!(
        message,
        "unable to validate schema: validation takes more than 2000000 steps"
    );

    let nested = "[".repeat(100_000);
    assert_eq!(text(&nested, &json!({})), "exceeded max depth");

    let mut long_names = json!({"type": "object"});
    for _ in 0..140 {
        long_names = json!({"properties": { "n".repeat(20_000): long_names }});
    }
    assert_eq!(text(&long_names.to_string(), &json!({})), "schema is too large");

    let wide: Vec<serde_json::Value> = (0..250_000).map(|_| json!({"a": 1})).collect();
    assert_eq!(
        text(&json!({ "allOf": wide }).to_string(), &json!({})),
        "schema is too large"
    );

    let many: Vec<u32> = (0..100_000).collect();
    assert_eq!(text(r#"{"uniqueItems": true}"#, &json!(many)), "");
    let exponents = r#"{"maximum": 1e999999, "minimum": -1e999999, "multipleOf": 1e-999999}"#;
    assert_eq!(text(exponents, &json!(1e308)), "");
}

#[test]
fn values_too_deep_to_check_are_an_error() {
    let mut deep = Value::Nil;
    for _ in 0..1000 {
        deep = Value::list(vec![deep]);
    }
    assert!(matches!(
        validate(b"{}", &deep),
        Err(SchemaErrors::TooDeep { .. })
    ));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|truth| json!(truth)),
        prop_oneof![Just(0.0), Just(1.0), Just(-1.5), Just(1e300), any::<f64>()]
            .prop_map(|number| json!(number)),
        prop_oneof![
            Just("#"),
            Just("#/$defs/a"),
            Just("#/allOf/0"),
            Just("string"),
            Just("a"),
            Just("("),
            Just("uri"),
            Just("http://json-schema.org/draft-04/schema#"),
            Just("https://json-schema.org/draft/2019-09/schema"),
            Just("x.json"),
            Just("#a"),
            Just("é~/%")
        ]
        .prop_map(|text| json!(text)),
    ];
    let key = prop_oneof![
        Just("$ref"),
        Just("$id"),
        Just("$schema"),
        Just("$defs"),
        Just("$anchor"),
        Just("$dynamicRef"),
        Just("$dynamicAnchor"),
        Just("$recursiveRef"),
        Just("type"),
        Just("enum"),
        Just("const"),
        Just("not"),
        Just("allOf"),
        Just("anyOf"),
        Just("oneOf"),
        Just("if"),
        Just("then"),
        Just("else"),
        Just("properties"),
        Just("patternProperties"),
        Just("additionalProperties"),
        Just("propertyNames"),
        Just("required"),
        Just("dependencies"),
        Just("items"),
        Just("prefixItems"),
        Just("contains"),
        Just("uniqueItems"),
        Just("unevaluatedProperties"),
        Just("unevaluatedItems"),
        Just("pattern"),
        Just("format"),
        Just("maximum"),
        Just("multipleOf"),
        Just("minLength"),
        Just("a"),
        Just("b")
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            prop::collection::hash_map(key.clone(), inner, 0..5).prop_map(|members| {
                serde_json::Value::Object(
                    members
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_schemas_and_values_neither_panic_nor_hang(schema in any_json(), values in any_json()) {
        let _ = text(&schema.to_string(), &values);
    }

    #[test]
    fn arbitrary_bytes_are_no_schema(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = validate(&bytes, &Value::Nil);
    }
}
