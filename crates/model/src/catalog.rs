//! The merged view over all repositories: queries, rows and facets.

use serde::{Deserialize, Serialize};

use crate::page::Page;
use crate::time::Timestamp;

/// What a visitor asks of the catalog; the query string of `/charts` is exactly this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CatalogQuery {
    /// Words to find in name, description and keywords.
    pub q: String,
    /// Only this repository; empty means all.
    pub repository: String,
    /// Only charts with this keyword; empty means all.
    pub keyword: String,
    /// `application` or `library`; empty means both.
    pub chart_type: String,
    /// Only charts whose newest version ships a `values.schema.json`.
    pub schema: bool,
    /// Only charts whose newest version has a provenance file.
    pub signed: bool,
    /// Deprecated charts are shown, too.
    pub deprecated: bool,
    pub sort: CatalogSort,
    /// A cursor from [`Page`]; empty is the first part.
    pub cursor: String,
}

/// The order of the catalog's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CatalogSort {
    /// Best match first when there are words to match, else by name.
    #[default]
    Relevance,
    Name,
    /// Newest version's date, newest first.
    Updated,
}

/// The answer to a [`CatalogQuery`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogPage {
    pub charts: Page<ChartSummary>,
    pub facets: Facets,
}

/// A chart as a row of a list, described by its newest version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChartSummary {
    pub repository: String,
    pub name: String,
    /// The newest version: the newest release, or the newest pre-release where there is no release.
    pub version: String,
    pub app_version: Option<String>,
    pub description: String,
    /// Path below the base path of the re-encoded icon on our own origin.
    pub icon: Option<String>,
    pub deprecated: bool,
    pub is_library: bool,
    pub has_schema: bool,
    pub is_signed: bool,
    /// All its versions are gone from the upstream repository.
    pub yanked: bool,
    /// When the newest version was published, as its index says.
    pub updated: Option<Timestamp>,
    pub n_versions: u32,
}

/// How many of the matching charts fall into each choice of each filter.
///
/// A filter's own choice does not narrow its own counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Facets {
    pub repositories: Vec<FacetCount>,
    /// The most frequent keywords, most frequent first.
    pub keywords: Vec<FacetCount>,
    pub chart_types: Vec<FacetCount>,
    pub n_schema: u64,
    pub n_signed: u64,
    pub n_deprecated: u64,
}

/// One choice of a filter with the number of charts behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FacetCount {
    pub value: String,
    pub n: u64,
}

/// What the home page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Home {
    pub n_charts: u64,
    pub n_versions: u64,
    /// Charts whose newest version is the most recent.
    pub recently_updated: Vec<ChartSummary>,
    /// Charts that entered the catalog most recently.
    pub recently_added: Vec<ChartSummary>,
    pub keywords: Vec<FacetCount>,
    pub repositories: Vec<crate::repository::RepositorySummary>,
}
