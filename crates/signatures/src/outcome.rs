//! What can come out, with reasons as data whose words say what to do.

/// What a signature is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A key of the keyring signed exactly this chart.
    Verified(Verified),
    /// Nothing is known against it, and nothing for it.
    Unverified(Unverified),
    /// There is a signature, and it is not right.
    Bad(Bad),
}

/// Who signed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose signature it is.
    pub by: Signer,
    /// When it was made, in seconds since 1970, as the signature or a transparency log says; cosign keys say nothing.
    pub signed_at: Option<i64>,
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// What kind of key it is.
    pub kind: SignerKind,
    /// Of an OpenPGP key its fingerprint, upper-case hexadecimal, that of the primary key where a subkey signed; of other
    /// keys the SHA-256 of the public key (DER), lower-case hexadecimal.
    pub fingerprint: String,
    /// Who that is, the first name first: user ids of an OpenPGP key, the file of a cosign key, the identity in a
    /// certificate. Without control characters, each at most 200 characters.
    pub names: Vec<String>,
    /// Who vouched for a certificate's identity: the issuer of the token that was shown for it.
    pub issuer: Option<String>,
}

/// What kind of key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerKind {
    /// An OpenPGP key, with a provenance file.
    OpenPgp,
    /// A key of cosign's.
    CosignKey,
    /// A short-lived key, certified for an identity.
    Certificate,
}

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// There is nothing to check.
    #[error("it has no signature")]
    NoSignature,
    /// Nothing to check it with.
    #[error("it is signed, but no keyring is configured for its repository")]
    NoKeyring,
    /// Made by somebody whose key is not there.
    #[error(
        "it is signed with {key}, which is not in the keyring: add the key there if you trust whoever has it"
    )]
    UnknownKey {
        /// Fingerprint or key id, upper-case hexadecimal, or words where a signature names none.
        key: String,
    },
    /// Made with a certificate, and nobody is trusted to make those.
    #[error("it is signed with a certificate, but the keyring has no roots and identities to compare with")]
    NoRoots,
    /// Made with a certificate of somebody whom nobody trusted vouches for.
    #[error(
        "it is signed with a certificate of an authority, or recorded in a log, that is not in the keyring: add it there if you trust whoever runs it"
    )]
    UnknownAuthority,
    /// Made by somebody who is known and not trusted.
    #[error(
        "it is signed by {name}, for whom {issuer} vouches and who is not among the identities of the keyring: add them there if you trust them"
    )]
    UnknownIdentity {
        /// Who, as the certificate says.
        name: String,
        /// Who vouched for that.
        issuer: String,
    },
    /// There is a signature, but it cannot be had at present.
    #[error("its signature cannot be had at present: {reason}")]
    Unavailable {
        /// Why not.
        reason: String,
    },
}

/// What is wrong with a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// Longer than a signature can be.
    #[error("the signature is longer than {limit} bytes")]
    TooLong {
        /// The most it may be long.
        limit: usize,
    },
    /// Not a clear-signed message, or more than one.
    #[error("the provenance file is not one clear-signed message and nothing else: {problem}")]
    Frame {
        /// What is odd.
        problem: &'static str,
    },
    /// Not what an OpenPGP signature looks like.
    #[error("the signature in the provenance file cannot be read: {problem}")]
    Packet {
        /// What is odd.
        problem: &'static str,
    },
    /// A hash for which somebody may have found a second text.
    #[error("the signature uses {hash}, which is not safe: sign the chart again with SHA-256 or longer")]
    WeakHash {
        /// Which.
        hash: String,
    },
    /// The signature is not one of this text by this key.
    #[error("the signature does not fit: the text or the signature was changed after it was made")]
    Mismatch,
    /// Made in the future.
    #[error("the signature was made in the future: check the clocks of whoever signed and of this server")]
    FromTheFuture,
    /// Valid for a time that is over.
    #[error("the signature has expired: sign the chart again")]
    Expired,
    /// The key is not to be used for this.
    #[error("the key {key} cannot sign: {problem}")]
    Key {
        /// Fingerprint of the key.
        key: String,
        /// What is wrong with it, and what to do.
        problem: KeyProblem,
    },
    /// What was signed is not what a provenance file says.
    #[error("what was signed is not a chart and one checksum: {problem}")]
    Body {
        /// What is odd.
        problem: String,
    },
    /// Another archive was signed.
    #[error("another archive was signed: {problem}")]
    OtherArchive {
        /// In which way it differs.
        problem: String,
    },
    /// A signature in a registry that is not what cosign makes.
    #[error("the cosign signature cannot be read: {problem}")]
    Cosign {
        /// What is odd.
        problem: String,
    },
    /// A certificate that proves nothing.
    #[error("the certificate of the signature is not accepted: {problem}")]
    Certificate {
        /// Why not, and what to do.
        problem: String,
    },
    /// The transparency log's part is missing or wrong.
    #[error("the entry of the transparency log is not accepted: {problem}")]
    Log {
        /// Why not, and what to do.
        problem: String,
    },
}

/// Why a key that is in the keyring does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// A time that is over.
    #[error("it has expired; import a copy that was extended, or sign with another")]
    Expired,
    /// Taken back by its owner.
    #[error("it was revoked; take it out of the keyring")]
    Revoked,
    /// Newer than what it signed.
    #[error("it was made after the signature")]
    MadeLater,
    /// Nothing says that it may.
    #[error("it is not meant for signatures")]
    NotForSigning,
    /// Nothing binds it to its owner.
    #[error(
        "nothing valid binds it to its owner, or only with SHA-1 or MD5; its owner must certify it again"
    )]
    Unbound,
    /// Old, or unusual.
    #[error(
        "its algorithm, its curve or its length is not supported; sign with RSA of 2048 bits or more, or with a newer kind"
    )]
    Algorithm,
}

impl Outcome {
    /// Whether somebody known signed exactly this.
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Verified(_))
    }
}

impl From<Bad> for Outcome {
    fn from(bad: Bad) -> Self {
        Self::Bad(bad)
    }
}

impl From<Unverified> for Outcome {
    fn from(unverified: Unverified) -> Self {
        Self::Unverified(unverified)
    }
}

/// Text of strangers as it may be shown: one line, 200 characters at most.
pub(crate) fn shown(text: &str) -> String {
    const MAX_CHARS: usize = 200;
    // Characters that turn the direction of text would let a name look like another.
    let is_plain = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(is_plain).take(MAX_CHARS).collect()
}
