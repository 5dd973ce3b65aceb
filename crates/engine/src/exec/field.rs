//! `.name` on a value: a method, a field of a struct, or an entry of a map.

use super::{Exec, Result, Slot};
use crate::parse::node::{Expr, NodeId};
use crate::strconv::quote;
use crate::value::{Field, GoStr, Type, Value};

impl Exec<'_, '_> {
    pub(super) fn eval_field(
        &mut self,
        dot: &Slot,
        name: &GoStr,
        node: NodeId,
        args: &[Expr],
        last: Option<Slot>,
        receiver: &Slot,
    ) -> Result<Slot> {
        if !receiver.is_valid() {
            if self.context.is_strict() {
                return self.error(format!("nil data; no entry for key {}", quote(name.as_bytes())));
            }
            return Ok(Slot::NOTHING);
        }
        if matches!(receiver.value, Value::Nil) {
            return self.error(format!("nil pointer evaluating {}.{name}", receiver.type_name()));
        }
        let method = receiver
            .value
            .methods()
            .iter()
            .find(|method| *name == method.name);
        if let Some(method) = method {
            return self.eval_call(dot, method, Some(receiver.value.clone()), node, args, last);
        }
        let has_args = !args.is_empty() || last.is_some();
        match &receiver.value {
            Value::Map(map) => self.map_entry(map.get(name), map.ty(), name, has_args),
            Value::Object(object) => {
                if let Some(Value::Map(map)) = object.underlying() {
                    return self.map_entry(map.get(name), map.ty(), name, has_args);
                }
                let field = name.as_str().and_then(|name| object.field(name));
                match field {
                    Some(Field::Value(value, ty)) if !has_args => Ok(Slot::of_type(value, ty)),
                    Some(Field::Value(..)) => {
                        self.error(format!("{name} has arguments but cannot be invoked as function"))
                    }
                    Some(Field::Unexported) => {
                        let ty = receiver.type_name();
                        self.error(format!("{name} is an unexported field of struct type {ty}"))
                    }
                    None if object.is_nil() => {
                        self.error(format!("nil pointer evaluating {}.{name}", receiver.type_name()))
                    }
                    None => self.no_field(name, receiver),
                }
            }
            _ => self.no_field(name, receiver),
        }
    }

    fn map_entry(&self, entry: Option<Value>, ty: Type, name: &GoStr, has_args: bool) -> Result<Slot> {
        if has_args {
            return self.error(format!("{name} is not a method but has arguments"));
        }
        match entry {
            Some(value) => Ok(Slot::of_type(value, ty.elem())),
            None if self.context.is_strict() => {
                self.error(format!("map has no entry for key {}", quote(name.as_bytes())))
            }
            None => Ok(Slot::of_type(Value::zero(ty.elem()), ty.elem())),
        }
    }

    fn no_field(&self, name: &GoStr, receiver: &Slot) -> Result<Slot> {
        self.error(format!(
            "can't evaluate field {name} in type {}",
            receiver.type_name()
        ))
    }
}
