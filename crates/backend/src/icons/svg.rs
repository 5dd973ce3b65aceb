//! SVG from an allow-list: what is not known to be harmless drawing does not come out.
//!
//! The text is parsed and written anew, never copied. No document type, no entities, no processing instructions, no
//! comments; references only within the document; styles without `url()` to elsewhere and without at-rules.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

use super::IconError;

const MAX_ELEMENTS: usize = 5_000;
const MAX_DEPTH: usize = 64;
/// Every `use` may double what the ones before it draw.
const MAX_USES: usize = 32;

const ELEMENTS: &[&str] = &[
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "feBlend",
    "feColorMatrix",
    "feComposite",
    "feFlood",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feOffset",
    "filter",
    "g",
    "line",
    "linearGradient",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "symbol",
    "text",
    "title",
    "tspan",
    "use",
];

const ATTRIBUTES: &[&str] = &[
    "class",
    "clip-path",
    "clip-rule",
    "clipPathUnits",
    "color",
    "color-interpolation-filters",
    "cx",
    "cy",
    "d",
    "display",
    "dx",
    "dy",
    "fill",
    "fill-opacity",
    "fill-rule",
    "filter",
    "filterUnits",
    "flood-color",
    "flood-opacity",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "id",
    "in",
    "in2",
    "k1",
    "k2",
    "k3",
    "k4",
    "letter-spacing",
    "mask",
    "maskContentUnits",
    "maskUnits",
    "mode",
    "offset",
    "opacity",
    "operator",
    "overflow",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "points",
    "preserveAspectRatio",
    "primitiveUnits",
    "r",
    "result",
    "rx",
    "ry",
    "spreadMethod",
    "stdDeviation",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "style",
    "text-anchor",
    "transform",
    "type",
    "values",
    "version",
    "viewBox",
    "visibility",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

/// Whether it wants to be read as SVG.
pub(super) fn looks_like_svg(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(2048)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('<') && head.contains("<svg")
}

/// The drawing alone.
pub(super) fn sanitized(bytes: &[u8]) -> Result<Vec<u8>, IconError> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut writer = Writer::default();
    loop {
        match reader
            .read_event()
            .map_err(|error| malformed(&error.to_string()))?
        {
            Event::Eof => break,
            Event::Start(start) => writer.open(&start)?,
            Event::Empty(start) => {
                writer.open(&start)?;
                writer.close();
            }
            Event::End(_) => writer.close(),
            Event::Text(text) => {
                writer.text(&text.decode().map_err(|error| malformed(&error.to_string()))?);
            }
            Event::CData(text) => {
                writer.text(&text.decode().map_err(|error| malformed(&error.to_string()))?);
            }
            Event::GeneralRef(reference) => {
                // The five that XML knows and numbers; a document's own entities went with its document type.
                let name = reference
                    .decode()
                    .map_err(|error| malformed(&error.to_string()))?;
                let whole = format!("&{name};");
                let text = quick_xml::escape::unescape(&whole).map_err(|_| malformed("it uses entities"))?;
                writer.text(&text);
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    writer.finish()
}

fn malformed(what: &str) -> IconError {
    IconError::Svg {
        what: what.chars().filter(|c| !c.is_control()).take(200).collect(),
    }
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The elements that are open; none for one that is left out, with everything in it.
    open: Vec<Option<&'static str>>,
    n_left_out: usize,
    n_elements: usize,
    n_uses: usize,
    style: String,
}

impl Writer {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), IconError> {
        self.n_elements += 1;
        if self.n_elements > MAX_ELEMENTS {
            return Err(IconError::SvgTooLarge {
                what: "elements",
                limit: MAX_ELEMENTS,
            });
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(IconError::SvgTooLarge {
                what: "levels",
                limit: MAX_DEPTH,
            });
        }
        let name = start.name();
        let name = std::str::from_utf8(name.as_ref()).unwrap_or_default();
        // Other vocabularies have prefixes; SVG itself may have one, too.
        let name = name.strip_prefix("svg:").unwrap_or(name);
        let known = ELEMENTS.iter().find(|known| **known == name).copied();
        let is_root = self.open.is_empty();
        if is_root && (known != Some("svg") || !self.out.is_empty()) {
            return Err(malformed("its root is not one `svg` element"));
        }
        let known = known.filter(|_| self.n_left_out == 0);
        self.open.push(known);
        let Some(name) = known else {
            self.n_left_out += 1;
            return Ok(());
        };
        if name == "use" {
            self.n_uses += 1;
            if self.n_uses > MAX_USES {
                return Err(IconError::SvgTooLarge {
                    what: "uses",
                    limit: MAX_USES,
                });
            }
        }
        self.out.push('<');
        self.out.push_str(name);
        if is_root {
            self.out.push_str(" xmlns=\"http://www.w3.org/2000/svg\"");
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| malformed(&error.to_string()))?;
            let key = std::str::from_utf8(attribute.key.as_ref()).unwrap_or_default();
            let value = attribute
                .unescape_value()
                .map_err(|_| malformed("it uses entities"))?;
            self.attribute(key, &value);
        }
        self.out.push('>');
        Ok(())
    }

    fn attribute(&mut self, key: &str, value: &str) {
        let is_reference = matches!(key, "href" | "xlink:href");
        let is_harmless = match is_reference {
            true => is_local_reference(value),
            false => ATTRIBUTES.contains(&key) && is_harmless_style(value),
        };
        if is_harmless {
            let key = if is_reference { "href" } else { key };
            self.out.push_str(&format!(" {key}=\"{}\"", escape(value)));
        }
    }

    fn text(&mut self, text: &str) {
        if self.n_left_out > 0 {
            return;
        }
        match self.open.last() {
            // Judged as a whole when it ends: a rule may come in pieces.
            Some(Some("style")) => self.style.push_str(text),
            Some(Some(_)) => self.out.push_str(&escape(text)),
            Some(None) | None => {}
        }
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(Some(name)) => {
                if name == "style" {
                    let style = std::mem::take(&mut self.style);
                    if is_harmless_style(&style) {
                        self.out.push_str(&escape(&style));
                    }
                }
                self.out.push_str(&format!("</{name}>"));
            }
            Some(None) => self.n_left_out -= 1,
            None => {}
        }
    }

    fn finish(self) -> Result<Vec<u8>, IconError> {
        if self.out.is_empty() || !self.open.is_empty() {
            return Err(malformed("it ends early"));
        }
        Ok(self.out.into_bytes())
    }
}

/// A name within the document.
fn is_local_reference(value: &str) -> bool {
    value.trim().strip_prefix('#').is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c))
    })
}

/// Neither loads nor runs anything: no at-rules, no escapes that could spell one, `url()` to the document alone.
fn is_harmless_style(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if [
        "@",
        "\\",
        "expression",
        "javascript:",
        "data:",
        "image(",
        "image-set(",
        "src(",
    ]
    .iter()
    .any(|bad| lower.contains(bad))
    {
        return false;
    }
    lower.split("url(").skip(1).all(|rest| {
        let target = rest
            .split(')')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches(['"', '\'']);
        is_local_reference(target)
    })
}

#[cfg(test)]
mod tests {
    use super::{looks_like_svg, sanitized};

    fn clean(svg: &str) -> String {
        assert!(looks_like_svg(svg.as_bytes()), "{svg}");
        String::from_utf8(sanitized(svg.as_bytes()).expect("it is well-formed")).expect("UTF-8")
    }

    #[test]
    fn drawings_stay() {
        let svg = "<?xml version=\"1.0\"?><!DOCTYPE svg><!-- x --><svg xmlns=\"http://www.w3.org/2000/svg\" \
                   viewBox=\"0 0 1 1\"><style>.a{fill:url(#g)}</style><path class=\"a\" d=\"M0 0\"/>\
                   <use xlink:href=\"#p\"/><title>a &amp; b</title></svg>";
        assert_eq!(
            clean(svg),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><style>.a{fill:url(#g)}</style>\
             <path class=\"a\" d=\"M0 0\"></path><use href=\"#p\"></use><title>a &amp; b</title></svg>"
        );
    }

    #[test]
    fn nothing_that_runs_or_loads_comes_out() {
        let bodies = [
            "<script>alert(1)</script>",
            "<SCRIPT>alert(1)</SCRIPT>",
            "<g onload=\"alert(1)\"/>",
            "<a href=\"javascript:alert(1)\"><text>alert(1)</text></a>",
            "<foreignObject><body onload=\"alert(1)\"/></foreignObject>",
            "<image href=\"https://evil.example/x.png\"/>",
            "<use href=\"https://evil.example/x.svg#a\"/>",
            "<use href=\"data:image/svg+xml,evil\"/>",
            "<style>@import url(https://evil.example)</style>",
            "<style>a{background:url( 'https://evil.example' )}</style>",
            "<style>a{b:\\75rl(https://evil.example)}</style>",
            "<rect fill=\"url(https://evil.example#a)\"/>",
            "<rect style=\"fill:url(//evil.example)\"/>",
            "<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>",
            "<set attributeName=\"onload\" to=\"alert(1)\"/>",
            "<style><![CDATA[@import 'https://evil.example';]]></style>",
            "<x:script xmlns:x=\"http://www.w3.org/2000/svg\">alert(1)</x:script>",
            "<g><metadata><g>evil</g></metadata></g>",
        ];
        for body in bodies {
            let out = clean(&format!("<svg>{body}</svg>")).to_lowercase();
            for bad in ["alert", "evil", "script", "import", "javascript"] {
                assert!(!out.contains(bad), "{body} became {out}");
            }
        }
    }

    #[test]
    fn what_is_not_one_drawing_is_refused() {
        let deep = format!("<svg>{}{}</svg>", "<g>".repeat(100), "</g>".repeat(100));
        let wide = format!("<svg>{}</svg>", "<g/>".repeat(6_000));
        let uses = format!("<svg>{}</svg>", "<use href=\"#a\"/>".repeat(40));
        let bomb = "<!DOCTYPE svg [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><svg><text>&b;</text></svg>";
        let rows = [
            deep.as_str(),
            &wide,
            &uses,
            bomb,
            "<svg>",
            "<svg></g></svg>",
            "<html><svg/></html>",
            "<svg/><svg/>",
        ];
        for svg in rows {
            assert!(
                sanitized(svg.as_bytes()).is_err(),
                "{}",
                &svg[..svg.len().min(60)]
            );
        }
    }
}
