//! House rules that are code.
//!
//! Each rule says in its message what to do. CONTRIBUTING.md gives the reasons.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{output, say};

/// A file longer than this is split, unless it is a table, generated, or vectors.
const MAX_LINES: usize = 800;

/// The arrows between our crates, drawn in ARCHITECTURE.md: a crate may depend on these and on no other of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("engine", &[]),
    ("helm", &["engine"]),
    ("model", &[]),
    ("client", &["model"]),
    ("search", &[]),
    ("signatures", &["engine"]),
    ("values", &["helm", "engine"]),
    ("cluster", &["helm", "engine"]),
    (
        "backend",
        &[
            "helm",
            "model",
            "engine",
            "cluster",
            "search",
            "signatures",
            "values",
        ],
    ),
    ("app", &["model", "backend"]),
    ("frontend", &["app"]),
    (
        "server",
        &[
            "app",
            "backend",
            "client",
            "cluster",
            "model",
            "helm",
            "engine",
            "signatures",
        ],
    ),
    ("preview", &["engine", "helm", "values"]),
    ("preview-extras", &["engine", "helm"]),
    ("xtask", &["engine", "helm", "preview", "preview-extras"]),
];

/// Crates that only these of ours may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("sqlx", &["backend"]),
    ("kube", &["cluster"]),
    ("k8s-openapi", &["cluster"]),
    // Two, so that the server itself has one client alone: the guarded one. The other is the command line's.
    ("reqwest", &["backend", "client"]),
    ("object_store", &["backend"]),
    ("axum", &["server"]),
    ("leptos_axum", &["server", "app"]),
    ("leptos", &["app", "frontend", "server"]),
];

/// What must never reach the browser. Leptos' own configuration crate brings `regex` into the tree, and the linker takes it
/// out again, so it is not listed.
const NOT_IN_THE_BROWSER: &[&str] = &[
    "tokio",
    "sqlx",
    "reqwest",
    "kube",
    "flate2",
    "tar",
    "helm",
    "engine",
    "backend",
    "client",
    "cluster",
    "schemars",
    "signatures",
];

/// Checks every rule and reports all that is broken.
pub(crate) fn run() -> Result<()> {
    let mut broken = Vec::new();
    let sources = sources()?;
    for path in &sources {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        source_rules(path, &text, &mut broken);
    }
    manifest_rules(&mut broken)?;
    browser_graph(&mut broken);
    migrations(&mut broken)?;
    if broken.is_empty() {
        say(&format!(
            "tidy: {} source files keep the house rules",
            sources.len()
        ));
        return Ok(());
    }
    for line in &broken {
        say(&format!("tidy: {line}"));
    }
    bail!("{} house rules are broken", broken.len())
}

fn source_rules(path: &Path, text: &str, broken: &mut Vec<String>) {
    let shown = path.display();
    if !text.starts_with("//!") && !text.starts_with("#![") {
        broken.push(format!(
            "{shown}: opens with `//!`: what it is, what it is not, where to go next"
        ));
    }
    let n_lines = text.lines().count();
    if n_lines > MAX_LINES && !text.contains("tidy: table") {
        broken.push(format!(
            "{shown}: {n_lines} lines; split it at {MAX_LINES}, or say `tidy: table` in its head"
        ));
    }
    if text
        .lines()
        .any(|line| line.ends_with(' ') || line.ends_with('\t'))
        && !text.contains("tidy: trailing")
    {
        broken.push(format!("{shown}: white space at the end of a line"));
    }
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    if ["utils", "util", "common", "helpers", "misc"].contains(&stem.as_str()) {
        broken.push(format!(
            "{shown}: name the thing; `{stem}` is a question not yet answered"
        ));
    }
    // Split so that this file does not break its own rule.
    for banned in [
        concat!("#[ign", "ore"),
        concat!("#[should_", "panic"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ] {
        if text.contains(banned) {
            broken.push(format!(
                "{shown}: `{banned}` is not used here; assert what happens today, or finish it"
            ));
        }
    }
}

/// Arrows and layers, read from the manifests.
fn manifest_rules(broken: &mut Vec<String>) -> Result<()> {
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for manifest in manifests()? {
        let text = fs::read_to_string(&manifest)?;
        let Some(name) = value_of(&text, "name") else {
            continue;
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            broken.push(format!(
                "{}: `{name}` has no place among the arrows in xtask/src/tidy.rs",
                manifest.display()
            ));
            continue;
        };
        if !text.contains("[lints]\nworkspace = true") {
            broken.push(format!("{}: takes the workspace's lints", manifest.display()));
        }
        for dependency in dependencies(&text) {
            if ours.contains(dependency.as_str()) && !allowed.contains(&dependency.as_str()) {
                broken.push(format!(
                    "{name} -> {dependency}: a new arrow; change the design in ARCHITECTURE.md first"
                ));
            }
            if let Some((_, users)) = LAYERS.iter().find(|(layer, _)| *layer == dependency)
                && !users.contains(&name.as_str())
            {
                broken.push(format!(
                    "{name} -> {dependency}: only {} may use it",
                    users.join(", ")
                ));
            }
        }
    }
    Ok(())
}

/// The names in `[dependencies]` tables, development ones apart: tests of a crate may use anything.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            inside = table.starts_with("dependencies")
                || (table.starts_with("target.") && !table.contains("dev-"));
            continue;
        }
        if inside
            && let Some((name, _)) = line.split_once(['.', '=', ' '])
            && !name.is_empty()
            && !name.starts_with('#')
        {
            found.push(name.trim().to_owned());
        }
    }
    found
}

fn value_of(manifest: &str, key: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.starts_with(key))?;
    line.split('"').nth(1).map(str::to_owned)
}

/// The browser bundle holds no server code.
fn browser_graph(broken: &mut Vec<String>) {
    let args = [
        "tree",
        "-p",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "-e",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{lib}",
    ];
    let Some(tree) = output("cargo", &args) else {
        broken.push("cargo tree -p frontend fails".to_owned());
        return;
    };
    let names: BTreeSet<&str> = tree.lines().map(str::trim).collect();
    for name in NOT_IN_THE_BROWSER.iter().filter(|name| names.contains(*name)) {
        broken.push(format!(
            "the browser bundle contains `{name}`: `cargo tree -p frontend -i {name}` shows the way"
        ));
    }
}

/// Both databases have the same migrations.
fn migrations(broken: &mut Vec<String>) -> Result<()> {
    let list = |database: &str| -> Result<BTreeSet<String>> {
        let folder = Path::new("crates/backend/migrations").join(database);
        if !folder.is_dir() {
            return Ok(BTreeSet::new());
        }
        Ok(folder
            .read_dir()?
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect())
    };
    let (sqlite, postgres) = (list("sqlite")?, list("postgres")?);
    for name in sqlite.symmetric_difference(&postgres) {
        broken.push(format!("migration {name} exists for one database only"));
    }
    Ok(())
}

fn sources() -> Result<Vec<PathBuf>> {
    tracked("*.rs")
}

fn manifests() -> Result<Vec<PathBuf>> {
    let all = tracked("*Cargo.toml")?;
    Ok(all
        .into_iter()
        .filter(|path| path.parent().is_some_and(|parent| !parent.as_os_str().is_empty()))
        .collect())
}

/// Files that git tracks or would track.
fn tracked(pattern: &str) -> Result<Vec<PathBuf>> {
    let args = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        pattern,
    ];
    let listed = output("git", &args).context("git ls-files")?;
    Ok(listed
        .lines()
        .map(PathBuf::from)
        .filter(|path| path.is_file())
        .collect())
}
