//! Certificates of identities: what real cosign signed with them and a log took, and every way in which that is not right.
//! The certificates are openssl's and the log is the samples' own, for there is no authority to ask; real cosign verified
//! the good ones (`samples/make-keyless.sh`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signatures::cosign::{CERTIFICATE, CHAIN, ENTRY, SIGNATURE, Simple, Trust, verify_bundle, verify_simple};
use signatures::{Bad, Outcome, SignerKind, Unverified};

use crate::support::{Layout, chart, damages, sample};

const SAMPLES: Layout = Layout("keyless");
const MAIL: (&str, &str) = ("https://id.example.com", "ada@example.com");
const WORKFLOW: (&str, &str) = (
    "https://ci.example.com",
    "https://git.example.com/team/charts/release.yml@refs/tags/*",
);

/// A signature with what is said beside it.
#[derive(Clone)]
struct Signed {
    payload: Vec<u8>,
    signature: String,
    certificate: String,
    chain: Option<String>,
    entry: Option<String>,
}

fn signed(name: &str) -> Signed {
    let layers = SAMPLES.layers(name);
    let [layer] = layers.as_slice() else {
        panic!("one layer: {layers:?}");
    };
    let say = |what: &str| layer["annotations"][what].as_str().map(str::to_owned);
    Signed {
        payload: SAMPLES.blob(&layer["digest"]),
        signature: say(SIGNATURE).expect("a signature"),
        certificate: say(CERTIFICATE).expect("a certificate"),
        chain: say(CHAIN),
        entry: say(ENTRY),
    }
}

fn trusting(root: &str, log: &str, identities: &[(&str, &str)]) -> Trust {
    let mut trust = Trust::default();
    trust
        .add_roots(&sample(&format!("keyless/{root}.pem")))
        .expect("a root");
    trust
        .add_log_key(&sample(&format!("keyless/{log}.pub")))
        .expect("a key");
    for (issuer, name) in identities {
        trust.add_identity(issuer, name);
    }
    trust
}

fn usual() -> Trust {
    trusting("root", "log", &[MAIL, WORKFLOW])
}

fn ask(trust: &Trust, signed: &Signed) -> Outcome {
    let simple = Simple {
        payload: &signed.payload,
        signature: &signed.signature,
        certificate: Some(&signed.certificate),
        chain: signed.chain.as_deref(),
        entry: signed.entry.as_deref(),
    };
    verify_simple(trust, &chart(), &simple)
}

#[test]
fn an_identity_that_an_authority_vouches_for_is_verified_as_of_when_it_signed() {
    for (name, who, issuer) in [
        ("email", "ada@example.com", "https://id.example.com"),
        (
            "workflow",
            "https://git.example.com/team/charts/release.yml@refs/tags/v1",
            "https://ci.example.com",
        ),
    ] {
        let Outcome::Verified(verified) = ask(&usual(), &signed(name)) else {
            panic!("{name}: {:?}", ask(&usual(), &signed(name)));
        };
        assert_eq!(verified.by.kind, SignerKind::Certificate);
        assert_eq!(
            (verified.by.names, verified.by.issuer),
            (vec![who.to_owned()], Some(issuer.to_owned()))
        );
        assert_eq!(verified.signed_at, Some(1_769_947_500));
    }
}

#[test]
fn whoever_is_not_trusted_is_not_verified() {
    let email = signed("email");
    let rows: [(&str, Trust, &str, &str); 8] = [
        ("nothing", Trust::default(), "email", "no roots and identities"),
        (
            "nobody",
            trusting("root", "log", &[]),
            "email",
            "no roots and identities",
        ),
        (
            "another",
            trusting("root", "log", &[WORKFLOW]),
            "email",
            "signed by ada@example.com",
        ),
        (
            "another issuer",
            trusting("root", "log", &[("https://id.example.com.evil.org", MAIL.1)]),
            "email",
            "https://id.example.com vouches",
        ),
        (
            "another branch",
            trusting(
                "root",
                "log",
                &[(
                    WORKFLOW.0,
                    "https://git.example.com/team/charts/release.yml@refs/heads/*",
                )],
            ),
            "workflow",
            "signed by https://git.example.com/team/charts/release.yml@refs/tags/v1",
        ),
        (
            "another authority",
            trusting("other-root", "log", &[MAIL]),
            "email",
            "an authority",
        ),
        ("of another authority", usual(), "stranger", "an authority"),
        (
            "another log",
            trusting("root", "other-log", &[MAIL]),
            "email",
            "recorded in a log",
        ),
    ];
    for (row, trust, name, want) in rows {
        match ask(&trust, &signed(name)) {
            Outcome::Unverified(reason) => assert!(reason.to_string().contains(want), "{row}: {reason}"),
            other => panic!("{row}: {other:?}"),
        }
    }
    // In another log than the trusted one.
    assert_eq!(
        ask(&usual(), &signed("other-log")),
        Outcome::Unverified(Unverified::UnknownAuthority)
    );
    // A key that is trusted needs no certificate, and what is beside it changes nothing.
    let mut without = email;
    without.entry = None;
    assert!(!ask(&usual(), &without).is_verified());
}

#[test]
fn certificates_and_entries_that_are_not_right_are_bad() {
    for (name, want) in [
        ("late", "certificate of the signature is not accepted"),
        ("early", "certificate of the signature is not accepted"),
        ("two_names", "has not one name"),
        ("two_issuers", "has two issuers"),
        ("no_issuer", "does not say who vouched"),
        ("no-log", "there is none"),
    ] {
        match ask(&usual(), &signed(name)) {
            Outcome::Bad(reason) => assert!(reason.to_string().contains(want), "{name}: {reason}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn what_belongs_to_another_signature_is_bad() {
    let (email, workflow) = (signed("email"), signed("workflow"));
    let with = |change: &dyn Fn(&mut Signed)| {
        let mut changed = email.clone();
        change(&mut changed);
        ask(&usual(), &changed)
    };
    let late = signed("late").entry;
    let rows: [(&str, Outcome); 6] = [
        (
            "the entry of another",
            with(&|it| it.entry.clone_from(&workflow.entry)),
        ),
        (
            "the entry of another time",
            with(&|it| it.entry.clone_from(&late)),
        ),
        (
            "the certificate of another",
            with(&|it| it.certificate.clone_from(&workflow.certificate)),
        ),
        (
            "both of another",
            with(&|it| {
                it.certificate.clone_from(&workflow.certificate);
                it.entry.clone_from(&workflow.entry);
            }),
        ),
        (
            "two certificates",
            with(&|it| it.certificate.push_str(&workflow.certificate)),
        ),
        (
            "the signature of another",
            with(&|it| it.signature.clone_from(&workflow.signature)),
        ),
    ];
    for (row, outcome) in rows {
        assert!(matches!(outcome, Outcome::Bad(_)), "{row}: {outcome:?}");
    }
    // Without the certificates in between nothing leads to the root.
    let alone = with(&|it| it.chain = None);
    assert_eq!(alone, Outcome::Unverified(Unverified::UnknownAuthority));
}

#[test]
fn no_byte_of_an_entry_or_a_certificate_can_be_another() {
    let trust = usual();
    let email = signed("email");
    assert!(ask(&trust, &email).is_verified());
    let entry = email.entry.clone().expect("an entry");
    for (at, damaged) in damages(entry.as_bytes()) {
        let Ok(damaged) = String::from_utf8(damaged) else {
            continue;
        };
        let same = serde_json::from_str::<Value>(&damaged).ok() == serde_json::from_str::<Value>(&entry).ok();
        let mut changed = email.clone();
        changed.entry = Some(damaged);
        assert!(
            same || !ask(&trust, &changed).is_verified(),
            "byte {at} of the entry"
        );
    }
    let encoded: String = email
        .certificate
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = STANDARD.decode(encoded).expect("base64");
    for (at, damaged) in damages(&der) {
        let mut changed = email.clone();
        changed.certificate = pem(&damaged);
        assert!(
            !ask(&trust, &changed).is_verified(),
            "byte {at} of the certificate"
        );
    }
    for (at, damaged) in damages(&email.payload) {
        let mut changed = email.clone();
        changed.payload = damaged;
        assert!(!ask(&trust, &changed).is_verified(), "byte {at} of the payload");
    }
    // Fields that stand there twice, or that nobody knows.
    for (from, to) in [
        (
            "\"integratedTime\":",
            "\"integratedTime\":1769947500,\"integratedTime\":",
        ),
        ("\"logIndex\":", "\"extra\":1,\"logIndex\":"),
        (
            "\"SignedEntryTimestamp\":",
            "\"SignedEntryTimestamp\":\"AAAA\",\"SignedEntryTimestamp\":",
        ),
    ] {
        let mut changed = email.clone();
        changed.entry = Some(entry.replacen(from, to, 1));
        assert!(
            matches!(ask(&trust, &changed), Outcome::Bad(Bad::Log { .. })),
            "{to}"
        );
    }
}

fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(der)
    )
}

#[test]
fn a_bundle_with_a_certificate_is_held_to_the_same() {
    // A bundle has no certificates in between: they are given with the roots.
    let mut trust = usual();
    let chain = signed("email").chain.expect("a chain");
    trust.add_roots(chain.as_bytes()).expect("certificates");
    let whole: Value = serde_json::from_slice(&SAMPLES.bundle("bundle")).expect("JSON");
    let ask = |trust: &Trust, bundle: &Value| verify_bundle(trust, &chart(), bundle.to_string().as_bytes());
    let verified = ask(&trust, &whole);
    let Some(Outcome::Verified(by)) = &verified else {
        panic!("{verified:?} {whole}");
    };
    assert_eq!(
        (by.by.names[0].as_str(), by.signed_at),
        ("ada@example.com", Some(1_769_947_500))
    );
    assert_eq!(
        ask(&usual(), &whole),
        Some(Outcome::Unverified(Unverified::UnknownAuthority))
    );
    assert_eq!(
        ask(&Trust::default(), &whole),
        Some(Outcome::Unverified(Unverified::NoRoots))
    );
    let with = |pointer: &str, value: Value| {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).expect(pointer) = value;
        ask(&trust, &changed)
    };
    let entry = "/verificationMaterial/tlogEntries/0";
    let one = whole.pointer(entry).expect("an entry").clone();
    for (pointer, value) in [
        ("/verificationMaterial/tlogEntries".to_owned(), json!([])),
        (
            "/verificationMaterial/tlogEntries".to_owned(),
            json!([one.clone(), one]),
        ),
        (format!("{entry}/integratedTime"), json!("1769947501")),
        (format!("{entry}/logIndex"), json!("8")),
        (format!("{entry}/logId/keyId"), json!("")),
        (format!("{entry}/inclusionPromise"), Value::Null),
        (
            format!("{entry}/inclusionPromise/signedEntryTimestamp"),
            json!("AAAA"),
        ),
        (format!("{entry}/canonicalizedBody"), json!("e30=")),
        (
            "/verificationMaterial/certificate/rawBytes".to_owned(),
            json!("AAAA"),
        ),
        ("/dsseEnvelope/signatures/0/sig".to_owned(), json!("AAAA")),
    ] {
        let outcome = with(&pointer, value);
        assert!(
            outcome.as_ref().is_some_and(|it| !it.is_verified()),
            "{pointer}: {outcome:?}"
        );
    }
}

#[test]
fn what_is_no_root_says_so() {
    let add = |file: &[u8]| {
        Trust::default()
            .add_roots(file)
            .map_err(|error| error.to_string())
    };
    let root = sample("keyless/root.pem");
    assert_eq!(add(&root), Ok(()));
    assert_eq!(
        add(&[root.clone(), sample("keyless/other-root.pem")].concat()),
        Ok(())
    );
    for bad in [&b""[..], b"x", &sample("keyless/log.pub"), &root[1..]] {
        assert!(add(bad).is_err_and(|error| error.contains("certificates in PEM")));
    }
    let broken = pem(b"not a certificate");
    assert!(add(broken.as_bytes()).is_err_and(|error| error.contains("certificate 1")));
}
