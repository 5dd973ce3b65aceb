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
        let position = self.peek_non_space().start();
        let id = self.next_id();
        let mut is_assign = false;
        let mut names: Vec<Token> = Vec::new();
        self.declarations(context, &mut is_assign, &mut names)?;
        let first = self.commands.len();
        loop {
            let token = self.next_non_space();
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
                    let command = self.command()?;
                    self.commands.push(command);
                }
                _ => return self.unexpected(token, context),
            }
        }
        let commands = self.commands.split_off(first);
        if commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            if command.args.first().is_some_and(Expr::is_literal) {
                return self.error(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        // Only now: a variable is not in scope in its own initialiser.
        let declarations = names
            .into_iter()
            .map(|name| self.declare(name, is_assign))
            .collect();
        Ok(Pipe {
            id,
            position,
            is_assign,
            declarations,
            commands: commands.into(),
        })
    }

    fn declarations(&mut self, context: &str, is_assign: &mut bool, names: &mut Vec<Token>) -> Result<()> {
        loop {
            let variable = self.peek_non_space();
            if variable.kind != TokenKind::Variable {
                return Ok(());
            }
            self.next();
            // Space is a token, so `$x foo` needs `foo` to be known to be no declaration.
            let after = self.peek();
            let next = self.peek_non_space();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    *is_assign = next.kind == TokenKind::Assign;
                    self.next_non_space();
                    self.name_declared(variable, names);
                    return Ok(());
                }
                TokenKind::Char if next.text(self.text) == b"," => {
                    self.next_non_space();
                    self.name_declared(variable, names);
                    if context != "range" || names.len() >= 2 {
                        return self.error(format!("too many declarations in {context}"));
                    }
                    let kind = self.peek_non_space().kind;
                    if !matches!(
                        kind,
                        TokenKind::Variable | TokenKind::RightDelim | TokenKind::RightParen
                    ) {
                        return self.error("range can only initialize variables");
                    }
                }
                _ if after.kind == TokenKind::Space => {
                    self.back_up_3(variable, after);
                    return Ok(());
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

    /// operand (space operand)*; the pipe character is consumed, a closing delimiter is not.
    fn command(&mut self) -> Result<Command> {
        let position = self.peek_non_space().start();
        let id = self.next_id();
        let first = self.operands.len();
        loop {
            self.peek_non_space(); // Skips leading space.
            self.operand()?;
            let token = self.next();
            match token.kind {
                TokenKind::Space => {}
                TokenKind::RightDelim | TokenKind::RightParen => {
                    self.back_up();
                    break;
                }
                TokenKind::Pipe => break,
                _ => return self.unexpected(token, "operand"),
            }
        }
        let args = self.operands.split_off(first);
        if args.is_empty() {
            return self.error("empty command");
        }
        Ok(Command {
            id,
            position,
            args: args.into(),
        })
    }

    /// Adds `term .Field*` to the operands, if one follows.
    fn operand(&mut self) -> Result<()> {
        let Some(term) = self.term()? else {
            return Ok(());
        };
        let first = self.peek();
        if first.kind != TokenKind::Field {
            self.operands.push(term);
            return Ok(());
        }
        if term.is_literal() {
            self.skip_fields();
            return self.error(format!(
                "unexpected . after term {}",
                quote(Shown(&term, self.text).to_string().as_bytes())
            ));
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
        Ok(())
    }

    /// `before` and the names that follow.
    fn field_names(&mut self, before: Box<[GoStr]>) -> Box<[GoStr]> {
        let first = self.fields.len();
        self.fields.extend(before);
        while self.peek().kind == TokenKind::Field {
            let token = self.next();
            self.fields.push(field_name(token, self.text));
        }
        self.fields.split_off(first).into()
    }

    fn skip_fields(&mut self) {
        while self.peek().kind == TokenKind::Field {
            self.next();
        }
    }

    /// A literal, function, field, variable or parenthesised pipeline; `None` if the next token is no term.
    fn term(&mut self) -> Result<Option<Expr>> {
        let token = self.next_non_space();
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
            TokenKind::Field => ExprKind::Field(Box::new([field_name(token, self.text)])),
            TokenKind::Bool => ExprKind::Bool(token.text(self.text) == b"true"),
            TokenKind::CharConstant | TokenKind::Complex | TokenKind::Number => {
                let text = String::from_utf8_lossy(token.text(self.text));
                match Number::parse(&text, token.kind) {
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
                return Ok(Some(Expr {
                    id,
                    position,
                    kind: ExprKind::Pipe(Box::new(pipe)),
                }));
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
        if !self.state.declared.iter().any(|known| known.as_bytes() == name) {
            return self.error(format!("undefined variable {}", quote(name)));
        }
        let slot = self.slot_of(name);
        Ok(ExprKind::Variable {
            name: token.span,
            slot,
            fields: Box::default(),
        })
    }
}

/// The name of a field token, without its period.
fn field_name(token: Token, text: &[u8]) -> GoStr {
    GoStr::from_bytes(token.text(text).get(1..).unwrap_or_default())
}
