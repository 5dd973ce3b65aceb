//! `--set` and its kin, as they stand in commands and documentation, made into edits.

use helm::values::strvals::{AssignmentError, Assignments};
use helm::values::{Table, Tree};

use crate::Path;
use crate::document::{Document, EditError, TextChange};

/// Longer commands are no commands.
const MAX_BYTES: usize = 256 * 1024;

/// Why flags could not be taken over.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlagsError {
    /// A quote that is not closed.
    #[error("a quote is not closed")]
    OpenQuote,
    /// A flag at the end, with nothing behind it.
    #[error("nothing stands behind {flag}")]
    NoValue {
        /// The flag.
        flag: String,
    },
    /// Neither a flag nor `key=value`.
    #[error("there is no --set and no key=value in the text")]
    Nothing,
    /// `--set-file` reads files of the machine it was written for.
    #[error("--set-file reads a file that is not here: {expression}")]
    File {
        /// What stands behind the flag.
        expression: String,
    },
    /// The text is longer than any command.
    #[error("the text is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// The grammar of `--set` does not allow it.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// The values cannot be put into the document.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// The assignments in a command (`helm install … --set a=1 --set-string b=2`), whatever else it says; or in bare
/// expressions, one a line (`a=1,b.c=2`).
pub fn assignments(text: &str) -> Result<Assignments, FlagsError> {
    if text.len() > MAX_BYTES {
        return Err(FlagsError::TooLarge {
            limit_bytes: MAX_BYTES,
        });
    }
    let mut found = Assignments::default();
    if !text.contains("--set") {
        // No shell has to do with it: backslashes are those of the grammar.
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| line.contains('=') && !line.starts_with('-'));
        found.set = lines.map(str::to_owned).collect();
        return if found.set.is_empty() {
            Err(FlagsError::Nothing)
        } else {
            Ok(found)
        };
    }
    let mut words = words(text)?.into_iter();
    while let Some(word) = words.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
            _ => (word.clone(), None),
        };
        let list = match flag.as_str() {
            "--set" => &mut found.set,
            "--set-string" => &mut found.string,
            "--set-json" => &mut found.json,
            "--set-literal" => &mut found.literal,
            "--set-file" => &mut found.file,
            _ => continue,
        };
        list.push(
            value
                .or_else(|| words.next())
                .ok_or(FlagsError::NoValue { flag })?,
        );
    }
    if let Some(expression) = found.file.first() {
        return Err(FlagsError::File {
            expression: expression.clone(),
        });
    }
    if found == Assignments::default() {
        return Err(FlagsError::Nothing);
    }
    Ok(found)
}

/// Makes the assignments of a text in a document, as Helm would lay them over the file.
pub fn apply_flags(document: &mut Document, text: &str) -> Result<TextChange, FlagsError> {
    let mut values: Table = document.values().clone();
    assignments(text)?.apply(&mut values, &mut |path| Err(format!("no file {path}")))?;
    Ok(document.set(&Path::root(), &Tree::Table(values))?)
}

/// The words of a command as a POSIX shell takes them apart, without expanding anything.
fn words(text: &str) -> Result<Vec<String>, FlagsError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        None => return Err(FlagsError::OpenQuote),
                        Some('\'') => break,
                        Some(other) => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        None => return Err(FlagsError::OpenQuote),
                        Some('"') => break,
                        Some('\\') => match characters.next() {
                            None => return Err(FlagsError::OpenQuote),
                            Some('\n') => {}
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                            Some(other) => word.extend(['\\', other]),
                        },
                        Some(other) => word.push(other),
                    }
                }
            }
            '\\' => match characters.next() {
                // A line that goes on.
                Some('\n') | None => {}
                Some('\r') => {
                    characters = characters
                        .as_str()
                        .strip_prefix('\n')
                        .unwrap_or(characters.as_str())
                        .chars();
                }
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}
