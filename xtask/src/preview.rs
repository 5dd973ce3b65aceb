//! Builds the engine for a Web Worker and binds it to JavaScript: for the site, and for Node, where it is compared.
//!
//! It is two modules. The first renders nearly every chart; the second has the cryptography and the checks by JSON
//! Schema that some charts need.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, anyhow};

use crate::{bootstrap, process};

/// One of the two modules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Module {
    /// What its files are called.
    pub(crate) name: &'static str,
    package: &'static str,
    /// Without those of the package that are on by default.
    without_features: bool,
}

pub(crate) const CORE: Module = Module {
    name: "preview",
    package: "preview",
    without_features: true,
};

pub(crate) const EXTRAS: Module = Module {
    name: "preview-extras",
    package: "preview-extras",
    without_features: false,
};

/// Where size and speed of the modules are weighed, in the workspace's Cargo.toml.
const PROFILE: &str = "wasm-engine";

/// Who loads a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loader {
    Node,
    Browser,
}

impl Module {
    /// Compiles the module and binds it; returns the script, beside which lies `<name>_bg.wasm`.
    ///
    /// Cargo runs once for each module: in one run, the features of the second would be those of the first, too.
    pub(crate) fn build(&self, loader: Loader) -> Result<PathBuf> {
        bootstrap::for_build()?;
        let mut cargo = Command::new("cargo");
        if let Some(toolchain) = bootstrap::wasm_toolchain() {
            cargo.arg(toolchain);
        }
        cargo.args(["build", "--quiet", "--lib", "--package", self.package]);
        if self.without_features {
            cargo.arg("--no-default-features");
        }
        cargo.args(["--target", "wasm32-unknown-unknown", "--profile", PROFILE]);
        process::run_command(&mut cargo)?;
        self.bind(loader)
    }

    fn bind(&self, loader: Loader) -> Result<PathBuf> {
        let wasm = process::target_dir()
            .join("wasm32-unknown-unknown")
            .join(PROFILE)
            .join(format!("{}.wasm", self.package.replace('-', "_")));
        let bound = process::target_dir().join(match loader {
            Loader::Node => format!("{}-node", self.name),
            Loader::Browser => self.name.to_owned(),
        });
        if bound.exists() {
            fs::remove_dir_all(&bound)?;
        }
        let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
        bindgen.input_path(wasm).out_name(self.name).typescript(false);
        let bindgen = match loader {
            // Names are kept: without them a crash could not be found.
            Loader::Node => bindgen.nodejs(true),
            Loader::Browser => bindgen
                .web(true)
                .map(|bindgen| bindgen.remove_name_section(true).remove_producers_section(true)),
        };
        bindgen
            .and_then(|bindgen| bindgen.generate(&bound))
            .map_err(|error| anyhow!("{error:#}"))?;
        let script = bound.join(format!("{}.js", self.name));
        if loader != Loader::Node {
            return Ok(script);
        }
        // Whatever a package.json around it says.
        let common = script.with_extension("cjs");
        fs::rename(script, &common)?;
        Ok(common)
    }
}

/// Both modules for Node.
#[derive(Debug, Clone)]
pub(crate) struct ForNode {
    pub(crate) core: PathBuf,
    pub(crate) extras: PathBuf,
}

impl ForNode {
    pub(crate) fn build() -> Result<Self> {
        Ok(Self {
            core: CORE.build(Loader::Node)?,
            extras: EXTRAS.build(Loader::Node)?,
        })
    }
}
