//! `--show-only`: the documents of a printed manifest that certain templates made.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use helm::Compat;
use helm::chart::path_match;
use helm::manifest::split_documents;

/// The documents whose `# Source:` a pattern fits, pattern by pattern; each pattern has to fit one.
pub(super) fn select(manifests: &str, patterns: &[String], compat: Compat) -> Result<String> {
    let documents = split_documents(manifests, compat);
    let mut selected = String::new();
    for pattern in patterns {
        let mut missing = true;
        for document in &documents {
            let fits = source(document.text)
                .is_some_and(|source| path_match(pattern.as_bytes(), source.as_bytes()).unwrap_or(false));
            if fits {
                missing = false;
                let _ = write!(selected, "---\n{}\n", document.text);
            }
        }
        if missing {
            bail!("could not find template {pattern} in chart");
        }
    }
    Ok(selected)
}

/// The path after the chart's name in the first `# Source: chart/path`, which may stand anywhere in the document.
fn source(document: &str) -> Option<&str> {
    document.match_indices("# Source: ").find_map(|(at, marker)| {
        let (chart, path) = document.get(at + marker.len()..)?.split_once('/')?;
        let path = path.split('\n').next()?;
        (!chart.is_empty() && !path.is_empty()).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFESTS: &str = "---\n# Source: a/templates/x.yaml\nx: 1\n---\n# Source: a/charts/b/templates/y.yaml\ny: 1\n\n---\n# Source: a/templates/x.yaml\nx: 2\n";

    fn selected(patterns: &[&str]) -> Result<String> {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        select(MANIFESTS, &patterns, Compat::Helm4_3)
    }

    #[test]
    fn patterns_choose_documents_in_the_order_of_the_patterns() {
        assert_eq!(
            selected(&["charts/*/templates/*", "templates/x.yaml"]).unwrap(),
            "---\n# Source: a/charts/b/templates/y.yaml\ny: 1\n\n\n---\n# Source: a/templates/x.yaml\nx: 1\n\n---\n# Source: a/templates/x.yaml\nx: 2\n\n"
        );
    }

    #[test]
    fn a_pattern_that_fits_nothing_is_an_error() {
        let error = selected(&["templates/x.yaml", "templates/z.yaml"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not find template templates/z.yaml in chart"
        );
    }
}
