//! The payload of a stored release: base64 of gzip of JSON.
//!
//! A Secret's `data` is base64 once more; that layer belongs to the Kubernetes API, not to this codec.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::Release;

/// A record that unpacks to more than this is refused: its packed form has to fit into 1 MiB of etcd, and a chart that
/// compresses a hundredfold is an attack on the reader.
pub const MAX_RECORD_BYTES: u64 = 100 * 1024 * 1024;

/// Why stored bytes are no release.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("release record is not base64")]
    Base64(#[source] base64::DecodeError),
    #[error("release record is not a gzip stream")]
    Gzip(#[source] std::io::Error),
    #[error("release record is larger than {limit_bytes} bytes when unpacked")]
    TooLarge { limit_bytes: u64 },
    #[error("release record is not a release")]
    Json(#[source] serde_json::Error),
}

/// Packs a release for storage, as tightly as Helm does.
pub fn encode(release: &Release) -> Result<String, serde_json::Error> {
    let json = serde_json::to_vec(release)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let packed = gzip
        .write_all(&json)
        .and_then(|()| gzip.finish())
        .map_err(serde_json::Error::io)?;
    Ok(STANDARD.encode(packed))
}

/// Unpacks a stored release; records from before compression are plain JSON in base64.
pub fn decode(stored: &[u8]) -> Result<Release, DecodeError> {
    // Go's decoder skips line breaks, and `kubectl create secret --from-file` leaves one at the end.
    let text: Vec<u8> = stored
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    let mut bytes = STANDARD.decode(text).map_err(DecodeError::Base64)?;
    if bytes.len() > 3 && bytes.starts_with(&[0x1F, 0x8B, 0x08]) {
        let mut unpacked = Vec::new();
        GzDecoder::new(bytes.as_slice())
            .take(MAX_RECORD_BYTES + 1)
            .read_to_end(&mut unpacked)
            .map_err(DecodeError::Gzip)?;
        if unpacked.len() as u64 > MAX_RECORD_BYTES {
            return Err(DecodeError::TooLarge {
                limit_bytes: MAX_RECORD_BYTES,
            });
        }
        bytes = unpacked;
    }
    serde_json::from_slice(&bytes).map_err(DecodeError::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_storage() {
        let json = r#"{"name":"demo","info":{"status":"deployed","x-new":1},"version":2,"y-new":[null]}"#;
        let release: Release = serde_json::from_str(json).unwrap();
        let stored = encode(&release).unwrap();
        let read = decode(stored.as_bytes()).unwrap();
        assert_eq!(
            serde_json::to_value(&read).unwrap(),
            serde_json::from_str::<serde_json::Value>(json).unwrap()
        );
    }

    #[test]
    fn uncompressed_records_and_line_breaks_are_read() {
        let stored = format!("{}\n", STANDARD.encode(r#"{"name":"old","version":1}"#));
        assert_eq!(decode(stored.as_bytes()).unwrap().name, "old");
    }

    #[test]
    fn broken_records_are_typed_errors() {
        assert!(matches!(decode(b"***"), Err(DecodeError::Base64(_))));
        assert!(matches!(
            decode(STANDARD.encode([0x1F, 0x8B, 8, 0, 0]).as_bytes()),
            Err(DecodeError::Gzip(_))
        ));
        assert!(matches!(
            decode(STANDARD.encode("[]").as_bytes()),
            Err(DecodeError::Json(_))
        ));
    }
}
