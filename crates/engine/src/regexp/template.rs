//! Replacement templates: `$1`, `${1}`, `$name`, `${name}`, `$$`.

use crate::value::decode_rune;

/// Which group a template asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group<'a> {
    Index(usize),
    Name(&'a str),
}

/// Appends `template` to `target`, with what `group` gives for each reference.
pub(super) fn expand<'t>(target: &mut Vec<u8>, template: &[u8], group: impl Fn(Group<'_>) -> &'t [u8]) {
    let mut rest = template;
    while let Some(dollar) = rest.iter().position(|byte| *byte == b'$') {
        let (before, after) = rest.split_at_checked(dollar).unwrap_or((rest, b""));
        target.extend_from_slice(before);
        rest = after.get(1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix(b"$") {
            target.push(b'$');
            rest = after;
        } else if let Some((reference, after)) = read_reference(rest) {
            target.extend_from_slice(group(reference));
            rest = after;
        } else {
            // Malformed: the dollar stands for itself.
            target.push(b'$');
        }
    }
    target.extend_from_slice(rest);
}

fn read_reference(text: &[u8]) -> Option<(Group<'_>, &[u8])> {
    let (text, braced) = text.strip_prefix(b"{").map_or((text, false), |text| (text, true));
    let mut end = 0;
    while let Some((rune, width)) = text.get(end..).and_then(decode_rune) {
        // Go's IsDigit is narrower than Rust's is_numeric; only letters and ASCII digits occur in names anyway.
        if !(rune.is_alphabetic() || rune.is_ascii_digit() || rune == '_') {
            break;
        }
        end += width;
    }
    if end == 0 {
        return None;
    }
    let (name, mut rest) = text.split_at_checked(end)?;
    if braced {
        rest = rest.strip_prefix(b"}")?;
    }
    let name = std::str::from_utf8(name).ok()?;
    let leading_zero = name.len() > 1 && name.starts_with('0');
    let group = match name.parse::<u32>() {
        // Nine digits are where Go stops counting and takes it for a name.
        Ok(index) if !leading_zero && index < 1_000_000_000 => Group::Index(usize::try_from(index).ok()?),
        _ => Group::Name(name),
    };
    Some((group, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_expanded() {
        for (template, expanded) in [
            ("<$1>", "<one>"),
            ("${1}x$1x", "onex"),
            ("$$1", "$1"),
            ("$", "$"),
            ("${1", "${1"),
            ("${}", "${}"),
            ("$-$name", "$-N"),
            ("$01", ""),
        ] {
            let mut target = Vec::new();
            expand(&mut target, template.as_bytes(), |group| match group {
                Group::Index(1) => b"one",
                Group::Name("name") => b"N",
                _ => b"",
            });
            assert_eq!(String::from_utf8_lossy(&target), expanded, "{template}");
        }
    }
}
