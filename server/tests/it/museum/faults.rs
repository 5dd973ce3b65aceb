//! Ends at any moment, and disks without room: nothing half, and nothing lost that was answered.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::client::{Museum, chart_with, listed, send};

/// What clients were told, by file name.
#[derive(Default)]
struct Told {
    /// SHA-256 of what was answered with 201 last.
    saved: BTreeMap<String, String>,
    /// What was on its way when the process died: any of these, or nothing.
    unsure: BTreeMap<String, Vec<Option<String>>>,
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_answered_and_shows_nothing_half() {
    let dir = tempfile::tempdir().expect("a folder");
    let told = Arc::new(Mutex::new(Told::default()));
    // A fixed sequence, so that a failure can be looked at again.
    let mut random = 11_u64;
    let mut next = move || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        random >> 33
    };
    for round in 0..25 {
        let museum = Museum::start(dir.path(), &[]);
        verify(&museum, dir.path(), &told.lock().expect("unpoisoned"), round);
        settle(&mut told.lock().expect("unpoisoned"), &museum);
        let n_answers = Arc::new(AtomicU64::new(0));
        let clients: Vec<_> = (0..3)
            .map(|client| {
                let (told, n_answers, port) = (Arc::clone(&told), Arc::clone(&n_answers), museum.port);
                std::thread::spawn(move || work(client, round, port, &told, &n_answers))
            })
            .collect();
        // After so many answers, and then a moment that falls anywhere into what is under way.
        let begun = Instant::now();
        let n_wanted = 3 + next() % 12;
        while n_answers.load(Ordering::Relaxed) < n_wanted {
            assert!(begun.elapsed() < Duration::from_secs(60), "it answers");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(next() % 30_000));
        museum.kill();
        for client in clients {
            client.join().expect("a client does not panic");
        }
    }
    let museum = Museum::start(dir.path(), &[]);
    let told = told.lock().expect("unpoisoned");
    verify(&museum, dir.path(), &told, 99);
    assert!(told.saved.len() > 20, "{:?}", told.saved.keys());
    // Nothing of what was cut short is left.
    assert!(listed(&dir.path().join(".staging")).is_empty());
}

/// Uploads new versions, uploads over old ones, deletes some, until the process is gone.
fn work(client: u32, round: u32, port: u16, told: &Mutex<Told>, n_answers: &AtomicU64) {
    for n in 0..1_000 {
        let name = format!("c{client}");
        // Every fifth is one that is overwritten again and again.
        let version = if n % 5 == 0 {
            "9.9.9".to_owned()
        } else {
            format!("{round}.{n}.0")
        };
        let file = format!("{name}-{version}.tgz");
        if n % 7 == 6 {
            let path = format!("/api/charts/{name}/9.9.9");
            let file = format!("{name}-9.9.9.tgz");
            let before = told.lock().expect("unpoisoned").saved.remove(&file);
            match send(port, "DELETE", &path, &[], b"") {
                Some(reply) => {
                    let want = if before.is_some() { 200 } else { 404 };
                    assert_eq!(reply.status, want, "{}", reply.text());
                    n_answers.fetch_add(1, Ordering::Relaxed);
                }
                None => {
                    let mut told = told.lock().expect("unpoisoned");
                    told.unsure.insert(file, vec![before, None]);
                    return;
                }
            }
            continue;
        }
        let archive = chart_with(&name, &version, &format!("Round {round}, number {n}."));
        let digest = hex::encode(Sha256::digest(&archive));
        let reply = send(port, "POST", "/api/charts?force", &[], &archive);
        let mut told = told.lock().expect("unpoisoned");
        match reply {
            Some(reply) => {
                assert_eq!(reply.status, 201, "{}", reply.text());
                told.saved.insert(file, digest);
                n_answers.fetch_add(1, Ordering::Relaxed);
            }
            None => {
                let before = told.saved.remove(&file);
                told.unsure.insert(file, vec![before, Some(digest)]);
                return;
            }
        }
    }
}

/// Index, archives and files agree with each other and with what was answered.
fn verify(museum: &Museum, dir: &Path, told: &Told, round: u32) {
    let list = museum.get("/api/charts").json();
    let mut shown = BTreeMap::new();
    for versions in list.as_object().expect("an object").values() {
        for version in versions.as_array().expect("a list") {
            let file = version["urls"][0]
                .as_str()
                .and_then(|url| url.strip_prefix("charts/"));
            let digest = version["digest"].as_str().expect("a digest").to_owned();
            shown.insert(file.expect("an address").to_owned(), digest);
        }
    }
    for (file, digest) in &shown {
        let archive = museum.get(&format!("/charts/{file}"));
        assert_eq!(archive.status, 200, "round {round}: {file} is in the index");
        assert_eq!(
            hex::encode(Sha256::digest(&archive.body)),
            *digest,
            "round {round}: {file} is whole"
        );
    }
    for (file, digest) in &told.saved {
        assert_eq!(
            shown.get(file),
            Some(digest),
            "round {round}: {file} was answered with 201"
        );
    }
    for (file, possible) in &told.unsure {
        let found = shown.get(file).cloned();
        assert!(
            possible.contains(&found),
            "round {round}: {file} is {found:?}, not one of {possible:?}"
        );
    }
    let known = |file: &String| told.saved.contains_key(file) || told.unsure.contains_key(file);
    assert!(
        shown.keys().all(known),
        "round {round}: nothing is there that nobody uploaded"
    );
    let files = listed(dir);
    assert_eq!(files, shown.keys().cloned().collect::<Vec<_>>(), "round {round}");
}

/// What was not sure is what is there now.
fn settle(told: &mut Told, museum: &Museum) {
    for (file, _) in std::mem::take(&mut told.unsure) {
        let archive = museum.get(&format!("/charts/{file}"));
        if archive.status == 200 {
            told.saved
                .insert(file, hex::encode(Sha256::digest(&archive.body)));
        }
    }
}

#[test]
fn a_quota_that_is_reached_refuses_uploads_and_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let variables = [("CHARTROOM__HOSTED__QUOTA_BYTES", "2000")];
    let museum = Museum::start_with(dir.path(), &[], &variables);
    let mut n_saved = 0;
    let refused = loop {
        let reply = museum.post("/api/charts", &chart_with("web", &format!("1.{n_saved}.0"), ""));
        if reply.status != 201 {
            break reply;
        }
        n_saved += 1;
        assert!(n_saved < 20, "the quota holds");
    };
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(n_saved > 0);
    assert_eq!(listed(dir.path()).len(), n_saved);
    assert!(listed(&dir.path().join(".staging")).is_empty());
    assert_eq!(
        museum.get("/api/charts/web").json().as_array().map(Vec::len),
        Some(n_saved)
    );
    // Room that is made is used.
    assert_eq!(
        museum.request("DELETE", "/api/charts/web/1.0.0", &[], b"").status,
        200
    );
    assert_eq!(
        museum.post("/api/charts", &chart_with("db", "1.0.0", "")).status,
        201
    );
}

/// A directory on which nothing can be written, as one on a full or broken disk.
#[test]
fn a_disk_that_does_not_take_it_is_an_error_and_not_an_upload() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(dir.path(), &[]);
    assert_eq!(
        museum.post("/api/charts", &chart_with("web", "1.0.0", "")).status,
        201
    );
    // Where bytes are to be put down first there is a file.
    std::fs::remove_dir_all(dir.path().join(".staging")).expect("it is removed");
    std::fs::write(dir.path().join(".staging"), b"").expect("it is written");
    let reply = museum.post("/api/charts", &chart_with("web", "2.0.0", ""));
    assert_eq!(reply.status, 500, "{}", reply.text());
    assert_eq!(museum.get("/api/charts/web/2.0.0").status, 404);
    assert_eq!(listed(dir.path()), [".staging", "web-1.0.0.tgz"]);
    std::fs::remove_file(dir.path().join(".staging")).expect("it is removed");
    assert_eq!(
        museum.post("/api/charts", &chart_with("web", "2.0.0", "")).status,
        201
    );
}
