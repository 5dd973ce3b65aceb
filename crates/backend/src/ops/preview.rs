//! What a chart and values come to: rendered for whoever may read the chart, with no cluster or one that is only asked
//! what it is.
//!
//! A chart and values are a program of strangers (T9, T11): a render has budgets, few run at a time, and of what comes
//! out only so much is shown. Nothing is looked up in a cluster; what would become of its objects a plan says.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Begun, Host, Limits};
use helm::Compat;
use helm::capabilities::{Capabilities, KubeVersion};
use helm::manifest::{ManifestError, Objects};
use helm::render::{
    Excerpt, PreparedChart, ReleaseOptions, RenderError, RenderFailure, RenderOptions, blamed_value,
    line_named_in,
};
use helm::values::{Table, parse_values};
use model::install::{ExcerptLine, Preview, PreviewRequest, RenderProblem, RenderStage};
use model::release::ManifestPart;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::authorise::Action;
use super::releases::{MAX_VALUES_BYTES, Marks, check_release_name, load_chart, rendered_part};
use crate::world::World;
use crate::{Backend, Error, Result, Viewer, content};

/// Renders at the same time, of all viewers.
const MAX_AT_ONCE: usize = 4;
/// Of these, for visitors who have not signed in: they cannot keep users from their previews.
const MAX_FOR_VISITORS: usize = 2;
/// Who waits longer for a turn is asked to come back.
const TURN_PATIENCE: Duration = Duration::from_secs(10);
/// A render that takes longer is ended.
const MAX_RENDER_TIME: Duration = Duration::from_secs(10);
/// What is shown of the objects, in bytes: a page that is longer is of no use to anybody.
const MAX_SHOWN_BYTES: usize = 2 << 20;
/// What is shown of the notes, in bytes.
const MAX_NOTES_BYTES: usize = 64 << 10;
/// Warnings that are shown.
const MAX_WARNINGS: usize = 50;
/// Lines shown of a text that is no YAML, up to the one that is not.
const N_EXCERPT: usize = 3;
/// What is shown of a line.
const MAX_LINE_CHARS: usize = 160;
/// Rendered lines of which it is found out what wrote them, and lines of included templates that are looked at for it
/// (attack: a template that prints millions of lines, each to be looked for).
const MAX_PLACED_LINES: usize = 200_000;
/// Helm's stand-ins.
const NO_NAME: &str = "release-name";
const NO_NAMESPACE: &str = "default";

/// Turns to render.
pub(crate) struct Turns {
    all: Arc<Semaphore>,
    visitors: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            visitors: Arc::new(Semaphore::new(MAX_FOR_VISITORS)),
        }
    }
}

/// A turn; dropped when the render has ended, not when its visitor has gone.
pub(super) struct Turn {
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Turns {
    /// A turn if there is one right now.
    pub(super) fn take_free(&self, viewer: &Viewer) -> Option<Turn> {
        let mut permits = Vec::new();
        if viewer.name().is_none() {
            permits.push(Arc::clone(&self.visitors).try_acquire_owned().ok()?);
        }
        permits.push(Arc::clone(&self.all).try_acquire_owned().ok()?);
        Some(Turn { _permits: permits })
    }

    pub(super) async fn take(&self, viewer: &Viewer) -> Result<Turn> {
        let is_visitor = viewer.name().is_none();
        let take = async {
            let mut permits = Vec::new();
            if is_visitor {
                permits.push(Arc::clone(&self.visitors).acquire_owned().await);
            }
            permits.push(Arc::clone(&self.all).acquire_owned().await);
            permits.into_iter().collect::<Result<Vec<_>, _>>()
        };
        match tokio::time::timeout(TURN_PATIENCE, take).await {
            Ok(permits) => Ok(Turn {
                _permits: permits.map_err(Error::internal)?,
            }),
            Err(_) => Err(Error::Unavailable {
                what: "a preview".to_owned(),
                reason: "others are being rendered; try again in a moment".to_owned(),
                retry_after_secs: Some(5),
            }),
        }
    }
}

/// Rendering for a look.
pub struct Previews<'a> {
    backend: &'a Backend,
}

impl<'a> Previews<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    pub(super) fn backend(&self) -> &'a Backend {
        self.backend
    }

    /// Waits for a turn of the viewer's.
    pub(super) async fn take_turn(&self, viewer: &Viewer) -> Result<Turn> {
        self.backend.inner().previews.take(viewer).await
    }

    /// Renders a chart with values. Where it does not render, the answer says why: that is no error.
    ///
    /// A cluster that does not answer becomes a warning, and what Helm assumes stands in for it.
    #[tracing::instrument(name = "op.preview.render", skip_all, fields(chart.name = %request.chart.name), err)]
    pub async fn render(&self, viewer: &Viewer, request: &PreviewRequest) -> Result<Preview> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        if request.values.len() > MAX_VALUES_BYTES {
            return Err(Error::Invalid {
                field: "values",
                message: format!("are at most {MAX_VALUES_BYTES} bytes long"),
            });
        }
        let name = or(&request.name, NO_NAME);
        check_release_name(name)?;
        let (capabilities, warning) = self.capabilities(viewer, request).await?;
        let turn = self.take_turn(viewer).await?;
        let loaded = load_chart(self.backend, viewer, &request.chart).await?;
        let options = RenderOptions {
            release_name: name.to_owned(),
            namespace: or(&request.namespace, NO_NAMESPACE).to_owned(),
            is_upgrade: request.is_upgrade,
            capabilities,
            check_kube_version: true,
            limits: limits(),
            keep_values: false,
            ..RenderOptions::default()
        };
        let (backend, values) = (self.backend.clone(), request.values.clone());
        let span = tracing::Span::current();
        let mut preview = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let world = World::new(false, None);
            let marks = &backend.inner().marks;
            span.in_scope(|| rendered(&loaded.chart, &values, &options, marks, &world, None))
        })
        .await
        .map_err(Error::internal)?;
        preview.warnings.splice(0..0, warning);
        Ok(preview)
    }

    async fn capabilities(
        &self,
        viewer: &Viewer,
        request: &PreviewRequest,
    ) -> Result<(Capabilities, Option<String>)> {
        let mut capabilities = Capabilities::of(Compat::Helm4_3);
        let Some(cluster) = request.cluster.as_deref().filter(|cluster| !cluster.is_empty()) else {
            return Ok((capabilities, None));
        };
        match self.backend.releases().cluster_facts(viewer, cluster).await {
            Ok(facts) => {
                if let Ok(version) = KubeVersion::parse(&facts.kubernetes_version) {
                    capabilities.kube_version = version;
                }
                capabilities.api_versions = facts.api_versions;
                Ok((capabilities, None))
            }
            Err(error @ (Error::Unavailable { .. } | Error::MissingRights { .. })) => {
                let instead = &capabilities.kube_version.version;
                let warning = format!("{error}. Rendered as for Kubernetes {instead}, which Helm assumes.");
                Ok((capabilities, Some(warning)))
            }
            Err(error) => Err(error),
        }
    }
}

fn or<'t>(text: &'t str, instead: &'t str) -> &'t str {
    match text.trim() {
        "" => instead,
        text => text,
    }
}

/// How a chart is rendered for nobody in particular: as Helm does without a cluster, under its stand-in for a name.
pub(super) fn sample_options() -> RenderOptions {
    RenderOptions {
        release_name: NO_NAME.to_owned(),
        namespace: NO_NAMESPACE.to_owned(),
        capabilities: Capabilities::of(Compat::Helm4_3),
        check_kube_version: true,
        limits: limits(),
        keep_values: false,
        ..RenderOptions::default()
    }
}

/// Less than an operation may spend: many people look, few install.
fn limits() -> Limits {
    Limits {
        max_steps: 50_000_000,
        max_output_bytes: 64 << 20,
        max_string_bytes: 16 << 20,
        max_key_generations: 20,
        max_time: Some(MAX_RENDER_TIME),
        ..Limits::default()
    }
}

/// Where what was rendered comes from, for who wants to know.
#[derive(Default)]
pub(super) struct Places {
    /// What wrote each line of a template's output, by the template's path.
    pub(super) begun: HashMap<String, Vec<Option<Begun>>>,
    /// Of every object that is shown, then of every hook.
    pub(super) parts: Vec<PartPlace>,
}

/// Where an object is in the output of its template.
pub(super) struct PartPlace {
    /// The line on which it begins, from 1.
    pub(super) start: usize,
    /// The line that says its kind, or the first one.
    pub(super) kind: usize,
    /// Its lines are shown as they are there; those of Secrets are not.
    pub(super) is_as_it_is: bool,
}

impl PartPlace {
    fn of(text: &str, start: usize, shown: &str) -> Self {
        let kind = text.lines().position(|line| line.starts_with("kind:"));
        Self {
            start,
            kind: start + kind.unwrap_or_default(),
            is_as_it_is: text.trim_end() == shown.trim_end(),
        }
    }
}

/// What a chart and values come to for a host, and where it comes from if somebody asks.
pub(super) fn rendered(
    chart: &PreparedChart,
    text: &str,
    options: &RenderOptions,
    marks: &Marks,
    host: &dyn Host,
    places: Option<&mut Places>,
) -> Preview {
    let mut preview = Preview {
        kubernetes_version: options.capabilities.kube_version.version.clone(),
        warnings: chart.chart().warnings.clone(),
        ..Preview::default()
    };
    match parse_values(text.as_bytes()) {
        Ok(values) => render_into(&mut preview, (chart, text), &values, options, marks, host, places),
        Err(error) => {
            let message = error.to_string();
            preview.problem = Some(RenderProblem {
                values_line: line_named_in(&message).and_then(|line| line.try_into().ok()),
                ..problem(RenderStage::Values, message)
            });
        }
    }
    preview.warnings.truncate(MAX_WARNINGS);
    preview
}

fn render_into(
    preview: &mut Preview,
    (chart, text): (&PreparedChart, &str),
    values: &Table,
    options: &RenderOptions,
    marks: &Marks,
    host: &dyn Host,
    mut places: Option<&mut Places>,
) {
    let rendered = match &mut places {
        Some(places) => {
            let mut n_left = MAX_PLACED_LINES;
            chart.render_told(values, options, host, &mut |path, trace| {
                places.begun.insert(path.to_owned(), trace.begun(&mut n_left));
            })
        }
        None => chart.render(values, options, host),
    };
    let rendered = match rendered {
        Ok(rendered) => rendered,
        Err(error) => {
            preview.warnings.extend(error.warnings().iter().cloned());
            preview.problem = Some(of_render(&error, chart, text));
            return;
        }
    };
    preview.warnings.extend(rendered.warnings.iter().cloned());
    match rendered.release_as(&ReleaseOptions::default(), Compat::Helm4_3) {
        Ok(release) => {
            preview.notes = cut(release.notes, MAX_NOTES_BYTES);
            show_objects(preview, &release.objects, marks, places);
        }
        Err(error) => preview.problem = Some(of_manifest(&error, rendered.templates.get(&error.path))),
    }
}

fn show_objects(preview: &mut Preview, objects: &Objects, marks: &Marks, mut places: Option<&mut Places>) {
    let mut left = MAX_SHOWN_BYTES;
    let mut n_left_out = 0;
    let mut is_shown = |part: &ManifestPart, text: &str, start: usize| {
        // A smaller one that comes later may still fit: who looks for it finds it.
        let Some(rest) = left.checked_sub(part.yaml.len()) else {
            n_left_out += 1;
            return false;
        };
        left = rest;
        if let Some(places) = &mut places {
            places.parts.push(PartPlace::of(text, start, &part.yaml));
        }
        true
    };
    for object in &objects.objects {
        let part = rendered_part(&object.text, &object.path, Vec::new(), marks);
        if is_shown(&part, &object.text, object.line) {
            preview.objects.push(part);
        }
    }
    for hook in &objects.hooks {
        let part = rendered_part(&hook.manifest, &hook.path, hook.event_names(), marks);
        if is_shown(&part, &hook.manifest, hook.line) {
            preview.hooks.push(part);
        }
    }
    preview.n_left_out += n_left_out;
}

fn problem(stage: RenderStage, message: String) -> RenderProblem {
    RenderProblem {
        stage,
        message,
        template: None,
        excerpt: Vec::new(),
        value: None,
        values_line: None,
        is_over_budget: false,
    }
}

fn of_render(error: &RenderError, chart: &PreparedChart, text: &str) -> RenderProblem {
    let failure = &error.failure;
    let message = failure.to_string();
    let root = &chart.chart().metadata.name;
    let value = blamed_value(root, failure).map(|path| in_dots(&path));
    let blamed = RenderProblem {
        values_line: value.as_ref().and_then(|value| line_of(value, text)),
        value,
        ..problem(RenderStage::Values, message)
    };
    match failure {
        RenderFailure::Values(_) => blamed,
        RenderFailure::Schema(_) => RenderProblem {
            stage: RenderStage::Schema,
            ..blamed
        },
        RenderFailure::KubeVersion { .. } => RenderProblem {
            stage: RenderStage::KubeVersion,
            ..blamed
        },
        RenderFailure::Template(error) => {
            let lines = Excerpt::of(error, chart.chart()).map(|excerpt| excerpt.lines);
            RenderProblem {
                stage: RenderStage::Template,
                template: Some(error.origin.template.clone()),
                excerpt: numbered(lines.unwrap_or_default()),
                is_over_budget: error.exceeded.is_some(),
                ..blamed
            }
        }
    }
}

/// What was printed is no YAML: the lines are those of what was printed.
fn of_manifest(error: &ManifestError, printed: Option<&String>) -> RenderProblem {
    let message = error.to_string();
    // The reader counts from where the document begins.
    let failing = error.line + line_named_in(&message).map_or(0, |line| line.saturating_sub(1));
    let first = failing.saturating_sub(N_EXCERPT);
    let lines = printed.map(|text| text.lines().enumerate().skip(first).take(failing - first));
    let lines = lines.into_iter().flatten();
    let lines = lines.map(|(at, line)| (at + 1, line.chars().take(MAX_LINE_CHARS).collect()));
    RenderProblem {
        template: Some(error.path.clone()),
        excerpt: numbered(lines.collect()),
        ..problem(RenderStage::Manifest, message)
    }
}

fn numbered(lines: Vec<(usize, String)>) -> Vec<ExcerptLine> {
    let lines = lines.into_iter();
    lines.map(|(number, text)| ExcerptLine { number, text }).collect()
}

/// A path as [`content::values`] writes it.
fn in_dots(path: &[String]) -> String {
    let mut text = String::new();
    for step in path {
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str(&format!("[{step}]"));
            continue;
        }
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(&step.replace('.', "\\."));
    }
    text
}

/// The line of the user's text that sets a value, or the nearest table around it that the text has.
fn line_of(value: &str, text: &str) -> Option<u32> {
    let (_, _, paths) = content::values(text);
    let is_around = |path: &str| {
        value
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let around = paths.iter().filter(|found| is_around(&found.path));
    around
        .max_by_key(|found| found.path.len())
        .map(|found| found.line)
}

fn cut(mut text: String, max_bytes: usize) -> String {
    if text.len() > max_bytes {
        let mut end = max_bytes;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{cut, in_dots, line_of};

    #[test]
    fn a_value_is_found_in_what_was_typed() {
        let text = "# first\nimage:\n  tag: 1\nhosts:\n- name: a\n- name: b\n\"a.b\": 1\n";
        let path = |steps: &[&str]| in_dots(&steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>());
        let rows: [(&[&str], Option<u32>); 6] = [
            (&["image", "tag"], Some(3)),
            // What is not there is missing from what is around it.
            (&["image", "pullPolicy"], Some(2)),
            (&["hosts", "1", "name"], Some(6)),
            (&["a.b"], Some(7)),
            (&["images"], None),
            (&["other", "tag"], None),
        ];
        for (steps, want) in rows {
            assert_eq!(line_of(&path(steps), text), want, "{steps:?}");
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("äöü".to_owned(), 3), "ä…");
        assert_eq!(cut("abc".to_owned(), 3), "abc");
    }
}
