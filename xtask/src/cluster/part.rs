//! One process of the control plane: started with a log of its own, watched, stopped by its id.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

/// Lines of a log that are shown when something went wrong.
const N_LAST_LINES: usize = 15;
/// From being asked to end to being killed. An API server hears nobody from the first moment on and has soon answered
/// what it had heard, but waits a minute for clients that watch.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks at something that is awaited.
pub(super) const BREATH: Duration = Duration::from_millis(25);

pub(super) struct Part {
    pub(super) name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Part {
    /// Starts a program; what it prints goes to the end of `logs/<name>.log` in the directory.
    pub(super) fn start(
        program: &Path,
        name: &'static str,
        args: &[String],
        directory: &Path,
    ) -> Result<Self> {
        let log = directory.join("logs").join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        let child = Command::new(program)
            .args(args)
            .current_dir(directory)
            // A user's own settings for these programs are for other clusters.
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", directory.join("home"))
            // Held open as long as this process lives: a part ends when it does, however that comes about.
            .env("CONTROL_PLANE_ENDS_WITH_STDIN", "1")
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            // Ctrl-C is for us; they are stopped in their order.
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        Ok(Self { name, child, log })
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// An error with the end of its log if it has ended.
    pub(super) fn ensure_runs(&mut self) -> Result<()> {
        match self.ended() {
            Some(status) => bail!(
                "{} ended with {status}; its last words:\n{}",
                self.name,
                self.last_lines()
            ),
            None => Ok(()),
        }
    }

    /// The end of its log, indented.
    pub(super) fn last_lines(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let first = lines.len().saturating_sub(N_LAST_LINES);
        let shown: Vec<String> = lines.iter().skip(first).map(|line| format!("  {line}")).collect();
        shown.join("\n")
    }

    /// Asks it to end.
    pub(super) fn ask_to_end(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Waits until it has ended, and ends it by force if that takes too long.
    pub(super) fn wait_for_end(&mut self) {
        let started = Instant::now();
        while self.ended().is_none() {
            if started.elapsed() > PATIENCE {
                self.kill();
                return;
            }
            std::thread::sleep(BREATH);
        }
    }

    /// Ends it as a crash would.
    pub(super) fn kill(&mut self) {
        self.signal(Signal::KILL);
        // A killed process ends; waiting only takes its exit code.
        let _ = self.child.wait();
    }

    fn signal(&mut self, signal: Signal) {
        // The id of one that ended may be another's by now; that of one that was not waited for is still its own.
        if self.ended().is_none() {
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }
}
