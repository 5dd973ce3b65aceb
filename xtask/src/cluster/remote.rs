//! A socket over which tests in other processes take the API server away and give it back.
//!
//! A line is a command, [`COMMANDS`] lists them; the answer is a line, `done` or what went wrong. `done` after a start
//! means that the server is ready.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::{Context, Result, bail};

use super::plane::Plane;

type Command = (&'static str, fn(&Plane) -> Result<()>);

/// What may be asked.
const COMMANDS: &[Command] = &[
    ("stop-api-server", Plane::stop_api_server),
    ("kill-api-server", Plane::kill_api_server),
    ("start-api-server", Plane::start_api_server),
    ("restart-api-server", Plane::restart_api_server),
];

/// Listens until the plane is gone.
pub(super) fn serve(path: &Path, plane: Weak<Plane>) -> Result<()> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)
        .with_context(|| format!("listening on {} (the path of a socket is short)", path.display()))?;
    // One at a time: two starts at once would be two servers.
    let turn = Arc::new(Mutex::new(plane));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let turn = Arc::clone(&turn);
            std::thread::spawn(move || answer(&stream, &turn));
        }
    });
    Ok(())
}

fn answer(stream: &UnixStream, turn: &Mutex<Weak<Plane>>) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let plane = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match obey(line.trim(), &plane) {
            Ok(()) => "done".to_owned(),
            Err(error) => format!("{error:#}").replace('\n', " "),
        };
        drop(plane);
        // A client that does not wait for its answer needs none.
        if writeln!(&*stream, "{answer}").is_err() {
            return;
        }
    }
}

fn obey(wanted: &str, plane: &Weak<Plane>) -> Result<()> {
    let Some((_, command)) = COMMANDS.iter().find(|(name, _)| *name == wanted) else {
        let known: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
        bail!("there is no command `{wanted}`; there are {}", known.join(", "));
    };
    command(&*plane.upgrade().context("the cluster is being stopped")?)
}
