//! Finding a node again by its id, to say in an error what and where it is.

use crate::parse::node::{Branch, Command, Expr, ExprKind, List, Node, NodeId, Pipe, Tree};

/// A node's position and the text Go prints for it.
pub(super) struct Located {
    pub(super) position: usize,
    pub(super) text: String,
}

/// The node `id` of `tree`; the root if there is none.
pub(super) fn find(tree: &Tree, id: NodeId) -> Located {
    in_list(&tree.root, id).unwrap_or_else(|| Located {
        position: tree.root.position,
        text: tree.root.to_string(),
    })
}

fn located(position: usize, node: &impl ToString) -> Option<Located> {
    Some(Located {
        position,
        text: node.to_string(),
    })
}

fn in_list(list: &List, id: NodeId) -> Option<Located> {
    list.nodes.iter().find_map(|node| in_node(node, id))
}

fn in_node(node: &Node, id: NodeId) -> Option<Located> {
    match node {
        Node::Text {
            id: own, position, ..
        }
        | Node::Break { id: own, position }
        | Node::Continue { id: own, position } => {
            if *own == id {
                located(*position, node)
            } else {
                None
            }
        }
        Node::Action {
            id: own,
            position,
            pipe,
        } => {
            if *own == id {
                located(*position, node)
            } else {
                in_pipe(pipe, id)
            }
        }
        Node::If(branch) | Node::With(branch) | Node::Range(branch) => in_branch(node, branch, id),
        Node::Template(call) => {
            if call.id == id {
                return located(call.position, node);
            }
            call.pipe.as_ref().and_then(|pipe| in_pipe(pipe, id))
        }
    }
}

fn in_branch(node: &Node, branch: &Branch, id: NodeId) -> Option<Located> {
    if branch.id == id {
        return located(branch.position, node);
    }
    in_pipe(&branch.pipe, id)
        .or_else(|| in_list(&branch.list, id))
        .or_else(|| branch.else_list.as_ref().and_then(|list| in_list(list, id)))
}

fn in_pipe(pipe: &Pipe, id: NodeId) -> Option<Located> {
    if pipe.id == id {
        return located(pipe.position, pipe);
    }
    pipe.commands.iter().find_map(|command| in_command(command, id))
}

fn in_command(command: &Command, id: NodeId) -> Option<Located> {
    if command.id == id {
        return located(command.position, command);
    }
    command.args.iter().find_map(|arg| in_expr(arg, id))
}

fn in_expr(expr: &Expr, id: NodeId) -> Option<Located> {
    if expr.id == id {
        return located(expr.position, expr);
    }
    match &expr.kind {
        ExprKind::Pipe(pipe) => in_pipe(pipe, id),
        ExprKind::Chain(inner, _) => in_expr(inner, id),
        _ => None,
    }
}
