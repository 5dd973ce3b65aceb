//! Operations on their way and at their end.

use model::operation::{
    Happened, ObjectAction, OperationEvent, OperationKind, OperationState, OperationSummary,
};

use super::samples::{ago, id};

pub(super) fn running() -> OperationSummary {
    OperationSummary {
        id: "01JDK3Z7".to_owned(),
        kind: OperationKind::Upgrade,
        release: id("web"),
        state: OperationState::Running,
        by: "alice".to_owned(),
        created: ago(2),
        ended: None,
        revision: Some(5),
        message: String::new(),
    }
}

pub(super) fn succeeded() -> OperationSummary {
    OperationSummary {
        state: OperationState::Succeeded,
        ended: Some(ago(0)),
        ..running()
    }
}

pub(super) fn failed() -> OperationSummary {
    OperationSummary {
        state: OperationState::Failed,
        ended: Some(ago(0)),
        message: "Deployment shop/web is not ready: 0/1 nodes are available: insufficient ephemeral-storage"
            .to_owned(),
        ..running()
    }
}

pub(super) fn events() -> Vec<OperationEvent> {
    let object = |action, object: &str| Happened::Object {
        action,
        object: object.to_owned(),
    };
    let hook = "web-migrate".to_owned();
    let phase = "pre-upgrade".to_owned();
    let happened = [
        Happened::State {
            state: OperationState::Running,
            message: String::new(),
        },
        Happened::Recorded { revision: 5 },
        Happened::HookStarted {
            phase: phase.clone(),
            hook: hook.clone(),
        },
        Happened::Log {
            pod: "web-migrate-7xk2p".to_owned(),
            container: "migrate".to_owned(),
            text: "applying 0042_orders.sql\napplying 0043_invoices.sql\ndone in 1.2 s".to_owned(),
        },
        Happened::HookEnded {
            phase,
            hook,
            succeeded: true,
        },
        Happened::Warning {
            message: "spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14"
                .to_owned(),
        },
        object(ObjectAction::Kept, "ServiceAccount shop/web"),
        object(ObjectAction::Changed, "Deployment shop/web"),
        object(
            ObjectAction::Created,
            "ConfigMap shop/web-a-name-that-is-long-enough-to-need-more-than-one-line",
        ),
        object(ObjectAction::Deleted, "Ingress shop/web"),
        Happened::Waiting {
            ready: 3,
            objects: 5,
            object: Some("Deployment shop/web".to_owned()),
            message: "1 of 2 replicas ready: 0/1 nodes are available: insufficient memory".to_owned(),
        },
        Happened::HookStarted {
            phase: "post-upgrade".to_owned(),
            hook: "web-warm-up".to_owned(),
        },
    ];
    happened
        .into_iter()
        .zip(1..)
        .map(|(what, number)| OperationEvent {
            number,
            at: ago(1),
            what,
        })
        .collect()
}
