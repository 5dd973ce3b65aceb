//! Whether a version's archive was signed by somebody who counts, and what becomes of it if not.
//!
//! Asked anew each time, with the keyring and the clock of this moment: it takes a fraction of a millisecond, and an outcome
//! that is kept somewhere would have to be right there, too.

use bytes::Bytes;
use futures_util::FutureExt as _;
use model::Timestamp;
use model::signature::{self, SignatureCheck, SignatureState};
use signatures::cosign::{self, Simple};
use signatures::{Archive, Bad, Outcome, Unverified, openpgp};

use crate::blobs::Digest;
use crate::hosted::PROVENANCE;
use crate::hosted::oci::{OfManifest, from_kept};
use crate::settings::SignaturePolicy;
use crate::store::{Proof, VersionRecord};
use crate::trust::{Keys, Rule};
use crate::{Backend, Error, Result};

/// Whether the upstream is asked for a provenance file that nobody has asked for yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Upstream,
    /// A page does not wait for it.
    Nobody,
}

impl Backend {
    /// What is known of who signed an archive of a version; nothing where nobody asks and it does not call itself signed.
    pub(crate) async fn signature(
        &self,
        repository: &str,
        record: &VersionRecord,
        archive: Digest,
        ask: Ask,
    ) -> Result<Option<SignatureCheck>> {
        let rule = self.inner().trust.rule(repository).clone();
        let Some(keys) = &rule.keys else {
            let outcome = record.details.is_signed.then(|| Unverified::NoKeyring.into());
            return Ok(outcome.map(|outcome| told(&outcome, &rule)));
        };
        // Apart: the types of futures nest, and the compiler follows them only so deep.
        let outcome = self.outcome(keys, repository, record, archive, ask).boxed();
        Ok(Some(told(&outcome.await?, &rule)))
    }

    /// Whether an archive may be installed: what is to be said of it, or an error where the policy of its repository
    /// refuses it.
    pub(crate) async fn may_install(
        &self,
        repository: &str,
        record: &VersionRecord,
        archive: Digest,
    ) -> Result<Option<String>> {
        let policy = self.inner().trust.rule(repository).policy;
        if policy == SignaturePolicy::Show {
            return Ok(None);
        }
        let check = self.signature(repository, record, archive, Ask::Upstream).await?;
        let concern = match check {
            Some(check) => check.concern(),
            None => Some("the chart is not verified: nothing is known of its signature".to_owned()),
        };
        match concern {
            Some(concern) if policy == SignaturePolicy::Refuse => Err(Error::Conflict {
                what: format!("chart `{repository}/{}` {}", record.name, record.version),
                reason: format!(
                    "{concern}; charts of this repository are installed only if they are verified"
                ),
            }),
            concern => Ok(concern),
        }
    }

    async fn outcome(
        &self,
        keys: &Keys,
        repository: &str,
        record: &VersionRecord,
        digest: Digest,
        ask: Ask,
    ) -> Result<Outcome> {
        let mut outcomes = Vec::new();
        match self.provenance_of(repository, record, digest, ask).await {
            Ok(Some(file)) => {
                let file_name = format!("{}-{}.tgz", record.name, record.version);
                let archive = Archive {
                    file_name: &file_name,
                    name: &record.name,
                    version: &record.version,
                    sha256: &digest.0,
                };
                let now = self.inner().clock.now().0;
                outcomes.push(openpgp::verify(&keys.openpgp, &file, &archive, now));
            }
            Ok(None) => {}
            Err(error) => outcomes.push(unavailable(error)?),
        }
        match self.cosign_of(keys, repository, record, digest, ask).await {
            Ok(found) => outcomes.extend(found.iter().flat_map(|of| of_manifest(keys, of))),
            Err(error) => outcomes.push(unavailable(error)?),
        }
        Ok(cosign::worst(outcomes).unwrap_or(Outcome::Unverified(Unverified::NoSignature)))
    }

    /// What cosign put beside an archive, where that is known or can be had.
    async fn cosign_of(
        &self,
        keys: &Keys,
        repository: &str,
        record: &VersionRecord,
        digest: Digest,
        ask: Ask,
    ) -> Result<Vec<OfManifest>> {
        let inner = self.inner();
        if let Some(place) = &record.hosted {
            return match &inner.hosted {
                Some(hosted) => hosted.signatures(&place.tenant, &record.name, digest).await,
                None => Ok(Vec::new()),
            };
        }
        // Without a key it would cost requests and change nothing.
        let kept = match ask == Ask::Upstream && !keys.cosign.is_empty() {
            true => self.proof_of_others(Proof::Cosign, repository, record).await?,
            false => {
                let known = inner.store.find_provenance(Proof::Cosign, record.id).await?;
                let known = known.filter(|known| *known.archive_digest == digest.0);
                known.and_then(|known| known.body).map(Bytes::from)
            }
        };
        Ok(kept
            .and_then(|kept| from_kept(&kept, digest))
            .into_iter()
            .collect())
    }

    /// The provenance file of an archive, where one is known or can be had.
    pub(super) async fn provenance_of(
        &self,
        repository: &str,
        record: &VersionRecord,
        digest: Digest,
        ask: Ask,
    ) -> Result<Option<Bytes>> {
        let inner = self.inner();
        if let Some(place) = &record.hosted {
            let Some(hosted) = &inner.hosted else {
                return Ok(None);
            };
            let stem = place.file_name.strip_suffix(".tgz").unwrap_or(&place.file_name);
            let open = hosted
                .open_file(&place.tenant, &format!("{stem}{PROVENANCE}"))
                .await?;
            return match open {
                Some(open) => Ok(Some(hosted.read(open).await?)),
                None => Ok(None),
            };
        }
        let known = inner
            .store
            .find_provenance(Proof::ProvenanceFile, record.id)
            .await?;
        match known.filter(|known| *known.archive_digest == digest.0) {
            Some(known) if known.body.is_some() => Ok(known.body.map(Bytes::from)),
            _ if ask == Ask::Upstream => self.mirrors().of_others(repository, record.clone()).await,
            _ => Ok(None),
        }
    }
}

/// What is said of a signature that cannot be had; other errors stay errors.
fn unavailable(error: Error) -> Result<Outcome> {
    match error {
        Error::Unavailable { reason, .. } => Ok(Unverified::Unavailable { reason }.into()),
        error => Err(error),
    }
}

/// What cosign's signatures of a manifest are worth.
fn of_manifest(keys: &Keys, of: &OfManifest) -> Vec<Outcome> {
    let simple = of.simple.iter().map(|layer| {
        let simple = Simple {
            payload: &layer.payload,
            signature: &layer.annotations.signature,
            certificate: layer.annotations.certificate.as_deref(),
            chain: layer.annotations.chain.as_deref(),
            entry: layer.annotations.entry.as_deref(),
        };
        cosign::verify_simple(&keys.cosign, &of.digest.0, &simple)
    });
    let bundles = of.bundles.iter();
    let bundles = bundles.filter_map(|bundle| cosign::verify_bundle(&keys.cosign, &of.digest.0, bundle));
    let unreadable = of.has_unreadable.then(|| {
        Outcome::from(Bad::Cosign {
            problem: "a part of it is missing, too long or not what it is named".to_owned(),
        })
    });
    simple.chain(bundles).chain(unreadable).collect()
}

fn told(outcome: &Outcome, rule: &Rule) -> SignatureCheck {
    let mut check = SignatureCheck {
        state: SignatureState::Unverified,
        by: Vec::new(),
        fingerprint: None,
        signed_at: None,
        reason: None,
        keyring: rule.keys.as_ref().map(|keys| keys.name.clone()),
        policy: match rule.policy {
            SignaturePolicy::Show => signature::SignaturePolicy::Show,
            SignaturePolicy::Warn => signature::SignaturePolicy::Warn,
            SignaturePolicy::Refuse => signature::SignaturePolicy::Refuse,
        },
    };
    match outcome {
        Outcome::Verified(verified) => {
            check.state = SignatureState::Verified;
            check.by.clone_from(&verified.by.names);
            if let Some(issuer) = &verified.by.issuer {
                check.by.push(format!("vouched for by {issuer}"));
            }
            check.fingerprint = Some(verified.by.fingerprint.clone());
            check.signed_at = verified.signed_at.map(Timestamp);
        }
        Outcome::Unverified(reason) => check.reason = Some(reason.to_string()),
        Outcome::Bad(reason) => {
            check.state = SignatureState::Bad;
            check.reason = Some(reason.to_string());
        }
    }
    check
}
