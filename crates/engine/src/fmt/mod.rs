//! Go's fmt: verbs, flags and default formats for every kind.
//!
//! Printing is bounded in depth and size: a map may contain itself, and a list that holds another one twice, and
//! so on, prints exponentially. Go would not survive either.

mod format;
mod printer;
mod printf;

use crate::limits::Exceeded;
use crate::value::{GoStr, Kind, Value};
use printer::Printer;

/// Bytes a text for an error message or a helper may have; what is longer is cut.
const MAX_SPRINT_BYTES: usize = 64 << 20;

/// Appends what `fmt.Print` prints for one value, `%v`; at most `limit` bytes.
pub fn append_value(out: &mut Vec<u8>, value: &Value, limit: usize) -> Result<(), Exceeded> {
    let mut printer = Printer::new(out, limit);
    printer.print_arg(value, 'v');
    printer.finish()
}

/// `fmt.Sprint` of one value, which is its `%v`.
#[must_use]
pub fn sprint_value(value: &Value) -> GoStr {
    if let Value::String(text) = value {
        return text.clone();
    }
    let mut out = Vec::new();
    // A longer text is cut; whoever prints it into a template is stopped by the budget.
    let _ = append_value(&mut out, value, MAX_SPRINT_BYTES);
    out.into()
}

/// `fmt.Sprint`: spaces between operands when neither is a string.
pub fn sprint(values: &[Value], limit: usize) -> Result<GoStr, Exceeded> {
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out, limit);
    let mut previous_is_string = true;
    for value in values {
        let is_string = value.kind() == Kind::String;
        if !is_string && !previous_is_string {
            printer.write(b" ");
        }
        printer.print_arg(value, 'v');
        previous_is_string = is_string;
    }
    // The first operand never has a space before it.
    printer.finish()?;
    Ok(out.into())
}

/// `fmt.Sprintln`.
pub fn sprintln(values: &[Value], limit: usize) -> Result<GoStr, Exceeded> {
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out, limit);
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            printer.write(b" ");
        }
        printer.print_arg(value, 'v');
    }
    printer.write(b"\n");
    printer.finish()?;
    Ok(out.into())
}

/// `fmt.Sprintf`.
pub fn sprintf(format: &GoStr, values: &[Value], limit: usize) -> Result<GoStr, Exceeded> {
    let mut out = Vec::with_capacity(format.len() + 16 * values.len());
    let mut printer = Printer::new(&mut out, limit);
    printf::run(&mut printer, format.as_bytes(), values);
    printer.finish()?;
    Ok(out.into())
}
