//! `cargo xtask bench render`: every golden case, beside real Helm on the same machine in the same minutes.
//!
//! Each side runs in a process of its own that answers a case's number with a line of JSON; here the lines are put
//! together.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

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
    /// A first render of a chart's first case, in a process that has rendered the charts before it.
    after_others: Option<f64>,
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

    let build = ["bench", "--quiet", "--package", "helm", "--bench", "render"];
    let build = [build.as_slice(), &["--features", "native-crypto"]].concat();
    crate::process::cargo(&[build.as_slice(), &["--no-run"]].concat())?;
    let mut helm = Command::new("python3");
    helm.args(["-c", HELM]).arg(&directory).arg(&runs);
    let mut ours = Command::new("cargo");
    ours.args(build).arg("--").arg(&directory).arg(&runs);
    let mut sides = vec![
        Side::start(helm).context("running Helm (is the package helm-python-sdk installed?)")?,
        Side::start(ours).context("running the engine")?,
    ];
    if with_wasm {
        let modules = crate::preview::ForNode::build()?;
        let mut wasm = Command::new("node");
        wasm.args(["--eval", WASM]).arg(modules.core).arg(modules.extras);
        wasm.arg(&directory).arg(&runs);
        sides.push(Side::start(wasm).context("running the browser's module")?);
    }

    let mut rows = Vec::new();
    for number in numbers {
        // In turn, case by case: whatever else the machine does, it does to all sides.
        let answers = sides
            .iter_mut()
            .map(|side| side.measure(number))
            .collect::<Result<Vec<_>>>()?;
        let (Some(case), [helm, ours, wasm @ ..]) = (index.get(number), answers.as_slice()) else {
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
            after_others: ours.get("render_after_others_ms").and_then(Value::as_f64),
            release: millis(ours, "release_ms"),
            wasm_again: wasm.first().map(|wasm| millis(wasm, "render_again_ms")),
            generates_keys: millis(ours, "keys") > 0.0,
        });
    }
    say(&table(&rows)?);
    Ok(())
}

/// A process that measures the cases it is told, one at a time.
struct Side {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Side {
    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        Ok(Self {
            child,
            input,
            lines: BufReader::new(output).lines(),
        })
    }

    fn measure(&mut self, number: usize) -> Result<Value> {
        writeln!(self.input, "{number}")?;
        self.input.flush()?;
        match self.lines.next() {
            Some(line) => Ok(serde_json::from_str(&line?)?),
            None => bail!("a side ended with {}", self.child.wait()?),
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It has nothing left to say.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
    let after: Vec<&Row> = plain
        .iter()
        .filter(|row| row.after_others.is_some())
        .copied()
        .collect();
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
        (
            "after others",
            sum(&after, |row| row.helm_render),
            sum(&after, |row| row.after_others.unwrap_or(0.0)),
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
        "(after others: {} charts, each rendered for the first time in a process that has rendered those before it)",
        after.len()
    )?;
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
