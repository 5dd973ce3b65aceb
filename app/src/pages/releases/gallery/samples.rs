//! Releases as the backend would give them: well, failed, stuck, out of reach, with long names.

use std::collections::BTreeMap;

use model::Timestamp;
use model::access::ReleaseRights;
use model::release::{
    AccessPoint, ClusterEvent, ClusterPart, ClusterProblem, ClusterSummary, Container, DamagedRecord, Origin,
    ReleaseDetail, ReleaseId, ReleaseList, ReleaseSource, ReleaseSummary, Resource, ResourceState, Resources,
    StatusGroup, Stuck,
};

use super::operations;
use crate::format::now;

pub(super) const NOTES: &str = "1. Get the application URL:\n\n  export POD=$(kubectl get pods -n shop -o name | head -1)\n  \
    echo \"Visit http://127.0.0.1:8080 to use your application\"\n  kubectl -n shop port-forward $POD 8080:80\n\n\
    2. Read more on https://example.com/docs/web (or ask).\n\n<script>alert(1)</script>\n";

const LONG: &str = "a-release-whose-name-is-as-long-as-helm-allows-it-to-be-53-ch";

pub(in crate::pages) fn ago(minutes: i64) -> Timestamp {
    Timestamp(now().0 - minutes * 60)
}

pub(in crate::pages) fn text(text: &str) -> String {
    text.to_owned()
}

pub(in crate::pages) fn id(name: &str) -> ReleaseId {
    ReleaseId {
        cluster: text("prod"),
        namespace: text("shop"),
        name: text(name),
    }
}

pub(in crate::pages) fn clusters(names: &[&str]) -> Vec<ClusterSummary> {
    let of = |name: &&str| ClusterSummary {
        name: text(name),
        default_namespace: text("default"),
    };
    names.iter().map(of).collect()
}

fn summary(name: &str, status: &str, description: &str) -> ReleaseSummary {
    ReleaseSummary {
        id: id(name),
        revision: 4,
        status: text(status),
        description: text(description),
        chart: text("nginx"),
        chart_version: text("15.4.2"),
        app_version: text("1.27.0"),
        updated: Some(ago(130)),
        by: Some(text("alice")),
        source: Some(ReleaseSource {
            repository: text("bitnami"),
            chart: text("nginx"),
            is_recorded: true,
            icon: None,
        }),
        newer_version: None,
        operation: None,
    }
}

fn summaries() -> Vec<ReleaseSummary> {
    let mut outdated = summary("web", "deployed", "Upgrade complete");
    outdated.newer_version = Some(text("16.0.1"));
    let mut failed = summary(
        "payments",
        "failed",
        "Upgrade \"payments\" failed: Deployment shop/payments is not ready: 0/1 nodes are available: insufficient memory",
    );
    failed.by = None;
    failed.source = None;
    let mut pending = summary("search", "pending-upgrade", "Preparing upgrade");
    pending.operation = Some(operations::running());
    let mut elsewhere = summary(LONG, "deployed", "Install complete");
    elsewhere.id.cluster = text("staging-eu-central");
    elsewhere.id.namespace = text("a-namespace-of-a-team-with-a-name");
    elsewhere.chart = text("kube-prometheus-stack");
    elsewhere.chart_version = text("58.7.2-rc.1+build.20260102");
    elsewhere.app_version = text("v0.73.2");
    elsewhere.by = Some(text("deployer-of-the-nightly-builds@example.com"));
    let mut gone = summary("old", "uninstalled", "Uninstallation complete");
    gone.revision = 112;
    gone.updated = None;
    vec![outdated, failed, pending, elsewhere, gone]
}

pub(in crate::pages) fn list() -> ReleaseList {
    ReleaseList {
        releases: summaries(),
        n_found: 5,
        page: 1,
        n_pages: 1,
        clusters: vec![
            ClusterPart {
                name: text("prod"),
                n_found: 4,
                namespaces: vec![text("shop"), text("search")],
                problems: Vec::new(),
                damaged: vec![DamagedRecord {
                    namespace: text("shop"),
                    name: text("legacy"),
                    revision: 3,
                    reason: text("the record is not gzip"),
                }],
            },
            ClusterPart {
                name: text("staging-eu-central"),
                n_found: 1,
                namespaces: vec![text("default")],
                problems: vec![problem()],
                damaged: Vec::new(),
            },
        ],
        status_counts: vec![
            (StatusGroup::Deployed, 2),
            (StatusGroup::Failed, 1),
            (StatusGroup::Pending, 1),
            (StatusGroup::Uninstalled, 1),
        ],
        n_outdated: 1,
    }
}

pub(in crate::pages) fn second_part() -> ReleaseList {
    ReleaseList {
        releases: summaries().into_iter().skip(1).take(1).collect(),
        n_found: 51,
        page: 2,
        n_pages: 2,
        ..list()
    }
}

pub(in crate::pages) fn forbidden() -> ReleaseList {
    ReleaseList {
        clusters: vec![ClusterPart {
            name: text("prod"),
            problems: vec![problem()],
            ..ClusterPart::default()
        }],
        ..ReleaseList::default()
    }
}

fn problem() -> ClusterProblem {
    ClusterProblem {
        message: text(
            "alice may not list secrets in all namespaces of this cluster; shown is what the namespaces shop and search have.",
        ),
        role_yaml: Some(text(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: chartroom-read-releases\nrules:\n  \
             - apiGroups: [\"\"]\n    resources: [\"secrets\"]\n    verbs: [\"get\", \"list\"]",
        )),
    }
}

pub(in crate::pages) fn detail() -> ReleaseDetail {
    let mut summary = summaries().remove(0);
    summary.description = text("Upgrade complete");
    ReleaseDetail {
        summary,
        first_deployed: Some(ago(60 * 24 * 90)),
        deployed_revision: Some(4),
        notes: text(NOTES),
        labels: BTreeMap::from([(text("team"), text("shop")), (text("tier"), text("front"))]),
        chart_description: text(
            "NGINX Open Source is a web server that can be also used as a reverse proxy.",
        ),
        origin: Some(Origin {
            revision: 4,
            repository: text("bitnami"),
            chart: text("nginx"),
            version: text("15.4.2"),
            digest: "0123456789abcdef".repeat(4),
            by: text("alice"),
            at: ago(130),
        }),
        rights: ReleaseRights {
            read: true,
            change: true,
            read_all_namespaces: false,
        },
        stuck: None,
        has_tests: true,
        record_size_bytes: 23_456,
        record_limit_bytes: 1_048_576,
    }
}

pub(in crate::pages) fn failed() -> ReleaseDetail {
    ReleaseDetail {
        summary: summaries().remove(1),
        deployed_revision: Some(3),
        origin: None,
        record_size_bytes: 1_012_345,
        ..detail()
    }
}

pub(in crate::pages) fn stuck() -> ReleaseDetail {
    let mut summary = summaries().remove(2);
    summary.operation = None;
    ReleaseDetail {
        summary,
        deployed_revision: Some(3),
        stuck: Some(Stuck {
            status: text("pending-upgrade"),
            since: Some(ago(190)),
            explanation: text(
                "helm began an upgrade and did not record how it ended; it was most likely interrupted. Rolling back to revision 3 brings the release to a definite state.",
            ),
        }),
        ..detail()
    }
}

/// Seen by somebody who may not change it.
pub(in crate::pages) fn long() -> ReleaseDetail {
    ReleaseDetail {
        summary: summaries().remove(3),
        rights: ReleaseRights {
            read: true,
            ..ReleaseRights::default()
        },
        ..detail()
    }
}

fn resource(kind: &str, name: &str, state: ResourceState, message: &str) -> Resource {
    Resource {
        api_version: text("apps/v1"),
        kind: text(kind),
        namespace: Some(text("shop")),
        name: text(name),
        state,
        message: text(message),
        created: Some(ago(130)),
        containers: Vec::new(),
        children: Vec::new(),
    }
}

fn container(name: &str, state: &str, is_ready: bool, n_restarts: i64) -> Container {
    Container {
        name: text(name),
        image: text("registry.example.com/shop/nginx:1.27.0-debian-12-r3"),
        is_init: name == "init",
        is_ready,
        state: text(state),
        n_restarts,
    }
}

fn deployment(pods: Vec<Resource>, state: ResourceState, message: &str) -> Resource {
    let set = Resource {
        children: pods,
        ..resource("ReplicaSet", "web-6d4cf56db6", state, message)
    };
    Resource {
        children: vec![set],
        ..resource("Deployment", "web", state, message)
    }
}

pub(in crate::pages) fn resources() -> Resources {
    let pod = |name: &str, state, message: &str, containers| Resource {
        containers,
        ..resource("Pod", name, state, message)
    };
    let pods = vec![
        pod(
            "web-6d4cf56db6-x7kqp",
            ResourceState::Ready,
            "running",
            vec![
                container("init", "terminated: Completed", false, 0),
                container("nginx", "running", true, 0),
            ],
        ),
        pod(
            "web-6d4cf56db6-9vbzt",
            ResourceState::Failed,
            "nginx: back-off pulling image <script>alert(1)</script>",
            vec![container("nginx", "waiting: ImagePullBackOff", false, 7)],
        ),
    ];
    Resources {
        state: Some(ResourceState::Failed),
        summary: text(
            "1 of 5 objects is not well: Deployment web has 1 of 2 replicas, an image cannot be pulled.",
        ),
        objects: vec![
            resource("Service", "web", ResourceState::Ready, "ClusterIP 10.0.12.7"),
            deployment(pods, ResourceState::Failed, "1 of 2 replicas ready"),
            resource(
                "PersistentVolumeClaim",
                "web-data",
                ResourceState::Progressing,
                "waits for its first consumer",
            ),
            resource(
                "Ingress",
                "web",
                ResourceState::Missing,
                "it is not in the cluster",
            ),
            Resource {
                namespace: None,
                ..resource(
                    "ClusterRole",
                    "shop-web-reader",
                    ResourceState::Unknown,
                    "may not be read",
                )
            },
        ],
        access: access(),
        events: events(),
        problems: Vec::new(),
    }
}

fn access() -> Vec<AccessPoint> {
    let point = |object: &str, url: Option<&str>, command: Option<&str>, note: &str| AccessPoint {
        object: text(object),
        url: url.map(text),
        command: command.map(text),
        note: text(note),
    };
    vec![
        point("Ingress shop/web", Some("https://shop.example.com/"), None, ""),
        point(
            "Ingress shop/bad",
            Some("javascript:alert(1)"),
            None,
            "an address that is none",
        ),
        point(
            "Service shop/web",
            None,
            Some("kubectl --namespace shop port-forward service/web 8080:80"),
            "",
        ),
        point(
            "Service shop/lb",
            None,
            None,
            "waits for the address of its load balancer",
        ),
    ]
}

fn events() -> Vec<ClusterEvent> {
    let event = |minutes, is_warning, reason: &str, message: &str, count| ClusterEvent {
        at: Some(ago(minutes)),
        is_warning,
        reason: text(reason),
        object: text("Pod shop/web-6d4cf56db6-9vbzt"),
        message: text(message),
        count,
    };
    vec![
        event(
            2,
            true,
            "BackOff",
            "Back-off pulling image \"registry.example.com/shop/nginx:1.27.0-debian-12-r3\"",
            42,
        ),
        event(
            129,
            false,
            "Scheduled",
            "Successfully assigned shop/web to node-3",
            1,
        ),
    ]
}

pub(in crate::pages) fn well() -> Resources {
    Resources {
        state: Some(ResourceState::Ready),
        summary: text("All 2 objects are well."),
        objects: vec![
            resource("Service", "web", ResourceState::Ready, "ClusterIP 10.0.12.7"),
            deployment(
                vec![resource("Pod", "web-1", ResourceState::Ready, "running")],
                ResourceState::Ready,
                "1 of 1 replica ready",
            ),
        ],
        ..Resources::default()
    }
}

pub(in crate::pages) fn unreachable() -> Resources {
    Resources {
        problems: vec![
            ClusterProblem {
                message: text(
                    "The cluster does not answer: connection refused. What is shown comes from the release's record.",
                ),
                role_yaml: None,
            },
            problem(),
        ],
        ..Resources::default()
    }
}
