//! Users and their roles, for administrators.

use std::collections::HashMap;

use model::access::{Grant, UserSummary};
use model::page::Page;

use super::Accounts;
use crate::ops::authorise::Action;
use crate::ops::part::{self, Start};
use crate::secret::SecretString;
use crate::store::{KubernetesIdentity, NewUserRecord, Tx, UserRecord};
use crate::{Error, Result, Viewer, password};

/// A user to add.
#[derive(Debug)]
pub struct NewUser {
    /// The name to sign in with.
    pub name: String,
    /// The first password; its owner can change it.
    pub password: SecretString,
    /// What they may do.
    pub grants: Vec<Grant>,
    /// Whom clusters see.
    pub identity: KubernetesIdentity,
}

impl Accounts<'_> {
    /// All users by name, with what they hold.
    #[tracing::instrument(name = "op.user.list", skip_all)]
    pub async fn users(&self, viewer: &Viewer) -> Result<Vec<UserSummary>> {
        self.backend.authorise(viewer, Action::ManageAccounts)?;
        let store = &self.backend.inner().store;
        let mut grants: HashMap<i64, Vec<Grant>> = HashMap::new();
        for (user_id, grant) in store.list_all_grants().await? {
            grants.entry(user_id).or_default().push(grant);
        }
        let users = store.list_users().await?;
        Ok(users
            .into_iter()
            .map(|user| {
                let grants = grants.remove(&user.id).unwrap_or_default();
                summary(user, grants)
            })
            .collect())
    }

    /// One part of the same. `cursor` is one that another part named: the name that its rows come after; where it is empty,
    /// the part begins so that it holds `name`, or at the first user.
    #[tracing::instrument(name = "op.user.page", skip_all, err)]
    pub async fn users_page(&self, viewer: &Viewer, cursor: &str, name: &str) -> Result<Page<UserSummary>> {
        part::check_cursor(cursor, |name| check_name(name).is_ok())?;
        let start = match cursor {
            "" => Start::With(name),
            cursor => Start::After(cursor),
        };
        let users = self.users(viewer).await?;
        Ok(part::by_name(users, |user| user.name.as_str(), start))
    }

    /// One user.
    #[tracing::instrument(name = "op.user.get", skip_all)]
    pub async fn user(&self, viewer: &Viewer, name: &str) -> Result<UserSummary> {
        self.backend.authorise(viewer, Action::ManageAccounts)?;
        let store = &self.backend.inner().store;
        let user = store
            .find_user(name)
            .await?
            .ok_or_else(|| Error::not_found("user", name))?;
        let grants = store.list_grants(user.id).await?;
        Ok(summary(user, grants))
    }

    /// Adds a user.
    #[tracing::instrument(name = "op.user.create", skip_all)]
    pub async fn create_user(&self, viewer: &Viewer, new: NewUser) -> Result<UserSummary> {
        let object = new.name.clone();
        let work = async {
            check_name(&new.name)?;
            password::check_new(&new.password, &new.name)?;
            check_identity(&new.identity)?;
            for grant in &new.grants {
                check_grant(grant)?;
            }
            let inner = self.backend.inner();
            let record = NewUserRecord {
                name: new.name.clone(),
                password_hash: inner.passwords.hash(&new.password).await?,
                identity: new.identity.clone(),
                created: inner.clock.now(),
            };
            let mut tx = inner.store.begin().await?;
            tx.lock_access().await?;
            let id = tx.insert_user(&record).await?;
            for grant in &new.grants {
                tx.insert_grant(id, grant).await?;
            }
            // A link of the first start is of no use any more.
            tx.forget_setup_links().await?;
            let held: Vec<_> = new.grants.iter().map(in_words).collect();
            tx.append_audit(
                &self
                    .backend
                    .record(viewer, "user.create", &new.name, &held.join(", ")),
            )
            .await?;
            tx.commit().await?;
            let user = inner.store.get_user(id).await?;
            let user = user.ok_or_else(|| Error::not_found("user", new.name.as_str()))?;
            Ok(summary(user, inner.store.list_grants(id).await?))
        };
        self.backend
            .audited(viewer, Action::ManageAccounts, "user.create", &object, work)
            .await
    }

    /// Shuts a user out at once: their sessions end and their tokens stop working.
    #[tracing::instrument(name = "op.user.disable", skip_all)]
    pub async fn disable_user(&self, viewer: &Viewer, name: &str) -> Result<()> {
        let now = self.backend.inner().clock.now();
        self.change(viewer, "user.disable", name, "", async |tx, user| {
            tx.set_disabled(user.id, Some(now)).await?;
            tx.end_other_sessions(user.id, None).await?;
            require_admin(tx).await
        })
        .await
    }

    /// Lets a user in again.
    #[tracing::instrument(name = "op.user.enable", skip_all)]
    pub async fn enable_user(&self, viewer: &Viewer, name: &str) -> Result<()> {
        self.change(viewer, "user.enable", name, "", async |tx, user| {
            Ok(tx.set_disabled(user.id, None).await?)
        })
        .await
    }

    /// Sets another password for a user; all their sessions end.
    #[tracing::instrument(name = "op.user.reset_password", skip_all)]
    pub async fn reset_password(&self, viewer: &Viewer, name: &str, new: &SecretString) -> Result<()> {
        let work = async {
            password::check_new(new, name)?;
            let inner = self.backend.inner();
            let password_hash = inner.passwords.hash(new).await?;
            let now = inner.clock.now();
            let detail = "set by an administrator";
            self.apply(viewer, "user.password", name, detail, async |tx, user| {
                tx.set_password(user.id, &password_hash, now).await?;
                tx.end_other_sessions(user.id, None).await?;
                Ok(())
            })
            .await
        };
        self.backend
            .audited(viewer, Action::ManageAccounts, "user.password", name, work)
            .await
    }

    /// Sets whom clusters see.
    #[tracing::instrument(name = "op.user.set_identity", skip_all)]
    pub async fn set_kubernetes_identity(
        &self,
        viewer: &Viewer,
        name: &str,
        identity: &KubernetesIdentity,
    ) -> Result<()> {
        let detail = format!(
            "user {}, groups {}",
            identity.user.as_deref().unwrap_or(name),
            identity.groups.join(", ")
        );
        self.change(viewer, "user.identity", name, &detail, async |tx, user| {
            check_identity(identity)?;
            Ok(tx.set_kubernetes_identity(user.id, identity).await?)
        })
        .await
    }

    /// Gives a user a role; one that they hold already is no error.
    #[tracing::instrument(name = "op.user.grant", skip_all)]
    pub async fn grant(&self, viewer: &Viewer, name: &str, grant: &Grant) -> Result<()> {
        self.change(viewer, "user.grant", name, &in_words(grant), async |tx, user| {
            check_grant(grant)?;
            tx.insert_grant(user.id, grant).await?;
            Ok(())
        })
        .await
    }

    /// Takes a role from a user.
    #[tracing::instrument(name = "op.user.revoke", skip_all)]
    pub async fn revoke(&self, viewer: &Viewer, name: &str, grant: &Grant) -> Result<()> {
        self.change(viewer, "user.revoke", name, &in_words(grant), async |tx, user| {
            if !tx.delete_grant(user.id, grant).await? {
                return Err(Error::not_found("role", in_words(grant)));
            }
            require_admin(tx).await
        })
        .await
    }

    /// Changes a user, if the viewer may, and writes down how it ended.
    async fn change(
        &self,
        viewer: &Viewer,
        action: &'static str,
        name: &str,
        detail: &str,
        change: impl AsyncFnOnce(&mut Tx, &UserRecord) -> Result<()>,
    ) -> Result<()> {
        let work = self.apply(viewer, action, name, detail, change);
        self.backend
            .audited(viewer, Action::ManageAccounts, action, name, work)
            .await
    }

    /// Changes a user in one transaction with the line of the audit log, one change at a time.
    async fn apply(
        &self,
        viewer: &Viewer,
        action: &'static str,
        name: &str,
        detail: &str,
        change: impl AsyncFnOnce(&mut Tx, &UserRecord) -> Result<()>,
    ) -> Result<()> {
        let mut tx = self.backend.inner().store.begin().await?;
        tx.lock_access().await?;
        let user = tx.find_user(name).await?;
        let user = user.ok_or_else(|| Error::not_found("user", name))?;
        change(&mut tx, &user).await?;
        tx.append_audit(&self.backend.record(viewer, action, name, detail))
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Nobody could undo the loss of the last administrator but the command line.
async fn require_admin(tx: &mut Tx) -> Result<()> {
    if tx.count_admins().await? == 0 {
        return Err(Error::Conflict {
            what: "the last administrator".to_owned(),
            reason:
                "somebody must be able to manage users; make another user administrator of everything first"
                    .to_owned(),
        });
    }
    Ok(())
}

fn summary(user: UserRecord, grants: Vec<Grant>) -> UserSummary {
    UserSummary {
        kubernetes_user: user.identity.user.unwrap_or_else(|| user.name.clone()),
        kubernetes_groups: user.identity.groups,
        name: user.name,
        disabled: user.disabled.is_some(),
        grants,
        created: user.created,
        last_sign_in: user.last_sign_in,
    }
}

/// `operator in cluster prod, namespace shop`.
fn in_words(grant: &Grant) -> String {
    let role = grant.role.as_str();
    match (&grant.cluster, &grant.namespace) {
        (None, None) => format!("{role} of everything"),
        (Some(cluster), None) => format!("{role} of cluster {cluster}"),
        (None, Some(namespace)) => format!("{role} of namespace {namespace} in every cluster"),
        (Some(cluster), Some(namespace)) => format!("{role} of namespace {namespace} in cluster {cluster}"),
    }
}

/// A user's name is typed, a segment of URLs, and a name in clusters, where a colon would have a meaning.
pub(super) fn check_name(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_valid = name.len() <= 63
        && name.chars().all(|c| is_plain(c) || "-._@".contains(c))
        && name.chars().next().is_some_and(is_plain)
        && name.chars().next_back().is_some_and(is_plain);
    let message = if !is_valid {
        "is made of at most 63 lower-case letters, digits, `-`, `.`, `_` and `@`, and begins and ends with a letter or \
         digit"
    } else if name == "system" {
        "`system` is what the audit log calls the command line"
    } else {
        return Ok(());
    };
    Err(Error::Invalid {
        field: "name",
        message: message.to_owned(),
    })
}

fn check_grant(grant: &Grant) -> Result<()> {
    // Kubernetes names namespaces; a cluster is named by a context of a kubeconfig, where anything goes.
    let is_namespace = |name: &String| {
        let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&name.len())
            && name.chars().all(is_inner)
            && !name.starts_with('-')
            && !name.ends_with('-')
    };
    let is_cluster = |name: &String| {
        (1..=253).contains(&name.len())
            && name != "*"
            && !name.chars().any(|c| c.is_whitespace() || c.is_control())
    };
    if !grant.cluster.as_ref().is_none_or(is_cluster) {
        return Err(Error::Invalid {
            field: "cluster",
            message: "is a cluster's name, without spaces".to_owned(),
        });
    }
    if !grant.namespace.as_ref().is_none_or(is_namespace) {
        return Err(Error::Invalid {
            field: "namespace",
            message: "is a namespace's name: at most 63 lower-case letters, digits and `-`".to_owned(),
        });
    }
    Ok(())
}

/// Kubernetes gives names that begin with `system:` powers of its own, `system:masters` all of them.
fn check_identity(identity: &KubernetesIdentity) -> Result<()> {
    let is_good = |name: &str| {
        (1..=253).contains(&name.len())
            && !name.starts_with("system:")
            && name.chars().all(|c| c.is_ascii_graphic())
    };
    let user_is_good = identity.user.as_deref().is_none_or(is_good);
    let (field, all_good) = if user_is_good {
        (
            "kubernetes_groups",
            identity.groups.len() <= 50 && identity.groups.iter().all(|group| is_good(group)),
        )
    } else {
        ("kubernetes_user", false)
    };
    if all_good {
        return Ok(());
    }
    Err(Error::Invalid {
        field,
        message: "is made of printable ASCII without spaces and does not begin with `system:`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use model::access::{Grant, Role};

    use super::{check_grant, check_identity, check_name};
    use crate::store::KubernetesIdentity;

    #[test]
    fn names() {
        for good in ["alice", "a", "7", "alice.b-c_d@example.com"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Alice",
            "-a",
            "a-",
            "a b",
            "a:b",
            "a/b",
            "ü",
            "system",
            "a\n",
            &"a".repeat(64),
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn places() {
        let is_good = |cluster: Option<&str>, namespace: Option<&str>| {
            check_grant(&Grant {
                role: Role::Viewer,
                cluster: cluster.map(str::to_owned),
                namespace: namespace.map(str::to_owned),
            })
            .is_ok()
        };
        assert!(is_good(None, None));
        assert!(is_good(Some("arn:aws:eks:eu-1:1:cluster/x"), Some("kube-system")));
        for bad in ["", "*", "Shop", "a b", "-a", "a_b"] {
            assert!(!is_good(None, Some(bad)), "{bad}");
        }
        for bad in ["", "*", "a b", "a\n"] {
            assert!(!is_good(Some(bad), None), "{bad}");
        }
    }

    #[test]
    fn nobody_becomes_a_master_of_the_cluster() {
        let is_good = |user: Option<&str>, groups: &[&str]| {
            check_identity(&KubernetesIdentity {
                user: user.map(str::to_owned),
                groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            })
            .is_ok()
        };
        assert!(is_good(Some("alice@example.com"), &["team:shop", "ops"]));
        assert!(!is_good(Some("system:admin"), &[]));
        assert!(!is_good(None, &["ops", "system:masters"]));
        assert!(!is_good(None, &[""]));
        assert!(!is_good(Some("a\nb"), &[]));
    }
}
