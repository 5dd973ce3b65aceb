//! What cosign puts beside a manifest, whoever keeps it: layers of other manifests, put together with blobs that callers
//! bring.
//!
//! Nothing is judged here; [`crate::ops::signatures`] does. What calls itself a signature and cannot be read is noted, so
//! that it is not taken for none.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use signatures::cosign;

use super::manifest::{Manifest, Part};
use super::name::digest;
use crate::blobs::Digest;

/// Signatures of one manifest that are looked at; more are not made by people.
const MAX_SIGNATURES: usize = 32;
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// What the statement in a bundle says, so that nobody has to fetch it: statements that are no signatures may be long.
const PREDICATE: &str = "dev.sigstore.bundle.predicateType";
/// All signatures of a manifest, in bytes, as they are kept.
const MAX_BYTES: usize = 1024 * 1024;

/// What may be signatures of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfManifest {
    /// SHA-256 of the manifest.
    pub(crate) digest: Digest,
    pub(crate) simple: Vec<SimpleLayer>,
    pub(crate) bundles: Vec<Bytes>,
    /// Something that calls itself a signature could not be read.
    pub(crate) has_unreadable: bool,
    n_bytes: usize,
}

/// A payload with its annotations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SimpleLayer {
    pub(crate) payload: Bytes,
    pub(crate) annotations: SimpleAnnotations,
}

/// What is said of a payload beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SimpleAnnotations {
    pub(crate) signature: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<String>,
    /// Certificates that lead from that to a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chain: Option<String>,
    /// The entry in a transparency log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<String>,
}

/// A signature that waits for its blob.
pub(crate) struct SignatureLayer {
    pub(crate) part: Part,
    kind: Kind,
}

enum Kind {
    Simple(SimpleAnnotations),
    Bundle,
}

#[derive(Deserialize)]
struct Layers {
    layers: Vec<Layer>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Whether a manifest that refers to another can hold signatures, by what it says that it is.
pub(crate) fn is_signature(artifact_type: &str) -> bool {
    matches!(artifact_type, cosign::BUNDLE_TYPE | cosign::ARTIFACT_TYPE)
}

/// Whether that may be, by what a list of referrers says. Lists that cosign keeps at a tag, for registries that have none,
/// name the type of the configuration, which is empty.
pub(crate) fn may_be_signature(artifact_type: &str) -> bool {
    is_signature(artifact_type) || matches!(artifact_type, "" | EMPTY)
}

/// The tag at which cosign puts signatures of a manifest.
pub(crate) fn tag_of_signatures(manifest: Digest) -> String {
    format!("sha256-{}.sig", manifest.to_hex())
}

impl OfManifest {
    pub(crate) fn new(digest: Digest) -> Self {
        Self {
            digest,
            simple: Vec::new(),
            bundles: Vec::new(),
            has_unreadable: false,
            n_bytes: 0,
        }
    }

    /// Whether nothing was found, not even something odd.
    pub(crate) fn is_empty(&self) -> bool {
        self.simple.is_empty() && self.bundles.is_empty() && !self.has_unreadable
    }

    /// The layers of a manifest that are signatures. [`Self::take`] wants the blob of each.
    pub(crate) fn layers(&mut self, manifest: &[u8]) -> Vec<SignatureLayer> {
        let room = MAX_SIGNATURES.saturating_sub(self.simple.len() + self.bundles.len());
        let layers = match serde_json::from_slice::<Layers>(manifest) {
            Ok(Layers { annotations, .. })
                if annotations.get(PREDICATE).is_some_and(|it| it != cosign::SIGNED) =>
            {
                return Vec::new();
            }
            Ok(Layers { layers, .. }) if layers.len() <= room => layers,
            _ => {
                self.has_unreadable = true;
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for mut layer in layers {
            let (kind, max_bytes) = match layer.media_type.as_str() {
                cosign::MEDIA_TYPE => {
                    let mut take = |name: &str| layer.annotations.remove(name);
                    let Some(signature) = take(cosign::SIGNATURE) else {
                        self.has_unreadable = true;
                        continue;
                    };
                    let annotations = SimpleAnnotations {
                        signature,
                        certificate: take(cosign::CERTIFICATE),
                        chain: take(cosign::CHAIN),
                        entry: take(cosign::ENTRY),
                    };
                    (Kind::Simple(annotations), cosign::MAX_PAYLOAD_BYTES)
                }
                cosign::BUNDLE_TYPE => (Kind::Bundle, cosign::MAX_BUNDLE_BYTES),
                _ => continue,
            };
            match digest(&layer.digest) {
                Some(digest) if layer.size <= max_bytes as u64 => {
                    let part = Part {
                        digest,
                        size_bytes: layer.size,
                    };
                    found.push(SignatureLayer { part, kind });
                }
                _ => self.has_unreadable = true,
            }
        }
        found
    }

    /// Takes a layer's blob, if it is what the layer names.
    pub(crate) fn take(&mut self, layer: SignatureLayer, blob: Option<Bytes>) {
        let part = layer.part;
        let is_named = |blob: &Bytes| blob.len() as u64 == part.size_bytes && Digest::of(blob) == part.digest;
        let Some(blob) = blob.filter(is_named) else {
            self.has_unreadable = true;
            return;
        };
        self.n_bytes += blob.len();
        if let Kind::Simple(annotations) = &layer.kind {
            self.n_bytes += annotations.n_bytes();
        }
        // Attack: a registry that fills the database with what nobody can verify.
        if self.n_bytes > MAX_BYTES {
            self.has_unreadable = true;
            return;
        }
        match layer.kind {
            Kind::Simple(annotations) => self.simple.push(SimpleLayer {
                payload: blob,
                annotations,
            }),
            Kind::Bundle => self.bundles.push(blob),
        }
    }

    /// Notes that something that calls itself a signature cannot be read.
    pub(crate) fn miss(&mut self) {
        self.has_unreadable = true;
    }
}

impl SimpleAnnotations {
    fn n_bytes(&self) -> usize {
        let others = [&self.certificate, &self.chain, &self.entry];
        let others = others.into_iter().flatten().map(String::len).sum::<usize>();
        self.signature.len() + others
    }
}

/// What a registry has beside a chart's manifest, as it is kept: JSON, bytes in base64.
#[derive(Serialize, Deserialize)]
struct Kept {
    manifest: String,
    media_type: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    simple: Vec<KeptSimple>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bundles: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_unreadable: bool,
}

#[derive(Serialize, Deserialize)]
struct KeptSimple {
    payload: String,
    #[serde(flatten)]
    annotations: SimpleAnnotations,
}

/// Signatures and the manifest that they are of, to be kept: what is signed is the manifest, and only that says which
/// archive is meant.
pub(crate) fn to_kept(manifest: &[u8], media_type: &str, of: &OfManifest) -> Vec<u8> {
    let kept = Kept {
        manifest: STANDARD.encode(manifest),
        media_type: media_type.to_owned(),
        simple: of
            .simple
            .iter()
            .map(|layer| KeptSimple {
                payload: STANDARD.encode(&layer.payload),
                annotations: layer.annotations.clone(),
            })
            .collect(),
        bundles: of.bundles.iter().map(|bundle| STANDARD.encode(bundle)).collect(),
        has_unreadable: of.has_unreadable,
    };
    serde_json::to_vec(&kept).expect("text and lists of text are JSON")
}

/// What was kept, if it is of a manifest of the chart with this archive. Digests are made anew: what is verified is what
/// is there.
pub(crate) fn from_kept(kept: &[u8], archive: Digest) -> Option<OfManifest> {
    let kept: Kept = serde_json::from_slice(kept).ok()?;
    let manifest = STANDARD.decode(kept.manifest).ok()?;
    let chart = Manifest::read(&manifest, &kept.media_type).ok()?.chart?;
    if chart.archive.digest != archive {
        return None;
    }
    let mut of = OfManifest::new(Digest::of(&manifest));
    of.has_unreadable = kept.has_unreadable;
    for layer in kept.simple {
        match STANDARD.decode(layer.payload) {
            Ok(payload) => of.simple.push(SimpleLayer {
                payload: payload.into(),
                annotations: layer.annotations,
            }),
            Err(_) => of.miss(),
        }
    }
    for bundle in kept.bundles {
        match STANDARD.decode(bundle) {
            Ok(bundle) => of.bundles.push(bundle.into()),
            Err(_) => of.miss(),
        }
    }
    Some(of)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::{OfManifest, from_kept, to_kept};
    use crate::blobs::Digest;
    use crate::hosted::oci::manifest::MANIFEST;
    use crate::hosted::oci::written;

    fn chart(archive: Digest) -> Vec<u8> {
        let of =
            |kind: &str, digest: Digest| json!({ "mediaType": kind, "digest": written(digest), "size": 2 });
        json!({
            "schemaVersion": 2,
            "config": of("application/vnd.cncf.helm.config.v1+json", Digest::of(b"{}")),
            "layers": [of("application/vnd.cncf.helm.chart.content.v1.tar+gzip", archive)],
        })
        .to_string()
        .into_bytes()
    }

    fn signing(layers: &[serde_json::Value]) -> Vec<u8> {
        json!({ "schemaVersion": 2, "layers": layers })
            .to_string()
            .into_bytes()
    }

    fn layer(blob: &[u8], signature: Option<&str>) -> serde_json::Value {
        let mut layer = json!({
            "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
            "digest": written(Digest::of(blob)),
            "size": blob.len(),
        });
        if let Some(signature) = signature {
            layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": signature });
        }
        layer
    }

    /// Reads a manifest whose blobs are all this one.
    fn read(manifest: &[u8], blob: Option<&[u8]>) -> OfManifest {
        let mut of = OfManifest::new(Digest::of(b"manifest"));
        for layer in of.layers(manifest) {
            of.take(layer, blob.map(Bytes::copy_from_slice));
        }
        of
    }

    /// A name, a manifest, and the blob that is brought for its layers.
    type Row<'a> = (&'a str, Vec<u8>, Option<&'a [u8]>);

    #[test]
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        let good = signing(&[layer(b"payload", Some("c2ln"))]);
        let of = read(&good, Some(b"payload"));
        assert_eq!((of.simple.len(), of.has_unreadable), (1, false));
        let mut long = layer(b"payload", Some("c2ln"));
        long["size"] = json!(1 << 20);
        let mut weak = layer(b"payload", Some("c2ln"));
        weak["digest"] = json!("md5:00");
        let many: Vec<_> = (0..33).map(|_| layer(b"payload", Some("c2ln"))).collect();
        let rows: [Row<'_>; 8] = [
            ("missing", good.clone(), None),
            ("other bytes", good.clone(), Some(b"paylaod")),
            (
                "no signature",
                signing(&[layer(b"payload", None)]),
                Some(b"payload"),
            ),
            ("too long", signing(&[long]), Some(b"payload")),
            ("no SHA-256", signing(&[weak]), Some(b"payload")),
            ("too many", signing(&many), Some(b"payload")),
            ("no manifest", b"[]".to_vec(), Some(b"payload")),
            ("cut off", good[..good.len() - 1].to_vec(), Some(b"payload")),
        ];
        for (name, manifest, blob) in rows {
            let of = read(&manifest, blob);
            assert_eq!((of.simple.len(), of.has_unreadable), (0, true), "{name}");
        }
        // Other layers are somebody else's.
        let other = json!({ "mediaType": "text/plain", "digest": written(Digest::of(b"x")), "size": 1 });
        assert!(read(&signing(&[other]), None).is_empty());
        // How it was built: no signature, and not fetched.
        let mut built = signing(&[layer(b"payload", Some("c2ln"))]);
        built.truncate(built.len() - 1);
        built.extend(
            br#","annotations":{"dev.sigstore.bundle.predicateType":"https://slsa.dev/provenance/v1"}}"#,
        );
        assert!(read(&built, None).is_empty());
        // As many as there may be, and still too many bytes.
        let large = "x".repeat(60_000);
        let blob = vec![b'y'; 60_000];
        let large: Vec<_> = (0..32).map(|_| layer(&blob, Some(&large))).collect();
        let of = read(&signing(&large), Some(&blob));
        assert!(of.has_unreadable && of.simple.len() < 10);
    }

    #[test]
    fn what_is_kept_is_of_the_archive_that_its_manifest_names() {
        let archive = Digest::of(b"archive");
        let manifest = chart(archive);
        let mut of = OfManifest::new(Digest::of(&manifest));
        for layer in of.layers(&signing(&[layer(b"payload", Some("c2ln"))])) {
            of.take(layer, Some(Bytes::from_static(b"payload")));
        }
        of.bundles.push(Bytes::from_static(b"{}"));
        let kept = to_kept(&manifest, MANIFEST, &of);
        let read = from_kept(&kept, archive).expect("it is kept");
        assert_eq!(
            (read.digest, &read.simple, &read.bundles),
            (of.digest, &of.simple, &of.bundles)
        );
        assert_eq!(from_kept(&kept, Digest::of(b"other")), None);
        // Another manifest has another digest, whatever was said of it.
        let other = to_kept(&chart(Digest::of(b"other")), MANIFEST, &of);
        assert_eq!(from_kept(&other, archive), None);
        assert_eq!(from_kept(b"{}", archive), None);
    }
}
