//! Serving while people work: the release binary once, or a debug build that follows the sources.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::process::{self, cargo, say};
use crate::{bootstrap, site};

/// Folders whose files make up the product.
const WATCHED: &[&str] = &[
    "app", "crates", "frontend", "public", "samples", "server", "style",
];

/// Serves the release binary with `./data` as data directory until it ends.
pub(crate) fn serve_release(args: &[String]) -> Result<()> {
    let binary = process::target_dir().join("release/chartroom");
    process::run_command(
        Command::new(binary)
            .args(["serve", "--data-dir", "data"])
            .args(args),
    )
}

/// Serves a debug build; rebuilds and restarts it when a source file changes.
///
/// A build that fails leaves the last good server running. Open pages notice the restart and reload themselves.
pub(crate) fn watch() -> Result<()> {
    bootstrap::for_build()?;
    let mut seen = None;
    let mut server: Option<Child> = None;
    loop {
        let newest = newest_change(WATCHED.iter().map(PathBuf::from).collect());
        if seen != Some(newest) {
            seen = Some(newest);
            match build_debug() {
                Ok(()) => {
                    if let Some(mut old) = server.take() {
                        old.kill()?;
                        old.wait()?;
                    }
                    server = Some(
                        Command::new(process::target_dir().join("debug/chartroom"))
                            .args(["serve", "--data-dir", "data"])
                            .spawn()?,
                    );
                    say("dev: serving http://127.0.0.1:8080");
                }
                Err(error) => say(&format!("dev: {error:#}; waiting for the next change")),
            }
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn build_debug() -> Result<()> {
    site::build(site::Profile::Dev)?;
    cargo(&["build", "--package", "server"])
}

fn newest_change(mut open: Vec<PathBuf>) -> SystemTime {
    let mut newest = SystemTime::UNIX_EPOCH;
    while let Some(folder) = open.pop() {
        let Ok(entries) = Path::new(&folder).read_dir() else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                // Packages change with their lock file, which is watched.
                if entry.file_name() != "node_modules" {
                    open.push(entry.path());
                }
            } else if let Ok(modified) = metadata.modified() {
                newest = newest.max(modified);
            }
        }
    }
    newest
}
