//! `--output-dir`: one file a template, all its documents in it.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use helm::manifest::{Hook, Object};
use helm::render::CrdFile;

use super::terminal;

/// The directory, and which files of this run are in it.
pub(super) struct OutputDirectory {
    top: PathBuf,
    /// With `--release-name` objects and hooks go into a folder; helm leaves definitions above it.
    below: PathBuf,
    written: HashSet<String>,
}

impl OutputDirectory {
    pub(super) fn new(top: &Path, release_name: Option<&str>) -> Self {
        Self {
            top: top.to_owned(),
            below: match release_name {
                Some(name) => top.join(name),
                None => top.to_owned(),
            },
            written: HashSet::new(),
        }
    }

    pub(super) fn write_crds(&mut self, crds: &[CrdFile]) -> Result<()> {
        for file in crds {
            let append = !self.written.insert(file.path.clone());
            write(&self.top, &file.path, &file.text(), append)?;
        }
        Ok(())
    }

    pub(super) fn write_objects(&mut self, objects: &[Object]) -> Result<()> {
        for object in objects {
            let append = !self.written.insert(object.path.clone());
            write(&self.below, &object.path, &object.text, append)?;
        }
        Ok(())
    }

    /// Hooks are added to a file that is there, even to one of an earlier run: so does helm.
    pub(super) fn write_hooks<'h>(&mut self, hooks: impl Iterator<Item = &'h Hook>) -> Result<()> {
        for hook in hooks {
            let append = self.below.join(&hook.path).exists();
            write(&self.below, &hook.path, &hook.manifest, append)?;
        }
        Ok(())
    }
}

fn write(directory: &Path, name: &str, text: &str, append: bool) -> Result<()> {
    let shown = format!("{}/{name}", directory.display());
    let path = directory.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
    }
    let file = if append {
        OpenOptions::new().append(true).open(&path)
    } else {
        File::create(&path)
    };
    file.and_then(|mut file| write!(file, "---\n# Source: {name}\n{text}\n"))
        .with_context(|| format!("writing {shown}"))?;
    terminal::print(&format!("wrote {shown}"));
    Ok(())
}
