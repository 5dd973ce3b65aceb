//! All the flags of one command, applied in the order Helm applies them.

use super::super::{Table, merge_over};
use super::{
    ReadFile, StrvalsError, parse_set, parse_set_file, parse_set_json, parse_set_literal, parse_set_string,
};
use crate::values::Tree;

/// What was given on the command line, each list in its order there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignments {
    /// `--set-json`
    pub json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub string: Vec<String>,
    /// `--set-file`
    pub file: Vec<String>,
    /// `--set-literal`
    pub literal: Vec<String>,
}

/// A flag whose value is wrong; prints as Helm does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// Helm keeps the reason to itself.
    #[error("failed parsing --set-json data{} {expression}", if *.is_object { " JSON:" } else { "" })]
    Json { expression: String, is_object: bool },
    #[error("failed parsing {flag} data: {source}")]
    Expression {
        flag: &'static str,
        source: StrvalsError,
    },
}

impl Assignments {
    /// Lays them over `values`: JSON first, literals last.
    pub fn apply(&self, values: &mut Table, read: ReadFile<'_>) -> Result<(), AssignmentError> {
        for expression in &self.json {
            json(expression, values)?;
        }
        let failed = |flag| move |source| AssignmentError::Expression { flag, source };
        for expression in &self.set {
            parse_set(expression, values).map_err(failed("--set"))?;
        }
        for expression in &self.string {
            parse_set_string(expression, values).map_err(failed("--set-string"))?;
        }
        for expression in &self.file {
            parse_set_file(expression, values, &mut *read).map_err(failed("--set-file"))?;
        }
        for expression in &self.literal {
            parse_set_literal(expression, values).map_err(failed("--set-literal"))?;
        }
        Ok(())
    }
}

/// A whole object to be merged, or an expression.
fn json(expression: &str, values: &mut Table) -> Result<(), AssignmentError> {
    let trimmed = expression.trim();
    let is_object = trimmed.starts_with('{');
    let failed = || AssignmentError::Json {
        expression: expression.to_owned(),
        is_object,
    };
    if !is_object {
        return parse_set_json(expression, values).map_err(|_| failed());
    }
    let object = engine::json::decode(trimmed.as_bytes()).map_err(|_| failed())?;
    match Tree::from_value(&object) {
        Tree::Table(object) => {
            merge_over(values, object);
            Ok(())
        }
        _ => Err(failed()),
    }
}
