//! Following a registry that is one: CNCF Distribution, filled by real helm 3 and 4 and by oras. What a registry does only
//! when it is told to (429, tokens of other hosts, wrong digests) a small one of the tests does, in `registry`.

use backend::secret::SecretString;
use backend::settings::{ArchivePolicy, KeyringSettings, RepositorySettings, SignaturePolicy};
use backend::{Settings, Viewer};
use model::signature::SignatureState;

use crate::support::cosign;
use crate::support::distribution::{Client, Distribution, PASSWORD, Setup, USER};
use crate::support::registry::digest;
use crate::support::upstream::Chart;
use crate::support::world::World;
use crate::support::{block_on, signature_sample};

const HELMS: [&str; 2] = ["CHARTROOM_TEST_HELM3", "CHARTROOM_TEST_HELM4"];

fn settings(registry: &Distribution) -> RepositorySettings {
    RepositorySettings {
        plain_http: true,
        archives: Some(ArchivePolicy::All),
        ..RepositorySettings::new("team", registry.url())
    }
}

/// A registry with a client at home in a folder.
struct Place {
    registry: Distribution,
    home: tempfile::TempDir,
}

impl Place {
    fn start(setup: Setup) -> Option<Self> {
        Some(Self {
            registry: Distribution::start(setup)?,
            home: tempfile::tempdir().expect("a directory"),
        })
    }

    /// Pushes a chart as it is in a file.
    fn push(&self, helm: &Client<'_>, file: &str, archive: &[u8]) {
        std::fs::write(self.home.path().join(file), archive).expect("it is written");
        helm.works(&["push", file, &self.registry.url(), "--plain-http"]);
    }

    fn push_chart(&self, helm: &Client<'_>, chart: &Chart) {
        self.push(helm, &chart.file_name(), &chart.archive());
    }
}

async fn readme(world: &World, name: &str, version: &str) -> String {
    let charts = world.backend.charts();
    let readme = charts
        .readme(&Viewer::anonymous(), "team", name, Some(version))
        .await;
    readme.expect("it is there").expect("a read me").html
}

async fn follows_what_helm_pushed(variable: &str) {
    let Some(place) = Place::start(Setup::default()) else {
        return;
    };
    let Some(helm) = Client::find(variable, place.home.path()) else {
        return;
    };
    for version in ["1.0.0", "1.1.0", "1.2.0-rc.1+build.5"] {
        place.push_chart(&helm, &Chart::new("web", version).with("appVersion: seven\n"));
    }
    place.push_chart(&helm, &Chart::new("db", "3.0.0"));
    // helm pushes the provenance file that lies beside an archive.
    for (sample, file) in [
        ("openpgp/rsa.prov", "bare-0.1.0.tgz.prov"),
        ("bare-0.1.0.tgz", "bare-0.1.0.tgz"),
    ] {
        std::fs::copy(signature_sample(sample), place.home.path().join(file)).expect("it is copied");
    }
    helm.works(&["push", "bare-0.1.0.tgz", &place.registry.url(), "--plain-http"]);

    let world = World::with(|settings| {
        settings.signatures.keyring = "team".to_owned();
        settings.signatures.keyrings = vec![KeyringSettings {
            name: "team".to_owned(),
            files: vec![signature_sample("openpgp/rsa.gpg")],
            ..KeyringSettings::default()
        }];
    })
    .await;
    world.add_with(settings(&place.registry)).await;
    let run = world.sync("team").await;
    assert_eq!((run.error, run.n_added, run.n_archives), (None, 5, 5));
    assert_eq!(
        world.versions("team", "web").await,
        ["1.2.0-rc.1+build.5", "1.1.0", "1.0.0"]
    );
    let charts = world.backend.charts();
    let web = charts
        .get(&Viewer::anonymous(), "team", "web", Some("1.0.0"))
        .await
        .expect("it is there");
    assert_eq!(web.version.app_version.as_deref(), Some("seven"));
    assert_eq!(web.version.description, "A chart called web");
    let of_candidate = readme(&world, "web", "1.2.0-rc.1+build.5").await;
    assert!(
        of_candidate.contains("The read me of web 1.2.0-rc.1"),
        "{of_candidate}"
    );
    let bare = charts
        .get(&Viewer::anonymous(), "team", "bare", None)
        .await
        .expect("it is there");
    let signature = bare.signature.expect("it is checked");
    assert_eq!(signature.state, SignatureState::Verified, "{signature:?}");
    let run = world.sync("team").await;
    assert_eq!((run.error, run.unchanged), (None, true));

    // Other bytes at a tag, a new version, and a tag that is taken away.
    world.clock.advance_secs(1);
    place.push_chart(
        &helm,
        &Chart::new("web", "1.1.0").with_file("README.md", "# Another\n"),
    );
    let run = world.sync("team").await;
    assert_eq!((run.error, run.n_changed, run.n_archives), (None, 1, 1));
    assert!(readme(&world, "web", "1.1.0").await.contains("Another"));
    world.clock.advance_secs(1);
    place.push_chart(&helm, &Chart::new("web", "2.0.0"));
    place.registry.untag("team/web", "1.0.0");
    let run = world.sync("team").await;
    assert_eq!((run.error, run.n_added, run.n_yanked), (None, 1, 1));
    assert_eq!(
        world.versions("team", "web").await,
        ["2.0.0", "1.2.0-rc.1+build.5", "1.1.0"]
    );
}

#[test]
fn what_helm_3_pushed_is_followed() {
    block_on(follows_what_helm_pushed(HELMS[0]));
}

#[test]
fn what_helm_4_pushed_is_followed() {
    block_on(follows_what_helm_pushed(HELMS[1]));
}

#[test]
fn a_registry_with_a_password_is_followed_with_it_alone() {
    block_on(async {
        for variable in HELMS {
            let closed = Setup {
                is_closed: true,
                ..Setup::default()
            };
            let Some(place) = Place::start(closed) else {
                return;
            };
            let Some(helm) = Client::find(variable, place.home.path()) else {
                return;
            };
            let host = place.registry.host();
            helm.works(&[
                "registry",
                "login",
                &host,
                "--plain-http",
                "--username",
                USER,
                "--password",
                PASSWORD,
            ]);
            place.push_chart(&helm, &Chart::new("web", "1.0.0"));
            let with = async |password: Option<&str>| {
                let world = World::new().await;
                world
                    .add_with(RepositorySettings {
                        username: password.map(|_| USER.to_owned()),
                        password: password.map(SecretString::new),
                        ..settings(&place.registry)
                    })
                    .await;
                world.sync("team").await
            };
            let run = with(Some(PASSWORD)).await;
            assert_eq!(
                (run.error, run.n_added, run.n_archives),
                (None, 1, 1),
                "{variable}"
            );
            for password in [None, Some("wrong")] {
                let error = with(password).await.error.expect("it is not let in");
                assert!(
                    error.contains("credentials") && !error.contains("wrong"),
                    "{error}"
                );
            }
        }
    });
}

/// What else is in registries, by oras.
#[test]
fn what_is_no_chart_hides_no_chart() {
    block_on(async {
        let few = Setup {
            max_entries: Some(2),
            ..Setup::default()
        };
        let Some(place) = Place::start(few) else {
            return;
        };
        let home = place.home.path();
        let (Some(oras), Some(helm)) = (
            Client::find("CHARTROOM_TEST_ORAS", home),
            Client::find(HELMS[1], home),
        ) else {
            return;
        };
        for name in ["cache", "db", "queue", "web"] {
            place.push_chart(&helm, &Chart::new(name, "1.0.0"));
        }
        std::fs::write(home.join("sbom.json"), "{}").expect("it is written");
        let at = |name: &str| format!("{}/{name}", place.registry.host());
        let (web, plain) = (at("team/web:1.0.0"), "--plain-http");
        // A bill of materials beside a chart: this registry has no list of referrers, and oras keeps one at a tag.
        let kind = ["--artifact-type", "application/spdx+json"];
        oras.works(&[
            "attach",
            plain,
            kind[0],
            kind[1],
            &web,
            "sbom.json:application/spdx+json",
        ]);
        for other in [
            "team/image:1.0.0",
            "team/web:latest",
            "team/web:0.9.0",
            "other/web:1.0.0",
            "team/deep/web:1.0.0",
        ] {
            oras.works(&[
                "push",
                plain,
                kind[0],
                kind[1],
                &at(other),
                "sbom.json:application/spdx+json",
            ]);
        }
        // A chart under another name than its own.
        oras.works(&[
            "copy",
            "--from-plain-http",
            "--to-plain-http",
            &web,
            &at("team/stranger:1.0.0"),
        ]);

        let world = World::new().await;
        world.add_with(settings(&place.registry)).await;
        // This registry refuses to list as many names at once as it is asked for.
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_archives), (None, 4));
        assert_eq!(world.versions("team", "web").await, ["1.0.0"]);
        let detail = world.repository("team").await;
        assert_eq!(detail.summary.n_charts, 4);
        let mut skipped: Vec<_> = detail
            .skipped
            .iter()
            .map(|entry| format!("{}: {}", entry.name, entry.reason))
            .collect();
        skipped.sort();
        assert_eq!(
            skipped,
            [
                "image: it is no chart",
                "stranger: its chart has another name than the place where it is"
            ]
        );
    });
}

/// What cosign made, in a registry that has no list of referrers: oras keeps one at a tag there.
#[test]
fn what_cosign_put_there_is_verified() {
    block_on(async {
        for (at_tag, bundle, state) in [
            (Some("p256"), None, SignatureState::Verified),
            (None, Some("bundle-p256"), SignatureState::Verified),
            (Some("stranger"), Some("attested"), SignatureState::Unverified),
            (Some("p256"), Some("bundle-stranger"), SignatureState::Verified),
            (Some("other"), Some("bundle-p256"), SignatureState::Bad),
        ] {
            let Some(place) = Place::start(Setup::default()) else {
                return;
            };
            let Some(oras) = Client::find("CHARTROOM_TEST_ORAS", place.home.path()) else {
                return;
            };
            let layout = signature_sample("cosign").display().to_string();
            let at = format!("{}/{}", place.registry.host(), cosign::CHART);
            let copy = |tag: &str, to: &str| {
                let from = format!("{layout}:{tag}");
                oras.works(&["copy", "--from-oci-layout", &from, "--to-plain-http", to])
            };
            copy("chart", &format!("{at}:0.1.0"));
            if let Some(name) = at_tag {
                copy(name, &format!("{at}:{}", cosign::tag_of_signatures()));
            }
            if let Some(name) = bundle {
                copy(name, &format!("{at}@{}", digest(&cosign::manifest(name))));
            }
            let trust = |settings: &mut Settings| cosign::trust(settings, &["p256"], SignaturePolicy::Refuse);
            let world = World::with(trust).await;
            world.add_with(settings(&place.registry)).await;
            assert_eq!(world.sync("team").await.error, None);
            let charts = world.backend.charts();
            let bare = charts.get(&Viewer::anonymous(), "team", "bare", None).await;
            let signature = bare.expect("it is there").signature.expect("it is checked");
            assert_eq!(signature.state, state, "{at_tag:?} {bundle:?}: {signature:?}");
        }
    });
}
