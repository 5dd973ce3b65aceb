//! What can be told of a chart without a cluster: what its objects ask for, and what differs between two versions.
//!
//! Pure functions over rendered objects and files of archives, no store, no clock. [`object`] reads manifests, [`pods`]
//! finds what runs in them, [`risks`] and [`permissions`] say what they ask for, [`source`] and [`place`] which lines of
//! templates make them ask; [`keys`], [`facts`], [`files`], [`crds`]
//! and [`images`] compare, and [`remarks`] says first what must be known before an upgrade. `ops::review` gets them what
//! they look at.

pub(crate) mod crds;
pub(crate) mod facts;
pub(crate) mod files;
pub(crate) mod images;
pub(crate) mod keys;
pub(crate) mod object;
pub(crate) mod permissions;
pub(crate) mod place;
mod pods;
pub(crate) mod remarks;
pub(crate) mod risks;
pub(crate) mod source;

pub(crate) use object::Reviewed;

/// Cuts a text between characters, and says so by its end.
pub(crate) fn cut(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 object`, `3 objects`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let plural = match (n, noun.strip_suffix('y')) {
        (1, _) => noun.to_owned(),
        (_, Some(stem)) if !noun.ends_with("ay") && !noun.ends_with("ey") => format!("{stem}ies"),
        _ if noun.ends_with("ss") => format!("{noun}es"),
        _ => format!("{noun}s"),
    };
    format!("{n} {plural}")
}
