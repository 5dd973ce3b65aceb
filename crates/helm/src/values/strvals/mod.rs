//! `--set` and its relatives: values written on the command line.
//!
//! `a.b[0].c=1,d={x,y}` and so on, with exactly Helm's results and errors (`pkg/strvals`). What is ours are two more
//! limits: list indices may nest only so deep, and one expression may fill only so many list items. Helm has neither,
//! though it learned the limits on a single index and on nested names the hard way (CVE-2022-36055, CVE-2022-23524).

mod error;
mod flags;
mod parser;

pub use error::StrvalsError;
pub use flags::{AssignmentError, Assignments};

use super::{Table, Tree};
use parser::{Grammar, Parser};

/// What reads the file a `--set-file` expression names; the error is printed as it is.
pub type ReadFile<'r> = &'r mut dyn FnMut(&str) -> Result<Tree, String>;

/// `--set`: integers, `true`, `false` and `null` are what they look like, everything else is text.
pub fn parse_set(expression: &str, values: &mut Table) -> Result<(), StrvalsError> {
    Parser::new(expression, Grammar::Typed).parse(values)
}

/// `--set-string`: everything is text.
pub fn parse_set_string(expression: &str, values: &mut Table) -> Result<(), StrvalsError> {
    Parser::new(expression, Grammar::Text).parse(values)
}

/// `--set-json` in its `key=JSON` form.
pub fn parse_set_json(expression: &str, values: &mut Table) -> Result<(), StrvalsError> {
    Parser::new(expression, Grammar::Json).parse(values)
}

/// `--set-literal`: one key, and all that follows `=` is its text.
pub fn parse_set_literal(expression: &str, values: &mut Table) -> Result<(), StrvalsError> {
    Parser::new(expression, Grammar::Literal).parse(values)
}

/// `--set-file`: values are paths, replaced by what `read` returns.
pub fn parse_set_file(expression: &str, values: &mut Table, read: ReadFile<'_>) -> Result<(), StrvalsError> {
    Parser::new(expression, Grammar::File(read)).parse(values)
}
