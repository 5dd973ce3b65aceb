//! The frame of a provenance file: one clear-signed message (RFC 9580, section 7) and nothing else.
//!
//! Read by hand and not by the library: what is outside of the signed text is where attacks on this format live (text before
//! and after it, a second message, headers that are shown as if signed), and a library that is liberal in what it takes is
//! right for mail and wrong here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Bad;

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END_SIGNATURE: &str = "-----END PGP SIGNATURE-----";
const CRC24_INIT: u32 = 0x00b7_04ce;
const CRC24_POLY: u32 = 0x0186_4cfb;

/// A message that is whole; whether its signature is right is not known yet.
#[derive(Debug)]
pub(super) struct Message {
    /// What is hashed: lines without dash escapes and without white space at their ends, joined by CR LF.
    pub(super) hashed: String,
    /// The same lines, each ending with LF: what is read. It is made of the hashed lines, never of others.
    pub(super) text: String,
    /// The hashes that the header names.
    pub(super) hashes: Vec<String>,
    /// The packets of the signature.
    pub(super) signature: Vec<u8>,
}

/// Takes a message apart.
pub(super) fn parse(file: &[u8]) -> Result<Message, Bad> {
    let odd = |problem| Bad::Frame { problem };
    let file = std::str::from_utf8(file).map_err(|_| odd("it is not UTF-8"))?;
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    if file.contains(is_odd) {
        return Err(odd("it has control characters"));
    }
    let mut lines = lines(file)?.into_iter();
    if lines.next() != Some(BEGIN) {
        return Err(odd("it does not begin with the line BEGIN PGP SIGNED MESSAGE"));
    }
    let hashes = hash_header(&mut lines)?;
    let mut signed = Vec::new();
    loop {
        let line = lines.next().ok_or_else(|| odd("it has no signature"))?;
        if line == BEGIN_SIGNATURE {
            break;
        }
        let line = match line.strip_prefix("- ") {
            Some(escaped) => escaped,
            None if line.starts_with('-') => {
                return Err(odd("a line begins with a dash that is not escaped"));
            }
            None => line,
        };
        if line.starts_with("-----BEGIN PGP ") {
            return Err(odd("it holds a second message"));
        }
        signed.push(line.trim_end_matches([' ', '\t']));
    }
    let signature = armor(&mut lines)?;
    // An editor may have left empty lines behind; nobody can hide anything in them.
    if lines.any(|line| !line.is_empty()) {
        return Err(odd("something follows the signature"));
    }
    Ok(Message {
        hashed: signed.join("\r\n"),
        text: signed.iter().flat_map(|line| [*line, "\n"]).collect(),
        hashes,
        signature,
    })
}

/// Lines end with LF or CR LF. A carriage return alone is a line's end for some readers and not for others.
fn lines(file: &str) -> Result<Vec<&str>, Bad> {
    file.split('\n')
        .map(|line| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            match line.contains('\r') {
                true => Err(Bad::Frame {
                    problem: "a carriage return stands within a line",
                }),
                false => Ok(line),
            }
        })
        .collect()
}

/// The names of hashes, up to the empty line. Any other header would be shown as if it were signed.
fn hash_header<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Result<Vec<String>, Bad> {
    let odd = |problem| Bad::Frame { problem };
    let mut hashes = Vec::new();
    for line in lines {
        if line.is_empty() {
            return Ok(hashes);
        }
        let Some(names) = line.strip_prefix("Hash: ") else {
            return Err(odd(
                "it has a header that is not Hash, or no empty line after its headers",
            ));
        };
        hashes.extend(names.split(',').map(|name| name.trim().to_owned()));
    }
    Err(odd("it has no text"))
}

/// The bytes in an armor whose first line was read, up to and with its last line.
fn armor<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Result<Vec<u8>, Bad> {
    let odd = |problem| Bad::Frame { problem };
    for line in lines.by_ref() {
        if line.is_empty() {
            break;
        }
        // `Charset` would say that the text means something else.
        if !line.starts_with("Version: ") && !line.starts_with("Comment: ") {
            return Err(odd("the signature has a header that is not Version or Comment"));
        }
    }
    let (mut encoded, mut sum) = (String::new(), None);
    for line in lines {
        if line == END_SIGNATURE {
            return decode(&encoded, sum)
                .ok_or_else(|| odd("the signature is not base64, or its checksum is wrong"));
        }
        match line.strip_prefix('=') {
            Some(line) if sum.is_none() => sum = Some(line),
            None if sum.is_none() => encoded.push_str(line),
            _ => return Err(odd("something follows the checksum of the signature")),
        }
    }
    Err(odd("it does not end with the line END PGP SIGNATURE"))
}

/// What an armor holds; none where it is damaged. The checksum may be missing (RFC 9580, section 6.1), not wrong.
pub(super) fn decode(encoded: &str, sum: Option<&str>) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(encoded).ok()?;
    if let Some(sum) = sum {
        let want = STANDARD.decode(sum).ok()?;
        let [_, have @ ..] = crc24(&bytes).to_be_bytes();
        if want != have {
            return None;
        }
    }
    Some(bytes)
}

fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = CRC24_INIT;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= CRC24_POLY;
            }
        }
    }
    crc & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::{decode, parse};

    const WHOLE: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nname: web \t\n- - a\n\n...\nfiles: {}\n\
        -----BEGIN PGP SIGNATURE-----\n\nAQID\n-----END PGP SIGNATURE-----\n";

    #[test]
    fn a_message_is_hashed_as_it_is_read() {
        let message = parse(WHOLE.as_bytes()).expect("whole");
        assert_eq!(message.hashed, "name: web\r\n- a\r\n\r\n...\r\nfiles: {}");
        assert_eq!(message.text, "name: web\n- a\n\n...\nfiles: {}\n");
        assert_eq!(message.hashes, ["SHA256"]);
        assert_eq!(message.signature, [1, 2, 3]);
        let dos = parse(WHOLE.replace('\n', "\r\n").as_bytes()).expect("whole");
        assert_eq!((dos.hashed, dos.text), (message.hashed, message.text));
    }

    #[test]
    fn what_is_around_the_text_is_nothing_else() {
        let rows: [(&str, &str, &str); 16] = [
            (
                "-----BEGIN PGP SIGNED",
                "x\n-----BEGIN PGP SIGNED",
                "does not begin",
            ),
            (
                "-----BEGIN PGP SIGNED",
                "\n-----BEGIN PGP SIGNED",
                "does not begin",
            ),
            ("MESSAGE-----\n", "MESSAGE----- \n", "does not begin"),
            (
                "Hash: SHA256\n",
                "Hash: SHA256\nname: evil\n",
                "header that is not Hash",
            ),
            ("Hash: SHA256\n\n", "Hash: SHA256\n \n", "header that is not Hash"),
            ("Hash: SHA256\n", "Charset: utf-7\n", "header that is not Hash"),
            ("- - a", "- a\n-a", "dash that is not escaped"),
            ("- - a", "- -----BEGIN PGP SIGNED MESSAGE-----", "second message"),
            ("name: web", "name: web\rname: evil", "carriage return"),
            ("name: web", "name: w\u{0}eb", "control characters"),
            (
                "-----BEGIN PGP SIGNATURE-----\n",
                "-----BEGIN PGP SIGNATURE-----\nCharset: x\n",
                "Version or Comment",
            ),
            ("AQID", "AQI", "base64"),
            ("AQID\n", "AQID\n=AAAA\n", "checksum is wrong"),
            ("-----END PGP SIGNATURE-----\n", "", "does not end"),
            (
                "-----END PGP SIGNATURE-----\n",
                "-----END PGP SIGNATURE-----\nevil",
                "follows the signature",
            ),
            (
                "-----BEGIN PGP SIGNATURE-----\n\nAQID\n-----END PGP SIGNATURE-----\n",
                "",
                "no signature",
            ),
        ];
        for (from, to, want) in rows {
            let damaged = WHOLE.replacen(from, to, 1);
            assert_ne!(damaged, WHOLE, "{to:?}");
            let problem = parse(damaged.as_bytes()).expect_err(to).to_string();
            assert!(problem.contains(want), "{to:?}: {problem}");
        }
        assert!(parse(b"\xff").expect_err("bytes").to_string().contains("UTF-8"));
    }

    #[test]
    fn checksums_are_those_of_openpgp() {
        assert!(decode("AQID", None).is_some());
        // `123456789` has the sum 21cf02, the check value of CRC-24/OPENPGP.
        assert!(decode("MTIzNDU2Nzg5", Some("Ic8C")).is_some());
        assert!(decode("MTIzNDU2Nzg5", Some("Ic8D")).is_none());
    }
}
