//! Names that become paths: of tenants and of files. Everything that comes from an address or an archive passes here
//! before it is joined to a directory (CVE-2019-1000009 was a name such as `../other/chart`).

use sha2::{Digest as _, Sha256};

/// The deepest that tenants may lie.
pub(crate) const MAX_DEPTH: usize = 8;
const MAX_SEGMENT_BYTES: usize = 100;
/// File systems take 255; `.prov` and the name of a staged file need some.
const MAX_FILE_NAME_BYTES: usize = 240;

/// What an archive's name ends with.
pub(crate) const ARCHIVE: &str = ".tgz";
/// What the name of a provenance file ends with.
pub(crate) const PROVENANCE: &str = ".tgz.prov";

/// Whether a text is the name of a tenant: empty, or segments that are names of ordinary directories.
pub(crate) fn is_tenant(tenant: &str) -> bool {
    tenant.is_empty() || (tenant.split('/').count() <= MAX_DEPTH && tenant.split('/').all(is_segment))
}

fn is_segment(segment: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+@~".contains(&byte);
    segment.len() <= MAX_SEGMENT_BYTES
        && segment
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && segment.bytes().all(inner)
}

/// Whether a text is the name of one ordinary file that is seen: neither a path nor hidden.
pub(crate) fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_FILE_NAME_BYTES
        && !name.starts_with('.')
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control)
        && name.trim() == name
}

/// What a tenant's repository is called in the catalog, where names are one segment of lower case.
pub(crate) fn repository_name(prefix: &str, tenant: &str) -> String {
    const MAX_NAME_BYTES: usize = 63;
    if tenant.is_empty() {
        return prefix.to_owned();
    }
    let is_plain = |segment: &str| {
        segment
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !segment.ends_with('-')
    };
    let dotted = format!("{prefix}.{}", tenant.replace('/', "."));
    if tenant.split('/').all(is_plain) && dotted.len() <= MAX_NAME_BYTES {
        return dotted;
    }
    // Two tenants must not meet in one name: `a.b` and `a/b`, or those that differ in case alone.
    let digest = hex::encode(Sha256::digest(tenant.as_bytes()));
    let digest = digest.get(..12).unwrap_or_default();
    let readable: String = dotted
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(MAX_NAME_BYTES - 13)
        .collect();
    format!("{readable}-{digest}")
}

/// What something was done to, for the audit log.
pub(crate) fn object_of(tenant: &str, what: &str) -> String {
    match tenant {
        "" => what.to_owned(),
        tenant => format!("{tenant}: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_file_name, is_tenant, repository_name};

    #[test]
    fn tenants_are_ordinary_directories_below_the_root() {
        for tenant in ["", "a", "org/repo", "Org_1/x.y/z-1", "a/b/c/d/e/f/g/h"] {
            assert!(is_tenant(tenant), "{tenant}");
        }
        let long = "x".repeat(101);
        for tenant in [
            "/",
            "a/",
            "/a",
            "a//b",
            ".",
            "..",
            "a/..",
            "../a",
            ".git",
            "a/.b",
            "a\\b",
            "a b",
            "a\0",
            "%2e%2e",
            "ä",
            "a/b/c/d/e/f/g/h/i",
            &long,
        ] {
            assert!(!is_tenant(tenant), "{tenant}");
        }
    }

    #[test]
    fn files_have_one_plain_name() {
        for name in ["web-1.0.0.tgz", "a b-1.0.0+x.tgz", "ä-1.0.0.tgz.prov"] {
            assert!(is_file_name(name), "{name}");
        }
        let long = format!("{}.tgz", "x".repeat(240));
        for name in [
            "",
            ".",
            "..",
            "../a-1.0.0.tgz",
            "a/b.tgz",
            "a\\b.tgz",
            ".a.tgz",
            "a\n.tgz",
            " a.tgz",
            &long,
        ] {
            assert!(!is_file_name(name), "{name}");
        }
    }

    #[test]
    fn no_two_tenants_meet_in_one_name() {
        assert_eq!(repository_name("hosted", ""), "hosted");
        assert_eq!(repository_name("hosted", "org/repo"), "hosted.org.repo");
        let names: std::collections::BTreeSet<String> = [
            "org/repo",
            "org.repo",
            "Org/repo",
            "org/Repo",
            "org-/repo",
            "org_repo",
            &"x".repeat(90),
        ]
        .map(|tenant| repository_name("hosted", tenant))
        .into();
        assert_eq!(names.len(), 7, "{names:?}");
        for name in names {
            assert!(crate::ops::check_name(&name).is_ok(), "{name}");
        }
    }
}
