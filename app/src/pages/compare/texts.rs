//! What differs line by line: what both versions come to, and the files of their archives.

use leptos::prelude::*;
use model::release::{ObjectChange, TextDifference};
use model::review::{ComparisonPart, FileChange, FileChanges, RenderedComparison};

use super::super::releases::compare::{row, word};
use super::parts::section;
use crate::components::difference::{Difference, counts, folded};
use crate::components::mark::{Look, Mark};
use crate::components::notice::Notice;
use crate::format::{number, size};

pub(super) fn rendered(rendered: RenderedComparison, values: AnyView) -> AnyView {
    let reasons: Vec<String> = [
        ("The older version", &rendered.before_reason),
        ("The newer version", &rendered.after_reason),
    ]
    .into_iter()
    .filter_map(|(which, reason)| Some(format!("{which} has no objects. {}", reason.as_ref()?)))
    .collect();
    let n_changed = rendered.objects.len() + rendered.relabelled.len() + rendered.n_left_out;
    let does_render = reasons.is_empty();
    let notices = reasons
        .into_iter()
        .map(|reason| view! { <Notice status="warn">{reason}</Notice> })
        .collect_view();
    let left_out = (rendered.n_left_out > 0).then(|| {
        let text = format!(
            "{} more differ than a page can show.",
            number(rendered.n_left_out as u64)
        );
        view! { <p class="muted section__note">{text}</p> }
    });
    let equal = does_render.then(|| {
        let text = match (n_changed, rendered.n_equal_objects) {
            (0, 0) => "Neither has an object.".to_owned(),
            (0, n) => format!("No object differs: all {} are equal.", number(n as u64)),
            (_, 0) => String::new(),
            (_, 1) => "1 object is equal and left out.".to_owned(),
            (_, n) => format!("{} objects are equal and left out.", number(n as u64)),
        };
        view! { <p class="muted section__note">{text}</p> }
    });
    let rows = rendered
        .objects
        .into_iter()
        .enumerate()
        .map(|(at, object)| row(object, at))
        .collect_view();
    let relabelled = relabelled(rendered.relabelled);
    let notes = notes(rendered.notes);
    let body = view! {
        {values}
        {notices}
        <ul class="planned-list">{rows}</ul>
        {relabelled}
        {left_out}
        {equal}
        {notes}
    };
    let noun = if does_render && n_changed > 0 {
        "object"
    } else {
        ""
    };
    section(
        ComparisonPart::Rendered,
        "What is rendered",
        n_changed,
        noun,
        body.into_any(),
    )
}

/// What differs in every upgrade of every chart is told in one line.
fn relabelled(objects: Vec<String>) -> Option<AnyView> {
    let n = objects.len();
    let rows = objects
        .into_iter()
        .map(|object| view! { <li>{object}</li> })
        .collect_view();
    (n > 0).then(|| {
        let text = match n {
            1 => "1 object differs only in labels that name the version".to_owned(),
            n => format!(
                "{} objects differ only in labels that name the version",
                number(n as u64)
            ),
        };
        view! {
            <details class="disclosure" id="relabelled">
                <summary>{text}</summary>
                <ul class="rights">{rows}</ul>
            </details>
        }
        .into_any()
    })
}

fn notes(notes: TextDifference) -> Option<AnyView> {
    let (gone, come) = counts(&notes);
    (gone + come > 0).then(|| {
        view! {
            <h3 class="compare__notes">"Notes after an installation"</h3>
            <Difference difference=notes label="Notes" />
        }
        .into_any()
    })
}

pub(super) fn files(files: FileChanges) -> Option<AnyView> {
    if files.changes.is_empty() {
        return None;
    }
    let n = files.changes.len() + files.n_left_out;
    let mut words = Vec::new();
    if files.n_left_out > 0 {
        words.push(format!(
            "{} more differ and are not listed.",
            number(files.n_left_out as u64)
        ));
    }
    if files.n_equal > 0 {
        words.push(format!(
            "{} equal.",
            match files.n_equal {
                1 => "1 file is".to_owned(),
                n => format!("{} files are", number(n as u64)),
            }
        ));
    }
    let rows = files
        .changes
        .into_iter()
        .enumerate()
        .map(|(at, change)| view! { <li>{file(change, at)}</li> })
        .collect_view();
    let body = view! {
        <ul class="planned-list">{rows}</ul>
        <p class="muted section__note">{words.join(" ")}</p>
    };
    Some(section(
        ComparisonPart::Files,
        "Files",
        n,
        "file",
        body.into_any(),
    ))
}

fn file(change: FileChange, at: usize) -> AnyView {
    let look = Look::of_change(change.change);
    if let Some(text) = change.text {
        return folded(
            format!("file-{at}"),
            (look, word(change.change)),
            String::new(),
            change.path,
            text,
            false,
        );
    }
    let facts = match (change.change, change.before_bytes, change.after_bytes) {
        (ObjectChange::Changed, Some(before), Some(after)) => format!("{} to {}", size(before), size(after)),
        (_, before, after) => size(after.or(before).unwrap_or_default()),
    };
    let note = change
        .note
        .map(|note| view! { <p class="muted compare__note">{note}</p> });
    view! {
        <div class="object">
            <Mark look=look word=word(change.change) />
            <span class="object__name">{change.path}</span>
            <span class="object__facts">{facts}</span>
        </div>
        {note}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::files::FileKind;
    use model::release::ObjectChange;
    use model::review::{FileChange, FileChanges};

    use super::files;

    #[test]
    fn files_without_a_difference_to_show_say_how_long_they_are() {
        let change = |path: &str, change, before_bytes, after_bytes| FileChange {
            path: path.to_owned(),
            kind: FileKind::Other,
            change,
            before_bytes,
            after_bytes,
            text: None,
            note: (change == ObjectChange::Changed).then(|| "It is not text.".to_owned()),
        };
        let html = files(FileChanges {
            changes: vec![
                change("logo<.png", ObjectChange::Changed, Some(10), Some(2_000)),
                change("new", ObjectChange::Added, None, Some(7)),
            ],
            n_equal: 1,
            n_left_out: 3,
        })
        .map(leptos::prelude::RenderHtml::to_html)
        .unwrap_or_default();
        for part in [
            "10 B to 2.0 kB",
            "logo&lt;.png",
            "It is not text.",
            "7 B",
            "1 file is equal.",
            "3 more differ",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(files(FileChanges::default()).is_none());
    }
}
