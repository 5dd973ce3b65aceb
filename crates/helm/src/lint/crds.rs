//! Rules about `crds/`: custom resource definitions and nothing else.

use super::object::objects;
use super::{ChartDirectory, Entry, Findings, Severity};

const DIRECTORY: &str = "crds/";

pub(super) fn check(directory: &ChartDirectory, findings: &mut Findings) {
    match &directory.crds {
        Entry::Missing => return,
        Entry::Directory => {}
        Entry::File(_) => return findings.add(Severity::Error, DIRECTORY, "not a directory"),
        Entry::Unreadable(why) => return findings.add(Severity::Error, DIRECTORY, why),
    }
    let chart = match &directory.chart {
        Ok(chart) => chart,
        Err(error) => return findings.add(Severity::Error, DIRECTORY, error),
    };
    for file in chart.crds() {
        for object in objects(&file.data) {
            let object = match object {
                Ok(Some(object)) => object,
                Ok(None) => continue,
                // A template, most of the time.
                Err(error) => {
                    let text = format!("unable to parse YAML: {error}");
                    return findings.add(Severity::Error, &file.path, text);
                }
            };
            if !object.api_version.starts_with("apiextensions.k8s.io") {
                let text = "apiVersion is not in 'apiextensions.k8s.io'";
                findings.add(Severity::Error, &file.path, text);
            }
            if object.kind != "CustomResourceDefinition" {
                let text = "object kind is not 'CustomResourceDefinition'";
                findings.add(Severity::Error, &file.path, text);
            }
        }
    }
}
