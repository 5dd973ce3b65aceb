//! The pages that install and upgrade with made-up data, for the gallery of all pages.

use leptos::prelude::Owner;
use model::files::ValuesView;
use model::install::{
    ExcerptLine, InstallCluster, InstallStart, MergeFinding, MergeView, NameTaken, Preview, RenderProblem,
    RenderStage,
};
use model::release::ManifestPart;

use super::super::Page;
use super::super::gallery::detail;
use super::super::releases::gallery::{plans, samples};
use super::merge::Merging;
use super::{Change, Made, Permission, Subject, show};
use crate::change::ChangeForm;
use crate::error::{AppError, ErrorKind};

pub(in crate::pages) const PAGES: &[&str] = &[
    "install",
    "install-visitor",
    "install-no-cluster",
    "install-nowhere",
    "install-preview",
    "install-problem",
    "install-plan",
    "install-prevented",
    "install-taken",
    "install-wrong",
    "upgrade",
    "upgrade-merge",
    "upgrade-unmerged",
    "upgrade-unknown",
];

const VALUES: &str = "# For the shop\nreplicaCount: 3\nimage:\n  tag: </textarea><script>alert(1)</script>\n";

fn start() -> InstallStart {
    let cluster = |name: &str, is_everywhere: bool| InstallCluster {
        name: name.to_owned(),
        default_namespace: "default".to_owned(),
        is_everywhere,
        namespaces: vec!["shop".to_owned()],
    };
    InstallStart {
        clusters: vec![cluster("prod", true), cluster("staging-eu-central", false)],
        cluster: "prod".to_owned(),
        namespace: "shop".to_owned(),
        namespaces: ["default", "monitoring", "shop"].map(str::to_owned).to_vec(),
        name: "nginx-2".to_owned(),
        problem: None,
    }
}

fn defaults() -> ValuesView {
    let text = "# How many run\nreplicaCount: 1\nimage:\n  repository: nginx\n  tag: \"1.27\"\n";
    let (html, n_lines, paths) = backend::content::values(text);
    ValuesView {
        html,
        n_lines,
        paths,
        has_schema: false,
        variants: Vec::new(),
    }
}

fn install() -> Change {
    let start = start();
    Change {
        subject: Subject::Install,
        chart: Some(detail()),
        form: ChangeForm {
            cluster: start.cluster.clone(),
            namespace: start.namespace.clone(),
            name: start.name.clone(),
            ..ChangeForm::default()
        },
        start,
        permission: Permission::Given,
        defaults: Some(defaults()),
        starting_points: vec![
            "values-production.yaml".to_owned(),
            "ci/small-values.yaml".to_owned(),
        ],
        made: Made::Nothing,
        error: None,
        taken: None,
        was_sent: false,
    }
}

fn sent(made: Made, error: Option<AppError>) -> Change {
    let plain = install();
    Change {
        form: ChangeForm {
            values: VALUES.to_owned(),
            wait: true,
            labels: "team=shop".to_owned(),
            ..plain.form.clone()
        },
        made,
        error,
        ..plain
    }
}

fn part(kind: &str, name: &str, events: &[&str]) -> ManifestPart {
    ManifestPart {
        kind: kind.to_owned(),
        name: name.to_owned(),
        path: format!("nginx/templates/{}.yaml", kind.to_lowercase()),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        yaml: format!("kind: {kind}\nmetadata:\n  name: {name}\n"),
    }
}

fn preview() -> Preview {
    Preview {
        kubernetes_version: "v1.35.4".to_owned(),
        objects: vec![
            part("ConfigMap", "nginx-2-settings", &[]),
            part("Service", "nginx-2", &[]),
            part("Service", "nginx-2-metrics", &[]),
            part(
                "Deployment",
                "a-deployment-with-a-very-long-name-that-has-to-wrap-somewhere",
                &[],
            ),
        ],
        hooks: vec![part("Job", "nginx-2-migrate", &["pre-install", "pre-upgrade"])],
        n_left_out: 2,
        notes: "Open http://nginx-2.shop to see it.".to_owned(),
        warnings: vec!["this chart is deprecated".to_owned()],
        problem: None,
    }
}

fn problem() -> Preview {
    let line = |number: usize, text: &str| ExcerptLine {
        number,
        text: text.to_owned(),
    };
    Preview {
        kubernetes_version: "v1.35.4".to_owned(),
        problem: Some(RenderProblem {
            stage: RenderStage::Template,
            message: "template: nginx/templates/deployment.yaml:31:20: executing \"nginx/templates/deployment.yaml\" at \
                      <.Values.image.tag.name>: can't evaluate field name in type interface {}"
                .to_owned(),
            template: Some("nginx/templates/deployment.yaml".to_owned()),
            excerpt: vec![
                line(29, "      containers:"),
                line(30, "        - name: main"),
                line(31, "          image: {{ .Values.image.tag.name }}"),
            ],
            value: Some("image.tag.name".to_owned()),
            values_line: Some(4),
            is_over_budget: false,
        }),
        ..Preview::default()
    }
}

fn upgrade() -> Change {
    let plain = install();
    Change {
        subject: Subject::Upgrade {
            release: Box::new(samples::detail()),
            versions: vec!["16.0.0".to_owned(), detail().version.version],
            candidates: Vec::new(),
            merge: None,
        },
        form: ChangeForm {
            values: VALUES.to_owned(),
            ..ChangeForm::default()
        },
        start: InstallStart::default(),
        starting_points: Vec::new(),
        ..plain
    }
}

fn merging(view: Result<MergeView, AppError>) -> Change {
    let plain = upgrade();
    let Subject::Upgrade {
        release, versions, ..
    } = plain.subject
    else {
        return plain;
    };
    Change {
        subject: Subject::Upgrade {
            release,
            versions,
            candidates: Vec::new(),
            merge: Some(Box::new(Merging {
                installed: "15.1.0".to_owned(),
                version: "16.0.0".to_owned(),
                view,
            })),
        },
        form: ChangeForm {
            merged: "16.0.0".to_owned(),
            kept: "<b>".to_owned(),
            ..plain.form
        },
        ..plain
    }
}

fn merge_view() -> MergeView {
    let finding = |path: &str, sentence: &str, is_conflict: bool, choices: &[&str]| MergeFinding {
        path: path.to_owned(),
        sentence: sentence.to_owned(),
        is_conflict,
        line: Some(2),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
    };
    MergeView {
        values: VALUES.to_owned(),
        made: vec![
            "`metrics.serviceMonitor.additionalLabels` is `metrics.serviceMonitor.labels` now.".to_owned(),
        ],
        findings: vec![
            finding(
                "service.httpPort",
                "`service.httpPort` is gone. It looks as if `service.ports.http` came in its place.",
                true,
                &["Move it to service.ports.http", "Remove it", "Keep it"],
            ),
            finding(
                "image.debug\"><script>alert(1)</script>",
                "`image.debug` is gone: this version does not know it.",
                true,
                &["Remove it", "Keep it"],
            ),
            finding(
                "replicaCount",
                "The default of `replicaCount` was `1` and is `2` now. What you set stays.",
                false,
                &["Keep it", "Take the new default"],
            ),
        ],
        kept: Vec::new(),
    }
}

pub(in crate::pages) fn page(name: &str) -> Page {
    show(change(name))
}

fn change(name: &str) -> Change {
    let nothing = Made::Nothing;
    match name {
        "install" => install(),
        "install-visitor" => Change {
            permission: Permission::SignedOut,
            start: InstallStart::default(),
            ..install()
        },
        "install-no-cluster" => Change {
            permission: Permission::NoCluster,
            start: InstallStart::default(),
            ..install()
        },
        "install-nowhere" => Change {
            permission: Permission::Denied(
                "You may install nowhere in cluster prod. An administrator can give you the role operator for a \
                 namespace."
                    .to_owned(),
            ),
            ..install()
        },
        "install-preview" => sent(Made::Preview(preview()), None),
        "install-problem" => sent(
            Made::Preview(problem()),
            Some(AppError::in_field("chart", "does not render")),
        ),
        "install-plan" => sent(Made::Plan(plans::rollback()), None),
        "install-prevented" => sent(Made::Plan(plans::prevented()), None),
        "install-taken" => Change {
            taken: Some(NameTaken {
                status: "deployed".to_owned(),
                revision: 3,
            }),
            ..sent(
                nothing,
                Some(AppError {
                    field: Some("name".into()),
                    ..AppError::new(ErrorKind::Conflict, "cannot re-use a name that is still in use")
                }),
            )
        },
        "install-wrong" => sent(
            nothing,
            Some(AppError::in_field("labels", "`a` is no label: each line is `key=value`")),
        ),
        "upgrade" => upgrade(),
        "upgrade-merge" => merging(Ok(merge_view())),
        "upgrade-unmerged" => merging(Err(AppError::new(
            ErrorKind::NotFound,
            "nginx 15.1.0 is not in the repository any more",
        ))),
        "upgrade-unknown" => {
            let plain = upgrade();
            Change {
                subject: Subject::Upgrade {
                    release: Box::new(samples::detail()),
                    versions: Vec::new(),
                    candidates: vec!["stable/nginx".to_owned(), "bitnami/nginx".to_owned()],
                    merge: None,
                },
                chart: None,
                defaults: None,
                ..plain
            }
        }
        _ => unreachable!("{name} is not in the list"),
    }
}

fn html(name: &str) -> String {
    Owner::new().with(|| page(name).into_body().html)
}

/// The values of the buttons that are offered.
fn buttons(name: &str) -> Vec<String> {
    let html = html(name);
    let buttons = html.split("<button").skip(1);
    let values = buttons.filter_map(|button| {
        let button = button.split('>').next()?;
        let (_, rest) = button.split_once("value=\"")?;
        Some(rest.split('"').next()?.to_owned())
    });
    values.collect()
}

#[test]
fn who_may_is_offered_to_do_it_and_nobody_else() {
    let rows: [(&str, &[&str]); 10] = [
        ("install", &["preview", "plan", "begin"]),
        ("install-visitor", &["preview", "plan"]),
        ("install-no-cluster", &["preview"]),
        ("install-nowhere", &["preview"]),
        ("install-plan", &["preview", "plan", "begin"]),
        ("install-prevented", &["preview", "plan"]),
        ("upgrade", &["edit", "preview", "plan", "begin"]),
        // Enter in a field sends the form with its first button, which decides nothing.
        (
            "upgrade-merge",
            &[
                "edit",
                "settle:0:service.httpPort",
                "settle:1:service.httpPort",
                "settle:2:service.httpPort",
                "settle:0:image.debug&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
                "settle:1:image.debug&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
                "settle:0:replicaCount",
                "settle:1:replicaCount",
                "preview",
                "plan",
                "begin",
            ],
        ),
        ("upgrade-unmerged", &["edit", "preview", "plan", "begin"]),
        ("upgrade-unknown", &["edit"]),
    ];
    for (name, want) in rows {
        assert_eq!(buttons(name), want, "{name}");
    }
    assert!(html("install-plan").contains("name=\"hash\""));
    assert!(!html("install-prevented").contains("name=\"hash\""));
}

#[test]
fn what_was_typed_is_there_again_as_text() {
    for name in PAGES {
        let html = html(name);
        assert!(!html.contains("<script"), "{name}");
        assert!(html.contains("name=\"form_token\""), "{name}");
    }
    let html = html("install-preview");
    assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;"), "{html}");
    assert!(html.contains("name=\"wait\" value=\"true\" checked"), "{html}");
    assert!(html.contains("team=shop"));
}

#[test]
fn a_wrong_field_says_so_at_its_place_and_on_top() {
    let html = html("install-wrong");
    let (_, field) = html.split_once("id=\"change-labels\"").expect("the field");
    assert!(field.contains("aria-invalid=\"true\""));
    assert!(html.contains("id=\"change-labels-error\""));
    assert!(html.contains("href=\"#change-labels\""));
    let options = html.split_once("id=\"change-options\"").expect("the options").1;
    let tag = options.split('>').next().unwrap_or_default();
    assert!(tag.contains("open"), "they are not folded: {tag}");
    let page = |name: &str| Owner::new().with(|| page(name).into_body());
    assert_eq!(page("install-wrong").status, 400);
    assert_eq!(page("install-taken").status, 409);
    assert!(
        page("install-taken")
            .html
            .contains("/releases/prod/shop/nginx-2/upgrade")
    );
}

#[test]
fn ids_are_used_once_labels_find_their_fields_and_headings_go_down_by_one() {
    for name in PAGES {
        let html = html(name);
        let values = |attribute: &str| -> Vec<String> {
            html.split(&format!(" {attribute}=\""))
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .map(str::to_owned)
                .collect()
        };
        let mut ids = values("id");
        for reference in ["for", "list", "aria-describedby", "aria-labelledby", "form"] {
            for id in values(reference).iter().flat_map(|ids| ids.split(' ')) {
                assert!(
                    ids.iter().any(|known| known == id),
                    "{name}: nothing is called {id}"
                );
            }
        }
        ids.sort();
        let n_ids = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), n_ids, "{name}: an id is used twice");
        let levels: Vec<u32> = html
            .split("<h")
            .skip(1)
            .filter_map(|rest| rest.chars().next()?.to_digit(10))
            .collect();
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{name}: h{} after h{}", pair[1], pair[0]);
        }
    }
}
