//! Strings: sprig's `trim`, `trunc`, `upper` and relatives. What they compute is in [`crate::words`].

use std::collections::HashSet;

use super::argtypes::{Int, RetType, Strings, Variadic};
use super::cast::{strslice, strval};
use super::lists::StringList;
use super::{Builtin, func};
use crate::context::Context;
use crate::error::FnError;
use crate::fmt::sprint_value;
use crate::strconv;
use crate::value::{GoStr, Map, Type, Value};
use crate::words;

pub(crate) const FUNCS: &[Builtin] = &[
    // Cutting and padding
    func!("abbrev", abbrev),
    func!("abbrevboth", abbrevboth),
    func!("trunc", trunc),
    func!("substr", substr),
    func!("trim", trim),
    func!("trimAll", trim_all),
    func!("trimall", trim_all),
    func!("trimPrefix", trim_prefix),
    func!("trimSuffix", trim_suffix),
    func!("nospace", nospace),
    func!("repeat", repeat),
    func!("indent", indent),
    func!("nindent", nindent),
    func!("wrap", wrap),
    func!("wrapWith", wrap_with),
    // Case
    func!("upper", upper),
    func!("lower", lower),
    func!("title", title),
    func!("untitle", untitle),
    func!("swapcase", swapcase),
    func!("camelcase", camelcase),
    func!("kebabcase", kebabcase),
    func!("snakecase", snakecase),
    func!("initials", initials),
    // Looking and replacing
    func!("contains", contains),
    func!("hasPrefix", has_prefix),
    func!("hasSuffix", has_suffix),
    func!("replace", replace),
    func!("plural", plural),
    // Quoting and joining
    func!("quote", quote).walks(),
    func!("squote", squote).walks(),
    func!("cat", cat).walks(),
    func!("join", join).walks(),
    func!("toString", to_string).walks(),
    func!("toStrings", to_strings).walks(),
    // Splitting
    func!("split", split),
    func!("splitn", splitn),
    func!("splitList", split_list),
    func!("hello", hello),
];

/// Shortens `s` to `width` bytes, the last three being dots.
fn abbrev(width: Int, s: GoStr) -> GoStr {
    if width.0 < 4 {
        s
    } else {
        words::abbreviate(s.as_bytes(), 0, width.0).into()
    }
}

/// Shortens `s` to `right` bytes around the byte `left`, with dots at the ends that were cut.
fn abbrevboth(left: Int, right: Int, s: GoStr) -> GoStr {
    if right.0 < 4 || (left.0 > 0 && right.0 < 7) {
        return s;
    }
    words::abbreviate(s.as_bytes(), left.0, right.0).into()
}

/// Cuts `s` to its first `n` bytes, or its last `-n` when `n` is negative.
// Bytes, not characters, as sprig slices a Go string: it may split a code point, and templates rely on the
// length (63-byte labels).
fn trunc(n: Int, s: GoStr) -> GoStr {
    let wanted = usize::try_from(n.0.unsigned_abs()).unwrap_or(usize::MAX);
    if s.len() <= wanted {
        s
    } else if n.0 < 0 {
        s.slice(s.len() - wanted, s.len())
    } else {
        s.slice(0, wanted)
    }
}

/// The bytes from `start` to `end`; a negative `start` is 0, a negative or too large `end` the length.
fn substr(start: Int, end: Int, s: GoStr) -> Result<GoStr, FnError> {
    let length = i64::try_from(s.len()).unwrap_or(i64::MAX);
    let out_of_range =
        |range: String| FnError::new(format!("runtime error: slice bounds out of range {range}"));
    let (start, end) = if start.0 < 0 {
        // Sprig slices without looking at `end` here.
        if end.0 < 0 {
            return Err(out_of_range(format!("[:{}]", end.0)));
        }
        if end.0 > length {
            return Err(out_of_range(format!("[:{}] with length {length}", end.0)));
        }
        (0, end.0)
    } else if end.0 < 0 || end.0 > length {
        (start.0, length)
    } else {
        (start.0, end.0)
    };
    if start > end {
        return Err(out_of_range(format!("[{start}:{end}]")));
    }
    Ok(s.slice(
        usize::try_from(start).unwrap_or(0),
        usize::try_from(end).unwrap_or(0),
    ))
}

/// Removes white space from both ends.
fn trim(s: GoStr) -> GoStr {
    trimmed(&s, char::is_whitespace)
}

/// Removes the characters of `cutset` from both ends.
fn trim_all(cutset: GoStr, s: GoStr) -> GoStr {
    // A set: both texts may be megabytes.
    let cutset: HashSet<char> = words::runes(cutset.as_bytes()).collect();
    trimmed(&s, |rune| cutset.contains(&rune))
}

fn trimmed(s: &GoStr, remove: impl Fn(char) -> bool) -> GoStr {
    let kept = words::trim(s.as_bytes(), remove);
    if kept.len() == s.len() {
        s.clone()
    } else {
        kept.into()
    }
}

/// Removes `prefix` once.
fn trim_prefix(prefix: GoStr, s: GoStr) -> GoStr {
    s.as_bytes()
        .strip_prefix(prefix.as_bytes())
        .map_or_else(|| s.clone(), GoStr::from)
}

/// Removes `suffix` once.
fn trim_suffix(suffix: GoStr, s: GoStr) -> GoStr {
    s.as_bytes()
        .strip_suffix(suffix.as_bytes())
        .map_or_else(|| s.clone(), GoStr::from)
}

/// Removes all white space.
fn nospace(s: GoStr) -> GoStr {
    words::delete_space(s.as_bytes()).into()
}

/// `n` copies of `s`.
fn repeat(context: &mut Context<'_>, n: Int, s: GoStr) -> Result<GoStr, FnError> {
    let Ok(n) = usize::try_from(n.0) else {
        return Err("strings: negative Repeat count".into());
    };
    if s.is_empty() {
        return Ok(s);
    }
    context.budget().string(s.len().saturating_mul(n))?;
    Ok(s.as_bytes().repeat(n).into())
}

/// Puts `spaces` spaces before each line.
fn indent(context: &mut Context<'_>, spaces: Int, s: GoStr) -> Result<GoStr, FnError> {
    indented(context, spaces, &s, b"")
}

/// A line break, then `indent`.
fn nindent(context: &mut Context<'_>, spaces: Int, s: GoStr) -> Result<GoStr, FnError> {
    indented(context, spaces, &s, b"\n")
}

fn indented(context: &mut Context<'_>, spaces: Int, s: &GoStr, before: &[u8]) -> Result<GoStr, FnError> {
    let Ok(spaces) = usize::try_from(spaces.0) else {
        return Err("strings: negative Repeat count".into());
    };
    let bytes = s.as_bytes();
    let lines = memchr::memchr_iter(b'\n', bytes).count() + 1;
    let length = spaces
        .saturating_mul(lines)
        .saturating_add(bytes.len() + before.len());
    context.budget().string(length)?;
    let mut text = Vec::with_capacity(length);
    text.extend_from_slice(before);
    let mut done = 0;
    for line_end in memchr::memchr_iter(b'\n', bytes)
        .map(|at| at + 1)
        .chain([bytes.len()])
    {
        text.resize(text.len() + spaces, b' ');
        text.extend_from_slice(bytes.get(done..line_end).unwrap_or_default());
        done = line_end;
    }
    Ok(text.into())
}

/// Breaks `s` into lines of at most `width` bytes; longer words stick out.
fn wrap(context: &mut Context<'_>, width: Int, s: GoStr) -> Result<GoStr, FnError> {
    context.budget().string(s.len())?;
    Ok(words::wrap(s.as_bytes(), width.0, b"", false).into())
}

/// Breaks `s` into pieces of at most `width` bytes with `line_end` between; longer words are broken.
fn wrap_with(context: &mut Context<'_>, width: Int, line_end: GoStr, s: GoStr) -> Result<GoStr, FnError> {
    let lines = s.len() / usize::try_from(width.0).unwrap_or(0).max(1) + 1;
    context.budget().string(
        s.len()
            .saturating_add(lines.saturating_mul(2 * line_end.len().max(1))),
    )?;
    Ok(words::wrap(s.as_bytes(), width.0, line_end.as_bytes(), true).into())
}

/// All letters in upper case.
fn upper(s: GoStr) -> GoStr {
    words::upper(s.as_bytes()).into()
}

/// All letters in lower case.
fn lower(s: GoStr) -> GoStr {
    words::lower(s.as_bytes()).into()
}

/// The first letter of each word in title case.
fn title(s: GoStr) -> GoStr {
    words::title(s.as_bytes()).into()
}

/// The first letter of each word in lower case.
fn untitle(s: GoStr) -> GoStr {
    words::uncapitalize(s.as_bytes()).into()
}

/// Upper case to lower and back.
fn swapcase(s: GoStr) -> GoStr {
    words::swap_case(s.as_bytes()).into()
}

/// `http_server` to `HttpServer`.
fn camelcase(s: GoStr) -> GoStr {
    words::to_pascal_case(s.as_bytes()).into()
}

/// `HTTPServer` to `http-server`.
fn kebabcase(s: GoStr) -> GoStr {
    words::to_kebab_case(s.as_bytes()).into()
}

/// `HTTPServer` to `http_server`.
fn snakecase(s: GoStr) -> GoStr {
    words::to_snake_case(s.as_bytes()).into()
}

/// The first letter of each word.
fn initials(s: GoStr) -> GoStr {
    words::initials(s.as_bytes()).into()
}

/// Whether `s` contains `part`.
fn contains(part: GoStr, s: GoStr) -> bool {
    words::find(s.as_bytes(), part.as_bytes()).is_some()
}

/// Whether `s` starts with `prefix`.
fn has_prefix(prefix: GoStr, s: GoStr) -> bool {
    s.as_bytes().starts_with(prefix.as_bytes())
}

/// Whether `s` ends with `suffix`.
fn has_suffix(suffix: GoStr, s: GoStr) -> bool {
    s.as_bytes().ends_with(suffix.as_bytes())
}

/// `s` with each `old` replaced by `new`.
fn replace(context: &mut Context<'_>, old: GoStr, new: GoStr, s: GoStr) -> Result<GoStr, FnError> {
    let length = if new.len() <= old.len() {
        s.len()
    } else {
        let n_found = words::count(s.as_bytes(), old.as_bytes());
        if n_found == 0 {
            return Ok(s);
        }
        s.len()
            .saturating_add(n_found.saturating_mul(new.len() - old.len()))
    };
    context.budget().string(length)?;
    Ok(words::replace(s.as_bytes(), old.as_bytes(), new.as_bytes()).into())
}

/// `one` if `count` is 1, else `many`.
fn plural(one: GoStr, many: GoStr, count: Int) -> GoStr {
    if count.0 == 1 { one } else { many }
}

/// Each value that is not nil in double quotes, escaped as in Go, with spaces between.
fn quote(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    join_some(context, values, |value, text| {
        text.extend_from_slice(strconv::quote(strval(value).as_bytes()).as_bytes());
    })
}

/// Each value that is not nil in single quotes, with spaces between.
fn squote(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    join_some(context, values, |value, text| {
        text.push(b'\'');
        text.extend_from_slice(sprint_value(value).as_bytes());
        text.push(b'\'');
    })
}

/// The values that are not nil, with spaces between.
fn cat(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    join_some(context, values, |value, text| {
        text.extend_from_slice(sprint_value(value).as_bytes());
    })
}

fn join_some(
    context: &mut Context<'_>,
    values: Variadic<Value>,
    mut append: impl FnMut(&Value, &mut Vec<u8>),
) -> Result<GoStr, FnError> {
    let mut text = Vec::new();
    for (index, value) in values
        .0
        .iter()
        .filter(|value| !matches!(value, Value::Nil))
        .enumerate()
    {
        if index > 0 {
            text.push(b' ');
        }
        append(value, &mut text);
    }
    context.budget().string(text.len())?;
    Ok(text.into())
}

/// The elements of a list as strings, with `separator` between.
fn join(context: &mut Context<'_>, separator: GoStr, list: Value) -> Result<GoStr, FnError> {
    let pieces = strslice(&list);
    let separators = separator.len().saturating_mul(pieces.len().saturating_sub(1));
    context.budget().string(
        pieces
            .iter()
            .map(GoStr::len)
            .sum::<usize>()
            .saturating_add(separators),
    )?;
    let pieces: Vec<&[u8]> = pieces.iter().map(GoStr::as_bytes).collect();
    Ok(pieces.join(separator.as_bytes()).into())
}

/// Any value as a string.
fn to_string(value: Value) -> GoStr {
    strval(&value)
}

/// The elements of a list as strings, or the value as the only one.
fn to_strings(list: Value) -> StringList {
    StringList::from_value(&list)
}

/// A `map[string]string` result.
struct StringMap(Map);

impl RetType for StringMap {
    const TYPE: Type = Type::STRING_MAP;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::Map(self.0))
    }
}

/// The pieces of `s` between `separator`s as a map with keys `_0`, `_1`, …
fn split(context: &mut Context<'_>, separator: GoStr, s: GoStr) -> Result<StringMap, FnError> {
    numbered_pieces(context, &separator, -1, &s)
}

/// Like `split`, with at most `n` pieces.
fn splitn(context: &mut Context<'_>, separator: GoStr, n: Int, s: GoStr) -> Result<StringMap, FnError> {
    numbered_pieces(context, &separator, n.0, &s)
}

fn numbered_pieces(
    context: &mut Context<'_>,
    separator: &GoStr,
    n: i64,
    s: &GoStr,
) -> Result<StringMap, FnError> {
    let pieces = words::split(s.as_bytes(), separator.as_bytes(), n);
    context.budget().list(pieces.len())?;
    let map = Map::typed(Type::STRING_MAP);
    for (index, piece) in pieces.into_iter().enumerate() {
        map.insert(format!("_{index}"), GoStr::from(piece));
    }
    Ok(StringMap(map))
}

/// The pieces of `s` between `separator`s as a list.
fn split_list(context: &mut Context<'_>, separator: GoStr, s: GoStr) -> Result<Strings, FnError> {
    let pieces = words::split(s.as_bytes(), separator.as_bytes(), -1);
    context.budget().list(pieces.len())?;
    Ok(Strings(pieces.into_iter().map(GoStr::from).collect()))
}

/// A greeting.
fn hello() -> GoStr {
    GoStr::from_static("Hello!")
}
