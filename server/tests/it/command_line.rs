//! What the commands print and how they end.

use std::process::Output;

use crate::process::{Server, chartroom, output, output_with, text};
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

/// Runs a command on a data directory, with upstreams of this machine.
fn beside_upstreams(data: &tempfile::TempDir, arguments: &[&str]) -> Output {
    output(
        chartroom(arguments)
            .arg("--data-dir")
            .arg(data.path())
            .env("CHARTROOM__UPSTREAM__ALLOW_PRIVATE_NETWORKS", "true"),
    )
}

#[test]
fn a_repository_is_added_listed_synced_and_removed() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str]| beside_upstreams(&data, arguments);
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

#[test]
fn users_are_added_and_changed_with_passwords_from_standard_input() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str], password: &str| {
        let mut command = chartroom(arguments);
        output_with(command.arg("--data-dir").arg(data.path()), password)
    };
    let added = run(&["user", "add", "root", "--role", "admin"], "a long enough one\n");
    assert!(added.status.success(), "{}", text(&added.stderr));
    assert_eq!(text(&added.stdout), "\"root\" has been added: admin\n");
    let added = run(
        &[
            "user",
            "add",
            "bob",
            "--role",
            "operator",
            "--cluster",
            "prod",
            "-n",
            "shop",
        ],
        "another long enough one",
    );
    assert_eq!(
        text(&added.stdout),
        "\"bob\" has been added: operator@prod/shop\n"
    );

    for (arguments, password, words) in [
        (&["user", "add", "bob"][..], "a long enough one", "taken"),
        (&["user", "add", "eve"], "short", "at least 12 characters"),
        (&["user", "add", "eve"], "", "no password"),
        (&["user", "disable", "root"], "", "last administrator"),
        (&["user", "revoke", "root", "admin"], "", "last administrator"),
        (&["user", "password", "nobody"], "", "does not exist"),
    ] {
        let refused = run(arguments, password);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(text(&refused.stderr).contains(words), "{}", text(&refused.stderr));
    }

    let granted = run(&["user", "grant", "bob", "viewer"], "");
    assert_eq!(
        text(&granted.stdout),
        "\"bob\" is now: operator@prod/shop, viewer\n"
    );
    let revoked = run(
        &[
            "user",
            "revoke",
            "bob",
            "operator",
            "--cluster",
            "prod",
            "-n",
            "shop",
        ],
        "",
    );
    assert_eq!(text(&revoked.stdout), "\"bob\" is now: viewer\n");
    assert!(
        run(&["user", "password", "bob"], "yet another one\n")
            .status
            .success()
    );
    assert!(run(&["user", "disable", "bob"], "").status.success());
    let listed = text(&run(&["user", "list"], "").stdout);
    let rows: Vec<Vec<&str>> = listed
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows.get(1..),
        Some(
            &[
                vec!["bob", "disabled", "viewer", "never"],
                vec!["root", "enabled", "admin", "never"],
            ][..]
        ),
        "{listed}"
    );
    assert!(run(&["user", "enable", "bob"], "").status.success());
}

#[test]
fn a_first_start_prints_the_link_that_makes_the_first_user() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let first = Server::start_printing(data.path());
    let line = first.printed_line("/setup?token=");
    let link = line.trim();
    let origin = format!("http://localhost:{}", first.server.port);
    let path = link
        .strip_prefix(&origin)
        .unwrap_or_else(|| panic!("{link} is on {origin}"));
    let page = first.server.wait_until(path, |status, _| status == 200);
    assert!(page.contains("The first user"), "{page}");
    drop(first);

    let added = output_with(
        chartroom(&["user", "add", "root", "--role", "admin", "--data-dir"]).arg(data.path()),
        "a long enough one",
    );
    assert!(added.status.success(), "{}", text(&added.stderr));
    let second = Server::start_printing(data.path());
    second.server.answers_after("/readyz");
    let (status, _) = second.server.get(path).expect("an answer");
    assert_eq!(status, 409, "the link is of no use any more");
    assert!(second.printed().is_empty(), "{}", second.printed());
}

#[test]
fn charts_are_carried_in_a_file_to_where_no_network_leads() {
    let (here, there) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let run = beside_upstreams;
    let upstream = Upstream::start();
    upstream.publish("one", "1.0.0");
    upstream.publish("two", "1.1.0");
    for arguments in [&["repo", "add", "tools", &upstream.url()][..], &["sync", "tools"]] {
        let done = run(&here, arguments);
        assert!(done.status.success(), "{}", text(&done.stderr));
    }
    let list = here.path().join("charts.txt");
    std::fs::write(&list, "# ours\ntools/one  # the first\n\n").expect("it is written");
    let bundle = here.path().join("bundle.tar");
    let (list, bundle) = (list.display().to_string(), bundle.display().to_string());
    let exported = run(
        &here,
        &["bundle", "export", &bundle, "tools/two@^1", "--from", &list],
    );
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    assert!(
        text(&exported.stdout).contains("2 charts, 0 signed"),
        "{}",
        text(&exported.stdout)
    );
    upstream.go_down();

    let shown = text(&run(&there, &["bundle", "show", &bundle]).stdout);
    assert!(shown.contains("tools") && shown.contains("two"), "{shown}");
    let verified = run(&there, &["bundle", "verify", &bundle]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    for says in [
        "2 added, 0 there already, 0 refused",
        "0 added, 2 there already, 0 refused",
    ] {
        let imported = run(&there, &["bundle", "import", &bundle]);
        assert!(imported.status.success(), "{}", text(&imported.stderr));
        assert_eq!(text(&imported.stdout).trim(), says);
    }
    let shown = run(&there, &["show", "chart", "hosted/one"]);
    assert!(
        text(&shown.stdout).contains("version: 1.0.0"),
        "{}",
        text(&shown.stderr)
    );

    let mut bytes = std::fs::read(&bundle).expect("it is there");
    let middle = bytes.len() / 4;
    bytes[middle] ^= 0x55;
    std::fs::write(&bundle, bytes).expect("it is written");
    let verified = run(&there, &["bundle", "verify", &bundle]);
    assert_eq!(verified.status.code(), Some(1), "{}", text(&verified.stdout));
    let missing = run(&here, &["bundle", "export", &bundle, "tools/none"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        text(&missing.stderr).contains("none"),
        "{}",
        text(&missing.stderr)
    );
}
