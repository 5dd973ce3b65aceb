//! What an operation has done so far, out of its events.

use model::Timestamp;
use model::operation::{Happened, ObjectAction, OperationEvent};

/// The events of an operation, put together by what they are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// In the order in which they were first dealt with; each as it was dealt with last.
    pub(super) objects: Vec<DoneObject>,
    pub(super) hooks: Vec<HookRun>,
    pub(super) waiting: Option<Waiting>,
    pub(super) logs: Vec<PodLog>,
    pub(super) warnings: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct DoneObject {
    pub(super) object: String,
    pub(super) action: ObjectAction,
    pub(super) at: Timestamp,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct HookRun {
    pub(super) phase: String,
    pub(super) hook: String,
    /// Whether it succeeded; `None` while it runs.
    pub(super) succeeded: Option<bool>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) ready: usize,
    pub(super) objects: usize,
    pub(super) object: Option<String>,
    pub(super) message: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct PodLog {
    pub(super) pod: String,
    pub(super) container: String,
    pub(super) text: String,
}

impl Progress {
    pub(super) fn of(events: Vec<OperationEvent>) -> Self {
        let mut progress = Self::default();
        for event in events {
            progress.add(event);
        }
        progress
    }

    fn add(&mut self, event: OperationEvent) {
        let at = event.at;
        match event.what {
            // The operation itself says in which state it is, and which revision it made.
            Happened::State { .. } | Happened::Recorded { .. } => {}
            Happened::Object { action, object } => self.done(DoneObject { object, action, at }),
            Happened::HookStarted { phase, hook } => self.hooks.push(HookRun {
                phase,
                hook,
                succeeded: None,
            }),
            Happened::HookEnded {
                phase,
                hook,
                succeeded,
            } => self.hook_ended(phase, hook, succeeded),
            Happened::Log { pod, container, text } => self.log(pod, container, &text),
            Happened::Waiting {
                ready,
                objects,
                object,
                message,
            } => {
                self.waiting = Some(Waiting {
                    ready,
                    objects,
                    object,
                    message,
                });
            }
            Happened::Warning { message } => self.warnings.push(message),
        }
    }

    fn done(&mut self, done: DoneObject) {
        match self.objects.iter_mut().find(|known| known.object == done.object) {
            Some(known) => *known = done,
            None => self.objects.push(done),
        }
    }

    fn hook_ended(&mut self, phase: String, hook: String, succeeded: bool) {
        let open = self
            .hooks
            .iter_mut()
            .rev()
            .find(|run| run.phase == phase && run.hook == hook && run.succeeded.is_none());
        match open {
            Some(run) => run.succeeded = Some(succeeded),
            None => self.hooks.push(HookRun {
                phase,
                hook,
                succeeded: Some(succeeded),
            }),
        }
    }

    fn log(&mut self, pod: String, container: String, text: &str) {
        let known = self
            .logs
            .iter_mut()
            .find(|log| log.pod == pod && log.container == container);
        match known {
            Some(log) => {
                if !log.text.is_empty() && !log.text.ends_with('\n') {
                    log.text.push('\n');
                }
                log.text.push_str(text);
            }
            None => self.logs.push(PodLog {
                pod,
                container,
                text: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use model::operation::{Happened, ObjectAction, OperationEvent};

    use super::{DoneObject, HookRun, Progress};

    #[test]
    fn events_are_put_together_by_what_they_are_about() {
        let object = |action| Happened::Object {
            action,
            object: "Job shop/check".to_owned(),
        };
        let log = |text: &str| Happened::Log {
            pod: "check-1".to_owned(),
            container: "main".to_owned(),
            text: text.to_owned(),
        };
        let started = Happened::HookStarted {
            phase: "pre-upgrade".to_owned(),
            hook: "check".to_owned(),
        };
        let ended = Happened::HookEnded {
            phase: "pre-upgrade".to_owned(),
            hook: "check".to_owned(),
            succeeded: false,
        };
        let happened = [
            started.clone(),
            object(ObjectAction::Created),
            log("one"),
            log("two"),
            ended,
            object(ObjectAction::Deleted),
            started,
        ];
        let events = happened
            .into_iter()
            .zip(1..)
            .map(|(what, number)| OperationEvent {
                number,
                at: Timestamp(number),
                what,
            })
            .collect();
        let progress = Progress::of(events);
        assert_eq!(
            progress.objects,
            [DoneObject {
                object: "Job shop/check".to_owned(),
                action: ObjectAction::Deleted,
                at: Timestamp(6)
            }]
        );
        let run = |succeeded| HookRun {
            phase: "pre-upgrade".to_owned(),
            hook: "check".to_owned(),
            succeeded,
        };
        assert_eq!(progress.hooks, [run(Some(false)), run(None)]);
        let texts: Vec<_> = progress.logs.iter().map(|log| log.text.as_str()).collect();
        assert_eq!(texts, ["one\ntwo"]);
    }
}
