//! Paths: sprig's `base`, `dir`, `ext` and relatives, and the same as `os…`, where the system is always Unix.

use super::{Builtin, func};
use crate::value::GoStr;

pub(crate) const FUNCS: &[Builtin] = &[
    func!("base", base),
    func!("clean", clean),
    func!("dir", dir),
    func!("ext", ext),
    func!("isAbs", is_abs),
    func!("osBase", base),
    func!("osClean", clean),
    func!("osDir", dir),
    func!("osExt", ext),
    func!("osIsAbs", is_abs),
];

/// The last element.
fn base(path: GoStr) -> GoStr {
    let bytes = path.as_bytes();
    let kept = bytes
        .iter()
        .rposition(|byte| *byte != b'/')
        .map_or(0, |last| last + 1);
    match bytes.get(..kept) {
        _ if bytes.is_empty() => GoStr::from_static("."),
        None | Some([]) => GoStr::from_static("/"),
        Some(bytes) => {
            let start = bytes
                .iter()
                .rposition(|byte| *byte == b'/')
                .map_or(0, |slash| slash + 1);
            path.slice(start, kept)
        }
    }
}

/// The shortest path that means the same, by text alone.
fn clean(path: GoStr) -> GoStr {
    cleaned(path.as_bytes())
}

fn cleaned(path: &[u8]) -> GoStr {
    let rooted = path.starts_with(b"/");
    let mut elements: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => match elements.last() {
                Some(last) if *last != b".." => {
                    elements.pop();
                }
                _ if rooted => {}
                _ => elements.push(element),
            },
            _ => elements.push(element),
        }
    }
    let joined = elements.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat().into(),
        (false, true) => GoStr::from_static("."),
        (false, false) => joined.into(),
    }
}

/// All but the last element.
fn dir(path: GoStr) -> GoStr {
    let end = path
        .as_bytes()
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    cleaned(path.as_bytes().get(..end).unwrap_or_default())
}

/// The end of the last element from its last dot on.
fn ext(path: GoStr) -> GoStr {
    let mark = path
        .as_bytes()
        .iter()
        .rposition(|byte| matches!(byte, b'.' | b'/'));
    match mark {
        Some(dot) if path.as_bytes().get(dot) == Some(&b'.') => path.slice(dot, path.len()),
        _ => GoStr::EMPTY,
    }
}

/// Whether the path starts at the root.
fn is_abs(path: GoStr) -> bool {
    path.as_bytes().starts_with(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_as_in_go() {
        for (path, expected_base, expected_dir, expected_clean, expected_ext) in [
            ("", ".", ".", ".", ""),
            ("/", "/", "/", "/", ""),
            ("a/b.c", "b.c", "a", "a/b.c", ".c"),
            ("/a/../b//", "b", "/b", "/b", ""),
            ("../../x", "x", "../..", "../../x", ""),
            ("/..", "..", "/", "/", "."),
            ("a.b/c", "c", "a.b", "a.b/c", ""),
        ] {
            let path = GoStr::from(path);
            assert_eq!(base(path.clone()), expected_base);
            assert_eq!(dir(path.clone()), expected_dir);
            assert_eq!(clean(path.clone()), expected_clean);
            assert_eq!(ext(path), expected_ext);
        }
    }
}
