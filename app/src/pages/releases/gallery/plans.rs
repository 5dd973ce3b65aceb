//! Plans: one that would work, one that would not, one that deletes, and what differs by itself.

use model::operation::OperationKind;
use model::plan::{
    Conflict, FieldChange, Plan, PlanWarning, PlannedAction, PlannedHook, PlannedObject, Shown,
};
use model::release::Drift;
use serde_json::{Value, json};

fn object(kind: &str, name: &str, action: PlannedAction) -> PlannedObject {
    PlannedObject {
        api_version: "apps/v1".to_owned(),
        kind: kind.to_owned(),
        namespace: Some("shop".to_owned()),
        name: name.to_owned(),
        action,
        fixed_fields: Vec::new(),
        fields: Vec::new(),
        conflicts: Vec::new(),
        problem: None,
    }
}

fn field(path: &str, applied: Option<Value>, live: Option<Value>, proposed: Option<Value>) -> FieldChange {
    FieldChange {
        path: path.to_owned(),
        applied: applied.map(Shown::Value),
        live: live.map(Shown::Value),
        proposed: proposed.map(Shown::Value),
    }
}

fn deployment() -> PlannedObject {
    PlannedObject {
        fields: vec![
            field(
                "spec.template.spec.containers[name=nginx].image",
                Some(json!("registry.example.com/shop/nginx:1.27.0-debian-12-r3")),
                Some(json!("registry.example.com/shop/nginx:1.27.0-debian-12-r3")),
                Some(json!("registry.example.com/shop/nginx:1.26.2-debian-12-r1")),
            ),
            field("spec.replicas", Some(json!(2)), Some(json!(5)), Some(json!(2))),
            field(
                "spec.template.metadata.annotations[\"checksum/config\"]",
                None,
                None,
                Some(json!(
                    "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                )),
            ),
            field(
                "spec.template.spec.securityContext",
                None,
                Some(json!({"runAsNonRoot": true})),
                None,
            ),
        ],
        ..object("Deployment", "web", PlannedAction::Change)
    }
}

fn secret() -> PlannedObject {
    let redacted = |same_as_live| Some(Shown::Redacted { same_as_live });
    PlannedObject {
        fields: vec![FieldChange {
            path: "data.password".to_owned(),
            applied: redacted(true),
            live: redacted(true),
            proposed: redacted(false),
        }],
        ..object("Secret", "web-credentials", PlannedAction::Change)
    }
}

fn hook(event: &str, name: &str, kind: &str, weight: i64) -> PlannedHook {
    PlannedHook {
        event: event.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        weight,
        path: format!("nginx/templates/hooks/{name}.yaml"),
    }
}

fn warning(topic: &str, message: &str, prevents: bool) -> PlanWarning {
    PlanWarning {
        topic: topic.to_owned(),
        message: message.to_owned(),
        prevents,
    }
}

pub(in crate::pages) fn rollback() -> Plan {
    Plan {
        hash: "7d4f".repeat(16),
        operation: OperationKind::Rollback,
        name: "web".to_owned(),
        namespace: "shop".to_owned(),
        revision: 5,
        from_revision: Some(4),
        objects: vec![
            object("Service", "web", PlannedAction::Unchanged),
            object("ServiceAccount", "web", PlannedAction::Unchanged),
            deployment(),
            secret(),
            object(
                "ConfigMap",
                "web-a-name-that-is-long-enough-to-need-more-than-one-line",
                PlannedAction::Create,
            ),
            object("Ingress", "web", PlannedAction::Delete),
        ],
        hooks: vec![
            hook("pre-rollback", "web-drain", "Job", -5),
            hook("post-rollback", "web-warm-up", "Job", 0),
        ],
        notes: super::samples::NOTES.to_owned(),
        warnings: vec![warning(
            "deprecated",
            "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+.",
            false,
        )],
        missing_rights: Vec::new(),
        role_yaml: None,
        manifest: "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n".to_owned(),
        is_prevented: false,
    }
}

pub(in crate::pages) fn prevented() -> Plan {
    let fixed = PlannedObject {
        fixed_fields: vec![
            "spec.volumeClaimTemplates".to_owned(),
            "spec.serviceName".to_owned(),
        ],
        ..object("StatefulSet", "web-db", PlannedAction::Recreate)
    };
    let contested = PlannedObject {
        conflicts: vec![Conflict {
            manager: "kubectl-client-side-apply".to_owned(),
            fields: vec![".spec.replicas".to_owned()],
        }],
        ..deployment()
    };
    Plan {
        objects: vec![fixed, contested],
        warnings: vec![warning(
            "namespace-missing",
            "The namespace shop-jobs does not exist.",
            true,
        )],
        missing_rights: vec![
            "alice may not create ingresses.networking.k8s.io in namespace shop.".to_owned(),
            "alice may not delete configmaps in namespace shop.".to_owned(),
        ],
        role_yaml: Some("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: chartroom-web\n  namespace: shop".to_owned()),
        is_prevented: true,
        ..rollback()
    }
}

pub(in crate::pages) fn uninstall() -> Plan {
    let deleted = [
        ("Ingress", "web"),
        ("Service", "web"),
        ("Deployment", "web"),
        ("Secret", "web-credentials"),
        ("PersistentVolumeClaim", "web-data"),
    ];
    let kept = object("PersistentVolumeClaim", "web-archive", PlannedAction::Keep);
    Plan {
        operation: OperationKind::Uninstall,
        revision: 4,
        objects: deleted
            .iter()
            .map(|(kind, name)| object(kind, name, PlannedAction::Delete))
            .chain([kept])
            .collect(),
        hooks: vec![hook("pre-delete", "web-backup", "Job", 0)],
        warnings: Vec::new(),
        notes: String::new(),
        manifest: String::new(),
        ..rollback()
    }
}

pub(in crate::pages) fn tests() -> Vec<PlannedHook> {
    vec![
        hook("test", "web-test-connection", "Pod", 0),
        hook(
            "test",
            "web-test-a-rather-long-name-of-a-test-that-wraps",
            "Pod",
            5,
        ),
    ]
}

pub(in crate::pages) fn drift() -> Drift {
    Drift {
        revision: 4,
        objects: vec![deployment(), secret()],
        n_equal: 10,
        problems: Vec::new(),
    }
}

pub(in crate::pages) fn no_drift() -> Drift {
    Drift {
        revision: 4,
        n_equal: 12,
        ..Drift::default()
    }
}
