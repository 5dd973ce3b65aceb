//! How something is, in a word with a shape and a color: any one of the three tells it.

use leptos::prelude::*;
use model::operation::{ObjectAction, OperationState};
use model::plan::PlannedAction;
use model::release::{ObjectChange, ResourceState};

use super::icon::Icon;

/// How a state looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// `ok`, `info`, `warn`, `danger` or `neutral`.
    pub status: &'static str,
    pub icon: &'static str,
}

const fn look(status: &'static str, icon: &'static str) -> Look {
    Look { status, icon }
}

/// A state: its shape and its word.
#[component]
pub(crate) fn Mark(look: Look, #[prop(into)] word: String) -> impl IntoView {
    view! {
        <span class="mark" data-status=look.status>
            <Icon name=look.icon />
            {word}
        </span>
    }
}

impl Look {
    /// Of helm's word for a revision's status.
    pub(crate) fn of_release(status: &str) -> Self {
        match status {
            "deployed" => look("ok", "ok"),
            "failed" => look("danger", "failed"),
            "pending-install" | "pending-upgrade" | "pending-rollback" | "uninstalling" => {
                look("info", "progress")
            }
            "superseded" => look("neutral", "clock"),
            "uninstalled" => look("neutral", "yanked"),
            _ => look("warn", "unknown"),
        }
    }

    pub(crate) fn of_resource(state: ResourceState) -> Self {
        match state {
            ResourceState::Ready => look("ok", "ok"),
            ResourceState::Unknown => look("neutral", "unknown"),
            ResourceState::Progressing => look("info", "progress"),
            ResourceState::Missing => look("warn", "missing"),
            ResourceState::Failed => look("danger", "failed"),
        }
    }

    pub(crate) fn of_operation(state: OperationState) -> Self {
        match state {
            OperationState::Queued => look("neutral", "clock"),
            OperationState::Running => look("info", "progress"),
            OperationState::Succeeded => look("ok", "ok"),
            OperationState::Failed => look("danger", "failed"),
            OperationState::Canceled => look("warn", "yanked"),
            OperationState::Interrupted => look("warn", "alert"),
        }
    }

    pub(crate) fn of_planned(action: PlannedAction) -> Self {
        match action {
            PlannedAction::Create => look("ok", "add"),
            PlannedAction::Change => look("info", "edit"),
            PlannedAction::Recreate => look("danger", "alert"),
            PlannedAction::Delete => look("danger", "minus"),
            PlannedAction::Keep => look("neutral", "equal"),
            PlannedAction::Unchanged => look("neutral", "equal"),
            PlannedAction::Adopt => look("warn", "down"),
        }
    }

    pub(crate) fn of_done(action: ObjectAction) -> Self {
        match action {
            ObjectAction::Created => look("ok", "add"),
            ObjectAction::Changed => look("info", "edit"),
            ObjectAction::Deleted => look("danger", "minus"),
            ObjectAction::Kept => look("neutral", "equal"),
        }
    }

    pub(crate) fn of_change(change: ObjectChange) -> Self {
        match change {
            ObjectChange::Added => look("ok", "add"),
            ObjectChange::Changed => look("info", "edit"),
            ObjectChange::Removed => look("danger", "minus"),
        }
    }
}
