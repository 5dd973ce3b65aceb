//! Before a release is made or changed: where it can go, and what would be rendered.

use serde::{Deserialize, Serialize};

use crate::operation::ChartReference;
use crate::release::{ClusterProblem, ManifestPart};

/// A cluster, and where in it the viewer may install.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallCluster {
    pub name: String,
    /// Where releases go that name no namespace.
    pub default_namespace: String,
    /// Any namespace; otherwise those of `namespaces` alone.
    pub is_everywhere: bool,
    /// Those that the viewer's roles name, in order.
    pub namespaces: Vec<String>,
}

impl InstallCluster {
    /// Whether the viewer may install anywhere in it.
    pub fn is_open(&self) -> bool {
        self.is_everywhere || !self.namespaces.is_empty()
    }
}

/// How an installation begins: what can be chosen, and what is a good choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallStart {
    /// Those that the viewer sees, in the order of the configuration.
    pub clusters: Vec<InstallCluster>,
    /// The cluster chosen, or the first that the viewer may install in; empty where there is none.
    pub cluster: String,
    pub namespace: String,
    /// Namespaces of the chosen cluster to choose from.
    pub namespaces: Vec<String>,
    /// A name that no release of the namespace has, as far as could be seen.
    pub name: String,
    /// Why some of it could not be asked.
    pub problem: Option<ClusterProblem>,
}

/// A release that has a name already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameTaken {
    /// helm's word for the newest revision.
    pub status: String,
    pub revision: i64,
}

/// What templates see of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterFacts {
    /// `v1.35.4`
    pub kubernetes_version: String,
    /// `group/version` and `group/version/Kind`.
    pub api_versions: Vec<String>,
}

/// What is to be rendered and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRequest {
    pub chart: ChartReference,
    /// The user's values as YAML, as typed.
    #[serde(default)]
    pub values: String,
    /// Of the release; empty stands for Helm's own stand-in.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub namespace: String,
    /// Whose version and kinds templates see; `None` stands for what Helm assumes without a cluster.
    #[serde(default)]
    pub cluster: Option<String>,
    #[serde(default)]
    pub is_upgrade: bool,
}

/// What a chart and values come to. Data of Secrets is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// What templates took for the cluster's version.
    pub kubernetes_version: String,
    /// In the order of installation.
    pub objects: Vec<ManifestPart>,
    pub hooks: Vec<ManifestPart>,
    /// How many objects and hooks are left out because all of them together are too long to be shown.
    pub n_left_out: usize,
    pub notes: String,
    /// Sentences, Helm's own among them.
    pub warnings: Vec<String>,
    /// Why there are no objects.
    pub problem: Option<RenderProblem>,
}

/// Which part of a render found a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RenderStage {
    /// The user's values are not YAML, or do not fit the chart's.
    Values,
    /// The values break a schema.
    Schema,
    /// The chart does not want the cluster's version.
    KubeVersion,
    Template,
    /// What the templates printed is not YAML.
    Manifest,
}

/// Why a chart did not render, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenderProblem {
    pub stage: RenderStage,
    /// Helm's own text.
    pub message: String,
    /// The template, where it is one.
    pub template: Option<String>,
    /// Its lines up to the failing one, numbered.
    pub excerpt: Vec<ExcerptLine>,
    /// The value to blame as `a.b.c`, where it is known.
    pub value: Option<String>,
    /// The line of the user's values to blame, from 1, where it is known.
    pub values_line: Option<u32>,
    /// A budget ran out: the chart asks for too much.
    pub is_over_budget: bool,
}

/// A numbered line of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExcerptLine {
    /// From 1.
    pub number: usize,
    pub text: String,
}

/// Values that go from one version of a chart to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRequest {
    /// The version that is installed.
    pub installed: ChartReference,
    /// The version that is to be.
    pub chart: ChartReference,
    /// The user's values as YAML, as typed.
    pub values: String,
    /// Paths, as `--set` has them, that somebody decided to leave as they are.
    pub kept: Vec<String>,
    /// Whether to make the changes that are certain.
    pub makes_certain: bool,
    /// What somebody has just decided: a finding's path, and which of its choices.
    pub choice: Option<(String, usize)>,
}

/// What another version of a chart means for values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeView {
    /// The values with what was certain or decided.
    pub values: String,
    /// Sentences about what was certain, and done.
    pub made: Vec<String>,
    /// Conflicts first, each group in the order of the values.
    pub findings: Vec<MergeFinding>,
    /// The paths that are left as they are, those that were decided just now included.
    pub kept: Vec<String>,
}

/// Something that a reader must know before upgrading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeFinding {
    /// The value, as `--set` has it.
    pub path: String,
    /// In words, with back-ticks around paths and values. Nothing of the values themselves is in it.
    pub sentence: String,
    /// Whether the upgrade would do something else than the values say.
    pub is_conflict: bool,
    /// The line of the values, from 1, where it is in them.
    pub line: Option<u32>,
    /// Labels for buttons, the best first.
    pub choices: Vec<String>,
}
