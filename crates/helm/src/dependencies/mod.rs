//! Subcharts under given values: which are on, under what name, and which of their values the parent imports.

mod decision;
mod enabled;
mod import_values;
mod node;

pub use decision::{Decision, Reason};
pub(crate) use enabled::in_range;
pub(crate) use node::{ChartNode, Defaults};

use engine::value::Map;

use crate::values::{Merge, TypeMismatch, Warnings};

/// Helm's `ProcessDependencies`: switches subcharts on and off and imports values, all over the tree.
pub(crate) fn process_dependencies(
    chart: &mut ChartNode<'_>,
    values: &Map,
    warnings: &mut Warnings,
) -> Result<(), TypeMismatch> {
    enabled::process(chart, values, "", warnings, None)?;
    import_values::process(chart, Merge::KeepNulls, warnings)
}
