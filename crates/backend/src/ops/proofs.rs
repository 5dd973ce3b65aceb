//! What proves who made a chart that others publish: what a sync brought, or an upstream that is asked now.

use bytes::Bytes;
use model::repository::RepositoryKind;

use crate::settings::ProvenancePolicy;
use crate::store::{Proof, VersionRecord};
use crate::sync::ask_proof;
use crate::upstream::FetchError;
use crate::{Backend, Error, Result};

/// How long an answer that there is no provenance file holds: it is published with the archive or not at all.
const NO_FILE_SECS: i64 = 86_400;
/// How long an answer that there is no signature of cosign's holds for whoever wants to install. Somebody may sign
/// because of what the last try said.
const NO_COSIGN_SECS: i64 = 60;

impl Backend {
    /// A proof of who made the stored archive of a version; the upstream is asked where nobody has, and again after a
    /// while where there was none. An error may pass.
    pub(super) async fn proof_of_others(
        &self,
        proof: Proof,
        repository: &str,
        record: &VersionRecord,
    ) -> Result<Option<Bytes>> {
        let inner = self.inner();
        let Some(digest) = &record.archive_digest else {
            return Ok(None);
        };
        let known = inner.store.find_provenance(proof, record.id).await?;
        let known = known.filter(|known| known.archive_digest == *digest);
        let (now, holds_secs, what) = match proof {
            Proof::ProvenanceFile => (inner.clock.now(), NO_FILE_SECS, "provenance file"),
            Proof::Cosign => (inner.clock.now(), NO_COSIGN_SECS, "cosign signature"),
        };
        if let Some(known) = known
            && (known.body.is_some() || now.0 - known.asked_at < holds_secs)
        {
            return Ok(known.body.map(Bytes::from));
        }
        let Some(repository) = inner.store.find_repository(repository).await? else {
            return Ok(None);
        };
        let settings = repository.to_settings();
        let policy = settings.provenance.unwrap_or(inner.settings.sync.provenance);
        if repository.kind != RepositoryKind::Synced || policy == ProvenancePolicy::Never {
            return Ok(None);
        }
        let unavailable = |error: FetchError| Error::Unavailable {
            what: format!("the {what} of {} {}", record.name, record.version),
            reason: error.in_words(),
            retry_after_secs: Some(60),
        };
        let source = inner.upstream.source(&settings).map_err(unavailable)?;
        let body = ask_proof(proof, &source, &record.details.urls, digest)
            .await
            .map_err(unavailable)?;
        inner
            .store
            .put_provenance(proof, record.id, digest, body.as_deref(), now)
            .await?;
        Ok(body)
    }
}
