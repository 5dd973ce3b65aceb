//! Path patterns as `.Files.Glob` takes them: gobwas/glob with `/` as separator.
//!
//! Not Go's `path.Match`, which `.helmignore` uses. In a [`Glob`], `*` and `?` stop at `/`, `**` does not, `{a,b}` are alternatives, `[a-z]`, `[abc]` and `[!abc]` sets.

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Glob {
    nodes: Vec<Node>,
}

/// Why a text is not a pattern, in the Go library's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// A character that is not one.
    #[error("could not read rune")]
    Rune,
    /// `[a`
    #[error("unexpected end of input")]
    UnexpectedEnd,
    /// `[a-zx]`
    #[error("expected close range character")]
    UnclosedRange,
    /// `[z-a]`
    #[error("hi character '{high}' should be greater than lo '{low}'")]
    EmptyRange {
        /// The start of the range.
        low: char,
        /// Its end.
        high: char,
    },
    /// `[]`
    #[error("could not parse range")]
    BadRange,
    /// Alternatives in alternatives in alternatives.
    #[error("alternatives nest deeper than {MAX_DEPTH}")]
    TooDeep,
}

/// Nesting of `{…}`; the Go library has no limit.
const MAX_DEPTH: usize = 100;

#[derive(Debug, Clone)]
enum Node {
    Char(char),
    /// `?`
    Single,
    /// `*`
    Any,
    /// `**`
    Super,
    Set {
        ranges: Vec<(char, char)>,
        negative: bool,
    },
    Alternatives(Vec<Vec<Self>>),
}

impl Glob {
    /// Compiles `pattern`.
    pub fn compile(pattern: &str) -> Result<Self, GlobError> {
        let mut reader = Reader { rest: pattern };
        let nodes = reader.read_pattern(0)?;
        Ok(Self { nodes })
    }

    /// Whether the pattern matches all of `path`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        // Most patterns begin with a directory's name, in which most paths do not lie.
        let literal = self.nodes.iter().map_while(|node| match node {
            Node::Char(c) => Some(*c),
            _ => None,
        });
        let mut given = path.chars();
        if !literal.into_iter().all(|c| given.next() == Some(c)) {
            return false;
        }
        let chars: Vec<char> = path.chars().collect();
        let mut positions = vec![false; chars.len() + 1];
        if let Some(start) = positions.first_mut() {
            *start = true;
        }
        advance(&self.nodes, &chars, positions)
            .last()
            .copied()
            .unwrap_or(false)
    }
}

/// The positions in `chars` that `nodes` can reach from the given ones.
///
/// Sets of positions instead of backtracking: no pattern takes more than its length times the text's.
fn advance(nodes: &[Node], chars: &[char], mut positions: Vec<bool>) -> Vec<bool> {
    for node in nodes {
        positions = match node {
            Node::Char(c) => step(chars, &positions, |other| other == *c),
            Node::Single => step(chars, &positions, |other| other != '/'),
            Node::Set { ranges, negative } => step(chars, &positions, |other| {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&other)) != *negative
            }),
            Node::Any => spread(chars, &positions, |other| other != '/'),
            Node::Super => spread(chars, &positions, |_| true),
            Node::Alternatives(alternatives) => {
                let mut reached = vec![false; positions.len()];
                for alternative in alternatives {
                    for (to, from) in reached
                        .iter_mut()
                        .zip(advance(alternative, chars, positions.clone()))
                    {
                        *to |= from;
                    }
                }
                reached
            }
        };
    }
    positions
}

/// Moves each position over one accepted character.
fn step(chars: &[char], positions: &[bool], accept: impl Fn(char) -> bool) -> Vec<bool> {
    let moved = positions.iter().zip(chars).map(|(here, c)| *here && accept(*c));
    std::iter::once(false).chain(moved).collect()
}

/// Moves each position over any number of accepted characters.
fn spread(chars: &[char], positions: &[bool], accept: impl Fn(char) -> bool) -> Vec<bool> {
    let mut reached = false;
    let mut previous = None;
    positions
        .iter()
        .enumerate()
        .map(|(index, here)| {
            reached = *here || (reached && previous.is_some_and(&accept));
            previous = chars.get(index).copied();
            reached
        })
        .collect()
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Option<char>, GlobError> {
        let mut chars = self.rest.chars();
        match chars.next() {
            // Go's lexer takes a NUL for the end.
            None | Some('\0') => Ok(None),
            Some(char::REPLACEMENT_CHARACTER) => Err(GlobError::Rune),
            Some(c) => {
                self.rest = chars.as_str();
                Ok(Some(c))
            }
        }
    }

    /// Reads up to the end, or, inside of `{…}`, up to a `,` or `}` that is left unread.
    fn read_pattern(&mut self, depth: usize) -> Result<Vec<Node>, GlobError> {
        if depth > MAX_DEPTH {
            return Err(GlobError::TooDeep);
        }
        let mut nodes = Vec::new();
        loop {
            let before = self.rest;
            let Some(c) = self.next()? else { return Ok(nodes) };
            match c {
                ',' | '}' if depth > 0 => {
                    self.rest = before;
                    return Ok(nodes);
                }
                '{' => nodes.push(Node::Alternatives(self.read_alternatives(depth + 1)?)),
                '[' => nodes.push(self.read_set()?),
                '?' => nodes.push(Node::Single),
                '*' => match self.rest.strip_prefix('*') {
                    Some(rest) => {
                        self.rest = rest;
                        nodes.push(Node::Super);
                    }
                    None => nodes.push(Node::Any),
                },
                '\\' => {
                    // A backslash at the very end means nothing.
                    if let Some(c) = self.next()? {
                        nodes.push(Node::Char(c));
                    }
                }
                other => nodes.push(Node::Char(other)),
            }
        }
    }

    fn read_alternatives(&mut self, depth: usize) -> Result<Vec<Vec<Node>>, GlobError> {
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.read_pattern(depth)?);
            // What ends a pattern is a comma, the brace, or the end, where the brace may be missing.
            if self.next()? != Some(',') {
                return Ok(alternatives);
            }
        }
    }

    fn read_set(&mut self) -> Result<Node, GlobError> {
        let rest = self.rest.strip_prefix('!');
        let negative = rest.is_some();
        self.rest = rest.unwrap_or(self.rest);
        let start = self.rest;
        let low = self.next()?.ok_or(GlobError::UnexpectedEnd)?;
        if let Some(rest) = self.rest.strip_prefix('-') {
            self.rest = rest;
            let high = self.next()?.ok_or(GlobError::UnexpectedEnd)?;
            match self.next()? {
                None => return Err(GlobError::UnexpectedEnd),
                Some(']') => {}
                Some(_) => return Err(GlobError::UnclosedRange),
            }
            if high < low {
                return Err(GlobError::EmptyRange { low, high });
            }
            return Ok(Node::Set {
                ranges: vec![(low, high)],
                negative,
            });
        }
        self.rest = start;
        let mut ranges = Vec::new();
        let mut escaped = false;
        loop {
            let c = self.next()?.ok_or(GlobError::UnexpectedEnd)?;
            match c {
                '\\' if !escaped => escaped = true,
                ']' if !escaped => break,
                c => {
                    escaped = false;
                    ranges.push((c, c));
                }
            }
        }
        if ranges.is_empty() {
            return Err(GlobError::BadRange);
        }
        Ok(Node::Set { ranges, negative })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stop_at_slashes() {
        for (pattern, path, matches) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "dir/a.yaml", false),
            ("**.yaml", "dir/a.yaml", true),
            ("**/*.yaml", "a.yaml", false),
            ("files/{a,b*}.txt", "files/bcd.txt", true),
            ("files/{a,b*}.txt", "files/c.txt", false),
            ("{a", "a", true),
            ("a?c", "a/c", false),
            ("[!/]x", "ax", true),
            ("[!a]", "/", true),
            (r"\*", "*", true),
            (r"[\]a]", "]", true),
            ("", "", true),
            ("a}", "a}", true),
        ] {
            let glob = Glob::compile(pattern).expect(pattern);
            assert_eq!(glob.matches(path), matches, "{pattern} {path}");
        }
    }

    #[test]
    fn bad_patterns_are_refused() {
        for (pattern, message) in [
            ("[a", "unexpected end of input"),
            ("[]", "could not parse range"),
            ("[a-zx]", "expected close range character"),
            ("[z-a]", "hi character 'a' should be greater than lo 'z'"),
        ] {
            assert_eq!(Glob::compile(pattern).expect_err(pattern).to_string(), message);
        }
    }
}
