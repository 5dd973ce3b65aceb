//! From a node to an entry: types, Helm's rules, limits, and what strangers may not do with names and addresses.

use std::collections::BTreeMap;

use engine::semver::Version;

use super::entry::{ChartKind, IndexDependency, IndexEntry, IndexMaintainer};
use super::node::Node;
use super::reader::IndexLimits;
use super::skip::{EntryNote, SkipReason, shown};
use super::timestamp::Timestamp;
use crate::archive::is_hidden;

/// Versions longer than this are no versions.
const MAX_VERSION_BYTES: usize = 256;
/// Text that is shown, not followed; a longer one is cut.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Items of a list; more are cut off.
const MAX_ITEMS: usize = 1000;

/// The value of the last field called `key`.
pub(super) fn find<'n, 'a>(node: &'n Node<'a>, key: &str) -> Option<&'n Node<'a>> {
    node.fields()
        .iter()
        .rev()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value)
}

/// Reads one version standing under `chart`.
pub(super) fn entry(
    chart: &str,
    node: &Node<'_>,
    limits: &IndexLimits,
    on_unknown: &mut dyn FnMut(&str),
) -> Result<IndexEntry, SkipReason> {
    let fields = match node {
        Node::Map(fields) => fields,
        Node::Null => return Err(SkipReason::Null),
        Node::Scalar { .. } | Node::List(_) => return Err(SkipReason::NotAnEntry),
    };
    let mut entry = IndexEntry {
        chart: chart.to_owned(),
        ..IndexEntry::default()
    };
    let mut cut = Cutter { notes: Vec::new() };
    for (key, value) in fields {
        match key.as_ref() {
            "name" => entry.name = raw(value),
            "version" => entry.version = raw(value),
            "urls" => entry.urls = value.items().iter().map(raw).collect(),
            "digest" => match digest(&raw(value)) {
                Some(digest) => entry.digest = Some(digest),
                None if raw(value).is_empty() => {}
                // Helm takes a digest for a cache key: a wrong one must not be passed on.
                None => cut.notes.push(EntryNote::BadDigest),
            },
            "created" => match Timestamp::parse(&raw(value)) {
                Some(created) => entry.created = Some(created),
                None if raw(value).is_empty() => {}
                None => cut.notes.push(EntryNote::BadDate),
            },
            "removed" => entry.removed = value.is_true(),
            "deprecated" => entry.deprecated = value.is_true(),
            "type" => {
                entry.kind = match raw(value).as_str() {
                    "" | "application" => ChartKind::Application,
                    "library" => ChartKind::Library,
                    _ => return Err(SkipReason::UnknownType),
                };
            }
            "apiVersion" => entry.api_version = cut.text("apiVersion", value).unwrap_or_default(),
            "appVersion" => entry.app_version = cut.text("appVersion", value),
            "kubeVersion" => entry.kube_version = cut.text("kubeVersion", value),
            "description" => entry.description = cut.text("description", value),
            "home" => entry.home = cut.text("home", value),
            "icon" => entry.icon = cut.text("icon", value),
            "condition" => entry.condition = cut.text("condition", value),
            "tags" => entry.tags = cut.text("tags", value),
            "sources" => entry.sources = cut.texts("sources", value),
            "keywords" => entry.keywords = cut.texts("keywords", value),
            "maintainers" => entry.maintainers = maintainers(value, &mut cut)?,
            "dependencies" => entry.dependencies = dependencies(value, &mut cut)?,
            "annotations" => {
                let (annotations, was_cut) = text_map(value);
                entry.annotations = annotations;
                if was_cut {
                    cut.notes.push(EntryNote::Cut { field: "annotations" });
                }
            }
            // Helm 2's, ignored and allowed.
            "checksum" | "engine" | "tillerVersion" | "url" => {}
            unknown => on_unknown(unknown),
        }
    }
    if entry.api_version.is_empty() {
        entry.api_version = "v1".to_owned();
    }
    check_name(&entry.name, limits)?;
    check_version(&entry.version)?;
    if entry.name != chart {
        cut.notes.push(EntryNote::OtherName {
            name: entry.name.clone(),
        });
    }
    check_urls(&mut entry.urls, limits, &mut cut.notes)?;
    cut.notes.dedup();
    entry.notes = cut.notes;
    Ok(entry)
}

/// Says whether an entry could stand in an index and be read again.
pub(super) fn check(entry: &IndexEntry, limits: &IndexLimits) -> Result<(), SkipReason> {
    check_name(&entry.chart, limits)?;
    check_name(&entry.name, limits)?;
    check_version(&entry.version)?;
    check_urls(&mut entry.urls.clone(), limits, &mut Vec::new())
}

/// A chart's name becomes part of paths, addresses and file names: one segment, and nothing that looks like another.
pub(super) fn check_name(name: &str, limits: &IndexLimits) -> Result<(), SkipReason> {
    const FIELD: &str = "the name";
    if name.is_empty() {
        return Err(SkipReason::NoName);
    }
    if name.len() > limits.max_name_bytes {
        return Err(SkipReason::FieldTooLong {
            field: FIELD,
            length: name.len(),
            limit: limits.max_name_bytes,
        });
    }
    if name.contains(is_hidden) {
        return Err(SkipReason::HiddenCharacters { field: FIELD });
    }
    if matches!(name, "." | "..") || name.contains(['/', '\\']) || name.trim() != name {
        return Err(SkipReason::UnusableName);
    }
    Ok(())
}

fn check_version(version: &str) -> Result<(), SkipReason> {
    if version.is_empty() {
        return Err(SkipReason::NoVersion);
    }
    if version.len() > MAX_VERSION_BYTES {
        return Err(SkipReason::FieldTooLong {
            field: "the version",
            length: version.len(),
            limit: MAX_VERSION_BYTES,
        });
    }
    Version::parse(version)
        .map(drop)
        .map_err(|_| SkipReason::NotSemver)
}

/// Keeps the addresses that may be asked at all: `file:` and the like reach into the server, and hidden characters
/// show one address and go to another. Whether an address leads into a private network is for the fetcher to see.
fn check_urls(
    urls: &mut Vec<String>,
    limits: &IndexLimits,
    notes: &mut Vec<EntryNote>,
) -> Result<(), SkipReason> {
    const MAX_URLS: usize = 10;
    let n_all = urls.len();
    let first = urls.first().map(|url| shown(url));
    urls.retain(|url| {
        let scheme = super::locate::scheme(url).map(str::to_ascii_lowercase);
        let known = matches!(scheme.as_deref(), None | Some("http" | "https" | "oci"));
        known && !url.is_empty() && url.len() <= limits.max_url_bytes && !url.contains(is_hidden)
    });
    urls.truncate(MAX_URLS);
    match (first, urls.len()) {
        (None, _) => Err(SkipReason::NoUrls),
        (Some(first), 0) if first.is_empty() => Err(SkipReason::NoUrls),
        (Some(first), 0) => Err(SkipReason::NoUsableUrl { first }),
        (Some(_), n_kept) => {
            if n_kept < n_all {
                notes.push(EntryNote::UnusableUrls {
                    n_urls: n_all - n_kept,
                });
            }
            Ok(())
        }
    }
}

/// SHA-256 in hex, with or without its name in front.
fn digest(text: &str) -> Option<String> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    let valid = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| hex.to_ascii_lowercase())
}

fn maintainers(node: &Node<'_>, cut: &mut Cutter) -> Result<Vec<IndexMaintainer>, SkipReason> {
    let mut list = Vec::new();
    for item in node.items().iter().take(MAX_ITEMS) {
        let field = |key| find(item, key);
        match item {
            Node::Null => return Err(SkipReason::NullMaintainer),
            // Not Helm's form, and common in hand-written indexes.
            Node::Scalar { .. } => list.push(IndexMaintainer {
                name: cut.text("maintainers", item).unwrap_or_default(),
                ..IndexMaintainer::default()
            }),
            Node::List(_) | Node::Map(_) => list.push(IndexMaintainer {
                name: field("name")
                    .and_then(|value| cut.text("maintainers", value))
                    .unwrap_or_default(),
                email: field("email").and_then(|value| cut.text("maintainers", value)),
                url: field("url").and_then(|value| cut.text("maintainers", value)),
            }),
        }
    }
    Ok(list)
}

fn dependencies(node: &Node<'_>, cut: &mut Cutter) -> Result<Vec<IndexDependency>, SkipReason> {
    const FIELD: &str = "dependencies";
    let mut list = Vec::new();
    for item in node.items().iter().take(MAX_ITEMS) {
        if *item == Node::Null {
            return Err(SkipReason::NullDependency);
        }
        let mut text = |key| find(item, key).and_then(|value| cut.text(FIELD, value));
        let mut dependency = IndexDependency {
            name: text("name").unwrap_or_default(),
            version: text("version"),
            repository: text("repository"),
            condition: text("condition"),
            alias: text("alias"),
            ..IndexDependency::default()
        };
        if let Some(alias) = &dependency.alias
            && !alias
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        {
            return Err(SkipReason::BadAlias {
                dependency: shown(&dependency.name),
            });
        }
        dependency.tags = find(item, "tags")
            .map(|value| cut.texts(FIELD, value))
            .unwrap_or_default();
        dependency.enabled = find(item, "enabled").is_some_and(Node::is_true);
        dependency.import_values = find(item, "import-values")
            .map(|value| value.items().iter().map(Node::to_json).collect())
            .unwrap_or_default();
        list.push(dependency);
    }
    Ok(list)
}

/// A map of texts; and whether something was cut.
pub(super) fn text_map(node: &Node<'_>) -> (BTreeMap<String, String>, bool) {
    let mut cut = Cutter { notes: Vec::new() };
    let fields = node.fields();
    let map = fields.iter().take(MAX_ITEMS).filter_map(|(key, value)| {
        // Line breaks matter here: annotations hold YAML documents.
        let text = value.text()?;
        Some((key_text(key), cut.cut("annotations", text.into_owned())))
    });
    let map = map.collect();
    (map, !cut.notes.is_empty() || fields.len() > MAX_ITEMS)
}

fn key_text(key: &str) -> String {
    if key.contains(is_hidden) || key.len() > MAX_TEXT_BYTES {
        shown(key)
    } else {
        key.to_owned()
    }
}

fn raw(node: &Node<'_>) -> String {
    node.text().map(std::borrow::Cow::into_owned).unwrap_or_default()
}

/// Reads text for people, and remembers where it was too long.
struct Cutter {
    notes: Vec<EntryNote>,
}

impl Cutter {
    /// Text cleaned as Helm cleans it: white space is a space, what cannot be printed is gone. `None` if nothing is
    /// left.
    fn text(&mut self, field: &'static str, node: &Node<'_>) -> Option<String> {
        let text = node.text()?;
        let printable = |byte: u8| matches!(byte, b' '..=b'~');
        let clean = if text.bytes().all(printable) {
            text.into_owned()
        } else {
            text.chars()
                .map(|character| if character.is_whitespace() { ' ' } else { character })
                .filter(|character| engine::strconv::is_print(*character))
                .collect()
        };
        (!clean.is_empty()).then(|| self.cut(field, clean))
    }

    fn texts(&mut self, field: &'static str, node: &Node<'_>) -> Vec<String> {
        if node.items().len() > MAX_ITEMS {
            self.notes.push(EntryNote::Cut { field });
        }
        node.items()
            .iter()
            .take(MAX_ITEMS)
            .filter_map(|item| self.text(field, item))
            .collect()
    }

    fn cut(&mut self, field: &'static str, mut text: String) -> String {
        if text.len() > MAX_TEXT_BYTES {
            text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
            self.notes.push(EntryNote::Cut { field });
        }
        text
    }
}
