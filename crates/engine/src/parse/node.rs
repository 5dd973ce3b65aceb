//! The nodes of a template.
//!
//! Every node has an id, unique in its tree: the executor only notes the id of the node it is at, and an error
//! finds the node again to name it and its position.

use std::fmt;
use std::sync::OnceLock;

use super::number::Number;
use super::{Result, Skipped};
use crate::funcs::Builtin;
use crate::strconv::quote;
use crate::value::GoStr;

/// A byte offset into the source.
pub(crate) type Position = u32;

/// A range of the source: literals and names are printed in errors as they were written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: Position,
    pub(crate) end: Position,
}

impl Span {
    pub(crate) fn text(self, source: &[u8]) -> &[u8] {
        let (Ok(start), Ok(end)) = (usize::try_from(self.start), usize::try_from(self.end)) else {
            return &[];
        };
        source.get(start..end).unwrap_or_default()
    }
}

/// Identifies a node within its tree; 0 is the root list.
pub(crate) type NodeId = u32;

/// What is between two actions that belong together.
pub(crate) struct List {
    pub(crate) position: Position,
    body: Body,
}

enum Body {
    Built(Box<[Node]>),
    Skimmed(Box<(Skipped, OnceLock<Box<[Node]>>)>),
}

impl List {
    pub(super) fn new(position: Position, nodes: Box<[Node]>) -> Self {
        let body = Body::Built(nodes);
        Self { position, body }
    }

    pub(super) fn skipped(position: Position, skipped: Skipped) -> Self {
        let body = Body::Skimmed(Box::new((skipped, OnceLock::new())));
        Self { position, body }
    }

    /// Its nodes, built on first use. The text was skimmed before, so that there is nothing left to be wrong with it.
    #[inline]
    pub(crate) fn nodes(&self) -> Result<&[Node]> {
        match &self.body {
            Body::Built(nodes) => Ok(nodes),
            Body::Skimmed(body) => match body.1.get() {
                Some(nodes) => Ok(nodes),
                None => {
                    let nodes = body.0.build()?;
                    Ok(body.1.get_or_init(|| nodes))
                }
            },
        }
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.nodes().map_err(|error| error.text);
        f.debug_struct("List")
            .field("position", &self.position)
            .field("nodes", &nodes)
            .finish()
    }
}

#[derive(Debug)]
pub(crate) enum Node {
    Text {
        id: NodeId,
        span: Span,
    },
    Action {
        id: NodeId,
        position: Position,
        pipe: Pipe,
    },
    If(Box<Branch>),
    With(Box<Branch>),
    Range(Box<Branch>),
    Template(Box<TemplateCall>),
    Break {
        id: NodeId,
        position: Position,
    },
    Continue {
        id: NodeId,
        position: Position,
    },
}

/// An `if`, `with` or `range`.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) id: NodeId,
    pub(crate) position: Position,
    pub(crate) pipe: Pipe,
    pub(crate) list: List,
    pub(crate) else_list: Option<List>,
}

/// A `{{ template "name" pipeline }}`, or the call a `block` makes.
#[derive(Debug)]
pub(crate) struct TemplateCall {
    pub(crate) id: NodeId,
    pub(crate) position: Position,
    pub(crate) name: GoStr,
    pub(crate) pipe: Option<Pipe>,
}

#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) id: NodeId,
    pub(crate) position: Position,
    pub(crate) is_assign: bool,
    pub(crate) declarations: Box<[Declaration]>,
    pub(crate) commands: Box<[Command]>,
}

/// A variable a pipeline declares or assigns.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) name: Span,
    /// `None` if nothing of that name is in scope to be assigned; executing fails.
    pub(crate) slot: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) id: NodeId,
    pub(crate) position: Position,
    pub(crate) args: Box<[Expr]>,
}

/// An operand of a command.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) id: NodeId,
    pub(crate) position: Position,
    pub(crate) kind: ExprKind,
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    Bool(bool),
    Dot,
    Nil,
    /// `.a.b`
    Field(Box<[GoStr]>),
    /// `$x.a.b`; the slot is `None` if the name is not in scope.
    Variable {
        name: Span,
        slot: Option<u32>,
        fields: Box<[GoStr]>,
    },
    /// A function.
    Identifier(&'static Builtin),
    Number {
        literal: Span,
        number: Box<Number>,
    },
    String {
        literal: Span,
        text: GoStr,
    },
    Pipe(Box<Pipe>),
    /// `(pipeline).a.b` or `function.a.b`
    Chain(Box<Expr>, Box<[GoStr]>),
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

/// A node with its source: `Display` gives the text Go's nodes print, which error messages quote.
pub(crate) struct Shown<'a, N>(pub(crate) &'a N, pub(crate) &'a [u8]);

fn write_span(f: &mut fmt::Formatter<'_>, span: Span, source: &[u8]) -> fmt::Result {
    f.write_str(&String::from_utf8_lossy(span.text(source)))
}

fn write_fields(f: &mut fmt::Formatter<'_>, fields: &[GoStr]) -> fmt::Result {
    fields.iter().try_for_each(|field| write!(f, ".{field}"))
}

impl fmt::Display for Shown<'_, Expr> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(expr, source) = *self;
        match &expr.kind {
            ExprKind::Bool(value) => write!(f, "{value}"),
            ExprKind::Dot => f.write_str("."),
            ExprKind::Nil => f.write_str("nil"),
            ExprKind::Field(fields) => write_fields(f, fields),
            ExprKind::Variable { name, fields, .. } => {
                write_span(f, *name, source)?;
                write_fields(f, fields)
            }
            ExprKind::Identifier(function) => f.write_str(function.name),
            ExprKind::Number { literal, .. } | ExprKind::String { literal, .. } => {
                write_span(f, *literal, source)
            }
            ExprKind::Pipe(pipe) => write!(f, "{}", Shown(&**pipe, source)),
            ExprKind::Chain(inner, fields) => {
                write_operand(f, inner, source)?;
                write_fields(f, fields)
            }
        }
    }
}

/// Pipelines within an expression are printed in parentheses.
fn write_operand(f: &mut fmt::Formatter<'_>, operand: &Expr, source: &[u8]) -> fmt::Result {
    match operand.kind {
        ExprKind::Pipe(_) => write!(f, "({})", Shown(operand, source)),
        _ => write!(f, "{}", Shown(operand, source)),
    }
}

impl fmt::Display for Shown<'_, Command> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, arg) in self.0.args.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write_operand(f, arg, self.1)?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown<'_, Pipe> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(pipe, source) = *self;
        for (index, declaration) in pipe.declarations.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write_span(f, declaration.name, source)?;
        }
        if !pipe.declarations.is_empty() {
            f.write_str(if pipe.is_assign { " = " } else { " := " })?;
        }
        for (index, command) in pipe.commands.iter().enumerate() {
            let separator = if index > 0 { " | " } else { "" };
            write!(f, "{separator}{}", Shown(command, source))?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown<'_, TemplateCall> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", quote(self.0.name.as_bytes()))?;
        if let Some(pipe) = &self.0.pipe {
            write!(f, " {}", Shown(pipe, self.1))?;
        }
        f.write_str("}}")
    }
}

impl fmt::Display for Shown<'_, List> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.0.nodes().unwrap_or_default();
        nodes
            .iter()
            .try_for_each(|node| write!(f, "{}", Shown(node, self.1)))
    }
}

fn write_branch(f: &mut fmt::Formatter<'_>, keyword: &str, branch: &Branch, source: &[u8]) -> fmt::Result {
    write!(
        f,
        "{{{{{keyword} {}}}}}{}",
        Shown(&branch.pipe, source),
        Shown(&branch.list, source)
    )?;
    if let Some(list) = &branch.else_list {
        write!(f, "{{{{else}}}}{}", Shown(list, source))?;
    }
    f.write_str("{{end}}")
}

impl fmt::Display for Shown<'_, Node> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(node, source) = *self;
        match node {
            Node::Text { span, .. } => write_span(f, *span, source),
            Node::Action { pipe, .. } => write!(f, "{{{{{}}}}}", Shown(pipe, source)),
            Node::If(branch) => write_branch(f, "if", branch, source),
            Node::With(branch) => write_branch(f, "with", branch, source),
            Node::Range(branch) => write_branch(f, "range", branch, source),
            Node::Template(call) => write!(f, "{}", Shown(&**call, source)),
            Node::Break { .. } => f.write_str("{{break}}"),
            Node::Continue { .. } => f.write_str("{{continue}}"),
        }
    }
}
