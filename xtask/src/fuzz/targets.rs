//! What is fuzzed, and what has to hold of it. A target panics when it does not.

use std::collections::BTreeMap;
use std::io::Write as _;

use engine::datetime::Zone;
use engine::json::{self, Escape};
use engine::regexp::Regex;
use engine::value::{GoStr, Value, deep_equal};
use engine::{Limits, NoHost, Options, Renderer, TemplateSet, toml, yaml};
use flate2::Compression;
use flate2::write::GzEncoder;
use helm::Compat;
use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};
use helm::chart::{Chart, ChartFile, IgnoreRules};
use helm::index::{IndexItem, IndexLimits, IndexReader};
use helm::manifest::{Head, sort_manifests, split_documents};
use helm::render::{PreparedChart, RenderOptions};
use helm::schema::Schema;
use helm::values::{Table, Tree, parse_values, strvals};

/// Which files are seeds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Template,
    Yaml,
    Json,
    Archive,
    Assignment,
    /// Only those the target has itself.
    Other,
}

/// One reader of untrusted input.
pub(super) struct Target {
    pub(super) name: &'static str,
    /// Whose input it is.
    pub(super) krate: &'static str,
    pub(super) kind: Kind,
    pub(super) seeds: &'static [&'static str],
    /// What the reader's grammar is made of.
    pub(super) words: &'static [&'static str],
    pub(super) run: fn(&[u8]),
}

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "template",
        krate: "engine",
        kind: Kind::Template,
        seeds: &[
            "{{ define \"a\" }}{{ . }}{{ end }}{{ include \"a\" .m | indent 2 }}",
            "{{ range $i, $e := .l }}{{ $i }}={{ $e }}{{ else }}none{{ end }}",
            "{{ tpl \"{{ .s | quote }}\" . }}{{ with .m }}{{ .a.b.c }}{{ end }}",
            "{{ regexReplaceAll \"a(x*)b\" .s \"${1}W\" }}{{ printf \"%-10s|%05.2f|%v\" .s .f .m }}",
            "{{ toYaml .m | fromYaml | toJson }}{{ dict \"a\" (list 1 2) | toToml }}{{ semverCompare \"^1.2\" \"1.3\" }}",
            "{{ dateInZone \"2006-01-02\" (toDate \"2006-01-02\" \"2020-02-30\") \"UTC\" }}{{ slice .l 1 2 }}{{ index .l 0 }}",
            "{{ merge (dict \"a\" 1) .m | pick \"a\" }}{{ urlParse .s }}{{ until 3 | join \",\" | b64enc | trunc -2 }}",
        ],
        words: &[
            "{{",
            "}}",
            "{{-",
            "-}}",
            "|",
            "(",
            ")",
            ".",
            "$",
            "$x",
            ":=",
            "=",
            ",",
            "\"",
            "`",
            "if ",
            "else ",
            "end",
            "range ",
            "with ",
            "define \"a\"",
            "block \"a\" .",
            "template \"a\" .",
            "include \"a\" .",
            "tpl ",
            "break",
            "continue",
            "nil",
            "true",
            "/*",
            "*/",
            "printf \"%",
            "index ",
            "slice ",
            "len ",
            "dict ",
            "list ",
            "set ",
            "merge ",
            "toYaml ",
            "fromYaml ",
            "toJson ",
            "fromJson ",
            "toToml ",
            "fromToml ",
            "quote ",
            "default ",
            "ternary ",
            "regexFind ",
            "regexSplit ",
            "semver ",
            "semverCompare ",
            "date ",
            "toDate ",
            "duration ",
            "until ",
            "untilStep ",
            "seq ",
            "substr ",
            "trunc ",
            "abbrev ",
            "wrap ",
            "repeat ",
            "replace ",
            "splitList ",
            "sortAlpha ",
            "uniq ",
            "chunk ",
            "urlParse ",
            "urlJoin ",
            "b64dec ",
            "atoi ",
            "toDecimal ",
            "round ",
            "div ",
            "mod ",
            "genCA ",
            "dig ",
            "deepCopy ",
        ],
        run: template,
    },
    Target {
        name: "yaml",
        krate: "engine",
        kind: Kind::Yaml,
        seeds: &[
            "a: &x [1, 0o7, .inf]\nb: {<<: *y, c: !!binary aGk=}\n--- |\n  text\n...\n? - k\n: >-\n  folded\n",
        ],
        words: &[
            "- ",
            ": ",
            "? ",
            "\n",
            "\n  ",
            "&a ",
            "*a",
            "!!str ",
            "!!binary ",
            "!!map ",
            "<<: ",
            "|\n",
            ">-\n",
            "|+2\n",
            "'",
            "\"",
            "[",
            "]",
            "{",
            "}",
            ",",
            "# ",
            "---\n",
            "...\n",
            "%YAML 1.2\n",
            "%TAG ! x:\n",
            "~",
            "null",
            "\r\n",
            "\u{85}",
            "\u{FEFF}",
            "2001-12-14t21:59:43.10-05:00",
            "0x1F",
            "1:30:00",
            "\\x41",
            "\\u2028",
            "\t",
        ],
        run: yaml_document,
    },
    Target {
        name: "json",
        krate: "engine",
        kind: Kind::Json,
        seeds: &["{\"a\": [1, -2.5e-7, true, null, \"\\u00e9\\ud83d\\ude00\"]}"],
        words: &[
            "{", "}", "[", "]", ":", ",", "\"", "\\u", "\\ud800", "null", "true", "-", "e+", ".",
        ],
        run: json_document,
    },
    Target {
        name: "toml",
        krate: "engine",
        kind: Kind::Other,
        seeds: &[
            "a.b = 1_000\n[t.\"u v\"]\nd = 1979-05-27T07:32:00Z\ns = '''x'''\n[[l]]\nk = { x = [1, 2] }\n",
        ],
        words: &[
            "[",
            "]",
            "[[",
            "]]",
            "=",
            ".",
            "\"\"\"",
            "'''",
            "\n",
            "{",
            "}",
            ",",
            "1979-05-27",
            "T07:32:00",
            "inf",
            "0x",
            "#",
            "\\u",
        ],
        run: toml_document,
    },
    Target {
        name: "regex",
        krate: "engine",
        kind: Kind::Other,
        seeds: &["^(?P<n>[a-z]+|\\d{2,3})*?(?i:x)\\b[[:alpha:]\\pL^\\x{10FFFF}]$"],
        words: &[
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "*",
            "+?",
            "|",
            "^",
            "$",
            "\\b",
            "\\pL",
            "\\x{",
            "(?i)",
            "(?:",
            "(?P<",
            "[^",
            "[[:word:]]",
            "{1000}",
            "\\Q",
            "\\E",
        ],
        run: regex,
    },
    Target {
        name: "strvals",
        krate: "helm",
        kind: Kind::Assignment,
        seeds: &[
            "a.b[0].c=1,d={x,y},e\\.f=null",
            "a=[{\"b\": 1}],c={}",
            "a[3][1]=x",
        ],
        words: &[
            "=", ",", ".", "[", "]", "{", "}", "\\", "null", "true", "[0]", "[65535]", "\"",
        ],
        run: assignments,
    },
    Target {
        name: "values",
        krate: "helm",
        kind: Kind::Yaml,
        seeds: &["a: 1\n---\na: null\nb: {c: [1, 2]}\n"],
        words: &[
            "a: ", "- ", "\n", "---\n", "null", "{", "}", "&a ", "*a", "\u{FEFF}", "\r\n",
        ],
        run: values,
    },
    Target {
        name: "chart",
        krate: "helm",
        kind: Kind::Yaml,
        seeds: &[
            "apiVersion: v2\nname: c\nversion: 1.2.3\ndependencies:\n- name: sub\n  version: ^1\n  condition: sub.on\n  alias: s\n  tags: [t]\n  import-values: [data, {child: a.b, parent: x}]\n",
        ],
        words: &[
            "apiVersion: v2\n",
            "name: ",
            "version: ",
            "dependencies:\n",
            "- name: sub\n",
            "  condition: a.b,c\n",
            "  alias: ",
            "  tags:\n",
            "  import-values:\n",
            "type: library\n",
            "kubeVersion: '>=1.2'\n",
            "annotations:\n",
            "null",
            "~",
        ],
        run: chart,
    },
    Target {
        name: "archive",
        krate: "helm",
        kind: Kind::Archive,
        seeds: &[],
        words: &[
            "ustar\x0000",
            "././@LongLink",
            "path=",
            "\0\0\0\0",
            "0000644\0",
            "../",
            "charts/",
            "\x1F",
        ],
        run: archive,
    },
    Target {
        name: "index",
        krate: "helm",
        kind: Kind::Yaml,
        seeds: &[
            "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    urls:\n    - https://example.com/a-1.0.0.tgz\n    created: 2020-01-01T00:00:00Z\n    description: |\n      text\n  - name: a\n    version: 0.9.0\n    urls: [a.tgz]\ngenerated: 2020-01-01T00:00:00Z\n",
        ],
        words: &[
            "entries:\n",
            "  a:\n",
            "  - name: a\n",
            "    version: 1.0.0\n",
            "    urls:\n",
            "    - x.tgz\n",
            "[]",
            "{}",
            "null",
            "|\n",
            "\"",
            "'",
            "generated: ",
            "---\n",
            "\t",
            "\r\n",
            "{\"entries\": {\"a\": [{",
        ],
        run: index,
    },
    Target {
        name: "manifest",
        krate: "helm",
        kind: Kind::Template,
        seeds: &[
            "---\n# Source: x\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    \"helm.sh/hook\": pre-install,post-upgrade\n    helm.sh/hook-weight: \"-5\"\ndata:\n  a: |\n    ---\n    b\n---\n\n---apiVersion: v1\n",
        ],
        words: &[
            "---\n",
            "---",
            "\n",
            "apiVersion: v1\n",
            "kind: ",
            "metadata:\n",
            "  name: ",
            "  annotations:\n",
            "    helm.sh/hook: test\n",
            "    \"helm.sh/hook-weight\": \"1\"\n",
            "null",
            "{",
            "}",
            "&a ",
            "*a",
            "<<: ",
            "\r\n",
            "? ",
        ],
        run: manifest,
    },
    Target {
        name: "schema",
        krate: "helm",
        kind: Kind::Json,
        seeds: &[
            "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#/definitions/x\"}}, \"definitions\": {\"x\": {\"anyOf\": [{\"type\": \"integer\", \"multipleOf\": 3}, {\"pattern\": \"^a+$\", \"format\": \"ipv4\"}]}}, \"required\": [\"b\"], \"if\": {\"const\": 1}, \"then\": {\"enum\": [1, \"x\"]}, \"unevaluatedProperties\": false}",
        ],
        words: &[
            "\"$ref\":\"#\"",
            "\"$ref\":\"#/definitions/x\"",
            "\"type\":",
            "\"allOf\":[",
            "\"not\":{",
            "\"items\":",
            "\"$id\":\"x\"",
            "\"$dynamicRef\":\"#a\"",
            "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            "true",
            "\"additionalProperties\":false",
            "\"minimum\":",
            "1e400",
            "\"pattern\":\"(",
        ],
        run: schema,
    },
    Target {
        name: "ignore",
        krate: "helm",
        kind: Kind::Other,
        seeds: &["# c\n*.tmp\n!keep.tmp\n/a/b[0-9]?\ndir/\n\\#x\n**/y\n"],
        words: &["*", "**", "?", "[", "]", "!", "/", "\\", "\n", "#", "[^a-z]", " "],
        run: ignore,
    },
];

/// Small enough that a fuzzer gets somewhere, large enough for every function.
fn limits() -> Limits {
    Limits {
        max_steps: 20_000,
        max_output_bytes: 1 << 20,
        max_string_bytes: 1 << 18,
        max_list_items: 10_000,
        max_key_generations: 0,
        ..Limits::default()
    }
}

fn template(input: &[u8]) {
    let render = || {
        let mut set = TemplateSet::new();
        set.add("c/templates/t.yaml", GoStr::from_bytes(input))
            .map_err(|error| (error.to_string(), error.helm_text("t")))?;
        let data = json::decode(
            br#"{"s":"text","f":1.5,"n":null,"b":true,"l":[1,"x",null,[2]],"m":{"a":{"b":{"c":1}},"z":"\u00e9"},
                "Values":{"image":{"tag":"1"},"replicas":2},"Release":{"Name":"r"},"Chart":{"Name":"c","Version":"1.2.3"}}"#,
        )
        .unwrap_or_default();
        let options = Options {
            limits: limits(),
            ..Options::default()
        };
        Renderer::new(&set, &NoHost, options)
            .render("c/templates/t.yaml", data)
            .map_err(|error| (error.to_string(), error.helm_text("t")))
    };
    assert_eq!(render(), render(), "the same template renders differently");
}

const MAX_BYTES: usize = 1 << 24;

fn yaml_document(input: &[u8]) {
    let source = yaml::Source::new(input);
    let events = yaml::Parser::new(&source).count();
    assert!(events <= 4 * input.len() + 8, "{events} events");
    let _ = yaml::decode_strict(input);
    let _ = yaml::decode_exact(input);
    let Ok(value) = yaml::decode(input) else { return };
    let (Ok(printed), Ok(pretty)) = (
        yaml::encode(&value, MAX_BYTES),
        yaml::encode_pretty(&value, MAX_BYTES),
    ) else {
        return;
    };
    let _ = yaml::decode(pretty.as_bytes());
    // What is printed, read and printed again is the same where it reads at all: go-yaml itself prints some texts
    // that it does not read.
    if let Ok(again) = yaml::decode((printed.clone() + "\n").as_bytes())
        && deep_equal(&again, &value)
    {
        assert_eq!(yaml::encode(&again, MAX_BYTES).ok(), Some(printed));
    }
}

fn json_document(input: &[u8]) {
    let _ = json::decode_map(input);
    let _ = json::decode_list(input);
    let Ok(value) = json::decode(input) else { return };
    for escape in [Escape::Html, Escape::Raw] {
        let Ok(printed) = json::encode(&value, escape, MAX_BYTES) else {
            continue;
        };
        let again = json::decode(printed.as_bytes());
        assert!(
            again.as_ref().is_ok_and(|again| deep_equal(again, &value)),
            "{printed} reads as {again:?}"
        );
    }
}

fn toml_document(input: &[u8]) {
    if let Ok(map) = toml::decode(input, &Zone::Utc, 0) {
        let _ = toml::encode(&Value::Map(map), MAX_BYTES);
    }
}

fn regex(input: &[u8]) {
    const TEXT: &[u8] = b"abc xX 12 \xC3\xA9\xC5\xBF\n\xFF";
    let Ok(regex) = Regex::compile(input) else { return };
    let found = regex.find_all(TEXT, -1);
    assert_eq!(found.first().cloned(), regex.find(TEXT));
    assert_eq!(regex.is_match(TEXT), !found.is_empty());
    let _ = regex.replace_all(TEXT, b"[$1${n}]", MAX_BYTES);
    let _ = regex.split(TEXT, -1);
}

fn assignments(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for parse in [
        strvals::parse_set,
        strvals::parse_set_string,
        strvals::parse_set_json,
        strvals::parse_set_literal,
    ] {
        let apply = || {
            let mut values = Table::new();
            let result = parse(&text, &mut values).map_err(|error| error.to_string());
            (result, Tree::Table(values).to_json())
        };
        assert_eq!(apply(), apply());
    }
}

fn values(input: &[u8]) {
    if let Ok(values) = parse_values(input) {
        let _ = Tree::Table(values).to_json();
    }
}

fn chart(input: &[u8]) {
    let files = [
        ("Chart.yaml", input),
        (
            "values.yaml",
            b"a: {b: true}\nsub: {on: true, exports: {data: {x: 1}}}\n".as_slice(),
        ),
        (
            "templates/t.yaml",
            b"{{ toYaml .Chart }}{{ toYaml .Values }}{{ .Chart.Name }}".as_slice(),
        ),
        (
            "charts/sub/Chart.yaml",
            b"apiVersion: v2\nname: sub\nversion: 1.0.0\n".as_slice(),
        ),
        (
            "charts/sub/values.yaml",
            b"exports: {data: {y: 2}}\na: {b: 3}\n".as_slice(),
        ),
    ];
    let files = files.map(|(path, data)| ChartFile::new(path, data.to_vec()));
    let Ok(chart) = Chart::from_directory(files.to_vec()) else {
        return;
    };
    let prepared = PreparedChart::new(chart);
    let options = RenderOptions {
        limits: limits(),
        ..RenderOptions::default()
    };
    let render = || {
        let rendered = prepared.render(&Table::new(), &options, &NoHost);
        rendered
            .map(|rendered| rendered.templates)
            .map_err(|error| error.to_string())
    };
    assert_eq!(render(), render(), "the same chart renders differently");
}

/// As an archive, and as what is packed into one: a changed checksum would hide all else.
fn archive(input: &[u8]) {
    read_archive(input);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    if gzip.write_all(input).is_ok()
        && let Ok(packed) = gzip.finish()
    {
        read_archive(&packed);
    }
}

fn read_archive(input: &[u8]) {
    let limits = ArchiveLimits {
        max_unpacked_bytes: 4 << 20,
        max_total_bytes: 8 << 20,
        ..ArchiveLimits::default()
    };
    let Ok(read) = ChartFiles::from_bytes(input, &limits) else {
        return;
    };
    let files = read.files.iter().map(|file| (file.path.as_str(), &*file.data));
    if let Ok(packed) = pack("c", files, Modified::default()) {
        let again = ChartFiles::from_bytes(&packed, &ArchiveLimits::default()).map(|again| again.files.len());
        assert_eq!(again.ok(), Some(read.files.len()), "what is packed does not load");
    }
    let _ = Chart::from_files(read.files);
}

fn index(input: &[u8]) {
    let read = |chunk: usize| {
        let mut items: Vec<String> = Vec::new();
        let mut reader = IndexReader::new(IndexLimits::default());
        let mut sink = |item: IndexItem| items.push(format!("{item:?}"));
        let result = input
            .chunks(chunk.max(1))
            .try_for_each(|chunk| reader.push(chunk, &mut sink))
            .and_then(|()| reader.finish(&mut sink));
        (
            items,
            result
                .map_err(|error| error.to_string())
                .map(|summary| format!("{summary:?}")),
        )
    };
    assert_eq!(read(input.len()), read(7), "chunks change the answer");
}

fn manifest(input: &[u8]) {
    let text = String::from_utf8_lossy(input).into_owned();
    let documents = [Compat::Helm4_2, Compat::Helm4_3].map(|compat| split_documents(&text, compat));
    for document in documents.into_iter().flatten() {
        assert!(!document.text.trim().is_empty());
        assert!(document.line <= text.matches('\n').count() + 1);
        let _ = Head::parse(document.text);
    }
    let path = "c/templates/t.yaml".to_owned();
    let _ = sort_manifests(BTreeMap::from([(&path, &text)]), Compat::Helm4_3);
}

fn schema(input: &[u8]) {
    let Ok(schema) = Schema::compile(input) else {
        return;
    };
    for values in [
        br#"{"a":{"b":[1,"x",null,2.5]},"b":"127.0.0.1"}"#.as_slice(),
        b"[]",
        input,
    ] {
        let Ok(values) = json::decode(values) else {
            continue;
        };
        let check = || schema.validate(&values).map_err(|errors| errors.to_string());
        assert_eq!(check(), check());
    }
}

fn ignore(input: &[u8]) {
    let Ok(rules) = IgnoreRules::parse(input) else {
        return;
    };
    for path in ["a", "a/b1/c.tmp", "dir/x", "#x", "z/y", "templates/.x"] {
        let _ = (rules.ignores(path, false), rules.ignores(path, true));
    }
}
