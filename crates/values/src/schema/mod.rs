//! What can be configured: one model of fields, whatever a chart gives to know it from.
//!
//! * `values.schema.json`, drafts 4 to 2020-12, as far as a form can use it (`json`);
//! * the default values and their comments (`infer`, `comments`): helm-docs (`# --`), readme-generator
//!   (`## @param`), or a plain comment above a key.
//!
//! Where both exist, the schema says types and limits, and comments describe. Sub-charts' fields stand below their
//! alias, their globals below the chart's own.
//!
//! A field is a help to write values, not a check of them: that is [`helm::schema`]'s, and [`crate::assist`] uses it.

mod comments;
mod infer;
mod json;
mod secret;

pub use secret::is_secret_name;
pub(crate) use secret::words;

use std::collections::HashMap;

use helm::chart::{Chart, Dependency};
use helm::values::Tree;
use serde::{Deserialize, Serialize};

use crate::{Document, Path};
use json::Reader;

/// More fields than these are not listed: no form could show them.
const MAX_FIELDS: usize = 20_000;
/// More keys than these of a list's items are not listed.
const MAX_ITEM_FIELDS: usize = 100;
/// Lists of mappings in the items of lists, and so on.
const MAX_ITEM_DEPTH: usize = 3;
/// Charts within charts.
const MAX_CHART_DEPTH: usize = 16;

/// The types of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Text.
    String,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// A mapping.
    Object,
    /// Nothing.
    Null,
}

impl Type {
    /// The type of a value; whole numbers are integers.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        match tree {
            Tree::Null => Self::Null,
            Tree::Bool(_) => Self::Boolean,
            Tree::Int(_) => Self::Integer,
            Tree::Float(number) if number.fract() == 0.0 => Self::Integer,
            Tree::Float(_) => Self::Number,
            Tree::String(_) => Self::String,
            Tree::List(_) => Self::Array,
            Tree::Table(_) => Self::Object,
        }
    }

    /// The type as schemas and comments name it, common abbreviations included.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "string" | "str" | "text" | "password" => Self::String,
            "integer" | "int" => Self::Integer,
            "number" | "float" => Self::Number,
            "boolean" | "bool" => Self::Boolean,
            "array" | "list" => Self::Array,
            "object" | "map" | "dict" | "tpl/object" => Self::Object,
            "null" | "nil" => Self::Null,
            _ => return None,
        })
    }

    /// Its name in JSON Schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::Null => "null",
        }
    }
}

/// Limits of a value, each as JSON Schema names it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Bounds {
    /// The smallest number allowed, or the one that is already too small.
    pub minimum: Option<f64>,
    /// The largest number allowed, or the one that is already too large.
    pub maximum: Option<f64>,
    /// `minimum` itself is not allowed.
    pub exclusive_minimum: bool,
    /// `maximum` itself is not allowed.
    pub exclusive_maximum: bool,
    /// The number is a multiple of this.
    pub multiple_of: Option<f64>,
    /// Characters of a text.
    pub min_length: Option<u64>,
    /// Characters of a text.
    pub max_length: Option<u64>,
    /// Items of a list.
    pub min_items: Option<u64>,
    /// Items of a list.
    pub max_items: Option<u64>,
}

/// One thing that can be configured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Field {
    /// Where in the values of the whole chart.
    pub path: Path,
    /// A short name, where the schema gives one.
    pub title: Option<String>,
    /// What it is for: plain text, perhaps with Markdown in it.
    pub description: Option<String>,
    /// The types it may have; empty if nobody says.
    pub types: Vec<Type>,
    /// Its default; `None` if the chart has none.
    pub default: Option<serde_json::Value>,
    /// What documentation says in place of the default: a computed one, or one that is too long.
    pub default_note: Option<String>,
    /// The only values allowed; empty if there is no such list.
    pub choices: Vec<serde_json::Value>,
    /// Limits.
    pub bounds: Bounds,
    /// A regular expression that a text must match.
    pub pattern: Option<String>,
    /// A format of JSON Schema: `uri`, `email`, `password` …
    pub format: Option<String>,
    /// Must be there.
    pub required: bool,
    /// Should not be used any more.
    pub deprecated: bool,
    /// Must not be shown: a password, a token, a private key.
    pub secret: bool,
    /// For experts: what every workload can have, or what the chart's own form leaves out.
    pub advanced: bool,
    /// The heading it stands below.
    pub section: Option<String>,
    /// Which of [`Fields::subcharts`] it belongs to.
    pub subchart: Option<usize>,
    /// The types of a list's items; empty if nobody says.
    pub item_types: Vec<Type>,
    /// The only values allowed as items.
    pub item_choices: Vec<serde_json::Value>,
    /// What the items of a list of mappings hold, each with its key as the path; empty if nobody says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub item_fields: Vec<Self>,
    /// Whether it is a mapping that takes keys nobody lists: labels, annotations.
    pub open: bool,
    /// Commented-out YAML that stands at it: an example, not a default.
    pub example: Option<String>,
}

/// A sub-chart whose values stand below its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subchart {
    /// Below which its values stand: its alias or name.
    pub path: Path,
    /// The chart's name.
    pub chart: String,
    /// The chart's version.
    pub version: String,
    /// What it says it is.
    pub description: String,
    /// Values that switch it on or off: the first one that is there decides.
    pub conditions: Vec<Path>,
    /// Its tags: `tags.NAME: false` for all of them switches it off, unless a condition is there.
    pub tags: Vec<String>,
}

/// Everything that can be configured in a chart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    /// In the order of values.yaml; what only the schema knows comes behind; sub-charts last.
    pub fields: Vec<Field>,
    /// The sub-charts, outer ones first.
    pub subcharts: Vec<Subchart>,
    #[serde(skip)]
    by_path: HashMap<Path, usize>,
}

impl Fields {
    /// Reads a chart and its sub-charts. Never fails: what cannot be read is not there.
    #[must_use]
    pub fn of(chart: &Chart) -> Self {
        let mut fields = Self::default();
        fields.add_chart(chart, &Path::root(), None, 0);
        let conditions: Vec<Path> = fields
            .subcharts
            .iter()
            .flat_map(|chart| chart.conditions.clone())
            .collect();
        for path in conditions {
            // A switch is what a reader looks for first, wherever it stands.
            if let Some(field) = fields.get_mut(&path) {
                field.advanced = false;
            }
        }
        fields
    }

    /// The field at a path.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&Field> {
        self.fields.get(*self.by_path.get(path)?)
    }

    fn get_mut(&mut self, path: &Path) -> Option<&mut Field> {
        self.fields.get_mut(*self.by_path.get(path)?)
    }

    /// The fields directly below a path, in their order.
    pub fn children<'f>(&'f self, path: &'f Path) -> impl Iterator<Item = &'f Field> {
        let depth = path.segments().len() + 1;
        self.fields
            .iter()
            .filter(move |field| field.path.segments().len() == depth && field.path.starts_with(path))
    }

    /// The field at a path, or made.
    fn entry(&mut self, path: &Path) -> Option<&mut Field> {
        if !self.by_path.contains_key(path) {
            if self.fields.len() >= MAX_FIELDS {
                return None;
            }
            self.by_path.insert(path.clone(), self.fields.len());
            self.fields.push(Field {
                path: path.clone(),
                ..Field::default()
            });
        }
        self.get_mut(path)
    }

    fn add_chart(&mut self, chart: &Chart, at: &Path, subchart: Option<usize>, depth: usize) {
        let text = chart
            .values_text
            .as_deref()
            .and_then(|text| std::str::from_utf8(text).ok());
        let mut own = Self::default();
        if let Some(document) = text.and_then(|text| Document::parse(text).ok()) {
            infer::fields(&document, &mut own);
        }
        if let Some(schema) = chart
            .schema
            .as_deref()
            .and_then(|text| serde_json::from_slice(text).ok())
        {
            Reader::new(&schema).add_to(&mut own);
        }
        own.judge();
        for mut field in own.fields {
            // Globals are shared by all charts: they stand at the top alone.
            let is_global = subchart.is_some() && field.path.segments().first() == Some(&"global".into());
            let path = if is_global {
                field.path.clone()
            } else {
                at.concat(&field.path)
            };
            let known = self.by_path.contains_key(&path);
            field.subchart = if is_global { None } else { subchart };
            field.path = path.clone();
            let Some(place) = self.entry(&path) else { return };
            if known {
                place.complete(field);
            } else {
                *place = field;
            }
        }
        if depth >= MAX_CHART_DEPTH {
            return;
        }
        for (inner, dependency) in mounted(chart) {
            let path = at.join(mounted_name(inner, dependency));
            let number = self.subcharts.len();
            self.subcharts.push(Subchart {
                path: path.clone(),
                chart: inner.metadata.name.clone(),
                version: inner.metadata.version.clone(),
                description: inner.metadata.description.clone(),
                conditions: dependency.map_or_else(Vec::new, |dependency| conditions(dependency, at)),
                tags: dependency.map_or_else(Vec::new, |dependency| dependency.tags.clone()),
            });
            self.add_chart(inner, &path, Some(number), depth + 1);
        }
    }

    /// What follows from names and types.
    fn judge(&mut self) {
        let has_form = self
            .fields
            .iter()
            .any(|field| field.format.as_deref() == Some(FORM));
        for field in &mut self.fields {
            let in_form = field.format.as_deref() == Some(FORM);
            if in_form {
                field.format = None;
            }
            let keys = field.path.segments().iter().filter_map(|segment| match segment {
                crate::Segment::Key(key) => Some(key.as_str()),
                crate::Segment::Index(_) => None,
            });
            let plumbing = keys.clone().any(is_plumbing);
            field.advanced |= if has_form { !in_form } else { plumbing };
            field.judge_secret();
            field.judge_items();
        }
    }
}

/// How `json` marks what a schema's own form shows, until [`Fields::judge`] has read it.
const FORM: &str = "\0form";

impl Field {
    fn judge_secret(&mut self) {
        let is_text = self
            .types
            .iter()
            .all(|kind| matches!(kind, Type::String | Type::Null));
        self.secret |= is_text && self.path.last_key().is_some_and(is_secret_name);
    }

    fn judge_items(&mut self) {
        for inner in &mut self.item_fields {
            inner.format = inner.format.take().filter(|format| format != FORM);
            inner.judge_secret();
            inner.judge_items();
        }
    }

    /// Takes from a sub-chart what the chart around it does not say.
    fn complete(&mut self, inner: Self) {
        self.title = self.title.take().or(inner.title);
        self.description = self.description.take().or(inner.description);
        self.default_note = self.default_note.take().or(inner.default_note);
        self.default = self.default.take().or(inner.default);
        self.pattern = self.pattern.take().or(inner.pattern);
        self.format = self.format.take().or(inner.format);
        self.section = self.section.take().or(inner.section);
        self.example = self.example.take().or(inner.example);
        if self.types.is_empty() || self.types == [Type::Null] {
            self.types = inner.types;
        }
        if self.choices.is_empty() {
            self.choices = inner.choices;
        }
        if self.item_types.is_empty() {
            self.item_types = inner.item_types;
        }
        if self.item_choices.is_empty() {
            self.item_choices = inner.item_choices;
        }
        if self.item_fields.is_empty() {
            self.item_fields = inner.item_fields;
        }
        if self.bounds == Bounds::default() {
            self.bounds = inner.bounds;
        }
        self.required |= inner.required;
        self.deprecated |= inner.deprecated;
        self.secret |= inner.secret;
        self.open |= inner.open;
        self.subchart = self.subchart.or(inner.subchart);
    }

    /// Whether a value of this type fits.
    #[must_use]
    pub fn allows(&self, kind: Type) -> bool {
        self.types.is_empty()
            || self.types.contains(&kind)
            || kind == Type::Integer && self.types.contains(&Type::Number)
    }
}

/// The charts in `charts/` and the declarations that mount them: one for each alias, as Helm copies them.
fn mounted(chart: &Chart) -> Vec<(&Chart, Option<&Dependency>)> {
    let mut found = Vec::new();
    let declared = chart.metadata.dependencies.as_deref().unwrap_or_default();
    for dependency in declared {
        let inner = chart
            .dependencies
            .iter()
            .find(|inner| inner.metadata.name == dependency.name);
        found.extend(inner.map(|inner| (inner, Some(dependency))));
    }
    for inner in &chart.dependencies {
        if !declared
            .iter()
            .any(|dependency| dependency.name == inner.metadata.name)
        {
            found.push((inner, None));
        }
    }
    found
}

/// Below which key of its parent's values a chart's stand.
fn mounted_name<'c>(chart: &'c Chart, dependency: Option<&'c Dependency>) -> &'c str {
    match dependency {
        None => &chart.metadata.name,
        Some(dependency) if dependency.alias.is_empty() => &dependency.name,
        Some(dependency) => &dependency.alias,
    }
}

/// The sub-charts with the keys below which their values stand.
pub(crate) fn mounted_names(chart: &Chart) -> Vec<(&Chart, &str)> {
    let all = mounted(chart).into_iter();
    all.map(|(inner, dependency)| (inner, mounted_name(inner, dependency)))
        .collect()
}

/// `a.b,c.d` as paths of the whole chart.
fn conditions(dependency: &Dependency, at: &Path) -> Vec<Path> {
    let texts = dependency
        .condition
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    texts
        .map(|text| at.concat(&Path::of_keys(text.split('.'))))
        .collect()
}

/// Keys that every workload has and most people never touch.
fn is_plumbing(key: &str) -> bool {
    const KEYS: [&str; 44] = [
        "affinity",
        "args",
        "automountserviceaccounttoken",
        "clusterdomain",
        "command",
        "commonannotations",
        "commonlabels",
        "containersecuritycontext",
        "customlivenessprobe",
        "customreadinessprobe",
        "customstartupprobe",
        "diagnosticmode",
        "dnsconfig",
        "dnspolicy",
        "extradeploy",
        "extraenvvars",
        "extraenvvarscm",
        "extraenvvarssecret",
        "extravolumemounts",
        "extravolumes",
        "fullnameoverride",
        "hostaliases",
        "imagepullsecrets",
        "initcontainers",
        "kubeversion",
        "lifecyclehooks",
        "livenessprobe",
        "nameoverride",
        "namespaceoverride",
        "networkpolicy",
        "nodeaffinitypreset",
        "nodeselector",
        "podaffinitypreset",
        "podannotations",
        "podantiaffinitypreset",
        "podlabels",
        "podsecuritycontext",
        "priorityclassname",
        "readinessprobe",
        "securitycontext",
        "sidecars",
        "startupprobe",
        "tolerations",
        "topologyspreadconstraints",
    ];
    KEYS.binary_search(&key.to_ascii_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_plumbing;

    #[test]
    fn plumbing_is_known_whatever_its_case() {
        assert!(
            is_plumbing("nodeSelector")
                && is_plumbing("affinity")
                && is_plumbing("topologySpreadConstraints")
        );
        assert!(!is_plumbing("replicaCount"));
    }
}
