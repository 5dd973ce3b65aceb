//! Random edits of the values files of real charts: only the lines that must change do, and the values are exactly
//! what they were meant to be.
//!
//! `CHARTROOM_EDITS` is the number of edits a file gets (default 6); the seed is fixed.

use engine::value::GoStr;
use helm::values::{Table, Tree, parse_values};
use values::{Document, Path, Segment};

use crate::charts;

/// A small generator with a fixed seed: the same edits in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

#[derive(Default, Debug)]
struct Counts {
    files: usize,
    set: usize,
    added: usize,
    removed: usize,
    items_added: usize,
    items_removed: usize,
    items_moved: usize,
    entangled: usize,
    wider: usize,
}

const TEXTS: [&str; 14] = [
    "nginx",
    "",
    "true",
    "0755",
    "1.20",
    "a: b",
    "x #y",
    "it's",
    "line\nline\n",
    "- dash",
    "{{ .Values.x }}",
    "ünï",
    "two\nlines",
    "trailing ",
];

fn scalar(random: &mut Random) -> Tree {
    match random.below(5) {
        0 => Tree::Null,
        1 => Tree::Bool(random.below(2) == 0),
        2 => Tree::Float(random.below(70_000) as f64),
        3 => Tree::Float(0.5),
        _ => Tree::String(TEXTS[random.below(TEXTS.len())].into()),
    }
}

pub(crate) fn value(random: &mut Random) -> Tree {
    match random.below(6) {
        0 => Tree::List(vec![scalar(random), scalar(random)]),
        1 => Tree::Table(Table::from_iter([
            (GoStr::from("one"), scalar(random)),
            (GoStr::from("app.kubernetes.io/two"), scalar(random)),
        ])),
        _ => scalar(random),
    }
}

/// All paths below a tree with what is there.
pub(crate) fn collect(tree: &Tree, path: &Path, paths: &mut Vec<Path>) {
    match tree {
        Tree::Table(table) => {
            for (key, below) in table {
                let path = path.join(key.to_str_lossy().into_owned());
                paths.push(path.clone());
                collect(below, &path, paths);
            }
        }
        Tree::List(items) => {
            for (at, below) in items.iter().enumerate() {
                let path = path.join(at);
                paths.push(path.clone());
                collect(below, &path, paths);
            }
        }
        _ => {}
    }
}

/// The values as they must be after the edit, found without the crate's help.
pub(crate) fn change(tree: &mut Tree, path: &[Segment], edit: &mut dyn FnMut(&mut Tree, &Segment)) {
    match path {
        [last] => edit(tree, last),
        [first, rest @ ..] => {
            let below = match (tree, first) {
                (Tree::Table(table), Segment::Key(key)) => table.get_mut(key.as_bytes()),
                (Tree::List(items), Segment::Index(index)) => items.get_mut(*index),
                _ => None,
            };
            change(below.expect("the path was collected"), rest, edit);
        }
        [] => {}
    }
}

/// How many lines of the old text are gone: those that are in no longest common sequence of lines.
pub(crate) fn n_gone(old: &str, new: &str) -> usize {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let pairs = old.iter().rev().zip(new.iter().rev());
    let tail = pairs.take(most).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut row = vec![0; new.len() + 1];
    for line in old {
        let mut diagonal = 0;
        for (at, other) in new.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if line == other {
                diagonal + 1
            } else {
                above.max(row[at])
            };
            diagonal = above;
        }
    }
    old.len() - row[new.len()]
}

struct Trial<'t> {
    name: String,
    text: &'t str,
    values: Tree,
    document: Document,
}

impl Trial<'_> {
    /// The lines of an item with the comments around it; of a list in brackets all of its lines.
    fn lines_of_item(&self, list: &Path, at: usize) -> usize {
        let n_lines = |path: &Path| {
            let lines = self.document.lines_of(path).expect("it is there");
            (lines.clone(), self.text[lines].split('\n').count())
        };
        let (lines, n) = n_lines(&list.join(at));
        if !self.text[lines.clone()].trim_start().starts_with('-') {
            return n_lines(list).1;
        }
        let is_comment = |line: &&str| line.trim_start().starts_with('#');
        let above = self.text[..lines.start].trim_end_matches('\n').rsplit('\n');
        let below = self.text[lines.end..].trim_start_matches('\n').split('\n');
        n + above.take_while(is_comment).count() + below.take_while(is_comment).count()
    }

    fn edit(&self, random: &mut Random, paths: &[Path], counts: &mut Counts) {
        let path = &paths[random.below(paths.len())];
        let mut document = self.document.clone();
        let mut intended = self.values.clone();
        let lines = document.lines_of(path);
        let kind = random.below(6);
        let here = document.get(path).cloned().unwrap_or_default();
        // The most lines of the old text that the edit may touch.
        let mut may_touch = lines.map_or(1, |range| self.text[range].split('\n').count());
        let made = match (kind, &here) {
            (0, _) => {
                change(
                    &mut intended,
                    path.segments(),
                    &mut |tree, last| match (tree, last) {
                        (Tree::Table(table), Segment::Key(key)) => {
                            table.remove(key.as_bytes());
                        }
                        (Tree::List(items), Segment::Index(at)) => {
                            items.remove(*at);
                        }
                        _ => unreachable!("a collected path"),
                    },
                );
                counts.removed += 1;
                // The collection that is left empty is written `{}` behind its key.
                may_touch += 1;
                document.remove(path)
            }
            (1, Tree::Table(_)) => {
                let (key, new) = ("added.by/test", value(random));
                let inner = path.join(key).join("deep");
                change(&mut intended, path.join(key).segments(), &mut |tree, _| {
                    if let Tree::Table(table) = tree {
                        table.insert(
                            key.into(),
                            Tree::Table(Table::from_iter([("deep".into(), new.clone())])),
                        );
                    }
                });
                counts.added += 1;
                may_touch = 1;
                document.set(&inner, &new)
            }
            (1 | 2, Tree::List(items)) => {
                let (at, new) = (random.below(items.len() + 1), value(random));
                change(&mut intended, path.join(0).segments(), &mut |tree, _| {
                    if let Tree::List(items) = tree {
                        items.insert(at, new.clone());
                    }
                });
                counts.items_added += 1;
                may_touch = 1;
                document.insert(path, at, &new)
            }
            (3, Tree::List(items)) if !items.is_empty() => {
                let at = random.below(items.len());
                change(&mut intended, path.join(at).segments(), &mut |tree, _| {
                    if let Tree::List(items) = tree {
                        items.remove(at);
                    }
                });
                counts.items_removed += 1;
                document.remove(&path.join(at))
            }
            (4, Tree::List(items)) if items.len() > 1 => {
                let (from, to) = (random.below(items.len()), random.below(items.len()));
                change(&mut intended, path.join(0).segments(), &mut |tree, _| {
                    if let Tree::List(items) = tree {
                        let item = items.remove(from);
                        items.insert(to, item);
                    }
                });
                counts.items_moved += 1;
                may_touch = self.lines_of_item(path, from);
                document.move_item(path, from, to)
            }
            _ => {
                let new = value(random);
                change(
                    &mut intended,
                    path.segments(),
                    &mut |tree, last| match (tree, last) {
                        (Tree::Table(table), Segment::Key(key)) => {
                            table.insert(key.as_str().into(), new.clone());
                        }
                        (Tree::List(items), Segment::Index(at)) => items[*at] = new.clone(),
                        _ => unreachable!("a collected path"),
                    },
                );
                counts.set += 1;
                document.set(path, &new)
            }
        };
        match made {
            Ok(change) => assert_eq!(change.apply(self.text), document.text(), "{}: {path}", self.name),
            Err(values::document::EditError::Entangled { .. }) => {
                assert_eq!(document.text(), self.text);
                counts.entangled += 1;
                charts::say(&format!("entangled: {} {path} kind {kind}", self.name));
                return;
            }
            Err(error) => panic!("{}: {path}: {error}", self.name),
        }
        let read = parse_values(document.text().as_bytes()).unwrap();
        assert_eq!(Tree::Table(read), intended, "{}: {path} kind {kind}", self.name);
        let gone = n_gone(self.text, document.text());
        if gone > may_touch {
            counts.wider += 1;
            charts::say(&format!(
                "wider: {} {path} kind {kind}: {gone} lines instead of {may_touch}",
                self.name
            ));
        }
    }
}

#[test]
fn any_edit_of_any_values_file_changes_only_the_lines_it_must() {
    let archives = charts::archives();
    let n_edits = std::env::var("CHARTROOM_EDITS").map_or(6, |n| n.parse().unwrap());
    let mut counts = Counts::default();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for archive in &archives {
        let chart = charts::load(archive);
        let Some(text) = charts::values_text(&chart) else {
            continue;
        };
        let name = archive.file_name().unwrap().to_string_lossy().into_owned();
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let values = Tree::Table(document.values().clone());
        let mut paths = Vec::new();
        collect(&values, &Path::root(), &mut paths);
        if paths.is_empty() {
            continue;
        }
        counts.files += 1;
        let trial = Trial {
            name,
            text: &text,
            values,
            document,
        };
        for _ in 0..n_edits {
            trial.edit(&mut random, &paths, &mut counts);
        }
    }
    charts::say(&format!("{counts:?}"));
    assert_eq!(counts.wider, 0, "edits that touched more lines than they must");
    assert_eq!(counts.entangled, 0, "edits that were refused");
    assert!(archives.is_empty() || counts.files > 300, "{counts:?}");
}
