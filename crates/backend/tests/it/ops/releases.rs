//! Releases on a real API server, as users with different rights.
//!
//! `cargo xtask test cluster` starts the control plane and says where it is; without it these tests skip.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use backend::ops::{Begin, LogQuery};
use backend::settings::ClusterSettings;
use backend::{Bytes, Error, Settings, Viewer};
use futures_util::StreamExt as _;
use model::access::{Grant, Role};
use model::operation::{
    ChartReference, Happened, OperationEvent, OperationOptions, OperationRequest, OperationState,
    OperationSummary,
};
use model::plan::PlannedAction;
use model::release::{ObjectChange, ReleaseId, ReleaseQuery, ResourceState, StatusGroup};

use super::accounts::{admin, sign_in, with_user};
use crate::support::block_on;
use crate::support::upstream::Chart;
use crate::support::world::World;

/// A namespace of one test, and who may do what in it.
pub(super) struct Site {
    pub(super) world: World,
    pub(super) namespace: String,
    pub(super) alice: Viewer,
}

const TEMPLATE: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-settings
data:
  greeting: {{ .Values.greeting | quote }}
  version: {{ .Chart.Version | quote }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-password
stringData:
  password: {{ .Values.password | quote }}
{{- if .Values.stuck }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  selector:
    matchLabels: { app: {{ .Release.Name }} }
  template:
    metadata:
      labels: { app: {{ .Release.Name }} }
    spec:
      nodeSelector: { no-node: has-this }
      containers: [{ name: main, image: example.test/main }]
{{- end }}
";

fn charts() -> Vec<(String, Bytes)> {
    ["1.0.0", "1.1.0"]
        .map(|version| {
            let chart = Chart::new("web", version)
                .with_file("templates/deployment.yaml", TEMPLATE)
                .with_file("templates/NOTES.txt", "Greets with {{ .Values.greeting }}.")
                .with_file(
                    "values.yaml",
                    "greeting: hello\npassword: swordfish\nstuck: false\n",
                );
            (chart.file_name(), Bytes::from(chart.archive()))
        })
        .to_vec()
}

fn run_kubectl(args: &[&str]) -> Output {
    let kubeconfig = std::env::var_os("CHARTROOM_TEST_KUBECONFIG").expect("it is set");
    let program = std::env::var_os("CHARTROOM_TEST_KUBECTL").expect("it is set, too");
    let mut command = Command::new(program);
    let output = command.args(args).env("KUBECONFIG", kubeconfig).output();
    output.expect("kubectl runs")
}

fn kubectl(args: &[&str]) -> String {
    let output = run_kubectl(args);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {text}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(super) fn grant(role: Role, namespace: &str) -> Grant {
    Grant {
        role,
        cluster: Some("test".to_owned()),
        namespace: Some(namespace.to_owned()),
    }
}

impl Site {
    pub(super) async fn find(purpose: &str, max_operations: u32) -> Option<Self> {
        Self::find_with(purpose, |settings| {
            settings.releases.max_operations = max_operations;
        })
        .await
    }

    pub(super) async fn find_with(purpose: &str, change: impl FnOnce(&mut Settings)) -> Option<Self> {
        let Some(kubeconfig) = std::env::var_os("CHARTROOM_TEST_KUBECONFIG") else {
            eprintln!("skipped: CHARTROOM_TEST_KUBECONFIG is not set; `cargo xtask test cluster` sets it");
            return None;
        };
        let namespace = format!("backend-{purpose}-{}", std::process::id());
        kubectl(&["create", "namespace", &namespace]);
        let kubernetes_name = format!("alice-{namespace}");
        let user = format!("--user={kubernetes_name}");
        kubectl(&[
            "create",
            "rolebinding",
            "alice",
            "--clusterrole=admin",
            &user,
            "-n",
            &namespace,
        ]);
        let world = World::with(|settings| {
            settings.samples = Some(charts());
            settings.clusters = vec![ClusterSettings {
                name: "test".to_owned(),
                kubeconfig: Some(PathBuf::from(kubeconfig)),
                ..ClusterSettings::default()
            }];
            change(settings);
        })
        .await;
        admin(&world).await;
        with_user(&world, &kubernetes_name, &[grant(Role::Operator, &namespace)]).await;
        let alice = sign_in(&world, &kubernetes_name).await;
        Some(Self {
            world,
            namespace,
            alice,
        })
    }

    pub(super) fn id(&self, name: &str) -> ReleaseId {
        ReleaseId {
            cluster: "test".to_owned(),
            namespace: self.namespace.clone(),
            name: name.to_owned(),
        }
    }

    async fn begin(&self, name: &str, request: &OperationRequest) -> Result<OperationSummary, Error> {
        let operations = self.world.backend.operations();
        operations
            .begin(&self.alice, &self.id(name), request, &Begin::default())
            .await
    }

    /// Follows an operation to its end.
    async fn end(&self, operation: &OperationSummary) -> (OperationSummary, Vec<OperationEvent>) {
        let operations = self.world.backend.operations();
        let events = operations.follow(&self.alice, &operation.id, 0).await;
        let events: Vec<OperationEvent> = events.expect("it is seen").collect().await;
        // The stream ends with the operation, unless that takes minutes.
        let ended = operations.get(&self.alice, &operation.id).await;
        (ended.expect("it is there"), events)
    }

    pub(super) async fn done(&self, name: &str, request: &OperationRequest) -> OperationSummary {
        let operation = self.begin(name, request).await.expect("it begins");
        let (ended, events) = self.end(&operation).await;
        assert_eq!(ended.state, OperationState::Succeeded, "{ended:?} {events:#?}");
        ended
    }
}

pub(super) fn chart(version: &str) -> ChartReference {
    ChartReference {
        repository: "samples".to_owned(),
        name: "web".to_owned(),
        version: Some(version.to_owned()),
    }
}

pub(super) fn install(values: &str) -> OperationRequest {
    OperationRequest::Install {
        chart: chart("1.0.0"),
        values: values.to_owned(),
        options: OperationOptions::default(),
    }
}

fn upgrade(version: Option<&str>, values: &str) -> OperationRequest {
    OperationRequest::Upgrade {
        chart: version.map(chart),
        values: values.to_owned(),
        options: OperationOptions::default(),
    }
}

pub(super) const TYPED: &str = "# For the team\ngreeting: good morning\n";

#[test]
fn a_right_that_is_taken_back_ends_a_followed_list_at_once() {
    block_on(async {
        let Some(site) = Site::find("withdrawn", 1).await else {
            return;
        };
        site.done("web", &install("")).await;
        let releases = site.world.backend.releases();
        let list = async || {
            releases
                .list(&site.alice, &ReleaseQuery::default())
                .await
                .expect("an answer")
        };
        assert_eq!(list().await.n_found, 1);
        kubectl(&["delete", "rolebinding", "alice", "-n", &site.namespace]);
        // The API server itself learns of it a moment later.
        let user = format!("--as={}", site.alice.kubernetes_user().expect("a name"));
        let asked = ["auth", "can-i", "list", "secrets", "-n", &site.namespace, &user];
        // It ends with 1 where the answer is no.
        while run_kubectl(&asked).status.success() {
            std::thread::yield_now();
        }
        let withdrawn = list().await;
        assert_eq!(withdrawn.n_found, 0, "{withdrawn:#?}");
        let problem = &withdrawn.clusters[0].problems[0];
        assert!(
            problem.message.contains("no right to list secrets"),
            "{problem:?}"
        );
        assert!(problem.role_yaml.is_some(), "{problem:?}");
    });
}

#[test]
fn a_release_is_planned_made_read_changed_and_removed() {
    block_on(async {
        let Some(site) = Site::find("life", 4).await else {
            return;
        };
        let (backend, alice, id) = (&site.world.backend, &site.alice, site.id("web"));
        let releases = backend.releases();

        // A plan, and exactly that.
        let request = install(TYPED);
        let plan = releases.plan(alice, &id, &request).await.expect("it is planned");
        assert!(!plan.is_prevented, "{plan:#?}");
        let actions: Vec<_> = plan
            .objects
            .iter()
            .map(|object| (object.kind.as_str(), object.action))
            .collect();
        let create = PlannedAction::Create;
        assert_eq!(actions, [("Secret", create), ("ConfigMap", create)]);
        assert!(
            !format!("{plan:?}").contains("swordfish"),
            "nothing of a Secret is shown"
        );
        let begin = Begin {
            plan_hash: Some(plan.hash.clone()),
            idempotency_key: Some("first".to_owned()),
        };
        let operation = backend.operations().begin(alice, &id, &request, &begin).await;
        let operation = operation.expect("it begins");
        let (ended, events) = site.end(&operation).await;
        assert_eq!(
            (ended.state, ended.revision),
            (OperationState::Succeeded, Some(1)),
            "{ended:?}"
        );
        let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
        assert_eq!(numbers, (1..=events.len() as i64).collect::<Vec<_>>());
        assert!(
            events
                .iter()
                .any(|event| event.what == Happened::Recorded { revision: 1 })
        );
        let is_created = |event: &OperationEvent| matches!(&event.what, Happened::Object { object, .. } if object.starts_with("ConfigMap "));
        assert!(events.iter().any(is_created), "{events:#?}");
        assert!(!format!("{events:?}").contains("swordfish"));

        // The same request again is the same operation; another with the same word is none.
        let again = backend.operations().begin(alice, &id, &request, &begin).await;
        assert_eq!(again.expect("it is known").id, operation.id);
        let other = backend.operations().begin(alice, &id, &install(""), &begin).await;
        assert!(matches!(other, Err(Error::Conflict { .. })), "{other:?}");

        // Found and read.
        let query = ReleaseQuery::default();
        let list = releases.list(alice, &query).await.expect("it lists");
        let [found] = list.releases.as_slice() else {
            panic!("one release: {list:#?}");
        };
        assert_eq!(
            (found.id.clone(), found.status.as_str()),
            (id.clone(), "deployed")
        );
        assert_eq!(found.by.as_deref(), alice.name());
        assert_eq!(found.newer_version.as_deref(), Some("1.1.0"));
        let source = found.source.as_ref().expect("it is recorded");
        assert!(source.is_recorded && source.repository == "samples");
        assert_eq!(
            (list.n_outdated, list.clusters[0].problems.len()),
            (1, 0),
            "{list:#?}"
        );
        for (query, want) in [
            (
                ReleaseQuery {
                    status: Some(StatusGroup::Failed),
                    ..query.clone()
                },
                0,
            ),
            (
                ReleaseQuery {
                    q: "WEB".to_owned(),
                    outdated: true,
                    ..query.clone()
                },
                1,
            ),
            (
                ReleaseQuery {
                    q: "other".to_owned(),
                    ..query.clone()
                },
                0,
            ),
        ] {
            assert_eq!(
                releases.list(alice, &query).await.expect("it lists").n_found,
                want,
                "{query:?}"
            );
        }
        let detail = releases.get(alice, &id).await.expect("it is there");
        assert_eq!(detail.notes, "Greets with good morning.");
        assert_eq!(detail.deployed_revision, Some(1));
        assert!(detail.rights.change && detail.stuck.is_none());
        assert_eq!(detail.origin.expect("it is recorded").version, "1.0.0");
        let values = releases.values(alice, &id, None).await.expect("they are there");
        assert!(values.is_as_typed && values.user == TYPED, "{values:?}");
        assert!(values.computed.contains("password: swordfish"));
        let manifest = releases.manifest(alice, &id, None).await.expect("it is there");
        assert_eq!(manifest.objects.len(), 2);
        assert!(!format!("{manifest:?}").contains("swordfish"));

        // Upgraded: the chart is known, and so are the values; and back.
        let ended = site.done("web", &upgrade(Some("1.1.0"), "")).await;
        assert_eq!(ended.revision, Some(2));
        let values = releases.values(alice, &id, None).await.expect("they are there");
        assert!(values.is_as_typed && values.user == TYPED, "{values:?}");
        let compared = releases.compare(alice, &id, 1, 2).await.expect("it compares");
        assert_eq!(
            compared.chart,
            Some(("web 1.0.0".to_owned(), "web 1.1.0".to_owned()))
        );
        assert_eq!(
            (compared.objects.len(), compared.n_equal_objects),
            (1, 1),
            "{compared:#?}"
        );
        assert_eq!(compared.objects[0].change, ObjectChange::Changed);
        assert_eq!(compared.values.hunks, []);
        let ended = site
            .done("web", &upgrade(None, "greeting: hi\npassword: pike\n"))
            .await;
        assert_eq!(ended.revision, Some(3));
        let compared = releases.compare(alice, &id, 2, 3).await.expect("it compares");
        assert_eq!(
            compared.objects.len(),
            2,
            "that data of a Secret differ is told: {compared:#?}"
        );
        assert!(!format!("{:?}", compared.objects).contains("pike"));
        let back = OperationRequest::Rollback {
            revision: Some(1),
            options: OperationOptions::default(),
        };
        let plan = releases.plan(alice, &id, &back).await.expect("it is planned");
        assert!(
            plan.objects
                .iter()
                .any(|object| object.action == PlannedAction::Change)
        );
        assert_eq!(site.done("web", &back).await.revision, Some(4));
        let history = releases.history(alice, &id).await.expect("it is there");
        let revisions: Vec<_> = history
            .revisions
            .iter()
            .map(|revision| (revision.revision, revision.chart_version.as_str()))
            .collect();
        assert_eq!(
            revisions,
            [(4, "1.0.0"), (3, "1.1.0"), (2, "1.1.0"), (1, "1.0.0")]
        );
        assert!(
            history
                .revisions
                .iter()
                .all(|revision| revision.by.as_deref() == alice.name())
        );

        // Live, and what somebody changes by hand.
        let live = releases.resources(alice, &id).await.expect("they are seen");
        assert_eq!(live.state, Some(ResourceState::Ready), "{live:#?}");
        let drift = releases.drift(alice, &id).await.expect("it is seen");
        assert_eq!((drift.objects.len(), drift.n_equal), (0, 2), "{drift:#?}");
        kubectl(&[
            "patch",
            "configmap",
            "web-settings",
            "-n",
            &site.namespace,
            "-p",
            r#"{"data":{"greeting":"go away"}}"#,
        ]);
        let drift = releases.drift(alice, &id).await.expect("it is seen");
        assert_eq!(drift.objects.len(), 1);
        assert_eq!(drift.objects[0].fields[0].path, "data.greeting");

        // A plan that was overtaken is not applied.
        let forced = |values: &str| OperationRequest::Upgrade {
            chart: None,
            values: values.to_owned(),
            options: OperationOptions {
                force_conflicts: true,
                ..OperationOptions::default()
            },
        };
        let refused = site
            .begin("web", &upgrade(None, "greeting: planned\n"))
            .await
            .expect("it begins");
        let (refused, _) = site.end(&refused).await;
        assert!(
            refused.message.contains("conflict with \"kubectl-patch\""),
            "{refused:?}"
        );
        let request = forced("greeting: planned\n");
        let plan = releases.plan(alice, &id, &request).await.expect("it is planned");
        site.done("web", &forced("greeting: faster\n")).await;
        let begin = Begin {
            plan_hash: Some(plan.hash),
            idempotency_key: None,
        };
        let late = backend
            .operations()
            .begin(alice, &id, &request, &begin)
            .await
            .expect("it is kept");
        let (late, _) = site.end(&late).await;
        assert_eq!(late.state, OperationState::Failed);
        assert!(late.message.contains("outdated"), "{late:?}");
        let invented = Begin {
            plan_hash: Some("0".repeat(64)),
            idempotency_key: None,
        };
        let invented = backend.operations().begin(alice, &id, &request, &invented).await;
        assert!(
            matches!(invented, Err(Error::PlanOutdated { .. })),
            "{invented:?}"
        );

        let uninstall = OperationRequest::Uninstall {
            options: OperationOptions::default(),
        };
        site.done("web", &uninstall).await;
        assert!(matches!(
            releases.get(alice, &id).await,
            Err(Error::NotFound { .. })
        ));
        let mut changes = 0;
        while releases.list(alice, &query).await.expect("it lists").n_found > 0 {
            // The list is told by the cluster, in its own time.
            changes += 1;
            assert!(changes < 500, "the release leaves the list");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let left = kubectl(&["get", "secrets,configmaps", "-n", &site.namespace, "-o", "name"]);
        assert!(
            !left.contains("web") || left.contains("chartroom.origin"),
            "{left}"
        );
    });
}

#[test]
fn of_one_release_one_operation_at_a_time() {
    block_on(async {
        let Some(site) = Site::find("turns", 1).await else {
            return;
        };
        let operations = site.world.backend.operations();
        let waiting = OperationRequest::Install {
            chart: chart("1.0.0"),
            values: "stuck: true\n".to_owned(),
            options: OperationOptions {
                wait: true,
                timeout_secs: 600,
                ..OperationOptions::default()
            },
        };
        let first = site.begin("first", &waiting).await.expect("it begins");
        // The only turn is taken: this one waits, and holds its release.
        let second = site.begin("second", &install("")).await.expect("it is accepted");
        let busy = site.begin("second", &install("greeting: x\n")).await;
        match busy {
            Err(Error::ReleaseBusy { operation, .. }) => {
                assert_eq!(operation.as_deref(), Some(second.id.as_str()));
            }
            other => panic!("{other:?}"),
        }
        let reason = site
            .world
            .backend
            .operations()
            .follow(&site.alice, &first.id, 0)
            .await
            .expect("it is seen")
            .filter_map(|event| async move {
                match event.what {
                    Happened::Waiting { object, .. } => object,
                    _ => None,
                }
            })
            .boxed()
            .next()
            .await;
        assert_eq!(reason, Some(format!("Deployment {}/first", site.namespace)));
        operations
            .cancel(&site.alice, &first.id)
            .await
            .expect("it is told");
        let (first, _) = site.end(&first).await;
        assert_eq!(first.state, OperationState::Canceled, "{first:?}");
        let (second, _) = site.end(&second).await;
        assert_eq!(second.state, OperationState::Succeeded, "{second:?}");
        let ended = operations.cancel(&site.alice, &second.id).await;
        assert!(matches!(ended, Err(Error::Conflict { .. })), "{ended:?}");
        let detail = site
            .world
            .backend
            .releases()
            .get(&site.alice, &site.id("first"))
            .await;
        assert_eq!(detail.expect("it is recorded").summary.status, "failed");
    });
}

#[test]
fn rights_are_those_of_the_user_everywhere() {
    block_on(async {
        let Some(site) = Site::find("rights", 4).await else {
            return;
        };
        let backend = &site.world.backend;
        site.done("web", &install("")).await;
        let id = site.id("web");
        // Bob may look, here and in the cluster; Carol's role allows everything and the cluster nothing; Dave's is elsewhere.
        let bob_name = format!("bob-{}", site.namespace);
        let user = format!("--user={bob_name}");
        let namespace = site.namespace.as_str();
        kubectl(&[
            "create",
            "rolebinding",
            "bob",
            "--clusterrole=admin",
            &user,
            "-n",
            namespace,
        ]);
        with_user(&site.world, &bob_name, &[grant(Role::Viewer, namespace)]).await;
        with_user(&site.world, "carol", &[grant(Role::Operator, namespace)]).await;
        with_user(&site.world, "dave", &[grant(Role::Operator, "elsewhere")]).await;
        let bob = sign_in(&site.world, &bob_name).await;
        let carol = sign_in(&site.world, "carol").await;
        let dave = sign_in(&site.world, "dave").await;
        let (releases, operations) = (backend.releases(), backend.operations());
        let request = upgrade(None, "greeting: x\n");
        let begin = Begin::default();
        let done = operations
            .of_release(&site.alice, &id)
            .await
            .expect("they are seen");
        let query = ReleaseQuery::default();
        let log = LogQuery {
            pod: "etcd".to_owned(),
            container: "main".to_owned(),
            ..LogQuery::default()
        };

        assert!(releases.get(&bob, &id).await.is_ok());
        assert!(operations.get(&bob, &done[0].id).await.is_ok());
        assert!(
            matches!(releases.log(&bob, &id, &log).await, Err(Error::NotFound { .. })),
            "no pod of the release"
        );
        for answer in [
            releases.plan(&bob, &id, &request).await.map(drop),
            operations.begin(&bob, &id, &request, &begin).await.map(drop),
            operations.cancel(&bob, &done[0].id).await.map(drop),
        ] {
            assert!(matches!(answer, Err(Error::Forbidden { .. })), "{answer:?}");
        }

        // What her role allows, the cluster does not: it says so, with the role that she lacks.
        match releases.get(&carol, &id).await {
            Err(Error::MissingRights { message, role_yaml }) => {
                assert!(
                    message.contains("secrets") && message.contains(namespace),
                    "{message}"
                );
                assert!(
                    role_yaml.contains("kind: Role") && role_yaml.contains("carol"),
                    "{role_yaml}"
                );
            }
            other => panic!("{other:?}"),
        }
        let list = releases.list(&carol, &query).await.expect("it lists");
        assert_eq!(list.n_found, 0);
        assert!(list.clusters[0].problems[0].role_yaml.is_some(), "{list:#?}");
        let begun = operations
            .begin(&carol, &site.id("mine"), &install(""), &begin)
            .await;
        let begun = begun.expect("it is accepted");
        let mut events = operations.follow(&carol, &begun.id, 0).await.expect("it is seen");
        while events.next().await.is_some() {}
        let failed = operations.get(&carol, &begun.id).await.expect("it is seen");
        assert_eq!(failed.state, OperationState::Failed, "{failed:?}");
        assert!(failed.message.contains("no right to"), "{failed:?}");

        // What is none of his business does not exist for him.
        assert!(matches!(
            releases.get(&dave, &id).await,
            Err(Error::Forbidden { .. })
        ));
        assert!(matches!(
            operations.get(&dave, &done[0].id).await,
            Err(Error::NotFound { .. })
        ));
        assert_eq!(releases.list(&dave, &query).await.expect("it lists").n_found, 0);
        for answer in [
            releases.list(&Viewer::anonymous(), &query).await.map(drop),
            releases.get(&Viewer::anonymous(), &id).await.map(drop),
            releases.clusters(&Viewer::anonymous()).map(drop),
            operations.get(&Viewer::anonymous(), &done[0].id).await.map(drop),
        ] {
            assert!(matches!(answer, Err(Error::Unauthenticated { .. })), "{answer:?}");
        }
        let audit = backend
            .audit()
            .list(&Viewer::system(), None, Some(&bob_name))
            .await;
        let refused: Vec<String> = audit
            .expect("it reads")
            .entries
            .into_iter()
            .map(|entry| entry.action)
            .collect();
        assert!(refused.contains(&"release.upgrade".to_owned()), "{refused:?}");
    });
}

#[test]
fn a_cluster_that_is_down_is_told_in_its_own_part() {
    block_on(async {
        let world = World::with(|settings| {
            settings.clusters = vec![ClusterSettings {
                name: "away".to_owned(),
                kubeconfig: Some("/nowhere/kubeconfig".into()),
                ..ClusterSettings::default()
            }];
        })
        .await;
        let admin = admin(&world).await;
        let releases = world.backend.releases();
        let list = releases
            .list(&admin, &ReleaseQuery::default())
            .await
            .expect("it lists");
        assert_eq!(
            (list.n_found, list.clusters[0].problems.len()),
            (0, 1),
            "{list:?}"
        );
        let id = ReleaseId {
            cluster: "away".to_owned(),
            namespace: "a".to_owned(),
            name: "b".to_owned(),
        };
        let one = releases.get(&admin, &id).await;
        assert!(matches!(one, Err(Error::Unavailable { .. })), "{one:?}");
        assert!(world.backend.ready().await.is_ok());
    });
}
