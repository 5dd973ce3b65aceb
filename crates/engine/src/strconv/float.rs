//! `strconv.FormatFloat`.
//!
//! The digits come from Rust's formatter, which like Go's is exact for a given precision and shortest without
//! one; only the layout (`1e+06`, when to use an exponent) is Go's own.

/// No float64 has more decimal digits than this; further ones are zeros (and Rust's formatter has a limit).
const MAX_DIGITS: usize = 1_100;

/// The decimal digits of a finite positive number: `0.d1d2d3… × 10^point`.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    /// The fewest digits that read back as the same number.
    fn shortest(value: f64, bits: u32) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float32 is carried as f64 without loss"
        )]
        let text = if bits == 32 {
            format!("{:e}", value as f32)
        } else {
            format!("{value:e}")
        };
        let mut decimal = Self::from_exponent_form(&text);
        decimal.round_tie_to_even(value, bits);
        decimal
    }

    /// Where two shortest forms are equally near, Go takes the even one and Rust the upper one.
    fn round_tie_to_even(&mut self, value: f64, bits: u32) {
        let count = self.digits.len();
        // Ties need nearly all the digits a float has.
        let may_tie = count >= if bits == 32 { 6 } else { 15 };
        let Some((last, head)) = self.digits.split_last() else {
            return;
        };
        if !may_tie || last % 2 == 0 {
            return;
        }
        let mut even = head.to_vec();
        even.push(last - 1);
        let exact = Self::significant(value, count + 40);
        let is_tie = exact.digits.strip_prefix(even.as_slice()) == Some(b"5");
        if is_tie {
            self.digits = even;
        }
    }

    /// `count` significant digits, correctly rounded.
    fn significant(value: f64, count: usize) -> Self {
        Self::from_exponent_form(&format!("{value:.*e}", count.saturating_sub(1).min(MAX_DIGITS)))
    }

    fn from_exponent_form(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        let point = exponent.parse::<i32>().unwrap_or(0) + 1;
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Self { digits, point: 0 };
        }
        Self { digits, point }
    }

    fn digit(&self, index: i64) -> char {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.digits.get(index))
            .map_or('0', |digit| char::from(*digit))
    }

    fn len(&self) -> i32 {
        i32::try_from(self.digits.len()).unwrap_or(i32::MAX)
    }
}

/// `strconv.FormatFloat(value, format, precision, bits)`; `None` is Go's precision -1, the shortest form.
#[must_use]
pub fn format_float(value: f64, format: char, precision: Option<usize>, bits: u32) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let negative = value.is_sign_negative();
    if value.is_infinite() {
        return if negative { "-Inf" } else { "+Inf" }.to_owned();
    }
    let magnitude = value.abs();
    let mut out = String::with_capacity(24);
    match format {
        'b' => binary_exponent(&mut out, value, bits),
        'x' | 'X' => hexadecimal(&mut out, value, format, precision, bits),
        'e' | 'E' => {
            if negative {
                out.push('-');
            }
            let (decimal, precision) = match precision {
                Some(precision) => (
                    Decimal::significant(magnitude, precision.saturating_add(1)),
                    as_i32(precision),
                ),
                None => {
                    let decimal = Decimal::shortest(magnitude, bits);
                    let precision = (decimal.len() - 1).max(0);
                    (decimal, precision)
                }
            };
            exponent_form(&mut out, &decimal, precision, format);
        }
        'f' | 'F' => {
            if negative {
                out.push('-');
            }
            match precision {
                Some(precision) => {
                    let exact = precision.min(MAX_DIGITS);
                    out.push_str(&format!("{magnitude:.exact$}"));
                    out.extend(std::iter::repeat_n('0', precision - exact));
                }
                None => {
                    let decimal = Decimal::shortest(magnitude, bits);
                    fixed_form(&mut out, &decimal, (decimal.len() - decimal.point).max(0));
                }
            }
        }
        _ => {
            if negative {
                out.push('-');
            }
            // Small whole numbers, which is what most numbers in charts are.
            if precision.is_none() && magnitude < 1e6 && magnitude.fract() == 0.0 {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole and below 1e6"
                )]
                let whole = magnitude as u32;
                out.push_str(&whole.to_string());
                return out;
            }
            general_form(&mut out, magnitude, format, precision, bits);
        }
    }
    out
}

fn as_i32(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn general_form(out: &mut String, magnitude: f64, format: char, precision: Option<usize>, bits: u32) {
    let (decimal, mut precision, exponent_precision) = match precision {
        Some(precision) => {
            let precision = precision.max(1);
            let decimal = Decimal::significant(magnitude, precision);
            let precision = as_i32(precision);
            let fits = precision > decimal.len() && decimal.len() >= decimal.point;
            let exponent_precision = if fits { decimal.len() } else { precision };
            (decimal, precision, exponent_precision)
        }
        None => {
            let decimal = Decimal::shortest(magnitude, bits);
            let precision = decimal.len();
            // The shortest form decides as if six digits had been asked for.
            (decimal, precision, 6)
        }
    };
    let exponent = decimal.point - 1;
    if exponent < -4 || exponent >= exponent_precision {
        precision = precision.min(decimal.len());
        exponent_form(
            out,
            &decimal,
            (precision - 1).max(0),
            if format == 'G' { 'E' } else { 'e' },
        );
        return;
    }
    if precision > decimal.point {
        precision = decimal.len();
    }
    fixed_form(out, &decimal, (precision - decimal.point).max(0));
}

fn exponent_form(out: &mut String, decimal: &Decimal, precision: i32, exponent_letter: char) {
    out.push(decimal.digit(0));
    if precision > 0 {
        out.push('.');
        for index in 1..=i64::from(precision) {
            out.push(decimal.digit(index));
        }
    }
    let exponent = if decimal.digits.is_empty() {
        0
    } else {
        decimal.point - 1
    };
    out.push(exponent_letter);
    out.push(if exponent < 0 { '-' } else { '+' });
    out.push_str(&format!("{:02}", exponent.unsigned_abs()));
}

fn fixed_form(out: &mut String, decimal: &Decimal, precision: i32) {
    if decimal.point > 0 {
        for index in 0..i64::from(decimal.point) {
            out.push(decimal.digit(index));
        }
    } else {
        out.push('0');
    }
    if precision > 0 {
        out.push('.');
        for index in 0..i64::from(precision) {
            out.push(decimal.digit(i64::from(decimal.point) + index));
        }
    }
}

/// Sign, mantissa with its implicit bit, unbiased exponent and mantissa width, as Go unpacks a float.
fn unpack(value: f64, bits: u32) -> (bool, u64, i32, u32) {
    if bits == 32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float32 is carried as f64 without loss"
        )]
        let raw = (value as f32).to_bits();
        let exponent = i32::try_from((raw >> 23) & 0xFF).unwrap_or(0);
        let fraction = u64::from(raw & 0x7F_FFFF);
        let (mantissa, exponent) = if exponent == 0 {
            (fraction, 1)
        } else {
            (fraction | 1 << 23, exponent)
        };
        return (value.is_sign_negative(), mantissa, exponent - 127, 23);
    }
    let raw = value.to_bits();
    let exponent = i32::try_from((raw >> 52) & 0x7FF).unwrap_or(0);
    let fraction = raw & ((1 << 52) - 1);
    let (mantissa, exponent) = if exponent == 0 {
        (fraction, 1)
    } else {
        (fraction | 1 << 52, exponent)
    };
    (value.is_sign_negative(), mantissa, exponent - 1023, 52)
}

fn binary_exponent(out: &mut String, value: f64, bits: u32) {
    let (negative, mantissa, exponent, width) = unpack(value, bits);
    let exponent = exponent - i32::try_from(width).unwrap_or(0);
    let sign = if negative { "-" } else { "" };
    out.push_str(&format!("{sign}{mantissa}p{exponent:+}"));
}

fn hexadecimal(out: &mut String, value: f64, format: char, precision: Option<usize>, bits: u32) {
    let (negative, mut mantissa, mut exponent, width) = unpack(value, bits);
    if mantissa == 0 {
        exponent = 0;
    }
    mantissa <<= 60 - width;
    while mantissa != 0 && mantissa & (1 << 60) == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = u32::try_from(precision * 4).unwrap_or(0);
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let upper = format == 'X';
    let digit = |nibble: u64| {
        let digit = u32::try_from(nibble & 15)
            .ok()
            .and_then(|nibble| char::from_digit(nibble, 16))
            .unwrap_or('0');
        if upper { digit.to_ascii_uppercase() } else { digit }
    };
    if negative {
        out.push('-');
    }
    out.push('0');
    out.push(format);
    out.push(digit((mantissa >> 60) & 1));
    mantissa <<= 4;
    match precision {
        None if mantissa != 0 => {
            out.push('.');
            while mantissa != 0 {
                out.push(digit(mantissa >> 60));
                mantissa <<= 4;
            }
        }
        Some(precision) if precision > 0 => {
            out.push('.');
            for _ in 0..precision {
                out.push(digit(mantissa >> 60));
                mantissa <<= 4;
            }
        }
        _ => {}
    }
    out.push(if upper { 'P' } else { 'p' });
    out.push(if exponent < 0 { '-' } else { '+' });
    out.push_str(&format!("{:02}", exponent.unsigned_abs()));
}

#[cfg(test)]
mod tests {
    use super::format_float;

    #[test]
    fn lays_numbers_out_as_go_does() {
        for (value, format, precision, want) in [
            (1_000_000.0, 'g', None, "1e+06"),
            (100_000.0, 'g', None, "100000"),
            (12_345_678.0, 'g', None, "1.2345678e+07"),
            (2.75, 'g', None, "2.75"),
            (0.0, 'g', None, "0"),
            (-0.0, 'g', None, "-0"),
            (1e-7, 'g', None, "1e-07"),
            (0.0001, 'g', None, "0.0001"),
            (123_456.0, 'g', Some(4), "1.235e+05"),
            (100.0, 'g', Some(6), "100"),
            (3.15, 'f', Some(1), "3.1"),
            (1e21, 'f', None, "1000000000000000000000"),
            (0.000_001, 'f', None, "0.000001"),
            (1.5, 'e', Some(3), "1.500e+00"),
            (0.0, 'e', None, "0e+00"),
            (1.0, 'x', None, "0x1p+00"),
            (1.0, 'b', None, "4503599627370496p-52"),
            (f64::INFINITY, 'g', None, "+Inf"),
        ] {
            assert_eq!(
                format_float(value, format, precision, 64),
                want,
                "{value} {format} {precision:?}"
            );
        }
        assert_eq!(format_float(f64::from(0.1_f32), 'g', None, 32), "0.1");
    }
}
