//! Charts that the conformance data has in several versions: overrides of the old one, merged into the new one; some
//! written by hand with what must come out, and many made up, of which less is known.

use std::collections::BTreeMap;

use helm::chart::Chart;
use helm::values::{Table, Tree};
use values::defaults::defaults_of;
use values::merge::{Change, Defaults, Merge, Version};
use values::schema::Fields;
use values::{Document, Path};

use super::{assert_none, cases};
use crate::charts;

/// Every third leaf gets another value of its type.
fn overrides(defaults: &Table) -> Document {
    fn walk(table: &Table, at: &Path, n: &mut usize, document: &mut Document) {
        for (key, value) in table {
            let path = at.join(key.to_str_lossy().into_owned());
            if let Tree::Table(inner) = value
                && !inner.is_empty()
            {
                walk(inner, &path, n, document);
                continue;
            }
            *n += 1;
            if !n.is_multiple_of(3) {
                continue;
            }
            let other = match value {
                Tree::Bool(truth) => Tree::Bool(!truth),
                Tree::Float(number) => Tree::Float(number + 1.0),
                Tree::String(_) => Tree::String("ours".into()),
                Tree::List(_) => Tree::List(vec![Tree::String("ours".into())]),
                _ => Tree::Table(Table::from_iter([("ours".into(), Tree::Bool(true))])),
            };
            document.set(&path, &other).unwrap();
        }
    }
    let mut document = Document::parse("# head\n\n").unwrap();
    walk(defaults, &Path::root(), &mut 0, &mut document);
    document
}

#[test]
fn real_versions_of_charts_merge() {
    let mut charts: BTreeMap<String, Vec<(String, Chart)>> = BTreeMap::new();
    for archive in charts::archives() {
        let file = archive.file_name().unwrap().to_string_lossy().into_owned();
        let corpus = archive
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let name = file
            .trim_end_matches(".tgz")
            .rsplit_once('-')
            .map_or("", |(name, _)| name);
        let chart = charts::load(&archive);
        if !file.starts_with(&chart.metadata.name)
            || name != chart.metadata.name && chart.metadata.name.is_empty()
        {
            continue;
        }
        if chart.values_text.is_some() {
            let version = format!("{corpus} {}", chart.metadata.version);
            charts
                .entry(chart.metadata.name.clone())
                .or_default()
                .push((version, chart));
        }
    }
    let mut n_pairs = 0;
    for (name, mut versions) in charts {
        // The archived corpus is the older one.
        versions.sort_by_key(|(version, _)| !version.starts_with("stable"));
        for pair in versions.windows(2) {
            let [(old_version, old), (new_version, new)] = pair else {
                continue;
            };
            let overrides = overrides(&defaults_of(old));
            let sides = [old, new].map(|chart| (Defaults::of(chart), Fields::of(chart)));
            let [old, new] = sides.each_ref().map(|(defaults, fields)| Version {
                defaults,
                fields: Some(fields),
            });
            let mut merge = Merge::new(old, new, overrides.text()).unwrap();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for finding in merge.findings() {
                let kind = match &finding.change {
                    Change::Renamed { certain: true, .. } => "renamed",
                    Change::Renamed { .. } => "perhaps renamed",
                    Change::Removed => "removed",
                    Change::Retyped { .. } => "retyped",
                    Change::DefaultChanged { .. } => "default changed",
                    Change::NowDefault => "now default",
                    Change::NewRequired { .. } => "required",
                    Change::SwitchedOff { .. } => "switched off",
                };
                *counts.entry(kind).or_default() += 1;
            }
            charts::say(&format!("{name} {old_version} -> {new_version}: {counts:?}"));
            for finding in merge.findings() {
                if let Change::Renamed { to, certain } = &finding.change {
                    charts::say(&format!(
                        "  {} -> {to}{}",
                        finding.path,
                        if *certain { "" } else { " ?" }
                    ));
                }
            }
            for at in 0..merge.findings().len() {
                merge
                    .choose(at, 0)
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            Document::parse(merge.text()).unwrap();
            assert!(merge.text().starts_with("# head\n\n"), "{name}");
            n_pairs += 1;
        }
    }
    charts::say(&format!("{n_pairs} pairs of versions"));
    assert!(n_pairs == 0 || n_pairs >= 15, "{n_pairs}");
}

/// `redis stable 10.5.7 -> bitnami 23.1.1` names a case; the defaults are those of the charts.
#[test]
fn overrides_of_published_charts_come_out_as_somebody_would_make_them() {
    let Some(folder) = charts::folder() else { return };
    let cases = cases(include_str!("published.txt"));
    assert!(cases.len() >= 20, "{}", cases.len());
    let differences = cases.iter().filter_map(|case| {
        let words: Vec<&str> = case.name.split(' ').collect();
        let [name, old_corpus, old_version, "->", corpus, version] = words.as_slice() else {
            panic!("{} is no pair of versions", case.name)
        };
        let [old, new] = [(old_corpus, old_version), (corpus, version)].map(|(corpus, version)| {
            let archive = folder.join(format!("charts/{corpus}/{name}-{version}.tgz"));
            charts::values_text(&charts::load(&archive)).unwrap()
        });
        let defaults = [&old, &new].map(|text| Defaults::of_text(text).unwrap());
        let [old, new] = defaults.each_ref().map(Version::of);
        case.difference(old, new)
    });
    assert_none(cases.len(), differences.collect());
}
