//! Fields from the default values: their keys, types and the comments at them, in the order of the file.

use helm::values::Tree;

use super::comments::Comments;
use super::{Fields, Type};
use crate::document::node::NodeId;
use crate::{Document, Path};

/// Defaults longer than this, as JSON, are not carried: forms show them from the text.
const MAX_DEFAULT_BYTES: usize = 16 * 1024;
const MAX_DEPTH: usize = 100;

pub(super) fn fields(document: &Document, fields: &mut Fields) {
    let comments = Comments::of(document);
    if let Some(&root) = document.nodes.roots.last() {
        walk(document, root, &Path::root(), &comments, fields, 0);
    }
    // What only comments know of: `@extra`, and `@param` for a key that is commented out or has no default.
    for (path, note) in comments.notes() {
        if note.ignored || fields.get(path).is_some() || !note.is_declared {
            continue;
        }
        if let Some(field) = fields.entry(path) {
            note.describe(field);
        }
    }
}

fn walk(
    document: &Document,
    node: NodeId,
    at: &Path,
    comments: &Comments,
    fields: &mut Fields,
    depth: usize,
) {
    if depth > MAX_DEPTH {
        return;
    }
    let nodes = &document.nodes;
    for entry in nodes.entries(nodes.target(node)) {
        let Some(name) = &entry.name else { continue };
        let path = at.join(name.as_str());
        let note = comments.note(&path);
        if note.is_some_and(|note| note.ignored) {
            continue;
        }
        let Some(value) = document.get(&path) else {
            continue;
        };
        let Some(field) = fields.entry(&path) else { return };
        describe(value, field);
        field.section = comments
            .section_at(nodes.span(entry.key).start)
            .map(str::to_owned);
        if let Some(note) = note {
            note.describe(field);
        }
        if matches!(value, Tree::Table(table) if !table.is_empty()) {
            walk(document, entry.value, &path, comments, fields, depth + 1);
        }
    }
}

fn describe(value: &Tree, field: &mut super::Field) {
    let json = value.to_json();
    if json.to_string().len() <= MAX_DEFAULT_BYTES {
        field.default = Some(json);
    }
    field.types = match Type::of(value) {
        Type::Null => Vec::new(),
        kind => vec![kind],
    };
    match value {
        Tree::List(items) => {
            for item in items {
                let kind = Type::of(item);
                if !field.item_types.contains(&kind) {
                    field.item_types.push(kind);
                }
            }
        }
        Tree::Table(table) => field.open = table.is_empty(),
        _ => {}
    }
}
