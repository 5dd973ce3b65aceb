//! What cosign put beside a chart in a registry that is followed. The registry is the small one of the tests, filled with
//! what real cosign made: it has a list of referrers or has none, and loses things. `distribution` has a real one.

use backend::settings::{RepositorySettings, SignaturePolicy};
use backend::{Error, Settings, Viewer};
use model::signature::{SignatureCheck, SignatureState};
use serde_json::json;

use crate::support::block_on;
use crate::support::cosign::{
    CHART, manifest, manifest_in, publish, tag_of_signatures, trust, trust_identity,
};
use crate::support::registry::{FakeRegistry, digest};
use crate::support::upstream::Chart;
use crate::support::world::World;

const DAY: i64 = 86_400;

async fn follow(registry: &FakeRegistry, policy: SignaturePolicy) -> World {
    follow_with(registry, |settings| trust(settings, &["p256", "ed25519"], policy)).await
}

async fn follow_with(registry: &FakeRegistry, trust: impl FnOnce(&mut Settings)) -> World {
    let world = World::with(trust).await;
    world
        .add_with(RepositorySettings {
            plain_http: true,
            ..RepositorySettings::new("team", registry.url())
        })
        .await;
    assert_eq!(world.sync("team").await.error, None);
    world
}

async fn check(world: &World) -> SignatureCheck {
    let charts = world.backend.charts();
    let chart = charts.get(&Viewer::anonymous(), "team", "bare", None).await;
    chart.expect("it is there").signature.expect("it is checked")
}

/// What is said before an installation.
async fn install(world: &World) -> Result<Option<String>, Error> {
    let charts = world.backend.charts();
    let installable = charts
        .installable_archive(&Viewer::anonymous(), "team", "bare", None)
        .await;
    installable.map(|(_, concern)| concern)
}

/// Puts a manifest that refers to the chart's where a registry that lists such has it.
fn refer(registry: &FakeRegistry, name: &str) {
    let manifest = manifest(name);
    registry.put_manifest(CHART, &digest(&manifest), &manifest);
}

/// The list of referrers that clients keep at a tag, for registries that have none; cosign writes the type of the
/// configuration into it.
fn list_at_tag(registry: &FakeRegistry, names: &[&str]) {
    let entries: Vec<_> = names
        .iter()
        .map(|name| {
            let manifest = manifest(name);
            json!({
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": digest(&manifest), "size": manifest.len(),
                "artifactType": "application/vnd.oci.empty.v1+json",
            })
        })
        .collect();
    let list = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries,
    });
    let tag = digest(&manifest("chart")).replace(':', "-");
    registry.put_manifest(CHART, &tag, list.to_string().as_bytes());
}

/// How a registry comes to a signature.
type Place = fn(&FakeRegistry);

#[test]
fn a_signature_is_found_wherever_cosign_puts_it() {
    block_on(async {
        let rows: [(&str, Place, &str); 5] = [
            (
                "at its tag",
                |it| it.put_manifest(CHART, &tag_of_signatures(), &manifest("p256")),
                "p256.pub",
            ),
            (
                "two at its tag",
                |it| it.put_manifest(CHART, &tag_of_signatures(), &manifest("two")),
                "p256.pub",
            ),
            (
                "a bundle, listed by the registry",
                |it| {
                    it.lists_referrers();
                    refer(it, "attested");
                    refer(it, "bundle-ed25519");
                },
                "ed25519.pub",
            ),
            (
                "a bundle, listed at a tag",
                |it| {
                    refer(it, "attested");
                    refer(it, "bundle-p256");
                    list_at_tag(it, &["attested", "bundle-p256"]);
                },
                "p256.pub",
            ),
            (
                "the older form, listed by the registry",
                |it| {
                    it.lists_referrers();
                    refer(it, "referrer");
                },
                "p256.pub",
            ),
        ];
        for (name, place, by) in rows {
            let registry = FakeRegistry::start().await;
            publish(&registry);
            place(&registry);
            let world = follow(&registry, SignaturePolicy::Refuse).await;
            let check = check(&world).await;
            assert_eq!(check.state, SignatureState::Verified, "{name}: {check:?}");
            assert_eq!(check.by, [by], "{name}");
            registry.take_asked();
            assert_eq!(install(&world).await.expect("it is verified"), None, "{name}");
            assert_eq!(world.sync("team").await.error, None);
            let asked = registry.take_asked();
            let again = |path: &str| path.contains(".sig") || path.contains("/referrers/");
            assert!(!asked.iter().any(|asked| again(&asked.path)), "{name}: {asked:?}");
        }
    });
}

#[test]
fn an_identity_signs_for_whoever_trusts_what_vouches_for_it() {
    block_on(async {
        for (name, state) in [
            ("email", SignatureState::Verified),
            ("workflow", SignatureState::Unverified),
            ("stranger", SignatureState::Unverified),
            ("late", SignatureState::Bad),
        ] {
            let registry = FakeRegistry::start().await;
            publish(&registry);
            registry.put_manifest(CHART, &tag_of_signatures(), &manifest_in("keyless", name));
            let trust = |settings: &mut Settings| trust_identity(settings, SignaturePolicy::Refuse);
            let world = follow_with(&registry, trust).await;
            let check = check(&world).await;
            assert_eq!(check.state, state, "{name}: {check:?}");
            let is_verified = state == SignatureState::Verified;
            assert_eq!(install(&world).await.is_ok(), is_verified, "{name}");
            if is_verified {
                assert_eq!(
                    check.by,
                    ["ada@example.com", "vouched for by https://id.example.com"]
                );
                assert_eq!(check.signed_at.map(|at| at.0), Some(1_769_947_500));
            }
        }
    });
}

#[test]
fn what_is_not_right_is_bad_or_not_verified_and_is_refused() {
    block_on(async {
        let rows: [(&str, Place, SignatureState, &str); 7] = [
            (
                "nothing",
                |_| {},
                SignatureState::Unverified,
                "it has no signature",
            ),
            (
                "by a stranger",
                |it| it.put_manifest(CHART, &tag_of_signatures(), &manifest("stranger")),
                SignatureState::Unverified,
                "not in the keyring",
            ),
            (
                "of another manifest",
                |it| it.put_manifest(CHART, &tag_of_signatures(), &manifest("other")),
                SignatureState::Bad,
                "another archive was signed",
            ),
            (
                "a bundle of another manifest that claims to refer to this",
                |it| {
                    refer(it, "bundle-other");
                    list_at_tag(it, &["bundle-other"]);
                },
                SignatureState::Bad,
                "another archive was signed",
            ),
            (
                "its payload is lost",
                |it| {
                    let manifest = manifest("p256");
                    it.put_manifest(CHART, &tag_of_signatures(), &manifest);
                    let read: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
                    it.lose(read["layers"][0]["digest"].as_str().expect("a digest"));
                },
                SignatureState::Bad,
                "missing, too long or not what it is named",
            ),
            (
                "a good one, and one in the list that is not there",
                |it| {
                    it.put_manifest(CHART, &tag_of_signatures(), &manifest("p256"));
                    list_at_tag(it, &["bundle-p256"]);
                },
                SignatureState::Bad,
                "missing, too long or not what it is named",
            ),
            (
                "its manifest is none",
                |it| it.put_manifest(CHART, &tag_of_signatures(), b"[]"),
                SignatureState::Bad,
                "missing, too long or not what it is named",
            ),
        ];
        for (name, place, state, want) in rows {
            let registry = FakeRegistry::start().await;
            publish(&registry);
            place(&registry);
            let world = follow(&registry, SignaturePolicy::Refuse).await;
            let check = check(&world).await;
            assert_eq!(check.state, state, "{name}: {check:?}");
            let reason = check.reason.unwrap_or_default();
            assert!(reason.contains(want), "{name}: {reason}");
            let refused = install(&world).await.expect_err(name);
            assert!(matches!(refused, Error::Conflict { .. }), "{name}: {refused}");
        }
    });
}

#[test]
fn whoever_signs_later_is_seen_by_an_installation_at_once_and_by_a_sync_within_a_day() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        publish(&registry);
        let world = follow(&registry, SignaturePolicy::Warn).await;
        let concern = install(&world).await.expect("it is allowed").expect("it is said");
        assert!(concern.contains("it has no signature"), "{concern}");
        registry.put_manifest(CHART, &tag_of_signatures(), &manifest("p256"));
        // An answer is believed for a minute, then whoever wants to install asks.
        assert!(install(&world).await.expect("it is allowed").is_some());
        world.clock.advance_secs(61);
        assert_eq!(install(&world).await.expect("it is allowed"), None);
        assert_eq!(check(&world).await.state, SignatureState::Verified);

        // It is taken away, and comes back: a sync notices either a day later.
        registry.untag(CHART, &tag_of_signatures());
        world.sync("team").await;
        assert_eq!(check(&world).await.state, SignatureState::Verified);
        world.clock.advance_secs(DAY + 1);
        world.sync("team").await;
        assert_eq!(check(&world).await.state, SignatureState::Unverified);
        registry.put_manifest(CHART, &tag_of_signatures(), &manifest("p256"));
        world.clock.advance_secs(DAY + 1);
        world.sync("team").await;
        assert_eq!(check(&world).await.state, SignatureState::Verified);
    });
}

#[test]
fn a_signature_says_nothing_of_what_its_tag_leads_to_later() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        publish(&registry);
        registry.put_manifest(CHART, &tag_of_signatures(), &manifest("p256"));
        let world = follow(&registry, SignaturePolicy::Refuse).await;
        assert_eq!(check(&world).await.state, SignatureState::Verified);
        registry.push(&Chart::new("bare", "0.1.0"));
        world.clock.advance_secs(1);
        assert_eq!(world.sync("team").await.n_changed, 1);
        assert_eq!(check(&world).await.state, SignatureState::Unverified);
        assert!(install(&world).await.is_err());
    });
}

#[test]
fn a_registry_that_is_down_makes_nothing_verified() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        publish(&registry);
        let broken = crate::support::registry::Odd {
            status: 500,
            headers: Vec::new(),
            body: Vec::new(),
        };
        let path = format!("/v2/{CHART}/manifests/{}", tag_of_signatures());
        registry.put_manifest(CHART, &tag_of_signatures(), &manifest("p256"));
        registry.once(&path, broken.clone());
        registry.once(&path, broken);
        let world = follow(&registry, SignaturePolicy::Refuse).await;
        assert_eq!(check(&world).await.state, SignatureState::Unverified);
        let error = install(&world).await.expect_err("it cannot be had");
        assert!(error.to_string().contains("cannot be had at present"), "{error}");
        assert_eq!(install(&world).await.expect("it is verified"), None);
    });
}
