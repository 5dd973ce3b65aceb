//! A chart that is loaded once and rendered many times.

use std::collections::BTreeMap;
use std::sync::Arc;

use helm::chart::{Chart, ChartFile};
use helm::render::PreparedChart;

use crate::answer::{Problem, Rendering, Stage};
use crate::host::{PreviewHost, Session};
use crate::origin::Origin;
use crate::request::RenderRequest;

/// A chart and what of it does not depend on values: templates stay parsed, schemas compiled.
#[derive(Debug)]
pub struct LoadedChart {
    prepared: PreparedChart,
}

impl LoadedChart {
    /// Reads a `.tgz`.
    pub fn from_archive(archive: &[u8]) -> Result<Self, Box<Problem>> {
        Self::new(Chart::from_archive(archive))
    }

    /// Takes the files of a chart's directory, by path below it; `.helmignore` applies.
    pub fn from_directory(files: BTreeMap<String, String>) -> Result<Self, Box<Problem>> {
        let files = files.into_iter().map(|(path, text)| ChartFile::new(path, text));
        Self::new(Chart::from_directory(files.collect()))
    }

    fn new(loaded: Result<Chart, helm::chart::LoadError>) -> Result<Self, Box<Problem>> {
        match loaded {
            Ok(chart) => Ok(Self {
                prepared: PreparedChart::new(chart),
            }),
            Err(error) => Err(Problem::new(Stage::Chart, error.to_string()).into()),
        }
    }

    /// The chart itself.
    #[must_use]
    pub fn chart(&self) -> &Arc<Chart> {
        self.prepared.chart()
    }

    /// Renders. The warnings are those of loading, then those of this render.
    #[must_use]
    pub fn render(&self, session: &Session, request: &RenderRequest) -> Rendering {
        let chart = self.prepared.chart();
        let options = match request.options() {
            Ok(options) => options,
            Err(problem) => return self.refused(*problem),
        };
        let values = match request.user_values() {
            Ok(values) => values,
            Err(problem) => return self.refused(*problem),
        };
        let host = PreviewHost::new(session, request.unix_millis, request.seed);
        let warnings = chart.warnings.clone();
        let rendered = self.prepared.render(&values, &options, &host);
        // Whatever came of it: without its answers it was another render.
        if host.lacks_extras() {
            return self.refused(Problem::lack_of_extras());
        }
        match rendered {
            Ok(rendered) => Rendering::of_success(rendered, request, warnings),
            Err(error) => Rendering::of_failure(chart, &error, warnings),
        }
    }

    /// What made line `line`, from 1, of the output of the template at `path`, as a render with this request has it; nothing where
    /// that is not known. It takes another render up to that template.
    #[must_use]
    pub fn origin(
        &self,
        session: &Session,
        request: &RenderRequest,
        path: &str,
        line: usize,
    ) -> Option<Origin> {
        let options = request.options().ok()?;
        let values = request.user_values().ok()?;
        let host = PreviewHost::new(session, request.unix_millis, request.seed);
        let trace = self.prepared.trace(&values, &options, &host, path)?;
        if host.lacks_extras() {
            return None;
        }
        Some(Origin::of(self.prepared.chart(), path, trace.line(line)?))
    }

    fn refused(&self, problem: Problem) -> Rendering {
        let mut rendering = Rendering::of_problem(problem);
        rendering
            .summary
            .warnings
            .clone_from(&self.prepared.chart().warnings);
        rendering
    }
}
