//! Where in the values something is: keys and list indices, and how they are written.
//!
//! The written form is that of `--set`: `a.b[0].c`, with a backslash before a dot, bracket, comma, equals sign or
//! backslash that belongs to a key. A path says nothing about whether anything is there; a [`crate::Document`] does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One step down: into a mapping or into a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Segment {
    /// An index in a list, from 0.
    Index(usize),
    /// A key of a mapping, as Helm reads it: `1` and `"1"` are the same key.
    Key(String),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Segment {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// The way from the top of the values to one of them; empty for the top itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Path(Vec<Segment>);

/// A written path that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// `a..b`, `.a` or `a.`.
    #[error("a key between two dots is missing at byte {offset}")]
    EmptyKey {
        /// Where the key should begin.
        offset: usize,
    },
    /// `a[x]`, `a[` or `a[0]b`.
    #[error("what stands in or behind the brackets at byte {offset} is no list index")]
    Index {
        /// Where the bracket opens.
        offset: usize,
    },
}

impl Path {
    /// The top of the values.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of keys only.
    pub fn of_keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        keys.into_iter().map(|key| Segment::Key(key.into())).collect()
    }

    /// The steps, from the top.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether it is the top of the values.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// This path and one step more.
    #[must_use]
    pub fn join(&self, segment: impl Into<Segment>) -> Self {
        let mut longer = self.clone();
        longer.0.push(segment.into());
        longer
    }

    /// This path and all steps of another.
    #[must_use]
    pub fn concat(&self, below: &Self) -> Self {
        self.0.iter().chain(&below.0).cloned().collect()
    }

    /// The path without its last step, and that step; `None` for the top.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, &Segment)> {
        let (last, parents) = self.0.split_last()?;
        Some((Self(parents.to_vec()), last))
    }

    /// The path without its last step.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.split_last().map(|(parent, _)| parent)
    }

    /// The last step, if it is a key.
    #[must_use]
    pub fn last_key(&self) -> Option<&str> {
        match self.0.last() {
            Some(Segment::Key(key)) => Some(key),
            _ => None,
        }
    }

    /// The first `n` steps, or all if there are fewer.
    #[must_use]
    pub fn prefix(&self, n: usize) -> Self {
        self.0.iter().take(n).cloned().collect()
    }

    /// The path from `above` to this one; `None` if this one is not below it.
    #[must_use]
    pub fn strip_prefix(&self, above: &Self) -> Option<Self> {
        self.0
            .strip_prefix(above.0.as_slice())
            .map(|rest| Self(rest.to_vec()))
    }

    /// Whether this is `above` or lies below it.
    #[must_use]
    pub fn starts_with(&self, above: &Self) -> bool {
        self.0.starts_with(&above.0)
    }
}

impl FromIterator<Segment> for Path {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    for character in key.chars() {
                        if matches!(character, '.' | '[' | ']' | ',' | '=' | '\\') {
                            f.write_str("\\")?;
                        }
                        write!(f, "{character}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut path = Self::default();
        let mut characters = text.char_indices().peekable();
        while let Some(&(offset, first)) = characters.peek() {
            if first == '[' {
                characters.next();
                path.0.push(Segment::Index(index(&mut characters, offset)?));
            } else {
                if first == '.' && !path.is_root() {
                    characters.next();
                }
                path.0.push(Segment::Key(key(&mut characters, offset)?));
            }
            match characters.peek() {
                None | Some((_, '.' | '[')) => {}
                Some(_) => return Err(PathError::Index { offset }),
            }
        }
        Ok(path)
    }
}

type Characters<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

fn key(characters: &mut Characters<'_>, offset: usize) -> Result<String, PathError> {
    let mut key = String::new();
    while let Some((_, character)) = characters.next_if(|(_, c)| !matches!(c, '.' | '[')) {
        match character {
            '\\' => key.extend(characters.next().map(|(_, escaped)| escaped)),
            other => key.push(other),
        }
    }
    if key.is_empty() {
        return Err(PathError::EmptyKey { offset });
    }
    Ok(key)
}

/// What follows an opening bracket.
fn index(characters: &mut Characters<'_>, offset: usize) -> Result<usize, PathError> {
    let mut digits = String::new();
    for (_, character) in characters.by_ref() {
        if character == ']' {
            return digits.parse().map_err(|_| PathError::Index { offset });
        }
        digits.push(character);
    }
    Err(PathError::Index { offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_set_takes_them() {
        let path = Path::root()
            .join("controller")
            .join("extraArgs")
            .join(2)
            .join("app.kubernetes.io/name");
        assert_eq!(
            path.to_string(),
            r"controller.extraArgs[2].app\.kubernetes\.io/name"
        );
        assert_eq!(path.to_string().parse(), Ok(path));
        assert_eq!("".parse(), Ok(Path::root()));
        assert_eq!("a[0][1]".parse(), Ok(Path::root().join("a").join(0).join(1)));
    }

    #[test]
    fn paths_that_are_none_are_refused() {
        assert_eq!("a..b".parse::<Path>(), Err(PathError::EmptyKey { offset: 1 }));
        assert_eq!("a.".parse::<Path>(), Err(PathError::EmptyKey { offset: 1 }));
        assert_eq!("a[x]".parse::<Path>(), Err(PathError::Index { offset: 1 }));
        assert_eq!("a[1".parse::<Path>(), Err(PathError::Index { offset: 1 }));
        assert_eq!("a[1]b".parse::<Path>(), Err(PathError::Index { offset: 1 }));
    }

    #[test]
    fn as_json_a_path_is_a_list_of_keys_and_numbers() {
        let path = Path::root().join("a").join(1).join("1");
        let json = serde_json::to_string(&path).unwrap();
        assert_eq!(json, r#"["a",1,"1"]"#);
        assert_eq!(serde_json::from_str::<Path>(&json).unwrap(), path);
    }
}
