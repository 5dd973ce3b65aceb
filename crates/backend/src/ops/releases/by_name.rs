//! A release by its name alone, for clients from the time when names were a cluster's.

use model::release::{ReleaseId, ReleaseList, ReleaseQuery, ReleaseSummary};

use super::Releases;
use crate::{Error, Result, Viewer};

/// Pages of a list that are read at most.
const MAX_PAGES: u32 = 100;

impl Releases<'_> {
    /// All releases that a query finds, not a page of them; at most some thousands.
    #[tracing::instrument(name = "op.release.list_all", skip_all, err)]
    pub async fn list_all(&self, viewer: &Viewer, query: &ReleaseQuery) -> Result<ReleaseList> {
        let mut all = self.list(viewer, &page(query, 1)).await?;
        for number in 2..=all.n_pages.min(MAX_PAGES) {
            all.releases
                .extend(self.list(viewer, &page(query, number)).await?.releases);
        }
        Ok(all)
    }

    /// The one release of that name in the clusters and namespaces that the viewer may see, as far as `cluster` and
    /// `namespace` do not narrow them.
    ///
    /// Of several none is taken: which one is meant has to be said.
    #[tracing::instrument(name = "op.release.find_by_name", skip_all, fields(release.name = %name), err)]
    pub async fn find_by_name(
        &self,
        viewer: &Viewer,
        name: &str,
        cluster: Option<&str>,
        namespace: Option<&str>,
    ) -> Result<ReleaseSummary> {
        let query = ReleaseQuery {
            cluster: cluster.map(str::to_owned),
            namespace: namespace.map(str::to_owned),
            q: name.to_owned(),
            ..ReleaseQuery::default()
        };
        let listed = self.list_all(viewer, &query).await?;
        let mut found: Vec<ReleaseSummary> = listed
            .releases
            .into_iter()
            .filter(|release| release.id.name == name)
            .collect();
        if found.len() > 1 {
            let places = found.iter().map(|release| place(&release.id));
            return Err(Error::Conflict {
                what: format!("release \"{name}\""),
                reason: format!(
                    "there are several: {}; say which by cluster and namespace",
                    places.collect::<Vec<_>>().join(", ")
                ),
            });
        }
        if let Some(release) = found.pop() {
            return Ok(release);
        }
        // Where a part could not be looked at, it may be there.
        let unseen = listed.clusters.iter().find_map(|cluster| {
            let problem = cluster.problems.first()?;
            Some((cluster.name.clone(), problem.message.clone()))
        });
        match unseen {
            Some((cluster, reason)) => Err(Error::Unavailable {
                what: format!("cluster \"{cluster}\""),
                reason,
                retry_after_secs: None,
            }),
            None => Err(Error::not_found("release", name)),
        }
    }
}

fn page(query: &ReleaseQuery, number: u32) -> ReleaseQuery {
    ReleaseQuery {
        page: number,
        ..query.clone()
    }
}

fn place(id: &ReleaseId) -> String {
    format!("{}/{}", id.cluster, id.namespace)
}
