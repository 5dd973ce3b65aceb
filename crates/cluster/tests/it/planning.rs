//! Plans beside what their operations then do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::{
    Action, Applied, Cluster, Conflict, Context, Error, Event, Install, Observer, Plan, PlanWarning,
    PlannedObject, Rollback, ServerSide, Settings, Shown, Silent, Subject, Uninstall, Upgrade, role_yaml,
};
use engine::{FnError, Host};
use helm::chart::{Chart, ChartFile};
use helm::render::PreparedChart;
use serde_json::{Value, json};

use crate::changing::values;
use crate::outage::{ClusterIsUp, alone};
use crate::setup::Setup;

/// A world in which chance has no memory.
struct Dice(AtomicU8);

impl Host for Dice {
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn context<'a>(cluster: &Cluster, observer: &'a dyn Observer) -> Context<'a> {
    Context::new(cluster, Arc::new(Dice(AtomicU8::new(0))), observer)
}

const PASSWORD: &str = "correct-horse-battery";

const OBJECTS: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}-config" }
data: { greeting: {{ .Values.greeting | quote }}, fixed: "1" }
---
apiVersion: v1
kind: Secret
metadata: { name: "{{ .Release.Name }}-secret" }
stringData: { password: {{ .Values.password | quote }}, user: admin-user }
---
apiVersion: v1
kind: Service
metadata: { name: "{{ .Release.Name }}" }
spec:
  selector: { app: web }
  ports: [{ name: http, port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Values.app }} } }
  template:
    metadata: { labels: { app: {{ .Values.app }} } }
    spec:
      containers:
        - name: main
          image: example.org/main:1
          {{- with .Values.environment }}
          env: {{ toYaml . | nindent 12 }}
          {{- end }}
{{- range .Values.more }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.Release.Name }}-{{ . }}
  {{- if hasPrefix "kept" . }}
  annotations: { helm.sh/resource-policy: keep }
  {{- end }}
data: { token: "{{ if $.Values.random }}{{ randAlphaNum 20 }}{{ end }}" }
{{- end }}
"#;

const HOOKS: &str = r#"
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-first
  annotations: { helm.sh/hook: "pre-install,pre-upgrade,pre-rollback", helm.sh/hook-weight: "3" }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: main, image: "example.org/hook:1" }]
"#;

const VALUES: &str = "greeting: hello\npassword: correct-horse-battery\nreplicas: 1\napp: web\nmore: []\nrandom: false\nenvironment: []\n";

fn chart(more: &[(&str, &str)]) -> Arc<PreparedChart> {
    let always = [
        ("Chart.yaml", "apiVersion: v2\nname: planned\nversion: 1.0.0\n"),
        ("values.yaml", VALUES),
        ("templates/NOTES.txt", "Visit {{ .Release.Name }}."),
        ("templates/objects.yaml", OBJECTS),
        ("templates/hooks.yaml", HOOKS),
    ];
    let files = always
        .iter()
        .chain(more)
        .map(|(path, text)| ChartFile::new(*path, text.as_bytes().to_vec()))
        .collect();
    Arc::new(PreparedChart::new(Chart::from_files(files).unwrap()))
}

fn install(setup: &Setup, given: Value) -> Install {
    Install {
        create_namespace: true,
        timeout: Duration::from_secs(60),
        ..Install::new("app", &setup.namespace, chart(&[]), values(given))
    }
}

fn upgrade(setup: &Setup, given: Value) -> Upgrade {
    Upgrade {
        timeout: Duration::from_secs(60),
        ..Upgrade::new("app", &setup.namespace, chart(&[]), values(given))
    }
}

/// `ConfigMap app-config` and the like, with what becomes of each.
fn actions(plan: &Plan) -> BTreeMap<String, Action> {
    let objects = plan.objects.iter();
    objects
        .map(|object| {
            (
                format!("{} {}", object.place.kind, object.place.name),
                object.action.clone(),
            )
        })
        .collect()
}

fn object<'p>(plan: &'p Plan, kind: &str, name: &str) -> &'p PlannedObject {
    let mut objects = plan.objects.iter();
    objects
        .find(|object| object.place.kind == kind && object.place.name == name)
        .unwrap()
}

/// Every object of a namespace with its version.
fn versions(setup: &Setup) -> String {
    let of = |kinds: &str, field: &str| {
        let template =
            format!("{{range .items[*]}}{{.kind}}/{{.metadata.name}}={{.metadata.{field}}} {{end}}");
        setup.kubectl(&["get", kinds, "--output", &format!("jsonpath={template}")])
    };
    // Controllers write the status of some of them, and make more below them, whenever they come to it.
    let written_by_us = of("configmaps,secrets,services,roles", "resourceVersion");
    written_by_us + &of("jobs,deployments", "generation")
}

#[derive(Default)]
struct Created(Mutex<BTreeSet<String>>);

impl Observer for Created {
    fn event(&self, event: Event<'_>) {
        if let Event::Created(place) = event {
            let name = format!("{} {}", place.kind, place.name);
            self.0.lock().unwrap().insert(name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_creates_what_its_plan_showed() {
    // It brings a kind, which outdates the plans of others.
    let _alone = alone().await;
    let Some(setup) = Setup::find("planned") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let group = format!("planned{}.example.org", std::process::id());
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("shops.{group}") },
        "spec": {
            "group": group, "scope": "Namespaced", "names": { "plural": "shops", "kind": "Shop" },
            "versions": [{ "name": "v1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object" } } }],
        },
    });
    let shop = format!("apiVersion: {group}/v1\nkind: Shop\nmetadata: {{ name: corner }}\n");
    let install = Install {
        chart: chart(&[
            ("crds/shop.yaml", &definition.to_string()),
            ("templates/shop.yaml", &shop),
        ]),
        ..install(&setup, json!({}))
    };
    let created = Created::default();
    let context = context(&cluster, &created);
    let plan = install.plan(&context).await.unwrap();

    // Planning has created nothing.
    let namespaces = setup.kubectl(&["get", "namespaces", "--output", "name"]);
    assert!(!namespaces.contains(&setup.namespace));
    assert!(
        !setup
            .kubectl(&["get", "crds", "--output", "name"])
            .contains(&group)
    );
    assert!(created.0.lock().unwrap().is_empty());

    assert!(!plan.is_prevented(), "{plan:?}");
    assert_eq!((plan.revision, plan.from_revision), (1, None));
    assert_eq!(plan.notes, "Visit app.");
    let hooks: Vec<_> = plan
        .hooks
        .iter()
        .map(|hook| (hook.event, hook.name.as_str(), hook.weight, hook.exists))
        .collect();
    assert_eq!(hooks, [("pre-install", "app-first", 3, Some(false))]);
    assert!(plan.warnings.contains(&PlanWarning::NamespaceCreated {
        namespace: setup.namespace.clone()
    }));
    assert!(plan.objects.iter().all(|object| object.action == Action::Create));
    assert_eq!(install.plan(&context).await.unwrap().hash, plan.hash);

    install.run(&context).await.unwrap();
    let mut created = created.0.into_inner().unwrap();
    assert!(created.remove("Job app-first"));
    let planned: BTreeSet<String> = actions(&plan).into_keys().collect();
    assert_eq!(planned, created);
    setup.kubectl(&["delete", "crd", &format!("shops.{group}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_shows_each_field_in_three_states() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("three-states") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    install(&setup, json!({ "more": ["gone", "kept"] }))
        .run(&context)
        .await
        .unwrap();
    let patch = r#"{"data":{"greeting":"theirs","own":"x"}}"#;
    setup.kubectl(&[
        "patch",
        "configmap",
        "app-config",
        "--patch",
        patch,
        "--field-manager",
        "somebody",
    ]);
    let before = versions(&setup);
    let changed = json!({ "greeting": "hi", "password": "new-staple", "replicas": 2, "more": ["new"] });
    let plan = upgrade(&setup, changed.clone()).plan(&context).await.unwrap();
    assert_eq!(versions(&setup), before);

    assert_eq!((plan.revision, plan.from_revision), (2, Some(1)));
    let expected = [
        ("ConfigMap app-config", Action::Change),
        ("ConfigMap app-gone", Action::Delete),
        ("ConfigMap app-kept", Action::Keep),
        ("ConfigMap app-new", Action::Create),
        ("Deployment app", Action::Change),
        ("Secret app-secret", Action::Change),
        ("Service app", Action::Unchanged),
    ];
    let expected: BTreeMap<String, Action> = expected
        .into_iter()
        .map(|(name, action)| (name.to_owned(), action))
        .collect();
    assert_eq!(actions(&plan), expected);

    // What somebody else changed stands beside what was applied, and is theirs.
    let config = object(&plan, "ConfigMap", "app-config");
    let value = |text: &str| Some(Shown::Value(text.into()));
    assert_eq!(config.fields.len(), 1, "{config:?}");
    assert_eq!(config.fields[0].path, "/data/greeting");
    assert_eq!(config.fields[0].applied, value("hello"));
    assert_eq!(config.fields[0].live, value("theirs"));
    assert_eq!(config.fields[0].proposed, value("hi"));
    let conflict = Conflict {
        manager: "somebody".to_owned(),
        fields: vec!["data.greeting".to_owned()],
    };
    assert_eq!(config.conflicts, [conflict]);
    assert!(plan.is_prevented());
    let deployment = object(&plan, "Deployment", "app");
    assert_eq!(deployment.fields.len(), 1, "{deployment:?}");
    assert_eq!(deployment.fields[0].path, "/spec/replicas");

    // A Secret is compared and not shown.
    let secret = object(&plan, "Secret", "app-secret");
    assert_eq!(secret.fields.len(), 1);
    assert_eq!(secret.fields[0].path, "/data/password");
    assert_eq!(
        secret.fields[0].live,
        Some(Shown::Redacted { same_as_live: true })
    );
    assert_eq!(
        secret.fields[0].proposed,
        Some(Shown::Redacted { same_as_live: false })
    );
    let texts = format!("{} {plan:?}", serde_json::to_string(&plan).unwrap());
    for text in [PASSWORD, "new-staple", "admin-user"] {
        assert!(
            !texts.contains(text) && !texts.contains(&STANDARD.encode(text)),
            "{text}"
        );
    }
    assert!(plan.manifest.contains("greeting: \"hi\""), "{}", plan.manifest);

    // As planned, once the conflict is decided.
    let forcing = Upgrade {
        force_conflicts: true,
        ..upgrade(&setup, changed)
    };
    let plan = forcing.plan(&context).await.unwrap();
    assert!(!plan.is_prevented(), "{plan:?}");
    let Applied::Release(release) = plan.apply(&context).await.unwrap() else {
        panic!()
    };
    assert_eq!(release.revision, 2);
    let names = setup.kubectl(&["get", "configmaps", "--output", "name"]);
    assert!(
        names.contains("app-new") && names.contains("app-kept") && !names.contains("app-gone"),
        "{names}"
    );

    // Back again, and away.
    let rollback = Rollback {
        revision: Some(1),
        force_conflicts: true,
        ..Rollback::new("app", &setup.namespace)
    };
    let plan = rollback.plan(&context).await.unwrap();
    let planned = actions(&plan);
    assert_eq!(planned["ConfigMap app-new"], Action::Delete);
    assert_eq!(planned["ConfigMap app-gone"], Action::Create);
    assert_eq!(planned["ConfigMap app-kept"], Action::Adopt);
    assert_eq!(planned["Secret app-secret"], Action::Change);
    assert_eq!(planned["Service app"], Action::Unchanged);
    plan.apply(&context).await.unwrap();
    setup.kubectl(&[
        "annotate",
        "service",
        "app",
        "meta.helm.sh/release-name=other",
        "--overwrite",
    ]);
    let plan = Uninstall::new("app", &setup.namespace)
        .plan(&context)
        .await
        .unwrap();
    let planned = actions(&plan);
    assert_eq!(planned["Deployment app"], Action::Delete);
    assert_eq!(planned["ConfigMap app-kept"], Action::Keep);
    assert_eq!(planned["Service app"], Action::Keep);
    assert!(object(&plan, "Service", "app").problem.is_some());
    let Applied::Uninstalled(done) = plan.apply(&context).await.unwrap() else {
        panic!()
    };
    assert!(done.kept.contains("[Service] app"), "{}", done.kept);
    assert_eq!(setup.kubectl(&["get", "deployments", "--output", "name"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_field_cannot_be_changed_in_place() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("fixed-field") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    install(&setup, json!({})).run(&context).await.unwrap();
    let upgrade = upgrade(&setup, json!({ "app": "shop" }));
    let plan = upgrade.plan(&context).await.unwrap();
    let deployment = object(&plan, "Deployment", "app");
    let fields = vec!["spec.selector".to_owned()];
    assert_eq!(deployment.action, Action::Recreate { fields });
    assert!(
        deployment
            .problem
            .as_ref()
            .unwrap()
            .contains("field is immutable")
    );
    let paths: Vec<&str> = deployment
        .fields
        .iter()
        .map(|field| field.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "/spec/selector/matchLabels/app",
            "/spec/template/metadata/labels/app"
        ]
    );
    assert!(plan.is_prevented());
    let error = upgrade.run(&context).await.unwrap_err().chain();
    assert!(error.contains("field is immutable"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_applied_as_shown_or_not_at_all() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("as-shown") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);

    // What templates make by chance is made once.
    let random = json!({ "more": ["random"], "random": true });
    let token = |setup: &Setup| {
        let args = [
            "get",
            "configmap",
            "app-random",
            "--output",
            "jsonpath={.data.token}",
        ];
        setup.kubectl(&args)
    };
    let plan = install(&setup, random.clone()).plan(&context).await.unwrap();
    let manifest = plan.manifest.clone();
    plan.apply(&context).await.unwrap();
    assert_eq!(token(&setup).len(), 20);
    assert!(manifest.contains(&token(&setup)), "{manifest}");
    let upgrade = || upgrade(&setup, random.clone());
    let one = upgrade().plan(&context).await.unwrap();
    let other = upgrade().plan(&context).await.unwrap();
    assert_ne!(one.manifest, other.manifest);
    assert_ne!(one.hash, other.hash);

    // A change in between is named, and nothing else is done.
    let patch = r#"{"data":{"own":"x"}}"#;
    setup.kubectl(&["patch", "configmap", "app-random", "--patch", patch]);
    setup.kubectl(&["delete", "service", "app"]);
    let before = versions(&setup);
    let Err(Error::PlanOutdated { changes }) = one.apply(&context).await else {
        panic!()
    };
    let namespace = &setup.namespace;
    assert_eq!(
        changes,
        [
            format!("ConfigMap {namespace}/app-random was changed"),
            format!("Service {namespace}/app was deleted"),
        ]
    );
    assert_eq!(versions(&setup), before);

    // So is another operation.
    let late = upgrade().plan(&context).await.unwrap();
    let plan = upgrade().plan(&context).await.unwrap();
    let manifest = plan.manifest.clone();
    plan.apply(&context).await.unwrap();
    assert!(manifest.contains(&token(&setup)), "{manifest}");
    let Err(Error::PlanOutdated { changes }) = late.apply(&context).await else {
        panic!()
    };
    assert_eq!(changes[0], "revision 2 was made meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_of_client_side_apply_are_planned_alike() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("client-side") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    let environment = json!([{ "name": "ONE", "value": "1" }, { "name": "TWO", "value": "2" }]);
    let install = Install {
        server_side: false,
        ..install(&setup, json!({ "environment": environment }))
    };
    let plan = install.plan(&context).await.unwrap();
    assert!(!plan.is_prevented(), "{plan:?}");
    plan.apply(&context).await.unwrap();
    let environment = json!([{ "name": "ONE", "value": "changed" }]);
    for server_side in [ServerSide::Auto, ServerSide::Yes] {
        let upgrade = Upgrade {
            server_side,
            ..upgrade(&setup, json!({ "environment": environment }))
        };
        let before = versions(&setup);
        let plan = upgrade.plan(&context).await.unwrap();
        assert_eq!(versions(&setup), before);
        assert!(!plan.is_prevented(), "{plan:?}");
        let deployment = object(&plan, "Deployment", "app");
        let fields: Vec<_> = deployment
            .fields
            .iter()
            .map(|field| (field.path.as_str(), field.proposed.is_some()))
            .collect();
        let env = "/spec/template/spec/containers/[name=main]/env";
        assert_eq!(
            fields,
            [
                (format!("{env}/[name=ONE]/value").as_str(), true),
                (format!("{env}/[name=TWO]").as_str(), false),
            ]
        );
        assert_eq!(object(&plan, "Service", "app").action, Action::Unchanged);
        if server_side == ServerSide::Yes {
            plan.apply(&context).await.unwrap();
        }
    }
    let live: Value =
        serde_json::from_str(&setup.kubectl(&["get", "deployment", "app", "--output", "json"])).unwrap();
    assert_eq!(
        live["spec"]["template"]["spec"]["containers"][0]["env"],
        environment
    );
}

const WARNED: &str = r#"
apiVersion: v1
kind: Endpoints
metadata: { name: old }
---
apiVersion: v1
kind: Service
metadata: { name: front }
spec: { type: LoadBalancer, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: deep }
spec:
  hostNetwork: true
  containers: [{ name: main, image: "example.org/main:1" }]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: disk }
spec:
  storageClassName: nobody-has-this
  accessModes: [ReadWriteOnce]
  resources: { requests: { storage: 1Gi } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: planned-reader }
rules: []
---
apiVersion: example.org/v1
kind: Missing
metadata: { name: one }
---
apiVersion: example.net/v1
kind: AlsoMissing
metadata: { name: two }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_warns_of_all_it_sees() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("warned") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    // Random data, which no compression makes smaller.
    let mut large = String::new();
    let mut state = 1_u64;
    while large.len() < 1_150_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        large.push_str(&format!("{state:x}"));
    }
    let install = Install {
        create_namespace: false,
        chart: chart(&[("templates/warned.yaml", WARNED), ("large.txt", &large)]),
        ..install(&setup, json!({}))
    };
    let plan = install.plan(&context).await.unwrap();
    let namespace = setup.namespace.clone();
    assert!(
        plan.warnings
            .contains(&PlanWarning::NamespaceMissing { namespace })
    );
    setup.kubectl(&["create", "namespace", &setup.namespace]);
    let plan = install.plan(&context).await.unwrap();
    let namespace = &setup.namespace;
    let find = |start: &str| {
        let texts = plan.warnings.iter().map(PlanWarning::to_string);
        let mut found = texts.filter(|text| text.starts_with(start));
        found
            .next()
            .unwrap_or_else(|| panic!("{start}: {:?}", plan.warnings))
    };
    assert!(find(&format!("Endpoints {namespace}/old: ")).contains("v1 Endpoints is deprecated"));
    find(&format!("Service {namespace}/front asks for a load balancer"));
    find(&format!("Pod {namespace}/deep can reach its node by hostNetwork"));
    find(&format!(
        "PersistentVolumeClaim {namespace}/disk wants the storage class nobody-has-this"
    ));
    assert!(find("these objects belong to the whole cluster").ends_with("ClusterRole planned-reader"));
    let kinds = find("the cluster does not have these kinds");
    assert!(
        kinds.contains("Missing (one)") && kinds.contains("AlsoMissing (two)"),
        "{kinds}"
    );
    find("the record of the release takes");
    assert!(plan.is_prevented());

    // Somebody's object is in the way.
    setup.kubectl(&["create", "configmap", "app-config"]);
    let plan = install.plan(&context).await.unwrap();
    let config = object(&plan, "ConfigMap", "app-config");
    assert_eq!(config.action, Action::Adopt);
    assert!(
        config
            .problem
            .as_ref()
            .unwrap()
            .contains("invalid ownership metadata")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_missing_rights_are_told_and_the_role_gives_them() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("granted") else {
        return;
    };
    let alice = setup.cluster(Some("alice")).await;
    let theirs = |namespace: &str| Install {
        create_namespace: false,
        namespace: namespace.to_owned(),
        ..install(&setup, json!({}))
    };
    let plan = theirs("production")
        .plan(&context(&alice, &Silent))
        .await
        .unwrap();
    let missing: Vec<String> = plan.missing_rights.iter().map(ToString::to_string).collect();
    for sentence in [
        "may not create deployments.apps in the namespace production",
        "may not patch services in the namespace production",
        "may not list secrets in the namespace production",
        "may not create jobs.batch in the namespace production",
    ] {
        assert!(missing.iter().any(|text| text == sentence), "{missing:?}");
    }
    let plan = theirs("development")
        .plan(&context(&alice, &Silent))
        .await
        .unwrap();
    assert_eq!(plan.missing_rights, []);

    // Somebody who may do nothing gets a role, and then may do just this.
    setup.kubectl(&["create", "namespace", &setup.namespace]);
    let user = format!("planner-{}", std::process::id());
    let settings = Settings {
        kubeconfig: vec![setup.kubeconfig.clone()],
        as_user: Some(user.clone()),
        as_groups: vec!["system:authenticated".to_owned()],
        ..Settings::default()
    };
    let planner = Cluster::connect(settings).await.unwrap();
    let context = context(&planner, &Silent);
    let plan = theirs(&setup.namespace).plan(&context).await.unwrap();
    assert!(plan.is_prevented());
    let yaml = role_yaml(&plan.missing_rights, &Subject::User { name: user });
    assert!(!yaml.contains("ClusterRole"), "{yaml}");
    let file = std::env::temp_dir().join(format!("roles-{}.yaml", std::process::id()));
    std::fs::write(&file, yaml).unwrap();
    setup.kubectl(&["apply", "--filename", &file.display().to_string()]);
    std::fs::remove_file(&file).unwrap();
    let mut plan = theirs(&setup.namespace).plan(&context).await.unwrap();
    // The API server learns of roles a moment later.
    for _ in 0..50 {
        if plan.missing_rights.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        plan = theirs(&setup.namespace).plan(&context).await.unwrap();
    }
    assert_eq!(plan.missing_rights, []);
    plan.apply(&context).await.unwrap();
}
