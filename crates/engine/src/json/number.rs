//! Numbers as encoding/json writes them.

/// The shortest text that reads back as `x`: plain digits for ordinary sizes, an exponent for the rest, as
/// ECMAScript prints numbers. `x` must be finite.
// go: encoding/json/encode.go, floatEncoder.encode
#[must_use]
pub fn format_number(x: f64, bits: u32) -> String {
    let size = x.abs();
    let in_plain_range = if bits == 32 {
        (1e-6_f32..1e21_f32).contains(&(size as f32))
    } else {
        (1e-6..1e21).contains(&size)
    };
    if size == 0.0 || in_plain_range {
        return crate::strconv::format_float(x, 'f', None, bits);
    }
    let text = crate::strconv::format_float(x, 'e', None, bits);
    // Go writes at least two digits of exponent, JavaScript does not: e-09 becomes e-9.
    match text
        .strip_suffix(|c: char| c.is_ascii_digit())
        .and_then(|head| head.strip_suffix("e-0"))
    {
        Some(head) => format!("{head}e-{}", text.get(text.len() - 1..).unwrap_or_default()),
        None => text,
    }
}
