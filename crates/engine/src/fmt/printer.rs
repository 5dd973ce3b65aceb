//! Values by kind (Go's `fmt/print.go`).

use super::format::Flags;
use crate::limits::Exceeded;
use crate::value::{GoStr, Kind, Map, Object, Type, Value};

/// Nesting beyond which nothing is printed.
const MAX_DEPTH: usize = 1_000;

/// What every value's address is printed as: where Go's heap begins.
const ANY_ADDRESS: u64 = 0xc0_0000_0000;

/// Prints into a buffer, up to a limit.
pub(super) struct Printer<'b> {
    out: &'b mut Vec<u8>,
    /// Length of `out` that may not be passed.
    end: usize,
    limit: usize,
    exceeded: bool,
    pub(super) flags: Flags,
    /// Printing the operand of a wrong verb: methods are not called.
    erroring: bool,
}

impl<'b> Printer<'b> {
    pub(super) fn new(out: &'b mut Vec<u8>, limit: usize) -> Self {
        let end = out.len().saturating_add(limit);
        Self {
            out,
            end,
            limit,
            exceeded: false,
            flags: Flags::default(),
            erroring: false,
        }
    }

    /// Whether all was printed.
    pub(super) fn finish(self) -> Result<(), Exceeded> {
        if self.exceeded {
            Err(Exceeded::StringSize { limit: self.limit })
        } else {
            Ok(())
        }
    }

    pub(super) fn write(&mut self, text: &[u8]) {
        if self.out.len() + text.len() > self.end {
            self.exceeded = true;
        } else {
            self.out.extend_from_slice(text);
        }
    }

    pub(super) fn fill(&mut self, byte: u8, count: usize) {
        if self.out.len() + count > self.end {
            self.exceeded = true;
        } else {
            self.out.resize(self.out.len() + count, byte);
        }
    }

    fn write_char(&mut self, c: char) {
        self.write(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// One operand, as it was passed.
    pub(super) fn print_arg(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (_, 'T') => self.format_text(value.type_name().as_bytes()),
            (Value::Nil, _) => self.bad_verb(None, verb),
            (_, 'p') => self.print_pointer(value, verb),
            (_, 'w') => self.bad_verb(Some(value), verb),
            _ => self.print_value(value, verb, 0),
        }
    }

    /// `%!verb(type=value)`.
    pub(super) fn bad_verb(&mut self, value: Option<&Value>, verb: char) {
        self.erroring = true;
        self.write(b"%!");
        self.write_char(verb);
        self.write(b"(");
        match value {
            Some(value) => {
                self.write(value.type_name().as_bytes());
                self.write(b"=");
                self.print_value(value, 'v', 0);
            }
            None => self.write(b"<nil>"),
        }
        self.write(b")");
        self.erroring = false;
    }

    fn print_value(&mut self, value: &Value, verb: char, depth: usize) {
        if depth > MAX_DEPTH || self.exceeded {
            self.exceeded = true;
            return;
        }
        match value {
            // Only within a list or map: a nil interface, never padded.
            Value::Nil => {
                let text: &[u8] = if self.flags.sharp_v {
                    b"interface {}(nil)"
                } else {
                    b"<nil>"
                };
                self.write(text);
            }
            Value::Bool(b) => match verb {
                't' | 'v' => self.pad(if *b { b"true" } else { b"false" }),
                _ => self.bad_verb(Some(value), verb),
            },
            Value::Int(_, n) => self.print_integer(value, n.cast_unsigned(), *n < 0, verb, true),
            Value::Uint(_, n) => self.print_integer(value, *n, false, verb, false),
            Value::Float(x) => self.print_float(value, *x, 64, verb),
            Value::Float32(x) => self.print_float(value, f64::from(*x), 32, verb),
            Value::Complex(re, im) => self.print_complex(value, *re, *im, verb),
            Value::String(text) => self.print_string(value, text, verb),
            Value::Bytes(bytes) => self.print_bytes(value, bytes, verb, depth),
            Value::List(list) => {
                let ty = list.ty();
                self.print_items(ty, list.is_nil(), list.as_slice(), verb, depth);
            }
            Value::Map(map) => self.print_map(map, verb, depth),
            Value::Object(object) => self.print_object(value, object.as_ref(), verb, depth),
        }
    }

    fn print_integer(&mut self, whole: &Value, value: u64, negative: bool, verb: char, signed: bool) {
        match verb {
            'v' if self.flags.sharp_v && !signed => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.format_integer(value, false, 16, 'v', false);
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.format_integer(value, negative, 10, verb, false),
            'b' => self.format_integer(value, negative, 2, verb, false),
            'o' | 'O' => self.format_integer(value, negative, 8, verb, false),
            'x' => self.format_integer(value, negative, 16, verb, false),
            'X' => self.format_integer(value, negative, 16, verb, true),
            'c' => self.format_character(value),
            'q' => self.format_quoted_character(value),
            'U' => self.format_unicode(value),
            _ => self.bad_verb(Some(whole), verb),
        }
    }

    fn print_float(&mut self, whole: &Value, value: f64, bits: u32, verb: char) {
        match verb {
            'v' => self.format_float(value, bits, 'g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => self.format_float(value, bits, verb, None),
            'f' | 'e' | 'E' => self.format_float(value, bits, verb, Some(6)),
            'F' => self.format_float(value, bits, 'f', Some(6)),
            _ => self.bad_verb(Some(whole), verb),
        }
    }

    fn print_complex(&mut self, whole: &Value, re: f64, im: f64, verb: char) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            self.bad_verb(Some(whole), verb);
            return;
        }
        self.write(b"(");
        self.print_float(whole, re, 64, verb);
        // The imaginary part always has a sign.
        let plus = std::mem::replace(&mut self.flags.plus, true);
        self.print_float(whole, im, 64, verb);
        self.flags.plus = plus;
        self.write(b"i)");
    }

    fn print_string(&mut self, whole: &Value, text: &GoStr, verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.format_quoted(text.as_bytes()),
            'v' | 's' => self.format_text(text.as_bytes()),
            'x' => self.format_hex(text.as_bytes(), false),
            'X' => self.format_hex(text.as_bytes(), true),
            'q' => self.format_quoted(text.as_bytes()),
            _ => self.bad_verb(Some(whole), verb),
        }
    }

    fn print_bytes(&mut self, whole: &Value, bytes: &GoStr, verb: char, depth: usize) {
        match verb {
            's' => self.format_text(bytes.as_bytes()),
            'x' => self.format_hex(bytes.as_bytes(), false),
            'X' => self.format_hex(bytes.as_bytes(), true),
            'q' => self.format_quoted(bytes.as_bytes()),
            _ => {
                let items = whole.to_items().unwrap_or_default();
                if self.flags.sharp_v {
                    // As an operand it is `[]byte`, within another value `[]uint8`.
                    self.write(if depth == 0 { b"[]byte{" } else { b"[]uint8{" });
                    self.print_separated(&items, b", ", verb, depth);
                    self.write(b"}");
                } else {
                    self.print_items(Type::BYTES, false, &items, verb, depth);
                }
            }
        }
    }

    fn print_separated(&mut self, items: &[Value], separator: &[u8], verb: char, depth: usize) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.write(separator);
            }
            self.print_value(item, verb, depth + 1);
            if self.exceeded {
                return;
            }
        }
    }

    fn print_items(&mut self, ty: Type, nil: bool, items: &[Value], verb: char, depth: usize) {
        if !self.flags.sharp_v {
            self.write(b"[");
            self.print_separated(items, b" ", verb, depth);
            self.write(b"]");
            return;
        }
        self.write(ty.to_string().as_bytes());
        if nil {
            self.write(b"(nil)");
            return;
        }
        self.write(b"{");
        self.print_separated(items, b", ", verb, depth);
        self.write(b"}");
    }

    fn print_map(&mut self, map: &Map, verb: char, depth: usize) {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(map.ty().to_string().as_bytes());
            if map.is_nil() {
                self.write(b"(nil)");
                return;
            }
            self.write(b"{");
        } else {
            self.write(b"map[");
        }
        let mut first = true;
        map.for_each(|key, item| {
            if self.exceeded {
                return;
            }
            if !first {
                self.write(if sharp { b", " } else { b" " });
            }
            first = false;
            self.print_value(&Value::String(key.clone()), verb, depth + 1);
            self.write(b":");
            self.print_value(item, verb, depth + 1);
        });
        self.write(if sharp { b"}" } else { b"]" });
    }

    fn print_object(&mut self, whole: &Value, object: &dyn Object, verb: char, depth: usize) {
        if self.flags.sharp_v
            && !self.erroring
            && let Some(text) = object.go_string()
        {
            self.pad(text.as_bytes());
            return;
        }
        let stringable = matches!(verb, 'v' | 's' | 'x' | 'X' | 'q');
        if stringable && !self.erroring && !self.flags.sharp_v {
            if object.is_nil() && object.string().is_none() {
                self.pad(b"<nil>");
                return;
            }
            if let Some(text) = object.string() {
                self.print_string(whole, &text, verb);
                return;
            }
        }
        if let Some(underlying) = object.underlying() {
            self.print_value(&underlying, verb, depth);
            return;
        }
        match object.ty().kind() {
            Kind::Pointer if object.is_nil() => self.pad(b"<nil>"),
            Kind::Pointer if depth > 0 => self.print_pointer(whole, verb),
            kind => {
                if kind == Kind::Pointer {
                    self.write(b"&");
                }
                self.print_struct(object, verb, depth);
            }
        }
    }

    fn print_struct(&mut self, object: &dyn Object, verb: char, depth: usize) {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(object.ty().to_string().trim_start_matches('*').as_bytes());
        }
        self.write(b"{");
        for (index, (name, value)) in object.fields().into_iter().enumerate() {
            if index > 0 {
                self.write(if sharp { b", " } else { b" " });
            }
            if sharp || self.flags.plus_v {
                self.write(name.as_bytes());
                self.write(b":");
            }
            self.print_value(&value, verb, depth + 1);
        }
        self.write(b"}");
    }

    /// An address. Go's differ from run to run; here the same template prints the same, and nobody learns where the
    /// process keeps its memory.
    fn print_pointer(&mut self, value: &Value, verb: char) {
        let address = match value {
            Value::List(list) if list.is_nil() => 0,
            Value::Map(map) if map.is_nil() => 0,
            Value::Object(object) if value.kind() == Kind::Pointer && object.is_nil() => 0,
            Value::List(_) | Value::Map(_) => ANY_ADDRESS,
            Value::Object(_) if value.kind() == Kind::Pointer => ANY_ADDRESS,
            _ => {
                self.bad_verb(Some(value), verb);
                return;
            }
        };
        let sharp = self.flags.sharp;
        self.flags.sharp = !sharp;
        self.format_integer(address, false, 16, 'v', false);
        self.flags.sharp = sharp;
    }
}
