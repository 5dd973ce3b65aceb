//! Edits: the smallest cut that makes the values exactly what they are meant to be.
//!
//! Each way is tried and then checked by reading the result as Helm reads it; the first that is right is taken:
//! the cut itself; the same with quoted instead of block texts; the same after aliases of what is changed were
//! written out; then the collection around it written anew, and the one around that. The top is never written anew.

use engine::value::GoStr;
use helm::values::{Table, Tree};

use super::error::{EditError, Kind};
use super::find::Found;
use super::intent::{Change, difference, get, normal};
use super::node::{Content, NodeId};
use super::surgery::{Cut, Stop, Surgeon, layout, splice};
use super::write::{Layout, Unwritable};
use super::{Document, MAX_BYTES, TextChange};
use crate::{Path, Segment};

/// More changes than these are not made one by one: the value is written anew.
const MAX_STEPS: usize = 100;
/// More top-level values than these are not changed at once: each is a reading of the whole text.
const MAX_TOPS: usize = 1_000;

impl Document {
    /// Gives the value at `path` another one; what is missing on the way is made. Where both are mappings or lists,
    /// only what differs is touched. An index may be the length of its list: the value becomes a new item.
    pub fn set(&mut self, path: &Path, value: &Tree) -> Result<TextChange, EditError> {
        let value = normal(value);
        if path.is_root() && value.as_table().is_none() {
            return Change::Set(path.clone(), value)
                .apply(&Table::new())
                .map(|_| TextChange::none());
        }
        let old = if path.is_root() {
            Some(Tree::Table(self.values.clone()))
        } else {
            self.get(path).cloned()
        };
        let mut changes = Vec::new();
        difference(path, old.as_ref(), &value, &mut changes);
        if changes.len() > MAX_STEPS {
            changes = match (&value, path.is_root() && !self.values.is_empty()) {
                (Tree::Table(value), true) => self.top_level_changes(value)?,
                _ => vec![Change::Set(path.clone(), value)],
            };
        }
        self.make_all(&changes)
    }

    /// The changes to the whole that are made one top-level value at a time.
    fn top_level_changes(&self, value: &Table) -> Result<Vec<Change>, EditError> {
        let path = |key: &GoStr| Path::root().join(key.to_str_lossy().into_owned());
        let gone = self.values.keys().filter(|key| !value.contains_key(*key));
        let removed = gone.map(|key| Change::Remove(path(key)));
        let differs = value
            .iter()
            .filter(|(key, value)| self.values.get(*key) != Some(*value));
        let set = differs.map(|(key, value)| Change::Set(path(key), value.clone()));
        let changes: Vec<Change> = removed.chain(set).collect();
        if changes.len() > MAX_TOPS {
            return Err(EditError::TooMany { limit: MAX_TOPS });
        }
        Ok(changes)
    }

    /// Like [`Self::set`], and a key that is new goes where it stands in `like`: behind those that come before it there.
    pub fn set_like(&mut self, path: &Path, value: &Tree, like: &Self) -> Result<TextChange, EditError> {
        let steps = self
            .nodes
            .roots
            .first()
            .map_or(0, |root| self.nodes.follow(*root, path).steps);
        let mapping = like
            .find(&path.prefix(steps))
            .map(|found| like.nodes.target(found.node));
        let entries = mapping.map(|node| like.nodes.entries(node)).unwrap_or_default();
        let mut made = self.clone();
        made.order = Some(entries.iter().filter_map(|entry| entry.name.clone()).collect());
        let change = made.set(path, value)?;
        made.order = None;
        *self = made;
        Ok(change)
    }

    /// Puts an item into the list at `path`, before the one that is now at `index`; at its end if `index` is its
    /// length. No list at all counts as an empty one.
    pub fn insert(&mut self, path: &Path, index: usize, value: &Tree) -> Result<TextChange, EditError> {
        self.make_all(&[Change::Insert(path.clone(), index, normal(value))])
    }

    /// Takes out what is at `path`. Comments stay. What is left empty stays as `{}` or `[]`; nothing there is no
    /// error. To have Helm forget a default, set it to null instead.
    pub fn remove(&mut self, path: &Path) -> Result<TextChange, EditError> {
        self.make_all(&[Change::Remove(path.clone())])
    }

    /// Like [`Self::remove`], with the comment lines directly above the entry.
    pub fn remove_with_comment(&mut self, path: &Path) -> Result<TextChange, EditError> {
        let old = self.text.clone();
        let mut made = self.clone();
        made.removes_comments = true;
        made.make(&Change::Remove(path.clone()))?;
        made.removes_comments = false;
        *self = made;
        Ok(TextChange::between(&old, &self.text))
    }

    /// Moves an item of the list at `path`, with the comments directly above it and in it, so that it has the index
    /// `to` afterwards.
    pub fn move_item(&mut self, path: &Path, from: usize, to: usize) -> Result<TextChange, EditError> {
        let Some(Tree::List(items)) = self.get(path) else {
            let found = Kind::of(self.get(path).unwrap_or(&Tree::Null));
            return Err(EditError::NotAList {
                path: path.clone(),
                found,
            });
        };
        let n_items = items.len();
        if let Some(index) = [from, to].into_iter().find(|index| *index >= n_items) {
            return Err(EditError::NoSuchItem {
                path: path.clone(),
                index,
                n_items,
            });
        }
        let mut items = items.clone();
        let item = items.remove(from);
        items.insert(to, item);
        let change = Change::Set(path.clone(), Tree::List(items));
        let intended = change.apply(&self.values)?;
        if intended == self.values && from == to {
            return Ok(TextChange::none());
        }
        let mut made = self.clone();
        if !made.take(self.cut_move(path, from, to), &change, &intended)? {
            made.make(&change)?;
        }
        let change = TextChange::between(&self.text, &made.text);
        *self = made;
        Ok(change)
    }

    fn cut_move(&self, path: &Path, from: usize, to: usize) -> Cut {
        let [root] = self.nodes.roots.as_slice() else {
            return Err(Stop::NoWay);
        };
        let found = self.nodes.follow(*root, path);
        if found.own_steps != path.segments().len() {
            return Err(Stop::NoWay);
        }
        Surgeon::new(self, layout(&self.text, &self.nodes)).move_item(found.node, from, to)
    }

    /// All changes or none.
    fn make_all(&mut self, changes: &[Change]) -> Result<TextChange, EditError> {
        let mut made = self.clone();
        for change in changes {
            made.make(change)?;
        }
        let change = TextChange::between(&self.text, &made.text);
        *self = made;
        Ok(change)
    }

    fn make(&mut self, change: &Change) -> Result<(), EditError> {
        if self.nodes.roots.len() > 1 {
            return Err(EditError::SeveralDocuments);
        }
        let intended = change.apply(&self.values)?;
        if intended == self.values
            && !matches!(change, Change::Set(path, _) if get(&self.values, path).is_none())
        {
            return Ok(());
        }
        let layout = layout(&self.text, &self.nodes);
        let quoted = Layout {
            blocks: false,
            ..layout
        };
        for layout in [layout, quoted] {
            let cut = self.cut(change, &intended, layout);
            if self.take(cut, change, &intended)? {
                return Ok(());
            }
        }
        if self.nodes.has_aliases
            && let Some(mut detached) = self.without_aliases_of(change, layout)
        {
            let cut = detached.cut(change, &intended, layout);
            if detached.take(cut, change, &intended)? {
                *self = detached;
                return Ok(());
            }
        }
        for layout in [layout, quoted] {
            let depth = change.path().segments().len();
            for depth in (1..=depth).rev() {
                let cut = self.rewrite(&change.path().prefix(depth), &intended, layout);
                if self.take(cut, change, &intended)? {
                    return Ok(());
                }
            }
        }
        Err(EditError::Entangled {
            path: change.path().clone(),
        })
    }

    /// Makes a cut if it does what is intended, and says whether it did.
    fn take(&mut self, cut: Cut, change: &Change, intended: &Table) -> Result<bool, EditError> {
        let path = || change.path().clone();
        let splices = match cut {
            Ok(splices) => splices,
            Err(Stop::NoWay) => return Ok(false),
            Err(Stop::Unwritable(Unwritable::NotText)) => return Err(EditError::NotText { path: path() }),
            Err(Stop::Unwritable(Unwritable::TooDeep)) => return Err(EditError::TooDeep { path: path() }),
        };
        let Some(text) = splice(&self.text, splices) else {
            return Ok(false);
        };
        if text.len() > MAX_BYTES {
            return Err(EditError::TooLarge {
                limit_bytes: MAX_BYTES,
            });
        }
        match Self::parse(&text) {
            Ok(document) if document.values == *intended => {
                *self = Self {
                    removes_comments: self.removes_comments,
                    order: self.order.take(),
                    ..document
                };
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn cut(&self, change: &Change, intended: &Table, layout: Layout) -> Cut {
        let surgeon = Surgeon::new(self, layout);
        let Some(&root) = self.nodes.roots.first() else {
            return surgeon.begin(intended);
        };
        match change {
            Change::Set(path, tree) => self.cut_set(surgeon, root, path, tree),
            Change::Insert(path, index, tree) => {
                let found = self.nodes.follow(root, path);
                if found.own_steps < path.segments().len() {
                    return self.cut_set(surgeon, root, path, &Tree::List(vec![tree.clone()]));
                }
                match self.nodes.get(found.node).map(|node| &node.content) {
                    Some(Content::Sequence { .. }) => surgeon.add_item(found.slot, found.node, *index, tree),
                    Some(Content::Scalar { .. }) => {
                        surgeon.replace(found.slot, found.node, &Tree::List(vec![tree.clone()]))
                    }
                    _ => Err(Stop::NoWay),
                }
            }
            Change::Remove(path) => {
                let found = self.nodes.follow(root, path);
                match found.slot {
                    Some(slot) if found.own_steps == path.segments().len() => {
                        let parent = path.parent().unwrap_or_default();
                        let parent = self.nodes.follow(root, &parent).slot;
                        surgeon.remove(parent, slot, self.removes_comments)
                    }
                    _ => Err(Stop::NoWay),
                }
            }
        }
    }

    fn cut_set(&self, surgeon: Surgeon<'_>, root: NodeId, path: &Path, tree: &Tree) -> Cut {
        let found = self.nodes.follow(root, path);
        let all = path.segments();
        if found.own_steps == all.len() {
            return surgeon.replace(found.slot, found.node, tree);
        }
        // A key that comes from a merge key gets an entry of its own behind it.
        let is_merged = found.steps == all.len() && found.own_steps + 1 == all.len();
        let found = if is_merged {
            self.nodes.follow(root, &path.prefix(found.own_steps))
        } else {
            found
        };
        if found.own_steps < found.steps {
            return Err(Stop::NoWay);
        }
        let Some((next, rest)) = all.get(found.steps..).and_then(<[Segment]>::split_first) else {
            return Err(Stop::NoWay);
        };
        let value = rest
            .iter()
            .rev()
            .fold(tree.clone(), |tree, segment| match segment {
                Segment::Key(key) => Tree::Table(Table::from_iter([(key.as_str().into(), tree)])),
                Segment::Index(_) => Tree::List(vec![tree]),
            });
        self.cut_add(surgeon, &found, next, value)
    }

    fn cut_add(&self, surgeon: Surgeon<'_>, found: &Found, next: &Segment, value: Tree) -> Cut {
        let content = self.nodes.get(found.node).map(|node| &node.content);
        match (content, next) {
            (Some(Content::Mapping { .. }), Segment::Key(key)) => {
                let after = self.place_for(found.node, key);
                surgeon.add_entry(found.slot, found.node, after, key, &value)
            }
            (Some(Content::Sequence { items, .. }), Segment::Index(index)) if *index == items.len() => {
                surgeon.add_item(found.slot, found.node, *index, &value)
            }
            (Some(Content::Scalar { .. }), Segment::Key(key)) => {
                let table = Table::from_iter([(key.as_str().into(), value)]);
                surgeon.replace(found.slot, found.node, &Tree::Table(table))
            }
            (Some(Content::Scalar { .. }), Segment::Index(_)) => {
                surgeon.replace(found.slot, found.node, &Tree::List(vec![value]))
            }
            _ => Err(Stop::NoWay),
        }
    }

    /// Behind which entry a new key goes: at the end, unless the order of keys was given.
    fn place_for(&self, mapping: NodeId, key: &str) -> Option<usize> {
        let order = self.order.as_ref()?;
        let place = order.iter().position(|known| known == key)?;
        let before = order.get(..place)?;
        let entries = self.nodes.entries(mapping);
        let rank = |name: &Option<String>| before.iter().position(|known| Some(known) == name.as_ref());
        let ranked = entries
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| Some((rank(&entry.name)?, at)));
        ranked.max().map(|(_, at)| at)
    }

    /// Writes the value at `path` anew, as it is intended to be.
    fn rewrite(&self, path: &Path, intended: &Table, layout: Layout) -> Cut {
        let root = *self.nodes.roots.first().ok_or(Stop::NoWay)?;
        let found = self.nodes.follow(root, path);
        let tree = get(intended, path).ok_or(Stop::NoWay)?;
        if path.is_root() || found.own_steps != path.segments().len() {
            return Err(Stop::NoWay);
        }
        Surgeon::new(self, layout).replace(found.slot, found.node, tree)
    }

    /// The document with those aliases written out that show what is to be changed.
    fn without_aliases_of(&self, change: &Change, layout: Layout) -> Option<Self> {
        let root = *self.nodes.roots.first()?;
        let touched = self.nodes.span(self.nodes.follow(root, change.path()).node);
        let mut paths = Vec::new();
        self.aliases(root, &Path::root(), &mut |path, target| {
            let span = self.nodes.span(target);
            let apart = span.end <= touched.start || touched.end <= span.start;
            if !apart {
                paths.push(path.clone());
            }
        });
        let mut document = self.clone();
        let intended = self.values.clone();
        for path in paths {
            let cut = document.rewrite(&path, &intended, layout);
            // An error here is one of the value that stands there already.
            if !document.take(cut, change, &intended).ok()? {
                return None;
            }
        }
        Some(document)
    }

    /// Every alias as the path to write anew, with what it stands for: that of its value, or of the mapping that
    /// merges it.
    fn aliases(&self, node: NodeId, path: &Path, found: &mut dyn FnMut(&Path, NodeId)) {
        match self.nodes.get(node).map(|node| &node.content) {
            Some(Content::Alias { target }) => found(path, *target),
            Some(Content::Sequence { items, .. }) => {
                for (at, item) in items.iter().enumerate() {
                    self.aliases(*item, &path.join(at), found);
                }
            }
            Some(Content::Mapping { entries, .. }) => {
                for entry in entries {
                    match &entry.name {
                        Some(name) => self.aliases(entry.value, &path.join(name.as_str()), found),
                        None => {
                            self.aliases(entry.value, &Path::root(), &mut |_, target| found(path, target));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}
