//! Where somebody may install, and what is kept of values, on a real API server.
//!
//! `cargo xtask test cluster` starts the control plane and says where it is; without it these tests skip.

use std::path::Path;

use backend::Error;
use backend::ops::Begin;
use backend::settings::{KeyringSettings, SignaturePolicy};
use model::access::Role;
use model::install::PreviewRequest;
use model::operation::{OperationOptions, OperationRequest, ReuseValues};

use super::accounts::{sign_in, with_user};
use super::releases::{Site, TYPED, chart, grant, install};
use crate::support::block_on;

#[test]
fn an_installation_begins_with_a_place_and_a_name_that_are_free() {
    block_on(async {
        let Some(site) = Site::find("start", 4).await else {
            return;
        };
        let releases = site.world.backend.releases();
        let start = releases.install_start(&site.alice, "web", None, None).await;
        let start = start.expect("she may install");
        assert_eq!(start.problem, None);
        assert_eq!(
            (start.cluster.as_str(), &start.namespace),
            ("test", &site.namespace)
        );
        assert_eq!(start.namespaces, std::slice::from_ref(&site.namespace));
        assert_eq!(start.name, "web");
        assert_eq!(
            releases
                .name_taken(&site.alice, &site.id("web"))
                .await
                .expect("it is asked"),
            None
        );

        site.done("web", &install("")).await;
        let start = releases.install_start(&site.alice, "web", None, None).await;
        assert_eq!(start.expect("she may install").name, "web-2");
        let taken = releases.name_taken(&site.alice, &site.id("web")).await;
        let taken = taken.expect("it is asked").expect("it is taken");
        assert_eq!((taken.status.as_str(), taken.revision), ("deployed", 1));
        // Where a cluster refuses, the page goes on with what is known.
        let elsewhere = releases.install_start(&site.alice, "web", Some("test"), Some("kube-system"));
        let elsewhere = elsewhere.await.expect("it is told, not failed");
        assert!(elsewhere.problem.is_some(), "{elsewhere:?}");
        assert_eq!(elsewhere.name, "web");
    });
}

#[test]
fn who_may_install_nowhere_is_offered_no_place() {
    block_on(async {
        let Some(site) = Site::find("nowhere", 4).await else {
            return;
        };
        let name = format!("vera-{}", site.namespace);
        with_user(&site.world, &name, &[grant(Role::Viewer, &site.namespace)]).await;
        let vera = sign_in(&site.world, &name).await;
        let releases = site.world.backend.releases();
        let start = releases.install_start(&vera, "web", None, None).await;
        let start = start.expect("she sees the cluster");
        assert_eq!(start.cluster, "");
        assert_eq!(start.clusters.len(), 1);
        assert!(!start.clusters[0].is_open());
    });
}

#[test]
fn a_preview_takes_the_version_and_the_kinds_of_a_cluster() {
    block_on(async {
        let Some(site) = Site::find("facts", 4).await else {
            return;
        };
        let backend = &site.world.backend;
        let facts = backend.releases().cluster_facts(&site.alice, "test").await;
        let facts = facts.expect("it answers");
        assert!(facts.api_versions.contains(&"apps/v1/Deployment".to_owned()));
        let request = PreviewRequest {
            chart: chart("1.0.0"),
            values: TYPED.to_owned(),
            name: "web".to_owned(),
            namespace: site.namespace.clone(),
            cluster: Some("test".to_owned()),
            is_upgrade: false,
        };
        let preview = backend.previews().render(&site.alice, &request).await;
        let preview = preview.expect("it renders");
        assert_eq!(preview.kubernetes_version, facts.kubernetes_version);
        assert_eq!(preview.warnings, Vec::<String>::new());

        let unknown = backend.releases().cluster_facts(&site.alice, "other").await;
        assert!(matches!(unknown, Err(Error::NotFound { what: "cluster", .. })));
    });
}

#[test]
fn a_policy_of_signatures_holds_for_plans_and_operations() {
    block_on(async {
        for policy in [SignaturePolicy::Warn, SignaturePolicy::Refuse] {
            let site = Site::find_with(&format!("{policy:?}").to_lowercase(), |settings| {
                settings.signatures.keyring = "team".to_owned();
                settings.signatures.policy = policy;
                settings.signatures.keyrings = vec![KeyringSettings {
                    name: "team".to_owned(),
                    files: vec![
                        Path::new(env!("CARGO_MANIFEST_DIR"))
                            .join("../signatures/tests/it/samples/openpgp/rsa.gpg"),
                    ],
                    ..KeyringSettings::default()
                }];
            })
            .await;
            let Some(site) = site else {
                return;
            };
            let (releases, id) = (site.world.backend.releases(), site.id("web"));
            let planned = releases.plan(&site.alice, &id, &install("")).await;
            if policy == SignaturePolicy::Warn {
                let warnings = planned.expect("it is planned").warnings;
                let first = warnings.first().expect("it warns");
                assert_eq!((first.topic.as_str(), first.prevents), ("signature", false));
                assert_eq!(first.message, "the chart is not verified: it has no signature");
                site.done("web", &install("")).await;
                continue;
            }
            let refused = |error: Error| {
                assert!(matches!(error, Error::Conflict { .. }), "{error}");
                assert!(error.to_string().contains("only if they are verified"), "{error}");
            };
            refused(planned.expect_err("it is refused"));
            let operations = site.world.backend.operations();
            let begun = operations
                .begin(&site.alice, &id, &install(""), &Begin::default())
                .await;
            refused(begun.expect_err("it is refused"));
        }
    });
}

#[test]
fn values_that_are_taken_away_are_gone_from_what_is_kept() {
    block_on(async {
        let Some(site) = Site::find("cleared", 4).await else {
            return;
        };
        site.done("web", &install(TYPED)).await;
        let releases = site.world.backend.releases();
        let values = async || {
            let values = releases.values(&site.alice, &site.id("web"), None).await;
            values.expect("they are read")
        };
        assert_eq!(values().await.user, TYPED);
        let cleared = OperationRequest::Upgrade {
            chart: None,
            values: "# nothing of ours\n".to_owned(),
            options: OperationOptions {
                reuse_values: ReuseValues::Reset,
                ..OperationOptions::default()
            },
        };
        site.done("web", &cleared).await;
        let kept = values().await;
        assert_eq!(kept.user, "# nothing of ours\n");
        assert!(kept.is_as_typed);
        assert!(kept.computed.contains("greeting: hello"), "{}", kept.computed);
        let empty = OperationRequest::Upgrade {
            chart: None,
            values: String::new(),
            options: OperationOptions {
                reuse_values: ReuseValues::Reset,
                ..OperationOptions::default()
            },
        };
        site.done("web", &install_over(&empty, TYPED)).await;
        site.done("web", &empty).await;
        assert_eq!(values().await.user, "");
    });
}

/// The same upgrade with other values.
fn install_over(upgrade: &OperationRequest, values: &str) -> OperationRequest {
    match upgrade {
        OperationRequest::Upgrade { chart, options, .. } => OperationRequest::Upgrade {
            chart: chart.clone(),
            values: values.to_owned(),
            options: options.clone(),
        },
        other => other.clone(),
    }
}
