//! What was found, in plain words.

use serde_json::Value as Json;

use super::{Change, Finding};

/// A value that is longer is told by its shape.
const MAX_VALUE_CHARS: usize = 48;

impl Finding {
    /// Whether the upgrade would do something else than the override says, unless somebody decides.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match &self.change {
            Change::Renamed { .. }
            | Change::Removed
            | Change::NewRequired { .. }
            | Change::SwitchedOff { .. } => true,
            Change::Retyped { fits, .. } => !fits,
            Change::DefaultChanged { .. } | Change::NowDefault => false,
        }
    }

    /// One or two sentences, with back-ticks around paths and values. Nothing of the override itself is in them: it may
    /// be a secret.
    #[must_use]
    pub fn sentence(&self) -> String {
        let path = &self.path;
        match &self.change {
            Change::Renamed { to, certain: true } => format!("`{path}` is `{to}` now."),
            Change::Renamed { to, certain: false } => {
                format!("`{path}` is gone. It looks as if `{to}` came in its place.")
            }
            Change::Removed => format!("`{path}` is gone: this version does not know it."),
            Change::Retyped { new_default, fits } => {
                let yours = if *fits {
                    "What you set is of that type already."
                } else {
                    "What you set is of the old type."
                };
                format!(
                    "`{path}` has another type: by default it is {} now. {yours}",
                    shown(new_default)
                )
            }
            Change::DefaultChanged {
                old_default: Some(old),
                new_default,
            } => format!(
                "The default of `{path}` was {} and is {} now. What you set stays.",
                shown(old),
                shown(new_default)
            ),
            Change::DefaultChanged {
                old_default: None,
                new_default,
            } => format!(
                "`{path}` is new in this version, with the default {}. You have set it already.",
                shown(new_default)
            ),
            Change::NowDefault => format!("What you set for `{path}` is the default now."),
            Change::SwitchedOff { by: Some(by) } => format!(
                "This version leaves `{path}` off: what you set below it does nothing unless `{by}` is `true`."
            ),
            Change::SwitchedOff { by: None } => {
                format!("This version leaves `{path}` off: what you set below it does nothing.")
            }
            Change::NewRequired { description } => {
                let what = description.as_deref().map(str::trim).unwrap_or_default();
                let what = what.lines().next().unwrap_or_default();
                match what {
                    "" => format!("`{path}` has to be set in this version."),
                    what => format!("`{path}` has to be set in this version: {what}"),
                }
            }
        }
    }
}

/// A default, or what it is.
fn shown(value: &Json) -> String {
    let text = value.to_string();
    match value {
        Json::Null => "nothing".to_owned(),
        Json::String(text) if text.is_empty() => "an empty text".to_owned(),
        Json::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Json::Object(entries) if entries.is_empty() => "an empty mapping".to_owned(),
        _ if text.chars().count() <= MAX_VALUE_CHARS && !text.contains('`') => format!("`{text}`"),
        Json::Array(items) => format!("a list of {}", items.len()),
        Json::Object(_) => "a mapping".to_owned(),
        _ => "another text".to_owned(),
    }
}
