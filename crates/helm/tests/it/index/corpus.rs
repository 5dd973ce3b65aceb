//! An index over every published chart of the conformance data.

use std::collections::BTreeMap;

use super::read;
use crate::conformance;
use helm::archive::{ArchiveLimits, ChartFiles};
use helm::index::{IndexEntry, IndexFormat, IndexWriter};

#[test]
fn an_index_over_the_corpus_round_trips() {
    let Some(folder) = conformance::folder() else {
        return;
    };
    let mut charts: BTreeMap<String, Vec<IndexEntry>> = BTreeMap::new();
    let archives = conformance::archives(&folder);
    for path in &archives {
        let archive = std::fs::read(path).expect("archive");
        let files = ChartFiles::from_bytes(&archive, &ArchiveLimits::default()).expect("a chart");
        let metadata = &files.find("Chart.yaml").expect("Chart.yaml").data;
        // A Chart.yaml is, but for the addresses, what an index has; so the index reader reads it.
        let lines = String::from_utf8_lossy(metadata).replace('\r', "");
        let indented: String = lines.lines().map(|line| format!("    {line}\n")).collect();
        let name = path.file_name().expect("name").to_string_lossy();
        let answer = read(format!(
            "apiVersion: v1\nentries:\n  x:\n  -\n{indented}    urls: [\"{name}\"]\n    digest: {}\n",
            files.digest
        ));
        let [entry] = answer.entries.as_slice() else {
            panic!("{name}: {answer:?}")
        };
        let entry = IndexEntry {
            chart: entry.name.clone(),
            notes: Vec::new(),
            ..entry.clone()
        };
        charts.entry(entry.name.clone()).or_default().push(entry);
    }
    for versions in charts.values_mut() {
        helm::index::sort_newest_first(versions, |entry| &entry.version);
        versions.dedup_by(|a, b| a.version == b.version);
    }
    let n_versions: usize = charts.values().map(Vec::len).sum();
    assert!(
        n_versions >= 330,
        "{n_versions} versions of {} archives",
        archives.len()
    );
    for format in [IndexFormat::Yaml, IndexFormat::Json] {
        let mut writer = IndexWriter::new(Vec::new(), format);
        for entry in charts.values().flatten() {
            writer.entry(entry).expect("usable");
        }
        let answer = read(writer.finish().expect("memory"));
        assert_eq!(answer.skipped, Vec::<String>::new());
        assert_eq!(
            answer.entries,
            charts.values().flatten().cloned().collect::<Vec<_>>()
        );
    }
}
