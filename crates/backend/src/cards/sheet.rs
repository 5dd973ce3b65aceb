//! The sheet of letters: where each is on it, and how far the next one is.

use std::collections::HashMap;
use std::sync::LazyLock;

use image::{GrayImage, ImageFormat};

/// Made by `end2end/glyphs.mjs`: a letter's brightness is how opaque it is there.
const PICTURE: &[u8] = include_bytes!("glyphs.png");
/// A line `L 96` begins a face with the height of its letters; the others are a letter each: code, place on the sheet, width
/// of its box, what the box has to the left of the letter, and how far the next one is, in 64ths of a pixel.
const PLACES: &str = include_str!("glyphs.txt");

pub(super) static SHEET: LazyLock<Sheet> = LazyLock::new(Sheet::read);

pub(super) struct Sheet {
    picture: GrayImage,
    /// For names.
    pub(super) large: Face,
    /// For everything else.
    pub(super) text: Face,
}

/// Letters of one size.
#[derive(Default)]
pub(super) struct Face {
    pub(super) height: u32,
    glyphs: HashMap<char, Glyph>,
}

#[derive(Clone, Copy)]
pub(super) struct Glyph {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) pad: u32,
    /// In 64ths of a pixel.
    pub(super) advance: u32,
}

impl Sheet {
    fn read() -> Self {
        // Ours, and looked at by a test.
        let picture = image::load_from_memory_with_format(PICTURE, ImageFormat::Png)
            .map(|picture| picture.to_luma8())
            .unwrap_or_default();
        let mut faces = PLACES.split(['L', 'M']).skip(1).map(Face::read);
        Self {
            picture,
            large: faces.next().unwrap_or_default(),
            text: faces.next().unwrap_or_default(),
        }
    }

    pub(super) fn alpha(&self, x: u32, y: u32) -> u8 {
        self.picture.get_pixel_checked(x, y).map_or(0, |pixel| pixel.0[0])
    }
}

impl Face {
    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let height = lines.next().and_then(|line| line.trim().parse().ok());
        let glyphs = lines.filter_map(|line| {
            let numbers: Vec<u32> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
            let [code, left, top, width, pad, advance] = numbers.try_into().ok()?;
            let glyph = Glyph {
                left,
                top,
                width,
                pad,
                advance,
            };
            Some((char::from_u32(code)?, glyph))
        });
        Self {
            height: height.unwrap_or(0),
            glyphs: glyphs.collect(),
        }
    }

    pub(super) fn glyph(&self, letter: char) -> Option<&Glyph> {
        self.glyphs.get(&letter)
    }

    /// What stands for a letter that is not on the sheet, in 64ths of a pixel.
    pub(super) fn gap(&self) -> u32 {
        self.glyph(' ').map_or(0, |glyph| glyph.advance)
    }

    /// How far the next letter is, in 64ths of a pixel.
    pub(super) fn advance(&self, letter: char) -> u32 {
        self.glyph(letter)
            .map_or_else(|| self.gap(), |glyph| glyph.advance)
    }

    /// Pixels that a line takes.
    pub(super) fn width(&self, text: &str) -> u32 {
        let wide = text
            .chars()
            .map(|letter| u64::from(self.advance(letter)))
            .sum::<u64>();
        u32::try_from(wide / 64).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::SHEET;

    #[test]
    fn both_faces_have_their_letters() {
        for letter in ' '..='~' {
            assert!(SHEET.large.glyph(letter).is_some(), "{letter}");
            assert!(SHEET.text.glyph(letter).is_some(), "{letter}");
        }
        assert!(SHEET.text.glyph('\u{fc}').is_some());
        for face in [&SHEET.large, &SHEET.text] {
            let glyph = face.glyph('W').expect("it is there");
            let box_of = || (0..face.height).flat_map(|y| (0..glyph.width).map(move |x| (x, y)));
            let is_drawn = box_of().any(|(x, y)| SHEET.alpha(glyph.left + x, glyph.top + y) > 200);
            assert!(is_drawn, "a letter is ink");
            assert!(face.width("WW") > face.width("ii"));
        }
        assert_eq!(SHEET.alpha(u32::MAX, u32::MAX), 0);
    }
}
