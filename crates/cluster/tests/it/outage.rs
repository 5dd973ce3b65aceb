//! The API server goes away in the middle of operations, and comes back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use cluster::{Silent, Uninstall, Upgrade};
use helm::release::ReleaseStatus;
use serde_json::json;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::changing::{chart, context, install, values};
use crate::setup::Setup;

/// Held for reading by every test that needs the API server, for writing by those that change it for everybody.
static CLUSTER: RwLock<()> = RwLock::const_new(());

/// While this is held nobody takes the API server away.
pub(crate) struct ClusterIsUp {
    _guard: RwLockReadGuard<'static, ()>,
}

impl ClusterIsUp {
    pub(crate) async fn hold() -> Self {
        Self {
            _guard: CLUSTER.read().await,
        }
    }
}

/// While this is held no other test uses the cluster: for those that change what all of it sees.
pub(crate) async fn alone() -> RwLockWriteGuard<'static, ()> {
    CLUSTER.write().await
}

pub(crate) fn tell_cluster(command: &str) {
    let socket = std::env::var_os("CHARTROOM_TEST_CLUSTER_SOCKET").expect("the phase sets it");
    let mut stream = UnixStream::connect(socket).unwrap();
    writeln!(stream, "{command}").unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    assert_eq!(answer.trim(), "done", "{command}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_outlives_the_api_server() {
    let _alone = alone().await;
    let Some(setup) = Setup::find("outage") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    let mut operation = install(&setup, "app", json!({}));
    operation.no_hooks = true;
    operation.run(&context).await.unwrap();
    // At different moments of an upgrade, which takes some tens of milliseconds.
    for (round, milliseconds) in [0, 5, 15, 30, 60].into_iter().enumerate() {
        let upgrade = Upgrade {
            no_hooks: true,
            ..Upgrade::new(
                "app",
                &setup.namespace,
                chart(),
                values(json!({ "greeting": format!("after {round}"), "extra": round % 2 == 0 })),
            )
        };
        let away = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(milliseconds));
            tell_cluster("kill-api-server");
            std::thread::sleep(Duration::from_secs(1));
            tell_cluster("start-api-server");
        });
        let upgraded = upgrade.run(&context).await;
        away.await.unwrap();
        let upgraded = upgraded.unwrap_or_else(|error| panic!("round {round}: {}", error.chain()));
        // Nothing twice, nothing pending: one revision more, and one that is deployed.
        let (history, _) = cluster.history(&setup.namespace, "app", 20).await.unwrap();
        assert_eq!(upgraded.revision, round as i64 + 2);
        assert_eq!(history.len(), round + 2);
        let deployed = history
            .iter()
            .map(|stored| &stored.release.info.as_ref().unwrap().status);
        let states: Vec<&ReleaseStatus> = deployed.collect();
        let (last, before) = states.split_last().unwrap();
        assert_eq!(**last, ReleaseStatus::Deployed);
        assert!(
            before.iter().all(|state| **state == ReleaseStatus::Superseded),
            "{states:?}"
        );
    }
    let uninstall = Uninstall {
        no_hooks: true,
        ..Uninstall::new("app", &setup.namespace)
    };
    uninstall.run(&context).await.unwrap();
}
