//! Calls of functions and methods: argument count, argument types, the call, its error.

use super::{Exec, Result, Slot};
use crate::error::{ErrorKind, FnError};
use crate::funcs::argtypes::Args;
use crate::funcs::{Builtin, Special};
use crate::limits::Exceeded;
use crate::parse::node::{Expr, NodeId};
use crate::value::{Type, Value};

/// What a kilobyte of text among the arguments costs: searching, comparing and copying are quick, but not free.
const STEPS_PER_KILOBYTE: u64 = 2;

/// Arguments kept on the native stack; more go to the heap.
const INLINE_ARGS: usize = 4;

impl Exec<'_, '_> {
    /// Calls `function` with a bound `receiver` if it is a method, the arguments `args`, and the value handed on
    /// by the pipeline; `node` is what an error of the function itself is reported at.
    pub(super) fn eval_call(
        &mut self,
        dot: &Slot,
        function: &'static Builtin,
        receiver: Option<Value>,
        node: NodeId,
        args: &[Expr],
        last: Option<Slot>,
    ) -> Result<Slot> {
        let name = function.name;
        let signature = &function.signature;
        let bound = usize::from(receiver.is_some());
        let params = signature.params.get(bound..).unwrap_or_default();
        let given = args.len() + usize::from(last.is_some());
        if signature.variadic {
            let fixed = params.len().saturating_sub(1);
            if given < fixed {
                let got = args.len();
                return self.error(format!(
                    "wrong number of args for {name}: want at least {fixed} got {got}"
                ));
            }
        } else if given != params.len() {
            let want = params.len();
            return self.error(format!(
                "wrong number of args for {name}: want {want} got {given}"
            ));
        }
        if matches!(function.special, Special::And | Special::Or) {
            return self.eval_and_or(dot, function.special == Special::Or, args, last);
        }
        let last_param = params.last().copied().unwrap_or(Type::Interface);
        let param = |index: usize| params.get(index).copied().unwrap_or(last_param);
        let total = bound + given;
        let mut inline: [Value; INLINE_ARGS] = Default::default();
        let mut heap = Vec::new();
        if total > INLINE_ARGS {
            heap.resize(total, Value::Nil);
        }
        let mut nil_interface = false;
        let callee = if function.special == Special::Call {
            Some(self.callee_name(args, last.as_ref()))
        } else {
            None
        };
        {
            let values = if total > INLINE_ARGS {
                heap.as_mut_slice()
            } else {
                inline.as_mut_slice()
            };
            let mut targets = values.iter_mut();
            let mut push = |value: Value| {
                if let Some(target) = targets.next() {
                    *target = value;
                }
            };
            if let Some(receiver) = receiver {
                push(receiver);
            }
            for (index, arg) in args.iter().enumerate() {
                let value = self.eval_arg(dot, param(index), arg)?;
                nil_interface = value.from_interface && matches!(value.value, Value::Nil);
                push(value.value);
            }
            if let Some(last) = last {
                let value = self.validate(last, param(args.len()))?;
                push(value.value);
            }
        }
        let values = if total > INLINE_ARGS {
            heap.as_mut_slice()
        } else {
            inline.as_mut_slice()
        };
        let values = values.get_mut(..total).unwrap_or_default();
        let result = match (function.special, callee) {
            (Special::Len, _) if nil_interface => Err(FnError::new("len of nil pointer")),
            (_, Some(callee)) => call_value(&callee, values.first()),
            _ => {
                if let Err(exceeded) = self.context.check_stack() {
                    return Err(self.exceeded(exceeded));
                }
                if let Err(exceeded) = self.spend_on_texts(values) {
                    return Err(self.exceeded(exceeded));
                }
                if function.walks
                    && let Err(exceeded) = values
                        .iter()
                        .try_for_each(|value| self.context.budget().walk_if_nested(value))
                {
                    return Err(self.exceeded(exceeded));
                }
                (function.call)(self.context, Args::new(values))
            }
        };
        match result {
            Ok(value) => {
                if let Value::String(text) = &value
                    && let Err(exceeded) = self.context.budget().output(text.len())
                {
                    return Err(self.exceeded(exceeded));
                }
                Ok(Slot::of_type(value, signature.result))
            }
            Err(error) => {
                self.at = node;
                Err(self.call_failed(name, error))
            }
        }
    }

    /// Looking at a text takes time, whatever a function looks for.
    fn spend_on_texts(&mut self, values: &[Value]) -> std::result::Result<(), Exceeded> {
        let kilobytes: usize = values
            .iter()
            .map(|value| match value {
                Value::String(text) | Value::Bytes(text) => text.len() / 1024,
                _ => 0,
            })
            .sum();
        if kilobytes == 0 {
            return Ok(());
        }
        self.context.budget().steps(kilobytes as u64 * STEPS_PER_KILOBYTE)
    }

    #[cold]
    fn call_failed(&self, name: &str, error: FnError) -> Box<crate::error::Error> {
        let kind = match &error {
            FnError::Exceeded(exceeded) => ErrorKind::Exceeded(exceeded.clone()),
            FnError::Template(inner) | FnError::Wrapped(_, inner) => match &inner.kind {
                exceeded @ ErrorKind::Exceeded(_) => exceeded.clone(),
                ErrorKind::Parse | ErrorKind::Exec => ErrorKind::Exec,
            },
            FnError::Message(_) => ErrorKind::Exec,
        };
        let text = format!("error calling {name}: {error}");
        self.make_error(&text, Some(error), kind)
    }

    /// What `call` names its callee by: the argument's text, or the handed-on value as `reflect.Value.String` has it.
    fn callee_name(&self, args: &[Expr], last: Option<&Slot>) -> String {
        match (args.first(), last) {
            (Some(first), _) => self.shown(first),
            (
                None,
                Some(Slot {
                    value: Value::String(text),
                    ..
                }),
            ) => text.to_string(),
            (None, Some(slot)) => format!("<{} Value>", slot.type_name()),
            (None, None) => String::new(),
        }
    }

    /// `and` and `or` evaluate arguments only until the result is known.
    fn eval_and_or(&mut self, dot: &Slot, is_or: bool, args: &[Expr], last: Option<Slot>) -> Result<Slot> {
        let mut value = Slot::NOTHING;
        for arg in args {
            value = self.eval_arg(dot, Type::ReflectValue, arg)?;
            if value.value.truth() == is_or {
                return Ok(value);
            }
        }
        match last {
            Some(last) => self.validate(last, Type::ReflectValue),
            None => Ok(value),
        }
    }
}

/// `call`: no value a chart can reach is a function.
fn call_value(name: &str, function: Option<&Value>) -> Result<Value, FnError> {
    match function.and_then(Value::ty) {
        None => Err(FnError::new("call of nil")),
        Some(ty) => Err(FnError::new(format!("non-function {name} of type {ty}"))),
    }
}
