//! The picture of a chart that other sites show beside a link to it: name, version, what it is for, its icon.
//!
//! Letters come from a sheet of them, which `end2end/glyphs.mjs` draws from the site's own face: a rasteriser and a face
//! would be a megabyte of the program. What the sheet lacks is a gap.

mod sheet;

use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, ImageFormat, ImageReader, Limits, RgbaImage};

use self::sheet::{Face, SHEET};

/// What sites that show links expect.
pub(crate) const WIDTH: u32 = 1200;
pub(crate) const HEIGHT: u32 = 630;
const MARGIN: u32 = 80;
/// The side of the icon, which is 128 pixels at most in the store.
const ICON: u32 = 128;
const LINES: usize = 4;
/// Pictures that are kept.
const MAX_KEPT: usize = 64;

type Color = [u8; 3];
const PAGE: Color = [0xfb, 0xfd, 0xfc];
const STRONG: Color = [0x06, 0x14, 0x13];
const MUTED: Color = [0x4a, 0x5c, 0x5b];
const ACCENT: Color = [0x0a, 0x6c, 0x6a];
const ACCENT_SURFACE: Color = [0xdf, 0xf1, 0xef];

/// What a picture says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    /// The site and the chart's repository.
    pub(crate) place: String,
    pub(crate) name: String,
    /// Version, app version, licence: what is known.
    pub(crate) facts: String,
    pub(crate) description: String,
    /// PNG of our own encoding.
    pub(crate) icon: Option<Bytes>,
}

/// Pictures that were drawn, the newest last.
#[derive(Default)]
pub(crate) struct Cards {
    kept: Mutex<VecDeque<(Card, Bytes)>>,
}

impl Cards {
    /// The picture, drawn if it has not been.
    pub(crate) fn get(&self, card: Card) -> Bytes {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, png)) = kept().iter().find(|(known, _)| *known == card) {
            return png.clone();
        }
        let png = Bytes::from(draw(&card));
        let mut kept = kept();
        if kept.len() >= MAX_KEPT {
            kept.pop_front();
        }
        kept.push_back((card, png.clone()));
        png
    }
}

struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(color: Color) -> Self {
        Self {
            pixels: color.repeat((WIDTH * HEIGHT) as usize),
        }
    }

    /// Lays a color over a pixel, as opaque as `alpha` says. What lies outside is nothing.
    fn blend(&mut self, x: u32, y: u32, color: Color, alpha: u8) {
        if x >= WIDTH || y >= HEIGHT {
            return;
        }
        let at = ((y * WIDTH + x) * 3) as usize;
        let Some(pixel) = self.pixels.get_mut(at..at + 3) else {
            return;
        };
        let alpha = u32::from(alpha);
        for (old, new) in pixel.iter_mut().zip(color) {
            let mixed = (u32::from(*old) * (255 - alpha) + u32::from(new) * alpha + 127) / 255;
            *old = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
    }

    fn fill(&mut self, (left, top): (u32, u32), (width, height): (u32, u32), color: Color) {
        for y in top..top + height {
            for x in left..left + width {
                self.blend(x, y, color, 255);
            }
        }
    }

    fn picture(&mut self, (left, top): (u32, u32), picture: &RgbaImage) {
        for (x, y, pixel) in picture.enumerate_pixels() {
            let [red, green, blue, alpha] = pixel.0;
            self.blend(left + x, top + y, [red, green, blue], alpha);
        }
    }

    /// Writes a line whose letters' boxes begin at `top`.
    fn line(&mut self, face: &Face, (left, top): (u32, u32), text: &str, color: Color) {
        // In 64ths of a pixel, as the sheet has it: rounded at every letter, words would drift apart.
        let mut at = left * 64;
        for letter in text.chars() {
            let Some(glyph) = face.glyph(letter) else {
                at += face.gap();
                continue;
            };
            let start = (at / 64).saturating_sub(glyph.pad);
            for y in 0..face.height {
                for x in 0..glyph.width {
                    let alpha = SHEET.alpha(glyph.left + x, glyph.top + y);
                    if alpha > 0 {
                        self.blend(start + x, top + y, color, alpha);
                    }
                }
            }
            at += glyph.advance;
        }
    }

    fn png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // Nearly all of it is one color, which packs best as it is.
        let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::NoFilter);
        // Into memory, of the size that it says: there is nothing that could fail.
        let written = encoder.write_image(&self.pixels, WIDTH, HEIGHT, ExtendedColorType::Rgb8);
        match written {
            Ok(()) => out,
            Err(_) => Vec::new(),
        }
    }
}

fn draw(card: &Card) -> Vec<u8> {
    let mut canvas = Canvas::new(PAGE);
    canvas.fill((0, 0), (16, HEIGHT), ACCENT);
    let (large, text) = (&SHEET.large, &SHEET.text);
    let width = WIDTH - 2 * MARGIN;
    canvas.line(text, (MARGIN, 72), &fitting(text, &card.place, width), MUTED);
    let icon = card.icon.as_deref().and_then(picture);
    let left = MARGIN + ICON + 40;
    match icon {
        Some(icon) => {
            let center = |size: u32| (ICON.saturating_sub(size)) / 2;
            let place = (MARGIN + center(icon.width()), 160 + center(icon.height()));
            canvas.picture(place, &icon);
        }
        None => {
            canvas.fill((MARGIN, 160), (ICON, ICON), ACCENT_SURFACE);
            let initial: String = card.name.chars().take(1).flat_map(char::to_uppercase).collect();
            let middle = MARGIN + (ICON.saturating_sub(large.width(&initial))) / 2;
            canvas.line(large, (middle, 160 + (ICON - large.height) / 2), &initial, ACCENT);
        }
    }
    let beside = width - ICON - 40;
    canvas.line(large, (left, 156), &fitting(large, &card.name, beside), STRONG);
    canvas.line(text, (left, 252), &fitting(text, &card.facts, beside), ACCENT);
    for (number, line) in (0..).zip(wrapped(text, &card.description, width, LINES)) {
        canvas.line(text, (MARGIN, 352 + number * 52), &line, MUTED);
    }
    canvas.png()
}

/// A picture of our own encoding; limits all the same.
fn picture(png: &[u8]) -> Option<RgbaImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(ICON);
    limits.max_image_height = Some(ICON);
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    reader.limits(limits);
    Some(reader.decode().ok()?.to_rgba8())
}

/// As much of a text as has room, with an ellipsis where that is not all.
fn fitting(face: &Face, text: &str, width: u32) -> String {
    if face.width(text) <= width {
        return text.to_owned();
    }
    let dots = if face.glyph('\u{2026}').is_some() {
        "\u{2026}"
    } else {
        "..."
    };
    let room = width.saturating_sub(face.width(dots));
    let mut out = String::new();
    let mut used = 0;
    for letter in text.chars() {
        used += face.advance(letter);
        if used / 64 > room {
            break;
        }
        out.push(letter);
    }
    out.truncate(out.trim_end().len());
    out + dots
}

/// A text in lines of whole words, so many at most.
fn wrapped(face: &Face, text: &str, width: u32, n: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let line = lines
            .last()
            .map_or_else(String::new, |line| format!("{line} {word}"));
        if !line.is_empty() && face.width(&line) <= width {
            lines.pop();
            lines.push(line);
            continue;
        }
        if lines.len() == n {
            let rest = format!("{} {word}", lines.pop().unwrap_or_default());
            lines.push(fitting(face, &rest, width));
            break;
        }
        // A word that is wider than a line is cut.
        lines.push(fitting(face, word, width));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::sheet::SHEET;
    use super::{Card, Cards, HEIGHT, WIDTH, fitting, wrapped};

    fn card(name: &str, description: &str) -> Card {
        Card {
            place: "Chartroom".to_owned(),
            name: name.to_owned(),
            facts: "1.0.0".to_owned(),
            description: description.to_owned(),
            icon: None,
        }
    }

    #[test]
    fn whatever_a_chart_is_called_has_a_picture() {
        let long = "x".repeat(5_000);
        let cards = Cards::default();
        for (name, description) in [
            ("web", "Serves pages."),
            ("", ""),
            (long.as_str(), long.as_str()),
            ("\u{65e5}\u{672c}\u{0}\u{202e}", "\u{1f600} \u{65e5}\u{672c}"),
        ] {
            let png = cards.get(card(name, description));
            let read = image::load_from_memory(&png).expect("a PNG");
            assert_eq!((read.width(), read.height()), (WIDTH, HEIGHT));
            assert_eq!(cards.get(card(name, description)), png);
        }
        assert_ne!(cards.get(card("web", "")), cards.get(card("wob", "")));
    }

    #[test]
    fn no_picture_is_kept_for_ever() {
        let cards = Cards::default();
        for number in 0..70 {
            cards.get(card(&number.to_string(), ""));
        }
        assert_eq!(cards.kept.lock().expect("nobody panicked").len(), super::MAX_KEPT);
    }

    #[test]
    fn lines_have_whole_words_and_end() {
        let text = &SHEET.text;
        let lines = wrapped(text, &"words of a sentence ".repeat(100), 1_040, 4);
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| text.width(line) <= 1_040));
        assert!(lines[3].ends_with('\u{2026}'), "{lines:?}");
        assert!(
            lines[0]
                .split(' ')
                .all(|word| ["words", "of", "a", "sentence"].contains(&word))
        );
        assert_eq!(wrapped(text, "  two  words ", 1_040, 4), ["two words"]);
        assert_eq!(fitting(text, "short", 1_040), "short");
    }
}
