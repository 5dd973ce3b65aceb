//! The wasm module, in a Node process that reads requests and writes answers, a line of JSON each.
//!
//! A module that traps is broken for good, so the process ends with it, and the next question starts another.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use preview::{RenderRequest, Rendering};
use preview_extras::StoredRelease;
use serde_json::{Value, json};

use super::engine::{ChartId, Engine, crashed};
use crate::preview::ForNode;

/// The other side of the pipe.
const SCRIPT: &str = include_str!("node.cjs");

/// No case needs nearly as long, keys included.
const TIMEOUT: Duration = Duration::from_secs(300);

/// The modules behind their pipe.
///
/// Two processes that take turns wait for each other more than they work, so a chart travels with its first render, and
/// nobody waits for one to be forgotten.
pub(crate) struct Node {
    modules: ForNode,
    process: Option<Process>,
    charts: HashMap<ChartId, Chart>,
    next: u64,
}

struct Chart {
    /// The message that loads it, also after a crash.
    load: Value,
    is_loaded: bool,
}

struct Process {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Node {
    pub(crate) fn start(modules: ForNode) -> Result<Self> {
        let mut node = Self {
            modules,
            process: None,
            charts: HashMap::new(),
            next: 0,
        };
        node.process()?;
        Ok(node)
    }

    /// The process that runs, or a new one.
    fn process(&mut self) -> Result<&mut Process> {
        if self.process.is_none() {
            self.process = Some(Process::start(&self.modules)?);
            self.charts.values_mut().for_each(|chart| chart.is_loaded = false);
        }
        self.process.as_mut().context("a process was just started")
    }

    /// The answer's `ok`, or its `error`, or how the process ended.
    fn ask(&mut self, message: &Value) -> Result<Value, String> {
        let asked = self.process().and_then(|process| process.ask(message));
        match asked {
            Ok(mut answer) => {
                if answer.get("crash").is_some() {
                    self.process = None;
                }
                match answer.get_mut("ok") {
                    Some(ok) => Ok(ok.take()),
                    None => Err(refusal(&answer)),
                }
            }
            Err(error) => {
                self.process = None;
                Err(format!("crash: {error:#}"))
            }
        }
    }

    /// How many charts asked for the second module, in words.
    pub(crate) fn extras_needed(&mut self) -> Result<String> {
        let counts = self
            .ask(&json!({"op": "extrasNeeded"}))
            .map_err(anyhow::Error::msg)?;
        Ok(format!(
            "second module: asked for by {} of {} charts",
            counts["needing"], counts["loaded"]
        ))
    }

    /// A chart that does not load fails in each of its renders, with the words of the refusal.
    fn load_with(&mut self, mut load: Value) -> Result<ChartId, String> {
        self.next += 1;
        let id = ChartId(self.next);
        if let Some(load) = load.as_object_mut() {
            load.insert("chart".to_owned(), id.0.into());
        }
        let is_loaded = false;
        self.charts.insert(id, Chart { load, is_loaded });
        Ok(id)
    }

    /// The message that renders a chart, and that loads it before where it is not loaded.
    fn render_message(&mut self, id: ChartId, request: &RenderRequest) -> Result<Value> {
        let request = serde_json::to_string(request)?;
        let mut message = json!({"op": "render", "chart": id.0, "request": request});
        self.process()?;
        let chart = self.charts.get_mut(&id).context("a chart that is not there")?;
        if !chart.is_loaded {
            chart.is_loaded = true;
            message["load"] = chart.load.clone();
        }
        Ok(message)
    }
}

fn refusal(answer: &Value) -> String {
    let text = |field: &str| answer.get(field).and_then(Value::as_str);
    match (text("error"), text("crash")) {
        (Some(error), _) => error.to_owned(),
        (None, Some(crash)) => format!("crash: {crash}"),
        (None, None) => format!("crash: an answer without meaning: {answer}"),
    }
}

impl Process {
    fn start(modules: &ForNode) -> Result<Self> {
        let mut child = Command::new("node")
            .arg("--eval")
            .arg(SCRIPT)
            .arg(&modules.core)
            .arg(&modules.extras)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting Node")?;
        let input = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        let (sender, lines) = channel();
        // Reading has its own thread so that waiting can end.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { break };
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, lines })
    }

    fn tell(&mut self, message: &Value) -> Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.input.write_all(&line).context("Node takes no more")?;
        Ok(self.input.flush()?)
    }

    fn ask(&mut self, message: &Value) -> Result<Value> {
        self.tell(message)?;
        match self.lines.recv_timeout(TIMEOUT) {
            Ok(line) => serde_json::from_str(&line).context("Node's answer is not JSON"),
            Err(RecvTimeoutError::Timeout) => anyhow::bail!("no answer within {} s", TIMEOUT.as_secs()),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("Node ended with {}", self.child.wait()?),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Engine for Node {
    fn load(&mut self, archive: &[u8]) -> Result<ChartId, String> {
        self.load_with(json!({"archive": STANDARD.encode(archive)}))
    }

    fn load_directory(&mut self, files: BTreeMap<String, String>) -> Result<ChartId, String> {
        let files = serde_json::to_string(&files).map_err(|error| error.to_string())?;
        self.load_with(json!({"files": files}))
    }

    fn render(&mut self, chart: ChartId, request: &RenderRequest) -> Rendering {
        let message = self.render_message(chart, request);
        let answer = message.map_err(|error| format!("crash: {error:#}"));
        let answer = answer.and_then(|message| self.ask(&message));
        let read =
            answer.and_then(|answer| serde_json::from_value(answer).map_err(|error| error.to_string()));
        read.unwrap_or_else(crashed)
    }

    fn forget(&mut self, chart: ChartId) {
        let was_loaded = self.charts.remove(&chart).is_some_and(|chart| chart.is_loaded);
        // A process that ended has forgotten it already.
        if was_loaded && let Some(process) = &mut self.process {
            // If that fails, so does the next question.
            let _ = process.tell(&json!({"op": "forget", "chart": chart.0}));
        }
    }

    fn check_release_name(&mut self, name: &str) -> Result<(), String> {
        self.ask(&json!({"op": "checkReleaseName", "name": name}))
            .map(|_| ())
    }

    fn set_values(&mut self, flag: &str, expression: &str) -> Result<Value, String> {
        self.ask(&json!({"op": "setValues", "flag": flag, "expression": expression}))
    }

    fn read_release(
        &mut self,
        payload: &str,
        (moment, seconds): (&str, i64),
    ) -> Result<StoredRelease, String> {
        let message = json!({"op": "readRelease", "payload": payload, "moment": moment, "seconds": seconds});
        serde_json::from_value(self.ask(&message)?).map_err(|error| error.to_string())
    }
}
