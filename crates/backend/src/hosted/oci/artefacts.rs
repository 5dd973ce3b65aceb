//! What OCI clients pushed about a chart, to be put into another repository as it is: the manifests of its archive, and the
//! signatures and other artefacts that refer to them or bear their tags.

use std::collections::BTreeSet;

use super::manifest::Manifest;
use super::name::Repository;
use super::{Hosted, MAX_MANIFESTS};
use crate::blobs::Digest;
use crate::hosted::change::Change;
use crate::store::OciManifestRecord;
use crate::{Error, Result};

/// Manifests of one archive that are copied: those that clients pushed, and one that was made here.
const MAX_OF_CHART: i64 = 16;
/// Artefacts of one manifest.
const MAX_OF_MANIFEST: i64 = 100;
/// What cosign's tags of a manifest end with.
const TAGS: [&str; 3] = ["sig", "att", "sbom"];

/// Manifests and what they name, all of one repository.
#[derive(Default)]
pub(in crate::hosted) struct Artefacts {
    manifests: Vec<(OciManifestRecord, Option<Digest>)>,
    tags: Vec<(String, Vec<u8>)>,
    /// With their sizes in bytes.
    blobs: Vec<(Digest, i64)>,
}

impl Hosted {
    /// What is there about an archive of a repository's chart.
    pub(in crate::hosted) async fn artefacts(
        &self,
        repository: &Repository,
        archive: Digest,
    ) -> Result<Artefacts> {
        let key = repository.key();
        let of_chart = self
            .store
            .oci_manifests_of_chart(&key, &archive.0, MAX_OF_CHART)
            .await?;
        let mut found = Artefacts::default();
        for chart in of_chart {
            let Some(own) = Digest::from_slice(&chart.digest) else {
                continue;
            };
            let about = self.store.oci_referrers(&key, &own.0, MAX_OF_MANIFEST).await?;
            let about: Vec<_> = about.into_iter().map(|record| (record, Some(own))).collect();
            found.manifests.push((chart, None));
            found.manifests.extend(about);
            for end in TAGS {
                let tag = format!("sha256-{}.{end}", own.to_hex());
                if let Some(tagged) = self.store.oci_manifest_of_tag(&key, &tag).await? {
                    found.tags.push((tag, tagged.digest.clone()));
                    found.manifests.push((tagged, None));
                }
            }
        }
        let mut named = BTreeSet::new();
        for (record, subject) in &mut found.manifests {
            let Ok(manifest) = Manifest::read(&record.content, &record.media_type) else {
                continue;
            };
            *subject = manifest.subject;
            named.extend(manifest.blobs.iter().map(|part| part.digest.0));
        }
        for digest in named {
            // Archives and provenance files are hosted files, which are copied as such.
            if let Some(size) = self.store.find_oci_blob(&key, &digest).await? {
                found.blobs.push((Digest(digest), size));
            }
        }
        Ok(found)
    }
}

impl Change<'_> {
    /// Puts what is about an archive into another repository.
    pub(in crate::hosted) async fn put_artefacts(
        &mut self,
        repository: &Repository,
        artefacts: &Artefacts,
    ) -> Result<()> {
        let key = repository.key();
        let n_there = self.tx.count_oci_manifests(&key).await?.unsigned_abs();
        if n_there + artefacts.manifests.len() as u64 > MAX_MANIFESTS {
            return Err(Error::Conflict {
                what: format!("repository `{key}`"),
                reason: format!(
                    "with what is copied it had more than {MAX_MANIFESTS} manifests, which is the limit"
                ),
            });
        }
        for (digest, size) in &artefacts.blobs {
            self.tx.put_oci_blob(&key, &digest.0, *size, self.now).await?;
        }
        for (record, subject) in &artefacts.manifests {
            let subject = subject.as_ref().map(|subject| subject.0.as_slice());
            self.tx.put_oci_manifest(&key, record, subject, self.now).await?;
        }
        for (tag, digest) in &artefacts.tags {
            self.tx.put_oci_tag(&key, tag, digest).await?;
        }
        Ok(())
    }
}
