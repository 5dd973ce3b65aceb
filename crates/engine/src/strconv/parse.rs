//! `strconv.ParseInt`, `ParseUint` and `ParseFloat`.

use std::fmt;

/// Why a number was not read; the value Go returns beside the error is kept, since callers use it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberError<T> {
    /// Not a number.
    Syntax,
    /// Too large; carries the nearest value, which Go returns too.
    Range(T),
}

impl<T> fmt::Display for NumberError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "invalid syntax",
            Self::Range(_) => "value out of range",
        })
    }
}

/// Underscores are allowed between digits and after a base prefix.
fn underscores_are_placed_well(text: &[u8]) -> bool {
    let text = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let mut saw = b'^';
    let mut hex = false;
    let mut rest = text;
    if let [b'0', base @ (b'b' | b'B' | b'o' | b'O' | b'x' | b'X'), tail @ ..] = text {
        saw = b'0';
        hex = base.eq_ignore_ascii_case(&b'x');
        rest = tail;
    }
    for byte in rest {
        if byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit() {
            saw = b'0';
        } else if *byte == b'_' {
            if saw != b'0' {
                return false;
            }
            saw = b'_';
        } else {
            if saw == b'_' {
                return false;
            }
            saw = b'!';
        }
    }
    saw != b'_'
}

/// `strconv.ParseUint(text, base, bits)`; base 0 reads prefixes and underscores.
pub fn parse_uint(text: &str, base: u32, bits: u32) -> Result<u64, NumberError<u64>> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err(NumberError::Syntax);
    }
    let (radix, digits) = match (base, bytes) {
        (0, [b'0', b'b' | b'B', digits @ ..]) if !digits.is_empty() => (2, digits),
        (0, [b'0', b'o' | b'O', digits @ ..]) if !digits.is_empty() => (8, digits),
        (0, [b'0', b'x' | b'X', digits @ ..]) if !digits.is_empty() => (16, digits),
        (0, [b'0', digits @ ..]) => (8, digits),
        (0, _) => (10, bytes),
        (base, _) => (base, bytes),
    };
    let max = if bits == 0 || bits >= 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    };
    let mut underscores = false;
    let mut number: u64 = 0;
    for byte in digits {
        if *byte == b'_' && base == 0 {
            underscores = true;
            continue;
        }
        let digit = char::from(*byte)
            .to_digit(36)
            .filter(|digit| *digit < radix)
            .ok_or(NumberError::Syntax)?;
        number = number
            .checked_mul(u64::from(radix))
            .and_then(|number| number.checked_add(u64::from(digit)))
            .filter(|number| *number <= max)
            .ok_or(NumberError::Range(max))?;
    }
    if underscores && !underscores_are_placed_well(bytes) {
        return Err(NumberError::Syntax);
    }
    Ok(number)
}

/// `strconv.ParseInt(text, base, bits)`.
pub fn parse_int(text: &str, base: u32, bits: u32) -> Result<i64, NumberError<i64>> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let bits = if bits == 0 { 64 } else { bits };
    let max = i64::MAX >> (64 - bits.min(64));
    let limit = if negative {
        max.unsigned_abs() + 1
    } else {
        max.unsigned_abs()
    };
    let nearest = if negative { -max - 1 } else { max };
    match parse_uint(digits, base, 64) {
        Ok(magnitude) if magnitude > limit => Err(NumberError::Range(nearest)),
        Ok(magnitude) => {
            let value = magnitude.cast_signed();
            Ok(if negative { value.wrapping_neg() } else { value })
        }
        Err(NumberError::Range(_)) => Err(NumberError::Range(nearest)),
        Err(NumberError::Syntax) => Err(NumberError::Syntax),
    }
}

/// `strconv.ParseFloat(text, 64)`.
pub fn parse_float(text: &str) -> Result<f64, NumberError<f64>> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let signed = |value: f64| if negative { -value } else { value };
    if digits.eq_ignore_ascii_case("inf") || digits.eq_ignore_ascii_case("infinity") {
        return Ok(signed(f64::INFINITY));
    }
    if text.eq_ignore_ascii_case("nan") {
        return Ok(f64::NAN);
    }
    if !underscores_are_placed_well(text.as_bytes()) {
        return Err(NumberError::Syntax);
    }
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let lower = plain.to_ascii_lowercase();
    let magnitude = match lower.strip_prefix("0x") {
        Some(hex) => hex_float(hex).ok_or(NumberError::Syntax)?,
        None => {
            let decimal = plain
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
            if !decimal || plain.starts_with(['+', '-']) || !plain.bytes().any(|b| b.is_ascii_digit()) {
                return Err(NumberError::Syntax);
            }
            plain.parse::<f64>().map_err(|_| NumberError::Syntax)?
        }
    };
    if magnitude.is_infinite() {
        return Err(NumberError::Range(signed(magnitude)));
    }
    Ok(signed(magnitude))
}

/// A hexadecimal mantissa with its obligatory binary exponent (`1.8p3`), rounded to nearest even.
fn hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // A longer exponent only says "far beyond", so it may saturate.
    let power = exponent_digits.parse::<i64>().unwrap_or(100_000).min(100_000);
    let mut exponent = if exponent.starts_with('-') { -power } else { power };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits: u64 = 0;
    let mut lost = false;
    for (digit, in_fraction) in whole
        .chars()
        .map(|c| (c, false))
        .chain(fraction.chars().map(|c| (c, true)))
    {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
            exponent -= if in_fraction { 4 } else { 0 };
        } else {
            lost |= digit != 0;
            exponent += if in_fraction { 0 } else { 4 };
        }
    }
    if bits == 0 {
        return Some(0.0);
    }
    let shift = bits.leading_zeros();
    bits <<= shift;
    exponent += 63 - i64::from(shift);
    // `bits` is now 1.fraction × 2^exponent with the leading one at bit 63; keep 53 bits, fewer when subnormal.
    if exponent > 1023 {
        return Some(f64::INFINITY);
    }
    let keep = if exponent < -1022 {
        53 - (-1022 - exponent)
    } else {
        53
    };
    if keep < 0 {
        return Some(0.0);
    }
    let drop = u32::try_from(64 - keep).ok()?;
    let (mut kept, rest) = if drop >= 64 {
        (0, bits)
    } else {
        (bits >> drop, bits << (64 - drop))
    };
    let half = 1_u64 << 63;
    if rest > half || rest == half && (lost || kept & 1 == 1) {
        kept += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 54 bits, the top one a carry")]
    let value = kept as f64;
    let scale = i32::try_from(exponent - 63 + i64::from(drop)).ok()?;
    // In two steps, since 2^scale itself may be subnormal.
    Some(value * 2_f64.powi(scale / 2) * 2_f64.powi(scale - scale / 2))
}

#[cfg(test)]
mod tests {
    use super::{NumberError, parse_float, parse_int, parse_uint};

    #[test]
    fn reads_integers_with_prefixes() {
        assert_eq!(parse_int("0x1F", 0, 64), Ok(31));
        assert_eq!(parse_int("-0b11", 0, 64), Ok(-3));
        assert_eq!(parse_int("017", 0, 64), Ok(15));
        assert_eq!(parse_int("1_000", 0, 64), Ok(1000));
        assert_eq!(parse_int("1_000", 10, 64), Err(NumberError::Syntax));
        assert_eq!(parse_int("08", 0, 64), Err(NumberError::Syntax));
        assert_eq!(parse_int("-9223372036854775808", 10, 64), Ok(i64::MIN));
        assert_eq!(
            parse_int("9223372036854775808", 10, 64),
            Err(NumberError::Range(i64::MAX))
        );
        assert_eq!(parse_int("300", 10, 8), Err(NumberError::Range(127)));
        assert_eq!(
            parse_uint("18446744073709551616", 10, 64),
            Err(NumberError::Range(u64::MAX))
        );
        assert_eq!(parse_uint("é", 10, 64), Err(NumberError::Syntax));
        assert_eq!(parse_int("", 10, 64), Err(NumberError::Syntax));
    }

    #[test]
    fn reads_floats_as_go_literals() {
        for (text, want) in [
            ("1e3", 1000.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("0x1p-2", 0.25),
            ("0x1.8p3", 12.0),
            ("1_0.5", 10.5),
            ("-Inf", f64::NEG_INFINITY),
            ("0x1p-1074", 5e-324),
        ] {
            assert_eq!(parse_float(text), Ok(want), "{text}");
        }
        for text in [
            "", ".", "e3", "0x1", "1__0", "_1", "1_", "infinite", "é", "+-1", "1e",
        ] {
            assert_eq!(parse_float(text), Err(NumberError::Syntax), "{text}");
        }
        assert_eq!(parse_float("1e400"), Err(NumberError::Range(f64::INFINITY)));
    }
}
