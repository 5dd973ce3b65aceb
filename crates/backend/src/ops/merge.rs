//! What another version of a chart means for values that were written for the one that is installed.
//!
//! The rules are [`values::merge`]'s; here both versions are fetched, and the work has the turns of previews: charts
//! and values are strangers' (T9).

use helm::chart::Chart;
use model::install::{MergeFinding, MergeRequest, MergeView};
use values::merge::{Action, Change, Defaults, Finding, Merge, Version};
use values::schema::Fields;
use values::{Document, Path};

use super::authorise::Action as Right;
use super::preview::Previews;
use super::releases::{MAX_VALUES_BYTES, load_chart};
use crate::{Error, Result, Viewer};

/// More findings than these nobody settles one by one.
const MAX_FINDINGS: usize = 200;

impl Previews<'_> {
    /// Compares the defaults of two versions with values, makes what is certain or was chosen, and tells the rest.
    #[tracing::instrument(name = "op.preview.merge", skip_all, fields(chart.name = %request.chart.name), err)]
    pub async fn merge(&self, viewer: &Viewer, request: &MergeRequest) -> Result<MergeView> {
        let backend = self.backend();
        backend.authorise(viewer, Right::ReadCharts)?;
        if request.values.len() > MAX_VALUES_BYTES {
            return Err(unreadable(format!("are at most {MAX_VALUES_BYTES} bytes long")));
        }
        let turn = self.take_turn(viewer).await?;
        let installed = load_chart(backend, viewer, &request.installed).await?;
        let chart = load_chart(backend, viewer, &request.chart).await?;
        let request = request.clone();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            span.in_scope(|| merged(installed.chart.chart(), chart.chart.chart(), request))
        })
        .await
        .map_err(Error::internal)?
    }
}

fn unreadable(message: String) -> Error {
    Error::Invalid {
        field: "values",
        message,
    }
}

/// A version's defaults and fields, its sub-charts' included.
struct Side {
    defaults: Defaults,
    fields: Fields,
}

impl Side {
    fn of(chart: &Chart) -> Self {
        Self {
            defaults: Defaults::of(chart),
            fields: Fields::of(chart),
        }
    }

    fn version(&self) -> Version<'_> {
        Version {
            defaults: &self.defaults,
            fields: Some(&self.fields),
        }
    }
}

fn merged(installed: &Chart, chart: &Chart, request: MergeRequest) -> Result<MergeView> {
    let (old, new) = (Side::of(installed), Side::of(chart));
    let compare = |text: &str| {
        Merge::compare(old.version(), new.version(), text).map_err(|error| {
            let cause = std::error::Error::source(&error);
            unreadable(cause.map_or_else(|| error.to_string(), ToString::to_string))
        })
    };
    let mut view = MergeView {
        kept: request.kept,
        ..MergeView::default()
    };
    let mut merge = compare(&request.values)?;
    for at in 0..merge.findings().len() {
        let Some(finding) = merge.findings().get(at).cloned() else {
            break;
        };
        let is_certain = matches!(finding.change, Change::Renamed { certain: true, .. });
        // What cannot be done stays to be decided.
        if request.makes_certain && is_certain && merge.choose(at, 0).is_ok() {
            view.made.push(finding.sentence());
        }
    }
    if let Some((path, choice)) = request.choice {
        let found = merge
            .findings()
            .iter()
            .position(|finding| finding.path.to_string() == path);
        let chosen = found.and_then(|at| Some((at, merge.findings().get(at)?.choices.get(choice)?.clone())));
        if let Some((at, chosen)) = chosen {
            if chosen.action == Action::Keep && !view.kept.contains(&path) {
                view.kept.push(path);
            }
            merge
                .choose(at, choice)
                .map_err(|error| unreadable(error.to_string()))?;
        }
    }
    view.values = merge.text().to_owned();
    // As things are now: what was moved has another place, and what was left is no finding any more.
    merge = compare(&view.values)?;
    let document = Document::parse(&view.values).ok();
    let findings = merge.findings().iter().filter(|finding| {
        let path = finding.path.to_string();
        !view.kept.contains(&path)
    });
    view.findings = findings
        .take(MAX_FINDINGS)
        .map(|finding| told(finding, document.as_ref()))
        .collect();
    view.findings.sort_by_key(|finding| !finding.is_conflict);
    Ok(view)
}

fn told(finding: &Finding, document: Option<&Document>) -> MergeFinding {
    MergeFinding {
        path: finding.path.to_string(),
        sentence: finding.sentence(),
        is_conflict: finding.is_conflict(),
        line: document.and_then(|document| line_of(document, &finding.path)),
        choices: finding
            .choices
            .iter()
            .map(|choice| choice.label.clone())
            .collect(),
    }
}

fn line_of(document: &Document, path: &Path) -> Option<u32> {
    let span = document.span_of(path)?;
    let start = span.key.unwrap_or(span.value).start;
    let (line, _) = values::assist::position(document.text(), start);
    u32::try_from(line).ok()
}
