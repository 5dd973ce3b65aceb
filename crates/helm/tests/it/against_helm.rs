//! Everything the conformance data knows, through the comparison that `cargo xtask conformance` runs.
//!
//! `known_gaps.txt` says how many cases of a suite still differ. A suite that is worse fails, and so does one that is
//! better: the number has to be lowered in the same change, so it never goes up again.

#[path = "../../../../xtask/src/conformance/mod.rs"]
#[expect(dead_code, reason = "the command line around the comparison is xtask's")]
mod conformance;

use std::collections::BTreeMap;

use crate::conformance::folder;

const KNOWN_GAPS: &str = include_str!("known_gaps.txt");

#[test]
fn every_suite_is_as_close_to_helm_as_it_was() {
    let Some(directory) = folder() else { return };
    let options = conformance::Options {
        directory,
        suite: None,
        show: 0,
    };
    let report = conformance::compare_all(&options).expect("the data is readable");
    let mut gaps: BTreeMap<&str, usize> = KNOWN_GAPS
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.rsplit_once(' ').expect("suite and number"))
        .map(|(suite, n_cases)| (suite, n_cases.parse().expect("number")))
        .collect();
    let mut problems = Vec::new();
    for suite in report.suites() {
        let allowed = gaps.remove(suite.name.as_str()).unwrap_or(0);
        if suite.failures.len() != allowed {
            let examples: Vec<_> = suite
                .failures
                .iter()
                .take(3)
                .map(|failure| format!("{}\n{}", failure.case, failure.report))
                .collect();
            problems.push(format!(
                "{}: {} cases differ, known_gaps.txt says {allowed}\n{}",
                suite.name,
                suite.failures.len(),
                examples.join("\n")
            ));
        }
    }
    problems.extend(
        gaps.keys()
            .map(|suite| format!("known_gaps.txt names {suite}, which does not exist")),
    );
    assert!(
        problems.is_empty(),
        "{}\n{}",
        report.summary(),
        problems.join("\n\n")
    );
}
