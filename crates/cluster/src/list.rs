//! Which releases a list holds: helm's rules, decided by labels as far as they go.
//!
//! Helm reads every record of every revision to list the newest of each release. Names, revisions, states and labels are
//! in the metadata already; only records that are shown are read, and to order by date those that could be.

use std::collections::BTreeMap;

use engine::datetime::{Time, Zone};
use engine::regexp::Regex;
use helm::release::{Release, ReleaseStatus};

use crate::{Cluster, Error, RecordHead, Selector};

/// A state that a list can be narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Deployed,
    Failed,
    /// Installation, upgrade or rollback under way.
    Pending,
    Superseded,
    Uninstalled,
    Uninstalling,
}

impl State {
    const ALL: [Self; 6] = [
        Self::Deployed,
        Self::Failed,
        Self::Pending,
        Self::Superseded,
        Self::Uninstalled,
        Self::Uninstalling,
    ];

    fn holds(self, status: &ReleaseStatus) -> bool {
        match self {
            Self::Deployed => *status == ReleaseStatus::Deployed,
            Self::Failed => *status == ReleaseStatus::Failed,
            Self::Pending => status.is_pending(),
            Self::Superseded => *status == ReleaseStatus::Superseded,
            Self::Uninstalled => *status == ReleaseStatus::Uninstalled,
            Self::Uninstalling => *status == ReleaseStatus::Uninstalling,
        }
    }
}

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Name,
    /// The last deployment, in seconds, the oldest first.
    Date,
}

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// `None` for all namespaces.
    pub namespace: Option<String>,
    /// Empty for all that helm knows.
    pub states: Vec<State>,
    /// A regular expression in Go's syntax that names have to match, anywhere.
    pub filter: Option<String>,
    pub selector: Selector,
    pub order: Order,
    pub reverse: bool,
    pub offset: usize,
    /// `None` for no limit.
    pub max: Option<usize>,
}

/// A list of releases.
#[derive(Debug)]
pub struct Listed {
    /// Their newest revisions, without manifest, hooks, values and the files of the chart.
    pub releases: Vec<Release>,
    /// Revisions that belong here and cannot be read, and why.
    pub damaged: Vec<(RecordHead, Error)>,
}

impl Cluster {
    /// The releases of a list, read as far as a list shows them.
    pub async fn list(&self, options: &ListOptions) -> Result<Listed, Error> {
        let mut heads = self.candidates(options).await?;
        if options.order == Order::Name {
            heads = page(heads, options);
        }
        let (mut releases, damaged) = self
            .read_all(heads, |stored| without_bulk(stored.release))
            .await?;
        if options.order == Order::Date {
            releases.sort_by_cached_key(|release| (last_deployed(release), release.name.clone()));
            releases = page(releases, options);
        }
        Ok(Listed { releases, damaged })
    }

    /// The names of a list; where they are ordered by name no record is read.
    pub async fn list_names(&self, options: &ListOptions) -> Result<Vec<String>, Error> {
        if options.order == Order::Name {
            let heads = page(self.candidates(options).await?, options);
            return Ok(heads.into_iter().map(|head| head.name).collect());
        }
        let listed = self.list(options).await?;
        Ok(listed.releases.into_iter().map(|release| release.name).collect())
    }

    /// The heads that the options leave, by name.
    async fn candidates(&self, options: &ListOptions) -> Result<Vec<RecordHead>, Error> {
        let filter = options.filter.as_deref().map(compile).transpose()?;
        let heads = self.heads(options.namespace.as_deref(), None).await?;
        Ok(choose(heads, options, filter.as_ref()))
    }
}

fn compile(pattern: &str) -> Result<Regex, Error> {
    Regex::compile(pattern.as_bytes()).map_err(|error| Error::Filter {
        pattern: error.to_string(),
    })
}

fn choose(heads: Vec<RecordHead>, options: &ListOptions, filter: Option<&Regex>) -> Vec<RecordHead> {
    let heads = heads
        .into_iter()
        .filter(|head| filter.is_none_or(|filter| filter.is_match(head.name.as_bytes())));
    // A superseded revision is never the newest: who asks for these alone gets all of them.
    let mut heads: Vec<RecordHead> = if options.states == [State::Superseded] {
        heads.collect()
    } else {
        newest(heads)
    };
    let states: &[State] = if options.states.is_empty() {
        &State::ALL
    } else {
        &options.states
    };
    heads.retain(|head| {
        states.iter().any(|state| state.holds(&head.status)) && options.selector.matches(&head.labels)
    });
    heads.sort_by(|a, b| (&a.name, &a.namespace, a.revision).cmp(&(&b.name, &b.namespace, b.revision)));
    heads
}

fn newest(heads: impl Iterator<Item = RecordHead>) -> Vec<RecordHead> {
    let mut newest: BTreeMap<(String, String), RecordHead> = BTreeMap::new();
    for head in heads {
        let key = (head.namespace.clone(), head.name.clone());
        if newest
            .get(&key)
            .is_none_or(|known| known.revision <= head.revision)
        {
            newest.insert(key, head);
        }
    }
    newest.into_values().collect()
}

fn page<T>(mut all: Vec<T>, options: &ListOptions) -> Vec<T> {
    if options.reverse {
        all.reverse();
    }
    let max = options.max.unwrap_or(usize::MAX);
    all.into_iter().skip(options.offset).take(max).collect()
}

/// A list of a thousand releases holds their charts' names, not their charts.
pub(crate) fn without_bulk(mut release: Release) -> Release {
    release.manifest = String::new();
    release.hooks = Vec::new();
    release.config = serde_json::Map::new();
    if let Some(chart) = &mut release.chart {
        chart.templates = Vec::new();
        chart.files = Vec::new();
        chart.schema = None;
        chart.values = serde_json::Value::Null;
    }
    release
}

/// In seconds since 1970; what is no time is the oldest.
fn last_deployed(release: &Release) -> i64 {
    let text = release
        .info
        .as_ref()
        .and_then(|info| info.last_deployed.as_deref());
    text.and_then(seconds).unwrap_or(i64::MIN)
}

/// A time of a record in seconds since 1970.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let time = Time::parse(b"2006-01-02T15:04:05Z07:00", text.as_bytes(), &Zone::Utc);
    time.ok().map(|time| time.unix())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(namespace: &str, name: &str, revision: i64, status: &str) -> RecordHead {
        RecordHead {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            revision,
            status: status.to_owned().into(),
            labels: BTreeMap::from([("name".to_owned(), name.to_owned())]),
            object: String::new(),
        }
    }

    fn chosen(options: &ListOptions, filter: Option<&str>) -> Vec<(String, String, i64)> {
        let heads = vec![
            head("b", "web", 1, "superseded"),
            head("b", "web", 10, "failed"),
            head("b", "web", 9, "deployed"),
            head("a", "web", 1, "deployed"),
            head("a", "api", 2, "pending-upgrade"),
            head("a", "odd", 1, "unknown"),
        ];
        let filter = filter.map(|pattern| compile(pattern).unwrap());
        let heads = choose(heads, options, filter.as_ref());
        let heads = page(heads, options).into_iter();
        heads
            .map(|head| (head.namespace, head.name, head.revision))
            .collect()
    }

    fn row(namespace: &str, name: &str, revision: i64) -> (String, String, i64) {
        (namespace.to_owned(), name.to_owned(), revision)
    }

    #[test]
    fn the_newest_revision_counts_whatever_its_state() {
        let options = ListOptions::default();
        let all = [row("a", "api", 2), row("a", "web", 1), row("b", "web", 10)];
        assert_eq!(chosen(&options, None), all);
        let options = |state| ListOptions {
            states: vec![state],
            ..ListOptions::default()
        };
        assert_eq!(chosen(&options(State::Deployed), None), [row("a", "web", 1)]);
        assert_eq!(chosen(&options(State::Pending), None), [row("a", "api", 2)]);
        assert_eq!(chosen(&options(State::Superseded), None), [row("b", "web", 1)]);
    }

    #[test]
    fn names_match_and_pages_follow_the_order() {
        assert_eq!(chosen(&ListOptions::default(), Some("^a")), [row("a", "api", 2)]);
        let options = ListOptions {
            reverse: true,
            offset: 1,
            max: Some(1),
            ..ListOptions::default()
        };
        assert_eq!(chosen(&options, None), [row("a", "web", 1)]);
        assert!(compile("(").is_err());
    }
}
