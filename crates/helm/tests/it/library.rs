//! Charts that share what is parsed of their libraries render as those that do not.

use std::sync::Arc;

use engine::{Library, NoHost};
use helm::chart::Chart;
use helm::render::{PreparedChart, RenderOptions};
use helm::values::Table;

use crate::conformance::{archives, folder};

#[test]
fn charts_with_a_library_in_common_render_as_each_would_alone() {
    let Some(folder) = folder() else { return };
    // Small enough that texts are dropped, and met again.
    let library = Arc::new(Library::new(1 << 20));
    let options = RenderOptions::default();
    let mut n_rendered = 0;
    for archive in archives(&folder).into_iter().step_by(4) {
        let archive = std::fs::read(archive).expect("it is there");
        let Ok(chart) = Chart::from_archive(&archive) else {
            continue;
        };
        let chart = Arc::new(chart);
        let rendered = |prepared: PreparedChart| match prepared.render(&Table::new(), &options, &NoHost) {
            Ok(rendered) => Ok(rendered.templates),
            Err(error) => Err(error.to_string()),
        };
        let alone = rendered(PreparedChart::new(Arc::clone(&chart)));
        let together = rendered(PreparedChart::new(Arc::clone(&chart)).with_library(Arc::clone(&library)));
        assert_eq!(together, alone, "{}", chart.metadata.name);
        n_rendered += usize::from(alone.is_ok());
    }
    assert!(n_rendered > 30, "{n_rendered} rendered");
}
