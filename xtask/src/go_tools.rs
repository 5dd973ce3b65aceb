//! Programs in Go that tests run beside ours: real Helm.
//!
//! Each is pinned by a module of its own in `end2end/cluster` (go.mod and go.sum), built once into the user's cache and
//! found there afterwards. What changes its outcome is in the name of its folder, so nothing is ever out of date.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use sha2::{Digest as _, Sha256};

use crate::process::{self, say};

/// A Go program that is built from a pinned module.
pub(crate) struct Tool {
    /// Of the program, and of its module's folder in `end2end/cluster`.
    name: &'static str,
    /// The module whose version is the tool's.
    module: &'static str,
    /// The package of its `main`, as seen from the folder.
    package: &'static str,
}

/// The Helm whose command line, releases and output ours follow.
///
/// Its version is not set: what the conformance data holds was printed by a build that calls itself `v4.3`, as templates see.
pub(crate) const HELM_4: Tool = Tool {
    name: "helm4",
    module: "helm.sh/helm/v4",
    package: "helm.sh/helm/v4/cmd/helm",
};

impl Tool {
    /// The program, built if the cache has none of these sources: minutes the first time, and a network.
    pub(crate) fn program(&self) -> Result<PathBuf> {
        let sources = process::workspace_root().join("end2end/cluster").join(self.name);
        let go_mod = read(&sources.join("go.mod"))?;
        let version = required_version(&go_mod, self.module)?;
        let linker = "-s -w";
        let folder = cache().join(format!(
            "{}-{version}-{}",
            self.name,
            digest(&sources, self.package, linker)?
        ));
        let program = folder.join(self.name);
        if !program.is_file() {
            self.build(&sources, version, linker, &program)?;
        }
        Ok(program)
    }

    fn build(&self, sources: &Path, version: &str, linker: &str, program: &Path) -> Result<()> {
        ensure!(
            process::has("go"),
            "building {} needs Go 1.26 or newer: https://go.dev/dl, or this system's package `golang`",
            self.name
        );
        say(&format!(
            "building {} {version} from its Go module (once, a few minutes)",
            self.name
        ));
        let started = Instant::now();
        let folder = program.parent().context("a tool lives in a folder")?;
        std::fs::create_dir_all(folder)?;
        // Moved when whole: two builds at once must not meet, and one that is killed must not look finished.
        let unfinished = folder.join(format!("unfinished-{}", std::process::id()));
        let built = process::run_command(
            Command::new("go")
                .args([
                    "build",
                    "-mod=readonly",
                    "-trimpath",
                    "-buildvcs=false",
                    "-ldflags",
                ])
                .arg(linker)
                .arg("-o")
                .args([unfinished.as_os_str(), self.package.as_ref()])
                .env("CGO_ENABLED", "0")
                .env("GOWORK", "off")
                .current_dir(sources),
        );
        if built.is_err() {
            std::fs::remove_file(&unfinished).ok();
        }
        built?;
        std::fs::rename(&unfinished, program)?;
        let size = std::fs::metadata(program)?.len() / 1_000_000;
        let seconds = started.elapsed().as_secs_f64();
        say(&format!(
            "built {} {version}: {seconds:.1} s, {size} MB",
            self.name
        ));
        Ok(())
    }
}

/// The version that a go.mod requires of a module.
fn required_version<'m>(go_mod: &'m str, module: &str) -> Result<&'m str> {
    let version = go_mod.lines().find_map(|line| {
        let mut words = line.trim().trim_start_matches("require ").split_whitespace();
        let is_it = words.next() == Some(module);
        words.next().filter(|word| is_it && word.starts_with('v'))
    });
    version.with_context(|| format!("no go.mod line requires {module}"))
}

/// Of everything the program is made from.
fn digest(sources: &Path, package: &str, linker: &str) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut names: Vec<PathBuf> = sources
        .read_dir()?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    names.retain(|path| {
        path.extension()
            .is_some_and(|extension| ["go", "mod", "sum"].iter().any(|known| extension == *known))
    });
    names.sort();
    for name in names {
        let text = read(&name)?;
        hasher.update(text.len().to_le_bytes());
        hasher.update(text);
    }
    hasher.update(package);
    hasher.update(linker);
    let mut shown = String::new();
    for byte in hasher.finalize().iter().take(6) {
        write!(shown, "{byte:02x}")?;
    }
    Ok(shown)
}

/// Where tools are kept: beside what CI keeps of cargo's.
fn cache() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let caches = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")));
    match caches {
        Some(caches) => caches.join("chartroom/tools"),
        None => process::target_dir().join("tools"),
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_go_mod() {
        let go_mod = "module x\n\nrequire helm.sh/helm/v4 v4.3.1\n\nrequire (\n\tk8s.io/client-go v0.37.1 // indirect\n)\n\
                      replace k8s.io/client-go => k8s.io/client-go v0.35.4\n";
        assert_eq!(required_version(go_mod, "helm.sh/helm/v4").unwrap(), "v4.3.1");
        assert_eq!(required_version(go_mod, "k8s.io/client-go").unwrap(), "v0.37.1");
        assert!(required_version(go_mod, "helm.sh/helm").is_err());
    }
}
