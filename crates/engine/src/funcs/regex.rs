//! Regular expressions: sprig's `regexMatch`, `regexReplaceAll` and relatives, with Go's syntax ([`crate::regexp`]).

use std::sync::Arc;

use super::argtypes::Int;
use super::cache::{Cache, MAX_KEPT_ENTRIES};
use super::lists::StringList;
use super::{Builtin, func};
use crate::caches::Keep;
use crate::context::Context;
use crate::error::FnError;
use crate::regexp::{self, Regex, RegexError, must_compile_message};
use crate::value::{GoStr, List, Type, Value};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("regexMatch", regex_match),
    func!("mustRegexMatch", must_regex_match),
    func!("regexFind", regex_find),
    func!("mustRegexFind", must_regex_find),
    func!("regexFindAll", regex_find_all),
    func!("mustRegexFindAll", must_regex_find_all),
    func!("regexReplaceAll", regex_replace_all),
    func!("mustRegexReplaceAll", must_regex_replace_all),
    func!("regexReplaceAllLiteral", regex_replace_all_literal),
    func!("mustRegexReplaceAllLiteral", must_regex_replace_all_literal),
    func!("regexSplit", regex_split),
    func!("mustRegexSplit", must_regex_split),
    func!("regexQuoteMeta", regex_quote_meta),
];

/// Expressions already compiled; those that are wrong too.
#[derive(Default)]
struct Regexes(Cache<Result<Arc<Regex>, RegexError>>);

/// Bytes of compiled expressions that are kept from render to render.
const MAX_KEPT_BYTES: usize = 2 << 20;

impl Keep for Regexes {
    fn is_small(&self) -> bool {
        let bytes: usize = self.0.values().flatten().map(|regex| regex.memory_usage()).sum();
        self.0.values().len() <= MAX_KEPT_ENTRIES && bytes <= MAX_KEPT_BYTES
    }
}

/// Steps per kilobyte of text searched: matching is linear, but not free.
const STEPS_PER_KILOBYTE: u64 = 10;

fn compile(
    context: &mut Context<'_>,
    pattern: &GoStr,
    text: &GoStr,
) -> Result<Result<Arc<Regex>, RegexError>, FnError> {
    context.budget().regex(pattern.as_bytes())?;
    context
        .budget()
        .steps(text.len() as u64 / 1024 * STEPS_PER_KILOBYTE)?;
    let regexes = &mut context.cache::<Regexes>().0;
    Ok(regexes
        .get_or_make(pattern, |pattern| {
            Regex::compile(pattern.as_bytes()).map(Arc::new)
        })
        .clone())
}

/// Compiles as the `must` functions do, which return the error.
fn compiled(context: &mut Context<'_>, pattern: &GoStr, text: &GoStr) -> Result<Arc<Regex>, FnError> {
    compile(context, pattern, text)?.map_err(|error| FnError::new(error.to_string()))
}

/// Compiles as the others do, which panic with a longer text.
fn compiled_or_panic(
    context: &mut Context<'_>,
    pattern: &GoStr,
    text: &GoStr,
) -> Result<Arc<Regex>, FnError> {
    compile(context, pattern, text)?
        .map_err(|error| FnError::new(must_compile_message(pattern.as_bytes(), &error)))
}

/// Whether the text contains a match; false if the expression is wrong.
fn regex_match(context: &mut Context<'_>, pattern: GoStr, text: GoStr) -> Result<bool, FnError> {
    Ok(compile(context, &pattern, &text)?.is_ok_and(|regex| regex.is_match(text.as_bytes())))
}

/// Whether the text contains a match.
fn must_regex_match(context: &mut Context<'_>, pattern: GoStr, text: GoStr) -> Result<bool, FnError> {
    Ok(compiled(context, &pattern, &text)?.is_match(text.as_bytes()))
}

/// The first match, the empty string if there is none.
fn regex_find(context: &mut Context<'_>, pattern: GoStr, text: GoStr) -> Result<GoStr, FnError> {
    compiled_or_panic(context, &pattern, &text).map(|regex| find(&regex, &text))
}

/// The first match, the empty string if there is none.
fn must_regex_find(context: &mut Context<'_>, pattern: GoStr, text: GoStr) -> Result<GoStr, FnError> {
    compiled(context, &pattern, &text).map(|regex| find(&regex, &text))
}

fn find(regex: &Regex, text: &GoStr) -> GoStr {
    regex
        .find(text.as_bytes())
        .map_or(GoStr::EMPTY, |range| text.slice(range.start, range.end))
}

/// At most `n` matches, all if `n` is negative.
fn regex_find_all(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    n: Int,
) -> Result<StringList, FnError> {
    let regex = compiled_or_panic(context, &pattern, &text)?;
    find_all(context, &regex, &text, n)
}

/// At most `n` matches, all if `n` is negative.
fn must_regex_find_all(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    n: Int,
) -> Result<StringList, FnError> {
    let regex = compiled(context, &pattern, &text)?;
    find_all(context, &regex, &text, n)
}

fn find_all(context: &mut Context<'_>, regex: &Regex, text: &GoStr, n: Int) -> Result<StringList, FnError> {
    let found = regex.find_all(text.as_bytes(), n.0);
    context.budget().list(found.len())?;
    if found.is_empty() {
        return Ok(StringList(List::nil(Type::STRINGS)));
    }
    // Go makes room for ten matches and doubles it; `slice` can reach into that room.
    let mut capacity = 10;
    while capacity < found.len() {
        capacity *= 2;
    }
    let mut items = Vec::with_capacity(capacity);
    items.extend(
        found
            .iter()
            .map(|range| Value::String(text.slice(range.start, range.end))),
    );
    items.resize(capacity, Value::String(GoStr::EMPTY));
    Ok(StringList(List::with_capacity_tail(
        Type::STRINGS,
        items,
        found.len(),
    )))
}

/// The text with each match replaced; `$1` and `${name}` stand for groups.
fn regex_replace_all(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    template: GoStr,
) -> Result<GoStr, FnError> {
    let regex = compiled_or_panic(context, &pattern, &text)?;
    replace_all(context, &regex, &text, &template)
}

/// The text with each match replaced; `$1` and `${name}` stand for groups.
fn must_regex_replace_all(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    template: GoStr,
) -> Result<GoStr, FnError> {
    let regex = compiled(context, &pattern, &text)?;
    replace_all(context, &regex, &text, &template)
}

fn replace_all(
    context: &mut Context<'_>,
    regex: &Regex,
    text: &GoStr,
    template: &GoStr,
) -> Result<GoStr, FnError> {
    let limit = context.budget().limits().max_string_bytes;
    let replaced = regex.replace_all(text.as_bytes(), template.as_bytes(), limit);
    spend(context, replaced, limit)
}

/// The text with each match replaced by the replacement as it is.
fn regex_replace_all_literal(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    replacement: GoStr,
) -> Result<GoStr, FnError> {
    let regex = compiled_or_panic(context, &pattern, &text)?;
    replace_all_literal(context, &regex, &text, &replacement)
}

/// The text with each match replaced by the replacement as it is.
fn must_regex_replace_all_literal(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    replacement: GoStr,
) -> Result<GoStr, FnError> {
    let regex = compiled(context, &pattern, &text)?;
    replace_all_literal(context, &regex, &text, &replacement)
}

fn replace_all_literal(
    context: &mut Context<'_>,
    regex: &Regex,
    text: &GoStr,
    replacement: &GoStr,
) -> Result<GoStr, FnError> {
    let limit = context.budget().limits().max_string_bytes;
    let replaced = regex.replace_all_literal(text.as_bytes(), replacement.as_bytes(), limit);
    spend(context, replaced, limit)
}

/// Charges for a text that was cut off where it passed the limit.
fn spend(context: &mut Context<'_>, replaced: Option<Vec<u8>>, limit: usize) -> Result<GoStr, FnError> {
    context
        .budget()
        .string(replaced.as_ref().map_or(limit.saturating_add(1), Vec::len))?;
    Ok(replaced.unwrap_or_default().into())
}

/// The text between matches, in at most `n` pieces, any number if `n` is negative.
fn regex_split(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    n: Int,
) -> Result<StringList, FnError> {
    let regex = compiled_or_panic(context, &pattern, &text)?;
    split(context, &regex, &text, n)
}

/// The text between matches, in at most `n` pieces, any number if `n` is negative.
fn must_regex_split(
    context: &mut Context<'_>,
    pattern: GoStr,
    text: GoStr,
    n: Int,
) -> Result<StringList, FnError> {
    let regex = compiled(context, &pattern, &text)?;
    split(context, &regex, &text, n)
}

fn split(context: &mut Context<'_>, regex: &Regex, text: &GoStr, n: Int) -> Result<StringList, FnError> {
    let pieces = regex.split(text.as_bytes(), n.0);
    context.budget().list(pieces.as_ref().map_or(0, Vec::len))?;
    Ok(match pieces {
        Some(pieces) => StringList::new(pieces.into_iter().map(GoStr::from)),
        None => StringList(List::nil(Type::STRINGS)),
    })
}

/// An expression that matches the text literally.
fn regex_quote_meta(text: GoStr) -> GoStr {
    regexp::quote_meta(text.as_bytes()).into()
}
