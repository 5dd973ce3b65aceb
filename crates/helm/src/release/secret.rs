//! Names and labels of the Secret (or ConfigMap) that holds a record.

use std::collections::BTreeMap;

use super::Release;

/// The `type` of a record's Secret.
pub const RECORD_TYPE: &str = "helm.sh/release.v1";
/// The key of the record in `data`.
pub const RECORD_KEY: &str = "release";
/// Labels that Helm sets itself; a user may not.
pub const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

const NAME_PREFIX: &str = "sh.helm.release.v1.";

/// The name of the Secret of one revision.
pub fn record_name(release: &str, revision: i64) -> String {
    format!("{NAME_PREFIX}{release}.v{revision}")
}

/// The release and revision of a Secret's name; nothing for other Secrets.
pub fn parse_record_name(name: &str) -> Option<(&str, i64)> {
    let (release, revision) = name.strip_prefix(NAME_PREFIX)?.rsplit_once(".v")?;
    Some((release, revision.parse().ok()?))
}

/// The labels of a record, by which Helm lists and counts revisions.
///
/// `moment` is `createdAt` on creation and `modifiedAt` on an update, in seconds since 1970.
pub fn record_labels(release: &Release, moment: (&str, i64)) -> BTreeMap<String, String> {
    let status = release.info.as_ref().map_or("", |info| info.status.as_str());
    let mut labels = release.labels.clone();
    let revision = release.revision.to_string();
    let seconds = moment.1.to_string();
    for (label, value) in [
        ("name", release.name.as_str()),
        ("owner", "helm"),
        ("status", status),
        ("version", revision.as_str()),
        (moment.0, seconds.as_str()),
    ] {
        labels.insert(label.to_owned(), value.to_owned());
    }
    labels
}

/// The labels of a record that are the user's own.
pub fn user_labels(labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = labels
        .iter()
        .filter(|(label, _)| !SYSTEM_LABELS.contains(&label.as_str()));
    own.map(|(label, value)| (label.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        assert_eq!(record_name("my.v1", 12), "sh.helm.release.v1.my.v1.v12");
        assert_eq!(
            parse_record_name("sh.helm.release.v1.my.v1.v12"),
            Some(("my.v1", 12))
        );
        assert_eq!(parse_record_name("sh.helm.release.v1.x"), None);
        assert_eq!(parse_record_name("other"), None);
    }

    #[test]
    fn system_labels_win_and_are_told_apart() {
        let mut release = Release {
            name: "demo".to_owned(),
            revision: 2,
            ..Release::default()
        };
        release.labels = BTreeMap::from([
            ("team".to_owned(), "a".to_owned()),
            ("owner".to_owned(), "me".to_owned()),
        ]);
        let labels = record_labels(&release, ("createdAt", 7));
        assert_eq!(labels["owner"], "helm");
        assert_eq!(labels["createdAt"], "7");
        assert_eq!(
            user_labels(&labels),
            BTreeMap::from([("team".to_owned(), "a".to_owned())])
        );
    }
}
