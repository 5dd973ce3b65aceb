//! What cosign has put beside a hosted chart: layers at the tag `sha256-….sig`, and manifests that refer to the chart's.

use super::name::Repository;
use super::signed::{OfManifest, is_signature, tag_of_signatures};
use super::{MAX_REFERRERS, Manifest};
use crate::Result;
use crate::blobs::Digest;
use crate::hosted::Hosted;
use crate::store::OciManifestRecord;

/// Manifests of one archive: those that clients pushed, and one that was made here.
const MAX_MANIFESTS: i64 = 16;

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
            let mut of = OfManifest::new(own);
            let tag = tag_of_signatures(own);
            if let Some(signed) = self.store.oci_manifest_of_tag(&key, &tag).await? {
                self.read_signatures(&repository, &signed, &mut of).await?;
            }
            let referrers = self.store.oci_referrers(&key, &own.0, MAX_REFERRERS).await?;
            for referrer in referrers.iter().filter(|it| is_signature(&it.artifact_type)) {
                self.read_signatures(&repository, referrer, &mut of).await?;
            }
            found.push(of);
        }
        Ok(found)
    }

    async fn read_signatures(
        &self,
        repository: &Repository,
        record: &OciManifestRecord,
        of: &mut OfManifest,
    ) -> Result<()> {
        if Digest::of(&record.content).0 != *record.digest {
            of.miss();
            return Ok(());
        }
        for layer in of.layers(&record.content) {
            let blob = self.read_oci_blob(repository, layer.part).await?;
            of.take(layer, blob);
        }
        Ok(())
    }
}
