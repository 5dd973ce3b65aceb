//! The list of releases, over all clusters and namespaces that the viewer may see.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::join_all;
use model::operation::OperationSummary;
use model::release::{
    ClusterPart, ClusterProblem, DamagedRecord, ReleaseId, ReleaseList, ReleaseQuery, ReleaseSort,
    ReleaseSummary, StatusGroup,
};

use super::catalog::{KnownVersions, Origins};
use super::{Releases, summary};
use crate::catalog::Snapshot;
use crate::clusters::problem;
use crate::ops::authorise::Action;
use crate::ops::operations::shown;
use crate::{Error, Result, Viewer};

/// Rows of one page.
const PAGE_SIZE: usize = 50;

/// What one cluster has to say.
#[derive(Default)]
struct Found {
    part: ClusterPart,
    releases: Vec<ReleaseSummary>,
    origins: Origins,
}

impl Releases<'_> {
    /// A page of releases. A cluster that does not answer, or rights that are missing, are told in its part of the list.
    #[tracing::instrument(name = "op.release.list", skip_all, err)]
    pub async fn list(&self, viewer: &Viewer, query: &ReleaseQuery) -> Result<ReleaseList> {
        self.backend.authorise(viewer, Action::ReadClusters)?;
        let names: Vec<String> = self
            .clusters(viewer)?
            .into_iter()
            .map(|cluster| cluster.name)
            .collect();
        if let Some(wanted) = &query.cluster
            && !names.contains(wanted)
        {
            return Err(Error::not_found("cluster", wanted));
        }
        let wanted = names
            .iter()
            .filter(|name| query.cluster.as_ref().is_none_or(|wanted| wanted == *name));
        let found =
            join_all(wanted.map(|name| self.of_cluster(viewer, name, query.namespace.as_deref()))).await;
        let open = self.open_operations().await?;
        let snapshot = self.backend.chart_snapshot(viewer).await?;
        let mut known = KnownVersions::default();
        let (mut parts, mut all) = (Vec::new(), Vec::new());
        for Found {
            mut part,
            releases,
            origins,
        } in found
        {
            for mut release in releases {
                self.backend
                    .complete(&snapshot, &origins, &mut known, &mut release)
                    .await?;
                release.operation = open.get(&release.id).cloned();
                if matches_text(&release, &query.q) {
                    part.n_found += 1;
                    all.push(release);
                }
            }
            parts.push(part);
        }
        Ok(narrow(all, parts, query))
    }

    /// How many releases the viewer sees of each chart of the catalog, by the charts' keys. Nothing for those who see no
    /// cluster; what clusters do not tell is not counted.
    pub(in crate::ops) async fn counts(
        &self,
        viewer: &Viewer,
        snapshot: &Snapshot,
    ) -> Result<HashMap<i64, u64>> {
        let mut counts = HashMap::new();
        if self.backend.authorise(viewer, Action::ReadClusters).is_err() {
            return Ok(counts);
        }
        let clusters = self.clusters(viewer)?;
        let found = clusters
            .iter()
            .map(|cluster| self.of_cluster(viewer, &cluster.name, None));
        let mut known = KnownVersions::default();
        for Found {
            releases, origins, ..
        } in join_all(found).await
        {
            for mut release in releases {
                self.backend
                    .complete(snapshot, &origins, &mut known, &mut release)
                    .await?;
                let chart = release
                    .source
                    .and_then(|source| snapshot.find(&source.repository, &source.chart));
                if let Some(chart) = chart {
                    *counts.entry(chart.record.id).or_default() += 1;
                }
            }
        }
        Ok(counts)
    }

    /// The releases of one cluster, as far as the viewer's roles reach.
    async fn of_cluster(&self, viewer: &Viewer, cluster: &str, namespace: Option<&str>) -> Found {
        let mut found = Found {
            part: ClusterPart {
                name: cluster.to_owned(),
                ..ClusterPart::default()
            },
            ..Found::default()
        };
        let inner = self.backend.inner();
        let connection = match inner.clusters.connect(viewer, cluster).await {
            Ok(connection) => connection,
            Err(error) => {
                found.part.problems.push(problem(&error));
                return found;
            }
        };
        let scopes = match self.scopes(viewer, cluster, namespace) {
            Ok(scopes) => scopes,
            Err(error) => {
                found.part.problems.push(problem(&error));
                return found;
            }
        };
        let lists = scopes.iter().map(|scope| {
            let connection = &connection;
            async move {
                let scope = scope.as_deref();
                // Who made them is an extra: without it the list is a list.
                let origins = async { connection.cluster.origins(scope, None).await.unwrap_or_default() };
                tokio::join!(inner.clusters.lists.get(connection, scope), origins)
            }
        });
        let (mut namespaces, mut origins) = (BTreeSet::new(), Vec::new());
        for (listing, of_scope) in join_all(lists).await {
            let listing = match listing {
                Ok(listing) => listing,
                Err(error) => {
                    found.part.problems.push(problem(&connection.explain(&error)));
                    continue;
                }
            };
            if let Some(trouble) = listing.trouble {
                found.part.problems.push(ClusterProblem {
                    message: format!("the list may be out of date: {trouble}"),
                    role_yaml: None,
                });
            }
            origins.extend(of_scope);
            found.part.damaged.extend(listing.damaged);
            for release in &listing.releases {
                namespaces.insert(release.namespace.clone());
                found.releases.push(summary(cluster, release));
            }
        }
        found.part.damaged.sort_by(by_place);
        found.part.namespaces = namespaces.into_iter().collect();
        found.origins = Origins::new(origins);
        found
    }

    /// What is to be listed: one namespace, all of them at once, or those that the viewer's roles name.
    pub(super) fn scopes(
        &self,
        viewer: &Viewer,
        cluster: &str,
        namespace: Option<&str>,
    ) -> Result<Vec<Option<String>>> {
        if let Some(namespace) = namespace {
            let action = Action::ReadReleases { cluster, namespace };
            self.backend.authorise(viewer, action)?;
            return Ok(vec![Some(namespace.to_owned())]);
        }
        if self
            .backend
            .authorise(viewer, Action::ReadAllReleases { cluster })
            .is_ok()
        {
            return Ok(vec![None]);
        }
        let mut scopes = Vec::new();
        for namespace in viewer.namespaces(cluster) {
            let action = Action::ReadReleases {
                cluster,
                namespace: &namespace,
            };
            self.backend.authorise(viewer, action)?;
            scopes.push(Some(namespace));
        }
        Ok(scopes)
    }

    async fn open_operations(&self) -> Result<BTreeMap<ReleaseId, OperationSummary>> {
        let open = self.backend.inner().store.list_open_operations().await?;
        Ok(open
            .into_iter()
            .map(|record| (record.release.clone(), shown(record)))
            .collect())
    }
}

fn by_place(one: &DamagedRecord, other: &DamagedRecord) -> std::cmp::Ordering {
    (&one.namespace, &one.name, one.revision).cmp(&(&other.namespace, &other.name, other.revision))
}

fn matches_text(release: &ReleaseSummary, text: &str) -> bool {
    let words = text.split_whitespace().map(str::to_lowercase);
    let fields = [&release.id.name, &release.id.namespace, &release.chart].map(|field| field.to_lowercase());
    words
        .into_iter()
        .all(|word| fields.iter().any(|field| field.contains(&word)))
}

/// Counts, filters, orders and cuts.
fn narrow(mut all: Vec<ReleaseSummary>, clusters: Vec<ClusterPart>, query: &ReleaseQuery) -> ReleaseList {
    let has_status = |release: &ReleaseSummary| {
        query
            .status
            .is_none_or(|wanted| StatusGroup::of(&release.status) == wanted)
    };
    let is_outdated = |release: &ReleaseSummary| release.newer_version.is_some();
    let n_outdated = all
        .iter()
        .filter(|release| has_status(release) && is_outdated(release))
        .count();
    let status_counts = StatusGroup::ALL.map(|group| {
        let of_group = all.iter().filter(|release| {
            StatusGroup::of(&release.status) == group && (!query.outdated || is_outdated(release))
        });
        (group, of_group.count())
    });
    all.retain(|release| has_status(release) && (!query.outdated || is_outdated(release)));
    let by_name = |release: &ReleaseSummary| {
        let id = &release.id;
        (id.name.clone(), id.namespace.clone(), id.cluster.clone())
    };
    match query.sort {
        ReleaseSort::Name => all.sort_by_cached_key(by_name),
        ReleaseSort::Updated => {
            all.sort_by_cached_key(|release| (std::cmp::Reverse(release.updated), by_name(release)));
        }
        ReleaseSort::Namespace => {
            all.sort_by_cached_key(|release| (release.id.namespace.clone(), by_name(release)));
        }
    }
    let n_found = all.len();
    let n_pages = n_found.div_ceil(PAGE_SIZE).max(1);
    let page = (query.page.max(1) as usize).min(n_pages);
    let releases = all
        .into_iter()
        .skip((page - 1) * PAGE_SIZE)
        .take(PAGE_SIZE)
        .collect();
    ReleaseList {
        releases,
        n_found,
        page: u32::try_from(page).unwrap_or(u32::MAX),
        n_pages: u32::try_from(n_pages).unwrap_or(u32::MAX),
        clusters,
        status_counts: status_counts.to_vec(),
        n_outdated,
    }
}
