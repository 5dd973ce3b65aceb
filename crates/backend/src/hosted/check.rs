//! What is odd about an archive that somebody is about to upload, in words.
//!
//! Three kinds: what would be refused, what whoever installs the chart will stumble over, and what could be better. Helm's
//! own lint rules have their say, too. Nothing of the archive is kept.

use bytes::Bytes;
use helm::archive::{ArchiveLimits, ChartFile, ChartFiles};
use helm::chart::Chart;
use helm::contents::Contents;
use helm::lint::{ChartDirectory, Entry, LintOptions, Severity, lint};
use helm::values::{Table, Tree};
use model::hosted::{CheckedChart, Finding, FindingLevel, UploadCheck};

use super::package::Package;
use super::{Hosted, blocking};
use crate::Result;
use crate::still::{KeptKeys, Still};
use crate::store::FileState;

/// Helm keeps the chart in every release, in a Secret that may have 1 MiB after another base64: more does not install.
const MAX_IN_A_RELEASE: u64 = 750_000;
/// Findings of lint that are told, and characters of one: a chart can have any number.
const MAX_LINTED: usize = 20;
const MAX_CHARS: usize = 400;
/// Values that are looked through for images.
const MAX_DEPTH: usize = 12;

impl Hosted {
    /// See the module's head.
    pub(crate) async fn check(&self, tenant: &str, archive: Bytes) -> Result<UploadCheck> {
        let max_bytes = self.settings.max_upload_bytes;
        if archive.len() as u64 > max_bytes {
            let text = format!("The archive is larger than the {max_bytes} bytes that are taken here.");
            return Ok(refused(text));
        }
        let (limits, permit) = self.reading().await?;
        let (mut check, file_name) = blocking(move || examined(archive, &limits)).await?;
        drop(permit);
        if let (Some(chart), Some(file_name)) = (&check.chart, file_name)
            && let Some(repository) = self.store.find_hosted(tenant).await?
            && let Some(known) = self.store.find_hosted_file(repository.id, &file_name).await?
            && known.state == FileState::Live
        {
            let (level, text) = if hex::encode(&known.digest) == chart.digest {
                (
                    FindingLevel::Refused,
                    format!("{} {} is here already, byte for byte.", chart.name, chart.version),
                )
            } else if self.settings.allow_overwrite {
                (
                    FindingLevel::Warning,
                    format!(
                        "Another {} {} is here and will be replaced.",
                        chart.name, chart.version
                    ),
                )
            } else {
                let (name, version) = (&chart.name, &chart.version);
                (
                    FindingLevel::Refused,
                    format!("Another {name} {version} is here: give this one a higher version."),
                )
            };
            check.findings.push(Finding { level, text });
        }
        check.findings.sort_by_key(|finding| finding.level);
        Ok(check)
    }
}

fn refused(text: String) -> UploadCheck {
    UploadCheck {
        chart: None,
        findings: vec![Finding {
            level: FindingLevel::Refused,
            text,
        }],
    }
}

/// The findings, and the name that the file would have.
fn examined(archive: Bytes, limits: &ArchiveLimits) -> (UploadCheck, Option<String>) {
    let package = match Package::read(archive.clone(), limits) {
        Ok(package) => package,
        Err(error) => return (refused(format!("It is not a chart: {error}.")), None),
    };
    let Ok(files) = ChartFiles::from_bytes(&archive, limits) else {
        return (refused("It is not a chart.".to_owned()), None);
    };
    let mut findings = Vec::new();
    let mut add = |level: FindingLevel, text: &str| {
        let text: String = text.chars().take(MAX_CHARS).filter(|c| !c.is_control()).collect();
        if !findings.iter().any(|known: &Finding| known.text == text) {
            findings.push(Finding { level, text });
        }
    };
    of_archive(&package, &files, &mut add);
    of_metadata(&package, &mut add);
    let files = unpacked(files.files);
    match Chart::from_directory(files.clone()) {
        Ok(chart) => {
            let values = Tree::Table(chart.values.clone()).to_json();
            if let Some(place) = moving_image(&values, "", 0) {
                let text = format!(
                    "The default values take an image by the tag `latest` (`{place}`): what is installed changes by itself."
                );
                add(FindingLevel::Warning, &text);
            }
            linted(&package.metadata.name, &files, chart, &mut add);
        }
        Err(error) => add(
            FindingLevel::Warning,
            &format!("Helm's lint cannot load it: {error}."),
        ),
    }
    let check = UploadCheck {
        chart: Some(CheckedChart {
            name: package.metadata.name.clone(),
            version: package.metadata.version.clone(),
            description: package.metadata.description.chars().take(MAX_CHARS).collect(),
            digest: package.digest.to_hex(),
        }),
        findings,
    };
    (check, Some(package.file_name))
}

fn of_archive(package: &Package, files: &ChartFiles, add: &mut dyn FnMut(FindingLevel, &str)) {
    for oddity in &package.oddities {
        add(FindingLevel::Warning, &format!("The archive is odd: {oddity}."));
    }
    if files.compressed_bytes > MAX_IN_A_RELEASE {
        let text = format!(
            "The archive has {} bytes: Helm keeps the chart in every release, which Kubernetes refuses at about 1 MiB.",
            files.compressed_bytes
        );
        add(FindingLevel::Warning, &text);
    }
    let contents = Contents::of(files);
    if contents.readme.is_none() {
        add(
            FindingLevel::Hint,
            "It has no README: its page will say nothing of how to use it.",
        );
    }
    if contents.values.is_some() && contents.schema.is_none() {
        add(
            FindingLevel::Hint,
            "It has no values.schema.json: mistakes in values are found at the earliest by Kubernetes.",
        );
    }
}

fn of_metadata(package: &Package, add: &mut dyn FnMut(FindingLevel, &str)) {
    let metadata = &package.metadata;
    if metadata.api_version == "v1" {
        let text = "Its apiVersion is `v1`, which is Helm 2's: `v2` lets it have dependencies and a type in Chart.yaml.";
        add(FindingLevel::Warning, text);
    }
    let core = metadata.version.split(['-', '+']).next().unwrap_or_default();
    let is_strict = core.split('.').count() == 3 && core.split('.').all(|part| part.parse::<u64>().is_ok());
    if !is_strict {
        let text = format!(
            "The version `{}` is not of the form `1.2.3`: tools read it differently.",
            metadata.version
        );
        add(FindingLevel::Warning, &text);
    }
    if metadata.deprecated {
        add(FindingLevel::Warning, "It says of itself that it is deprecated.");
    }
    if metadata.description.trim().is_empty() {
        add(
            FindingLevel::Warning,
            "It has no description: nobody will find it by what it does.",
        );
    }
    if metadata.icon.is_empty() {
        add(FindingLevel::Hint, "It has no icon.");
    }
    if metadata.maintainers.is_empty() {
        add(
            FindingLevel::Hint,
            "It names no maintainers: nobody knows whom to ask.",
        );
    }
    if metadata.app_version.is_empty() && metadata.kind != "library" {
        add(
            FindingLevel::Hint,
            "It has no appVersion: lists cannot say which software it installs.",
        );
    }
}

/// The path of the first image in some values whose tag moves.
fn moving_image(values: &serde_json::Value, path: &str, depth: usize) -> Option<String> {
    let serde_json::Value::Object(fields) = values else {
        return None;
    };
    if depth > MAX_DEPTH {
        return None;
    }
    fields.iter().find_map(|(key, value)| {
        let path = match path {
            "" => key.clone(),
            path => format!("{path}.{key}"),
        };
        let is_moving = match value {
            serde_json::Value::String(text) if key == "tag" => text == "latest",
            serde_json::Value::String(text) if key == "image" => text.ends_with(":latest"),
            _ => false,
        };
        match is_moving {
            true => Some(path),
            false => moving_image(value, &path, depth + 1),
        }
    })
}

fn linted(name: &str, files: &[ChartFile], chart: Chart, add: &mut dyn FnMut(FindingLevel, &str)) {
    let find = |path: &str| {
        let below = format!("{path}/");
        match files.iter().find(|file| file.path == path) {
            Some(file) => Entry::File(file.data.clone()),
            None if files.iter().any(|file| file.path.starts_with(&below)) => Entry::Directory,
            None => Entry::Missing,
        }
    };
    let directory = ChartDirectory {
        path: name.to_owned(),
        chart_yaml: find("Chart.yaml"),
        values_yaml: find("values.yaml"),
        schema: find("values.schema.json"),
        templates: find("templates"),
        crds: find("crds"),
        chart: Ok(chart),
    };
    let keys = KeptKeys::default();
    let found = lint(
        &directory,
        &Table::new(),
        &LintOptions::default(),
        &Still::new(&keys),
    );
    // What it informs of is said above in our own words.
    let worth_saying = found
        .into_iter()
        .filter(|message| message.severity > Severity::Info);
    for message in worth_saying.take(MAX_LINTED) {
        let what = match message.severity {
            Severity::Error => "an error",
            _ => "a warning",
        };
        let text = format!("Helm's lint has {what} in {}: {}", message.path, message.text);
        add(FindingLevel::Warning, &text);
    }
}

/// What would be on a disk: of several files at one path, the last.
fn unpacked(files: Vec<ChartFile>) -> Vec<ChartFile> {
    let mut last: std::collections::BTreeMap<String, ChartFile> = std::collections::BTreeMap::new();
    for file in files {
        last.insert(file.path.clone(), file);
    }
    last.into_values().collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use helm::archive::{ArchiveLimits, Modified, pack};
    use model::hosted::FindingLevel;

    use super::examined;

    fn found(metadata: &str, more: &[(&str, &[u8])]) -> Vec<(FindingLevel, String)> {
        let files = [("Chart.yaml", metadata.as_bytes())];
        let files = files.iter().copied().chain(more.iter().copied());
        let archive = pack("web", files, Modified::default()).expect("it packs");
        let (check, _) = examined(Bytes::from(archive), &ArchiveLimits::default());
        check
            .findings
            .into_iter()
            .map(|finding| (finding.level, finding.text))
            .collect()
    }

    #[test]
    fn a_careful_chart_is_not_remarked_upon() {
        let metadata = "apiVersion: v2\nname: web\nversion: 1.0.0\ndescription: Serves pages.\nappVersion: \"7\"\n\
                        icon: https://example.com/web.svg\nmaintainers:\n- name: Ada\n";
        let template = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n";
        let files: [(&str, &[u8]); 4] = [
            ("README.md", b"# web\n"),
            ("values.yaml", b"image:\n  tag: \"7\"\n"),
            ("values.schema.json", b"{}"),
            ("templates/map.yaml", template),
        ];
        assert_eq!(found(metadata, &files), []);
    }

    #[test]
    fn each_oddity_is_a_sentence() {
        let bare = found("apiVersion: v1\nname: web\nversion: \"1.0\"\n", &[]);
        for part in [
            "apiVersion is `v1`",
            "not of the form `1.2.3`",
            "no description",
            "no icon",
            "no README",
            "names no maintainers",
            "no appVersion",
        ] {
            assert!(
                bare.iter().any(|(_, text)| text.contains(part)),
                "{part}: {bare:?}"
            );
        }
        let metadata = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
        let moving = found(metadata, &[("values.yaml", b"web:\n  image:\n    tag: latest\n")]);
        assert!(
            moving
                .iter()
                .any(|(level, text)| *level == FindingLevel::Warning && text.contains("`web.image.tag`")),
            "{moving:?}"
        );
        assert!(moving.iter().any(|(_, text)| text.contains("values.schema.json")));
        let broken = found(metadata, &[("templates/a.yaml", b"{{ .Values.a.b.c | nope }}")]);
        assert!(
            broken
                .iter()
                .any(|(_, text)| text.starts_with("Helm's lint has an error in templates/")),
            "{broken:?}"
        );
        let (check, _) = examined(Bytes::from_static(b"no archive"), &ArchiveLimits::default());
        assert!(check.chart.is_none() && check.findings[0].level == FindingLevel::Refused);
    }
}
