//! Names of objects, as the API server will check them.

/// What is wrong with the name of an object of `kind`, in Helm's words around Kubernetes'.
pub(super) fn problem(kind: &str, name: &str) -> Option<String> {
    let quoted = engine::strconv::quote(name.as_bytes());
    let mut messages: Vec<String> = broken_rules(kind, name)
        .into_iter()
        .map(|message| format!("metadata.name: Invalid value: {quoted}: {message}"))
        .collect();
    let all = match messages.len() {
        0 => return None,
        1 => messages.remove(0),
        _ => format!("[{}]", messages.join(", ")),
    };
    Some(format!(
        "object name does not conform to Kubernetes naming requirements: {quoted}: {all}"
    ))
}

fn broken_rules(kind: &str, name: &str) -> Vec<String> {
    match kind.to_lowercase().as_str() {
        "service" => label_1035(name),
        "namespace" => label_1123(name),
        "certificatesigningrequest" => Vec::new(),
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => path_segment(name),
        _ => subdomain(name),
    }
}

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const MAX_LABEL: usize = 63;
const MAX_SUBDOMAIN: usize = 253;

fn subdomain(name: &str) -> Vec<String> {
    let mut broken = too_long(name, MAX_SUBDOMAIN);
    if !is_subdomain(name) {
        broken.push(format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{LABEL}(\\.{LABEL})*')"
        ));
    }
    broken
}

fn label_1123(name: &str) -> Vec<String> {
    let mut broken = too_long(name, MAX_LABEL);
    if !is_label(name, is_alphanumeric) {
        broken.push(if is_subdomain(name) {
            "must not contain dots".to_owned()
        } else {
            format!(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL}')"
            )
        });
    }
    broken
}

fn label_1035(name: &str) -> Vec<String> {
    let mut broken = too_long(name, MAX_LABEL);
    if !is_label(name, |byte| byte.is_ascii_lowercase()) {
        broken.push(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
                .to_owned(),
        );
    }
    broken
}

fn path_segment(name: &str) -> Vec<String> {
    if matches!(name, "." | "..") {
        return vec![format!("may not be '{name}'")];
    }
    ["/", "%"]
        .iter()
        .filter(|illegal| name.contains(**illegal))
        .map(|illegal| format!("may not contain '{illegal}'"))
        .collect()
}

fn too_long(name: &str, limit: usize) -> Vec<String> {
    if name.len() > limit {
        vec![format!("must be no more than {limit} bytes")]
    } else {
        Vec::new()
    }
}

fn is_subdomain(name: &str) -> bool {
    name.split('.').all(|label| is_label(label, is_alphanumeric))
}

fn is_label(label: &str, may_start: impl Fn(u8) -> bool) -> bool {
    let bytes = label.as_bytes();
    bytes.first().is_some_and(|byte| may_start(*byte))
        && bytes.last().is_some_and(|byte| is_alphanumeric(*byte))
        && bytes.iter().all(|byte| is_alphanumeric(*byte) || *byte == b'-')
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_depends_on_the_kind() {
        for (kind, name) in [
            ("Deployment", "a.b-c"),
            ("Service", "web-1"),
            ("Namespace", "1-a"),
            ("ClusterRole", "system:Node"),
            ("CertificateSigningRequest", "  "),
        ] {
            assert_eq!(problem(kind, name), None, "{kind} {name}");
        }
        for (kind, name) in [
            ("Deployment", "A"),
            ("Deployment", ""),
            ("Service", "1-web"),
            ("Service", "a.b"),
            ("Namespace", "a.b"),
            ("Role", "a/b"),
        ] {
            assert!(problem(kind, name).is_some(), "{kind} {name}");
        }
    }

    #[test]
    fn several_broken_rules_are_a_list() {
        let text = problem("Role", "a/b%").unwrap();
        assert_eq!(
            text,
            r#"object name does not conform to Kubernetes naming requirements: "a/b%": [metadata.name: Invalid value: "a/b%": may not contain '/', metadata.name: Invalid value: "a/b%": may not contain '%']"#
        );
    }
}
