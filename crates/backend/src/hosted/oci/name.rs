//! Names, tags and digests as OCI clients write them (the distribution specification 1.1, "Pulling manifests"). Everything
//! that comes from an address or a manifest passes here before it is looked for.

use crate::blobs::Digest;

/// Longer names no client sends.
const MAX_NAME_BYTES: usize = 255;
const MAX_TAG_BYTES: usize = 128;

/// A repository: a chart of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repository {
    /// `org/repo`, or empty.
    pub(crate) tenant: String,
    /// The last part of the name.
    pub(crate) chart: String,
}

impl Repository {
    /// Reads a name such as `hosted/org/repo/web`, whose first part is what hosted charts are called here.
    pub(crate) fn parse(name: &str, prefix: &str) -> Option<Self> {
        if name.len() > MAX_NAME_BYTES || !name.split('/').all(is_component) {
            return None;
        }
        let below = name.strip_prefix(prefix)?.strip_prefix('/')?;
        let (tenant, chart) = below.rsplit_once('/').unwrap_or(("", below));
        Some(Self {
            tenant: tenant.to_owned(),
            chart: chart.to_owned(),
        })
    }

    /// What it is called in the database, where the prefix may change.
    pub(crate) fn key(&self) -> String {
        match self.tenant.as_str() {
            "" => self.chart.clone(),
            tenant => format!("{tenant}/{}", self.chart),
        }
    }
}

/// One part of a name: lower-case words with single separators between them.
pub(crate) fn is_component(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let mut at = 0;
    loop {
        let start = at;
        while bytes.get(at).copied().is_some_and(is_word) {
            at += 1;
        }
        if at == start {
            return false;
        }
        match bytes.get(at..) {
            None | Some([]) => return true,
            Some([b'.', ..]) => at += 1,
            Some([b'_', b'_', ..]) => at += 2,
            Some([b'_', ..]) => at += 1,
            Some([b'-', ..]) => {
                while bytes.get(at) == Some(&b'-') {
                    at += 1;
                }
            }
            Some(_) => return false,
        }
    }
}

/// What a manifest is asked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Tag(String),
    Digest(Digest),
}

impl Reference {
    /// Reads a tag or a digest.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.contains(':') {
            return digest(text).map(Self::Digest);
        }
        let mut bytes = text.bytes();
        let is_first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_tag = text.len() <= MAX_TAG_BYTES
            && bytes.next().is_some_and(is_first)
            && bytes.all(|byte| is_first(byte) || byte == b'.' || byte == b'-');
        is_tag.then(|| Self::Tag(text.to_owned()))
    }
}

/// Reads `sha256:…`. Other algorithms are not kept here.
pub(crate) fn digest(text: &str) -> Option<Digest> {
    let hex = text.strip_prefix("sha256:")?;
    let is_lower = hex
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    Digest::from_hex(hex).filter(|_| is_lower)
}

/// The digest as it is written.
pub(crate) fn written(digest: Digest) -> String {
    format!("sha256:{}", digest.to_hex())
}

/// The digest of a tag such as `sha256-…`, at which `cosign copy` puts the manifest with that digest.
pub(crate) fn digest_of_tag(tag: &str) -> Option<Digest> {
    digest(&format!("sha256:{}", tag.strip_prefix("sha256-")?))
}

/// The tag of a version: `+` is none of the characters of tags, and Helm writes `_` for it.
pub(crate) fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

/// The version of a tag. `_` is none of the characters of versions.
pub(crate) fn version_of(tag: &str) -> String {
    tag.replace('_', "+")
}

#[cfg(test)]
mod tests {
    use super::{Reference, Repository, digest};

    #[test]
    fn names_are_those_of_the_specification() {
        let parsed = |name: &str| {
            Repository::parse(name, "hosted").map(|repository| (repository.tenant, repository.chart))
        };
        let some = |tenant: &str, chart: &str| Some((tenant.to_owned(), chart.to_owned()));
        for (name, want) in [
            ("hosted/web", some("", "web")),
            ("hosted/org/repo/web-app", some("org/repo", "web-app")),
            ("hosted/a__b/c.d--e", some("a__b", "c.d--e")),
            ("hosted", None),
            ("hosted/", None),
            ("hostedx/web", None),
            ("other/web", None),
            ("hosted/Web", None),
            ("hosted/../web", None),
            ("hosted//web", None),
            ("hosted/web-", None),
            ("hosted/a___b", None),
            ("hosted/a..b", None),
            ("hosted/-a", None),
            ("hosted/a b", None),
            ("hosted/a%2fb", None),
        ] {
            assert_eq!(parsed(name), want, "{name}");
        }
        let long = format!("hosted/{}", "a".repeat(300));
        assert_eq!(parsed(&long), None);
    }

    #[test]
    fn references_are_tags_or_digests() {
        let hex = "0123456789abcdef".repeat(4);
        assert!(matches!(
            Reference::parse("1.0.0_build.5"),
            Some(Reference::Tag(_))
        ));
        assert!(matches!(
            Reference::parse(&format!("sha256:{hex}")),
            Some(Reference::Digest(_))
        ));
        for bad in ["", "-a", ".a", "a/b", "a:b", "a+b", "sha256:", "sha256:zz", "é"] {
            assert_eq!(Reference::parse(bad), None, "{bad}");
        }
        assert_eq!(Reference::parse(&"a".repeat(129)), None);
        assert_eq!(digest(&format!("sha256:{}", hex.to_uppercase())), None);
        assert_eq!(digest(&format!("sha512:{hex}")), None);
    }
}
