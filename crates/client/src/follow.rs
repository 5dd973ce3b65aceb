//! Following an operation to its end, over as many connections as it takes.

use std::time::{Duration, Instant};

use model::operation::{OperationEvent, OperationSummary};
use reqwest::header::{ACCEPT, HeaderName};

use crate::events::Reader;
use crate::request::Request;
use crate::{Client, Error, Result};

/// A server sends something at least every 15 seconds; where nothing has come for so long, the connection is dead.
const SILENCE: Duration = Duration::from_secs(45);

/// How long, and how often, a server that is away is asked again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    total: Duration,
    first: Duration,
    longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(90),
            first: Duration::from_millis(200),
            longest: Duration::from_secs(5),
        }
    }
}

impl Patience {
    pub(crate) fn waits(self) -> Waits {
        Waits {
            patience: self,
            next: self.first,
            begun: None,
        }
    }
}

/// The pauses between tries, each twice as long as the one before.
pub(crate) struct Waits {
    patience: Patience,
    next: Duration,
    begun: Option<Instant>,
}

impl Waits {
    pub(crate) fn has_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// How long to wait now; nothing if it has been long enough.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        if begun.elapsed() >= self.patience.total {
            return None;
        }
        let pause = self.next;
        self.next = (pause * 2).min(self.patience.longest);
        Some(pause)
    }
}

impl Client {
    /// Tells `tell` everything that happens in an operation, in order and once, until it has ended.
    ///
    /// A connection that breaks is made anew from the last event on; after a minute and a half without an answer it ends
    /// with [`Error::Lost`].
    pub async fn follow(&self, id: &str, mut tell: impl FnMut(&OperationEvent)) -> Result<OperationSummary> {
        let mut last = 0;
        let mut waits = self.patience.waits();
        loop {
            let before = last;
            let passed = match self.pass(id, &mut last, &mut tell).await {
                Ok(()) => self.operation(id).await,
                Err(error) => Err(error),
            };
            if last > before {
                waits = self.patience.waits();
            }
            match passed {
                // What happened before the end was told before the end is; a stream may have ended for another reason.
                Ok(operation) if operation.state.has_ended() && last == before => return Ok(operation),
                Ok(_) => {}
                Err(error) if error.is_passing() => match waits.next() {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(self.lost(id, error)),
                },
                Err(error) => return Err(self.lost(id, error)),
            }
        }
    }

    /// One connection's worth of events.
    async fn pass(&self, id: &str, last: &mut i64, tell: &mut impl FnMut(&OperationEvent)) -> Result<()> {
        let path = ["operations", id, "events"];
        let mut request = Request::get(&path);
        request.headers.push((ACCEPT, "text/event-stream".to_owned()));
        if *last > 0 {
            let name = HeaderName::from_static("last-event-id");
            request.headers.push((name, last.to_string()));
        }
        let Ok(opened) = tokio::time::timeout(SILENCE, self.send(&request, None)).await else {
            return Ok(());
        };
        let mut response = opened?;
        let mut reader = Reader::default();
        loop {
            let Ok(chunk) = tokio::time::timeout(SILENCE, response.chunk()).await else {
                return Ok(());
            };
            let Some(chunk) = chunk.map_err(|error| self.unreachable(error))? else {
                return Ok(());
            };
            let events = reader
                .read(&chunk)
                .map_err(|_| self.unexpected("an event is too long".to_owned()))?;
            for event in events {
                let event: OperationEvent = serde_json::from_str(&event.data)
                    .map_err(|error| self.unexpected(format!("an event cannot be read ({error})")))?;
                // A server that begins anew tells again what is known.
                if event.number > *last {
                    *last = event.number;
                    tell(&event);
                }
            }
        }
    }

    fn lost(&self, operation: &str, error: Error) -> Error {
        Error::Lost {
            server: self.server(),
            operation: operation.to_owned(),
            source: Box::new(error),
        }
    }
}
