//! Fields of small charts, from schemas and from comments.

use bytes_of_charts::chart;
use serde_json::json;
use values::Path;
use values::schema::{Bounds, Field, Fields, Type};

mod bytes_of_charts {
    use helm::chart::{Chart, ChartFile};

    /// A chart of these files, below `charts/` too.
    pub(crate) fn chart(files: &[(&str, &str)]) -> Chart {
        let mut all = vec![ChartFile::new(
            "Chart.yaml",
            "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        )];
        for (path, text) in files {
            all.retain(|file| file.path != *path);
            all.push(ChartFile::new(*path, (*text).to_owned()));
        }
        Chart::from_files(all).unwrap()
    }
}

fn fields(values: &str, schema: Option<serde_json::Value>) -> Fields {
    let schema = schema.map(|schema| schema.to_string());
    let mut files = vec![("values.yaml", values)];
    files.extend(schema.as_deref().map(|schema| ("values.schema.json", schema)));
    Fields::of(&chart(&files))
}

fn field<'f>(fields: &'f Fields, path: &str) -> &'f Field {
    let path: Path = path.parse().unwrap();
    fields.get(&path).unwrap_or_else(|| panic!("no field {path}"))
}

#[test]
fn defaults_give_fields_in_their_order_with_their_types() {
    let fields = fields(
        "b: 1\na:\n  y1: text\n  x1: true\nl: [1, a]\nnone:\nf: 0.5\ne: {}\n",
        None,
    );
    let paths: Vec<String> = fields.fields.iter().map(|field| field.path.to_string()).collect();
    assert_eq!(paths, ["b", "a", "a.y1", "a.x1", "l", "none", "f", "e"]);
    assert_eq!(field(&fields, "b").types, [Type::Integer]);
    assert_eq!(field(&fields, "b").default, Some(json!(1)));
    assert_eq!(field(&fields, "a.y1").types, [Type::String]);
    assert_eq!(field(&fields, "l").item_types, [Type::Integer, Type::String]);
    assert_eq!(field(&fields, "none").types, []);
    assert_eq!(field(&fields, "f").types, [Type::Number]);
    assert!(field(&fields, "e").open && !field(&fields, "a").open);
}

#[test]
fn comments_describe() {
    let text = "\
# Licence of the file

# -- (int) How many pods
# run at once.
# @default -- computed
# @section -- Scaling
replicas:
# not this one
# -- The image
image: nginx # @ignored here
# @ignored
hidden: 1
# old.path -- Said elsewhere
other: 1
old:
  path: x
# Plain words
# on two lines.
#
# debug: true
plain: 1
behind: 1 # said behind
resources: {}
  # limits:
  #   cpu: 100m
# about next
next: []
";
    let fields = fields(text, None);
    let replicas = field(&fields, "replicas");
    assert_eq!(
        replicas.description.as_deref(),
        Some("How many pods\nrun at once.")
    );
    assert_eq!(replicas.types, [Type::Integer]);
    assert_eq!(replicas.default_note.as_deref(), Some("computed"));
    assert_eq!(replicas.section.as_deref(), Some("Scaling"));
    assert_eq!(field(&fields, "image").description.as_deref(), Some("The image"));
    assert!(fields.get(&Path::root().join("hidden")).is_none());
    assert_eq!(
        field(&fields, "old.path").description.as_deref(),
        Some("Said elsewhere")
    );
    let plain = field(&fields, "plain");
    assert_eq!(plain.description.as_deref(), Some("Plain words\non two lines."));
    assert_eq!(plain.example.as_deref(), Some("debug: true"));
    assert_eq!(
        field(&fields, "behind").description.as_deref(),
        Some("said behind")
    );
    assert_eq!(
        field(&fields, "resources").example.as_deref(),
        Some("limits:\n  cpu: 100m")
    );
    assert_eq!(field(&fields, "next").description.as_deref(), Some("about next"));
}

#[test]
fn parameters_of_the_readme_generator_are_read() {
    let text = "\
## @section Common parameters
## @param image.tag [string, nullable] Which tag
## @skip image.internal
## ref: https://example.com
image:
  tag: x
  internal: y
## @section Traffic
## @param service.ports [array] Ports
## @extra service.extra [object,deprecated] Not in the file
## @param late [default: 5] Late
service:
  ports: []
script: |
  ## @param not.a.param text in a script
late: 1
";
    let fields = fields(text, None);
    let tag = field(&fields, "image.tag");
    assert_eq!(tag.description.as_deref(), Some("Which tag"));
    assert_eq!(tag.types, [Type::String, Type::Null]);
    assert_eq!(tag.section.as_deref(), Some("Common parameters"));
    assert!(fields.get(&"image.internal".parse().unwrap()).is_none());
    assert_eq!(
        field(&fields, "service.ports").section.as_deref(),
        Some("Traffic")
    );
    let extra = field(&fields, "service.extra");
    assert!(extra.deprecated && extra.types == [Type::Object]);
    assert_eq!(field(&fields, "late").default_note.as_deref(), Some("5"));
    assert!(fields.get(&"not.a.param".parse().unwrap()).is_none());
}

#[test]
fn schemas_say_types_and_comments_describe() {
    let schema = json!({
        "$defs": {
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "tree": {"type": "object", "properties": {"below": {"$ref": "#/$defs/tree"}}},
        },
        "required": ["port"],
        "properties": {
            "port": {"$ref": "#/$defs/port", "description": "from the schema"},
            "level": {"enum": ["info", "debug"], "default": "info", "deprecated": true},
            "either": {"oneOf": [{"type": "string", "pattern": "^a"}, {"type": "integer"}]},
            "maybe": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
            "both": {"allOf": [{"properties": {"x": {"type": "number", "exclusiveMinimum": 0}}}, {"properties": {"z": {"const": 1}}}]},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "closed": {"type": "object", "additionalProperties": false},
            "hosts": {"type": "array", "minItems": 1, "items": {"enum": ["a", "b"]}},
            "pin": {"type": "string", "format": "password"},
            "code": {"type": "string", "writeOnly": true},
            "tree": {"$ref": "#/$defs/tree"},
            "old": {"type": "integer", "maximum": 9, "exclusiveMaximum": true},
        },
    });
    let fields = fields("# from a comment\nport: 80\n", Some(schema));
    let port = field(&fields, "port");
    assert_eq!(port.description.as_deref(), Some("from a comment"));
    assert_eq!(
        (port.types.as_slice(), port.required),
        ([Type::Integer].as_slice(), true)
    );
    assert_eq!(
        (port.bounds.minimum, port.bounds.maximum),
        (Some(1.0), Some(65535.0))
    );
    let level = field(&fields, "level");
    assert_eq!(level.choices, [json!("info"), json!("debug")]);
    assert!(level.deprecated && level.default == Some(json!("info")));
    assert_eq!(field(&fields, "either").types, [Type::String, Type::Integer]);
    assert_eq!(field(&fields, "either").pattern, None);
    assert_eq!(field(&fields, "maybe").types, [Type::String, Type::Null]);
    assert_eq!(field(&fields, "maybe").bounds.max_length, Some(3));
    assert!(field(&fields, "both.x").bounds.exclusive_minimum);
    assert_eq!(field(&fields, "both.z").choices, [json!(1)]);
    assert!(field(&fields, "labels").open && !field(&fields, "closed").open);
    assert_eq!(field(&fields, "hosts").item_choices, [json!("a"), json!("b")]);
    assert!(field(&fields, "pin").secret && field(&fields, "code").secret);
    assert!(
        field(&fields, "tree.below").open,
        "a schema within itself is not followed"
    );
    let old = &field(&fields, "old").bounds;
    assert_eq!(
        *old,
        Bounds {
            maximum: Some(9.0),
            exclusive_maximum: true,
            ..Bounds::default()
        }
    );
}

#[test]
fn secrets_and_plumbing_are_told_by_name() {
    let fields = fields(
        "auth:\n  password: \"\"\n  existingSecret: \"\"\n  usePassword: true\n  token:\n    path: x\nnodeSelector: {}\n",
        None,
    );
    assert!(field(&fields, "auth.password").secret);
    assert!(!field(&fields, "auth.existingSecret").secret);
    assert!(!field(&fields, "auth.usePassword").secret);
    assert!(
        !field(&fields, "auth.token").secret,
        "a mapping is no secret itself"
    );
    assert!(field(&fields, "nodeSelector").advanced && !field(&fields, "auth").advanced);
}

#[test]
fn subcharts_stand_below_their_alias() {
    let chart = chart(&[
        (
            "Chart.yaml",
            "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- {name: db, version: 1.x, repository: '', alias: main, condition: 'main.enabled,db.on', tags: [data]}\n- {name: db, version: 1.x, repository: '', alias: spare}\n",
        ),
        (
            "values.yaml",
            "global:\n  region: x\nmain:\n  # Run it\n  enabled: true\n  size: 8Gi\n",
        ),
        (
            "charts/db/Chart.yaml",
            "apiVersion: v2\nname: db\nversion: 1.2.0\ndescription: A database\n",
        ),
        (
            "charts/db/values.yaml",
            "global:\n  region: ''\n  own: 1\n# How large\nsize: 1Gi\nenabled: false\n",
        ),
    ]);
    let fields = Fields::of(&chart);
    let [main, spare] = fields.subcharts.as_slice() else {
        panic!("{:?}", fields.subcharts)
    };
    assert_eq!(
        (main.path.to_string(), main.chart.as_str(), main.version.as_str()),
        ("main".to_owned(), "db", "1.2.0")
    );
    assert_eq!(
        main.conditions,
        ["main.enabled".parse().unwrap(), "db.on".parse().unwrap()]
    );
    assert_eq!(main.tags, ["data"]);
    assert_eq!(spare.path.to_string(), "spare");
    let size = field(&fields, "main.size");
    assert_eq!(
        (size.default.clone(), size.description.as_deref()),
        (Some(json!("8Gi")), Some("How large"))
    );
    assert_eq!(
        field(&fields, "main.enabled").description.as_deref(),
        Some("Run it")
    );
    assert_eq!(field(&fields, "spare.size").default, Some(json!("1Gi")));
    assert_eq!(field(&fields, "spare.size").subchart, Some(1));
    assert_eq!(field(&fields, "global.region").default, Some(json!("x")));
    assert!(fields.get(&"main.global.own".parse().unwrap()).is_none());
    assert_eq!(field(&fields, "global.own").default, Some(json!(1)));
}

#[test]
fn hostile_schemas_end() {
    let mut deep = json!({"type": "string"});
    for _ in 0..100 {
        deep = json!({"allOf": [{"properties": {"a": deep}}]});
    }
    // A schema of many names for one another: each level doubles.
    let mut defs = serde_json::Map::new();
    for level in 0..60 {
        let next = format!("#/$defs/d{}", level + 1);
        defs.insert(
            format!("d{level}"),
            json!({"anyOf": [{"$ref": next}, {"properties": {"x": {"$ref": next}}}]}),
        );
    }
    for schema in [
        json!({"properties": {"a": deep}}),
        json!({"$defs": defs, "properties": {"a": {"$ref": "#/$defs/d0"}}}),
        json!({"$ref": "#"}),
        json!({"properties": {"a": {"$ref": "#/properties/a"}}}),
        json!([1]),
    ] {
        let fields = fields("a: 1\n", Some(schema));
        assert!(fields.fields.len() <= 20_000);
        assert!(fields.get(&Path::root().join("a")).is_some());
    }
}

#[test]
fn every_chart_gives_fields() {
    let (mut n_charts, mut n_fields, mut n_described, mut n_subcharts) = (0, 0, 0, 0);
    for archive in crate::charts::archives() {
        let chart = crate::charts::load(&archive);
        let fields = Fields::of(&chart);
        for key in chart.values.keys() {
            let path = Path::root().join(key.to_str_lossy().into_owned());
            let skipped = chart.values_text.as_deref().is_some_and(|text| {
                let text = String::from_utf8_lossy(text);
                text.contains(&format!("@skip {path}")) || text.contains("@ignore")
            });
            assert!(
                skipped || fields.get(&path).is_some(),
                "{}: {path}",
                archive.display()
            );
        }
        n_charts += 1;
        n_fields += fields.fields.len();
        n_described += fields
            .fields
            .iter()
            .filter(|field| field.description.is_some())
            .count();
        n_subcharts += fields.subcharts.len();
    }
    crate::charts::say(&format!(
        "{n_charts} charts: {n_fields} fields, {n_described} described, {n_subcharts} sub-charts"
    ));
    assert!(n_charts == 0 || n_described * 2 > n_fields);
}

#[test]
fn items_of_lists_have_fields_from_schema_defaults_and_examples() {
    let schema = json!({ "properties": { "ports": { "items": { "required": ["port"], "properties": {
        "port": { "type": "integer", "maximum": 65535, "description": "Of the service" },
        "protocol": { "enum": ["TCP", "UDP"] },
        "token": { "type": "string", "default": "x" }
    } } } } });
    let text = "ports: []\n# -- Mounted\nvolumes:\n- name: a\n  size: 1\n- name: b\n  path: /x\nenv: []\n  # - name: A\n  #   value: b\nnames: [a, b]\nhosts:\n- host: a\n  paths:\n  - path: /\n    kind: x\n";
    let fields = fields(text, Some(schema));
    let names = |path: &str| -> Vec<String> {
        let field = fields.get(&path.parse().unwrap()).unwrap();
        field
            .item_fields
            .iter()
            .map(|field| field.path.to_string())
            .collect()
    };
    assert_eq!(names("ports"), ["port", "protocol", "token"]);
    assert_eq!(names("volumes"), ["name", "size", "path"]);
    assert_eq!(names("env"), ["name", "value"]);
    assert!(names("names").is_empty());
    let paths = &field(&fields, "hosts").item_fields[1];
    assert_eq!(
        (paths.types.as_slice(), paths.item_types.as_slice()),
        ([Type::Array].as_slice(), [Type::Object].as_slice())
    );
    assert_eq!(paths.item_fields.len(), 2);
    let ports = &field(&fields, "ports").item_fields;
    assert!(ports[0].required && ports[0].types == [Type::Integer]);
    assert_eq!(ports[0].bounds.maximum, Some(65535.0));
    assert_eq!(ports[1].choices.len(), 2);
    assert!(ports[2].secret);
}
