//! The addresses of releases and operations, and their query strings.

use model::operation::{Cascade, OperationOptions};
use model::release::{ReleaseId, ReleaseQuery, ReleaseSort, StatusGroup};

use super::Route;
use super::encode::encode_query;
use super::query::query_value;

/// The address of one of a release's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRoute {
    pub release: ReleaseId,
    pub page: ReleasePage,
}

/// The pages of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleasePage {
    Tab(ReleaseTab),
    /// Two of its revisions.
    Compare,
    /// What would be done, with the form that does it.
    Action(ReleaseAction),
    /// Another version or other values, with the form that does it.
    Upgrade,
}

/// What a release's page shows below its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseTab {
    Overview,
    Values,
    Manifest,
    Notes,
    Hooks,
    History,
    Drift,
    Logs,
}

impl ReleaseTab {
    /// In the order they are shown.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Values,
        Self::Manifest,
        Self::Notes,
        Self::Hooks,
        Self::History,
        Self::Drift,
        Self::Logs,
    ];

    /// The segment in the address; the overview has none.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Values => "values",
            Self::Manifest => "manifest",
            Self::Notes => "notes",
            Self::Hooks => "hooks",
            Self::History => "history",
            Self::Drift => "drift",
            Self::Logs => "logs",
        }
    }

    /// Whether the tab shows one revision, which the address may name.
    pub fn has_revision(self) -> bool {
        matches!(self, Self::Values | Self::Manifest | Self::Notes | Self::Hooks)
    }
}

/// What can be done with a release on a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseAction {
    Rollback,
    Uninstall,
    Test,
}

impl ReleaseAction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rollback, Self::Uninstall, Self::Test];

    /// The segment in the address.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Uninstall => "uninstall",
            Self::Test => "test",
        }
    }
}

/// How an action is planned; what a form sends has the same names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionQuery {
    /// What to roll back to; the revision before the last where it is not said.
    pub revision: Option<i64>,
    /// Only those that a page offers are read and written.
    pub options: OperationOptions,
}

/// Whose log is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    pub pod: String,
    pub container: String,
    /// Of the container before its last restart.
    pub is_previous: bool,
}

pub(super) fn parse(cluster: &str, namespace: &str, name: &str, rest: &[&str]) -> Route {
    let page = match rest {
        [] => Some(ReleasePage::Tab(ReleaseTab::Overview)),
        ["compare"] => Some(ReleasePage::Compare),
        ["upgrade"] => Some(ReleasePage::Upgrade),
        [segment] => page_of(segment),
        _ => None,
    };
    page.map_or(Route::Unknown, |page| {
        Route::Release(ReleaseRoute {
            release: ReleaseId {
                cluster: cluster.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            },
            page,
        })
    })
}

fn page_of(segment: &str) -> Option<ReleasePage> {
    let tab = ReleaseTab::ALL
        .into_iter()
        .find(|tab| *tab != ReleaseTab::Overview && tab.segment() == segment);
    let action = || {
        ReleaseAction::ALL
            .into_iter()
            .find(|action| action.segment() == segment)
    };
    tab.map(ReleasePage::Tab)
        .or_else(|| action().map(ReleasePage::Action))
}

/// Reads the query string of the list; what is not understood is left out.
pub fn release_query(search: &str) -> ReleaseQuery {
    let text = |key| query_value(search, key).unwrap_or_default();
    let choice = |key| query_value(search, key).filter(|value| !value.is_empty());
    ReleaseQuery {
        cluster: choice("cluster"),
        namespace: choice("namespace"),
        status: StatusGroup::parse(&text("status")),
        outdated: flag(search, "outdated"),
        q: text("q").trim().to_owned(),
        sort: ReleaseSort::parse(&text("sort")).unwrap_or_default(),
        page: text("page").parse().unwrap_or(1).max(1),
    }
}

/// Writes a query string with its `?`, or nothing where everything is as by default.
pub fn release_search(query: &ReleaseQuery) -> String {
    let page = (query.page > 1).then(|| query.page.to_string());
    let sort = (query.sort != ReleaseSort::default()).then(|| query.sort.as_str());
    search([
        ("cluster", query.cluster.as_deref()),
        ("namespace", query.namespace.as_deref()),
        ("status", query.status.map(StatusGroup::as_str)),
        ("outdated", query.outdated.then_some("true")),
        ("q", Some(&query.q)),
        ("sort", sort),
        ("page", page.as_deref()),
    ])
}

/// The revision that a query string names.
pub fn revision(search: &str, key: &str) -> Option<i64> {
    query_value(search, key)?
        .parse()
        .ok()
        .filter(|revision| *revision > 0)
}

pub(super) fn revision_search(revision: Option<i64>) -> String {
    let revision = revision.map(|revision| revision.to_string());
    search([("revision", revision.as_deref())])
}

pub(super) fn compare_search(from: i64, to: i64) -> String {
    search([
        ("from", Some(from.to_string().as_str())),
        ("to", Some(to.to_string().as_str())),
    ])
}

/// Reads how an action is to be planned, from a query string or a form's body.
pub fn action_query(search: &str) -> ActionQuery {
    ActionQuery {
        revision: revision(search, "revision"),
        options: OperationOptions {
            wait: flag(search, "wait"),
            no_hooks: flag(search, "no_hooks"),
            force_conflicts: flag(search, "force_conflicts"),
            keep_history: flag(search, "keep_history"),
            cascade: match query_value(search, "cascade").as_deref() {
                Some("foreground") => Cascade::Foreground,
                Some("orphan") => Cascade::Orphan,
                _ => Cascade::Background,
            },
            ..OperationOptions::default()
        },
    }
}

/// The fields that [`action_query`] reads, without those that say what is so anyway.
pub fn action_fields(query: &ActionQuery) -> Vec<(&'static str, String)> {
    let options = &query.options;
    let flags = [
        ("wait", options.wait),
        ("no_hooks", options.no_hooks),
        ("force_conflicts", options.force_conflicts),
        ("keep_history", options.keep_history),
    ];
    let cascade = match options.cascade {
        Cascade::Background => None,
        Cascade::Foreground => Some("foreground"),
        Cascade::Orphan => Some("orphan"),
    };
    let revision = query.revision.map(|revision| ("revision", revision.to_string()));
    let flags = flags
        .into_iter()
        .filter(|(_, is_on)| *is_on)
        .map(|(name, _)| (name, "true".to_owned()));
    let cascade = cascade.map(|word| ("cascade", word.to_owned()));
    revision.into_iter().chain(flags).chain(cascade).collect()
}

pub(super) fn action_search(query: &ActionQuery) -> String {
    let fields = action_fields(query);
    search(fields.iter().map(|(key, value)| (*key, Some(value.as_str()))))
}

/// Reads whose log is asked for.
pub fn log_query(search: &str) -> LogQuery {
    LogQuery {
        pod: query_value(search, "pod").unwrap_or_default(),
        container: query_value(search, "container").unwrap_or_default(),
        is_previous: flag(search, "previous"),
    }
}

pub(super) fn log_search(query: &LogQuery) -> String {
    search([
        ("pod", Some(query.pod.as_str())),
        ("container", Some(&query.container)),
        ("previous", query.is_previous.then_some("true")),
    ])
}

fn flag(search: &str, key: &str) -> bool {
    query_value(search, key).is_some_and(|value| !matches!(value.as_str(), "" | "false" | "0"))
}

fn search<'a>(pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(key);
        out.push('=');
        out.push_str(&encode_query(value));
    }
    out
}

#[cfg(test)]
mod tests {
    use model::operation::{Cascade, OperationOptions};
    use model::release::{ReleaseId, ReleaseQuery, ReleaseSort, StatusGroup};

    use super::{
        ActionQuery, LogQuery, ReleaseAction, ReleasePage, ReleaseRoute, ReleaseTab, action_query, log_query,
        release_query, revision,
    };
    use crate::routes::{Links, Route};

    fn release() -> ReleaseId {
        ReleaseId {
            cluster: "prod/eu".to_owned(),
            namespace: "shop".to_owned(),
            name: "web.front-end".to_owned(),
        }
    }

    fn read(links: Links, href: &str) -> (Route, String) {
        let path = links.strip(href).expect("a link lies below the base path");
        let (path, search) = path.split_once('?').unwrap_or((path, ""));
        (Route::parse(path), search.to_owned())
    }

    #[test]
    fn every_page_of_a_release_is_read_back() {
        let tabs = ReleaseTab::ALL.map(ReleasePage::Tab);
        let actions = ReleaseAction::ALL.map(ReleasePage::Action);
        for base in ["", "/a/b"] {
            let links = Links::new(base);
            let others = [ReleasePage::Compare, ReleasePage::Upgrade];
            for page in tabs.into_iter().chain(actions).chain(others) {
                let route = ReleaseRoute {
                    release: release(),
                    page,
                };
                let href = links.release_route(&route);
                assert_eq!(read(links, &href).0, Route::Release(route), "{href}");
            }
        }
    }

    #[test]
    fn revisions_are_read_back() {
        let links = Links::new("/a");
        let (_, search) = read(links, &links.release_tab(&release(), ReleaseTab::Values, Some(7)));
        assert_eq!(revision(&search, "revision"), Some(7));
        let (route, search) = read(links, &links.release_compare(&release(), 3, 12));
        assert!(matches!(route, Route::Release(route) if route.page == ReleasePage::Compare));
        assert_eq!(revision(&search, "from"), Some(3));
        assert_eq!(revision(&search, "to"), Some(12));
        for text in ["?revision=0", "?revision=-1", "?revision=x", ""] {
            assert_eq!(revision(text, "revision"), None, "{text}");
        }
    }

    #[test]
    fn what_a_list_is_narrowed_to_is_read_back() {
        let links = Links::new("");
        let all = ReleaseQuery {
            page: 1,
            ..ReleaseQuery::default()
        };
        let queries = [
            all.clone(),
            ReleaseQuery {
                cluster: Some("prod/eu".to_owned()),
                namespace: Some("a&b".to_owned()),
                status: Some(StatusGroup::Pending),
                outdated: true,
                q: "c++ ü=?".to_owned(),
                sort: ReleaseSort::Updated,
                page: 4,
            },
        ];
        for query in queries {
            let (route, search) = read(links, &links.release_list(&query));
            assert_eq!(route, Route::Releases);
            assert_eq!(release_query(&search), query, "{search}");
        }
        assert_eq!(links.release_list(&all), "/releases");
        assert_eq!(release_query("?page=0&sort=x&status=y&outdated=&cluster="), all);
    }

    #[test]
    fn how_an_action_is_planned_is_read_back() {
        let links = Links::new("");
        let query = ActionQuery {
            revision: Some(3),
            options: OperationOptions {
                wait: true,
                no_hooks: true,
                keep_history: true,
                cascade: Cascade::Orphan,
                ..OperationOptions::default()
            },
        };
        for query in [query, ActionQuery::default()] {
            let href = links.release_action(&release(), ReleaseAction::Uninstall, &query);
            let (_, search) = read(links, &href);
            assert_eq!(action_query(&search), query, "{href}");
        }
    }

    #[test]
    fn logs_and_operations_are_read_back() {
        let links = Links::new("/a");
        let query = LogQuery {
            pod: "web-0".to_owned(),
            container: "main".to_owned(),
            is_previous: true,
        };
        let (_, search) = read(links, &links.release_logs(&release(), &query));
        assert_eq!(log_query(&search), query);
        let (route, _) = read(links, &links.operation("01J/x"));
        assert_eq!(
            route,
            Route::Operation {
                id: "01J/x".to_owned()
            }
        );
    }

    #[test]
    fn foreign_addresses_are_unknown() {
        for path in [
            "/releases/a",
            "/releases/a/b",
            "/releases/a/b/c/nothing",
            "/releases/a/b/c/values/x",
            "/operations",
            "/operations/a/b",
        ] {
            assert_eq!(Route::parse(path), Route::Unknown, "{path}");
        }
    }
}
