//! Flags, padding, and the formats of basic values (Go's `fmt/format.go`).

use super::printer::Printer;
use crate::strconv::{
    can_backquote, format_float, is_print, quote, quote_rune, quote_rune_to_ascii, quote_to_ascii,
};
use crate::value::decode_rune;

/// The flags of one verb.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "these are Go's independent flags")]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v` and `%#v`: not the flags, but formats of their own.
    pub(super) plus_v: bool,
    pub(super) sharp_v: bool,
}

const LOWER_DIGITS: &[u8; 16] = b"0123456789abcdef";
const UPPER_DIGITS: &[u8; 16] = b"0123456789ABCDEF";

fn digit(nibble: u64, upper: bool) -> u8 {
    let digits = if upper { UPPER_DIGITS } else { LOWER_DIGITS };
    usize::try_from(nibble & 15)
        .ok()
        .and_then(|index| digits.get(index))
        .copied()
        .unwrap_or(b'0')
}

/// Go's `utf8.RuneCount`.
fn rune_count(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let (mut count, mut rest) = (0, text);
    while let Some((_, width)) = decode_rune(rest) {
        count += 1;
        rest = rest.get(width..).unwrap_or_default();
    }
    count
}

impl Printer<'_> {
    pub(super) fn write_padding(&mut self, count: usize) {
        // Zeros pad only to the left.
        let byte = if self.flags.zero && !self.flags.minus {
            b'0'
        } else {
            b' '
        };
        self.fill(byte, count);
    }

    pub(super) fn pad(&mut self, text: &[u8]) {
        let Some(width) = self.flags.width.filter(|width| *width > 0) else {
            self.write(text);
            return;
        };
        let padding = width.saturating_sub(rune_count(text));
        if self.flags.minus {
            self.write(text);
            self.write_padding(padding);
        } else {
            self.write_padding(padding);
            self.write(text);
        }
    }

    /// Pads with spaces whatever the zero flag says.
    fn pad_with_spaces(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(text);
        self.flags.zero = zero;
    }

    pub(super) fn format_integer(&mut self, value: u64, negative: bool, base: u64, verb: char, upper: bool) {
        let flags = self.flags;
        let mut magnitude = if negative { value.wrapping_neg() } else { value };
        let mut precision = 0;
        if let Some(asked) = flags.precision {
            precision = asked;
            if precision == 0 && magnitude == 0 {
                let zero = std::mem::replace(&mut self.flags.zero, false);
                self.write_padding(flags.width.unwrap_or(0));
                self.flags.zero = zero;
                return;
            }
        } else if let Some(width) = flags.width
            && flags.zero
            && !flags.minus
        {
            let sign = usize::from(negative || flags.plus || flags.space);
            precision = width.saturating_sub(sign);
        }
        // Least significant digit first.
        let mut reversed = Vec::with_capacity(24);
        while magnitude >= base {
            reversed.push(digit(magnitude % base, upper));
            magnitude /= base;
        }
        reversed.push(digit(magnitude, upper));
        if precision > reversed.len() {
            reversed.resize(precision, b'0');
        }
        if flags.sharp {
            match base {
                2 => reversed.extend_from_slice(b"b0"),
                8 if reversed.last() != Some(&b'0') => reversed.push(b'0'),
                16 => reversed.extend_from_slice(if upper { b"X0" } else { b"x0" }),
                _ => {}
            }
        }
        if verb == 'O' {
            reversed.extend_from_slice(b"o0");
        }
        if negative {
            reversed.push(b'-');
        } else if flags.plus {
            reversed.push(b'+');
        } else if flags.space {
            reversed.push(b' ');
        }
        reversed.reverse();
        self.pad_with_spaces(&reversed);
    }

    /// `%U`: `U+0078`, with `#` also the character.
    pub(super) fn format_unicode(&mut self, value: u64) {
        let precision = self.flags.precision.unwrap_or(4).max(4);
        let mut text = format!("U+{value:0precision$X}");
        let rune = u32::try_from(value)
            .ok()
            .and_then(char::from_u32)
            .filter(|rune| is_print(*rune));
        if let Some(rune) = rune
            && self.flags.sharp
        {
            text.push_str(&format!(" '{rune}'"));
        }
        self.pad_with_spaces(text.as_bytes());
    }

    pub(super) fn format_character(&mut self, value: u64) {
        let rune = to_rune(value).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.pad(rune.encode_utf8(&mut [0; 4]).as_bytes());
    }

    pub(super) fn format_quoted_character(&mut self, value: u64) {
        let rune = to_rune(value);
        let text = if self.flags.plus {
            quote_rune_to_ascii(rune)
        } else {
            quote_rune(rune)
        };
        self.pad(text.as_bytes());
    }

    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else {
            return text;
        };
        let mut end = 0;
        for _ in 0..precision {
            match decode_rune(text.get(end..).unwrap_or_default()) {
                Some((_, width)) => end += width,
                None => break,
            }
        }
        text.get(..end).unwrap_or(text)
    }

    pub(super) fn format_text(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        self.pad(text);
    }

    pub(super) fn format_quoted(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        let quoted = if self.flags.sharp && can_backquote(text) {
            let mut quoted = b"`".to_vec();
            quoted.extend_from_slice(text);
            quoted.push(b'`');
            quoted
        } else if self.flags.plus {
            quote_to_ascii(text).into_bytes()
        } else {
            quote(text).into_bytes()
        };
        self.pad(&quoted);
    }

    /// Bytes in hexadecimal.
    pub(super) fn format_hex(&mut self, text: &[u8], upper: bool) {
        let flags = self.flags;
        let length = flags
            .precision
            .map_or(text.len(), |precision| precision.min(text.len()));
        if length == 0 {
            self.write_padding(flags.width.unwrap_or(0));
            return;
        }
        let prefix: &[u8] = if upper { b"0X" } else { b"0x" };
        let mut encoded = Vec::with_capacity(2 * length);
        for (index, byte) in text.iter().take(length).enumerate() {
            if index > 0 && flags.space {
                encoded.push(b' ');
            }
            if flags.sharp && (index == 0 || flags.space) {
                encoded.extend_from_slice(prefix);
            }
            encoded.push(digit(u64::from(byte >> 4), upper));
            encoded.push(digit(u64::from(*byte), upper));
        }
        self.pad(&encoded);
    }

    pub(super) fn format_float(&mut self, value: f64, bits: u32, verb: char, default: Option<usize>) {
        let flags = self.flags;
        let precision = flags.precision.or(default);
        // Always with a sign, which is dropped in the end if it is not wanted.
        let mut number = format_float(value, verb, precision, bits);
        if !number.starts_with(['-', '+']) {
            number.insert(0, if flags.space && !flags.plus { ' ' } else { '+' });
        } else if number.starts_with('+') && flags.space && !flags.plus {
            number.replace_range(..1, " ");
        }
        if value.is_infinite() || value.is_nan() {
            // `+Inf` keeps its sign, NaN has none.
            let bare = value.is_nan() && !flags.space && !flags.plus;
            let text = if bare {
                number.get(1..).unwrap_or_default()
            } else {
                &number
            };
            self.pad_with_spaces(text.as_bytes());
            return;
        }
        if flags.sharp && verb != 'b' {
            number = with_decimal_point(&number, verb, precision);
        }
        let (sign, unsigned) = number.split_at(1);
        if !flags.plus && sign == "+" {
            self.pad(unsigned.as_bytes());
            return;
        }
        // The sign goes before padding zeros.
        match flags.width {
            Some(width) if flags.zero && !flags.minus && width > number.len() => {
                self.write(sign.as_bytes());
                self.write_padding(width - number.len());
                self.write(unsigned.as_bytes());
            }
            _ => self.pad(number.as_bytes()),
        }
    }
}

fn to_rune(value: u64) -> Option<char> {
    u32::try_from(value).ok().and_then(char::from_u32)
}

/// The `#` flag: a decimal point always, and trailing zeros kept.
fn with_decimal_point(number: &str, verb: char, precision: Option<usize>) -> String {
    let mut missing_digits = match verb {
        'v' | 'g' | 'G' | 'x' => {
            precision.map_or(6, |precision| i64::try_from(precision).unwrap_or(i64::MAX))
        }
        _ => 0,
    };
    let hex = matches!(verb, 'x' | 'X');
    let tail_start = number.find(|c| matches!(c, 'p' | 'P') || matches!(c, 'e' | 'E') && !hex);
    let (head, tail) = number.split_at(tail_start.unwrap_or(number.len()));
    let mut has_point = false;
    let mut saw_nonzero = false;
    for c in head.chars().skip(1) {
        if c == '.' {
            has_point = true;
            continue;
        }
        saw_nonzero |= c != '0';
        missing_digits -= i64::from(saw_nonzero);
    }
    let mut text = head.to_owned();
    if !has_point {
        if head.get(1..) == Some("0") {
            missing_digits -= 1;
        }
        text.push('.');
    }
    text.extend(std::iter::repeat_n(
        '0',
        usize::try_from(missing_digits).unwrap_or(0),
    ));
    text.push_str(tail);
    text
}
