//! Suites of template texts, each rendered as a file and through `tpl`.

use std::collections::BTreeMap;

use preview::{RenderRequest, Rendering, Stage};
use serde_json::{Value, json};

use super::compare::{Answer, compare_text};
use super::engine::{ChartId, Engine, now};
use super::open_answers::is_open_answer;

/// Runs the cases of one file.
#[derive(Default)]
pub(crate) struct Templates {
    /// The chart all `tpl` cases are rendered in, loaded once.
    tpl: Option<ChartId>,
}

const CHART_YAML: &str = "apiVersion: v2\nname: v\nversion: 1.2.3\nappVersion: \"4.5\"\n";

impl Templates {
    pub(crate) fn compare(
        &mut self,
        engine: &mut dyn Engine,
        case: &Value,
        shared_data: &Value,
    ) -> Option<String> {
        let template = case.get("template").and_then(Value::as_str).unwrap_or_default();
        let data = case.get("data").unwrap_or(shared_data);
        let file = case.get("file").and_then(|expected| {
            let text = format!(
                "{{{{ define \"case\" }}}}{template}{{{{ end }}}}{{{{ template \"case\" .Values.d }}}}"
            );
            let chart = load(engine, &text);
            let report = compare_render(engine, template, expected, chart.clone(), json!({"d": data}));
            if let Ok(chart) = chart {
                engine.forget(chart);
            }
            report.map(|report| format!("as a file:\n{report}"))
        });
        let tpl = case.get("tpl").and_then(|expected| {
            let chart = self.tpl(engine);
            let values = json!({"d": data, "t": template});
            let report = compare_render(engine, template, expected, chart, values);
            report.map(|report| format!("through tpl:\n{report}"))
        });
        match (file, tpl) {
            (Some(file), Some(tpl)) => Some(format!("{file}\n{tpl}")),
            (file, tpl) => file.or(tpl),
        }
    }

    fn tpl(&mut self, engine: &mut dyn Engine) -> Result<ChartId, String> {
        if let Some(chart) = self.tpl {
            return Ok(chart);
        }
        let chart = load(engine, "{{ tpl .Values.t .Values.d }}")?;
        self.tpl = Some(chart);
        Ok(chart)
    }

    /// Gives the chart back.
    pub(crate) fn finish(self, engine: &mut dyn Engine) {
        if let Some(chart) = self.tpl {
            engine.forget(chart);
        }
    }
}

fn load(engine: &mut dyn Engine, template: &str) -> Result<ChartId, String> {
    let files = [("Chart.yaml", CHART_YAML), ("templates/t.yaml", template)];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    engine.load_directory(BTreeMap::from(files))
}

fn compare_render(
    engine: &mut dyn Engine,
    template: &str,
    expected: &Value,
    chart: Result<ChartId, String>,
    values: Value,
) -> Option<String> {
    let mut request = RenderRequest {
        values: Some(values),
        ..request()
    };
    let mut render = |request: &RenderRequest| -> Answer<String> {
        let mut templates = templates_of(engine.render(chart.clone()?, request))?;
        templates
            .remove("v/templates/t.yaml")
            .ok_or_else(|| "nothing was rendered".to_owned())
    };
    let got = render(&request);
    let report = compare_text(expected, &got)?;
    let later = || {
        request.unix_millis += FOUR_HUNDRED_DAYS_AND_MORE;
        render(&request)
    };
    (!is_open_answer(template, expected, &got, later)).then_some(report)
}

/// Milliseconds after which every field of a date has changed.
const FOUR_HUNDRED_DAYS_AND_MORE: i64 = 34_563_661_000;

/// All rendered templates, also where what they printed is no manifest.
pub(crate) fn templates_of(rendering: Rendering) -> Answer<BTreeMap<String, String>> {
    match rendering.summary.problem {
        Some(problem) if problem.stage != Stage::Manifest => Err(problem.message),
        _ => Ok(rendering.templates),
    }
}

/// Release name and namespace of all vectors.
pub(crate) fn request() -> RenderRequest {
    RenderRequest {
        release_name: "rel".to_owned(),
        namespace: "ns".to_owned(),
        unix_millis: now(),
        seed: 1,
        as_helm_4_2: true,
        ..RenderRequest::default()
    }
}
