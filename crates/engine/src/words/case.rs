//! Single characters: Go's simple case mappings (always one character) and letter categories.

use std::sync::LazyLock;

use crate::regexp;

/// The characters of a Unicode category, as sorted ranges.
struct Category(LazyLock<Vec<(char, char)>>);

impl Category {
    const fn new(load: fn() -> Vec<(char, char)>) -> Self {
        Self(LazyLock::new(load))
    }

    fn contains(&self, rune: char) -> bool {
        let next = self.0.partition_point(|(low, _)| *low <= rune);
        next.checked_sub(1)
            .and_then(|index| self.0.get(index))
            .is_some_and(|(_, high)| rune <= *high)
    }
}

macro_rules! categories {
    ($($(#[$doc:meta])* $function:ident: $table:ident = $name:literal;)*) => {$(
        static $table: Category = Category::new(|| regexp::category($name));

        $(#[$doc])*
        #[must_use]
        pub fn $function(rune: char) -> bool {
            $table.contains(rune)
        }
    )*};
}

categories! {
    /// `unicode.IsUpper`
    is_upper: UPPER = "Lu";
    /// `unicode.IsLower`
    is_lower: LOWER = "Ll";
    /// `unicode.IsTitle`
    is_title: TITLE = "Lt";
    /// `unicode.IsLetter`
    is_letter: LETTER = "L";
    /// `unicode.IsDigit`
    is_digit: DIGIT = "Nd";
    /// `unicode.IsNumber`
    is_number: NUMBER = "N";
    /// `unicode.IsPunct`
    is_punct: PUNCT = "P";
}

/// The one character an iterator gives, or `rune` if there are more: Go has no mappings to several.
fn single(mut mapped: impl Iterator<Item = char>, rune: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => rune,
    }
}

/// `unicode.ToUpper`
#[must_use]
pub fn to_upper(rune: char) -> char {
    let shifted = |by: u32| char::from_u32(u32::from(rune) + by).unwrap_or(rune);
    match rune {
        // Their full mapping is two letters, their simple one a letter with the iota beside it.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(9),
        _ => single(rune.to_uppercase(), rune),
    }
}

/// `unicode.ToLower`
#[must_use]
pub fn to_lower(rune: char) -> char {
    if rune == 'İ' {
        'i'
    } else {
        single(rune.to_lowercase(), rune)
    }
}

/// `unicode.ToTitle`
#[must_use]
pub fn to_title(rune: char) -> char {
    match rune {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian has upper case, but titles do not use it.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => rune,
        _ => to_upper(rune),
    }
}
