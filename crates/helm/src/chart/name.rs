//! Names: of releases, as Kubernetes objects may be named.

/// Why a release name is refused; the texts are Helm's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseNameError {
    #[error("no name provided")]
    Missing,
    #[error(
        "invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"
    )]
    Invalid,
}

/// Ten characters fewer than a DNS label holds, so that charts can append to the name.
const MAX_RELEASE_NAME: usize = 53;

/// Checks a release name before anything is rendered or stored under it.
pub fn validate_release_name(name: &str) -> Result<(), ReleaseNameError> {
    if name.is_empty() {
        return Err(ReleaseNameError::Missing);
    }
    if name.len() > MAX_RELEASE_NAME || !name.split('.').all(is_label) {
        return Err(ReleaseNameError::Invalid);
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = label.as_bytes();
    bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_names_follow_kubernetes() {
        let longest = "a".repeat(53);
        for name in ["a", "a-b", "a.b", "1a", longest.as_str()] {
            assert_eq!(validate_release_name(name), Ok(()), "{name}");
        }
        let too_long = "a".repeat(54);
        for name in [
            "A",
            "a_b",
            "-a",
            "a-",
            "a..b",
            ".a",
            "a b",
            "a\n",
            too_long.as_str(),
        ] {
            assert_eq!(
                validate_release_name(name),
                Err(ReleaseNameError::Invalid),
                "{name}"
            );
        }
        assert_eq!(validate_release_name(""), Err(ReleaseNameError::Missing));
    }
}
