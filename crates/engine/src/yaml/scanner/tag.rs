//! Tags and directives: `!!str`, `!<uri>`, `%YAML 1.1`, `%TAG ! prefix`.

use super::{Data, Kind, Scanner, Token, class, class_of};
use crate::yaml::error::{Error, Mark};

impl<'a> Scanner<'a> {
    pub(super) fn scan_directive(&mut self) -> Result<Token<'a>, Error> {
        let start = self.mark();
        self.skip(1);
        let name_start = self.pos;
        while class_of(self.at(0)) == class::WORD {
            self.pos += 1;
        }
        let name = self.slice(name_start, self.pos);
        if name.is_empty() {
            return Err(self.error_in("could not find expected directive name", start));
        }
        if !self.is_blank_or_end(0) {
            return Err(self.error_in("found unexpected non-alphabetical character", start));
        }
        let (kind, data) = match name {
            "YAML" => {
                self.skip_blanks();
                let major = self.scan_version_number(start)?;
                if self.at(0) != b'.' {
                    return Err(self.error_in("did not find expected digit or '.' character", start));
                }
                self.skip(1);
                let minor = self.scan_version_number(start)?;
                (Kind::VersionDirective, Data::Version(major, minor))
            }
            "TAG" => {
                let pair = self.scan_tag_directive(start)?;
                (Kind::TagDirective, Data::Pair(Box::new(pair)))
            }
            _ => return Err(self.error_in("found unknown directive name", start)),
        };
        let end = self.mark();
        self.finish_line("did not find expected comment or line break", start)?;
        Ok(Token {
            kind,
            start,
            end,
            data,
        })
    }

    fn skip_blanks(&mut self) {
        while matches!(self.at(0), b' ' | b'\t') {
            self.pos += 1;
        }
    }

    fn scan_version_number(&mut self, start: Mark) -> Result<u8, Error> {
        let mut value = 0;
        let mut length = 0;
        while self.at(0).is_ascii_digit() {
            length += 1;
            if length > 2 {
                return Err(self.error_in("found extremely long version number", start));
            }
            value = value * 10 + (self.at(0) - b'0');
            self.skip(1);
        }
        if length == 0 {
            return Err(self.error_in("did not find expected version number", start));
        }
        Ok(value)
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Result<(String, String), Error> {
        self.skip_blanks();
        let handle = self.scan_tag_handle(true, start)?;
        if !matches!(self.at(0), b' ' | b'\t') {
            return Err(self.error_in("did not find expected whitespace", start));
        }
        self.skip_blanks();
        let prefix = self.scan_tag_uri("", start)?;
        if !self.is_blank_or_end(0) {
            return Err(self.error_in("did not find expected whitespace or line break", start));
        }
        Ok((handle, prefix))
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token<'a>, Error> {
        let start = self.mark();
        let (handle, suffix) = if self.at(1) == b'<' {
            self.skip(2);
            let suffix = self.scan_tag_uri("", start)?;
            if self.at(0) != b'>' {
                return Err(self.error_in("did not find the expected '>'", start));
            }
            self.skip(1);
            (String::new(), suffix)
        } else {
            let handle = self.scan_tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.scan_tag_uri("", start)?;
                (handle, suffix)
            } else {
                let suffix = self.scan_tag_uri(&handle, start)?;
                // A lone `!` is a tag without a handle.
                if suffix.is_empty() {
                    (String::new(), "!".to_owned())
                } else {
                    ("!".to_owned(), suffix)
                }
            }
        };
        self.check_defect(1)?;
        if !self.is_blank_or_end(0) {
            return Err(self.error_in("did not find expected whitespace or line break", start));
        }
        let data = Data::Pair(Box::new((handle, suffix)));
        Ok(Token {
            kind: Kind::Tag,
            start,
            end: self.mark(),
            data,
        })
    }

    fn scan_tag_handle(&mut self, directive: bool, start: Mark) -> Result<String, Error> {
        if self.at(0) != b'!' {
            return Err(self.error_in("did not find expected '!'", start));
        }
        let from = self.pos;
        self.skip(1);
        while class_of(self.at(0)) == class::WORD {
            self.pos += 1;
        }
        if self.at(0) == b'!' {
            self.skip(1);
        } else if directive && self.pos - from != 1 {
            return Err(self.error_in("did not find expected '!'", start));
        }
        Ok(self.slice(from, self.pos).to_owned())
    }

    /// A URI; `head` is what was read of it already, with a `!` in front that does not belong to it.
    fn scan_tag_uri(&mut self, head: &str, start: Mark) -> Result<String, Error> {
        let mut uri: Vec<u8> = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut is_empty = head.is_empty();
        loop {
            match self.at(0) {
                b'%' => self.scan_uri_escapes(&mut uri, start)?,
                b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'.' | b'!' | b'~'
                | b'*' | b'\'' | b'(' | b')' | b'[' | b']' => {
                    uri.push(self.at(0));
                    self.skip(1);
                }
                byte if class_of(byte) == class::WORD => {
                    uri.push(byte);
                    self.skip(1);
                }
                _ => break,
            }
            is_empty = false;
        }
        if is_empty {
            return Err(self.error_in("did not find expected tag URI", start));
        }
        // Escapes may spell overlong sequences; such a tag matches nothing anyway.
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// The `%XX` octets of one character.
    fn scan_uri_escapes(&mut self, uri: &mut Vec<u8>, start: Mark) -> Result<(), Error> {
        let mut left: Option<usize> = None;
        while left != Some(0) {
            let digits = (
                char::from(self.at(1)).to_digit(16),
                char::from(self.at(2)).to_digit(16),
            );
            let (b'%', (Some(high), Some(low))) = (self.at(0), digits) else {
                return Err(self.error_in("did not find URI escaped octet", start));
            };
            let octet = (high * 16 + low) as u8;
            left = Some(match left {
                None => match octet {
                    0x00..=0x7F => 0,
                    0xC0..=0xDF => 1,
                    0xE0..=0xEF => 2,
                    0xF0..=0xF7 => 3,
                    _ => return Err(self.error_in("found an incorrect leading UTF-8 octet", start)),
                },
                Some(_) if octet & 0xC0 != 0x80 => {
                    return Err(self.error_in("found an incorrect trailing UTF-8 octet", start));
                }
                Some(n) => n - 1,
            });
            uri.push(octet);
            self.skip(3);
        }
        Ok(())
    }
}
