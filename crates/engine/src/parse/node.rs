//! The syntax tree of a template.
//!
//! Every node has an id, unique in its tree: the executor only notes the id of the node it is at, and an error
//! finds the node again to name it and its position.

use std::fmt;
use std::sync::Arc;

use super::number::Number;
use crate::funcs::Builtin;
use crate::strconv::quote;
use crate::value::GoStr;

/// Identifies a node within its tree; 0 is the root list.
pub(crate) type NodeId = u32;

/// The text a tree was parsed from and the name errors give it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: Arc<str>,
    pub(crate) text: GoStr,
}

impl Source {
    /// Line from 1 and byte column from 0 of a position.
    pub(crate) fn line_and_column(&self, position: usize) -> (usize, usize) {
        let before = self.text.as_bytes().get(..position).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        (line, column)
    }
}

/// One parsed template: a file, or a `define` or `block` within one.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: GoStr,
    pub(crate) source: Arc<Source>,
    pub(crate) root: List,
    /// How many variable slots executing it needs; slot 0 is `$`.
    pub(crate) slots: usize,
}

impl Tree {
    /// Whether there is nothing in it but space and definitions: such a tree never replaces another.
    pub(crate) fn is_empty(&self) -> bool {
        self.root.nodes.iter().all(|node| match node {
            Node::Text { text, .. } => text.to_str_lossy().trim().is_empty(),
            _ => false,
        })
    }
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) position: usize,
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug)]
pub(crate) enum Node {
    Text {
        id: NodeId,
        position: usize,
        text: GoStr,
    },
    Action {
        id: NodeId,
        position: usize,
        pipe: Pipe,
    },
    If(Box<Branch>),
    With(Box<Branch>),
    Range(Box<Branch>),
    Template(Box<TemplateCall>),
    Break {
        id: NodeId,
        position: usize,
    },
    Continue {
        id: NodeId,
        position: usize,
    },
}

/// An `if`, `with` or `range`.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) id: NodeId,
    pub(crate) position: usize,
    pub(crate) pipe: Pipe,
    pub(crate) list: List,
    pub(crate) else_list: Option<List>,
}

/// A `{{ template "name" pipeline }}`, or the call a `block` makes.
#[derive(Debug)]
pub(crate) struct TemplateCall {
    pub(crate) id: NodeId,
    pub(crate) position: usize,
    pub(crate) name: GoStr,
    pub(crate) pipe: Option<Pipe>,
}

#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) id: NodeId,
    pub(crate) position: usize,
    pub(crate) is_assign: bool,
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) commands: Vec<Command>,
}

/// A variable a pipeline declares or assigns.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) name: Arc<str>,
    /// `None` if nothing of that name is in scope to be assigned; executing fails.
    pub(crate) slot: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) id: NodeId,
    pub(crate) position: usize,
    pub(crate) args: Vec<Expr>,
}

/// An operand of a command.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) id: NodeId,
    pub(crate) position: usize,
    pub(crate) kind: ExprKind,
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    Bool(bool),
    Dot,
    Nil,
    /// `.a.b`
    Field(Vec<GoStr>),
    /// `$x.a.b`; the slot is `None` if the name is not in scope.
    Variable {
        name: Arc<str>,
        slot: Option<u32>,
        fields: Vec<GoStr>,
    },
    /// A function.
    Identifier(&'static Builtin),
    Number {
        text: GoStr,
        number: Box<Number>,
    },
    String {
        quoted: GoStr,
        text: GoStr,
    },
    Pipe(Box<Pipe>),
    /// `(pipeline).a.b` or `function.a.b`
    Chain(Box<Expr>, Vec<GoStr>),
}

impl Expr {
    /// Constants cannot be executed, so they cannot follow a `|`.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(
            self.kind,
            ExprKind::Bool(_)
                | ExprKind::Dot
                | ExprKind::Nil
                | ExprKind::Number { .. }
                | ExprKind::String { .. }
        )
    }
}

// `Display` gives the text Go's nodes print, which error messages quote.

fn write_fields(f: &mut fmt::Formatter<'_>, fields: &[GoStr]) -> fmt::Result {
    fields.iter().try_for_each(|field| write!(f, ".{field}"))
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Bool(value) => write!(f, "{value}"),
            ExprKind::Dot => f.write_str("."),
            ExprKind::Nil => f.write_str("nil"),
            ExprKind::Field(fields) => write_fields(f, fields),
            ExprKind::Variable { name, fields, .. } => {
                f.write_str(name)?;
                write_fields(f, fields)
            }
            ExprKind::Identifier(function) => f.write_str(function.name),
            ExprKind::Number { text, .. } => write!(f, "{text}"),
            ExprKind::String { quoted, .. } => write!(f, "{quoted}"),
            ExprKind::Pipe(pipe) => write!(f, "{pipe}"),
            ExprKind::Chain(inner, fields) => {
                write_operand(f, inner)?;
                write_fields(f, fields)
            }
        }
    }
}

/// Pipelines within an expression are printed in parentheses.
fn write_operand(f: &mut fmt::Formatter<'_>, operand: &Expr) -> fmt::Result {
    match operand.kind {
        ExprKind::Pipe(_) => write!(f, "({operand})"),
        _ => write!(f, "{operand}"),
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, arg) in self.args.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write_operand(f, arg)?;
        }
        Ok(())
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, declaration) in self.declarations.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{}", declaration.name)?;
        }
        if !self.declarations.is_empty() {
            f.write_str(if self.is_assign { " = " } else { " := " })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            let separator = if index > 0 { " | " } else { "" };
            write!(f, "{separator}{command}")?;
        }
        Ok(())
    }
}

impl fmt::Display for TemplateCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", quote(self.name.as_bytes()))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nodes.iter().try_for_each(|node| write!(f, "{node}"))
    }
}

fn write_branch(f: &mut fmt::Formatter<'_>, keyword: &str, branch: &Branch) -> fmt::Result {
    write!(f, "{{{{{keyword} {}}}}}{}", branch.pipe, branch.list)?;
    if let Some(list) = &branch.else_list {
        write!(f, "{{{{else}}}}{list}")?;
    }
    f.write_str("{{end}}")
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { text, .. } => write!(f, "{text}"),
            Self::Action { pipe, .. } => write!(f, "{{{{{pipe}}}}}"),
            Self::If(branch) => write_branch(f, "if", branch),
            Self::With(branch) => write_branch(f, "with", branch),
            Self::Range(branch) => write_branch(f, "range", branch),
            Self::Template(call) => write!(f, "{call}"),
            Self::Break { .. } => f.write_str("{{break}}"),
            Self::Continue { .. } => f.write_str("{{continue}}"),
        }
    }
}
