//! Provenance files beside the archives of other repositories: asked for once, kept, and handed out by mirrors.
//!
//! Each costs a request, and most charts have none. So a sync asks for those of charts that say which key signs them,
//! unless a setting says otherwise, and for others somebody has to ask. That there is none is remembered, too.

use bytes::Bytes;
use futures_util::StreamExt as _;
use model::Timestamp;

use super::cosign;
use super::engine::{Failure, Syncs};
use crate::hosted::is_signed_message;
use crate::settings::{ProvenancePolicy, RepositorySettings};
use crate::store::{EntryDetails, Proof, RepositoryRecord, WantedOf};
use crate::upstream::{Answer, FetchError, Get, Source, tag_reference};

/// A provenance file is a signed Chart.yaml with one checksum; a longer one is none.
const MAX_BYTES: u64 = 256 * 1024;
/// How long an answer about cosign's signatures holds.
const COSIGN_BELIEVED_SECS: i64 = 86_400;
/// Versions that are asked for together.
const PAGE: i64 = 64;
/// So many requests that failed end the pass: the next sync goes on.
const MAX_FAILURES: usize = 5;

/// Asks for a proof of who made the archive with this digest; none where there is none. An error may pass.
pub(crate) async fn ask_for(
    proof: Proof,
    source: &Source,
    urls: &[String],
    archive_digest: &[u8],
) -> Result<Option<Bytes>, FetchError> {
    match proof {
        Proof::ProvenanceFile => ask(source, urls, archive_digest).await,
        Proof::Cosign => cosign::ask(source, urls, archive_digest).await,
    }
}

/// Asks for the provenance file beside an archive, where helm would.
async fn ask(source: &Source, urls: &[String], archive_digest: &[u8]) -> Result<Option<Bytes>, FetchError> {
    let Some(url) = urls.iter().find(|url| !url.starts_with("oci:")) else {
        return match urls.first() {
            Some(url) => ask_registry(source, url, archive_digest).await,
            None => Ok(None),
        };
    };
    let mut url = source.resolve(url)?;
    url.set_path(&format!("{}.prov", url.path()));
    let get = Get {
        accept: "application/pgp-signature, text/plain, */*;q=0.1",
        max_bytes: MAX_BYTES,
        ..Get::default()
    };
    let body = match source.get(&url, &get).await {
        Ok(Answer::Body(body)) => body.collect().await,
        Ok(Answer::NotModified) => return Ok(None),
        Err(error) => Err(error),
    };
    match body {
        // Some servers answer everything with a page of theirs.
        Ok(body) => Ok(is_signed_message(&body).then_some(body)),
        // Stores that do not show what they hold refuse what is not there.
        Err(FetchError::Status { status, .. }) if matches!(status.as_u16(), 403 | 404 | 410) => Ok(None),
        Err(FetchError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The layer of a chart's manifest that signs it.
async fn ask_registry(
    source: &Source,
    url: &str,
    archive_digest: &[u8],
) -> Result<Option<Bytes>, FetchError> {
    let (registry, chart, tag) = tag_reference(source, url)?;
    let manifest = registry.manifest(&chart, &tag).await?;
    let parts = manifest
        .and_then(|tagged| tagged.read.ok())
        .and_then(|manifest| manifest.chart);
    // The tag may lead to another archive by now, and what signs that says nothing of ours.
    let parts = parts.filter(|parts| parts.archive.digest.0 == archive_digest);
    let Some(provenance) = parts.and_then(|parts| parts.provenance) else {
        return Ok(None);
    };
    if provenance.size_bytes > MAX_BYTES {
        return Ok(None);
    }
    let body = registry.blob(&chart, provenance.digest, MAX_BYTES).await?;
    Ok(is_signed_message(&body).then_some(body))
}

impl Syncs {
    /// What a repository's settings say. Where signatures are checked and nothing is said, all: charts that are signed
    /// seldom say so.
    pub(super) fn provenance_policy(
        &self,
        repository: &str,
        settings: &RepositorySettings,
    ) -> ProvenancePolicy {
        let usual = match self.settings.sync.provenance {
            ProvenancePolicy::Signed if self.settings.signatures.is_checked(repository) => {
                ProvenancePolicy::All
            }
            usual => usual,
        };
        settings.provenance.unwrap_or(usual)
    }

    /// Asks for what the policy wants that proves who made archives that are in the store.
    pub(super) async fn fetch_provenance(
        &self,
        repository: &RepositoryRecord,
        source: &Source,
        policy: ProvenancePolicy,
    ) -> Result<(), Failure> {
        let files = match policy {
            ProvenancePolicy::Signed => WantedOf::Signed,
            ProvenancePolicy::All => WantedOf::All,
            ProvenancePolicy::OnDemand | ProvenancePolicy::Never => return Ok(()),
        };
        self.fetch_proofs(repository, source, files).await?;
        if self.settings.signatures.has_cosign_keys(&repository.name) {
            let since = Timestamp(self.clock.now().0 - COSIGN_BELIEVED_SECS);
            self.fetch_proofs(repository, source, WantedOf::CosignSince(since))
                .await?;
        }
        Ok(())
    }

    async fn fetch_proofs(
        &self,
        repository: &RepositoryRecord,
        source: &Source,
        of: WantedOf,
    ) -> Result<(), Failure> {
        let proof = match of {
            WantedOf::Signed | WantedOf::All => Proof::ProvenanceFile,
            WantedOf::CosignSince(_) => Proof::Cosign,
        };
        let store = &self.store;
        let (mut after, mut n_failed) = (0, 0);
        while n_failed < MAX_FAILURES {
            let page = store.wanted_provenance(repository.id, of, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let mut asked = futures_util::stream::iter(page)
                .map(|wanted| async move {
                    let details: EntryDetails = serde_json::from_str(&wanted.details).unwrap_or_default();
                    let asked = ask_for(proof, source, &details.urls, &wanted.archive_digest).await;
                    (asked, wanted)
                })
                .buffer_unordered(self.settings.sync.concurrency.max(1));
            while let Some((answer, wanted)) = asked.next().await {
                match answer {
                    Ok(body) => {
                        let now = self.clock.now();
                        store
                            .put_provenance(proof, wanted.id, &wanted.archive_digest, body.as_deref(), now)
                            .await?;
                    }
                    Err(error) => {
                        n_failed += 1;
                        tracing::debug!(error = %error, "a signature is left for the next sync");
                    }
                }
            }
        }
        Ok(())
    }
}
