//! Container images that a chart names, as well as that can be told without rendering it: in its default values, where
//! charts have settled on a few shapes, and in annotations.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use engine::yaml::{Event, Parser, ScalarStyle, Source};

/// Images that are told of one chart.
const MAX_IMAGES: usize = 200;

/// An image and where it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartImage {
    /// `registry/repository:tag@digest`, as far as the chart says.
    pub reference: String,
    /// The path in the values, such as `metrics.image`, or the annotation.
    pub path: String,
}

/// The images that default values name: `image: {registry, repository, tag, digest}` in its variants, and
/// `image: name:tag` with or without an `imageTag` beside it. `app_version` is what most charts take for a tag that is
/// left empty. Values that are no YAML name what they name up to the mistake.
pub fn images_in_values(values: &[u8], app_version: Option<&str>) -> Vec<ChartImage> {
    let source = Source::new(values);
    let mut walk = Walk {
        frames: Vec::new(),
        images: Vec::new(),
        seen: HashSet::new(),
        app_version,
    };
    let _ = walk.run(&mut Parser::new(&source));
    walk.images
}

/// The images of `artifacthub.io/images` and `images`, both YAML lists of maps with an `image`.
pub fn images_in_annotations(annotations: &BTreeMap<String, String>) -> Vec<ChartImage> {
    let mut images: Vec<ChartImage> = Vec::new();
    for key in ["artifacthub.io/images", "images"] {
        let Some(text) = annotations.get(key) else {
            continue;
        };
        for image in images_in_values(text.as_bytes(), None) {
            if !images.iter().any(|known| known.reference == image.reference) {
                images.push(ChartImage {
                    path: key.to_owned(),
                    ..image
                });
            }
        }
    }
    images
}

struct Walk<'a> {
    frames: Vec<Frame<'a>>,
    images: Vec<ChartImage>,
    seen: HashSet<String>,
    app_version: Option<&'a str>,
}

/// A map or list that is being read.
struct Frame<'a> {
    /// The key it stands under.
    name: Cow<'a, str>,
    is_map: bool,
    /// The key whose value comes next.
    key: Option<Cow<'a, str>>,
    /// The scalars it holds; empty text for null.
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    n_items: usize,
}

impl<'a> Walk<'a> {
    fn run(&mut self, parser: &mut Parser<'a>) -> Result<(), engine::yaml::Error> {
        while let Some(spanned) = parser.next_event()? {
            if self.images.len() >= MAX_IMAGES {
                break;
            }
            match spanned.event {
                Event::Scalar { value, style, .. } => self.scalar(value, style),
                Event::Alias { .. } => {
                    self.take_key();
                }
                Event::MappingStart { .. } => self.begin(true),
                Event::SequenceStart { .. } => self.begin(false),
                Event::MappingEnd | Event::SequenceEnd => self.end(),
                Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart { .. }
                | Event::DocumentEnd { .. } => {}
            }
        }
        Ok(())
    }

    fn scalar(&mut self, value: Cow<'a, str>, style: ScalarStyle) {
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.is_map) else {
            return;
        };
        match frame.key.take() {
            None => frame.key = Some(value),
            Some(key) => {
                let is_null = style == ScalarStyle::Plain && matches!(value.as_ref(), "~" | "null");
                // Nothing that matters is longer, and a map may have any number of fields.
                if key.len() <= 100 && value.len() <= 300 && frame.fields.len() < 200 {
                    frame
                        .fields
                        .push((key, if is_null { Cow::Borrowed("") } else { value }));
                }
            }
        }
    }

    fn begin(&mut self, is_map: bool) {
        let name = self.take_key();
        self.frames.push(Frame {
            name,
            is_map,
            key: None,
            fields: Vec::new(),
            n_items: 0,
        });
    }

    /// The key or index that the next value stands under.
    fn take_key(&mut self) -> Cow<'a, str> {
        match self.frames.last_mut() {
            Some(frame) if frame.is_map => frame.key.take().unwrap_or_default(),
            Some(frame) => {
                frame.n_items += 1;
                Cow::Owned(format!("[{}]", frame.n_items - 1))
            }
            None => Cow::default(),
        }
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        for (reference, key) in frame.images(self.app_version) {
            let mut path = String::new();
            let names = self.frames.iter().map(|frame| frame.name.as_ref());
            for name in names
                .chain([frame.name.as_ref(), key])
                .filter(|name| !name.is_empty())
            {
                if !path.is_empty() && !name.starts_with('[') {
                    path.push('.');
                }
                path.push_str(name);
            }
            if self.seen.insert(reference.clone()) && self.images.len() < MAX_IMAGES {
                self.images.push(ChartImage { reference, path });
            }
        }
    }
}

impl Frame<'_> {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self
            .fields
            .iter()
            .rev()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }

    /// The images this map names, each with the key that names it where that is not the map itself.
    fn images(&self, app_version: Option<&str>) -> Vec<(String, &str)> {
        let mut images = Vec::new();
        let is_image_map = self.name.to_ascii_lowercase().ends_with("image");
        let is_like_image = is_image_map
            || ["tag", "registry", "digest", "pullPolicy", "pullSecrets"]
                .iter()
                .any(|key| self.field(key).is_some());
        let in_image_map = |names: &[&str]| {
            names
                .iter()
                .filter(|_| is_image_map)
                .find_map(|name| self.field(name))
        };
        let repository = self.field("repository").filter(|_| is_like_image);
        let repository = repository.or_else(|| in_image_map(&["repo", "name", "image"]));
        if let Some(repository) = repository.filter(|text| is_name(text)) {
            let tag = self
                .field("tag")
                .or(self.field("version").filter(|_| is_image_map));
            let reference = join(
                self.field("registry"),
                repository,
                tag,
                self.field("digest"),
                app_version,
            );
            images.push((reference, ""));
            return images;
        }
        // `image: name:tag`, `sidecarImage: name`, and Helm 2's `image: name` beside `imageTag: tag`.
        for (key, value) in &self.fields {
            let lower = key.to_ascii_lowercase();
            let names_image = lower.ends_with("image") || lower == "imagename";
            if !names_image || !is_name(value) || matches!(value.as_ref(), "true" | "false") {
                continue;
            }
            let stem = key
                .get(..key.len() - if lower == "imagename" { "name".len() } else { 0 })
                .unwrap_or(key);
            let tag = self
                .field(&format!("{stem}Tag"))
                .or_else(|| self.field("tag").filter(|_| lower == "image"));
            let registry = self.field("registry").filter(|_| lower == "image");
            images.push((join(registry, value, tag, None, None), key.as_ref()));
        }
        images
    }
}

/// Puts a reference together. A repository that already has a tag keeps it.
fn join(
    registry: Option<&str>,
    repository: &str,
    tag: Option<&str>,
    digest: Option<&str>,
    app_version: Option<&str>,
) -> String {
    let mut reference = String::new();
    if let Some(registry) = registry.filter(|text| !text.is_empty() && is_name(text)) {
        reference.push_str(registry.trim_end_matches('/'));
        reference.push('/');
    }
    reference.push_str(repository);
    let last = repository.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        return reference;
    }
    let plain = |text: &&str| !text.is_empty() && text.bytes().all(is_name_byte);
    let digest = digest
        .filter(plain)
        .filter(|digest| digest.starts_with("sha256:"));
    let tag = tag
        .filter(plain)
        .or(app_version.filter(|_| digest.is_none()).filter(plain));
    if let Some(tag) = tag {
        reference.push(':');
        reference.push_str(tag);
    }
    if let Some(digest) = digest {
        reference.push('@');
        reference.push_str(digest);
    }
    reference
}

/// Whether text can be (part of) an image's name: no template, no address of something else.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(is_name_byte)
        && !text.contains("//")
        && !text.ends_with('/')
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/' | b':' | b'@')
}
