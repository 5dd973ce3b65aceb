//! Bundles the editor of values (`frontend/editor`) with esbuild, and runs its tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// The bundle's scripts: the name in the site, and the module it begins with.
pub(crate) const SCRIPTS: [(&str, &str); 2] = [("editor.js", "main.js"), ("editor-worker.js", "worker.js")];

/// What the oldest browsers that the style sheet is made for understand.
const TARGET: &str = "es2022";

fn folder() -> PathBuf {
    process::workspace_root().join("frontend/editor")
}

/// Bundles one script after another; the folder that holds them, each under the name of its module.
pub(crate) fn bundle(is_minified: bool) -> Result<PathBuf> {
    process::npm_packages(&folder())?;
    let out = process::target_dir().join("editor");
    let mut esbuild = Command::new(folder().join("node_modules/.bin/esbuild"));
    esbuild.current_dir(folder());
    esbuild.args(SCRIPTS.map(|(_, module)| format!("src/{module}")));
    esbuild.args([
        "--bundle",
        "--format=esm",
        "--charset=utf8",
        "--log-level=warning",
    ]);
    esbuild.arg(format!("--target={TARGET}"));
    esbuild.arg(format!("--outdir={}", absolute(&out)?.display()));
    if is_minified {
        esbuild.args(["--minify", "--legal-comments=none"]);
    }
    process::run_command(&mut esbuild)?;
    Ok(out)
}

/// The tests of what needs no browser.
pub(crate) fn test() -> Result<()> {
    if !process::has("node") {
        bail!("Node.js is needed for the tests of the editor");
    }
    process::npm_packages(&folder())?;
    process::run_command(Command::new("node").current_dir(folder()).args(["--test"]))
}

/// esbuild runs in another folder.
fn absolute(path: &Path) -> Result<PathBuf> {
    Ok(std::path::absolute(path)?)
}
