//! The site that is embedded in the binary: scripts, styles, fonts, images.
//!
//! Names in `/assets/` carry a hash of their content, so a browser may keep them for ever. `xtask/src/site.rs` makes them.

use std::io::Read as _;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use brotli::Decompressor;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, StatusCode};

use crate::http::validators;

/// One embedded file.
pub(crate) struct Asset {
    /// Below the base path, without a leading slash.
    pub(crate) path: &'static str,
    form: Form,
}

/// How it is embedded. What is smaller packed is not there in any other form: who does not take brotli, as browsers do
/// not over plain HTTP, waits until it is unpacked, and everybody's binary is a few megabytes smaller.
#[allow(dead_code, reason = "a build without the site embeds nothing")]
enum Form {
    Identity(&'static [u8]),
    Brotli(&'static [u8]),
}

/// Of what is packed, so much is read at a time.
const BUFFER_BYTES: usize = 16 * 1024;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Where the browser finds a file of the site, such as `chartroom.css`, below the base path; `None` if it is not built.
pub(crate) fn asset_path(name: &str) -> Option<String> {
    let (_, file) = MANIFEST.iter().find(|(known, _)| *known == name)?;
    Some(format!("/assets/{file}"))
}

/// Files served at the root under names of their own. `robots.txt` is written by the server; a site that was built before
/// that has one, too.
pub(crate) fn root_files() -> impl Iterator<Item = &'static Asset> {
    let at_root = |asset: &&Asset| !asset.path.starts_with("assets/") && asset.path != "robots.txt";
    ASSETS.iter().filter(at_root)
}

/// `GET /assets/{*path}`.
pub(crate) async fn get(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("assets/{path}");
    match ASSETS.binary_search_by(|asset| asset.path.cmp(path.as_str())) {
        Ok(at) => ASSETS[at].respond(&headers, "public, max-age=31536000, immutable"),
        Err(_) => (StatusCode::NOT_FOUND, "there is no such asset\n").into_response(),
    }
}

impl Asset {
    /// Answers with the smallest form that the client takes, or with nothing if it has it.
    pub(crate) fn respond(&self, request: &HeaderMap, cache_control: &'static str) -> Response {
        if let Some((_, name)) = self.path.split_once("assets/")
            && validators::is_known(request, &etag_of(name))
        {
            return validators::not_modified(&etag_of(name), cache_control);
        }
        let accepted = request
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (encoding, body) = match self.form {
            Form::Brotli(packed) if accepts(accepted, "br") => (Some("br"), Bytes::from_static(packed)),
            // Whoever takes gzip gets it from the layer that packs every answer.
            _ => (None, self.unpacked()),
        };
        let mut response = (
            [
                (CONTENT_TYPE, media_type(self.path)),
                (CACHE_CONTROL, cache_control),
                (VARY, "accept-encoding"),
            ],
            body,
        )
            .into_response();
        // The name of what is kept for ever holds a hash of what is in it.
        if let Some((_, name)) = self.path.split_once("assets/") {
            validators::mark(&mut response, &etag_of(name), cache_control);
        }
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, http::HeaderValue::from_static(encoding));
        }
        response
    }
}

impl Asset {
    fn unpacked(&self) -> Bytes {
        let packed = match self.form {
            Form::Identity(whole) => return Bytes::from_static(whole),
            Form::Brotli(packed) => packed,
        };
        let mut whole = Vec::new();
        // Our own build packed it: it has an end, and is not damaged.
        let _ = Decompressor::new(packed, BUFFER_BYTES).read_to_end(&mut whole);
        whole.into()
    }
}

fn etag_of(name: &str) -> String {
    format!("W/\"{name}\"")
}

/// Whether an `Accept-Encoding` header takes `encoding` (RFC 9110 section 12.5.3; `q=0` refuses it).
pub(crate) fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|parameter| {
            parameter
                .strip_prefix("q=")
                .is_some_and(|weight| weight.trim_matches(['0', '.']).is_empty())
        });
        named && !refused
    })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{Asset, Form, accepts};

    #[test]
    fn what_is_embedded_packed_is_there_as_it_was() {
        let text = b"body { color: black }".repeat(40);
        let mut packed = Vec::new();
        let mut packing = brotli::CompressorReader::new(text.as_slice(), 4096, 5, 22);
        std::io::Read::read_to_end(&mut packing, &mut packed).expect("it packs");
        let asset = Asset {
            path: "assets/x.css",
            form: Form::Brotli(Box::leak(packed.into_boxed_slice())),
        };
        assert_eq!(asset.unpacked(), text);
    }

    #[test]
    fn reads_accept_encoding() {
        let rows = [
            ("gzip, deflate, br, zstd", "br", true),
            ("gzip;q=1.0, br;q=0", "br", false),
            ("br;q=0.000", "br", false),
            ("br;q=0.5", "br", true),
            ("brotli", "br", false),
            ("", "gzip", false),
        ];
        for (header, encoding, want) in rows {
            assert_eq!(accepts(header, encoding), want, "{header} {encoding}");
        }
    }
}
