//! From a template's text to trees, one for the text itself and one for each `define` and `block` in it.
//!
//! What is accepted, every error and every position are text/template's. Variables are resolved to slots here,
//! by the executor's scoping (a variable lives until the `end` of its block), while *undefined* variables are
//! reported by Go's looser parse-time rule, or else when they are reached.

mod lex;
pub(crate) mod node;
pub(crate) mod number;
mod pipeline;
mod skim;
mod token;
pub(crate) mod tree;

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::hash::HashMap;
use crate::stack::StackGuard;
use crate::strconv::{quote, unquote};
use crate::value::GoStr;
use lex::Lexer;
use node::{Branch, Command, Expr, List, Node, NodeId, Pipe, Position, TemplateCall};
use skim::{Around, Body, Skimmed, skim};
use token::{Token, TokenKind};
use tree::{Nodes, Part, Source, Tree, is_space};

/// Native stack the parser may use. A chart needs a few kilobytes.
const MAX_STACK_BYTES: usize = 512 << 10;

/// When the nodes of a text's own tree are built; those of definitions always are on first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It is about to be executed.
    Now,
    /// It may never be.
    OnFirstUse,
}

/// The trees of one text: the text's own last, definitions before it in order, each name once.
pub(crate) fn parse(name: &str, text: GoStr, when: When) -> Result<Vec<Arc<Tree>>> {
    let source = Arc::new(Source::new(name, text));
    read(Parser::new(&source, 0), name, when)
}

fn read(mut parser: Parser<'_>, name: &str, when: When) -> Result<Vec<Arc<Tree>>> {
    parser.builds = when == When::Now;
    let (nodes, is_empty) = parser.file()?;
    let nodes = parser.builds.then_some(nodes);
    let file = Tree::new(name.into(), parser.source, is_empty, Part::File, nodes);
    parser.add(file)?;
    parser.source.keep_bodies(parser.noted);
    Ok(parser.trees)
}

/// The nodes of a part of a text that was parsed before.
fn build(source: &Arc<Source>, part: Part) -> Result<Nodes> {
    let start = match part {
        Part::File => 0,
        Part::From(start) => start,
    };
    let mut parser = Parser::new(source, start);
    parser.builds = true;
    match part {
        Part::File => parser.file().map(|(nodes, _)| nodes),
        Part::From(_) => {
            parser.checked = true;
            let (root, _) = parser.item_list()?;
            let slots = parser.state.slots;
            Ok(Nodes { root, slots })
        }
    }
}

/// A body that was skimmed, and everything it takes to build it.
#[derive(Debug)]
struct Skipped {
    source: Arc<Source>,
    start: usize,
    /// The variables in scope; the index is the slot.
    scope: Box<[GoStr]>,
    /// Ids up to this one belong to other nodes.
    last_id: NodeId,
}

impl Skipped {
    fn build(&self) -> Result<Box<[Node]>> {
        let mut parser = Parser::new(&self.source, self.start);
        parser.builds = true;
        parser.checked = true;
        parser.state.scope = self.scope.to_vec();
        parser.state.last_id = self.last_id;
        parser.items()?;
        Ok(parser.take_nodes(0))
    }
}

/// Bodies shorter than this are built at once.
const MIN_SKIPPED_BYTES: usize = if cfg!(test) { 1 } else { 200 };
/// Bodies that more variables are in scope of are built at once: each that is not keeps them all.
const MAX_SKIPPED_SCOPE: usize = 32;

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

/// The actions that have bodies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    Range,
    With,
}

impl Control {
    const fn keyword(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Range => "range",
            Self::With => "with",
        }
    }
}

/// Stands for a node where none are kept: something that is no text.
const NOTHING: Node = Node::Break { id: 0, position: 0 };

/// Everything that belongs to the tree being parsed rather than to the text.
struct TreeState {
    /// The last tokens read, for two tokens of look-ahead; `tokens[0]` is the newest.
    tokens: [Token; 2],
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
            tokens: [nothing; 2],
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
    source: &'s Arc<Source>,
    text: &'s [u8],
    /// Whether nodes are kept. Where they are not, everything is read and checked in the same way, and what would hold
    /// other nodes holds none.
    builds: bool,
    /// Whether bodies are skimmed first. One that is not in order ends that: it is read again, and so is what is in it.
    skims: bool,
    /// Whether all of this was skimmed before: what variables there are and what loops around it is not known here.
    checked: bool,
    /// The bodies that were skimmed as parts of others.
    noted: Vec<Body>,
    /// What starts before here is part of a body that was skimmed and is too short to be skipped.
    short_up_to: usize,
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

impl<'s> Parser<'s> {
    fn new(source: &'s Arc<Source>, start: usize) -> Self {
        let text = source.text.as_bytes();
        Self {
            source,
            text,
            builds: false,
            skims: true,
            checked: false,
            noted: Vec::new(),
            short_up_to: 0,
            lexer: Lexer::new(text, start),
            trees: Vec::new(),
            tree_index: HashMap::default(),
            nodes: Vec::new(),
            commands: Vec::new(),
            operands: Vec::new(),
            fields: Vec::new(),
            stack: StackGuard::new(MAX_STACK_BYTES),
            state: TreeState::new(),
        }
    }

    // Tokens.

    // Most calls find a token that was looked at before: only reading one is worth a call.
    #[inline]
    fn next(&mut self) -> Token {
        match self.state.peek_count.checked_sub(1) {
            Some(index) => {
                self.state.peek_count = index;
                let newest = self.state.tokens[0];
                self.state.tokens.get(index).copied().unwrap_or(newest)
            }
            None => self.read(),
        }
    }

    #[inline(never)]
    fn read(&mut self) -> Token {
        let token = self.lexer.next_token();
        self.state.tokens[0] = token;
        token
    }

    #[inline]
    fn peek(&mut self) -> Token {
        let token = self.next();
        self.back_up();
        token
    }

    #[inline]
    fn back_up(&mut self) {
        self.state.peek_count += 1;
    }

    /// Puts back `earlier`, the token before the newest, and the newest.
    fn back_up_2(&mut self, earlier: Token) {
        self.state.tokens[1] = earlier;
        self.state.peek_count = 2;
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
        let token = self.next();
        if token.kind == kind {
            Ok(token)
        } else {
            self.unexpected(token, context)
        }
    }

    // Trees.

    /// The whole text; whether there is nothing but space and definitions in it.
    fn file(&mut self) -> Result<(Nodes, bool)> {
        let position = self.peek().start();
        loop {
            let token = self.peek();
            if token.kind == TokenKind::Eof {
                break;
            }
            if token.kind == TokenKind::LeftDelim {
                let delimiter = self.next();
                if self.next().kind == TokenKind::Define {
                    self.definition()?;
                    continue;
                }
                self.back_up_2(delimiter);
            }
            if let Some(end) = self.text_or_action()? {
                return self.error(format!("unexpected {}", end.text()));
            }
        }
        let is_empty = is_space(&self.nodes, self.text);
        let nodes = self.take_nodes(0);
        let root = List::new(position, nodes);
        let slots = self.state.slots;
        Ok((Nodes { root, slots }, is_empty))
    }

    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::replace(&mut self.state, TreeState::new());
        let token = self.next();
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return self.unexpected(token, CONTEXT);
        }
        let name = self.unquoted(token)?;
        self.expect(TokenKind::RightDelim, CONTEXT)?;
        let (tree, end) = self.tree(name)?;
        if let ListEnd::Else(_) = end {
            return self.error(format!("unexpected {} in {CONTEXT}", end.text()));
        }
        self.add(tree)?;
        self.state = outer;
        Ok(())
    }

    /// Reads the body of a `define` or `block`, which starts here.
    fn tree(&mut self, name: GoStr) -> Result<(Tree, ListEnd)> {
        let part = Part::From(self.lexer.position());
        if let Some(skimmed) = self.skim() {
            self.lexer.skip_to(skimmed.body.end);
            let end = self.items()?;
            return Ok((Tree::new(name, self.source, skimmed.is_empty, part, None), end));
        }
        let builds = std::mem::replace(&mut self.builds, false);
        let first = self.nodes.len();
        let end = self.items()?;
        let is_empty = is_space(self.nodes.get(first..).unwrap_or_default(), self.text);
        self.nodes.truncate(first);
        self.builds = builds;
        Ok((Tree::new(name, self.source, is_empty, part, None), end))
    }

    /// An empty tree gives way to any other of its name; two that are not empty are an error.
    fn add(&mut self, tree: Tree) -> Result<()> {
        let existing = self.tree_index.get(&tree.name).copied();
        match existing.and_then(|index| self.trees.get_mut(index)) {
            None => {
                self.tree_index.insert(tree.name.clone(), self.trees.len());
                self.trees.push(Arc::new(tree));
            }
            Some(known) if known.is_empty => *known = Arc::new(tree),
            Some(_) if tree.is_empty => {}
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
        let position = self.peek().start();
        let first = self.nodes.len();
        let end = self.items()?;
        let nodes = self.take_nodes(first);
        Ok((List::new(position, nodes), end))
    }

    /// The same, of a control structure: a long one is skimmed, and built when it is executed.
    fn body(&mut self) -> Result<(List, ListEnd)> {
        let may_skip =
            self.builds && self.state.peek_count == 0 && self.state.scope.len() <= MAX_SKIPPED_SCOPE;
        if !may_skip {
            return self.item_list();
        }
        let Some(Body {
            start, end, slots, ..
        }) = self.skippable_body()
        else {
            return self.item_list();
        };
        let position = self.peek().start();
        let last_id = self.state.last_id;
        // No node takes less than a byte.
        self.state.last_id += NodeId::try_from(end - start).unwrap_or(NodeId::MAX);
        self.state.slots = self.state.slots.max(self.state.scope.len() + slots);
        let skipped = Skipped {
            source: Arc::clone(self.source),
            start,
            scope: self.state.scope.as_slice().into(),
            last_id,
        };
        self.state.peek_count = 0;
        self.lexer.skip_to(end);
        let end = self.items()?;
        Ok((List::skipped(position, skipped), end))
    }

    /// The body that comes next, if it is long enough to be skipped.
    fn skippable_body(&mut self) -> Option<Body> {
        let start = self.lexer.position();
        if self.checked {
            // It was skimmed with what is around it. Skimming it again, at each level, would take as long as building.
            return self.source.body_at(start).filter(|body| !body.leaks);
        }
        if start < self.short_up_to {
            return None;
        }
        let body = self.skim()?.body;
        if body.end - start < MIN_SKIPPED_BYTES {
            self.short_up_to = body.end;
            return None;
        }
        (!body.leaks).then_some(body)
    }

    /// Skims what comes next, between two actions.
    fn skim(&mut self) -> Option<Skimmed> {
        if !self.skims {
            return None;
        }
        let around = if self.checked {
            Around::Checked
        } else {
            Around::Known {
                declared: &self.state.declared,
                in_range: self.state.range_depth > 0,
            }
        };
        let n_noted = self.noted.len();
        let skimmed = skim(self.text, self.lexer.position(), around, &mut self.noted);
        if skimmed.is_none() {
            self.skims = false;
            self.noted.truncate(n_noted);
        }
        skimmed
    }

    /// Adds nodes up to an `end` or `else`.
    fn items(&mut self) -> Result<ListEnd> {
        while self.peek().kind != TokenKind::Eof {
            if let Some(end) = self.text_or_action()? {
                return Ok(end);
            }
        }
        self.error("unexpected EOF")
    }

    /// The nodes from `first` on, which are complete.
    fn take_nodes(&mut self, first: usize) -> Box<[Node]> {
        if self.builds {
            return self.nodes.split_off(first).into();
        }
        self.nodes.truncate(first);
        Box::default()
    }

    /// Adds a node; or says that the list ends here.
    fn text_or_action(&mut self) -> Result<Option<ListEnd>> {
        let token = self.next();
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
        let token = self.next();
        let node = match token.kind {
            TokenKind::Block => self.block_control()?,
            TokenKind::Break => self.loop_control(token, "{{break}}")?,
            TokenKind::Continue => self.loop_control(token, "{{continue}}")?,
            TokenKind::Else => return self.else_control().map(Some),
            TokenKind::End => {
                self.expect(TokenKind::RightDelim, "end")?;
                return Ok(Some(ListEnd::End));
            }
            TokenKind::If => self.parse_control(Control::If)?,
            TokenKind::Range => self.parse_control(Control::Range)?,
            TokenKind::With => self.parse_control(Control::With)?,
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
        let token = self.next();
        if token.kind != TokenKind::RightDelim {
            return self.unexpected(token, name);
        }
        if self.state.range_depth == 0 && !self.checked {
            return self.error(format!("{name} outside {{{{range}}}}"));
        }
        let (id, position) = (self.next_id(), keyword.start());
        Ok(if keyword.kind == TokenKind::Break {
            Node::Break { id, position }
        } else {
            Node::Continue { id, position }
        })
    }

    fn parse_control(&mut self, control: Control) -> Result<Node> {
        let context = control.keyword();
        let declared = self.state.declared.len();
        let in_scope = self.state.scope.len();
        let id = self.next_id();
        let pipe = self.pipeline(context, TokenKind::RightDelim)?;
        let in_body = self.state.scope.len();
        self.state.range_depth += usize::from(control == Control::Range);
        let (list, end) = self.body()?;
        self.state.range_depth -= usize::from(control == Control::Range);
        self.state.scope.truncate(in_body);
        let else_list = match end {
            ListEnd::End => None,
            ListEnd::Else(position) => Some(self.else_list(control, position)?),
        };
        self.state.scope.truncate(in_scope);
        self.state.declared.truncate(declared);
        if !self.builds {
            return Ok(NOTHING);
        }
        let branch = Box::new(Branch {
            id,
            position: pipe.position,
            pipe,
            list,
            else_list,
        });
        Ok(match control {
            Control::If => Node::If(branch),
            Control::Range => Node::Range(branch),
            Control::With => Node::With(branch),
        })
    }

    /// `{{else if x}}…{{end}}` is `{{else}}{{if x}}…{{end}}{{end}}`; the same with `with`.
    fn else_list(&mut self, control: Control, position: Position) -> Result<List> {
        // Only the keyword of an `else if` was looked at already.
        let peeked = (self.state.peek_count > 0).then(|| self.peek().kind);
        let nested = match (control, peeked) {
            (Control::If, Some(TokenKind::If)) | (Control::With, Some(TokenKind::With)) => {
                if !self.stack.has_room() {
                    return self.error("max expression depth exceeded");
                }
                self.next();
                self.parse_control(control)?
            }
            _ => {
                let (list, end) = self.body()?;
                return match end {
                    ListEnd::End => Ok(list),
                    ListEnd::Else(_) => self.error(format!("expected end; found {}", end.text())),
                };
            }
        };
        let nodes: Box<[Node]> = if self.builds {
            Box::new([nested])
        } else {
            Box::default()
        };
        Ok(List::new(position, nodes))
    }

    fn else_control(&mut self) -> Result<ListEnd> {
        let next = self.peek();
        if matches!(next.kind, TokenKind::If | TokenKind::With) {
            return Ok(ListEnd::Else(next.start()));
        }
        let token = self.expect(TokenKind::RightDelim, "else")?;
        Ok(ListEnd::Else(token.start()))
    }

    fn block_control(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        let id = self.next_id();
        let token = self.next();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, TokenKind::RightDelim)?;
        let outer = std::mem::replace(&mut self.state, TreeState::new());
        let (tree, end) = self.tree(name.clone())?;
        if let ListEnd::Else(_) = end {
            // Reported by the enclosing tree, whose newest token still is the block's header.
            self.state = outer;
            return self.error(format!("unexpected {} in {CONTEXT}", end.text()));
        }
        self.add(tree)?;
        self.state = outer;
        Ok(self.call(id, token, name, Some(pipe)))
    }

    fn template_control(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let id = self.next_id();
        let token = self.next();
        let name = self.template_name(token, CONTEXT)?;
        let mut pipe = None;
        if self.next().kind != TokenKind::RightDelim {
            self.back_up();
            pipe = Some(self.pipeline(CONTEXT, TokenKind::RightDelim)?);
        }
        Ok(self.call(id, token, name, pipe))
    }

    fn call(&self, id: NodeId, token: Token, name: GoStr, pipe: Option<Pipe>) -> Node {
        if !self.builds {
            return NOTHING;
        }
        Node::Template(Box::new(TemplateCall {
            id,
            position: token.start(),
            name,
            pipe,
        }))
    }

    fn template_name(&self, token: Token, context: &str) -> Result<GoStr> {
        match token.kind {
            TokenKind::String | TokenKind::RawString => self.unquoted(token),
            _ => self.unexpected(token, context),
        }
    }
}
