//! What can go wrong: parsing, executing, and spending more than the budget allows.
//!
//! `Display` of [`Error`] is a contract: the text Go's text/template prints, with template, line and column.

use std::fmt;

use crate::limits::Exceeded;

/// Helm's marks around a message of the chart's author (`fail`, `required`).
pub(crate) const CHART_ERROR_START: &str = "HELM_ERR_START";
pub(crate) const CHART_ERROR_END: &str = "HELM_ERR_END";

/// Why a template function did not return a value.
///
/// Functions know nothing of positions: the executor adds template, line, column and node.
#[derive(Debug)]
pub enum FnError {
    /// An error in Go's words, reported as `error calling NAME: TEXT`. Go recovers panics of functions into the
    /// same form, so a panic's text (`runtime error: index out of range [3] with length 2`) goes here too.
    Message(String),
    /// The function executed a template which failed (`include`, `tpl`).
    Template(Box<Error>),
    /// The same, with words before the template's error.
    Wrapped(String, Box<Error>),
    /// A budget was exceeded; ends the render, never recovered by a template.
    Exceeded(Exceeded),
}

impl FnError {
    /// An error with Go's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self::Message(text.into())
    }
}

impl From<String> for FnError {
    fn from(text: String) -> Self {
        Self::Message(text)
    }
}

impl From<&str> for FnError {
    fn from(text: &str) -> Self {
        Self::Message(text.to_owned())
    }
}

impl From<Exceeded> for FnError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

impl fmt::Display for FnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(text) => f.write_str(text),
            Self::Template(error) => error.fmt(f),
            Self::Wrapped(text, error) => write!(f, "{text}{error}"),
            Self::Exceeded(exceeded) => exceeded.fmt(f),
        }
    }
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The template's text is not a template.
    Parse,
    /// Executing failed.
    Exec,
    /// A budget was exceeded.
    Exceeded(Exceeded),
}

/// A failed parse or execution.
#[derive(Debug)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    /// The template that was being parsed or executed, innermost.
    pub(crate) template: String,
    pub(crate) line: usize,
    /// Byte column, as Go counts it; absent in parse errors.
    pub(crate) column: Option<usize>,
    /// The whole text, as Go prints it.
    pub(crate) text: String,
    /// What a function that failed had to say, when `text` wraps that.
    pub(crate) cause: Option<FnError>,
}

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The template in which it happened.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The line in [`Error::template`], from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The byte column in the line, where known.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

impl Error {
    /// The text Helm 4 makes of a failed execution of the file `name`.
    ///
    /// Each level of nesting becomes three lines, unless one of the messages is not text/template's own: then
    /// it is Go's single line. A message of the chart's author is all that is said.
    #[must_use]
    pub fn helm_text(&self, name: &str) -> String {
        match self.kind {
            ErrorKind::Parse => helm_parse_text(name, &self.text),
            _ if self.line == 0 => self.text.clone(),
            _ => self.helm_exec_text(name),
        }
    }

    fn helm_exec_text(&self, name: &str) -> String {
        let mut parts = self.text.splitn(3, ": ");
        let (Some(_), Some(location), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return format!("execution error in ({name}): {}", self.text);
        };
        // Greedy, as Helm's regular expression is: the last end mark counts.
        if let Some(start) = rest.find(CHART_ERROR_START)
            && let Some(inner) = rest.get(start + CHART_ERROR_START.len()..)
            && let Some(end) = inner.rfind(CHART_ERROR_END)
        {
            return format!(
                "execution error at ({location}): {}",
                inner.get(..end).unwrap_or_default()
            );
        }
        let mut levels: Vec<Traced<'_>> = Vec::new();
        let mut current = Some(self);
        while let Some(error) = current {
            let Some(traced) = Traced::read(&error.text) else {
                return self.text.clone();
            };
            if levels.last() != Some(&traced) {
                levels.push(traced);
            }
            current = match &error.cause {
                None => None,
                Some(FnError::Template(inner)) => Some(inner),
                // Words of a function, a prefix, a budget: nothing text/template would say.
                Some(_) => return self.text.clone(),
            };
        }
        let text: String = levels.iter().map(Traced::to_string).collect();
        text.trim().to_owned()
    }
}

fn helm_parse_text(name: &str, text: &str) -> String {
    let mut parts = text.split(": ");
    match (parts.next(), parts.next()) {
        (Some(_), Some(location)) => {
            let message = text.rsplit(": ").next().unwrap_or_default();
            format!("parse error at ({location}): {message}")
        }
        _ => format!("parse error in ({name}): {text}"),
    }
}

/// One level of an execution error, as Helm cuts it out of Go's text.
#[derive(Debug, PartialEq, Eq)]
struct Traced<'t> {
    location: &'t str,
    executing: Option<(&'t str, &'t str)>,
    message: &'t str,
}

impl<'t> Traced<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Self {
                location: "",
                executing: None,
                message: text,
            });
        }
        // A message is cut where the next template's error starts.
        let own_message = |message: &'t str| message.split(" template:").next().unwrap_or(message);
        if let Some((location, after)) = rest.split_once(": executing ") {
            let (function, after) = after
                .strip_prefix('"')
                .and_then(|after| after.split_once('"'))
                .unzip();
            let node_and_message = after
                .and_then(|after| after.strip_prefix(" at <"))
                .and_then(|after| after.split_once(">: "));
            if let (Some(function), Some((node, message))) = (function, node_and_message) {
                let executing = Some((function, node));
                return Some(Self {
                    location,
                    executing,
                    message: own_message(message),
                });
            }
        }
        let (location, message) = rest.rsplit_once(": ")?;
        Some(Self {
            location,
            executing: None,
            message: own_message(message),
        })
    }
}

impl fmt::Display for Traced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.location.is_empty() {
            write!(f, "{}\n  ", self.location)?;
        }
        if let Some((function, node)) = self.executing {
            write!(f, "executing \"{function}\" at <{node}>:\n    ")?;
        }
        if !self.message.is_empty() {
            writeln!(f, "{}", self.message)?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Some(FnError::Template(error) | FnError::Wrapped(_, error)) => Some(&**error),
            _ => None,
        }
    }
}
