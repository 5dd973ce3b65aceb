//! One version's defaults as a whole: the chart's own values.yaml, and beneath it what each sub-chart brings.

use engine::value::GoStr;
use helm::chart::Chart;
use helm::values::{Table, Tree};

use crate::Path;
use crate::document::{Document, ReadError, normal};
use crate::schema::{Fields, mounted_names};

/// Charts within charts.
const MAX_CHART_DEPTH: usize = 16;

/// What a version of a chart sets by default.
#[derive(Debug)]
pub struct Defaults {
    /// The chart's over its sub-charts', each below its name or alias; globals at the top, as all charts share them.
    pub(super) values: Table,
    /// The texts that say so, the chart's own first.
    pub(super) parts: Vec<Part>,
}

/// The values.yaml of one chart of the tree.
#[derive(Debug)]
pub(super) struct Part {
    /// Below which its values stand.
    pub(super) at: Path,
    /// The chart's name.
    pub(super) chart: String,
    pub(super) document: Document,
}

/// One version: its defaults, and what is known of its fields, if anything.
#[derive(Debug, Clone, Copy)]
pub struct Version<'v> {
    /// What is set by default.
    pub defaults: &'v Defaults,
    /// The chart's fields: their required ones are looked at, and the conditions of its sub-charts.
    pub fields: Option<&'v Fields>,
}

impl<'v> Version<'v> {
    /// Of defaults alone.
    #[must_use]
    pub fn of(defaults: &'v Defaults) -> Self {
        Self {
            defaults,
            fields: None,
        }
    }
}

impl Defaults {
    /// Of a values.yaml alone.
    pub fn of_text(text: &str) -> Result<Self, ReadError> {
        let document = Document::parse(text)?;
        Ok(Self {
            values: document.values().clone(),
            parts: vec![Part {
                at: Path::root(),
                chart: String::new(),
                document,
            }],
        })
    }

    /// Of a chart with its sub-charts, switched off or not. Never fails: a text that cannot be read has no comments, and
    /// its values are what Helm read of it.
    #[must_use]
    pub fn of(chart: &Chart) -> Self {
        let mut parts = Vec::new();
        let mut globals = Table::new();
        let mut values = add(chart, &Path::root(), 0, &mut parts, &mut globals);
        if !globals.is_empty() {
            let own = values.remove(GLOBAL.as_bytes()).unwrap_or_default();
            values.insert(GLOBAL.into(), laid_over(own, Tree::Table(globals)));
        }
        Self { values, parts }
    }

    /// The part that another version's became: the one in its place, or, where that chart alone changed its place, the
    /// one of the same chart.
    pub(super) fn counterpart(&self, part: &Part, other: &Self) -> Option<&Part> {
        if let Some(same) = self.parts.iter().find(|own| own.at == part.at) {
            return Some(same);
        }
        let here = self
            .parts
            .iter()
            .filter(|own| own.chart == part.chart && !other.has(&own.at));
        let there = other
            .parts
            .iter()
            .filter(|own| own.chart == part.chart && !self.has(&own.at));
        let mut here = here;
        match (here.next(), here.next(), there.count()) {
            (Some(moved), None, 1) => Some(moved),
            _ => None,
        }
    }

    fn has(&self, at: &Path) -> bool {
        self.parts.iter().any(|part| part.at == *at)
    }
}

impl Part {
    /// Where a value of this text stands in the values of the whole chart.
    pub(super) fn place(&self, path: &Path) -> Path {
        match path.segments().first() {
            Some(first) if *first == GLOBAL.into() => path.clone(),
            _ => self.at.concat(path),
        }
    }
}

const GLOBAL: &str = "global";

fn add(chart: &Chart, at: &Path, depth: usize, parts: &mut Vec<Part>, globals: &mut Table) -> Table {
    let text = chart.values_text.as_deref();
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    if let Some(document) = text.and_then(|text| Document::parse(text).ok()) {
        parts.push(Part {
            at: at.clone(),
            chart: chart.metadata.name.clone(),
            document,
        });
    }
    let mut below = Table::new();
    if depth < MAX_CHART_DEPTH {
        for (inner, name) in mounted_names(chart) {
            let mut values = add(inner, &at.join(name), depth + 1, parts, globals);
            if let Some(Tree::Table(shared)) = values.remove(GLOBAL.as_bytes()) {
                let outer = std::mem::take(globals);
                if let Tree::Table(all) = laid_over(Tree::Table(outer), Tree::Table(shared)) {
                    *globals = all;
                }
            }
            below.insert(GoStr::from(name), Tree::Table(values));
        }
    }
    let own = normal(&Tree::Table(chart.values.clone()));
    match laid_over(own, Tree::Table(below)) {
        Tree::Table(values) => values,
        _ => Table::new(),
    }
}

/// Tables merge, of everything else the upper counts. Unlike Helm's, `null` stays: it is a value that the chart knows.
fn laid_over(upper: Tree, lower: Tree) -> Tree {
    match (upper, lower) {
        (Tree::Null, lower @ Tree::Table(_)) => lower,
        (Tree::Table(upper), Tree::Table(mut lower)) => {
            for (key, value) in upper {
                let value = match lower.remove(&key) {
                    Some(below) => laid_over(value, below),
                    None => value,
                };
                lower.insert(key, value);
            }
            Tree::Table(lower)
        }
        (upper, _) => upper,
    }
}
