//! What real cosign signed, in every form and with every kind of key: verified as it is, and never after any damage.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use serde_json::Value;
use signatures::cosign::{MEDIA_TYPE, SIGNATURE, Simple, Trust, verify_bundle, verify_simple, worst};
use signatures::{Bad, Outcome, SignerKind, Unverified};

use crate::support::{Layout, chart, damages, sample};

/// The kinds of keys that cosign makes or imports.
const KEYS: [&str; 5] = ["p256", "p384", "p521", "rsa", "ed25519"];

const SAMPLES: Layout = Layout("cosign");

/// Payloads with their signatures.
fn simple(name: &str) -> Vec<(Vec<u8>, String)> {
    let of = |layer: &Value| {
        assert_eq!(layer["mediaType"], MEDIA_TYPE);
        let signature = layer["annotations"][SIGNATURE].as_str().expect("a signature");
        (SAMPLES.blob(&layer["digest"]), signature.to_owned())
    };
    SAMPLES.layers(name).iter().map(of).collect()
}

fn one_simple(name: &str) -> (Vec<u8>, String) {
    simple(name).pop().expect("there is one")
}

fn trusting(keys: &[&str]) -> Trust {
    let mut trust = Trust::default();
    for key in keys {
        let file = sample(&format!("cosign/{key}.pub"));
        trust.add_key(key, &file).expect("cosign's own file");
    }
    trust
}

fn ask_simple(trust: &Trust, payload: &[u8], signature: &str) -> Outcome {
    let simple = Simple {
        payload,
        signature,
        certificate: None,
        chain: None,
        entry: None,
    };
    verify_simple(trust, &chart(), &simple)
}

fn ask_bundle(trust: &Trust, bundle: &[u8]) -> Option<Outcome> {
    verify_bundle(trust, &chart(), bundle)
}

fn is_verified(outcome: Option<&Outcome>) -> bool {
    outcome.is_some_and(Outcome::is_verified)
}

#[test]
fn every_kind_of_key_in_every_form() {
    let all = trusting(&KEYS);
    for key in KEYS {
        let own = trusting(&[key]);
        let others: Vec<&str> = KEYS.iter().copied().filter(|other| *other != key).collect();
        let others = trusting(&others);
        let (payload, signature) = one_simple(key);
        let bundle = SAMPLES.bundle(&format!("bundle-{key}"));
        let rows = [
            Some(ask_simple(&all, &payload, &signature)),
            Some(ask_simple(&own, &payload, &signature)),
            ask_bundle(&all, &bundle),
            ask_bundle(&own, &bundle),
        ];
        for outcome in rows {
            let Some(Outcome::Verified(verified)) = outcome else {
                panic!("{key}: {outcome:?}");
            };
            assert_eq!(
                (verified.by.kind, verified.by.names),
                (SignerKind::CosignKey, vec![key.to_owned()])
            );
        }
        for (trust, want) in [
            (
                &others,
                Unverified::UnknownKey {
                    key: "a cosign key".to_owned(),
                },
            ),
            (&Trust::default(), Unverified::NoKeyring),
        ] {
            let want = Outcome::Unverified(want);
            assert_eq!(ask_simple(trust, &payload, &signature), want, "{key}");
            assert_eq!(ask_bundle(trust, &bundle), Some(want), "{key}");
        }
    }
}

#[test]
fn annotations_and_a_manifest_that_refers_to_the_chart_change_nothing() {
    let trust = trusting(&["p256"]);
    for name in ["annotated", "referrer"] {
        let (payload, signature) = one_simple(name);
        assert!(ask_simple(&trust, &payload, &signature).is_verified(), "{name}");
    }
}

#[test]
fn of_two_signatures_one_that_is_known_is_enough_and_one_that_is_bad_is_too_much() {
    let trust = trusting(&["p256"]);
    let two = simple("two");
    let ask = |layers: &[(Vec<u8>, String)]| {
        let outcomes = layers
            .iter()
            .map(|(payload, signature)| ask_simple(&trust, payload, signature));
        worst(outcomes).expect("there are some")
    };
    assert_eq!(two.len(), 2);
    assert!(ask(&two).is_verified());
    let stranger = vec![one_simple("stranger")];
    assert!(matches!(
        ask(&stranger),
        Outcome::Unverified(Unverified::UnknownKey { .. })
    ));
    // A second layer that signs another manifest, by the very same key.
    let other = [two[1].clone(), one_simple("other")];
    assert!(matches!(ask(&other), Outcome::Bad(Bad::OtherArchive { .. })));
    // And one that is no signature.
    let odd = [two[1].clone(), (b"{}".to_vec(), two[0].1.clone())];
    assert!(matches!(ask(&odd), Outcome::Bad(Bad::Cosign { .. })));
}

#[test]
fn what_signs_something_else_is_bad_and_what_signs_nothing_is_none() {
    let trust = trusting(&KEYS);
    let (payload, signature) = one_simple("other");
    let other = ask_simple(&trust, &payload, &signature);
    assert!(
        matches!(other, Outcome::Bad(Bad::OtherArchive { .. })),
        "{other:?}"
    );
    let other = ask_bundle(&trust, &SAMPLES.bundle("bundle-other"));
    assert!(
        matches!(other, Some(Outcome::Bad(Bad::OtherArchive { .. }))),
        "{other:?}"
    );
    assert_eq!(ask_bundle(&trust, &SAMPLES.bundle("attested")), None);
    // A signature of the archive itself says nothing of a manifest.
    let file = ask_bundle(&trust, &sample("cosign/blob.json"));
    assert!(matches!(file, Some(Outcome::Bad(Bad::Cosign { .. }))), "{file:?}");
}

#[test]
fn no_byte_of_a_payload_or_a_signature_can_be_another() {
    for key in KEYS {
        let trust = trusting(&[key]);
        let (payload, signature) = one_simple(key);
        for (at, damaged) in damages(&payload) {
            let outcome = ask_simple(&trust, &damaged, &signature);
            assert!(!outcome.is_verified(), "{key}: byte {at} of the payload");
        }
        let raw = STANDARD.decode(&signature).expect("base64");
        for (at, damaged) in damages(&raw) {
            let outcome = ask_simple(&trust, &payload, &STANDARD.encode(damaged));
            assert!(!outcome.is_verified(), "{key}: byte {at} of the signature");
        }
        for n in 0..payload.len() {
            assert!(
                !ask_simple(&trust, &payload[..n], &signature).is_verified(),
                "{key}: {n} bytes"
            );
        }
        for n in 0..raw.len() {
            let cut = STANDARD.encode(&raw[..n]);
            assert!(
                !ask_simple(&trust, &payload, &cut).is_verified(),
                "{key}: {n} bytes"
            );
        }
        // The same bytes in other clothes.
        let mut longer = raw.clone();
        longer.push(0);
        let spaced = format!("{signature}\n");
        let clothes = [
            STANDARD.encode(longer),
            spaced,
            URL_SAFE.encode(&raw),
            STANDARD_NO_PAD.encode(&raw),
        ];
        for other in clothes.iter().filter(|other| **other != signature) {
            assert!(
                !ask_simple(&trust, &payload, other).is_verified(),
                "{key}: {other}"
            );
        }
    }
}

#[test]
fn no_byte_that_a_bundle_signs_can_be_another() {
    for key in KEYS {
        let trust = trusting(&[key]);
        let whole = SAMPLES.bundle(&format!("bundle-{key}"));
        let parsed: Value = serde_json::from_slice(&whole).expect("JSON");
        for (at, damaged) in damages(&whole) {
            if !is_verified(ask_bundle(&trust, &damaged).as_ref()) {
                continue;
            }
            // What is left: a hint at the key, which is not asked, and blanks between things.
            let mut damaged: Value = serde_json::from_slice(&damaged).expect("JSON");
            damaged["verificationMaterial"] = parsed["verificationMaterial"].clone();
            assert_eq!(damaged, parsed, "{key}: byte {at}");
        }
        for n in 0..whole.len() {
            assert!(
                !is_verified(ask_bundle(&trust, &whole[..n]).as_ref()),
                "{key}: {n} bytes"
            );
        }
        assert!(!is_verified(
            ask_bundle(&trust, &[&whole[..], b"{}"].concat()).as_ref()
        ));
        let envelope = &parsed["dsseEnvelope"];
        for part in ["/payload", "/signatures/0/sig"] {
            let raw = STANDARD
                .decode(envelope.pointer(part).and_then(Value::as_str).expect("text"))
                .expect("base64");
            for (at, damaged) in damages(&raw) {
                let mut changed = parsed.clone();
                *changed["dsseEnvelope"].pointer_mut(part).expect("it is there") =
                    STANDARD.encode(damaged).into();
                let outcome = ask_bundle(&trust, changed.to_string().as_bytes());
                assert!(!is_verified(outcome.as_ref()), "{key}: byte {at} of {part}");
            }
        }
    }
}

#[test]
fn a_field_that_stands_there_twice_is_bad() {
    let trust = trusting(&["p256"]);
    let whole = String::from_utf8(SAMPLES.bundle("bundle-p256")).expect("text");
    let of_stranger = String::from_utf8(SAMPLES.bundle("bundle-stranger")).expect("text");
    let stranger: Value = serde_json::from_str(&of_stranger).expect("JSON");
    for field in [
        "/mediaType",
        "/verificationMaterial",
        "/dsseEnvelope",
        "/dsseEnvelope/payload",
        "/dsseEnvelope/payloadType",
        "/dsseEnvelope/signatures",
        "/dsseEnvelope/signatures/0/sig",
        "/verificationMaterial/publicKey",
    ] {
        let name = field.rsplit('/').next().expect("a name");
        let value = stranger.pointer(field).expect("it is there");
        let key = format!("\"{name}\":");
        let twice = whole.replacen(&key, &format!("\"{name}\":{value},{key}"), 1);
        assert_ne!(twice, whole, "{field}");
        let outcome = ask_bundle(&trust, twice.as_bytes());
        assert!(
            matches!(outcome, Some(Outcome::Bad(Bad::Cosign { .. }))),
            "{field}: {outcome:?}"
        );
    }
    // Names that other readers take for the same.
    for (name, other) in [("payload", "Payload"), ("sig", "Sig")] {
        let key = format!("\"{name}\":");
        let twice = whole.replacen(&key, &format!("\"{other}\":\"AAAA\",{key}"), 1);
        let outcome = ask_bundle(&trust, twice.as_bytes());
        assert!(
            matches!(outcome, Some(Outcome::Bad(Bad::Cosign { .. }))),
            "{other}: {outcome:?}"
        );
    }
}

#[test]
fn parts_of_two_signatures_make_none() {
    let trust = trusting(&["p256"]);
    let (own, own_signature) = one_simple("p256");
    let (annotated, annotated_signature) = one_simple("annotated");
    for (payload, signature) in [(&own, &annotated_signature), (&annotated, &own_signature)] {
        assert!(!ask_simple(&trust, payload, signature).is_verified());
    }
    let parsed = |name: &str| -> Value { serde_json::from_slice(&SAMPLES.bundle(name)).expect("JSON") };
    let mut mixed = parsed("bundle-p256");
    mixed["dsseEnvelope"]["signatures"] = parsed("bundle-other")["dsseEnvelope"]["signatures"].clone();
    assert!(!is_verified(
        ask_bundle(&trust, mixed.to_string().as_bytes()).as_ref()
    ));
    // The signature of a statement is none of a payload, and the other way round.
    let of_bundle = parsed("bundle-p256")["dsseEnvelope"]["signatures"][0]["sig"].clone();
    assert!(!ask_simple(&trust, &own, of_bundle.as_str().expect("text")).is_verified());
    mixed["dsseEnvelope"]["signatures"][0]["sig"] = own_signature.into();
    assert!(!is_verified(
        ask_bundle(&trust, mixed.to_string().as_bytes()).as_ref()
    ));
}

#[test]
fn a_key_that_was_damaged_is_none_or_another() {
    let (payload, signature) = one_simple("p256");
    let file = sample("cosign/p256.pub");
    for (at, damaged) in damages(&file) {
        let mut trust = Trust::default();
        let is_same = String::from_utf8_lossy(&damaged).trim() == String::from_utf8_lossy(&file).trim();
        if !is_same && trust.add_key("p256", &damaged).is_ok() {
            assert!(
                !ask_simple(&trust, &payload, &signature).is_verified(),
                "byte {at}"
            );
        }
    }
}
