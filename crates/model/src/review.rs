//! What can be told of a chart without a cluster: what its defaults come to, what it asks of a cluster, and what differs
//! between two of its versions.

use serde::{Deserialize, Serialize};

use crate::files::FileKind;
use crate::install::RenderProblem;
use crate::release::{ObjectChange, ObjectDifference, TextDifference};

/// How much a sentence matters to somebody who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Good to know.
    Low,
    /// Reaches beyond the release's namespace, or needs a look.
    Medium,
    /// Gives away a node or the cluster, or breaks what runs.
    High,
}

/// What a risk is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RiskTopic {
    Permissions,
    Host,
    Cluster,
    Webhooks,
    Network,
    Storage,
    Images,
}

/// Something that a chart asks for with its default values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Risk {
    /// The rule that found it; stays the same when the words change.
    pub rule: String,
    pub topic: RiskTopic,
    pub weight: Weight,
    /// A sentence.
    pub text: String,
    /// The objects it is about, at most 20.
    pub objects: Vec<RiskObject>,
    /// How many more there are.
    pub n_more: usize,
}

/// An object that asks for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RiskObject {
    /// `Kind name`
    pub title: String,
    /// The file within the archive that makes it ask, where it can be looked at.
    pub file: Option<String>,
    /// The line of that file, from 1, which wrote the field that asks, or the object where no field does.
    pub line: Option<u32>,
}

/// What the roles of a chart allow with one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permission {
    /// In every namespace and for what belongs to none; otherwise in the namespaces of the bindings.
    pub is_cluster_wide: bool,
    /// Empty for the core group.
    pub group: String,
    /// A resource, `*`, or a path that begins with `/`.
    pub resource: String,
    /// Only objects with these names; empty means all.
    pub names: Vec<String>,
    pub verbs: Vec<String>,
}

/// An object that a chart comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenderedObject {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    /// Where its manifest names one; otherwise it goes to the release's.
    pub namespace: Option<String>,
    pub is_cluster_wide: bool,
    /// The template as Helm names it: `chart/templates/x.yaml`.
    pub path: String,
    /// The file within the archive, where it can be looked at.
    pub file: Option<String>,
    /// The line of that file, from 1, that wrote the line with its kind: in the file itself, whatever it includes there.
    pub line: Option<u32>,
    /// The events of a hook, `pre-install` for example.
    pub events: Vec<String>,
    /// Of its containers.
    pub images: Vec<String>,
    /// Empty where all objects together are too long to be shown. Data of Secrets is replaced.
    pub yaml: String,
    /// The files within the archive that `lines` are of.
    pub files: Vec<String>,
    /// What wrote each line of `yaml`, as far as that is known; empty where `yaml` is, and of Secrets.
    pub lines: Vec<Option<LineSource>>,
}

/// The line of a template that another line begins in: of an included one where the whole line comes from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineSource {
    /// Which of the object's `files`, from 0.
    pub file: u32,
    /// From 1.
    pub line: u32,
}

/// What a chart comes to with its default values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenderedChart {
    /// What templates took for the cluster's version.
    pub kubernetes_version: String,
    /// In the order of installation; custom resource definitions of `crds/` first, hooks last.
    pub objects: Vec<RenderedObject>,
    /// How many objects are left out because there are too many.
    pub n_left_out: usize,
    pub images: Vec<String>,
    /// The weightiest first.
    pub risks: Vec<Risk>,
    pub permissions: Vec<Permission>,
    pub warnings: Vec<String>,
    /// A sentence that says why there are no objects.
    pub reason: Option<String>,
    /// Where a render failed.
    pub problem: Option<RenderProblem>,
}

/// The answer to which versions of a chart shall be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChartComparison {
    pub repository: String,
    pub name: String,
    pub from: String,
    pub to: String,
    /// `to` is older than `from`.
    pub is_backwards: bool,
    /// What should be known before an upgrade, the weightiest first.
    pub remarks: Vec<Remark>,
    /// What `Chart.yaml` says.
    pub facts: Vec<FactChange>,
    pub values: ValueChanges,
    pub crds: Vec<CrdChange>,
    pub images: Vec<ImageChange>,
    pub permissions: Vec<PermissionChange>,
    pub rendered: RenderedComparison,
    pub files: FileChanges,
}

/// A sentence about a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Remark {
    pub weight: Weight,
    pub text: String,
    /// Where more is said.
    pub part: ComparisonPart,
}

/// A part of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ComparisonPart {
    Facts,
    Values,
    Crds,
    Images,
    Permissions,
    Rendered,
    Files,
}

impl ComparisonPart {
    /// The word in data and in anchors.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Values => "values",
            Self::Crds => "crds",
            Self::Images => "images",
            Self::Permissions => "permissions",
            Self::Rendered => "rendered",
            Self::Files => "files",
        }
    }
}

/// A field of `Chart.yaml` that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactChange {
    /// In words.
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// How default values differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValueChanges {
    /// Removed and retyped ones first, then those with another default, then new ones; each by path.
    pub changes: Vec<ValueChange>,
    pub n_left_out: usize,
    /// Why values could not be compared.
    pub problem: Option<String>,
}

/// A key of the default values that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValueChange {
    /// `a.b.c`, dots within a key as `\.`.
    pub path: String,
    pub change: ValueChangeKind,
    pub before: Option<DefaultValue>,
    pub after: Option<DefaultValue>,
    /// The comment that describes the key.
    pub description: String,
    /// Keys below one that came or went as a whole, at most 50.
    pub below: Vec<String>,
    /// How many there are.
    pub n_below: usize,
}

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueChangeKind {
    Removed,
    Retyped,
    DefaultChanged,
    Added,
}

/// A default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DefaultValue {
    /// `text`, `number`, `boolean`, `list`, `map` or `nothing`.
    pub kind: String,
    /// As JSON, cut where it is long.
    pub text: String,
}

/// A custom resource definition that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CrdChange {
    /// `gates.example.com`
    pub name: String,
    pub kind: String,
    pub change: ObjectChange,
    /// Versions that are served.
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// An image that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageChange {
    /// Without tag and digest.
    pub name: String,
    /// Tag and digest; empty where there is neither.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A permission that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PermissionChange {
    pub is_cluster_wide: bool,
    pub group: String,
    pub resource: String,
    pub names: Vec<String>,
    pub added: Vec<String>,
    pub removed: Vec<String>,
}

/// What both versions come to with the same values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenderedComparison {
    /// Why the older one has no objects, in words.
    pub before_reason: Option<String>,
    pub after_reason: Option<String>,
    /// By object, in the order of the newer manifest, removed ones last; equal ones are left out.
    pub objects: Vec<ObjectDifference>,
    /// `Kind name` of objects in which only labels differ that name the chart's version.
    pub relabelled: Vec<String>,
    pub n_equal_objects: usize,
    /// Objects that differ and are left out because all of them together are too long to be shown.
    pub n_left_out: usize,
    pub notes: TextDifference,
}

/// How files of the archive differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileChanges {
    /// Templates first, then other files, then those of sub-charts.
    pub changes: Vec<FileChange>,
    pub n_equal: usize,
    pub n_left_out: usize,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileChange {
    pub path: String,
    pub kind: FileKind,
    pub change: ObjectChange,
    pub before_bytes: Option<u64>,
    pub after_bytes: Option<u64>,
    /// Of a text that is in both; nothing where it is not shown.
    pub text: Option<TextDifference>,
    /// Why its text is not shown.
    pub note: Option<String>,
}

/// The sub-charts of a chart under its default values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DependencyTree {
    /// Parents before children.
    pub nodes: Vec<DependencyNode>,
    /// How many are left out because there are too many.
    pub n_left_out: usize,
    /// The default values of the sub-charts in the archive.
    pub values: Vec<SubchartValues>,
    /// Why it is not known which are on.
    pub problem: Option<String>,
}

/// A declared dependency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DependencyNode {
    /// Its place among the nodes; none for those of the chart itself.
    pub parent: Option<usize>,
    /// What values know it by: its alias, or its name.
    pub name: String,
    /// The chart's own name.
    pub chart: String,
    /// The range of versions that is asked for.
    pub range: String,
    /// Where it is fetched from, as declared.
    pub repository: String,
    pub condition: String,
    pub tags: Vec<String>,
    pub is_enabled: bool,
    /// A sentence that says what decides whether it is on.
    pub reason: String,
    /// The version in the archive.
    pub bundled: Option<String>,
    /// The repository of this catalog that has it.
    pub known_repository: Option<String>,
    /// The newest version in that repository that the range allows.
    pub resolved: Option<String>,
}

/// The default values of a sub-chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubchartValues {
    /// Where they are in the values of the chart: `postgresql`, `a.b`.
    pub path: String,
    /// The file within the archive.
    pub file: String,
    /// Highlighted, safe HTML.
    pub html: String,
    pub n_lines: u32,
}
