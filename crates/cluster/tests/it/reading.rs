//! Records that real helm 3 and 4 wrote, read here, beside what real helm 4 prints of them.

use std::collections::BTreeSet;
use std::time::Duration;

use cluster::{Cluster, Error, ListOptions, Order, Selector, State};
use engine::datetime::Zone;
use helm::output::{self, Format, ListStyle};
use helm::release::{Release, user_labels};

use crate::outage::ClusterIsUp;
use crate::setup::Setup;

const FORMATS: [(&str, Format); 3] = [
    ("table", Format::Table),
    ("json", Format::Json),
    ("yaml", Format::Yaml),
];

impl Setup {
    /// Releases of both helms in several states.
    fn install(&self) {
        self.helm4(&[
            "install",
            "web",
            "hello-web",
            "--create-namespace",
            "--labels",
            "team=a,tier=web",
        ]);
        self.helm3(&["install", "book", "bookshop"]);
        self.helm3(&[
            "upgrade",
            "book",
            "bookshop",
            "--set",
            "replicas=2,text=<&>,big=1e22,half=1.5",
        ]);
        self.helm4(&["install", "guest", "guestbook"]);
        self.helm4(&[
            "upgrade",
            "guest",
            "guestbook",
            "--set",
            "moderation.maxLength=300,title=<A & B>",
            "--description",
            "first\nsecond line",
        ]);
        self.helm4(&["rollback", "guest", "1"]);
        self.helm4(&["install", "gone", "hello-web"]);
        self.helm4(&["uninstall", "gone", "--keep-history"]);
        self.helm4_fails(&["install", "bad", "hello-web", "--set", "service.port=-5"]);
    }

    fn remove(&self) {
        self.helm4(&["uninstall", "web", "book", "guest", "gone", "bad"]);
    }
}

/// Seconds that objects have to come to rest; after an outage controllers need some.
const ATTEMPTS: usize = 40;
const RELEASES: [&str; 5] = ["bad", "book", "gone", "guest", "web"];

#[tokio::test]
async fn what_is_read_prints_as_helm_prints_it() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("printed") else {
        return;
    };
    setup.install();
    let cluster = setup.cluster(None).await;
    lists(&setup, &cluster).await;
    for name in RELEASES {
        parts(&setup, &cluster, name).await;
        states(&setup, &cluster, name).await;
    }
    setup.remove();
}

async fn lists(setup: &Setup, cluster: &Cluster) {
    let base = ListOptions {
        namespace: Some(setup.namespace.clone()),
        max: Some(256),
        ..ListOptions::default()
    };
    let states = |states: &[State]| ListOptions {
        states: states.to_vec(),
        ..base.clone()
    };
    let cases = [
        (vec![], base.clone()),
        (vec!["--deployed"], states(&[State::Deployed])),
        (
            vec!["--failed", "--uninstalled"],
            states(&[State::Failed, State::Uninstalled]),
        ),
        (vec!["--superseded"], states(&[State::Superseded])),
        (vec!["--pending"], states(&[State::Pending])),
        (
            vec!["--filter", "^g"],
            ListOptions {
                filter: Some("^g".to_owned()),
                ..base.clone()
            },
        ),
        (
            vec!["--reverse", "--max", "2", "--offset", "1"],
            ListOptions {
                reverse: true,
                max: Some(2),
                offset: 1,
                ..base.clone()
            },
        ),
        (
            vec!["--date"],
            ListOptions {
                order: Order::Date,
                ..base.clone()
            },
        ),
        (
            vec!["--date", "--reverse", "--max", "3"],
            ListOptions {
                order: Order::Date,
                reverse: true,
                max: Some(3),
                ..base.clone()
            },
        ),
        (
            vec!["--selector", "team=a"],
            ListOptions {
                selector: Selector::parse("team=a").unwrap(),
                ..base.clone()
            },
        ),
    ];
    for (flags, options) in cases {
        let listed = cluster.list(&options).await.unwrap();
        assert!(listed.damaged.is_empty());
        for (word, format) in FORMATS {
            let style = ListStyle {
                format,
                headers: true,
                time_format: None,
                local: &Zone::Utc,
            };
            let args = [&["list", "--output", word], flags.as_slice()].concat();
            assert_eq!(
                output::list(&listed.releases, &style),
                setup.helm4(&args),
                "{args:?}"
            );
            let args = [&["list", "--short", "--output", word], flags.as_slice()].concat();
            let names = cluster.list_names(&options).await.unwrap();
            // Superseded revisions of one name have no order in helm; names alone do not show it.
            assert_eq!(output::names(&names, format), setup.helm4(&args), "{args:?}");
        }
    }
    let layout = "2006-01-02 15:04";
    let style = ListStyle {
        format: Format::Table,
        headers: false,
        time_format: Some(layout),
        local: &Zone::Utc,
    };
    let listed = cluster.list(&base).await.unwrap();
    let printed = setup.helm4(&["list", "--no-headers", "--time-format", layout]);
    assert_eq!(output::list(&listed.releases, &style), printed);
}

async fn parts(setup: &Setup, cluster: &Cluster, name: &str) {
    let newest = cluster.newest(&setup.namespace, name).await.unwrap();
    let first = cluster.revision(&setup.namespace, name, 1).await.unwrap();
    let (history, damaged) = cluster.history(&setup.namespace, name, 256).await.unwrap();
    assert!(damaged.is_empty());
    let history: Vec<Release> = history.into_iter().map(|stored| stored.release).collect();
    for (word, format) in FORMATS {
        let printed = |args: &[&str]| setup.helm4(&[args, &["--output", word]].concat());
        assert_eq!(
            output::history(&history, format, false, &Zone::Utc),
            printed(&["history", name]),
            "{name}"
        );
        assert_eq!(
            output::history(&history, format, true, &Zone::Utc),
            printed(&["history", name, "--show-rollback-revision"]),
            "{name}"
        );
        for (all, args) in [
            (false, vec!["get", "values", name]),
            (true, vec!["get", "values", name, "--all"]),
        ] {
            let values = output::values(&newest.release, format, all).unwrap();
            assert_eq!(values, printed(&args), "{args:?} {word}");
        }
        let metadata = output::metadata(&newest.release, &newest.labels, format, &Zone::Utc);
        assert_eq!(metadata, printed(&["get", "metadata", name]), "{name} {word}");
        let metadata = output::metadata(&first.release, &user_labels(&first.labels), format, &Zone::Utc);
        assert_eq!(
            metadata,
            printed(&["get", "metadata", name, "--revision", "1"]),
            "{name} {word}"
        );
    }
    for (stored, revision) in [(&newest, "0"), (&first, "1")] {
        let printed = |part: &str| setup.helm4(&["get", part, name, "--revision", revision]);
        assert_eq!(output::manifest(&stored.release), printed("manifest"), "{name}");
        assert_eq!(output::hooks(&stored.release), printed("hooks"), "{name}");
        assert_eq!(output::notes(&stored.release), printed("notes"), "{name}");
        assert_eq!(
            output::all(&stored.release, &Zone::Utc).unwrap(),
            printed("all"),
            "{name}"
        );
    }
}

async fn states(setup: &Setup, cluster: &Cluster, name: &str) {
    let release = cluster.newest(&setup.namespace, name).await.unwrap().release;
    for (word, format) in FORMATS {
        let is_table = format == Format::Table;
        // Pods start and controllers write while both look: what differs has to differ for good.
        let mut attempts = 0;
        let (ours, helms) = loop {
            let objects = cluster
                .live_objects(&release.manifest, &setup.namespace, is_table)
                .await
                .unwrap();
            let ours = output::status(&release, &objects, format, &Zone::Utc);
            let helms = setup.helm4(&["status", name, "--output", word]);
            let is_equal = if is_table {
                blocks(&ours) == blocks(&helms)
            } else {
                without_list_versions(&ours) == without_list_versions(&helms)
            };
            attempts += 1;
            if is_equal || attempts == ATTEMPTS {
                break (ours, helms);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        if is_table {
            assert_eq!(blocks(&ours), blocks(&helms), "{name}\n{ours}\n{helms}");
        } else {
            assert_eq!(
                without_list_versions(&ours),
                without_list_versions(&helms),
                "{name} {word}"
            );
        }
    }
}

/// The parts of a status. Helm prints kinds in the order of a Go map, which is none, and ages grow between two calls.
fn blocks(status: &str) -> BTreeSet<String> {
    let is_age = |word: &str| {
        let digits = word.trim_end_matches(['s', 'm', 'h', 'd']);
        digits.len() < word.len() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((rest, word)) if is_age(word) => format!("{} AGE", rest.trim_end()),
        _ => line.to_owned(),
    };
    let masked: Vec<String> = status.lines().map(line).collect();
    let text = masked.join("\n").replace("RESOURCES:\n", "RESOURCES:\n\n");
    text.split("\n\n").map(|block| block.trim().to_owned()).collect()
}

#[tokio::test]
async fn one_damaged_record_hides_no_other_and_long_lists_are_whole() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("many") else {
        return;
    };
    setup.helm4(&["install", "good", "hello-web", "--create-namespace"]);
    setup.helm4(&["install", "worse", "hello-web"]);
    let damage = format!(r#"{{"data":{{"release":"{}"}}}}"#, "bm8gcmVsZWFzZQ==");
    setup.kubectl(&[
        "patch",
        "secret",
        "sh.helm.release.v1.worse.v1",
        "--patch",
        &damage,
    ]);
    let cluster = setup.cluster(None).await;
    let options = ListOptions {
        namespace: Some(setup.namespace.clone()),
        ..ListOptions::default()
    };
    let listed = cluster.list(&options).await.unwrap();
    let names: Vec<&str> = listed
        .releases
        .iter()
        .map(|release| release.name.as_str())
        .collect();
    assert_eq!(names, ["good"]);
    let [(head, error)] = listed.damaged.as_slice() else {
        panic!("one is damaged")
    };
    assert_eq!((head.name.as_str(), head.revision), ("worse", 1));
    assert!(matches!(error, Error::Record { .. }));
    let error = cluster.newest(&setup.namespace, "worse").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "revision 1 of release worse in namespace {} cannot be read",
            setup.namespace
        )
    );

    // More than the API server gives at once. Whole records are not needed to name them.
    let records: Vec<serde_json::Value> = (0..701)
        .map(|number| {
            let name = format!("r{number:03}");
            serde_json::json!({
                "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
                "metadata": {
                    "name": format!("sh.helm.release.v1.{name}.v1"),
                    "labels": { "owner": "helm", "name": name, "status": "deployed", "version": "1" },
                },
            })
        })
        .collect();
    let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": records });
    let file = std::env::temp_dir().join(format!("records-{}.json", std::process::id()));
    std::fs::write(&file, list.to_string()).unwrap();
    setup.kubectl(&[
        "create",
        "--filename",
        &file.display().to_string(),
        "--validate=false",
    ]);
    std::fs::remove_file(&file).unwrap();
    let filtered = ListOptions {
        filter: Some("^r[0-9]".to_owned()),
        ..options
    };
    assert_eq!(cluster.list_names(&filtered).await.unwrap().len(), 701);
    // In all namespaces, beside whatever other tests have there.
    let everywhere = ListOptions {
        namespace: None,
        ..filtered
    };
    let names = cluster.list_names(&everywhere).await.unwrap();
    assert!(names.len() >= 701, "{}", names.len());
    setup.kubectl(&["delete", "secret", "--selector", "owner=helm", "--wait=false"]);
}

#[tokio::test]
async fn a_missing_right_and_a_missing_release_are_sentences() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("refused") else {
        return;
    };
    let carol = setup.cluster(Some("carol")).await;
    let error = carol.newest("development", "web").await.unwrap_err();
    assert!(
        matches!(&error, Error::Forbidden { verb: "list", .. }),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "no right to list secrets in the namespace development"
    );
    let error = carol.list(&ListOptions::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "no right to list secrets in all namespaces");
    let admin = setup.cluster(None).await;
    let error = admin.newest("development", "no-such-release").await.unwrap_err();
    assert_eq!(error.to_string(), "release: not found");
    let error = admin
        .revision("development", "no-such-release", 3)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "release: not found");
}

/// The version of a list is that of the whole cluster, and grows between two calls.
fn without_list_versions(status: &str) -> String {
    const LISTED: [&str; 2] = [
        "\"metadata\":{\"resourceVersion\":\"",
        "metadata:\n        resourceVersion: \"",
    ];
    let mut text = status.to_owned();
    for mark in LISTED {
        let parts: Vec<&str> = text.split(mark).collect();
        let cut = |part: &&str| {
            part.trim_start_matches(|digit: char| digit.is_ascii_digit())
                .to_owned()
        };
        let rest: Vec<String> = parts.iter().skip(1).map(cut).collect();
        text = [vec![parts[0].to_owned()], rest].concat().join(mark);
    }
    text
}
