//! Every address of the site, both ways: [`Route::parse`] reads one, [`Links`] writes one.
//!
//! ```text
//! /                                            home
//! /charts                                      the catalog; its query string is a `CatalogQuery`
//! /charts/{repository}                         the catalog of one repository
//! /charts/{repository}/{chart}[/{version}]     a chart; without a version, its newest
//!   …/values  …/resources  …/templates[/{path}]  …/crds[/{path}]  …/files[/{path}]  …/dependencies  …/versions
//!   …/changelog
//!   …/install[?from={file}]                    the form that installs it, with values out of a file of the chart
//! /charts/{repository}/{chart}/compare/{a}...{b}   two versions; without them, or as `?from={a}&to={b}`, a choice
//! /repositories  /repositories/{repository}    where charts come from
//!   …/retention  …/webhooks  …/rights          of a hosted one, for those who decide about it
//! /sign-in?to={path}  /setup?token={token}     coming in, for the first time or again
//! /account                                     one's own password, sessions and tokens
//! /accounts  /audit                            users and what they did, for administrators
//! /api                                         what programs can ask
//! /releases                                    a list; its query string is a `ReleaseQuery`
//! /releases/{cluster}/{namespace}/{name}       a release
//!   …/values  …/manifest  …/notes  …/hooks     of its newest revision, or `?revision={n}`
//!   …/history  …/drift  …/logs  …/compare?from={n}&to={n}
//!   …/rollback  …/uninstall  …/test            what would be done, with the form that does it
//!   …/upgrade[?version={version}]              the form that upgrades it
//! /operations/{id}                             how far an operation is
//! ```
//!
//! A version is told from a tab by its first characters: versions begin with a digit, or `v` and a digit, and no tab
//! does. So an address without a version always means the newest, and stays right when a new version arrives.

mod encode;
mod links;
mod query;
mod releases;

use model::files::{FileEntry, FileKind};

pub use encode::{decode, encode_path, encode_query, encode_segment};
pub use links::Links;
pub use query::{catalog_query, catalog_search, query_value};
pub use releases::{
    ActionQuery, LogQuery, ReleaseAction, ReleasePage, ReleaseRoute, ReleaseTab, action_fields, action_query,
    log_query, release_query, release_search, revision,
};

/// An address that never has a page: what is not below the base path is taken for it.
pub const NO_PAGE: &str = "/-";

/// An address below the base path, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Home,
    /// The catalog of one repository, or of all.
    Catalog {
        repository: Option<String>,
    },
    Chart(ChartRoute),
    /// Two versions of a chart.
    Compare {
        repository: String,
        name: String,
        /// Those that the path names, in its order.
        versions: Option<(String, String)>,
    },
    /// Installing a version of a chart, or its newest.
    Install {
        repository: String,
        name: String,
        version: Option<String>,
    },
    Repositories,
    Repository {
        name: String,
    },
    /// What is decided about a hosted repository.
    Hosted {
        name: String,
        page: HostedPage,
    },
    /// The first user, by a link.
    Setup,
    SignIn,
    /// One's own.
    Account,
    /// Everybody's.
    Accounts,
    Audit,
    /// What programs can ask.
    Api,
    /// Those of every cluster, as a query narrows them.
    Releases,
    Release(ReleaseRoute),
    Operation {
        id: String,
    },
    /// Nothing of ours.
    Unknown,
}

/// What can be decided about a hosted repository, each on a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostedPage {
    /// Which versions go by themselves.
    Retention,
    /// Who is told of what happens.
    Webhooks,
    /// Who may do what.
    Rights,
}

impl HostedPage {
    /// In the order they are shown.
    pub const ALL: [Self; 3] = [Self::Rights, Self::Retention, Self::Webhooks];

    /// The segment in the address.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Webhooks => "webhooks",
            Self::Rights => "rights",
        }
    }

    /// The page of a segment.
    pub fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.segment() == segment)
    }
}

/// The address of one of a chart's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartRoute {
    pub repository: String,
    pub name: String,
    /// The version as the address says it; none means the newest.
    pub version: Option<String>,
    pub tab: ChartTab,
    /// The file within the archive, on tabs that show files.
    pub file: Option<String>,
}

/// The pages of a chart version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartTab {
    Overview,
    Values,
    Resources,
    Templates,
    Crds,
    Files,
    Dependencies,
    Versions,
    Changelog,
}

impl ChartTab {
    /// In the order they are shown.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Values,
        Self::Resources,
        Self::Templates,
        Self::Crds,
        Self::Files,
        Self::Dependencies,
        Self::Versions,
        Self::Changelog,
    ];

    /// The segment in the address; the overview has none.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Values => "values",
            Self::Resources => "resources",
            Self::Templates => "templates",
            Self::Crds => "crds",
            Self::Files => "files",
            Self::Dependencies => "dependencies",
            Self::Versions => "versions",
            Self::Changelog => "changelog",
        }
    }

    /// The folder of the archive whose files the tab shows; their addresses leave it out.
    pub fn folder(self) -> Option<&'static str> {
        match self {
            Self::Templates => Some("templates/"),
            Self::Crds => Some("crds/"),
            Self::Files => Some(""),
            _ => None,
        }
    }

    /// Whether the tab lists files of this kind.
    pub fn shows(self, kind: FileKind) -> bool {
        match self {
            Self::Templates => matches!(kind, FileKind::Template | FileKind::Notes),
            Self::Crds => kind == FileKind::Crd,
            Self::Files => true,
            _ => false,
        }
    }

    /// The file that is shown when the address names none.
    pub fn first(self, entries: &[FileEntry]) -> Option<&str> {
        let preferred = |entry: &&FileEntry| self == Self::Files && entry.kind == FileKind::Metadata;
        let text = || entries.iter().filter(|entry| entry.is_text);
        text()
            .find(preferred)
            .or_else(|| text().next())
            .map(|entry| entry.path.as_str())
    }

    fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|tab| *tab != Self::Overview && tab.segment() == segment)
    }
}

impl Route {
    /// Reads the path of an address, base path already removed, still percent-encoded.
    pub fn parse(path: &str) -> Self {
        let segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(decode)
            .collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            [] => Self::Home,
            ["charts"] => Self::Catalog { repository: None },
            ["charts", repository] => Self::Catalog {
                repository: Some((*repository).to_owned()),
            },
            ["charts", repository, name, rest @ ..] => Self::parse_chart(repository, name, rest),
            ["repositories"] => Self::Repositories,
            ["repositories", name] => Self::Repository {
                name: (*name).to_owned(),
            },
            ["repositories", name, page] => match HostedPage::from_segment(page) {
                Some(page) => Self::Hosted {
                    name: (*name).to_owned(),
                    page,
                },
                None => Self::Unknown,
            },
            ["setup"] => Self::Setup,
            ["sign-in"] => Self::SignIn,
            ["account"] => Self::Account,
            ["accounts"] => Self::Accounts,
            ["audit"] => Self::Audit,
            ["api"] => Self::Api,
            ["releases"] => Self::Releases,
            ["releases", cluster, namespace, name, rest @ ..] => {
                releases::parse(cluster, namespace, name, rest)
            }
            ["operations", id] => Self::Operation { id: (*id).to_owned() },
            _ => Self::Unknown,
        }
    }

    /// Whether everybody who may read the catalog reads the same there, and it is more than a form.
    pub fn is_shared(&self) -> bool {
        matches!(
            self,
            Self::Home
                | Self::Catalog { .. }
                | Self::Chart(_)
                | Self::Compare {
                    versions: Some(_),
                    ..
                }
                | Self::Repositories
                | Self::Repository { .. }
                | Self::Api
        )
    }

    fn parse_chart(repository: &str, name: &str, rest: &[&str]) -> Self {
        if let ["compare", pair @ ..] = rest {
            let versions = match pair {
                [] => None,
                [pair] => match versions(pair) {
                    Some(versions) => Some(versions),
                    None => return Self::Unknown,
                },
                _ => return Self::Unknown,
            };
            return Self::Compare {
                repository: repository.to_owned(),
                name: name.to_owned(),
                versions,
            };
        }
        let (version, rest) = match rest {
            [version, rest @ ..] if is_version(version) => (Some((*version).to_owned()), rest),
            rest => (None, rest),
        };
        let (tab, file) = match rest {
            ["install"] => {
                return Self::Install {
                    repository: repository.to_owned(),
                    name: name.to_owned(),
                    version,
                };
            }
            [] => (ChartTab::Overview, None),
            [segment, path @ ..] => {
                let Some(tab) = ChartTab::from_segment(segment) else {
                    return Self::Unknown;
                };
                match (tab.folder(), path) {
                    (_, []) => (tab, None),
                    (Some(folder), path) => (tab, Some(format!("{folder}{}", path.join("/")))),
                    (None, _) => return Self::Unknown,
                }
            }
        };
        Self::Chart(ChartRoute {
            repository: repository.to_owned(),
            name: name.to_owned(),
            version,
            tab,
            file,
        })
    }
}

/// The two versions of `a...b`. No version has two dots in a row, and none begins or ends with one.
pub fn versions(pair: &str) -> Option<(String, String)> {
    let (from, to) = pair.split_once("...")?;
    let is_fine = !from.is_empty() && !to.is_empty() && !to.starts_with('.') && !to.contains("..");
    is_fine.then(|| (from.to_owned(), to.to_owned()))
}

/// Whether a segment is a version, not a tab.
fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix(['v', 'V'])
        .unwrap_or(segment)
        .starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{ChartRoute, ChartTab, HostedPage, Links, Route, is_version, query_value};

    fn chart(version: Option<&str>, tab: ChartTab, file: Option<&str>) -> ChartRoute {
        ChartRoute {
            repository: "stable".to_owned(),
            name: "nginx".to_owned(),
            version: version.map(str::to_owned),
            tab,
            file: file.map(str::to_owned),
        }
    }

    #[test]
    fn links_are_read_back() {
        let routes = [
            chart(None, ChartTab::Overview, None),
            chart(Some("1.2.3+build.7"), ChartTab::Overview, None),
            chart(Some("v2.0.0-rc.1"), ChartTab::Values, None),
            chart(None, ChartTab::Versions, None),
            chart(Some("1.0.0"), ChartTab::Templates, Some("templates/a b/ü%?.yaml")),
            chart(
                Some("1.0.0"),
                ChartTab::Files,
                Some("charts/common/templates/_names.tpl"),
            ),
            chart(Some("1.0.0"), ChartTab::Crds, Some("crds/x.yaml")),
        ];
        for base in ["", "/a/b"] {
            let links = Links::new(base);
            for route in &routes {
                let href = links.chart_route(route);
                let path = links.strip(&href).expect("a link lies below the base path");
                assert_eq!(Route::parse(path), Route::Chart(route.clone()), "{href}");
            }
        }
    }

    #[test]
    fn installing_has_an_address_that_is_read_back() {
        for (version, tail) in [(Some("1.2.3+b.7"), "/1.2.3+b.7/install"), (None, "/install")] {
            let href = Links::new("/a").install("stable", "nginx", version);
            assert_eq!(href, format!("/a/charts/stable/nginx{tail}"));
            let want = Route::Install {
                repository: "stable".to_owned(),
                name: "nginx".to_owned(),
                version: version.map(str::to_owned),
            };
            assert_eq!(Route::parse(&href["/a".len()..]), want);
        }
        let href = Links::new("").install_from("stable", "nginx", "1.0.0", "ci/a b-values.yaml");
        assert_eq!(
            query_value(href.split_once('?').expect("a query").1, "from").as_deref(),
            Some("ci/a b-values.yaml")
        );
    }

    #[test]
    fn what_is_decided_about_a_repository_has_addresses_that_are_read_back() {
        for page in HostedPage::ALL {
            let href = Links::new("/a").hosted("hosted.org.repo", page);
            let want = Route::Hosted {
                name: "hosted.org.repo".to_owned(),
                page,
            };
            assert_eq!(Route::parse(&href["/a".len()..]), want, "{href}");
        }
        assert_eq!(Route::parse("/repositories/hosted/other"), Route::Unknown);
    }

    #[test]
    fn comparing_has_an_address_that_is_read_back() {
        let links = Links::new("/a");
        let href = links.chart_compare("stable", "nginx", "1.0.0-rc.1", "v2.0.0+b.7");
        assert_eq!(href, "/a/charts/stable/nginx/compare/1.0.0-rc.1...v2.0.0+b.7");
        let want = |versions: Option<(&str, &str)>| Route::Compare {
            repository: "stable".to_owned(),
            name: "nginx".to_owned(),
            versions: versions.map(|(from, to)| (from.to_owned(), to.to_owned())),
        };
        assert_eq!(
            Route::parse(&href["/a".len()..]),
            want(Some(("1.0.0-rc.1", "v2.0.0+b.7")))
        );
        let choose = links.chart_compare_choice("stable", "nginx");
        assert_eq!(Route::parse(&choose["/a".len()..]), want(None));
        for pair in ["1.0.0", "1.0.0..2.0.0", "...2.0.0", "1...", "1...2...3", "1....2"] {
            let path = format!("/charts/stable/nginx/compare/{pair}");
            assert_eq!(Route::parse(&path), Route::Unknown, "{pair}");
        }
    }

    #[test]
    fn access_has_addresses_that_are_read_back() {
        let links = Links::new("/a/b");
        let rows = [
            (links.setup("to/ken"), Route::Setup, "token", "to/ken"),
            (
                links.sign_in("/charts?q=a&b"),
                Route::SignIn,
                "to",
                "/charts?q=a&b",
            ),
            (
                links.account_after("password"),
                Route::Account,
                "done",
                "password",
            ),
            (
                links.accounts_after("grant", "a@b"),
                Route::Accounts,
                "name",
                "a@b",
            ),
            (links.audit(Some(7), "a@b"), Route::Audit, "before", "7"),
            (links.audit(None, ""), Route::Audit, "before", ""),
            (links.api(), Route::Api, "", ""),
        ];
        for (href, route, key, value) in rows {
            let path = links.strip(&href).expect("a link lies below the base path");
            let (path, search) = path.split_once('?').unwrap_or((path, ""));
            assert_eq!(Route::parse(path), route, "{href}");
            assert_eq!(query_value(search, key).unwrap_or_default(), value, "{href}");
        }
    }

    #[test]
    fn no_tab_is_a_version() {
        assert!(ChartTab::ALL.into_iter().all(|tab| !is_version(tab.segment())));
    }

    #[test]
    fn foreign_addresses_are_unknown() {
        for path in [
            "/nothing",
            "/charts/a/b/nothing",
            "/charts/a/b/1.0.0/values/x",
            "/charts/a/b/1.0.0/install/x",
            "/repositories/a/b",
        ] {
            assert_eq!(Route::parse(path), Route::Unknown, "{path}");
        }
    }

    #[test]
    fn a_base_path_is_removed_whole_segments_at_a_time() {
        let links = Links::new("/a/b");
        assert_eq!(links.strip("/a/b"), Some(""));
        assert_eq!(links.strip("/a/b/charts"), Some("/charts"));
        assert_eq!(links.strip("/a/bc"), None);
    }
}
