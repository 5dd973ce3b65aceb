//! Kinds of Kubernetes that are on their way out.

use crate::capabilities::KubeVersion;

/// One kind a line: API version, kind, deprecated in, unavailable from (or `-`), and what to use instead. As the API
/// types of Kubernetes 1.37 tell it.
const TABLE: &str = include_str!("deprecated_apis.txt");

/// What to say about a kind, if it is deprecated in the given Kubernetes.
pub(super) fn warning(api_version: &str, kind: &str, kubernetes: &KubeVersion) -> Option<String> {
    let row = TABLE.lines().find_map(|line| {
        let mut words = line.split(' ');
        (words.next() == Some(api_version) && words.next() == Some(kind)).then_some(words)
    });
    let mut row = row?;
    let deprecated = row.next()?;
    if release(deprecated)? > (kubernetes.major.parse().ok()?, kubernetes.minor.parse().ok()?) {
        return None;
    }
    let mut text = format!("{api_version} {kind} is deprecated in v{deprecated}+");
    if let Some(removed) = row.next().filter(|removed| *removed != "-") {
        text.push_str(&format!(", unavailable in v{removed}+"));
    }
    if let (Some(api_version), Some(kind)) = (row.next(), row.next()) {
        text.push_str(&format!("; use {api_version} {kind}"));
    }
    Some(text)
}

fn release(text: &str) -> Option<(u64, u64)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_deprecated_from_a_release_on() {
        let old = KubeVersion::parse("1.13").unwrap();
        let new = KubeVersion::parse("1.37").unwrap();
        let ingress = |kubernetes| warning("extensions/v1beta1", "Ingress", kubernetes);
        assert_eq!(ingress(&old), None);
        assert_eq!(
            ingress(&new).unwrap(),
            "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress"
        );
        assert_eq!(warning("networking.k8s.io/v1", "Ingress", &new), None);
        assert_eq!(warning("", "", &new), None);
    }

    #[test]
    fn every_row_can_be_read() {
        for line in TABLE.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(matches!(words.len(), 4 | 6), "{line}");
            assert!(release(words[2]).is_some(), "{line}");
            assert!(words[3] == "-" || release(words[3]).is_some(), "{line}");
        }
    }
}
