//! Who may pull, push and delete hosted charts of which tenants, besides what roles allow.
//!
//! Rights add up, and none takes another away: who shall not see something gets no right to it, and no role for everything.

use model::hosted::{GrantSubject, HostedGrant, HostedRight};

use super::HostedCharts;
use super::authorise::{Action, covers_tenant};
use super::hosted::of;
use crate::hosted::is_tenant;
use crate::store::NewHostedGrant;
use crate::{Error, Result, Viewer};

/// Rights that there can be: each is read with every request of a user.
const MAX_GRANTS: usize = 1_000;
const MAX_GROUP_BYTES: usize = 200;

/// A right that somebody is to have.
#[derive(Clone, Copy, Debug)]
pub struct GrantWish<'a> {
    /// Whether `name` is a user's or a group's.
    pub subject: GrantSubject,
    /// Of the user or the group.
    pub name: &'a str,
    /// A tenant, `org/*` for all below `org`, or `*`.
    pub place: &'a str,
    /// What may be done there.
    pub right: HostedRight,
}

impl HostedCharts<'_> {
    /// The rights that hold for a tenant, those for more than it among them.
    #[tracing::instrument(name = "op.hosted.rights", skip_all)]
    pub async fn rights(&self, viewer: &Viewer, tenant: &str) -> Result<Vec<HostedGrant>> {
        self.backend.authorise(viewer, Action::ManageHosted { tenant })?;
        self.hosted(tenant)?;
        let mut grants = self.backend.inner().store.hosted_grants().await?;
        grants.retain(|grant| covers_tenant(&grant.place, tenant));
        Ok(grants)
    }

    /// Gives a right that holds for a tenant, and perhaps for others. Sessions and tokens have it from their next request.
    #[tracing::instrument(name = "op.hosted.grant", skip_all)]
    pub async fn grant_right(&self, viewer: &Viewer, tenant: &str, wish: GrantWish<'_>) -> Result<()> {
        let name = wish.name.trim();
        let object = of(tenant, name);
        let work = async {
            self.hosted(tenant)?;
            let inner = self.backend.inner();
            let place = checked(wish.place.trim(), tenant)?;
            if inner.store.hosted_grants().await?.len() >= MAX_GRANTS {
                return Err(Error::Conflict {
                    what: "rights".to_owned(),
                    reason: format!("there are {MAX_GRANTS}, which is the limit; give them to groups"),
                });
            }
            let user_id = match wish.subject {
                GrantSubject::User => {
                    let user = inner.store.find_user(name).await?;
                    Some(user.ok_or_else(|| Error::not_found("user", name))?.id)
                }
                GrantSubject::Group if is_group(name) => None,
                GrantSubject::Group => {
                    return Err(Error::Invalid {
                        field: "name",
                        message: format!(
                            "is the name of a group, of at most {MAX_GROUP_BYTES} bytes without spaces"
                        ),
                    });
                }
            };
            let detail = format!("{} in {}", wish.right.as_str(), shown(place));
            let audit = self.backend.record(viewer, "hosted.grant", &object, &detail);
            let new = NewHostedGrant {
                user_id,
                group: if user_id.is_some() { "" } else { name },
                place,
                right: wish.right,
                granted_at: inner.clock.now(),
                granted_by: &audit.actor,
            };
            let mut tx = inner.store.begin().await?;
            if tx.insert_hosted_grant(&new).await? {
                tx.append_audit(&audit).await?;
                tx.commit().await?;
            }
            Ok(())
        };
        let action = Action::ManageHosted { tenant };
        self.backend
            .audited(viewer, action, "hosted.grant", &object, work)
            .await
    }

    /// Takes a right away that holds for a tenant.
    #[tracing::instrument(name = "op.hosted.revoke", skip_all)]
    pub async fn revoke_right(&self, viewer: &Viewer, tenant: &str, id: i64) -> Result<()> {
        let object = of(tenant, &format!("right {id}"));
        let work = async {
            let grants = self.rights(viewer, tenant).await?;
            let missing = || Error::not_found("right", id.to_string());
            let grant = grants.iter().find(|grant| grant.id == id).ok_or_else(missing)?;
            let object = of(tenant, &grant.name);
            let detail = format!("{} in {}", grant.right.as_str(), shown(&grant.place));
            let audit = self.backend.record(viewer, "hosted.revoke", &object, &detail);
            let mut tx = self.backend.inner().store.begin().await?;
            if !tx.delete_hosted_grant(id).await? {
                return Err(missing());
            }
            tx.append_audit(&audit).await?;
            Ok(tx.commit().await?)
        };
        let action = Action::ManageHosted { tenant };
        self.backend
            .audited(viewer, action, "hosted.revoke", &object, work)
            .await
    }
}

fn is_group(name: &str) -> bool {
    let is_word = !name.chars().any(|c| c.is_whitespace() || c.is_control());
    !name.is_empty() && name.len() <= MAX_GROUP_BYTES && is_word
}

/// The repository without a tenant has no name that could be written.
fn shown(place: &str) -> &str {
    if place.is_empty() {
        "the repository without a tenant"
    } else {
        place
    }
}

/// A place that a right can be for, if it covers the tenant at hand.
fn checked<'p>(place: &'p str, tenant: &str) -> Result<&'p str> {
    let above = place.strip_suffix("/*").unwrap_or(place);
    let is_place = place == "*" || is_tenant(above);
    if is_place && covers_tenant(place, tenant) {
        return Ok(place);
    }
    Err(Error::Invalid {
        field: "place",
        message: format!(
            "is {}, or one of the tenants above it with `/*`, or `*`",
            shown(tenant)
        ),
    })
}
