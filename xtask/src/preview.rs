//! Builds `preview`, the engine for a Web Worker, and binds it to JavaScript: so far for Node, where it is compared.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, anyhow};

use crate::{bootstrap, process};

/// Where the size and the speed of this module are weighed, in the workspace's Cargo.toml.
const PROFILE: &str = "wasm-engine";

/// Builds the module; returns the script that Node requires. The wasm lies beside it as `preview_bg.wasm`.
pub(crate) fn build() -> Result<PathBuf> {
    bootstrap::for_build()?;
    let mut cargo = Command::new("cargo");
    if let Some(toolchain) = bootstrap::wasm_toolchain() {
        cargo.arg(toolchain);
    }
    cargo.args(["build", "--quiet", "--package", "preview", "--lib"]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--profile", PROFILE]);
    process::run_command(&mut cargo)?;
    let wasm = process::target_dir()
        .join("wasm32-unknown-unknown")
        .join(PROFILE)
        .join("preview.wasm");
    let bound = process::target_dir().join("preview");
    if bound.exists() {
        fs::remove_dir_all(&bound)?;
    }
    // Names are kept: without them a crash could not be found.
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(wasm)
        .out_name("preview")
        .typescript(false)
        .nodejs(true)
        .and_then(|bindgen| bindgen.generate(&bound))
        .map_err(|error| anyhow!("{error:#}"))?;
    // Whatever a package.json around it says.
    let script = bound.join("preview.cjs");
    fs::rename(bound.join("preview.js"), &script)?;
    Ok(script)
}
