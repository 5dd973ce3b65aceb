//! What the templates believe about the cluster: `.Capabilities`.

use engine::strconv::quote;

use crate::Compat;

/// The Kubernetes version Helm assumes when it knows no cluster.
const DEFAULT_KUBE_VERSION: (u64, u64) = (1, 36);

/// The API versions Helm assumes when it knows no cluster: all its client library knows, in the library's order.
const DEFAULT_API_VERSIONS: [&str; 55] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// The cluster as templates see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub kube_version: KubeVersion,
    /// `group/version`, and from a live cluster `group/version/Kind` as well.
    pub api_versions: Vec<String>,
    pub helm_version: HelmVersion,
}

/// A Kubernetes version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// As given, with a `v` in front: `v1.33.4-gke.1245000`.
    pub version: String,
    /// Without the vendor's suffix, for comparisons: `v1.33.4`.
    pub normalized: String,
    pub major: String,
    pub minor: String,
}

/// The Helm whose behaviour is reproduced, as `.Capabilities.HelmVersion` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelmVersion {
    pub version: String,
    pub git_commit: String,
    pub git_tree_state: String,
    pub go_version: String,
    pub kube_client_version: String,
}

/// A version that is none; the texts are those of the Kubernetes version parser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KubeVersionError {
    #[error("could not parse {} as version", quote(.version.as_bytes()))]
    Unparsable { version: String },
    #[error("illegal version string {}", quote(.version.as_bytes()))]
    TooShort { version: String },
    #[error("illegal zero-prefixed version component {} in {}", quote(.component.as_bytes()), quote(.version.as_bytes()))]
    ZeroPrefixed { component: String, version: String },
    #[error("illegal non-numeric version component {0} in {1}: strconv.ParseUint: parsing {0}: value out of range", quote(.component.as_bytes()), quote(.version.as_bytes()))]
    TooLarge { component: String, version: String },
}

impl Default for Capabilities {
    fn default() -> Self {
        let (major, minor) = DEFAULT_KUBE_VERSION;
        let version = format!("v{major}.{minor}.0");
        Self {
            kube_version: KubeVersion {
                normalized: version.clone(),
                version,
                major: major.to_string(),
                minor: minor.to_string(),
            },
            api_versions: DEFAULT_API_VERSIONS.map(str::to_owned).to_vec(),
            helm_version: HelmVersion::default(),
        }
    }
}

impl Default for HelmVersion {
    fn default() -> Self {
        let (major, minor) = DEFAULT_KUBE_VERSION;
        Self {
            version: "v4.2".to_owned(),
            git_commit: String::new(),
            git_tree_state: String::new(),
            go_version: "go1.26.6".to_owned(),
            kube_client_version: format!("v{major}.{minor}"),
        }
    }
}

impl Capabilities {
    /// What the given Helm assumes when it knows no cluster.
    pub fn of(compat: Compat) -> Self {
        let mut capabilities = Self::default();
        if compat == Compat::Helm4_3 {
            capabilities.kube_version = KubeVersion {
                version: "v1.37.0".to_owned(),
                normalized: "v1.37.0".to_owned(),
                major: "1".to_owned(),
                minor: "37".to_owned(),
            };
            capabilities.helm_version = HelmVersion {
                version: "v4.3".to_owned(),
                go_version: "go1.26.8".to_owned(),
                kube_client_version: "v1.37".to_owned(),
                ..HelmVersion::default()
            };
            for version in &mut capabilities.api_versions {
                if version == "scheduling.k8s.io/v1alpha2" {
                    "scheduling.k8s.io/v1alpha3".clone_into(version);
                }
            }
            for (before, new) in [
                ("networking.k8s.io/v1", "lifecycle.k8s.io/v1alpha1"),
                ("storagemigration.k8s.io/v1beta1", "storagemigration.k8s.io/v1"),
            ] {
                let known = &mut capabilities.api_versions;
                let at = known.iter().position(|version| version == before);
                known.insert(at.unwrap_or(known.len()), new.to_owned());
            }
        }
        capabilities
    }
}

impl KubeVersion {
    /// Parses what `--kube-version` takes: `1.30`, `v1.30.2`, `v1.33.4-gke.1245000`.
    pub fn parse(version: &str) -> Result<Self, KubeVersionError> {
        let given = || version.to_owned();
        let digits = version.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
        let digits = digits.strip_prefix('v').unwrap_or(digits);
        let numbers = leading_numbers(digits);
        // The rest may be anything but a line break, which the parser's `.` does not match.
        if numbers.is_empty() || digits.contains('\n') {
            return Err(KubeVersionError::Unparsable { version: given() });
        }
        let components: Vec<&str> = numbers.split('.').collect();
        let [major, minor, ..] = components.as_slice() else {
            return Err(KubeVersionError::TooShort { version: given() });
        };
        if major.starts_with('0') && *major != "0" {
            return Err(KubeVersionError::ZeroPrefixed {
                component: (*major).to_owned(),
                version: given(),
            });
        }
        let parse = |component: &str| {
            component.parse::<u64>().map_err(|_| KubeVersionError::TooLarge {
                component: component.to_owned(),
                version: given(),
            })
        };
        let parsed = components
            .iter()
            .map(|component| parse(component))
            .collect::<Result<Vec<_>, _>>()?;
        let parsed: Vec<_> = parsed.iter().map(u64::to_string).collect();
        Ok(Self {
            version: if version.starts_with('v') {
                given()
            } else {
                format!("v{version}")
            },
            normalized: format!("v{}", parsed.join(".")),
            major: parse(major)?.to_string(),
            minor: parse(minor)?.to_string(),
        })
    }
}

/// The longest prefix of the form `1.2.3`.
fn leading_numbers(text: &str) -> &str {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .iter()
            .skip(from)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut end = digits(0);
    while end > 0 && bytes.get(end) == Some(&b'.') {
        let more = digits(end + 1);
        if more == 0 {
            break;
        }
        end += 1 + more;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_lose_the_vendors_suffix() {
        for (given, version, normalized, major, minor) in [
            ("v1.30.2-gke.100", "v1.30.2-gke.100", "v1.30.2", "1", "30"),
            ("1.29", "v1.29", "v1.29", "1", "29"),
            ("v1.31.4+k3s1", "v1.31.4+k3s1", "v1.31.4", "1", "31"),
            ("1.2.3.4x", "v1.2.3.4x", "v1.2.3.4", "1", "2"),
        ] {
            let parsed = KubeVersion::parse(given).unwrap();
            assert_eq!(
                (
                    parsed.version.as_str(),
                    parsed.normalized.as_str(),
                    parsed.major.as_str(),
                    parsed.minor.as_str()
                ),
                (version, normalized, major, minor)
            );
        }
    }

    #[test]
    fn helm_4_3_knows_a_newer_kubernetes() {
        let (old, new) = (
            Capabilities::of(Compat::Helm4_2),
            Capabilities::of(Compat::Helm4_3),
        );
        assert_eq!(old, Capabilities::default());
        assert_eq!(
            (new.kube_version.minor.as_str(), new.api_versions.len()),
            ("37", 57)
        );
        assert!(
            !new.api_versions
                .contains(&"scheduling.k8s.io/v1alpha2".to_owned())
        );
    }

    #[test]
    fn other_texts_are_refused_in_kubernetes_words() {
        for (given, want) in [
            ("bad", r#"could not parse "bad" as version"#),
            ("", r#"could not parse "" as version"#),
            ("1", r#"illegal version string "1""#),
            (
                "01.2",
                r#"illegal zero-prefixed version component "01" in "01.2""#,
            ),
        ] {
            assert_eq!(KubeVersion::parse(given).unwrap_err().to_string(), want);
        }
    }
}
