//! Charts without a cluster: what one comes to with its defaults and asks for, and what differs between two versions.
//!
//! What a chart comes to with its defaults is kept by its archive's digest: nothing else decides it, because it is
//! rendered in a world that stands still. Rendering has the budgets and turns of `preview` (T9, T11); what is told of it
//! is decided in `crate::review`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::semver::Version;
use helm::Compat;
use helm::archive::ChartFiles;
use helm::chart::Chart;
use helm::manifest::{Head, split_documents};
use helm::render::PreparedChart;
use helm::values::Table;
use model::install::{RenderProblem, RenderStage};
use model::release::{LineKind, ManifestPart, ObjectChange, ObjectDifference};
use model::review::{ChartComparison, RenderedChart, RenderedComparison, RenderedObject};

use super::Charts;
use super::authorise::Action;
use super::charts::blocking;
use super::preview::{Places, Turn, rendered, sample_options};
use super::releases::{MAX_VALUES_BYTES, check_installable};
use crate::backend::Inner;
use crate::difference::{difference, objects};
use crate::review::files::Lines;
use crate::review::object::review;
use crate::review::place::Fields;
use crate::review::remarks::{Sides, remarks};
use crate::review::source::{Source, file_of};
use crate::review::{Reviewed, crds, facts, files, images, keys, permissions, risks};
use crate::still::{KeptKeys, Still};
use crate::store::VersionRecord;
use crate::{Backend, Error, Result, Viewer};

/// Renders that are kept.
const MAX_KEPT: usize = 64;
/// What they may cost together, in bytes.
const MAX_KEPT_BYTES: usize = 48 << 20;
/// Objects that a list shows.
const MAX_OBJECTS: usize = 1_000;
/// A list shows the text of its objects if all together are no longer.
const MAX_SHOWN_BYTES: usize = 400 << 10;
/// Definitions of `crds/` that are told.
const MAX_CRDS: usize = 300;
/// Lines that differ on one page, of files and of what is rendered.
const MAX_FILE_LINES: usize = 8_000;
const MAX_OBJECT_LINES: usize = 8_000;
/// How long the pages of a chart wait for what is told beside them.
const GLANCE: Duration = Duration::from_millis(300);
/// Sentences that are shown of one chart.
const MAX_WARNINGS: usize = 50;

/// What charts come to with their defaults, the last ones that were looked at.
#[derive(Default)]
pub(crate) struct Samples {
    kept: Mutex<VecDeque<(String, Arc<Sample>)>>,
    keys: KeptKeys,
}

/// What a chart comes to.
struct Sample {
    chart: RenderedChart,
    /// Objects and hooks, without what is in Secrets.
    parts: Vec<ManifestPart>,
    notes: String,
    /// The same chart may come to something else next time.
    is_by_chance: bool,
}

impl Sample {
    fn cost(&self) -> usize {
        let shown = self.chart.objects.iter();
        let shown = shown.map(|object| object.yaml.len() + size_of_val(object.lines.as_slice()) + 300);
        let parts = self.parts.iter().map(|part| part.yaml.len() + 300);
        shown.chain(parts).sum::<usize>() + self.notes.len()
    }
}

impl Samples {
    fn get(&self, digest: &str) -> Option<Arc<Sample>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == digest)?;
        let found = kept.remove(at)?;
        let sample = Arc::clone(&found.1);
        kept.push_back(found);
        Some(sample)
    }

    fn put(&self, digest: String, sample: &Arc<Sample>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if sample.is_by_chance || kept.iter().any(|(known, _)| *known == digest) {
            return;
        }
        kept.push_back((digest, Arc::clone(sample)));
        let mut bytes: usize = kept.iter().map(|(_, sample)| sample.cost()).sum();
        while kept.len() > MAX_KEPT || bytes > MAX_KEPT_BYTES {
            let Some((_, dropped)) = kept.pop_front() else {
                break;
            };
            bytes -= dropped.cost();
        }
    }
}

impl Charts<'_> {
    /// What a chart comes to with its default values, and what it asks for. Where it does not render, the answer says
    /// why: that is no error.
    #[tracing::instrument(name = "op.chart.rendered", skip_all, fields(chart.name = %name), err)]
    pub async fn rendered(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<RenderedChart> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        let files = self.backend.chart_files(repository, record).await?;
        Ok(self.backend.sample(viewer, files, "").await?.chart.clone())
    }

    /// The same, if it is known already or can be had in a moment.
    #[tracing::instrument(name = "op.chart.glance", skip_all, fields(chart.name = %name))]
    pub async fn glance(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Option<RenderedChart>> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        let record = self
            .backend
            .find_version(viewer, repository, name, version)
            .await?;
        if record.archive_digest.is_none() && record.hosted.is_none() {
            return Ok(None);
        }
        let files = self.backend.chart_files(repository, record).await?;
        let inner = self.backend.inner();
        if let Some(sample) = inner.samples.get(&files.digest) {
            return Ok(Some(sample.chart.clone()));
        }
        let Some(turn) = inner.previews.take_free(viewer) else {
            return Ok(None);
        };
        // It goes on when the page does not wait any longer: the next one has it.
        let backend = self.backend.clone();
        let work = tokio::spawn(async move { backend.render_sample(turn, files, String::new()).await });
        match tokio::time::timeout(GLANCE, work).await {
            Ok(Ok(Ok(sample))) => Ok(Some(sample.chart.clone())),
            Ok(Ok(Err(error))) => Err(error),
            Ok(Err(error)) => Err(Error::internal(error)),
            Err(_) => Ok(None),
        }
    }

    /// What differs between two versions of a chart. Both are rendered with `values`, or with their own defaults where
    /// there are none.
    #[tracing::instrument(name = "op.chart.compare", skip_all, fields(chart.name = %name), err)]
    pub async fn compare(
        &self,
        viewer: &Viewer,
        repository: &str,
        name: &str,
        (from, to): (&str, &str),
        values: &str,
    ) -> Result<ChartComparison> {
        self.backend.authorise(viewer, Action::ReadCharts)?;
        if values.len() > MAX_VALUES_BYTES {
            return Err(Error::Invalid {
                field: "values",
                message: format!("are at most {MAX_VALUES_BYTES} bytes long"),
            });
        }
        let mut sides = Vec::new();
        for version in [from, to] {
            let record = self
                .backend
                .find_version(viewer, repository, name, Some(version))
                .await?;
            let said = said_of(&record);
            let files = self.backend.chart_files(repository, record).await?;
            let sample = self.backend.sample(viewer, Arc::clone(&files), values).await?;
            sides.push(Side { said, files, sample });
        }
        let mut compared = ChartComparison {
            repository: repository.to_owned(),
            name: name.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            is_backwards: is_older(to, from),
            ..ChartComparison::default()
        };
        let has_values = !values.trim().is_empty();
        blocking(move || {
            if let [before, after] = sides.as_slice() {
                compare_into(&mut compared, before, after, has_values);
            }
            compared
        })
        .await
    }
}

impl Backend {
    /// What a chart comes to with its defaults, or with values on top of them.
    async fn sample(&self, viewer: &Viewer, files: Arc<ChartFiles>, values: &str) -> Result<Arc<Sample>> {
        let inner = self.inner();
        if values.trim().is_empty()
            && let Some(sample) = inner.samples.get(&files.digest)
        {
            return Ok(sample);
        }
        let turn = inner.previews.take(viewer).await?;
        self.render_sample(turn, files, values.to_owned()).await
    }

    async fn render_sample(&self, turn: Turn, files: Arc<ChartFiles>, values: String) -> Result<Arc<Sample>> {
        let (backend, span) = (self.clone(), tracing::Span::current());
        let sample = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let inner = backend.inner();
            let sample = span.in_scope(|| Arc::new(made(&files, &values, inner)));
            if values.trim().is_empty() {
                inner.samples.put(files.digest.clone(), &sample);
            }
            sample
        });
        sample.await.map_err(Error::internal)
    }
}

/// What the index says of a version.
struct Said {
    is_deprecated: bool,
}

fn said_of(record: &VersionRecord) -> Said {
    Said {
        is_deprecated: record.deprecated,
    }
}

struct Side {
    said: Said,
    files: Arc<ChartFiles>,
    sample: Arc<Sample>,
}

fn is_older(version: &str, than: &str) -> bool {
    match (Version::parse(version), Version::parse(than)) {
        (Ok(version), Ok(than)) => version < than,
        _ => false,
    }
}

fn made(files: &ChartFiles, values: &str, inner: &Inner) -> Sample {
    let options = sample_options();
    let mut sample = Sample {
        chart: RenderedChart {
            kubernetes_version: options.capabilities.kube_version.version.clone(),
            ..RenderedChart::default()
        },
        parts: Vec::new(),
        notes: String::new(),
        is_by_chance: false,
    };
    let chart = match Chart::from_files(files.files.clone()) {
        Ok(chart) => chart,
        Err(error) => {
            sample.chart.reason = Some(format!("It cannot be loaded: {error}."));
            return sample;
        }
    };
    if chart.metadata.is_library() {
        let reason = "It is a library: other charts use its templates, and it installs nothing by itself.";
        sample.chart.reason = Some(reason.to_owned());
        return sample;
    }
    if let Err(error) = check_installable(&chart) {
        let message = match error {
            Error::Invalid { message, .. } => message,
            other => other.to_string(),
        };
        sample.chart.reason = Some(format!("It cannot be installed by itself: {message}."));
        return sample;
    }
    let prepared = PreparedChart::new(chart).with_library(Arc::clone(&inner.library));
    let mut places = Places::default();
    let world = Still::new(&inner.samples.keys);
    let preview = rendered(
        &prepared,
        values,
        &options,
        &inner.marks,
        &world,
        Some(&mut places),
    );
    sample.is_by_chance = preview
        .problem
        .as_ref()
        .is_some_and(|problem| problem.is_over_budget);
    sample.chart.n_left_out = preview.n_left_out;
    sample.chart.warnings = preview.warnings;
    sample.chart.warnings.truncate(MAX_WARNINGS);
    if let Some(problem) = preview.problem {
        let whose = if values.trim().is_empty() {
            "its default values"
        } else {
            "these values"
        };
        sample.chart.reason = Some(in_words(&problem, whose, &sample.chart.kubernetes_version));
        sample.chart.problem = Some(problem);
        return sample;
    }
    sample.notes = preview.notes;
    sample.parts = preview.objects;
    sample.parts.extend(preview.hooks);
    let (mut parts, mut sources) = definitions(&prepared, files);
    let n_definitions = parts.len();
    parts.extend(sample.parts.iter().cloned());
    sources.extend(sources_of(&sample.parts, &places, files));
    let reviewed = review(&parts);
    sample.chart.images = images::images(&reviewed);
    sample.chart.risks = risks::risks(&reviewed, &options.namespace, &Fields::new(&parts, &sources));
    sample.chart.permissions = permissions::permissions(&reviewed);
    sample.chart.objects = listed(&parts, n_definitions, &reviewed, sources);
    let n_more = sample.chart.objects.len().saturating_sub(MAX_OBJECTS);
    sample.chart.objects.truncate(MAX_OBJECTS);
    sample.chart.n_left_out += n_more;
    sample
}

/// Why there are no objects, in a sentence.
fn in_words(problem: &RenderProblem, whose: &str, kubernetes: &str) -> String {
    let template = problem.template.as_deref().unwrap_or("one of its templates");
    match problem.stage {
        _ if problem.is_over_budget => "It asks for more work than a preview may take.".to_owned(),
        RenderStage::Values => format!("It cannot use {whose}."),
        RenderStage::Schema => format!("Its schema refuses {whose}."),
        RenderStage::KubeVersion => format!("It is not for Kubernetes {kubernetes}, which was assumed."),
        RenderStage::Template => match &problem.value {
            Some(value) => format!("{template} does not work with {whose}: it is about `{value}`."),
            None => format!("{template} does not work with {whose}."),
        },
        RenderStage::Manifest => format!("What {template} prints with {whose} is no YAML."),
    }
}

/// The definitions in `crds/`, which no template changes, by their heads: their texts are long, and files of the archive.
fn definitions(chart: &PreparedChart, files: &ChartFiles) -> (Vec<ManifestPart>, Vec<Source>) {
    let (mut parts, mut sources) = (Vec::new(), Vec::new());
    for file in chart.crds(&Table::new()).unwrap_or_default() {
        let (path, text) = (&file.path, file.text());
        for document in split_documents(&text, Compat::Helm4_3) {
            let Ok(head) = Head::parse(document.text) else {
                continue;
            };
            if head.kind.is_empty() || parts.len() == MAX_CRDS {
                continue;
            }
            let says_kind = document.text.lines().position(|line| line.starts_with("kind:"));
            let file = file_of(files, path);
            sources.push(Source {
                line: file
                    .as_ref()
                    .and_then(|_| u32::try_from(document.line + says_kind.unwrap_or_default()).ok()),
                file,
                ..Source::default()
            });
            let name = serde_json::Value::from(head.name.as_str());
            let (api_version, kind) = (&head.api_version, &head.kind);
            parts.push(ManifestPart {
                yaml: format!("apiVersion: {api_version:?}\nkind: {kind:?}\nmetadata:\n  name: {name}\n"),
                kind: head.kind,
                name: head.name,
                path: path.clone(),
                events: Vec::new(),
            });
        }
    }
    (parts, sources)
}

/// Where rendered objects come from.
fn sources_of(parts: &[ManifestPart], places: &Places, files: &ChartFiles) -> Vec<Source> {
    let parts = parts.iter().zip(&places.parts);
    let sources = parts.map(|(part, place)| {
        let file = file_of(files, &part.path);
        let begun = places
            .begun
            .get(&part.path)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let of_kind = begun.get(place.kind.saturating_sub(1)).and_then(Option::as_ref);
        let source = Source {
            line: file
                .as_ref()
                .and(of_kind)
                .and_then(|begun| u32::try_from(begun.line).ok()),
            file,
            ..Source::default()
        };
        if !place.is_as_it_is {
            return source;
        }
        let lines = begun.iter().skip(place.start.saturating_sub(1));
        let lines: Vec<_> = lines.take(part.yaml.lines().count()).cloned().collect();
        source.with_lines(files, &lines)
    });
    sources.collect()
}

fn listed(
    parts: &[ManifestPart],
    n_definitions: usize,
    reviewed: &[Reviewed],
    sources: Vec<Source>,
) -> Vec<RenderedObject> {
    let n_bytes: usize = parts.iter().map(|part| part.yaml.len()).sum();
    let mut reviewed = reviewed.iter().peekable();
    let mut listed = Vec::new();
    for (at, (part, source)) in parts.iter().zip(sources).enumerate() {
        let mut read = None;
        // Of a list its first object says where it is.
        while let Some(object) = reviewed.next_if(|object| object.part <= at) {
            read = read.or(Some(object));
        }
        let is_shown = at >= n_definitions && n_bytes <= MAX_SHOWN_BYTES;
        let (files, lines) = match is_shown {
            true => (source.files, source.lines),
            false => (Vec::new(), Vec::new()),
        };
        listed.push(RenderedObject {
            api_version: read.map(|object| object.api_version.clone()).unwrap_or_default(),
            kind: part.kind.clone(),
            name: part.name.clone(),
            namespace: read.and_then(|object| object.namespace.clone()),
            is_cluster_wide: read.is_some_and(Reviewed::is_cluster_wide),
            path: part.path.clone(),
            file: source.file,
            line: source.line,
            events: part.events.clone(),
            images: read.map(images::of_object).unwrap_or_default(),
            yaml: if is_shown {
                part.yaml.clone()
            } else {
                String::new()
            },
            files,
            lines,
        });
    }
    listed
}

fn compare_into(compared: &mut ChartComparison, before: &Side, after: &Side, has_values: bool) {
    let (old, new) = (&before.files, &after.files);
    let text = |files: &ChartFiles| {
        let file = files.find("values.yaml");
        file.map(|file| String::from_utf8_lossy(&file.data).into_owned())
            .unwrap_or_default()
    };
    let (old_facts, new_facts) = (facts::metadata(old), facts::metadata(new));
    compared.facts = facts::changes(&old_facts, &new_facts);
    compared.values = keys::changes(&text(old), &text(new));
    compared.crds = crds::changes(old, new);
    compared.files = files::changes(old, new, Lines::new(MAX_FILE_LINES));
    let (was, is) = (&before.sample, &after.sample);
    compared.rendered = rendered_changes(was, is);
    let (old_objects, new_objects) = (review(&was.parts), review(&is.parts));
    // What does not render asks for nothing; that is no difference.
    if was.chart.reason.is_none() && is.chart.reason.is_none() {
        compared.images = images::changes(&was.chart.images, &is.chart.images);
        compared.permissions = permissions::changes(&old_objects, &new_objects);
    }
    compared.remarks = remarks(
        compared,
        &Sides {
            before: &old_objects,
            after: &new_objects,
            risks_before: &was.chart.risks,
            risks_after: &is.chart.risks,
            is_newly_deprecated: after.said.is_deprecated && !before.said.is_deprecated,
            has_values,
        },
    );
}

/// Whether only labels differ that name the chart's version: they do in every object of every upgrade.
fn is_relabelled(change: &ObjectDifference) -> bool {
    const LABELS: [&str; 3] = ["helm.sh/chart:", "app.kubernetes.io/version:", "chart:"];
    let lines = change.text.hunks.iter().flat_map(|hunk| &hunk.lines);
    let mut changed = lines.filter(|line| line.kind != LineKind::Both);
    change.change == ObjectChange::Changed
        && !change.text.is_cut
        && changed.all(|line| {
            LABELS
                .iter()
                .any(|label| line.text.trim_start().starts_with(label))
        })
}

fn rendered_changes(was: &Sample, is: &Sample) -> RenderedComparison {
    let mut rendered = RenderedComparison {
        before_reason: was.chart.reason.clone(),
        after_reason: is.chart.reason.clone(),
        ..RenderedComparison::default()
    };
    if rendered.before_reason.is_some() || rendered.after_reason.is_some() {
        return rendered;
    }
    let mut lines = Lines::new(MAX_OBJECT_LINES);
    let (mut changes, n_equal) = objects(&was.parts, &is.parts);
    changes.retain(|change| {
        let is_relabelled = is_relabelled(change);
        if is_relabelled {
            rendered
                .relabelled
                .push(format!("{} {}", change.kind, change.name));
        }
        !is_relabelled
    });
    let n_changes = changes.len();
    changes.retain(|change| lines.take(&change.text));
    rendered.n_left_out = n_changes - changes.len() + was.chart.n_left_out.max(is.chart.n_left_out);
    rendered.objects = changes;
    rendered.n_equal_objects = n_equal;
    rendered.notes = difference(&was.notes, &is.notes);
    rendered
}
