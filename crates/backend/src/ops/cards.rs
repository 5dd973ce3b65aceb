//! What other sites show of a chart.

use bytes::Bytes;
use model::catalog::ChartSummary;

use super::authorise::Action;
use crate::blobs::Digest;
use crate::cards::Card;
use crate::{Backend, Error, Result, Viewer};

/// A chart as other sites show it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its row of a list.
    pub summary: ChartSummary,
    /// Its icon in our own encoding, with its media type.
    pub icon: Option<(&'static str, Bytes)>,
}

impl super::Charts<'_> {
    /// A chart and its icon.
    #[tracing::instrument(name = "op.chart.shown", skip_all, fields(chart.name = %name))]
    pub async fn shown(&self, viewer: &Viewer, repository: &str, name: &str) -> Result<Shown> {
        let backend = self.backend();
        backend.authorise(viewer, Action::ReadCharts)?;
        let snapshot = backend.snapshot(viewer).await?;
        let entry = snapshot
            .find(repository, name)
            .ok_or_else(|| Error::not_found("chart", name))?;
        let summary = entry.summary();
        let icon = match entry.record.icon_digest.as_deref().and_then(Digest::from_slice) {
            Some(digest) => self.icon(viewer, &digest.to_hex()).await.ok(),
            None => None,
        };
        Ok(Shown { summary, icon })
    }

    /// The picture of a chart, as a PNG of 1200 by 630 pixels; `site` is the name that stands on it.
    #[tracing::instrument(name = "op.chart.card", skip_all)]
    pub async fn card(&self, viewer: &Viewer, shown: &Shown, site: &str) -> Result<Bytes> {
        let backend = self.backend().clone();
        backend.authorise(viewer, Action::ReadCharts)?;
        let chart = &shown.summary;
        let mut facts = chart.version.clone();
        if let Some(app_version) = &chart.app_version {
            facts.push_str(&format!("  \u{2022}  app {app_version}"));
        }
        if chart.deprecated {
            facts.push_str("  \u{2022}  deprecated");
        }
        let icon = shown
            .icon
            .clone()
            .filter(|(media_type, _)| *media_type == "image/png");
        let card = Card {
            place: format!("{site}  /  {}", chart.repository),
            name: chart.name.clone(),
            facts,
            description: chart.description.clone(),
            icon: icon.map(|(_, bytes)| bytes),
        };
        drawn(backend, card).await
    }
}

impl super::Catalog<'_> {
    /// The picture of the whole catalog, for links to pages that are not a chart's; as large as a chart's.
    #[tracing::instrument(name = "op.catalog.card", skip_all)]
    pub async fn card(&self, viewer: &Viewer, site: &str) -> Result<Bytes> {
        let backend = self.backend().clone();
        backend.authorise(viewer, Action::ReadCharts)?;
        let card = Card {
            place: "Helm charts".to_owned(),
            name: site.to_owned(),
            facts: String::new(),
            description: "Find, compare and install charts for Kubernetes.".to_owned(),
            icon: None,
        };
        drawn(backend, card).await
    }
}

/// Drawing and packing take milliseconds, in which other requests want the thread.
async fn drawn(backend: Backend, card: Card) -> Result<Bytes> {
    tokio::task::spawn_blocking(move || backend.inner().cards.get(card))
        .await
        .map_err(Error::internal)
}
