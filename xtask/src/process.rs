//! Running other programs and talking to the person at the terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn workspace_root() -> PathBuf {
    // Asked when it runs: checkouts that share a target folder share this program, too.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map(PathBuf::from).unwrap_or(xtask)
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => workspace_root().join("target"),
    }
}

/// Prints one line for the person who waits.
#[expect(clippy::print_stdout, reason = "xtask is a command line program")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Runs `program`, shows what it prints, and fails when it does.
pub(crate) fn run(program: &str, args: &[&str]) -> Result<()> {
    run_command(Command::new(program).args(args))
}

/// Runs a prepared command, shows what it prints, and fails when it does.
pub(crate) fn run_command(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("starting `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Installs the npm packages of a folder as its lock file says, unless they are there.
pub(crate) fn npm_packages(folder: &Path) -> Result<()> {
    if !has("npm") {
        bail!("Node.js with npm is needed for {}", folder.display());
    }
    let lock = folder.join("package-lock.json");
    let stamp = folder.join("node_modules/.package-lock.json");
    let is_current = match (std::fs::metadata(&lock), std::fs::metadata(&stamp)) {
        (Ok(lock), Ok(stamp)) => stamp.modified()? >= lock.modified()?,
        _ => false,
    };
    if is_current || !lock.is_file() {
        return Ok(());
    }
    say(&format!(
        "bootstrap: installing the npm packages of {}",
        folder.display()
    ));
    run_command(
        Command::new("npm")
            .current_dir(folder)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .args(["ci", "--no-fund", "--no-audit"]),
    )
}

/// Runs cargo in the workspace.
pub(crate) fn cargo(args: &[&str]) -> Result<()> {
    run("cargo", args)
}

/// What `program` prints, or `None` where it cannot be run or fails.
pub(crate) fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command that may hang (a download on a closed network, say), and ends it after `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let shown = shown(command);
    let mut child = command.spawn().with_context(|| format!("starting `{shown}`"))?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            bail!("`{shown}` ended with {status}");
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("`{shown}` did not end within {} s", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a program of this name is on the PATH.
pub(crate) fn has(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn shown(command: &Command) -> String {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        shown.push(' ');
        shown.push_str(&arg.to_string_lossy());
    }
    shown
}

/// The program as it was built last, of the release rather than of the debug profile.
pub(crate) fn built_chartroom() -> Result<PathBuf> {
    let built = ["release", "debug"].map(|profile| target_dir().join(profile).join("chartroom"));
    let found = built.into_iter().find(|path| path.is_file());
    found.context("there is no chartroom to compare; `cargo xtask build` makes one")
}
