//! Measurements, each printed as figures of one run on one machine; `docs/performance.md` keeps the ratios.

mod catalog_server;
mod load;
mod made;
mod measured;
mod museum;
mod pages;
mod preview;
mod releases;
mod render;
mod search;
mod static_server;
mod sync;

use anyhow::{Result, bail};

use crate::process::say;

const HELP: &str = "\
cargo xtask bench <name>

  render  every golden case of the conformance data, beside real Helm: [DIR] [--wasm] [--runs N] [--chart NAME]
  preview from a key to the difference it makes, in Chromium, for the largest conformance charts:
          [DIR] [--charts N] [--keys N] [--chart NAME] [--chartroom PROGRAM]
  releases
          1,000 releases of 10 revisions each: lists and histories beside real helm (needs Go and a network once)
  museum  a hosted repository of 700 charts and 7,000 versions: starts, uploads, readers beside a writer [--debug]
  pages   the same catalog as `search`, its pages: server, sizes, Chromium: the flags of `search` and [--no-browser]
  search  15,000 charts with 300,000 versions, searched over HTTP: [--binary FILE] [--data DIR, kept and used again]
  sync    a repository of 1,000 charts and 20,000 versions: first sync, unchanged sync, one new version
";

/// Runs one bench by name.
pub(crate) fn run(args: &[String]) -> Result<()> {
    match args.first().map(String::as_str) {
        Some("render") => render::run(args.iter().skip(1).cloned()),
        Some("museum") => museum::run(args.iter().skip(1).cloned()),
        Some("preview") => preview::run(args.iter().skip(1).cloned()),
        Some("pages") => pages::run(args.get(1..).unwrap_or_default()),
        Some("releases") => releases::run(),
        Some("search") => search::run(args.get(1..).unwrap_or_default()),
        Some("sync") => sync::run(),
        None | Some("help") => {
            say(HELP);
            Ok(())
        }
        Some(other) => bail!("there is no bench `{other}`; `cargo xtask bench` lists them"),
    }
}
