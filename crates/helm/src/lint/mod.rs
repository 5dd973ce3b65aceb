//! `helm lint`: what is wrong with a chart before anybody installs it, in Helm's order and words.
//!
//! Rules look at a chart's directory, described by [`ChartDirectory`]; reading it is the caller's. Follows
//! `pkg/chart/v2/lint` of Helm 4.3.

mod addresses;
mod chart_file;
mod crds;
mod dependencies;
mod deprecations;
mod names;
mod object;
mod templates;
mod values_file;

use std::fmt;

use bytes::Bytes;
use engine::Host;

use crate::capabilities::KubeVersion;
use crate::chart::Chart;
use crate::values::Table;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub severity: Severity,
    /// The file or directory in question; the chart's own directory for its dependencies.
    pub path: String,
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(f, "[{severity}] {}: {}", self.path, self.text)
    }
}

/// What is at a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Entry {
    #[default]
    Missing,
    Directory,
    File(Bytes),
    /// Something that cannot be read, and why.
    Unreadable(String),
}

/// A chart's directory as the rules see it: some files as they are, whatever `.helmignore` says, and what loading made
/// of them all.
#[derive(Debug)]
pub struct ChartDirectory {
    /// Absolute; part of some messages.
    pub path: String,
    pub chart_yaml: Entry,
    pub values_yaml: Entry,
    pub schema: Entry,
    pub templates: Entry,
    pub crds: Entry,
    /// The chart, or the message with which loading it ended.
    pub chart: Result<Chart, String>,
}

/// How to lint.
#[derive(Debug, Clone, Default)]
pub struct LintOptions {
    pub namespace: String,
    /// For capabilities and for what counts as deprecated; the newest known if absent.
    pub kube_version: Option<KubeVersion>,
    pub skip_schema_validation: bool,
}

/// Applies every rule.
pub fn lint(
    directory: &ChartDirectory,
    values: &Table,
    options: &LintOptions,
    host: &dyn Host,
) -> Vec<Message> {
    let mut findings = Findings::default();
    chart_file::check(directory, &mut findings);
    values_file::check(directory, values, options, &mut findings);
    templates::check(directory, values, options, host, &mut findings);
    dependencies::check(directory, &mut findings);
    crds::check(directory, &mut findings);
    findings.0
}

/// The findings so far.
#[derive(Debug, Default)]
struct Findings(Vec<Message>);

impl Findings {
    fn add(&mut self, severity: Severity, path: &str, text: impl Into<String>) {
        self.0.push(Message {
            severity,
            path: path.to_owned(),
            text: text.into(),
        });
    }

    /// Adds the text of a rule that was broken; true if it was not.
    fn rule(&mut self, severity: Severity, path: &str, broken: Option<String>) -> bool {
        match broken {
            None => true,
            Some(text) => {
                self.add(severity, path, text);
                false
            }
        }
    }
}
