//! What differs between two texts, line by line, as people know it from patches.

use leptos::prelude::*;
use model::release::{DifferenceLine, Hunk, LineKind, TextDifference};

use super::icon::Icon;
use super::mark::{Look, Mark};
use crate::format::{count, number};

/// The parts that differ, or that none does.
#[component]
pub(crate) fn Difference(
    difference: TextDifference,
    /// What a screen reader calls it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    if difference.hunks.is_empty() {
        return view! { <p class="muted section__note">"No line differs."</p> }.into_any();
    }
    let cut = difference
        .is_cut
        .then(|| view! { <p class="muted section__note">"There is more that differs than is shown."</p> });
    let hunks = difference.hunks.into_iter().map(hunk).collect_view();
    view! {
        <div class="code-view difference" role="region" aria-label=label tabindex="0">{hunks}</div>
        {cut}
    }
    .into_any()
}

/// How many lines went and came.
pub(crate) fn counts(difference: &TextDifference) -> (usize, usize) {
    let of = |kind| {
        let lines = difference.hunks.iter().flat_map(|hunk| &hunk.lines);
        lines.filter(|line| line.kind == kind).count()
    };
    (of(LineKind::Old), of(LineKind::New))
}

/// `+3 −1`, said in words, too.
pub(crate) fn lines(difference: &TextDifference) -> Option<AnyView> {
    let (gone, come) = counts(difference);
    (gone + come > 0).then(|| {
        let said = format!(
            "{} added, {} removed",
            count(come as u64, "line"),
            number(gone as u64)
        );
        view! {
            <span class="difference__counts" title=said>
                <span class="visually-hidden">{said.clone()}</span>
                <span data-status="ok" aria-hidden="true">{format!("+{come}")}</span>
                <span data-status="danger" aria-hidden="true">{format!("\u{2212}{gone}")}</span>
            </span>
        }
        .into_any()
    })
}

/// A line that says what happened to something, which unfolds to how it differs.
pub(crate) fn folded(
    id: String,
    (look, word): (Look, &'static str),
    kind: String,
    name: String,
    difference: TextDifference,
    is_open: bool,
) -> AnyView {
    let label = format!("{kind} {name}");
    view! {
        <details class="planned" id=id open=is_open>
            <summary class="object">
                <Mark look=look word=word />
                {(!kind.is_empty()).then(|| view! { <span class="object__kind">{kind}</span> })}
                <strong class="object__name">{name}</strong>
                <span class="object__facts">{lines(&difference)}</span>
                <Icon name="down" />
            </summary>
            <div class="planned__body">
                <Difference difference=difference label=label.trim().to_owned() />
            </div>
        </details>
    }
    .into_any()
}

fn hunk(hunk: Hunk) -> AnyView {
    let head = format!("Line {} before, {} after", hunk.from_line, hunk.to_line);
    let (mut from, mut to) = (hunk.from_line, hunk.to_line);
    let lines = hunk
        .lines
        .into_iter()
        .map(|line| {
            let numbers = (
                (line.kind != LineKind::New).then_some(from),
                (line.kind != LineKind::Old).then_some(to),
            );
            from += usize::from(numbers.0.is_some());
            to += usize::from(numbers.1.is_some());
            row(line, numbers)
        })
        .collect_view();
    view! {
        <p class="difference__head">{head}</p>
        <pre>
            <code>{lines}</code>
        </pre>
    }
    .into_any()
}

/// The sign is text, so that a copied part is a patch; the numbers are not.
fn row(line: DifferenceLine, (from, to): (Option<usize>, Option<usize>)) -> AnyView {
    let (kind, sign) = match line.kind {
        LineKind::Both => ("both", " "),
        LineKind::Old => ("old", "-"),
        LineKind::New => ("new", "+"),
    };
    view! {
        <span class="difference__line" data-kind=kind data-from=from data-to=to>{format!("{sign} {}\n", line.text)}</span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use model::release::{DifferenceLine, Hunk, LineKind, TextDifference};

    use super::{counts, hunk};

    fn line(kind: LineKind, text: &str) -> DifferenceLine {
        DifferenceLine {
            kind,
            text: text.to_owned(),
        }
    }

    #[test]
    fn lines_are_numbered_in_both_texts() {
        let part = Hunk {
            from_line: 10,
            to_line: 12,
            lines: vec![
                line(LineKind::Both, "a"),
                line(LineKind::Old, "<b>"),
                line(LineKind::New, "c"),
                line(LineKind::New, "d"),
                line(LineKind::Both, "e"),
            ],
        };
        let difference = TextDifference {
            hunks: vec![part.clone()],
            is_cut: false,
        };
        assert_eq!(counts(&difference), (1, 2));
        let html = hunk(part).to_html();
        let numbers: Vec<(Option<&str>, Option<&str>)> = html
            .split("<span ")
            .skip(1)
            .map(|span| {
                let value = |key: &str| {
                    let (_, rest) = span.split('>').next()?.split_once(&format!("{key}=\""))?;
                    rest.split('"').next()
                };
                (value("data-from"), value("data-to"))
            })
            .collect();
        let want = [
            (Some("10"), Some("12")),
            (Some("11"), None),
            (None, Some("13")),
            (None, Some("14")),
            (Some("12"), Some("15")),
        ];
        assert_eq!(numbers, want, "{html}");
        assert!(html.contains("- &lt;b&gt;"), "{html}");
    }
}
