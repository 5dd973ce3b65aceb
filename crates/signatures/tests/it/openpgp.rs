//! Every kind of damage to a provenance file, its key or its archive, and what comes of it.

use proptest::prelude::*;
use signatures::openpgp::{Keyring, KeyringError, MAX_PROVENANCE_BYTES, verify};
use signatures::{Archive, Bad, Outcome, SignerKind, Unverified};

use crate::support::{NOW, sample, sha256, with_archive};

fn keyring(files: &[&str]) -> Keyring {
    let mut keyring = Keyring::default();
    for file in files {
        keyring.add(&sample(file)).expect(file);
    }
    keyring
}

fn check(keyring: &Keyring, file: &[u8]) -> Outcome {
    with_archive(|archive| verify(keyring, file, archive, NOW))
}

/// The outcome in a word and its reason.
fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Verified(verified) => format!("verified by {}", verified.by.names.join(", ")),
        Outcome::Unverified(reason) => format!("unverified: {reason}"),
        Outcome::Bad(reason) => format!("bad: {reason}"),
    }
}

#[test]
fn what_gpg_signs_is_verified() {
    let keyring = keyring(&["openpgp/keyring.asc"]);
    let fingerprints = String::from_utf8(sample("openpgp/fingerprints.txt")).expect("text");
    let rows = [
        (
            "rsa",
            vec![
                "Rosa RSA <rsa@example.com>",
                "Rosa at Work <rosa@work.example.com>",
            ],
        ),
        // By a subkey: shown is the key that it belongs to.
        ("ed25519", vec!["Edda Ed25519 <ed25519@example.com>"]),
        ("p256", vec!["Petra P-256 <p256@example.com>"]),
        ("p384", vec!["Paula P-384 <p384@example.com>"]),
        ("p521", vec!["Pia P-521 <p521@example.com>"]),
    ];
    for (name, names) in rows {
        let outcome = check(&keyring, &sample(&format!("openpgp/{name}.prov")));
        let Outcome::Verified(verified) = outcome else {
            panic!("{name}: {}", words(&outcome));
        };
        assert_eq!(verified.by.names, names, "{name}");
        assert_eq!(verified.by.kind, SignerKind::OpenPgp);
        let line = format!("{name} {}", verified.by.fingerprint);
        assert!(fingerprints.lines().any(|it| it == line), "{line}");
        assert!(
            verified
                .signed_at
                .is_some_and(|at| (1_769_904_000..1_769_905_000).contains(&at))
        );
    }
    let others = ["extended", "comment", "binary", "body-good", "body-dashes"];
    for name in others {
        let outcome = check(&keyring, &sample(&format!("openpgp/{name}.prov")));
        assert!(outcome.is_verified(), "{name}: {}", words(&outcome));
    }
}

#[test]
fn what_helm_signs_is_verified() {
    let keyring = keyring(&["helm/pubring.gpg"]);
    let sum = sha256(&sample("helm/bare-0.1.0.tgz"));
    let archive = Archive {
        file_name: "bare-0.1.0.tgz",
        name: "bare",
        version: "0.1.0",
        sha256: &sum,
    };
    // It was signed on the last day of November 2026.
    let outcome = verify(
        &keyring,
        &sample("helm/bare-0.1.0.tgz.prov"),
        &archive,
        1_800_000_000,
    );
    let Outcome::Verified(verified) = outcome else {
        panic!("{}", words(&outcome));
    };
    // Helm says the same of it.
    let said = String::from_utf8(sample("helm/verify.txt")).expect("text");
    let want = format!(
        "Signed by: {}\nUsing Key With Fingerprint: {}\nChart Hash Verified: sha256:{}\n",
        verified.by.names.join(""),
        verified.by.fingerprint,
        hex::encode(sum)
    );
    assert_eq!(said, want);
}

#[test]
fn a_keyring_may_be_armored_or_not() {
    for file in ["openpgp/keyring.gpg", "openpgp/keyring.asc"] {
        assert!(
            check(&keyring(&[file]), &sample("openpgp/rsa.prov")).is_verified(),
            "{file}"
        );
    }
    let two = keyring(&["openpgp/ed25519.gpg", "openpgp/rsa.gpg"]);
    assert!(check(&two, &sample("openpgp/rsa.prov")).is_verified());
    assert!(check(&two, &sample("openpgp/ed25519.prov")).is_verified());
    assert_ne!(two.digest(), keyring(&["openpgp/rsa.gpg"]).digest());
    assert_eq!(
        two.digest(),
        keyring(&["openpgp/ed25519.gpg", "openpgp/rsa.gpg"]).digest()
    );
}

#[test]
fn what_is_no_keyring_says_what_it_is() {
    let damaged = {
        let mut file = sample("openpgp/keyring.asc");
        let place = file.len() / 2;
        file[place] ^= 1;
        file
    };
    let rows = [
        (sample("openpgp/secret.asc"), "secret key"),
        (sample("openpgp/pubring.kbx"), "gpg --export"),
        (sample("openpgp/rsa.prov"), "not one of public keys"),
        (b"hello\n".to_vec(), "no block of public keys"),
        (damaged, "damaged"),
        (sample("openpgp/rsa.gpg")[..200].to_vec(), "damaged"),
        (Vec::new(), "no public key"),
    ];
    for (file, want) in rows {
        let error = Keyring::default().add(&file).expect_err(want).to_string();
        assert!(error.contains(want), "{error}");
    }
    let long = vec![b'x'; signatures::openpgp::MAX_KEYRING_BYTES + 1];
    assert_eq!(Keyring::default().add(&long), Err(KeyringError::TooLong));
}

#[test]
fn keys_and_signatures_that_do_not_count() {
    let all = keyring(&["openpgp/keyring.asc"]);
    let rows = [
        (
            "stranger",
            "unverified: it is signed with the key ",
            "not in the keyring",
        ),
        ("expired", "bad: the key ", "has expired"),
        ("shortened", "bad: the key ", "has expired"),
        ("subkey-expired", "bad: the key ", "has expired"),
        ("revoked", "bad: the key ", "was revoked"),
        ("certifies", "bad: the key ", "not meant for signatures"),
        ("bound-by-sha1", "bad: the key ", "only with SHA-1"),
        ("short", "bad: the key ", "sign with RSA of 2048 bits or more"),
        ("sha1", "bad: the signature uses SHA-1", "sign the chart again"),
        (
            "sha224",
            "bad: the signature uses SHA-224",
            "sign the chart again",
        ),
        ("short-lived", "bad: the signature has expired", ""),
        ("future", "bad: the signature was made in the future", ""),
        ("notation", "bad: ", "a condition that is not understood"),
        ("two", "bad: ", "more than one packet"),
        ("body-one-document", "bad: ", "not two documents"),
        ("body-three-documents", "bad: ", "not two documents"),
        ("body-no-files", "bad: ", "no checksums"),
        ("body-two-files", "bad: ", "2 checksums"),
        ("body-twice", "bad: ", "not YAML"),
        ("body-no-yaml", "bad: ", "not YAML"),
        (
            "body-other-name",
            "bad: another archive was signed",
            "name is \"bear\", not \"bare\"",
        ),
        (
            "body-other-version",
            "bad: another archive was signed",
            "version is \"0.1.1\", not \"0.1.0\"",
        ),
        (
            "body-other-file",
            "bad: another archive was signed",
            "not called bare-0.1.0.tgz",
        ),
        (
            "body-other-sum",
            "bad: another archive was signed",
            "checksum differs",
        ),
        (
            "body-bare-sum",
            "bad: another archive was signed",
            "checksum differs",
        ),
    ];
    for (name, begins, has) in rows {
        let words = words(&check(&all, &sample(&format!("openpgp/{name}.prov"))));
        assert!(
            words.starts_with(begins) && words.contains(has),
            "{name}: {words}"
        );
    }
    let rsa = sample("openpgp/rsa.prov");
    let others = keyring(&["openpgp/ed25519.gpg"]);
    assert!(matches!(
        check(&others, &rsa),
        Outcome::Unverified(Unverified::UnknownKey { .. })
    ));
    assert_eq!(
        check(&Keyring::default(), &rsa),
        Outcome::Unverified(Unverified::NoKeyring)
    );
}

#[test]
fn the_archive_is_the_one_that_was_signed() {
    let keyring = keyring(&["openpgp/rsa.gpg"]);
    let file = sample("openpgp/rsa.prov");
    let sum = sha256(&sample("bare-0.1.0.tgz"));
    let other = sha256(b"another");
    let whole = Archive {
        file_name: "bare-0.1.0.tgz",
        name: "bare",
        version: "0.1.0",
        sha256: &sum,
    };
    assert!(verify(&keyring, &file, &whole, NOW).is_verified());
    let rows = [
        Archive {
            sha256: &other,
            ..whole
        },
        Archive {
            file_name: "bare-0.1.0.tgz.tgz",
            ..whole
        },
        Archive {
            name: "Bare",
            ..whole
        },
        Archive {
            version: "0.1.0+1",
            ..whole
        },
    ];
    for archive in rows {
        let outcome = verify(&keyring, &file, &archive, NOW);
        assert!(
            matches!(outcome, Outcome::Bad(Bad::OtherArchive { .. })),
            "{archive:?}: {}",
            words(&outcome)
        );
    }
}

#[test]
fn a_key_signs_from_its_birth_until_it_ends() {
    let keyring = keyring(&["openpgp/keyring.asc"]);
    let at = |name: &str, now| {
        with_archive(|archive| verify(&keyring, &sample(&format!("openpgp/{name}.prov")), archive, now))
    };
    // The subkey ends with February 2026.
    assert!(at("subkey-expired", 1_772_000_000).is_verified());
    assert!(!at("subkey-expired", 1_772_323_200).is_verified());
    // A day after the short-lived signature was made, and before any was.
    assert!(at("short-lived", 1_769_904_000 + 86_000).is_verified());
    assert_eq!(
        at("short-lived", 1_769_904_000 + 87_000),
        Outcome::Bad(Bad::Expired)
    );
    assert_eq!(at("rsa", 1_769_904_000 - 3_600), Outcome::Bad(Bad::FromTheFuture));
}

#[test]
fn text_around_and_within_is_not_verified() {
    let keyring = keyring(&["openpgp/keyring.asc"]);
    let whole = String::from_utf8(sample("openpgp/rsa.prov")).expect("text");
    let other = String::from_utf8(sample("openpgp/stranger.prov")).expect("text");
    assert!(check(&keyring, whole.as_bytes()).is_verified());
    // A second body before and after, in both orders; line ends of another system stay what they were.
    assert!(!check(&keyring, format!("{whole}{other}").as_bytes()).is_verified());
    assert!(!check(&keyring, format!("{other}{whole}").as_bytes()).is_verified());
    assert!(!check(&keyring, format!("{whole}{whole}").as_bytes()).is_verified());
    assert!(check(&keyring, whole.replace('\n', "\r\n").as_bytes()).is_verified());
    for (from, to) in [
        ("name: bare", "name: bear"),
        ("name: bare", "name: bare\nname: bear"),
        ("\n...\n", "\n"),
        ("sha256:5", "sha256:6"),
        ("apiVersion", " apiVersion"),
        ("Hash: SHA512", "Hash: SHA256"),
        ("Hash: SHA512\n", "Hash: SHA512\nCharset: utf-7\n"),
        (
            "-----BEGIN PGP SIGNATURE-----\n\n",
            "-----BEGIN PGP SIGNATURE-----\n\niQ",
        ),
    ] {
        let damaged = whole.replacen(from, to, 1);
        assert_ne!(damaged, whole, "{from}");
        let outcome = check(&keyring, damaged.as_bytes());
        assert!(matches!(outcome, Outcome::Bad(_)), "{from}: {}", words(&outcome));
    }
    let long = vec![b'x'; MAX_PROVENANCE_BYTES + 1];
    assert!(matches!(
        check(&keyring, &long),
        Outcome::Bad(Bad::TooLong { .. })
    ));
    assert!(matches!(check(&keyring, b""), Outcome::Bad(Bad::Frame { .. })));
    assert!(matches!(
        check(&keyring, b"<!doctype html>"),
        Outcome::Bad(Bad::Frame { .. })
    ));
}

/// The packets of a binary keyring, each with its head.
fn packets(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut all) = (file, Vec::new());
    while let [first, ..] = rest {
        let (head, n) = match first & 3 {
            0 => (2, usize::from(rest[1])),
            1 => (3, usize::from(u16::from_be_bytes([rest[1], rest[2]]))),
            other => panic!("{other}"),
        };
        let (packet, after) = rest.split_at(head + n);
        all.push(packet.to_vec());
        rest = after;
    }
    all
}

#[test]
fn a_subkey_belongs_to_whoever_it_says() {
    let edda = packets(&sample("openpgp/ed25519.gpg"));
    let rosa = packets(&sample("openpgp/rsa.gpg"));
    let [primary, user, certification, subkey, binding] = edda.as_slice() else {
        panic!("{} packets", edda.len());
    };
    let signed = sample("openpgp/ed25519.prov");
    let ask = |packets: &[&Vec<u8>]| {
        let mut keyring = Keyring::default();
        let file: Vec<u8> = packets.iter().flat_map(|packet| packet.iter().copied()).collect();
        keyring.add(&file).expect("packets");
        words(&check(&keyring, &signed))
    };
    assert!(ask(&[primary, user, certification, subkey, binding]).starts_with("verified"));
    // Somebody else's primary key claims the subkey, with the binding that there is.
    let stolen = ask(&[&rosa[0], &rosa[1], &rosa[2], subkey, binding]);
    assert!(stolen.contains("nothing valid binds it"), "{stolen}");
    // Without what binds the subkey, the user, or both.
    assert!(ask(&[primary, user, certification, subkey]).contains("nothing valid binds it"));
    assert!(ask(&[primary, user, subkey, binding]).contains("nothing valid binds it"));
    // The subkey does not say that it belongs there: its own signature (kind 32) is taken for something else.
    let embedded = binding
        .windows(4)
        .position(|bytes| bytes == [32, 4, 0x19, 22])
        .expect("a back signature");
    let mut alone = binding.clone();
    alone[embedded] = 100;
    assert!(ask(&[primary, user, certification, subkey, &alone]).contains("nothing valid binds it"));
    // Or it says so with a signature that is not right.
    let mut broken = binding.clone();
    let last = broken.len() - 75;
    broken[last] ^= 1;
    assert!(!ask(&[primary, user, certification, subkey, &broken]).starts_with("verified"));
}

/// What is read of a file, and by whom it is.
fn said(outcome: &Outcome) -> Option<(String, Option<i64>)> {
    match outcome {
        Outcome::Verified(verified) => Some((verified.by.fingerprint.clone(), verified.signed_at)),
        _ => None,
    }
}

/// The lines that are signed, as they are hashed.
fn lines(file: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(file).ok()?;
    let (text, _) = text.split_once("-----BEGIN PGP SIGNATURE-----")?;
    let lines = text.lines().skip_while(|line| !line.is_empty()).skip(1);
    Some(
        lines
            .map(|line| line.trim_end_matches([' ', '\t', '\r']).to_owned())
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes are changed, left out, or put in, and whole parts are doubled: nothing panics, and what is still verified says
    /// what was signed.
    #[test]
    fn no_damage_makes_something_else_verified(
        of in prop::sample::select(vec!["rsa", "ed25519", "p256"]),
        at in any::<prop::sample::Index>(),
        what in 0_u8..4,
        with in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\n\r \t-=:".to_vec())], 1..4),
        n in 1_usize..80,
    ) {
        let keyring = keyring(&["openpgp/keyring.gpg"]);
        let whole = sample(&format!("openpgp/{of}.prov"));
        let mut file = whole.clone();
        let at = at.index(file.len());
        let end = (at + n).min(file.len());
        match what {
            0 => file[at] = with[0],
            1 => drop(file.drain(at..end)),
            2 => drop(file.splice(at..at, with)),
            _ => {
                let again = file[at..end].to_vec();
                drop(file.splice(at..at, again));
            }
        }
        let outcome = check(&keyring, &file);
        if outcome.is_verified() {
            prop_assert_eq!(said(&outcome), said(&check(&keyring, &whole)));
            prop_assert_eq!(lines(&file), lines(&whole));
        }
    }

    /// Keyrings are the operator's, but a damaged one must not let anybody in either.
    #[test]
    fn no_damage_makes_another_key_count(
        at in any::<prop::sample::Index>(),
        with in any::<u8>(),
        n in 0_usize..60,
    ) {
        let mut file = sample("openpgp/ed25519.gpg");
        let at = at.index(file.len());
        let end = (at + n).min(file.len());
        file[at] = with;
        file.drain(at + 1..end.max(at + 1));
        let mut keyring = Keyring::default();
        if keyring.add(&file).is_ok() {
            prop_assert!(!check(&keyring, &sample("openpgp/rsa.prov")).is_verified());
            let outcome = check(&keyring, &sample("openpgp/ed25519.prov"));
            if let Outcome::Verified(verified) = outcome {
                let whole = said(&check(&self::keyring(&["openpgp/ed25519.gpg"]), &sample("openpgp/ed25519.prov")));
                prop_assert_eq!(Some((verified.by.fingerprint, verified.signed_at)), whole);
            }
        }
    }
}
