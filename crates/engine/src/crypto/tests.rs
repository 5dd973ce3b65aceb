//! Keys and certificates as a whole, checked by OpenSSL where there is one.

use std::io::Write;
use std::process::{Command, Stdio};

use super::der::{Reader, tag};
use super::random::tests::Seeded;
use super::*;

/// 2026-11-24 12:00:00.5 UTC.
const NOW: i128 = 1_795_521_600_500_000_000;

#[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
fn skipped(what: &[&str]) {
    assert!(std::env::var_os("CI").is_none(), "openssl is missing");
    eprintln!("SKIPPED: openssl is missing, {what:?} not checked");
}

/// Runs OpenSSL on `input`; `None`, loudly, where there is none.
fn openssl(arguments: &[&str], input: &[u8]) -> Option<String> {
    let child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        skipped(arguments);
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "openssl {arguments:?}: {text}");
    Some(text)
}

fn rsa(seed: u64) -> PrivateKey {
    PrivateKey::generate(KeyKind::Rsa { bits: 2048 }, &mut Seeded(seed)).unwrap()
}

fn subject(common_name: &str) -> Subject<'_> {
    Subject {
        common_name: common_name.as_bytes(),
        days_valid: 365,
        now_nanos: NOW,
    }
}

fn names() -> Names {
    Names {
        ips: vec![
            "1.2.3.4".parse().unwrap(),
            "::1".parse().unwrap(),
            "::ffff:10.0.0.1".parse().unwrap(),
        ],
        dns: vec![b"a.example".to_vec(), b"*.b".to_vec()],
    }
}

fn authority(key: &PrivateKey) -> Certificate {
    Certificate::generate(
        subject("the ca"),
        &Names::default(),
        Issuer::NewAuthority,
        key,
        &mut Seeded(5),
    )
    .unwrap()
}

#[test]
fn keys_of_every_kind_are_read_by_openssl_and_by_us() {
    for (kind, label, checked) in [
        (KeyKind::Rsa { bits: 2048 }, "RSA PRIVATE KEY", true),
        (KeyKind::Ecdsa, "EC PRIVATE KEY", true),
        (KeyKind::Ed25519, "PRIVATE KEY", false),
    ] {
        let key = PrivateKey::generate(kind, &mut Seeded(3)).unwrap();
        let pem = key.to_pem().unwrap();
        assert!(pem.starts_with(&format!("-----BEGIN {label}-----\n")), "{pem}");
        assert_eq!(
            PrivateKey::from_pem(pem.as_bytes()).unwrap().to_pem().unwrap(),
            pem
        );
        let again = PrivateKey::generate(kind, &mut Seeded(3))
            .unwrap()
            .to_pem()
            .unwrap();
        assert_eq!(again, pem, "the same randomness, the same key");
        let check: &[&str] = if checked {
            &["pkey", "-noout", "-check"]
        } else {
            &["pkey", "-noout"]
        };
        openssl(check, pem.as_bytes());
    }
}

#[test]
fn dsa_keys_are_read_by_openssl_and_by_us() {
    let key = PrivateKey::generate(KeyKind::Dsa, &mut Seeded(1)).unwrap();
    let pem = key.to_pem().unwrap();
    assert!(pem.starts_with("-----BEGIN DSA PRIVATE KEY-----\n"), "{pem}");
    assert_eq!(
        PrivateKey::from_pem(pem.as_bytes()).unwrap().to_pem().unwrap(),
        pem
    );
    if let Some(text) = openssl(&["dsa", "-noout", "-text"], pem.as_bytes()) {
        assert!(text.contains("(2048 bit)"), "{text}");
    }
}

#[test]
fn an_authority_and_its_certificate_verify() {
    let ca = authority(&rsa(1));
    let key = rsa(2);
    let leaf = Certificate::generate(
        subject("leaf"),
        &names(),
        Issuer::Authority(&Authority::open(&ca).unwrap()),
        &key,
        &mut Seeded(6),
    )
    .unwrap();
    let Some(text) = openssl(&["x509", "-noout", "-text"], &ca.cert) else {
        return;
    };
    for line in [
        "Version: 3 (0x2)",
        "Signature Algorithm: sha256WithRSAEncryption",
        "Issuer: CN = the ca",
        "Subject: CN = the ca",
        "Not Before: Nov 24 12:00:00 2026 GMT",
        "Not After : Nov 24 12:00:00 2027 GMT",
        "Digital Signature, Key Encipherment, Certificate Sign",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "CA:TRUE",
        "X509v3 Subject Key Identifier",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    let text = openssl(&["x509", "-noout", "-text"], &leaf.cert).unwrap();
    for line in [
        "Issuer: CN = the ca",
        "Subject: CN = leaf",
        "CA:FALSE",
        "X509v3 Authority Key Identifier",
        "DNS:a.example, DNS:*.b, IP Address:1.2.3.4, IP Address:0:0:0:0:0:0:0:1, IP Address:10.0.0.1",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    assert!(!text.contains("Subject Key Identifier"), "{text}");
    let folder = tempdir();
    std::fs::write(folder.join("ca.pem"), &ca.cert).unwrap();
    let path = folder.join("ca.pem");
    openssl(
        &[
            "verify",
            "-attime",
            "1800000000",
            "-CAfile",
            path.to_str().unwrap(),
        ],
        &leaf.cert,
    );
    std::fs::remove_dir_all(folder).unwrap();
}

fn tempdir() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("chartroom-crypto-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn keys_of_other_kinds_sign_themselves() {
    for kind in [KeyKind::Ecdsa, KeyKind::Ed25519] {
        let key = PrivateKey::generate(kind, &mut Seeded(3)).unwrap();
        let own = Certificate::generate(subject(""), &names(), Issuer::Itself, &key, &mut Seeded(4)).unwrap();
        let Some(text) = openssl(&["x509", "-noout", "-text"], &own.cert) else {
            return;
        };
        assert!(
            text.contains("X509v3 Subject Alternative Name: critical"),
            "{text}"
        );
        let ca = authority(&key);
        let path = tempdir().join(format!("{kind:?}.pem"));
        std::fs::write(&path, &ca.cert).unwrap();
        openssl(
            &[
                "verify",
                "-attime",
                "1800000000",
                "-CAfile",
                path.to_str().unwrap(),
            ],
            &ca.cert,
        );
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_custom_certificate_is_checked() {
    let ca = authority(&rsa(1));
    let (cert, key) = (encode_base64(&ca.cert), encode_base64(&ca.key));
    assert_eq!(Certificate::from_base64(&cert, &key).unwrap(), ca);
    let error = |cert: &[u8], key: &[u8]| Certificate::from_base64(cert, key).unwrap_err().to_string();
    assert_eq!(error(b"bad", b"bad"), "unable to decode base64 certificate");
    assert_eq!(error(&cert, b"bad"), "unable to decode base64 private key");
    assert_eq!(error(b"YmFk", &key), "unable to decode certificate");
    assert_eq!(
        error(&cert, b"YmFk"),
        "error parsing private key: no PEM data in input"
    );
    let no_certificate = encode_base64(Pem::encode("CERTIFICATE", b"x").as_bytes());
    assert_eq!(
        error(&no_certificate, &key),
        "error parsing certificate: decodedCert.Bytes: x509: malformed certificate"
    );
    assert_eq!(
        error(&cert, &cert),
        "error parsing private key: no private key data in PEM block of type CERTIFICATE"
    );
}

#[test]
fn keys_that_cannot_sign_are_refused() {
    let make = |issuer: Issuer<'_>, key: &PrivateKey| {
        let made = Certificate::generate(subject("x"), &names(), issuer, key, &mut Seeded(1));
        made.unwrap_err().to_string()
    };
    let dsa = PrivateKey::from_pem(DSA_KEY.as_bytes()).unwrap();
    assert_eq!(
        make(Issuer::Itself, &dsa),
        "error creating certificate: x509: certificate private key does not implement crypto.Signer"
    );
    let ca = authority(&rsa(1));
    assert_eq!(
        make(Issuer::Authority(&Authority::open(&ca).unwrap()), &dsa),
        "error creating certificate: x509: unsupported public key type: *dsa.PublicKey"
    );
    let key = PrivateKey::generate(KeyKind::Ecdsa, &mut Seeded(3)).unwrap();
    let other = Certificate {
        key: key.to_pem().unwrap().into_bytes(),
        ..ca
    };
    assert_eq!(
        make(Issuer::Authority(&Authority::open(&other).unwrap()), &key),
        "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey"
    );
}

/// p = 23, q = 11: enough to be read.
const DSA_KEY: &str =
    "-----BEGIN DSA PRIVATE KEY-----\nMBICAQACARcCAQsCAQQCAQkCAQc=\n-----END DSA PRIVATE KEY-----\n";

#[test]
fn no_input_makes_the_parsers_panic() {
    // Every prefix and every single-byte change of a real certificate and key.
    let ca = authority(&PrivateKey::generate(KeyKind::Ecdsa, &mut Seeded(3)).unwrap());
    for text in [&ca.cert, &ca.key] {
        let block = Pem::decode(text).unwrap();
        for position in 0..block.contents.len() {
            let mut changed = block.contents.clone();
            changed[position] ^= 0x85;
            let changed = Pem::encode("EC PRIVATE KEY", &changed);
            let _ = PrivateKey::from_pem(changed.as_bytes());
            let _ = Certificate::from_base64(&encode_base64(changed.as_bytes()), &encode_base64(&ca.key));
            let cut = Pem::encode("PRIVATE KEY", &block.contents[..position]);
            let _ = PrivateKey::from_pem(cut.as_bytes());
        }
    }
}

#[test]
fn times_around_the_borders() {
    for (days, end) in [
        (-365, "Nov 24 12:00:00 2025 GMT"),
        (36_500, "Oct 31 12:00:00 2126 GMT"),
    ] {
        let subject = Subject {
            days_valid: days,
            ..subject("x")
        };
        let key = PrivateKey::generate(KeyKind::Ecdsa, &mut Seeded(3)).unwrap();
        let own =
            Certificate::generate(subject, &Names::default(), Issuer::Itself, &key, &mut Seeded(4)).unwrap();
        if let Some(text) = openssl(&["x509", "-noout", "-enddate"], &own.cert) {
            assert!(text.contains(end), "{text}");
        }
    }
}

/// Tags and contents, except for what is drawn, computed from it, or the time.
fn shape(der: &[u8], depth: usize, lines: &mut Vec<String>) {
    let mut reader = Reader::new(der);
    while let Some(element) = reader.any() {
        let random = match element.tag {
            tag::INTEGER => element.contents.len() > 8,
            tag::OCTET_STRING => element
                .contents
                .windows(2)
                .any(|bytes| bytes[1] == 20 && matches!(bytes[0], 4 | 0x80)),
            tag::BIT_STRING => element.contents.len() > 8,
            tag::UTC_TIME | tag::GENERALIZED_TIME => true,
            _ => false,
        };
        let constructed = element.tag & 0x20 != 0;
        let shown: &[u8] = if random || constructed {
            &[]
        } else {
            element.contents
        };
        lines.push(format!("{}{:02x} {shown:02x?}", " ".repeat(depth), element.tag));
        if constructed {
            shape(element.contents, depth + 1, lines);
        }
    }
}

/// The file holds what sprig 3.3.0, built with Go 1.26, made from the same arguments.
#[test]
fn certificates_are_encoded_as_go_encodes_them() {
    let key = rsa(1);
    let ec = PrivateKey::generate(KeyKind::Ecdsa, &mut Seeded(3)).unwrap();
    let ed = PrivateKey::generate(KeyKind::Ed25519, &mut Seeded(3)).unwrap();
    let of = |common_name: &'static str, days_valid| Subject {
        days_valid,
        ..subject(common_name)
    };
    let none = Names::default();
    let dns = |names: &[&str]| {
        names
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect::<Vec<_>>()
    };
    let addresses = ["1.2.3.4", "::1", "::ffff:1.2.3.4"]
        .map(|ip| ip.parse().unwrap())
        .to_vec();
    let many = Names {
        ips: addresses,
        dns: dns(&["a.b", "*.c"]),
    };
    let only_ip = Names {
        ips: vec!["9.9.9.9".parse().unwrap()],
        dns: vec![],
    };
    let only_dns = Names {
        ips: vec![],
        dns: dns(&["q"]),
    };

    let make = |subject, names: &Names, issuer: Issuer<'_>, key: &PrivateKey| {
        Certificate::generate(subject, names, issuer, key, &mut Seeded(9)).unwrap()
    };
    let ca = make(of("my ca", 365), &none, Issuer::NewAuthority, &key);
    let authority = Authority::open(&ca).unwrap();
    let ours = [
        ca.clone(),
        make(of("*.x", 30), &many, Issuer::Itself, &key),
        make(
            of("leaf.é", 36_500),
            &only_dns,
            Issuer::Authority(&authority),
            &key,
        ),
        make(of("ecca", 10), &none, Issuer::NewAuthority, &ec),
        make(of("", 10), &only_ip, Issuer::Itself, &ed),
        make(of("k", -5), &none, Issuer::Authority(&authority), &ec),
    ];
    let end = "-----END CERTIFICATE-----\n";
    let theirs: Vec<&str> = include_str!("testdata_go.pem").split_inclusive(end).collect();
    assert_eq!(theirs.len(), ours.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        let lines = |pem: &[u8]| {
            let mut lines = Vec::new();
            shape(&Pem::decode(pem).unwrap().contents, 0, &mut lines);
            lines
        };
        assert_eq!(lines(&ours.cert), lines(theirs.as_bytes()));
    }
}
