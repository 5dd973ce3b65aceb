//! A server in the place of a cluster: the same commands, asked of a Chartroom that does them as the token's user.
//!
//! Records come in helm's shape, so that what is printed is made by the same functions as straight. How requests are sent is
//! the crate `client`'s business.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use client::{Client, Settings, Token};
use cluster::StoredRelease;
use helm::release::{Release, user_labels};
use model::operation::{
    ChartReference, Happened, OperationEvent, OperationRequest, OperationState, OperationSummary,
};
use model::record::{DryRunRequest, LiveObjects, RecordList, RecordQuery, ReleaseRecord};
use model::release::{ClusterSummary, ReleaseId};

use super::{interrupted, terminal, variable};

#[derive(Args)]
pub(super) struct ServerFlags {
    /// Work by this Chartroom, on charts of its catalog and as the token's user [default: $CHARTROOM_SERVER]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// The cluster's name at that server [default: the only one there is]
    #[arg(long = "cluster", value_name = "NAME")]
    cluster: Option<String>,
    /// The file that holds the API token for that server [default: the token in $CHARTROOM_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The file that holds a token of yours for the cluster, which is then asked with that token and with nothing of the
    /// server's [default: the token in $CHARTROOM_CLUSTER_TOKEN, if there is one]
    #[arg(long, value_name = "FILE")]
    cluster_token_file: Option<PathBuf>,
    /// More certificates that the server's is checked with [default: $CHARTROOM_CA_FILE]
    #[arg(long, value_name = "FILE")]
    server_ca_file: Option<PathBuf>,
}

/// One cluster of a server's, and a namespace.
pub(super) struct Remote {
    client: Client,
    cluster: String,
    pub(super) namespace: String,
}

impl ServerFlags {
    /// The server, if one is meant. A flag about a cluster itself counts more than a variable.
    pub(super) fn address(&self, kube_flag: Option<&str>) -> Result<Option<String>> {
        match (&self.server, kube_flag) {
            (Some(_), Some(flag)) => {
                bail!("--server and {flag} are two ways to a cluster: give one of them")
            }
            (Some(server), None) => return Ok(Some(server.clone())),
            (None, Some(_)) => {}
            (None, None) => {
                if let Some(server) = variable("CHARTROOM_SERVER").filter(|server| !server.is_empty()) {
                    return Ok(Some(server));
                }
            }
        }
        let flags = [
            ("--cluster", self.cluster.is_some()),
            ("--token-file", self.token_file.is_some()),
            ("--cluster-token-file", self.cluster_token_file.is_some()),
            ("--server-ca-file", self.server_ca_file.is_some()),
        ];
        match flags.into_iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => bail!("{flag} is about a server: give --server, or set CHARTROOM_SERVER"),
            None => Ok(None),
        }
    }

    /// Asks the server for its clusters, which shows whether it is there and knows the token.
    pub(super) async fn connect(&self, address: &str, namespace: Option<String>) -> Result<Remote> {
        let ca_file = self.server_ca_file.clone();
        let client = Client::new(&Settings {
            server: address.to_owned(),
            token: Some(self.token(address)?),
            ca_file: ca_file.or_else(|| {
                let file = variable("CHARTROOM_CA_FILE").filter(|file| !file.is_empty());
                file.map(PathBuf::from)
            }),
        })?;
        if client.is_in_the_clear() {
            terminal::complain(&format!(
                "WARNING: the token is sent unencrypted to {}; use https://",
                client.server()
            ));
        }
        let clusters = client.clusters().await.map_err(told)?;
        let cluster = choose(&clusters, self.cluster.as_deref(), &client.server())?;
        let client = match self.cluster_token()? {
            Some(token) => client.with_cluster_token(&cluster.name, &token)?,
            None => client,
        };
        Ok(Remote {
            namespace: namespace.unwrap_or_else(|| cluster.default_namespace.clone()),
            cluster: cluster.name.clone(),
            client,
        })
    }

    fn token(&self, address: &str) -> Result<Token> {
        let text = secret(self.token_file.as_deref(), "CHARTROOM_TOKEN")?.unwrap_or_default();
        if text.trim().is_empty() {
            bail!(
                "a token is needed: make one on the page Account of {address}, and set CHARTROOM_TOKEN or give \
                 --token-file"
            );
        }
        Ok(Token::new(&text)?)
    }

    fn cluster_token(&self) -> Result<Option<String>> {
        secret(self.cluster_token_file.as_deref(), "CHARTROOM_CLUSTER_TOKEN")
    }
}

/// Never from an argument: every user of a machine can see those.
fn secret(file: Option<&Path>, variable_name: &str) -> Result<Option<String>> {
    Ok(match file {
        Some(file) => {
            let read = std::fs::read_to_string(file);
            Some(read.with_context(|| format!("reading the token of {}", file.display()))?)
        }
        None => variable(variable_name).filter(|text| !text.is_empty()),
    })
}

/// The cluster that is meant.
fn choose<'a>(
    clusters: &'a [ClusterSummary],
    wanted: Option<&str>,
    server: &str,
) -> Result<&'a ClusterSummary> {
    let names: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    let names = names.join(", ");
    match (wanted, clusters) {
        (_, []) => bail!("{server} has no cluster that you may see"),
        (Some(wanted), clusters) => clusters
            .iter()
            .find(|cluster| cluster.name == wanted)
            .ok_or_else(|| {
                anyhow!("{server} has no cluster {wanted:?} that you may see; there are: {names}")
            }),
        (None, [only]) => Ok(only),
        (None, _) => bail!("{server} has several clusters: name one with --cluster ({names})"),
    }
}

impl Remote {
    fn id(&self, name: &str) -> ReleaseId {
        ReleaseId {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
            name: name.to_owned(),
        }
    }

    /// The releases of a list.
    pub(super) async fn list(&self, query: &RecordQuery) -> Result<Vec<Release>> {
        let listed = self.client.list_records(&self.cluster, query).await;
        // The part of the query is the flag that was just typed, which helm's words do not repeat.
        let listed = listed.map_err(|error| match error {
            client::Error::Problem {
                status: 400, detail, ..
            } => {
                let fields = ["filter: ", "selector: "];
                let message = fields.iter().find_map(|field| detail.strip_prefix(field));
                anyhow!(message.unwrap_or(&detail).to_owned())
            }
            other => told(other),
        });
        releases(listed?)
    }

    /// The newest revisions of a release, the oldest of them first.
    pub(super) async fn history(&self, name: &str, max: usize) -> Result<Vec<Release>> {
        let history = self.client.record_history(&self.id(name), max).await;
        releases(history.map_err(of_release)?)
    }

    /// A revision, or the newest where none is named.
    pub(super) async fn record(&self, name: &str, revision: i64) -> Result<StoredRelease> {
        let revision = (revision > 0).then_some(revision);
        let record = self.client.record(&self.id(name), revision).await;
        stored(record.map_err(of_release)?)
    }

    /// The newest revision, if there is any.
    pub(super) async fn find(&self, name: &str) -> Result<Option<Release>> {
        match self.client.record(&self.id(name), None).await {
            Ok(record) => Ok(Some(stored(record)?.release)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    /// The objects of a revision as they are now.
    pub(super) async fn live_objects(
        &self,
        name: &str,
        revision: i64,
        as_tables: bool,
    ) -> Result<LiveObjects> {
        let found = self
            .client
            .live_objects(&self.id(name), Some(revision), as_tables)
            .await;
        found.map_err(of_release)
    }

    /// What would be done.
    pub(super) async fn plan(&self, name: &str, request: &OperationRequest) -> Result<model::plan::Plan> {
        self.client.plan(&self.id(name), request).await.map_err(told)
    }

    /// The record that would be made, and what an uninstallation would leave.
    pub(super) async fn dry_run(&self, name: &str, request: &DryRunRequest) -> Result<(Release, String)> {
        let record = self.client.dry_run(&self.id(name), request).await.map_err(told)?;
        let kept = record.kept.clone();
        Ok((stored(record)?.release, kept))
    }

    /// Does something to its end; Ctrl-C and SIGTERM cancel it. What a hook or a test printed, and warnings, go to `tell`.
    ///
    /// An operation that did not succeed is an error with the reason.
    pub(super) async fn run(
        &self,
        name: &str,
        request: &OperationRequest,
        plan_hash: Option<&str>,
        tell: impl FnMut(&OperationEvent),
    ) -> Result<OperationSummary> {
        let begun = self.client.begin(&self.id(name), request, plan_hash).await;
        let begun = begun.map_err(told)?;
        let following = self.client.follow(&begun.id, tell);
        tokio::pin!(following);
        let ended = tokio::select! {
            ended = &mut following => ended,
            () = interrupted() => {
                terminal::print(&format!("Release {name} has been cancelled."));
                // It may have ended in this moment; how, is told below.
                let _ = self.client.cancel(&begun.id).await;
                following.await
            }
        };
        let ended = ended.map_err(told)?;
        match ended.state {
            OperationState::Succeeded => Ok(ended),
            // In helm's words.
            OperationState::Canceled => bail!("context canceled"),
            _ => bail!("{}", ended.message),
        }
    }

    /// The revision that an operation made.
    pub(super) async fn made(&self, name: &str, operation: &OperationSummary) -> Result<Release> {
        let revision = operation.revision.unwrap_or_default();
        Ok(self.record(name, revision).await?.release)
    }
}

/// What helm tells while something is done: warnings, and what hooks print.
pub(super) fn narrate(event: &OperationEvent) {
    match &event.what {
        Happened::Warning { message } => terminal::complain(message),
        Happened::Log { text, .. } => terminal::complain(text.trim_end_matches('\n')),
        _ => {}
    }
}

/// A chart as a server knows it.
pub(super) fn chart(reference: &str, version: Option<&str>) -> Result<ChartReference> {
    let reference = reference.trim();
    let is_path = reference.starts_with(['.', '/', '~']) || reference.ends_with(".tgz");
    match reference.split_once('/') {
        Some((repository, name)) if !is_path && !repository.is_empty() && is_name(name) => {
            Ok(ChartReference {
                repository: repository.to_owned(),
                name: name.to_owned(),
                version: version.map(str::to_owned),
            })
        }
        _ => bail!(
            "a server installs charts of its catalog, named REPOSITORY/NAME, and {reference:?} is none: put the chart \
             into a repository of the server's, or work straight on the cluster, without --server and CHARTROOM_SERVER"
        ),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', ':'])
}

fn releases(listed: RecordList) -> Result<Vec<Release>> {
    for damaged in &listed.damaged {
        terminal::complain(&format!("WARNING: {}", damaged.reason));
    }
    listed.records.into_iter().map(release).collect()
}

fn stored(record: ReleaseRecord) -> Result<StoredRelease> {
    let mut release = release(record.release)?;
    release.labels = user_labels(&record.labels);
    Ok(StoredRelease {
        release,
        labels: record.labels,
    })
}

fn release(record: serde_json::Value) -> Result<Release> {
    serde_json::from_value(record).context("the server's answer is no record of helm's")
}

/// An error about one release, in helm's words where helm has some.
fn of_release(error: client::Error) -> anyhow::Error {
    match error.status() {
        Some(404) => anyhow!("release: not found"),
        _ => told(error),
    }
}

/// An error, with what helps against it.
fn told(error: client::Error) -> anyhow::Error {
    match error {
        client::Error::Problem {
            detail,
            role_yaml: Some(role),
            ..
        } => anyhow!("{detail}\n\nThis role would allow it:\n{}", role.trim_end()),
        client::Error::Problem {
            detail,
            operation: Some(operation),
            ..
        } => anyhow!("{detail} (operation {operation})"),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_knows_charts_of_its_catalog() {
        let known = chart(" samples/hello-web ", Some("1.x")).expect("a chart");
        assert_eq!(
            (known.repository.as_str(), known.name.as_str()),
            ("samples", "hello-web")
        );
        assert_eq!(known.version.as_deref(), Some("1.x"));
        for other in [
            "hello-web",
            "./hello-web",
            "../charts/hello-web",
            "/srv/hello-web",
            "~/hello-web",
            "samples/hello-web-1.0.0.tgz",
            "a/b/c",
            "/hello",
            "samples/",
            "https://example.com/hello-web.tgz",
            "oci://example.com/hello-web",
        ] {
            let error = chart(other, None).expect_err(other).to_string();
            assert!(error.contains("REPOSITORY/NAME"), "{error}");
        }
    }

    #[test]
    fn the_cluster_is_the_named_one_or_the_only_one() {
        let summary = |name: &str| ClusterSummary {
            name: name.to_owned(),
            default_namespace: "default".to_owned(),
        };
        let (one, two) = ([summary("prod")], [summary("prod"), summary("test")]);
        let name = |clusters: &[ClusterSummary], wanted| {
            choose(clusters, wanted, "https://c").map(|cluster| cluster.name.clone())
        };
        assert_eq!(name(&one, None).ok().as_deref(), Some("prod"));
        assert_eq!(name(&two, Some("test")).ok().as_deref(), Some("test"));
        for (clusters, wanted, words) in [
            (&two[..], None, "--cluster (prod, test)"),
            (&two, Some("dev"), "there are: prod, test"),
            (&[], None, "no cluster"),
            (&[], Some("prod"), "no cluster"),
        ] {
            let error = name(clusters, wanted).expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
