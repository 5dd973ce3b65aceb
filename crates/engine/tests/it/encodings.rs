//! YAML, JSON, TOML and the base encodings against what Go's libraries answered.
//!
//! `tests/conformance/{yaml_read,yaml_print,toml,encodings}.json` hold inputs made for the purpose and the answers of
//! the libraries each file names; Helm's functions are thin wrappers of them.

use engine::datetime::Zone;
use engine::encoding::{base32, base64};
use engine::json::{self, Escape};
use engine::value::{List, Map, Value};
use engine::{toml, yaml};

const MAX: usize = 1 << 20;

fn answer(function: &str, input: &str) -> Vec<u8> {
    let bytes = input.as_bytes();
    let text = match function {
        "yaml" => to_json(yaml::decode(bytes)),
        "yamlStrict" => to_json(yaml::decode_strict(bytes)),
        "yamlMap" => print(
            yaml::decode_map(bytes)
                .unwrap_or_else(|e| error_map(Map::new(), &e))
                .into(),
        ),
        "yamlArray" => print(
            yaml::decode_list(bytes)
                .unwrap_or_else(|e| List::new(vec![e.to_string().into()]))
                .into(),
        ),
        "fromJson" => to_json(json::decode(bytes)),
        "jsonMap" => {
            let (map, error) = json::decode_map(bytes);
            print(error.map_or(map.clone(), |error| error_map(map, &error)).into())
        }
        "json" => match json::decode(bytes) {
            Ok(value) => {
                let indented = json::encode_indented(&value, "  ", MAX).expect("JSON prints as JSON");
                print(value) + "\n" + &indented
            }
            Err(error) => format!("ERR {error}"),
        },
        "toYaml" => yaml::encode(&value_of(input), MAX).unwrap_or_default(),
        "toYamlPretty" => yaml::encode_pretty(&value_of(input), MAX).unwrap_or_default(),
        "toToml" => match toml::encode(&value_of(input), MAX) {
            Ok(text) => text.to_string(),
            Err(error) => format!("ERR {error}"),
        },
        "fromToml" => {
            let utc = Zone::local("UTC", 0);
            print(
                toml::decode(bytes, &utc, 0)
                    .unwrap_or_else(|e| error_map(Map::new(), &e))
                    .into(),
            )
        }
        "b64dec" => return base64::decode(bytes).unwrap_or_else(|e| e.to_string().into()),
        "b32dec" => return base32::decode(bytes).unwrap_or_else(|e| e.to_string().into()),
        other => panic!("no function {other}"),
    };
    text.into_bytes()
}

fn value_of(json: &str) -> Value {
    json::decode(json.as_bytes()).expect("inputs of printers are JSON")
}

fn print(value: Value) -> String {
    json::encode(&value, Escape::Html, MAX).unwrap_or_else(|error| format!("JSONERR {error}"))
}

fn to_json<E: std::fmt::Display>(result: Result<Value, E>) -> String {
    match result {
        Ok(value) => print(value),
        Err(error) => format!("ERR {error}"),
    }
}

fn error_map(map: Map, error: &dyn std::fmt::Display) -> Map {
    map.insert("Error", error.to_string());
    map
}

fn check(file: &str, least: usize) {
    let suite: serde_json::Value = serde_json::from_str(file).expect("a suite is JSON");
    let cases = suite["cases"].as_array().expect("a suite has cases");
    assert!(cases.len() >= least, "{} cases of at least {least}", cases.len());
    for case in cases {
        let text = |key: &str| case[key].as_str().expect("a case is made of strings");
        let got = answer(text("as"), text("in"));
        let got = String::from_utf8_lossy(&got);
        assert_eq!(got, text("out"), "{} of {:?}", text("as"), text("in"));
    }
}

#[test]
fn yaml_reads_as_go_yaml_reads() {
    check(include_str!("../conformance/yaml_read.json"), 311);
}

#[test]
fn yaml_prints_as_go_yaml_prints() {
    check(include_str!("../conformance/yaml_print.json"), 419);
}

#[test]
fn toml_is_that_of_burntsushi() {
    check(include_str!("../conformance/toml.json"), 155);
}

#[test]
fn json_and_base_encodings_are_those_of_go() {
    check(include_str!("../conformance/encodings.json"), 131);
}
