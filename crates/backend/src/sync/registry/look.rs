//! What a tag leads to: a chart, whose configuration is its `Chart.yaml`, or something else.

use helm::index::{IndexEntry, IndexItem, IndexLimits, IndexReader};
use serde_json::{Map, Value, json};

use crate::blobs::Digest;
use crate::hosted::oci::{Manifest, tag_of};
use crate::store::{EntryRecord, RegistryVersion};
use crate::sync::entry::record_with;
use crate::upstream::{FetchError, Registry};

/// A chart's configuration: its `Chart.yaml` as JSON. An entry of an index may be as long.
const MAX_CONFIG_BYTES: u64 = 1024 * 1024;
/// What the index says of a version, and a configuration has no business with.
const OF_THE_INDEX: [&str; 4] = ["created", "digest", "removed", "urls"];
/// When a manifest says that its chart was made.
const CREATED: &str = "org.opencontainers.image.created";

/// What was seen.
pub(super) enum Seen {
    /// What was there before.
    Same { manifest: Digest },
    Chart {
        record: Box<EntryRecord>,
        manifest: Digest,
    },
    /// No version of the chart, and why.
    Other { reason: String },
    /// No such tag.
    Gone,
}

/// Looks at a version again: where its tag leads to what it led to, that costs no more than the head of an answer.
pub(super) async fn again(registry: &Registry, version: &RegistryVersion) -> Result<Seen, FetchError> {
    let known = version.manifest_digest.as_deref().and_then(Digest::from_slice);
    if let Some(known) = known.filter(|_| version.digest.is_some()) {
        let found = registry
            .digest_of(&version.name, &tag_of(&version.version))
            .await?;
        if found == Some(known) {
            return Ok(Seen::Same { manifest: known });
        }
    }
    look(registry, &version.name, &version.version).await
}

/// Looks what a tag leads to.
pub(super) async fn look(registry: &Registry, chart: &str, version: &str) -> Result<Seen, FetchError> {
    let other = |reason: &str| {
        Ok(Seen::Other {
            reason: reason.to_owned(),
        })
    };
    let Some(tagged) = registry.manifest(chart, &tag_of(version)).await? else {
        return Ok(Seen::Gone);
    };
    let manifest = match tagged.read {
        Ok(manifest) => manifest,
        Err(reason) => return other(&reason),
    };
    let (Some(parts), Some(config)) = (manifest.chart, manifest.blobs.first()) else {
        return other("it is no chart");
    };
    if config.size_bytes > MAX_CONFIG_BYTES {
        return other("its configuration is too large");
    }
    let config = registry.blob(chart, config.digest, MAX_CONFIG_BYTES).await?;
    let place = Place {
        chart,
        version,
        url: registry.address_of(chart, version),
        archive: parts.archive.digest,
    };
    match entry(&config, &manifest, place) {
        Ok(entry) => Ok(Seen::Chart {
            record: Box::new(record_with(entry, parts.provenance.is_some())),
            manifest: tagged.digest,
        }),
        Err(reason) => other(&reason),
    }
}

/// Where a version was found.
struct Place<'a> {
    chart: &'a str,
    version: &'a str,
    url: String,
    archive: Digest,
}

/// The entry that an index would have of this version. It goes the way of every index, so that what is too long, hidden
/// or odd in it is found there.
fn entry(config: &[u8], manifest: &Manifest, place: Place<'_>) -> Result<IndexEntry, String> {
    let mut metadata: Map<String, Value> =
        serde_json::from_slice(config).map_err(|_| "its configuration is no chart's metadata".to_owned())?;
    for (field, want) in [("name", place.chart), ("version", place.version)] {
        // Attack: a repository that pretends to be another chart.
        if metadata.get(field).and_then(Value::as_str) != Some(want) {
            return Err(format!(
                "its chart has another {field} than the place where it is"
            ));
        }
    }
    for field in OF_THE_INDEX {
        metadata.remove(field);
    }
    metadata.insert("urls".to_owned(), json!([place.url]));
    metadata.insert("digest".to_owned(), place.archive.to_hex().into());
    if let Some(created) = manifest.annotations.get(CREATED).filter(|at| at.is_string()) {
        metadata.insert("created".to_owned(), created.clone());
    }
    let index = json!({ "apiVersion": "v1", "entries": { place.chart: [metadata] } }).to_string();
    let mut found = Err("its configuration is no chart's metadata".to_owned());
    let mut sink = |item| {
        found = match item {
            IndexItem::Version(entry) => Ok(*entry),
            IndexItem::Skipped(skipped) => Err(skipped.reason.to_string()),
        };
    };
    let mut reader = IndexReader::new(IndexLimits::default());
    let read = reader.push(index.as_bytes(), &mut sink);
    read.and_then(|()| reader.finish(&mut sink))
        .map_err(|error| error.to_string())?;
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Place, entry};
    use crate::blobs::Digest;
    use crate::hosted::oci::Manifest;

    fn read(config: &serde_json::Value) -> Result<helm::index::IndexEntry, String> {
        let digest = Digest::of(b"x").to_hex();
        let manifest = json!({
            "schemaVersion": 2,
            "config": { "mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": format!("sha256:{digest}"), "size": 1 },
            "layers": [{
                "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                "digest": format!("sha256:{digest}"), "size": 1,
            }],
            "annotations": { "org.opencontainers.image.created": "2026-01-02T03:04:05Z" },
        });
        let manifest = Manifest::read(
            manifest.to_string().as_bytes(),
            "application/vnd.oci.image.manifest.v1+json",
        )
        .expect("a manifest");
        let place = Place {
            chart: "web",
            version: "1.0.0+a",
            url: "oci://x/y/web:1.0.0_a".to_owned(),
            archive: Digest::of(b"archive"),
        };
        entry(config.to_string().as_bytes(), &manifest, place)
    }

    #[test]
    fn a_configuration_is_an_entry_of_the_place_where_it_is() {
        let good = json!({
            "apiVersion": "v2", "name": "web", "version": "1.0.0+a", "appVersion": "7", "description": "A web",
            "digest": "00", "urls": ["https://evil.example.com/x.tgz"],
        });
        let entry = read(&good).expect("an entry");
        assert_eq!(entry.urls, ["oci://x/y/web:1.0.0_a"]);
        assert_eq!(entry.digest, Some(Digest::of(b"archive").to_hex()));
        assert_eq!(entry.app_version.as_deref(), Some("7"));
        assert_eq!(entry.created.map(|at| at.seconds), Some(1_767_323_045));
        for (field, value) in [
            ("name", json!("db")),
            ("name", json!(null)),
            ("version", json!("1.0.0")),
            ("version", json!(1)),
        ] {
            let mut bad = good.clone();
            bad[field] = value.clone();
            assert!(read(&bad).is_err(), "{field} {value}");
        }
        assert!(read(&json!([])).is_err());
        assert!(read(&json!({})).is_err());
    }
}
