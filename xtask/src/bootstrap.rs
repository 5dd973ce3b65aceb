//! Installs what building and testing need and a fresh machine lacks. A second call finds everything and does nothing.
//!
//! Each step says what it does before it does it. Each tries the ordinary way first and then, on Debian and its kin, apt.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{self, has, output, say};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The name under which Debian's compiler is linked into rustup.
const DEBIAN_TOOLCHAIN: &str = "debian";

/// What `build` needs.
pub(crate) fn for_build() -> Result<()> {
    wasm_std()
}

/// What `test` needs on top of `build`: a browser, its driver, a PostgreSQL server, nginx and GnuPG.
pub(crate) fn everything() -> Result<()> {
    for_build()?;
    clippy_and_fmt()?;
    chromium()?;
    postgresql()?;
    nginx()?;
    gnupg()?;
    npm_packages()
}

/// The toolchain that can build for the browser, as a `+toolchain` argument for cargo; `None` is the default one.
pub(crate) fn wasm_toolchain() -> Option<String> {
    if has_wasm_std(None) {
        return None;
    }
    has_wasm_std(Some(DEBIAN_TOOLCHAIN)).then(|| format!("+{DEBIAN_TOOLCHAIN}"))
}

fn sysroot(toolchain: Option<&str>) -> Option<PathBuf> {
    let plus = toolchain.map(|name| format!("+{name}"));
    let mut args: Vec<&str> = plus.as_deref().into_iter().collect();
    args.extend(["--print", "sysroot"]);
    output("rustc", &args).map(PathBuf::from)
}

fn has_wasm_std(toolchain: Option<&str>) -> bool {
    let Some(sysroot) = sysroot(toolchain) else {
        return false;
    };
    let Ok(entries) = sysroot
        .join("lib/rustlib")
        .join(WASM_TARGET)
        .join("lib")
        .read_dir()
    else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

fn wasm_std() -> Result<()> {
    if has_wasm_std(None) || has_wasm_std(Some(DEBIAN_TOOLCHAIN)) {
        return Ok(());
    }
    if has("rustup") {
        say(&format!(
            "bootstrap: adding Rust's standard library for {WASM_TARGET}"
        ));
        let added = process::run_within(
            Command::new("rustup").args(["target", "add", WASM_TARGET]),
            Duration::from_secs(120),
        );
        match added {
            Ok(()) if has_wasm_std(None) => return Ok(()),
            Ok(()) => {}
            Err(error) => say(&format!("bootstrap: {error:#}; trying Debian's compiler instead")),
        }
    }
    debian_wasm_std().with_context(|| {
        format!("this machine has no Rust standard library for {WASM_TARGET}; `rustup target add {WASM_TARGET}` adds it")
    })
}

/// Debian ships a compiler and the library's sources but no wasm32 library: build it once.
fn debian_wasm_std() -> Result<()> {
    say(
        "bootstrap: installing Debian's Rust compiler and building the wasm32 standard library (once, about a minute)",
    );
    apt_install(&[
        "rustc-web",
        "cargo-web",
        "rust-web-src",
        "rust-web-llvm",
        "lld-22",
    ])?;
    if has("rustup") {
        process::run("rustup", &["toolchain", "link", DEBIAN_TOOLCHAIN, "/usr"])?;
    }
    let scratch = process::target_dir().join("wasm-std");
    std::fs::create_dir_all(scratch.join("src"))?;
    std::fs::write(
        scratch.join("Cargo.toml"),
        "[package]\nname = \"wasm-std\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    std::fs::write(scratch.join("src/lib.rs"), "")?;
    // Bitcode must be embedded or fat LTO of the browser bundle fails with "Can't find section .llvmbc".
    process::run_command(
        Command::new("/usr/bin/cargo")
            .current_dir(&scratch)
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-C embed-bitcode=yes")
            .env("CARGO_TARGET_DIR", scratch.join("target"))
            .args([
                "build",
                "--release",
                "-Zbuild-std=std,panic_abort,panic_unwind",
                "--target",
                WASM_TARGET,
            ]),
    )?;
    let sysroot =
        output("/usr/bin/rustc", &["--print", "sysroot"]).context("asking Debian's rustc for its sysroot")?;
    let library = PathBuf::from(sysroot)
        .join("lib/rustlib")
        .join(WASM_TARGET)
        .join("lib");
    std::fs::create_dir_all(&library)?;
    let built = scratch.join("target").join(WASM_TARGET).join("release/deps");
    for entry in built.read_dir()?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libwasm_std") {
            std::fs::copy(entry.path(), library.join(name))?;
        }
    }
    if has_wasm_std(Some(DEBIAN_TOOLCHAIN)) || has_wasm_std(None) {
        return Ok(());
    }
    bail!(
        "the wasm32 standard library was built but rustc does not find it in {}",
        library.display()
    )
}

fn clippy_and_fmt() -> Result<()> {
    for (component, program) in [("clippy", "cargo-clippy"), ("rustfmt", "rustfmt")] {
        if output(program, &["--version"]).is_none() {
            say(&format!("bootstrap: adding {component}"));
            process::run("rustup", &["component", "add", component])?;
        }
    }
    Ok(())
}

/// The Chromium that the end-to-end tests drive.
pub(crate) fn chromium_path() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHARTROOM_CHROMIUM") {
        return Some(PathBuf::from(path));
    }
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find(|name| has(name))
        .map(PathBuf::from)
}

fn chromium() -> Result<()> {
    if chromium_path().is_some() {
        return Ok(());
    }
    say("bootstrap: installing Chromium for the end-to-end tests");
    apt_install(&["chromium"]).context("the end-to-end tests need Chromium; set CHARTROOM_CHROMIUM to one")
}

/// The folder of PostgreSQL's server programs.
pub(crate) fn postgresql_bin() -> Option<PathBuf> {
    if has("initdb") {
        return Some(PathBuf::new());
    }
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .find(|bin| bin.join("initdb").is_file())
}

fn postgresql() -> Result<()> {
    if postgresql_bin().is_some() {
        return Ok(());
    }
    say("bootstrap: installing PostgreSQL for the tests of the store");
    apt_install(&["postgresql"])
}

fn nginx() -> Result<()> {
    if has("nginx") || PathBuf::from("/usr/sbin/nginx").is_file() {
        return Ok(());
    }
    say("bootstrap: installing nginx for the tests behind a proxy");
    apt_install(&["nginx-light"])
}

fn gnupg() -> Result<()> {
    if has("gpg") {
        return Ok(());
    }
    say("bootstrap: installing GnuPG for the tests of signed charts");
    apt_install(&["gnupg"])
}

fn npm_packages() -> Result<()> {
    process::npm_packages(&process::workspace_root().join("end2end"))
}

fn apt_install(packages: &[&str]) -> Result<()> {
    if !has("apt-get") {
        bail!(
            "install {} with this system's package manager, then run the command again",
            packages.join(", ")
        );
    }
    let is_root = output("id", &["-u"]).as_deref() == Some("0");
    let apt = |args: &[&str]| -> Result<()> {
        let mut command = if is_root {
            Command::new("apt-get")
        } else {
            let mut command = Command::new("sudo");
            command.arg("apt-get");
            command
        };
        process::run_command(command.env("DEBIAN_FRONTEND", "noninteractive").args(args))
    };
    apt(&["update", "-qq"])?;
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
    args.extend(packages);
    apt(&args)
}
