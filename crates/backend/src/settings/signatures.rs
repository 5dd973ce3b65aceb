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
        !self.keyring_of(repository).is_empty()
    }

    /// Whether a signature of cosign's on a chart of a repository can be verified.
    pub(crate) fn has_cosign_keys(&self, repository: &str) -> bool {
        let name = self.keyring_of(repository);
        let mut keyrings = self.keyrings.iter();
        keyrings.any(|keyring| keyring.name == name && keyring.is_for_cosign())
    }

    fn keyring_of(&self, repository: &str) -> &str {
        let own = self.repositories.iter().find(|known| known.name == repository);
        own.and_then(|own| own.keyring.as_ref()).unwrap_or(&self.keyring)
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
    /// Who may sign with certificates ("keyless"), such as
    /// `[{ issuer = "https://token.actions.githubusercontent.com", name = "https://github.com/team/charts/.github/workflows/release.yml@refs/tags/*" }]`.
    /// Such signatures need `roots` and `log_keys`, too.
    pub identities: Vec<IdentitySettings>,
    /// Files with certificates (PEM) of the authorities that certify identities, such as a Fulcio's root and what is below
    /// it.
    pub roots: Vec<PathBuf>,
    /// Files with the public key (PEM) of a transparency log each, such as a Rekor's: it says when a certificate was used.
    pub log_keys: Vec<PathBuf>,
}

/// Somebody who may sign with a certificate.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdentitySettings {
    /// Who vouches: the issuer of the token that was shown, exactly as the certificate has it.
    pub issuer: String,
    /// The name in the certificate: an address of mail, or of a workflow; `*` stands for any text.
    pub name: String,
}

impl KeyringSettings {
    /// Whether a signature of cosign's can be verified with it.
    fn is_for_cosign(&self) -> bool {
        !(self.cosign_keys.is_empty() && self.roots.is_empty())
    }
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
