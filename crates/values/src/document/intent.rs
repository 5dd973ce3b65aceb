//! What an edit means for the values, whatever the text looks like.

use engine::value::GoStr;
use helm::values::{Table, Tree};

use super::error::{EditError, Kind};
use crate::{Path, Segment};

/// One change of values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// Something at a path, tables on the way to it included.
    Set(Path, Tree),
    /// An item into a list.
    Insert(Path, usize, Tree),
    /// Nothing at a path any more.
    Remove(Path),
}

impl Change {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Set(path, _) | Self::Insert(path, ..) | Self::Remove(path) => path,
        }
    }

    /// The values after the change.
    pub(crate) fn apply(&self, values: &Table) -> Result<Table, EditError> {
        let mut root = Tree::Table(values.clone());
        match self {
            Self::Set(path, tree) => *slot(&mut root, path)? = normal(tree),
            Self::Insert(path, index, tree) => {
                let list = slot(&mut root, path)?;
                if *list == Tree::Null {
                    *list = Tree::List(Vec::new());
                }
                let Tree::List(items) = list else {
                    let found = Kind::of(list);
                    return Err(EditError::NotAList {
                        path: path.clone(),
                        found,
                    });
                };
                if *index > items.len() {
                    return Err(no_such_item(path, *index, items.len()));
                }
                items.insert(*index, normal(tree));
            }
            Self::Remove(path) => remove(&mut root, path),
        }
        match root {
            Tree::Table(table) => Ok(table),
            other => Err(EditError::RootIsTable {
                found: Kind::of(&other),
            }),
        }
    }
}

fn no_such_item(path: &Path, index: usize, n_items: usize) -> EditError {
    EditError::NoSuchItem {
        path: path.clone(),
        index,
        n_items,
    }
}

/// The value at a path, made if there is none: nothing becomes what the next step needs.
fn slot<'t>(root: &'t mut Tree, path: &Path) -> Result<&'t mut Tree, EditError> {
    let mut tree = root;
    for (at, segment) in path.segments().iter().enumerate() {
        let found = Kind::of(tree);
        match segment {
            Segment::Key(key) => {
                if *tree == Tree::Null {
                    *tree = Tree::Table(Table::new());
                }
                let Tree::Table(table) = tree else {
                    return Err(EditError::NotATable {
                        path: path.prefix(at),
                        found,
                    });
                };
                tree = table.entry(GoStr::from(key.as_str())).or_default();
            }
            Segment::Index(index) => {
                if *tree == Tree::Null {
                    *tree = Tree::List(Vec::new());
                }
                let Tree::List(items) = tree else {
                    return Err(EditError::NotAList {
                        path: path.prefix(at),
                        found,
                    });
                };
                let n_items = items.len();
                if *index == n_items {
                    items.push(Tree::Null);
                }
                tree = items
                    .get_mut(*index)
                    .ok_or_else(|| no_such_item(&path.prefix(at), *index, n_items))?;
            }
        }
    }
    Ok(tree)
}

fn remove(root: &mut Tree, path: &Path) {
    let Some((parent, last)) = path.split_last() else {
        *root = Tree::Table(Table::new());
        return;
    };
    let mut tree = root;
    for segment in parent.segments() {
        let next = match (tree, segment) {
            (Tree::Table(table), Segment::Key(key)) => table.get_mut(key.as_bytes()),
            (Tree::List(items), Segment::Index(index)) => items.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        tree = next;
    }
    match (tree, last) {
        (Tree::Table(table), Segment::Key(key)) => {
            table.remove(key.as_bytes());
        }
        (Tree::List(items), Segment::Index(index)) if *index < items.len() => {
            items.remove(*index);
        }
        _ => {}
    }
}

/// The value at a path.
pub(crate) fn get<'t>(values: &'t Table, path: &Path) -> Option<&'t Tree> {
    let mut segments = path.segments().iter();
    let Segment::Key(first) = segments.next()? else {
        return None;
    };
    let mut tree = values.get(first.as_bytes())?;
    for segment in segments {
        tree = match (tree, segment) {
            (Tree::Table(table), Segment::Key(key)) => table.get(key.as_bytes())?,
            (Tree::List(items), Segment::Index(index)) => items.get(*index)?,
            _ => return None,
        };
    }
    Some(tree)
}

/// The tree as a file would give it: every number a float.
#[must_use]
pub(crate) fn normal(tree: &Tree) -> Tree {
    match tree {
        Tree::Int(number) => Tree::Float(*number as f64),
        Tree::List(items) => Tree::List(items.iter().map(normal).collect()),
        Tree::Table(table) => {
            let entries = table.iter().map(|(key, value)| (key.clone(), normal(value)));
            Tree::Table(entries.collect())
        }
        other => other.clone(),
    }
}

/// The changes that make `old` into `new`, each as small as can be, in an order in which they can be made. Lists keep
/// the items that they begin and end with alike.
pub(crate) fn difference(path: &Path, old: Option<&Tree>, new: &Tree, changes: &mut Vec<Change>) {
    match (old, new) {
        (Some(old), new) if old == new => {}
        (Some(Tree::Table(old)), Tree::Table(new)) if !old.is_empty() && !new.is_empty() => {
            for key in old.keys().filter(|key| !new.contains_key(*key)) {
                changes.push(Change::Remove(path.join(key.to_str_lossy().into_owned())));
            }
            for (key, value) in new {
                let below = path.join(key.to_str_lossy().into_owned());
                difference(&below, old.get(key), value, changes);
            }
        }
        (Some(Tree::List(old)), Tree::List(new)) if !old.is_empty() && !new.is_empty() => {
            lists(path, old, new, changes);
        }
        _ => changes.push(Change::Set(path.clone(), new.clone())),
    }
}

fn lists(path: &Path, old: &[Tree], new: &[Tree], changes: &mut Vec<Change>) {
    let same = |(a, b): &(&Tree, &Tree)| a == b;
    let head = old.iter().zip(new).take_while(same).count();
    let shorter = old.len().min(new.len()) - head;
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(shorter)
        .take_while(same)
        .count();
    let old_middle = old.get(head..old.len() - tail).unwrap_or_default();
    let new_middle = new.get(head..new.len() - tail).unwrap_or_default();
    for at in (new_middle.len()..old_middle.len()).rev() {
        changes.push(Change::Remove(path.join(head + at)));
    }
    for (at, (old, new)) in old_middle.iter().zip(new_middle).enumerate() {
        difference(&path.join(head + at), Some(old), new, changes);
    }
    for (at, item) in new_middle.iter().enumerate().skip(old_middle.len()) {
        changes.push(Change::Insert(path.clone(), head + at, item.clone()));
    }
}
