//! A signature packet of version 4 (RFC 9580, section 5.2): what it says, and the bytes that it hashes.

use aws_lc_rs::digest::{self, Algorithm};

use super::packet::Reader;

/// What a signature is about (section 5.2.1).
pub(super) mod kind {
    pub(crate) const BINARY: u8 = 0x00;
    pub(crate) const TEXT: u8 = 0x01;
    pub(crate) const CERTIFICATIONS: std::ops::RangeInclusive<u8> = 0x10..=0x13;
    pub(crate) const SUBKEY_BINDING: u8 = 0x18;
    pub(crate) const PRIMARY_BINDING: u8 = 0x19;
    pub(crate) const DIRECT_KEY: u8 = 0x1f;
    pub(crate) const KEY_REVOCATION: u8 = 0x20;
    pub(crate) const SUBKEY_REVOCATION: u8 = 0x28;
    pub(crate) const CERTIFICATION_REVOCATION: u8 = 0x30;
}

/// May sign data (section 5.2.3.29).
const FLAG_SIGN: u8 = 0x02;

/// The hash functions that nobody has found two texts for, and that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// A signature packet. Times are in seconds since 1970, durations in seconds; all of the hashed part.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) kind: u8,
    pub(super) algorithm: u8,
    /// As its number in the packet, where it is not one that is taken.
    pub(super) hash: Result<Hash, u8>,
    pub(super) created: Option<i64>,
    pub(super) expires_after: i64,
    pub(super) key_expires_after: i64,
    pub(super) is_primary_user: bool,
    /// Whether the key may sign; none where nothing is said of what it may.
    pub(super) may_sign: Option<bool>,
    /// It must not be used by who does not understand a part of it, and we do not.
    pub(super) has_unknown_condition: bool,
    /// Who made it, as it says: hints, also from the part that is not hashed.
    pub(super) issuer_fingerprints: Vec<Vec<u8>>,
    pub(super) issuer_ids: Vec<[u8; 8]>,
    /// The signature of a subkey over its primary key.
    pub(super) embedded: Option<Box<Self>>,
    /// The first bytes of the hash, for a quick look.
    left: [u8; 2],
    /// What is hashed after the data.
    trailer: Vec<u8>,
    /// The numbers, as the algorithm needs them.
    pub(super) value: Vec<u8>,
}

impl Hash {
    fn of(number: u8) -> Result<Self, u8> {
        match number {
            8 => Ok(Self::Sha256),
            9 => Ok(Self::Sha384),
            10 => Ok(Self::Sha512),
            other => Err(other),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    pub(super) fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// The name of a hash that is not taken.
pub(super) fn hash_name(number: u8) -> String {
    match number {
        1 => "MD5".to_owned(),
        2 => "SHA-1".to_owned(),
        3 => "RIPEMD-160".to_owned(),
        11 => "SHA-224".to_owned(),
        other => format!("hash {other}"),
    }
}

/// The kind of a signature of any version, for those that are only counted.
pub(super) fn kind_of(body: &[u8]) -> Option<u8> {
    match body {
        [2 | 3, 5, kind, ..] | [4..=6, kind, ..] => Some(*kind),
        _ => None,
    }
}

impl Signature {
    /// Reads a packet's body; none where it is not of version 4, or damaged.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        Self::parse_nested(body, true)
    }

    /// An embedded signature has none in it, so that depth has an end.
    fn parse_nested(body: &[u8], may_embed: bool) -> Option<Self> {
        let mut reader = Reader::new(body);
        if reader.byte()? != 4 {
            return None;
        }
        let (kind, algorithm, hash) = (reader.byte()?, reader.byte()?, reader.byte()?);
        let hashed = reader.counted()?;
        let mut trailer = body.get(..6 + hashed.len())?.to_vec();
        let n = u32::try_from(trailer.len()).ok()?;
        trailer.extend([4, 0xff]);
        trailer.extend(n.to_be_bytes());
        let unhashed = reader.counted()?;
        let left = reader.take(2)?.try_into().ok()?;
        let mut signature = Self {
            kind,
            algorithm,
            hash: Hash::of(hash),
            created: None,
            expires_after: 0,
            key_expires_after: 0,
            is_primary_user: false,
            may_sign: None,
            has_unknown_condition: false,
            issuer_fingerprints: Vec::new(),
            issuer_ids: Vec::new(),
            embedded: None,
            left,
            trailer,
            value: reader.rest().to_vec(),
        };
        signature.read(hashed, true, may_embed)?;
        signature.read(unhashed, false, may_embed)?;
        Some(signature)
    }

    /// Of what is not hashed only hints count, and what proves itself.
    fn read(&mut self, subpackets: &[u8], is_hashed: bool, may_embed: bool) -> Option<()> {
        let mut seen = [false; 128];
        let mut reader = Reader::new(subpackets);
        while !reader.is_empty() {
            let (first, data) = reader.subpacket()?.split_first()?;
            let (kind, is_critical) = (first & 0x7f, first & 0x80 != 0);
            let is_again = std::mem::replace(seen.get_mut(usize::from(kind))?, true);
            match kind {
                16 => self.issuer_ids.push(data.try_into().ok()?),
                33 => {
                    let (version, fingerprint) = data.split_first()?;
                    if *version == 4 {
                        self.issuer_fingerprints.push(fingerprint.to_vec());
                    }
                }
                32 if may_embed && self.embedded.is_none() => {
                    self.embedded = Self::parse_nested(data, false).map(Box::new);
                }
                _ if !is_hashed => {}
                // Said twice, which counts is a question.
                2 | 3 | 9 | 25 | 27 if is_again => return None,
                2 => self.created = Some(seconds(data)?),
                3 => self.expires_after = seconds(data)?,
                9 => self.key_expires_after = seconds(data)?,
                25 => self.is_primary_user = *data.first()? != 0,
                27 => self.may_sign = Some(data.first().is_some_and(|flags| flags & FLAG_SIGN != 0)),
                // Preferences, addresses and reasons: no condition for anything.
                4 | 7 | 11 | 21..=24 | 26 | 28..=31 | 34 | 35 | 39 => {}
                _ => self.has_unknown_condition |= is_critical,
            }
        }
        Some(())
    }

    /// What is hashed: the data, then what the signature says of itself. None where the first bytes of the hash are not
    /// those in the packet.
    pub(super) fn hashed(&self, data: &[&[u8]]) -> Option<(Hash, Vec<u8>)> {
        let hash = self.hash.ok()?;
        let mut all = data.concat();
        all.extend_from_slice(&self.trailer);
        let sum = digest::digest(hash.algorithm(), &all);
        sum.as_ref().starts_with(&self.left).then_some((hash, all))
    }

    /// Whether it holds at `now`: made, not over, and understood.
    pub(super) fn is_usable(&self, now: i64) -> bool {
        let Some(created) = self.created else {
            return false;
        };
        let is_over = self.expires_after != 0 && created + self.expires_after <= now;
        created <= now && !is_over && self.hash.is_ok() && !self.has_unknown_condition
    }
}

fn seconds(data: &[u8]) -> Option<i64> {
    let bytes: [u8; 4] = data.try_into().ok()?;
    Some(i64::from(u32::from_be_bytes(bytes)))
}
