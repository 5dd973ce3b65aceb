//! The template suites of the conformance data, each with a floor that only rises.
//!
//! `SHOW=suite` prints a suite's failures, `SHOW=suite:5` the first five.
#![expect(clippy::print_stdout, reason = "the report is what the test is run for")]

use std::fmt::Write as _;

use crate::suite::{self, Report};

/// Cases each suite has to pass at least. Raise a number when it grows; never lower one.
const FLOORS: &[(&str, usize)] = &include!("floors.in");

#[test]
fn template_suites_print_what_helm_printed() {
    let Some(folder) = suite::folder() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "the conformance data is missing"
        );
        println!(
            "skipped {} template suites: no conformance data here",
            FLOORS.len()
        );
        return;
    };
    let show = std::env::var("SHOW").unwrap_or_default();
    let (shown, count) = match show.split_once(':') {
        Some((suite, count)) => (suite, count.parse().unwrap_or(usize::MAX)),
        None => (show.as_str(), usize::MAX),
    };
    let mut table = String::new();
    let mut below = Vec::new();
    for (name, floor) in FLOORS {
        if !shown.is_empty() && shown != *name {
            continue;
        }
        let path = folder.join("vectors").join(format!("{name}.json"));
        let report: Report = engine::with_deep_stack(256 << 20, || suite::run(&path)).expect("a thread");
        let failed = report.failures.len();
        let _ = writeln!(
            table,
            "{name:<24} {:>6}/{:<6} {failed:>6} to go",
            report.passed,
            report.total()
        );
        if shown == *name {
            for failure in report.failures.iter().take(count) {
                println!(
                    "{}\n  want {}\n  got  {}",
                    failure.label, failure.want, failure.got
                );
            }
        }
        if report.passed < *floor {
            below.push(format!("{name}: {} passed, the floor is {floor}", report.passed));
        }
        if report.passed > *floor && std::env::var_os("FLOORS").is_some() {
            println!("(\"{name}\", {}),", report.passed);
        }
    }
    println!("{table}");
    assert!(below.is_empty(), "{}", below.join("\n"));
}
