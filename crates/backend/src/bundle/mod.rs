//! Bundles: charts, their provenance files and the names of their images in one file, carried to where no network leads.
//!
//! A bundle is a tar of an OCI image layout (the image specification 1.1, `image-layout.md`), so that other tools read it,
//! too: each version of a chart is a manifest as `helm push` makes it, and the names of images are the one layer of a
//! manifest of their own. Every file in it but two is named by its digest; equal charts make equal bundles, byte for byte.

mod reader;
mod writer;

pub(crate) use self::reader::{BundleReader, BundledChart, ReadError};
pub(crate) use self::writer::{BundleWriter, Manifest};

/// The file that makes a directory an image layout.
const LAYOUT: &str = "oci-layout";
/// The file that names the manifests.
const INDEX_FILE: &str = "index.json";
const BLOBS: &str = "blobs/sha256/";
const LAYOUT_VERSION: &str = "1.0.0";

/// What the list of images is of.
pub(crate) const IMAGES: &str = "application/vnd.chartroom.images.v1";
/// The repository that a chart was taken from, on its descriptor in the index.
pub(crate) const REPOSITORY: &str = "vnd.chartroom.repository";
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
pub(crate) const TITLE: &str = "org.opencontainers.image.title";
pub(crate) const VERSION: &str = "org.opencontainers.image.version";

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;

    use serde_json::json;

    use super::{BundleReader, BundleWriter, Manifest, ReadError};
    use crate::blobs::Digest;
    use crate::hosted::oci::{MANIFEST, Part, of_chart};

    fn part(bytes: &[u8]) -> Part {
        Part {
            digest: Digest::of(bytes),
            size_bytes: bytes.len() as u64,
        }
    }

    fn write(path: &Path, archives: &[&[u8]]) -> u64 {
        let mut writer = BundleWriter::create(path).expect("a file");
        let mut manifests = Vec::new();
        for (n, archive) in archives.iter().enumerate() {
            let entry =
                json!({ "apiVersion": "v2", "name": "web", "version": format!("1.{n}.0") }).to_string();
            let (config, manifest) = of_chart(&entry, part(archive), None).expect("a manifest");
            for blob in [*archive, &config, &manifest] {
                writer.blob(blob).expect("written");
            }
            manifests.push(Manifest::of_chart(
                part(&manifest),
                "team",
                "web",
                &format!("1.{n}.0"),
            ));
        }
        let n_taken = writer.n_taken_over();
        writer.finish(&manifests).expect("finished");
        n_taken
    }

    #[test]
    fn what_is_written_is_read_and_written_again_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("b.tar");
        assert_eq!(write(&path, &[b"first", b"second", b"first"]), 0);
        let first = std::fs::read(&path).expect("it is there");
        let bundle = BundleReader::open(&path).expect("a bundle");
        let found: Vec<_> = bundle
            .charts()
            .iter()
            .map(|chart| {
                (
                    chart.repository.as_str(),
                    chart.name.as_str(),
                    chart.version.as_str(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("team", "web", "1.0.0"),
                ("team", "web", "1.1.0"),
                ("team", "web", "1.2.0")
            ]
        );
        assert_eq!(
            bundle.read(bundle.charts()[1].archive).expect("it is there"),
            "second"
        );
        assert_eq!(bundle.verify(), Vec::<String>::new());
        write(&path, &[b"first", b"second", b"first"]);
        assert_eq!(std::fs::read(&path).expect("it is there"), first);
    }

    #[test]
    fn an_export_that_was_cut_off_anywhere_is_taken_up_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (whole, path) = (folder.path().join("whole.tar"), folder.path().join("b.tar"));
        write(&whole, &[b"first", b"second"]);
        let bytes = std::fs::read(&whole).expect("it is there");
        let mut n_before = 0;
        for length in (0..bytes.len()).step_by(97) {
            let begun = folder.path().join("b.tar.part");
            std::fs::write(&begun, &bytes[..length]).expect("it is written");
            let n_taken = write(&path, &[b"first", b"second"]);
            assert!(n_taken >= n_before, "{n_taken} after {length} bytes");
            n_before = n_taken;
            assert_eq!(
                std::fs::read(&path).expect("it is there"),
                bytes,
                "after {length} bytes"
            );
            assert!(!begun.exists());
        }
        assert_eq!(n_before, 6);
        // A byte that is another one is noticed, and what comes after it is written again.
        let mut damaged = bytes.clone();
        let at = bytes
            .windows(6)
            .position(|window| window == b"second")
            .expect("it is in it");
        damaged[at] ^= 1;
        std::fs::write(folder.path().join("b.tar.part"), damaged).expect("it is written");
        let n_taken = write(&path, &[b"first", b"second"]);
        assert_eq!(n_taken, 3);
        assert_eq!(std::fs::read(&path).expect("it is there"), bytes);
    }

    #[test]
    fn two_exports_do_not_write_one_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("b.tar");
        let first = BundleWriter::create(&path).expect("a file");
        let second = BundleWriter::create(&path).expect_err("it is taken");
        assert!(second.to_string().contains("another export"), "{second}");
        drop(first);
        assert!(BundleWriter::create(&path).is_ok());
    }

    fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).expect("appended");
        }
        builder.into_inner().expect("finished")
    }

    fn opened(bytes: &[u8]) -> Result<BundleReader, ReadError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("it is written");
        BundleReader::open(file.path())
    }

    #[test]
    fn what_is_no_bundle_says_so() {
        let layout = br#"{"imageLayoutVersion":"1.0.0"}"#.as_slice();
        let index = |manifest: serde_json::Value| {
            json!({ "schemaVersion": 2, "manifests": [manifest] })
                .to_string()
                .into_bytes()
        };
        let descriptor =
            |digest: &str, size: u64| json!({ "mediaType": MANIFEST, "digest": digest, "size": size });
        let of_nothing = format!("sha256:{}", Digest::of(b"nothing").to_hex());
        let odd = format!("blobs/sha256/{}", Digest::of(b"odd").to_hex());
        let huge = vec![b' '; 17 << 20];
        for (files, says) in [
            (vec![], "no `oci-layout`"),
            (vec![("oci-layout", b"{}".as_slice())], "no image layout"),
            (vec![("oci-layout", layout)], "no `index.json`"),
            (
                vec![("oci-layout", layout), ("index.json", b"[]")],
                "`index.json`",
            ),
            (vec![("oci-layout", layout), ("index.json", &huge)], "too long"),
            (
                vec![
                    ("oci-layout", layout),
                    ("index.json", &index(descriptor(&of_nothing, 7))),
                ],
                "is not in it",
            ),
            (
                vec![
                    ("oci-layout", layout),
                    ("index.json", &index(descriptor("sha256:../x", 7))),
                ],
                "no SHA-256",
            ),
            // A blob under another's name.
            (
                vec![
                    ("oci-layout", layout),
                    (&odd, b"ood"),
                    (
                        "index.json",
                        &index(descriptor(&format!("sha256:{}", Digest::of(b"odd").to_hex()), 3)),
                    ),
                ],
                "has another digest",
            ),
            // A length that the file has not.
            (
                vec![
                    ("oci-layout", layout),
                    (&odd, b"odd"),
                    (
                        "index.json",
                        &index(descriptor(&format!("sha256:{}", Digest::of(b"odd").to_hex()), 4)),
                    ),
                ],
                "3 bytes",
            ),
        ] {
            let error = opened(&tar_of(&files)).err().map(|error| error.to_string());
            assert!(
                error.as_ref().is_some_and(|error| error.contains(says)),
                "{says}: {error:?}"
            );
        }
        assert!(opened(b"no tar at all, but longer than nothing").is_err());
    }
}
