//! Where both formats meet: takes nodes, hands on versions, and keeps the books.

use std::collections::HashSet;

use super::error::IndexError;
use super::fields;
use super::node::Node;
use super::reader::{IndexItem, IndexLimits, IndexSummary};
use super::skip::{SkipReason, Skipped, shown};
use super::timestamp::Timestamp;

/// Names of unknown keys that are remembered.
const MAX_UNKNOWN_KEYS: usize = 20;

pub(super) type Sink<'a> = &'a mut dyn FnMut(IndexItem);

pub(super) struct Assembler {
    limits: IndexLimits,
    charts: HashSet<String>,
    chart: Option<String>,
    /// The versions of the chart being read.
    versions: HashSet<String>,
    /// The current chart's versions are not to be read.
    refused: Option<SkipReason>,
    saw_entries: bool,
    summary: IndexSummary,
}

impl Assembler {
    pub(super) fn new(limits: IndexLimits) -> Self {
        Self {
            limits,
            charts: HashSet::new(),
            chart: None,
            versions: HashSet::new(),
            refused: None,
            saw_entries: false,
            summary: IndexSummary::default(),
        }
    }

    pub(super) fn is_json(&mut self, is_json: bool) {
        self.summary.is_json = is_json;
    }

    /// The key of `entries` that the next versions stand under.
    pub(super) fn chart(&mut self, name: &str, sink: Sink<'_>) -> Result<(), IndexError> {
        self.saw_entries = true;
        self.versions.clear();
        self.refused = fields::check_name(name, &self.limits).err();
        if self.refused.is_none() && self.charts.contains(name) {
            // In YAML a repeated key is an error, in JSON the last one counts in Go. The first is what we have.
            self.refused = Some(SkipReason::DuplicateChart);
        }
        self.chart = Some(if self.refused.is_some() {
            shown(name)
        } else {
            name.to_owned()
        });
        if let Some(reason) = self.refused.clone() {
            self.skip(None, reason, sink);
        } else {
            self.charts.insert(name.to_owned());
            if self.charts.len() > self.limits.max_charts {
                return Err(IndexError::TooManyCharts {
                    limit: self.limits.max_charts,
                });
            }
        }
        Ok(())
    }

    /// The list of versions of the current chart, or what stands in its place.
    pub(super) fn versions(&mut self, node: &Node<'_>, sink: Sink<'_>) -> Result<(), IndexError> {
        match node {
            Node::Null => Ok(()),
            Node::List(entries) => entries.iter().try_for_each(|entry| self.version(entry, sink)),
            Node::Scalar { .. } | Node::Map(_) => {
                if self.refused.is_none() {
                    self.skip(None, SkipReason::NotAList, sink);
                }
                Ok(())
            }
        }
    }

    pub(super) fn version(&mut self, node: &Node<'_>, sink: Sink<'_>) -> Result<(), IndexError> {
        if self.refused.is_some() {
            return Ok(());
        }
        let Some(chart) = &self.chart else { return Ok(()) };
        let unknown_keys = &mut self.summary.unknown_keys;
        let mut on_unknown = |key: &str| {
            if unknown_keys.len() < MAX_UNKNOWN_KEYS {
                unknown_keys.insert(shown(key));
            }
        };
        match fields::entry(chart, node, &self.limits, &mut on_unknown) {
            Ok(entry) => {
                if !self.versions.insert(entry.version.clone()) {
                    self.skip(Some(shown(&entry.version)), SkipReason::DuplicateVersion, sink);
                    return Ok(());
                }
                self.summary.n_versions += 1;
                if self.summary.n_versions > self.limits.max_versions {
                    return Err(IndexError::TooManyVersions {
                        limit: self.limits.max_versions,
                    });
                }
                sink(IndexItem::Version(Box::new(entry)));
            }
            Err(reason) => {
                let version = fields::find(node, "version")
                    .and_then(Node::text)
                    .map(|text| shown(&text));
                self.skip(version, reason, sink);
            }
        }
        Ok(())
    }

    pub(super) fn skip(&mut self, version: Option<String>, reason: SkipReason, sink: Sink<'_>) {
        self.summary.n_skipped += 1;
        sink(IndexItem::Skipped(Skipped {
            chart: self.chart.clone(),
            version,
            reason,
        }));
    }

    /// `entries` as a whole.
    pub(super) fn entries(&mut self, node: &Node<'_>, sink: Sink<'_>) -> Result<(), IndexError> {
        self.saw_entries = true;
        match node {
            Node::Null => Ok(()),
            Node::Map(charts) => charts.iter().try_for_each(|(name, versions)| {
                self.chart(name, sink)?;
                self.versions(versions, sink)
            }),
            Node::Scalar { .. } | Node::List(_) => Err(IndexError::NotAnIndex),
        }
    }

    /// The key `entries` was seen, with its value to come chart by chart.
    pub(super) fn entries_begin(&mut self) {
        self.saw_entries = true;
        self.summary.is_proven_complete = false;
    }

    /// A key beside `entries`.
    pub(super) fn root(&mut self, key: &str, value: &Node<'_>, sink: Sink<'_>) -> Result<(), IndexError> {
        // Something stands after the entries: none of them is missing.
        self.summary.is_proven_complete = self.saw_entries;
        match key {
            "entries" => {
                self.summary.is_proven_complete = false;
                return self.entries(value, sink);
            }
            "apiVersion" => {
                self.summary.api_version = value.text().map(|text| shown(&text)).unwrap_or_default();
            }
            "generated" => self.summary.generated = value.text().and_then(|text| Timestamp::parse(&text)),
            "serverInfo" => self.summary.server_info = fields::text_map(value).0,
            "annotations" => self.summary.annotations = fields::text_map(value).0,
            "publicKeys" => {}
            unknown => {
                if self.summary.unknown_keys.len() < MAX_UNKNOWN_KEYS {
                    self.summary.unknown_keys.insert(shown(unknown));
                }
            }
        }
        Ok(())
    }

    /// The document ended by its own rules.
    pub(super) fn closed(&mut self) {
        self.summary.is_proven_complete = true;
    }

    pub(super) fn finish(mut self, n_bytes: u64) -> Result<IndexSummary, IndexError> {
        if self.summary.api_version.is_empty() {
            // An index without entries but with a version is an empty repository; anything else is another file.
            return Err(if self.saw_entries {
                IndexError::NoApiVersion
            } else {
                IndexError::NotAnIndex
            });
        }
        self.summary.n_bytes = n_bytes;
        self.summary.n_charts = self.charts.len();
        Ok(self.summary)
    }
}
