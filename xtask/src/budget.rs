//! Size budgets of what the browser loads and of the binary; a build over budget fails the tests.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{process, site};

/// JavaScript, wasm and CSS of a reading page, brotli.
const READING_PAGE_BYTES: u64 = 200 * 1024;
/// The one file that is deployed.
const BINARY_BYTES: u64 = 50 * 1024 * 1024;

/// Checks the built site.
pub(crate) fn site() -> Result<()> {
    let manifest = fs::read(site::folder().join("manifest.json")).context("the site is not built")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    let mut total = 0;
    for name in ["chartroom.js", "chartroom.wasm", "chartroom.css"] {
        let file = manifest[name]
            .as_str()
            .with_context(|| format!("the site has no {name}"))?;
        let size = fs::metadata(site::folder().join("assets").join(format!("{file}.br")))?.len();
        process::say(&format!("budget: {name} {size} bytes (brotli)"));
        total += size;
    }
    within(
        "JavaScript, wasm and CSS of a reading page (brotli)",
        total,
        READING_PAGE_BYTES,
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
