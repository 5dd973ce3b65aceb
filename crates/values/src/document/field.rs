//! Edits as a form makes them: a value that is the default again needs no entry.

use helm::values::{Table, Tree};

use super::lines::{previous_line, slice};
use super::{Document, EditError, TextChange, get, normal};
use crate::{Path, Segment};

impl Document {
    /// Gives a value another one, as [`Self::set_like`] does where the defaults' text is known.
    ///
    /// Where the value is `settled` and what the default is, its entry goes instead, unless a comment is at it: who
    /// wrote one meant the entry. A value in a list has no default of its own: where the text does not set the list, the
    /// default one is written out first.
    pub fn set_field(
        &mut self,
        path: &Path,
        value: &Tree,
        defaults: &Table,
        like: Option<&Self>,
        settled: bool,
    ) -> Result<TextChange, EditError> {
        self.own_list(path, defaults, like)?;
        let is_item = path
            .segments()
            .iter()
            .any(|step| matches!(step, Segment::Index(_)));
        let is_default =
            !is_item && get(defaults, path).is_some_and(|default| normal(default) == normal(value));
        if settled && is_default && !self.has_comment_at(path) {
            return self.reset(path);
        }
        match like {
            Some(like) => self.set_like(path, value, like),
            None => self.set(path, value),
        }
    }

    /// Writes out the default list that `path` leads into, where the text does not set it: a list is set as a whole.
    pub fn own_list(&mut self, path: &Path, defaults: &Table, like: Option<&Self>) -> Result<(), EditError> {
        let first = path
            .segments()
            .iter()
            .position(|step| matches!(step, Segment::Index(_)));
        let Some(list) = first.map(|at| path.prefix(at)) else {
            return Ok(());
        };
        if self.get(&list).is_some() {
            return Ok(());
        }
        let default = get(defaults, &list).cloned().unwrap_or(Tree::List(Vec::new()));
        self.set_field(&list, &default, defaults, like, false).map(drop)
    }

    /// Takes an entry out, and the mappings around it that then hold nothing, not even a comment. Comments above it
    /// stay.
    pub fn reset(&mut self, path: &Path) -> Result<TextChange, EditError> {
        if self.get(path).is_none() {
            return Ok(TextChange::none());
        }
        let mut path = path.clone();
        while let Some(parent) = path.parent() {
            let is_last = matches!(self.get(&parent), Some(Tree::Table(table)) if table.len() == 1);
            if parent.is_root() || !is_last || self.has_comment_at(&parent) {
                break;
            }
            path = parent;
        }
        self.remove(&path)
    }

    /// Whether a comment stands directly above an entry, in it, or behind it.
    #[must_use]
    pub fn has_comment_at(&self, path: &Path) -> bool {
        let Some(range) = self.lines_of(path) else {
            return false;
        };
        let is_comment = |line: &str| line.trim_start().starts_with('#');
        let above = previous_line(&self.text, range.start);
        above.is_some_and(|line| is_comment(slice(&self.text, line)))
            || slice(&self.text, range)
                .lines()
                .any(|line| is_comment(line) || line.contains(" #"))
    }
}
