//! Values taken elsewhere, as they were typed: a `helm` command ([`helm_command`]), objects for Flux ([`flux`]) and
//! Argo CD ([`argo_cd`]). And from elsewhere: `--set` as it stands in commands ([`apply_flags`]).
//!
//! Secrets are exported as they are; whether that is wanted is for the caller to ask.

mod flags;
mod objects;

pub use flags::{FlagsError, apply_flags, assignments};
pub use objects::{argo_cd, flux};

use serde::{Deserialize, Serialize};

/// Where a chart comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Source {
    /// A repository with an index.yaml.
    Http {
        /// Its name, for objects that need one.
        name: String,
        /// Its address.
        url: String,
    },
    /// An OCI registry.
    Oci {
        /// `oci://registry/path`, without the chart's name.
        url: String,
    },
}

/// What is to be installed, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The release's name.
    pub release: String,
    /// The namespace it goes to.
    pub namespace: String,
    /// The chart's name.
    pub chart: String,
    /// The chart's version, exactly.
    pub version: String,
    /// Where the chart comes from.
    pub source: Source,
}

impl Target {
    /// `oci://registry/path/chart`
    fn oci_chart(&self, url: &str) -> String {
        format!("{}/{}", url.trim_end_matches('/'), self.chart)
    }
}

/// What the command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// A new release, and its namespace if there is none.
    Install,
    /// A release that is there.
    Upgrade,
}

/// A command for a POSIX shell that installs or upgrades with exactly these values: no files are needed.
#[must_use]
pub fn helm_command(target: &Target, verb: Verb, values: &str) -> String {
    let (chart, repository) = match &target.source {
        Source::Http { url, .. } => (target.chart.clone(), Some(url)),
        Source::Oci { url } => (target.oci_chart(url), None),
    };
    let mut words = vec![
        "helm".to_owned(),
        match verb {
            Verb::Install => "install".to_owned(),
            Verb::Upgrade => "upgrade".to_owned(),
        },
        shell_word(&target.release),
        shell_word(&chart),
    ];
    if let Some(url) = repository {
        words.extend(["--repo".to_owned(), shell_word(url)]);
    }
    words.extend(["--version".to_owned(), shell_word(&target.version)]);
    words.extend(["--namespace".to_owned(), shell_word(&target.namespace)]);
    match verb {
        Verb::Install => words.push("--create-namespace".to_owned()),
        // Helm would go on with the values of the revision before.
        Verb::Upgrade => words.push("--reset-values".to_owned()),
    }
    let command = words.join(" ");
    let text = values.strip_prefix('\u{FEFF}').unwrap_or(values);
    if text.trim().is_empty() {
        return format!("{command}\n");
    }
    let end = delimiter(text);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    format!("{command} --values - <<'{end}'\n{text}{newline}{end}\n")
}

/// A word that no line of the text is, for the end of a here-document.
fn delimiter(text: &str) -> String {
    let mut n = 0_usize;
    loop {
        let word = if n == 0 {
            "VALUES".to_owned()
        } else {
            format!("VALUES{n}")
        };
        if !text.lines().any(|line| line.trim_end() == word) {
            return word;
        }
        n += 1;
    }
}

/// A text as one word of a POSIX shell; also where it would be taken for a flag's value anyway.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '@' | '+' | '-' | ',' | '%')
    };
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(shell_word("a-b_c.1"), "a-b_c.1");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("$(rm -rf /)"), "'$(rm -rf /)'");
        assert_eq!(shell_word("it's"), "'it'\\''s'");
        assert_eq!(shell_word("~"), "'~'");
    }

    #[test]
    fn the_end_of_the_text_is_no_line_of_it() {
        assert_eq!(delimiter("a: 1\n"), "VALUES");
        assert_eq!(delimiter("a: |\nVALUES\nVALUES1\n"), "VALUES2");
    }
}
