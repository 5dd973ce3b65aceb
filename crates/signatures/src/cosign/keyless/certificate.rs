//! Who a certificate is for: the one name in it, and the issuer of the token that was shown for it, as Fulcio writes them
//! (<https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md>).

use super::super::der::{Der, tag};
use super::CODE_SIGNING;

const SUBJECT_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const KEY_PURPOSES: &[u8] = &[0x55, 0x1d, 0x25];
/// `1.3.6.1.4.1.57264.1.1`: the issuer's address, without any tag.
const ISSUER: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01, 0x01];
/// `1.3.6.1.4.1.57264.1.8`: the same as a string.
const ISSUER_STRING: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01, 0x08];
const EMAIL: u8 = 0x81;
const URI: u8 = 0x86;

/// Who it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// An address of mail, or of a workflow.
    pub(super) name: String,
    pub(super) issuer: String,
}

impl Subject {
    /// Reads a certificate (DER); the error says what is odd about it.
    pub(super) fn read(certificate: &[u8]) -> Result<Self, &'static str> {
        let unreadable = "it cannot be read";
        let (mut names, mut purposes, mut issuer, mut issuer_string) = (None, None, None, None);
        for (id, value) in extensions(certificate).ok_or(unreadable)? {
            let place = match id {
                SUBJECT_NAMES => &mut names,
                KEY_PURPOSES => &mut purposes,
                ISSUER => &mut issuer,
                ISSUER_STRING => &mut issuer_string,
                _ => continue,
            };
            // Attack: programs differ in which of two they read.
            if place.replace(value).is_some() {
                return Err("an extension stands there twice");
            }
        }
        let purposes = purposes
            .and_then(key_purposes)
            .ok_or("it does not say what it is for")?;
        if !purposes.contains(&CODE_SIGNING) {
            return Err("it is not for signing code");
        }
        let name = names
            .and_then(one_name)
            .ok_or("it has not one name, of mail or of a workflow")?;
        let from_string = match issuer_string {
            Some(value) => Some(string(value).ok_or("its issuer cannot be read")?),
            None => None,
        };
        let issuer = match (issuer, from_string) {
            (Some(one), Some(other)) if one != other => return Err("it has two issuers"),
            (one, other) => one.or(other).ok_or("it does not say who vouched for its name")?,
        };
        Ok(Self {
            name: plain(name).ok_or("its name has characters that names do not have")?,
            issuer: plain(issuer).ok_or("its issuer has characters that addresses do not have")?,
        })
    }
}

/// The extensions of a certificate (RFC 5280, section 4.1), as identifier and value.
fn extensions(certificate: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut outside = Der::new(certificate);
    let mut signed = outside.inside(tag::SEQUENCE)?.inside(tag::SEQUENCE)?;
    let mut extensions = None;
    while !signed.is_empty() {
        if let (0xa3, content) = signed.any()? {
            extensions = Some(content);
        }
    }
    let mut list = Der::new(extensions?).inside(tag::SEQUENCE)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut extension = list.inside(tag::SEQUENCE)?;
        let id = extension.expect(tag::OID)?;
        let (mut kind, mut value) = extension.any()?;
        if kind == tag::BOOLEAN {
            (kind, value) = extension.any()?;
        }
        (kind == tag::OCTET_STRING && extension.is_empty()).then(|| found.push((id, value)))?;
    }
    outside.is_empty().then_some(found)
}

fn key_purposes(value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut list = Der::new(value).inside(tag::SEQUENCE)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        found.push(list.expect(tag::OID)?);
    }
    Some(found)
}

/// The only name of a list.
fn one_name(value: &[u8]) -> Option<&[u8]> {
    let mut list = Der::new(value).inside(tag::SEQUENCE)?;
    let (kind, name) = list.any()?;
    (matches!(kind, EMAIL | URI) && list.is_empty()).then_some(name)
}

fn string(value: &[u8]) -> Option<&[u8]> {
    let mut outside = Der::new(value);
    let text = outside.expect(tag::UTF8_STRING)?;
    outside.is_empty().then_some(text)
}

/// Visible ASCII: what looks like something else is no name.
fn plain(text: &[u8]) -> Option<String> {
    let is_plain = !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
    String::from_utf8(text.to_vec()).ok().filter(|_| is_plain)
}
