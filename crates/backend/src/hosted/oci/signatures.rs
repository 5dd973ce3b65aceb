//! What cosign has put beside a hosted chart: layers at the tag `sha256-….sig`, and bundles that refer to its manifest.
//!
//! Nothing is judged here; [`crate::ops::signatures`] does. A digest is checked when a manifest or a blob is read, so that
//! what is judged is what is named.

use bytes::Bytes;
use serde::Deserialize;
use signatures::cosign;

use super::manifest::{Manifest, Part};
use super::name::{Repository, digest};
use crate::Result;
use crate::blobs::Digest;
use crate::hosted::Hosted;
use crate::store::OciManifestRecord;

/// Signatures of one manifest that are looked at; more are not made by people.
const MAX_SIGNATURES: usize = 32;
/// Manifests of one archive: those that clients pushed, and one that was made here.
const MAX_MANIFESTS: i64 = 16;

/// What may be signatures of a manifest.
pub(crate) struct OfManifest {
    /// SHA-256 of the manifest.
    pub(crate) digest: Digest,
    pub(crate) simple: Vec<SimpleLayer>,
    pub(crate) bundles: Vec<Bytes>,
    /// Something that calls itself a signature could not be read.
    pub(crate) has_unreadable: bool,
}

/// A layer with its annotations.
pub(crate) struct SimpleLayer {
    pub(crate) payload: Bytes,
    pub(crate) signature: String,
    pub(crate) has_certificate: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layers {
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

impl Hosted {
    /// What may be signatures of the manifests of an archive.
    pub(crate) async fn signatures(
        &self,
        tenant: &str,
        chart: &str,
        archive: Digest,
    ) -> Result<Vec<OfManifest>> {
        let repository = Repository {
            tenant: tenant.to_owned(),
            chart: chart.to_owned(),
        };
        let key = repository.key();
        let mut found = Vec::new();
        for record in self
            .store
            .oci_manifests_of_chart(&key, &archive.0, MAX_MANIFESTS)
            .await?
        {
            let own = Digest::of(&record.content);
            let chart = Manifest::read(&record.content, &record.media_type)
                .ok()
                .and_then(|it| it.chart);
            if own.0 != *record.digest || chart.is_none_or(|chart| chart.archive.digest != archive) {
                continue;
            }
            let mut of = OfManifest {
                digest: own,
                simple: Vec::new(),
                bundles: Vec::new(),
                has_unreadable: false,
            };
            let tag = format!("sha256-{}.sig", own.to_hex());
            if let Some(signed) = self.store.oci_manifest_of_tag(&key, &tag).await? {
                self.read_simple(&repository, &signed, &mut of).await?;
            }
            for referrer in self.oci_referrers(&repository, own).await? {
                if referrer.artifact_type == cosign::BUNDLE_TYPE {
                    self.read_bundle(&repository, &referrer, &mut of).await?;
                }
            }
            found.push(of);
        }
        Ok(found)
    }

    async fn read_simple(
        &self,
        repository: &Repository,
        record: &OciManifestRecord,
        of: &mut OfManifest,
    ) -> Result<()> {
        for layer in layers(record, of) {
            if layer.media_type != cosign::MEDIA_TYPE {
                continue;
            }
            let payload = self
                .read_layer(repository, &layer, cosign::MAX_PAYLOAD_BYTES)
                .await?;
            let signature = layer.annotations.get(cosign::SIGNATURE).cloned();
            match (payload, signature) {
                (Some(payload), Some(signature)) => of.simple.push(SimpleLayer {
                    payload,
                    signature,
                    has_certificate: layer.annotations.contains_key(cosign::CERTIFICATE),
                }),
                _ => of.has_unreadable = true,
            }
        }
        Ok(())
    }

    async fn read_bundle(
        &self,
        repository: &Repository,
        record: &OciManifestRecord,
        of: &mut OfManifest,
    ) -> Result<()> {
        for layer in layers(record, of) {
            if layer.media_type != cosign::BUNDLE_TYPE {
                continue;
            }
            match self
                .read_layer(repository, &layer, cosign::MAX_BUNDLE_BYTES)
                .await?
            {
                Some(bundle) => of.bundles.push(bundle),
                None => of.has_unreadable = true,
            }
        }
        Ok(())
    }

    /// A layer's bytes, if they are those that its descriptor names.
    async fn read_layer(
        &self,
        repository: &Repository,
        layer: &Layer,
        max_bytes: usize,
    ) -> Result<Option<Bytes>> {
        let Some(wanted) = digest(&layer.digest).filter(|_| layer.size <= max_bytes as u64) else {
            return Ok(None);
        };
        let part = Part {
            digest: wanted,
            size_bytes: layer.size,
        };
        let bytes = self.read_oci_blob(repository, part).await?;
        Ok(bytes.filter(|bytes| Digest::of(bytes) == wanted))
    }
}

/// The layers of a manifest; one that cannot be read, or has too many, is noted.
fn layers(record: &OciManifestRecord, of: &mut OfManifest) -> Vec<Layer> {
    let is_whole = *record.digest == Digest::of(&record.content).0;
    let layers = serde_json::from_slice::<Layers>(&record.content);
    match layers {
        Ok(Layers { layers }) if is_whole && layers.len() <= MAX_SIGNATURES => layers,
        _ => {
            of.has_unreadable = true;
            Vec::new()
        }
    }
}
