//! The executor: walks a tree, as text/template's `exec.go` does, step by step in the same order.
//!
//! `at` is Go's `state.node`: the node an error would name. It is set exactly where Go sets it, also where that
//! is surprising (after an argument was evaluated, it still points into that argument).

mod call;
mod eval;
mod field;
mod locate;
mod slot;
mod traced;

use crate::context::Context;
use crate::error::{Error, ErrorKind, FnError};
use crate::fmt;
use crate::limits::Exceeded;
use crate::parse::node::{Branch, Expr, List, Node, NodeId, Pipe, Shown, Span, TemplateCall};
use crate::parse::tree::Tree;
use crate::strconv::quote;
use crate::value::Value;
pub(crate) use slot::Slot;
use std::ops::Range;
use traced::Within;

type Result<T, E = Box<Error>> = std::result::Result<T, E>;

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// One execution of one tree.
struct Exec<'a, 'r> {
    context: &'a mut Context<'r>,
    out: &'a mut Vec<u8>,
    tree: &'a Tree,
    root: &'a List,
    /// Variables by slot; `None` until declared.
    variables: Vec<Option<Slot>>,
    /// How many `template` calls lead here.
    depth: usize,
    at: NodeId,
    /// What a trace knows this execution by, and dot.
    frame: u32,
    dot_reads: Option<Range<usize>>,
}

/// Executes `tree` with `data` as dot, appending to `out`.
pub(crate) fn execute(context: &mut Context<'_>, tree: &Tree, data: Value, out: &mut Vec<u8>) -> Result<()> {
    run(context, tree, Slot::concrete(data), out, 0)
}

fn run(context: &mut Context<'_>, tree: &Tree, dot: Slot, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    let nodes = tree.nodes()?;
    let mut variables = context.take_frame();
    variables.resize(nodes.slots, None);
    if let Some(dollar) = variables.first_mut() {
        *dollar = Some(dot.clone());
    }
    let frame = context.trace.as_mut().map_or(0, |trace| trace.frame());
    let mut exec = Exec {
        context,
        out,
        tree,
        root: &nodes.root,
        variables,
        depth,
        at: 0,
        frame,
        dot_reads: None,
    };
    let result = exec.walk_list(&dot, &nodes.root);
    let frame = std::mem::take(&mut exec.variables);
    context.give_frame(frame);
    result.map(|_| ())
}

impl Exec<'_, '_> {
    /// An error in Go's form at the current node.
    #[cold]
    fn error<T>(&self, text: impl AsRef<str>) -> Result<T> {
        Err(self.make_error(text.as_ref(), None, ErrorKind::Exec))
    }

    #[cold]
    fn make_error(&self, text: &str, cause: Option<FnError>, kind: ErrorKind) -> Box<Error> {
        let located = locate::find(self.root, self.tree.source.text.as_bytes(), self.at);
        let (line, column) = self.tree.source.line_and_column(located.position);
        let source = &self.tree.source.name;
        let name = quote(self.tree.name.as_bytes());
        Box::new(Error {
            kind,
            template: source.to_string(),
            line,
            column: Some(column),
            text: format!(
                "template: {source}:{line}:{column}: executing {name} at <{}>: {text}",
                located.text
            ),
            cause,
        })
    }

    #[cold]
    fn exceeded(&self, exceeded: Exceeded) -> Box<Error> {
        self.make_error(&exceeded.to_string(), None, ErrorKind::Exceeded(exceeded))
    }

    /// An operand as error text quotes it.
    fn shown(&self, expr: &Expr) -> String {
        Shown(expr, self.tree.source.text.as_bytes()).to_string()
    }

    fn text_of(&self, span: Span) -> String {
        String::from_utf8_lossy(span.text(self.tree.source.text.as_bytes())).into_owned()
    }

    /// Spends a step; every so often looks at the clock.
    fn step(&mut self) -> Result<()> {
        if let Err(exceeded) = self.context.step() {
            return Err(self.exceeded(exceeded));
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let Err(exceeded) = self.context.budget().output(bytes.len()) {
            return Err(self.exceeded(exceeded));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn walk_list(&mut self, dot: &Slot, list: &List) -> Result<Flow> {
        for node in list.nodes()? {
            let flow = self.walk(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn walk(&mut self, dot: &Slot, node: &Node) -> Result<Flow> {
        match node {
            Node::Text { id, span } => {
                self.at = *id;
                let tree = self.tree;
                let start = self.out.len();
                self.write(span.text(tree.source.text.as_bytes()))?;
                self.wrote(start, span.start, None);
            }
            Node::Action { id, position, pipe } => {
                self.at = *id;
                self.step()?;
                let mark = self.mark();
                let value = self.eval_pipeline(dot, pipe)?;
                if pipe.declarations.is_empty() {
                    self.at = *id;
                    let start = self.out.len();
                    self.print(&value)?;
                    self.wrote(start, *position, mark);
                }
            }
            Node::If(branch) => return self.walk_if(dot, branch),
            Node::With(branch) => return self.walk_with(dot, branch),
            Node::Range(branch) => return self.walk_range(dot, branch),
            Node::Template(call) => self.walk_template(dot, call)?,
            Node::Break { id, .. } => {
                self.at = *id;
                return Ok(Flow::Break);
            }
            Node::Continue { id, .. } => {
                self.at = *id;
                return Ok(Flow::Continue);
            }
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Nil => self.write(b"<no value>"),
            Value::String(text) => self.write(text.as_bytes()),
            _ => {
                let start = self.out.len();
                let limit = self.context.budget().limits().max_string_bytes;
                let printed = fmt::append_value(self.out, value, limit);
                let written = self.out.len() - start;
                match printed.and_then(|()| self.context.budget().output(written)) {
                    Ok(()) => Ok(()),
                    Err(exceeded) => Err(self.exceeded(exceeded)),
                }
            }
        }
    }

    fn walk_if(&mut self, dot: &Slot, branch: &Branch) -> Result<Flow> {
        self.at = branch.id;
        self.step()?;
        let mark = self.mark();
        let is_true = self.eval_pipeline(dot, &branch.pipe)?.truth();
        let within = self.enter(mark);
        let flow = if is_true {
            self.walk_list(dot, &branch.list)
        } else {
            self.walk_else(dot, branch)
        };
        self.leave(within);
        flow
    }

    fn walk_else(&mut self, dot: &Slot, branch: &Branch) -> Result<Flow> {
        match &branch.else_list {
            Some(list) => self.walk_list(dot, list),
            None => Ok(Flow::Next),
        }
    }

    fn walk_with(&mut self, dot: &Slot, branch: &Branch) -> Result<Flow> {
        self.at = branch.id;
        self.step()?;
        let mark = self.mark();
        let value = self.eval_pipeline(dot, &branch.pipe)?;
        let within = self.enter(mark);
        let flow = if value.truth() {
            let reads = within.as_ref().map(|within| within.reads.clone());
            let outer = std::mem::replace(&mut self.dot_reads, reads);
            let flow = self.walk_list(&Slot::concrete(value), &branch.list);
            self.dot_reads = outer;
            flow
        } else {
            self.walk_else(dot, branch)
        };
        self.leave(within);
        flow
    }

    fn walk_range(&mut self, dot: &Slot, branch: &Branch) -> Result<Flow> {
        self.at = branch.id;
        let mark = self.mark();
        let value = self.eval_pipeline(dot, &branch.pipe)?;
        let within = self.enter(mark);
        let flow = self.walk_items(dot, branch, value, &within);
        self.leave(within);
        flow
    }

    fn walk_items(
        &mut self,
        dot: &Slot,
        branch: &Branch,
        value: Value,
        within: &Option<Within>,
    ) -> Result<Flow> {
        let value = match &value {
            Value::Object(object) => object.underlying().unwrap_or(value),
            _ => value,
        };
        match &value {
            Value::Int(..) | Value::Uint(..) => {
                if branch.pipe.declarations.len() > 1 {
                    let text = fmt::sprint_value(&value);
                    return self.error(format!("can't use {text} to iterate over more than one variable"));
                }
                self.range_to(dot, branch, &value, within)
            }
            Value::List(list) => {
                if list.is_empty() {
                    return self.walk_else(dot, branch);
                }
                let elem = list.ty().elem();
                for (index, item) in list.iter().enumerate() {
                    let index = i64::try_from(index).unwrap_or(i64::MAX);
                    let item = Slot::of_type(item.clone(), elem);
                    if self.iterate(Slot::concrete(Value::int(index)), item, branch, within)? == Flow::Break {
                        break;
                    }
                }
                Ok(Flow::Next)
            }
            Value::Bytes(_) => {
                let items = value.to_items().unwrap_or_default();
                if items.is_empty() {
                    return self.walk_else(dot, branch);
                }
                for (index, item) in items.into_iter().enumerate() {
                    let index = i64::try_from(index).unwrap_or(i64::MAX);
                    let index = Slot::concrete(Value::int(index));
                    if self.iterate(index, Slot::concrete(item), branch, within)? == Flow::Break {
                        break;
                    }
                }
                Ok(Flow::Next)
            }
            Value::Map(map) => {
                if map.is_empty() {
                    return self.walk_else(dot, branch);
                }
                let elem = map.ty().elem();
                for (key, item) in map.entries() {
                    let item = Slot::of_type(item, elem);
                    if self.iterate(Slot::concrete(Value::String(key)), item, branch, within)? == Flow::Break
                    {
                        break;
                    }
                }
                Ok(Flow::Next)
            }
            Value::Nil => self.walk_else(dot, branch),
            other => self.error(format!("range can't iterate over {}", fmt::sprint_value(other))),
        }
    }

    /// `range` over an integer counts from zero; the numbers have the integer's type.
    fn range_to(
        &mut self,
        dot: &Slot,
        branch: &Branch,
        end: &Value,
        within: &Option<Within>,
    ) -> Result<Flow> {
        let count = match end {
            Value::Int(_, n) => u64::try_from(*n).unwrap_or(0),
            Value::Uint(_, n) => *n,
            _ => 0,
        };
        let limit = self.context.budget().limits().max_list_items;
        if count > limit as u64 {
            return Err(self.exceeded(Exceeded::ListSize { limit }));
        }
        for number in 0..count {
            let item = match end {
                Value::Uint(width, _) => Value::Uint(*width, number),
                Value::Int(width, _) => Value::Int(*width, number.cast_signed()),
                _ => Value::Nil,
            };
            if self.iterate(Slot::NOTHING, Slot::concrete(item), branch, within)? == Flow::Break {
                break;
            }
        }
        if count == 0 {
            self.walk_else(dot, branch)
        } else {
            Ok(Flow::Next)
        }
    }

    /// One round of a `range`: sets its variables and walks its body.
    fn iterate(&mut self, index: Slot, item: Slot, branch: &Branch, within: &Option<Within>) -> Result<Flow> {
        self.step()?;
        let pipe = &branch.pipe;
        match &*pipe.declarations {
            [] => {}
            // One variable is the element, two are index and element.
            [_] => self.set_declared(pipe, 0, item.clone())?,
            _ => {
                self.set_declared(pipe, 0, index)?;
                self.set_declared(pipe, 1, item.clone())?;
            }
        }
        let Some(within) = within else {
            return self.walk_list(&item, &branch.list);
        };
        self.declared(pipe, within.reads.clone());
        let outer = self.dot_reads.replace(within.reads.clone());
        let flow = self.walk_list(&item, &branch.list);
        self.dot_reads = outer;
        flow
    }

    fn set_declared(&mut self, pipe: &Pipe, declaration: usize, value: Slot) -> Result<()> {
        let Some(declaration) = pipe.declarations.get(declaration) else {
            return Ok(());
        };
        let slot = declaration.slot.and_then(|slot| usize::try_from(slot).ok());
        let target = slot.and_then(|slot| self.variables.get_mut(slot));
        match target {
            Some(target) if !pipe.is_assign || target.is_some() => {
                *target = Some(value);
                Ok(())
            }
            _ => self.error(format!("undefined variable: {}", self.text_of(declaration.name))),
        }
    }

    fn walk_template(&mut self, dot: &Slot, call: &TemplateCall) -> Result<()> {
        self.at = call.id;
        self.step()?;
        let Some(tree) = self.context.find_template(&call.name) else {
            return self.error(format!("template {} not defined", quote(call.name.as_bytes())));
        };
        let limit = self.context.budget().limits().max_template_depth;
        if self.depth >= limit {
            let exceeded = Exceeded::TemplateDepth { limit };
            return Err(self.exceeded(exceeded));
        }
        if let Err(exceeded) = self.context.check_stack() {
            return Err(self.exceeded(exceeded));
        }
        let dot = match &call.pipe {
            Some(pipe) => self.eval_pipeline(dot, pipe)?,
            None => Value::Nil,
        };
        run(self.context, &tree, Slot::concrete(dot), self.out, self.depth + 1)
    }
}
