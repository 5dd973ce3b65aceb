//! Fields from the default values: their keys, types and the comments at them, in the order of the file.

use helm::values::Tree;

use super::comments::Comments;
use super::{Field, Fields, MAX_ITEM_DEPTH, MAX_ITEM_FIELDS, Type};
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
        if field.item_fields.is_empty() && matches!(value, Tree::List(items) if items.is_empty()) {
            exemplify(field);
        }
        if matches!(value, Tree::Table(table) if !table.is_empty()) {
            walk(document, entry.value, &path, comments, fields, depth + 1);
        }
    }
}

fn describe(value: &Tree, field: &mut Field) {
    let json = value.to_json();
    if json.to_string().len() <= MAX_DEFAULT_BYTES {
        field.default = Some(json);
    }
    field.types = match Type::of(value) {
        Type::Null => Vec::new(),
        kind => vec![kind],
    };
    match value {
        Tree::List(items) => describe_items(items, field, 0),
        Tree::Table(table) => field.open = table.is_empty(),
        _ => {}
    }
}

/// What mappings in a list hold, in the order of the first that has it, and so on in the lists in them.
fn item_fields(items: &[Tree], depth: usize) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for (key, value) in items.iter().filter_map(Tree::as_table).flatten() {
        let path = Path::of_keys([key.to_str_lossy()]);
        let at = match fields.iter().position(|field| field.path == path) {
            Some(at) => at,
            None if fields.len() < MAX_ITEM_FIELDS => {
                fields.push(Field {
                    path,
                    ..Field::default()
                });
                fields.len() - 1
            }
            None => break,
        };
        let Some(field) = fields.get_mut(at) else { break };
        let kind = Type::of(value);
        if kind != Type::Null && !field.types.contains(&kind) {
            field.types.push(kind);
        }
        if let Tree::List(inner) = value
            && field.item_fields.is_empty()
            && depth < MAX_ITEM_DEPTH
        {
            describe_items(inner, field, depth + 1);
        }
    }
    fields
}

fn describe_items(items: &[Tree], field: &mut Field, depth: usize) {
    for item in items {
        let kind = Type::of(item);
        if !field.item_types.contains(&kind) {
            field.item_types.push(kind);
        }
    }
    field.item_fields = item_fields(items, depth);
}

/// An example that was commented out tells what an empty list may hold.
fn exemplify(field: &mut Field) {
    let Some(example) = field.example.as_deref() else {
        return;
    };
    // It is the list, or the key with the list.
    let wrapped = format!("x:\n{example}\n");
    let read = |text: &str| {
        Document::parse(text)
            .ok()
            .map(|document| document.values().clone())
    };
    let tables = [read(example), read(&wrapped)];
    let name = field.path.last_key().unwrap_or_default();
    let list = tables.iter().flatten().find_map(|table| {
        let value = table.get(name.as_bytes()).or_else(|| table.get("x".as_bytes()));
        match value {
            Some(Tree::List(items)) if items.iter().all(|item| item.as_table().is_some()) => Some(items),
            _ => None,
        }
    });
    let Some(items) = list else { return };
    field.item_fields = item_fields(items, 0);
    if !field.item_fields.is_empty() {
        field.item_types = vec![Type::Object];
    }
}
