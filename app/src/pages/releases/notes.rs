//! `NOTES.txt` as it was rendered: text, in which only addresses of the web become links.

use leptos::prelude::*;
use model::release::ReleaseDetail;

use super::revision_line;
use crate::routes::ReleaseTab;

pub(super) fn tab(release: &ReleaseDetail, revision: i64, text: &str) -> AnyView {
    let body = if text.trim().is_empty() {
        view! { <p class="empty">"The chart says nothing about this revision."</p> }.into_any()
    } else {
        notes(text)
    };
    view! {
        <div class="toolbar">{revision_line(release, ReleaseTab::Notes, revision)}</div>
        {body}
    }
    .into_any()
}

pub(super) fn notes(text: &str) -> AnyView {
    let parts = parts(text.trim_matches('\n'))
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => text.to_owned().into_any(),
            Part::Link(url) => view! {
                <a href=url.to_owned() rel="nofollow noopener noreferrer">{url.to_owned()}</a>
            }
            .into_any(),
        })
        .collect_view();
    view! { <pre class="notes" tabindex="0">{parts}</pre> }.into_any()
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Link(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, url, after)) = next_link(rest) {
        if !before.is_empty() {
            out.push(Part::Text(before));
        }
        out.push(Part::Link(url));
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Part::Text(rest));
    }
    out
}

fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find("http")?;
        let (before, tail) = text.split_at(start);
        let scheme = ["https://", "http://"]
            .into_iter()
            .find(|scheme| tail.starts_with(scheme));
        let length = tail
            .find(|letter: char| {
                letter.is_whitespace() || letter.is_control() || "\"'`<>\\^{|}".contains(letter)
            })
            .unwrap_or(tail.len());
        let url = tail
            .get(..length)
            .unwrap_or_default()
            .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']);
        // `http://$SERVICE_IP` is a line of shell, not an address.
        let host = scheme.and_then(|scheme| url.strip_prefix(scheme));
        if host
            .is_some_and(|host| host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '['))
        {
            return Some((before, url, tail.get(url.len()..)?));
        }
        from = start + "http".len();
    }
}

#[cfg(test)]
mod tests {
    use super::Part::{Link, Text};
    use super::parts;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let rows = [
            ("plain", vec![Text("plain")]),
            (
                "Open http://a.example/x?y=1#z.",
                vec![Text("Open "), Link("http://a.example/x?y=1#z"), Text(".")],
            ),
            (
                "(https://a.example), \"http://b\"",
                vec![
                    Text("("),
                    Link("https://a.example"),
                    Text("), \""),
                    Link("http://b"),
                    Text("\""),
                ],
            ),
            (
                "javascript:alert(1) http://$IP:80 https:// httpx",
                vec![Text("javascript:alert(1) http://$IP:80 https:// httpx")],
            ),
            ("http://a<script>", vec![Link("http://a"), Text("<script>")]),
        ];
        for (text, want) in rows {
            assert_eq!(parts(text), want, "{text}");
        }
    }
}
