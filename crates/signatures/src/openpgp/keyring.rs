//! The keys that an operator trusts, and which of them may sign what, when.
//!
//! A certificate is a primary key, the user ids and subkeys that it binds to itself, and signatures that say so. Which of
//! those counts is decided by the newest valid self-signature, as GnuPG does. A file is the operator's own, so what is in it
//! is not hostile; still nothing in it counts that its key did not sign.

use aws_lc_rs::digest::{self, Context};

use super::clearsign;
use super::key::Key;
use super::packet::{Reader, tag};
use super::signature::{Signature, kind, kind_of};
use crate::outcome::shown;
use crate::{Bad, KeyProblem};

/// A keyring file may be so long, in bytes: some thousand keys.
pub const MAX_KEYRING_BYTES: usize = 16 * 1024 * 1024;
const BEGIN_ARMOR: &str = "-----BEGIN PGP ";
const BEGIN_PUBLIC: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END_PUBLIC: &str = "-----END PGP PUBLIC KEY BLOCK-----";
/// What the head of GnuPG's key box has at this place.
const KEY_BOX: (std::ops::Range<usize>, &[u8]) = (8..12, b"KBXf");

/// Keys whose signatures count.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    certificates: Vec<Certificate>,
    /// The packets of every file, in their order.
    packets: Vec<Vec<u8>>,
}

/// A primary key and what belongs to it.
#[derive(Clone, Debug)]
struct Certificate {
    key: Key,
    /// Somebody says that the key is not to be used any more.
    is_revoked: bool,
    direct: Vec<Signature>,
    users: Vec<User>,
    subkeys: Vec<Subkey>,
}

#[derive(Clone, Debug)]
struct User {
    id: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug)]
struct Subkey {
    key: Key,
    is_revoked: bool,
    bindings: Vec<Signature>,
}

/// Why a file is no keyring.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Longer than any keyring.
    #[error("it is longer than {MAX_KEYRING_BYTES} bytes")]
    TooLong,
    /// GnuPG's own store.
    #[error("it is GnuPG's key box; write its public keys to a file with `gpg --export --output FILE`")]
    KeyBox,
    /// What nobody but its owner should have.
    #[error("it holds a secret key; a keyring needs public keys alone: `gpg --export --output FILE`")]
    SecretKey,
    /// Damaged, or something else.
    #[error("it is not an OpenPGP keyring: {problem}")]
    Unreadable {
        /// What is odd.
        problem: &'static str,
    },
    /// No key in it.
    #[error("it holds no public key of a supported version")]
    Empty,
}

/// A key that may have made a signature.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    certificate: &'a Certificate,
    /// None where it is the primary key itself.
    subkey: Option<&'a Subkey>,
}

impl Keyring {
    /// Adds the keys of a file, armored or binary.
    pub fn add(&mut self, file: &[u8]) -> Result<(), KeyringError> {
        if file.len() > MAX_KEYRING_BYTES {
            return Err(KeyringError::TooLong);
        }
        if file.get(KEY_BOX.0) == Some(KEY_BOX.1) {
            return Err(KeyringError::KeyBox);
        }
        // The highest bit tells packets from text.
        let blocks = match file.first() {
            None => return Err(KeyringError::Empty),
            Some(first) if first & 0x80 != 0 => vec![file.to_vec()],
            Some(_) => armored(file)?,
        };
        let before = self.certificates.len();
        for block in blocks {
            read(&block, &mut self.certificates)?;
            self.packets.push(block);
        }
        match self.certificates.len() == before {
            true => Err(KeyringError::Empty),
            false => Ok(()),
        }
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// SHA-256 over all keys: another one means that other keys count.
    pub fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&digest::SHA256);
        for block in &self.packets {
            context.update(&(block.len() as u64).to_be_bytes());
            context.update(block);
        }
        let mut sum = [0; 32];
        sum.copy_from_slice(context.finish().as_ref());
        sum
    }

    /// The keys that a signature may be by, as it says itself.
    pub(super) fn candidates(&self, signature: &Signature) -> Vec<Candidate<'_>> {
        let is_issuer = |key: &Key| {
            let mut fingerprints = signature.issuer_fingerprints.iter();
            fingerprints.any(|it| it.as_slice() == key.fingerprint.as_slice())
                || signature.issuer_ids.iter().any(|id| id.as_slice() == key.id())
        };
        let mut found = Vec::new();
        for certificate in &self.certificates {
            let subkeys = certificate.subkeys.iter().filter(|subkey| is_issuer(&subkey.key));
            let primary = is_issuer(&certificate.key).then_some(None);
            found.extend(
                primary
                    .into_iter()
                    .chain(subkeys.map(Some))
                    .map(|subkey| Candidate { certificate, subkey }),
            );
        }
        found
    }
}

/// The packets in every block of public keys of a text.
fn armored(file: &[u8]) -> Result<Vec<Vec<u8>>, KeyringError> {
    let unreadable = |problem| KeyringError::Unreadable { problem };
    let text = std::str::from_utf8(file).map_err(|_| unreadable("neither packets nor text"))?;
    let mut lines = text.lines().map(str::trim_end);
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("-----BEGIN PGP PRIVATE KEY BLOCK") {
            return Err(KeyringError::SecretKey);
        }
        if line.starts_with(BEGIN_ARMOR) && line != BEGIN_PUBLIC {
            return Err(unreadable("it has a block that is not one of public keys"));
        }
        // Between blocks people write whose keys those are.
        if line != BEGIN_PUBLIC {
            continue;
        }
        for header in lines.by_ref() {
            if header.is_empty() {
                break;
            }
        }
        let (mut encoded, mut sum, mut is_whole) = (String::new(), None, false);
        for line in lines.by_ref() {
            if line == END_PUBLIC {
                is_whole = true;
                break;
            }
            match line.strip_prefix('=') {
                Some(line) => sum = Some(line),
                None => encoded.push_str(line),
            }
        }
        if !is_whole {
            return Err(unreadable("a block of public keys does not end"));
        }
        let block = clearsign::decode(&encoded, sum);
        blocks.push(block.ok_or_else(|| unreadable("a block of public keys is damaged"))?);
    }
    match blocks.is_empty() {
        true => Err(unreadable("it has no block of public keys")),
        false => Ok(blocks),
    }
}

/// What the signatures that follow are about.
enum About {
    /// A key of an unsupported version, or something that nobody asks about.
    Nothing,
    Primary,
    User,
    Subkey,
}

/// Reads the certificates in packets.
fn read(packets: &[u8], certificates: &mut Vec<Certificate>) -> Result<(), KeyringError> {
    let unreadable = |problem| KeyringError::Unreadable { problem };
    let mut reader = Reader::new(packets);
    let mut about = About::Nothing;
    // Whether what follows belongs to the last certificate, and not to a primary key that is not supported.
    let mut is_supported = false;
    while !reader.is_empty() {
        let packet = reader.packet().ok_or_else(|| unreadable("a packet is damaged"))?;
        match packet.tag {
            tag::SECRET_KEY | tag::SECRET_SUBKEY => return Err(KeyringError::SecretKey),
            tag::PUBLIC_KEY => {
                let key = Key::parse(packet.body);
                is_supported = key.is_some();
                about = About::Primary;
                certificates.extend(key.map(Certificate::new));
            }
            // Notes of GnuPG's, and what has no meaning.
            tag::TRUST | tag::MARKER => {}
            tag::USER_ID | tag::PUBLIC_SUBKEY | tag::USER_ATTRIBUTE | tag::SIGNATURE => {
                if let Some(certificate) = certificates.last_mut().filter(|_| is_supported) {
                    certificate.add(packet.tag, packet.body, &mut about);
                }
            }
            _ => return Err(unreadable("it has a packet that belongs to no key")),
        }
    }
    Ok(())
}

impl Certificate {
    fn new(key: Key) -> Self {
        Self {
            key,
            is_revoked: false,
            direct: Vec::new(),
            users: Vec::new(),
            subkeys: Vec::new(),
        }
    }

    fn add(&mut self, tag: u8, body: &[u8], about: &mut About) {
        match tag {
            tag::USER_ID => {
                *about = About::User;
                self.users.push(User {
                    id: body.to_vec(),
                    signatures: Vec::new(),
                });
            }
            tag::PUBLIC_SUBKEY => {
                let key = Key::parse(body);
                *about = key.as_ref().map_or(About::Nothing, |_| About::Subkey);
                self.subkeys.extend(key.map(|key| Subkey {
                    key,
                    is_revoked: false,
                    bindings: Vec::new(),
                }));
            }
            tag::SIGNATURE => self.add_signature(body, about),
            _ => *about = About::Nothing,
        }
    }

    /// Any revocation counts, whoever made it and however it is made: a key about which there is a question signs nothing.
    fn add_signature(&mut self, body: &[u8], about: &About) {
        let signature = Signature::parse(body);
        let kind = kind_of(body);
        match about {
            About::Nothing => {}
            About::Primary => {
                self.is_revoked |= kind.is_none_or(|kind| kind == kind::KEY_REVOCATION);
                self.direct.extend(signature);
            }
            About::User => {
                if let Some(user) = self.users.last_mut() {
                    user.signatures.extend(signature);
                }
            }
            About::Subkey => {
                if let Some(subkey) = self.subkeys.last_mut() {
                    subkey.is_revoked |= kind.is_none_or(|kind| kind == kind::SUBKEY_REVOCATION);
                    subkey.bindings.extend(signature);
                }
            }
        }
    }

    /// The newest thing that the key says of a user id; none where it takes it back.
    fn newest_of<'a>(&self, user: &'a User) -> Option<&'a Signature> {
        let n = u32::try_from(user.id.len()).unwrap_or(u32::MAX).to_be_bytes();
        let data = [self.key.hashed.as_slice(), &[0xb4], &n, &user.id];
        let is_about_it = |signature: &Signature| {
            kind::CERTIFICATIONS.contains(&signature.kind) || signature.kind == kind::CERTIFICATION_REVOCATION
        };
        let own = user.signatures.iter();
        let own = own.filter(|signature| is_about_it(signature) && self.key.made(signature, &data));
        newest(own).filter(|signature| signature.kind != kind::CERTIFICATION_REVOCATION)
    }

    /// Whether the primary key holds; `signs` if it is the one that signed.
    fn check(&self, signed_at: i64, now: i64, signs: bool) -> Result<(), KeyProblem> {
        if !self.key.is_supported() {
            return Err(KeyProblem::Algorithm);
        }
        if self.is_revoked {
            return Err(KeyProblem::Revoked);
        }
        if self.key.created > signed_at {
            return Err(KeyProblem::MadeLater);
        }
        let key = self.key.hashed.as_slice();
        let direct = self.direct.iter();
        let direct = direct.filter(|it| it.kind == kind::DIRECT_KEY && self.key.made(it, &[key]));
        let users = self.users.iter().filter_map(|user| self.newest_of(user));
        let usable = direct.chain(users).filter(|signature| signature.is_usable(now));
        let binding = newest(usable).ok_or(KeyProblem::Unbound)?;
        if is_over(&self.key, binding, now) {
            return Err(KeyProblem::Expired);
        }
        // Where nothing is said of what a primary key is for, it is for what it can do (RFC 9580, section 5.2.3.29).
        if signs && binding.may_sign == Some(false) {
            return Err(KeyProblem::NotForSigning);
        }
        Ok(())
    }

    /// A subkey signs for its primary key if that says so, and if the subkey says so, too: else anybody could claim the
    /// subkey of somebody else, and with it what that signed.
    fn check_subkey(&self, subkey: &Subkey, signed_at: i64, now: i64) -> Result<(), KeyProblem> {
        if subkey.is_revoked {
            return Err(KeyProblem::Revoked);
        }
        if subkey.key.created > signed_at {
            return Err(KeyProblem::MadeLater);
        }
        let both = [self.key.hashed.as_slice(), subkey.key.hashed.as_slice()];
        let bindings = subkey.bindings.iter().filter(|signature| {
            signature.kind == kind::SUBKEY_BINDING
                && signature.is_usable(now)
                && self.key.made(signature, &both)
        });
        let binding = newest(bindings).ok_or(KeyProblem::Unbound)?;
        if is_over(&subkey.key, binding, now) {
            return Err(KeyProblem::Expired);
        }
        if binding.may_sign != Some(true) {
            return Err(KeyProblem::NotForSigning);
        }
        let back = binding.embedded.as_deref().ok_or(KeyProblem::Unbound)?;
        let is_back = back.kind == kind::PRIMARY_BINDING && back.is_usable(now);
        match is_back && subkey.key.made(back, &both) {
            true => Ok(()),
            false => Err(KeyProblem::Unbound),
        }
    }
}

impl Candidate<'_> {
    fn key(&self) -> &Key {
        self.subkey.map_or(&self.certificate.key, |subkey| &subkey.key)
    }

    pub(super) fn made(&self, signature: &Signature, text: &[u8]) -> bool {
        self.key().made(signature, &[text])
    }

    /// Why a signature that it did not make, as far as can be told, is not accepted.
    pub(super) fn refused(&self) -> Bad {
        match self.key().is_supported() {
            true => Bad::Mismatch,
            false => Bad::Key {
                key: self.fingerprint(),
                problem: KeyProblem::Algorithm,
            },
        }
    }

    /// Of the primary key, which is what people compare.
    pub(super) fn fingerprint(&self) -> String {
        self.certificate.key.shown()
    }

    /// Names that the key itself certifies and has not taken back, the primary one first.
    pub(super) fn names(&self) -> Vec<String> {
        let users = self.certificate.users.iter();
        let mut users: Vec<(&User, &Signature)> = users
            .filter_map(|user| Some((user, self.certificate.newest_of(user)?)))
            .collect();
        users.sort_by_key(|(_, signature)| !signature.is_primary_user);
        let names = users.into_iter();
        names
            .map(|(user, _)| shown(&String::from_utf8_lossy(&user.id)))
            .collect()
    }

    /// Whether the key was allowed to sign at `signed_at`, and is still; times in seconds since 1970.
    pub(super) fn check(&self, signed_at: i64, now: i64) -> Result<(), Bad> {
        let primary = self.certificate.check(signed_at, now, self.subkey.is_none());
        let all = primary.and_then(|()| match self.subkey {
            Some(subkey) => self.certificate.check_subkey(subkey, signed_at, now),
            None => Ok(()),
        });
        all.map_err(|problem| Bad::Key {
            key: self.fingerprint(),
            problem,
        })
    }
}

/// The last that was made; of two of one second the later one in the file.
fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.max_by_key(|signature| signature.created)
}

/// Zero seconds mean for ever.
fn is_over(key: &Key, binding: &Signature, now: i64) -> bool {
    binding.key_expires_after != 0 && key.created + binding.key_expires_after <= now
}
