//! Character classes: Perl's `\d`, POSIX' `[:alpha:]`, Unicode's `\p{Greek}`, and case folding.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::unicode;

/// A class from pairs of first and last character.
pub(super) fn from_ranges(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(
        ranges
            .iter()
            .map(|(low, high)| ClassUnicodeRange::new(*low, *high)),
    )
}

pub(super) fn negated(mut class: ClassUnicode) -> ClassUnicode {
    class.negate();
    class
}

/// `\d`, `\s`, `\w`: ASCII only. The letter is given in lower case.
pub(super) fn perl(letter: char) -> Option<ClassUnicode> {
    Some(from_ranges(match letter {
        'd' => &[('0', '9')],
        's' => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
        'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        _ => return None,
    }))
}

/// `[:name:]` by name.
pub(super) fn posix(name: &str) -> Option<ClassUnicode> {
    Some(from_ranges(match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\x7f')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        "digit" => &[('0', '9')],
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    }))
}

/// `\p{name}` by name: a general category or a script.
pub(super) fn property(name: &str) -> Option<ClassUnicode> {
    let canonical = canonical_name(name);
    let name = LONG_NAMES
        .iter()
        .find(|(long, _)| *long == canonical)
        .map_or(canonical.as_str(), |(_, short)| *short);
    match name {
        "Any" => Some(from_ranges(&[('\0', char::MAX)])),
        "Ascii" => Some(from_ranges(&[('\0', '\x7f')])),
        "Assigned" => Some(assigned()),
        "Cn" => Some(negated(assigned())),
        // No character of a Rust string is a surrogate.
        "Cs" => Some(ClassUnicode::empty()),
        "C" => {
            let mut class = negated(assigned());
            class.union(&of_categories(|category| category.starts_with('C')));
            Some(class)
        }
        "Lc" => Some(of_categories(|category| matches!(category, "Ll" | "Lt" | "Lu"))),
        "L" | "M" | "N" | "P" | "S" | "Z" => Some(of_categories(|category| category.starts_with(name))),
        _ => unicode::class(name),
    }
}

fn assigned() -> ClassUnicode {
    of_categories(|_| true)
}

/// The characters of some of the categories of [`CATEGORIES`].
fn of_categories(wanted: impl Fn(&str) -> bool) -> ClassUnicode {
    let mut all = ClassUnicode::empty();
    let wanted = CATEGORIES.iter().filter(|category| wanted(category));
    wanted
        .filter_map(|category| unicode::class(category))
        .for_each(|class| all.union(&class));
    all
}

/// The name as Go looks it up: first letter upper case, others lower, without `_`, `-` and spaces.
fn canonical_name(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for letter in name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')) {
        canonical.push(if canonical.is_empty() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        });
    }
    canonical
}

/// The categories that have a table each. `Cn` is all that no other has.
pub(super) const CATEGORIES: [&str; 28] = [
    "Cc", "Cf", "Co", "Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn", "Nd", "Nl", "No", "Pc", "Pd", "Pe",
    "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs",
];

/// Long names of categories, canonical, and the short ones.
const LONG_NAMES: &[(&str, &str)] = &[
    ("Casedletter", "Lc"),
    ("Closepunctuation", "Pe"),
    ("Cntrl", "Cc"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Digit", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punct", "P"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Surrogate", "Cs"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Unassigned", "Cn"),
    ("Uppercaseletter", "Lu"),
];

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{Class, HirKind};

    use super::*;
    use crate::regexp::unicode::tests::SCRIPTS;

    /// What regex-syntax's tables say.
    fn expected(property: &str) -> ClassUnicode {
        let parsed = regex_syntax::parse(&format!(r"\p{{{property}}}")).expect(property);
        match parsed.into_kind() {
            HirKind::Class(Class::Unicode(class)) => class,
            // A category of one character.
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).expect("a character");
                let only = text.chars().next().expect("a character");
                from_ranges(&[(only, only)])
            }
            _ => panic!("{property} is no class"),
        }
    }

    /// The first and last character in which a property differs from another's; a whole class is too long to be read.
    fn difference(name: &str, property_of: &str) -> Option<(char, char)> {
        let mut difference = property(name).expect(name);
        difference.symmetric_difference(&expected(property_of));
        let first = difference.ranges().first()?;
        Some((first.start(), difference.ranges().last()?.end()))
    }

    #[test]
    fn properties_are_those_of_regex_syntax() {
        let others = ["C", "Cn", "L", "Lc", "M", "N", "P", "S", "Z"];
        let long = LONG_NAMES.iter().map(|(long, _)| *long);
        for name in CATEGORIES.into_iter().chain(others).chain(long) {
            // Go's own names for some; that there are no surrogates is said above.
            if name == "Surrogate" {
                continue;
            }
            assert_eq!(difference(name, &format!("gc={name}")), None, "{name}");
        }
        for name in SCRIPTS {
            assert_eq!(difference(name, &format!("sc={name}")), None, "{name}");
        }
        assert_eq!(property("Assigned"), Some(negated(expected("gc=Cn"))));
        assert_eq!(property("uppercase letter"), property("Lu"));
        assert_eq!(property("Cs"), property("Surrogate"));
        for unknown in ["Latn", "Old_Italic", "", "L&", "Xx"] {
            assert_eq!(property(unknown), None, "{unknown}");
        }
    }
}
