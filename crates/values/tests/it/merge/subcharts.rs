//! Upgrades of a chart with a sub-chart `db`, whose condition is `db.enabled`: cases with the result written by hand.
//!
//! `old db` and `new db` are the sub-chart's values.yaml, `old` and `new` the chart's own; `alias` is its key in the new
//! version, and of one that is `gone` the new version has nothing.

use helm::chart::{Chart, ChartFile};
use values::merge::{Defaults, Merge, Version};
use values::schema::Fields;

use super::{Case, cases, said};

fn chart(case: &Case, version: &str) -> Chart {
    let is_new = version == "new";
    let has_database = !is_new || !case.has("gone");
    let alias = case.part("alias").trim();
    let alias = if is_new && !alias.is_empty() {
        format!(", alias: {alias}")
    } else {
        String::new()
    };
    let dependencies = if has_database {
        format!("dependencies:\n- {{name: db, version: 1.x, repository: '', condition: db.enabled{alias}}}\n")
    } else {
        String::new()
    };
    let mut files = vec![
        ChartFile::new(
            "Chart.yaml",
            format!("apiVersion: v2\nname: c\nversion: 1.0.0\n{dependencies}"),
        ),
        ChartFile::new("values.yaml", case.part(version).to_owned()),
    ];
    if has_database {
        let text = case.part(&format!("{version} db")).to_owned();
        files.push(ChartFile::new(
            "charts/db/Chart.yaml",
            "apiVersion: v2\nname: db\nversion: 1.0.0\n",
        ));
        files.push(ChartFile::new("charts/db/values.yaml", text));
        if is_new && case.has("schema db") {
            let schema = case.part("schema db").to_owned();
            files.push(ChartFile::new("charts/db/values.schema.json", schema));
        }
    }
    Chart::from_files(files).unwrap()
}

#[test]
fn what_sub_charts_bring_is_merged_like_the_charts_own() {
    let cases = cases(include_str!("subcharts.txt"));
    assert!(cases.len() >= 15, "{}", cases.len());
    let mut failed = Vec::new();
    for case in &cases {
        let sides = ["old", "new"].map(|version| {
            let chart = chart(case, version);
            (Defaults::of(&chart), Fields::of(&chart))
        });
        let [old, new] = sides.each_ref().map(|(defaults, fields)| Version {
            defaults,
            fields: Some(fields),
        });
        let mut merge = Merge::new(old, new, case.part("overrides")).unwrap();
        for line in case.part("choose").lines() {
            let (finding, choice) = line.split_once(' ').unwrap();
            merge
                .choose(finding.parse().unwrap(), choice.parse().unwrap())
                .unwrap();
        }
        let found: String = merge.findings().iter().map(said).collect();
        if found != case.part("findings") || merge.text() != case.part("text") {
            failed.push(format!("{}:\n{found}--- text\n{}", case.name, merge.text()));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {}:\n{}",
        failed.len(),
        cases.len(),
        failed.join("\n\n")
    );
}
