//! Who may do what: one table for every door.
//!
//! [`decide`] is the table. It knows three things: what anybody may do, which role an [`Action`] needs and where, and
//! which scope a token needs for it. Everything else asks [`Backend::authorise`].

use model::access::{Grant, Role, Scope};
use model::hosted::HostedRight;

use crate::store::RepositoryRecord;
use crate::viewer::{GuestGrant, GuestRights, Viewer, ViewerKind, ViewingUser};
use crate::{Backend, Error, Result};

/// Something a viewer wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// See the catalog, charts, their files and icons.
    ReadCharts,
    /// See repositories and their state.
    ReadRepositories,
    /// Add, remove or refresh a repository, accept an index.
    ManageRepositories,
    /// See hosted charts of a tenant, and get their archives.
    PullHosted {
        /// As in addresses; empty for the repository without one.
        tenant: &'a str,
    },
    /// Upload charts to a tenant, also over those that are there.
    PushHosted {
        /// As in addresses; empty for the repository without one.
        tenant: &'a str,
    },
    /// Delete hosted charts of a tenant.
    DeleteHosted {
        /// As in addresses; empty for the repository without one.
        tenant: &'a str,
    },
    /// Know of private charts of a tenant, and get them.
    PullPrivate {
        /// As in addresses; empty for the repository without one.
        tenant: &'a str,
    },
    /// Decide who sees hosted charts of a tenant.
    ManageHosted {
        /// As in addresses; empty for the repository without one.
        tenant: &'a str,
    },
    /// See which clusters there are, and releases as far as other roles reach.
    ReadClusters,
    /// See releases of a namespace, their manifests, values and events.
    ReadReleases {
        /// The cluster's name.
        cluster: &'a str,
        /// The namespace.
        namespace: &'a str,
    },
    /// Install, upgrade, roll back, test and uninstall releases of a namespace.
    ChangeReleases {
        /// The cluster's name.
        cluster: &'a str,
        /// The namespace.
        namespace: &'a str,
    },
    /// See the releases of every namespace of a cluster.
    ReadAllReleases {
        /// The cluster's name.
        cluster: &'a str,
    },
    /// See and change users and their roles.
    ManageAccounts,
    /// Read what everybody did.
    ReadAudit,
    /// Change one's own password, sessions and tokens.
    ManageOwnAccount,
}

/// What an action asks of a user.
enum Needs<'a> {
    /// To be one.
    User,
    /// A role that holds at a place: a cluster, and a namespace or all of them.
    Role {
        role: Role,
        cluster: &'a str,
        namespace: Option<&'a str>,
    },
    /// A role that holds everywhere.
    Everywhere(Role),
    /// A role that holds everywhere, or the right to a tenant.
    Hosted {
        role: Role,
        right: HostedRight,
        tenant: &'a str,
    },
}

/// Which of a token's scopes lets it do an action.
enum ScopeFor {
    /// Each does.
    Any,
    /// One of these.
    One(&'static [Scope]),
    /// None does.
    Never,
}

/// What the configuration opens to everybody.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    catalog: bool,
    push: bool,
}

/// The table.
fn decide(viewer: &Viewer, action: Action<'_>, open: Open) -> Result<()> {
    use Action as A;
    let (needs, scope) = match action {
        A::ReadCharts | A::ReadRepositories | A::PullHosted { .. } => {
            if open.catalog {
                return Ok(());
            }
            (Needs::User, ScopeFor::Any)
        }
        A::PushHosted { tenant } | A::DeleteHosted { tenant } => {
            if open.push {
                return Ok(());
            }
            let right = match action {
                A::PushHosted { .. } => HostedRight::Push,
                _ => HostedRight::Delete,
            };
            let role = Role::Operator;
            (
                Needs::Hosted { role, right, tenant },
                ScopeFor::One(&[Scope::WriteCharts]),
            )
        }
        // Whoever holds a role for a part alone is not of the house.
        A::PullPrivate { tenant } => {
            let (role, right) = (Role::Viewer, HostedRight::Pull);
            (Needs::Hosted { role, right, tenant }, ScopeFor::Any)
        }
        A::ManageHosted { .. } => (
            Needs::Everywhere(Role::Admin),
            ScopeFor::One(&[Scope::WriteCharts]),
        ),
        A::ReadClusters => (
            Needs::User,
            ScopeFor::One(&[Scope::ReadReleases, Scope::WriteReleases]),
        ),
        A::ReadReleases { cluster, namespace } => (
            Needs::Role {
                role: Role::Viewer,
                cluster,
                namespace: Some(namespace),
            },
            ScopeFor::One(&[Scope::ReadReleases, Scope::WriteReleases]),
        ),
        A::ReadAllReleases { cluster } => (
            Needs::Role {
                role: Role::Viewer,
                cluster,
                namespace: None,
            },
            ScopeFor::One(&[Scope::ReadReleases, Scope::WriteReleases]),
        ),
        A::ChangeReleases { cluster, namespace } => (
            Needs::Role {
                role: Role::Operator,
                cluster,
                namespace: Some(namespace),
            },
            ScopeFor::One(&[Scope::WriteReleases]),
        ),
        A::ManageRepositories | A::ManageAccounts | A::ReadAudit => {
            (Needs::Everywhere(Role::Admin), ScopeFor::One(&[Scope::Admin]))
        }
        // A token that could make tokens would never run out.
        A::ManageOwnAccount => (Needs::User, ScopeFor::Never),
    };
    match &viewer.kind {
        ViewerKind::System if action == A::ManageOwnAccount => Err(forbidden(
            action,
            "the system has no account; name the user whose it is".to_owned(),
        )),
        ViewerKind::System => Ok(()),
        ViewerKind::Anonymous => Err(Error::Unauthenticated {
            reason: format!("{} needs a signed-in user", in_words(action)),
        }),
        ViewerKind::Guest { rights, .. } => check_guest(rights, action),
        ViewerKind::User { user, .. } => check_role(user, action, &needs),
        ViewerKind::Token { user, scopes, .. } => {
            check_role(user, action, &needs)?;
            check_scope(scopes, action, &scope)
        }
    }
}

/// A guest has rights to hosted charts alone. One that lacks some is told to come in as somebody else: its rights are
/// those of what it showed.
fn check_guest(rights: &GuestRights, action: Action<'_>) -> Result<()> {
    let has = |tenant: &str, pick: fn(&GuestGrant) -> bool| match rights {
        GuestRights::All => true,
        GuestRights::Listed(grants) => grants.iter().any(|grant| grant.tenant == tenant && pick(grant)),
    };
    let is_allowed = match action {
        Action::PullHosted { tenant } | Action::PullPrivate { tenant } => has(tenant, |grant| grant.pull),
        Action::ManageHosted { .. } => *rights == GuestRights::All,
        // ChartMuseum has no right of its own for deleting.
        Action::PushHosted { tenant } | Action::DeleteHosted { tenant } => has(tenant, |grant| grant.push),
        _ => false,
    };
    if is_allowed {
        return Ok(());
    }
    Err(Error::Unauthenticated {
        reason: format!("{} is not among what these credentials are for", in_words(action)),
    })
}

fn check_role(user: &ViewingUser, action: Action<'_>, needs: &Needs<'_>) -> Result<()> {
    let (role, place) = match needs {
        Needs::User => return Ok(()),
        Needs::Role {
            role,
            cluster,
            namespace,
        } => {
            if user
                .grants
                .iter()
                .any(|grant| holds(grant, *role, Some(cluster), *namespace))
            {
                return Ok(());
            }
            let namespace = match namespace {
                Some(namespace) => format!("namespace `{namespace}`"),
                None => "all namespaces".to_owned(),
            };
            (role, format!("{namespace} of cluster `{cluster}`"))
        }
        Needs::Everywhere(role) => {
            if user.grants.iter().any(|grant| holds(grant, *role, None, None)) {
                return Ok(());
            }
            (role, "everything".to_owned())
        }
        Needs::Hosted { role, right, tenant } => {
            let has_right = |(place, held): &(String, HostedRight)| {
                covers_tenant(place, tenant) && (held == right || *right == HostedRight::Pull)
            };
            if user.hosted.iter().any(has_right)
                || user.grants.iter().any(|grant| holds(grant, *role, None, None))
            {
                return Ok(());
            }
            (
                role,
                format!("everything, or the right `{}` here", right.as_str()),
            )
        }
    };
    Err(forbidden(
        action,
        format!(
            "it needs the role {} for {place}, which `{}` does not hold",
            role.as_str(),
            user.name
        ),
    ))
}

/// Whether a grant gives at least `role` for a place; `None` as the place means all of them.
fn holds(grant: &Grant, role: Role, cluster: Option<&str>, namespace: Option<&str>) -> bool {
    let covers = |granted: &Option<String>, wanted: Option<&str>| match granted {
        None => true,
        Some(granted) => wanted == Some(granted.as_str()),
    };
    grant.role >= role && covers(&grant.cluster, cluster) && covers(&grant.namespace, namespace)
}

/// Whether a right for a place holds for a tenant: `org/*` is all below `org`, `*` is all.
pub(super) fn covers_tenant(place: &str, tenant: &str) -> bool {
    match place.strip_suffix('*') {
        Some("") => true,
        // What is left ends with the `/` that a tenant below has there.
        Some(above) => above.ends_with('/') && tenant.len() > above.len() && tenant.starts_with(above),
        None => place == tenant,
    }
}

fn check_scope(scopes: &[Scope], action: Action<'_>, wanted: &ScopeFor) -> Result<()> {
    match wanted {
        // A token without any scope is for nothing.
        ScopeFor::Any if !scopes.is_empty() => Ok(()),
        ScopeFor::One(wanted) if wanted.iter().any(|scope| scopes.contains(scope)) => Ok(()),
        ScopeFor::Never => Err(forbidden(
            action,
            "it needs a user who has signed in, not a token".to_owned(),
        )),
        ScopeFor::Any => Err(forbidden(action, "the token has no scope".to_owned())),
        ScopeFor::One(wanted) => {
            let names: Vec<_> = wanted.iter().map(|scope| scope.as_str()).collect();
            Err(forbidden(
                action,
                format!("the token lacks the scope {}", names.join(" or ")),
            ))
        }
    }
}

fn forbidden(action: Action<'_>, reason: String) -> Error {
    Error::Forbidden {
        action: in_words(action).to_owned(),
        reason,
    }
}

/// A noun phrase.
fn in_words(action: Action<'_>) -> &'static str {
    match action {
        Action::ReadCharts => "reading the catalog",
        Action::ReadRepositories => "seeing repositories",
        Action::ManageRepositories => "managing repositories",
        Action::PullHosted { .. } => "getting hosted charts",
        Action::PushHosted { .. } => "uploading charts",
        Action::DeleteHosted { .. } => "deleting hosted charts",
        Action::PullPrivate { .. } => "getting private charts",
        Action::ManageHosted { .. } => "deciding who sees hosted charts",
        Action::ReadClusters | Action::ReadReleases { .. } | Action::ReadAllReleases { .. } => {
            "seeing releases"
        }
        Action::ChangeReleases { .. } => "changing releases",
        Action::ManageAccounts => "managing users",
        Action::ReadAudit => "reading the audit log",
        Action::ManageOwnAccount => "managing one's own account",
    }
}

impl Backend {
    /// Says no with the reason, or nothing.
    pub fn authorise(&self, viewer: &Viewer, action: Action<'_>) -> Result<()> {
        let settings = &self.inner().settings;
        // Whoever may delete, and by whatever door. Rules of retention ask for the setting themselves.
        let is_off = matches!(action, Action::DeleteHosted { .. }) && !settings.hosted.delete;
        if is_off && !matches!(viewer.kind, ViewerKind::System) {
            let reason = "`hosted.delete` is off in the configuration".to_owned();
            return Err(forbidden(action, reason));
        }
        let open = Open {
            catalog: settings.access.anonymous_catalog,
            push: settings.hosted.anonymous_push,
        };
        decide(viewer, action, open)
    }

    /// Whether the viewer may know of private charts of a tenant. Whoever may not is answered as if there were none.
    pub(crate) fn sees_private(&self, viewer: &Viewer, tenant: &str) -> bool {
        self.authorise(viewer, Action::PullPrivate { tenant }).is_ok()
    }

    /// Whether the viewer may know of a repository.
    pub(crate) fn sees_repository(&self, viewer: &Viewer, repository: &RepositoryRecord) -> bool {
        let tenant = repository.hosted_tenant.as_deref();
        !repository.is_private || tenant.is_none_or(|tenant| self.sees_private(viewer, tenant))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::access::{Grant, Role, Scope};
    use model::hosted::HostedRight;

    use super::{Action, Open, covers_tenant, decide};
    use crate::Error;
    use crate::viewer::{GuestGrant, GuestRights, Viewer, ViewerKind, ViewingUser};

    /// The columns of [`TABLE`]: every action, releases at four places.
    const ACTIONS: [(&str, Action<'static>); 22] = [
        ("read charts", Action::ReadCharts),
        ("read repositories", Action::ReadRepositories),
        ("manage repositories", Action::ManageRepositories),
        ("read prod/shop", read("prod", "shop")),
        ("read prod/other", read("prod", "other")),
        ("read test/shop", read("test", "shop")),
        ("read test/other", read("test", "other")),
        ("change prod/shop", change("prod", "shop")),
        ("change prod/other", change("prod", "other")),
        ("change test/shop", change("test", "shop")),
        ("change test/other", change("test", "other")),
        ("read all of prod", Action::ReadAllReleases { cluster: "prod" }),
        ("read all of test", Action::ReadAllReleases { cluster: "test" }),
        ("manage accounts, read audit", Action::ManageAccounts),
        ("own account", Action::ManageOwnAccount),
        ("read clusters", Action::ReadClusters),
        ("pull org/repo", Action::PullHosted { tenant: "org/repo" }),
        ("push org/repo", Action::PushHosted { tenant: "org/repo" }),
        ("delete org/repo", Action::DeleteHosted { tenant: "org/repo" }),
        ("push org/other", Action::PushHosted { tenant: "org/other" }),
        ("private of org/repo", Action::PullPrivate { tenant: "org/repo" }),
        ("manage org/repo", Action::ManageHosted { tenant: "org/repo" }),
    ];

    const CLOSED: Open = Open {
        catalog: false,
        push: false,
    };
    const OPEN_CATALOG: Open = Open {
        catalog: true,
        push: false,
    };

    const fn read(cluster: &'static str, namespace: &'static str) -> Action<'static> {
        Action::ReadReleases { cluster, namespace }
    }

    const fn change(cluster: &'static str, namespace: &'static str) -> Action<'static> {
        Action::ChangeReleases { cluster, namespace }
    }

    /// What each viewer may do, a column an action, `y` yes and `.` no. A viewer is `role cluster/namespace` or `right
    /// tenant`, several with `+`, then the scopes of a token after `|`.
    ///
    /// The first two columns are for a catalog that needs a user.
    #[rustfmt::skip]
    const TABLE: &[(&str, &str)] = &[
        // charts, repositories, manage | read: p/s p/o t/s t/o | change: p/s p/o t/s t/o | all: p t | accounts | own | clusters | hosted: pull push delete other | private manage
        ("anonymous",                               "... .... .... .. . . . .... .."),
        ("system",                                  "yyy yyyy yyyy yy y . y yyyy yy"),
        ("",                                        "yy. .... .... .. . y y y... .."),

        ("viewer prod/shop",                        "yy. y... .... .. . y y y... .."),
        ("viewer prod/*",                           "yy. yy.. .... y. . y y y... .."),
        ("viewer */shop",                           "yy. y.y. .... .. . y y y... .."),
        ("viewer */*",                              "yy. yyyy .... yy . y y y... y."),

        ("operator prod/shop",                      "yy. y... y... .. . y y y... .."),
        ("operator prod/*",                         "yy. yy.. yy.. y. . y y y... .."),
        ("operator */shop",                         "yy. y.y. y.y. .. . y y y... .."),
        ("operator */*",                            "yy. yyyy yyyy yy . y y yyyy y."),

        // An administrator of a part changes its releases; what is of the whole takes one of the whole.
        ("admin prod/shop",                         "yy. y... y... .. . y y y... .."),
        ("admin prod/*",                            "yy. yy.. yy.. y. . y y y... .."),
        ("admin */shop",                            "yy. y.y. y.y. .. . y y y... .."),
        ("admin */*",                               "yyy yyyy yyyy yy y y y yyyy yy"),

        // Grants add up; a place takes one grant that covers all of it.
        ("viewer prod/* + operator test/shop",      "yy. yyy. ..y. y. . y y y... .."),
        ("admin prod/* + admin test/*",             "yy. yyyy yyyy yy . y y y... .."),
        ("viewer */shop + viewer prod/other",       "yy. yyy. .... .. . y y y... .."),

        // Names are compared as they are.
        ("viewer pro/shop",                         "yy. .... .... .. . y y y... .."),
        ("viewer prod/shop-2",                      "yy. .... .... .. . y y y... .."),

        ("admin */* | read",                        "yy. .... .... .. . . . y... y."),
        ("admin */* | releases:read",               "yy. yyyy .... yy . . y y... y."),
        ("admin */* | releases:write",              "yy. yyyy yyyy yy . . y y... y."),
        ("admin */* | admin",                       "yyy .... .... .. y . . y... y."),
        ("admin */* | releases:write admin",        "yyy yyyy yyyy yy y . y y... y."),
        ("admin */* |",                             "... .... .... .. . . . .... .."),
        ("admin */* | charts:write",                "yy. .... .... .. . . . yyyy yy"),
        ("operator */* | charts:write",             "yy. .... .... .. . . . yyyy y."),
        ("operator */* | read releases:write admin", "yy. yyyy yyyy yy . . y y... y."),
        ("operator prod/* | charts:write",          "yy. .... .... .. . . . y... .."),
        ("viewer */* | charts:write",               "yy. .... .... .. . . . y... y."),

        // Guests have rights to hosted charts alone, and only where theirs say so.
        ("guest",                                   "... .... .... .. . . . yyyy yy"),
        ("guest org/repo:pull",                     "... .... .... .. . . . y... y."),
        ("guest org/repo:push",                     "... .... .... .. . . . .yy. .."),
        ("guest org/repo:pull org/other:push",      "... .... .... .. . . . y..y y."),
        ("guest org:pull org:push",                 "... .... .... .. . . . .... .."),

        // Rights to tenants, besides roles. Who may push or delete may pull.
        ("pull org/repo",                           "yy. .... .... .. . y y y... y."),
        ("push org/repo",                           "yy. .... .... .. . y y yy.. y."),
        ("delete org/repo",                         "yy. .... .... .. . y y y.y. y."),
        ("push org/*",                              "yy. .... .... .. . y y yy.y y."),
        ("push *",                                  "yy. .... .... .. . y y yy.y y."),
        ("delete *",                                "yy. .... .... .. . y y y.y. y."),
        ("push org/other",                          "yy. .... .... .. . y y y..y .."),
        ("push org",                                "yy. .... .... .. . y y y... .."),
        ("push or*",                                "yy. .... .... .. . y y y... .."),
        ("push org/repo + delete org/repo",         "yy. .... .... .. . y y yyy. y."),
        ("viewer */* + push org/other",             "yy. yyyy .... yy . y y y..y y."),
        ("push org/repo | charts:write",            "yy. .... .... .. . . . yy.. y."),
        ("push org/repo | read",                    "yy. .... .... .. . . . y... y."),
        ("push org/repo |",                         "... .... .... .. . . . .... .."),

        // A scope widens nothing.
        ("| read releases:read releases:write admin",                    "yy. .... .... .. . . y y... .."),
        ("viewer prod/shop | read",                                      "yy. .... .... .. . . . y... .."),
        ("viewer prod/shop | releases:read",                             "yy. y... .... .. . . y y... .."),
        ("viewer prod/shop | releases:write admin",                      "yy. y... .... .. . . y y... .."),
        ("operator prod/shop | releases:read",                           "yy. y... .... .. . . y y... .."),
        ("operator prod/shop | releases:write",                          "yy. y... y... .. . . y y... .."),
        ("operator prod/* | read releases:read releases:write admin",    "yy. yy.. yy.. y. . . y y... .."),
        ("admin prod/* | read releases:read releases:write admin",       "yy. yy.. yy.. y. . . y y... .."),
    ];

    fn viewer(row: &str) -> Viewer {
        match row {
            "anonymous" => return Viewer::anonymous(),
            "system" => return Viewer::system(),
            _ => {}
        }
        if let Some(grants) = row.strip_prefix("guest") {
            let grants: Vec<GuestGrant> = grants
                .split_whitespace()
                .map(|grant| {
                    let (tenant, right) = grant.split_once(':').expect("a tenant and a right");
                    GuestGrant {
                        tenant: tenant.to_owned(),
                        pull: right == "pull",
                        push: right == "push",
                    }
                })
                .collect();
            let rights = match grants.is_empty() {
                true => GuestRights::All,
                false => GuestRights::Listed(grants),
            };
            let name = "robot".to_owned();
            return Viewer::new(ViewerKind::Guest { name, rights });
        }
        let (grants, scopes) = match row.split_once('|') {
            Some((grants, scopes)) => (grants, Some(scopes)),
            None => (row, None),
        };
        let place = |text: &str| (text != "*").then(|| text.to_owned());
        let (mut roles, mut hosted) = (Vec::new(), Vec::new());
        for grant in grants.split('+').map(str::trim).filter(|grant| !grant.is_empty()) {
            let (word, at) = grant.split_once(' ').expect("a role or right, and a place");
            if let Some(right) = HostedRight::parse(word) {
                hosted.push((at.to_owned(), right));
                continue;
            }
            let (cluster, namespace) = at.split_once('/').expect("a cluster and a namespace");
            roles.push(Grant {
                role: Role::parse(word).expect("a role"),
                cluster: place(cluster),
                namespace: place(namespace),
            });
        }
        let user = Arc::new(ViewingUser {
            id: 7,
            name: "alice".to_owned(),
            grants: roles,
            hosted,
            kubernetes_user: None,
            kubernetes_groups: Vec::new(),
        });
        Viewer::new(match scopes {
            None => ViewerKind::User { user, session_id: 1 },
            Some(scopes) => ViewerKind::Token {
                user,
                label: "ci".to_owned(),
                scopes: scopes
                    .split_whitespace()
                    .map(|word| Scope::parse(word).expect("a scope"))
                    .collect(),
            },
        })
    }

    #[test]
    fn every_viewer_may_do_what_the_table_says() {
        for (row, want) in TABLE {
            let viewer = viewer(row);
            let want: Vec<bool> = want
                .chars()
                .filter(|mark| *mark != ' ')
                .map(|mark| mark == 'y')
                .collect();
            assert_eq!(want.len(), ACTIONS.len(), "{row}: a mark for every action");
            for ((name, action), want) in ACTIONS.into_iter().zip(want) {
                let answer = decide(&viewer, action, CLOSED);
                assert_eq!(answer.is_ok(), want, "`{row}` and `{name}`: {answer:?}");
                let is_anonymous = *row == "anonymous" || row.starts_with("guest");
                match answer {
                    Ok(()) => {}
                    Err(Error::Unauthenticated { .. }) => assert!(is_anonymous, "`{row}` and `{name}`"),
                    Err(Error::Forbidden { .. }) => assert!(!is_anonymous, "`{row}` and `{name}`"),
                    Err(error) => panic!("`{row}` and `{name}`: {error}"),
                }
                // The column stands for both.
                if action == Action::ManageAccounts {
                    assert_eq!(
                        decide(&viewer, Action::ReadAudit, CLOSED).is_ok(),
                        want,
                        "`{row}` and the audit log"
                    );
                }
            }
        }
    }

    #[test]
    fn an_open_catalog_is_everybodys_and_nothing_else_is() {
        for (row, _) in TABLE {
            let viewer = viewer(row);
            for (name, action) in ACTIONS {
                let is_catalog = matches!(
                    action,
                    Action::ReadCharts | Action::ReadRepositories | Action::PullHosted { .. }
                );
                let open = decide(&viewer, action, OPEN_CATALOG).is_ok();
                let closed = decide(&viewer, action, CLOSED).is_ok();
                assert_eq!(open, is_catalog || closed, "`{row}` and `{name}`");
            }
        }
    }

    #[test]
    fn open_uploads_are_everybodys_and_nothing_else_is() {
        let open = Open { push: true, ..CLOSED };
        for (row, _) in TABLE {
            let viewer = viewer(row);
            for (name, action) in ACTIONS {
                let is_push = matches!(action, Action::PushHosted { .. } | Action::DeleteHosted { .. });
                let closed = decide(&viewer, action, CLOSED).is_ok();
                assert_eq!(
                    decide(&viewer, action, open).is_ok(),
                    is_push || closed,
                    "`{row}` and `{name}`"
                );
            }
        }
    }

    #[test]
    fn a_place_covers_whole_segments() {
        for (place, tenant, want) in [
            ("", "", true),
            ("", "org", false),
            ("*", "", true),
            ("*", "org/repo", true),
            ("org/*", "org/repo", true),
            ("org/*", "org/repo/deep", true),
            ("org/*", "org", false),
            ("org/*", "organisation/repo", false),
            ("org*", "organisation", false),
            ("org/repo", "org/repo", true),
            ("org/repo", "org/repo-2", false),
        ] {
            assert_eq!(covers_tenant(place, tenant), want, "{place} {tenant}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_missing() {
        let rows = [
            (
                "viewer prod/shop",
                change("prod", "shop"),
                "changing releases is not allowed: it needs the role operator for namespace `shop` of cluster `prod`, \
                 which `alice` does not hold",
            ),
            (
                "viewer prod/shop",
                Action::ReadAllReleases { cluster: "prod" },
                "seeing releases is not allowed: it needs the role viewer for all namespaces of cluster `prod`, which \
                 `alice` does not hold",
            ),
            (
                "admin prod/*",
                Action::ManageAccounts,
                "managing users is not allowed: it needs the role admin for everything, which `alice` does not hold",
            ),
            (
                "admin */* | read",
                Action::ReadAudit,
                "reading the audit log is not allowed: the token lacks the scope admin",
            ),
            (
                "operator prod/*",
                Action::PushHosted { tenant: "" },
                "uploading charts is not allowed: it needs the role operator for everything, or the right `push` here, which \
                 `alice` does not hold",
            ),
            (
                "admin */* | read",
                Action::DeleteHosted { tenant: "" },
                "deleting hosted charts is not allowed: the token lacks the scope charts:write",
            ),
            (
                "guest org/repo:pull",
                Action::PushHosted { tenant: "org/repo" },
                "uploading charts is not among what these credentials are for",
            ),
            (
                "anonymous",
                change("prod", "shop"),
                "changing releases needs a signed-in user",
            ),
        ];
        for (row, action, want) in rows {
            let answer = decide(&viewer(row), action, OPEN_CATALOG);
            assert_eq!(answer.map_err(|error| error.to_string()), Err(want.to_owned()));
        }
    }
}
