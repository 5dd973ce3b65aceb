//! Hooks: objects that run at a moment of a release's life instead of being part of its manifest.

use std::collections::BTreeMap;

/// Marks an object as a hook; a comma list of events.
pub const HOOK_ANNOTATION: &str = "helm.sh/hook";
/// Orders the hooks of one event.
pub const HOOK_WEIGHT_ANNOTATION: &str = "helm.sh/hook-weight";
/// When to delete a hook's object; a comma list.
pub const HOOK_DELETE_ANNOTATION: &str = "helm.sh/hook-delete-policy";
/// When to show the log of a hook's pod; a comma list.
pub const HOOK_LOG_ANNOTATION: &str = "helm.sh/hook-output-log-policy";
/// `keep` leaves an object alone on uninstall and upgrade.
pub const RESOURCE_POLICY_ANNOTATION: &str = "helm.sh/resource-policy";

/// A moment at which hooks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookEvent {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

impl HookEvent {
    /// Parses one entry of the annotation; `test-success` is Helm 2's word for `test`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "pre-install" => Self::PreInstall,
            "post-install" => Self::PostInstall,
            "pre-delete" => Self::PreDelete,
            "post-delete" => Self::PostDelete,
            "pre-upgrade" => Self::PreUpgrade,
            "post-upgrade" => Self::PostUpgrade,
            "pre-rollback" => Self::PreRollback,
            "post-rollback" => Self::PostRollback,
            "test" | "test-success" => Self::Test,
            _ => return None,
        })
    }

    /// The word Helm stores in release records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreInstall => "pre-install",
            Self::PostInstall => "post-install",
            Self::PreDelete => "pre-delete",
            Self::PostDelete => "post-delete",
            Self::PreUpgrade => "pre-upgrade",
            Self::PostUpgrade => "post-upgrade",
            Self::PreRollback => "pre-rollback",
            Self::PostRollback => "post-rollback",
            Self::Test => "test",
        }
    }
}

/// A rendered hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    pub name: String,
    pub kind: String,
    /// The template it came from, as `<chart>/templates/<file>`.
    pub path: String,
    /// The line of the rendered file on which it begins, counted from 1.
    pub line: usize,
    pub manifest: String,
    pub events: Vec<HookEvent>,
    pub weight: i64,
    /// The words as written, lower-cased and trimmed: Helm keeps even those it does not know.
    pub delete_policies: Vec<String>,
    pub output_log_policies: Vec<String>,
}

impl Hook {
    /// The events as Helm writes them.
    pub fn event_names(&self) -> Vec<String> {
        self.events
            .iter()
            .map(|event| event.as_str().to_owned())
            .collect()
    }
}

/// What the annotations of an object say about hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookRole {
    /// Not a hook: part of the manifest.
    None,
    /// A hook with an event nobody runs (such as Helm 2's `crd-install`): Helm drops the object with a log line.
    Unknown { events: String },
    Hook {
        events: Vec<HookEvent>,
        weight: i64,
        delete_policies: Vec<String>,
        output_log_policies: Vec<String>,
    },
}

/// Reads the hook annotations of one object.
pub fn hook_role(annotations: &BTreeMap<String, String>) -> HookRole {
    let Some(words) = annotations.get(HOOK_ANNOTATION) else {
        return HookRole::None;
    };
    let events: Option<Vec<_>> = split_words(words).map(|word| HookEvent::parse(&word)).collect();
    let Some(events) = events else {
        return HookRole::Unknown {
            events: words.clone(),
        };
    };
    let policies = |annotation: &str| {
        annotations
            .get(annotation)
            .map_or_else(Vec::new, |words| split_words(words).collect())
    };
    HookRole::Hook {
        events,
        weight: annotations
            .get(HOOK_WEIGHT_ANNOTATION)
            .map_or(0, |weight| parse_weight(weight)),
        delete_policies: policies(HOOK_DELETE_ANNOTATION),
        output_log_policies: policies(HOOK_LOG_ANNOTATION),
    }
}

fn split_words(words: &str) -> impl Iterator<Item = String> {
    words.split(',').map(|word| word.trim().to_lowercase())
}

/// `strconv.Atoi`, with 0 for what is no number. Rust's parser takes the same `[+-]?[0-9]+`.
fn parse_weight(weight: &str) -> i64 {
    weight.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(pairs: &[(&str, &str)]) -> HookRole {
        hook_role(
            &pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn events_are_a_forgiving_list() {
        let HookRole::Hook {
            events,
            weight,
            delete_policies,
            ..
        } = role(&[
            (HOOK_ANNOTATION, " Pre-Install,test-success"),
            (HOOK_WEIGHT_ANNOTATION, "-5"),
            (HOOK_DELETE_ANNOTATION, "hook-succeeded, whatever"),
        ])
        else {
            panic!("a hook")
        };
        assert_eq!(events, [HookEvent::PreInstall, HookEvent::Test]);
        assert_eq!(weight, -5);
        assert_eq!(delete_policies, ["hook-succeeded", "whatever"]);
    }

    #[test]
    fn one_unknown_event_drops_the_object() {
        for events in ["crd-install", "pre-install,nope", ""] {
            assert_eq!(
                role(&[(HOOK_ANNOTATION, events)]),
                HookRole::Unknown {
                    events: events.to_owned()
                }
            );
        }
    }

    #[test]
    fn weights_that_are_no_numbers_count_as_zero() {
        for (weight, want) in [("+3", 3), ("1e3", 0), ("", 0), (" 1", 0), ("0x1", 0)] {
            assert_eq!(parse_weight(weight), want, "{weight}");
        }
    }
}
