//! A chart of the tree while one set of values is applied to it.

use std::rc::Rc;

use engine::value::{Map, Value};

use crate::chart::{Chart, Metadata};
use crate::values::{Table, Tree};

/// A chart as one render sees it: its files are the loaded chart's, its metadata and defaults may have changed.
#[derive(Debug, Clone)]
pub(crate) struct ChartNode<'c> {
    pub(crate) chart: &'c Chart,
    /// Under an alias the name is the alias; disabled dependencies are gone.
    pub(crate) metadata: Metadata,
    pub(crate) values: Defaults<'c>,
    pub(crate) dependencies: Vec<Self>,
}

/// A chart's default values.
#[derive(Debug, Clone)]
pub(crate) enum Defaults<'c> {
    Loaded(&'c Table),
    /// With values imported from subcharts.
    Computed(Rc<Map>),
}

impl<'c> ChartNode<'c> {
    pub(crate) fn new(chart: &'c Chart) -> Self {
        Self {
            chart,
            metadata: chart.metadata.clone(),
            values: Defaults::Loaded(&chart.values),
            dependencies: chart.dependencies.iter().map(Self::new).collect(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.metadata.name
    }
}

impl Defaults<'_> {
    /// The values as plain data.
    pub(crate) fn to_table(&self) -> Table {
        match self {
            Self::Loaded(table) => (*table).clone(),
            Self::Computed(map) => match Tree::from_value(&Value::Map(map.as_ref().clone())) {
                Tree::Table(table) => table,
                _ => Table::new(),
            },
        }
    }
}
