//! Every check, phase by phase, each with the time it took.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::cluster::{self, Cluster};
use crate::go_tools::{self, HELM_3, HELM_4, ORAS, REGISTRY};
use crate::process::{self, cargo, say};
use crate::services::PostgreSql;
use crate::{bootstrap, budget, conformance, editor, site, tidy};

type Phase = (&'static str, fn() -> Result<()>);

/// In this order: what fails fastest comes first.
const PHASES: &[Phase] = &[
    ("fmt", fmt),
    ("clippy", clippy),
    ("unit", unit),
    ("wasm", browser_engine),
    ("site", built_site),
    ("registry", with_a_registry),
    ("cluster", on_a_cluster),
    ("e2e", end_to_end),
];

/// Runs all phases, or those named.
pub(crate) fn run(names: &[String]) -> Result<()> {
    for name in names {
        if !PHASES.iter().any(|(known, _)| known == name) {
            let known: Vec<&str> = PHASES.iter().map(|(name, _)| *name).collect();
            bail!("there is no test phase `{name}`; there are {}", known.join(", "));
        }
    }
    let is_wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    if is_wanted("cluster") || is_wanted("registry") {
        // Now, not half an hour later.
        go_tools::ensure_go()?;
    }
    timed("bootstrap", bootstrap::everything)?;
    let mut times = Vec::new();
    for (name, phase) in PHASES {
        if is_wanted(name) {
            times.push((*name, timed(name, *phase)?));
        }
    }
    for (name, time) in times {
        say(&format!("time: {name:<8} {:>6.1} s", time.as_secs_f64()));
    }
    Ok(())
}

fn timed(name: &str, phase: fn() -> Result<()>) -> Result<Duration> {
    say(&format!("== {name}"));
    let started = Instant::now();
    phase()?;
    let time = started.elapsed();
    say(&format!("== {name}: {:.1} s", time.as_secs_f64()));
    Ok(time)
}

fn fmt() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    tidy::run()
}

fn clippy() -> Result<()> {
    cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--exclude",
        "frontend",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?;
    // The browser's engine is two modules; the first lacks what the second has.
    let browser: [&[&str]; 3] = [
        &["frontend"],
        &["preview", "--no-default-features"],
        &["preview-extras"],
    ];
    for package in browser {
        let mut browser = Command::new("cargo");
        if let Some(toolchain) = bootstrap::wasm_toolchain() {
            browser.arg(toolchain);
        }
        browser.args(["clippy", "--quiet", "--package"]).args(package);
        browser.args(["--target", "wasm32-unknown-unknown"]);
        process::run_command(browser.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

fn unit() -> Result<()> {
    let database = PostgreSql::start()?;
    process::run_command(
        Command::new("cargo")
            .env("TEST_DATABASE_URL", database.url())
            .args(["test", "--workspace", "--exclude", "frontend", "--no-fail-fast"]),
    )
}

/// Tests that speak to real registries and clients of theirs, as in [`ON_A_CLUSTER`].
const WITH_A_REGISTRY: &[(&str, &str, &str)] = &[
    ("backend", "it", "sync::distribution"),
    ("server", "it", "museum::helm"),
    ("server", "it", "museum::oci"),
    ("server", "it", "museum::oras"),
];

/// Real helm, oras and CNCF Distribution against what serves and follows registries here.
fn with_a_registry() -> Result<()> {
    let (helm_3, helm_4) = (HELM_3.program()?, HELM_4.program()?);
    let (registry, oras) = (REGISTRY.program()?, ORAS.program()?);
    for (package, test, which) in WITH_A_REGISTRY {
        process::run_command(
            Command::new("cargo")
                .env("CHARTROOM_TEST_HELM3", &helm_3)
                .env("CHARTROOM_TEST_HELM4", &helm_4)
                .env("CHARTROOM_TEST_REGISTRY", &registry)
                .env("CHARTROOM_TEST_ORAS", &oras)
                .args(["test", "--package", package, "--test", test, which]),
        )?;
    }
    Ok(())
}

/// Tests that need a cluster: a package, one of its test programs, and which tests of it; all if that is empty.
const ON_A_CLUSTER: &[(&str, &str, &str)] = &[
    ("xtask", "cluster", ""),
    ("cluster", "it", ""),
    ("backend", "it", "ops::releases"),
    ("backend", "it", "ops::install"),
    ("server", "it", "cli_releases"),
    ("server", "it", "releases_process"),
    ("server", "it", "catalog::helm"),
];

fn on_a_cluster() -> Result<()> {
    let tests: Vec<[&str; 6]> = ON_A_CLUSTER
        .iter()
        .map(|(package, test, which)| ["test", "--package", package, "--test", test, which])
        .collect();
    // Before there is a cluster that would take memory from the compiler.
    for test in &tests {
        process::run_command(Command::new("cargo").args(test).arg("--no-run"))?;
    }
    let (helm_3, helm_4) = (HELM_3.program()?, HELM_4.program()?);
    let directory = std::env::temp_dir().join(format!("chartroom-cluster-{}", std::process::id()));
    let cluster = Cluster::start(&directory, cluster::Options::default())?;
    for test in &tests {
        let tested = process::run_command(
            Command::new("cargo")
                .env("CHARTROOM_TEST_KUBECONFIG", cluster.kubeconfig())
                .env("CHARTROOM_TEST_KUBECTL", cluster.kubectl())
                .env("CHARTROOM_TEST_CLUSTER_SOCKET", cluster.socket())
                .env("CHARTROOM_TEST_HELM3", &helm_3)
                .env("CHARTROOM_TEST_HELM4", &helm_4)
                .args(test),
        );
        // A part that ended explains what tests then found.
        cluster.ensure_runs()?;
        tested?;
    }
    Ok(())
}

/// Every case of the conformance data, asked of the modules that the browser loads.
fn browser_engine() -> Result<()> {
    let is_missing = if !process::has("node") {
        Some("Node")
    } else if !conformance::default_directory().is_dir() {
        Some("the conformance data")
    } else {
        None
    };
    if let Some(what) = is_missing {
        if std::env::var_os("CI").is_some() {
            bail!("{what} is missing");
        }
        say(&format!("SKIPPED: {what} is missing"));
        return Ok(());
    }
    if !conformance::run(&["--wasm".to_owned()])? {
        bail!("some answers of the browser's engine are not Helm's");
    }
    Ok(())
}

fn built_site() -> Result<()> {
    editor::test()?;
    site::build(site::Profile::Release)?;
    budget::site()
}

/// What pages preview is what `chartroom template` prints.
fn previews_in_a_browser() -> Result<()> {
    if !conformance::default_directory().is_dir() {
        if std::env::var_os("CI").is_some() {
            bail!("the conformance data is missing");
        }
        say("SKIPPED: previews in a browser; the conformance data is missing");
        return Ok(());
    }
    if !conformance::run(&["--browser".to_owned()])? {
        bail!("some previews are not what `chartroom template` prints");
    }
    Ok(())
}

fn end_to_end() -> Result<()> {
    if !site::folder().join("manifest.json").is_file() {
        site::build(site::Profile::Release)?;
    }
    cargo(&["build", "--release", "--package", "server"])?;
    budget::binary()?;
    previews_in_a_browser()?;
    let helm_4 = HELM_4.program()?;
    let directory = std::env::temp_dir().join(format!("chartroom-e2e-cluster-{}", std::process::id()));
    let cluster = Cluster::start(&directory, cluster::Options::default())?;
    let mut tests = Command::new("npx");
    tests.current_dir("end2end").args(["playwright", "test"]);
    tests
        .env(
            "CHARTROOM_BINARY",
            process::target_dir().join("release/chartroom"),
        )
        .env("CHARTROOM_TEST_KUBECONFIG", cluster.kubeconfig())
        .env("CHARTROOM_TEST_KUBECTL", cluster.kubectl())
        .env("CHARTROOM_TEST_HELM4", helm_4);
    if let Some(chromium) = bootstrap::chromium_path() {
        tests.env("CHARTROOM_CHROMIUM", chromium);
    }
    let tested = process::run_command(&mut tests);
    // A part that ended explains what tests then found.
    cluster.ensure_runs()?;
    tested
}
