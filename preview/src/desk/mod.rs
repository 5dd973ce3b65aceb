//! The values of one chart while somebody edits them: a form, help at the cursor, edits, upgrades and exports.
//!
//! A question carries the whole text, so that nothing can go out of step, and places in it are UTF-16 units, as
//! JavaScript counts them. All of it is [`values`]; here it is only put into questions and answers.

mod form;
mod units;
mod upgrade;

pub use form::{Form, FormField, Group};
pub use units::Edit;
pub use upgrade::Told;

use helm::chart::Chart;
use helm::render::findings_in_schema_report;
use helm::values::{Table, Tree};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use values::assist::{Assistant, Severity, Violation};
use values::document::TextChange;
use values::exports::{self, Options, Target, Verb};
use values::schema::Field;
use values::{Document, Path, Segment};

use units::Units;
use upgrade::Installed;

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Question {
    /// The fields to build a form from: [`Form`].
    Form,
    /// What is wrong, and what the text sets: [`Checked`]. `schema_report` is what the render said of the schemas.
    Check {
        text: String,
        #[serde(default)]
        schema_report: Option<String>,
    },
    /// What could stand at a place: [`Completions`].
    Complete { text: String, offset: usize },
    /// What is at a place: [`Hovered`], or null.
    Hover { text: String, offset: usize },
    /// A value's new text: [`Edited`]. Where it is `settled` and the default, the entry goes, if no comment is at it.
    Set {
        text: String,
        path: Path,
        value: Json,
        #[serde(default)]
        settled: bool,
    },
    /// Back to the default: [`Edited`].
    Reset { text: String, path: Path },
    /// Another item of a list, before the one that is now at `index`: [`Edited`].
    Insert {
        text: String,
        path: Path,
        index: usize,
        value: Json,
    },
    /// Without an item of a list, whose path this is: [`Edited`]. Comments directly above it go with it.
    TakeOut { text: String, path: Path },
    /// An item of a list in another place: [`Edited`].
    Move {
        text: String,
        path: Path,
        from: usize,
        to: usize,
    },
    /// Where a value is set: [`Edited`] without an edit.
    Locate { text: String, path: Path },
    /// The assignments of a pasted command, as edits: [`Edited`].
    Flags { text: String, pasted: String },
    /// What the installed version says otherwise: a list of [`Told`].
    Merge { text: String },
    /// The edit of a choice: [`Edited`].
    Choose { text: String, path: Path, choice: usize },
    /// The values for somewhere else: [`Exported`].
    Export {
        text: String,
        format: Format,
        target: Target,
        verb: Verb,
        #[serde(default)]
        options: Options,
    },
}

/// Where values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    /// A command for a shell.
    Helm,
    /// A `HelmRelease` with its source.
    Flux,
    /// An `Application`.
    ArgoCd,
}

/// An answer, as it is written.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Form(Form),
    Checked(Checked),
    Completions(Completions),
    Hovered(Option<Box<Hovered>>),
    Edited(Edited),
    Told(Vec<Told>),
    Exported(Exported),
    /// The question cannot be answered.
    Refused {
        error: String,
    },
}

/// Something to look at in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    pub severity: Severity,
    pub from: usize,
    pub to: usize,
    /// From 1.
    pub line: usize,
    pub message: String,
    /// The value it is about, as `--set` has it.
    pub name: Option<String>,
    /// A button's label and what it does.
    pub fix: Option<(String, Edit)>,
}

/// What there is to say about a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Worst first, then in the order of the text.
    pub remarks: Vec<Remark>,
    /// What the text sets; null where it cannot be read.
    pub overrides: Json,
    /// Which of the sub-charts these values switch off.
    pub switched_off: Vec<usize>,
}

/// What could stand at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completions {
    /// What was typed of it begins here.
    pub from: usize,
    pub options: Vec<Suggestion>,
}

/// Something that could be typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    pub label: String,
    pub insert: String,
    /// Type and default.
    pub detail: String,
    pub description: Option<String>,
    pub deprecated: bool,
}

/// What is under the pointer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hovered {
    pub from: usize,
    pub to: usize,
    /// As `--set` has it.
    pub name: String,
    pub field: Field,
}

/// What an edit does to the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edited {
    /// Nothing where the text says it already, or where the edit was refused.
    pub edit: Option<Edit>,
    /// Where the value stands afterwards, if it does.
    pub at: Option<usize>,
    /// Why it was refused.
    pub error: Option<String>,
}

/// A text to take along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    pub text: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
}

/// One chart's values on the table.
#[derive(Debug)]
pub struct Desk {
    assistant: Assistant,
    /// The chart's own name, as reports of its schema begin.
    chart: String,
    /// Where a new entry goes.
    defaults: Option<Document>,
    installed: Option<Installed>,
}

impl Desk {
    /// Reads the chart once.
    #[must_use]
    pub fn new(chart: &Chart) -> Self {
        Self {
            assistant: Assistant::new(chart),
            chart: chart.metadata.name.clone(),
            defaults: Document::parse(&values_text(chart)).ok(),
            installed: None,
        }
    }

    /// Takes the version that is installed, for [`Question::Merge`]; `chart` is the desk's own.
    pub fn upgrade_from(&mut self, chart: &Chart, installed: &Chart) {
        self.installed = Some(Installed::of(chart, installed));
    }

    /// Answers; what cannot be done is an answer, too.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Form => Answer::Form(Form::of(self.assistant.fields())),
            Question::Check { text, schema_report } => {
                Answer::Checked(self.check(text, schema_report.as_deref()))
            }
            Question::Complete { text, offset } => Answer::Completions(self.complete(text, *offset)),
            Question::Hover { text, offset } => Answer::Hovered(self.hover(text, *offset).map(Box::new)),
            Question::Set {
                text,
                path,
                value,
                settled,
            } => edited(text, Some(path), |document| {
                self.set(document, path, &Tree::from_json(value), *settled)
            }),
            Question::Reset { text, path } => edited(text, None, |document| document.reset(path).map(drop)),
            Question::Insert {
                text,
                path,
                index,
                value,
            } => edited(text, Some(&path.join(*index)), |document| {
                self.own_list(document, &path.join(*index))?;
                document.insert(path, *index, &Tree::from_json(value)).map(drop)
            }),
            Question::TakeOut { text, path } => edited(text, None, |document| {
                self.own_list(document, path)?;
                document.remove_with_comment(path).map(drop)
            }),
            Question::Move { text, path, from, to } => edited(text, Some(&path.join(*to)), |document| {
                self.own_list(document, &path.join(*from))?;
                document.move_item(path, *from, *to).map(drop)
            }),
            Question::Locate { text, path } => {
                edited(text, Some(path), |_| Ok::<_, values::document::EditError>(()))
            }
            Question::Flags { text, pasted } => edited(text, None, |document| {
                exports::apply_flags(document, pasted).map(drop)
            }),
            Question::Merge { text } => match self.compare(text) {
                Ok(merge) => Answer::Told(upgrade::told(&merge, text)),
                Err(error) => Answer::Refused { error },
            },
            Question::Choose { text, path, choice } => {
                let chosen = self
                    .compare(text)
                    .and_then(|merge| upgrade::choose(merge, text, path, *choice));
                let (edit, error) = match chosen {
                    Ok(edit) => (edit, None),
                    Err(error) => (None, Some(error)),
                };
                Answer::Edited(Edited {
                    edit,
                    at: None,
                    error,
                })
            }
            Question::Export {
                text,
                format,
                target,
                verb,
                options,
            } => Answer::Exported(export(text, *format, target, *verb, options)),
        }
    }

    fn compare(&self, text: &str) -> Result<values::merge::Merge, String> {
        let installed = self
            .installed
            .as_ref()
            .ok_or("the installed version of the chart is not here")?;
        installed.compare(self.assistant.fields(), text)
    }

    fn check(&self, text: &str, schema_report: Option<&str>) -> Checked {
        let document = Document::parse(text).ok();
        let none = Table::new();
        let overrides = document.as_ref().map_or(&none, Document::values);
        let effective = values::defaults::coalesce(self.assistant.defaults(), overrides);
        let violations = match schema_report {
            Some(report) => self.violations(report, &effective),
            None => Vec::new(),
        };
        let units = Units::of(text);
        let remarks = self.assistant.problems_with(text, violations);
        let remarks = remarks.into_iter().map(|problem| {
            let (from, to) = units.range(&problem.range);
            Remark {
                severity: problem.severity,
                from,
                to,
                line: problem.line,
                message: problem.message,
                name: problem.path.map(|path| path.to_string()),
                fix: problem.fix.map(|(label, change)| (label, units.edit(&change))),
            }
        });
        let subcharts = self.assistant.fields().subcharts.iter().enumerate();
        let off = subcharts.filter(|(_, chart)| {
            !values::defaults::is_in_use(self.assistant.fields(), &effective, &chart.path)
        });
        Checked {
            remarks: remarks.collect(),
            overrides: match &document {
                Some(document) => Tree::Table(document.values().clone()).to_json(),
                None => Json::Null,
            },
            switched_off: off.map(|(at, _)| at).collect(),
        }
    }

    /// What a report of Helm's says, by the values as they are.
    fn violations(&self, report: &str, values: &Table) -> Vec<Violation> {
        let findings = findings_in_schema_report(&self.chart, report).into_iter();
        findings
            .map(|(steps, message)| {
                let mut path = Path::root();
                for step in steps {
                    let is_list = matches!(values::defaults::get(values, &path), Some(Tree::List(_)));
                    path = match step.parse() {
                        Ok(index) if is_list => path.join(Segment::Index(index)),
                        _ => path.join(step),
                    };
                }
                Violation { path, message }
            })
            .collect()
    }

    fn complete(&self, text: &str, offset: usize) -> Completions {
        let units = Units::of(text);
        let byte = units.byte(offset);
        let found = self.assistant.completions(text, byte);
        let from = found.first().map_or(byte, |first| first.range.start);
        let options = found.into_iter().map(|completion| Suggestion {
            label: completion.label,
            insert: completion.insert,
            detail: completion.detail,
            description: completion.description,
            deprecated: completion.deprecated,
        });
        Completions {
            from: units.unit(from),
            options: options.collect(),
        }
    }

    fn hover(&self, text: &str, offset: usize) -> Option<Hovered> {
        let units = Units::of(text);
        let hover = self.assistant.hover(text, units.byte(offset))?;
        let (from, to) = units.range(&hover.range);
        Some(Hovered {
            from,
            to,
            name: hover.path.to_string(),
            field: hover.field,
        })
    }

    fn own_list(&self, document: &mut Document, path: &Path) -> Result<(), values::document::EditError> {
        document.own_list(path, self.assistant.defaults(), self.defaults.as_ref())
    }

    fn set(
        &self,
        document: &mut Document,
        path: &Path,
        value: &Tree,
        settled: bool,
    ) -> Result<(), values::document::EditError> {
        let (defaults, like) = (self.assistant.defaults(), self.defaults.as_ref());
        document.set_field(path, value, defaults, like, settled).map(drop)
    }
}

/// values.yaml as it was written.
fn values_text(chart: &Chart) -> String {
    let text = chart.values_text.as_deref().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

/// An error with what caused it, in one sentence.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Makes an edit of a text; `path` is where to look afterwards.
fn edited<E: std::error::Error + 'static>(
    text: &str,
    path: Option<&Path>,
    edit: impl FnOnce(&mut Document) -> Result<(), E>,
) -> Answer {
    let refused = |error: &dyn std::error::Error| {
        Answer::Edited(Edited {
            edit: None,
            at: None,
            error: Some(chain(error)),
        })
    };
    let mut document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => return refused(&error),
    };
    if let Err(error) = edit(&mut document) {
        return refused(&error);
    }
    let change = TextChange::between(text, document.text());
    let span = path.and_then(|path| document.span_of(path));
    Answer::Edited(Edited {
        edit: (!change.is_none()).then(|| Units::of(text).edit(&change)),
        at: span.map(|span| Units::of(document.text()).unit(span.key.unwrap_or(span.value).start)),
        error: None,
    })
}

fn export(text: &str, format: Format, target: &Target, verb: Verb, options: &Options) -> Exported {
    let made = match format {
        Format::Helm => Ok(exports::helm_command(target, verb, options, text)),
        Format::Flux => exports::flux(target, text),
        Format::ArgoCd => exports::argo_cd(target, text),
    };
    match made {
        Ok(text) => Exported {
            text: Some(text),
            error: None,
        },
        Err(error) => Exported {
            text: None,
            error: Some(chain(&error)),
        },
    }
}
