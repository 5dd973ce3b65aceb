//! Layers, mistakes and the generated document.

use std::fs;

use server::config::docs;

use crate::process::{chartroom, output, text};

#[test]
fn the_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        written.trim_end() == docs::markdown().trim_end(),
        "docs/configuration.md is old: `cargo run -p server -- config docs > docs/configuration.md` writes it"
    );
}

#[test]
fn later_layers_win() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("c.toml");
    fs::write(
        &file,
        "[server]\ntitle = \"from file\"\nbase_path = \"/file\"\nlisten = \"127.0.0.1:1\"\n",
    )
    .expect("written");
    let shown = output(
        chartroom(&["config", "show", "--data-dir", "/from/flag", "--config"])
            .arg(&file)
            .env("CHARTROOM__SERVER__BASE_PATH", "/environment")
            .env("CHARTROOM__SERVER__DATA_DIR", "/from/environment"),
    );
    let shown = text(&shown.stdout);
    for line in [
        "title = \"from file\"",
        "base_path = \"/environment\"",
        "data_dir = \"/from/flag\"",
        "listen = \"127.0.0.1:1\"",
        "request_timeout_secs = 60",
    ] {
        assert!(shown.contains(line), "{line} in\n{shown}");
    }
}

#[test]
fn secrets_come_from_files_and_are_masked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let secret = folder.path().join("url");
    fs::write(&secret, "postgres://me:hunter2@db/chartroom\n").expect("written");
    let shown = output(chartroom(&["config", "show"]).env("CHARTROOM__DATABASE__URL_FILE", &secret));
    let shown = text(&shown.stdout);
    assert!(shown.contains("[database]"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

/// What the file says, which variables are set, and the words that the message must have.
type Mistake = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

#[test]
fn mistakes_say_where() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("c.toml");
    let rows: &[Mistake] = &[
        (
            "[server]\n\nlisten = \"x:1\"\nlsten = \"y\"\n",
            &[],
            &["c.toml, line 4", "lsten"],
        ),
        ("[server\n", &[], &["c.toml, line 1"]),
        ("[sync]\ninterval_secs = \"often\"\n", &[], &["c.toml, line 2"]),
        (
            "",
            &[("CHARTROOM__SERVER__LSTEN", "x")],
            &["CHARTROOM__SERVER__LSTEN", "no setting"],
        ),
        (
            "",
            &[("CHARTROOM__SYNC__INTERVAL_SECS", "often")],
            &["CHARTROOM__SYNC__INTERVAL_SECS", "whole number"],
        ),
        (
            "",
            &[("CHARTROOM__SERVER__BASE_PATH", "a/b")],
            &["server.base_path", "a/b"],
        ),
        (
            "",
            &[("CHARTROOM__DATABASE__URL_FILE", "/does/not/exist")],
            &["CHARTROOM__DATABASE__URL_FILE", "/does/not/exist"],
        ),
        (
            "",
            &[("CHARTROOM__SYNC__ARCHIVES", "some")],
            &["CHARTROOM__SYNC__ARCHIVES", "on-demand"],
        ),
        (
            "[[clusters]]\nname = \"prod\"\n[releases]\nplan_timeout_secs = 60\n",
            &[],
            &["releases.plan_timeout_secs", "server.request_timeout_secs", "60"],
        ),
    ];
    for (content, variables, wanted) in rows {
        fs::write(&file, content).expect("written");
        let checked = output(
            chartroom(&["config", "check", "--config"])
                .arg(&file)
                .envs(variables.iter().copied()),
        );
        let said = text(&checked.stderr);
        assert_eq!(
            checked.status.code(),
            Some(1),
            "{content:?} {variables:?}: {said}"
        );
        for words in *wanted {
            assert!(said.contains(words), "{words} in {said}");
        }
    }
}
