//! What happens during an operation, written down as it happens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use cluster::{Event, Observer};
use model::Timestamp;
use model::operation::{Happened, ObjectAction, OperationEvent};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::Backend;

/// Events of one operation that are kept; what comes later is not written down.
const MAX_EVENTS: usize = 5_000;
/// What containers print is kept up to so many bytes.
const MAX_LOG_BYTES: usize = 1 << 20;
/// Any other text.
const MAX_TEXT_CHARS: usize = 4_000;
/// Events that are written in one transaction.
const BATCH: usize = 200;

/// Takes down what an operation tells.
#[derive(Clone)]
pub(super) struct Journal {
    sender: mpsc::UnboundedSender<(Timestamp, Happened)>,
    clock: Arc<dyn crate::clock::Clock>,
    n_events: Arc<AtomicUsize>,
    log_bytes: Arc<AtomicUsize>,
    recorded: Arc<OnceLock<i64>>,
}

impl Journal {
    /// Begins to write down; the task ends when all handles of the journal are gone and everything is written.
    pub(super) fn open(backend: &Backend, id: &str) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let journal = Self {
            sender,
            clock: Arc::clone(&backend.inner().clock),
            n_events: Arc::default(),
            log_bytes: Arc::default(),
            recorded: Arc::default(),
        };
        let writer = tokio::spawn(write(backend.clone(), id.to_owned(), receiver));
        (journal, writer)
    }

    /// The revision that the operation recorded first: its own.
    pub(super) fn recorded(&self) -> Option<i64> {
        self.recorded.get().copied()
    }

    pub(super) fn add(&self, what: Happened) {
        if let Happened::Recorded { revision } = what {
            self.recorded.get_or_init(|| revision);
        }
        // A log of states and revisions is never too long; they are what counts.
        let counts = matches!(what, Happened::State { .. } | Happened::Recorded { .. });
        if !counts && self.n_events.fetch_add(1, Ordering::Relaxed) >= MAX_EVENTS {
            return;
        }
        // The writer has ended only if the database has.
        let _ = self.sender.send((self.clock.now(), what));
    }

    /// What a container printed.
    pub(super) fn log(&self, pod: &str, container: &str, text: &str) {
        let room = MAX_LOG_BYTES.saturating_sub(self.log_bytes.fetch_add(text.len(), Ordering::Relaxed));
        let kept = cut_bytes(text, room);
        if !kept.is_empty() {
            self.add(Happened::Log {
                pod: pod.to_owned(),
                container: container.to_owned(),
                text: kept.to_owned(),
            });
        }
    }
}

impl Observer for Journal {
    fn event(&self, event: Event<'_>) {
        let object = |action, place: &cluster::Place| Happened::Object {
            action,
            object: words(place),
        };
        self.add(match event {
            Event::Recorded { revision } => Happened::Recorded { revision },
            Event::Created(place) => object(ObjectAction::Created, place),
            Event::Changed(place) => object(ObjectAction::Changed, place),
            Event::Deleted(place) => object(ObjectAction::Deleted, place),
            Event::Kept(place) => object(ObjectAction::Kept, place),
            Event::HookStarted { event, name, .. } => Happened::HookStarted {
                phase: event.as_str().to_owned(),
                hook: name.to_owned(),
            },
            Event::HookEnded {
                event,
                name,
                succeeded,
            } => Happened::HookEnded {
                phase: event.as_str().to_owned(),
                hook: name.to_owned(),
                succeeded,
            },
            Event::HookLog {
                pod, container, text, ..
            } => return self.log(pod, container, text),
            Event::Waiting {
                ready,
                objects,
                first,
                message,
            } => Happened::Waiting {
                ready,
                objects,
                object: first.map(words),
                message: cut(message),
            },
            Event::Warning(message) => Happened::Warning {
                message: cut(message),
            },
        });
    }
}

async fn write(backend: Backend, id: String, mut receiver: mpsc::UnboundedReceiver<(Timestamp, Happened)>) {
    let inner = backend.inner();
    let mut number = match inner.store.last_operation_event(&id).await {
        Ok(number) => number,
        Err(error) => {
            tracing::error!(error = %crate::Error::from(error).chain(), "operation {id} has no journal");
            return;
        }
    };
    let mut batch = Vec::new();
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        let events: Vec<OperationEvent> = batch
            .drain(..)
            .map(|(at, what)| {
                number += 1;
                OperationEvent { number, at, what }
            })
            .collect();
        if let Err(error) = store(&backend, &id, &events).await {
            tracing::error!(error = %error.chain(), "what happened in operation {id} cannot be written down");
        }
        inner.running.tell();
    }
}

async fn store(backend: &Backend, id: &str, events: &[OperationEvent]) -> crate::Result<()> {
    let inner = backend.inner();
    let mut tx = inner.store.begin().await?;
    tx.add_operation_events(id, events).await?;
    tx.commit().await?;
    for event in events {
        if let Happened::Recorded { revision } = event.what {
            let owner = &inner.running.owner;
            inner.store.note_operation_revision(id, owner, revision).await?;
        }
    }
    Ok(())
}

/// `Deployment shop/web`
fn words(place: &cluster::Place) -> String {
    let name = &place.name;
    match &place.namespace {
        Some(namespace) => format!("{} {namespace}/{name}", place.kind),
        None => format!("{} {name}", place.kind),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

/// The beginning of a text that is at most so long.
fn cut_bytes(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default()
}
