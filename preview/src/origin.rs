//! From a rendered line back to the line of the template that made it.
//!
//! The engine keeps no record of that: it would cost every render something, and only a click asks. Both texts are laid
//! beside each other instead: a line of a template has static text that its output has, too, and what is between two
//! such lines came from what prints many. Loops go back. It is the likeliest way through, found as speech is recognised
//! (Viterbi 1967); in output without any static text it may be wrong by lines, never by a file.

use serde::{Deserialize, Serialize};

/// Longer texts are not laid beside each other, in lines of one times lines of the other.
const MAX_CELLS: usize = 20_000_000;
/// Lines of the template shown before and after.
const N_AROUND: usize = 4;
/// Values named, at most.
const MAX_VALUES: usize = 12;

/// Going back to an earlier line: a loop.
const BACK: i64 = -150;
/// Printing again from a line that prints one.
const AGAIN: i64 = -300;
/// A line that no line of the template looks like.
const ALIEN: i64 = -500;

/// The line of a template that made a rendered one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// From 1.
    pub line: usize,
    /// The lines around it, each with its number.
    pub excerpt: Vec<(usize, String)>,
    /// The values that the line names, as keys from the root chart's values down.
    pub values: Vec<Vec<String>>,
}

/// Finds the line of `source` that made line `line`, from 1, of `rendered`. `path` is the template's, for the sub-chart
/// that it is of.
#[must_use]
pub fn origin(path: &str, source: &str, rendered: &str, line: usize) -> Option<Origin> {
    let lines: Vec<&str> = source.lines().collect();
    let made = line_of(&lines, rendered, line)?;
    let first = made.saturating_sub(N_AROUND);
    let excerpt = lines
        .iter()
        .enumerate()
        .skip(first)
        .take(made - first + N_AROUND + 1);
    Some(Origin {
        line: made + 1,
        excerpt: excerpt.map(|(at, text)| (at + 1, (*text).to_owned())).collect(),
        values: values_in(path, lines.get(made)?),
    })
}

fn line_of(source: &[&str], rendered: &str, line: usize) -> Option<usize> {
    let shapes: Vec<Shape<'_>> = source.iter().map(|line| Shape::of(line)).collect();
    // What comes later cannot change much of it.
    if line == 0 {
        return None;
    }
    let rendered: Vec<&str> = rendered.lines().take(line.checked_add(40)?).collect();
    if rendered.len() < line || shapes.is_empty() || shapes.len().checked_mul(rendered.len())? > MAX_CELLS {
        return None;
    }
    let mut best: Vec<i64> = vec![0; shapes.len()];
    // For each rendered line, where each line of the template was come to from.
    let mut from: Vec<Vec<u32>> = Vec::with_capacity(rendered.len());
    for text in &rendered {
        let (mut next, mut came) = (Vec::with_capacity(best.len()), Vec::with_capacity(best.len()));
        let (top, most) = peak(&best);
        // The best of all lines before this one, which loses a little with every line that is skipped.
        let (mut before, mut before_score) = (0, i64::MIN / 2);
        for (at, shape) in shapes.iter().enumerate() {
            let again = best.get(at).copied().unwrap_or_default() + if shape.prints_many { 0 } else { AGAIN };
            let (mut place, mut score) = (at, again);
            if before_score > score {
                (place, score) = (before, before_score);
            }
            if most + BACK > score {
                (place, score) = (top, most + BACK);
            }
            next.push(score + shape.fits(text));
            came.push(u32::try_from(place).unwrap_or_default());
            let here = best.get(at).copied().unwrap_or_default();
            if here >= before_score {
                (before, before_score) = (at, here);
            }
            before_score -= 1;
        }
        best = next;
        from.push(came);
    }
    let (mut at, _) = peak(&best);
    for came in from.get(line..)?.iter().rev() {
        at = came.get(at).copied().unwrap_or_default() as usize;
    }
    Some(at)
}

fn peak(scores: &[i64]) -> (usize, i64) {
    let all = scores.iter().enumerate();
    let best = all.max_by_key(|(at, score)| (**score, std::cmp::Reverse(*at)));
    best.map_or((0, 0), |(at, score)| (at, *score))
}

/// What a line of a template prints, as far as the line shows.
struct Shape<'l> {
    /// The static texts, blanks at their ends left out.
    statics: Vec<&'l str>,
    begins_static: bool,
    ends_static: bool,
    prints: bool,
    /// Whether what it prints may have several lines.
    prints_many: bool,
}

impl<'l> Shape<'l> {
    fn of(line: &'l str) -> Self {
        let mut shape = Self {
            statics: Vec::new(),
            begins_static: true,
            ends_static: true,
            prints: false,
            prints_many: false,
        };
        let mut rest = line;
        let mut is_first = true;
        while let Some((text, action)) = rest.split_once("{{") {
            shape.add(text);
            if is_first && text.trim().is_empty() {
                shape.begins_static = false;
            }
            is_first = false;
            let (action, behind) = action.split_once("}}").unwrap_or((action, ""));
            shape.action(action.trim_matches(['-', ' ']));
            shape.ends_static = !behind.trim().is_empty();
            rest = behind;
        }
        shape.add(rest);
        shape
    }

    fn add(&mut self, text: &'l str) {
        if !text.trim().is_empty() {
            self.statics.push(text.trim());
        }
    }

    fn action(&mut self, action: &str) {
        let word = action.split([' ', '(']).next().unwrap_or_default();
        let is_silent = action.starts_with("/*")
            || action.starts_with('$') && action.contains(":=")
            || matches!(
                word,
                "if" | "else" | "end" | "range" | "with" | "define" | "block" | "break" | "continue" | ""
            );
        self.prints |= !is_silent;
        let many = [
            "include", "template", "toYaml", "tpl", "indent", "Files", "toJson", "toToml", "range",
        ];
        self.prints_many |= !is_silent && many.iter().any(|name| action.contains(name));
    }

    /// How well a rendered line fits; more static text counts more.
    fn fits(&self, text: &str) -> i64 {
        let text = text.trim();
        let mut rest = text;
        for (at, piece) in self.statics.iter().enumerate() {
            match rest.find(piece) {
                Some(found) if at > 0 || !self.begins_static || found == 0 => {
                    rest = rest.get(found + piece.len()..).unwrap_or_default();
                }
                _ => return self.many(),
            }
        }
        if self.ends_static && !rest.is_empty() && !self.statics.is_empty() {
            return self.many();
        }
        if self.statics.is_empty() {
            return match (self.prints, text.is_empty()) {
                (true, false) => 20,
                (_, true) => 10,
                (false, false) => ALIEN,
            };
        }
        let length: usize = self.statics.iter().map(|piece| piece.len()).sum();
        100 + 10 * i64::try_from(length.min(40)).unwrap_or_default()
    }

    fn many(&self) -> i64 {
        if self.prints_many { 15 } else { ALIEN }
    }
}

/// The paths behind `.Values.` in a line.
fn values_in(path: &str, line: &str) -> Vec<Vec<String>> {
    let directory = path
        .split_once("/templates/")
        .map_or(path, |(directory, _)| directory);
    let subcharts: Vec<&str> = directory.split("/charts/").skip(1).collect();
    let mut found = Vec::new();
    for behind in line.split(".Values.").skip(1) {
        let end = behind.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        let names = behind.get(..end.unwrap_or(behind.len())).unwrap_or_default();
        let names = names.split('.').filter(|name| !name.is_empty());
        let names: Vec<&str> = names.collect();
        // Globals stand at the top, whichever chart reads them.
        let above: &[&str] = if names.first() == Some(&"global") {
            &[]
        } else {
            &subcharts
        };
        let value: Vec<String> = above
            .iter()
            .chain(&names)
            .map(|name| (*name).to_owned())
            .collect();
        if !names.is_empty() && !found.contains(&value) && found.len() < MAX_VALUES {
            found.push(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
{{- if .Values.on }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include \"web.name\" . }}
  labels:
    {{- include \"web.labels\" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    {{- range .Values.ports }}
    - name: {{ .name }}
      port: {{ .port }}
    {{- end }}
  selector:
    {{- toYaml .Values.selector | nindent 4 }}
{{- end }}
";

    const RENDERED: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    app: web
    tier: front
spec:
  type: ClusterIP
  ports:
    - name: http
      port: 80
    - name: admin
      port: 8080
  selector:
    app: web
    port: x
";

    #[test]
    fn rendered_lines_lead_to_the_lines_that_made_them() {
        let wanted = [
            ("kind: Service", 3),
            ("  name: web", 5),
            ("    app: web", 7),
            ("    tier: front", 7),
            ("  type: ClusterIP", 9),
            ("    - name: http", 12),
            ("      port: 80", 13),
            ("    - name: admin", 12),
            ("      port: 8080", 13),
            ("  selector:", 15),
            ("    port: x", 16),
        ];
        for (text, line) in wanted {
            let at = RENDERED
                .lines()
                .position(|rendered| rendered == text)
                .expect(text)
                + 1;
            let found = origin("web/templates/s.yaml", SOURCE, RENDERED, at).expect(text);
            assert_eq!(found.line, line, "{text}");
        }
    }

    #[test]
    fn the_values_that_a_line_names_are_those_of_its_chart() {
        let line = "x: {{ .Values.a.b | default .Values.global.c }}{{ $.Values.a.b }}";
        let keys = |keys: &[&str]| -> Vec<String> { keys.iter().map(|key| (*key).to_owned()).collect() };
        assert_eq!(
            values_in("web/charts/db/templates/a.yaml", line),
            [keys(&["db", "a", "b"]), keys(&["global", "c"])]
        );
        let found = origin("web/templates/a.yaml", line, "x: 1\n", 1).expect("there is one");
        assert_eq!(found.values.first(), Some(&keys(&["a", "b"])));
    }

    #[test]
    fn lines_that_are_not_there_have_no_origin() {
        assert_eq!(origin("a", "a: 1\n", "a: 1\n", 0).map(|found| found.line), None);
        assert_eq!(origin("a", "a: 1\n", "a: 1\n", 2), None);
        assert_eq!(origin("a", "", "a: 1\n", 1), None);
        let long = "a\n".repeat(10_000);
        assert_eq!(origin("a", &long, &long, 9_000), None);
    }
}
