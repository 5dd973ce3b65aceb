//! The filters of a query: their names, and what their values mean.

use crate::field::{Field, Mask};
use crate::fuzzy::Near;
use crate::hint::Hint;
use crate::text::{TokenKind, Tokenizer, squeeze};

/// A condition, perhaps turned round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) is_excluded: bool,
    pub(crate) condition: Condition,
}

/// What a filter asks of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Repository(String),
    Category(String),
    Keyword(String),
    License(String),
    /// Deprecated, or gone from its repository.
    Deprecated,
    /// Has one of these flags.
    Flag(u16),
    /// Has none of these flags.
    NoFlag(u16),
    /// Works on this minor version of Kubernetes 1.
    Kubernetes(u8),
    /// Has these words in these fields; the last may be a beginning.
    Terms {
        filter: &'static str,
        fields: Mask,
        terms: Vec<String>,
        /// Squeezed keys that have to follow each other from top to bottom.
        path: Vec<String>,
    },
    /// Has these words in a telling field.
    Words(Vec<String>),
}

/// What the name before a colon is.
pub(super) enum Known {
    Filter(&'static str),
    /// Not a filter, and not meant as one.
    Words,
    Nothing {
        nearest: Option<&'static str>,
    },
}

/// The names of filters, each with the one that stands for it.
const NAMES: &[(&str, &str)] = &[
    ("repo", "repo"),
    ("repository", "repo"),
    ("image", "image"),
    ("images", "image"),
    ("kind", "kind"),
    ("crd", "kind"),
    ("key", "key"),
    ("keys", "key"),
    ("value", "key"),
    ("values", "key"),
    ("keyword", "keyword"),
    ("keywords", "keyword"),
    ("tag", "keyword"),
    ("license", "license"),
    ("licence", "license"),
    ("category", "category"),
    ("type", "type"),
    ("is", "is"),
    ("has", "has"),
    ("kubernetes", "kubernetes"),
    ("k8s", "kubernetes"),
    ("name", "name"),
    ("description", "description"),
    ("maintainer", "maintainer"),
    ("author", "maintainer"),
    ("source", "source"),
    ("home", "source"),
    ("dependency", "dependency"),
    ("dep", "dependency"),
    ("needs", "dependency"),
    ("readme", "readme"),
    ("version", "version"),
];

pub(super) fn known(name: &str) -> Known {
    let name = name.to_lowercase();
    if let Some((_, filter)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Known::Filter(filter);
    }
    // Images and hosts have a colon, too: a hint is given only where a filter's name looks meant.
    let nearest = Near::new(&name, 2).and_then(|near| {
        let near = NAMES.iter().filter_map(|(known, _)| {
            let edits = near.distance(known)?;
            (edits * 3 <= name.len()).then_some((edits, *known))
        });
        near.min()
    });
    match nearest {
        Some((_, nearest)) => Known::Nothing {
            nearest: Some(nearest),
        },
        None => Known::Words,
    }
}

/// The condition of a filter's value.
pub(super) fn condition(
    filter: &'static str,
    value: &str,
    tokenizer: &mut Tokenizer,
) -> Result<Condition, Hint> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Hint::EmptyFilter { name: filter });
    }
    let fields = match filter {
        "repo" => return Ok(Condition::Repository(value.to_owned())),
        "category" => return Ok(Condition::Category(value.to_owned())),
        "keyword" => return Ok(Condition::Keyword(value.to_lowercase())),
        "license" => return Ok(Condition::License(value.to_owned())),
        "type" | "is" | "has" => return flag(filter, value),
        "kubernetes" => return kubernetes(value),
        "image" => Field::Image.bit(),
        "kind" => Field::Kind.bit(),
        "key" => Field::Key.bit(),
        "name" => crate::field::NAMING,
        "description" => Field::Description.bit(),
        "maintainer" => Field::Maintainer.bit(),
        "source" => Field::Source.bit(),
        "dependency" => Field::Dependency.bit(),
        "readme" => Field::Readme.bit(),
        _ => Field::Version.bit(),
    };
    let mut terms = Vec::new();
    tokenizer.run(value, |token| {
        if token.kind != TokenKind::Part {
            terms.push(token.text.to_owned());
        }
        terms.len() < super::MAX_WORDS
    });
    if terms.is_empty() {
        return Err(Hint::EmptyFilter { name: filter });
    }
    let path = match filter {
        "key" => value
            .split('.')
            .map(squeeze)
            .filter(|key| !key.is_empty())
            .collect(),
        _ => Vec::new(),
    };
    Ok(Condition::Terms {
        filter,
        fields,
        terms,
        path,
    })
}

fn flag(filter: &'static str, value: &str) -> Result<Condition, Hint> {
    use crate::segment::flag;

    let of_is = [
        ("deprecated", Condition::Deprecated),
        ("signed", Condition::Flag(flag::SIGNED)),
        ("official", Condition::Flag(flag::OFFICIAL)),
        ("fork", Condition::Flag(flag::FORK)),
        ("library", Condition::Flag(flag::LIBRARY)),
        ("application", Condition::NoFlag(flag::LIBRARY)),
        ("gone", Condition::Flag(flag::YANKED)),
    ];
    let of_has = [
        ("schema", Condition::Flag(flag::SCHEMA)),
        ("signature", Condition::Flag(flag::SIGNED)),
    ];
    let of_type = [
        ("application", Condition::NoFlag(flag::LIBRARY)),
        ("library", Condition::Flag(flag::LIBRARY)),
    ];
    let choices: &[(&str, Condition)] = match filter {
        "is" => &of_is,
        "has" => &of_has,
        _ => &of_type,
    };
    let value = value.to_lowercase();
    match choices.iter().find(|(name, _)| *name == value) {
        Some((_, condition)) => Ok(condition.clone()),
        None => Err(Hint::UnknownValue {
            name: filter,
            value,
            known: choices.iter().map(|(name, _)| (*name).to_owned()).collect(),
        }),
    }
}

/// `1.29`, `v1.29.3` and `29` all mean the minor version 29.
fn kubernetes(value: &str) -> Result<Condition, Hint> {
    let number = value.trim_start_matches(['v', 'V']);
    let minor = match number.strip_prefix("1.") {
        Some(rest) => rest.split('.').next().unwrap_or_default(),
        None => number,
    };
    match minor.parse() {
        Ok(minor) if minor < 64 => Ok(Condition::Kubernetes(minor)),
        _ => Err(Hint::UnknownValue {
            name: "kubernetes",
            value: value.to_owned(),
            known: vec!["1.30".to_owned()],
        }),
    }
}
