//! Go's `path/filepath.Match` on Unix: the pattern language of `.helmignore`.
//!
//! `*` and `?` stop at `/`, classes are `[a-z]` or `[^a-z]`, `\` escapes. Patterns and names are bytes, because Go
//! compares bytes outside classes and a file name need not be UTF-8.

/// The pattern is malformed. The text is Go's `filepath.ErrBadPattern`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub struct BadPattern;

/// Whether `pattern` matches the whole of `name`.
pub fn path_match(mut pattern: &[u8], mut name: &[u8]) -> Result<bool, BadPattern> {
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            // A trailing star takes the rest of the name unless it would cross a separator.
            return Ok(!name.contains(&b'/'));
        }
        if let Some(after) = match_chunk(chunk, name)?
            && (after.is_empty() || !pattern.is_empty())
        {
            name = after;
            continue;
        }
        if star {
            let mut tail = name;
            while let Some((first, next)) = tail.split_first() {
                if *first == b'/' {
                    break;
                }
                tail = next;
                let Some(after) = match_chunk(chunk, tail)? else {
                    continue;
                };
                // The last chunk has to use the name up.
                if pattern.is_empty() && !after.is_empty() {
                    continue;
                }
                name = after;
                continue 'pattern;
            }
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Splits off leading stars and the run of single-character operators behind them.
fn next_chunk(mut pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let mut star = false;
    while let Some((b'*', rest)) = pattern.split_first() {
        pattern = rest;
        star = true;
    }
    let mut in_class = false;
    let mut bytes = pattern.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => {
                let (chunk, rest) = pattern.split_at(at);
                return (star, chunk, rest);
            }
            _ => {}
        }
    }
    (star, pattern, &[])
}

/// Matches `chunk` at the start of `name` and returns what follows the match.
// After a mismatch the rest of the chunk is still parsed: Go reports a malformed pattern whatever the name.
fn match_chunk<'n>(mut chunk: &[u8], mut name: &'n [u8]) -> Result<Option<&'n [u8]>, BadPattern> {
    let mut failed = false;
    while let Some((&operator, rest)) = chunk.split_first() {
        failed = failed || name.is_empty();
        chunk = rest;
        match operator {
            b'[' => {
                let mut character = '\0';
                if !failed {
                    (character, name) = next_char(name);
                }
                let negated = chunk.first() == Some(&b'^');
                if negated {
                    chunk = chunk.get(1..).unwrap_or_default();
                }
                let (matched, rest) = match_class(chunk, character)?;
                chunk = rest;
                failed = failed || matched == negated;
            }
            b'?' => {
                if !failed {
                    failed = name.first() == Some(&b'/');
                    (_, name) = next_char(name);
                }
            }
            _ => {
                let mut literal = operator;
                if operator == b'\\' {
                    let (&escaped, rest) = chunk.split_first().ok_or(BadPattern)?;
                    literal = escaped;
                    chunk = rest;
                }
                if let (false, Some((&first, rest))) = (failed, name.split_first()) {
                    failed = literal != first;
                    name = rest;
                }
            }
        }
    }
    Ok((!failed).then_some(name))
}

/// Parses a class up to its `]` and says whether it holds `character`.
fn match_class(mut chunk: &[u8], character: char) -> Result<(bool, &[u8]), BadPattern> {
    let mut matched = false;
    let mut ranges = 0;
    loop {
        if ranges > 0
            && let Some((b']', rest)) = chunk.split_first()
        {
            return Ok((matched, rest));
        }
        let (low, rest) = class_char(chunk)?;
        let mut high = low;
        chunk = rest;
        if let Some((b'-', rest)) = chunk.split_first() {
            (high, chunk) = class_char(rest)?;
        }
        matched = matched || (low..=high).contains(&character);
        ranges += 1;
    }
}

/// One possibly escaped character of a class; something has to follow it, at least the `]`.
fn class_char(mut chunk: &[u8]) -> Result<(char, &[u8]), BadPattern> {
    match chunk.first() {
        None | Some(b'-' | b']') => return Err(BadPattern),
        Some(b'\\') => chunk = chunk.get(1..).unwrap_or_default(),
        Some(_) => {}
    }
    let (character, rest) = next_char(chunk);
    if next_char_is_invalid(chunk) || rest.is_empty() {
        return Err(BadPattern);
    }
    Ok((character, rest))
}

fn next_char_is_invalid(bytes: &[u8]) -> bool {
    bytes
        .utf8_chunks()
        .next()
        .is_none_or(|chunk| chunk.valid().is_empty())
}

/// The first character and what follows; a byte that is no UTF-8 counts as U+FFFD, one byte long.
fn next_char(bytes: &[u8]) -> (char, &[u8]) {
    let character = bytes
        .utf8_chunks()
        .next()
        .and_then(|chunk| chunk.valid().chars().next())
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let invalid = next_char_is_invalid(bytes);
    let length = if invalid { 1 } else { character.len_utf8() };
    (character, bytes.get(length..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, want) in [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[e-g]", "abc", Ok(false)),
            ("ab[^e-g]", "abc", Ok(true)),
            ("a\\*b", "a*b", Ok(true)),
            ("a[^a][^a][^a]b", "a☺b", Ok(false)),
            ("[a-ζ]*", "α", Ok(true)),
            ("*[a-ζ]", "A", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[\\-x]", "x", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("[x-]", "x", Err(BadPattern)),
            ("[a-b-c]", "a", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("a[", "x", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("\\", "a", Err(BadPattern)),
            ("", "", Ok(true)),
        ] {
            assert_eq!(
                path_match(pattern.as_bytes(), name.as_bytes()),
                want,
                "{pattern} ~ {name}"
            );
        }
    }
}
