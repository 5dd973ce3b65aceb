//! Pipelines, commands and their operands.

use super::{Exec, Result, Slot};
use crate::parse::node::NodeId;
use crate::parse::node::{Command, Expr, ExprKind, Pipe};
use crate::parse::number::Ideal;
use crate::value::{GoStr, Type, Value};

impl Exec<'_, '_> {
    /// The value of a pipeline; its variables are set. An interface is looked through, so nil is no value.
    pub(super) fn eval_pipeline(&mut self, dot: &Slot, pipe: &Pipe) -> Result<Value> {
        self.at = pipe.id;
        let mark = self.mark();
        let value = match &*pipe.commands {
            [command] => self.eval_command(dot, command, None)?.value,
            commands => {
                let mut value: Option<Slot> = None;
                for command in commands {
                    let result = self.eval_command(dot, command, value.take())?;
                    value = Some(Slot::concrete(result.value));
                }
                value.unwrap_or_default().value
            }
        };
        for index in 0..pipe.declarations.len() {
            self.set_declared(pipe, index, Slot::concrete(value.clone()))?;
        }
        if let (Some(trace), Some(mark)) = (&self.context.trace, mark) {
            let reads = trace.reads_since(mark);
            self.declared(pipe, reads);
        }
        Ok(value)
    }

    /// `last` is the value the preceding command of the pipeline hands on.
    fn eval_command(&mut self, dot: &Slot, command: &Command, last: Option<Slot>) -> Result<Slot> {
        let Some((first, args)) = command.args.split_first() else {
            return self.error("empty command");
        };
        match &first.kind {
            ExprKind::Field(fields) => {
                self.at = first.id;
                self.eval_field_chain(dot, dot, first.id, fields, args, last)
            }
            ExprKind::Chain(inner, fields) => self.eval_chain(dot, first, inner, fields, args, last),
            ExprKind::Identifier(function) => {
                self.at = first.id;
                self.eval_call(dot, function, None, command.id, args, last)
            }
            ExprKind::Pipe(pipe) => {
                self.not_a_function(first, args, last.as_ref())?;
                self.eval_pipeline(dot, pipe).map(Slot::concrete)
            }
            ExprKind::Variable { fields, .. } => self.eval_variable(dot, first, fields, args, last),
            _ => {
                self.at = first.id;
                self.not_a_function(first, args, last.as_ref())?;
                match &first.kind {
                    ExprKind::Bool(value) => Ok(Slot::concrete(Value::Bool(*value))),
                    ExprKind::Dot => {
                        self.read_if_traced(dot, None, dot, &[]);
                        Ok(dot.clone())
                    }
                    ExprKind::Number { .. } => self.ideal_constant(first),
                    ExprKind::String { text, .. } => Ok(Slot::concrete(Value::String(text.clone()))),
                    _ => self.error("nil is not a command"),
                }
            }
        }
    }

    pub(super) fn not_a_function(&self, first: &Expr, args: &[Expr], last: Option<&Slot>) -> Result<()> {
        if args.is_empty() && last.is_none() {
            return Ok(());
        }
        self.error(format!(
            "can't give argument to non-function {}",
            self.shown(first)
        ))
    }

    /// A number where nothing says which type it should have: its spelling does.
    fn ideal_constant(&mut self, expr: &Expr) -> Result<Slot> {
        self.at = expr.id;
        let ExprKind::Number { number, .. } = &expr.kind else {
            return Ok(Slot::NOTHING);
        };
        let value = match (number.ideal, number.complex, number.float, number.int) {
            (Ideal::Complex, Some((real, imaginary)), ..) => Value::Complex(real, imaginary),
            (Ideal::Float, _, Some(float), _) => Value::Float(float),
            (.., Some(int)) => Value::int(int),
            _ if number.uint.is_some() => {
                return self.error(format!("{} overflows int", self.shown(expr)));
            }
            _ => Value::Nil,
        };
        Ok(Slot::concrete(value))
    }

    fn eval_chain(
        &mut self,
        dot: &Slot,
        chain: &Expr,
        inner: &Expr,
        fields: &[GoStr],
        args: &[Expr],
        last: Option<Slot>,
    ) -> Result<Slot> {
        self.at = chain.id;
        let receiver = match &inner.kind {
            ExprKind::Nil => {
                return self.error(format!(
                    "indirection through explicit nil in {}",
                    self.shown(chain)
                ));
            }
            ExprKind::Pipe(pipe) => {
                self.at = inner.id;
                Slot::concrete(self.eval_pipeline(dot, pipe)?)
            }
            ExprKind::Identifier(function) => {
                self.at = inner.id;
                self.eval_call(dot, function, None, inner.id, &[], None)?
            }
            _ => return self.error(format!("can't evaluate command {}", self.shown(inner))),
        };
        self.eval_field_chain(dot, &receiver, chain.id, fields, args, last)
    }

    fn eval_variable(
        &mut self,
        dot: &Slot,
        variable: &Expr,
        fields: &[GoStr],
        args: &[Expr],
        last: Option<Slot>,
    ) -> Result<Slot> {
        self.at = variable.id;
        let ExprKind::Variable { name, slot, .. } = &variable.kind else {
            return Ok(Slot::NOTHING);
        };
        let value = slot
            .and_then(|slot| usize::try_from(slot).ok())
            .and_then(|slot| self.variables.get(slot))
            .and_then(Option::as_ref);
        let Some(value) = value else {
            return self.error(format!("undefined variable: {}", self.text_of(*name)));
        };
        if self.context.trace.is_some() {
            let value = value.clone();
            self.read(dot, *slot, &value, fields);
            return self.eval_value(dot, variable, &value, fields, args, last);
        }
        if args.is_empty()
            && last.is_none()
            && let Some(slot) = Self::eval_entries(&value.value, fields)
        {
            return Ok(slot);
        }
        let value = value.clone();
        self.eval_value(dot, variable, &value, fields, args, last)
    }

    fn eval_value(
        &mut self,
        dot: &Slot,
        variable: &Expr,
        value: &Slot,
        fields: &[GoStr],
        args: &[Expr],
        last: Option<Slot>,
    ) -> Result<Slot> {
        if fields.is_empty() {
            self.not_a_function(variable, args, last.as_ref())?;
            return Ok(value.clone());
        }
        self.eval_field_chain(dot, value, variable.id, fields, args, last)
    }

    /// `.a.b.c` on `receiver`, when each step is an entry of a map that is there: most are.
    fn eval_entries(receiver: &Value, fields: &[GoStr]) -> Option<Slot> {
        let Value::Map(map) = receiver else {
            return None;
        };
        let (field, rest) = fields.split_first()?;
        let ty = map.ty();
        // Methods that templates can call have exported names, which keys of values seldom look like.
        let is_exported = field.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
        if is_exported && ty.methods().iter().any(|method| *field == method.name) {
            return None;
        }
        map.with(field, |value| match rest {
            [] => Some(Slot::of_type(value.clone(), ty.elem())),
            _ => Self::eval_entries(value, rest),
        })?
    }

    /// `.a.b.c` on `receiver`; only the last can be a method with arguments.
    pub(super) fn eval_field_chain(
        &mut self,
        dot: &Slot,
        receiver: &Slot,
        node: NodeId,
        fields: &[GoStr],
        args: &[Expr],
        last: Option<Slot>,
    ) -> Result<Slot> {
        self.read_if_traced(dot, None, receiver, fields);
        if args.is_empty()
            && last.is_none()
            && let Some(slot) = Self::eval_entries(&receiver.value, fields)
        {
            return Ok(slot);
        }
        let Some((final_field, path)) = fields.split_last() else {
            return Ok(receiver.clone());
        };
        if path.is_empty() {
            return self.eval_field(dot, final_field, node, args, last, receiver);
        }
        let mut current: Option<Slot> = None;
        for field in path {
            let from = current.as_ref().unwrap_or(receiver);
            current = Some(self.eval_field(dot, field, node, &[], None, from)?);
        }
        let from = current.as_ref().unwrap_or(receiver);
        self.eval_field(dot, final_field, node, args, last, from)
    }

    /// An argument for a parameter of type `ty`, checked to be assignable to it.
    pub(super) fn eval_arg(&mut self, dot: &Slot, ty: Type, arg: &Expr) -> Result<Slot> {
        self.at = arg.id;
        let value = match &arg.kind {
            ExprKind::Dot => {
                self.read_if_traced(dot, None, dot, &[]);
                dot.clone()
            }
            ExprKind::Nil => {
                if ty.can_be_nil() {
                    return Ok(Slot::concrete(Value::zero(ty)));
                }
                return self.error(format!("cannot assign nil to {ty}"));
            }
            ExprKind::Field(fields) => self.eval_field_chain(dot, dot, arg.id, fields, &[], None)?,
            ExprKind::Variable { fields, .. } => self.eval_variable(dot, arg, fields, &[], None)?,
            ExprKind::Pipe(pipe) => Slot::concrete(self.eval_pipeline(dot, pipe)?),
            ExprKind::Identifier(function) => self.eval_call(dot, function, None, arg.id, &[], None)?,
            ExprKind::Chain(inner, fields) => self.eval_chain(dot, arg, inner, fields, &[], None)?,
            ExprKind::Bool(_) | ExprKind::Number { .. } | ExprKind::String { .. } => {
                return self.eval_constant(ty, arg).map(Slot::concrete);
            }
        };
        self.validate(value, ty)
    }

    /// A literal takes the type of its parameter, if it can.
    fn eval_constant(&mut self, ty: Type, arg: &Expr) -> Result<Value> {
        let (number, literal) = match &arg.kind {
            ExprKind::Number { number, .. } => (Some(number), None),
            ExprKind::Bool(value) => (None, Some(Value::Bool(*value))),
            ExprKind::String { text, .. } => (None, Some(Value::String(text.clone()))),
            _ => (None, None),
        };
        let (expected, value) = match ty {
            Type::Interface | Type::ReflectValue => match literal {
                Some(value) => return Ok(value),
                None => return self.ideal_constant(arg).map(|slot| slot.value),
            },
            Type::Bool => ("bool", literal.filter(|value| matches!(value, Value::Bool(_)))),
            Type::String => (
                "string",
                literal.filter(|value| matches!(value, Value::String(_))),
            ),
            Type::Int(width) => (
                "integer",
                number.and_then(|number| number.int).map(|n| Value::Int(width, n)),
            ),
            Type::Uint(width) => (
                "unsigned integer",
                number
                    .and_then(|number| number.uint)
                    .map(|n| Value::Uint(width, n)),
            ),
            Type::Float64 => ("float", number.and_then(|number| number.float).map(Value::Float)),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "Go's SetFloat rounds the same way"
            )]
            Type::Float32 => (
                "float",
                number
                    .and_then(|number| number.float)
                    .map(|x| Value::Float32(x as f32)),
            ),
            Type::Complex128 => (
                "complex",
                number
                    .and_then(|number| number.complex)
                    .map(|(re, im)| Value::Complex(re, im)),
            ),
            Type::Named(named)
                if named.kind.is_int() && number.is_some_and(|number| number.int.is_some()) =>
            {
                ("integer", number.and_then(|number| number.int).map(Value::int64))
            }
            _ => return self.error(format!("can't handle {} for arg of type {ty}", self.shown(arg))),
        };
        match value {
            Some(value) => Ok(value),
            None => self.error(format!("expected {expected}; found {}", self.shown(arg))),
        }
    }

    /// Checks that a value can be passed as `ty`; a missing one becomes the type's nil, where it has one.
    pub(super) fn validate(&self, value: Slot, ty: Type) -> Result<Slot> {
        if !value.is_valid() {
            if ty.can_be_nil() {
                return Ok(Slot::concrete(Value::zero(ty)));
            }
            return self.error(format!("invalid value; expected {ty}"));
        }
        match (ty, &value.value) {
            (Type::Interface | Type::ReflectValue, _) => return Ok(value),
            (Type::String, Value::String(_)) => return Ok(Slot::concrete(value.value)),
            _ => {}
        }
        match value.value.ty() {
            Some(dynamic) if dynamic.assignable_to(ty) => Ok(Slot::concrete(value.value)),
            Some(dynamic) => self.error(format!("wrong type for value; expected {ty}; got {dynamic}")),
            None => self.error(format!(
                "wrong type for value; expected {ty}; got {}",
                value.type_name()
            )),
        }
    }
}
