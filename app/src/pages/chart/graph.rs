//! Sub-charts as a drawing: laid out here, so that it needs no script; every box is a link.
//!
//! A chart's dependencies stand in the column right of it, a box above the other, each beside its own.

use leptos::prelude::*;
use model::review::DependencyNode;

/// Widths and heights in the drawing's own units.
const BOX_WIDTH: usize = 184;
const BOX_HEIGHT: usize = 44;
const COLUMN: usize = BOX_WIDTH + 56;
const ROW: usize = BOX_HEIGHT + 14;
/// More boxes than these are a table's matter.
const MAX_BOXES: usize = 60;
/// Characters that fit into a box.
const MAX_CHARS: usize = 22;

/// Where a box is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    column: usize,
    /// In halves of a row, so that a parent can stand between two children.
    row: usize,
}

/// The places of the root and of every node.
fn places(nodes: &[DependencyNode]) -> (Place, Vec<Place>) {
    let mut places = vec![Place::default(); nodes.len()];
    let mut next_row = 0;
    let root = Place {
        column: 0,
        row: place_below(nodes, None, 1, &mut next_row, &mut places),
    };
    (root, places)
}

/// Places the children of a node, and answers with the row of the node itself.
fn place_below(
    nodes: &[DependencyNode],
    parent: Option<usize>,
    column: usize,
    next_row: &mut usize,
    places: &mut [Place],
) -> usize {
    let children =
        (0..nodes.len()).filter(|at| nodes[*at].parent == parent && parent.is_none_or(|parent| parent < *at));
    let (mut first, mut last) = (None, 0);
    for child in children {
        let row = place_below(nodes, Some(child), column + 1, next_row, places);
        places[child] = Place { column, row };
        first = first.or(Some(row));
        last = row;
    }
    match first {
        Some(first) => (first + last) / 2,
        None => {
            let row = *next_row;
            *next_row += 2;
            row
        }
    }
}

/// The drawing; nothing where there are no boxes, or too many. `href` is where a box leads.
pub(super) fn graph(
    name: &str,
    nodes: &[DependencyNode],
    href: impl Fn(usize, &DependencyNode) -> String,
) -> Option<AnyView> {
    if nodes.is_empty() || nodes.len() > MAX_BOXES {
        return None;
    }
    let (root, places) = places(nodes);
    let n_columns = places.iter().map(|place| place.column).max().unwrap_or(0) + 1;
    let n_rows = places.iter().map(|place| place.row).max().unwrap_or(0) / 2 + 1;
    let (width, height) = (
        n_columns * COLUMN - (COLUMN - BOX_WIDTH),
        n_rows * ROW - (ROW - BOX_HEIGHT),
    );
    let edges = nodes
        .iter()
        .zip(&places)
        .map(|(node, place)| {
            let from = node.parent.and_then(|parent| places.get(parent)).unwrap_or(&root);
            edge(*from, *place, node.is_enabled)
        })
        .collect_view();
    let boxes = nodes
        .iter()
        .zip(&places)
        .enumerate()
        .map(|(at, (node, place))| dependency(node, *place, href(at, node)))
        .collect_view();
    let view_box = format!("-1 -1 {} {}", width + 2, height + 2);
    let label = format!("What {name} depends on; the table below says the same");
    let view = view! {
        <div class="graph" tabindex="0" role="region" aria-label="Graph of dependencies">
            <svg
                class="graph__drawing"
                width=width + 2
                height=height + 2
                viewBox=view_box
                role="group"
                aria-label=label
            >
                {edges}
                <g class="graph__box graph__box--root">{shape(root)} {text(root, 27, "graph__name", name)}</g>
                {boxes}
            </svg>
        </div>
    };
    Some(view.into_any())
}

fn at(place: Place) -> (usize, usize) {
    (place.column * COLUMN, place.row * ROW / 2)
}

fn shape(place: Place) -> AnyView {
    let (x, y) = at(place);
    view! { <rect x=x y=y width=BOX_WIDTH height=BOX_HEIGHT rx="6"></rect> }.into_any()
}

fn text(place: Place, down: usize, class: &'static str, words: &str) -> AnyView {
    let (x, y) = at(place);
    let words = match words.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &words[..end]),
        None => words.to_owned(),
    };
    view! {
        <text class=class x=x + 12 y=y + down>
            {words}
        </text>
    }
    .into_any()
}

fn edge(from: Place, to: Place, is_enabled: bool) -> AnyView {
    let ((x1, y1), (x2, y2)) = (at(from), at(to));
    let (x1, y1, y2) = (x1 + BOX_WIDTH, y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2);
    let middle = (x1 + x2) / 2;
    let path = format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}");
    view! { <path class="graph__edge" data-off=(!is_enabled).then_some("true") d=path></path> }.into_any()
}

fn dependency(node: &DependencyNode, place: Place, href: String) -> AnyView {
    let state = if node.is_enabled { "on" } else { "off" };
    let version = node.bundled.clone().unwrap_or_else(|| node.range.clone());
    let said = format!("{} {version}, {state}", node.name);
    let facts = format!("{version} \u{b7} {state}");
    view! {
        <a class="graph__box" href=href aria-label=said data-off=(!node.is_enabled).then_some("true")>
            <title>{said.clone()}</title>
            {shape(place)}
            {text(place, 19, "graph__name", &node.name)}
            {text(place, 35, "graph__facts", &facts)}
        </a>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::review::DependencyNode;

    use super::{Place, graph, places};

    fn node(name: &str, parent: Option<usize>) -> DependencyNode {
        DependencyNode {
            parent,
            name: name.to_owned(),
            chart: name.to_owned(),
            range: "1.x".to_owned(),
            repository: String::new(),
            condition: String::new(),
            tags: Vec::new(),
            is_enabled: parent.is_none(),
            reason: String::new(),
            bundled: None,
            known_repository: None,
            resolved: None,
        }
    }

    #[test]
    fn boxes_stand_beside_what_they_depend_on() {
        let nodes = [
            node("a", None),
            node("b", None),
            node("c", Some(0)),
            node("d", Some(0)),
        ];
        let (root, places) = places(&nodes);
        let place = |column, row| Place { column, row };
        // `c` and `d` one above the other, `a` between them, `b` below, the root between `a` and `b`.
        assert_eq!(places, [place(1, 1), place(1, 4), place(2, 0), place(2, 2)]);
        assert_eq!(root, place(0, 2));
    }

    #[test]
    fn names_are_text_and_a_drawing_has_an_end() {
        let nodes = [node("<b>-with-a-name-that-is-much-too-long", None)];
        let html = graph("top", &nodes, |at, _| format!("#d{at}")).map(leptos::prelude::RenderHtml::to_html);
        let html = html.expect("it is drawn");
        assert!(
            html.contains("&lt;b&gt;-with-a-name-that-i\u{2026}") && html.contains("href=\"#d0\""),
            "{html}"
        );
        let many: Vec<_> = (0..61).map(|_| node("x", None)).collect();
        assert!(graph("top", &many, |_, _| String::new()).is_none());
        // A parent that comes later, which nobody makes, ends all the same.
        let odd = [node("a", Some(1)), node("b", Some(0))];
        assert!(graph("top", &odd, |_, _| String::new()).is_some());
    }
}
