//! What a person at the terminal is told while an operation runs: what helm tells, on standard error.

use cluster::{Event, Observer};

use crate::cli::terminal;

pub(super) struct Narrator;

impl Observer for Narrator {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Warning(text) => terminal::complain(text),
            Event::HookLog { text, .. } => terminal::complain(text.trim_end_matches('\n')),
            Event::Recorded { .. }
            | Event::Created(_)
            | Event::Changed(_)
            | Event::Deleted(_)
            | Event::Kept(_)
            | Event::HookStarted { .. }
            | Event::HookEnded { .. }
            | Event::Waiting { .. } => {}
        }
    }
}
