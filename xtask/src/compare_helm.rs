//! `cargo xtask compare-helm`: `chartroom template` beside real `helm template`, byte for byte.
//!
//! Charts are published ones; each is rendered with its defaults, for an upgrade elsewhere, and with a values file.
//! Standard output and exit code have to be the same. What Helm itself prints differently from run to run (passwords,
//! certificates) is found by running it twice: only those lines may differ.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::comparison::Options;
use crate::conformance::diff_masked;
use crate::go_tools::HELM_4;
use crate::process;

/// Charts compared unless told otherwise.
const N_CHARTS: usize = 120;
/// More than a machine has cores helps nobody.
const N_WORKERS: usize = 2;

/// One command line, given to both programs.
struct Case {
    title: String,
    arguments: Vec<OsString>,
}

/// What a program printed, and how it ended.
#[derive(PartialEq, Eq)]
struct Answer {
    stdout: Vec<u8>,
    code: Option<i32>,
    stderr: String,
}

/// A case's outcome.
enum Outcome {
    Equal { masked: bool },
    Different(String),
}

/// True if every answer was Helm's.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let options = Options::parse(args, N_CHARTS)?;
    let helm = HELM_4.program()?;
    let cases = cases(&options)?;
    let results = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..N_WORKERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match compare(&helm, &options.chartroom, case) {
                        Ok(outcome) => lock(&results).push((case.title.clone(), outcome)),
                        Err(error) => *lock(&failed) = Some(error),
                    }
                }
            });
        }
    });
    if let Some(error) = lock(&failed).take() {
        return Err(error);
    }
    let mut results = std::mem::take(&mut *lock(&results));
    results.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(report(&results, options.n_shown))
}

fn report(results: &[(String, Outcome)], n_shown: usize) -> bool {
    let differences: Vec<_> = results
        .iter()
        .filter_map(|(title, outcome)| match outcome {
            Outcome::Different(report) => Some((title, report)),
            Outcome::Equal { .. } => None,
        })
        .collect();
    for (title, report) in differences.iter().take(n_shown) {
        process::say(&format!("{title}\n{report}\n"));
    }
    let n_masked = results
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Equal { masked: true }))
        .count();
    if n_masked > 0 {
        process::say(&format!(
            "{n_masked} cases hold lines that Helm itself prints differently from run to run; these lines apart:"
        ));
    }
    process::say(&format!(
        "compare-helm: {}/{} equal",
        results.len() - differences.len(),
        results.len()
    ));
    differences.is_empty()
}

/// Three command lines for each of a number of charts, taken evenly from all there are.
fn cases(options: &Options) -> Result<Vec<Case>> {
    let charts = options.charts()?;
    let n_charts = options.n_charts.clamp(1, charts.len());
    let index = std::fs::read(options.directory.join("golden/index.json")).unwrap_or_default();
    let index: Value = serde_json::from_slice(&index).unwrap_or_default();
    let scratch = process::target_dir().join("compare-helm");
    std::fs::create_dir_all(&scratch)?;
    let mut cases = Vec::new();
    for chosen in 0..n_charts {
        let Some(chart) = charts.get(chosen * charts.len() / n_charts) else {
            continue;
        };
        let name = chart
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut add = |what: &str, before: &[&str], after: &[&str]| {
            let mut arguments: Vec<OsString> = vec!["template".into()];
            arguments.extend(before.iter().map(OsString::from));
            arguments.push(chart.clone().into());
            arguments.extend(after.iter().map(OsString::from));
            cases.push(Case {
                title: format!("{name}: {what}"),
                arguments,
            });
        };
        add("defaults", &[], &[]);
        add(
            "an upgrade elsewhere",
            &["other"],
            &[
                "--namespace",
                "elsewhere",
                "--is-upgrade",
                "--no-hooks",
                "--include-crds",
                "--set",
                "nameOverride=renamed,replicaCount=3",
            ],
        );
        let values = match golden_values(&options.directory, &index, chart) {
            Some(values) => values,
            None => {
                let values = scratch.join("values.yaml");
                std::fs::write(
                    &values,
                    "fullnameOverride: whole\nreplicaCount: 2\nglobal: {zone: north}\n",
                )?;
                values
            }
        };
        let values = values.display().to_string();
        add(
            "a values file",
            &["with-values"],
            &["--values", &values, "--skip-tests"],
        );
    }
    Ok(cases)
}

/// The values of the first case of the chart that has any.
fn golden_values(directory: &Path, index: &Value, chart: &Path) -> Option<PathBuf> {
    let file_name = chart.file_name()?.to_str()?;
    index.as_array()?.iter().find_map(|case| {
        let text = |field: &str| case.get(field).and_then(Value::as_str);
        if text("tgz")? != file_name {
            return None;
        }
        let folder = directory
            .join("golden")
            .join(text("corpus")?)
            .join(text("chart")?);
        let values = folder.join(format!("{}.values.json", text("case")?));
        values.is_file().then_some(values)
    })
}

fn compare(helm: &Path, chartroom: &Path, case: &Case) -> Result<Outcome> {
    let first = answer(helm, case)?;
    let ours = answer(chartroom, case)?;
    if first.code != ours.code {
        return Ok(Outcome::Different(format!(
            "helm ended with {:?}, chartroom with {:?}\nhelm: {}\nchartroom: {}",
            first.code, ours.code, first.stderr, ours.stderr
        )));
    }
    if first.stdout == ours.stdout {
        return Ok(Outcome::Equal { masked: false });
    }
    let again = answer(helm, case)?;
    let text = |answer: &Answer| String::from_utf8_lossy(&answer.stdout).into_owned();
    let (first, again, ours) = (text(&first), text(&again), text(&ours));
    let unstable: Vec<bool> = first
        .split('\n')
        .zip(again.split('\n'))
        .map(|(first, again)| first != again)
        .collect();
    let may_differ = |line: usize| unstable.get(line).copied().unwrap_or(false);
    Ok(match diff_masked(&first, &ours, may_differ) {
        None => Outcome::Equal { masked: true },
        Some(report) => Outcome::Different(report),
    })
}

/// Runs a program without the user's Helm and Kubernetes settings.
fn answer(program: &Path, case: &Case) -> Result<Answer> {
    let home = process::target_dir().join("compare-helm");
    let output = Command::new(program)
        .args(&case.arguments)
        .env_clear()
        .env("HOME", &home)
        .env("HELM_CACHE_HOME", home.join("cache"))
        .env("HELM_CONFIG_HOME", home.join("config"))
        .env("HELM_DATA_HOME", home.join("data"))
        .env("KUBECONFIG", home.join("none"))
        .env("TZ", "")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {}", program.display()))?;
    Ok(Answer {
        stdout: output.stdout,
        code: output.status.code(),
        stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
