//! What came of a render, in a form that JavaScript and the conformance command read alike.

use std::collections::BTreeMap;

use helm::chart::Chart;
use helm::manifest::Objects;
use helm::render::{
    Excerpt, ReleaseManifest, ReleaseOptions, RenderError, RenderFailure, Rendered, blamed_value,
    line_named_in,
};
use serde::{Deserialize, Serialize};

use crate::request::RenderRequest;

/// A render, whether or not it succeeded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rendering {
    pub summary: Summary,
    /// All objects in the order of installation.
    pub manifest: String,
    pub notes: String,
    /// Path (`chart/templates/x.yaml`) to text.
    pub templates: BTreeMap<String, String>,
}

/// All but the texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Summary {
    /// Why there is no manifest. Where the stage is [`Stage::Manifest`], there are templates all the same.
    pub problem: Option<Problem>,
    /// What Helm would have logged.
    pub warnings: Vec<String>,
    pub objects: Vec<ObjectAnswer>,
    pub hooks: Vec<HookAnswer>,
}

/// An object of the manifest, and where its text stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ObjectAnswer {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
    /// The template it came from.
    pub path: String,
    /// The line of the rendered template on which it begins, from 1.
    pub line: usize,
    /// The line of the manifest on which it begins, from 1.
    pub manifest_line: usize,
    pub n_lines: usize,
}

/// A hook, which is no part of the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HookAnswer {
    pub kind: String,
    pub name: String,
    pub path: String,
    pub events: Vec<String>,
    pub weight: i64,
    pub manifest: String,
}

/// Which part of the work a problem ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// The request itself.
    #[default]
    Request,
    /// Loading the second module ([`Problem::needs_extras`]).
    Extras,
    /// Reading the chart.
    Chart,
    /// Reading the user's values and laying them over the chart's.
    Values,
    /// Checking the values against the schemas.
    Schema,
    /// The chart does not want the cluster's version.
    KubeVersion,
    Template,
    /// Reading what the templates printed.
    Manifest,
}

/// Why a render ended early, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Problem {
    pub stage: Stage,
    /// Helm's own text.
    pub message: String,
    /// The template, or the rendered file, that `line` counts in.
    pub template: Option<String>,
    pub line: Option<usize>,
    pub column: Option<usize>,
    /// The failing line of the chart's template with some before it, each with its number.
    pub excerpt: Vec<(usize, String)>,
    /// The line of the values file that is to blame, where it is known.
    pub values_line: Option<usize>,
    /// The value that is to blame, as keys from the root chart's values down, where it is known.
    pub values_path: Option<Vec<String>>,
    /// A budget ran out: the chart asks for too much.
    pub is_over_budget: bool,
    /// The chart needs the second module, which is not loaded: load it, and ask again.
    pub needs_extras: bool,
}

impl Problem {
    pub(crate) fn new(stage: Stage, message: impl Into<String>) -> Self {
        Self {
            stage,
            message: message.into(),
            ..Self::default()
        }
    }

    /// What is asked of the second module has no answer yet.
    pub(crate) fn lack_of_extras() -> Self {
        Self {
            needs_extras: true,
            ..Self::new(
                Stage::Extras,
                "cryptography or a check of values by schema is needed, and not loaded",
            )
        }
    }

    /// The user's values are not YAML, or not a mapping.
    pub(crate) fn in_values(error: &helm::values::ValuesError) -> Self {
        let message = error.to_string();
        Self {
            values_line: line_named_in(&message),
            ..Self::new(Stage::Values, message)
        }
    }

    fn of_render(chart: &Chart, failure: &RenderFailure) -> Self {
        let message = failure.to_string();
        let values_path = blamed_value(&chart.metadata.name, failure);
        match failure {
            RenderFailure::Values(_) => Self::new(Stage::Values, message),
            RenderFailure::Schema(_) => Self {
                values_path,
                ..Self::new(Stage::Schema, message)
            },
            RenderFailure::KubeVersion { .. } => Self::new(Stage::KubeVersion, message),
            RenderFailure::Template(error) => Self {
                template: Some(error.template.clone()),
                line: Some(error.line),
                column: error.column,
                excerpt: Excerpt::of(error, chart).map_or_else(Vec::new, |excerpt| excerpt.lines),
                values_path,
                is_over_budget: error.exceeded.is_some(),
                ..Self::new(Stage::Template, message)
            },
        }
    }
}

impl Rendering {
    pub(crate) fn of_problem(problem: Problem) -> Self {
        Self {
            summary: Summary {
                problem: Some(problem),
                ..Summary::default()
            },
            ..Self::default()
        }
    }

    pub(crate) fn of_failure(chart: &Chart, error: &RenderError, mut warnings: Vec<String>) -> Self {
        warnings.extend(error.warnings().iter().cloned());
        let mut rendering = Self::of_problem(Problem::of_render(chart, &error.failure));
        rendering.summary.warnings = warnings;
        rendering
    }

    pub(crate) fn of_success(rendered: Rendered, request: &RenderRequest, mut warnings: Vec<String>) -> Self {
        let options = &request.release_options();
        warnings.extend(rendered.warnings.iter().cloned());
        let mut rendering = Self::default();
        rendering.summary.warnings = warnings;
        match rendered.release_as(options, request.compat()) {
            Ok(ReleaseManifest {
                manifest,
                notes,
                objects,
            }) => {
                let first_line = 1 + crds_lines(&rendered, options);
                rendering.summary.objects = object_answers(&objects, options, first_line);
                rendering.summary.hooks = hook_answers(objects);
                rendering.manifest = manifest;
                rendering.notes = notes;
            }
            Err(error) => {
                rendering.summary.problem = Some(Problem {
                    template: Some(error.path.clone()),
                    line: Some(error.line),
                    ..Problem::new(Stage::Manifest, error.to_string())
                });
            }
        }
        rendering.templates = rendered.templates;
        rendering
    }
}

/// `---` and `# Source:` come before every text of a manifest.
const HEAD_LINES: usize = 2;

fn n_lines(text: &str) -> usize {
    text.matches('\n').count() + 1
}

fn crds_lines(rendered: &Rendered, options: &ReleaseOptions) -> usize {
    if !options.include_crds {
        return 0;
    }
    rendered
        .crds
        .iter()
        .map(|file| HEAD_LINES + n_lines(&file.text()))
        .sum()
}

fn object_answers(objects: &Objects, options: &ReleaseOptions, first_line: usize) -> Vec<ObjectAnswer> {
    let mut next = first_line;
    objects
        .objects
        .iter()
        .map(|object| {
            let head = &object.head;
            let is_hidden = options.hide_secrets && head.kind == "Secret" && head.api_version == "v1";
            let n_lines = if is_hidden { 1 } else { n_lines(&object.text) };
            let manifest_line = next + HEAD_LINES;
            next = manifest_line + n_lines;
            ObjectAnswer {
                api_version: head.api_version.clone(),
                kind: head.kind.clone(),
                name: head.name.clone(),
                namespace: head.namespace.clone(),
                path: object.path.clone(),
                line: object.line,
                manifest_line,
                n_lines,
            }
        })
        .collect()
}

fn hook_answers(objects: Objects) -> Vec<HookAnswer> {
    let hooks = objects.hooks.into_iter().map(|hook| HookAnswer {
        events: hook.event_names(),
        kind: hook.kind,
        name: hook.name,
        path: hook.path,
        weight: hook.weight,
        manifest: hook.manifest,
    });
    hooks.collect()
}
