//! What `Chart.yaml` says, and what of it differs.

use helm::archive::ChartFiles;
use helm::chart::{Dependency, Metadata};
use model::review::FactChange;

use super::cut;

/// What is shown of a text.
const MAX_CHARS: usize = 300;
/// Dependencies that are told.
const MAX_DEPENDENCIES: usize = 200;

/// The metadata of an archive, `requirements.yaml` of older charts with it; what cannot be read is empty.
pub(crate) fn metadata(files: &ChartFiles) -> Metadata {
    let documents = ["Chart.yaml", "requirements.yaml"].into_iter();
    let documents = documents.filter_map(|path| files.find(path));
    Metadata::as_written(documents.map(|file| file.data.as_ref())).unwrap_or_default()
}

/// The fields that differ, the most telling first.
pub(crate) fn changes(before: &Metadata, after: &Metadata) -> Vec<FactChange> {
    let mut changes = Vec::new();
    let mut note = |name: String, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(FactChange { name, before, after });
        }
    };
    type Field = (&'static str, fn(&Metadata) -> String);
    let fields: [Field; 11] = [
        ("App version", |chart| chart.app_version.clone()),
        ("Kubernetes", |chart| chart.kube_version.clone()),
        ("Type", |chart| chart.kind.clone()),
        ("Deprecated", |chart| yes(chart.deprecated)),
        ("API version", |chart| chart.api_version.clone()),
        ("Description", |chart| chart.description.clone()),
        ("License", license),
        ("Home", |chart| chart.home.clone()),
        ("Sources", |chart| chart.sources.join(", ")),
        ("Maintainers", maintainers),
        ("Keywords", |chart| chart.keywords.join(", ")),
    ];
    for (name, field) in fields {
        note(name.to_owned(), shown(&field(before)), shown(&field(after)));
    }
    let (old, new) = (dependencies(before), dependencies(after));
    for (name, text) in &new {
        let was = old.iter().find(|(known, _)| known == name);
        note(
            format!("Depends on {name}"),
            was.map(|(_, text)| text.clone()),
            Some(text.clone()),
        );
    }
    for (name, text) in &old {
        if !new.iter().any(|(known, _)| known == name) {
            note(format!("Depends on {name}"), Some(text.clone()), None);
        }
    }
    changes
}

fn yes(is_so: bool) -> String {
    if is_so { "yes".to_owned() } else { String::new() }
}

fn shown(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| cut(text, MAX_CHARS))
}

/// The annotation that Artifact Hub has for it: `Chart.yaml` has no field.
fn license(chart: &Metadata) -> String {
    let annotations = chart.annotations.as_ref();
    let found = annotations.and_then(|annotations| {
        ["artifacthub.io/license", "licenses"]
            .iter()
            .find_map(|key| annotations.get(*key))
    });
    found.cloned().unwrap_or_default()
}

fn maintainers(chart: &Metadata) -> String {
    let names: Vec<&str> = chart.maintainers.iter().map(|one| one.name.as_str()).collect();
    names.join(", ")
}

/// Each dependency by the name that values know it by, with its range and where it comes from.
fn dependencies(chart: &Metadata) -> Vec<(String, String)> {
    let all = chart.dependencies.iter().flatten().take(MAX_DEPENDENCIES);
    all.map(|dependency| (name(dependency), cut(&in_words(dependency), MAX_CHARS)))
        .collect()
}

fn name(dependency: &Dependency) -> String {
    let name = match dependency.alias.as_str() {
        "" => &dependency.name,
        alias => alias,
    };
    cut(name, 80)
}

fn in_words(dependency: &Dependency) -> String {
    let mut text = dependency.version.clone();
    if !dependency.alias.is_empty() {
        text.push_str(&format!(", the chart {}", dependency.name));
    }
    if !dependency.repository.is_empty() {
        text.push_str(&format!(", from {}", dependency.repository));
    }
    if !dependency.condition.is_empty() {
        text.push_str(&format!(", if {}", dependency.condition));
    }
    if !dependency.tags.is_empty() {
        text.push_str(&format!(", tags {}", dependency.tags.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use helm::chart::Metadata;

    use super::changes;

    fn chart(text: &str) -> Metadata {
        Metadata::as_written([text.as_bytes()]).expect("it reads")
    }

    #[test]
    fn fields_and_dependencies_are_compared_by_name() {
        let before = chart(
            "name: a\nversion: 1.0.0\nappVersion: '1'\nkeywords: [x]\ndependencies:\n\
             - {name: db, version: 1.x, repository: https://a}\n- {name: gone, version: '1'}\n- {name: same, version: '1'}\n",
        );
        let after = chart(
            "name: a\nversion: 2.0.0\nappVersion: '2'\nkeywords: [x]\ndeprecated: true\ndependencies:\n\
             - {name: db, version: 2.x, repository: https://a, condition: db.on}\n- {name: same, version: '1'}\n\
             - {name: db, alias: cache, version: '3'}\n",
        );
        let told: Vec<_> = changes(&before, &after)
            .into_iter()
            .map(|change| (change.name, change.before, change.after))
            .collect();
        let row = |name: &str, before: Option<&str>, after: Option<&str>| {
            (
                name.to_owned(),
                before.map(str::to_owned),
                after.map(str::to_owned),
            )
        };
        assert_eq!(
            told,
            [
                row("App version", Some("1"), Some("2")),
                row("Deprecated", None, Some("yes")),
                row(
                    "Depends on db",
                    Some("1.x, from https://a"),
                    Some("2.x, from https://a, if db.on")
                ),
                row("Depends on cache", None, Some("3, the chart db")),
                row("Depends on gone", Some("1"), None),
            ]
        );
    }
}
