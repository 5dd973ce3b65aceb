//! The wasm module, in a Node process that reads requests and writes answers, a line of JSON each.
//!
//! A module that traps is broken for good, so the process ends with it, and the next question starts another.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use preview::{RenderRequest, Rendering, StoredRelease};
use serde_json::{Value, json};

use super::engine::{ChartId, Engine, crashed};

/// The other side of the pipe.
const SCRIPT: &str = include_str!("node.cjs");

/// No case needs nearly as long, keys included.
const TIMEOUT: Duration = Duration::from_secs(300);

/// The module behind its pipe.
pub(crate) struct Node {
    /// What wasm-bindgen made for Node.
    module: PathBuf,
    process: Option<Process>,
    /// How each chart was loaded, to load it again after a crash.
    charts: HashMap<ChartId, Value>,
    next: u64,
}

struct Process {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Node {
    pub(crate) fn start(module: PathBuf) -> Result<Self> {
        let mut node = Self {
            module,
            process: None,
            charts: HashMap::new(),
            next: 0,
        };
        node.process()?;
        Ok(node)
    }

    /// The process that runs, or a new one with all charts loaded.
    fn process(&mut self) -> Result<&mut Process> {
        if self.process.is_none() {
            let mut process = Process::start(&self.module)?;
            for message in self.charts.values() {
                process.ask(message)?;
            }
            self.process = Some(process);
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

    fn load_with(&mut self, mut message: Value) -> Result<ChartId, String> {
        self.next += 1;
        let id = ChartId(self.next);
        if let Some(message) = message.as_object_mut() {
            message.insert("chart".to_owned(), id.0.into());
        }
        self.ask(&message)?;
        self.charts.insert(id, message);
        Ok(id)
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
    fn start(module: &PathBuf) -> Result<Self> {
        let mut child = Command::new("node")
            .arg("--eval")
            .arg(SCRIPT)
            .arg(module)
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

    fn ask(&mut self, message: &Value) -> Result<Value> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.input.write_all(&line).context("Node takes no more")?;
        self.input.flush()?;
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
        self.load_with(json!({"op": "load", "archive": STANDARD.encode(archive)}))
    }

    fn load_directory(&mut self, files: BTreeMap<String, String>) -> Result<ChartId, String> {
        let files = serde_json::to_string(&files).map_err(|error| error.to_string())?;
        self.load_with(json!({"op": "loadDirectory", "files": files}))
    }

    fn render(&mut self, chart: ChartId, request: &RenderRequest) -> Rendering {
        let answer = serde_json::to_string(request)
            .map_err(|error| error.to_string())
            .and_then(|request| self.ask(&json!({"op": "render", "chart": chart.0, "request": request})));
        let read =
            answer.and_then(|answer| serde_json::from_value(answer).map_err(|error| error.to_string()));
        read.unwrap_or_else(crashed)
    }

    fn forget(&mut self, chart: ChartId) {
        self.charts.remove(&chart);
        // A process that ended has forgotten it already.
        if self.process.is_some() {
            let _ = self.ask(&json!({"op": "forget", "chart": chart.0}));
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
