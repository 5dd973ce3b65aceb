//! Whose signatures count, what a page says of them, and what becomes of charts without.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use backend::ops::{NewUpload, OciUpload, VersionCopy};
use backend::settings::{
    IdentitySettings, KeyringSettings, ProvenancePolicy, RepositorySettings, RepositorySignatureSettings,
    SignaturePolicy,
};
use backend::{Backend, Bytes, Error, Settings, Viewer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use model::signature::{SignatureCheck, SignatureState};
use sha2::{Digest as _, Sha256};

use crate::support::upstream::{Reply, Upstream};
use crate::support::world::{World, settings};
use crate::support::{block_on, signature_sample as sample};

fn bytes(name: &str) -> Bytes {
    std::fs::read(sample(name)).expect(name).into()
}

/// Every repository has this keyring and this policy.
fn trusting(settings: &mut Settings, file: &str, policy: SignaturePolicy) {
    settings.signatures.keyring = "team".to_owned();
    settings.signatures.policy = policy;
    settings.signatures.keyrings = vec![KeyringSettings {
        name: "team".to_owned(),
        files: vec![sample(file)],
        ..KeyringSettings::default()
    }];
}

const RSA: &str = "openpgp/rsa.gpg";
/// What OCI clients call the chart.
const NAME: &str = "hosted/bare";

async fn upload(backend: &Backend, provenance: Option<&str>) {
    let new = NewUpload {
        archive: Some(bytes("bare-0.1.0.tgz")),
        provenance: provenance.map(bytes),
        force: true,
    };
    let done = backend.hosted().upload(&Viewer::system(), "", new).await;
    done.expect("it is taken");
}

async fn check(backend: &Backend, repository: &str) -> Option<SignatureCheck> {
    let chart = backend
        .charts()
        .get(&Viewer::anonymous(), repository, "bare", None)
        .await;
    chart.expect("it is there").signature
}

async fn state(backend: &Backend, repository: &str) -> (SignatureState, String) {
    let check = check(backend, repository).await.expect("it is checked");
    let reason = check.reason.clone().unwrap_or_default();
    (check.state, reason)
}

/// What is said before an installation.
async fn install(backend: &Backend, repository: &str) -> Result<Option<String>, Error> {
    let (charts, viewer) = (backend.charts(), Viewer::anonymous());
    let (_, concern) = charts
        .installable_archive(&viewer, repository, "bare", None)
        .await?;
    Ok(concern)
}

#[test]
fn a_signature_counts_when_it_is_uploaded_and_with_the_keys_of_today() {
    block_on(async {
        let world = World::with(|settings| trusting(settings, RSA, SignaturePolicy::Show)).await;
        upload(&world.backend, None).await;
        let unsigned = state(&world.backend, "hosted").await;
        assert_eq!(
            unsigned,
            (SignatureState::Unverified, "it has no signature".to_owned())
        );
        upload(&world.backend, Some("openpgp/rsa.prov")).await;
        let verified = check(&world.backend, "hosted").await.expect("it is checked");
        assert_eq!(verified.state, SignatureState::Verified);
        assert_eq!(
            verified.by,
            [
                "Rosa RSA <rsa@example.com>",
                "Rosa at Work <rosa@work.example.com>"
            ]
        );
        assert_eq!(verified.keyring.as_deref(), Some("team"));
        assert!(verified.fingerprint.is_some_and(|key| key.len() == 40));
        assert!(verified.signed_at.is_some());

        let world = world
            .restart(|settings| trusting(settings, "openpgp/ed25519.gpg", SignaturePolicy::Show))
            .await;
        let (unknown, reason) = state(&world.backend, "hosted").await;
        assert_eq!(unknown, SignatureState::Unverified);
        assert!(reason.contains("not in the keyring"), "{reason}");

        // Without a keyring nothing is said of what does not call itself signed.
        let world = world.restart(|_| {}).await;
        assert_eq!(check(&world.backend, "hosted").await, None);
    });
}

#[test]
fn a_policy_warns_or_refuses() {
    block_on(async {
        let rows = [
            (None, SignaturePolicy::Show, Ok(None)),
            (
                None,
                SignaturePolicy::Warn,
                Ok(Some("not verified: it has no signature")),
            ),
            (
                None,
                SignaturePolicy::Refuse,
                Err("not verified: it has no signature"),
            ),
            (Some("openpgp/rsa.prov"), SignaturePolicy::Warn, Ok(None)),
            (Some("openpgp/rsa.prov"), SignaturePolicy::Refuse, Ok(None)),
            (
                Some("openpgp/stranger.prov"),
                SignaturePolicy::Refuse,
                Err("not in the keyring"),
            ),
            (
                Some("openpgp/body-other-sum.prov"),
                SignaturePolicy::Show,
                Ok(None),
            ),
            (
                Some("openpgp/body-other-sum.prov"),
                SignaturePolicy::Warn,
                Ok(Some("signature is bad: another archive was signed")),
            ),
            (
                Some("openpgp/body-other-sum.prov"),
                SignaturePolicy::Refuse,
                Err("signature is bad: another archive was signed"),
            ),
        ];
        for (provenance, policy, want) in rows {
            let world = World::with(|settings| trusting(settings, RSA, policy)).await;
            upload(&world.backend, provenance).await;
            match (install(&world.backend, "hosted").await, want) {
                (Ok(None), Ok(None)) => {}
                (Ok(Some(said)), Ok(Some(want))) => assert!(said.contains(want), "{said}"),
                (Err(error @ Error::Conflict { .. }), Err(want)) => {
                    let said = error.to_string();
                    assert!(
                        said.contains(want) && said.contains("only if they are verified"),
                        "{said}"
                    );
                }
                (got, want) => panic!("{provenance:?} {policy:?}: {got:?}, not {want:?}"),
            }
        }
    });
}

#[test]
fn a_repository_may_have_rules_of_its_own() {
    block_on(async {
        let world = World::with(|settings| {
            trusting(settings, RSA, SignaturePolicy::Refuse);
            settings.signatures.repositories = vec![RepositorySignatureSettings {
                name: "hosted".to_owned(),
                policy: Some(SignaturePolicy::Warn),
                ..RepositorySignatureSettings::default()
            }];
        })
        .await;
        upload(&world.backend, None).await;
        assert!(
            install(&world.backend, "hosted")
                .await
                .expect("it is allowed")
                .is_some()
        );
    });
}

/// An upstream that publishes the archive that the samples are about.
async fn upstream(provenance: Option<&str>) -> Upstream {
    let upstream = Upstream::start().await;
    let archive = bytes("bare-0.1.0.tgz");
    let digest = hex::encode(Sha256::digest(&archive));
    upstream.publish_index(&format!(
        "apiVersion: v1\nentries:\n  bare:\n  - apiVersion: v2\n    name: bare\n    version: 0.1.0\n    \
         digest: {digest}\n    created: 2026-01-01T00:00:00Z\n    urls: [bare-0.1.0.tgz]\n"
    ));
    upstream.put_bytes("/bare-0.1.0.tgz", archive);
    if let Some(provenance) = provenance {
        upstream.put_bytes("/bare-0.1.0.tgz.prov", bytes(provenance));
    }
    upstream
}

async fn follow(upstream: &Upstream, policy: SignaturePolicy, provenance: Option<ProvenancePolicy>) -> World {
    let world = World::with(|settings| trusting(settings, RSA, policy)).await;
    world
        .add_with(RepositorySettings {
            provenance,
            ..RepositorySettings::new("team", upstream.url())
        })
        .await;
    assert_eq!(world.sync("team").await.error, None);
    world
}

#[test]
fn charts_of_others_are_checked_with_what_a_sync_brought() {
    block_on(async {
        // It does not call itself signed; where signatures are checked, all are asked for.
        let signed = upstream(Some("openpgp/rsa.prov")).await;
        let world = follow(&signed, SignaturePolicy::Refuse, None).await;
        assert_eq!(state(&world.backend, "team").await.0, SignatureState::Verified);
        assert_eq!(
            install(&world.backend, "team").await.expect("it is verified"),
            None
        );

        let damaged = upstream(Some("openpgp/body-other-version.prov")).await;
        let world = follow(&damaged, SignaturePolicy::Refuse, None).await;
        let (bad, reason) = state(&world.backend, "team").await;
        assert_eq!(bad, SignatureState::Bad);
        assert!(reason.contains("0.1.1"), "{reason}");
        assert!(install(&world.backend, "team").await.is_err());
    });
}

#[test]
fn an_installation_asks_for_a_signature_that_nobody_asked_for() {
    block_on(async {
        let signed = upstream(Some("openpgp/rsa.prov")).await;
        let world = follow(&signed, SignaturePolicy::Refuse, Some(ProvenancePolicy::OnDemand)).await;
        // A page does not wait for it.
        assert_eq!(state(&world.backend, "team").await.0, SignatureState::Unverified);
        signed.put("/bare-0.1.0.tgz.prov", Reply::Silent);
        let error = install(&world.backend, "team")
            .await
            .expect_err("it cannot be had");
        assert!(error.to_string().contains("cannot be had at present"), "{error}");
        signed.put_bytes("/bare-0.1.0.tgz.prov", bytes("openpgp/rsa.prov"));
        assert_eq!(
            install(&world.backend, "team").await.expect("it is verified"),
            None
        );
        assert_eq!(state(&world.backend, "team").await.0, SignatureState::Verified);

        let never = upstream(Some("openpgp/rsa.prov")).await;
        let world = follow(&never, SignaturePolicy::Refuse, Some(ProvenancePolicy::Never)).await;
        assert!(install(&world.backend, "team").await.is_err());
    });
}

/// What makes settings wrong.
type Change<'a> = dyn Fn(&mut Settings) + 'a;

#[test]
fn a_start_ends_at_a_keyring_that_cannot_be_read() {
    block_on(async {
        let keyring = |file: &str| KeyringSettings {
            name: "team".to_owned(),
            files: vec![sample(file)],
            ..KeyringSettings::default()
        };
        let identity = |name: &str| IdentitySettings {
            issuer: "https://id.example.com".to_owned(),
            name: name.to_owned(),
        };
        let rows: [(&Change<'_>, &str); 10] = [
            (
                &|it| it.signatures.keyrings = vec![keyring("openpgp/absent.gpg")],
                "absent.gpg",
            ),
            (
                &|it| it.signatures.keyrings = vec![keyring("openpgp/secret.asc")],
                "secret key",
            ),
            (
                &|it| it.signatures.keyrings = vec![keyring("openpgp/pubring.kbx")],
                "gpg --export",
            ),
            (
                &|it| it.signatures.keyrings = vec![keyring(RSA), keyring(RSA)],
                "two keyrings",
            ),
            (
                &|it| it.signatures.keyrings = vec![KeyringSettings::default()],
                "has a name",
            ),
            (
                &|it| {
                    it.signatures.keyrings = vec![KeyringSettings {
                        identities: vec![identity("ada@example.com")],
                        ..keyring(RSA)
                    }];
                },
                "given together",
            ),
            (
                &|it| {
                    it.signatures.keyrings = vec![KeyringSettings {
                        identities: vec![identity("*")],
                        ..keyring(RSA)
                    }];
                },
                "not `*` alone",
            ),
            (
                &|it| {
                    it.signatures.keyrings = vec![KeyringSettings {
                        roots: vec![sample("keyless/log.pub")],
                        ..keyring(RSA)
                    }];
                },
                "certificates in PEM",
            ),
            (
                &|it| it.signatures.keyring = "other".to_owned(),
                "`other` is not the name",
            ),
            (
                &|it| it.signatures.policy = SignaturePolicy::Refuse,
                "needs a keyring",
            ),
        ];
        for (change, want) in rows {
            let dir = tempfile::tempdir().expect("a directory");
            let mut settings = settings(dir.path());
            change(&mut settings);
            let error = Backend::open(settings).await.err().expect("it does not open");
            assert!(matches!(error, Error::Invalid { .. }), "{error}");
            assert!(error.to_string().contains(want), "{error}");
        }
    });
}

/// Pushes a blob as an OCI client does; its descriptor.
async fn blob(backend: &Backend, media_type: &str, content: &[u8]) -> serde_json::Value {
    let (oci, viewer) = (backend.oci(), Viewer::system());
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(content)));
    let OciUpload::Begun(upload) = oci.begin(&viewer, NAME, None).await.expect("it begins") else {
        panic!("nothing is mounted");
    };
    let body = futures_util::stream::iter([Ok(Bytes::copy_from_slice(content))]).boxed();
    oci.finish(&viewer, NAME, &upload, &digest, body)
        .await
        .expect("it ends");
    serde_json::json!({ "mediaType": media_type, "digest": digest, "size": content.len() })
}

/// Signs a manifest as cosign does with a key: a payload, its signature in an annotation, at a tag.
async fn cosign(backend: &Backend, key: &EcdsaKeyPair, signed: &str, of: &str) {
    let payload = serde_json::json!({
        "critical": {
            "identity": { "docker-reference": "" },
            "image": { "docker-manifest-digest": signed },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    let payload = payload.to_string();
    let signature = key
        .sign(&SystemRandom::new(), payload.as_bytes())
        .expect("it signs");
    let config = blob(backend, "application/vnd.oci.image.config.v1+json", b"{}").await;
    let media_type = "application/vnd.dev.cosign.simplesigning.v1+json";
    let mut layer = blob(backend, media_type, payload.as_bytes()).await;
    layer["annotations"] =
        serde_json::json!({ "dev.cosignproject.cosign/signature": STANDARD.encode(signature) });
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = serde_json::json!({
        "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer],
    });
    let tag = format!("{}.sig", of.replace(':', "-"));
    let content = Bytes::from(manifest.to_string());
    let (oci, viewer) = (backend.oci(), Viewer::system());
    let pushed = oci.push(&viewer, NAME, &tag, media_type, content).await;
    pushed.expect("it is taken");
}

#[test]
fn what_cosign_put_beside_a_hosted_chart_is_verified() {
    block_on(async {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let stranger = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let der = key.public_key().as_der().expect("it encodes");
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let keys = tempfile::tempdir().expect("a directory");
        let file = keys.path().join("cosign.pub");
        std::fs::write(&file, pem).expect("it is written");
        let trusting = |settings: &mut Settings| {
            settings.hosted.depth_dynamic = true;
            settings.signatures.keyring = "team".to_owned();
            settings.signatures.keyrings = vec![KeyringSettings {
                name: "team".to_owned(),
                cosign_keys: vec![file.clone()],
                ..KeyringSettings::default()
            }];
        };
        let signed = async |key: &EcdsaKeyPair, other: Option<&str>| {
            let world = World::with(trusting).await;
            upload(&world.backend, None).await;
            let manifest = world
                .backend
                .oci()
                .manifest(&Viewer::anonymous(), NAME, "0.1.0")
                .await;
            let digest = manifest.expect("it is made").digest;
            cosign(&world.backend, key, other.unwrap_or(&digest), &digest).await;
            let copy = VersionCopy {
                name: "bare",
                version: "0.1.0",
                force: false,
                publish: false,
            };
            let hosted = world.backend.hosted();
            let copied = hosted.copy(&Viewer::system(), "", "stable", copy).await;
            copied.expect("it is copied");
            let original = check(&world.backend, "hosted").await.expect("it is checked");
            let copy = check(&world.backend, "hosted.stable").await;
            assert_eq!(copy.as_ref(), Some(&original), "a copy is worth the same");
            original
        };
        let verified = signed(&key, None).await;
        assert_eq!(verified.state, SignatureState::Verified, "{verified:?}");
        assert_eq!(verified.by, ["cosign.pub"]);
        assert_eq!(
            verified.fingerprint,
            Some(hex::encode(Sha256::digest(der.as_ref())))
        );
        let unknown = signed(&stranger, None).await;
        assert_eq!(unknown.state, SignatureState::Unverified);
        let other = signed(&key, Some(&format!("sha256:{}", "0".repeat(64)))).await;
        assert_eq!(other.state, SignatureState::Bad, "{other:?}");
    });
}
