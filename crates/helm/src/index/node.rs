//! The tree of one entry, whichever format it came in. Entries are small and gone as soon as they are read; the
//! document as a whole never becomes a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value. Map keys keep their order, and a key may occur twice: the last one counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    /// `bare` is a JSON number or boolean, or a plain scalar of YAML: text that may stand for something else.
    Scalar {
        text: Cow<'a, str>,
        bare: bool,
    },
    List(Vec<Self>),
    Map(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Node<'a> {
    pub(super) fn bare(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Scalar {
            text: text.into(),
            bare: true,
        }
    }

    pub(super) fn quoted(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Scalar {
            text: text.into(),
            bare: false,
        }
    }

    /// The text a Go `string` field gets: what a plain YAML scalar resolves to, printed again.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Scalar { text, bare: true } => Some(resolved(text)),
            Self::Scalar { text, .. } => Some(Cow::Borrowed(text)),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    pub(super) fn is_true(&self) -> bool {
        self.text().is_some_and(|text| text == "true")
    }

    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Scalar { .. } | Self::Map(_) => &[],
        }
    }

    pub(super) fn fields(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Map(fields) => fields,
            Self::Null | Self::Scalar { .. } | Self::List(_) => &[],
        }
    }

    pub(super) fn into_owned(self) -> Node<'static> {
        match self {
            Self::Null => Node::Null,
            Self::Scalar { text, bare } => Node::Scalar {
                text: Cow::Owned(text.into_owned()),
                bare,
            },
            Self::List(items) => Node::List(items.into_iter().map(Node::into_owned).collect()),
            Self::Map(fields) => Node::Map(
                fields
                    .into_iter()
                    .map(|(key, value)| (Cow::Owned(key.into_owned()), value.into_owned()))
                    .collect(),
            ),
        }
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Scalar { text, bare: true } => match resolved(text).as_ref() {
                "true" => true.into(),
                "false" => false.into(),
                other => serde_json::from_str::<serde_json::Number>(other)
                    .map_or_else(|_| other.into(), serde_json::Value::Number),
            },
            Self::Scalar { text, .. } => text.as_ref().into(),
            Self::List(items) => items.iter().map(Node::to_json).collect(),
            Self::Map(fields) => fields
                .iter()
                .map(|(key, value)| (key.clone().into_owned(), value.to_json()))
                .collect(),
        }
    }
}

/// What a bare scalar becomes in a string field: `yes` is a boolean and prints as `true`; `1.10` is a number and
/// prints as `1.1`. Forms that no chart has (octal, hexadecimal, exponents) stay as they are.
pub(super) fn resolved(text: &str) -> Cow<'_, str> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => {
            return "true".into();
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            return "false".into();
        }
        _ => {}
    }
    let is_float = text.ends_with('0')
        && text.contains('.')
        && text.split('.').count() == 2
        && text
            .split('.')
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        && text.len() > 1;
    if is_float {
        let short = text.trim_end_matches('0').trim_end_matches('.');
        return if short.is_empty() || short.starts_with('.') {
            format!("0{short}").into()
        } else {
            short.into()
        };
    }
    text.into()
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Node::bare(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Node::bare(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Node::bare(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Node::bare(value.to_string()))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Node::quoted(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Node::quoted(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Self::Value, E> {
        Ok(Node::quoted(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            fields.push((key.0, map.next_value()?));
        }
        Ok(Node::Map(fields))
    }
}

/// A key, borrowed where it has no escapes (serde's own `Cow` never borrows).
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Key(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Key(value.to_owned().into()))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_scalars_print_as_they_resolve() {
        let rows = [
            ("1.10", "1.1"),
            ("1.0", "1"),
            ("0.50", "0.5"),
            (".50", "0.5"),
            ("10", "10"),
            ("1.2.30", "1.2.30"),
            ("yes", "true"),
            ("Off", "false"),
            ("latest", "latest"),
            ("1.", "1."),
            ("0.0", "0"),
            ("v1.0", "v1.0"),
        ];
        for (text, want) in rows {
            assert_eq!(resolved(text), want, "{text}");
        }
    }

    #[test]
    fn json_becomes_a_tree() {
        let node: Node<'_> = serde_json::from_str(r#"{"a": [1, "x\n", null, true], "b": {}}"#).expect("json");
        let list = Node::List(vec![
            Node::bare("1"),
            Node::quoted("x\n"),
            Node::Null,
            Node::bare("true"),
        ]);
        assert_eq!(
            node,
            Node::Map(vec![("a".into(), list), ("b".into(), Node::Map(vec![]))])
        );
    }
}
