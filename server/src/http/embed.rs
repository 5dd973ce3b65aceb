//! A chart on other sites: a badge and a small card as SVG, and the picture beside a link to it as PNG.
//!
//! ```text
//! /badges/{repository}/{name}.svg     the newest version, for a README
//! /cards/{repository}/{name}.svg      name, version, description and icon, light or dark
//! /cards/{repository}/{name}.png      1200 by 630 pixels, for sites that show a link
//! /cards/site.png                     the same of the whole site
//! ```

use app::error::{AppError, ErrorKind};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use backend::ops::Shown;
use backend::{Bytes, Viewer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue};
use model::catalog::ChartSummary;

use super::error::Problem;
use super::validators::{self, MINUTES, document};
use super::xml::{escaped, push_escaped};
use crate::state::AppState;

const SVG: &str = "image/svg+xml";
/// As pictures they are in other sites' pages; opened, they run nothing on our origin.
const SANDBOX: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
/// Bytes of an icon that is put into a card.
const MAX_ICON_BYTES: usize = 64 * 1024;
/// Characters of a line of a card, and lines.
const LINE: usize = 58;
const LINES: usize = 2;

/// The addresses.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/badges/{repository}/{file}", get(badge))
        .route("/cards/site.png", get(site_card))
        .route("/cards/{repository}/{file}", get(card))
}

async fn badge(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let name = file.strip_suffix(".svg").ok_or_else(missing)?;
    let shown = state.backend.charts().shown(&viewer, &repository, name).await?;
    Ok(drawing(&headers, write_badge(&shown.summary)))
}

async fn card(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (name, is_png) = match (file.strip_suffix(".svg"), file.strip_suffix(".png")) {
        (Some(name), _) => (name, false),
        (None, Some(name)) => (name, true),
        (None, None) => return Err(missing()),
    };
    let charts = state.backend.charts();
    let shown = charts.shown(&viewer, &repository, name).await?;
    if !is_png {
        return Ok(drawing(&headers, write_card(&shown)));
    }
    let chart = &shown.summary;
    let etag = validators::tag(&[
        b"card",
        state.build.as_bytes(),
        repository.as_bytes(),
        name.as_bytes(),
        chart.version.as_bytes(),
        chart.app_version.as_deref().unwrap_or_default().as_bytes(),
        chart.description.as_bytes(),
        chart.icon.as_deref().unwrap_or_default().as_bytes(),
        &[u8::from(chart.deprecated)],
    ]);
    if validators::is_known(&headers, &etag) {
        return Ok(validators::not_modified(&etag, MINUTES));
    }
    let png = charts.card(&viewer, &shown, &state.config.server.title).await?;
    Ok(document(&headers, &etag, MINUTES, "image/png", || png))
}

async fn site_card(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let title = state.config.server.title.as_str();
    let png = state.backend.catalog().card(&viewer, title).await?;
    let etag = validators::tag(&[b"site card", state.build.as_bytes(), title.as_bytes()]);
    Ok(document(&headers, &etag, MINUTES, "image/png", || png))
}

fn missing() -> Problem {
    Problem::from(AppError::new(
        ErrorKind::NotFound,
        "a chart's picture ends in .svg or .png",
    ))
}

fn drawing(headers: &HeaderMap, svg: String) -> Response {
    let etag = validators::tag(&[svg.as_bytes()]);
    let mut response = document(headers, &etag, MINUTES, SVG, || Bytes::from(svg));
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    response
}

/// Tenths of a pixel that a text takes in 11 pixels of Verdana or what stands in for it, near enough: the drawing says how
/// wide it is to be, and the reader's browser fits it.
fn wide(text: &str) -> usize {
    let of = |letter: char| match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '!' | '|' => 35,
        'f' | 't' | 'r' | '-' | '(' | ')' | '/' | ' ' => 45,
        'm' | 'w' | 'M' | 'W' | '@' => 105,
        'A'..='Z' => 78,
        _ => 68,
    };
    text.chars().map(of).sum()
}

fn cut(text: &str, n: usize) -> String {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= n {
        return text;
    }
    let kept: String = text.chars().take(n.saturating_sub(1)).collect();
    format!("{}\u{2026}", kept.trim_end())
}

fn write_badge(chart: &ChartSummary) -> String {
    let name = cut(&chart.name, 40);
    let (version, color) = match (chart.yanked, chart.deprecated) {
        (true, _) => ("gone".to_owned(), "#6b7573"),
        (_, true) => (cut(&format!("{} deprecated", chart.version), 40), "#8a5a00"),
        _ => (cut(&chart.version, 40), "#0a6c6a"),
    };
    let (left, right) = (wide(&name) / 10 + 14, wide(&version) / 10 + 14);
    let (width, middle) = (left + right, left + right / 2);
    let (of_name, of_version) = (left - 14, right - 14);
    let (name, version) = (escaped(&name), escaped(&version));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"20\" viewBox=\"0 0 {width} 20\" \
         role=\"img\" aria-label=\"{name} {version}\"><title>{name} {version}</title>\
         <clipPath id=\"r\"><rect width=\"{width}\" height=\"20\" rx=\"4\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"#33403f\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{color}\"/></g>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{}\" y=\"14\" textLength=\"{of_name}\" lengthAdjust=\"spacingAndGlyphs\">{name}</text>\
         <text x=\"{middle}\" y=\"14\" textLength=\"{of_version}\" lengthAdjust=\"spacingAndGlyphs\">{version}</text>\
         </g></svg>\n",
        left / 2
    )
}

fn write_card(shown: &Shown) -> String {
    let chart = &shown.summary;
    let mut out =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"480\" height=\"132\" viewBox=\"0 0 480 132\" \
        role=\"img\"><title>"
            .to_owned();
    push_escaped(&mut out, &format!("{} {}", chart.name, chart.version));
    out.push_str(
        "</title><style>.p{fill:#fff;stroke:#dbe4e2}.s{fill:#061413}.m{fill:#4a5c5b}.a{fill:#0a6c6a}.b{fill:#dff1ef}\
         @media(prefers-color-scheme:dark){.p{fill:#151c1b;stroke:#2f3a39}.s{fill:#f3f7f6}.m{fill:#a3b1af}\
         .a{fill:#5cd3cc}.b{fill:#17302f}}</style>\
         <rect class=\"p\" x=\".5\" y=\".5\" width=\"479\" height=\"131\" rx=\"12\"/>",
    );
    let icon = shown
        .icon
        .as_ref()
        .filter(|(_, bytes)| bytes.len() <= MAX_ICON_BYTES);
    match icon {
        Some((media_type, bytes)) => {
            let data = STANDARD.encode(bytes);
            out.push_str(&format!(
                "<image x=\"20\" y=\"20\" width=\"44\" height=\"44\" href=\"data:{media_type};base64,{data}\"/>"
            ));
        }
        None => {
            let initial: String = chart.name.chars().take(1).flat_map(char::to_uppercase).collect();
            out.push_str("<rect class=\"b\" x=\"20\" y=\"20\" width=\"44\" height=\"44\" rx=\"8\"/>");
            text(
                &mut out,
                ("a", 42, 50),
                "font-size=\"22\" font-weight=\"600\" text-anchor=\"middle\"",
                &initial,
            );
        }
    }
    text(
        &mut out,
        ("s", 80, 39),
        "font-size=\"18\" font-weight=\"600\"",
        &cut(&chart.name, 34),
    );
    let facts = match &chart.app_version {
        Some(app_version) => format!(
            "{} \u{b7} app {app_version} \u{b7} {}",
            chart.version, chart.repository
        ),
        None => format!("{} \u{b7} {}", chart.version, chart.repository),
    };
    text(&mut out, ("a", 80, 59), "font-size=\"13\"", &cut(&facts, 56));
    for (number, line) in (0..).zip(lines(&chart.description)) {
        text(&mut out, ("m", 20, 90 + number * 20), "font-size=\"13\"", &line);
    }
    out.push_str("</svg>\n");
    out
}

fn text(out: &mut String, (class, x, y): (&str, usize, usize), style: &str, words: &str) {
    out.push_str(&format!(
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" font-family=\"system-ui,sans-serif\" {style}>"
    ));
    push_escaped(out, words);
    out.push_str("</text>");
}

fn lines(description: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in description.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer {
            Some(longer) if longer.chars().count() <= LINE => {
                lines.pop();
                lines.push(longer);
            }
            Some(longer) if lines.len() == LINES => {
                lines.pop();
                lines.push(cut(&longer, LINE));
                break;
            }
            _ => lines.push(cut(word, LINE)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use model::catalog::ChartSummary;

    use super::{Shown, lines, write_badge, write_card};

    fn chart(text: &str) -> ChartSummary {
        ChartSummary {
            repository: text.to_owned(),
            name: text.to_owned(),
            version: text.to_owned(),
            app_version: Some(text.to_owned()),
            description: text.to_owned(),
            icon: None,
            deprecated: true,
            is_library: false,
            has_schema: false,
            is_signed: false,
            is_official: false,
            yanked: false,
            updated: None,
            n_versions: 1,
        }
    }

    #[test]
    fn no_text_of_a_chart_becomes_an_element() {
        let hostile = "\"><script>alert(1)</script>&";
        let shown = Shown {
            summary: chart(hostile),
            icon: None,
        };
        for svg in [write_badge(&shown.summary), write_card(&shown)] {
            assert!(!svg.contains("<script"), "{svg}");
            assert_eq!(svg.matches("<svg").count(), 1);
            assert!(svg.ends_with("</svg>\n"));
        }
    }

    #[test]
    fn descriptions_are_cut_to_two_lines() {
        assert_eq!(lines("A short one."), ["A short one."]);
        let long = lines(&"word ".repeat(200));
        assert_eq!(long.len(), 2);
        assert!(long[1].ends_with('\u{2026}'));
        assert_eq!(lines(&"x".repeat(500))[0].chars().count(), 58);
        assert!(lines("").is_empty());
    }
}
