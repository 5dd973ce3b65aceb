//! Icons of charts: fetched like everything else of a stranger's, made harmless, and served from our own origin.
//!
//! Browsers never see the original: a raster picture is decoded within limits and encoded anew, an SVG is written anew
//! from an allow-list. So a reader's browser asks nobody but us, and what it gets runs nothing.

mod raster;
mod svg;

use std::sync::Arc;

use bytes::Bytes;
use model::Timestamp;

use crate::blobs::{BlobError, Blobs, Digest};
use crate::clock::Clock;
use crate::settings::LimitSettings;
use crate::store::{IconRecord, Store, StoreError};
use crate::upstream::{Answer, FetchError, Get, Source};

/// First wait after a failure, and the longest.
const WAIT_SECS: i64 = 3_600;
const MAX_WAIT_SECS: i64 = 7 * 86_400;
/// Icons of a repository that one sync fetches at most, and at a time.
const MAX_PER_SYNC: i64 = 500;
const AT_A_TIME: usize = 4;

/// A picture that is safe to serve.
#[derive(Debug)]
pub(crate) struct Icon {
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Why an icon is not shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IconError {
    #[error("{0}")]
    Fetch(FetchError),
    #[error("the picture has {pixels} pixels, more than the {limit} allowed")]
    TooManyPixels { pixels: u64, limit: u64 },
    #[error("the picture cannot be decoded")]
    Raster(#[source] image::ImageError),
    #[error("the SVG is not well-formed: {what}")]
    Svg { what: String },
    #[error("the SVG has more than {limit} {what}")]
    SvgTooLarge { what: &'static str, limit: usize },
    #[error("the picture is neither PNG, JPEG, GIF, WebP nor SVG")]
    UnknownFormat,
    #[error("the picture cannot be stored")]
    Blob(#[source] BlobError),
    #[error("the picture cannot be noted")]
    Store(#[source] StoreError),
    #[error("decoding the picture was interrupted")]
    Interrupted,
}

/// Makes a stranger's picture harmless.
pub(crate) fn harmless(bytes: &[u8], max_pixels: u64) -> Result<Icon, IconError> {
    if svg::looks_like_svg(bytes) {
        return Ok(Icon {
            media_type: "image/svg+xml",
            bytes: svg::sanitized(bytes)?,
        });
    }
    Ok(Icon {
        media_type: "image/png",
        bytes: raster::reencoded(bytes, max_pixels)?,
    })
}

/// Gets icons.
pub(crate) struct Icons {
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: LimitSettings,
}

impl Icons {
    /// Fetches the icons that a repository's charts name and that are not here.
    #[tracing::instrument(name = "sync.icons", skip_all)]
    pub(crate) async fn fetch(&self, source: &Source, repository_id: i64) -> Result<(), StoreError> {
        use futures_util::StreamExt as _;
        let now = self.clock.now();
        let wanted = self
            .store
            .wanted_icons(repository_id, now, "", MAX_PER_SYNC)
            .await?;
        // Each writes its own result: a loop that wrote failures while another fetch, which it does not poll meanwhile,
        // holds SQLite's one writing connection would wait for ever.
        let mut fetches = futures_util::stream::iter(wanted)
            .map(|icon| async move {
                match self.fetch_one(source, &icon).await {
                    Ok(()) => Ok(()),
                    Err(error) => self.note_failure(&icon, &error, now).await,
                }
            })
            .buffer_unordered(AT_A_TIME);
        while let Some(noted) = fetches.next().await {
            noted?;
        }
        Ok(())
    }

    async fn note_failure(
        &self,
        icon: &IconRecord,
        error: &IconError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let wait = (WAIT_SECS << icon.attempts.clamp(0, 16)).min(MAX_WAIT_SECS);
        let words = match error {
            IconError::Fetch(error) => error.in_words(),
            other => other.to_string(),
        };
        self.store
            .note_icon_failure(&icon.url, &words, Timestamp(now.0 + wait))
            .await
    }

    async fn fetch_one(&self, source: &Source, icon: &IconRecord) -> Result<(), IconError> {
        let url = source.resolve(&icon.url).map_err(IconError::Fetch)?;
        let get = Get {
            accept: "image/svg+xml, image/png, image/webp, image/jpeg, image/gif",
            max_bytes: self.limits.max_icon_bytes,
            ..Get::default()
        };
        // Once: what fails is tried again by a later sync.
        let bytes = match source.attempt(&url, &get).await.map_err(IconError::Fetch)? {
            Answer::Body(body) => body.collect().await.map_err(IconError::Fetch)?,
            Answer::NotModified => return Err(IconError::Interrupted),
        };
        let max_pixels = self.limits.max_icon_pixels;
        let icon_url = &icon.url;
        let picture = tokio::task::spawn_blocking(move || harmless(&bytes, max_pixels))
            .await
            .map_err(|_| IconError::Interrupted)??;
        let digest = Digest::of(&picture.bytes);
        self.blobs
            .put(digest, Bytes::from(picture.bytes))
            .await
            .map_err(IconError::Blob)?;
        let mut tx = self.store.begin().await.map_err(IconError::Store)?;
        tx.note_icon(icon_url, &digest.0, picture.media_type)
            .await
            .map_err(IconError::Store)?;
        tx.commit().await.map_err(IconError::Store)
    }
}
