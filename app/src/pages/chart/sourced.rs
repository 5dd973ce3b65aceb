//! Rendered lines with the way to what wrote them: the number of a line leads to the line of its template.

use model::review::RenderedObject;

use super::super::releases::yaml_lines;
use crate::routes::{ChartRoute, ChartTab, Links};

/// The address of a file of the archive at a line, and both in words.
pub(super) fn place(route: &ChartRoute, file: &str, line: Option<u32>) -> (String, String) {
    let mut href = file_href(route, file);
    let mut text = file.to_owned();
    if let Some(line) = line {
        href.push_str(&format!("#L{line}"));
        text.push_str(&format!(":{line}"));
    }
    (href, text)
}

fn file_href(route: &ChartRoute, file: &str) -> String {
    Links::here().chart_route(&ChartRoute {
        tab: ChartTab::Files,
        file: Some(file.to_owned()),
        ..route.clone()
    })
}

/// The manifest of an object as highlighted lines, each with a link to what wrote it where that is known.
pub(super) fn lines(route: &ChartRoute, object: &RenderedObject, prefix: &str) -> (String, u32) {
    let (html, n_lines) = yaml_lines(&object.yaml, prefix);
    let files: Vec<(String, &str)> = object
        .files
        .iter()
        .map(|file| (file_href(route, file), file.as_str()))
        .collect();
    let places = object.lines.iter().map(|source| {
        let source = source.as_ref()?;
        let (href, file) = files.get(usize::try_from(source.file).ok()?)?;
        Some((href.as_str(), *file, source.line))
    });
    (linked(&html, places), n_lines)
}

/// Puts a link into each line: its address but for the line, the name of the file, and the line.
fn linked<'a>(html: &str, places: impl Iterator<Item = Option<(&'a str, &'a str, u32)>>) -> String {
    // Text is escaped, so this is found only where a line begins.
    let start = "<span class=\"line\"";
    let mut pieces = html.split(start);
    let mut out = String::with_capacity(html.len() * 2);
    out.push_str(pieces.next().unwrap_or_default());
    let mut places = places.fuse();
    for piece in pieces {
        out.push_str(start);
        let place = places.next().flatten();
        let (Some((attributes, text)), Some((href, file, line))) = (piece.split_once('>'), place) else {
            out.push_str(piece);
            continue;
        };
        // Addresses are percent-encoded, and names of files are what a stranger likes.
        let file = file
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        out.push_str(&format!(
            "{attributes}><a class=\"line__from\" href=\"{href}#L{line}\">{file}:{line}</a>{text}"
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn every_line_has_its_own_link() {
        let html = "<span class=\"line\" id=\"L1\">a: &lt;span class=\n</span>\
                    <span class=\"line\" id=\"L2\" data-path=\"b\"><i>b</i>\n</span>\
                    <span class=\"line\" id=\"L3\">c\n</span>";
        let places = [None, Some(("/x", "a<b>&.yaml", 7))];
        assert_eq!(
            linked(html, places.into_iter()),
            "<span class=\"line\" id=\"L1\">a: &lt;span class=\n</span>\
             <span class=\"line\" id=\"L2\" data-path=\"b\"><a class=\"line__from\" href=\"/x#L7\">a&lt;b&gt;&amp;.yaml:7</a>\
             <i>b</i>\n</span><span class=\"line\" id=\"L3\">c\n</span>"
        );
    }
}
