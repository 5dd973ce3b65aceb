//! Signatures in a registry: every kind of damage to one, and what comes of it.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use signatures::cosign::{
    BUNDLE_TYPE, KeyError, MAX_BUNDLE_BYTES, MAX_PAYLOAD_BYTES, Simple, Trust, verify_bundle, verify_simple,
    worst,
};
use signatures::{Bad, Outcome, SignerKind, Unverified};

use crate::support::sha256;

/// Makes the signature of a message.
type Sign = dyn Fn(&[u8]) -> Vec<u8>;
/// Changes a bundle before it is looked at.
type Damage = dyn Fn(&mut Value);

/// A key that signs, and its public half (DER).
struct Key {
    sign: Box<Sign>,
    public: Vec<u8>,
}

fn p256() -> Key {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
    let public = pair.public_key().as_der().expect("it encodes").as_ref().to_vec();
    let sign = move |text: &[u8]| {
        pair.sign(&SystemRandom::new(), text)
            .expect("it signs")
            .as_ref()
            .to_vec()
    };
    Key {
        sign: Box::new(sign),
        public,
    }
}

fn p384() -> Key {
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).expect("a key");
    let public = pair.public_key().as_der().expect("it encodes").as_ref().to_vec();
    let sign = move |text: &[u8]| {
        pair.sign(&SystemRandom::new(), text)
            .expect("it signs")
            .as_ref()
            .to_vec()
    };
    Key {
        sign: Box::new(sign),
        public,
    }
}

fn ed25519() -> Key {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let public = pair.public_key().as_der().expect("it encodes").as_ref().to_vec();
    Key {
        sign: Box::new(move |text| pair.sign(text).as_ref().to_vec()),
        public,
    }
}

fn rsa() -> Key {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let public = pair.public_key().as_der().expect("it encodes").as_ref().to_vec();
    let sign = move |text: &[u8]| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
            .expect("it signs");
        signature
    };
    Key {
        sign: Box::new(sign),
        public,
    }
}

fn pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("text"))
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

fn trusting(keys: &[&Key]) -> Trust {
    let mut trust = Trust::default();
    for key in keys {
        trust
            .add_key("cosign.pub", pem(&key.public).as_bytes())
            .expect("a key");
    }
    trust
}

fn manifest() -> [u8; 32] {
    sha256(b"the manifest of a chart")
}

fn payload() -> Value {
    json!({
        "critical": {
            "identity": { "docker-reference": "charts.example.com/hosted/bare" },
            "image": { "docker-manifest-digest": format!("sha256:{}", hex::encode(manifest())) },
            "type": "cosign container image signature",
        },
        "optional": null,
    })
}

fn simple(trust: &Trust, payload: &[u8], signature: &[u8]) -> Outcome {
    let signature = STANDARD.encode(signature);
    let simple = Simple {
        payload,
        signature: &signature,
        certificate: None,
        chain: None,
        entry: None,
    };
    verify_simple(trust, &manifest(), &simple)
}

#[test]
fn every_kind_of_key_signs() {
    for key in [p256(), p384(), ed25519(), rsa()] {
        let stranger = p256();
        let trust = trusting(&[&stranger, &key]);
        let payload = payload().to_string();
        let outcome = simple(&trust, payload.as_bytes(), &(key.sign)(payload.as_bytes()));
        let Outcome::Verified(verified) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(verified.by.kind, SignerKind::CosignKey);
        assert_eq!(verified.by.fingerprint, hex::encode(sha256(&key.public)));
        assert_eq!(verified.by.names, ["cosign.pub"]);
        assert!(bundle(&trust, &statement(), &key, |_| {}).is_some_and(|outcome| outcome.is_verified()));
    }
}

#[test]
fn a_payload_is_about_this_manifest_and_nothing_else() {
    let key = p256();
    let trust = trusting(&[&key]);
    let ask = |payload: &str| simple(&trust, payload.as_bytes(), &(key.sign)(payload.as_bytes()));
    let whole = payload().to_string();
    assert!(ask(&whole).is_verified());
    let digest = hex::encode(manifest());
    let rows = [
        (digest.as_str(), "00", "another archive was signed"),
        ("sha256:", "sha512:", "another archive was signed"),
        (
            "cosign container image signature",
            "atomic container signature",
            "another type",
        ),
        (
            "\"critical\":{",
            "\"critical\":{\"extra\":1,",
            "not what cosign signs",
        ),
        (
            "\"image\":{",
            "\"image\":{\"docker-manifest-digest\":\"sha256:00\",",
            "not what cosign signs",
        ),
        (
            "\"critical\":{",
            "\"critical\":null,\"critical\":{",
            "not what cosign signs",
        ),
        ("{\"critical\"", "[{\"critical\"", "not what cosign signs"),
        ("\"critical\"", "\"uncritical\"", "not what cosign signs"),
    ];
    for (from, to, want) in rows {
        let damaged = whole.replacen(from, to, 1);
        assert_ne!(damaged, whole, "{from}");
        let Outcome::Bad(reason) = ask(&damaged) else {
            panic!("{from}");
        };
        assert!(reason.to_string().contains(want), "{from}: {reason}");
    }
    let long = format!("{whole}{}", " ".repeat(MAX_PAYLOAD_BYTES));
    assert!(matches!(ask(&long), Outcome::Bad(Bad::TooLong { .. })));
}

#[test]
fn a_signature_by_nobody_known_is_not_verified() {
    let (key, stranger) = (p256(), p256());
    let trust = trusting(&[&key]);
    let payload = payload().to_string();
    let by_stranger = (stranger.sign)(payload.as_bytes());
    assert!(matches!(
        simple(&trust, payload.as_bytes(), &by_stranger),
        Outcome::Unverified(Unverified::UnknownKey { .. })
    ));
    let good = (key.sign)(payload.as_bytes());
    assert_eq!(
        simple(&Trust::default(), payload.as_bytes(), &good),
        Outcome::Unverified(Unverified::NoKeyring)
    );
    for (signature, has_certificate, want) in [
        (STANDARD.encode(&by_stranger), true, "no roots and identities"),
        ("?".to_owned(), false, "not base64"),
        (String::new(), false, "not in the keyring"),
        (STANDARD.encode(&good[1..]), false, "not in the keyring"),
    ] {
        let simple = Simple {
            payload: payload.as_bytes(),
            signature: &signature,
            certificate: has_certificate
                .then_some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            chain: None,
            entry: None,
        };
        let said = match verify_simple(&trust, &manifest(), &simple) {
            Outcome::Verified(verified) => panic!("{verified:?}"),
            Outcome::Unverified(reason) => reason.to_string(),
            Outcome::Bad(reason) => reason.to_string(),
        };
        assert!(said.contains(want), "{said}");
    }
}

fn statement() -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "", "digest": { "sha256": hex::encode(manifest()) } }],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    })
}

/// A bundle as cosign writes it, signed, and then changed.
fn bundle(trust: &Trust, statement: &Value, key: &Key, change: impl FnOnce(&mut Value)) -> Option<Outcome> {
    let (kind, payload) = ("application/vnd.in-toto+json", statement.to_string());
    let message = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
    let mut bundle = json!({
        "mediaType": BUNDLE_TYPE,
        "verificationMaterial": { "publicKey": { "hint": "abc" }, "timestampVerificationData": {} },
        "dsseEnvelope": {
            "payload": STANDARD.encode(&payload),
            "payloadType": kind,
            "signatures": [{ "sig": STANDARD.encode((key.sign)(message.as_bytes())) }],
        },
    });
    change(&mut bundle);
    verify_bundle(trust, &manifest(), bundle.to_string().as_bytes())
}

#[test]
fn a_bundle_is_about_this_manifest_and_nothing_else() {
    let (key, stranger) = (p256(), p256());
    let trust = trusting(&[&key]);
    let ask = |change: &Damage| bundle(&trust, &statement(), &key, |it| change(it));
    assert!(ask(&|_| {}).is_some_and(|outcome| outcome.is_verified()));
    let rows: [(&Damage, &str); 10] = [
        (
            &|it| it["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.1"),
            "another version",
        ),
        (&|it| it["dsseEnvelope"] = Value::Null, "no envelope"),
        (
            &|it| it["dsseEnvelope"]["payloadType"] = json!("text/plain"),
            "holds no statement",
        ),
        (&|it| it["dsseEnvelope"]["payload"] = json!("?"), "not base64"),
        (
            &|it| it["dsseEnvelope"]["payload"] = json!("e30="),
            "not a statement",
        ),
        (
            &|it| it["dsseEnvelope"]["signatures"] = json!([]),
            "one subject and one signature",
        ),
        (
            &|it| {
                let first = it["dsseEnvelope"]["signatures"][0].clone();
                it["dsseEnvelope"]["signatures"] = json!([first.clone(), first]);
            },
            "one subject and one signature",
        ),
        (
            &|it| it["dsseEnvelope"]["extra"] = json!(1),
            "not a sigstore bundle",
        ),
        (
            &|it| it["verificationMaterial"] = Value::Null,
            "not a sigstore bundle",
        ),
        (
            &|it| it["dsseEnvelope"]["signatures"][0]["sig"] = json!("?"),
            "not base64",
        ),
    ];
    for (change, want) in rows {
        match ask(change) {
            Some(Outcome::Bad(reason)) => assert!(reason.to_string().contains(want), "{want}: {reason}"),
            other => panic!("{want}: {other:?}"),
        }
    }
    // Signed, but of other things.
    let other = |change: &dyn Fn(&mut Value)| {
        let mut statement = statement();
        change(&mut statement);
        bundle(&trust, &statement, &key, |_| {})
    };
    let bad = |outcome| matches!(outcome, Some(Outcome::Bad(_)));
    assert!(bad(other(
        &|it| it["subject"][0]["digest"]["sha256"] = json!("00")
    )));
    assert!(bad(other(&|it| it["subject"] = json!([]))));
    assert!(bad(other(
        &|it| it["_type"] = json!("https://in-toto.io/Statement/v2")
    )));
    // Who built it and what is in it are no signatures.
    assert_eq!(
        other(&|it| it["predicateType"] = json!("https://slsa.dev/provenance/v1")),
        None
    );
    let unknown = bundle(&trust, &statement(), &stranger, |_| {});
    assert!(matches!(
        unknown,
        Some(Outcome::Unverified(Unverified::UnknownKey { .. }))
    ));
    let certified = bundle(&trust, &statement(), &stranger, |it| {
        it["verificationMaterial"] = json!({ "certificate": { "rawBytes": "AAAA" } });
    });
    assert_eq!(certified, Some(Outcome::Unverified(Unverified::NoRoots)));
    let long = bundle(&trust, &statement(), &key, |it| {
        it["note"] = json!("x".repeat(MAX_BUNDLE_BYTES));
    });
    assert!(matches!(long, Some(Outcome::Bad(Bad::TooLong { .. }))));
}

#[test]
fn of_several_signatures_a_bad_one_counts_first() {
    let verified = {
        let key = p256();
        let payload = payload().to_string();
        simple(
            &trusting(&[&key]),
            payload.as_bytes(),
            &(key.sign)(payload.as_bytes()),
        )
    };
    let unverified = Outcome::Unverified(Unverified::NoSignature);
    let bad = Outcome::Bad(Bad::Mismatch);
    assert!(verified.is_verified());
    assert_eq!(
        worst([unverified.clone(), verified.clone()]),
        Some(verified.clone())
    );
    assert_eq!(worst([unverified, verified, bad.clone()]), Some(bad));
    assert_eq!(worst([]), None);
}

#[test]
fn what_is_no_public_key_says_so() {
    let add = |file: &str| Trust::default().add_key("key", file.as_bytes());
    let whole = pem(&p256().public);
    assert_eq!(add(&whole), Ok(()));
    assert_eq!(
        add(&whole.replace("PUBLIC", "PRIVATE")),
        Err(KeyError::PrivateKey)
    );
    assert_eq!(
        add(
            "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
        ),
        Err(KeyError::PrivateKey)
    );
    assert_eq!(add(&format!("{whole}{whole}")), Err(KeyError::NotPem));
    assert_eq!(add(""), Err(KeyError::NotPem));
    let mut cut = p256().public;
    cut.pop();
    assert_eq!(add(&pem(&cut)), Err(KeyError::Unsupported));
    cut.extend([0, 0]);
    assert_eq!(add(&pem(&cut)), Err(KeyError::Unsupported));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes of a payload are changed, and those of a signature: nothing panics, and nothing but the payload that was signed
    /// is verified.
    #[test]
    fn no_damage_is_verified(at in any::<prop::sample::Index>(), with in any::<u8>(), of_signature in any::<bool>()) {
        let key = p256();
        let mut text = payload().to_string().into_bytes();
        let mut signature = (key.sign)(&text);
        let (whole, whole_signature) = (text.clone(), signature.clone());
        let bytes = if of_signature { &mut signature } else { &mut text };
        let at = at.index(bytes.len());
        bytes[at] = with;
        let outcome = simple(&trusting(&[&key]), &text, &signature);
        prop_assert_eq!(outcome.is_verified(), text == whole && signature == whole_signature);
    }
}
