//! Builds the site: everything the browser loads, content-hashed and precompressed, into `target/site`.
//!
//! `server/build.rs` embeds that folder. `manifest.json` in it maps each logical name to the file that is served.
//!
//! ```text
//! target/site/manifest.json
//! target/site/assets/<name>-<hash>.<ext>       immutable: the name changes with the content
//! target/site/assets/<name>-<hash>.<ext>.br    where it is smaller
//! target/site/root/<name>                      served at the root under its own name (favicon)
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};
use sha2::{Digest as _, Sha256};

use crate::files::files_below;
use crate::preview::{CORE, EXTRAS, Loader};
use crate::{bootstrap, editor, process};

/// How much work goes into size.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Debug wasm, no compression.
    Dev,
    /// `wasm-release` and brotli.
    Release,
}

/// Where the site is built.
pub(crate) fn folder() -> PathBuf {
    process::target_dir().join("site")
}

/// Builds the whole site.
pub(crate) fn build(profile: Profile) -> Result<()> {
    let mut site = Site::start(profile)?;
    site.fonts_and_images(Path::new("public"))?;
    site.stylesheet("chartroom.css", Path::new("style/main.css"))?;
    site.stylesheet("editor.css", Path::new("style/editor.css"))?;
    site.bundle()?;
    site.suggestions()?;
    site.uploads()?;
    site.editor()?;
    site.engine_modules()?;
    site.finish()
}

struct Site {
    profile: Profile,
    /// Built aside and swapped in whole, so that a failed build leaves the last good site.
    out: PathBuf,
    /// Logical name, such as `fonts/sans.woff2` or `chartroom.css`, to the file below `assets/`.
    assets: BTreeMap<String, String>,
}

impl Site {
    fn start(profile: Profile) -> Result<Self> {
        let out = process::target_dir().join("site.new");
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(out.join("assets"))?;
        fs::create_dir_all(out.join("root"))?;
        Ok(Self {
            profile,
            out,
            assets: BTreeMap::new(),
        })
    }

    /// Files directly in `public/` keep their names; those in its folders are hashed.
    fn fonts_and_images(&mut self, public: &Path) -> Result<()> {
        for path in files_below(public)? {
            let name = path.strip_prefix(public)?.to_string_lossy().replace('\\', "/");
            if name.starts_with('.') {
                continue;
            }
            let content = fs::read(&path)?;
            if name.contains('/') {
                self.add_asset(&name, &content)?;
            } else {
                fs::write(self.out.join("root").join(&name), &content)?;
                self.compress(&self.out.join("root").join(&name), &content)?;
            }
        }
        Ok(())
    }

    /// Bundles a style sheet's imports, minifies it, and points its `url()`s at the hashed files beside it.
    fn stylesheet(&mut self, name: &str, main: &Path) -> Result<()> {
        let provider = FileProvider::new();
        let mut bundler = Bundler::new(&provider, None, ParserOptions::default());
        let mut sheet = bundler.bundle(main).map_err(|error| anyhow!("{error}"))?;
        // `light-dark()` and nesting as every browser since early 2024 knows them; older ones get lowered syntax.
        let targets = Targets::from(Browsers {
            chrome: Some(123 << 16),
            firefox: Some(121 << 16),
            safari: Some((17 << 16) | (5 << 8)),
            ..Browsers::default()
        });
        sheet
            .minify(MinifyOptions {
                targets,
                ..MinifyOptions::default()
            })
            .map_err(|error| anyhow!("{error}"))?;
        let printed = sheet
            .to_css(PrinterOptions {
                minify: self.profile == Profile::Release,
                targets,
                ..PrinterOptions::default()
            })
            .map_err(|error| anyhow!("{error}"))?;
        let mut css = printed.code;
        for (name, hashed) in &self.assets {
            css = css.replace(&format!("/{name}"), hashed);
        }
        if let Some(missing) = unresolved_url(&css) {
            bail!("the style sheet names `{missing}`, which is not in public/");
        }
        self.add_asset(name, css.as_bytes())
    }

    /// Compiles `frontend` for the browser and binds it to JavaScript.
    fn bundle(&mut self) -> Result<()> {
        let mut cargo = Command::new("cargo");
        if let Some(toolchain) = bootstrap::wasm_toolchain() {
            cargo.arg(toolchain);
        }
        cargo.args([
            "build",
            "--package",
            "frontend",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ]);
        let folder = match self.profile {
            Profile::Dev => "debug",
            Profile::Release => {
                cargo.args(["--profile", "wasm-release"]);
                "wasm-release"
            }
        };
        process::run_command(&mut cargo)?;
        let wasm = process::target_dir()
            .join("wasm32-unknown-unknown")
            .join(folder)
            .join("frontend.wasm");
        let bound = process::target_dir().join("bindgen");
        if bound.exists() {
            fs::remove_dir_all(&bound)?;
        }
        let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
        bindgen
            .input_path(&wasm)
            .out_name("chartroom")
            .typescript(false)
            .debug(self.profile == Profile::Dev);
        bindgen.web(true).map_err(|error| anyhow!("{error}"))?;
        if self.profile == Profile::Release {
            bindgen.remove_name_section(true).remove_producers_section(true);
        }
        bindgen.generate(&bound).map_err(|error| anyhow!("{error:#}"))?;
        // No wasm-opt: after fat LTO at `opt-level = "z"` it makes the module a sixth smaller but what travels (brotli)
        // larger, and old releases break modules with several tables. docs/performance.md has the figures.
        let bound_wasm = bound.join("chartroom_bg.wasm");
        self.add_asset("chartroom.wasm", &fs::read(&bound_wasm)?)?;
        let script = fs::read_to_string(bound.join("chartroom.js"))?;
        // Small scripts that crates ship; the bundle imports them by these relative paths, which carry a hash already.
        let snippets = bound.join("snippets");
        if snippets.exists() {
            for path in files_below(&snippets)? {
                let to = self
                    .out
                    .join("assets/snippets")
                    .join(path.strip_prefix(&snippets)?);
                fs::create_dir_all(to.parent().context("a snippet has a folder")?)?;
                let content = fs::read(&path)?;
                fs::write(&to, &content)?;
                self.compress(&to, &content)?;
            }
        }
        self.add_asset("chartroom.js", script.as_bytes())
    }

    /// What a search field shows while somebody types. It is a page of JavaScript and has nothing to bundle.
    fn suggestions(&mut self) -> Result<()> {
        let script = process::workspace_root().join("frontend/search/suggest.js");
        self.add_asset("suggest.js", &fs::read(script)?)
    }

    /// What a place for uploads does with files. Like the suggestions, it has nothing to bundle.
    fn uploads(&mut self) -> Result<()> {
        let script = process::workspace_root().join("frontend/upload/upload.js");
        self.add_asset("upload.js", &fs::read(script)?)
    }

    /// The editor of values and its worker, which pages that edit values load.
    fn editor(&mut self) -> Result<()> {
        let bundled = editor::bundle(self.profile == Profile::Release)?;
        for (name, module) in editor::SCRIPTS {
            self.add_asset(name, &fs::read(bundled.join(module))?)?;
        }
        Ok(())
    }

    /// The engine's modules, which a Web Worker loads where values are edited: `preview.js`, `preview.wasm`, and the same
    /// with `preview-extras`.
    fn engine_modules(&mut self) -> Result<()> {
        for module in [CORE, EXTRAS] {
            let script = module.build(Loader::Browser)?;
            let wasm = script.with_file_name(format!("{}_bg.wasm", module.name));
            self.add_asset(&format!("{}.wasm", module.name), &fs::read(wasm)?)?;
            self.add_asset(&format!("{}.js", module.name), &fs::read(script)?)?;
        }
        Ok(())
    }

    /// Writes the manifest and swaps the new site in.
    fn finish(self) -> Result<()> {
        let manifest = serde_json::to_vec_pretty(&self.assets)?;
        fs::write(self.out.join("manifest.json"), manifest)?;
        let site = folder();
        if site.exists() {
            fs::remove_dir_all(&site)?;
        }
        fs::rename(&self.out, &site)?;
        Ok(())
    }

    fn add_asset(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let base = name.rsplit('/').next().unwrap_or(name);
        let (stem, extension) = base
            .rsplit_once('.')
            .with_context(|| format!("`{name}` has no extension"))?;
        let digest = Sha256::digest(content);
        let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let hashed = format!("{stem}-{hash}.{extension}");
        let path = self.out.join("assets").join(&hashed);
        fs::write(&path, content)?;
        self.compress(&path, content)?;
        self.assets.insert(name.to_owned(), hashed);
        Ok(())
    }

    /// Takes what the last build made of the same content, which a name with a hash tells: the largest modules take
    /// seconds to compress and change seldom.
    fn reuse_compressed(&self, path: &Path) -> Result<bool> {
        let below_site = path.strip_prefix(&self.out)?;
        if !below_site.starts_with("assets") || !folder().join(below_site).is_file() {
            return Ok(false);
        }
        let last = format!("{}.br", folder().join(below_site).display());
        let is_there = Path::new(&last).is_file();
        if is_there {
            fs::copy(last, format!("{}.br", path.display()))?;
        }
        Ok(is_there)
    }

    /// Writes `.br` beside `path` where it saves at least a twentieth.
    fn compress(&self, path: &Path, content: &[u8]) -> Result<()> {
        if self.profile == Profile::Dev {
            return Ok(());
        }
        if self.reuse_compressed(path)? {
            return Ok(());
        }
        let mut brotli = Vec::new();
        let params = brotli::enc::BrotliEncoderParams {
            quality: 11,
            lgwin: 24,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &content[..], &mut brotli, &params)?;
        if brotli.len() + content.len() / 20 < content.len() {
            fs::write(format!("{}.br", path.display()), brotli)?;
        }
        Ok(())
    }
}

/// The first `url(/…)` that no asset replaced.
fn unresolved_url(css: &str) -> Option<&str> {
    let start = ["url(/", "url(\"/", "url('/"]
        .iter()
        .find_map(|form| css.find(form))?;
    css[start..].split(')').next()
}
