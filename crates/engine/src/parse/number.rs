//! Numeric constants: Go's ideal numbers, held in every form they fit.

use crate::strconv::{parse_float, parse_int, parse_uint, quote, unquote_char};

use super::token::TokenKind;

/// A constant with the values it has as each kind of number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Number {
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
    /// What it is where nothing says which type it should have: its spelling does.
    pub(crate) ideal: Ideal,
}

/// The type a constant's spelling gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ideal {
    #[default]
    Int,
    Float,
    Complex,
}

impl Number {
    /// Reads the text of a number, character or complex token; the error is Go's.
    pub(crate) fn parse(text: &str, kind: TokenKind) -> Result<Self, String> {
        let mut number = match kind {
            TokenKind::CharConstant => Self::character(text),
            TokenKind::Complex => Self::complex(text),
            _ => Self::simple(text),
        }?;
        let hex_int = (text.starts_with("0x") || text.starts_with("0X")) && !text.contains(['p', 'P']);
        let rune = text.starts_with('\'');
        if number.complex.is_some() {
            number.ideal = Ideal::Complex;
        } else if number.float.is_some() && !hex_int && !rune && text.contains(['.', 'e', 'E', 'p', 'P']) {
            number.ideal = Ideal::Float;
        }
        Ok(number)
    }

    fn character(text: &str) -> Result<Self, String> {
        let body = text.as_bytes().get(1..).unwrap_or_default();
        let (code, width, _) = unquote_char(body, b'\'').ok_or("invalid syntax")?;
        if body.get(width..) != Some(b"'") {
            return Err(format!("malformed character constant: {text}"));
        }
        Ok(Self {
            int: Some(i64::from(code)),
            uint: Some(u64::from(code)),
            float: Some(f64::from(code)),
            ..Self::default()
        })
    }

    fn complex(text: &str) -> Result<Self, String> {
        let body = text.strip_suffix('i').unwrap_or(text);
        // The sign that starts the imaginary part: the last one that is not an exponent's.
        let split = body
            .char_indices()
            .skip(1)
            .filter(|(index, c)| matches!(c, '+' | '-') && !body.get(..*index).is_some_and(is_exponent))
            .map(|(index, _)| index)
            .last()
            .ok_or("syntax error scanning complex number")?;
        let (real, imaginary) = body.split_at(split);
        let parse =
            |part: &str| parse_float(part).map_err(|_| "syntax error scanning complex number".to_owned());
        Ok(Self::from_complex(parse(real)?, parse(imaginary)?))
    }

    fn from_complex(real: f64, imaginary: f64) -> Self {
        let mut number = Self {
            complex: Some((real, imaginary)),
            ..Self::default()
        };
        if imaginary == 0.0 {
            number.float = Some(real);
            number.int = exact_int(real);
            number.uint = exact_uint(real);
        }
        number
    }

    fn simple(text: &str) -> Result<Self, String> {
        if let Some(imaginary) = text.strip_suffix('i').and_then(|text| parse_float(text).ok()) {
            return Ok(Self::from_complex(0.0, imaginary));
        }
        let mut number = Self {
            uint: parse_uint(text, 0, 64).ok(),
            int: parse_int(text, 0, 64).ok(),
            ..Self::default()
        };
        if number.int == Some(0) {
            number.uint = Some(0); // `-0` is no unsigned literal, but it is zero.
        }
        #[expect(clippy::cast_precision_loss, reason = "Go's float64(n) rounds the same way")]
        let float = match (number.int, number.uint) {
            (Some(n), _) => Some(n as f64),
            (None, Some(n)) => Some(n as f64),
            (None, None) => None,
        };
        number.float = float;
        if float.is_none()
            && let Ok(value) = parse_float(text)
        {
            // A float that looks like an integer is one too large for any integer type.
            if !text.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("integer overflow: {}", quote(text.as_bytes())));
            }
            number.float = Some(value);
            number.int = exact_int(value);
            number.uint = exact_uint(value);
        }
        if number.int.is_none() && number.uint.is_none() && number.float.is_none() {
            return Err(format!("illegal number syntax: {}", quote(text.as_bytes())));
        }
        Ok(number)
    }
}

/// Whether a following sign belongs to the exponent of the number `head` ends with.
fn is_exponent(head: &str) -> bool {
    let unsigned = head.trim_start_matches(['+', '-']);
    let hex = unsigned.starts_with("0x") || unsigned.starts_with("0X");
    if hex {
        head.ends_with(['p', 'P'])
    } else {
        head.ends_with(['e', 'E'])
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "Go's float64(int64(f)) == f"
)]
fn exact_int(value: f64) -> Option<i64> {
    let int = value as i64;
    // 2^63 saturates and would compare equal.
    (int as f64 == value && int != i64::MAX).then_some(int)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "Go's float64(uint64(f)) == f"
)]
fn exact_uint(value: f64) -> Option<u64> {
    let uint = value as u64;
    (uint as f64 == value && uint != u64::MAX).then_some(uint)
}
