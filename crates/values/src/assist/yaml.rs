//! Why a text is no YAML, in words for people who do not know YAML well.
//!
//! The parser knows where it could not go on; what went wrong is mostly a little before. The lines around are looked
//! at for the usual slips, and the parser's words are the last resort.

use std::ops::Range;

use super::{Problem, Severity};
use crate::document::ReadError;
use crate::document::lines::{indentation, line_at, next_line, previous_line, slice};

/// Looks for one kind of slip: in the text, with the parser's words, where it could not go on.
type Check = fn(&str, &str, usize) -> Option<Problem>;

/// What is wrong with a text that could not be read.
pub(super) fn problem(text: &str, error: &ReadError) -> Problem {
    match error {
        ReadError::Syntax(engine::yaml::Error::Syntax { problem, mark, .. }) => {
            let bom = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
            syntax(text, problem, (mark.offset + bom).min(text.len()))
        }
        ReadError::Syntax(engine::yaml::Error::TooDeep { limit, mark, .. }) => error_at(
            text,
            line_at(text, mark.offset),
            format!("This is nested deeper than {limit} levels."),
        ),
        ReadError::Syntax(engine::yaml::Error::UnknownAnchor { name }) => {
            let at = text.find(&format!("*{name}")).unwrap_or(0);
            let message = format!(
                "`*{name}` refers to an anchor `&{name}` that does not exist above it. For text that begins with *, use quotes."
            );
            error_at(text, at..at + name.len() + 1, message)
        }
        ReadError::TooLarge { limit_bytes } => error_at(
            text,
            0..0,
            format!("The text is longer than {} MiB.", limit_bytes >> 20),
        ),
        ReadError::TooDeep { limit_levels } => error_at(
            text,
            0..0,
            format!("The values are nested deeper than {limit_levels} levels."),
        ),
        ReadError::Syntax(other) => error_at(
            text,
            first_content(text),
            format!("This cannot be read: {other}."),
        ),
        ReadError::Values(error) => values(text, error),
    }
}

fn error_at(text: &str, range: Range<usize>, message: impl Into<String>) -> Problem {
    Problem::new(text, Severity::Error, range, message)
}

/// The first line that says anything.
fn first_content(text: &str) -> Range<usize> {
    let mut at = 0;
    while at < text.len() {
        let line = line_at(text, at);
        let content = slice(text, line.clone()).trim();
        if !content.is_empty() && !content.starts_with('#') {
            return line;
        }
        at = next_line(text, at).max(at + 1);
    }
    0..0
}

fn values(text: &str, error: &helm::values::ValuesError) -> Problem {
    if let Some(problem) = template(text) {
        return problem;
    }
    let range = first_content(text);
    let first = slice(text, range.clone()).trim();
    if first.starts_with("- ") {
        return error_at(
            text,
            range,
            "Values are keys and values (`key: value`); this is a list.",
        );
    }
    let cause = error.to_string();
    if !first.contains(':') && cause.contains("cannot unmarshal") {
        return error_at(
            text,
            range,
            "Values are keys and values (`key: value`); this is only text. Is a colon missing?",
        );
    }
    let detail = cause
        .rsplit_once("unmarshal yaml document: ")
        .map_or(cause.as_str(), |(_, detail)| detail);
    error_at(text, range, format!("Helm cannot read this as values: {detail}."))
}

/// `key: {{ … }}`, which YAML takes for a mapping with a mapping as its key.
fn template(text: &str) -> Option<Problem> {
    let at = text.match_indices("{{").map(|(at, _)| at).find(|at| {
        let before = slice(text, line_at(text, *at).start..*at).trim_start();
        !before.starts_with('#') && before.trim_end().ends_with([':', '-'])
    })?;
    let line = line_at(text, at);
    let value = slice(text, at..line.end)
        .split(" #")
        .next()
        .unwrap_or_default()
        .trim_end();
    let range = at..at + value.len();
    let quoted = crate::document::scalar::string(value, crate::document::scalar::Quotes::Double, false);
    let message = "Text that begins with {{ must be in quotes: values are no templates.";
    Some(error_at(text, range.clone(), message).fixed_by("Put it in quotes", range, quoted))
}

fn syntax(text: &str, problem: &str, offset: usize) -> Problem {
    if problem.contains("control characters") || problem.contains("UTF-8") {
        let at = text
            .char_indices()
            .find(|(_, c)| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        let range = at.map_or(offset..offset, |(at, c)| at..at + c.len_utf8());
        return error_at(
            text,
            range.clone(),
            "There is a control character here, which YAML does not allow.",
        )
        .fixed_by("Remove it", range, "");
    }
    let checks: [Check; 6] = [quote, tab, bracket, colon, start_character, bad_indentation];
    let found = checks.iter().find_map(|check| check(text, problem, offset));
    found.unwrap_or_else(|| {
        let line = line_at(text, offset);
        error_at(text, line, format!("YAML cannot be read here: {problem}."))
    })
}

/// The lines from the error upwards, at most `n` that say anything.
fn lines_up(text: &str, offset: usize, n: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut line = Some(line_at(text, offset));
    while let Some(range) = line {
        let content = slice(text, range.clone()).trim();
        if !content.is_empty() && !content.starts_with('#') {
            found.push(range.clone());
        }
        if found.len() >= n {
            break;
        }
        line = previous_line(text, range.start);
    }
    found
}

/// A tab where a line is indented.
fn tab(text: &str, problem: &str, offset: usize) -> Option<Problem> {
    let line = lines_up(text, offset, 3).into_iter().find(|line| {
        let content = slice(text, line.clone());
        let blank = content.len() - content.trim_start_matches([' ', '\t']).len();
        content.get(..blank).is_some_and(|blank| blank.contains('\t'))
    })?;
    if !problem.contains("cannot start any token")
        && !problem.contains("tab")
        && !problem.contains("expected")
    {
        return None;
    }
    let content = slice(text, line.clone());
    let blank = content.len() - content.trim_start_matches([' ', '\t']).len();
    let range = line.start..line.start + blank;
    let spaces = slice(text, range.clone()).replace('\t', "  ");
    let message = "This line is indented with a tab. YAML allows only spaces there.";
    Some(error_at(text, range.clone(), message).fixed_by("Use spaces", range, spaces))
}

/// A quote without its end.
fn quote(text: &str, problem: &str, offset: usize) -> Option<Problem> {
    let is_about_quotes = problem.contains("unexpected end of stream")
        || problem.contains("unexpected document indicator")
        || problem.contains("did not find expected")
        || problem.contains("could not find expected");
    if !is_about_quotes {
        return None;
    }
    // A quote that is never closed runs to the end or to the next one, lines below: the first line whose quotes do
    // not pair is where it began.
    let mut at = 0;
    let mut block: Option<usize> = None;
    while at <= offset && at < text.len() {
        let line = line_at(text, at);
        let content = slice(text, line.clone());
        at = next_line(text, at).max(at + 1);
        let own = indentation(content);
        if content.trim().is_empty() || block.is_some_and(|parent| own > parent) {
            continue;
        }
        block = None;
        if content.trim_start().starts_with('#') {
            continue;
        }
        if let Some(at) = open_quote(content) {
            let start = line.start + at;
            let message = "A quote opens here and is not closed on this line.";
            let quote = slice(text, start..start + 1);
            return Some(error_at(text, start..line.end, message).fixed_by(
                "Close it",
                line.end..line.end,
                quote,
            ));
        }
        let value = content.split(" #").next().unwrap_or_default().trim_end();
        let header = value.rsplit([' ', ':', '-']).next().unwrap_or_default();
        if value.ends_with(['|', '>'])
            || header.starts_with(['|', '>'])
            || value.ends_with("|-")
            || value.ends_with(">-")
        {
            block = Some(own);
        }
    }
    None
}

/// Where on a line a value's quote opens that the line does not close.
fn open_quote(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut open: Option<(usize, u8)> = None;
    let mut at = 0;
    // Whether a scalar may begin here: a quote within a word is a character.
    let mut starts = true;
    while let Some(&byte) = bytes.get(at) {
        match open {
            Some((_, b'"')) if byte == b'\\' => at += 1,
            Some((_, b'\'')) if byte == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            Some((_, quote)) if byte == quote => open = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') && starts => open = Some((at, byte)),
            None if byte == b'#' && (at == 0 || bytes.get(at - 1) == Some(&b' ')) => break,
            None => {}
        }
        if open.is_none() {
            let blank_before = matches!(byte, b' ' | b'\t');
            let opener = matches!(byte, b'[' | b'{' | b',' | b':' | b'-');
            starts = opener || (blank_before && starts);
        }
        at += 1;
    }
    open.map(|(at, _)| at)
}

/// A bracket without its end.
fn bracket(text: &str, problem: &str, offset: usize) -> Option<Problem> {
    let (opener, closer) = if problem.contains("or ']'") {
        (b'[', "]")
    } else if problem.contains("or '}'") {
        (b'{', "}")
    } else if problem.contains("node content") && offset >= text.trim_end().len() {
        let before = text.get(..offset)?;
        let square = before.matches('[').count() > before.matches(']').count();
        if square { (b'[', "]") } else { (b'{', "}") }
    } else {
        return None;
    };
    let mut depth = 0_usize;
    let before = text.as_bytes().get(..offset)?;
    let start = before.iter().enumerate().rev().find_map(|(at, byte)| {
        if *byte == *closer.as_bytes().first()? {
            depth += 1;
        } else if *byte == opener {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
        }
        None
    })?;
    if slice(text, start..text.len()).starts_with("{{") {
        return template(text);
    }
    let name = if opener == b'[' { "list" } else { "mapping" };
    let message = format!("This {name} is not closed: a comma or {closer} is missing.");
    Some(error_at(text, start..line_at(text, start).end, message))
}

/// A colon without a space behind it, or a key without a colon.
fn colon(text: &str, problem: &str, offset: usize) -> Option<Problem> {
    if !problem.contains("could not find expected ':'")
        && !problem.contains("mapping values are not allowed")
        && !problem.contains("did not find expected key")
    {
        return None;
    }
    // The line of the error last: the one above it is the likelier culprit.
    let mut lines = lines_up(text, offset, 3);
    lines.sort_by_key(|line| {
        (
            line.contains(&offset) && problem.contains("could not find"),
            usize::MAX - line.start,
        )
    });
    for line in &lines {
        let content = slice(text, line.clone());
        let trimmed = content.trim_start().trim_start_matches("- ");
        if let Some((key, rest)) = trimmed.split_once(':')
            && is_key(key)
            && !rest.is_empty()
            && !rest.starts_with([' ', '\t', '/'])
        {
            let at = line.start + content.len() - rest.len();
            let message = format!("A space is missing behind the colon of `{key}`.");
            return Some(error_at(text, at - key.len() - 1..at, message).fixed_by(
                "Put a space there",
                at..at,
                " ",
            ));
        }
    }
    for line in &lines {
        let content = slice(text, line.clone());
        let trimmed = content.split(" #").next().unwrap_or_default().trim();
        let (key, rest) = trimmed.split_once(' ').unwrap_or((trimmed, ""));
        if is_key(key) && !trimmed.contains(':') && !trimmed.starts_with('-') {
            let at = line.start + indentation(content) + key.len();
            let message = format!("A colon is missing behind `{key}`.");
            let fix = if rest.is_empty() { ":" } else { ": " };
            let blank = if rest.is_empty() { at..at } else { at..at + 1 };
            return Some(error_at(text, at - key.len()..at, message).fixed_by(
                "Put a colon there",
                blank,
                fix,
            ));
        }
    }
    if problem.contains("mapping values are not allowed") {
        let line = lines_up(text, offset, 1).into_iter().next()?;
        let content = slice(text, line.clone());
        let is_value_with_colon = content
            .trim_start()
            .trim_start_matches("- ")
            .matches(": ")
            .count()
            > 1;
        if is_value_with_colon {
            let message = "There are two colons on this line. If the second one belongs to the text, put the text in quotes.";
            return Some(error_at(text, line, message));
        }
    }
    None
}

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['"', '\'', '#', '{', '['])
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}

/// Characters that no plain text may begin with.
fn start_character(text: &str, problem: &str, offset: usize) -> Option<Problem> {
    if !problem.contains("cannot start any token")
        && !problem.contains("anchor")
        && !problem.contains("alias")
    {
        return None;
    }
    let character = text.get(offset..)?.chars().next()?;
    if !matches!(character, '@' | '`' | '%' | '*' | '&' | '!') {
        return None;
    }
    let line = line_at(text, offset);
    let value = slice(text, offset..line.end)
        .split(" #")
        .next()
        .unwrap_or_default()
        .trim_end();
    let range = offset..offset + value.len();
    let message = format!("Text that begins with {character} must be in quotes.");
    let quoted = crate::document::scalar::string(value, crate::document::scalar::Quotes::Double, false);
    Some(error_at(text, range.clone(), message).fixed_by("Put it in quotes", range, quoted))
}

/// A line that is indented like none of those it could belong to.
fn bad_indentation(text: &str, problem: &str, offset: usize) -> Option<Problem> {
    if !problem.contains("did not find expected")
        && !problem.contains("mapping values are not allowed")
        && !problem.contains("block sequence entries")
    {
        return None;
    }
    let line = lines_up(text, offset, 1).into_iter().next()?;
    let content = slice(text, line.clone());
    let own = indentation(content);
    let mut depths: Vec<usize> = Vec::new();
    let mut limit = usize::MAX;
    for above in lines_up(text, line.start.saturating_sub(1), 200) {
        let depth = indentation(slice(text, above));
        if depth < limit {
            depths.push(depth);
            limit = depth;
        }
    }
    if line.start == 0 || depths.is_empty() {
        return None;
    }
    let range = line.start..line.start + own.max(1).min(content.len());
    if depths.contains(&own) {
        let message = if problem.contains("key") && content.trim_start().starts_with("- ") {
            "A list item cannot stand here among keys. Is it to belong to the key above? Then that key must have no value."
        } else {
            "This line does not fit what is above it: a key cannot stand among list items, nor below a key that has a value."
        };
        return Some(error_at(text, line, message));
    }
    depths.reverse();
    let all: Vec<String> = depths.iter().map(ToString::to_string).collect();
    let nearest = depths.iter().copied().min_by_key(|depth| depth.abs_diff(own))?;
    let message = format!(
        "This line is indented by {own} spaces; the lines above it that it could belong to are indented by {}.",
        all.join(" or ")
    );
    let fix = line.start..line.start + own;
    Some(error_at(text, range, message).fixed_by(
        &format!("Indent it by {nearest}"),
        fix,
        " ".repeat(nearest),
    ))
}
