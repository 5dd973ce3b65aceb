//! Markdown as GitHub reads it, made safe.

use comrak::Options;
use model::chart::Prose;

use super::links::ProseContext;
use super::{rewrite, sanitize};

/// Prose beyond this is cut; the whole is a click away as a file.
const MAX_BYTES: usize = 1024 * 1024;

/// HTML that is larger than this, or nests deeper, was written to hurt: the text is shown as it is.
const MAX_HTML_BYTES: usize = 6 * 1024 * 1024;
const MAX_DEPTH: usize = 200;

/// Renders Markdown to HTML that may be set as inner HTML.
pub fn prose(markdown: &str, context: &ProseContext<'_>) -> Prose {
    let (shown, is_cut) = cut(markdown.strip_prefix('\u{feff}').unwrap_or(markdown));
    let rendered = (!opens_too_much(shown))
        .then(|| comrak::markdown_to_html(shown, &options()))
        .filter(|html| is_reasonable(html))
        .map(|html| rewrite::rewrite(&sanitize::clean(&html), context));
    let (mut html, headings) = rendered.unwrap_or_else(|| (as_text(shown), Vec::new()));
    if is_cut {
        html.push_str("<p class=\"cut\">The rest is left out here. <a href=\"");
        super::write::push_escaped(&mut html, &context.file_url(context.path));
        html.push_str("\">Read the whole file</a></p>");
    }
    Prose { html, headings }
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    // Half of all READMEs use HTML for what Markdown lacks; the sanitiser decides what of it remains.
    options.render.r#unsafe = true;
    options
}

/// Whether a line opens so many quotes and lists at once that parsing it costs the square of its length.
fn opens_too_much(markdown: &str) -> bool {
    markdown.lines().any(|line| {
        let marks = line.bytes().take_while(|byte| b"> \t-*+".contains(byte));
        let n_marks = marks.filter(|byte| b">*+".contains(byte)).count();
        // A long row of dashes is a rule; dashes with spaces between them are lists in lists.
        let n_dashes = if line.trim_start().starts_with("- - ") {
            line.matches("- ").count()
        } else {
            0
        };
        n_marks.max(n_dashes) > MAX_DEPTH
    })
}

/// Whether a parser of HTML can be trusted with it: its cost grows with the square of how deep elements nest.
fn is_reasonable(html: &str) -> bool {
    // These close by themselves, and old READMEs leave them open.
    const SELF_CLOSING: &[&str] = &[
        "br", "hr", "img", "input", "p", "li", "td", "th", "tr", "dd", "dt", "tbody", "thead",
    ];
    if html.len() > MAX_HTML_BYTES {
        return false;
    }
    let mut depth = 0_usize;
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let (name, is_close) = rest.strip_prefix('/').map_or((rest, false), |name| (name, true));
        let end = name
            .bytes()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        if end == 0
            || SELF_CLOSING
                .iter()
                .any(|closing| closing.eq_ignore_ascii_case(&name[..end]))
        {
            continue;
        }
        depth = if is_close {
            depth.saturating_sub(1)
        } else {
            depth + 1
        };
        if depth > MAX_DEPTH {
            return false;
        }
    }
    true
}

/// The Markdown itself, for what is no honest README.
fn as_text(markdown: &str) -> String {
    let mut html = String::from("<pre tabindex=\"0\">");
    super::write::push_escaped(&mut html, markdown);
    html.push_str("</pre>");
    html
}

/// At most [`MAX_BYTES`], whole lines where there are any.
fn cut(text: &str) -> (&str, bool) {
    if text.len() <= MAX_BYTES {
        return (text, false);
    }
    let mut end = MAX_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind('\n').map_or(end, |line| line + 1);
    (&text[..end], true)
}

#[cfg(test)]
mod tests {
    use super::super::links::{ImagePolicy, ProseContext};
    use super::prose;

    fn render_with(markdown: &str, images: ImagePolicy) -> String {
        let files = ["docs/guide.md", "logo.png", "README.md"];
        let context = ProseContext {
            files_url: "/charts/r/c/1.0.0/files/",
            raw_url: "/raw/r/c/1.0.0/",
            path: "README.md",
            has_file: &|path| files.contains(&path),
            images,
        };
        prose(markdown, &context).html.trim().to_owned()
    }

    fn render(markdown: &str) -> String {
        render_with(markdown, ImagePolicy::Link)
    }

    #[test]
    fn github_markdown_is_understood() {
        let rows = [
            ("a ~~b~~", "<p>a <del>b</del></p>"),
            (
                "https://example.com/x",
                "<p><a href=\"https://example.com/x\" rel=\"nofollow noopener noreferrer\">https://example.com/x</a></p>",
            ),
            (
                "[guide](docs/guide.md)",
                "<p><a href=\"/charts/r/c/1.0.0/files/docs/guide.md\">guide</a></p>",
            ),
            ("[gone](docs/gone.md)", "<p><a>gone</a></p>"),
            ("[up](#Part-One)", "<p><a href=\"#readme-part-one\">up</a></p>"),
            (
                "![logo](./logo.png)",
                "<p><img loading=\"lazy\" decoding=\"async\" src=\"/raw/r/c/1.0.0/logo.png\" alt=\"logo\"></p>",
            ),
            ("`a<b`", "<p><code>a&lt;b</code></p>"),
        ];
        for (markdown, want) in rows {
            assert_eq!(render(markdown), want, "{markdown}");
        }
        assert!(render("> [!NOTE]\n> x").starts_with("<div class=\"markdown-alert markdown-alert-note\">"));
        assert!(render("- [x] a").contains("data-done=\"true\""));
        assert!(render("|a|b|\n|-|:-:|\n|1|2|").contains("<td align=\"center\">2</td>"));
        assert!(render("a[^1]\n\n[^1]: note").contains("href=\"#readme-fn-1\""));
    }

    #[test]
    fn headings_are_one_level_lower_and_have_anchors() {
        let context = ProseContext {
            files_url: "",
            raw_url: "",
            path: "README.md",
            has_file: &|_| false,
            images: ImagePolicy::Link,
        };
        let prose = prose(
            "# My `chart`\n\n## Use & care\n\n<h2>Use &amp; care</h2>",
            &context,
        );
        let found: Vec<_> = prose
            .headings
            .iter()
            .map(|h| (h.level, h.id.as_str(), h.text.as_str()))
            .collect();
        let want = [
            (2, "readme-my-chart", "My chart"),
            (3, "readme-use--care", "Use & care"),
            (3, "readme-use--care-1", "Use & care"),
        ];
        assert_eq!(found, want);
        assert!(
            prose.html.starts_with("<h2 id=\"readme-my-chart\">"),
            "{}",
            prose.html
        );
    }

    #[test]
    fn images_of_other_servers_are_links_unless_allowed() {
        let badge = "[![build](https://ci.example/badge.svg)](https://ci.example)";
        assert!(render(badge).contains("<span class=\"remote-image\">build</span>"));
        assert!(render("![](https://x.example/shot.png?raw=1)").contains(">shot.png</a>"));
        assert!(!render("<img src=\"https://x.example/a.png\">").contains("<img"));
        assert!(render_with(badge, ImagePolicy::Load).contains("src=\"https://ci.example/badge.svg\""));
    }

    #[test]
    fn nothing_runs_and_nothing_poses_as_the_page() {
        let rows = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "|a|\n|-|\n|<img src=x onerror=alert(1)>|",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt&colon;alert(1))",
            "[a](java&#x0a;script:alert(1))",
            "<a href=\"&#106;avascript:alert(1)\">a</a>",
            "[a](data:text/html;base64,PHNjcmlwdD4=)",
            "![a](data:image/svg+xml,<svg onload=alert(1)>)",
            "[a](vbscript:x)",
            "<javascript:alert(1)>",
            "<svg><script>alert(1)</script></svg>",
            "<math><mtext></p><style><img src=x onerror=alert(1)></style></math>",
            "<iframe src=\"https://evil.example\"></iframe>",
            "<object data=x></object><embed src=x>",
            "<form action=\"https://evil.example\"><input name=a><button>go</button></form>",
            "<style>*{display:none}</style>",
            "<p style=\"position:fixed\" class=\"top-bar\" onclick=\"x()\">a</p>",
            "<base href=\"https://evil.example\"><meta http-equiv=refresh content=0>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "```\"><script>alert(1)</script>\nx\n```",
            "<a href=\"//evil.example\">a</a>",
            "<a href=\"https://a.example\" target=_top>a</a>",
        ];
        for markdown in rows {
            let html = render(markdown).to_lowercase();
            let banned = [
                "<script",
                "onerror=",
                "onclick=",
                "onload=",
                "href=\"javascript",
                "href=\"data:",
                "src=\"data:",
                "vbscript:x\"",
                "<svg",
                "<math",
                "<iframe",
                "<object",
                "<embed",
                "<form",
                "<input",
                "<button",
                "<style",
                "style=",
                "top-bar",
                "<base",
                "<meta",
                "href=\"//",
                "target=",
            ];
            for word in banned {
                // Escaped text may say anything.
                assert!(
                    !html.contains(word) || html.contains("&lt;"),
                    "{markdown}\n{html}"
                );
            }
            assert!(
                !html.contains("<script") && !html.contains("<img src=\"x\""),
                "{markdown}\n{html}"
            );
        }
        assert!(render("<a id=\"main\" name=\"x\">a</a>").contains("id=\"readme-main\""));
        assert!(render("<div id=\"theme\">a</div>").contains("id=\"readme-theme\""));
        assert!(render("<a name=\"x\"></a>").contains("id=\"readme-x\""));
    }

    #[test]
    fn hostile_sizes_end_and_come_to_little() {
        for markdown in [
            "[a][a]\n".repeat(50_000) + "\n[a]: https://example.com/" + &"x".repeat(1_000),
            ">".repeat(200_000),
            "- ".repeat(200_000),
            "* ".repeat(200_000),
            "<div>".repeat(100_000),
            "<b><i>".repeat(20_000),
            "*a **b ".repeat(50_000),
            "[".repeat(200_000),
            "# h\n".repeat(100_000),
            "word ".repeat(1_200_000),
        ] {
            let html = render(&markdown);
            assert!(html.len() < 64 * 1024 * 1024, "{} bytes", html.len());
        }
    }

    #[test]
    fn what_is_left_out_is_said() {
        assert!(render(&"word\n".repeat(300_000)).contains("files/README.md\">Read the whole file</a>"));
    }
}
