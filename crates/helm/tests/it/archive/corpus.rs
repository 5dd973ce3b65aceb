//! Published charts: all of them load.

use crate::conformance;
use helm::archive::{ArchiveLimits, ChartFiles, NestedArchives};

/// A floor that only rises.
const MIN_ARCHIVES: usize = 334;

#[test]
fn every_published_archive_loads() {
    let Some(folder) = conformance::folder() else {
        return;
    };
    let archives = conformance::archives(&folder);
    assert!(archives.len() >= MIN_ARCHIVES, "{} archives", archives.len());
    let mut suspicious = Vec::new();
    for path in archives {
        let bytes = std::fs::read(&path).expect("archive");
        let mut nested = NestedArchives::new(ArchiveLimits::default());
        let chart = nested
            .read(0, "chart.tgz", &bytes)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(chart.find("Chart.yaml").is_some(), "{}", path.display());
        suspicious.extend(
            chart
                .oddities
                .iter()
                .filter(|oddity| oddity.is_suspicious())
                .map(ToString::to_string),
        );
        read_nested(&mut nested, 1, &chart);
    }
    assert_eq!(suspicious, Vec::<String>::new());
}

fn read_nested(nested: &mut NestedArchives, depth: usize, chart: &ChartFiles) {
    for file in chart
        .files
        .iter()
        .filter(|file| file.path.starts_with("charts/") && file.path.ends_with(".tgz"))
    {
        let inner = nested
            .read(depth, &file.path, &file.data)
            .unwrap_or_else(|error| panic!("{}: {error}", file.path));
        read_nested(nested, depth + 1, &inner);
    }
}
