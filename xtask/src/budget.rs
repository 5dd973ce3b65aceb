//! Size budgets of what the browser loads and of the binary; a build over budget fails the tests.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{process, site};

/// JavaScript, wasm and CSS of a reading page, brotli.
const READING_PAGE_BYTES: u64 = 200 * 1024;
/// The module with engine and desk, script included, brotli: what a page that edits values loads in workers.
const ENGINE_BYTES: u64 = 582 * 1024;
/// The module with what few charts need, script included, brotli.
const ENGINE_EXTRAS_BYTES: u64 = 423 * 1024;
/// The editor of values with its worker's script and its style sheet, brotli: what such a page loads besides.
const EDITOR_BYTES: u64 = 142 * 1024;
/// The one file that is deployed.
const BINARY_BYTES: u64 = 60 * 1024 * 1024;

/// Checks the built site.
pub(crate) fn site() -> Result<()> {
    let manifest = fs::read(site::folder().join("manifest.json")).context("the site is not built")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    let total = |names: &[&str]| -> Result<u64> {
        let mut total = 0;
        for name in names {
            let file = manifest[name]
                .as_str()
                .with_context(|| format!("the site has no {name}"))?;
            let plain = site::folder().join("assets").join(file);
            // What compressing does not make smaller travels as it is.
            let packed = fs::metadata(format!("{}.br", plain.display()));
            let size = packed.or_else(|_| fs::metadata(&plain))?.len();
            process::say(&format!("budget: {name} {size} bytes (brotli)"));
            total += size;
        }
        Ok(total)
    };
    within(
        "JavaScript, wasm and CSS of a reading page (brotli)",
        total(&["chartroom.js", "chartroom.wasm", "chartroom.css"])?,
        READING_PAGE_BYTES,
    )?;
    within(
        "the engine's module (brotli)",
        total(&["preview.js", "preview.wasm"])?,
        ENGINE_BYTES,
    )?;
    within(
        "the engine's second module (brotli)",
        total(&["preview-extras.js", "preview-extras.wasm"])?,
        ENGINE_EXTRAS_BYTES,
    )?;
    within(
        "the editor of values (brotli)",
        total(&["editor.js", "editor-worker.js", "editor.css"])?,
        EDITOR_BYTES,
    )
}

/// Checks the release binary.
pub(crate) fn binary() -> Result<()> {
    let size = fs::metadata(process::target_dir().join("release/chartroom"))?.len();
    within("the binary", size, BINARY_BYTES)
}

fn within(what: &str, size: u64, limit: u64) -> Result<()> {
    process::say(&format!("budget: {what}: {size} of {limit} bytes"));
    if size > limit {
        bail!("{what}: {size} bytes are more than the budget of {limit}");
    }
    Ok(())
}
