//! Numbers: sprig's `add`, `max`, `round`, `until` and relatives.
//!
//! The plain functions compute with Go's int64, which wraps around; those ending in `f` with decimals.

use super::argtypes::{Int, RetType, Variadic};
use super::cast::{to_float64, to_int64};
use super::{Builtin, func};
use crate::context::Context;
use crate::decimal::{Decimal, DecimalError};
use crate::error::FnError;
use crate::fmt::sprint_value;
use crate::strconv::{NumberError, parse_int};
use crate::value::{GoStr, List, Type, Value};

pub(crate) const FUNCS: &[Builtin] = &[
    // Conversion
    func!("atoi", atoi),
    func!("int", int),
    func!("int64", int64),
    func!("float64", float64),
    func!("toDecimal", to_decimal),
    // Integers
    func!("add", add),
    func!("add1", add1),
    func!("sub", sub),
    func!("mul", mul),
    func!("div", div),
    func!("mod", modulo),
    func!("max", max),
    func!("biggest", max),
    func!("min", min),
    // Decimals
    func!("addf", addf),
    func!("add1f", add1f),
    func!("subf", subf),
    func!("mulf", mulf),
    func!("divf", divf),
    func!("maxf", maxf),
    func!("minf", minf),
    func!("ceil", ceil),
    func!("floor", floor),
    func!("round", round),
    // Sequences
    func!("until", until),
    func!("untilStep", until_step),
    func!("seq", seq),
];

/// A `[]int` result.
struct Ints(Vec<i64>);

impl RetType for Ints {
    const TYPE: Type = Type::INTS;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::List(List::typed(
            Type::INTS,
            self.0.into_iter().map(Value::int).collect(),
        )))
    }
}

/// A decimal number in a text; 0 if it is none, the nearest if it is too large.
fn atoi(text: GoStr) -> Int {
    Int(match text.as_str().map(|text| parse_int(text, 10, 64)) {
        Some(Ok(n) | Err(NumberError::Range(n))) => n,
        _ => 0,
    })
}

/// Any value as `int`.
fn int(value: Value) -> Int {
    Int(to_int64(&value))
}

/// Any value as `int64`.
fn int64(value: Value) -> i64 {
    to_int64(&value)
}

/// Any value as `float64`.
fn float64(value: Value) -> f64 {
    to_float64(&value)
}

/// An octal number, such as a file mode, as an integer.
fn to_decimal(value: Value) -> i64 {
    sprint_value(&value)
        .as_str()
        .and_then(|text| parse_int(text, 8, 64).ok())
        .unwrap_or(0)
}

/// The sum.
fn add(numbers: Variadic<Value>) -> i64 {
    numbers.0.iter().map(to_int64).fold(0, i64::wrapping_add)
}

/// One more.
fn add1(number: Value) -> i64 {
    to_int64(&number).wrapping_add(1)
}

/// The difference.
fn sub(left: Value, right: Value) -> i64 {
    to_int64(&left).wrapping_sub(to_int64(&right))
}

/// The product.
fn mul(first: Value, others: Variadic<Value>) -> i64 {
    others
        .0
        .iter()
        .map(to_int64)
        .fold(to_int64(&first), i64::wrapping_mul)
}

const DIVISION_BY_ZERO: &str = "runtime error: integer divide by zero";

/// The quotient without its fraction.
fn div(left: Value, right: Value) -> Result<i64, FnError> {
    match to_int64(&right) {
        0 => Err(DIVISION_BY_ZERO.into()),
        right => Ok(to_int64(&left).wrapping_div(right)),
    }
}

/// The remainder.
fn modulo(left: Value, right: Value) -> Result<i64, FnError> {
    match to_int64(&right) {
        0 => Err(DIVISION_BY_ZERO.into()),
        right => Ok(to_int64(&left).wrapping_rem(right)),
    }
}

/// The largest.
fn max(first: Value, others: Variadic<Value>) -> i64 {
    others.0.iter().map(to_int64).fold(to_int64(&first), i64::max)
}

/// The smallest.
fn min(first: Value, others: Variadic<Value>) -> i64 {
    others.0.iter().map(to_int64).fold(to_int64(&first), i64::min)
}

/// Applies `operation` from left to right, exactly, and rounds once at the end.
fn decimals(
    context: &mut Context<'_>,
    first: f64,
    others: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, DecimalError>,
) -> Result<f64, FnError> {
    let panic = |error: DecimalError| FnError::new(error.to_string());
    let mut result = Decimal::from_f64(first).map_err(panic)?;
    for (index, other) in others.iter().enumerate() {
        // The digits of a product grow with each factor.
        context.budget().steps(1 + index as u64)?;
        let other = Decimal::from_f64(to_float64(other)).map_err(panic)?;
        result = operation(&result, &other).map_err(panic)?;
    }
    Ok(result.to_f64())
}

/// The sum.
fn addf(context: &mut Context<'_>, numbers: Variadic<Value>) -> Result<f64, FnError> {
    decimals(context, 0.0, &numbers.0, |left, right| Ok(left.add(right)))
}

/// One more.
fn add1f(context: &mut Context<'_>, number: Value) -> Result<f64, FnError> {
    decimals(context, to_float64(&number), &[Value::int(1)], |left, right| {
        Ok(left.add(right))
    })
}

/// The first without all others.
fn subf(context: &mut Context<'_>, first: Value, others: Variadic<Value>) -> Result<f64, FnError> {
    decimals(context, to_float64(&first), &others.0, |left, right| {
        Ok(left.sub(right))
    })
}

/// The product.
fn mulf(context: &mut Context<'_>, first: Value, others: Variadic<Value>) -> Result<f64, FnError> {
    decimals(context, to_float64(&first), &others.0, |left, right| {
        Ok(left.mul(right))
    })
}

/// The first divided by all others.
fn divf(context: &mut Context<'_>, first: Value, others: Variadic<Value>) -> Result<f64, FnError> {
    decimals(context, to_float64(&first), &others.0, Decimal::div)
}

/// The largest.
fn maxf(first: Value, others: Variadic<Value>) -> f64 {
    others
        .0
        .iter()
        .map(to_float64)
        .fold(to_float64(&first), |left, right| {
            if left == f64::INFINITY || right == f64::INFINITY {
                f64::INFINITY
            } else if left.is_nan() || right.is_nan() {
                f64::NAN
            } else if left == 0.0 && right == 0.0 {
                if left.is_sign_negative() { right } else { left }
            } else {
                left.max(right)
            }
        })
}

/// The smallest.
fn minf(first: Value, others: Variadic<Value>) -> f64 {
    others
        .0
        .iter()
        .map(to_float64)
        .fold(to_float64(&first), |left, right| {
            if left == f64::NEG_INFINITY || right == f64::NEG_INFINITY {
                f64::NEG_INFINITY
            } else if left.is_nan() || right.is_nan() {
                f64::NAN
            } else if left == 0.0 && right == 0.0 {
                if left.is_sign_negative() { left } else { right }
            } else {
                left.min(right)
            }
        })
}

/// The next whole number up.
fn ceil(number: Value) -> f64 {
    to_float64(&number).ceil()
}

/// The next whole number down.
fn floor(number: Value) -> f64 {
    to_float64(&number).floor()
}

/// To `places` decimals; fractions of at least `round_on` (a half, if not given) go up.
fn round(number: Value, places: Int, round_on: Variadic<f64>) -> f64 {
    let round_on = round_on.0.first().copied().unwrap_or(0.5);
    let power = power_of_ten(places.0);
    let shifted = power * to_float64(&number);
    let rounded = if shifted % 1.0 >= round_on {
        shifted.ceil()
    } else {
        shifted.floor()
    };
    rounded / power
}

/// Go's `math.Pow(10, exponent)`, which squares and multiplies: the last bit may differ from the C library's.
fn power_of_ten(exponent: i64) -> f64 {
    let magnitude = exponent.unsigned_abs();
    // 10 = 0.625 * 2^4
    let (mut result, mut result_exponent) = (1.0, 0i64);
    let (mut factor, mut factor_exponent) = (0.625, 4i64);
    let mut rest = magnitude;
    while rest != 0 {
        if factor_exponent > 1 << 12 {
            // Overflow, or underflow for a negative exponent.
            result_exponent += factor_exponent;
            break;
        }
        if rest & 1 == 1 {
            result *= factor;
            result_exponent += factor_exponent;
        }
        factor *= factor;
        factor_exponent <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_exponent -= 1;
        }
        rest >>= 1;
    }
    if exponent < 0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    scale_by_power_of_two(result, result_exponent)
}

/// `math.Ldexp`
fn scale_by_power_of_two(mut value: f64, mut exponent: i64) -> f64 {
    while exponent > 1000 {
        value *= 2f64.powi(1000);
        exponent -= 1000;
        if value.is_infinite() {
            return value;
        }
    }
    while exponent < -1000 {
        value *= 2f64.powi(-1000);
        exponent += 1000;
        if value == 0.0 {
            return value;
        }
    }
    value * 2f64.powi(i32::try_from(exponent).unwrap_or(0))
}

/// The numbers from 0 towards `count`, without it.
fn until(context: &mut Context<'_>, count: Int) -> Result<Ints, FnError> {
    count_up_to(context, 0, count.0, if count.0 < 0 { -1 } else { 1 }).map(Ints)
}

/// The numbers from `start` towards `stop`, without it, by `step`.
fn until_step(context: &mut Context<'_>, start: Int, stop: Int, step: Int) -> Result<Ints, FnError> {
    count_up_to(context, start.0, stop.0, step.0).map(Ints)
}

fn count_up_to(context: &mut Context<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, FnError> {
    let down = stop < start;
    if (down && step >= 0) || (!down && step <= 0) {
        return Ok(Vec::new());
    }
    let n_numbers = stop.abs_diff(start).div_ceil(step.unsigned_abs());
    context
        .budget()
        .list(usize::try_from(n_numbers).unwrap_or(usize::MAX))?;
    // The last number lies before `stop`, so only the one that is not used any more can wrap around.
    Ok(
        std::iter::successors(Some(start), |number| Some(number.wrapping_add(step)))
            .take(usize::try_from(n_numbers).unwrap_or(0))
            .collect(),
    )
}

/// Numbers from a start to an end (both included) with an optional step between them, as text.
fn seq(context: &mut Context<'_>, params: Variadic<Int>) -> Result<String, FnError> {
    let numbers: Vec<i64> = params.0.iter().map(|number| number.0).collect();
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, step, end) = match *numbers.as_slice() {
        [end] => (1, direction(1, end), end),
        [start, end] => (start, direction(start, end), end),
        [start, step, end] if end < start && step > 0 => return Ok(String::new()),
        [start, step, end] => (start, step, end),
        _ => return Ok(String::new()),
    };
    let numbers = count_up_to(context, start, end.wrapping_add(direction(start, end)), step)?;
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    context
        .budget()
        .string(texts.iter().map(|text| text.len() + 1).sum())?;
    Ok(texts.join(" "))
}
