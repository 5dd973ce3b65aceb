//! Ends at any moment while OCI clients push, and disks without room: nothing half, and nothing lost that was answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{Reply, chart, chart_with, listed, send};
use super::oci::{MANIFEST, chart_manifest, digest};
use super::origin::{Serving, add_user};

/// What clients were told.
#[derive(Default)]
struct Told {
    /// Digests of blobs that were answered with 201.
    blobs: BTreeSet<String>,
    /// The archive of a chart's version whose manifest was answered with 201, by name and version.
    charts: BTreeMap<(String, String), Vec<u8>>,
    /// The same of those whose answer never came: there as a whole, or not at all.
    unsure: BTreeMap<(String, String), Vec<u8>>,
    /// Uploads of which so many bytes were answered, and the archive that they are of.
    open: Vec<(String, usize, Vec<u8>)>,
}

/// A client that may be cut off in the middle of anything.
struct Client<'a> {
    port: u16,
    bearer: &'a str,
    n_answers: &'a AtomicU64,
}

impl Client<'_> {
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Reply> {
        let headers = [&[("authorization", self.bearer)][..], headers].concat();
        let reply = send(self.port, method, path, &headers, body)?;
        self.n_answers.fetch_add(1, Ordering::Relaxed);
        Some(reply)
    }

    /// Pushes a chart as clients do that send blobs in pieces; nothing once the server is gone.
    fn push(&self, name: &str, version: &str, archive: &[u8], told: &Mutex<Told>) -> Option<()> {
        let repository = format!("/v2/hosted/{name}");
        let begun = self.send("POST", &format!("{repository}/blobs/uploads/"), &[], b"")?;
        assert_eq!(begun.status, 202, "{}", begun.text());
        let location = begun.header("location").to_owned();
        let (first, rest) = archive.split_at(archive.len() / 2);
        let range = format!("0-{}", first.len() - 1);
        let appended = self.send("PATCH", &location, &[("content-range", &range)], first);
        let n_known = appended.as_ref().map_or(0, |_| first.len());
        let finished = appended.and_then(|appended| {
            assert_eq!(appended.status, 202, "{}", appended.text());
            self.send(
                "PUT",
                &format!("{location}?digest={}", digest(archive)),
                &[],
                rest,
            )
        });
        let Some(finished) = finished else {
            let mut told = told.lock().expect("unpoisoned");
            told.open.push((location, n_known, archive.to_vec()));
            return None;
        };
        assert_eq!(finished.status, 201, "{}", finished.text());
        told.lock().expect("unpoisoned").blobs.insert(digest(archive));
        let config = format!("{repository}/blobs/uploads/?digest={}", digest(b"{}"));
        assert_eq!(self.send("POST", &config, &[], b"{}")?.status, 201);
        let manifest = chart_manifest(archive).to_string();
        let address = format!("{repository}/manifests/{version}");
        let pushed = self.send(
            "PUT",
            &address,
            &[("content-type", MANIFEST)],
            manifest.as_bytes(),
        );
        let key = (name.to_owned(), version.to_owned());
        let mut told = told.lock().expect("unpoisoned");
        match pushed {
            Some(pushed) => {
                assert_eq!(pushed.status, 201, "{}", pushed.text());
                told.charts.insert(key, archive.to_vec());
                Some(())
            }
            None => {
                told.unsure.insert(key, archive.to_vec());
                None
            }
        }
    }
}

#[test]
fn killed_at_any_moment_a_registry_keeps_what_it_answered_and_shows_nothing_half() {
    let data = tempfile::tempdir().expect("a folder");
    add_user(data.path(), "olga", "operator");
    let serving = Serving::start(data.path(), &[]);
    let bearer = format!("Bearer {}", serving.token("olga", "charts:write"));
    serving.kill();
    let told = Mutex::new(Told::default());
    // A fixed sequence, so that a failure can be looked at again.
    let mut random = 5_u64;
    let mut next = move || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        random >> 33
    };
    for round in 0..12 {
        let serving = Serving::start(data.path(), &[]);
        verify(&serving, &bearer, &mut told.lock().expect("unpoisoned"), round);
        let n_answers = AtomicU64::new(0);
        let (n_answers, told, bearer, port) = (&n_answers, &told, bearer.as_str(), serving.port);
        std::thread::scope(|scope| {
            for client in 0..2 {
                scope.spawn(move || {
                    let pushing = Client {
                        port,
                        bearer,
                        n_answers,
                    };
                    for n in 0..1_000 {
                        let (name, version) = (format!("c{client}"), format!("{round}.{n}.0"));
                        let archive = chart_with(&name, &version, &format!("Round {round}, number {n}."));
                        if pushing.push(&name, &version, &archive, told).is_none() {
                            return;
                        }
                    }
                });
            }
            // After so many answers, and then a moment that falls anywhere into what is under way.
            let begun = Instant::now();
            let n_wanted = 5 + next() % 25;
            while n_answers.load(Ordering::Relaxed) < n_wanted {
                assert!(begun.elapsed() < Duration::from_secs(60), "it answers");
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_micros(next() % 20_000));
            serving.kill();
        });
    }
    let serving = Serving::start(data.path(), &[]);
    let mut told = told.into_inner().expect("unpoisoned");
    verify(&serving, &bearer, &mut told, 99);
    assert!(told.charts.len() > 12, "{}", told.charts.len());
    let staging = data.path().join("hosted/.staging");
    assert!(
        listed(&staging).is_empty(),
        "nothing of what was cut short is left"
    );
}

/// Blobs, manifests and the index agree with each other and with what was answered; what was cut off goes on.
fn verify(serving: &Serving, bearer: &str, told: &mut Told, round: u32) {
    let index = serving.get("/hosted/index.yaml").text();
    for ((name, version), archive) in &told.unsure {
        let manifest = serving.get(&format!("/v2/hosted/{name}/manifests/{version}"));
        let file = format!("charts/{name}-{version}.tgz");
        let is_listed = index.contains(&file);
        assert_eq!(
            manifest.status,
            if is_listed { 200 } else { 404 },
            "round {round}: {name} {version} is there by both doors or by none"
        );
        if is_listed {
            // Its manifest may not have come with it: one that is made of the archive stands in until it is pushed again.
            let layer = &chart_manifest(archive)["layers"][0]["digest"];
            let layer = layer.as_str().expect("a digest");
            assert!(manifest.text().contains(layer), "round {round}: {name} {version}");
            assert!(
                serving.get(&format!("/hosted/{file}")).body == *archive,
                "round {round}: {file}"
            );
        }
    }
    for ((name, version), archive) in &told.charts {
        let manifest = serving.get(&format!("/v2/hosted/{name}/manifests/{version}"));
        assert_eq!(
            manifest.text(),
            chart_manifest(archive).to_string(),
            "round {round}"
        );
        let file = format!("charts/{name}-{version}.tgz");
        assert!(index.contains(&file), "round {round}: {file} is in the index");
        assert!(
            serving.get(&format!("/hosted/{file}")).body == *archive,
            "round {round}: {file}"
        );
    }
    for blob in &told.blobs {
        let found = ["c0", "c1"].iter().find_map(|name| {
            let blob = serving.get(&format!("/v2/hosted/{name}/blobs/{blob}"));
            (blob.status == 200).then_some(blob.body)
        });
        let found = found.unwrap_or_else(|| panic!("round {round}: {blob} was answered with 201"));
        assert_eq!(digest(&found), *blob, "round {round}: a blob is whole");
    }
    let n_answers = AtomicU64::new(0);
    let client = Client {
        port: serving.port,
        bearer,
        n_answers: &n_answers,
    };
    for (location, n_known, archive) in std::mem::take(&mut told.open) {
        let progress = client.send("GET", &location, &[], b"").expect("it answers");
        if progress.status == 404 {
            // Its last request was done, and its answer lost.
            continue;
        }
        assert_eq!(progress.status, 204, "{}", progress.text());
        let last = progress
            .header("range")
            .strip_prefix("0-")
            .expect("a range")
            .to_owned();
        let n_there = match last.parse::<usize>().expect("a number") {
            // Of an empty upload the last byte is said to be the first.
            0 => 0,
            last => last + 1,
        };
        assert!(
            n_there >= n_known && n_there <= archive.len(),
            "round {round}: {n_there}"
        );
        let rest = archive.get(n_there..).unwrap_or_default();
        let address = format!("{location}?digest={}", digest(&archive));
        let finished = client.send("PUT", &address, &[], rest).expect("it answers");
        assert_eq!(finished.status, 201, "round {round}: {}", finished.text());
        told.blobs.insert(digest(&archive));
    }
}

#[test]
fn a_push_that_has_no_room_leaves_nothing_and_room_that_is_made_is_used() {
    let data = tempfile::tempdir().expect("a folder");
    add_user(data.path(), "olga", "operator");
    let serving = Serving::start(data.path(), &[("CHARTROOM__HOSTED__QUOTA_BYTES", "3000")]);
    let bearer = format!("Bearer {}", serving.token("olga", "charts:write"));
    let push = |bytes: &[u8]| {
        let address = format!("/v2/hosted/web/blobs/uploads/?digest={}", digest(bytes));
        serving.request("POST", &address, &[("authorization", &bearer)], bytes)
    };
    let large = vec![7; 4_000];
    let refused = push(&large);
    assert_eq!(refused.status, 507, "{}", refused.text());
    let of_large = format!("/v2/hosted/web/blobs/{}", digest(&large));
    assert_eq!(serving.get(&of_large).status, 404);
    assert_uploads_are_gone(data.path());
    assert_eq!(push(&chart("web", "1.0.0")).status, 201);
}

/// A directory in which nothing can be written, as one on a full or broken disk.
#[test]
fn a_disk_that_does_not_take_a_push_is_an_error_and_not_a_blob() {
    let data = tempfile::tempdir().expect("a folder");
    add_user(data.path(), "olga", "operator");
    let serving = Serving::start(data.path(), &[]);
    let bearer = format!("Bearer {}", serving.token("olga", "charts:write"));
    let blob = chart("web", "1.0.0");
    let push = || {
        let address = format!("/v2/hosted/web/blobs/uploads/?digest={}", digest(&blob));
        serving.request("POST", &address, &[("authorization", &bearer)], &blob)
    };
    // Where blobs come to their place there is a file.
    let blobs = data.path().join("hosted/.oci/blobs");
    std::fs::create_dir_all(blobs.parent().expect("a folder")).expect("it is made");
    std::fs::write(&blobs, b"").expect("it is written");
    let refused = push();
    assert_eq!(refused.status, 500, "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["code"], json!("UNKNOWN"));
    let address = format!("/v2/hosted/web/blobs/{}", digest(&blob));
    assert_eq!(serving.get(&address).status, 404);
    assert_uploads_are_gone(data.path());
    std::fs::remove_file(&blobs).expect("it is removed");
    assert_eq!(push().status, 201);
    assert_eq!(serving.get(&address).body, blob);
}

fn assert_uploads_are_gone(data: &Path) {
    let uploads = listed(&data.join("hosted/.oci/uploads"));
    assert!(uploads.is_empty(), "{uploads:?}");
}
