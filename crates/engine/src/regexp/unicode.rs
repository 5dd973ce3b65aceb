//! Unicode's categories, scripts and simple case folding, packed.
//!
//! `unicode.bin` holds what regex-syntax knows in a tenth of the space, which the browser's module feels. A test makes
//! it anew from that crate, compares, and writes it where `CHARTROOM_WRITE_TABLES` is set.
//!
//! Numbers are LEB128. First come the classes: how many there are, and for each its name's length, its name, the bytes
//! of its ranges and those, each as the gap before it and its length less one. Then come the characters that differ
//! only by case: how many sets there are, and for each the distance of its first member from the last set's, the
//! number of further ones and their distances.

use std::sync::LazyLock;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

static PACKED: &[u8] = include_bytes!("unicode.bin");

/// Each character that has others which differ from it only by case, with one of them; sorted.
static FOLDS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut pairs = read_folds().unwrap_or_default();
    pairs.sort_unstable();
    pairs
});

/// The category or script of this very name.
pub(super) fn class(name: &str) -> Option<ClassUnicode> {
    let mut input = Input(PACKED);
    for _ in 0..input.number()? {
        let (found, ranges) = (input.text()?, input.text()?);
        if found == name.as_bytes() {
            return read_class(Input(ranges));
        }
    }
    None
}

/// Adds every character that differs from one in the class only by case.
pub(super) fn fold(mut class: ClassUnicode) -> ClassUnicode {
    let mut added = Vec::new();
    for range in class.ranges() {
        let first = FOLDS.partition_point(|(from, _)| *from < range.start());
        let others = FOLDS.iter().skip(first);
        let others = others.take_while(|(from, _)| *from <= range.end());
        added.extend(others.map(|(_, to)| ClassUnicodeRange::new(*to, *to)));
    }
    class.union(&ClassUnicode::new(added));
    class
}

fn read_class(mut input: Input<'_>) -> Option<ClassUnicode> {
    let mut ranges = Vec::new();
    let mut next = 0;
    while !input.0.is_empty() {
        let start = next + input.number()?;
        let end = start + input.number()?;
        ranges.push(ClassUnicodeRange::new(
            char::from_u32(start)?,
            char::from_u32(end)?,
        ));
        next = end + 1;
    }
    Some(ClassUnicode::new(ranges))
}

fn read_folds() -> Option<Vec<(char, char)>> {
    let mut input = Input(PACKED);
    for _ in 0..input.number()? {
        input.text()?;
        input.text()?;
    }
    let mut pairs = Vec::new();
    let mut first = 0;
    for _ in 0..input.number()? {
        first += input.number()?;
        let mut member = first;
        let mut members = vec![char::from_u32(member)?];
        for _ in 0..input.number()? {
            member += input.number()?;
            members.push(char::from_u32(member)?);
        }
        for from in &members {
            let others = members.iter().filter(|to| *to != from);
            pairs.extend(others.map(|to| (*from, *to)));
        }
    }
    Some(pairs)
}

/// What is left of the packed bytes.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Bytes with their number in front.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use regex_syntax::hir::{Class, HirKind};

    use super::*;
    use crate::regexp::class::{CATEGORIES, from_ranges};

    /// Scripts Go finds: those of one word only, since its lookup forgets underscores.
    pub(in crate::regexp) const SCRIPTS: &[&str] = &[
        "Adlam",
        "Ahom",
        "Arabic",
        "Armenian",
        "Avestan",
        "Balinese",
        "Bamum",
        "Batak",
        "Bengali",
        "Bhaiksuki",
        "Bopomofo",
        "Brahmi",
        "Braille",
        "Buginese",
        "Buhid",
        "Carian",
        "Chakma",
        "Cham",
        "Cherokee",
        "Chorasmian",
        "Common",
        "Coptic",
        "Cuneiform",
        "Cypriot",
        "Cyrillic",
        "Deseret",
        "Devanagari",
        "Dogra",
        "Duployan",
        "Elbasan",
        "Elymaic",
        "Ethiopic",
        "Georgian",
        "Glagolitic",
        "Gothic",
        "Grantha",
        "Greek",
        "Gujarati",
        "Gurmukhi",
        "Han",
        "Hangul",
        "Hanunoo",
        "Hatran",
        "Hebrew",
        "Hiragana",
        "Inherited",
        "Javanese",
        "Kaithi",
        "Kannada",
        "Katakana",
        "Kawi",
        "Kharoshthi",
        "Khmer",
        "Khojki",
        "Khudawadi",
        "Lao",
        "Latin",
        "Lepcha",
        "Limbu",
        "Lisu",
        "Lycian",
        "Lydian",
        "Mahajani",
        "Makasar",
        "Malayalam",
        "Mandaic",
        "Manichaean",
        "Marchen",
        "Medefaidrin",
        "Miao",
        "Modi",
        "Mongolian",
        "Mro",
        "Multani",
        "Myanmar",
        "Nabataean",
        "Nandinagari",
        "Newa",
        "Nko",
        "Nushu",
        "Ogham",
        "Oriya",
        "Osage",
        "Osmanya",
        "Palmyrene",
        "Phoenician",
        "Rejang",
        "Runic",
        "Samaritan",
        "Saurashtra",
        "Sharada",
        "Shavian",
        "Siddham",
        "Sinhala",
        "Sogdian",
        "Soyombo",
        "Sundanese",
        "Syriac",
        "Tagalog",
        "Tagbanwa",
        "Takri",
        "Tamil",
        "Tangsa",
        "Tangut",
        "Telugu",
        "Thaana",
        "Thai",
        "Tibetan",
        "Tifinagh",
        "Tirhuta",
        "Toto",
        "Ugaritic",
        "Vai",
        "Vithkuqi",
        "Wancho",
        "Yezidi",
        "Yi",
    ];

    fn number(mut number: u32, to: &mut Vec<u8>) {
        while number >= 0x80 {
            to.push(number as u8 | 0x80);
            number >>= 7;
        }
        to.push(number as u8);
    }

    fn text(text: &[u8], to: &mut Vec<u8>) {
        number(text.len() as u32, to);
        to.extend(text);
    }

    fn ranges(property: &str) -> Vec<(char, char)> {
        let parsed = regex_syntax::parse(property).expect(property);
        match parsed.into_kind() {
            HirKind::Class(Class::Unicode(class)) => class
                .ranges()
                .iter()
                .map(|range| (range.start(), range.end()))
                .collect(),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).expect("a character");
                text.chars().map(|only| (only, only)).collect()
            }
            _ => panic!("{property} is no class"),
        }
    }

    fn packed_class(property: &str) -> Vec<u8> {
        let mut packed = Vec::new();
        let mut next = 0;
        for (start, end) in ranges(property) {
            let (start, end) = (u32::from(start), u32::from(end));
            number(start - next, &mut packed);
            number(end - start, &mut packed);
            next = end + 1;
        }
        packed
    }

    /// The characters that differ from `c` only by case, and `c`.
    fn fold_set(c: char) -> Vec<char> {
        let mut class = from_ranges(&[(c, c)]);
        class.try_case_fold_simple().expect("the tables are there");
        class
            .ranges()
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .collect()
    }

    fn pack() -> Vec<u8> {
        let mut packed = Vec::new();
        number((CATEGORIES.len() + SCRIPTS.len()) as u32, &mut packed);
        let categories = CATEGORIES.iter().map(|name| (name, format!(r"\p{{gc={name}}}")));
        let scripts = SCRIPTS.iter().map(|name| (name, format!(r"\p{{sc={name}}}")));
        for (name, property) in categories.chain(scripts) {
            text(name.as_bytes(), &mut packed);
            text(&packed_class(&property), &mut packed);
        }
        let sets: Vec<Vec<char>> = ('\0'..=char::MAX)
            .map(|c| (c, fold_set(c)))
            .filter(|(c, set)| set.len() > 1 && set.first() == Some(c))
            .map(|(_, set)| set)
            .collect();
        number(sets.len() as u32, &mut packed);
        let mut last_first = 0;
        for set in sets {
            let mut last = u32::from(set[0]);
            number(last - last_first, &mut packed);
            last_first = last;
            number(set.len() as u32 - 1, &mut packed);
            for member in &set[1..] {
                number(u32::from(*member) - last, &mut packed);
                last = u32::from(*member);
            }
        }
        packed
    }

    #[test]
    fn the_tables_are_those_of_regex_syntax() {
        let packed = pack();
        if std::env::var_os("CHARTROOM_WRITE_TABLES").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/regexp/unicode.bin");
            std::fs::write(path, &packed).expect("the sources are writable");
        }
        assert!(packed == PACKED, "set CHARTROOM_WRITE_TABLES to write them anew");
    }

    #[test]
    fn folding_adds_all_that_differ_by_case() {
        for c in '\0'..=char::MAX {
            let folded = fold(from_ranges(&[(c, c)]));
            let mut expected = from_ranges(&[(c, c)]);
            expected.try_case_fold_simple().expect("the tables are there");
            assert_eq!(folded, expected, "{c:?}");
        }
        let mut range = from_ranges(&[('a', 'z'), ('\u{370}', '\u{3ff}')]);
        let folded = fold(range.clone());
        range.try_case_fold_simple().expect("the tables are there");
        assert_eq!(folded, range);
    }
}
