//! The page that has charts rendered, the server that it comes from, and the Chromium that shows it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use preview::RenderRequest;
use serde_json::{Value, json};

use crate::preview::{CORE, EXTRAS, Loader};
use crate::{bootstrap, editor, process};

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = "text/javascript";
const WASM: &str = "application/wasm";
/// No chart needs nearly as long, keys included.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A chart, and what is asked of it in this order.
pub(super) struct Job {
    pub(super) archive: PathBuf,
    pub(super) requests: Vec<RenderRequest>,
}

/// What the page answers, by the number of the job; or that it is broken, and how.
type Answered = Result<(usize, Vec<Value>), String>;

/// The page at work.
pub(super) struct Page {
    chromium: Child,
    profile: PathBuf,
    answers: Receiver<Answered>,
}

impl Page {
    /// Builds what the site serves, and opens the page, which begins at once.
    pub(super) fn open(jobs: Vec<Job>) -> Result<Self> {
        let program = bootstrap::chromium_path().context("there is no Chromium")?;
        let (sender, answers) = channel();
        let port = serve(Served {
            files: files()?,
            jobs,
            next: AtomicUsize::new(0),
            sender: Mutex::new(sender),
        })?;
        let profile = std::env::temp_dir().join(format!("chartroom-conformance-{}", std::process::id()));
        let mut chromium = Command::new(program);
        chromium.args([
            "--headless=new",
            "--no-sandbox",
            "--no-first-run",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]);
        chromium.arg(format!("--user-data-dir={}", profile.display()));
        chromium.arg(format!("http://127.0.0.1:{port}/"));
        let chromium = chromium
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting Chromium")?;
        Ok(Self {
            chromium,
            profile,
            answers,
        })
    }

    /// The answers of the next job that is done.
    pub(super) fn next(&self) -> Result<(usize, Vec<Value>)> {
        match self.answers.recv_timeout(TIMEOUT) {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(why)) => bail!("the page is broken: {why}"),
            Err(_) => bail!("the page said nothing for {} s", TIMEOUT.as_secs()),
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // It has nothing left to say.
        let _ = self.chromium.kill();
        let _ = self.chromium.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// Bytes with their type, by path.
type Files = HashMap<&'static str, (&'static str, Vec<u8>)>;

/// What the site embeds, made by the functions that make the site.
fn files() -> Result<Files> {
    let mut files = Files::from([("/", ("text/html", PAGE.as_bytes().to_vec()))]);
    let (core, extras) = (CORE.build(Loader::Browser)?, EXTRAS.build(Loader::Browser)?);
    let editor = editor::bundle(true)?;
    let sources = process::workspace_root().join("frontend/editor/src/sources.js");
    for (address, kind, path) in [
        ("/sources.js", SCRIPT, sources),
        ("/worker.js", SCRIPT, editor.join("worker.js")),
        ("/preview.wasm", WASM, core.with_file_name("preview_bg.wasm")),
        ("/preview.js", SCRIPT, core),
        (
            "/preview-extras.wasm",
            WASM,
            extras.with_file_name("preview-extras_bg.wasm"),
        ),
        ("/preview-extras.js", SCRIPT, extras),
    ] {
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        files.insert(address, (kind, bytes));
    }
    Ok(files)
}

struct Served {
    files: Files,
    jobs: Vec<Job>,
    next: AtomicUsize,
    sender: Mutex<Sender<Answered>>,
}

/// Serves on a free port until the program ends.
fn serve(served: Served) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let served = Arc::new(served);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let served = Arc::clone(&served);
            std::thread::spawn(move || {
                // A page that goes away ends its connection, nothing else.
                let _ = served.answer_all(&stream);
            });
        }
    });
    Ok(port)
}

impl Served {
    fn answer_all(&self, stream: &TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        let mut writer = stream;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
            let mut n_bytes = 0;
            loop {
                line.clear();
                reader.read_line(&mut line)?;
                if line.trim().is_empty() {
                    break;
                }
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("content-length")
                {
                    n_bytes = value.trim().parse()?;
                }
            }
            let mut body = vec![0; n_bytes];
            reader.read_exact(&mut body)?;
            match self.answer(&path, &body)? {
                Some((kind, body)) => {
                    write!(
                        writer,
                        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                        body.len()
                    )?;
                    writer.write_all(&body)?;
                }
                None => write!(writer, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")?,
            }
        }
    }

    fn answer(&self, path: &str, body: &[u8]) -> Result<Option<(&'static str, Vec<u8>)>> {
        if path == "/broken" {
            self.tell(Err(String::from_utf8_lossy(body).into_owned()));
            return Ok(Some(("text/plain", Vec::new())));
        }
        if path == "/next" {
            let mut answered: Value = serde_json::from_slice(body)?;
            if let Some(id) = answered.get("id").and_then(Value::as_u64) {
                let answers = answered.get_mut("answers").map(Value::take);
                let Some(Value::Array(answers)) = answers else {
                    bail!("answers are a list")
                };
                self.tell(Ok((usize::try_from(id)?, answers)));
            }
            return Ok(Some(("application/json", serde_json::to_vec(&self.take()?)?)));
        }
        if let Some(id) = path.strip_prefix("/charts/") {
            let job = self.jobs.get(id.parse::<usize>()?).context("an unknown chart")?;
            return Ok(Some(("application/gzip", std::fs::read(&job.archive)?)));
        }
        let found = self.files.get(path);
        Ok(found.map(|(kind, bytes)| (*kind, bytes.clone())))
    }

    /// The next job, or null.
    fn take(&self) -> Result<Value> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        match self.jobs.get(id) {
            Some(job) => Ok(json!({
                "id": id,
                "archive": format!("/charts/{id}"),
                "requests": serde_json::to_value(&job.requests)?,
            })),
            None => Ok(Value::Null),
        }
    }

    fn tell(&self, answered: Answered) {
        let sender = self
            .sender
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // Nobody listens any more once something was wrong.
        let _ = sender.send(answered);
    }
}
