//! What is known of a chart beside its row: what it depends on, who made it, what kind of software it is.

use search::{Lexicon, Standing};

use crate::settings::CatalogSettings;
use crate::store::{ChartRecord, SearchableRecord};
use crate::sync::ArchiveSummary;

/// Dependencies of one chart that count.
const MAX_NEEDS: usize = 100;

/// What is known of a chart beside its row.
#[derive(Debug, Default)]
pub(crate) struct About {
    /// The charts that its newest version depends on.
    pub(super) needs: Box<[Need]>,
    pub(super) standing: Standing,
    /// Empty where neither it nor its name tells.
    pub(super) category: Box<str>,
}

/// A chart that another one depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(super) name: Box<str>,
    /// As the chart says: a URL, `@name`, `file://…` or nothing.
    pub(super) repository: Box<str>,
    pub(super) range: Box<str>,
    /// A condition or tags can switch it off.
    pub(super) is_optional: bool,
}

impl About {
    pub(super) fn of(
        record: &ChartRecord,
        more: &SearchableRecord,
        lexicon: &Lexicon,
        settings: &CatalogSettings,
    ) -> Self {
        let details = &more.details;
        // Charts of API version 1 say it in a file of their archive.
        let summary: Option<ArchiveSummary> = match details.dependencies.is_empty() {
            true => more
                .contents
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
            false => None,
        };
        let in_archive = summary.map(|summary| summary.dependencies).unwrap_or_default();
        let mut needs: Vec<Need> = Vec::new();
        for dependency in details.dependencies.iter().chain(&in_archive) {
            let repository = dependency.repository.trim_end_matches('/');
            let is_known = |need: &Need| *need.name == *dependency.name && *need.repository == *repository;
            // Of several aliases of one chart the first will do.
            if needs.len() < MAX_NEEDS && !needs.iter().any(is_known) {
                needs.push(Need {
                    name: dependency.name.as_str().into(),
                    repository: repository.into(),
                    range: dependency.version.as_str().into(),
                    is_optional: dependency.condition.is_some() || !dependency.tags.is_empty(),
                });
            }
        }
        let said = details.category.as_deref().unwrap_or_default();
        Self {
            needs: needs.into(),
            standing: standing(record, more, settings),
            category: lexicon.category(said, &record.name).into(),
        }
    }
}

/// By the configuration where it says which repositories are official, else by addresses. A fork stays one either way.
fn standing(record: &ChartRecord, more: &SearchableRecord, settings: &CatalogSettings) -> Standing {
    let official = &settings.official_repositories;
    if official.contains(&record.repository) {
        return Standing::Official;
    }
    let sources = &more.details.sources;
    match Standing::infer(&record.name, &record.repository, &more.repository_url, sources) {
        Standing::Official if !official.is_empty() => Standing::Ordinary,
        inferred => inferred,
    }
}
