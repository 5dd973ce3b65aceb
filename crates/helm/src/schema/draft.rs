//! The drafts of JSON Schema: their URLs, where their keywords hold schemas, and their vocabularies.

use super::doc::{Doc, Object};
use super::location::{child, split};

/// A draft, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Draft {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

/// What a keyword holds.
#[derive(Clone, Copy)]
enum Holds {
    Schema,
    /// A schema for each name.
    Map,
    /// A list of schemas.
    List,
}

/// Keywords that hold schemas, with the draft they came with; they stay, as the library keeps them.
const SUBSCHEMAS: &[(Draft, &str, Holds)] = &[
    (Draft::Draft4, "definitions", Holds::Map),
    (Draft::Draft4, "not", Holds::Schema),
    (Draft::Draft4, "allOf", Holds::List),
    (Draft::Draft4, "anyOf", Holds::List),
    (Draft::Draft4, "oneOf", Holds::List),
    (Draft::Draft4, "properties", Holds::Map),
    (Draft::Draft4, "additionalProperties", Holds::Schema),
    (Draft::Draft4, "patternProperties", Holds::Map),
    (Draft::Draft4, "items", Holds::Schema),
    (Draft::Draft4, "items", Holds::List),
    (Draft::Draft4, "additionalItems", Holds::Schema),
    (Draft::Draft4, "dependencies", Holds::Map),
    (Draft::Draft6, "propertyNames", Holds::Schema),
    (Draft::Draft6, "contains", Holds::Schema),
    (Draft::Draft7, "if", Holds::Schema),
    (Draft::Draft7, "then", Holds::Schema),
    (Draft::Draft7, "else", Holds::Schema),
    (Draft::Draft2019, "$defs", Holds::Map),
    (Draft::Draft2019, "dependentSchemas", Holds::Map),
    (Draft::Draft2019, "unevaluatedProperties", Holds::Schema),
    (Draft::Draft2019, "unevaluatedItems", Holds::Schema),
    (Draft::Draft2019, "contentSchema", Holds::Schema),
    (Draft::Draft2020, "prefixItems", Holds::List),
];

impl Draft {
    /// The draft of schemas that name none.
    pub(crate) const LATEST: Self = Self::Draft2020;
    pub(crate) const ALL: [Self; 5] = [
        Self::Draft4,
        Self::Draft6,
        Self::Draft7,
        Self::Draft2019,
        Self::Draft2020,
    ];

    /// Its metaschema's URL.
    pub(crate) fn url(self) -> &'static str {
        match self {
            Self::Draft4 => "http://json-schema.org/draft-04/schema",
            Self::Draft6 => "http://json-schema.org/draft-06/schema",
            Self::Draft7 => "http://json-schema.org/draft-07/schema",
            Self::Draft2019 => "https://json-schema.org/draft/2019-09/schema",
            Self::Draft2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The draft `$schema` names, if it is one.
    pub(crate) fn from_url(url: &str) -> Option<Self> {
        let (url, fragment) = split(url);
        if !fragment.is_empty() {
            return None;
        }
        let host_and_path = |url: &'static str| url.split_once("://").map(|(_, rest)| rest);
        let wanted = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("https://"))
            .unwrap_or(url);
        if wanted == "json-schema.org/schema" {
            return Some(Self::LATEST);
        }
        Self::ALL
            .into_iter()
            .find(|draft| host_and_path(draft.url()) == Some(wanted))
    }

    /// The keyword that names a schema.
    pub(crate) fn id_keyword(self) -> &'static str {
        if self == Self::Draft4 { "id" } else { "$id" }
    }

    /// The URL an object gives itself, without fragment; empty if none.
    pub(crate) fn id_of(self, object: &Object) -> String {
        // Up to draft 7, everything beside `$ref` is ignored.
        if self < Self::Draft2019 && object.contains_key(b"$ref".as_slice()) {
            return String::new();
        }
        let id = object.get(self.id_keyword().as_bytes()).and_then(Doc::as_string);
        id.map(|id| split(&id.to_str_lossy()).0.to_owned())
            .unwrap_or_default()
    }

    /// The schemas directly inside `object`, with their pointers, in the order of these.
    pub(crate) fn subschemas<'a>(self, object: &'a Object, pointer: &str) -> Vec<(String, &'a Doc)> {
        let mut found = Vec::new();
        for (since, keyword, holds) in SUBSCHEMAS {
            let Some(value) = object.get(keyword.as_bytes()).filter(|_| *since <= self) else {
                continue;
            };
            let at = child(pointer, keyword);
            match (holds, value) {
                (Holds::Schema, value) => found.push((at, value)),
                (Holds::Map, Doc::Object(members)) => {
                    let members = members.iter();
                    found.extend(members.map(|(name, value)| (child(&at, &name.to_str_lossy()), value)));
                }
                (Holds::List, Doc::Array(items)) => {
                    let items = items.iter().enumerate();
                    found.extend(items.map(|(index, value)| (format!("{at}/{index}"), value)));
                }
                _ => {}
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found
    }

    fn vocabulary_prefix(self) -> &'static str {
        match self {
            Self::Draft2019 => "https://json-schema.org/draft/2019-09/vocab/",
            Self::Draft2020 => "https://json-schema.org/draft/2020-12/vocab/",
            _ => "",
        }
    }

    fn known_vocabularies(self) -> &'static [&'static str] {
        match self {
            Self::Draft2019 => &[
                "core",
                "applicator",
                "validation",
                "meta-data",
                "format",
                "content",
            ],
            Self::Draft2020 => &[
                "core",
                "applicator",
                "unevaluated",
                "validation",
                "meta-data",
                "format-annotation",
                "format-assertion",
                "content",
            ],
            _ => &[],
        }
    }

    fn default_vocabularies(self) -> &'static [&'static str] {
        match self {
            Self::Draft2019 => &["core", "applicator", "validation"],
            Self::Draft2020 => &["core", "applicator", "unevaluated", "validation"],
            _ => &[],
        }
    }
}

/// A draft with the vocabularies a metaschema asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) draft: Draft,
    /// `None`: the draft's usual ones.
    vocabularies: Option<Vec<&'static str>>,
}

impl Dialect {
    pub(crate) fn of(draft: Draft) -> Self {
        Self {
            draft,
            vocabularies: None,
        }
    }

    /// The dialect that the metaschema `doc` describes; the error is a vocabulary that must be, and is not, known.
    pub(crate) fn described_by(draft: Draft, doc: &Doc) -> Result<Self, String> {
        let Some(wanted) = doc
            .get("$vocabulary")
            .and_then(Doc::as_object)
            .filter(|_| draft >= Draft::Draft2019)
        else {
            return Ok(Self::of(draft));
        };
        let mut vocabularies = vec!["core"];
        for (url, required) in wanted {
            if !matches!(required, Doc::Bool(true)) {
                continue;
            }
            let url = url.to_str_lossy();
            let name = url.strip_prefix(draft.vocabulary_prefix());
            match draft
                .known_vocabularies()
                .iter()
                .find(|known| Some(**known) == name)
            {
                Some(known) => vocabularies.push(known),
                None => return Err(url.into_owned()),
            }
        }
        Ok(Self {
            draft,
            vocabularies: Some(vocabularies),
        })
    }

    /// Whether keywords of the vocabulary count.
    pub(crate) fn has(&self, vocabulary: &str) -> bool {
        if vocabulary == "core" || self.draft < Draft::Draft2019 {
            return true;
        }
        let active = self
            .vocabularies
            .as_deref()
            .unwrap_or(self.draft.default_vocabularies());
        active.contains(&vocabulary)
    }

    /// Whether `format` is checked rather than noted.
    pub(crate) fn asserts_formats(&self) -> bool {
        match self.draft {
            Draft::Draft2019 => self.has("format"),
            Draft::Draft2020 => self.has("format-assertion"),
            Draft::Draft4 | Draft::Draft6 | Draft::Draft7 => true,
        }
    }
}
