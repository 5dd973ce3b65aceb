//! Writes addresses: nothing else in the user interface puts one together.

use std::sync::Mutex;

use leptos::prelude::use_context;
use model::catalog::CatalogQuery;

use super::{ChartRoute, ChartTab, catalog_search, encode_path, encode_query, encode_segment};

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

    pub fn repositories(self) -> String {
        self.path("/repositories")
    }

    pub fn repository(self, name: &str) -> String {
        format!("{}/repositories/{}", self.base, encode_segment(name))
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

    /// All users, after something was done to one.
    pub fn accounts_after(self, done: &str, name: &str) -> String {
        format!(
            "{}/accounts?done={}&name={}",
            self.base,
            encode_query(done),
            encode_query(name)
        )
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
}
