//! The default values with an anchor a path.

use std::collections::HashMap;

use model::files::ValuesPath;

use super::highlight::yaml::{Entry, Key, scan};
use super::write::{self, KeyAnchor};

/// Deeper or longer paths get no anchor: nobody can say them.
const MAX_PATH_BYTES: usize = 400;

/// The text of a values file as highlighted HTML, the number of its lines, and every path that it sets.
///
/// A line that sets a key carries `data-path="a.b.c"`, and the key has that path as its id. Items of lists count from
/// zero: `hosts[0].name`. Dots in a key are written `\.`, as `--set` wants them.
pub fn values(text: &str) -> (String, u32, Vec<ValuesPath>) {
    let scan = scan(text);
    let anchors = anchors(&scan.entries);
    let (html, n_lines) = write::lines(text, &scan.tokens, &anchors);
    let paths = anchors
        .into_iter()
        .map(|anchor| ValuesPath {
            path: anchor.path,
            line: anchor.line + 1,
        })
        .collect();
    (html, n_lines, paths)
}

/// The paths that a text of YAML sets with the line of each, from 1, as [`values`] writes them.
pub(crate) fn value_lines(text: &str) -> Vec<(String, u32)> {
    let anchors = anchors(&scan(text).entries).into_iter();
    anchors.map(|anchor| (anchor.path, anchor.line + 1)).collect()
}

/// A key of a values file, for search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueKey {
    /// The number of keys above it.
    pub(crate) depth: u8,
    pub(crate) name: String,
    /// The comment above it, and the one behind it.
    pub(crate) comment: String,
}

/// Lines of a comment above a key that are read.
const MAX_COMMENT_LINES: usize = 12;

/// The keys of a values file in their order, with the comments that describe them.
pub(crate) fn value_keys(text: &str) -> Vec<ValueKey> {
    let lines: Vec<&str> = text.lines().collect();
    let mut above: Vec<usize> = Vec::new();
    let mut keys = Vec::new();
    for entry in scan(text).entries {
        let Some(key) = entry.key else { continue };
        above.retain(|column| *column < key.column);
        keys.push(ValueKey {
            depth: u8::try_from(above.len()).unwrap_or(u8::MAX),
            name: key.name,
            comment: comment(&lines, entry.line as usize),
        });
        above.push(key.column);
    }
    keys
}

/// The comments that describe the keys of a values file, by path as [`values`] writes it.
pub(crate) fn value_comments(text: &str) -> HashMap<String, String> {
    let lines: Vec<&str> = text.lines().collect();
    let anchors = anchors(&scan(text).entries).into_iter();
    anchors
        .map(|anchor| (anchor.path, comment(&lines, anchor.line as usize)))
        .collect()
}

/// The comment that describes the key of a line.
fn comment(lines: &[&str], line: usize) -> String {
    let above = lines.get(..line).unwrap_or_default();
    let n_above = above
        .iter()
        .rev()
        .take(MAX_COMMENT_LINES)
        .take_while(|line| line.trim_start().starts_with('#'))
        .count();
    let mut comment = String::new();
    let behind = lines
        .get(line)
        .and_then(|line| line.split_once(" #"))
        .map(|(_, comment)| comment);
    for part in above.iter().skip(above.len() - n_above).copied().chain(behind) {
        // `# -- text` and `## @param path text` are conventions of tools that make tables of comments.
        let part = part.trim().trim_start_matches(['#', '-', ' ']).trim();
        if !part.is_empty() {
            comment.push_str(part);
            comment.push(' ');
        }
    }
    comment
}

/// An open mapping or sequence.
struct Frame {
    column: usize,
    /// The path of its current child.
    path: String,
    /// The current item of a sequence; none for a mapping.
    item: Option<usize>,
}

fn anchors(entries: &[Entry]) -> Vec<KeyAnchor> {
    let mut open: Vec<Frame> = Vec::new();
    let mut anchors = Vec::new();
    for entry in entries {
        for dash in &entry.dashes {
            open_item(&mut open, *dash);
        }
        if let Some(key) = &entry.key {
            set_key(&mut open, key);
            if let Some(frame) = open.last().filter(|frame| frame.path.len() <= MAX_PATH_BYTES) {
                anchors.push(KeyAnchor {
                    line: entry.line,
                    start: key.start,
                    path: frame.path.clone(),
                });
            }
        }
    }
    anchors
}

fn open_item(open: &mut Vec<Frame>, column: usize) {
    open.retain(|frame| frame.column <= column);
    if let Some(Frame {
        path,
        item: Some(item),
        ..
    }) = open.last_mut().filter(|frame| frame.column == column)
    {
        *item += 1;
        path.truncate(path.rfind('[').unwrap_or(0));
        path.push_str(&format!("[{item}]"));
        return;
    }
    // A sequence may stand at the column of the key it belongs to.
    let parent = open.last().map_or("", |frame| frame.path.as_str());
    let path = format!("{parent}[0]");
    open.push(Frame {
        column,
        path,
        item: Some(0),
    });
}

fn set_key(open: &mut Vec<Frame>, key: &Key) {
    open.retain(|frame| frame.column < key.column || (frame.column == key.column && frame.item.is_none()));
    if open.last().is_some_and(|frame| frame.column == key.column) {
        open.pop();
    }
    let parent = open.last().map_or("", |frame| frame.path.as_str());
    let name = key.name.replace('.', "\\.");
    let path = if parent.is_empty() {
        name
    } else {
        format!("{parent}.{name}")
    };
    open.push(Frame {
        column: key.column,
        path,
        item: None,
    });
}

#[cfg(test)]
mod tests {
    use super::{value_keys, values};

    #[test]
    fn keys_come_with_their_depth_and_their_comments() {
        let text = "\
# -- How many run
replicaCount: 1 # at least

# a word about nothing

auth:
  ## @param auth.existingSecret A secret
  ## with the password
  existingSecret: \"\"
hosts:
- name: a
  port: 1
last: |
  # no comment
  text: x
";
        let keys: Vec<(u8, String, String)> = value_keys(text)
            .into_iter()
            .map(|key| (key.depth, key.name, key.comment))
            .collect();
        let key = |depth: u8, name: &str, comment: &str| (depth, name.to_owned(), comment.to_owned());
        assert_eq!(
            keys,
            [
                key(0, "replicaCount", "How many run at least "),
                key(0, "auth", ""),
                key(
                    1,
                    "existingSecret",
                    "@param auth.existingSecret A secret with the password "
                ),
                key(0, "hosts", ""),
                key(1, "name", ""),
                key(1, "port", ""),
                key(0, "last", ""),
            ]
        );
        assert!(value_keys("#\n: #\n- - #").len() <= 1);
    }

    #[test]
    fn every_key_has_its_path() {
        let text = "\
# comment: no key
image:
  repository: nginx  # a: b
  tag: \"1.0\"
hosts:
- name: a
  paths:
    - /x
    - path: /y
- name: b
script: |
  not: a key
    nor: this

resources: {}
annotations:
  nginx.ingress/x: y
\"quoted key\": 'x: y'
nested:
    -   - deep: 1
        - deep: 2
multi: \"a
  b: c\"
flow: {a: 1,
  b: 2}
last: 1
";
        let (html, n_lines, paths) = values(text);
        let found: Vec<_> = paths.iter().map(|path| (path.line, path.path.as_str())).collect();
        let want = [
            (2, "image"),
            (3, "image.repository"),
            (4, "image.tag"),
            (5, "hosts"),
            (6, "hosts[0].name"),
            (7, "hosts[0].paths"),
            (9, "hosts[0].paths[1].path"),
            (10, "hosts[1].name"),
            (11, "script"),
            (15, "resources"),
            (16, "annotations"),
            (17, "annotations.nginx\\.ingress/x"),
            (18, "quoted key"),
            (19, "nested"),
            (20, "nested[0][0].deep"),
            (21, "nested[0][1].deep"),
            (22, "multi"),
            (24, "flow"),
            (26, "last"),
        ];
        assert_eq!(found, want);
        assert_eq!(n_lines, 26);
        assert!(html.contains(
            "<span class=\"line\" id=\"L3\" data-path=\"image.repository\">  <span class=\"hk\" id=\"image.repository\">repository</span>:"
        ));
    }
}
