//! Chart.yaml (and what Helm 2 kept in requirements.yaml and requirements.lock).

use std::collections::BTreeMap;

use engine::value::{List, Map, Type, Value};
use serde::Serialize;

use super::decode::{DecodeError, Decoder, decode_yaml};
use super::sanitize::sanitize;
use crate::values::Tree;

/// What a chart says about itself. Empty strings are absent fields, as in Helm.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub home: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<Maintainer>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub icon: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub condition: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tags: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub app_version: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kube_version: String,
    /// Absent and empty differ: only a chart that declares dependencies has its subcharts switched on and off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<Dependency>>,
    /// `application`, `library` or empty.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

/// Someone who looks after a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Maintainer {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// A declared dependency.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Dependency {
    pub name: String,
    /// A version range; in a lock file a version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    pub repository: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub condition: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enabled: bool,
    #[serde(rename = "import-values", skip_serializing_if = "Vec::is_empty")]
    pub import_values: Vec<ImportValue>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alias: String,
}

/// Values of a subchart that its parent wants to see as its own.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportValue {
    /// As written: a name below `exports`, or a table with `child` and `parent`; anything else is ignored.
    Declared(Tree),
    /// After processing.
    Resolved { child: String, parent: String },
}

/// Chart.lock: the versions dependencies were resolved to.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Lock {
    pub generated: String,
    pub digest: String,
    pub dependencies: Option<Vec<Dependency>>,
}

/// A Chart.yaml that decodes but breaks a rule; the texts are Helm's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    #[error("validation: chart.metadata.apiVersion is required")]
    MissingApiVersion,
    #[error("validation: chart.metadata.name is required")]
    MissingName,
    #[error("validation: chart.metadata.name {} is not allowed", quote(.name))]
    ForbiddenName { name: String },
    #[error("validation: chart.metadata.name {} is invalid", quote(.name))]
    InvalidName { name: String },
    #[error("validation: chart.metadata.version is required")]
    MissingVersion,
    #[error("validation: chart.metadata.version {} is invalid", quote(.version))]
    InvalidVersion { version: String },
    #[error("validation: chart.metadata.type must be application or library")]
    InvalidType,
    #[error("validation: maintainers must not contain empty or null nodes")]
    EmptyMaintainer,
    #[error("validation: dependencies must not contain empty or null nodes")]
    EmptyDependency,
    #[error("validation: dependency {} has disallowed characters in the alias", quote(.name))]
    InvalidAlias { name: String },
    #[error("validation: more than one dependency with name or alias {}", quote(.key))]
    DuplicateDependency { key: String },
}

pub(crate) const MAINTAINER_FIELDS: [&str; 3] = ["name", "email", "url"];
pub(crate) const DEPENDENCY_FIELDS: [&str; 8] = [
    "name",
    "version",
    "repository",
    "condition",
    "tags",
    "enabled",
    "import-values",
    "alias",
];

pub(crate) fn quote(text: &str) -> String {
    engine::strconv::quote(text.as_bytes())
}

/// Metadata while it is read: Go's lists of pointers may hold nil until they are validated.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) metadata: Metadata,
    pub(crate) maintainers: Vec<Option<Maintainer>>,
    pub(crate) dependencies: Option<Vec<Option<Dependency>>>,
}

impl Draft {
    /// Reads Chart.yaml or requirements.yaml over what is already there.
    pub(crate) fn read(&mut self, yaml: &[u8]) -> Result<(), DecodeError> {
        decode_yaml(yaml, "v2.Metadata", |decoder, map| self.fill(decoder, map))?;
        Ok(())
    }

    fn fill(&mut self, decoder: &mut Decoder, map: &Map) {
        let metadata = &mut self.metadata;
        decoder.fields(
            "Metadata",
            map,
            Metadata::FIELDS,
            |decoder, field, value| match field {
                "name" => decoder.string(value, &mut metadata.name),
                "home" => decoder.string(value, &mut metadata.home),
                "sources" => decoder.strings(value, &mut metadata.sources),
                "version" => decoder.string(value, &mut metadata.version),
                "description" => decoder.string(value, &mut metadata.description),
                "keywords" => decoder.strings(value, &mut metadata.keywords),
                "maintainers" => {
                    let absent = decoder.list(
                        value,
                        &mut self.maintainers,
                        "[]*v2.Maintainer",
                        decode_maintainer,
                    );
                    if absent {
                        self.maintainers.clear();
                    }
                }
                "icon" => decoder.string(value, &mut metadata.icon),
                "apiVersion" => decoder.string(value, &mut metadata.api_version),
                "condition" => decoder.string(value, &mut metadata.condition),
                "tags" => decoder.string(value, &mut metadata.tags),
                "appVersion" => decoder.string(value, &mut metadata.app_version),
                "deprecated" => decoder.bool(value, &mut metadata.deprecated),
                "annotations" => decoder.string_map(value, &mut metadata.annotations),
                "kubeVersion" => decoder.string(value, &mut metadata.kube_version),
                "dependencies" => decode_dependencies(decoder, value, &mut self.dependencies),
                "type" => decoder.string(value, &mut metadata.kind),
                _ => {}
            },
        );
    }

    /// Sanitises and checks everything, in Helm's order.
    pub(crate) fn validate(self) -> Result<Metadata, MetadataError> {
        let mut metadata = self.metadata;
        for text in [
            &mut metadata.name,
            &mut metadata.description,
            &mut metadata.home,
            &mut metadata.icon,
            &mut metadata.condition,
            &mut metadata.tags,
            &mut metadata.app_version,
            &mut metadata.kube_version,
        ] {
            sanitize(text);
        }
        metadata
            .sources
            .iter_mut()
            .chain(&mut metadata.keywords)
            .for_each(sanitize);
        metadata.check()?;
        for maintainer in self.maintainers {
            let mut maintainer = maintainer.ok_or(MetadataError::EmptyMaintainer)?;
            [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url]
                .into_iter()
                .for_each(sanitize);
            metadata.maintainers.push(maintainer);
        }
        metadata.dependencies = self.dependencies.map(validate_dependencies).transpose()?;
        Ok(metadata)
    }
}

impl Metadata {
    /// What Chart.yaml says, and over it what `requirements.yaml` says where there is one; no rule is checked.
    pub fn as_written<'y>(documents: impl IntoIterator<Item = &'y [u8]>) -> Result<Self, DecodeError> {
        let mut draft = Draft::default();
        for yaml in documents {
            draft.read(yaml)?;
        }
        let some = |list: Vec<Option<_>>| list.into_iter().flatten().collect();
        Ok(Self {
            maintainers: draft.maintainers.into_iter().flatten().collect(),
            dependencies: draft.dependencies.map(some),
            ..draft.metadata
        })
    }

    /// The keys of Chart.yaml that Helm knows.
    pub(crate) const FIELDS: &'static [&'static str] = &[
        "name",
        "home",
        "sources",
        "version",
        "description",
        "keywords",
        "maintainers",
        "icon",
        "apiVersion",
        "condition",
        "tags",
        "appVersion",
        "deprecated",
        "annotations",
        "kubeVersion",
        "dependencies",
        "type",
    ];

    fn check(&self) -> Result<(), MetadataError> {
        if self.api_version.is_empty() {
            return Err(MetadataError::MissingApiVersion);
        }
        if self.name.is_empty() {
            return Err(MetadataError::MissingName);
        }
        let name = || self.name.clone();
        if matches!(self.name.as_str(), "." | "..") {
            return Err(MetadataError::ForbiddenName { name: name() });
        }
        // Helm compares with `filepath.Base`: a separator anywhere would make the name a path.
        if self.name.contains('/') {
            return Err(MetadataError::InvalidName { name: name() });
        }
        if self.version.is_empty() {
            return Err(MetadataError::MissingVersion);
        }
        if engine::semver::Version::parse(&self.version).is_err() {
            return Err(MetadataError::InvalidVersion {
                version: self.version.clone(),
            });
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return Err(MetadataError::InvalidType);
        }
        Ok(())
    }

    /// Chart.yaml as Helm writes it: known fields only, in the order of their names.
    pub fn to_yaml(&self) -> String {
        /// A Chart.yaml that decoded is far below it.
        const MAX_BYTES: usize = 64 << 20;
        let json = serde_json::to_value(self).unwrap_or_default();
        let mut yaml =
            engine::yaml::encode(&Tree::from_json(&json).to_value(), MAX_BYTES).unwrap_or_default();
        yaml.push('\n');
        yaml
    }

    /// Whether the chart only lends its `define`s.
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }

    /// `.Chart`: a map under the names of Helm's Go struct.
    pub(crate) fn to_map(&self) -> Map {
        let annotations = self.annotations.as_ref().map_or_else(
            || Map::nil(Type::STRING_MAP),
            |annotations| {
                let map = Map::typed(Type::STRING_MAP);
                annotations
                    .iter()
                    .for_each(|(key, value)| map.insert(key.as_str(), value.as_str()));
                map
            },
        );
        let maintainers = self.maintainers.iter().map(|maintainer| {
            Value::Map(Map::from_iter([
                ("Name", maintainer.name.as_str()),
                ("Email", maintainer.email.as_str()),
                ("URL", maintainer.url.as_str()),
            ]))
        });
        let dependencies = self
            .dependencies
            .iter()
            .flatten()
            .map(|dependency| Value::Map(dependency.to_map()));
        let map = Map::from_iter([
            ("Name", self.name.as_str()),
            ("Home", self.home.as_str()),
            ("Version", self.version.as_str()),
            ("Description", self.description.as_str()),
            ("Icon", self.icon.as_str()),
            ("APIVersion", self.api_version.as_str()),
            ("Condition", self.condition.as_str()),
            ("Tags", self.tags.as_str()),
            ("AppVersion", self.app_version.as_str()),
            ("KubeVersion", self.kube_version.as_str()),
            ("Type", self.kind.as_str()),
        ]);
        map.insert("Sources", text_list(&self.sources));
        map.insert("Keywords", text_list(&self.keywords));
        map.insert("Maintainers", maintainers.collect::<List>());
        map.insert("Deprecated", self.deprecated);
        map.insert("Annotations", annotations);
        map.insert("Dependencies", dependencies.collect::<List>());
        map
    }
}

impl Dependency {
    /// The name the subchart goes by in values: its alias, if it has one.
    pub fn effective_name(&self) -> &str {
        if self.alias.is_empty() {
            &self.name
        } else {
            &self.alias
        }
    }

    fn to_map(&self) -> Map {
        let map = Map::from_iter([
            ("Name", self.name.as_str()),
            ("Version", self.version.as_str()),
            ("Repository", self.repository.as_str()),
            ("Condition", self.condition.as_str()),
            ("Alias", self.alias.as_str()),
        ]);
        map.insert("Tags", text_list(&self.tags));
        map.insert("Enabled", self.enabled);
        map.insert(
            "ImportValues",
            self.import_values
                .iter()
                .map(ImportValue::to_value)
                .collect::<List>(),
        );
        map
    }
}

impl ImportValue {
    fn to_value(&self) -> Value {
        match self {
            Self::Declared(tree) => tree.to_value(),
            Self::Resolved { child, parent } => {
                let map = Map::typed(Type::STRING_MAP);
                map.insert("child", child.as_str());
                map.insert("parent", parent.as_str());
                Value::Map(map)
            }
        }
    }
}

impl Serialize for ImportValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Declared(tree) => tree.to_json().serialize(serializer),
            Self::Resolved { child, parent } => {
                BTreeMap::from([("child", child), ("parent", parent)]).serialize(serializer)
            }
        }
    }
}

impl Lock {
    /// Reads Chart.lock or requirements.lock; a null document is no lock.
    pub(crate) fn read(yaml: &[u8]) -> Result<Option<Self>, DecodeError> {
        let mut lock = Self::default();
        let mut dependencies = None;
        let filled = decode_yaml(yaml, "v2.Lock", |decoder, map| {
            decoder.fields(
                "Lock",
                map,
                &["generated", "digest", "dependencies"],
                |decoder, field, value| match field {
                    "generated" => decode_time(decoder, value, &mut lock.generated),
                    "digest" => decoder.string(value, &mut lock.digest),
                    _ => decode_dependencies(decoder, value, &mut dependencies),
                },
            );
        })?;
        lock.dependencies = dependencies.map(|list| list.into_iter().flatten().collect());
        Ok(filled.map(|()| lock))
    }
}

fn text_list(texts: &[String]) -> List {
    texts.iter().map(|text| Value::from(text.as_str())).collect()
}

fn decode_maintainer(decoder: &mut Decoder, value: &Value, into: &mut Option<Maintainer>) {
    let map = match value {
        Value::Nil => return *into = None,
        Value::Map(map) => map,
        other => return decoder.mismatch(other, "v2.Maintainer"),
    };
    let into = into.get_or_insert_default();
    decoder.fields(
        "Maintainer",
        map,
        &MAINTAINER_FIELDS,
        |decoder, field, value| match field {
            "name" => decoder.string(value, &mut into.name),
            "email" => decoder.string(value, &mut into.email),
            _ => decoder.string(value, &mut into.url),
        },
    );
}

fn decode_dependencies(decoder: &mut Decoder, value: &Value, into: &mut Option<Vec<Option<Dependency>>>) {
    let mut list = into.take().unwrap_or_default();
    let absent = decoder.list(value, &mut list, "[]*v2.Dependency", decode_dependency);
    *into = (!absent).then_some(list);
}

fn decode_dependency(decoder: &mut Decoder, value: &Value, into: &mut Option<Dependency>) {
    let map = match value {
        Value::Nil => return *into = None,
        Value::Map(map) => map,
        other => return decoder.mismatch(other, "v2.Dependency"),
    };
    let into = into.get_or_insert_default();
    decoder.fields(
        "Dependency",
        map,
        &DEPENDENCY_FIELDS,
        |decoder, field, value| match field {
            "name" => decoder.string(value, &mut into.name),
            "version" => decoder.string(value, &mut into.version),
            "repository" => decoder.string(value, &mut into.repository),
            "condition" => decoder.string(value, &mut into.condition),
            "tags" => decoder.strings(value, &mut into.tags),
            "enabled" => decoder.bool(value, &mut into.enabled),
            "import-values" => match value {
                Value::Nil => into.import_values.clear(),
                Value::List(list) => {
                    let declared = list
                        .iter()
                        .map(|item| ImportValue::Declared(as_json(Tree::from_value(item))));
                    into.import_values = declared.collect();
                }
                other => decoder.mismatch(other, "[]interface {}"),
            },
            _ => decoder.string(value, &mut into.alias),
        },
    );
}

/// What a tree is after its way through JSON, where every number is a float.
fn as_json(tree: Tree) -> Tree {
    match tree {
        Tree::Int(number) => Tree::Float(number as f64),
        Tree::List(items) => Tree::List(items.into_iter().map(as_json).collect()),
        Tree::Table(table) => Tree::Table(
            table
                .into_iter()
                .map(|(key, item)| (key, as_json(item)))
                .collect(),
        ),
        other => other,
    }
}

fn decode_time(decoder: &mut Decoder, value: &Value, into: &mut String) {
    match value {
        Value::Nil => {}
        Value::String(text) => *into = text.to_str_lossy().into_owned(),
        _ => decoder.fail("Time.UnmarshalJSON: input is not a JSON string".to_owned()),
    }
}

fn validate_dependencies(list: Vec<Option<Dependency>>) -> Result<Vec<Dependency>, MetadataError> {
    let mut dependencies: Vec<Dependency> = Vec::with_capacity(list.len());
    for dependency in list {
        let mut dependency = dependency.ok_or(MetadataError::EmptyDependency)?;
        for text in [
            &mut dependency.name,
            &mut dependency.version,
            &mut dependency.repository,
            &mut dependency.condition,
        ] {
            sanitize(text);
        }
        dependency.tags.iter_mut().for_each(sanitize);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !dependency.alias.bytes().all(allowed) {
            return Err(MetadataError::InvalidAlias {
                name: dependency.name,
            });
        }
        let key = dependency.effective_name();
        if dependencies.iter().any(|other| other.effective_name() == key) {
            return Err(MetadataError::DuplicateDependency { key: key.to_owned() });
        }
        dependencies.push(dependency);
    }
    Ok(dependencies)
}
