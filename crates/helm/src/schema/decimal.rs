//! Exact decimal numbers: what `math/big.Rat` does for the numeric keywords.

use std::cmp::Ordering;

/// Go's limit on exponents, as `big.Rat` counts them.
const MAX_EXPONENT: i64 = 1_000_000;
/// Digits of the divisors [`Decimal::is_multiple_of`] can take: ten times the remainder must fit 128 bits.
pub(crate) const MAX_DIVISOR_DIGITS: usize = 37;

/// `digits * 10^exponent`, with no zero at either end of the digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads a JSON number, or a number as Go prints it. `None` where `big.Rat` would refuse it.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (
                text.get(..at)?,
                std::str::from_utf8(text.get(at + 1..)?)
                    .ok()?
                    .parse::<i64>()
                    .ok()?,
            ),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
            Some(at) => (mantissa.get(..at)?, mantissa.get(at + 1..)?),
            None => (mantissa, &[][..]),
        };
        let mut digits: Vec<u8> = [whole, fraction].concat();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        if exponent.unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
            return None;
        }
        while digits.last() == Some(&b'0') {
            digits.pop();
            exponent += 1;
        }
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        if digits.is_empty() {
            return Some(Self {
                negative: false,
                digits,
                exponent: 0,
            });
        }
        Some(Self {
            negative,
            digits,
            exponent,
        })
    }

    /// Whether it has no fraction.
    pub(crate) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The nearest float; infinite when there is none.
    pub(crate) fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The lowest 64 bits of an integer, as Go's `int(n.Num().Int64())`.
    pub(crate) fn to_i64_wrapping(&self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        // Past 64 factors of ten, the lowest 64 bits are zero.
        let zeros = usize::try_from(self.exponent.min(64)).ok()?;
        let digits = self
            .digits
            .iter()
            .copied()
            .chain(std::iter::repeat_n(b'0', zeros));
        let magnitude = digits.fold(0_i64, |number, digit| {
            number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'))
        });
        Some(if self.negative {
            magnitude.wrapping_neg()
        } else {
            magnitude
        })
    }

    /// How many digits count.
    pub(crate) fn precision(&self) -> usize {
        self.digits.len()
    }

    /// Whether `self / divisor` is an integer. The divisor has at most [`MAX_DIVISOR_DIGITS`] digits.
    pub(crate) fn is_multiple_of(&self, divisor: &Self) -> bool {
        if self.digits.is_empty() {
            return true;
        }
        let Ok(shift) = usize::try_from(self.exponent - divisor.exponent) else {
            // The divisor has more factors of ten than there can be in digits without a zero at the end.
            return false;
        };
        let number = |digits: &[u8]| {
            digits
                .iter()
                .fold(0_u128, |n, digit| n * 10 + u128::from(digit - b'0'))
        };
        let modulus = number(
            divisor
                .digits
                .get(..MAX_DIVISOR_DIGITS)
                .unwrap_or(&divisor.digits),
        );
        if modulus == 0 {
            return false;
        }
        // More factors of two and five than the divisor can have change nothing.
        let zeros = shift.min(4 * MAX_DIVISOR_DIGITS);
        let digits = self
            .digits
            .iter()
            .copied()
            .chain(std::iter::repeat_n(b'0', zeros));
        digits.fold(0_u128, |rest, digit| {
            (rest * 10 + u128::from(digit - b'0')) % modulus
        }) == 0
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        let size = |number: &Self| number.digits.len() as i64 + number.exponent;
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => size(self)
                .cmp(&size(other))
                .then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        write!(f, "{}e{}", String::from_utf8_lossy(&self.digits), self.exponent)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn compares_by_value() {
        assert_eq!(decimal("1.0"), decimal("1"));
        assert_eq!(decimal("1e3"), decimal("1000.00"));
        assert_eq!(decimal("-0"), decimal("0e5"));
        let ordered = [
            "-1e400", "-10", "-9.5", "-1e-9", "0", "1e-400", "0.1", "0.11", "1", "9", "10", "1e400",
        ];
        for pair in ordered.windows(2) {
            assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn refuses_what_go_refuses() {
        for text in [
            "",
            "-",
            "1e1000001",
            "1e-1000001",
            "x",
            "1e",
            "1e99999999999999999999",
            ".",
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()), None, "{text}");
        }
        assert!(Decimal::parse(b"1e1000000").is_some());
    }

    #[test]
    fn multiples() {
        for (number, divisor, is) in [
            ("0.35", "0.1", false),
            ("0.3", "0.1", true),
            ("6", "3", true),
            ("7", "3", false),
            ("1e308", "7", false),
            ("1e308", "1e300", true),
            ("1e300", "1e308", false),
            ("0", "7", true),
            ("-9", "4.5", true),
            ("1e308", "0.123456789", false),
            ("1e20", "32", true),
            ("5", "1e-1000000", true),
        ] {
            assert_eq!(
                decimal(number).is_multiple_of(&decimal(divisor)),
                is,
                "{number} / {divisor}"
            );
        }
    }

    #[test]
    fn integers_wrap_as_in_go() {
        assert_eq!(decimal("18446744073709551617").to_i64_wrapping(), Some(1));
        assert_eq!(decimal("2.0").to_i64_wrapping(), Some(2));
        assert_eq!(decimal("1e30").to_i64_wrapping(), Some(5_076_944_270_305_263_616));
        assert_eq!(decimal("1e100").to_i64_wrapping(), Some(0));
        assert_eq!(decimal("1.5").to_i64_wrapping(), None);
    }

    #[test]
    fn floats_are_the_nearest() {
        assert_eq!(decimal("1e400").to_f64(), f64::INFINITY);
        assert_eq!(decimal("-0.1").to_f64(), -0.1);
        assert_eq!(decimal("1e-400").to_f64(), 0.0);
    }
}
