//! What takes real cryptography, as data: keys, certificates, password hashes, AES.
//!
//! A build with the feature `crypto` does it itself (`perform`). One without hands it to its host in the form of
//! [`Work::to_bytes`], and whoever does have the code answers with `answer`. Random bytes and the time are part of the
//! work, so that the results are the same bytes on either way. Digests and random strings are cheap and no work.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::wire::{Reader, Writer};

/// Bytes of a password that bcrypt can take; longer ones are an error in Go.
pub const MAX_BCRYPT_PASSWORD: usize = 72;

/// What kind of key to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with a modulus of so many bits.
    Rsa {
        bits: usize,
    },
    /// DSA with a 2048-bit prime and a 256-bit subgroup.
    Dsa,
    /// ECDSA over P-256.
    Ecdsa,
    Ed25519,
}

/// A certificate and its private key, both PEM: what templates see as `.Cert` and `.Key`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate.
    pub cert: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
}

/// Whom a certificate is for, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The common name; nothing else of the subject can be chosen.
    pub common_name: &'a [u8],
    /// Days from now until it ends; may be negative.
    pub days_valid: i64,
    /// The host's time, in nanoseconds since the Unix epoch.
    pub now_nanos: i128,
}

/// Subject alternative names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub ips: Vec<IpAddr>,
    pub dns: Vec<Vec<u8>>,
}

/// Who signs a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer<'a> {
    /// A certificate authority that signs itself.
    NewAuthority,
    /// The certificate's own key.
    Itself,
    /// An authority made before.
    Authority(Cow<'a, Certificate>),
}

/// One piece of work. It answers one text where nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work<'a> {
    /// A hash of cost 10.
    Bcrypt {
        password: &'a [u8],
        salt: [u8; 16],
    },
    /// A line of an Apache password file.
    Htpasswd {
        user: &'a [u8],
        password: &'a [u8],
        salt: [u8; 16],
    },
    DerivePassword {
        counter: u32,
        kind: &'a [u8],
        password: &'a [u8],
        user: &'a [u8],
        site: &'a [u8],
    },
    EncryptAes {
        password: &'a [u8],
        plaintext: &'a [u8],
        vector: [u8; 16],
    },
    DecryptAes {
        password: &'a [u8],
        message: &'a [u8],
    },
    /// A fresh key, as PEM.
    GenerateKey {
        kind: KeyKind,
        seed: [u8; 32],
    },
    /// The key of a PEM, in the form in which a generated one is written.
    ReadKey {
        pem: &'a [u8],
    },
    /// Nothing, if the PEM is a key.
    CheckKey {
        pem: &'a [u8],
    },
    /// Nothing, if a certificate and its key can sign others.
    CheckAuthority {
        authority: Cow<'a, Certificate>,
    },
    /// Certificate and key, both given as base64 of PEM, decoded and found to be what they should be.
    ReadCertificate {
        cert: &'a [u8],
        key: &'a [u8],
    },
    /// A certificate for a key given as PEM, and that key in the form in which a generated one is written.
    Certify {
        subject: Subject<'a>,
        names: Cow<'a, Names>,
        signer: Signer<'a>,
        key: &'a [u8],
        serial: [u8; 16],
    },
}

impl<'a> Work<'a> {
    /// The work for another module.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer::default();
        match self {
            Self::Bcrypt { password, salt } => {
                to.byte(0);
                to.text(password);
                to.array(*salt);
            }
            Self::Htpasswd { user, password, salt } => {
                to.byte(1);
                to.text(user);
                to.text(password);
                to.array(*salt);
            }
            Self::DerivePassword {
                counter,
                kind,
                password,
                user,
                site,
            } => {
                to.byte(2);
                to.array(counter.to_le_bytes());
                [kind, password, user, site]
                    .into_iter()
                    .for_each(|text| to.text(text));
            }
            Self::EncryptAes {
                password,
                plaintext,
                vector,
            } => {
                to.byte(3);
                to.text(password);
                to.text(plaintext);
                to.array(*vector);
            }
            Self::DecryptAes { password, message } => {
                to.byte(4);
                to.text(password);
                to.text(message);
            }
            Self::GenerateKey { kind, seed } => {
                to.byte(5);
                write_kind(&mut to, *kind);
                to.array(*seed);
            }
            Self::ReadKey { pem } => {
                to.byte(6);
                to.text(pem);
            }
            Self::CheckKey { pem } => {
                to.byte(7);
                to.text(pem);
            }
            Self::CheckAuthority { authority } => {
                to.byte(8);
                write_certificate(&mut to, authority);
            }
            Self::ReadCertificate { cert, key } => {
                to.byte(9);
                to.text(cert);
                to.text(key);
            }
            Self::Certify {
                subject,
                names,
                signer,
                key,
                serial,
            } => {
                to.byte(10);
                to.text(subject.common_name);
                to.array(subject.days_valid.to_le_bytes());
                to.array(subject.now_nanos.to_le_bytes());
                write_names(&mut to, names);
                match signer {
                    Signer::NewAuthority => to.byte(0),
                    Signer::Itself => to.byte(1),
                    Signer::Authority(authority) => {
                        to.byte(2);
                        write_certificate(&mut to, authority);
                    }
                }
                to.text(key);
                to.array(*serial);
            }
        }
        to.finish()
    }

    /// What [`Work::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: &'a [u8]) -> Option<Self> {
        let mut from = Reader::new(bytes);
        let work = match from.byte()? {
            0 => Self::Bcrypt {
                password: from.text()?,
                salt: from.array()?,
            },
            1 => Self::Htpasswd {
                user: from.text()?,
                password: from.text()?,
                salt: from.array()?,
            },
            2 => Self::DerivePassword {
                counter: u32::from_le_bytes(from.array()?),
                kind: from.text()?,
                password: from.text()?,
                user: from.text()?,
                site: from.text()?,
            },
            3 => Self::EncryptAes {
                password: from.text()?,
                plaintext: from.text()?,
                vector: from.array()?,
            },
            4 => Self::DecryptAes {
                password: from.text()?,
                message: from.text()?,
            },
            5 => Self::GenerateKey {
                kind: read_kind(&mut from)?,
                seed: from.array()?,
            },
            6 => Self::ReadKey { pem: from.text()? },
            7 => Self::CheckKey { pem: from.text()? },
            8 => Self::CheckAuthority {
                authority: Cow::Owned(read_certificate(&mut from)?),
            },
            9 => Self::ReadCertificate {
                cert: from.text()?,
                key: from.text()?,
            },
            10 => Self::Certify {
                subject: Subject {
                    common_name: from.text()?,
                    days_valid: i64::from_le_bytes(from.array()?),
                    now_nanos: i128::from_le_bytes(from.array()?),
                },
                names: Cow::Owned(read_names(&mut from)?),
                signer: match from.byte()? {
                    0 => Signer::NewAuthority,
                    1 => Signer::Itself,
                    2 => Signer::Authority(Cow::Owned(read_certificate(&mut from)?)),
                    _ => return None,
                },
                key: from.text()?,
                serial: from.array()?,
            },
            _ => return None,
        };
        from.finish(work)
    }
}

/// What came of the work: its texts, or Go's words for what is wrong.
pub type Answer = Result<Vec<Vec<u8>>, String>;

/// The answer for the module that asked.
#[must_use]
pub fn answer_to_bytes(answer: &Answer) -> Vec<u8> {
    let mut to = Writer::default();
    match answer {
        Ok(texts) => {
            to.byte(0);
            to.count(texts.len());
            texts.iter().for_each(|text| to.text(text));
        }
        Err(error) => {
            to.byte(1);
            to.text(error.as_bytes());
        }
    }
    to.finish()
}

/// What [`answer_to_bytes`] wrote.
#[must_use]
pub fn answer_from_bytes(bytes: &[u8]) -> Option<Answer> {
    let mut from = Reader::new(bytes);
    let answer = match from.byte()? {
        0 => Ok((0..from.count()?)
            .map(|_| from.text().map(<[u8]>::to_vec))
            .collect::<Option<_>>()?),
        1 => Err(String::from_utf8_lossy(from.text()?).into_owned()),
        _ => return None,
    };
    from.finish(answer)
}

fn write_kind(to: &mut Writer, kind: KeyKind) {
    match kind {
        KeyKind::Rsa { bits } => {
            to.byte(0);
            to.array((bits as u64).to_le_bytes());
        }
        KeyKind::Dsa => to.byte(1),
        KeyKind::Ecdsa => to.byte(2),
        KeyKind::Ed25519 => to.byte(3),
    }
}

fn read_kind(from: &mut Reader<'_>) -> Option<KeyKind> {
    Some(match from.byte()? {
        0 => KeyKind::Rsa {
            bits: usize::try_from(u64::from_le_bytes(from.array()?)).ok()?,
        },
        1 => KeyKind::Dsa,
        2 => KeyKind::Ecdsa,
        3 => KeyKind::Ed25519,
        _ => return None,
    })
}

fn write_certificate(to: &mut Writer, certificate: &Certificate) {
    to.text(&certificate.cert);
    to.text(&certificate.key);
}

fn read_certificate(from: &mut Reader<'_>) -> Option<Certificate> {
    Some(Certificate {
        cert: from.text()?.to_vec(),
        key: from.text()?.to_vec(),
    })
}

fn write_names(to: &mut Writer, names: &Names) {
    to.count(names.ips.len());
    for ip in &names.ips {
        match ip {
            IpAddr::V4(ip) => {
                to.byte(4);
                to.array(ip.octets());
            }
            IpAddr::V6(ip) => {
                to.byte(6);
                to.array(ip.octets());
            }
        }
    }
    to.count(names.dns.len());
    names.dns.iter().for_each(|name| to.text(name));
}

fn read_names(from: &mut Reader<'_>) -> Option<Names> {
    let mut names = Names::default();
    for _ in 0..from.count()? {
        names.ips.push(match from.byte()? {
            4 => IpAddr::from(from.array::<4>()?),
            6 => IpAddr::from(from.array::<16>()?),
            _ => return None,
        });
    }
    for _ in 0..from.count()? {
        names.dns.push(from.text()?.to_vec());
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_work() -> Vec<Work<'static>> {
        let authority = Certificate {
            cert: b"cert".to_vec(),
            key: b"key".to_vec(),
        };
        let names = Names {
            ips: vec!["1.2.3.4".parse().unwrap(), "::1".parse().unwrap()],
            dns: vec![b"a".to_vec(), b"".to_vec()],
        };
        let certify = |signer| Work::Certify {
            subject: Subject {
                common_name: b"name",
                days_valid: -3,
                now_nanos: 1 << 70,
            },
            names: Cow::Owned(names.clone()),
            signer,
            key: b"pem",
            serial: [9; 16],
        };
        let generate = |kind| Work::GenerateKey { kind, seed: [1; 32] };
        vec![
            Work::Bcrypt {
                password: b"p",
                salt: [1; 16],
            },
            Work::Htpasswd {
                user: b"u",
                password: b"p",
                salt: [2; 16],
            },
            Work::DerivePassword {
                counter: 7,
                kind: b"long",
                password: b"p",
                user: b"u",
                site: b"s",
            },
            Work::EncryptAes {
                password: b"p",
                plaintext: b"t",
                vector: [3; 16],
            },
            Work::DecryptAes {
                password: b"p",
                message: b"m",
            },
            generate(KeyKind::Rsa { bits: 2048 }),
            generate(KeyKind::Dsa),
            generate(KeyKind::Ecdsa),
            generate(KeyKind::Ed25519),
            Work::ReadKey { pem: b"pem" },
            Work::CheckKey { pem: b"pem" },
            Work::CheckAuthority {
                authority: Cow::Owned(authority.clone()),
            },
            Work::ReadCertificate {
                cert: b"c",
                key: b"k",
            },
            certify(Signer::NewAuthority),
            certify(Signer::Itself),
            certify(Signer::Authority(Cow::Owned(authority))),
        ]
    }

    #[test]
    fn work_arrives_as_it_was_sent_and_nothing_else_is_taken_for_work() {
        for work in every_work() {
            let bytes = work.to_bytes();
            assert_eq!(Work::from_bytes(&bytes), Some(work.clone()));
            for end in 0..bytes.len() {
                assert_eq!(Work::from_bytes(&bytes[..end]), None, "{work:?} cut at {end}");
            }
            let longer = [bytes.as_slice(), b"x"].concat();
            assert_eq!(Work::from_bytes(&longer), None);
        }
        assert_eq!(Work::from_bytes(&[200]), None);
    }

    #[test]
    fn answers_arrive_as_they_were_sent() {
        let texts = vec![b"text\xff".to_vec(), Vec::new()];
        for answer in [Ok(texts), Ok(Vec::new()), Err("x509: no".to_owned())] {
            assert_eq!(answer_from_bytes(&answer_to_bytes(&answer)), Some(answer));
        }
        assert_eq!(answer_from_bytes(&[1, 1]), None);
    }
}
