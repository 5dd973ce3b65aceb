//! Archives on their way in through pages and the API: never longer than allowed, and never many in memory at a time.

use app::error::{AppError, ErrorKind};
use axum::extract::Request;
use backend::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Archives that are in memory at a time. Whoever is behind waits; all of them may upload.
const AT_A_TIME: usize = 8;

/// The room for uploads.
pub(crate) struct Uploads {
    room: Semaphore,
    pub(crate) max_bytes: u64,
}

impl Uploads {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self {
            room: Semaphore::new(AT_A_TIME),
            max_bytes,
        }
    }

    /// Waits for room for one archive.
    pub(crate) async fn room(&self) -> Result<SemaphorePermit<'_>, AppError> {
        let room = self.room.acquire().await;
        room.map_err(|_| AppError::new(ErrorKind::Unavailable, "the server is ending"))
    }

    /// A whole body; the permit stands for it as long as it is in memory.
    pub(crate) async fn read(&self, request: Request) -> Result<(Bytes, SemaphorePermit<'_>), AppError> {
        let room = self.room().await?;
        let max_bytes = usize::try_from(self.max_bytes).unwrap_or(usize::MAX);
        let body = axum::body::to_bytes(request.into_body(), max_bytes).await;
        let body = body.map_err(|_| self.too_long())?;
        Ok((body, room))
    }

    pub(crate) fn too_long(&self) -> AppError {
        let text = format!(
            "the upload is longer than {} bytes, or was cut off",
            self.max_bytes
        );
        AppError::new(ErrorKind::Invalid, text)
    }
}
