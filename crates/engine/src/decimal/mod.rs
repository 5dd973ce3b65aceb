//! Decimal numbers of any size, as far as sprig's `addf`, `subf`, `mulf` and `divf` need them (shopspring/decimal).
//!
//! Exact addition, subtraction and multiplication; division to [`DIVISION_DIGITS`] decimals. `natural.rs` has the digits.

mod natural;

use natural::Natural;

use crate::strconv::format_float;

/// Decimals of a quotient.
const DIVISION_DIGITS: i32 = 16;

/// `(-1)^negative * magnitude * 10^exponent`.
#[derive(Debug, Clone)]
pub struct Decimal {
    negative: bool,
    magnitude: Natural,
    exponent: i32,
}

/// What Go panics with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Infinity or not a number.
    #[error("Cannot create a Decimal from {text}")]
    NotFinite {
        /// The number as Go prints it.
        text: &'static str,
    },
    /// Division by zero.
    #[error("decimal division by 0")]
    DivisionByZero,
}

impl Decimal {
    /// The shortest decimal that reads back as `value`.
    pub fn from_f64(value: f64) -> Result<Self, DecimalError> {
        if value.is_nan() {
            return Err(DecimalError::NotFinite { text: "NaN" });
        }
        if value.is_infinite() {
            return Err(DecimalError::NotFinite {
                text: if value > 0.0 { "+Inf" } else { "-Inf" },
            });
        }
        // Not Rust's formatting, which breaks a tie between two shortest decimals differently.
        let text = format_float(value.abs(), 'e', None, 64);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().unwrap_or(0);
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let exponent = exponent - i32::try_from(fraction.len()).unwrap_or(0);
        Ok(Self {
            negative: value < 0.0,
            magnitude: Natural::from_u64(digits),
            exponent,
        })
    }

    /// The nearest floating point number; infinite if there is none.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        if self.magnitude.is_zero() {
            return 0.0;
        }
        let magnitude: f64 = format!("{}e{}", self.magnitude, self.exponent)
            .parse()
            .unwrap_or(0.0);
        if self.negative { -magnitude } else { magnitude }
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let (left, right) = (self.digits_at(exponent), other.digits_at(exponent));
        let (negative, magnitude) = if self.negative == other.negative {
            (self.negative, left.add(&right))
        } else if left >= right {
            (self.negative, left.sub(&right))
        } else {
            (other.negative, right.sub(&left))
        };
        Self {
            negative,
            magnitude,
            exponent,
        }
    }

    /// The difference.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.add(&Self {
            negative: !other.negative,
            ..other.clone()
        })
    }

    /// The product.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        Self {
            negative: self.negative != other.negative,
            magnitude: self.magnitude.mul(&other.magnitude),
            exponent: self.exponent.saturating_add(other.exponent),
        }
    }

    /// The quotient, rounded to [`DIVISION_DIGITS`] decimals, halves away from zero.
    pub fn div(&self, other: &Self) -> Result<Self, DecimalError> {
        if other.magnitude.is_zero() {
            return Err(DecimalError::DivisionByZero);
        }
        let shift = self
            .exponent
            .saturating_sub(other.exponent)
            .saturating_add(DIVISION_DIGITS);
        let (dividend, divisor) = if shift >= 0 {
            (
                self.magnitude.shifted(shift.unsigned_abs()),
                other.magnitude.clone(),
            )
        } else {
            (
                self.magnitude.clone(),
                other.magnitude.shifted(shift.unsigned_abs()),
            )
        };
        let (mut quotient, rest) = dividend.div_rem(&divisor);
        if rest.add(&rest) >= divisor {
            quotient = quotient.add(&Natural::from_u64(1));
        }
        Ok(Self {
            negative: self.negative != other.negative,
            magnitude: quotient,
            exponent: -DIVISION_DIGITS,
        })
    }

    /// The digits of this number as a multiple of `10^exponent`, which is not above its own.
    fn digits_at(&self, exponent: i32) -> Natural {
        self.magnitude.shifted(self.exponent.abs_diff(exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(value: f64) -> Decimal {
        Decimal::from_f64(value).expect("a finite number")
    }

    #[test]
    fn sums_and_products_are_decimal() {
        assert_eq!(decimal(0.1).add(&decimal(0.2)).to_f64(), 0.3);
        assert_eq!(decimal(1.5).sub(&decimal(2.0)).to_f64(), -0.5);
        assert_eq!(decimal(1.1).mul(&decimal(1.1)).to_f64(), 1.21);
        assert_eq!(decimal(1e300).add(&decimal(1e-300)).to_f64(), 1e300);
        assert_eq!(decimal(1e300).mul(&decimal(1e300)).to_f64(), f64::INFINITY);
        assert_eq!(decimal(-0.0).to_f64().to_bits(), 0);
        assert_eq!(decimal(-1.5).add(&decimal(1.5)).to_f64().to_bits(), 0);
    }

    #[test]
    fn quotients_have_sixteen_decimals() {
        let div = |left, right| {
            decimal(left)
                .div(&decimal(right))
                .map(|quotient| quotient.to_f64())
        };
        assert_eq!(div(1.0, 3.0), Ok(0.333_333_333_333_333_3));
        assert_eq!(div(2.0, 3.0), Ok(0.666_666_666_666_666_7));
        assert_eq!(div(-10.0, 4.0), Ok(-2.5));
        assert_eq!(div(1.0, 1e17), Ok(0.0));
        assert_eq!(div(1.0, 2e16), Ok(1e-16));
        assert_eq!(div(1e21, 7.0), Ok(1e21 / 7.0));
        assert_eq!(div(1.0, 0.0), Err(DecimalError::DivisionByZero));
        assert_eq!(
            Decimal::from_f64(f64::NAN).expect_err("NaN").to_string(),
            "Cannot create a Decimal from NaN"
        );
    }
}
