//! Finding a node again by its id, to say in an error what and where it is.

use std::fmt::Display;

use crate::parse::node::{Branch, Command, Expr, ExprKind, List, Node, NodeId, Pipe, Position, Shown};

/// A node's position and the text Go prints for it.
pub(super) struct Located {
    pub(super) position: Position,
    pub(super) text: String,
}

/// The node `id` of the tree with this root; the root if there is none.
pub(super) fn find(root: &List, source: &[u8], id: NodeId) -> Located {
    let search = Search { id, source };
    search.list(root).unwrap_or_else(|| Located {
        position: root.position,
        text: Shown(root, search.source).to_string(),
    })
}

struct Search<'t> {
    id: NodeId,
    source: &'t [u8],
}

impl Search<'_> {
    fn found<N>(&self, position: Position, node: &N) -> Option<Located>
    where
        for<'a> Shown<'a, N>: Display,
    {
        Some(Located {
            position,
            text: Shown(node, self.source).to_string(),
        })
    }

    fn list(&self, list: &List) -> Option<Located> {
        let nodes = list.nodes().unwrap_or_default();
        nodes.iter().find_map(|node| self.node(node))
    }

    fn node(&self, node: &Node) -> Option<Located> {
        match node {
            Node::Text { id, span } if *id == self.id => self.found(span.start, node),
            Node::Break { id, position } | Node::Continue { id, position } if *id == self.id => {
                self.found(*position, node)
            }
            Node::Text { .. } | Node::Break { .. } | Node::Continue { .. } => None,
            Node::Action { id, position, .. } if *id == self.id => self.found(*position, node),
            Node::Action { pipe, .. } => self.pipe(pipe),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => self.branch(node, branch),
            Node::Template(call) if call.id == self.id => self.found(call.position, node),
            Node::Template(call) => call.pipe.as_ref().and_then(|pipe| self.pipe(pipe)),
        }
    }

    fn branch(&self, node: &Node, branch: &Branch) -> Option<Located> {
        if branch.id == self.id {
            return self.found(branch.position, node);
        }
        self.pipe(&branch.pipe)
            .or_else(|| self.list(&branch.list))
            .or_else(|| branch.else_list.as_ref().and_then(|list| self.list(list)))
    }

    fn pipe(&self, pipe: &Pipe) -> Option<Located> {
        if pipe.id == self.id {
            return self.found(pipe.position, pipe);
        }
        pipe.commands.iter().find_map(|command| self.command(command))
    }

    fn command(&self, command: &Command) -> Option<Located> {
        if command.id == self.id {
            return self.found(command.position, command);
        }
        command.args.iter().find_map(|arg| self.expr(arg))
    }

    fn expr(&self, expr: &Expr) -> Option<Located> {
        if expr.id == self.id {
            return self.found(expr.position, expr);
        }
        match &expr.kind {
            ExprKind::Pipe(pipe) => self.pipe(pipe),
            ExprKind::Chain(inner, _) => self.expr(inner),
            _ => None,
        }
    }
}
