//! What the tabs of a release show: values, objects, history, differences, logs.

use model::logs::{ContainerLog, LogContainer, LogPod, ReleaseLogs};
use model::release::{
    Comparison, DifferenceLine, History, Hunk, LineKind, ManifestPart, ObjectChange, ObjectDifference,
    RevisionManifest, RevisionSummary, RevisionValues, TextDifference,
};

use super::samples::{ago, text};

pub(super) fn values() -> RevisionValues {
    RevisionValues {
        revision: 3,
        user: text(
            "# Two are enough outside of the season.\nreplicaCount: 2\ningress:\n  enabled: true\n  host: \"shop.example.com\"\n",
        ),
        is_as_typed: true,
        computed: text(
            "image:\n  repository: nginx\n  tag: \"1.27.0\"\ningress:\n  enabled: true\n  host: shop.example.com\nreplicaCount: 2\n",
        ),
    }
}

pub(super) fn no_values() -> RevisionValues {
    RevisionValues {
        revision: 4,
        user: String::new(),
        ..values()
    }
}

fn part(kind: &str, name: &str, events: &[&str]) -> ManifestPart {
    ManifestPart {
        kind: text(kind),
        name: text(name),
        path: format!("nginx/templates/{}.yaml", kind.to_lowercase()),
        events: events.iter().map(|event| text(event)).collect(),
        yaml: format!(
            "apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n  labels:\n    app: web # by the chart\n"
        ),
    }
}

pub(super) fn manifest() -> RevisionManifest {
    RevisionManifest {
        revision: 4,
        objects: vec![
            part("ServiceAccount", "web", &[]),
            part("Service", "web", &[]),
            part("Service", "web-headless-with-a-name-that-is-rather-long", &[]),
            part("Deployment", "web", &[]),
        ],
    }
}

pub(super) fn hooks() -> RevisionManifest {
    RevisionManifest {
        revision: 4,
        objects: vec![
            part("Job", "web-migrate", &["pre-install", "pre-upgrade"]),
            part("Pod", "web-test-connection", &["test"]),
        ],
    }
}

pub(super) fn history() -> History {
    let revision = |revision, status: &str, description: &str, version: &str, hours: i64| RevisionSummary {
        revision,
        status: text(status),
        description: text(description),
        chart: text("nginx"),
        chart_version: text(version),
        app_version: text("1.27.0"),
        updated: Some(ago(hours * 60)),
        by: (revision != 2).then(|| text("alice")),
    };
    History {
        revisions: vec![
            revision(4, "deployed", "Upgrade complete", "15.4.2", 2),
            revision(3, "superseded", "Rollback to 1", "15.4.0", 40),
            revision(
                2,
                "failed",
                "Upgrade \"web\" failed: timed out waiting for the condition: Deployment shop/web: 0 of 2 replicas ready",
                "15.4.1",
                700,
            ),
            revision(1, "superseded", "Install complete", "15.4.0", 2_000),
        ],
        damaged: Vec::new(),
    }
}

fn difference(lines: &[(LineKind, &str)]) -> TextDifference {
    TextDifference {
        hunks: vec![Hunk {
            from_line: 8,
            to_line: 8,
            lines: lines
                .iter()
                .map(|(kind, line)| DifferenceLine {
                    kind: *kind,
                    text: text(line),
                })
                .collect(),
        }],
        is_cut: false,
    }
}

pub(super) fn comparison() -> Comparison {
    use LineKind::{Both, New, Old};
    let image = difference(&[
        (Both, "      containers:"),
        (Both, "        - name: nginx"),
        (
            Old,
            "          image: registry.example.com/shop/nginx:1.26.2-debian-12-r1",
        ),
        (
            New,
            "          image: registry.example.com/shop/nginx:1.27.0-debian-12-r3",
        ),
        (Both, "          ports:"),
    ]);
    let object = |kind: &str, name: &str, change, difference| ObjectDifference {
        kind: text(kind),
        name: text(name),
        change,
        text: difference,
    };
    Comparison {
        from: 3,
        to: 4,
        chart: Some((text("15.4.0"), text("15.4.2"))),
        values: difference(&[
            (Both, "ingress:"),
            (Old, "  enabled: false"),
            (New, "  enabled: true"),
            (New, "  host: shop.example.com"),
        ]),
        objects: vec![
            object("Deployment", "web", ObjectChange::Changed, image),
            object(
                "Ingress",
                "web",
                ObjectChange::Added,
                difference(&[(New, "kind: Ingress"), (New, "metadata:")]),
            ),
            object(
                "ConfigMap",
                "web-a-name-that-is-long-enough-to-need-more-than-one-line",
                ObjectChange::Removed,
                difference(&[(Old, "kind: ConfigMap")]),
            ),
        ],
        n_equal_objects: 12,
        notes: TextDifference::default(),
    }
}

pub(super) fn equal() -> Comparison {
    Comparison {
        from: 1,
        to: 3,
        n_equal_objects: 1,
        ..Comparison::default()
    }
}

pub(super) fn logs() -> ReleaseLogs {
    let pod = |name: &str, n_restarts| LogPod {
        name: text(name),
        containers: vec![
            LogContainer {
                name: text("nginx"),
                n_restarts,
            },
            LogContainer {
                name: text("metrics"),
                n_restarts: 0,
            },
        ],
    };
    ReleaseLogs {
        pods: vec![pod("web-6d4cf56db6-9vbzt", 7), pod("web-6d4cf56db6-x7kqp", 0)],
        shown: Some(ContainerLog {
            pod: text("web-6d4cf56db6-9vbzt"),
            container: text("nginx"),
            is_previous: false,
            text: "10.0.0.7 - - [29/Nov/2026:08:00:01 +0000] \"GET /healthz HTTP/1.1\" 200 2 \"-\" \"kube-probe/1.35\"\n".repeat(12),
            is_cut: true,
        }),
        problems: Vec::new(),
    }
}
