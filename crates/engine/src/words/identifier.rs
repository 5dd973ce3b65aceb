//! `PascalCase`, `snake_case`, `kebab-case`, as huandu/xstrings converts them.

use super::{is_letter, is_number, is_punct, is_upper, to_lower, to_upper};
use crate::value::decode_rune;

/// `http_server` to `HttpServer`. Connectors at the start and doubled ones stay.
#[must_use]
pub fn to_pascal_case(text: &[u8]) -> String {
    let runes: Vec<char> = super::runes(text).collect();
    let Some(first) = runes.iter().position(|rune| !is_connector(*rune)) else {
        // The Go library writes the last connector twice.
        return runes.iter().chain(runes.last()).collect();
    };
    let (leading, word) = runes.split_at_checked(first).unwrap_or((&runes, &[]));
    let mut pascal: String = leading.iter().collect();
    let mut rest = word.iter().copied();
    let Some(start) = rest.next() else { return pascal };
    // Whether the word so far is all upper case, which the rest of it then loses.
    let mut shouting = is_upper(start);
    let mut current = to_upper(start);
    for rune in rest {
        let previous = current;
        current = rune;
        if is_connector(current) && is_connector(previous) {
            pascal.push(previous);
            continue;
        }
        if is_connector(previous) {
            shouting = is_upper(current);
            current = to_upper(current);
            continue;
        }
        if shouting {
            shouting = is_upper(current);
            if shouting {
                current = to_lower(current);
            }
        }
        pascal.push(previous);
    }
    pascal.push(current);
    pascal
}

/// `HTTPServer` to `http_server`.
#[must_use]
pub fn to_snake_case(text: &[u8]) -> Vec<u8> {
    split_words(text, '_')
}

/// `HTTPServer` to `http-server`.
#[must_use]
pub fn to_kebab_case(text: &[u8]) -> Vec<u8> {
    split_words(text, '-')
}

fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || rune.is_whitespace()
}

/// A letter that is not an ideograph.
fn is_alphabet(rune: char) -> bool {
    is_letter(rune) && !matches!(u32::from(rune), 0x4e00..=0x9fcc | 0x3400..=0x4d85 | 0x20000..=0x2b81d)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punct,
    Other,
}

struct Words<'t> {
    rest: &'t [u8],
    target: Vec<u8>,
    connector: char,
}

fn split_words(text: &[u8], connector: char) -> Vec<u8> {
    let mut words = Words {
        rest: text,
        target: Vec::with_capacity(text.len() + 8),
        connector,
    };
    words.run();
    words.target
}

impl<'t> Words<'t> {
    fn run(&mut self) {
        let (mut kind, mut word) = self.next();
        while !self.rest.is_empty() {
            if kind != Kind::Connector {
                self.push(kind, word);
            }
            let (previous, last) = (kind, word);
            (kind, word) = self.next();
            match previous {
                Kind::Number => {
                    self.push_run(&mut kind, &mut word);
                    if !matches!(kind, Kind::Invalid | Kind::Punct | Kind::Connector) {
                        self.push_connector();
                    }
                }
                Kind::Connector => self.push(previous, last),
                Kind::Punct => {}
                _ if kind != Kind::Number => {
                    if !matches!(kind, Kind::Connector | Kind::Punct) {
                        self.push_connector();
                    }
                }
                _ if self.rest.is_empty() => {}
                _ => {
                    let number = word;
                    (kind, word) = self.next();
                    if kind != Kind::Alphabet {
                        // The number belongs to the word before it: bld4_floor.
                        self.push(Kind::Number, number);
                        if !matches!(kind, Kind::Connector | Kind::Punct) {
                            self.push_connector();
                        }
                        continue;
                    }
                    // Small letters follow, the number belongs to them: http_2xx.
                    self.push_connector();
                    self.push(Kind::Number, number);
                    self.push_run(&mut kind, &mut word);
                    if !matches!(kind, Kind::Invalid | Kind::Connector | Kind::Punct) {
                        self.push_connector();
                    }
                }
            }
        }
        self.push(kind, word);
    }

    /// Appends words as long as they are numbers or small letters.
    fn push_run(&mut self, kind: &mut Kind, word: &mut &'t [u8]) {
        while matches!(kind, Kind::Alphabet | Kind::Number) {
            self.push(*kind, word);
            (*kind, *word) = self.next();
        }
    }

    fn push_connector(&mut self) {
        self.push_char(self.connector);
    }

    fn push_char(&mut self, rune: char) {
        self.target
            .extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn push(&mut self, kind: Kind, word: &[u8]) {
        if !matches!(kind, Kind::Upper | Kind::Connector) {
            self.target.extend_from_slice(word);
            return;
        }
        for rune in super::runes(word) {
            self.push_char(if is_connector(rune) {
                self.connector
            } else {
                to_lower_if_upper(rune)
            });
        }
    }

    /// Takes the next word off the text.
    fn next(&mut self) -> (Kind, &'t [u8]) {
        if self.rest.is_empty() {
            return (Kind::Invalid, b"");
        }
        let (kind, length) = measure(self.rest);
        let (word, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, b""));
        self.rest = rest;
        (kind, word)
    }
}

fn to_lower_if_upper(rune: char) -> char {
    if is_upper(rune) { to_lower(rune) } else { rune }
}

/// The first code point that is one, and the bytes up to its end; `None` and all bytes if there is none.
fn next_valid(text: &[u8]) -> (Option<char>, usize) {
    let mut size = 0;
    while let Some((rune, width)) = text.get(size..).and_then(decode_rune) {
        size += width;
        if rune != char::REPLACEMENT_CHARACTER {
            return (Some(rune), size);
        }
    }
    (None, size)
}

/// Kind and length of the word at the start of `text`.
fn measure(text: &[u8]) -> (Kind, usize) {
    let (Some(first), size) = next_valid(text) else {
        return (Kind::Invalid, text.len());
    };
    // Extends the word while `accept`; code points that are not any go with what is before them.
    let extend = |from: usize, mut previous: char, accept: &dyn Fn(char) -> bool| {
        let mut end = from;
        while end < text.len() {
            let (rune, size) = next_valid(text.get(end..).unwrap_or_default());
            let rune = rune.unwrap_or(previous);
            if !accept(rune) {
                break;
            }
            previous = rune;
            end += size;
        }
        end
    };
    if is_connector(first) {
        (Kind::Connector, extend(size, first, &is_connector))
    } else if is_punct(first) {
        (Kind::Punct, extend(size, first, &is_punct))
    } else if is_upper(first) {
        (Kind::Upper, measure_upper(text, first, size, &extend))
    } else if is_alphabet(first) {
        (
            Kind::Alphabet,
            extend(size, first, &|rune| is_alphabet(rune) && !is_upper(rune)),
        )
    } else if is_number(first) {
        (Kind::Number, extend(size, first, &is_number))
    } else {
        let accept = |rune| !(is_connector(rune) || is_alphabet(rune) || is_number(rune) || is_punct(rune));
        (Kind::Other, extend(size, first, &accept))
    }
}

type Extend<'e> = dyn Fn(usize, char, &dyn Fn(char) -> bool) -> usize + 'e;

fn measure_upper(text: &[u8], first: char, size: usize, extend: &Extend<'_>) -> usize {
    let (second, second_size) = next_valid(text.get(size..).unwrap_or_default());
    if text.len() == size {
        return size;
    }
    let second = second.unwrap_or(first);
    if !is_upper(second) {
        return if is_alphabet(second) {
            extend(size + second_size, second, &|rune| {
                is_alphabet(rune) && !is_upper(rune)
            })
        } else {
            size
        };
    }
    let (mut end, mut last_size, mut previous) = (size + second_size, second_size, second);
    while end < text.len() {
        let (rune, size) = next_valid(text.get(end..).unwrap_or_default());
        let rune = rune.unwrap_or(previous);
        if !is_upper(rune) {
            // The last capital of "HTTPStatus" begins the next word.
            return if is_alphabet(rune) { end - last_size } else { end };
        }
        previous = rune;
        last_size = size;
        end += size;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_split_as_the_go_library_does() {
        for (text, snake) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO_PATH", "go_path"),
            ("GO PATH", "go_path"),
            ("GO-PATH", "go_path"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
            ("_-_", "___"),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&to_snake_case(text.as_bytes())), snake);
        }
        assert_eq!(to_kebab_case(b"HTTPServer2Go"), b"http-server2-go");
    }

    #[test]
    fn pascal_case_keeps_odd_connectors() {
        for (text, pascal) in [
            ("some_words", "SomeWords"),
            ("_complex__case_", "_Complex_Case_"),
            ("GOLANG_IS_GREAT", "GolangIsGreat"),
            ("no_https", "NoHttps"),
            ("a", "A"),
            ("__", "___"),
            ("", ""),
        ] {
            assert_eq!(to_pascal_case(text.as_bytes()), pascal);
        }
    }
}
