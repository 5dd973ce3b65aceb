//! The merged view over all repositories: queries, rows and facets.

use serde::{Deserialize, Serialize};

use crate::page::Page;
use crate::time::Timestamp;

/// What a visitor asks of the catalog; the query string of `/charts` is exactly this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CatalogQuery {
    /// Words to find, with filters such as `repo:grafana` among them.
    pub q: String,
    /// Only this repository; empty means all.
    pub repository: String,
    /// Only charts with this keyword; empty means all.
    pub keyword: String,
    /// Only charts of this category; empty means all.
    pub category: String,
    /// Only charts with this licence; empty means all.
    pub license: String,
    /// Only charts for this minor version of Kubernetes, such as `1.30`; empty means all.
    pub kubernetes: String,
    /// `application` or `library`; empty means both.
    #[serde(rename = "type")]
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
    /// Every hit says how it came to its place.
    pub explain: bool,
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
    pub charts: Page<CatalogHit>,
    pub facets: Facets,
    /// Sentences about the query: what was not understood, not found, or taken for something else.
    pub hints: Vec<String>,
}

/// A chart that was found, and where the words were found in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogHit {
    #[serde(flatten)]
    pub chart: ChartSummary,
    /// One for each word that was found, in the order of the query.
    pub found: Vec<Found>,
    /// What to mark in the name.
    pub name_marks: Vec<Mark>,
    /// What to mark in the description.
    pub description_marks: Vec<Mark>,
    /// How it came to its place, line by line, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<Vec<String>>,
}

/// Where a word of a query was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found {
    /// The word, in lower case.
    pub word: String,
    /// What stands there instead: another form, a synonym, what the word was mistyped for.
    pub found: String,
    /// In words: "found in …".
    pub field: String,
    /// Where in the field: a path such as `auth.existingSecret`, an image, a kind.
    pub place: Option<String>,
    /// In words: how the two belong together.
    pub way: String,
}

/// A part of a text, in bytes of its UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mark {
    pub start: usize,
    pub end: usize,
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
    /// Its repository is one of those that the configuration calls official.
    pub is_official: bool,
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
    pub categories: Vec<FacetCount>,
    pub licenses: Vec<FacetCount>,
    /// Minor versions such as `1.30`, newest first.
    pub kubernetes: Vec<FacetCount>,
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
    /// Charts that entered the catalog most recently, later than most of their repository.
    pub recently_added: Vec<ChartSummary>,
    /// Charts that others and releases are made of, the most used first.
    pub most_used: Vec<UsedChart>,
    /// What kinds of software there are, the most frequent first; inferred where charts do not say.
    pub categories: Vec<FacetCount>,
    pub keywords: Vec<FacetCount>,
    /// Those with most charts, by name, at most 12.
    pub repositories: Vec<crate::repository::RepositorySummary>,
    /// How many there are.
    pub n_repositories: u64,
}

/// A chart, and how much it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsedChart {
    #[serde(flatten)]
    pub chart: ChartSummary,
    /// Charts of this catalog that depend on it.
    pub n_used_by: u64,
    /// Releases of it that the viewer may see here.
    pub n_releases: u64,
}

/// A chart that has to do with another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelatedChart {
    #[serde(flatten)]
    pub chart: ChartSummary,
    /// What the two have to do with one another, in a few words.
    pub why: String,
}

/// A chart that depends on another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dependent {
    #[serde(flatten)]
    pub chart: ChartSummary,
    /// The versions that it takes, as it says.
    pub range: String,
    /// A value can switch it off.
    pub is_optional: bool,
}

/// What a chart has to do with others of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Relations {
    /// The first of those that depend on it.
    pub used_by: Vec<Dependent>,
    pub n_used_by: u64,
    /// Those that are likely to interest whoever looks at it, the likeliest first.
    pub related: Vec<RelatedChart>,
}
