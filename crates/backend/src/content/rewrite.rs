//! Gives sanitised HTML its final form: anchors on headings, links into the archive, images, highlighted code.
//!
//! It reads only what [`super::sanitize`] wrote: well-formed, lower-case names, every attribute value in double quotes
//! with `&`, `"`, `<` and `>` escaped. So one pass over the text is exact, and no second parser is needed.

use model::chart::Heading;

use super::highlight::{self, Language};
use super::links::{ImagePolicy, ProseContext, Target};
use super::sanitize::ID_PREFIX;
use super::slug::Slugs;
use super::write::{self, push_escaped};

/// More headings than this have no use in a table of contents.
const MAX_HEADINGS: usize = 300;

/// Rewrites `html` and collects its headings.
pub(super) fn rewrite(html: &str, context: &ProseContext<'_>) -> (String, Vec<Heading>) {
    let mut pass = Pass {
        context,
        out: String::with_capacity(html.len() + html.len() / 4),
        slugs: Slugs::default(),
        headings: Vec::new(),
        links: Vec::new(),
    };
    pass.run(html);
    (pass.out, pass.headings)
}

struct Pass<'a> {
    context: &'a ProseContext<'a>,
    out: String,
    slugs: Slugs,
    headings: Vec<Heading>,
    /// For each open `a`, whether it leads somewhere.
    links: Vec<bool>,
}

impl Pass<'_> {
    fn run(&mut self, html: &str) {
        let mut rest = html;
        while let Some(open) = rest.find('<') {
            self.out.push_str(&rest[..open]);
            let Some(tag) = Tag::read(&rest[open..]) else {
                // Not ours: the sanitiser escapes every `<` that opens no element.
                push_escaped(&mut self.out, &rest[open..]);
                return;
            };
            rest = &rest[open + tag.text.len()..];
            rest = self.tag(&tag, rest);
        }
        self.out.push_str(rest);
    }

    /// Writes one tag; returns what is left to read, which is less than `rest` where the tag's content was written, too.
    fn tag<'h>(&mut self, tag: &Tag<'h>, rest: &'h str) -> &'h str {
        match tag.name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(tag, rest),
            "/h1" | "/h2" | "/h3" | "/h4" | "/h5" | "/h6" => {
                let level = shifted(tag.name);
                self.out.push_str(&format!("</h{level}>"));
            }
            "a" => self.link(tag),
            "/a" => {
                self.links.pop();
                self.out.push_str("</a>");
            }
            "img" => self.image(tag),
            "input" => self.task(tag),
            "pre" => return self.code_block(rest),
            // A wide table scrolls by itself; a keyboard has to reach what scrolls.
            "table" => self
                .out
                .push_str("<div class=\"table-scroll\" tabindex=\"0\"><table>"),
            "/table" => self.out.push_str("</table></div>"),
            _ => self.out.push_str(tag.text),
        }
        rest
    }

    /// The page has its own first heading, so those of the prose are one level lower.
    fn heading(&mut self, tag: &Tag<'_>, rest: &str) {
        let level = shifted(tag.name);
        let end = rest.find(&format!("</{}>", tag.name)).unwrap_or(0);
        let text = text_of(&rest[..end]);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let id = format!("{ID_PREFIX}{}", self.slugs.of(&text));
        self.out.push_str(&format!("<h{level} id=\""));
        push_escaped(&mut self.out, &id);
        if let Some(align) = tag.attribute("align") {
            self.out.push_str("\" align=\"");
            push_escaped(&mut self.out, &align);
        }
        self.out.push_str("\">");
        // A heading that is a link needs no second one.
        if !text.is_empty() && !rest[..end].contains("<a ") {
            self.out
                .push_str("<a class=\"anchor\" aria-hidden=\"true\" tabindex=\"-1\" href=\"#");
            push_escaped(&mut self.out, &id);
            self.out.push_str("\"></a>");
        }
        if !text.is_empty() && self.headings.len() < MAX_HEADINGS {
            self.headings.push(Heading { level, id, text });
        }
    }

    fn link(&mut self, tag: &Tag<'_>) {
        self.out.push_str("<a");
        // `name` is the old way of writing an anchor.
        if let Some(id) = tag
            .attribute("id")
            .or_else(|| Some(format!("{ID_PREFIX}{}", tag.attribute("name")?)))
        {
            self.attribute("id", &id);
        }
        let target = tag
            .attribute("href")
            .map_or(Target::Nowhere, |href| self.context.target(&href));
        self.links.push(target != Target::Nowhere);
        match target {
            Target::Fragment(fragment) => {
                let id = fragment.strip_prefix(ID_PREFIX).unwrap_or(&fragment);
                self.attribute("href", &format!("#{ID_PREFIX}{}", id.to_lowercase()));
            }
            Target::File(path) => {
                let url = self.context.file_url(&path);
                self.attribute("href", &url);
            }
            Target::Elsewhere => {
                let href = tag.attribute("href").unwrap_or_default();
                self.attribute("href", href.trim());
                self.attribute("rel", "nofollow noopener noreferrer");
            }
            Target::Nowhere => {}
        }
        if let Some(title) = tag.attribute("title") {
            self.attribute("title", &title);
        }
        self.out.push('>');
    }

    fn image(&mut self, tag: &Tag<'_>) {
        let Some(source) = tag.attribute("src") else {
            return;
        };
        let alt = tag.attribute("alt").unwrap_or_default();
        let loaded = match self.context.target(&source) {
            Target::File(path) => Some(self.context.raw_file_url(&path)),
            Target::Elsewhere if self.context.images == ImagePolicy::Load => Some(source.clone()),
            Target::Elsewhere => None,
            // Nothing to show, and nothing to lead to: the words remain.
            Target::Fragment(_) | Target::Nowhere => {
                push_escaped(&mut self.out, &alt);
                return;
            }
        };
        if let Some(url) = loaded {
            self.out.push_str("<img loading=\"lazy\" decoding=\"async\"");
            self.attribute("src", &url);
            self.attribute("alt", &alt);
            for name in ["width", "height", "title"] {
                if let Some(value) = tag.attribute(name) {
                    self.attribute(name, &value);
                }
            }
            self.out.push('>');
            return;
        }
        let words = if alt.trim().is_empty() {
            file_name(&source)
        } else {
            alt.trim()
        };
        if self.links.last() == Some(&true) {
            self.out.push_str("<span class=\"remote-image\">");
            push_escaped(&mut self.out, words);
            self.out.push_str("</span>");
        } else {
            self.out.push_str("<a class=\"remote-image\"");
            self.attribute("href", source.trim());
            self.attribute("rel", "nofollow noopener noreferrer");
            self.out.push('>');
            push_escaped(&mut self.out, words);
            self.out.push_str("</a>");
        }
    }

    /// A task list's box is a sign, not a control.
    fn task(&mut self, tag: &Tag<'_>) {
        if tag.attribute("type").as_deref() != Some("checkbox") {
            return;
        }
        let (done, words) = match tag.attribute("checked") {
            Some(_) => ("true", "done"),
            None => ("false", "to do"),
        };
        self.out.push_str(&format!(
            "<span class=\"task\" role=\"img\" data-done=\"{done}\" aria-label=\"{words}\"></span>"
        ));
    }

    /// Highlights a block of code whose language is named; others are kept as they are.
    fn code_block<'h>(&mut self, rest: &'h str) -> &'h str {
        self.out.push_str("<pre tabindex=\"0\">");
        let Some(code) = rest
            .strip_prefix('<')
            .and_then(|_| Tag::read(rest))
            .filter(|inner| inner.name == "code")
        else {
            return rest;
        };
        let Some(language) = code.attribute("class") else {
            return rest;
        };
        let body = &rest[code.text.len()..];
        let Some(end) = body.find("</code>") else {
            return rest;
        };
        if body[..end].contains('<') {
            return rest;
        }
        let text = unescaped(&body[..end]);
        let name = language.trim_start_matches("language-");
        let tokens = highlight::tokens(Language::of_name(name), &text);
        self.out.push_str("<code>");
        self.out.push_str(&write::inline(&text, &tokens));
        self.out.push_str("</code>");
        &body[end + "</code>".len()..]
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        push_escaped(&mut self.out, value);
        self.out.push('"');
    }
}

/// A tag as the sanitiser writes it.
struct Tag<'h> {
    /// From `<` to `>`.
    text: &'h str,
    /// With its `/` where it closes.
    name: &'h str,
}

impl<'h> Tag<'h> {
    fn read(html: &'h str) -> Option<Self> {
        let mut quoted = false;
        let end = html.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == b'>' && !quoted
        })?;
        let text = &html[..=end];
        let name = text.trim_start_matches('<').split([' ', '>']).next()?;
        Some(Self { text, name })
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.text.get(1 + self.name.len()..)?;
        loop {
            let (key, after) = rest.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            if key.trim_start() == name {
                return Some(unescaped(value));
            }
            rest = after;
        }
    }
}

fn shifted(name: &str) -> u8 {
    let level = name.bytes().last().map_or(1, |digit| digit.saturating_sub(b'0'));
    (level + 1).clamp(2, 6)
}

/// The words of a piece of HTML.
fn text_of(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let Some(tag) = Tag::read(&rest[open..]) else {
            break;
        };
        if tag.name == "img" {
            out.push_str(&tag.attribute("alt").unwrap_or_default());
        }
        rest = &rest[open + tag.text.len()..];
    }
    if !rest.starts_with('<') {
        out.push_str(rest);
    }
    unescaped(&out)
}

/// Undoes the entities that the sanitiser writes.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or(url)
}
