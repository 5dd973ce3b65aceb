//! Container images: name and version apart, and which came, went or changed.

use std::collections::{BTreeMap, BTreeSet};

use model::review::ImageChange;

use super::object::Reviewed;
use super::pods;

/// Images that are told of one chart.
const MAX_IMAGES: usize = 200;

/// The images of all containers, each once, in the order of the objects.
pub(crate) fn images(objects: &[Reviewed]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = objects.iter().flat_map(pods::images_of);
    all.filter(|image| seen.insert(image.clone()))
        .take(MAX_IMAGES)
        .collect()
}

/// The images of one object's containers.
pub(crate) fn of_object(object: &Reviewed) -> Vec<String> {
    let mut images = pods::images_of(object);
    images.truncate(MAX_IMAGES);
    images
}

/// An image's name, and behind it tag and digest as they are written.
pub(super) fn split(image: &str) -> (&str, &str) {
    let (named, digest) = image
        .split_once('@')
        .map_or((image, ""), |(named, digest)| (named, digest));
    // A colon before the last slash is that of a registry's port.
    let tag_at = named
        .rfind(':')
        .filter(|colon| named.rfind('/').is_none_or(|slash| slash < *colon));
    match (tag_at, digest) {
        (Some(at), _) => (&image[..at], &image[at + 1..]),
        (None, "") => (image, ""),
        (None, digest) => (named, digest),
    }
}

/// Which images came, went, or have another version.
pub(crate) fn changes(before: &[String], after: &[String]) -> Vec<ImageChange> {
    let mut versions: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for image in before {
        let (name, version) = split(image);
        versions.entry(name).or_default().0.insert(version);
    }
    for image in after {
        let (name, version) = split(image);
        versions.entry(name).or_default().1.insert(version);
    }
    let joined = |versions: &BTreeSet<&str>| {
        let all: Vec<&str> = versions.iter().copied().collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    versions
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(name, (before, after))| ImageChange {
            name: name.to_owned(),
            before: joined(&before),
            after: joined(&after),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{changes, split};

    #[test]
    fn names_and_versions_are_told_apart() {
        let rows = [
            ("nginx", ("nginx", "")),
            ("nginx:1.27", ("nginx", "1.27")),
            ("localhost:5000/nginx", ("localhost:5000/nginx", "")),
            ("localhost:5000/a/nginx:1", ("localhost:5000/a/nginx", "1")),
            ("a/b@sha256:0123", ("a/b", "sha256:0123")),
            ("a/b:1@sha256:0123", ("a/b", "1@sha256:0123")),
            ("", ("", "")),
        ];
        for (image, want) in rows {
            assert_eq!(split(image), want, "{image}");
        }
    }

    #[test]
    fn an_image_with_another_version_is_one_change() {
        let list = |images: &[&str]| images.iter().map(|image| (*image).to_owned()).collect::<Vec<_>>();
        let all = changes(
            &list(&["web:1", "gone:2", "same:3"]),
            &list(&["web:2", "same:3", "new"]),
        );
        let told: Vec<_> = all
            .iter()
            .map(|change| {
                (
                    change.name.as_str(),
                    change.before.as_deref(),
                    change.after.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("gone", Some("2"), None),
                ("new", None, Some("")),
                ("web", Some("1"), Some("2"))
            ]
        );
    }
}
