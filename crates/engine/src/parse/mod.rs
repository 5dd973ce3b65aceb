//! From a template's text to trees, one for the text itself and one for each `define` and `block` in it.
//!
//! What is accepted, every error and every position are text/template's. Variables are resolved to slots here,
//! by the executor's scoping (a variable lives until the `end` of its block), while *undefined* variables are
//! reported by Go's looser parse-time rule, or else when they are reached.

mod lex;
pub(crate) mod node;
pub(crate) mod number;
mod pipeline;
mod token;

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::hash::HashMap;
use crate::stack::StackGuard;
use crate::strconv::{quote, unquote};
use crate::value::GoStr;
use lex::Lexer;
use node::{Branch, Command, Expr, List, Node, NodeId, Position, Source, TemplateCall, Tree};
use token::{Token, TokenKind};

/// Native stack the parser may use. A chart needs a few kilobytes.
const MAX_STACK_BYTES: usize = 512 << 10;

/// The trees of one text: the text's own last, definitions before it in order, each name once.
pub(crate) fn parse(name: &str, text: GoStr) -> Result<Vec<Arc<Tree>>> {
    let source = Arc::new(Source {
        name: name.into(),
        text,
    });
    let bytes = source.text.clone();
    let mut parser = Parser {
        source: Arc::clone(&source),
        text: bytes.as_bytes(),
        lexer: Lexer::new(bytes.as_bytes()),
        trees: Vec::new(),
        tree_index: HashMap::default(),
        nodes: Vec::new(),
        commands: Vec::new(),
        operands: Vec::new(),
        fields: Vec::new(),
        stack: StackGuard::new(MAX_STACK_BYTES),
        state: TreeState::new(),
    };
    parser.parse_file(name.into())?;
    Ok(parser.trees)
}

/// What ends a list of nodes.
enum ListEnd {
    End,
    /// `else`, at this position.
    Else(Position),
}

impl ListEnd {
    const fn text(&self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else(_) => "{{else}}",
        }
    }
}

/// Everything that belongs to the tree being parsed rather than to the text.
struct TreeState {
    /// The last tokens read, for three tokens of look-ahead; `tokens[0]` is the newest.
    tokens: [Token; 3],
    peek_count: usize,
    /// Names Go's parser considers defined.
    declared: Vec<GoStr>,
    /// Names in scope as executing sees them; the index is the slot.
    scope: Vec<GoStr>,
    slots: usize,
    range_depth: usize,
    paren_depth: usize,
    /// Where the action being parsed started.
    action_start: Option<Position>,
    last_id: NodeId,
}

impl TreeState {
    fn new() -> Self {
        let nothing = Token::new(TokenKind::Eof, 0, 0);
        Self {
            tokens: [nothing; 3],
            peek_count: 0,
            declared: vec![GoStr::from_static("$")],
            scope: vec![GoStr::from_static("$")],
            slots: 1,
            range_depth: 0,
            paren_depth: 0,
            action_start: None,
            last_id: 0,
        }
    }
}

struct Parser<'s> {
    source: Arc<Source>,
    text: &'s [u8],
    lexer: Lexer<'s>,
    trees: Vec<Arc<Tree>>,
    /// Where each name is in `trees`.
    tree_index: HashMap<GoStr, usize>,
    // What is under way: parts of lists, pipelines, commands and operands that are not complete yet. Each takes its own
    // off the end when it is, so that it is allocated once, as large as it has to be.
    nodes: Vec<Node>,
    commands: Vec<Command>,
    operands: Vec<Expr>,
    fields: Vec<GoStr>,
    stack: StackGuard,
    state: TreeState,
}

/// Boxed: results are returned from every production, errors once.
type Result<T> = std::result::Result<T, Box<Error>>;

impl Parser<'_> {
    // Tokens.

    fn next(&mut self) -> Token {
        let state = &mut self.state;
        if state.peek_count > 0 {
            state.peek_count -= 1;
        } else {
            state.tokens[0] = self.lexer.next_token();
        }
        state
            .tokens
            .get(state.peek_count)
            .copied()
            .unwrap_or(state.tokens[0])
    }

    fn peek(&mut self) -> Token {
        let token = self.next();
        self.back_up();
        token
    }

    fn back_up(&mut self) {
        self.state.peek_count += 1;
    }

    /// Puts back `earlier`, the token before the newest, and the newest.
    fn back_up_2(&mut self, earlier: Token) {
        self.state.tokens[1] = earlier;
        self.state.peek_count = 2;
    }

    fn back_up_3(&mut self, earliest: Token, earlier: Token) {
        self.state.tokens[1] = earlier;
        self.state.tokens[2] = earliest;
        self.state.peek_count = 3;
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.back_up();
        token
    }

    fn next_id(&mut self) -> NodeId {
        self.state.last_id += 1;
        self.state.last_id
    }

    // Errors.

    fn line_of(&self, position: Position) -> usize {
        self.source.line_and_column(position).0
    }

    /// An error at the newest token, which is where Go reports all of them.
    fn error<T>(&self, text: impl AsRef<str>) -> Result<T> {
        let line = self.line_of(self.state.tokens[0].start());
        let name = &self.source.name;
        Err(Box::new(Error {
            kind: ErrorKind::Parse,
            template: name.to_string(),
            line,
            column: None,
            text: format!("template: {name}:{line}: {}", text.as_ref()),
            cause: None,
        }))
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Result<T> {
        if token.kind != TokenKind::Error {
            return self.error(format!("unexpected {} in {context}", token.describe(self.text)));
        }
        let text = self.lexer.error_text();
        let started = self.state.action_start.map(|start| self.line_of(start));
        match started {
            Some(line) if line != self.line_of(token.start()) => {
                let joint = if text.ends_with(" action") {
                    ""
                } else {
                    " in action"
                };
                self.error(format!("{text}{joint} started at {}:{line}", self.source.name))
            }
            _ => self.error(text),
        }
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<Token> {
        let token = self.next_non_space();
        if token.kind == kind {
            Ok(token)
        } else {
            self.unexpected(token, context)
        }
    }

    // Trees.

    fn parse_file(&mut self, name: GoStr) -> Result<()> {
        let position = self.peek().start();
        let first = self.nodes.len();
        loop {
            let token = self.peek();
            if token.kind == TokenKind::Eof {
                break;
            }
            if token.kind == TokenKind::LeftDelim {
                let delimiter = self.next();
                if self.next_non_space().kind == TokenKind::Define {
                    self.parse_definition()?;
                    continue;
                }
                self.back_up_2(delimiter);
            }
            if let Some(end) = self.text_or_action()? {
                return self.error(format!("unexpected {}", end.text()));
            }
        }
        let tree = Tree {
            name,
            source: Arc::clone(&self.source),
            root: Arc::new(List {
                position,
                nodes: self.nodes.split_off(first).into(),
            }),
            slots: self.state.slots,
        };
        self.add(tree)
    }

    fn parse_definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::replace(&mut self.state, TreeState::new());
        let token = self.next_non_space();
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return self.unexpected(token, CONTEXT);
        }
        let name = self.unquoted(token)?;
        self.expect(TokenKind::RightDelim, CONTEXT)?;
        let (root, end) = self.item_list()?;
        if let ListEnd::Else(_) = end {
            return self.error(format!("unexpected {} in {CONTEXT}", end.text()));
        }
        let tree = Tree {
            name,
            source: Arc::clone(&self.source),
            root: Arc::new(root),
            slots: self.state.slots,
        };
        self.add(tree)?;
        self.state = outer;
        Ok(())
    }

    /// An empty tree gives way to any other of its name; two that are not empty are an error.
    fn add(&mut self, tree: Tree) -> Result<()> {
        let existing = self.tree_index.get(&tree.name).copied();
        match existing.and_then(|index| self.trees.get_mut(index)) {
            None => {
                self.tree_index.insert(tree.name.clone(), self.trees.len());
                self.trees.push(Arc::new(tree));
            }
            Some(known) if known.is_empty() => *known = Arc::new(tree),
            Some(_) if tree.is_empty() => {}
            Some(_) => {
                return self.error(format!(
                    "template: multiple definition of template {}",
                    quote(tree.name.as_bytes())
                ));
            }
        }
        Ok(())
    }

    fn unquoted(&self, token: Token) -> Result<GoStr> {
        let quoted = token.text(self.text);
        // Most strings are plain: nothing to undo, nothing to check but UTF-8.
        if let [b'"', plain @ .., b'"'] = quoted
            && !plain.contains(&b'\\')
            && std::str::from_utf8(plain).is_ok()
        {
            return Ok(GoStr::from_bytes(plain));
        }
        match unquote(quoted) {
            Some(text) => Ok(text.into()),
            None => self.error("invalid syntax"),
        }
    }

    /// Nodes up to an `end` or `else`.
    fn item_list(&mut self) -> Result<(List, ListEnd)> {
        let position = self.peek_non_space().start();
        let first = self.nodes.len();
        while self.peek_non_space().kind != TokenKind::Eof {
            if let Some(end) = self.text_or_action()? {
                let nodes = self.nodes.split_off(first).into();
                return Ok((List { position, nodes }, end));
            }
        }
        self.error("unexpected EOF")
    }

    /// Adds a node; or says that the list ends here.
    fn text_or_action(&mut self) -> Result<Option<ListEnd>> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::Text => {
                let id = self.next_id();
                let span = token.span;
                self.nodes.push(Node::Text { id, span });
                Ok(None)
            }
            TokenKind::LeftDelim => {
                if !self.stack.has_room() {
                    return self.error("max expression depth exceeded");
                }
                self.state.action_start = Some(token.start());
                let action = self.action();
                // An error has been worded already; only what follows a complete action is affected.
                self.state.action_start = None;
                action
            }
            _ => self.unexpected(token, "input"),
        }
    }

    fn action(&mut self) -> Result<Option<ListEnd>> {
        let token = self.next_non_space();
        let node = match token.kind {
            TokenKind::Block => self.block_control()?,
            TokenKind::Break => self.loop_control(token, "{{break}}")?,
            TokenKind::Continue => self.loop_control(token, "{{continue}}")?,
            TokenKind::Else => return self.else_control().map(Some),
            TokenKind::End => {
                self.expect(TokenKind::RightDelim, "end")?;
                return Ok(Some(ListEnd::End));
            }
            TokenKind::If => Node::If(self.parse_control("if")?),
            TokenKind::Range => Node::Range(self.parse_control("range")?),
            TokenKind::With => Node::With(self.parse_control("with")?),
            TokenKind::Template => self.template_control()?,
            _ => {
                self.back_up();
                let position = self.peek().start();
                let id = self.next_id();
                // Variables stay declared until the next `end`.
                Node::Action {
                    id,
                    position,
                    pipe: self.pipeline("command", TokenKind::RightDelim)?,
                }
            }
        };
        self.nodes.push(node);
        Ok(None)
    }

    fn loop_control(&mut self, keyword: Token, name: &str) -> Result<Node> {
        let token = self.next_non_space();
        if token.kind != TokenKind::RightDelim {
            return self.unexpected(token, name);
        }
        if self.state.range_depth == 0 {
            return self.error(format!("{name} outside {{{{range}}}}"));
        }
        let (id, position) = (self.next_id(), keyword.start());
        Ok(if keyword.kind == TokenKind::Break {
            Node::Break { id, position }
        } else {
            Node::Continue { id, position }
        })
    }

    fn parse_control(&mut self, context: &str) -> Result<Box<Branch>> {
        let declared = self.state.declared.len();
        let in_scope = self.state.scope.len();
        let id = self.next_id();
        let pipe = self.pipeline(context, TokenKind::RightDelim)?;
        let in_body = self.state.scope.len();
        self.state.range_depth += usize::from(context == "range");
        let (list, end) = self.item_list()?;
        self.state.range_depth -= usize::from(context == "range");
        self.state.scope.truncate(in_body);
        let else_list = match end {
            ListEnd::End => None,
            ListEnd::Else(position) => Some(self.else_list(context, position)?),
        };
        self.state.scope.truncate(in_scope);
        self.state.declared.truncate(declared);
        Ok(Box::new(Branch {
            id,
            position: pipe.position,
            pipe,
            list,
            else_list,
        }))
    }

    /// `{{else if x}}…{{end}}` is `{{else}}{{if x}}…{{end}}{{end}}`; the same with `with`.
    fn else_list(&mut self, context: &str, position: Position) -> Result<List> {
        let next = self.peek().kind;
        let nested = match (context, next) {
            ("if", TokenKind::If) | ("with", TokenKind::With) => {
                if !self.stack.has_room() {
                    return self.error("max expression depth exceeded");
                }
                self.next();
                let branch = self.parse_control(context)?;
                if context == "if" {
                    Node::If(branch)
                } else {
                    Node::With(branch)
                }
            }
            _ => {
                let (list, end) = self.item_list()?;
                return match end {
                    ListEnd::End => Ok(list),
                    ListEnd::Else(_) => self.error(format!("expected end; found {}", end.text())),
                };
            }
        };
        Ok(List {
            position,
            nodes: Box::new([nested]),
        })
    }

    fn else_control(&mut self) -> Result<ListEnd> {
        let next = self.peek_non_space();
        if matches!(next.kind, TokenKind::If | TokenKind::With) {
            return Ok(ListEnd::Else(next.start()));
        }
        let token = self.expect(TokenKind::RightDelim, "else")?;
        Ok(ListEnd::Else(token.start()))
    }

    fn block_control(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        let id = self.next_id();
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, TokenKind::RightDelim)?;
        let outer = std::mem::replace(&mut self.state, TreeState::new());
        let (root, end) = self.item_list()?;
        if let ListEnd::Else(_) = end {
            // Reported by the enclosing tree, whose newest token still is the block's header.
            self.state = outer;
            return self.error(format!("unexpected {} in {CONTEXT}", end.text()));
        }
        let tree = Tree {
            name: name.clone(),
            source: Arc::clone(&self.source),
            root: Arc::new(root),
            slots: self.state.slots,
        };
        self.add(tree)?;
        self.state = outer;
        Ok(Node::Template(Box::new(TemplateCall {
            id,
            position: token.start(),
            name,
            pipe: Some(pipe),
        })))
    }

    fn template_control(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let id = self.next_id();
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let mut pipe = None;
        if self.next_non_space().kind != TokenKind::RightDelim {
            self.back_up();
            pipe = Some(self.pipeline(CONTEXT, TokenKind::RightDelim)?);
        }
        Ok(Node::Template(Box::new(TemplateCall {
            id,
            position: token.start(),
            name,
            pipe,
        })))
    }

    fn template_name(&self, token: Token, context: &str) -> Result<GoStr> {
        match token.kind {
            TokenKind::String | TokenKind::RawString => self.unquoted(token),
            _ => self.unexpected(token, context),
        }
    }
}
