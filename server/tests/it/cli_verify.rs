//! `chartroom verify` and `--verify`: what they print and how they end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/signatures/tests/it/samples")
        .join(name)
}

/// A folder with the archive of the samples and a provenance file beside it.
fn folder(provenance: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("bare-0.1.0.tgz");
    std::fs::copy(sample("bare-0.1.0.tgz"), &to).expect("it is copied");
    if let Some(provenance) = provenance {
        let beside = folder.path().join("bare-0.1.0.tgz.prov");
        std::fs::copy(sample(provenance), beside).expect("it is copied");
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_chartroom"))
        .args(arguments)
        .current_dir(folder)
        .env("GNUPGHOME", folder.join("gnupg"))
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

fn keyring() -> String {
    sample("openpgp/keyring.gpg").display().to_string()
}

#[test]
fn a_chart_that_is_signed_is_told_with_who_signed_it() {
    let folder = folder(Some("openpgp/ed25519.prov"));
    let fingerprints = std::fs::read_to_string(sample("openpgp/fingerprints.txt")).expect("text");
    let fingerprint = fingerprints
        .lines()
        .find_map(|line| line.strip_prefix("ed25519 "))
        .expect("it is there");
    let want = format!(
        "Signed by: Edda Ed25519 <ed25519@example.com>\nUsing Key With Fingerprint: {fingerprint}\n\
         Chart Hash Verified: sha256:{}\n",
        sum(&sample("bare-0.1.0.tgz"))
    );
    let verify = ["verify", "bare-0.1.0.tgz", "--keyring", &keyring()];
    assert_eq!(run(folder.path(), &verify), (0, want.clone(), String::new()));
    // Without a flag, where helm looks.
    std::fs::create_dir(folder.path().join("gnupg")).expect("a folder");
    std::fs::copy(keyring(), folder.path().join("gnupg/pubring.gpg")).expect("it is copied");
    let verify = ["verify", "bare-0.1.0.tgz"];
    assert_eq!(run(folder.path(), &verify), (0, want, String::new()));
}

#[test]
fn it_prints_what_helm_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["bare-0.1.0.tgz", "bare-0.1.0.tgz.prov", "pubring.gpg"] {
        std::fs::copy(sample("helm").join(file), folder.path().join(file)).expect("it is copied");
    }
    let want = std::fs::read_to_string(sample("helm/verify.txt")).expect("text");
    let verify = ["verify", "bare-0.1.0.tgz", "--keyring", "pubring.gpg"];
    assert_eq!(run(folder.path(), &verify), (0, want, String::new()));
}

fn sum(path: &Path) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(std::fs::read(path).expect("it is there")))
}

#[test]
fn what_is_not_verified_ends_with_one_and_a_reason() {
    let keyring = keyring();
    let rows = [
        (
            None,
            "bare-0.1.0.tgz",
            "could not load provenance file bare-0.1.0.tgz.prov: stat bare-0.1.0.tgz.prov: no such file or directory",
        ),
        (None, "absent.tgz", "stat absent.tgz: no such file or directory"),
        (None, ".", "unpacked charts cannot be verified"),
        (
            Some("openpgp/stranger.prov"),
            "bare-0.1.0.tgz",
            "bare-0.1.0.tgz is not verified: it is signed with the key",
        ),
        (
            Some("openpgp/expired.prov"),
            "bare-0.1.0.tgz",
            "the signature of bare-0.1.0.tgz is bad: the key",
        ),
        (
            Some("openpgp/body-other-sum.prov"),
            "bare-0.1.0.tgz",
            "another archive was signed",
        ),
    ];
    for (provenance, path, want) in rows {
        let folder = folder(provenance);
        let (code, stdout, stderr) = run(folder.path(), &["verify", path, "--keyring", &keyring]);
        assert_eq!((code, stdout.as_str()), (1, ""), "{path}");
        assert!(
            stderr.starts_with("Error: ") && stderr.contains(want),
            "{path}: {stderr}"
        );
    }
    let folder = folder(Some("openpgp/rsa.prov"));
    let (code, _, stderr) = run(
        folder.path(),
        &["verify", "bare-0.1.0.tgz", "--keyring", "absent.gpg"],
    );
    assert_eq!(code, 1);
    assert!(
        stderr.contains("failed to load keyring: open absent.gpg: no such file or directory"),
        "{stderr}"
    );
}

#[test]
fn a_chart_that_is_not_verified_is_not_rendered() {
    let keyring = keyring();
    let signed = folder(Some("openpgp/rsa.prov"));
    let template = ["template", "./bare-0.1.0.tgz", "--verify", "--keyring", &keyring];
    let (code, _, stderr) = run(signed.path(), &template);
    assert_eq!(code, 0, "{stderr}");
    let unsigned = folder(None);
    let (code, stdout, stderr) = run(unsigned.path(), &template);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("could not load provenance file"), "{stderr}");
    // What a server verifies is the server's to say.
    let install = [
        "install",
        "web",
        "hosted/bare",
        "--server",
        "http://127.0.0.1:9",
        "--verify",
    ];
    let (code, _, stderr) = run(unsigned.path(), &install);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("a server verifies charts with its own keyrings"),
        "{stderr}"
    );
}
