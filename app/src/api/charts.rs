//! Reading one chart.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use model::chart::{ChartDetail, Prose, VersionSummary};
use model::files::{FileEntry, FileView, ValuesView};
use serde::{Deserialize, Serialize};

use super::Lean;
use crate::error::AppError;

/// Which of a chart's pages is wanted; the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChartRequest {
    pub repository: String,
    pub name: String,
    /// Empty means the newest.
    pub version: String,
    /// As [`crate::routes::ChartTab::segment`] says it.
    pub tab: String,
    /// Empty means the tab's first.
    pub file: String,
}

/// One of a chart's pages: what all of them show, and what this one shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChartPage {
    pub chart: ChartDetail,
    pub content: TabContent,
}

/// What a tab shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TabContent {
    Overview {
        readme: Option<Prose>,
    },
    Values {
        values: Option<ValuesView>,
    },
    /// A list of files, and one of them.
    Files {
        entries: Vec<FileEntry>,
        shown: Option<FileView>,
    },
    Dependencies,
    Versions {
        versions: Vec<VersionSummary>,
    },
}

/// A chart's page with everything on it, in one answer.
#[server(name = ChartPageFn, prefix = "/ui", endpoint = "charts/page", input = GetUrl)]
pub async fn chart_page(request: ChartRequest) -> Result<ChartPage, AppError> {
    super::server::chart_page(request).await
}

impl Lean for ChartPage {
    fn lean(&self) -> Self {
        let content = match &self.content {
            TabContent::Overview { readme } => {
                let readme = readme.as_ref().map(|prose| Prose {
                    html: String::new(),
                    headings: prose.headings.clone(),
                });
                TabContent::Overview { readme }
            }
            TabContent::Values { values } => {
                let values = values.as_ref().map(|values| ValuesView {
                    html: String::new(),
                    paths: Vec::new(),
                    variants: values.variants.clone(),
                    ..*values
                });
                TabContent::Values { values }
            }
            TabContent::Files { entries, shown } => {
                let shown = shown.as_ref().map(|view| FileView {
                    entry: view.entry.clone(),
                    html: String::new(),
                    n_lines: view.n_lines,
                });
                TabContent::Files {
                    entries: entries.clone(),
                    shown,
                }
            }
            content => content.clone(),
        };
        Self {
            chart: self.chart.clone(),
            content,
        }
    }
}
