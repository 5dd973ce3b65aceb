//! `cargo xtask compare-releases`: what `chartroom` leaves in a cluster beside what real helm leaves there.
//!
//! Published charts are installed, upgraded with other values, rolled back and uninstalled, by helm and then by us, each
//! in a namespace of its own. After each step the objects, whose fields are whose, and the records have to be the same,
//! and so does the error if there was one. Charts that draw passwords or hash the name of their namespace are left out:
//! they never are the same.

mod snapshot;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::cluster::{self, Cluster};
use crate::comparison::Options;
use crate::conformance::diff_masked;
use crate::go_tools::HELM_4;
use crate::process;

use snapshot::Snapshot;

/// Charts compared unless told otherwise.
const N_CHARTS: usize = 60;
const N_WORKERS: usize = 2;
/// Hooks of these charts end within seconds, or never.
const TIMEOUT: &str = "25s";

/// One of the two, with the namespace it works in. Both namespaces are equally long: charts cut names.
struct Side<'a> {
    program: &'a Path,
    namespace: String,
    cluster: &'a Cluster,
}

/// What a chart came to.
enum Outcome {
    Equal {
        n_objects: usize,
    },
    Different(String),
    /// Two renders of it differ, in more than the name of the namespace.
    Random,
}

/// True if everything was left as helm leaves it.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let options = Options::parse(args, N_CHARTS)?;
    let helm = HELM_4.program()?;
    let charts = options.charts()?;
    let directory = std::env::temp_dir().join(format!("chartroom-compare-{}", std::process::id()));
    let cluster = Cluster::start(&directory, cluster::Options::default())?;
    let started = Instant::now();
    let (next, n_compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(Vec::new());
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..N_WORKERS {
            scope.spawn(|| {
                while n_compared.load(Ordering::Relaxed) < options.n_charts && lock(&failed).is_none() {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(chart) = charts.get(spread(number, charts.len())) else {
                        return;
                    };
                    if number >= charts.len() {
                        return;
                    }
                    match compare(&helm, &options.chartroom, &cluster, chart, number) {
                        Ok(outcome) => {
                            if !matches!(outcome, Outcome::Random) {
                                n_compared.fetch_add(1, Ordering::Relaxed);
                            }
                            let name = chart
                                .file_stem()
                                .unwrap_or_default()
                                .to_string_lossy()
                                .into_owned();
                            lock(&results).push((name, outcome));
                        }
                        Err(error) => *lock(&failed) = Some(error),
                    }
                }
            });
        }
    });
    cluster.ensure_runs()?;
    if let Some(error) = lock(&failed).take() {
        return Err(error);
    }
    let mut results = std::mem::take(&mut *lock(&results));
    results.sort_by(|(a, _), (b, _)| a.cmp(b));
    let is_equal = report(&results, options.n_shown);
    process::say(&format!("in {:.0} s", started.elapsed().as_secs_f64()));
    Ok(is_equal)
}

/// A walk through all charts that takes neighbours far apart, so that few of them are many kinds of charts.
fn spread(number: usize, len: usize) -> usize {
    // Any step without a common divisor visits everything once.
    let mut step = (len * 5 / 13).max(1);
    let divisor = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    while divisor(step, len.max(1)) > 1 {
        step += 1;
    }
    number.wrapping_mul(step) % len.max(1)
}

fn compare(helm: &Path, chartroom: &Path, cluster: &Cluster, chart: &Path, number: usize) -> Result<Outcome> {
    let side = |program, prefix: &str| Side {
        program,
        namespace: format!("{prefix}-{number:03}"),
        cluster,
    };
    let (helms, ours) = (side(helm, "helm"), side(chartroom, "ours"));
    let path = chart.display().to_string();
    write_changed()?;
    let render = |side: &Side<'_>| {
        let rendered = side.command(chartroom, &["template", "rel", &path, "--values", CHANGED])?;
        anyhow::Ok(side.masked(&String::from_utf8_lossy(&rendered.stdout)))
    };
    if render(&helms)? != render(&ours)? {
        return Ok(Outcome::Random);
    }
    let install = [
        "install",
        "rel",
        &path,
        "--create-namespace",
        "--timeout",
        TIMEOUT,
    ];
    let upgrade = ["upgrade", "rel", &path, "--values", CHANGED, "--timeout", TIMEOUT];
    let rollback = ["rollback", "rel", "1", "--timeout", TIMEOUT];
    let uninstall = ["uninstall", "rel", "--keep-history", "--timeout", TIMEOUT];
    let steps: [&[&str]; 4] = [&install, &upgrade, &rollback, &uninstall];
    // One after the other: what is in no namespace has the same name on both sides.
    let mut traces = Vec::new();
    for side in [&helms, &ours] {
        let mut trace = Vec::new();
        for step in steps {
            let answer = side.run(step)?;
            let text = String::from_utf8_lossy(&answer.stderr).into_owned();
            let error = if answer.status.success() {
                String::new()
            } else {
                side.masked(&last_error(&text))
            };
            trace.push((error, Snapshot::take(side)?));
        }
        traces.push(trace);
        side.kubectl(&[
            "delete",
            "namespace",
            &side.namespace,
            "--wait=false",
            "--ignore-not-found",
        ])?;
    }
    let mut n_objects = 0;
    let [helms, ours] = traces.as_slice() else {
        bail!("there are two sides");
    };
    for ((step, helms), ours) in steps.iter().zip(helms).zip(ours) {
        n_objects += helms.1.len();
        let (helms, ours) = (text_of(helms), text_of(ours));
        if let Some(difference) = diff_masked(&helms, &ours, |_| false) {
            let step = step.first().copied().unwrap_or_default();
            return Ok(Outcome::Different(format!("after {step}:\n{difference}")));
        }
    }
    Ok(Outcome::Equal { n_objects })
}

fn text_of((error, snapshot): &(String, Snapshot)) -> String {
    format!("error: {error}\n{}", snapshot.text())
}

/// What is printed behind `Error: `, which for some errors is several lines.
fn last_error(stderr: &str) -> String {
    let at = stderr.rfind("Error: ").unwrap_or_default();
    stderr.get(at..).unwrap_or_default().trim().to_owned()
}

/// Values that most charts understand some of.
const CHANGED: &str = "target/compare-releases.yaml";

fn write_changed() -> Result<()> {
    let values = "replicaCount: 2\nreplicas: 2\nnameOverride: \"\"\nfullnameOverride: renamed\npodAnnotations: {changed: \"yes\"}\ncommonLabels: {changed: \"yes\"}\nservice: {annotations: {changed: \"yes\"}}\n";
    std::fs::create_dir_all("target")?;
    Ok(std::fs::write(CHANGED, values)?)
}

impl Side<'_> {
    fn run(&self, arguments: &[&str]) -> Result<Output> {
        self.command(self.program, arguments)
    }

    fn kubectl(&self, arguments: &[&str]) -> Result<Output> {
        self.command(&self.cluster.kubectl(), arguments)
    }

    /// Runs a program without the user's settings.
    fn command(&self, program: &Path, arguments: &[&str]) -> Result<Output> {
        let kubeconfig = self.cluster.kubeconfig();
        let home = kubeconfig.with_file_name("home");
        let mut command = Command::new(program);
        command.args(arguments);
        if arguments.first() != Some(&"delete") {
            command.args(["--namespace", &self.namespace]);
        }
        command
            .env_clear()
            .env("HOME", &home)
            .env("HELM_CACHE_HOME", home.join("cache"))
            .env("HELM_CONFIG_HOME", home.join("config"))
            .env("HELM_DATA_HOME", home.join("data"))
            .env("KUBECONFIG", kubeconfig)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("starting {}", program.display()))
    }

    fn masked(&self, text: &str) -> String {
        text.replace(&self.namespace, "NAMESPACE")
    }
}

fn report(results: &[(String, Outcome)], n_shown: usize) -> bool {
    let (mut n_equal, mut n_different, mut n_random, mut n_objects) = (0, 0, 0, 0);
    for (name, outcome) in results {
        match outcome {
            Outcome::Equal { n_objects: n } => {
                n_equal += 1;
                n_objects += n;
            }
            Outcome::Different(report) => {
                n_different += 1;
                if n_different <= n_shown {
                    process::say(&format!("{name}, {report}\n"));
                }
            }
            Outcome::Random => n_random += 1,
        }
    }
    process::say(&format!(
        "compare-releases: {n_equal}/{} equal, {n_objects} objects and records compared, {n_random} charts left out as they draw random values or hash their namespace",
        n_equal + n_different,
    ));
    n_different == 0
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
