//! Pipelines, commands and operands.

use super::node::{Command, Declaration, Expr, ExprKind, Pipe, Shown};
use super::number::Number;
use super::token::{Token, TokenKind};
use super::{Parser, Result};
use crate::funcs;
use crate::strconv::quote;
use crate::value::GoStr;

/// Go's bound on nested parentheses.
const MAX_PAREN_DEPTH: usize = 10_000;

impl Parser<'_> {
    /// declarations? command ('|' command)*, up to a token of kind `end`.
    pub(super) fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipe> {
        let position = self.peek().start();
        let id = self.next_id();
        let mut is_assign = false;
        let mut names: Vec<Token> = Vec::new();
        self.declarations(context, &mut is_assign, &mut names)?;
        let first = self.commands.len();
        let mut n_commands = 0;
        let mut not_executable = None;
        loop {
            let token = self.next();
            match token.kind {
                kind if kind == end => break,
                TokenKind::Bool
                | TokenKind::CharConstant
                | TokenKind::Complex
                | TokenKind::Dot
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::Nil
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParen => {
                    self.back_up();
                    let is_literal = self.command()?;
                    n_commands += 1;
                    if is_literal && n_commands > 1 {
                        not_executable = not_executable.or(Some(n_commands));
                    }
                }
                _ => return self.unexpected(token, context),
            }
        }
        if n_commands == 0 {
            return self.error(format!("missing value for {context}"));
        }
        if let Some(stage) = not_executable {
            return self.error(format!("non executable command in pipeline stage {stage}"));
        }
        let (mut declarations, mut commands) = (Box::default(), Box::default());
        if self.builds {
            commands = self.commands.split_off(first).into();
            // Only now: a variable is not in scope in its own initialiser.
            declarations = names
                .into_iter()
                .map(|name| self.declare(name, is_assign))
                .collect();
        }
        Ok(Pipe {
            id,
            position,
            is_assign,
            declarations,
            commands,
        })
    }

    fn declarations(&mut self, context: &str, is_assign: &mut bool, names: &mut Vec<Token>) -> Result<()> {
        loop {
            let variable = self.peek();
            if variable.kind != TokenKind::Variable {
                return Ok(());
            }
            self.next();
            // `$x foo` needs `foo` to be known to be no declaration.
            let next = self.peek();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    *is_assign = next.kind == TokenKind::Assign;
                    self.next();
                    self.name_declared(variable, names);
                    return Ok(());
                }
                TokenKind::Char if next.text(self.text) == b"," => {
                    self.next();
                    self.name_declared(variable, names);
                    if context != "range" || names.len() >= 2 {
                        return self.error(format!("too many declarations in {context}"));
                    }
                    let kind = self.peek().kind;
                    if !matches!(
                        kind,
                        TokenKind::Variable | TokenKind::RightDelim | TokenKind::RightParen
                    ) {
                        return self.error("range can only initialize variables");
                    }
                }
                _ => {
                    self.back_up_2(variable);
                    return Ok(());
                }
            }
        }
    }

    fn name_declared(&mut self, variable: Token, names: &mut Vec<Token>) {
        self.state
            .declared
            .push(GoStr::from_bytes(variable.text(self.text)));
        names.push(variable);
    }

    fn declare(&mut self, variable: Token, is_assign: bool) -> Declaration {
        let name = variable.text(self.text);
        let slot = if is_assign {
            self.slot_of(name)
        } else {
            let slot = self.state.scope.len();
            self.state.scope.push(GoStr::from_bytes(name));
            self.state.slots = self.state.slots.max(slot + 1);
            u32::try_from(slot).ok()
        };
        Declaration {
            name: variable.span,
            slot,
        }
    }

    fn slot_of(&self, name: &[u8]) -> Option<u32> {
        let slot = self
            .state
            .scope
            .iter()
            .rposition(|known| known.as_bytes() == name)?;
        u32::try_from(slot).ok()
    }

    /// Adds operand (space operand)*; the pipe character is consumed, a closing delimiter is not. Tells whether the
    /// first operand is a literal.
    fn command(&mut self) -> Result<bool> {
        let position = self.peek().start();
        let id = self.next_id();
        let first = self.operands.len();
        let mut is_literal = None;
        loop {
            let operand = self.operand()?;
            is_literal = is_literal.or(operand);
            let token = self.next();
            match token.kind {
                TokenKind::RightDelim | TokenKind::RightParen => {
                    self.back_up();
                    break;
                }
                TokenKind::Pipe => break,
                // If it is no operand, it is not going to be one.
                _ if token.after_space && operand.is_some() => self.back_up(),
                _ => return self.unexpected(token, "operand"),
            }
        }
        let Some(is_literal) = is_literal else {
            return self.error("empty command");
        };
        if self.builds {
            let args = self.operands.split_off(first).into();
            self.commands.push(Command { id, position, args });
        }
        Ok(is_literal)
    }

    /// Adds `term .Field*` to the operands, if one follows, and tells whether it is a literal.
    fn operand(&mut self) -> Result<Option<bool>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let is_literal = term.is_literal();
        let first = self.peek();
        if !is_next_field(first) {
            if self.builds {
                self.operands.push(term);
            }
            return Ok(Some(is_literal));
        }
        if is_literal {
            self.skip_fields();
            return self.error(format!(
                "unexpected . after term {}",
                quote(Shown(&term, self.text).to_string().as_bytes())
            ));
        }
        if !self.builds {
            self.skip_fields();
            return Ok(Some(false));
        }
        let Expr { id, position, kind } = term;
        // Go reports a field or variable with more parts at its second one.
        let expr = match kind {
            ExprKind::Field(fields) => Expr {
                id,
                position: first.start(),
                kind: ExprKind::Field(self.field_names(fields)),
            },
            ExprKind::Variable { name, slot, fields } => Expr {
                id,
                position: first.start(),
                kind: ExprKind::Variable {
                    name,
                    slot,
                    fields: self.field_names(fields),
                },
            },
            kind => {
                let fields = self.field_names(Box::default());
                let inner = Box::new(Expr { id, position, kind });
                Expr {
                    id: self.next_id(),
                    position: first.start(),
                    kind: ExprKind::Chain(inner, fields),
                }
            }
        };
        self.operands.push(expr);
        Ok(Some(false))
    }

    /// `before` and the names that follow.
    fn field_names(&mut self, before: Box<[GoStr]>) -> Box<[GoStr]> {
        let first = self.fields.len();
        self.fields.extend(before);
        while is_next_field(self.peek()) {
            let token = self.next();
            self.fields.push(field_name(token, self.text));
        }
        self.fields.split_off(first).into()
    }

    fn skip_fields(&mut self) {
        while is_next_field(self.peek()) {
            self.next();
        }
    }

    /// A literal, function, field, variable or parenthesised pipeline; `None` if the next token is no term.
    fn term(&mut self) -> Result<Option<Expr>> {
        let token = self.next();
        let kind = match token.kind {
            TokenKind::Identifier => {
                let name = token.text(self.text);
                match funcs::find(name) {
                    Some(function) => ExprKind::Identifier(function),
                    None => return self.error(format!("function {} not defined", quote(name))),
                }
            }
            TokenKind::Dot => ExprKind::Dot,
            TokenKind::Nil => ExprKind::Nil,
            TokenKind::Variable => self.variable(token)?,
            TokenKind::Field if !self.builds => ExprKind::Field(Box::default()),
            TokenKind::Field => ExprKind::Field(Box::new([field_name(token, self.text)])),
            TokenKind::Bool => ExprKind::Bool(token.text(self.text) == b"true"),
            TokenKind::CharConstant | TokenKind::Complex | TokenKind::Number => {
                let text = String::from_utf8_lossy(token.text(self.text));
                match Number::parse(&text, token.kind) {
                    Ok(_) if !self.builds => ExprKind::String {
                        literal: token.span,
                        text: GoStr::EMPTY,
                    },
                    Ok(number) => ExprKind::Number {
                        literal: token.span,
                        number: Box::new(number),
                    },
                    Err(error) => return self.error(error),
                }
            }
            TokenKind::LeftParen => {
                if self.state.paren_depth >= MAX_PAREN_DEPTH || !self.stack.has_room() {
                    return self.error("max expression depth exceeded");
                }
                self.state.paren_depth += 1;
                let pipe = self.pipeline("parenthesized pipeline", TokenKind::RightParen)?;
                self.state.paren_depth -= 1;
                let (id, position) = (pipe.id, pipe.position);
                let kind = if self.builds {
                    ExprKind::Pipe(Box::new(pipe))
                } else {
                    ExprKind::Field(Box::default())
                };
                return Ok(Some(Expr { id, position, kind }));
            }
            TokenKind::String | TokenKind::RawString => ExprKind::String {
                literal: token.span,
                text: self.unquoted(token)?,
            },
            _ => {
                self.back_up();
                return Ok(None);
            }
        };
        Ok(Some(Expr {
            id: self.next_id(),
            position: token.start(),
            kind,
        }))
    }

    fn variable(&mut self, token: Token) -> Result<ExprKind> {
        let name = token.text(self.text);
        if !self.checked && !self.state.declared.iter().any(|known| known.as_bytes() == name) {
            return self.error(format!("undefined variable {}", quote(name)));
        }
        let slot = if self.builds { self.slot_of(name) } else { None };
        Ok(ExprKind::Variable {
            name: token.span,
            slot,
            fields: Box::default(),
        })
    }
}

/// Whether a token goes on with the operand before it.
fn is_next_field(token: Token) -> bool {
    token.kind == TokenKind::Field && !token.after_space
}

/// The name of a field token, without its period.
fn field_name(token: Token, text: &[u8]) -> GoStr {
    GoStr::from_bytes(token.text(text).get(1..).unwrap_or_default())
}
