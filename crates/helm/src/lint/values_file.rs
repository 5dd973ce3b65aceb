//! Rules about values.yaml: it is there, it is YAML, and together with the user's values it fits the schema.

use super::{ChartDirectory, Entry, Findings, LintOptions, Severity};
use crate::schema;
use crate::values::{Table, coalesce_over, to_map};

const FILE: &str = "values.yaml";

pub(super) fn check(
    directory: &ChartDirectory,
    values: &Table,
    options: &LintOptions,
    findings: &mut Findings,
) {
    let text = match &directory.values_yaml {
        Entry::Missing => {
            return findings.add(Severity::Info, FILE, "file does not exist");
        }
        Entry::Directory => {
            let why = format!(
                "unable to parse YAML: read {}/{FILE}: is a directory",
                directory.path
            );
            return findings.add(Severity::Error, FILE, why);
        }
        Entry::Unreadable(why) => {
            return findings.add(Severity::Error, FILE, format!("unable to parse YAML: {why}"));
        }
        Entry::File(text) => text,
    };
    let defaults = match engine::yaml::decode_map(text) {
        Ok(defaults) => defaults,
        Err(error) => {
            // Here Go's type has a name.
            let error = error
                .to_string()
                .replace("map[string]interface {}", "common.Values");
            return findings.add(Severity::Error, FILE, format!("unable to parse YAML: {error}"));
        }
    };
    let Entry::File(schema_text) = &directory.schema else {
        return;
    };
    if schema_text.is_empty() || options.skip_schema_validation {
        return;
    }
    // Only the chart's own values are looked at, as they are: nobody asks what subcharts make of them.
    let coalesced = to_map(values);
    coalesce_over(&coalesced, &defaults);
    let checked = schema::validate(schema_text, &coalesced.into());
    findings.rule(
        Severity::Error,
        FILE,
        checked.err().map(|errors| errors.to_string()),
    );
}
