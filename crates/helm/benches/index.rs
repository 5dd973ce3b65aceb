//! How fast, and in how much memory, a large index is read: 20,000 versions of 1,000 charts, about 20 MB.
//!
//! `cargo bench -p helm --bench index` prints one line a format. The goals are 0.5 s for YAML, 0.2 s for JSON and
//! 30 MB for the whole process.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use helm::index::{
    IndexDependency, IndexEntry, IndexFormat, IndexItem, IndexLimits, IndexMaintainer, IndexReader,
    IndexWriter, Timestamp,
};

const N_CHARTS: usize = 1_000;
const N_VERSIONS: usize = 20;
const N_RUNS: usize = 5;

fn main() {
    // The document goes to another process, which has nothing else in its memory.
    if std::env::args().any(|argument| argument == "--read") {
        return read();
    }
    for (name, format) in [("yaml", IndexFormat::Yaml), ("json", IndexFormat::Json)] {
        let document = document(format);
        let runs = (0..N_RUNS).map(|_| measure(&document));
        let (seconds, peak_kib) = runs.min_by(|a, b| a.0.total_cmp(&b.0)).expect("a run");
        let megabytes = document.len() as f64 / 1e6;
        let rate = megabytes / seconds;
        println!(
            "{name}: {megabytes:.1} MB in {seconds:.3} s of processor time ({rate:.0} MB/s), {peak_kib} KiB at most"
        );
    }
}

/// Reads an index from standard input and prints what it cost.
fn read() {
    let start = cpu_seconds();
    let mut n_versions = 0;
    let mut sink = |item| match item {
        IndexItem::Version(_) => n_versions += 1,
        IndexItem::Skipped(skipped) => panic!("{skipped}"),
    };
    let summary =
        IndexReader::read(std::io::stdin().lock(), IndexLimits::default(), &mut sink).expect("an index");
    assert_eq!((n_versions, summary.n_charts), (N_CHARTS * N_VERSIONS, N_CHARTS));
    println!("{} {}", cpu_seconds() - start, peak_kib());
}

/// Seconds and KiB that another process needs for `document`.
fn measure(document: &[u8]) -> (f64, usize) {
    let program = std::env::current_exe().expect("a path");
    let mut child = Command::new(program)
        .arg("--read")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(document)
        .expect("a reader");
    let output = child.wait_with_output().expect("an answer");
    let text = String::from_utf8(output.stdout).expect("text");
    let (seconds, peak_kib) = text.trim().split_once(' ').expect("two figures");
    (
        seconds.parse().expect("a number"),
        peak_kib.parse().expect("a number"),
    )
}

fn document(format: IndexFormat) -> Vec<u8> {
    let mut writer = IndexWriter::new(Vec::new(), format).generated(Timestamp {
        seconds: 1_700_000_000,
        nanoseconds: 0,
    });
    for chart in 0..N_CHARTS {
        for version in (0..N_VERSIONS).rev() {
            writer.entry(&entry(chart, version)).expect("a usable entry");
        }
    }
    writer.finish().expect("memory")
}

fn entry(chart: usize, version: usize) -> IndexEntry {
    let name = format!("chart-{chart:04}");
    let maintainer = |index: usize| IndexMaintainer {
        name: format!("Maintainer {index}"),
        email: Some(format!("maintainer-{index}@example.com")),
        url: Some(format!("https://example.com/people/{index}")),
    };
    let dependency = |index: usize| IndexDependency {
        name: format!("library-{index}"),
        version: Some(">=1.2.0 <3.0.0".to_owned()),
        repository: Some("https://charts.example.com/libraries".to_owned()),
        condition: Some(format!("library{index}.enabled")),
        tags: vec!["backing-service".to_owned()],
        ..IndexDependency::default()
    };
    let images = format!(
        "- name: {name}\n  image: registry.example.com/{name}:2.{version}.0\n- name: exporter\n  image: registry.example.com/exporter:1.0.0\n"
    );
    IndexEntry {
        chart: name.clone(),
        name: name.clone(),
        version: format!("1.{version}.0"),
        urls: vec![format!(
            "https://charts.example.com/archives/{name}-1.{version}.0.tgz"
        )],
        digest: Some(format!("{:064x}", chart * 1_000 + version)),
        created: Some(Timestamp {
            seconds: 1_690_000_000 + version as i64,
            nanoseconds: 123_456_789,
        }),
        api_version: "v2".to_owned(),
        app_version: Some(format!("2.{version}.0")),
        kube_version: Some(">=1.25.0-0".to_owned()),
        description: Some(format!(
            "Chart number {chart} runs a \"service\": it does what its readers need, and no more."
        )),
        home: Some(format!("https://example.com/{name}")),
        icon: Some(format!("https://example.com/icons/{name}.svg")),
        sources: vec![format!("https://git.example.com/{name}")],
        keywords: ["service", "database"].map(str::to_owned).to_vec(),
        maintainers: (0..1).map(maintainer).collect(),
        dependencies: (0..1).map(dependency).collect(),
        annotations: BTreeMap::from([
            ("category".to_owned(), "Database".to_owned()),
            ("images".to_owned(), images),
        ]),
        ..IndexEntry::default()
    }
}

/// Time this thread was given, so that a busy machine does not count.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds: f64 = text
        .split_whitespace()
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a number");
    nanoseconds / 1e9
}

/// The most memory the process ever had, in KiB; 0 where the system does not say.
fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next())
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}
