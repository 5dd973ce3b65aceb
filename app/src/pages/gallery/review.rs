//! What is told of made-up charts without a cluster: what they render, what they consist of.

use model::install::{ExcerptLine, RenderProblem, RenderStage};
use model::review::{
    DependencyNode, DependencyTree, LineSource, Permission, RenderedChart, RenderedObject, Risk, RiskObject,
    RiskTopic, SubchartValues, Weight,
};

pub(super) fn rendered() -> RenderedChart {
    let object = |kind: &str, name: &str, line: Option<u32>, is_cluster_wide: bool| RenderedObject {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: (kind == "Service").then(|| "kube-system".to_owned()),
        is_cluster_wide,
        path: "nginx-ingress/templates/deployment.yaml".to_owned(),
        file: line.map(|_| "templates/deployment.yaml".to_owned()),
        line,
        events: if kind == "Job" {
            vec!["pre-install".to_owned()]
        } else {
            Vec::new()
        },
        images: vec!["registry.example.com/a-very-long-name-of-an-image/controller:1.2.3".to_owned()],
        yaml: format!("kind: {kind}\nmetadata:\n  name: {name}\n"),
        files: vec!["templates/deployment.yaml".to_owned()],
        lines: line.map_or_else(Vec::new, |line| {
            let source = LineSource { file: 0, line };
            vec![
                Some(source),
                None,
                Some(LineSource {
                    line: line + 2,
                    ..source
                }),
            ]
        }),
    };
    let risk = |rule: &str, topic, weight, text: &str| Risk {
        rule: rule.to_owned(),
        topic,
        weight,
        text: text.to_owned(),
        objects: vec![
            RiskObject {
                title: "ClusterRole nginx".to_owned(),
                file: Some("templates/clusterrole.yaml".to_owned()),
                line: Some(7),
            },
            RiskObject {
                title: "Deployment nginx".to_owned(),
                file: None,
                line: None,
            },
        ],
        n_more: 2,
    };
    RenderedChart {
        kubernetes_version: "v1.36.0".to_owned(),
        objects: vec![
            object("ClusterRole", "nginx", Some(4), true),
            object("Service", "nginx", None, false),
            object("Deployment", "nginx", Some(9), false),
            object(
                "Deployment",
                "a-name-that-is-much-longer-than-any-column-could-be-on-a-phone",
                Some(9),
                false,
            ),
            object("Job", "nginx-admission", Some(1), false),
        ],
        n_left_out: 3,
        images: vec!["registry.example.com/controller:1.2.3".to_owned()],
        risks: vec![
            risk(
                "a",
                RiskTopic::Permissions,
                Weight::High,
                "May read every Secret of the cluster.",
            ),
            risk(
                "b",
                RiskTopic::Network,
                Weight::Medium,
                "Opens a port on every node.",
            ),
            risk(
                "c",
                RiskTopic::Images,
                Weight::Low,
                "Runs images that may be other ones tomorrow: nginx.",
            ),
        ],
        permissions: vec![Permission {
            is_cluster_wide: true,
            group: "apps".to_owned(),
            resource: "deployments".to_owned(),
            names: vec!["web".to_owned()],
            verbs: vec!["get".to_owned(), "list".to_owned()],
        }],
        warnings: vec!["a warning".to_owned()],
        reason: None,
        problem: None,
    }
}

pub(super) fn dependencies() -> DependencyTree {
    let node = |name: &str, parent, is_enabled| DependencyNode {
        parent,
        name: name.to_owned(),
        chart: "common".to_owned(),
        range: "2.x.x".to_owned(),
        repository: "oci://registry.example.com/charts".to_owned(),
        condition: format!("{name}.enabled"),
        tags: vec!["base".to_owned()],
        is_enabled,
        reason: format!("`{name}.enabled` is {is_enabled}."),
        bundled: is_enabled.then(|| "2.1.0".to_owned()),
        known_repository: Some("bitnami".to_owned()),
        resolved: Some("2.9.0".to_owned()),
    };
    DependencyTree {
        nodes: vec![
            node("shared", None, true),
            node("a-name-that-is-longer-than-its-box", None, false),
            node("inner", Some(0), true),
        ],
        n_left_out: 1,
        values: vec![SubchartValues {
            path: "shared".to_owned(),
            file: "charts/common/values.yaml".to_owned(),
            html: "<span class=\"line\" id=\"L1\">a: 1\n</span>".to_owned(),
            n_lines: 1,
        }],
        problem: None,
    }
}

pub(super) fn not_rendered() -> RenderedChart {
    RenderedChart {
        reason: Some(
            "nginx/templates/a.yaml does not work with its default values: it is about `host`.".to_owned(),
        ),
        problem: Some(RenderProblem {
            stage: RenderStage::Template,
            message: "execution error at (a.yaml:1:2): a host is needed".to_owned(),
            template: Some("nginx/templates/a.yaml".to_owned()),
            excerpt: vec![ExcerptLine {
                number: 1,
                text: "a: {{ required \"a host is needed\" .Values.host }}".to_owned(),
            }],
            value: Some("host".to_owned()),
            values_line: None,
            is_over_budget: false,
        }),
        ..RenderedChart::default()
    }
}
