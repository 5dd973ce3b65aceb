//! `chartroom show` beside what helm 4.3.1 printed (`helm_output/`).

use crate::cli_template::{fails, prints};
use crate::process::{chartroom, output, text};

#[test]
fn parts_are_printed_as_helm_prints_them() {
    prints(
        include_str!("helm_output/show-chart-bookshop.txt"),
        &["show", "chart", "bookshop"],
    );
    prints(
        include_str!("helm_output/show-values-hello-web.txt"),
        &["show", "values", "hello-web"],
    );
    prints(
        include_str!("helm_output/show-readme-ticker.txt"),
        &["show", "readme", "ticker"],
    );
    prints(
        include_str!("helm_output/show-crds-guestbook.txt"),
        &["show", "crds", "guestbook"],
    );
    prints(
        include_str!("helm_output/show-all-guestbook.txt"),
        &["show", "all", "guestbook"],
    );
}

#[test]
fn what_a_chart_does_not_have_is_nothing() {
    prints("", &["show", "crds", "hello-web"]);
    prints("", &["show", "values", "bare"]);
    prints("", &["inspect", "readme", "bare"]);
}

#[test]
fn a_chart_of_any_api_version_is_shown_but_no_folder_without_one() {
    fails("Chart.yaml file is missing", &["show", "chart", "hello-web/docs"]);
    fails("path \"/nowhere\" not found", &["show", "chart", "/nowhere"]);
}

#[test]
fn show_alone_helps_and_fails() {
    let got = output(&mut chartroom(&["show"]));
    assert_eq!(got.status.code(), Some(1));
    assert_eq!(text(&got.stdout), "");
    for part in ["chart", "values", "readme", "crds", "all"] {
        assert!(
            text(&got.stderr).contains(&format!("  {part} ")),
            "{}",
            text(&got.stderr)
        );
    }
}
