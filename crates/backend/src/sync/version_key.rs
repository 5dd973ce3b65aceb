//! Versions as bytes that compare like the versions do, so that a database can order them.

/// The order of a version and whether it is a pre-release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionKey {
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_prerelease: bool,
}

const RELEASE: u8 = 2;
const PRERELEASE: u8 = 1;
const END: u8 = 0;
const NUMBER: u8 = 1;
const WORD: u8 = 2;

/// Orders by SemVer precedence. Lenient as Helm is: a leading `v`, and missing minor and patch numbers are zero; what
/// is no version at all comes before every version.
pub(crate) fn version_key(version: &str) -> VersionKey {
    let version = version.strip_prefix('v').unwrap_or(version);
    // Build metadata has no say in precedence.
    let version = version.split('+').next().unwrap_or_default();
    let (numbers, prerelease) = match version.split_once('-') {
        Some((numbers, prerelease)) => (numbers, Some(prerelease)),
        None => (version, None),
    };
    let mut bytes = Vec::with_capacity(16);
    let mut numbers = numbers.split('.');
    for _ in 0..3 {
        push_number(&mut bytes, numbers.next().unwrap_or("0"));
    }
    match prerelease {
        None => bytes.push(RELEASE),
        Some(prerelease) => {
            bytes.push(PRERELEASE);
            for identifier in prerelease.split('.') {
                if !identifier.is_empty() && identifier.bytes().all(|byte| byte.is_ascii_digit()) {
                    bytes.push(NUMBER);
                    push_number(&mut bytes, identifier);
                } else {
                    bytes.push(WORD);
                    bytes.extend_from_slice(identifier.as_bytes());
                    // Smaller than every character of an identifier: `alpha` comes before `alphabet`.
                    bytes.push(END);
                }
            }
            // Fewer identifiers come first.
            bytes.push(END);
        }
    }
    VersionKey {
        bytes,
        is_prerelease: prerelease.is_some(),
    }
}

/// The digits behind their number: a longer number is a larger one.
fn push_number(bytes: &mut Vec<u8>, digits: &str) {
    let digits = digits.trim_start_matches('0');
    bytes.push(u8::try_from(digits.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(digits.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::version_key;

    #[test]
    fn keys_compare_as_versions_do() {
        // SemVer 2.0.0, section 11, and lengths beyond it.
        let ordered = [
            "0.0.0-0",
            "0.0.1",
            "0.1.0",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0-rc1",
            "1.0.0",
            "1.0.1",
            "1.2",
            "1.9.0",
            "1.10.0",
            "v2.0.0-1",
            "v2.0.0-1a",
            "v2",
            "10.0.0",
            "20240101.0.0",
            "99999999999999999999.0.0",
        ];
        for pair in ordered.windows(2) {
            assert!(
                version_key(pair[0]).bytes < version_key(pair[1]).bytes,
                "{} < {}",
                pair[0],
                pair[1]
            );
        }
        for (a, b) in [
            ("1.0.0+a", "1.0.0+b"),
            ("v1.2.3", "1.2.3"),
            ("1.2", "1.2.0"),
            ("01.2.3", "1.2.3"),
        ] {
            assert_eq!(version_key(a), version_key(b), "{a} = {b}");
        }
        assert!(version_key("1.0.0-rc.1").is_prerelease);
        assert!(!version_key("1.0.0+build-1").is_prerelease);
    }
}
