//! Upgrades: what a new version of a chart means for the values somebody wrote for the old one.
//!
//! [`Merge::new`] compares old defaults, new defaults and the overrides and finds what a reader must know
//! ([`Finding`]). What is certain is done in [`Merge::text`] already; for the rest each finding has choices, and
//! [`Merge::choose`] makes the edit one of them stands for. Comments go where their entries go; nothing else moves.
//!
//! A value without an override is no finding: the new default simply applies. What a sub-chart brings counts as the
//! chart's own; of one that is off in both versions nothing is said, as nothing of it is rendered.

mod rename;
mod version;
mod words;

use helm::values::{Table, Tree};
use serde::{Deserialize, Serialize};

use crate::defaults::{coalesce, get, is_in_use};
use crate::document::{Document, EditError, ReadError, normal};
use crate::schema::{Fields, Subchart};
use crate::{Path, Segment};
use rename::Renames;
pub use version::{Defaults, Version};

/// What a new version changes for an override.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Change {
    /// The value has another place now.
    Renamed {
        /// Where the new version has it.
        to: Path,
        /// Whether the old and the new place are told apart by their name or parent alone.
        certain: bool,
    },
    /// The new version does not know the value.
    Removed,
    /// The new default is of another type than the old one.
    Retyped {
        /// The new default.
        new_default: serde_json::Value,
        /// Whether the override has the new type already.
        fits: bool,
    },
    /// The default beneath the override is another one.
    DefaultChanged {
        /// The old default; `None` if there was none.
        old_default: Option<serde_json::Value>,
        /// The new default.
        new_default: serde_json::Value,
    },
    /// The override is what the new version has anyway.
    NowDefault,
    /// The new version wants a value that nobody has given.
    NewRequired {
        /// What it is for.
        description: Option<String>,
    },
    /// The sub-chart that the overrides are for was on, and is off unless somebody switches it on.
    SwitchedOff {
        /// The value that switches it on, if there is one.
        by: Option<Path>,
    },
}

/// What a choice does to the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "action")]
pub enum Action {
    /// Nothing.
    Keep,
    /// The entry goes to another place, with its comments.
    Move {
        /// Where.
        to: Path,
    },
    /// The entry leaves, with the comments directly above it: the new default applies.
    Drop,
    /// The entry gets another value.
    Set {
        /// Which.
        value: serde_json::Value,
    },
}

/// One way to settle a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What it does, for a button.
    pub label: String,
    /// What it does to the text.
    #[serde(flatten)]
    pub action: Action,
}

/// Something that a reader must know before upgrading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The override, where it was in the text; or what is missing.
    pub path: Path,
    /// What the new version changes.
    #[serde(flatten)]
    pub change: Change,
    /// What can be done, the best first; empty where there is nothing to decide.
    pub choices: Vec<Choice>,
    /// The choice that was made already.
    pub made: Option<usize>,
}

/// Overrides on their way to another version.
#[derive(Debug, Clone)]
pub struct Merge {
    document: Document,
    findings: Vec<Finding>,
}

/// Why there is no merge.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MergeError {
    /// The overrides cannot be read.
    #[error("the overrides cannot be read")]
    Overrides(#[source] ReadError),
}

impl Merge {
    /// Compares, and makes the changes that are certain.
    pub fn new(old: Version<'_>, new: Version<'_>, overrides: &str) -> Result<Self, MergeError> {
        let mut merge = Self::compare(old, new, overrides)?;
        for at in 0..merge.findings.len() {
            let certain = |finding: &Finding| matches!(finding.change, Change::Renamed { certain: true, .. });
            if merge.findings.get(at).is_some_and(certain) {
                // What cannot be done stays to be decided.
                let _ = merge.choose(at, 0);
            }
        }
        Ok(merge)
    }

    /// Compares, and leaves everything to be decided.
    pub fn compare(old: Version<'_>, new: Version<'_>, overrides: &str) -> Result<Self, MergeError> {
        let document = Document::parse(overrides).map_err(MergeError::Overrides)?;
        let comparison = Comparison {
            renames: Renames::between(old.defaults, new.defaults),
            old: &old.defaults.values,
            new: &new.defaults.values,
            overrides: document.values(),
        };
        let mut findings = Vec::new();
        comparison.table(document.values(), &Path::root(), &mut findings);
        // In the order of the text.
        findings.sort_by_key(|finding| document.span_of(&finding.path).map(|span| span.value.start));
        comparison.required(old.fields, new.fields, &mut findings);
        if let Some(fields) = new.fields {
            comparison.switches(old.fields, fields, &mut findings);
        }
        Ok(Self { document, findings })
    }

    /// The overrides as they are now.
    #[must_use]
    pub fn text(&self) -> &str {
        self.document.text()
    }

    /// What was found, in the order of the text.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings that somebody must decide on: a choice was not made, and keeping the text as it is would not do
    /// what it did.
    pub fn conflicts(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.made.is_none() && finding.is_conflict())
    }

    /// Makes one choice of one finding. Nothing happens where there is no such choice, or where one was made.
    pub fn choose(&mut self, finding: usize, choice: usize) -> Result<(), EditError> {
        let Some(found) = self.findings.get(finding).filter(|found| found.made.is_none()) else {
            return Ok(());
        };
        let Some(chosen) = found.choices.get(choice) else {
            return Ok(());
        };
        let path = found.path.clone();
        let mut document = self.document.clone();
        match &chosen.action {
            Action::Keep => {}
            Action::Drop => document.drop_entry(&path)?,
            Action::Set { value } => {
                let place = match &found.change {
                    Change::SwitchedOff { by: Some(switch) } => switch,
                    _ => &path,
                };
                document.set(place, &Tree::from_json(value))?;
            }
            Action::Move { to } => {
                let before = document.clone();
                document.drop_entry(&path)?;
                document.graft(to, &before, &path)?;
            }
        }
        self.document = document;
        if let Some(found) = self.findings.get_mut(finding) {
            found.made = Some(choice);
        }
        Ok(())
    }
}

impl Document {
    /// Takes an entry out with its comment, and the mappings around it that are then empty.
    pub fn drop_entry(&mut self, path: &Path) -> Result<(), EditError> {
        let mut path = path.clone();
        while let Some(parent) = path.parent() {
            let is_last = matches!(self.get(&parent), Some(Tree::Table(table)) if table.len() == 1);
            if parent.is_root() || !is_last {
                break;
            }
            path = parent;
        }
        self.remove_with_comment(&path).map(|_| ())
    }
}

struct Comparison<'c> {
    renames: Renames,
    old: &'c Table,
    new: &'c Table,
    overrides: &'c Table,
}

fn choice(label: impl Into<String>, action: Action) -> Choice {
    Choice {
        label: label.into(),
        action,
    }
}

impl Comparison<'_> {
    fn table(&self, over: &Table, at: &Path, findings: &mut Vec<Finding>) {
        for (key, value) in over {
            let path = at.join(key.to_str_lossy().into_owned());
            self.entry(value, &path, findings);
        }
    }

    fn entry(&self, value: &Tree, path: &Path, findings: &mut Vec<Finding>) {
        let (old, new) = (get(self.old, path), get(self.new, path));
        let (change, choices) = match (old, new) {
            // Never a default's: free keys, or what the old version should have had.
            (None, None) => return self.unknown(value, path, findings),
            (Some(old), None) => {
                if let (Tree::Table(inner), Tree::Table(_)) = (value, old)
                    && !inner.is_empty()
                {
                    // A mapping that is gone may have gone in parts, or not all of it with the rest.
                    let mut parts = Vec::new();
                    self.table(inner, path, &mut parts);
                    let whole = self.renames.of(path);
                    let is_apart = |part: &Finding| match (&part.change, &whole) {
                        (Change::Renamed { to, .. }, Some((whole, _))) => {
                            part.path
                                .strip_prefix(path)
                                .map(|rest| whole.concat(&rest))
                                .as_ref()
                                != Some(to)
                        }
                        (Change::Renamed { .. }, None) => true,
                        _ => false,
                    };
                    if parts.iter().any(is_apart) {
                        return findings.append(&mut parts);
                    }
                }
                self.gone(path)
            }
            (_, Some(new)) if normal(value) == *new => (
                Change::NowDefault,
                vec![
                    choice("Leave it to the default", Action::Drop),
                    choice("Keep it", Action::Keep),
                ],
            ),
            (_, Some(Tree::Table(_))) if matches!(value, Tree::Table(_)) => {
                if let Tree::Table(inner) = value {
                    self.table(inner, path, findings);
                }
                return;
            }
            (None, Some(new)) => self.beneath(None, new),
            (Some(old), Some(new)) if is_retyped(old, new) => retyped(value, new),
            (Some(old), Some(new)) if old != new => self.beneath(Some(old), new),
            (Some(_), Some(_)) => return,
        };
        findings.push(Finding {
            path: path.clone(),
            change,
            choices,
            made: None,
        });
    }

    /// A key that neither version's defaults have: only what stands below a mapping that moved can be said of it.
    fn unknown(&self, _value: &Tree, path: &Path, findings: &mut Vec<Finding>) {
        let Some((parent, last)) = path.split_last() else {
            return;
        };
        let Some((to, certain)) = self.renames.of(&parent) else {
            return;
        };
        let Segment::Key(last) = last else { return };
        let to = to.join(last.as_str());
        findings.push(Finding {
            path: path.clone(),
            choices: self.moves(&to),
            change: Change::Renamed { to, certain },
            made: None,
        });
    }

    fn gone(&self, path: &Path) -> (Change, Vec<Choice>) {
        let Some((to, certain)) = self.renames.of(path) else {
            let choices = vec![choice("Remove it", Action::Drop), choice("Keep it", Action::Keep)];
            return (Change::Removed, choices);
        };
        // Somebody who has written both places knows why.
        let certain = certain && get(self.overrides, &to).is_none();
        (
            Change::Renamed {
                to: to.clone(),
                certain,
            },
            self.moves(&to),
        )
    }

    fn moves(&self, to: &Path) -> Vec<Choice> {
        vec![
            choice(format!("Move it to {to}"), Action::Move { to: to.clone() }),
            choice("Remove it", Action::Drop),
            choice("Keep it", Action::Keep),
        ]
    }

    fn beneath(&self, old: Option<&Tree>, new: &Tree) -> (Change, Vec<Choice>) {
        let change = Change::DefaultChanged {
            old_default: old.map(Tree::to_json),
            new_default: new.to_json(),
        };
        let choices = vec![
            choice("Keep it", Action::Keep),
            choice("Take the new default", Action::Drop),
        ];
        (change, choices)
    }

    fn required(&self, old: Option<&Fields>, new: Option<&Fields>, findings: &mut Vec<Finding>) {
        let Some(new) = new else { return };
        for field in new.fields.iter().filter(|field| field.required) {
            let was = old
                .and_then(|old| old.get(&field.path))
                .is_some_and(|field| field.required);
            let parent_is_there = field.path.parent().is_none_or(|parent| {
                parent.is_root() || get(self.new, &parent).is_some() || get(self.overrides, &parent).is_some()
            });
            let given = |table: &Table| get(table, &field.path).is_some_and(|value| *value != Tree::Null);
            let moved_here = findings
                .iter()
                .any(|finding| matches!(&finding.change, Change::Renamed { to, .. } if *to == field.path));
            if was || !parent_is_there || given(self.new) || given(self.overrides) || moved_here {
                continue;
            }
            findings.push(Finding {
                path: field.path.clone(),
                change: Change::NewRequired {
                    description: field.description.clone(),
                },
                choices: field
                    .choices
                    .iter()
                    .map(|value| choice(format!("Set it to {value}"), Action::Set { value: value.clone() }))
                    .collect(),
                made: None,
            });
        }
    }

    /// Of a sub-chart that is off nothing needs to be decided but that.
    fn switches(&self, old_fields: Option<&Fields>, fields: &Fields, findings: &mut Vec<Finding>) {
        if fields.subcharts.is_empty() {
            return;
        }
        let (old, new) = (
            coalesce(self.old, self.overrides),
            coalesce(self.new, self.overrides),
        );
        let is_off = |subchart: &&Subchart| !is_in_use(fields, &new, &subchart.path);
        let is_switch = |path: &Path| {
            fields
                .subcharts
                .iter()
                .any(|subchart| subchart.conditions.contains(path))
        };
        for subchart in fields.subcharts.iter().filter(is_off) {
            let at = &subchart.path;
            let is_below = |path: &Path| path.starts_with(at) && !is_switch(path);
            findings.retain(|finding| !is_below(&finding.path));
            let was_on = old_fields.is_some_and(|fields| {
                let was_there = fields.subcharts.iter().any(|subchart| subchart.path == *at);
                was_there && is_in_use(fields, &old, at)
            });
            let sets_something = match get(self.overrides, at) {
                Some(Tree::Table(set)) => set
                    .keys()
                    .any(|key| is_below(&at.join(key.to_str_lossy().into_owned()))),
                _ => false,
            };
            // Of a chart within one that is off the outer one is told.
            let is_told = findings.iter().any(|finding| {
                matches!(finding.change, Change::SwitchedOff { .. }) && at.starts_with(&finding.path)
            });
            if !was_on || !sets_something || is_told {
                continue;
            }
            let by = subchart.conditions.first().cloned();
            let mut choices = Vec::new();
            if by.is_some() {
                let value = serde_json::Value::Bool(true);
                choices.push(choice("Switch it on", Action::Set { value }));
            }
            choices.push(choice("Leave it off", Action::Keep));
            findings.push(Finding {
                path: at.clone(),
                change: Change::SwitchedOff { by },
                choices,
                made: None,
            });
        }
    }
}

#[derive(PartialEq, Clone, Copy)]
enum Shape {
    Null,
    Bool,
    Number,
    Text,
    List,
    Table,
}

fn shape(tree: &Tree) -> Shape {
    match tree {
        Tree::Null => Shape::Null,
        Tree::Bool(_) => Shape::Bool,
        Tree::Int(_) | Tree::Float(_) => Shape::Number,
        Tree::String(_) => Shape::Text,
        Tree::List(_) => Shape::List,
        Tree::Table(_) => Shape::Table,
    }
}

/// Nothing (null, and the empty text that often stands for it) has no type that could change.
fn is_retyped(old: &Tree, new: &Tree) -> bool {
    let says_nothing =
        |tree: &Tree| matches!(tree, Tree::Null) || matches!(tree, Tree::String(text) if text.is_empty());
    !says_nothing(old) && !says_nothing(new) && shape(old) != shape(new)
}

fn retyped(value: &Tree, new: &Tree) -> (Change, Vec<Choice>) {
    let fits = shape(value) == shape(new) || *value == Tree::Null;
    let change = Change::Retyped {
        new_default: new.to_json(),
        fits,
    };
    let mut choices = Vec::new();
    if fits {
        choices.push(choice("Keep it", Action::Keep));
        choices.push(choice("Take the new default", Action::Drop));
        return (change, choices);
    }
    if let Some(value) = converted(value, new) {
        let value = value.to_json();
        choices.push(choice(format!("Make it {value}"), Action::Set { value }));
    }
    choices.push(choice("Take the new default", Action::Drop));
    choices.push(choice("Keep it", Action::Keep));
    (change, choices)
}

/// The same value in the new type, where there is no doubt what that is.
fn converted(value: &Tree, new: &Tree) -> Option<Tree> {
    let text = match value {
        Tree::Bool(truth) => truth.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(_) => value.to_json().to_string(),
        Tree::String(text) => std::str::from_utf8(text.as_bytes()).ok()?.to_owned(),
        _ => String::new(),
    };
    let is_scalar = !matches!(value, Tree::List(_) | Tree::Table(_) | Tree::Null);
    match (shape(new), value) {
        (Shape::Text, _) if is_scalar => Some(Tree::String(text.as_str().into())),
        (Shape::Number, Tree::String(_)) => {
            let number: f64 = text.trim().parse().ok()?;
            number.is_finite().then_some(Tree::Float(number))
        }
        (Shape::Bool, Tree::String(_)) => match text.as_str() {
            "true" => Some(Tree::Bool(true)),
            "false" => Some(Tree::Bool(false)),
            _ => None,
        },
        (Shape::List, _) if is_scalar => {
            // A list of texts wants a text.
            let Tree::List(items) = new else { return None };
            let item = match items.first() {
                None => value.clone(),
                Some(first) if shape(first) == shape(value) => value.clone(),
                Some(Tree::String(_)) => Tree::String(text.as_str().into()),
                Some(_) => return None,
            };
            Some(Tree::List(vec![item]))
        }
        (_, Tree::List(items)) => match items.as_slice() {
            [only] if shape(only) == shape(new) => Some(only.clone()),
            _ => None,
        },
        (Shape::Table, Tree::Bool(_)) => {
            let Tree::Table(table) = new else { return None };
            matches!(table.get("enabled".as_bytes()), Some(Tree::Bool(_)))
                .then(|| Tree::Table(Table::from_iter([("enabled".into(), value.clone())])))
        }
        _ => None,
    }
}
