//! Format strings: `%[index]flags width.precision verb`.

use super::format::Flags;
use super::printer::Printer;
use crate::value::{Value, decode_rune};

/// Widths and precisions beyond this are nonsense to Go.
const MAX_NUMBER: i64 = 1_000_000;

/// State of one walk over a format.
struct Walk<'f> {
    format: &'f [u8],
    position: usize,
    /// The operand the next verb prints.
    arg: usize,
    n_args: usize,
    reordered: bool,
    good_index: bool,
}

impl Walk<'_> {
    fn byte(&self) -> Option<u8> {
        self.format.get(self.position).copied()
    }

    /// A decimal number, if one is here.
    fn number(&mut self) -> Option<i64> {
        let (number, next) = parse_number(self.format, self.position, self.format.len());
        self.position = next;
        number
    }

    /// An explicit operand index `[n]`; returns whether one was found.
    fn index(&mut self) -> bool {
        if self.byte() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = self.format.get(self.position..).unwrap_or_default();
        let closing = if rest.len() < 3 {
            None
        } else {
            rest.iter().position(|byte| *byte == b']')
        };
        let Some(closing) = closing else {
            self.position += 1;
            self.good_index = false;
            return false;
        };
        let (number, next) = parse_number(rest, 1, closing);
        self.position += closing + 1;
        let index = number
            .filter(|_| next == closing)
            .and_then(|number| usize::try_from(number - 1).ok());
        let well_formed = number.is_some() && next == closing;
        match index.filter(|index| *index < self.n_args) {
            Some(index) => {
                self.arg = index;
                true
            }
            None => {
                self.good_index = false;
                well_formed
            }
        }
    }

    /// A width or precision given as an operand.
    fn star(&mut self, values: &[Value]) -> Option<i64> {
        let value = values.get(self.arg)?;
        self.arg += 1;
        let number = match value {
            Value::Int(_, n) => Some(*n),
            Value::Uint(_, n) => i64::try_from(*n).ok(),
            _ => None,
        };
        number.filter(|number| (-MAX_NUMBER..=MAX_NUMBER).contains(number))
    }
}

/// Digits from `start`; a crazily long number swallows everything up to `end` and is none.
fn parse_number(text: &[u8], start: usize, end: usize) -> (Option<i64>, usize) {
    let mut number: i64 = 0;
    let mut position = start;
    let mut found = false;
    while position < end {
        let Some(digit) = text.get(position).filter(|byte| byte.is_ascii_digit()) else {
            break;
        };
        if number > MAX_NUMBER {
            return (None, end);
        }
        number = number * 10 + i64::from(digit - b'0');
        found = true;
        position += 1;
    }
    (found.then_some(number), position)
}

/// Prints `values` as `format` says.
pub(super) fn run(printer: &mut Printer<'_>, format: &[u8], values: &[Value]) {
    let mut walk = Walk {
        format,
        position: 0,
        arg: 0,
        n_args: values.len(),
        reordered: false,
        good_index: true,
    };
    // Whether an index like `[3]` directly precedes.
    let mut after_index = false;
    while walk.position < format.len() {
        walk.good_index = true;
        let rest = format.get(walk.position..).unwrap_or_default();
        let literal = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
        printer.write(rest.get(..literal).unwrap_or_default());
        walk.position += literal;
        if walk.position >= format.len() {
            break;
        }
        walk.position += 1;
        printer.flags = Flags::default();
        let mut done = false;
        while let Some(byte) = walk.byte() {
            match byte {
                b'#' => printer.flags.sharp = true,
                b'0' => printer.flags.zero = true,
                b'+' => printer.flags.plus = true,
                b'-' => printer.flags.minus = true,
                b' ' => printer.flags.space = true,
                b'a'..=b'z' if walk.arg < values.len() => {
                    print_operand(printer, values.get(walk.arg), char::from(byte));
                    walk.arg += 1;
                    walk.position += 1;
                    done = true;
                    break;
                }
                _ => break,
            }
            walk.position += 1;
        }
        if done {
            continue;
        }
        after_index = walk.index() || after_index && walk.byte() == Some(b'[');
        if walk.byte() == Some(b'*') {
            walk.position += 1;
            star_width(printer, walk.star(values));
            after_index = false;
        } else {
            let width = walk.number();
            printer.flags.width = width.and_then(|width| usize::try_from(width).ok());
            if after_index && width.is_some() {
                walk.good_index = false; // "%[3]2d"
            }
        }
        if walk.byte() == Some(b'.') && walk.position + 1 < format.len() {
            walk.position += 1;
            if after_index {
                walk.good_index = false; // "%[3].2d"
            }
            after_index = walk.index();
            if walk.byte() == Some(b'*') {
                walk.position += 1;
                let precision = walk.star(values);
                printer.flags.precision = precision.and_then(|precision| usize::try_from(precision).ok());
                if printer.flags.precision.is_none() {
                    printer.write(b"%!(BADPREC)");
                }
                after_index = false;
            } else {
                let precision = walk.number().unwrap_or(0);
                printer.flags.precision = usize::try_from(precision).ok();
            }
        }
        if !after_index {
            after_index = walk.index();
        }
        let Some((verb, width)) = decode_rune(format.get(walk.position..).unwrap_or_default()) else {
            printer.write(b"%!(NOVERB)");
            break;
        };
        walk.position += width;
        if verb == '%' {
            printer.write(b"%");
        } else if !walk.good_index {
            complain(printer, verb, b"(BADINDEX)");
        } else if walk.arg >= values.len() {
            complain(printer, verb, b"(MISSING)");
        } else {
            print_operand(printer, values.get(walk.arg), verb);
            walk.arg += 1;
        }
    }
    if !walk.reordered && walk.arg < values.len() {
        print_extra(printer, values.get(walk.arg..).unwrap_or_default());
    }
}

fn star_width(printer: &mut Printer<'_>, width: Option<i64>) {
    match width {
        None => printer.write(b"%!(BADWIDTH)"),
        Some(width) => {
            printer.flags.width = usize::try_from(width.unsigned_abs()).ok();
            if width < 0 {
                printer.flags.minus = true;
                printer.flags.zero = false;
            }
        }
    }
}

fn print_operand(printer: &mut Printer<'_>, value: Option<&Value>, verb: char) {
    if verb == 'v' || verb == 'w' {
        let flags = &mut printer.flags;
        flags.sharp_v = std::mem::take(&mut flags.sharp);
        flags.plus_v = std::mem::take(&mut flags.plus);
    }
    printer.print_arg(value.unwrap_or(&Value::Nil), verb);
}

fn complain(printer: &mut Printer<'_>, verb: char, what: &[u8]) {
    printer.write(b"%!");
    printer.write(verb.encode_utf8(&mut [0; 4]).as_bytes());
    printer.write(what);
}

fn print_extra(printer: &mut Printer<'_>, values: &[Value]) {
    printer.flags = Flags::default();
    printer.write(b"%!(EXTRA ");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.write(b", ");
        }
        if let Value::Nil = value {
            printer.write(b"<nil>");
        } else {
            printer.write(value.type_name().as_bytes());
            printer.write(b"=");
            printer.print_arg(value, 'v');
        }
    }
    printer.write(b")");
}
