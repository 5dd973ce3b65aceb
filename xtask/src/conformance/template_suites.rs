//! Suites of template texts, each rendered as a file and through `tpl`.

use helm::chart::{Chart, ChartFile};
use helm::render::{PreparedChart, RenderOptions};
use helm::values::{Table, Tree};
use serde_json::Value;

use super::compare::{Answer, compare_text};
use super::host::RunningHost;
use super::open_answers::is_open_answer;

/// The chart all `tpl` cases are rendered in, parsed once.
pub(crate) struct Templates {
    tpl: PreparedChart,
    host: RunningHost,
}

const PATH: &str = "templates/t.yaml";

impl Default for Templates {
    fn default() -> Self {
        let tpl = PreparedChart::new(chart("{{ tpl .Values.t .Values.d }}"));
        Self {
            tpl,
            host: RunningHost::default(),
        }
    }
}

impl Templates {
    pub(crate) fn compare(&mut self, case: &Value, shared_data: &Value) -> Option<String> {
        let template = case.get("template").and_then(Value::as_str).unwrap_or_default();
        let data = Tree::from_json(case.get("data").unwrap_or(shared_data));
        let file = case.get("file").and_then(|expected| {
            let text = format!(
                "{{{{ define \"case\" }}}}{template}{{{{ end }}}}{{{{ template \"case\" .Values.d }}}}"
            );
            let prepared = PreparedChart::new(chart(&text));
            let values = Table::from([("d".into(), data.clone())]);
            let report = self.compare_render(template, expected, &prepared, &values);
            report.map(|report| format!("as a file:\n{report}"))
        });
        let tpl = case.get("tpl").and_then(|expected| {
            let values = Table::from([
                ("d".into(), data.clone()),
                ("t".into(), Tree::String(template.into())),
            ]);
            let report = self.compare_render(template, expected, &self.tpl, &values);
            report.map(|report| format!("through tpl:\n{report}"))
        });
        match (file, tpl) {
            (Some(file), Some(tpl)) => Some(format!("{file}\n{tpl}")),
            (file, tpl) => file.or(tpl),
        }
    }

    fn compare_render(
        &self,
        template: &str,
        expected: &Value,
        chart: &PreparedChart,
        values: &Table,
    ) -> Option<String> {
        let got = render(chart, values, &self.host);
        let report = compare_text(expected, &got)?;
        let later = || render(chart, values, &RunningHost::later());
        (!is_open_answer(template, expected, &got, later)).then_some(report)
    }
}

fn render(chart: &PreparedChart, values: &Table, host: &RunningHost) -> Answer<String> {
    let rendered = chart
        .render(values, &options(), host)
        .map_err(|error| error.to_string())?;
    rendered
        .templates
        .get(&format!("v/{PATH}"))
        .cloned()
        .ok_or_else(|| "nothing was rendered".to_owned())
}

/// Release name and namespace of all vectors.
pub(crate) fn options() -> RenderOptions {
    RenderOptions {
        release_name: "rel".to_owned(),
        namespace: "ns".to_owned(),
        ..RenderOptions::default()
    }
}

fn chart(template: &str) -> Chart {
    let mut chart = Chart::default();
    chart.metadata.api_version = "v2".to_owned();
    chart.metadata.name = "v".to_owned();
    chart.metadata.version = "1.2.3".to_owned();
    chart.metadata.app_version = "4.5".to_owned();
    chart.templates.push(ChartFile::new(PATH, template.to_owned()));
    chart
}
