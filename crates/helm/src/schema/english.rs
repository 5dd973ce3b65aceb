//! Numbers as `golang.org/x/text/message` prints them in English: grouped digits, powers of ten written out
//! (between narrow no-break spaces).
//!
//! The schema library prints its messages through that package, so `maxLength: got 12,345, want 1,234`.

use engine::strconv;

/// `%d`.
pub(crate) fn integer(number: i64) -> String {
    let digits = group(&number.unsigned_abs().to_string());
    if number < 0 { format!("-{digits}") } else { digits }
}

/// `%v` of a float64.
pub(crate) fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number < 0.0 { "-∞" } else { "∞" }.to_owned();
    }
    let text = strconv::format_float(number.abs(), 'e', None, 64);
    let sign = if number < 0.0 { "-" } else { "" };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..6).contains(&exponent) {
        return format!("{sign}{mantissa}\u{202f}×\u{202f}10{}", superscript(exponent));
    }
    let plain = strconv::format_float(number.abs(), 'f', None, 64);
    match plain.split_once('.') {
        Some((whole, fraction)) => format!("{sign}{}.{fraction}", group(whole)),
        None => format!("{sign}{}", group(&plain)),
    }
}

fn group(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// At least two digits, raised.
fn superscript(exponent: i32) -> String {
    let raised = |digit: char| match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    };
    let sign = if exponent < 0 { "⁻" } else { "" };
    sign.chars()
        .chain(format!("{:02}", exponent.unsigned_abs()).chars().map(raised))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_the_go_package_prints_them() {
        for (number, text) in [
            (0.0, "0"),
            (1000.0, "1,000"),
            (12345.678, "12,345.678"),
            (1e5, "100,000"),
            (1e6, "1\u{202f}×\u{202f}10⁰⁶"),
            (-1_234_567.0, "-1.234567\u{202f}×\u{202f}10⁰⁶"),
            (999_999.999_999_9, "999,999.9999999"),
            (0.0001, "0.0001"),
            (0.00001, "1\u{202f}×\u{202f}10⁻⁰⁵"),
            (1e308, "1\u{202f}×\u{202f}10³⁰⁸"),
            (f64::INFINITY, "∞"),
            (-1_998.000_000_001, "-1,998.000000001"),
        ] {
            assert_eq!(float(number), text);
        }
        assert_eq!(integer(12_345), "12,345");
        assert_eq!(integer(-999), "-999");
    }
}
