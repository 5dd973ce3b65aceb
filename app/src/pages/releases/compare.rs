//! Two revisions of a release: what there is to know first, then values, objects and notes line by line.

use leptos::prelude::*;
use model::release::{Comparison, ObjectChange, ObjectDifference, ReleaseId, TextDifference};

use super::super::Page;
use super::breadcrumbs;
use crate::components::difference::{Difference, counts, folded, lines};
use crate::components::mark::Look;
use crate::format::{count, number};
use crate::routes::{Links, ReleasePage, ReleaseTab};

/// Objects that differ in more lines than these stay folded.
const MAX_OPEN_LINES: usize = 60;

pub(in crate::pages) fn show(id: &ReleaseId, comparison: Comparison) -> Page {
    let links = Links::here();
    let Comparison { from, to, .. } = comparison;
    let title = format!("{}: revisions {from} and {to}", id.name);
    let description = format!("What differs between revisions {from} and {to} of {}.", id.name);
    let summary = summary(&comparison);
    let history = links.release_page(id, ReleasePage::Tab(ReleaseTab::History));
    let view = view! {
        <article class="release">
            {breadcrumbs(id, true)}
            <header class="page-header">
                <h1>{format!("From revision {from} to {to}")}</h1>
                <p class="plan__summary">{summary}</p>
                <p class="release__links">
                    <a href=links.release_compare(id, to, from)>"The other way round"</a>
                    <a href=history>"Choose others"</a>
                </p>
            </header>
            <div class="plan">
                {text("Values", comparison.values)}
                {objects(comparison.objects, comparison.n_equal_objects)}
                {text("Notes", comparison.notes)}
            </div>
        </article>
    };
    let canonical = links.release_compare(id, from, to);
    Page::new(title, description, canonical, view.into_any())
}

/// `nginx 1.2.3 became 1.3.0. 2 objects changed, 1 was added; 12 are equal. Values differ.`
fn summary(comparison: &Comparison) -> String {
    let mut sentences = Vec::new();
    if let Some((before, after)) = &comparison.chart {
        sentences.push(format!("The chart went from {before} to {after}."));
    }
    let n = |change| {
        let objects = comparison.objects.iter().filter(|object| object.change == change);
        objects.count() as u64
    };
    let changes: Vec<String> = [
        (ObjectChange::Changed, "changed"),
        (ObjectChange::Added, "added"),
        (ObjectChange::Removed, "removed"),
    ]
    .into_iter()
    .filter(|(change, _)| n(*change) > 0)
    .enumerate()
    .map(|(at, (change, word))| match at {
        0 => format!("{} {word}", count(n(change), "object")),
        _ => format!("{} {word}", number(n(change))),
    })
    .collect();
    let equal = comparison.n_equal_objects as u64;
    sentences.push(match (changes.is_empty(), equal) {
        (true, 0) => "Neither has an object.".to_owned(),
        (true, n) => format!("{} equal.", are(n, "object")),
        (false, 0) => format!("{}.", changes.join(", ")),
        (false, n) => format!("{}; {} equal.", changes.join(", "), are(n, "")),
    });
    let (gone, come) = counts(&comparison.values);
    sentences.push(if gone + come == 0 {
        "Values are the same.".to_owned()
    } else {
        "Values differ.".to_owned()
    });
    sentences.join(" ")
}

fn are(n: u64, noun: &str) -> String {
    let what = if noun.is_empty() {
        number(n)
    } else {
        count(n, noun)
    };
    format!("{what} {}", if n == 1 { "is" } else { "are" })
}

fn text(heading: &'static str, difference: TextDifference) -> AnyView {
    let lines = lines(&difference);
    view! {
        <section class="section">
            <header class="section__head">
                <h2>{heading}</h2>
                {lines}
            </header>
            <Difference difference=difference label=heading />
        </section>
    }
    .into_any()
}

fn objects(objects: Vec<ObjectDifference>, n_equal: usize) -> AnyView {
    let equal = match n_equal {
        0 => String::new(),
        n => format!("{} equal and left out", are(n as u64, "")),
    };
    let rows = objects
        .into_iter()
        .enumerate()
        .map(|(at, object)| row(object, at))
        .collect::<Vec<_>>();
    let body = if rows.is_empty() {
        view! { <p class="muted section__note">"No object differs."</p> }.into_any()
    } else {
        view! { <ul class="planned-list">{rows}</ul> }.into_any()
    };
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"Objects"</h2>
                <p class="muted">{equal}</p>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// An object that differs.
pub(in crate::pages) fn row(object: ObjectDifference, at: usize) -> AnyView {
    let (gone, come) = counts(&object.text);
    let is_open = gone + come <= MAX_OPEN_LINES && object.change == ObjectChange::Changed;
    let look = (Look::of_change(object.change), word(object.change));
    let row = folded(
        format!("object-{at}"),
        look,
        object.kind,
        object.name,
        object.text,
        is_open,
    );
    view! { <li>{row}</li> }.into_any()
}

/// What happened to it.
pub(in crate::pages) fn word(change: ObjectChange) -> &'static str {
    match change {
        ObjectChange::Added => "added",
        ObjectChange::Changed => "changed",
        ObjectChange::Removed => "removed",
    }
}
