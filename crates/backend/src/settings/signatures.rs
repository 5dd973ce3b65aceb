//! Settings of signatures: whose count, and what becomes of charts without.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What becomes of a chart whose signature is not verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignaturePolicy {
    /// Its page says so.
    #[default]
    Show,
    /// Its page and every plan say so.
    Warn,
    /// It is not installed, and no release is upgraded to it.
    Refuse,
}

/// Whose signatures on charts count, and what becomes of charts without. docs/signatures.md tells how.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SignatureSettings {
    /// The keyring of every repository that names none; empty means none, and nothing is verified.
    pub keyring: String,
    /// What becomes of charts that are not verified, in every repository that says nothing else.
    pub policy: SignaturePolicy,
    /// Keys by name, such as `[{ name = "team", files = ["team.gpg"], cosign_keys = ["cosign.pub"] }]`: OpenPGP keyrings,
    /// armored or not, and public keys as `cosign public-key` prints them.
    pub keyrings: Vec<KeyringSettings>,
    /// What differs for one repository, hosted ones included, such as
    /// `[{ name = "internal", keyring = "team", policy = "refuse" }]`.
    pub repositories: Vec<RepositorySignatureSettings>,
}

impl SignatureSettings {
    /// Whether signatures on charts of a repository are checked.
    pub(crate) fn is_checked(&self, repository: &str) -> bool {
        let own = self.repositories.iter().find(|known| known.name == repository);
        let keyring = own.and_then(|own| own.keyring.as_ref()).unwrap_or(&self.keyring);
        !keyring.is_empty()
    }
}

/// Keys that are trusted together.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyringSettings {
    /// What it is called in the settings and where an outcome is shown.
    pub name: String,
    /// Files with OpenPGP public keys, armored or binary: `gpg --export`.
    pub files: Vec<PathBuf>,
    /// Files with one public key (PEM) each: `cosign public-key`.
    pub cosign_keys: Vec<PathBuf>,
}

/// What holds for one repository.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RepositorySignatureSettings {
    /// The name of the repository.
    pub name: String,
    /// Its keyring; default is `signatures.keyring`.
    pub keyring: Option<String>,
    /// What becomes of its charts that are not verified; default is `signatures.policy`.
    pub policy: Option<SignaturePolicy>,
}
