//! What is done otherwise than helm does it, where no test beside helm shows it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cluster::{DryRun, Install, Silent, Upgrade};
use helm::chart::{Chart, ChartFile};
use helm::render::PreparedChart;
use helm::values::Table;
use serde_json::{Value, json};

use crate::changing::{context, values};
use crate::outage::ClusterIsUp;
use crate::setup::Setup;

const TIMEOUT: Duration = Duration::from_secs(60);

fn chart(template: &'static str) -> Arc<PreparedChart> {
    let files = vec![
        ChartFile::new("Chart.yaml", "apiVersion: v2\nname: otherwise\nversion: 1.0.0\n"),
        ChartFile::new("templates/it.yaml", template),
    ];
    Arc::new(PreparedChart::new(Chart::from_files(files).unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_was_there_is_made_anew_once_it_has_gone() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("rehooked") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    let hook = chart(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations: {helm.sh/hook: 'pre-install,pre-upgrade'}\n",
    );
    let installing = Install {
        create_namespace: true,
        timeout: TIMEOUT,
        ..Install::new("app", &setup.namespace, Arc::clone(&hook), Table::new())
    };
    installing.run(&context).await.unwrap();
    let hold = |finalizers: &str| {
        let patch = format!("{{\"metadata\":{{\"finalizers\":{finalizers}}}}}");
        setup.kubectl(&["patch", "configmap", "hook", "--type", "merge", "--patch", &patch]);
    };
    let metadata = || -> Value {
        let found = setup.kubectl(&["get", "configmap", "hook", "--output", "json"]);
        serde_json::from_str::<Value>(&found).unwrap()["metadata"].clone()
    };
    hold("[\"example.org/held\"]");
    let before = metadata()["uid"].clone();
    let upgrade = Upgrade {
        timeout: TIMEOUT,
        ..Upgrade::new("app", &setup.namespace, hook, Table::new())
    };
    // What is being deleted stays until nobody holds it any more.
    let letting_go = async {
        let waited = Instant::now();
        while metadata()["deletionTimestamp"].is_null() {
            assert!(waited.elapsed() < TIMEOUT, "the old hook is not deleted");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        hold("null");
    };
    let (upgraded, ()) = tokio::join!(upgrade.run(&context), letting_go);
    assert_eq!(upgraded.unwrap().revision, 2);
    let after = metadata();
    assert_ne!(after["uid"], before, "it is another one");
    assert!(after["deletionTimestamp"].is_null(), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_look_things_up_a_thousand_times_and_no_more() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("lookups") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    let asking = chart(
        "{{- range $i := until (int .Values.times) }}{{ $_ := lookup \"v1\" \"Namespace\" \"\" \"default\" }}{{ end }}\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: asked\n",
    );
    let rendered = async |times: usize| {
        let install = Install {
            dry_run: Some(DryRun::Server),
            ..Install::new(
                "app",
                "default",
                Arc::clone(&asking),
                values(json!({ "times": times })),
            )
        };
        install.run(&context).await
    };
    assert!(rendered(1_000).await.unwrap().manifest.contains("name: asked"));
    let error = rendered(1_001).await.unwrap_err().chain();
    assert!(error.contains("more than 1000 lookups"), "{error}");
}
