//! Who one is in clusters: impersonated by Chartroom, or by a token of one's own that is kept for a session.

use model::access::{ClusterIdentity, ClusterIdentityKind};

use super::Accounts;
use crate::clusters::ClusterToken;
use crate::ops::authorise::Action;
use crate::secret::SecretString;
use crate::store::ClusterTokenRecord;
use crate::{Error, Result, Viewer, seal};

impl Accounts<'_> {
    /// Who the viewer is in each of the clusters that the viewer may see something of, in the order of the configuration.
    #[tracing::instrument(name = "op.cluster_token.list", skip_all)]
    pub async fn cluster_identities(&self, viewer: &Viewer) -> Result<Vec<ClusterIdentity>> {
        self.backend.authorise(viewer, Action::ManageOwnAccount)?;
        let inner = self.backend.inner();
        let kept = match viewer.session_id() {
            Some(id) => inner.store.list_cluster_tokens(id).await?,
            None => Vec::new(),
        };
        let now = inner.clock.now();
        let seen = inner
            .clusters
            .each()
            .filter(|cluster| viewer.sees_cluster(&cluster.name));
        Ok(seen
            .map(|cluster| {
                let kept = kept.iter().find(|kept| kept.cluster == cluster.name);
                let kind = match kept {
                    Some(kept) => ClusterIdentityKind::Token {
                        user: kept.kubernetes_user.clone(),
                        given: kept.given,
                        expires: kept.expires,
                        is_expired: kept.expires.is_some_and(|at| at <= now),
                    },
                    None if cluster.impersonate => ClusterIdentityKind::Impersonated {
                        user: viewer.kubernetes_user().unwrap_or_default().to_owned(),
                        groups: viewer
                            .kubernetes_groups()
                            .into_iter()
                            .map(str::to_owned)
                            .collect(),
                    },
                    None => ClusterIdentityKind::TokenNeeded,
                };
                ClusterIdentity {
                    cluster: cluster.name.clone(),
                    kind,
                }
            })
            .collect())
    }

    /// Keeps a token of the viewer's for a cluster until the session ends, sealed under the session's secret. The cluster is
    /// asked whose it is, and has to take it.
    #[tracing::instrument(name = "op.cluster_token.give", skip_all)]
    pub async fn give_cluster_token(
        &self,
        viewer: &Viewer,
        session: &SecretString,
        cluster: &str,
        token: &str,
    ) -> Result<()> {
        let work = async {
            let (session_id, user) = self.with_session(viewer, cluster)?;
            let token = ClusterToken::parse(token)?;
            let inner = self.backend.inner();
            let asking = viewer.clone().with_cluster_token(cluster, token.clone());
            let connection = match inner.clusters.connect(&asking, cluster).await {
                // What is wrong is what was typed.
                Err(Error::Forbidden { .. }) => {
                    return Err(Error::Invalid {
                        field: "token",
                        message: format!(
                            "is not taken by the cluster \"{cluster}\": it may have run out, or be \
                            for another one"
                        ),
                    });
                }
                connected => connected?,
            };
            let record = ClusterTokenRecord {
                cluster: cluster.to_owned(),
                sealed: seal::seal(session, &context(session_id, cluster), token.secret().expose())?,
                kubernetes_user: connection.user.clone(),
                given: inner.clock.now(),
                expires: token.expires(),
            };
            let mut tx = inner.store.begin().await?;
            tx.put_cluster_token(session_id, &record).await?;
            let detail = format!("of {}", record.kubernetes_user);
            tx.append_audit(
                &self
                    .backend
                    .record(viewer, "cluster_token.give", cluster, &detail),
            )
            .await?;
            tx.commit().await?;
            // One that was there before is not used any more.
            if let Some(before) = viewer.cluster_token(cluster).filter(|before| **before != token) {
                inner.clusters.forget_token(cluster, user, before);
            }
            Ok(())
        };
        self.backend
            .audited(
                viewer,
                Action::ManageOwnAccount,
                "cluster_token.give",
                cluster,
                work,
            )
            .await
    }

    /// Forgets the viewer's token for a cluster, and closes what it was used for.
    #[tracing::instrument(name = "op.cluster_token.forget", skip_all)]
    pub async fn forget_cluster_token(&self, viewer: &Viewer, cluster: &str) -> Result<()> {
        let work = async {
            let (session_id, user) = self.with_session(viewer, cluster)?;
            let inner = self.backend.inner();
            let mut tx = inner.store.begin().await?;
            if !tx.delete_cluster_token(session_id, cluster).await? {
                return Err(Error::not_found("token for the cluster", cluster));
            }
            tx.append_audit(&self.backend.record(viewer, "cluster_token.forget", cluster, ""))
                .await?;
            tx.commit().await?;
            if let Some(token) = viewer.cluster_token(cluster) {
                inner.clusters.forget_token(cluster, user, token);
            }
            Ok(())
        };
        self.backend
            .audited(
                viewer,
                Action::ManageOwnAccount,
                "cluster_token.forget",
                cluster,
                work,
            )
            .await
    }

    /// A session's viewer with the tokens that are kept for it.
    pub(super) async fn with_kept_tokens(
        &self,
        viewer: Viewer,
        session: &SecretString,
        session_id: i64,
    ) -> Result<Viewer> {
        let inner = self.backend.inner();
        // Every request with a session comes by here.
        if inner.clusters.names().next().is_none() {
            return Ok(viewer);
        }
        let kept = inner.store.list_cluster_tokens(session_id).await?;
        Ok(kept.iter().fold(viewer, |viewer, kept| {
            let opened = seal::open(session, &context(session_id, &kept.cluster), &kept.sealed);
            let token = match opened.map(|text| ClusterToken::parse(text.expose())) {
                Some(Ok(token)) => token,
                // Without any, the cluster would be asked by impersonation, which may be allowed more.
                _ => {
                    tracing::error!(cluster = kept.cluster, "a kept token cannot be opened");
                    ClusterToken::unreadable()
                }
            };
            viewer.with_cluster_token(&kept.cluster, token)
        }))
    }

    fn with_session<'v>(&self, viewer: &'v Viewer, cluster: &str) -> Result<(i64, &'v str)> {
        let (Some(session_id), Some(user)) = (viewer.session_id(), viewer.name()) else {
            return Err(Error::Unauthenticated {
                reason: "nobody is signed in".to_owned(),
            });
        };
        let is_there = self.backend.inner().clusters.names().any(|name| name == cluster);
        if !is_there || !viewer.sees_cluster(cluster) {
            return Err(Error::not_found("cluster", cluster));
        }
        Ok((session_id, user))
    }
}

/// What a token is sealed for: neither another session nor another cluster's row opens it.
fn context(session_id: i64, cluster: &str) -> String {
    format!("session {session_id}, cluster {cluster}")
}
