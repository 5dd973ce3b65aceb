//! Rules about dependencies: what is declared is in `charts/`, and the other way round.

use super::{ChartDirectory, Findings, Severity};
use crate::chart::Chart;

pub(super) fn check(directory: &ChartDirectory, findings: &mut Findings) {
    let chart = match &directory.chart {
        Ok(chart) => chart,
        Err(error) => {
            return findings.add(Severity::Error, "", format!("unable to load chart\n\t{error}"));
        }
    };
    let undeclared = undeclared(chart);
    let undeclared = (!undeclared.is_empty()).then(|| {
        format!(
            "chart metadata is missing these dependencies: {}",
            undeclared.join(",")
        )
    });
    findings.rule(Severity::Error, &directory.path, undeclared);
    let missing = chart.missing_dependencies();
    let missing = (!missing.is_empty()).then(|| {
        format!(
            "chart directory is missing these dependencies: {}",
            missing.join(",")
        )
    });
    // That two share a name is found while the chart is loaded.
    findings.rule(Severity::Warning, &directory.path, missing);
}

fn undeclared(chart: &Chart) -> Vec<&str> {
    let is_declared = |name: &str| {
        let declared = chart.metadata.dependencies.iter().flatten();
        declared.into_iter().any(|dependency| dependency.name == name)
    };
    let names = chart
        .dependencies
        .iter()
        .map(|subchart| subchart.metadata.name.as_str());
    names.filter(|name| !is_declared(name)).collect()
}
