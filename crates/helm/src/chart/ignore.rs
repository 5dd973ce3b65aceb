//! `.helmignore`: which files of a chart *directory* belong to the chart.
//!
//! Archives are never filtered. The rules look like `.gitignore` and are not: `**` is an error, the first match wins,
//! and `!rule` means "ignore everything that does not match", as Helm's `pkg/ignore/rules.go` has it.

use super::path_match::{BadPattern, path_match};
use super::{ChartFile, path_components};

/// The name of the rules file at the top of a chart directory.
pub const IGNORE_FILE: &str = ".helmignore";

/// A rules file that Helm refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IgnoreError {
    #[error("double-star (**) syntax is not supported")]
    DoubleStar,
    #[error(transparent)]
    Pattern(#[from] BadPattern),
}

/// Parsed rules, always including the default that drops dot files below `templates/`.
#[derive(Debug, Clone)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: String,
    scope: Scope,
    negated: bool,
    directories_only: bool,
}

#[derive(Debug, Clone, Copy)]
enum Scope {
    /// The pattern holds a `/`: it is matched against the whole path.
    Path,
    /// It holds none: it is matched against the last component, at any depth.
    BaseName,
}

impl IgnoreRules {
    /// Reads the text of a rules file; an absent file is the empty text.
    pub fn parse(text: &[u8]) -> Result<Self, IgnoreError> {
        let text = text.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(text);
        let text = String::from_utf8_lossy(text);
        let rules = text
            .split('\n')
            .chain(["templates/.?*"])
            .map(parse_rule)
            .filter_map(Result::transpose);
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
        })
    }

    /// Whether the file or directory at `path` (relative, `/` between components) is left out.
    pub fn ignores(&self, path: &str, is_directory: bool) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        for rule in &self.rules {
            let wrong_kind = rule.directories_only && !is_directory;
            if rule.negated {
                if wrong_kind || !rule.matches(path) {
                    return true;
                }
            } else if !wrong_kind && rule.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Rule {
    fn matches(&self, path: &str) -> bool {
        let subject = match self.scope {
            Scope::Path => path,
            Scope::BaseName => path.rsplit('/').next().unwrap_or(path),
        };
        // A rule may fail to match only here: `!`, a trailing `/` and the like were cut off after it was checked.
        path_match(self.pattern.as_bytes(), subject.as_bytes()).unwrap_or(false)
    }
}

fn parse_rule(line: &str) -> Result<Option<Rule>, IgnoreError> {
    let mut pattern = line.trim();
    if pattern.is_empty() || pattern.starts_with('#') {
        return Ok(None);
    }
    if pattern.contains("**") {
        return Err(IgnoreError::DoubleStar);
    }
    // Helm tries every rule on the name "abc" to learn whether it is well formed.
    path_match(pattern.as_bytes(), b"abc")?;
    let negated = pattern.starts_with('!');
    pattern = pattern.strip_prefix('!').unwrap_or(pattern);
    let directories_only = pattern.ends_with('/');
    pattern = pattern.strip_suffix('/').unwrap_or(pattern);
    let (pattern, scope) = match pattern.strip_prefix('/') {
        Some(rooted) => (rooted, Scope::Path),
        None if pattern.contains('/') => (pattern, Scope::Path),
        None => (pattern, Scope::BaseName),
    };
    Ok(Some(Rule {
        pattern: pattern.to_owned(),
        scope,
        negated,
        directories_only,
    }))
}

/// The files of a directory that make up the chart, in the order Helm walks them, without byte order marks.
pub fn filter_directory(mut files: Vec<ChartFile>) -> Result<Vec<ChartFile>, IgnoreError> {
    let rules = files
        .iter()
        .find(|file| file.path == IGNORE_FILE)
        .map_or(&[][..], |file| &file.data);
    let rules = IgnoreRules::parse(rules)?;
    files.retain(|file| {
        let parents = file
            .path
            .match_indices('/')
            .filter_map(|(at, _)| file.path.get(..at));
        // An ignored directory takes all of its contents along.
        !parents.into_iter().any(|parent| rules.ignores(parent, true)) && !rules.ignores(&file.path, false)
    });
    // Directories are read sorted by name, so `a/x` comes before `a.txt`; comparing whole paths would swap them.
    files.sort_by(|a, b| path_components(&a.path).cmp(path_components(&b.path)));
    for file in &mut files {
        if file.data.starts_with(&[0xEF, 0xBB, 0xBF]) {
            file.data = file.data.slice(3..);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn kept(rules: &str, paths: &[&str]) -> Vec<String> {
        let mut files: Vec<_> = paths
            .iter()
            .map(|path| ChartFile::new(*path, Bytes::new()))
            .collect();
        files.push(ChartFile::new(IGNORE_FILE, rules.to_owned()));
        filter_directory(files)
            .unwrap()
            .into_iter()
            .map(|file| file.path)
            .collect()
    }

    #[test]
    fn an_ignored_directory_takes_its_contents_along() {
        assert_eq!(kept("dir/\n.helmignore", &["dir/a", "other/dir/b", "c"]), ["c"]);
    }

    #[test]
    fn a_negated_rule_ignores_what_does_not_match() {
        assert_eq!(kept("!*.md", &["a.md", "b.txt", "d/c.md"]), ["a.md"]);
    }

    #[test]
    fn dot_files_of_templates_are_dropped_by_default() {
        assert_eq!(
            kept(".helmignore", &["templates/.swp", "templates/a", ".x"]),
            [".x", "templates/a"]
        );
    }

    #[test]
    fn files_come_in_directory_order() {
        assert_eq!(kept(".helmignore", &["a.txt", "a/x", "B"]), ["B", "a/x", "a.txt"]);
    }

    #[test]
    fn bad_rules_are_refused() {
        assert_eq!(
            IgnoreRules::parse(b"dir/**").unwrap_err(),
            IgnoreError::DoubleStar
        );
        assert_eq!(
            IgnoreRules::parse(b"[").unwrap_err(),
            IgnoreError::Pattern(BadPattern)
        );
    }
}
