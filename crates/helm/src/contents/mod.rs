//! What is in a chart, for people who look at it: which file is the README, which are templates, what can be shown as
//! text, which container images the chart names, and what its version changes. How a chart is *loaded* is the business
//! of `chart`.

mod changes;
mod images;
mod role;
mod text;

pub use changes::{ChartChange, changes_in_annotations};
pub use images::{ChartImage, images_in_annotations, images_in_values};
pub use role::{Role, role};
pub use text::{TextLimit, text};

use std::collections::BTreeMap;

use crate::archive::{ChartFile, ChartFiles};

/// The files of a chart by what they are for. Of two files at one path only the last counts, as in Helm.
#[derive(Clone, Debug, Default)]
pub struct Contents<'a> {
    pub readme: Option<&'a ChartFile>,
    pub metadata: Option<&'a ChartFile>,
    pub values: Option<&'a ChartFile>,
    pub schema: Option<&'a ChartFile>,
    pub lock: Option<&'a ChartFile>,
    pub notes: Option<&'a ChartFile>,
    pub license: Option<&'a ChartFile>,
    pub changelog: Option<&'a ChartFile>,
    /// `values-production.yaml` and the like.
    pub values_variants: Vec<&'a ChartFile>,
    /// Without the notes.
    pub templates: Vec<&'a ChartFile>,
    pub crds: Vec<&'a ChartFile>,
    /// Everything that is nothing of the above and in no subchart.
    pub others: Vec<&'a ChartFile>,
    pub subcharts: Vec<Subchart>,
}

/// A chart inside the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subchart {
    /// Its directory's name, or its archive's without `.tgz`.
    pub name: String,
    /// Its directory or archive.
    pub path: String,
    pub is_archive: bool,
}

impl<'a> Contents<'a> {
    /// Sorts the files of a chart.
    pub fn of(chart: &'a ChartFiles) -> Self {
        let mut contents = Self::default();
        let mut subcharts: BTreeMap<String, Subchart> = BTreeMap::new();
        let by_path: BTreeMap<&str, &ChartFile> = chart
            .files
            .iter()
            .map(|file| (file.path.as_str(), file))
            .collect();
        for file in by_path.into_values() {
            match role(&file.path) {
                Role::Readme => better(&mut contents.readme, file, ".md"),
                Role::License => better(&mut contents.license, file, ""),
                Role::Changelog => better(&mut contents.changelog, file, ".md"),
                Role::Metadata => contents.metadata = Some(file),
                Role::Values => contents.values = Some(file),
                Role::Schema => contents.schema = Some(file),
                Role::Lock => better(&mut contents.lock, file, "Chart.lock"),
                Role::Notes => contents.notes = Some(file),
                Role::ValuesVariant => contents.values_variants.push(file),
                Role::Template => contents.templates.push(file),
                Role::Crd => contents.crds.push(file),
                Role::Requirements | Role::Other => contents.others.push(file),
                Role::Subchart => {
                    if let Some(subchart) = Subchart::of(&file.path) {
                        subcharts.insert(subchart.path.clone(), subchart);
                    }
                }
            }
        }
        contents.subcharts = subcharts.into_values().collect();
        contents
    }
}

impl Subchart {
    /// The subchart that a file below `charts/` belongs to, by Helm's rules.
    fn of(path: &str) -> Option<Self> {
        let below = path.strip_prefix("charts/")?;
        let (name, rest) = below
            .split_once('/')
            .map_or((below, None), |(name, rest)| (name, Some(rest)));
        if name.starts_with(['_', '.']) || path.ends_with(".prov") {
            return None;
        }
        match (name.strip_suffix(".tgz"), rest) {
            (Some(stem), None) => Some(Self {
                name: stem.to_owned(),
                path: path.to_owned(),
                is_archive: true,
            }),
            (None, Some("Chart.yaml")) => Some(Self {
                name: name.to_owned(),
                path: format!("charts/{name}"),
                is_archive: false,
            }),
            _ => None,
        }
    }
}

/// Takes `file` where there is none yet, or where it ends as wanted and the one there does not.
fn better<'a>(slot: &mut Option<&'a ChartFile>, file: &'a ChartFile, wanted_end: &str) {
    let fits = |file: &ChartFile| {
        file.path
            .to_ascii_lowercase()
            .ends_with(&wanted_end.to_ascii_lowercase())
    };
    if slot.is_none_or(|known| fits(file) && !fits(known)) {
        *slot = Some(file);
    }
}
