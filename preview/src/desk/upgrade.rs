//! What another version of the chart means for the values, and the edits that settle it.

use helm::chart::Chart;
use serde::{Deserialize, Serialize};
use values::merge::{Defaults, Finding, Merge, Version};
use values::schema::Fields;
use values::{Document, Path};

use super::units::{Edit, Units};

/// The version that is installed, and what the desk's own sets by default.
#[derive(Debug)]
pub(super) struct Installed {
    defaults: Defaults,
    fields: Fields,
    new_defaults: Defaults,
}

impl Installed {
    pub(super) fn of(chart: &Chart, installed: &Chart) -> Self {
        Self {
            defaults: Defaults::of(installed),
            fields: Fields::of(installed),
            new_defaults: Defaults::of(chart),
        }
    }

    /// Compares without changing anything.
    pub(super) fn compare(&self, fields: &Fields, text: &str) -> Result<Merge, String> {
        let version = |defaults, fields| Version {
            defaults,
            fields: Some(fields),
        };
        let old = version(&self.defaults, &self.fields);
        let new = version(&self.new_defaults, fields);
        Merge::compare(old, new, text).map_err(|error| super::chain(&error))
    }
}

/// Something that a reader must know before upgrading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The value it is about.
    pub path: Path,
    /// In words, with back-ticks around paths and values.
    pub sentence: String,
    /// Whether the upgrade would do something else than the values say.
    pub is_conflict: bool,
    /// Where the value stands, in UTF-16 units, if it does.
    pub at: Option<usize>,
    /// Labels for buttons, in the order of the choices.
    pub choices: Vec<String>,
}

pub(super) fn told(merge: &Merge, text: &str) -> Vec<Told> {
    let document = Document::parse(text).ok();
    let units = Units::of(text);
    let tell = |finding: &Finding| {
        let span = document
            .as_ref()
            .and_then(|document| document.span_of(&finding.path));
        Told {
            path: finding.path.clone(),
            sentence: finding.sentence(),
            is_conflict: finding.is_conflict(),
            at: span.map(|span| units.unit(span.key.unwrap_or(span.value).start)),
            choices: finding
                .choices
                .iter()
                .map(|choice| choice.label.clone())
                .collect(),
        }
    };
    merge.findings().iter().map(tell).collect()
}

/// The edit of one choice; nothing where the text stays as it is.
pub(super) fn choose(
    mut merge: Merge,
    text: &str,
    path: &Path,
    choice: usize,
) -> Result<Option<Edit>, String> {
    let at = merge.findings().iter().position(|finding| finding.path == *path);
    let Some(at) = at else { return Ok(None) };
    merge.choose(at, choice).map_err(|error| super::chain(&error))?;
    let change = values::document::TextChange::between(text, merge.text());
    Ok((!change.is_none()).then(|| Units::of(text).edit(&change)))
}
