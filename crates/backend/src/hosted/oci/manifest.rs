//! Manifests: what is read of those that are pushed, and those of charts that came another way.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::name::{digest, written};
use crate::blobs::Digest;

/// The longest manifest; what the specification asks registries to take at least.
pub(crate) const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;
/// Blobs and manifests that one names: each is looked up.
const MAX_PARTS: usize = 1_000;

/// `application/vnd.oci.image.manifest.v1+json`
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// `application/vnd.oci.image.index.v1+json`
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Of a chart's metadata; Helm's `pkg/registry/constants.go` has these three.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// As Helm wrote it before 3.7.
const OLD_CHART: &str = "application/tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// Fields of an entry that an index adds to a chart's metadata (Helm's `pkg/repo/v1/index.go`).
const OF_THE_INDEX: [&str; 4] = ["created", "digest", "removed", "urls"];

/// A blob or a manifest, as another manifest names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) digest: Digest,
    pub(crate) size_bytes: u64,
}

/// A chart in a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChartParts {
    pub(crate) archive: Part,
    pub(crate) provenance: Option<Part>,
}

/// What a manifest says that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) media_type: String,
    /// What it is of; empty where it does not say.
    pub(crate) artifact_type: String,
    pub(crate) subject: Option<Digest>,
    pub(crate) blobs: Vec<Part>,
    pub(crate) manifests: Vec<Part>,
    /// Where its configuration is a chart's.
    pub(crate) chart: Option<ChartParts>,
    pub(crate) annotations: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u32,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
    subject: Option<Descriptor>,
    #[serde(default)]
    annotations: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
}

impl Descriptor {
    fn part(&self) -> Result<Part, String> {
        Ok(Part {
            digest: digest(&self.digest).ok_or("a digest in it is no SHA-256")?,
            size_bytes: self.size,
        })
    }
}

impl Manifest {
    /// Reads a manifest that was sent with a media type. The error says what is wrong with it.
    pub(crate) fn read(bytes: &[u8], sent_as: &str) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no manifest: {error}"))?;
        if document.schema_version != 2 {
            return Err("its schemaVersion is not 2".to_owned());
        }
        let sent_as = sent_as.split(';').next().unwrap_or_default().trim();
        let media_type = match document.media_type {
            Some(own) if !sent_as.is_empty() && own != sent_as => {
                return Err(format!(
                    "it was sent as `{}` and is `{}`",
                    cut(sent_as),
                    cut(&own)
                ));
            }
            Some(own) => own,
            None => sent_as.to_owned(),
        };
        if document.layers.len() + document.manifests.len() > MAX_PARTS {
            return Err(format!("it names more than {MAX_PARTS} parts"));
        }
        let parts = |descriptors: &[Descriptor]| {
            descriptors
                .iter()
                .map(Descriptor::part)
                .collect::<Result<Vec<_>, _>>()
        };
        let subject = document.subject.as_ref().map(Descriptor::part).transpose()?;
        let (mut blobs, mut chart, mut config_type) = (Vec::new(), None, "");
        match (media_type.as_str(), &document.config) {
            (MANIFEST | DOCKER_MANIFEST, Some(config)) => {
                blobs = parts(&document.layers)?;
                blobs.insert(0, config.part()?);
                config_type = config.media_type.as_str();
                if config_type == CONFIG {
                    chart = Some(chart_parts(&document.layers)?);
                }
            }
            (MANIFEST | DOCKER_MANIFEST, None) => return Err("it has no config".to_owned()),
            (INDEX | DOCKER_INDEX, _) => {}
            (other, _) => {
                return Err(format!(
                    "manifests of the type `{}` are not kept here",
                    cut(other)
                ));
            }
        }
        let artifact_type = match document.artifact_type {
            Some(own) if !own.is_empty() => own,
            _ => config_type.to_owned(),
        };
        Ok(Self {
            manifests: parts(&document.manifests)?,
            artifact_type: cut(&artifact_type).to_owned(),
            subject: subject.map(|subject| subject.digest),
            annotations: document.annotations.unwrap_or_default(),
            media_type,
            blobs,
            chart,
        })
    }
}

fn chart_parts(layers: &[Descriptor]) -> Result<ChartParts, String> {
    let of = |kinds: &[&str]| {
        let mut found = layers
            .iter()
            .filter(|layer| kinds.contains(&layer.media_type.as_str()));
        match (found.next(), found.next()) {
            (first, None) => first.map(Descriptor::part).transpose(),
            _ => Err(format!("it has more than one layer of the type `{}`", kinds[0])),
        }
    };
    Ok(ChartParts {
        archive: of(&[CHART, OLD_CHART])?.ok_or_else(|| format!("it has no layer of the type `{CHART}`"))?,
        provenance: of(&[PROVENANCE])?,
    })
}

/// The configuration and the manifest of a chart that did not come as one, out of its entry in the index. The same entry
/// gives the same bytes, here and in every other process.
pub(crate) fn of_chart(
    entry: &str,
    archive: Part,
    provenance: Option<Part>,
) -> Result<(Bytes, Bytes), serde_json::Error> {
    let mut metadata: Map<String, Value> = serde_json::from_str(entry)?;
    let created = metadata.get("created").cloned();
    for field in OF_THE_INDEX {
        metadata.remove(field);
    }
    let mut annotations = Map::new();
    for (field, annotation) in [
        ("name", "title"),
        ("version", "version"),
        ("description", "description"),
        ("home", "url"),
    ] {
        let text = metadata.get(field).and_then(Value::as_str);
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            annotations.insert(format!("org.opencontainers.image.{annotation}"), text.into());
        }
    }
    if let Some(created) = created {
        annotations.insert("org.opencontainers.image.created".to_owned(), created);
    }
    let config = serde_json::to_vec(&metadata)?;
    let layer = |kind: &str, part: Part| json!({ "mediaType": kind, "digest": written(part.digest), "size": part.size_bytes });
    let of_config = Part {
        digest: Digest::of(&config),
        size_bytes: config.len() as u64,
    };
    let mut layers = vec![layer(CHART, archive)];
    layers.extend(provenance.map(|part| layer(PROVENANCE, part)));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": layer(CONFIG, of_config),
        "layers": layers,
        "annotations": annotations,
    });
    Ok((Bytes::from(config), Bytes::from(serde_json::to_vec(&manifest)?)))
}

/// Text of strangers, short enough to be said.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(200) {
        None => text,
        Some((end, _)) => text.get(..end).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Manifest, Part, of_chart};
    use crate::blobs::Digest;

    fn descriptor(kind: &str, of: &str) -> serde_json::Value {
        let digest = Digest::of(of.as_bytes()).to_hex();
        json!({ "mediaType": kind, "digest": format!("sha256:{digest}"), "size": of.len() })
    }

    fn read(document: &serde_json::Value) -> Result<Manifest, String> {
        Manifest::read(document.to_string().as_bytes(), super::MANIFEST)
    }

    #[test]
    fn a_chart_is_told_by_its_configuration() {
        let manifest = json!({
            "schemaVersion": 2,
            "config": descriptor(super::CONFIG, "{}"),
            "layers": [descriptor(super::PROVENANCE, "signed"), descriptor(super::CHART, "archive")],
        });
        let chart = read(&manifest).expect("a manifest").chart.expect("a chart");
        assert_eq!(chart.archive.digest, Digest::of(b"archive"));
        assert_eq!(chart.provenance.expect("signed").digest, Digest::of(b"signed"));

        let mut two = manifest.clone();
        two["layers"] = json!([descriptor(super::CHART, "a"), descriptor(super::CHART, "b")]);
        assert!(read(&two).is_err_and(|error| error.contains("more than one layer")));
        let mut none = manifest.clone();
        none["layers"] = json!([]);
        assert!(read(&none).is_err_and(|error| error.contains("no layer")));
        // What is no chart has any layers.
        let mut image = none;
        image["config"]["mediaType"] = "application/vnd.oci.empty.v1+json".into();
        image["artifactType"] = "text/x".into();
        let image = read(&image).expect("a manifest");
        assert_eq!((image.chart, image.artifact_type.as_str()), (None, "text/x"));
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let good = json!({ "schemaVersion": 2, "config": descriptor("x", "{}"), "layers": [] });
        assert!(read(&good).is_ok());
        let with = |field: &str, value: serde_json::Value| {
            let mut bad = good.clone();
            bad[field] = value;
            read(&bad)
        };
        for (field, value) in [
            ("schemaVersion", json!(1)),
            ("mediaType", json!("application/json")),
            ("config", json!(null)),
            (
                "config",
                json!({ "mediaType": "x", "digest": "md5:1", "size": 1 }),
            ),
            ("layers", json!([{ "digest": "sha256:", "size": 1 }])),
            ("layers", json!(vec![descriptor("x", "y"); 1001])),
            ("subject", json!({ "digest": "sha256:../..", "size": 1 })),
        ] {
            assert!(with(field, value.clone()).is_err(), "{field} {value}");
        }
        assert!(Manifest::read(b"[]", super::MANIFEST).is_err());
        assert!(Manifest::read(good.to_string().as_bytes(), "application/json").is_err());
    }

    #[test]
    fn a_chart_that_came_another_way_has_one_manifest() {
        let entry = r#"{"apiVersion":"v2","created":"2026-01-02T03:04:05Z","description":"x","digest":"aa",
            "name":"web","urls":["charts/web-1.0.0.tgz"],"version":"1.0.0"}"#;
        let archive = Part {
            digest: Digest::of(b"archive"),
            size_bytes: 7,
        };
        let (config, manifest) = of_chart(entry, archive, None).expect("an entry");
        assert_eq!(
            &config[..],
            br#"{"apiVersion":"v2","description":"x","name":"web","version":"1.0.0"}"#
        );
        let read = Manifest::read(&manifest, "").expect("a manifest");
        assert_eq!(read.chart.expect("a chart").archive, archive);
        assert_eq!(read.blobs[0].digest, Digest::of(&config));
        assert_eq!(read.annotations["org.opencontainers.image.title"], "web");
        assert_eq!(of_chart(entry, archive, None).expect("an entry").1, manifest);
    }
}
