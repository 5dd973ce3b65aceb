//! Upgrades: cases with the expected result written by hand, of small charts made up here (`cases.txt`) and of published
//! ones (`published.txt`), and what holds of any override of these.
//!
//! A case has the old and new defaults, the overrides, perhaps choices that are made (finding, choice), and then
//! what must be found, one line each, and the text that must come out.

mod pairs;
mod subcharts;

use values::merge::{Change, Defaults, Finding, Merge, Version};

struct Case {
    name: String,
    parts: Vec<(String, String)>,
}

impl Case {
    fn part(&self, name: &str) -> &str {
        let found = self.parts.iter().find(|(part, _)| part == name);
        found.map(|(_, text)| text.as_str()).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.parts.iter().any(|(part, _)| part == name)
    }
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().skip_while(|line| line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case {
                name: name.to_owned(),
                parts: Vec::new(),
            });
        } else if let Some(part) = line.strip_prefix("--- ") {
            cases
                .last_mut()
                .unwrap()
                .parts
                .push((part.to_owned(), String::new()));
        } else {
            let (_, text) = cases.last_mut().unwrap().parts.last_mut().unwrap();
            text.push_str(line);
            text.push('\n');
        }
    }
    cases
}

fn said(finding: &Finding) -> String {
    let what = match &finding.change {
        Change::Renamed { to, certain } => {
            format!("renamed {to}, {}", if *certain { "certain" } else { "likely" })
        }
        Change::Removed => "removed".to_owned(),
        Change::Retyped { fits, .. } => {
            let fits = if *fits { "fits" } else { "does not fit" };
            format!("retyped, {fits}: {}", finding.choices[0].label)
        }
        Change::DefaultChanged {
            old_default,
            new_default,
        } => {
            let old = old_default
                .as_ref()
                .map_or_else(|| "-".to_owned(), ToString::to_string);
            format!("default changed {old} -> {new_default}")
        }
        Change::NowDefault => "now default".to_owned(),
        Change::NewRequired { .. } => "required".to_owned(),
        Change::SwitchedOff { by } => {
            let by = by.as_ref().map(ToString::to_string);
            format!("switched off by {}", by.as_deref().unwrap_or("nothing"))
        }
    };
    let made = if finding.made.is_some() { ", made" } else { "" };
    format!("{}: {what}{made}\n", finding.path)
}

impl Case {
    /// Merges, makes the choices of the case, and says what is not as it was written.
    fn difference(&self, old: Version<'_>, new: Version<'_>) -> Option<String> {
        let mut merge = Merge::new(old, new, self.part("overrides")).unwrap();
        for line in self.part("choose").lines() {
            let (finding, choice) = line.split_once(' ').unwrap();
            merge
                .choose(finding.parse().unwrap(), choice.parse().unwrap())
                .unwrap();
        }
        let found: String = merge.findings().iter().map(said).collect();
        let is_as_written = found == self.part("findings") && merge.text() == self.part("text");
        (!is_as_written).then(|| format!("{}:\n{found}---\n{}", self.name, merge.text()))
    }
}

#[test]
fn upgrades_come_out_as_somebody_would_make_them() {
    let cases = cases(include_str!("cases.txt"));
    assert!(cases.len() >= 40, "{}", cases.len());
    let differences = cases.iter().filter_map(|case| {
        let defaults = [case.part("old"), case.part("new")].map(|text| Defaults::of_text(text).unwrap());
        let [old, new] = defaults.each_ref().map(Version::of);
        case.difference(old, new)
    });
    assert_none(cases.len(), differences.collect());
}

fn assert_none(n_cases: usize, differences: Vec<String>) {
    assert!(
        differences.is_empty(),
        "{} of {n_cases} differ:\n\n{}",
        differences.len(),
        differences.join("\n\n")
    );
}

#[test]
fn new_required_values_are_asked_for() {
    let schema = |text: &str, values: &str| {
        let files = vec![
            helm::chart::ChartFile::new("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            helm::chart::ChartFile::new("values.schema.json", text.to_owned()),
            helm::chart::ChartFile::new("values.yaml", values.to_owned()),
        ];
        let chart = helm::chart::Chart::from_files(files).unwrap();
        (Defaults::of(&chart), values::schema::Fields::of(&chart))
    };
    let old = schema(r#"{"required": ["a"], "properties": {"a": {}}}"#, "a:\n");
    let new = schema(
        r#"{"required": ["a", "mode", "size", "given"], "properties": {"a": {}, "mode": {"enum": ["x", "z"]}, "size": {}, "given": {}}}"#,
        "a:\nsize: 1\n",
    );
    let [old, new] = [&old, &new].map(|(defaults, fields)| Version {
        defaults,
        fields: Some(fields),
    });
    let mut merge = Merge::new(old, new, "given: 1 # here\n").unwrap();
    assert_eq!(
        merge.findings().iter().map(said).collect::<String>(),
        "mode: required\n"
    );
    assert_eq!(merge.conflicts().count(), 1);
    merge.choose(0, 1).unwrap();
    assert_eq!(merge.text(), "given: 1 # here\nmode: z\n");
    assert_eq!(merge.conflicts().count(), 0);
}

#[test]
fn a_choice_is_made_once() {
    let [old, new] = ["a: 1\nb: 1\n", "b: 1\n"].map(|text| Defaults::of_text(text).unwrap());
    let mut merge = Merge::new(Version::of(&old), Version::of(&new), "a: 2\nb: 2\n").unwrap();
    merge.choose(0, 1).unwrap();
    merge.choose(0, 0).unwrap();
    merge.choose(7, 0).unwrap();
    assert_eq!(merge.text(), "a: 2\nb: 2\n");
    assert_eq!(merge.findings()[0].made, Some(1));
}
