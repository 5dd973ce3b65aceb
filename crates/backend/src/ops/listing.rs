//! The whole catalog at one moment, for whoever writes down all of it: sitemaps, feeds, answers of other APIs.

use std::sync::Arc;

use model::Timestamp;
use model::catalog::ChartSummary;

use super::authorise::Action;
use crate::catalog::{Entry, Snapshot};
use crate::{Backend, Result, Viewer};

/// What is said to be published later than this many seconds from now was not: indexes claim what they like.
const MAX_AHEAD_SECS: i64 = 86_400;

/// All charts that a viewer may see, by name and repository. Cloning it is cheap.
#[derive(Clone)]
pub struct Listing {
    snapshot: Arc<Snapshot>,
    now: Timestamp,
}

/// A chart of a [`Listing`].
#[derive(Clone, Copy)]
pub struct Listed<'a> {
    entry: &'a Arc<Entry>,
    now: Timestamp,
}

impl super::Catalog<'_> {
    /// All charts.
    #[tracing::instrument(name = "op.catalog.listing", skip_all, err)]
    pub async fn listing(&self, viewer: &Viewer) -> Result<Listing> {
        let backend: &Backend = self.backend();
        backend.authorise(viewer, Action::ReadCharts)?;
        Ok(Listing {
            snapshot: backend.snapshot(viewer).await?,
            now: backend.inner().clock.now(),
        })
    }
}

impl Listing {
    /// What it was made from: equal stamps are equal listings.
    pub fn stamp(&self) -> (i64, u64) {
        (self.snapshot.generation(), self.snapshot.view_number())
    }

    /// The charts, without those of which every version is gone.
    pub fn charts(&self) -> impl Iterator<Item = Listed<'_>> {
        let charts = self.snapshot.charts.iter();
        charts
            .filter(|entry| !entry.record.yanked)
            .map(|entry| Listed { entry, now: self.now })
    }

    /// The chart of that name.
    pub fn find(&self, repository: &str, name: &str) -> Option<Listed<'_>> {
        let entry = self.snapshot.find(repository, name)?;
        (!entry.record.yanked).then_some(Listed { entry, now: self.now })
    }

    /// The charts that were updated last, of one repository if one is named, the newest first.
    pub fn updated(&self, repository: Option<&str>, n: usize) -> Vec<Listed<'_>> {
        let mut charts: Vec<Listed<'_>> = self
            .charts()
            .filter(|chart| repository.is_none_or(|name| name == chart.repository()))
            .collect();
        let order = |a: &Listed<'_>, b: &Listed<'_>| {
            let key = |chart: &Listed<'_>| (chart.updated(), chart.entry.record.id);
            key(b).cmp(&key(a))
        };
        if charts.len() > n && n > 0 {
            charts.select_nth_unstable_by(n - 1, order);
        }
        charts.truncate(n);
        charts.sort_unstable_by(order);
        charts
    }

    /// The chart whose name and repository differ from these in nothing but upper and lower case, if there is one alone.
    pub fn respelled(&self, repository: &str, name: &str) -> Option<Listed<'_>> {
        let mut found = self.charts().filter(|chart| {
            chart.name().eq_ignore_ascii_case(name) && chart.repository().eq_ignore_ascii_case(repository)
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

impl<'a> Listed<'a> {
    pub(super) fn id(&self) -> i64 {
        self.entry.record.id
    }

    /// Its repository's name.
    pub fn repository(&self) -> &'a str {
        &self.entry.record.repository
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        &self.entry.record.name
    }

    /// When its newest version was published, or, where that is not known or is still to come, when it was first seen.
    pub fn updated(&self) -> Timestamp {
        let record = &self.entry.record;
        record
            .published_at
            .filter(|at| at.0 > 0 && at.0 <= self.now.0.saturating_add(MAX_AHEAD_SECS))
            .unwrap_or(record.added_at)
    }

    /// Its row of a list.
    pub fn summary(&self) -> ChartSummary {
        self.entry.summary()
    }
}
