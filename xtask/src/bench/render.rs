//! `cargo xtask bench render`: every golden case, beside real Helm on the same machine in the same minutes.
//!
//! Both sides run in a process of their own that prints one JSON line a case; here the lines are put together.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::say;

const HELM: &str = include_str!("helm_render.py");
const WASM: &str = include_str!("wasm_render.cjs");

/// One case on both sides, in milliseconds.
struct Row {
    name: String,
    archive_bytes: u64,
    helm_load: f64,
    helm_render: f64,
    load: f64,
    render: f64,
    render_again: f64,
    release: f64,
    /// A further render in the browser's module, until the page has what it shows.
    wasm_again: Option<f64>,
    generates_keys: bool,
}

/// Runs the bench.
pub(crate) fn run(mut args: impl Iterator<Item = String>) -> Result<()> {
    let mut directory = crate::conformance::default_directory();
    let (mut runs, mut only, mut with_wasm) = ("5".to_owned(), None, false);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--runs" => runs = args.next().context("--runs needs a number")?,
            "--chart" => only = Some(args.next().context("--chart needs a name")?),
            "--wasm" => with_wasm = true,
            flag if flag.starts_with('-') => bail!("there is no flag {flag}"),
            path => directory = PathBuf::from(path),
        }
    }
    let directory = directory.canonicalize().context("finding the conformance data")?;
    let index: Value = serde_json::from_str(&std::fs::read_to_string(directory.join("golden/index.json"))?)?;
    let index = index.as_array().context("the index is a list")?;
    let wanted =
        |case: &Value| only.is_none() || case.get("chart").and_then(Value::as_str) == only.as_deref();
    let numbers: Vec<usize> = (0..index.len())
        .filter(|number| index.get(*number).is_some_and(wanted))
        .collect();

    let mut helm = Command::new("python3");
    helm.args(["-c", HELM]).arg(&directory).arg(&runs);
    let mut ours = Command::new("cargo");
    ours.args(["bench", "--quiet", "--package", "helm", "--bench", "render"])
        .args(["--features", "native-crypto", "--"])
        .arg(&directory)
        .arg(&runs);
    let helm = measure(helm, &numbers).context("running Helm (is the package helm-python-sdk installed?)")?;
    let ours = measure(ours, &numbers).context("running the engine")?;

    let wasm = if with_wasm {
        let module = crate::preview::build(crate::preview::Target::Node)?;
        let mut wasm = Command::new("node");
        wasm.args(["--eval", WASM]).arg(module).arg(&directory).arg(&runs);
        measure(wasm, &numbers).context("running the browser's module")?
    } else {
        BTreeMap::new()
    };

    let mut rows = Vec::new();
    for number in numbers {
        let (Some(case), Some(helm), Some(ours)) = (index.get(number), helm.get(&number), ours.get(&number))
        else {
            bail!("case {number} was not measured");
        };
        let text = |field: &str| case.get(field).and_then(Value::as_str).unwrap_or_default();
        let millis = |side: &Value, field: &str| side.get(field).and_then(Value::as_f64).unwrap_or(0.0);
        let archive = directory.join("charts").join(text("corpus")).join(text("tgz"));
        rows.push(Row {
            name: format!("{}/{}/{}", text("corpus"), text("chart"), text("case")),
            archive_bytes: std::fs::metadata(archive)?.len(),
            helm_load: millis(helm, "load_ms"),
            helm_render: millis(helm, "render_ms"),
            load: millis(ours, "load_ms"),
            render: millis(ours, "render_ms"),
            render_again: millis(ours, "render_again_ms"),
            release: millis(ours, "release_ms"),
            wasm_again: wasm.get(&number).map(|wasm| millis(wasm, "render_again_ms")),
            generates_keys: millis(ours, "keys") > 0.0,
        });
    }
    say(&table(&rows)?);
    Ok(())
}

/// Runs one side and reads its lines, by case.
fn measure(mut command: Command, numbers: &[usize]) -> Result<BTreeMap<usize, Value>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let list: Vec<String> = numbers.iter().map(usize::to_string).collect();
    // Neither side prints before it has read the whole list.
    child
        .stdin
        .take()
        .context("no standard input")?
        .write_all(list.join("\n").as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("it ended with {}", output.status);
    }
    let mut lines = BTreeMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let line: Value = serde_json::from_str(line)?;
        let number = line
            .get("case")
            .and_then(Value::as_u64)
            .context("a line without a case")?;
        lines.insert(usize::try_from(number)?, line);
    }
    Ok(lines)
}

fn table(rows: &[Row]) -> Result<String> {
    let mut text = String::new();
    let mut largest: Vec<&Row> = rows.iter().filter(|row| row.name.ends_with("/default")).collect();
    largest.sort_by_key(|row| std::cmp::Reverse(row.archive_bytes));
    writeln!(
        text,
        "ten largest charts, ms{:<22} tgz kB |   load  Helm |  first  again   wasm   Helm | ratio",
        ""
    )?;
    for row in largest.iter().take(10) {
        writeln!(
            text,
            "{:<43} {:>7} | {:>6.2} {:>5.1} | {:>6.2} {:>6.2} {:>6} {:>6.1} | {:>5.1}{}",
            row.name,
            row.archive_bytes / 1024,
            row.load,
            row.helm_load,
            row.render,
            row.render_again,
            row.wasm_again
                .map_or_else(String::new, |wasm| format!("{wasm:.2}")),
            row.helm_render,
            row.helm_render / row.render,
            if row.generates_keys { " (keys)" } else { "" }
        )?;
    }
    let plain: Vec<&Row> = rows.iter().filter(|row| !row.generates_keys).collect();
    writeln!(
        text,
        "\n{} cases, {} of them without key generation",
        rows.len(),
        plain.len()
    )?;
    for (what, helm, ours) in [
        (
            "load",
            sum(&plain, |row| row.helm_load),
            sum(&plain, |row| row.load),
        ),
        (
            "first render",
            sum(&plain, |row| row.helm_render),
            sum(&plain, |row| row.render),
        ),
        (
            "render again",
            sum(&plain, |row| row.helm_render),
            sum(&plain, |row| row.render_again),
        ),
    ] {
        writeln!(
            text,
            "{what:<13} Helm {helm:>9.1} ms, here {ours:>8.1} ms: {:>5.1} times as fast",
            helm / ours
        )?;
    }
    writeln!(
        text,
        "release       here {:>8.1} ms",
        sum(&plain, |row| row.release)
    )?;
    let again: Vec<f64> = plain.iter().filter_map(|row| row.wasm_again).collect();
    if !again.is_empty() {
        writeln!(
            text,
            "again in wasm {:>8.1} ms, the slowest case {:.1} ms",
            again.iter().sum::<f64>(),
            again.iter().copied().fold(0.0, f64::max)
        )?;
    }
    let slowest = plain.iter().map(|row| row.render_again).fold(0.0, f64::max);
    writeln!(text, "slowest render again, here {slowest:.2} ms")?;
    let mut ratios: Vec<f64> = plain.iter().map(|row| row.helm_render / row.render).collect();
    ratios.sort_by(f64::total_cmp);
    let at = |share: usize| ratios.get(ratios.len() * share / 100).copied().unwrap_or(0.0);
    writeln!(
        text,
        "ratio of first renders: median {:.1}, p10 {:.1}, worst {:.2}",
        at(50),
        at(10),
        at(0)
    )?;
    let mut slower: Vec<&Row> = rows.iter().filter(|row| row.render > row.helm_render).collect();
    slower.sort_by(|a, b| (b.render / b.helm_render).total_cmp(&(a.render / a.helm_render)));
    writeln!(text, "slower than Helm: {}", slower.len())?;
    for row in slower.iter().take(10) {
        let keys = if row.generates_keys { " (keys)" } else { "" };
        writeln!(
            text,
            "  {:<44} {:>8.2} ms, Helm {:>8.2} ms{keys}",
            row.name, row.render, row.helm_render
        )?;
    }
    Ok(text)
}

fn sum(rows: &[&Row], of: impl Fn(&Row) -> f64) -> f64 {
    rows.iter().map(|row| of(row)).sum()
}
