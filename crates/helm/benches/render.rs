//! Times the engine on the cases of a conformance directory: one JSON line a case. `cargo xtask bench render` runs it
//! beside real Helm and prints the comparison.
//!
//! usage: render DIRECTORY RUNS < case indices, a line each, answered at once

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use engine::{FnError, Host, Library};
use helm::chart::Chart;
use helm::render::{PreparedChart, RenderOptions};
use helm::values::{Table, Tree};
use serde_json::{Value, json};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::print_stdout, reason = "it is the output")]
fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let [directory, runs] = args.as_slice() else {
        return;
    };
    let (directory, runs) = (PathBuf::from(directory), runs.parse().expect("a number of runs"));
    let mut met = Met::default();
    let index: Value = read_json(&directory.join("golden/index.json"));
    for number in std::io::stdin().lines() {
        let number = number.expect("readable input");
        let number: usize = number.trim().parse().expect("a case's index");
        println!("{}", measure(&directory, &index[number], number, runs, &mut met));
    }
}

fn measure(directory: &Path, case: &Value, number: usize, runs: usize, met: &mut Met) -> Value {
    let text = |field: &str| case[field].as_str().unwrap_or_default();
    let archive = directory.join("charts").join(text("corpus")).join(text("tgz"));
    let archive = std::fs::read(archive).expect("the chart's archive");
    let golden = directory.join("golden").join(text("corpus")).join(text("chart"));
    let values = golden.join(format!("{}.values.json", text("case")));
    let values = match values.exists().then(|| Tree::from_json(&read_json(&values))) {
        Some(Tree::Table(values)) => values,
        _ => Table::new(),
    };
    // Helm's engine, which this is compared with, returns texts and nothing else.
    let options = RenderOptions {
        keep_values: false,
        ..RenderOptions::default()
    };
    let (mut load, mut first, mut again, mut release) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut n_keys = 0;
    let mut spent = 0.0;
    for _ in 0..runs {
        let chart = time(&mut load, || Chart::from_archive(&archive)).expect("a chart");
        let prepared = PreparedChart::new(chart);
        let host = BenchHost::default();
        // A chart may be one that fails; then its failing is what is timed.
        let rendered = time(&mut first, || prepared.render(&values, &options, &host));
        n_keys = host.n_keys.get();
        let host = BenchHost::default();
        let _ = time(&mut again, || prepared.render(&values, &options, &host));
        if let Ok(rendered) = rendered {
            let _ = time(&mut release, || rendered.release(&Default::default()));
        }
        spent += first.last().copied().unwrap_or(0.0);
        if spent > 2000.0 {
            break;
        }
    }
    // Once, and last: what is measured above meets nobody else's libraries.
    let after_others = met.library_for(text("chart")).map(|library| {
        let chart = Chart::from_archive(&archive).expect("a chart");
        let prepared = PreparedChart::new(chart).with_library(library);
        let mut times = Vec::new();
        let _ = time(&mut times, || {
            prepared.render(&values, &options, &BenchHost::default())
        });
        median(times)
    });
    json!({
        "case": number,
        "render_after_others_ms": after_others,
        "load_ms": median(load),
        "render_ms": median(first),
        "render_again_ms": median(again),
        "release_ms": median(release),
        "keys": n_keys,
    })
}

/// The charts of the cases so far, as a server meets one after the other.
struct Met {
    library: Arc<Library>,
    chart: String,
}

impl Default for Met {
    fn default() -> Self {
        Self {
            // As in the server.
            library: Arc::new(Library::new(4 << 20)),
            chart: String::new(),
        }
    }
}

impl Met {
    /// The library for a chart's first case; for further ones, what is in it is no longer other charts' alone.
    fn library_for(&mut self, chart: &str) -> Option<Arc<Library>> {
        let is_first = self.chart != chart;
        chart.clone_into(&mut self.chart);
        is_first.then(|| Arc::clone(&self.library))
    }
}

fn time<T>(times: &mut Vec<f64>, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    times.push(start.elapsed().as_secs_f64() * 1000.0);
    result
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

fn read_json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a readable file")).expect("JSON")
}

/// Counts the keys a chart generates: their time says nothing about templates.
#[derive(Default)]
struct BenchHost {
    n_keys: Cell<u32>,
    state: Cell<u64>,
}

impl Host for BenchHost {
    fn unix_nanos(&self) -> i128 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        elapsed.as_nanos().try_into().unwrap_or(i128::MAX)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        for byte in buffer {
            // Xorshift: what is drawn does not matter, only that drawing is cheap.
            let mut state = self.state.get() | 1;
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            self.state.set(state);
            *byte = (state >> 32) as u8;
        }
        Ok(())
    }

    fn keep_key(&self, _function: &str, _name: &str, _pem: &str) {
        self.n_keys.set(self.n_keys.get() + 1);
    }

    #[cfg(feature = "native-crypto")]
    fn generate_rsa(&self, bits: usize) -> Option<String> {
        engine::crypto::native::generate_rsa(bits)
    }
}
