//! Embeds the site that `cargo xtask build` made and the charts in `samples/`.
//!
//! Without a built site (a plain `cargo check`, say) nothing is embedded: pages still work, as they do without JavaScript.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-env-changed=CHARTROOM_SITE");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let site = site_folder(&out);
    println!("cargo::rerun-if-changed={}", site.display());
    fs::write(out.join("site.rs"), site_table(&site)).expect("OUT_DIR is writable");

    let samples = Path::new("../samples");
    println!("cargo::rerun-if-changed={}", samples.display());
    fs::write(out.join("samples.rs"), samples_table(samples)).expect("OUT_DIR is writable");
}

/// `CHARTROOM_SITE`, or `site` in cargo's target folder, which is an ancestor of `OUT_DIR`.
fn site_folder(out: &Path) -> PathBuf {
    if let Some(folder) = env::var_os("CHARTROOM_SITE") {
        return PathBuf::from(folder);
    }
    let target = out.ancestors().nth(4).unwrap_or(out);
    target.join("site")
}

/// `ASSETS`: one row a file, sorted by the path it is served under, and `MANIFEST`: logical name to file name.
fn site_table(site: &Path) -> String {
    let mut rows = Vec::new();
    for (folder, prefix) in [("assets", "assets/"), ("root", "")] {
        let folder = site.join(folder);
        for path in files_below(&folder) {
            let name = path
                .strip_prefix(&folder)
                .expect("below the folder")
                .to_string_lossy()
                .replace('\\', "/");
            if name.ends_with(".br") {
                continue;
            }
            rows.push((format!("{prefix}{name}"), path));
        }
    }
    rows.sort();
    let mut table = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    for (name, path) in rows {
        let packed = PathBuf::from(format!("{}.br", path.display()));
        // See `Asset` in `src/assets.rs`.
        let form = if packed.is_file() {
            format!("Form::Brotli(include_bytes!({packed:?}))")
        } else {
            format!("Form::Identity(include_bytes!({path:?}))")
        };
        writeln!(table, "    Asset {{ path: {name:?}, form: {form} }},").expect("writing to a string");
    }
    table.push_str("];\npub(crate) static MANIFEST: &[(&str, &str)] = &[\n");
    let manifest = fs::read(site.join("manifest.json")).unwrap_or_else(|_| b"{}".to_vec());
    let manifest: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&manifest).expect("manifest.json is an object");
    for (name, file) in manifest {
        let file = file
            .as_str()
            .expect("manifest.json maps names to file names")
            .to_owned();
        writeln!(table, "    ({name:?}, {file:?}),").expect("writing to a string");
    }
    table.push_str("];\n");
    table
}

/// `SAMPLES`: each chart directory's name with its files.
fn samples_table(samples: &Path) -> String {
    let mut table = String::from("pub(crate) static SAMPLES: &[Sample] = &[\n");
    let mut charts: Vec<PathBuf> = samples
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        // Whatever else lies there, such as the data directory of a server that was started there, is no chart.
        .filter(|path| path.join("Chart.yaml").is_file())
        .collect();
    charts.sort();
    for chart in charts {
        let name = chart
            .file_name()
            .expect("a directory has a name")
            .to_string_lossy()
            .into_owned();
        writeln!(table, "    ({name:?}, &[").expect("writing to a string");
        for path in files_below(&chart) {
            let inside = path
                .strip_prefix(&chart)
                .expect("below the chart")
                .to_string_lossy()
                .replace('\\', "/");
            let absolute = fs::canonicalize(&path).expect("the file was just listed");
            writeln!(table, "        ({inside:?}, include_bytes!({absolute:?})),")
                .expect("writing to a string");
        }
        table.push_str("    ]),\n");
    }
    table.push_str("];\n");
    table
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in next.read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
