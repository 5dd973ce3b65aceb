//! How an installation begins: where the viewer may install, and under which name.

use std::collections::BTreeSet;
use std::time::Duration;

use model::install::{ClusterFacts, InstallCluster, InstallStart, NameTaken};
use model::release::ReleaseId;

use super::Releases;
use crate::clusters::{Connection, problem};
use crate::ops::authorise::Action;
use crate::{Error, Result, Viewer};

/// A page with good defaults is worth waiting so long for; after that it has plain ones.
const PATIENCE: Duration = Duration::from_secs(4);
/// Names that are tried beside the chart's own.
const MAX_TRIED: usize = 1_000;
/// helm's limit, in bytes.
const MAX_NAME: usize = 53;

/// No grant names this namespace: only a role for all of them covers it.
const NO_NAMESPACE: &str = "";

impl Releases<'_> {
    /// Where the viewer may install, and what to offer first for a chart called `chart`.
    ///
    /// `cluster` and `namespace` are what has been chosen already. What a cluster does not answer is left out and told.
    #[tracing::instrument(name = "op.release.install_start", skip_all, fields(chart.name = %chart), err)]
    pub async fn install_start(
        &self,
        viewer: &Viewer,
        chart: &str,
        cluster: Option<&str>,
        namespace: Option<&str>,
    ) -> Result<InstallStart> {
        let clusters = self.install_clusters(viewer)?;
        let chosen = match cluster {
            Some(name) => clusters.iter().find(|cluster| cluster.name == name),
            None => None,
        };
        let chosen = chosen
            .or_else(|| clusters.iter().find(|cluster| cluster.is_open()))
            .cloned();
        let mut start = InstallStart {
            clusters,
            name: fitting(chart),
            ..InstallStart::default()
        };
        let Some(chosen) = chosen else {
            return Ok(start);
        };
        start.cluster.clone_from(&chosen.name);
        start.namespace = match namespace {
            Some(namespace) => namespace.to_owned(),
            None => good_namespace(&chosen),
        };
        start.namespaces.clone_from(&chosen.namespaces);
        if !chosen.is_open() {
            return Ok(start);
        }
        let asked = self.ask(viewer, &chosen, &start.namespace);
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok((namespaces, taken))) => {
                let mut all: BTreeSet<String> = namespaces.into_iter().collect();
                all.extend(chosen.namespaces);
                start.namespaces = all.into_iter().collect();
                start.name = free_name(&start.name, &taken);
            }
            Ok(Err(error)) => start.problem = Some(problem(&error)),
            Err(_) => {
                start.problem = Some(problem(&Error::Unavailable {
                    what: format!("cluster \"{}\"", chosen.name),
                    reason: format!("it did not answer within {} s", PATIENCE.as_secs()),
                    retry_after_secs: None,
                }));
            }
        }
        Ok(start)
    }

    /// The clusters that the viewer sees, each with where in it the viewer may install. Nothing is asked of them.
    fn install_clusters(&self, viewer: &Viewer) -> Result<Vec<InstallCluster>> {
        let clusters = self.clusters(viewer)?.into_iter().map(|cluster| {
            let may_change = |namespace: &str| {
                let action = Action::ChangeReleases {
                    cluster: &cluster.name,
                    namespace,
                };
                self.backend.authorise(viewer, action).is_ok()
            };
            let named = viewer.namespaces(&cluster.name).into_iter();
            InstallCluster {
                is_everywhere: may_change(NO_NAMESPACE),
                namespaces: named.filter(|namespace| may_change(namespace)).collect(),
                name: cluster.name,
                default_namespace: cluster.default_namespace,
            }
        });
        Ok(clusters.collect())
    }

    /// Namespaces to choose from, and the names that are taken in one of them.
    async fn ask(
        &self,
        viewer: &Viewer,
        cluster: &InstallCluster,
        namespace: &str,
    ) -> Result<(Vec<String>, BTreeSet<String>)> {
        let connection = self
            .backend
            .inner()
            .clusters
            .connect(viewer, &cluster.name)
            .await?;
        let namespaces = async {
            // Listing them is a right of its own that many do not have: who has not types the name.
            match cluster.is_everywhere {
                true => connection.cluster.namespaces().await.unwrap_or_default(),
                false => Vec::new(),
            }
        };
        let (namespaces, taken) = tokio::join!(namespaces, taken(&connection, namespace));
        Ok((namespaces, taken?))
    }

    /// The release that has this name already, whatever its state: helm gives a name once.
    #[tracing::instrument(name = "op.release.name_taken", skip_all, fields(release.name = %id.name), err)]
    pub async fn name_taken(&self, viewer: &Viewer, id: &ReleaseId) -> Result<Option<NameTaken>> {
        let connection = self.open(viewer, id).await?;
        let heads = connection
            .cluster
            .heads(Some(&id.namespace), Some(&id.name))
            .await;
        let heads = heads.map_err(|error| connection.explain(&error))?;
        let newest = heads.into_iter().max_by_key(|head| head.revision);
        Ok(newest.map(|head| NameTaken {
            status: head.status.as_str().to_owned(),
            revision: head.revision,
        }))
    }

    /// What templates see of a cluster that the viewer may see something of.
    #[tracing::instrument(name = "op.cluster.facts", skip_all, fields(cluster.name = %cluster), err)]
    pub async fn cluster_facts(&self, viewer: &Viewer, cluster: &str) -> Result<ClusterFacts> {
        self.backend.authorise(viewer, Action::ReadClusters)?;
        if !viewer.sees_cluster(cluster) {
            return Err(Error::not_found("cluster", cluster));
        }
        let connection = self.backend.inner().clusters.connect(viewer, cluster).await?;
        let asked = async {
            let discovery = connection.cluster.discover().await?;
            discovery.capabilities()
        };
        let capabilities = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(capabilities) => capabilities.map_err(|error| connection.explain(&error))?,
            Err(_) => {
                return Err(Error::Unavailable {
                    what: format!("cluster \"{cluster}\""),
                    reason: format!("it did not answer within {} s", PATIENCE.as_secs()),
                    retry_after_secs: None,
                });
            }
        };
        Ok(ClusterFacts {
            kubernetes_version: capabilities.kube_version.version,
            api_versions: capabilities.api_versions,
        })
    }
}

async fn taken(connection: &Connection, namespace: &str) -> Result<BTreeSet<String>> {
    let heads = connection.cluster.heads(Some(namespace), None).await;
    let heads = heads.map_err(|error| connection.explain(&error))?;
    Ok(heads.into_iter().map(|head| head.name).collect())
}

fn good_namespace(cluster: &InstallCluster) -> String {
    let default = &cluster.default_namespace;
    let named = cluster.namespaces.first();
    match named {
        Some(named) if !cluster.is_everywhere && !cluster.namespaces.contains(default) => named.clone(),
        _ => default.clone(),
    }
}

/// The chart's name as a release can have it.
fn fitting(chart: &str) -> String {
    let letters = chart.to_ascii_lowercase();
    let plain: String = letters
        .chars()
        .map(|letter| match letter {
            'a'..='z' | '0'..='9' | '-' => letter,
            _ => '-',
        })
        .take(MAX_NAME)
        .collect();
    let plain = plain.trim_matches('-');
    match plain {
        "" => "release".to_owned(),
        plain => plain.to_owned(),
    }
}

/// `name`, or the first of `name-2`, `name-3` … that no release has.
fn free_name(name: &str, taken: &BTreeSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    let mut numbered = (2..MAX_TRIED).map(|number| {
        let end = format!("-{number}");
        // Names are ASCII, so any place can be cut.
        let room = MAX_NAME - end.len();
        let start = name.get(..room).unwrap_or(name).trim_end_matches('-');
        format!("{start}{end}")
    });
    numbered
        .find(|name| !taken.contains(name))
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use helm::chart::validate_release_name;

    use super::{fitting, free_name};

    #[test]
    fn every_chart_has_a_name_for_its_release() {
        let long = "x".repeat(80);
        let rows = [
            ("nginx", "nginx"),
            ("My_Chart", "my-chart"),
            ("--", "release"),
            ("ü", "release"),
            ("a.b", "a-b"),
            (long.as_str(), &long[..53]),
        ];
        for (chart, want) in rows {
            let name = fitting(chart);
            assert_eq!(name, want);
            assert!(validate_release_name(&name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(free_name("web", &taken(&["db"])), "web");
        assert_eq!(free_name("web", &taken(&["web", "web-2", "web-4"])), "web-3");
        let long = "x".repeat(53);
        let name = free_name(&long, &taken(&[&long]));
        assert_eq!(name, format!("{}-2", &long[..51]));
        assert!(validate_release_name(&name).is_ok());
    }
}
