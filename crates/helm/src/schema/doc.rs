//! JSON documents as the validator sees them: schemas, and values converted to the same form.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use engine::strconv;
use engine::value::{GoStr, Value};
#[cfg(feature = "schema")]
use engine::wire::Reader;
#[cfg(any(test, not(feature = "schema")))]
use engine::wire::Writer;

use super::decimal::Decimal;

/// An object, in the order of its keys; Go's order is random where it matters.
pub(crate) type Object = BTreeMap<GoStr, Doc>;

/// A JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Doc {
    Null,
    Bool(bool),
    Number(Number),
    String(GoStr),
    Array(Vec<Self>),
    Object(Object),
}

/// A number, as it was written or computed.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
    /// The text of a JSON document, kept so that no digit is lost.
    Text(GoStr),
}

impl Number {
    /// As `fmt.Sprint` prints it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::Float(number) => strconv::format_float(*number, 'g', None, 64),
            Self::Text(text) => text.to_string(),
        }
    }

    /// Its exact value; `None` for exponents that Go refuses, too.
    pub(crate) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Text(text) => Decimal::parse(text.as_bytes()),
            Self::Int(_) | Self::Float(_) => Decimal::parse(self.text().as_bytes()),
        }
    }
}

/// JSON's types; `Integer` is one only where a schema asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocType {
    Null = 1,
    Boolean = 2,
    Number = 4,
    Integer = 8,
    String = 16,
    Array = 32,
    Object = 64,
}

impl DocType {
    /// In the order in which messages list them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Null,
        Self::Boolean,
        Self::Number,
        Self::Integer,
        Self::String,
        Self::Array,
        Self::Object,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    pub(crate) fn from_name(name: &GoStr) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| name == ty.name())
    }
}

/// A set of types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) fn insert(&mut self, ty: DocType) {
        self.0 |= ty as u8;
    }

    pub(crate) fn contains(self, ty: DocType) -> bool {
        self.0 & ty as u8 != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn names(self) -> Vec<&'static str> {
        DocType::ALL
            .into_iter()
            .filter(|ty| self.contains(*ty))
            .map(DocType::name)
            .collect()
    }
}

impl Doc {
    pub(crate) fn ty(&self) -> DocType {
        match self {
            Self::Null => DocType::Null,
            Self::Bool(_) => DocType::Boolean,
            Self::Number(_) => DocType::Number,
            Self::String(_) => DocType::String,
            Self::Array(_) => DocType::Array,
            Self::Object(_) => DocType::Object,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn as_string(&self) -> Option<&GoStr> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member `name` of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name.as_bytes())
    }

    /// The values of a chart. `None` where they nest deeper than `depth`.
    pub(crate) fn from_value(value: &Value, depth: usize) -> Option<Self> {
        let inner = depth.checked_sub(1)?;
        Some(match value {
            Value::Nil | Value::Complex(..) | Value::Object(_) => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(_, number) => Self::Number(Number::Int(*number)),
            Value::Uint(_, number) => Self::Number(Number::Text(number.to_string().into())),
            Value::Float(number) => Self::Number(Number::Float(*number)),
            Value::Float32(number) => Self::Number(Number::Float(f64::from(*number))),
            Value::String(text) | Value::Bytes(text) => Self::String(text.clone()),
            Value::List(list) => Self::Array(
                list.iter()
                    .map(|item| Self::from_value(item, inner))
                    .collect::<Option<_>>()?,
            ),
            Value::Map(map) => {
                let mut object = Object::new();
                let mut too_deep = false;
                map.for_each(|key, value| match Self::from_value(value, inner) {
                    Some(value) => drop(object.insert(key.clone(), value)),
                    None => too_deep = true,
                });
                if too_deep {
                    return None;
                }
                Self::Object(object)
            }
        })
    }

    /// For another module.
    #[cfg(any(test, not(feature = "schema")))]
    pub(crate) fn write(&self, to: &mut Writer) {
        match self {
            Self::Null => to.byte(0),
            Self::Bool(truth) => {
                to.byte(1);
                to.byte(u8::from(*truth));
            }
            Self::Number(Number::Int(number)) => {
                to.byte(2);
                to.array(number.to_le_bytes());
            }
            Self::Number(Number::Float(number)) => {
                to.byte(3);
                to.array(number.to_le_bytes());
            }
            Self::Number(Number::Text(text)) => {
                to.byte(4);
                to.text(text.as_bytes());
            }
            Self::Array(items) => {
                to.byte(5);
                to.count(items.len());
                items.iter().for_each(|item| item.write(to));
            }
            Self::Object(object) => {
                to.byte(6);
                to.count(object.len());
                for (key, value) in object {
                    to.text(key.as_bytes());
                    value.write(to);
                }
            }
            Self::String(text) => {
                to.byte(7);
                to.text(text.as_bytes());
            }
        }
    }

    /// What `write` wrote. `None` also where it nests deeper than `depth`.
    #[cfg(feature = "schema")]
    pub(crate) fn read(from: &mut Reader<'_>, depth: usize) -> Option<Self> {
        let inner = depth.checked_sub(1)?;
        Some(match from.byte()? {
            0 => Self::Null,
            1 => Self::Bool(from.byte()? != 0),
            2 => Self::Number(Number::Int(i64::from_le_bytes(from.array()?))),
            3 => Self::Number(Number::Float(f64::from_le_bytes(from.array()?))),
            4 => Self::Number(Number::Text(from.text()?.into())),
            5 => Self::Array(
                (0..from.count()?)
                    .map(|_| Self::read(from, inner))
                    .collect::<Option<_>>()?,
            ),
            6 => Self::Object(
                (0..from.count()?)
                    .map(|_| Some((from.text()?.into(), Self::read(from, inner)?)))
                    .collect::<Option<_>>()?,
            ),
            7 => Self::String(from.text()?.into()),
            _ => return None,
        })
    }

    /// JSON Schema's equality: numbers by value, objects without order.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => match (a.decimal(), b.decimal()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
            (Self::Array(a), Self::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Self::Object(a), Self::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|((key, a), (other, b))| key == other && a.equals(b))
            }
            _ => false,
        }
    }

    /// Equal documents have equal hashes.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash_into(&mut hasher);
        hasher.finish()
    }

    fn hash_into(&self, hasher: &mut DefaultHasher) {
        (self.ty() as u8).hash(hasher);
        match self {
            Self::Null => {}
            Self::Bool(truth) => truth.hash(hasher),
            Self::Number(number) => number.decimal().hash(hasher),
            Self::String(text) => text.hash(hasher),
            Self::Array(items) => items.iter().for_each(|item| item.hash_into(hasher)),
            Self::Object(object) => object.iter().for_each(|(key, value)| {
                key.hash(hasher);
                value.hash_into(hasher);
            }),
        }
    }
}
