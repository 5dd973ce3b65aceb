//! Writes addresses: nothing else in the user interface puts one together.

use std::sync::Mutex;

use leptos::prelude::use_context;
use model::catalog::CatalogQuery;
use model::release::{ReleaseId, ReleaseQuery};

use super::releases::{action_search, compare_search, log_search, revision_search};
use super::{
    ActionQuery, ChartRoute, ChartTab, HostedPage, LogQuery, ReleaseAction, ReleasePage, ReleaseRoute,
    ReleaseTab, catalog_search, encode_path, encode_query, encode_segment, release_search,
};

/// Writes addresses below a base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Links {
    base: &'static str,
}

impl Links {
    /// `base` is empty or `/a/b`, without a trailing slash.
    pub fn new(base: &str) -> Self {
        // Every link on a page needs the base path, in closures that outlive the component, so it is interned: a process
        // knows one or, in tests, a few.
        static BASES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
        if base.is_empty() {
            return Self { base: "" };
        }
        let mut bases = BASES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(base) = bases.iter().find(|known| **known == base) {
            return Self { base };
        }
        let base: &'static str = Box::leak(base.to_owned().into_boxed_str());
        bases.push(base);
        Self { base }
    }

    /// The links of the site that is being shown.
    pub fn here() -> Self {
        use_context().unwrap_or(Self { base: "" })
    }

    pub fn base(self) -> &'static str {
        self.base
    }

    /// The part of a path below the base path.
    pub fn strip(self, path: &str) -> Option<&str> {
        path.strip_prefix(self.base)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// A path below the base path, such as an icon's.
    pub fn path(self, path: &str) -> String {
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{}{slash}{path}", self.base)
    }

    pub fn home(self) -> String {
        self.path("/")
    }

    pub fn charts(self) -> String {
        self.path("/charts")
    }

    /// The catalog as `query` narrows it; a repository becomes part of the path.
    pub fn catalog(self, query: &CatalogQuery) -> String {
        let search = catalog_search(query);
        if query.repository.is_empty() {
            format!("{}{search}", self.charts())
        } else {
            format!("{}{search}", self.repository_charts(&query.repository))
        }
    }

    pub fn search(self, words: &str) -> String {
        format!("{}?q={}", self.charts(), encode_query(words))
    }

    /// What a search field shows while somebody types, as HTML.
    pub(crate) fn suggestions(self) -> String {
        self.path("/ui/suggest")
    }

    pub fn repository_charts(self, repository: &str) -> String {
        format!("{}/charts/{}", self.base, encode_segment(repository))
    }

    /// A chart's newest version.
    pub fn chart(self, repository: &str, name: &str) -> String {
        format!("{}/{}", self.repository_charts(repository), encode_segment(name))
    }

    pub fn chart_version(self, repository: &str, name: &str, version: &str) -> String {
        format!("{}/{}", self.chart(repository, name), encode_segment(version))
    }

    /// Two versions of a chart.
    pub fn chart_compare(self, repository: &str, name: &str, from: &str, to: &str) -> String {
        format!(
            "{}/{}...{}",
            self.chart_compare_choice(repository, name),
            encode_segment(from),
            encode_segment(to)
        )
    }

    /// Where the two are chosen; `from` and `to` of a query string are such a choice.
    pub fn chart_compare_choice(self, repository: &str, name: &str) -> String {
        format!("{}/compare", self.chart(repository, name))
    }

    /// The form that installs a chart.
    pub fn install(self, repository: &str, name: &str, version: Option<&str>) -> String {
        match version {
            Some(version) => format!("{}/install", self.chart_version(repository, name, version)),
            None => format!("{}/install", self.chart(repository, name)),
        }
    }

    /// The same, which begins with the text of a file of the chart.
    pub fn install_from(self, repository: &str, name: &str, version: &str, file: &str) -> String {
        format!(
            "{}?from={}",
            self.install(repository, name, Some(version)),
            encode_query(file)
        )
    }

    /// Any of a chart's pages.
    pub fn chart_route(self, route: &ChartRoute) -> String {
        let mut out = self.chart(&route.repository, &route.name);
        if let Some(version) = &route.version {
            out.push('/');
            out.push_str(&encode_segment(version));
        }
        if route.tab != ChartTab::Overview {
            out.push('/');
            out.push_str(route.tab.segment());
        }
        if let (Some(file), Some(folder)) = (&route.file, route.tab.folder()) {
            out.push('/');
            out.push_str(&encode_path(file.strip_prefix(folder).unwrap_or(file)));
        }
        out
    }

    /// The bytes of a file in a chart's archive, as the server hands them out.
    pub fn raw_file(self, repository: &str, name: &str, version: &str, path: &str) -> String {
        format!(
            "{}/raw/{}/{}/{}/{}",
            self.base,
            encode_segment(repository),
            encode_segment(name),
            encode_segment(version),
            encode_path(path)
        )
    }

    /// A chart's archive, under a name that helm takes from a URL.
    pub fn archive(self, repository: &str, name: &str, version: &str) -> String {
        format!(
            "{}/archives/{}/{}/{}/{}",
            self.base,
            encode_segment(repository),
            encode_segment(name),
            encode_segment(version),
            encode_segment(&format!("{name}-{version}.tgz"))
        )
    }

    /// The feed of what was updated last, in the whole catalog.
    pub fn feed(self) -> String {
        self.path("/feeds/charts.atom")
    }

    /// The same of a repository.
    pub fn repository_feed(self, repository: &str) -> String {
        format!(
            "{}/feeds/charts/{}/feed.atom",
            self.base,
            encode_segment(repository)
        )
    }

    /// The feed of a chart's versions.
    pub fn chart_feed(self, repository: &str, name: &str) -> String {
        format!(
            "{}/feeds/charts/{}/{}/feed.atom",
            self.base,
            encode_segment(repository),
            encode_segment(name)
        )
    }

    /// The feed of what a query finds.
    pub fn search_feed(self, query: &CatalogQuery) -> String {
        let search = catalog_search(&CatalogQuery {
            cursor: String::new(),
            explain: false,
            ..query.clone()
        });
        let mut out = format!("{}/feeds/search.atom{search}", self.base);
        if !query.repository.is_empty() {
            out.push(if search.is_empty() { '?' } else { '&' });
            out.push_str("repository=");
            out.push_str(&encode_query(&query.repository));
        }
        out
    }

    /// A picture of the site, 1200 by 630 pixels, for sites that show a link to one of its other pages.
    pub fn site_card(self) -> String {
        format!("{}/cards/site.png", self.base)
    }

    /// A picture of a chart, 1200 by 630 pixels, for sites that show a link to it.
    pub fn card(self, repository: &str, name: &str) -> String {
        format!(
            "{}/cards/{}/{}",
            self.base,
            encode_segment(repository),
            encode_segment(&format!("{name}.png"))
        )
    }

    /// The same as a small SVG, for pages of other sites.
    pub fn small_card(self, repository: &str, name: &str) -> String {
        self.drawing("cards", repository, name)
    }

    /// The newest version as a badge, for a README.
    pub fn badge(self, repository: &str, name: &str) -> String {
        self.drawing("badges", repository, name)
    }

    fn drawing(self, kind: &str, repository: &str, name: &str) -> String {
        let file = format!("{name}.svg");
        format!(
            "{}/{kind}/{}/{}",
            self.base,
            encode_segment(repository),
            encode_segment(&file)
        )
    }

    pub fn repositories(self) -> String {
        self.path("/repositories")
    }

    /// A later part of the list; the first one where the cursor is empty.
    pub fn repositories_from(self, cursor: &str) -> String {
        match cursor {
            "" => self.repositories(),
            cursor => format!("{}?cursor={}", self.repositories(), encode_query(cursor)),
        }
    }

    pub fn repository(self, name: &str) -> String {
        format!("{}/repositories/{}", self.base, encode_segment(name))
    }

    /// What is decided about a hosted repository.
    pub fn hosted(self, repository: &str, page: HostedPage) -> String {
        format!("{}/{}", self.repository(repository), page.segment())
    }

    /// The page that makes the first user.
    pub fn setup(self, token: &str) -> String {
        format!("{}/setup?token={}", self.base, encode_query(token))
    }

    /// The page to sign in on, which leads back to a path.
    pub fn sign_in(self, to: &str) -> String {
        if to.is_empty() {
            return self.path("/sign-in");
        }
        format!("{}/sign-in?to={}", self.base, encode_query(to))
    }

    pub fn sign_out(self) -> String {
        self.path("/sign-out")
    }

    pub fn account(self) -> String {
        self.path("/account")
    }

    /// One's own account, after something was done there.
    pub fn account_after(self, done: &str) -> String {
        format!("{}/account?done={}", self.base, encode_query(done))
    }

    pub fn accounts(self) -> String {
        self.path("/accounts")
    }

    /// A later part of all users; the first one where the cursor is empty.
    pub fn accounts_from(self, cursor: &str) -> String {
        match cursor {
            "" => self.accounts(),
            cursor => format!("{}?cursor={}", self.accounts(), encode_query(cursor)),
        }
    }

    /// All users, after something was done to one.
    pub fn accounts_after(self, done: &str, name: &str) -> String {
        format!(
            "{}/accounts?done={}&name={}",
            self.base,
            encode_query(done),
            encode_query(name)
        )
    }

    /// What programs can ask.
    pub fn api(self) -> String {
        self.path("/api")
    }

    /// The audit log, from an entry on, of one user where one is named.
    pub fn audit(self, before: Option<i64>, actor: &str) -> String {
        let mut out = self.path("/audit");
        let before = before.map(|before| before.to_string()).unwrap_or_default();
        for (key, value) in [("before", before.as_str()), ("actor", actor)] {
            if !value.is_empty() {
                out.push(if out.contains('?') { '&' } else { '?' });
                out.push_str(key);
                out.push('=');
                out.push_str(&encode_query(value));
            }
        }
        out
    }

    pub fn releases(self) -> String {
        self.path("/releases")
    }

    /// Releases as `query` narrows them.
    pub fn release_list(self, query: &ReleaseQuery) -> String {
        format!("{}{}", self.releases(), release_search(query))
    }

    pub fn release(self, release: &ReleaseId) -> String {
        format!(
            "{}/releases/{}/{}/{}",
            self.base,
            encode_segment(&release.cluster),
            encode_segment(&release.namespace),
            encode_segment(&release.name)
        )
    }

    /// Any of a release's pages, without what a query string would add.
    pub fn release_route(self, route: &ReleaseRoute) -> String {
        let release = self.release(&route.release);
        let segment = match route.page {
            ReleasePage::Tab(tab) => tab.segment(),
            ReleasePage::Compare => "compare",
            ReleasePage::Upgrade => "upgrade",
            ReleasePage::Action(action) => action.segment(),
        };
        let slash = if segment.is_empty() { "" } else { "/" };
        format!("{release}{slash}{segment}")
    }

    /// A tab of a release, of one revision where one is named.
    pub fn release_tab(self, release: &ReleaseId, tab: ReleaseTab, revision: Option<i64>) -> String {
        let revision = revision.filter(|_| tab.has_revision());
        format!(
            "{}{}",
            self.release_page(release, ReleasePage::Tab(tab)),
            revision_search(revision)
        )
    }

    /// Two revisions of a release side by side.
    pub fn release_compare(self, release: &ReleaseId, from: i64, to: i64) -> String {
        format!(
            "{}{}",
            self.release_page(release, ReleasePage::Compare),
            compare_search(from, to)
        )
    }

    /// The page that shows what an action would do.
    pub fn release_action(self, release: &ReleaseId, action: ReleaseAction, query: &ActionQuery) -> String {
        format!(
            "{}{}",
            self.release_page(release, ReleasePage::Action(action)),
            action_search(query)
        )
    }

    /// The form that upgrades a release, to a version where one is named.
    pub fn release_upgrade(self, release: &ReleaseId, version: Option<&str>) -> String {
        let to = self.release_page(release, ReleasePage::Upgrade);
        match version {
            Some(version) => format!("{to}?version={}", encode_query(version)),
            None => to,
        }
    }

    /// What a container of a release printed.
    pub fn release_logs(self, release: &ReleaseId, query: &LogQuery) -> String {
        format!(
            "{}{}",
            self.release_page(release, ReleasePage::Tab(ReleaseTab::Logs)),
            log_search(query)
        )
    }

    /// A page of a release.
    pub fn release_page(self, release: &ReleaseId, page: ReleasePage) -> String {
        self.release_route(&ReleaseRoute {
            release: release.clone(),
            page,
        })
    }

    pub fn operation(self, id: &str) -> String {
        format!("{}/operations/{}", self.base, encode_segment(id))
    }
}
