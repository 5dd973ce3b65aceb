//! Development only: tells open pages that the server was restarted, so that they reload themselves.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt as _};

/// Differs from start to start.
static START: LazyLock<String> = LazyLock::new(|| {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().to_string()
});

/// `GET /dev/starts`: this start's name once; the connection then stays open until the process ends.
pub(crate) async fn starts() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let once = stream::once(async { Ok(Event::default().event("start").data(START.as_str())) });
    Sse::new(once.chain(stream::pending())).keep_alive(KeepAlive::default())
}
