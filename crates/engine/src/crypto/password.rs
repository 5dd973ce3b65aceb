//! Password hashes: `bcrypt`, `htpasswd`, `derivePassword`.

use scrypt::Params;
use sha2::{Digest, Sha256};

use super::random::{Entropy, NoEntropy};
use super::work::MAX_BCRYPT_PASSWORD;

/// Go's `bcrypt.DefaultCost`.
const COST: u32 = 10;
const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `bcrypt`: a hash of cost 10, or, as sprig does, the error as the result.
pub fn bcrypt(password: &[u8], entropy: &mut dyn Entropy) -> Result<String, NoEntropy> {
    if password.len() > MAX_BCRYPT_PASSWORD {
        return Ok(
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned(),
        );
    }
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    // The terminating zero is part of the key; the cipher's key schedule reads no more than 72 bytes of it.
    let mut key = password.to_vec();
    key.push(0);
    key.truncate(MAX_BCRYPT_PASSWORD);
    let hash = ::bcrypt::bcrypt(COST, salt, &key);
    // The last byte of the hash is not part of the format.
    let (kept, _) = hash.split_at(23);
    Ok(format!(
        "$2a${COST}${}{}",
        bcrypt_base64(&salt),
        bcrypt_base64(kept)
    ))
}

/// `htpasswd`: a line of an Apache password file.
pub fn htpasswd(user: &[u8], password: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, NoEntropy> {
    if user.contains(&b':') {
        return Ok([b"invalid username: ", user].concat());
    }
    Ok([user, b":", bcrypt(password, entropy)?.as_bytes()].concat())
}

/// Base64 of bcrypt: its own alphabet, no padding.
fn bcrypt_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 1);
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for position in 0..=group.len() {
            let index = bits >> (18 - 6 * position) & 63;
            text.push(
                ALPHABET
                    .get(index as usize)
                    .map_or('.', |letter| char::from(*letter)),
            );
        }
    }
    text
}

/// `derivePassword`: the Master Password algorithm; an unknown `kind` is, as in sprig, a message as the result.
#[must_use]
pub fn derive_password(counter: u32, kind: &[u8], password: &[u8], user: &[u8], site: &[u8]) -> Vec<u8> {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let Some(templates) = templates_of(kind) else {
        return [b"cannot find password template ", kind].concat();
    };
    let length_of = |text: &[u8]| (text.len() as u32).to_be_bytes();

    let salt = [SEED, &length_of(user), user].concat();
    let mut key = [0; 64];
    let derived = Params::new(15, 8, 2)
        .is_ok_and(|params| ::scrypt::scrypt(password, &salt, &params, &mut key).is_ok());
    debug_assert!(derived, "the parameters are constants that scrypt accepts");
    let seed = hmac_sha256(
        &key,
        &[SEED, &length_of(site), site, &counter.to_be_bytes()].concat(),
    );

    let [choice, rest @ ..] = seed;
    let template = templates
        .get(usize::from(choice) % templates.len())
        .copied()
        .unwrap_or_default();
    let character = |(class, byte): (u8, u8)| {
        let characters = characters_of(class);
        characters
            .get(usize::from(byte) % characters.len().max(1))
            .copied()
    };
    template.bytes().zip(rest).filter_map(character).collect()
}

/// HMAC-SHA256 for keys of one block.
fn hmac_sha256(key: &[u8; 64], message: &[u8]) -> [u8; 32] {
    let inner = Sha256::new()
        .chain_update(key.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(key.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

/// The shapes of passwords; each letter is a class of characters.
fn templates_of(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn characters_of(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        b'x' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
        _ => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::tests::Seeded;
    use super::*;

    #[test]
    fn bcrypt_is_what_openbsd_computes() {
        // $2a$10$ with the salt of a test vector of jBCrypt
        let hash = ::bcrypt::bcrypt(
            6,
            [
                0x14, 0x4b, 0x3d, 0x69, 0x1a, 0x7b, 0x4e, 0xcf, 0x39, 0xcf, 0x73, 0x5c, 0x7f, 0xa7, 0xa7,
                0x9c,
            ],
            b"\0",
        );
        assert_eq!(bcrypt_base64(&hash[..23]), "TV4S6ytwfsfvkgY8jIucDrjc8deX1s.");
        let line = htpasswd(b"u", b"p", &mut Seeded(1)).unwrap();
        assert!(line.starts_with(b"u:$2a$10$"));
        assert_eq!(line.len(), 62);
    }

    #[test]
    fn passwords_of_the_vectors() {
        let derive = |counter, kind: &str| {
            String::from_utf8(derive_password(
                counter,
                kind.as_bytes(),
                b"password",
                b"user",
                b"example.com",
            ))
            .unwrap()
        };
        assert_eq!(derive(1, "long"), "ZedaFaxcZaso9*");
        assert_eq!(derive(2, "long"), "Fovi2@JifpTupx");
        assert_eq!(derive(1, "maximum"), "pf4zS1LjCg&LjhsZ7T2~");
        assert_eq!(derive(1, "pin"), "6685");
        assert_eq!(derive(1, "zzz"), "cannot find password template zzz");
    }
}
