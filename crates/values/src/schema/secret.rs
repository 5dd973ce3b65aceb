//! Which values are secrets, told by their names. Used to mask what is shown; a schema can say it better
//! (`format: password`, `writeOnly`).

/// Whether a key names a secret itself: `rootPassword`, `apiToken`, `tls.key`. Not where a secret is to be found
/// (`existingSecret`, `secretName`, `passwordKey`, `tokenPath`, `secretKeyRef`).
#[must_use]
pub fn is_secret_name(key: &str) -> bool {
    let words = words(key);
    let Some((last, before)) = words.split_last() else {
        return false;
    };
    let about_another = words.first().is_some_and(|first| {
        matches!(
            first.as_str(),
            "existing" | "use" | "generate" | "create" | "enable" | "has"
        )
    });
    if about_another {
        return false;
    }
    let previous = before.last().map(String::as_str);
    match last.as_str() {
        "password" | "passwords" | "passwd" | "pwd" | "pass" | "passphrase" | "token" | "secret"
        | "credential" | "credentials" | "apikey" | "secretkey" | "accesskey" | "privatekey" | "htpasswd"
        | "kubeconfig" | "dsn" => !matches!(
            (last.as_str(), previous),
            ("secret", Some("pull" | "password" | "token"))
        ),
        "key" => matches!(
            previous,
            None | Some(
                "private"
                    | "secret"
                    | "access"
                    | "api"
                    | "encryption"
                    | "license"
                    | "signing"
                    | "ssh"
                    | "master"
                    | "auth"
                    | "account"
                    | "tls"
                    | "session"
                    | "hmac"
                    | "shared"
            )
        ),
        _ => false,
    }
}

/// The words of `camelCase`, `snake_case`, `kebab-case` and `dotted.names`, in lower case.
pub(crate) fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_is_lower = false;
    let mut starts_word = true;
    for character in key.chars() {
        if !character.is_alphanumeric() {
            starts_word = true;
            continue;
        }
        if starts_word || (character.is_uppercase() && previous_is_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
        previous_is_lower = character.is_lowercase() || character.is_numeric();
        starts_word = false;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_what_only_names_them() {
        for name in [
            "password",
            "rootPassword",
            "POSTGRES_PASSWORD",
            "apiToken",
            "secretKey",
            "accessKey",
            "AWS_SECRET_ACCESS_KEY",
            "clientSecret",
            "tls.key",
            "key",
            "encryption-key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "existingSecret",
            "secretName",
            "secretKeyRef",
            "existingSecretPasswordKey",
            "passwordKey",
            "tokenPath",
            "usePassword",
            "imagePullSecret",
            "passwordSecret",
            "keyboard",
            "monkey",
            "image",
            "topologyKey",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
