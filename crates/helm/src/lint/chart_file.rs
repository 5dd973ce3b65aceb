//! Rules about Chart.yaml.

use engine::semver::{Constraint, Version};
use engine::value::{GoStr, Map, Value};

use super::addresses::{is_email, is_request_url, is_url};
use super::{ChartDirectory, Entry, Findings, Severity};
use crate::chart::{Draft, Metadata};

const FILE: &str = "Chart.yaml";

pub(super) fn check(directory: &ChartDirectory, findings: &mut Findings) {
    let text = match &directory.chart_yaml {
        Entry::File(text) => text,
        Entry::Directory => {
            findings.add(Severity::Error, FILE, "should be a file, not a directory");
            let unreadable = format!("read {}/{FILE}: is a directory", directory.path);
            return unparsable(findings, &unreadable);
        }
        Entry::Missing => {
            let missing = format!("open {}/{FILE}: no such file or directory", directory.path);
            return unparsable(findings, &missing);
        }
        Entry::Unreadable(why) => return unparsable(findings, why),
    };
    let mut draft = Draft::default();
    if let Err(error) = draft.read(text) {
        return unparsable(findings, &error.to_string());
    }
    let strict = strict_problem(text)
        .map(|problem| format!("failed to strictly parse chart metadata file\n\t{problem}"));
    findings.rule(Severity::Warning, FILE, strict);
    let untyped = engine::yaml::decode_map(text).unwrap_or_default();
    let metadata = &draft.metadata;
    let v2_only =
        |is_used: bool, text: &dyn Fn() -> String| (is_used && metadata.api_version != "v2").then(text);
    let has_dependencies = draft.dependencies.as_ref().is_some_and(|list| !list.is_empty());
    let has_icon = !metadata.icon.is_empty();
    let rules = [
        (Severity::Error, name(metadata)),
        (Severity::Error, api_version(metadata)),
        (Severity::Error, is_text(&untyped, "version")),
        (Severity::Error, version(metadata)),
        (Severity::Error, is_text(&untyped, "appVersion")),
        (Severity::Error, maintainers(&draft)),
        (Severity::Error, sources(metadata)),
        (
            Severity::Info,
            (!has_icon).then(|| "icon is recommended".to_owned()),
        ),
        (
            Severity::Error,
            (has_icon && !is_request_url(&metadata.icon))
                .then(|| format!("invalid icon URL '{}'", metadata.icon)),
        ),
        (
            Severity::Error,
            v2_only(!metadata.kind.is_empty(), &|| {
                format!(
                    "chart type is not valid in apiVersion '{}'. It is valid in apiVersion 'v2'",
                    metadata.api_version
                )
            }),
        ),
        (
            Severity::Error,
            v2_only(has_dependencies, &|| {
                format!(
                    "dependencies are not valid in the Chart file with apiVersion '{}'. They are valid in apiVersion 'v2'",
                    metadata.api_version
                )
            }),
        ),
        (
            Severity::Warning,
            Version::parse_strict(&metadata.version)
                .is_err()
                .then(|| format!("version '{}' is not a valid SemVerV2", metadata.version)),
        ),
    ];
    for (severity, broken) in rules {
        findings.rule(severity, FILE, broken);
    }
}

fn unparsable(findings: &mut Findings, why: &str) {
    findings.add(Severity::Error, FILE, format!("unable to parse YAML\n\t{why}"));
}

fn name(metadata: &Metadata) -> Option<String> {
    let name = &metadata.name;
    if name.is_empty() {
        return Some("name is required".to_owned());
    }
    // Helm compares with the last element of the name as a path.
    let is_path = name.contains('/');
    is_path.then(|| {
        format!(
            "chart name {} is invalid",
            engine::strconv::quote(name.as_bytes())
        )
    })
}

fn api_version(metadata: &Metadata) -> Option<String> {
    match metadata.api_version.as_str() {
        "" => Some("apiVersion is required. The value must be either \"v1\" or \"v2\"".to_owned()),
        "v1" | "v2" => None,
        other => Some(format!(
            "apiVersion '{other}' is not valid. The value must be either \"v1\" or \"v2\""
        )),
    }
}

/// Decoding turns numbers into text, and `1.10` into `1.1`: what was meant should be quoted.
fn is_text(untyped: &Map, key: &str) -> Option<String> {
    match untyped.get(key) {
        None | Some(Value::String(_)) => None,
        Some(other) => Some(format!(
            "{key} should be of type string but it's of type {}",
            other.type_name()
        )),
    }
}

fn version(metadata: &Metadata) -> Option<String> {
    if metadata.version.is_empty() {
        return Some("version is required".to_owned());
    }
    let Ok(version) = Version::parse(&metadata.version) else {
        return Some(format!("version '{}' is not a valid SemVer", metadata.version));
    };
    let lowest = Constraint::parse(">0.0.0-0").ok()?;
    let reasons = lowest.validate(&version).err()?;
    reasons.first().map(|reason| format!("version {reason}"))
}

fn maintainers(draft: &Draft) -> Option<String> {
    draft.maintainers.iter().find_map(|maintainer| {
        let Some(maintainer) = maintainer else {
            return Some("a maintainer entry is empty".to_owned());
        };
        if maintainer.name.is_empty() {
            return Some("each maintainer requires a name".to_owned());
        }
        let wrong =
            |what, value: &str| format!("invalid {what} '{value}' for maintainer '{}'", maintainer.name);
        if !maintainer.email.is_empty() && !is_email(&maintainer.email) {
            return Some(wrong("email", &maintainer.email));
        }
        (!maintainer.url.is_empty() && !is_url(&maintainer.url)).then(|| wrong("url", &maintainer.url))
    })
}

fn sources(metadata: &Metadata) -> Option<String> {
    let wrong = metadata.sources.iter().find(|source| !is_request_url(source));
    wrong.map(|source| format!("invalid source URL '{source}'"))
}

/// What a strict reading finds: a key given twice, or one that Helm does not know.
fn strict_problem(text: &[u8]) -> Option<String> {
    let value = match engine::yaml::decode_strict(text) {
        Ok(value) => value,
        Err(error) => return Some(error.to_string()),
    };
    let Value::Map(map) = value else { return None };
    unknown_key(&map, Metadata::FIELDS, |key, value| {
        let fields: &[&str] = match key {
            "maintainers" => &crate::chart::MAINTAINER_FIELDS,
            "dependencies" => &crate::chart::DEPENDENCY_FIELDS,
            _ => return None,
        };
        let Value::List(items) = value else { return None };
        items.iter().find_map(|item| match item {
            Value::Map(item) => unknown_key(item, fields, |_, _| None),
            _ => None,
        })
    })
    .map(|key| {
        let key = engine::strconv::quote(key.as_bytes());
        format!("error unmarshaling JSON: while decoding JSON: json: unknown field {key}")
    })
}

/// The first key no field has, looking into known ones on the way.
fn unknown_key(
    map: &Map,
    fields: &[&'static str],
    inside: impl Fn(&'static str, &Value) -> Option<GoStr>,
) -> Option<GoStr> {
    map.entries()
        .into_iter()
        .find_map(|(key, value)| match crate::chart::field_named(&key, fields) {
            Some(field) => inside(field, &value),
            None => Some(key),
        })
}
