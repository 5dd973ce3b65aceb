//! Whoever answers the cases: the engine in this process, or the wasm module in Node ([`super::node`]).

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use preview::{LoadedChart, Problem, RenderRequest, Rendering, Session, Surroundings};
use preview_extras::StoredRelease;
use serde_json::Value;

/// A loaded chart, by the number its engine gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChartId(pub(crate) u64);

/// Answers, or the words of a refusal. A crash is a refusal too, with words no Helm ever said.
pub(crate) trait Engine {
    fn load(&mut self, archive: &[u8]) -> Result<ChartId, String>;
    fn load_directory(&mut self, files: BTreeMap<String, String>) -> Result<ChartId, String>;
    fn render(&mut self, chart: ChartId, request: &RenderRequest) -> Rendering;
    fn forget(&mut self, chart: ChartId);
    fn check_release_name(&mut self, name: &str) -> Result<(), String>;
    fn set_values(&mut self, flag: &str, expression: &str) -> Result<Value, String>;
    fn read_release(&mut self, payload: &str, moment: (&str, i64)) -> Result<StoredRelease, String>;
}

/// Milliseconds since the epoch.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// A render that did not end in an answer.
pub(crate) fn crashed(message: String) -> Rendering {
    let mut rendering = Rendering::default();
    rendering.summary.problem = Some(Problem {
        message,
        ..Problem::default()
    });
    rendering
}

/// The engine in this process.
pub(crate) struct Native {
    session: Session,
    charts: HashMap<ChartId, LoadedChart>,
    next: u64,
}

impl Native {
    pub(crate) fn new() -> Self {
        Self {
            session: Session::new(Machine),
            charts: HashMap::new(),
            next: 0,
        }
    }

    fn keep(&mut self, loaded: Result<LoadedChart, Box<Problem>>) -> Result<ChartId, String> {
        let chart = loaded.map_err(|problem| problem.message)?;
        self.next += 1;
        self.charts.insert(ChartId(self.next), chart);
        Ok(ChartId(self.next))
    }
}

impl Engine for Native {
    fn load(&mut self, archive: &[u8]) -> Result<ChartId, String> {
        let loaded = guarded(|| LoadedChart::from_archive(archive))?;
        self.keep(loaded)
    }

    fn load_directory(&mut self, files: BTreeMap<String, String>) -> Result<ChartId, String> {
        let loaded = guarded(|| LoadedChart::from_directory(files))?;
        self.keep(loaded)
    }

    fn render(&mut self, chart: ChartId, request: &RenderRequest) -> Rendering {
        match self.charts.get(&chart) {
            Some(chart) => guarded(|| chart.render(&self.session, request)).unwrap_or_else(crashed),
            None => crashed(format!("no chart {}", chart.0)),
        }
    }

    fn forget(&mut self, chart: ChartId) {
        self.charts.remove(&chart);
    }

    fn check_release_name(&mut self, name: &str) -> Result<(), String> {
        guarded(|| preview::check_release_name(name))?
    }

    fn set_values(&mut self, flag: &str, expression: &str) -> Result<Value, String> {
        guarded(|| preview::set_values(flag, expression))?
    }

    fn read_release(&mut self, payload: &str, moment: (&str, i64)) -> Result<StoredRelease, String> {
        guarded(|| preview_extras::read_release(payload, moment))?
    }
}

/// One case that panics is one case that fails.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| format!("panic: {}", panic_text(&*panic)))
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "without words",
    }
}

/// This machine's zone database, where Helm looks as well.
pub(super) struct Machine;

impl Surroundings for Machine {
    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.');
        if !name.split('/').all(is_plain) || name.contains('\\') {
            return None;
        }
        std::fs::read(Path::new("/usr/share/zoneinfo").join(name)).ok()
    }
}
