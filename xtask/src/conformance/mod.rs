//! `cargo xtask conformance`: our answers beside those real Helm gave.
//!
//! Works on any directory with the layout of the conformance data: published charts with their renders, dry runs and
//! masks (`charts/`, `golden/`), vectors (`vectors/*.json`) and stored releases (`release-records/`). Nothing here knows
//! an expected text; what is not in the directory is not compared.
//! Who answers is an [`engine::Engine`]: the one in this process, or with `--wasm` the browser's module in Node.
//! [`browser`] asks the golden cases as pages do.

mod browser;
mod chart_suites;
mod compare;
mod engine;
mod golden;
mod node;
mod open_answers;
mod records;
mod small_suites;
mod tarball;
mod template_suites;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

pub(crate) use compare::diff_masked;
use engine::{Engine, Native};
use node::Node;

/// What happened to the cases of one suite.
#[derive(Debug, Default)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) passed: usize,
    pub(crate) failures: Vec<Failure>,
    /// Cases Helm itself answers differently from run to run.
    pub(crate) unstable: usize,
}

/// A case that did not come out as Helm's.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) case: String,
    /// Expected and got, as a diff.
    pub(crate) report: String,
}

impl Suite {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    pub(crate) fn total(&self) -> usize {
        self.passed + self.failures.len()
    }

    /// Counts a case; `report` is empty when it passed.
    pub(crate) fn record(&mut self, case: impl FnOnce() -> String, report: Option<String>) {
        match report {
            None => self.passed += 1,
            Some(report) => self.failures.push(Failure { case: case(), report }),
        }
    }
}

/// All suites of a directory.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) golden: Suite,
    pub(crate) release: Suite,
    pub(crate) vectors: Vec<Suite>,
}

impl Report {
    pub(crate) fn holds(&self) -> bool {
        self.suites().all(|suite| suite.failures.is_empty())
    }

    pub(crate) fn suites(&self) -> impl Iterator<Item = &Suite> {
        [&self.golden, &self.release].into_iter().chain(&self.vectors)
    }

    /// The last line of the command's output.
    pub(crate) fn summary(&self) -> String {
        let passed: usize = self.vectors.iter().map(|suite| suite.passed).sum();
        let total: usize = self.vectors.iter().map(Suite::total).sum();
        let (golden, release) = (&self.golden, &self.release);
        format!(
            "conformance: golden {}/{}, release {}/{}, vectors {passed}/{total}",
            golden.passed,
            golden.total(),
            release.passed,
            release.total()
        )
    }
}

/// What to compare.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) directory: PathBuf,
    /// Only suites of this name; `golden` stands for the charts.
    pub(crate) suite: Option<String>,
    /// How many failures of each suite to print.
    pub(crate) show: usize,
    /// Ask the module that the browser loads.
    pub(crate) wasm: bool,
    /// Ask the editor's worker in Chromium, the golden cases only.
    pub(crate) browser: bool,
    /// Whose `template` is laid beside the browser's answers; else the one that was built.
    pub(crate) chartroom: Option<PathBuf>,
}

impl Options {
    fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self {
            directory: default_directory(),
            suite: None,
            show: 3,
            wasm: false,
            browser: false,
            chartroom: None,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--show" => options.show = args.next().context("--show needs a number")?.parse()?,
                "--wasm" => options.wasm = true,
                "--browser" => options.browser = true,
                "--chartroom" => {
                    options.chartroom = Some(args.next().context("--chartroom needs a program")?.into());
                }
                "--suite" => options.suite = Some(args.next().context("--suite needs a name")?.clone()),
                flag if flag.starts_with('-') => anyhow::bail!("there is no flag {flag}"),
                directory => options.directory = PathBuf::from(directory),
            }
        }
        Ok(options)
    }

    pub(crate) fn wants(&self, suite: &str) -> bool {
        self.suite.as_ref().is_none_or(|wanted| wanted == suite)
    }
}

/// The conformance data beside the workspace, as `CHARTROOM_CONFORMANCE` says or where checkouts have it.
pub(crate) fn default_directory() -> PathBuf {
    if let Some(directory) = std::env::var_os("CHARTROOM_CONFORMANCE") {
        return directory.into();
    }
    let workspace = crate::process::workspace_root();
    let beside = workspace.join("../shared/conformance");
    if beside.exists() {
        beside
    } else {
        workspace.join("../../shared/conformance")
    }
}

/// Runs the command; true when everything holds.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let options = Options::parse(args)?;
    if options.browser {
        let suites = browser::compare(&options)?;
        let mut text = String::new();
        for suite in &suites {
            write_suite(&mut text, suite, options.show)?;
        }
        println(&text);
        return Ok(suites
            .iter()
            .all(|suite| suite.total() > 0 && suite.failures.is_empty()));
    }
    let report = if options.wasm {
        let modules = crate::preview::ForNode::build()?;
        let mut node = Node::start(modules)?;
        let report = compare_all(&mut node, &options)?;
        println(&node.extras_needed()?);
        report
    } else {
        compare_all(&mut Native::new(), &options)?
    };
    let mut text = String::new();
    for suite in report.suites().filter(|suite| suite.total() > 0) {
        write_suite(&mut text, suite, options.show)?;
    }
    text.push_str(&report.summary());
    println(&text);
    Ok(report.holds())
}

/// A line, and the first failures.
fn write_suite(text: &mut String, suite: &Suite, n_shown: usize) -> Result<()> {
    let mark = if suite.failures.is_empty() { "ok  " } else { "FAIL" };
    writeln!(
        text,
        "{mark} {:<24} {:>6}/{}",
        suite.name,
        suite.passed,
        suite.total()
    )?;
    for failure in suite.failures.iter().take(n_shown) {
        writeln!(text, "--- {}\n{}", failure.case, failure.report)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "it is the command's output")]
fn println(text: &str) {
    println!("{text}");
}

/// Compares everything `options` ask for.
pub(crate) fn compare_all(engine: &mut dyn Engine, options: &Options) -> Result<Report> {
    let mut report = Report {
        golden: Suite::new("golden"),
        release: Suite::new("release"),
        vectors: Vec::new(),
    };
    anyhow::ensure!(
        options.directory.is_dir(),
        "there is no directory {}",
        options.directory.display()
    );
    if options.wants("golden") || options.wants("release") {
        golden::compare(engine, options, &mut report)?;
    }
    for path in vector_files(&options.directory)? {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if options.wants(&name) {
            report.vectors.push(compare_vectors(engine, &name, &path)?);
        }
    }
    if options.wants("release-records") {
        report
            .vectors
            .extend(records::compare(engine, &options.directory)?);
    }
    Ok(report)
}

fn vector_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let directory = directory.join("vectors");
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// One file of vectors. What its cases are is told by their fields, not by the file's name.
fn compare_vectors(engine: &mut dyn Engine, name: &str, path: &Path) -> Result<Suite> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let file: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    let mut suite = Suite::new(name);
    let cases = file
        .get("cases")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let shared_data = file.get("data").unwrap_or(&Value::Null);
    let mut templates = template_suites::Templates::default();
    for (number, case) in cases.iter().enumerate() {
        if case.get("unstable").and_then(Value::as_bool) == Some(true) {
            suite.unstable += 1;
            continue;
        }
        let report = if case.get("files").is_some() {
            chart_suites::compare(engine, case)
        } else if case.get("rules").is_some() {
            chart_suites::compare_ignore_rules(engine, case)
        } else if case.get("flag").is_some() {
            small_suites::compare_strvals(engine, case)
        } else if case.get("template").is_some() {
            templates.compare(engine, case, shared_data)
        } else {
            small_suites::compare_release_name(engine, case)
        };
        suite.record(|| describe(number, case), report);
    }
    templates.finish(engine);
    Ok(suite)
}

fn describe(number: usize, case: &Value) -> String {
    let text = |path: &str| case.pointer(path).and_then(Value::as_str);
    let what = [
        "/name",
        "/template",
        "/expr",
        "/rules",
        "/files/templates~1t.yaml",
    ]
    .into_iter()
    .find_map(text);
    let what = what.map_or_else(
        || case.get("files").unwrap_or(&Value::Null).to_string(),
        str::to_owned,
    );
    let short: String = what.chars().take(200).collect();
    format!("#{number} {short}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// How many cases of a suite still differ. A suite that is worse fails, and so does one that is better: the number
    /// has to be lowered in the same change, so it never goes up again.
    const KNOWN_GAPS: &str = include_str!("known_gaps.txt");

    #[test]
    fn every_suite_is_as_close_to_helm_as_it_was() {
        let options = Options::parse(&[]).expect("no argument is wrong");
        if !options.directory.is_dir() {
            assert!(
                std::env::var_os("CI").is_none(),
                "the conformance data is missing"
            );
            println("SKIPPED: the conformance data is missing");
            return;
        }
        let report = compare_all(&mut Native::new(), &options).expect("the data is readable");
        let mut gaps: BTreeMap<&str, usize> = KNOWN_GAPS
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .map(|line| line.rsplit_once(' ').expect("suite and number"))
            .map(|(suite, n_cases)| (suite, n_cases.parse().expect("number")))
            .collect();
        let mut problems = Vec::new();
        for suite in report.suites() {
            let allowed = gaps.remove(suite.name.as_str()).unwrap_or(0);
            if suite.failures.len() != allowed {
                let examples: Vec<_> = suite
                    .failures
                    .iter()
                    .take(3)
                    .map(|failure| format!("{}\n{}", failure.case, failure.report))
                    .collect();
                problems.push(format!(
                    "{}: {} cases differ, known_gaps.txt says {allowed}\n{}",
                    suite.name,
                    suite.failures.len(),
                    examples.join("\n")
                ));
            }
        }
        problems.extend(
            gaps.keys()
                .map(|suite| format!("known_gaps.txt names {suite}, which does not exist")),
        );
        assert!(
            problems.is_empty(),
            "{}\n{}",
            report.summary(),
            problems.join("\n\n")
        );
    }
}
