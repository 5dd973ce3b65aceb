//! Where in a chart's source a template failed, as text for the terminal.

use helm::chart::Chart;
use helm::render::{Excerpt, TemplateError};

/// The excerpt, where the place is in a file of the chart: text given to `tpl` has none.
pub(super) fn of(error: &TemplateError, chart: &Chart) -> Option<String> {
    Excerpt::of(error, chart).map(|excerpt| excerpt.to_string())
}
