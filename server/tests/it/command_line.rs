//! What the commands print and how they end.

use crate::process::{chartroom, output, text};
use crate::upstream::Upstream;

#[test]
fn help_reads_well() {
    let help = output(&mut chartroom(&["--help"]));
    assert!(help.status.success());
    let help = text(&help.stdout);
    assert!(help.starts_with("A company's Helm charts"), "{help}");
    for words in ["serve", "repo", "sync", "config", "--data-dir"] {
        assert!(help.contains(words), "{words} in\n{help}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}

#[test]
fn a_repository_is_added_listed_synced_and_removed() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str]| {
        let mut command = chartroom(arguments);
        output(
            command
                .arg("--data-dir")
                .arg(data.path())
                .env("CHARTROOM__UPSTREAM__ALLOW_PRIVATE_NETWORKS", "true"),
        )
    };
    let upstream = Upstream::start();
    upstream.publish("one", "1.0.0");
    upstream.publish("one", "1.1.0");

    let added = run(&["repo", "add", "tools", &upstream.url()]);
    assert!(added.status.success(), "{}", text(&added.stderr));
    let again = run(&["repo", "add", "tools", &upstream.url()]);
    assert_eq!(again.status.code(), Some(1), "a name is taken once");
    assert!(text(&again.stderr).contains("tools"), "{}", text(&again.stderr));

    let synced = run(&["sync", "tools"]);
    assert!(synced.status.success(), "{}", text(&synced.stderr));
    assert!(
        text(&synced.stdout).contains("2 versions added"),
        "{}",
        text(&synced.stdout)
    );

    let listed = text(&run(&["repo", "list"]).stdout);
    let row = listed
        .lines()
        .find(|line| line.starts_with("tools"))
        .unwrap_or_else(|| panic!("a row for it in\n{listed}"));
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells.get(2..4), Some(&["1", "2"][..]), "{listed}");

    assert!(run(&["repo", "remove", "tools"]).status.success());
    let gone = run(&["repo", "remove", "tools"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(!text(&run(&["repo", "list"]).stdout).contains("tools"));
}

#[test]
fn a_sync_that_fails_says_why_and_exits_with_1() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str]| output(chartroom(arguments).arg("--data-dir").arg(data.path()));
    assert!(
        run(&["repo", "add", "inside", "http://127.0.0.1:9"])
            .status
            .success()
    );
    let failed = run(&["sync", "inside"]);
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed.stdout));
    let said = text(&failed.stderr);
    assert!(said.contains("inside") && said.contains("private"), "{said}");
}
