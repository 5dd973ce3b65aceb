//! Container images that a chart names: in its annotation, and in its default values.

/// Images that are kept of a chart.
const MAX_IMAGES: usize = 100;

/// The images of the annotation `artifacthub.io/images`, a YAML list of maps with an `image` key.
pub(super) fn annotated(text: &str) -> Vec<String> {
    let images = text.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("- ").trim_start();
        scalar(line.strip_prefix("image:")?)
    });
    unique(images)
}

/// The images that default values name: `image: registry/name:tag`, and maps with `repository` and perhaps `registry`,
/// `tag` and `digest`. Read line by line: values are for people first, and every style that charts use is covered by
/// two patterns.
pub(super) fn in_values(text: &str, app_version: Option<&str>) -> Vec<String> {
    let mut images = Vec::new();
    let lines: Vec<Line<'_>> = text.lines().filter_map(Line::parse).collect();
    for (at, line) in lines.iter().enumerate() {
        if images.len() > 2 * MAX_IMAGES {
            break;
        }
        match line.key {
            "image" => {
                if let Some(image) = line.value.and_then(scalar).filter(|image| is_reference(image)) {
                    images.push(image);
                }
            }
            "repository" => {
                if let Some(image) = from_map(&lines, at, app_version) {
                    images.push(image);
                }
            }
            _ => {}
        }
    }
    unique(images.into_iter())
}

struct Line<'a> {
    indent: usize,
    key: &'a str,
    value: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if text.starts_with('#') {
            return None;
        }
        let (key, value) = text.split_once(':')?;
        let value = value.trim();
        Some(Self {
            indent,
            key: key.trim_matches(['"', '\'']),
            value: (!value.is_empty()).then_some(value),
        })
    }
}

/// The image of the map that has `repository` on line `at`.
fn from_map(lines: &[Line<'_>], at: usize, app_version: Option<&str>) -> Option<String> {
    let line = lines.get(at)?;
    let siblings_before = lines
        .get(..at)?
        .iter()
        .rev()
        .take_while(|other| other.indent >= line.indent);
    let siblings_after = lines
        .get(at + 1..)?
        .iter()
        .take_while(|other| other.indent >= line.indent);
    let mut registry = None;
    let mut tag = None;
    for other in siblings_before
        .chain(siblings_after)
        .take(60)
        .filter(|other| other.indent == line.indent)
    {
        match other.key {
            "registry" => registry = registry.or_else(|| other.value.and_then(scalar)),
            "tag" => tag = tag.or_else(|| other.value.and_then(scalar)),
            _ => {}
        }
    }
    let repository = scalar(line.value?)?;
    let mut image = match registry {
        Some(registry) => format!("{registry}/{repository}"),
        None => repository,
    };
    // A repository of something else, such as of charts or of Git.
    if image.contains("://") || !is_reference(&image) {
        return None;
    }
    if let Some(tag) = tag.as_deref().or(app_version) {
        image.push(':');
        image.push_str(tag);
    }
    Some(image)
}

/// A plain or quoted scalar without its comment; none where it is empty, a map, a template or an alias.
fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.chars().next()? {
        quote @ ('"' | '\'') => text.get(1..)?.split(quote).next()?,
        '{' | '[' | '&' | '*' | '|' | '>' | '#' => return None,
        _ => text.split(" #").next()?.trim_end(),
    };
    (!text.is_empty() && text != "null" && text != "~" && !text.contains("{{")).then(|| text.to_owned())
}

/// Whether it can be an image's name.
fn is_reference(text: &str) -> bool {
    text.len() <= 300
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-/:@".contains(c))
        && !matches!(text, "true" | "false")
}

fn unique(images: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for image in images {
        if list.len() < MAX_IMAGES && !list.contains(&image) {
            list.push(image);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::{annotated, in_values};

    #[test]
    fn values_name_images() {
        let values = "\
image:
  registry: docker.io # where from
  repository: bitnami/nginx
  pullPolicy: Always
  tag: \"1.27\"
metrics:
  image:
    tag:
    repository: 'prom/exporter'
sidecar:
  image: quay.io/x/y:v2
  other: {}
chart:
  repository: https://charts.example.com
init:
  image: \"{{ .Values.x }}\"
  # image: commented/out
enabled:
  image: true
";
        assert_eq!(
            in_values(values, Some("9.9")),
            [
                "docker.io/bitnami/nginx:1.27",
                "prom/exporter:9.9",
                "quay.io/x/y:v2"
            ]
        );
    }

    #[test]
    fn annotations_name_images() {
        let text = "- name: a\n  image: reg/a:1\n- image: 'reg/b:2'\n- name: c\n";
        assert_eq!(annotated(text), ["reg/a:1", "reg/b:2"]);
    }
}
