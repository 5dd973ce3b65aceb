//! What cosign put beside a chart in a registry: at the tag `sha256-….sig`, or as manifests that refer to the chart's.
//!
//! Each answer costs some requests, and nothing announces that there is a signature: keeping what was found, and that
//! there was nothing, is `provenance`'s, as with files that sign archives.

use bytes::Bytes;

use crate::hosted::oci::{OfManifest, is_signature, may_be_signature, tag_of_signatures, to_kept, written};
use crate::upstream::{FetchError, Registry, Source, TaggedManifest, tag_reference};

/// Manifests that refer to a chart's and may be signatures: each is a request.
const MAX_REFERRERS: usize = 64;

/// Asks for the signatures of the chart whose archive has this digest, where that comes from a registry; as they are kept.
/// None where there are none. An error may pass.
pub(crate) async fn ask(
    source: &Source,
    urls: &[String],
    archive_digest: &[u8],
) -> Result<Option<Bytes>, FetchError> {
    let Some(url) = urls.first().filter(|url| url.starts_with("oci://")) else {
        return Ok(None);
    };
    let (registry, chart, tag) = tag_reference(source, url)?;
    let Some(tagged) = registry.manifest(&chart, &tag).await? else {
        return Ok(None);
    };
    // The tag may lead to another archive by now, and what signs that says nothing of ours.
    let parts = tagged.read.as_ref().ok().and_then(|manifest| manifest.chart);
    if parts.is_none_or(|parts| parts.archive.digest.0 != archive_digest) {
        return Ok(None);
    }
    let mut of = OfManifest::new(tagged.digest);
    let at_tag = registry.manifest(&chart, &tag_of_signatures(tagged.digest)).await;
    take(&registry, &chart, at_tag, &mut of).await?;
    let referrers = registry.referrers(&chart, tagged.digest).await?;
    let referrers = referrers.into_iter().filter(|(_, kind)| may_be_signature(kind));
    for (n, (digest, _)) in referrers.enumerate() {
        if n == MAX_REFERRERS {
            of.miss();
            break;
        }
        match registry.manifest(&chart, &written(digest)).await {
            Ok(Some(referrer)) if referrer.digest == digest => {
                let kind = referrer.read.as_ref().map(|it| it.artifact_type.as_str());
                // What is no manifest at all goes on, to be noted.
                if kind.map_or(true, is_signature) {
                    take(&registry, &chart, Ok(Some(referrer)), &mut of).await?;
                }
            }
            // It is in the list, and it is not there, or something else is.
            Ok(_) => of.miss(),
            Err(error) => missing(error, &mut of)?,
        }
    }
    let kept = (!of.is_empty()).then(|| to_kept(&tagged.bytes, &tagged.media_type, &of));
    Ok(kept.map(Bytes::from))
}

/// Takes the signatures in a manifest, if there is one.
async fn take(
    registry: &Registry,
    chart: &str,
    manifest: Result<Option<TaggedManifest>, FetchError>,
    of: &mut OfManifest,
) -> Result<(), FetchError> {
    let manifest = match manifest {
        Ok(Some(manifest)) => manifest,
        Ok(None) => return Ok(()),
        Err(error) => return missing(error, of),
    };
    for layer in of.layers(&manifest.bytes) {
        let part = layer.part;
        match registry.blob(chart, part.digest, part.size_bytes).await {
            Ok(blob) => of.take(layer, Some(blob)),
            Err(error) => missing(error, of)?,
        }
    }
    Ok(())
}

/// Something that there should be is not there or is not what it is named, which is odd for good; any other error may
/// pass.
fn missing(error: FetchError, of: &mut OfManifest) -> Result<(), FetchError> {
    match error {
        FetchError::Digest { .. } | FetchError::TooLarge { .. } => {}
        FetchError::Status { status, .. } if matches!(status.as_u16(), 404 | 410) => {}
        error => return Err(error),
    }
    of.miss();
    Ok(())
}
