//! Pictures made of pixels: decoded within limits, made small, encoded anew.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, Limits};

use super::IconError;

/// Twice the largest place an icon is shown in.
const SIDE: u32 = 128;

pub(super) fn reencoded(bytes: &[u8], max_pixels: u64) -> Result<Vec<u8>, IconError> {
    let reader = || ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let format = reader()
        .ok()
        .and_then(|reader| reader.format())
        .ok_or(IconError::UnknownFormat)?;
    let is_known = matches!(
        format,
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP
    );
    if !is_known {
        return Err(IconError::UnknownFormat);
    }
    let header = ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = header.into_dimensions().map_err(IconError::Raster)?;
    // Before a single pixel is decoded: a few hundred bytes can claim 60,000 by 60,000.
    let pixels = u64::from(width) * u64::from(height);
    if pixels > max_pixels {
        return Err(IconError::TooManyPixels {
            pixels,
            limit: max_pixels,
        });
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(width);
    limits.max_image_height = Some(height);
    limits.max_alloc = Some(max_pixels.saturating_mul(16));
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format);
    decoder.limits(limits);
    let picture = decoder.decode().map_err(IconError::Raster)?;
    let picture = match width.max(height) > SIDE {
        true => picture.resize(SIDE, SIDE, FilterType::CatmullRom),
        false => picture,
    };
    let mut out = Vec::new();
    picture
        .to_rgba8()
        .write_to(&mut Cursor::new(&mut out), ImageFormat::Png)
        .map_err(IconError::Raster)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, RgbaImage};

    use super::reencoded;
    use crate::icons::IconError;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = image::DynamicImage::from(RgbaImage::new(width, height));
        let picture = if format == ImageFormat::Jpeg {
            picture.to_rgb8().into()
        } else {
            picture
        };
        picture
            .write_to(&mut Cursor::new(&mut bytes), format)
            .expect("it encodes");
        bytes
    }

    #[test]
    fn pictures_become_small_png() {
        for format in [
            ImageFormat::Png,
            ImageFormat::Jpeg,
            ImageFormat::Gif,
            ImageFormat::WebP,
        ] {
            let out = reencoded(&encoded(300, 150, format), 1_000_000).expect("it is a picture");
            let read = image::load_from_memory_with_format(&out, ImageFormat::Png).expect("a PNG");
            assert_eq!((read.width(), read.height()), (128, 64), "{format:?}");
        }
    }

    #[test]
    fn what_follows_a_picture_does_not_survive() {
        let mut polyglot = encoded(8, 8, ImageFormat::Png);
        polyglot.extend_from_slice(b"<script>alert(1)</script>");
        let out = reencoded(&polyglot, 1_000_000).expect("it is a picture");
        assert!(!out.windows(8).any(|window| window == b"<script>"));
    }

    #[test]
    fn too_many_pixels_are_refused_before_they_are_decoded() {
        let answer = reencoded(&encoded(1001, 1000, ImageFormat::Png), 1_000_000);
        assert!(matches!(
            answer,
            Err(IconError::TooManyPixels {
                pixels: 1_001_000,
                ..
            })
        ));
        // A header that claims 60,000 by 60,000, and next to nothing behind it.
        let mut bomb = encoded(1, 1, ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        assert!(reencoded(&bomb, 1_000_000).is_err());
        for junk in [&b""[..], b"junk", b"BM\0\0\0\0", b"\x89PNG\r\n\x1a\n"] {
            assert!(reencoded(junk, 1_000_000).is_err());
        }
    }
}
