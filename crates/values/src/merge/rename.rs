//! Values that have another place in the new defaults: what is gone from one version and what came with the other,
//! paired by name, default, shape and comment.

use std::collections::{BTreeMap, BTreeSet};

use helm::values::{Table, Tree};

use super::version::{Defaults, Part};
use crate::defaults::get;
use crate::document::Document;
use crate::document::lines::{lines_above, slice};
use crate::schema::words;
use crate::{Path, Segment};

/// More values than these on one side are not compared with each other.
const MAX_CANDIDATES: usize = 2_000;
/// More comparisons than these would keep whoever looks waiting; the largest of the published pairs in tests has 89,052.
const MAX_COMPARED: usize = 1_000_000;
/// More pairs than these are alike by chance.
const MAX_PAIRS: usize = 20_000;
/// Deeper values are not looked at.
const MAX_DEPTH: usize = 32;

/// Where what is gone went to.
#[derive(Debug, Default)]
pub(super) struct Renames {
    by_path: BTreeMap<Path, (Path, bool)>,
}

/// One value that only one version has.
struct Candidate<'d> {
    path: Path,
    value: &'d Tree,
    comment: String,
    /// Of its key.
    words: Vec<String>,
    /// Of the whole way, and of the way without the key.
    path_words: Vec<String>,
    parent: Path,
    parent_words: Vec<String>,
    /// What a mapping holds, by leaves.
    leaves: BTreeSet<Path>,
}

impl Renames {
    pub(super) fn between(old: &Defaults, new: &Defaults) -> Self {
        let mut renames = Self::default();
        for part in &old.parts {
            let Some(other) = new.counterpart(part, old) else {
                continue;
            };
            if part.at != other.at {
                renames.add(part.at.clone(), other.at.clone(), true);
            }
            renames.pair(part, old, other, new);
        }
        renames
    }

    /// What is certain takes the place of what is not; else the outer chart knows better.
    fn add(&mut self, from: Path, to: Path, certain: bool) {
        let known = self.by_path.get(&from);
        if known.is_none_or(|(_, known)| certain && !known) {
            self.by_path.insert(from, (to, certain));
        }
    }

    /// Compares two texts of one chart.
    fn pair(&mut self, old: &Part, all_old: &Defaults, new: &Part, all_new: &Defaults) {
        let (mut gone, mut came) = (Vec::new(), Vec::new());
        only_here(old, new, &all_new.values, &mut gone);
        only_here(new, old, &all_old.values, &mut came);
        let n_compared = gone.len().saturating_mul(came.len());
        if gone.len() > MAX_CANDIDATES || came.len() > MAX_CANDIDATES || n_compared > MAX_COMPARED {
            return;
        }
        let mut pairs = Vec::new();
        for (from, old) in gone.iter().enumerate() {
            for (to, new) in came.iter().enumerate() {
                let score = score(old, new);
                if score >= LIKELY {
                    pairs.push((score, from, to));
                }
            }
        }
        if pairs.len() > MAX_PAIRS {
            return;
        }
        // The best pairs first; equal ones are equally likely, and then none is certain.
        pairs.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let (mut used, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for &(score, from, to) in &pairs {
            if used.contains(&from) || taken.contains(&to) {
                continue;
            }
            let rivals = pairs.iter().filter(|(other, other_from, other_to)| {
                *other + MARGIN > score && (*other_from == from) != (*other_to == to)
            });
            let certain = score >= CERTAIN && rivals.count() == 0;
            used.insert(from);
            taken.insert(to);
            if let (Some(from), Some(to)) = (gone.get(from), came.get(to)) {
                self.add(old.place(&from.path), new.place(&to.path), certain);
            }
        }
    }

    /// Where a value went, or what it stands below; and whether that is certain. What is certain comes first, then
    /// what is closest.
    pub(super) fn of(&self, path: &Path) -> Option<(Path, bool)> {
        let depth = path.segments().len();
        let mut likely = None;
        for depth in (1..=depth).rev() {
            let above = path.prefix(depth);
            let Some((to, certain)) = self.by_path.get(&above) else {
                continue;
            };
            let found = path.strip_prefix(&above).map(|rest| (to.concat(&rest), *certain));
            if *certain {
                return found;
            }
            likely = likely.or(found);
        }
        likely
    }
}

/// The values of one text that neither another text nor anything else of its version has.
fn only_here<'d>(here: &'d Part, there: &Part, all_there: &Table, found: &mut Vec<Candidate<'d>>) {
    fn walk<'d>(
        document: &'d Document,
        is_there: &dyn Fn(&Path) -> bool,
        value: &'d Tree,
        path: &Path,
        found: &mut Vec<Candidate<'d>>,
    ) {
        if found.len() > MAX_CANDIDATES || path.segments().len() > MAX_DEPTH {
            return;
        }
        if !is_there(path) {
            let parent = path.parent().unwrap_or_default();
            let mut below = BTreeSet::new();
            if matches!(value, Tree::Table(_)) {
                leaves(value, &Path::root(), &mut below);
            }
            found.push(Candidate {
                value,
                comment: comment(document, path),
                words: path.last_key().map(stems).unwrap_or_default(),
                path_words: path_words(path),
                parent_words: path_words(&parent),
                parent,
                leaves: below,
                path: path.clone(),
            });
        }
        if let Tree::Table(table) = value {
            for (key, value) in table {
                let below = path.join(key.to_str_lossy().into_owned());
                walk(document, is_there, value, &below, found);
            }
        }
    }
    // A value that only another chart's text holds now is where it was.
    let is_there = |path: &Path| get(all_there, &there.place(path)).is_some();
    for (key, value) in here.document.values() {
        let path = Path::root().join(key.to_str_lossy().into_owned());
        walk(&here.document, &is_there, value, &path, found);
    }
}

fn comment(document: &Document, path: &Path) -> String {
    let Some(lines) = document.lines_of(path) else {
        return String::new();
    };
    let above = lines_above(document.text(), lines.start);
    let text = slice(document.text(), above);
    let plain = text
        .lines()
        .map(|line| line.trim().trim_start_matches(['#', '-', ' ']));
    // `@param path` names the path, which is what changed.
    let last = path.last_key().unwrap_or_default();
    let text = plain
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    text.replace(&path.to_string(), "")
        .replace(last, "")
        .trim()
        .to_owned()
}

/// Enough to suggest.
const LIKELY: i32 = 60;
/// Enough to do.
const CERTAIN: i32 = 90;
/// How much better than the next best it must be.
const MARGIN: i32 = 10;

/// How likely two values are one: names, places, defaults and comments each count, and nothing counts without
/// something that ties the names.
fn score(old: &Candidate<'_>, new: &Candidate<'_>) -> i32 {
    let Some(value) = value_score(old.value, new.value) else {
        return 0;
    };
    let name = name_score(old, new);
    let says_much = old.comment.len() >= 16;
    let comment = if says_much && old.comment == new.comment {
        40
    } else {
        0
    };
    let place = place_score(old, new);
    if name == 0 && comment == 0 {
        // Nothing but what it holds: enough where that is much and has no equal.
        return structure_score(old, new).map_or(0, |structure| structure + place);
    }
    name + value + comment + place
}

fn name_score(old: &Candidate<'_>, new: &Candidate<'_>) -> i32 {
    let (a, b) = (&old.words, &new.words);
    if old.path.last_key() == new.path.last_key() {
        return 50;
    }
    if a == b || a.concat() == b.concat() {
        return 48;
    }
    // `serviceType` and `service.type`: the words went into the path.
    if old.path_words == new.path_words {
        return 60;
    }
    let shared = a.iter().filter(|word| b.contains(word)).count();
    let most = a.len().max(b.len());
    // `extraEnv` is closer to `extraEnvVars` than to `extraDeploy`, and `replicas` are a `replicaCount`.
    if shared > 0 && shared * 3 >= most * 2 || is_count_of(a, b) || is_count_of(b, a) {
        return 34;
    }
    if shared > 0 && shared * 2 >= most {
        return 30;
    }
    let (joined_old, joined_new) = (a.concat(), b.concat());
    let long = joined_old.len().min(joined_new.len());
    if long >= 4 && (joined_old.starts_with(&joined_new) || joined_new.starts_with(&joined_old)) {
        return 30;
    }
    if long >= 5 && crate::assist::distance(&joined_old, &joined_new) <= 2 {
        30
    } else {
        0
    }
}

/// `replicaCount` for `replicas`.
fn is_count_of(count: &[String], of: &[String]) -> bool {
    count
        .split_last()
        .is_some_and(|(last, words)| last == "count" && words == of)
}

/// The words of a key, plurals as singulars.
fn stems(key: &str) -> Vec<String> {
    let stem = |word: String| match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && !stem.ends_with('s') => stem.to_owned(),
        _ => word,
    };
    words(key).into_iter().map(stem).collect()
}

fn path_words(path: &Path) -> Vec<String> {
    path.segments()
        .iter()
        .flat_map(|segment| match segment {
            Segment::Key(key) => stems(key),
            Segment::Index(_) => Vec::new(),
        })
        .collect()
}

/// Mappings that hold the same, by their leaves; `None` if that is too little to tell.
fn structure_score(old: &Candidate<'_>, new: &Candidate<'_>) -> Option<i32> {
    const MIN_LEAVES: usize = 3;
    let most = old.leaves.len().max(new.leaves.len());
    let least = old.leaves.len().min(new.leaves.len());
    if least < MIN_LEAVES || least * 10 < most * 8 {
        return None;
    }
    let shared = old.leaves.intersection(&new.leaves).count();
    let is_enough = shared >= MIN_LEAVES && shared * 10 >= most * 8;
    is_enough.then_some(if old.value == new.value { 70 } else { 60 })
}

fn leaves(tree: &Tree, path: &Path, found: &mut BTreeSet<Path>) {
    match tree {
        Tree::Table(table) if !table.is_empty() && path.segments().len() < MAX_DEPTH => {
            for (key, value) in table {
                leaves(value, &path.join(key.to_str_lossy().into_owned()), found);
            }
        }
        _ => {
            found.insert(path.clone());
        }
    }
}

/// `None` if the values cannot be one.
fn value_score(old: &Tree, new: &Tree) -> Option<i32> {
    match (old, new) {
        (Tree::Table(old), Tree::Table(new)) => {
            if old == new {
                return Some(if old.is_empty() { 20 } else { 40 });
            }
            let shared = old.keys().filter(|key| new.contains_key(*key)).count();
            let most = old.len().max(new.len());
            if shared == 0 {
                return None;
            }
            Some(if shared * 2 >= most { 25 } else { 5 })
        }
        (old, new) if old == new => {
            // What many values are says little: nothing, a switch, a small number.
            let common = matches!(old, Tree::Null | Tree::Bool(_))
                || matches!(old, Tree::Float(number) if number.abs() < 10.0)
                || matches!(old, Tree::String(text) if text.is_empty())
                || matches!(old, Tree::List(items) if items.is_empty());
            Some(if common { 20 } else { 35 })
        }
        (Tree::Null, _) | (_, Tree::Null) => Some(5),
        (old, new) if super::shape(old) == super::shape(new) => Some(10),
        _ => None,
    }
}

/// The same parent, or one directly within the other; less than nothing where the ways there have no word in common, as keys
/// like `enabled` and `type` are everywhere.
fn place_score(old: &Candidate<'_>, new: &Candidate<'_>) -> i32 {
    if old.parent == new.parent {
        return 20;
    }
    if new.parent.starts_with(&old.parent) || old.parent.starts_with(&new.parent) {
        let levels = old.parent.segments().len().abs_diff(new.parent.segments().len());
        // Everything is below the top: deep below it says nothing.
        return if levels == 1 { 10 } else { -10 };
    }
    let n_shared = old
        .parent_words
        .iter()
        .filter(|word| new.parent_words.contains(word))
        .count();
    match n_shared {
        0 => -30,
        n if n == old.parent_words.len().max(new.parent_words.len()) => 0,
        // `service` within something else, `podSecurityContext` for a `podDisruptionBudget`.
        _ => -5,
    }
}
