//! Values taken elsewhere, as they were typed: a `helm` command ([`helm_command`]), objects for Flux ([`flux`]) and
//! Argo CD ([`argo_cd`]). And from elsewhere: `--set` as it stands in commands ([`apply_flags`]).
//!
//! Secrets are exported as they are; whether that is wanted is for the caller to ask.

mod flags;
mod objects;

pub use flags::{FlagsError, apply_flags, assignments};
pub use objects::{ObjectError, argo_cd, flux};

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
    /// The archive itself, where no repository serves it.
    Archive {
        /// Its address.
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
    /// A new release.
    Install,
    /// A release that is there.
    Upgrade,
}

/// What `helm` is told besides; each as its flag is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    pub create_namespace: bool,
    pub wait: bool,
    pub wait_for_jobs: bool,
    pub rollback_on_failure: bool,
    pub skip_crds: bool,
    pub no_hooks: bool,
    pub force_conflicts: bool,
    pub take_ownership: bool,
    /// Without it, Helm's own 5 minutes.
    pub timeout_secs: Option<u64>,
    /// Of upgrades; without it, Helm's own 10.
    pub history_max: Option<u64>,
    pub description: Option<String>,
    /// Each `key=value`.
    pub labels: Vec<String>,
}

impl Options {
    fn words(&self, verb: Verb) -> Vec<String> {
        let flags = [
            (self.create_namespace, "--create-namespace"),
            (self.wait, "--wait"),
            (self.wait_for_jobs, "--wait-for-jobs"),
            (self.rollback_on_failure, "--rollback-on-failure"),
            (self.skip_crds, "--skip-crds"),
            (self.no_hooks, "--no-hooks"),
            (self.force_conflicts, "--force-conflicts"),
            (self.take_ownership, "--take-ownership"),
        ];
        let set = flags.into_iter().filter(|(is_set, _)| *is_set);
        let mut words: Vec<String> = set.map(|(_, flag)| flag.to_owned()).collect();
        let mut pair = |flag: &str, value: &str| words.extend([flag.to_owned(), shell_word(value)]);
        if let Some(seconds) = self.timeout_secs {
            pair("--timeout", &format!("{seconds}s"));
        }
        if let (Some(most), Verb::Upgrade) = (self.history_max, verb) {
            pair("--history-max", &most.to_string());
        }
        if let Some(description) = &self.description {
            pair("--description", description);
        }
        if !self.labels.is_empty() {
            pair("--labels", &self.labels.join(","));
        }
        words
    }
}

/// A command for a POSIX shell that installs or upgrades with exactly these values: no files are needed.
#[must_use]
pub fn helm_command(target: &Target, verb: Verb, options: &Options, values: &str) -> String {
    let (chart, repository) = match &target.source {
        Source::Archive { url } => (url.clone(), None),
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
    if !matches!(target.source, Source::Archive { .. }) {
        words.extend(["--version".to_owned(), shell_word(&target.version)]);
    }
    words.extend(["--namespace".to_owned(), shell_word(&target.namespace)]);
    if verb == Verb::Upgrade {
        // Helm would go on with the values of the revision before.
        words.push("--reset-values".to_owned());
    }
    words.extend(options.words(verb));
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
