//! Builds `preview`, the engine for a Web Worker, and binds it to JavaScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow};

use crate::{bootstrap, process};

/// Who loads the module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A worker, which hands the wasm's address to the script's default export.
    Web,
    /// Node's `require`.
    Node,
}

/// Where the size and the speed of this module are weighed, in the workspace's Cargo.toml.
const PROFILE: &str = "wasm-engine";

/// Builds the module; returns the script that loads it. The wasm lies beside it as `preview_bg.wasm`.
pub(crate) fn build(target: Target) -> Result<PathBuf> {
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
    let folder = match target {
        Target::Web => "web",
        Target::Node => "node",
    };
    let bound = process::target_dir().join("preview").join(folder);
    bind(&wasm, &bound, target)?;
    let extension = match target {
        Target::Web => "js",
        // Whatever a package.json around it says.
        Target::Node => "cjs",
    };
    let script = bound.join(format!("preview.{extension}"));
    if target == Target::Node {
        fs::rename(bound.join("preview.js"), &script)?;
    }
    Ok(script)
}

fn bind(wasm: &Path, bound: &Path, target: Target) -> Result<()> {
    if bound.exists() {
        fs::remove_dir_all(bound)?;
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("preview")
        .typescript(target == Target::Web);
    match target {
        // Without names a crash in Node could not be found.
        Target::Node => bindgen.nodejs(true).map_err(|error| anyhow!("{error}"))?,
        Target::Web => bindgen
            .web(true)
            .map_err(|error| anyhow!("{error}"))?
            .remove_name_section(true)
            .remove_producers_section(true),
    };
    bindgen.generate(bound).map_err(|error| anyhow!("{error:#}"))
}
