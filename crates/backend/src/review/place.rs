//! Which field of an object asks for something, and what wrote that field.
//!
//! A rule finds a value of an object; [`path_of`] says where in the object it is, and [`Fields`] which line that is and,
//! by [`super::source`], which line of a template wrote it.

use std::cell::RefCell;
use std::collections::HashMap;

use model::release::ManifestPart;
use serde_json::Value;

use super::object::Reviewed;
use super::source::Source;
use crate::content::value_lines;

/// Deeper values have no path (attack: objects nested without end).
const MAX_DEPTH: usize = 64;

/// The path of a value within an object's manifest, as `content::values` writes it; empty where it is not in there.
///
/// The value is known by where it lies, not by what it is: equal ones are different places.
pub(super) fn path_of(object: &Reviewed, value: &Value) -> String {
    let mut path = object
        .item
        .map_or_else(String::new, |item| format!("items[{item}]"));
    match find(&object.json, value, &mut path, 0) {
        true => path,
        false => String::new(),
    }
}

fn find(within: &Value, wanted: &Value, path: &mut String, depth: usize) -> bool {
    if std::ptr::eq(within, wanted) {
        return true;
    }
    if depth == MAX_DEPTH {
        return false;
    }
    let length = path.len();
    match within {
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            path.truncate(length);
            if length > 0 {
                path.push('.');
            }
            path.push_str(&key.replace('.', "\\."));
            find(value, wanted, path, depth + 1)
        }),
        Value::Array(items) => items.iter().enumerate().any(|(at, value)| {
            path.truncate(length);
            path.push_str(&format!("[{at}]"));
            find(value, wanted, path, depth + 1)
        }),
        _ => false,
    }
}

/// The fields of a chart's objects.
pub(crate) struct Fields<'p> {
    parts: &'p [ManifestPart],
    sources: &'p [Source],
    /// Lines by path, of the parts that were asked for.
    lines: RefCell<HashMap<usize, HashMap<String, u32>>>,
}

impl<'p> Fields<'p> {
    pub(crate) fn new(parts: &'p [ManifestPart], sources: &'p [Source]) -> Self {
        Self {
            parts,
            sources,
            lines: RefCell::default(),
        }
    }

    /// The file and line that wrote a field of a part, or what is around it, or the part's kind.
    pub(crate) fn place(&self, part: usize, path: &str) -> (Option<String>, Option<u32>) {
        let (Some(of_part), Some(source)) = (self.parts.get(part), self.sources.get(part)) else {
            return (None, None);
        };
        let mut lines = self.lines.borrow_mut();
        let lines = lines
            .entry(part)
            .or_insert_with(|| value_lines(&of_part.yaml).into_iter().collect());
        let mut around = Some(path).filter(|path| !path.is_empty());
        while let Some(path) = around {
            let line = lines.get(path).and_then(|line| source.of_line(*line));
            if let Some((file, line)) = line {
                return (Some(file.to_owned()), Some(line));
            }
            around = parent(path);
        }
        (source.file.clone(), source.line)
    }
}

/// The path of what a value is in; nothing at the top.
fn parent(path: &str) -> Option<&str> {
    let is_step = |at: usize| path.as_bytes().get(at.wrapping_sub(1)) != Some(&b'\\');
    let steps = path.rmatch_indices(['.', '[']);
    let (at, _) = steps.into_iter().find(|(at, _)| *at > 0 && is_step(*at))?;
    path.get(..at)
}

#[cfg(test)]
mod tests {
    use model::review::LineSource;

    use super::super::object::at;
    use super::super::object::tests::{objects, parts};
    use super::{Fields, parent, path_of};
    use crate::review::source::Source;

    const MANIFEST: &str = "\
kind: List
items:
- kind: Pod
  metadata: {name: a}
- kind: Pod
  spec:
    containers:
    - name: one
      securityContext: {privileged: true}
    a.b:
    - true
";

    #[test]
    fn a_value_is_known_by_where_it_lies() {
        let read = objects(MANIFEST);
        let second = &read[1];
        let containers = second.at(&["spec", "containers"]);
        let privileged = at(&containers[0], &["securityContext", "privileged"]);
        let other = &second.at(&["spec", "a.b"])[0];
        assert_eq!(privileged, other);
        assert_eq!(
            path_of(second, privileged),
            "items[1].spec.containers[0].securityContext.privileged"
        );
        assert_eq!(path_of(second, other), "items[1].spec.a\\.b[0]");
        // What is not there, and what is another object's.
        assert_eq!(path_of(second, second.at(&["status"])), "");
        assert_eq!(path_of(&read[0], privileged), "");
    }

    #[test]
    fn a_field_leads_to_its_line_or_to_what_is_around_it() {
        let source = Source {
            file: Some("templates/a.yaml".to_owned()),
            line: Some(1),
            files: vec!["templates/a.yaml".to_owned(), "templates/_h.tpl".to_owned()],
            lines: (10..22)
                .map(|line| {
                    Some(LineSource {
                        file: u32::from(line > 15),
                        line,
                    })
                })
                .collect(),
        };
        let (parts, sources) = (parts(MANIFEST), [source]);
        let fields = Fields::new(&parts, &sources);
        let place = |path: &str| fields.place(0, path);
        let helper = Some("templates/_h.tpl".to_owned());
        // It stands in braces, where no line is its own.
        let privileged = "items[1].spec.containers[0].securityContext.privileged";
        assert_eq!(place(privileged), (helper.clone(), Some(18)));
        assert_eq!(place("items[1].spec.a\\.b[0]"), (helper, Some(19)));
        let kind = (Some("templates/a.yaml".to_owned()), Some(1));
        assert_eq!(place(""), kind);
        assert_eq!(place("status"), kind);
        assert_eq!(fields.place(1, "kind"), (None, None));
    }

    #[test]
    fn paths_end_at_the_top() {
        for (path, want) in [
            ("a.b[0].c", Some("a.b[0]")),
            ("a.b[0]", Some("a.b")),
            ("a.b\\.c", Some("a")),
            ("a\\.b", None),
            ("[0]", None),
            ("a", None),
        ] {
            assert_eq!(parent(path), want, "{path}");
        }
    }
}
