//! Whose signatures count: the keyrings of the settings, read once at the start, and the rule of each repository.
//!
//! A keyring that cannot be read ends the start: to go on without it would be to trust other keys than the operator said.
//! [`crate::ops::signatures`] asks.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use signatures::{cosign, openpgp};

use crate::settings::{KeyringSettings, SignaturePolicy, SignatureSettings};
use crate::{Error, Result};

/// The most that is read of a file with keys, in bytes; whatever is longer is refused by whoever reads it.
const MAX_FILE_BYTES: u64 = openpgp::MAX_KEYRING_BYTES as u64 + 1;

/// Keys that are trusted together.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) name: String,
    pub(crate) openpgp: openpgp::Keyring,
    pub(crate) cosign: cosign::Trust,
}

/// What holds for a repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rule {
    /// None where nothing is verified.
    pub(crate) keys: Option<Arc<Keys>>,
    pub(crate) policy: SignaturePolicy,
}

/// Every rule.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    usual: Rule,
    of: BTreeMap<String, Rule>,
}

impl Trust {
    /// Reads the keyrings.
    pub(crate) fn open(settings: &SignatureSettings) -> Result<Self> {
        let mut keyrings: BTreeMap<&str, Arc<Keys>> = BTreeMap::new();
        for keyring in &settings.keyrings {
            let name = keyring.name.as_str();
            let invalid = |message: String| invalid("signatures.keyrings", &format!("`{name}`: {message}"));
            if name.is_empty() {
                return Err(invalid("a keyring has a name".to_owned()));
            }
            let mut keys = Keys {
                name: name.to_owned(),
                ..Keys::default()
            };
            read_keys(keyring, &mut keys).map_err(invalid)?;
            if keys.openpgp.is_empty() && keys.cosign.is_empty() {
                return Err(invalid(
                    "it has no keys: give it `files`, `cosign_keys` or `identities`".to_owned(),
                ));
            }
            if keyrings.insert(name, Arc::new(keys)).is_some() {
                return Err(invalid("two keyrings have this name".to_owned()));
            }
        }
        let rule = |field: &'static str, keyring: &str, policy: SignaturePolicy| {
            let keys = match keyring {
                "" => None,
                name => Some(keyrings.get(name).cloned().ok_or_else(|| {
                    invalid(
                        field,
                        &format!("`{name}` is not the name of one of `signatures.keyrings`"),
                    )
                })?),
            };
            // Else the site would look as if it guarded something, and guard by refusing everything.
            if keys.is_none() && policy != SignaturePolicy::Show {
                return Err(invalid(
                    field,
                    "a policy other than `show` needs a keyring to verify with",
                ));
            }
            Ok(Rule { keys, policy })
        };
        let usual = rule("signatures.keyring", &settings.keyring, settings.policy)?;
        let mut of = BTreeMap::new();
        for repository in &settings.repositories {
            let keyring = repository.keyring.as_deref().unwrap_or(&settings.keyring);
            let policy = repository.policy.unwrap_or(settings.policy);
            let rule = rule("signatures.repositories", keyring, policy)?;
            if repository.name.is_empty() || of.insert(repository.name.clone(), rule).is_some() {
                let message = format!("`{}` stands there once, with its name", repository.name);
                return Err(invalid("signatures.repositories", &message));
            }
        }
        Ok(Self { usual, of })
    }

    /// What holds for a repository.
    pub(crate) fn rule(&self, repository: &str) -> &Rule {
        self.of.get(repository).unwrap_or(&self.usual)
    }
}

/// Reads the files of a keyring; the error says which is wrong.
fn read_keys(keyring: &KeyringSettings, keys: &mut Keys) -> Result<(), String> {
    each(&keyring.files, |_, bytes| keys.openpgp.add(bytes))?;
    each(&keyring.cosign_keys, |name, bytes| {
        keys.cosign.add_key(name, bytes)
    })?;
    each(&keyring.roots, |_, bytes| keys.cosign.add_roots(bytes))?;
    each(&keyring.log_keys, |_, bytes| keys.cosign.add_log_key(bytes))?;
    for identity in &keyring.identities {
        // Whoever may have any name, or any issuer, is everybody.
        if identity.issuer.is_empty() || identity.name.trim_matches('*').is_empty() {
            return Err("an identity has an `issuer` and a `name`, which is not `*` alone".to_owned());
        }
        keys.cosign.add_identity(&identity.issuer, &identity.name);
    }
    let parts = [
        keyring.identities.is_empty(),
        keyring.roots.is_empty(),
        keyring.log_keys.is_empty(),
    ];
    match parts {
        [true, true, true] | [false, false, false] => Ok(()),
        _ => Err("`identities`, `roots` and `log_keys` are given together or not at all".to_owned()),
    }
}

/// Reads each file and adds what is in it, with the file's name.
fn each<E: Display>(
    paths: &[PathBuf],
    mut add: impl FnMut(&str, &[u8]) -> Result<(), E>,
) -> Result<(), String> {
    for path in paths {
        let in_file = |error: &dyn Display| format!("{}: {error}", path.display());
        let bytes = read(path).map_err(|error| in_file(&error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        add(&name, &bytes).map_err(|error| in_file(&error))?;
    }
    Ok(())
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_FILE_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn invalid(field: &'static str, message: &str) -> Error {
    Error::Invalid {
        field,
        message: message.to_owned(),
    }
}
