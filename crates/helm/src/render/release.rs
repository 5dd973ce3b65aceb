//! The result of `helm install --dry-run=client`: one manifest, hooks, notes.

use std::collections::BTreeMap;

use super::Rendered;
use crate::Compat;
use crate::manifest::{ManifestError, Objects, sort_manifests};

/// How to put a release together.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReleaseOptions {
    /// Show the notes of subcharts as well.
    pub sub_notes: bool,
    /// Put the `crds/` files in front of the manifest.
    pub include_crds: bool,
    /// Leave the contents of Secrets out of the manifest.
    pub hide_secrets: bool,
}

/// A release before it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseManifest {
    /// All objects in the order of installation, each with its `# Source:`.
    pub manifest: String,
    pub notes: String,
    /// The same objects one by one, and the hooks.
    pub objects: Objects,
}

/// The file whose text is shown to the user after an installation.
const NOTES_FILE: &str = "NOTES.txt";

impl Rendered {
    /// Splits and sorts the rendered files.
    pub fn release(&self, options: &ReleaseOptions) -> Result<ReleaseManifest, ManifestError> {
        self.release_as(options, Compat::default())
    }

    /// Splits and sorts the rendered files as the given Helm does.
    pub fn release_as(
        &self,
        options: &ReleaseOptions,
        compat: Compat,
    ) -> Result<ReleaseManifest, ManifestError> {
        let (notes_files, files): (BTreeMap<_, _>, BTreeMap<_, _>) = self
            .templates
            .iter()
            .partition(|(path, _)| path.ends_with(NOTES_FILE));
        let root_notes = format!("{}/templates/{NOTES_FILE}", self.metadata.name);
        let shown = notes_files
            .iter()
            .filter(|(path, _)| options.sub_notes || ***path == root_notes);
        let mut notes = String::new();
        for (_, text) in shown {
            if !notes.is_empty() {
                notes.push('\n');
            }
            notes.push_str(text);
        }
        let objects = sort_manifests(files, compat)?;
        let mut manifest = String::new();
        if options.include_crds {
            for file in &self.crds {
                push(&mut manifest, &file.path, &file.text());
            }
        }
        for object in &objects.objects {
            if options.hide_secrets && object.head.kind == "Secret" && object.head.api_version == "v1" {
                let text = "# HIDDEN: The Secret output has been suppressed";
                push(&mut manifest, &object.path, text);
            } else {
                push(&mut manifest, &object.path, &object.text);
            }
        }
        Ok(ReleaseManifest {
            manifest,
            notes,
            objects,
        })
    }
}

fn push(manifest: &mut String, path: &str, text: &str) {
    manifest.push_str("---\n# Source: ");
    manifest.push_str(path);
    manifest.push('\n');
    manifest.push_str(text);
    manifest.push('\n');
}
