//! The page in the shapes that it has.

use model::chart::VersionSummary;
use model::release::{DifferenceLine, Hunk, LineKind, ObjectChange, ObjectDifference, TextDifference};
use model::review::{
    ChartComparison, ComparisonPart, CrdChange, DefaultValue, FactChange, ImageChange, PermissionChange,
    Remark, RenderedComparison, ValueChange, ValueChangeKind, ValueChanges, Weight,
};

use super::{Compare, show};
use crate::api::FormOutcome;
use crate::error::{AppError, ErrorKind};
use crate::pages::Page;

pub(in crate::pages) const PAGES: &[&str] = &["compare", "compare-choice", "compare-unknown", "compare-same"];

fn version(text: &str) -> VersionSummary {
    VersionSummary {
        version: text.to_owned(),
        app_version: None,
        created: None,
        deprecated: false,
        yanked: false,
        is_prerelease: false,
    }
}

fn line(kind: LineKind, text: &str) -> DifferenceLine {
    DifferenceLine {
        kind,
        text: text.to_owned(),
    }
}

fn text() -> TextDifference {
    TextDifference {
        hunks: vec![Hunk {
            from_line: 7,
            to_line: 7,
            lines: vec![
                line(LineKind::Both, "spec:"),
                line(LineKind::Old, "  replicas: 1"),
                line(LineKind::New, "  replicas: 3"),
            ],
        }],
        is_cut: false,
    }
}

fn value(path: &str, change: ValueChangeKind) -> ValueChange {
    let default = |kind: &str, text: &str| {
        Some(DefaultValue {
            kind: kind.to_owned(),
            text: text.to_owned(),
        })
    };
    ValueChange {
        path: path.to_owned(),
        change,
        before: default("number", "1").filter(|_| change != ValueChangeKind::Added),
        after: default("text", "\"3\"").filter(|_| change != ValueChangeKind::Removed),
        description: "How many run at the same time.".to_owned(),
        below: vec![format!("{path}.a"), format!("{path}.b")],
        n_below: if change == ValueChangeKind::Removed {
            120
        } else {
            0
        },
    }
}

fn comparison() -> ChartComparison {
    let remark = |weight, text: &str, part| Remark {
        weight,
        text: text.to_owned(),
        part,
    };
    ChartComparison {
        repository: "stable".to_owned(),
        name: "nginx-ingress".to_owned(),
        from: "2.0.0".to_owned(),
        to: "1.0.0".to_owned(),
        is_backwards: true,
        remarks: vec![
            remark(
                Weight::High,
                "Deletes what may hold data: StatefulSet web.",
                ComparisonPart::Rendered,
            ),
            remark(Weight::Medium, "1 value is gone: `old`.", ComparisonPart::Values),
            remark(
                Weight::Low,
                "What it installs goes from 1 to 2.",
                ComparisonPart::Facts,
            ),
        ],
        facts: vec![FactChange {
            name: "App version".to_owned(),
            before: Some("1".to_owned()),
            after: None,
        }],
        values: ValueChanges {
            changes: vec![
                value(
                    "controller.admissionWebhooks.patch.image",
                    ValueChangeKind::Removed,
                ),
                value("replicas", ValueChangeKind::Retyped),
                value("limits", ValueChangeKind::DefaultChanged),
                value("new", ValueChangeKind::Added),
            ],
            n_left_out: 2,
            problem: None,
        },
        crds: vec![CrdChange {
            name: "gates.example.com".to_owned(),
            kind: "Gate".to_owned(),
            change: ObjectChange::Changed,
            before: vec!["v1".to_owned()],
            after: vec!["v2".to_owned()],
        }],
        images: vec![ImageChange {
            name: "registry.example.com/web".to_owned(),
            before: Some("1".to_owned()),
            after: Some(String::new()),
        }],
        permissions: vec![PermissionChange {
            is_cluster_wide: true,
            group: String::new(),
            resource: "secrets".to_owned(),
            names: Vec::new(),
            added: vec!["*".to_owned()],
            removed: vec!["get".to_owned()],
        }],
        rendered: RenderedComparison {
            objects: vec![ObjectDifference {
                kind: "Deployment".to_owned(),
                name: "web".to_owned(),
                change: ObjectChange::Changed,
                text: text(),
            }],
            n_equal_objects: 7,
            n_left_out: 1,
            notes: text(),
            ..RenderedComparison::default()
        },
        ..ChartComparison::default()
    }
}

pub(in crate::pages) fn page(name: &str) -> Page {
    let page = |comparison, problem, values: &str| {
        show(Compare {
            repository: "stable".to_owned(),
            name: "nginx-ingress".to_owned(),
            versions: vec![version("2.0.0"), version("1.0.0")],
            from: "2.0.0".to_owned(),
            to: "1.0.0".to_owned(),
            comparison,
            problem,
            values: values.to_owned(),
            outcome: FormOutcome::default(),
        })
    };
    match name {
        "compare" => page(Some(comparison()), None, "replicas: 3\n"),
        "compare-same" => {
            let same = ChartComparison {
                from: "1.0.0".to_owned(),
                to: "1.0.0".to_owned(),
                ..ChartComparison::default()
            };
            page(Some(same), None, "")
        }
        "compare-unknown" => {
            let error = AppError::new(ErrorKind::NotFound, "version \"9\" does not exist");
            page(None, Some(error), "")
        }
        _ => page(None, None, ""),
    }
}
