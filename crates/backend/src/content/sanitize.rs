//! The allow-list that HTML from Markdown passes.
//!
//! Elements and attributes that are not named here do not exist; [`super::rewrite`] then gives the rest its final form.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Every id in prose begins with this, so that none can stand in for one of the page's own.
pub(super) const ID_PREFIX: &str = "readme-";

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "input",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// Cleans `html`: what remains is well-formed, its attributes quoted and escaped in one way.
///
/// Links keep whatever allowed scheme they have; where they lead is [`super::rewrite`]'s to decide.
pub(super) fn clean(html: &str) -> String {
    let attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href", "name"])),
        ("code", HashSet::from(["class"])),
        ("div", HashSet::from(["class", "align"])),
        ("p", HashSet::from(["class", "align"])),
        ("details", HashSet::from(["open"])),
        ("h1", HashSet::from(["align"])),
        ("h2", HashSet::from(["align"])),
        ("h3", HashSet::from(["align"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("input", HashSet::from(["type", "checked"])),
        ("ol", HashSet::from(["start"])),
        ("section", HashSet::from(["class"])),
        ("td", HashSet::from(["align", "colspan", "rowspan"])),
        ("th", HashSet::from(["align", "colspan", "rowspan"])),
    ]);
    ammonia::Builder::new()
        .tags(TAGS.iter().copied().collect())
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["id", "title"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .id_prefix(Some(ID_PREFIX))
        .attribute_filter(attribute)
        .clean(html)
        .to_string()
}

/// Keeps an attribute where its value is one of the expected.
fn attribute<'v>(tag: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let keep = match (tag, name) {
        ("code", "class") => value.strip_prefix("language-").is_some_and(is_word),
        ("div", "class") => {
            let kinds = ["note", "tip", "important", "warning", "caution"];
            value
                .strip_prefix("markdown-alert markdown-alert-")
                .is_some_and(|kind| kinds.contains(&kind))
        }
        ("p", "class") => value == "markdown-alert-title",
        ("section", "class") => value == "footnotes",
        (_, "align") => ["left", "center", "right"].contains(&value),
        ("img", "width" | "height") | ("ol", "start") | (_, "colspan" | "rowspan") => {
            value.len() <= 4 && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => true,
    };
    keep.then_some(Cow::Borrowed(value))
}

fn is_word(text: &str) -> bool {
    text.len() <= 32
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_+#".contains(&byte))
}
