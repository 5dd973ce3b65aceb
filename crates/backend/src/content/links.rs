//! Where a link or an image in a chart's prose leads.

/// What the prose belongs to, so that its relative links find their files.
pub struct ProseContext<'a> {
    /// Address of the pages of the archive's files, with a trailing slash; a file's path follows it.
    pub files_url: &'a str,
    /// Address of the archive's files as bytes, with a trailing slash.
    pub raw_url: &'a str,
    /// Path of the Markdown file within the archive; its links are relative to its folder.
    pub path: &'a str,
    /// Whether the archive has a file of this path.
    pub has_file: &'a dyn Fn(&str) -> bool,
    pub images: ImagePolicy,
}

/// What becomes of images that lie on other servers.
///
/// Loading one tells its server who reads which chart, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImagePolicy {
    /// The image becomes a link to itself.
    #[default]
    Link,
    /// The reader's browser loads it from there.
    Load,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A heading or an anchor of the same text.
    Fragment(String),
    /// A file of the archive, by its path.
    File(String),
    /// `http`, `https` or `mailto`.
    Elsewhere,
    /// Nowhere that we can or want to lead to.
    Nowhere,
}

impl ProseContext<'_> {
    pub(super) fn target(&self, url: &str) -> Target {
        let url = url.trim();
        if let Some(fragment) = url.strip_prefix('#') {
            return Target::Fragment(fragment.to_owned());
        }
        if let Some(scheme) = scheme(url) {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" | "mailto" => Target::Elsewhere,
                _ => Target::Nowhere,
            };
        }
        if url.starts_with("//") || url.starts_with("\\") {
            return Target::Nowhere;
        }
        let path = url.split(['?', '#']).next().unwrap_or_default();
        match self.resolve(&percent_decoded(path)) {
            Some(path) if (self.has_file)(&path) => Target::File(path),
            _ => Target::Nowhere,
        }
    }

    /// The path within the archive that `path` means; none where it leaves the archive.
    fn resolve(&self, path: &str) -> Option<String> {
        let mut segments: Vec<&str> = Vec::new();
        if !path.starts_with('/') {
            segments.extend(self.path.split('/'));
            segments.pop();
        }
        for segment in path.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop()?;
                }
                segment => segments.push(segment),
            }
        }
        (!segments.is_empty()).then(|| segments.join("/"))
    }

    pub(super) fn file_url(&self, path: &str) -> String {
        format!("{}{}", self.files_url, encoded(path))
    }

    pub(super) fn raw_file_url(&self, path: &str) -> String {
        format!("{}{}", self.raw_url, encoded(path))
    }
}

fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    // Whatever a browser could take for a scheme after dropping characters is one, too.
    (is_scheme || scheme.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(scheme)
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

fn encoded(path: &str) -> String {
    const SEGMENT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'+')
        .remove(b'@')
        .remove(b'/');
    percent_encoding::utf8_percent_encode(path, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::{ImagePolicy, ProseContext, Target};

    #[test]
    fn targets() {
        let files = ["docs/a.md", "values.yaml", "img/a b.png"];
        let context = ProseContext {
            files_url: "/f/",
            raw_url: "/r/",
            path: "docs/README.md",
            has_file: &|path| files.contains(&path),
            images: ImagePolicy::Link,
        };
        let file = |path: &str| Target::File(path.to_owned());
        let rows = [
            ("a.md", file("docs/a.md")),
            ("./a.md#part", file("docs/a.md")),
            ("../values.yaml?raw=true", file("values.yaml")),
            ("/values.yaml", file("values.yaml")),
            ("../img/a%20b.png", file("img/a b.png")),
            ("../../etc/passwd", Target::Nowhere),
            ("missing.md", Target::Nowhere),
            ("#Part", Target::Fragment("Part".to_owned())),
            ("https://example.com", Target::Elsewhere),
            ("mailto:a@example.com", Target::Elsewhere),
            ("javascript:alert(1)", Target::Nowhere),
            ("JaVaScRiPt:alert(1)", Target::Nowhere),
            ("java\nscript:alert(1)", Target::Nowhere),
            ("\u{1}javascript:alert(1)", Target::Nowhere),
            ("data:text/html,x", Target::Nowhere),
            ("vbscript:x", Target::Nowhere),
            ("//example.com/x", Target::Nowhere),
            ("\\\\example.com", Target::Nowhere),
        ];
        for (url, want) in rows {
            assert_eq!(context.target(url), want, "{url:?}");
        }
        assert_eq!(context.raw_file_url("img/a b.png"), "/r/img/a%20b.png");
    }
}
