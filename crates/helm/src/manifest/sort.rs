//! Turning the rendered files of a chart into an ordered manifest and its hooks.

use std::collections::BTreeMap;

use super::{Head, Hook, HookRole, hook_role, install_order, split_documents};
use crate::Compat;
use crate::chart::DecodeError;

/// An object of the manifest: a document that is not a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The template it came from, as `<chart>/templates/<file>`.
    pub path: String,
    /// The line of the rendered file on which it begins, counted from 1.
    pub line: usize,
    pub head: Head,
    pub text: String,
}

/// What a release consists of, each part in the order of installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Objects {
    pub objects: Vec<Object>,
    pub hooks: Vec<Hook>,
    /// Hooks nobody runs, which Helm drops.
    pub skipped_hooks: Vec<SkippedHook>,
}

/// An object that was dropped because it asks for a hook event Helm does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedHook {
    pub path: String,
    pub head: Head,
    pub events: String,
}

/// A rendered document is not YAML, or its head is not an object's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("YAML parse error on {path}: {error}")]
pub struct ManifestError {
    pub path: String,
    /// Where in the rendered file the document begins.
    pub line: usize,
    pub error: DecodeError,
}

/// Splits and sorts rendered files (path to text).
pub fn sort_manifests(files: BTreeMap<&String, &String>, compat: Compat) -> Result<Objects, ManifestError> {
    let mut sorted = Objects::default();
    for (path, text) in files {
        let base = path.rsplit('/').next().unwrap_or(path);
        if base.starts_with('_') {
            continue;
        }
        for document in split_documents(text, compat) {
            let head = Head::parse(document.text).map_err(|error| ManifestError {
                path: path.clone(),
                line: document.line,
                error,
            })?;
            match hook_role(&head.annotations) {
                HookRole::None => sorted.objects.push(Object {
                    path: path.clone(),
                    line: document.line,
                    head,
                    text: document.text.to_owned(),
                }),
                HookRole::Unknown { events } => {
                    sorted.skipped_hooks.push(SkippedHook {
                        path: path.clone(),
                        head,
                        events,
                    });
                }
                HookRole::Hook {
                    events,
                    weight,
                    delete_policies,
                    output_log_policies,
                } => sorted.hooks.push(Hook {
                    name: head.name,
                    kind: head.kind,
                    path: path.clone(),
                    line: document.line,
                    manifest: document.text.to_owned(),
                    events,
                    weight,
                    delete_policies,
                    output_log_policies,
                }),
            }
        }
    }
    sorted
        .objects
        .sort_by(|a, b| install_order(&a.head.kind).cmp(&install_order(&b.head.kind)));
    sorted
        .hooks
        .sort_by(|a, b| install_order(&a.kind).cmp(&install_order(&b.kind)));
    Ok(sorted)
}
