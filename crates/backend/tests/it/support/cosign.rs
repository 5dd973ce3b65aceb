//! What real cosign signed: an OCI layout of the crate that verifies, whose README says what is at which tag.

use backend::Settings;
use backend::settings::{IdentitySettings, KeyringSettings, SignaturePolicy};
use serde_json::Value;

use super::registry::{FakeRegistry, digest};
use super::signature_sample;

/// The chart that was signed, in registries of the tests.
pub(crate) const CHART: &str = "team/bare";

/// A manifest of what keys signed, by its tag in the layout.
pub(crate) fn manifest(tag: &str) -> Vec<u8> {
    manifest_in("cosign", tag)
}

/// A manifest of a layout: `cosign`, or `keyless` for what certificates of identities signed.
pub(crate) fn manifest_in(layout: &str, tag: &str) -> Vec<u8> {
    let index = std::fs::read(signature_sample(&format!("{layout}/index.json"))).expect("it is there");
    let index: Value = serde_json::from_slice(&index).expect("JSON");
    let mut entries = index["manifests"].as_array().expect("a list").iter();
    let entry = entries.find(|it| it["annotations"]["org.opencontainers.image.ref.name"] == tag);
    let digest = entry.expect(tag)["digest"].as_str().expect("a digest");
    let path = format!("{layout}/blobs/{}", digest.replace(':', "/"));
    std::fs::read(signature_sample(&path)).expect("it is there")
}

/// The tag at which cosign puts signatures of the chart's manifest.
pub(crate) fn tag_of_signatures() -> String {
    format!("{}.sig", digest(&manifest("chart")).replace(':', "-"))
}

/// Keeps the chart, and every blob of the layouts.
pub(crate) fn publish(registry: &FakeRegistry) {
    for layout in ["cosign", "keyless"] {
        let blobs = std::fs::read_dir(signature_sample(&format!("{layout}/blobs/sha256")));
        for blob in blobs.expect("a folder") {
            let path = blob.expect("an entry").path();
            registry.blob(&std::fs::read(path).expect("it is there"), "");
        }
    }
    registry.put_manifest(CHART, "0.1.0", &manifest("chart"));
}

/// Trusts what vouches for the identity that signed, and that.
pub(crate) fn trust_identity(settings: &mut Settings, policy: SignaturePolicy) {
    trust(settings, &[], policy);
    let keyring = settings.signatures.keyrings.first_mut().expect("there is one");
    keyring.roots = vec![signature_sample("keyless/root.pem")];
    keyring.log_keys = vec![signature_sample("keyless/log.pub")];
    keyring.identities = vec![IdentitySettings {
        issuer: "https://id.example.com".to_owned(),
        name: "*@example.com".to_owned(),
    }];
}

/// Trusts keys of the samples.
pub(crate) fn trust(settings: &mut Settings, keys: &[&str], policy: SignaturePolicy) {
    settings.signatures.keyring = "team".to_owned();
    settings.signatures.policy = policy;
    settings.signatures.keyrings = vec![KeyringSettings {
        name: "team".to_owned(),
        cosign_keys: keys
            .iter()
            .map(|key| signature_sample(&format!("cosign/{key}.pub")))
            .collect(),
        ..KeyringSettings::default()
    }];
}
