//! IP addresses, refused with the words of Go's `netip.ParseAddr`.

use engine::strconv;

use super::{Checked, Problem, problem};

pub(super) fn v4(text: &str) -> Checked {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return problem("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return problem("leading zeros");
        }
        match strconv::parse_int(group, 10, 64) {
            Err(_) => {
                let reason = if is_number(group) {
                    "value out of range"
                } else {
                    "invalid syntax"
                };
                return problem(format!("strconv.Atoi: parsing {}: {reason}", quoted(group)));
            }
            Ok(0..=255) => {}
            Ok(_) => return problem("decimal must be between 0 and 255"),
        }
    }
    Ok(())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn quoted(text: &str) -> String {
    strconv::quote(text.as_bytes())
}

pub(super) fn v6(text: &str) -> Checked {
    if !text.contains(':') {
        return problem("missing colon");
    }
    // Which of the two comes first decides how Go reads it.
    let first = text.find(['.', ':', '%']).and_then(|at| text.as_bytes().get(at));
    match first {
        Some(b'.') => return embedded_v4(text, text),
        Some(b'%') => return refused(text, "missing IPv6 address", ""),
        _ => {}
    }
    let (address, zone) = match text.split_once('%') {
        Some((_, "")) => return refused(text, "zone must be a non-empty string", ""),
        Some((address, zone)) => (address, zone),
        None => (text, ""),
    };
    parse(text, address)?;
    if zone.is_empty() {
        Ok(())
    } else {
        problem("zone id is not a part of ipv6 address")
    }
}

fn refused(text: &str, message: &str, at: &str) -> Checked {
    let place = if at.is_empty() {
        String::new()
    } else {
        format!(" (at {})", quoted(at))
    };
    Err(Problem(format!("ParseAddr({}): {message}{place}", quoted(text))))
}

/// `text` is the whole, `rest` what is left of the address.
fn parse(text: &str, address: &str) -> Checked {
    let mut rest = address;
    // Bytes of the address read so far, and whether `::` was met.
    let (mut filled, mut ellipsis) = (0, false);
    if let Some(after) = rest.strip_prefix("::") {
        ellipsis = true;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
    while filled < 16 {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits > 4 {
            return refused(text, "each group must have 4 or less digits", rest);
        }
        if digits == 0 {
            return refused(
                text,
                "each colon-separated field must have at least one digit",
                rest,
            );
        }
        let after = rest.get(digits..).unwrap_or_default();
        if after.starts_with('.') {
            if !ellipsis && filled != 12 {
                let message = "embedded IPv4 address must replace the final 2 fields of the address";
                return refused(text, message, rest);
            }
            if filled + 4 > 16 {
                let message = "too many hex fields to fit an embedded IPv4 at the end of the address";
                return refused(text, message, rest);
            }
            embedded_v4(text, rest)?;
            rest = "";
            filled += 4;
            break;
        }
        filled += 2;
        rest = after;
        if rest.is_empty() {
            break;
        }
        match rest.strip_prefix(':') {
            None => return refused(text, "unexpected character, want colon", rest),
            Some("") => return refused(text, "colon must be followed by more characters", rest),
            Some(after) => rest = after,
        }
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis {
                return refused(text, "multiple :: in address", rest);
            }
            ellipsis = true;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return refused(text, "trailing garbage after address", rest);
    }
    if filled < 16 && !ellipsis {
        return refused(text, "address string too short", "");
    }
    if filled == 16 && ellipsis {
        return refused(text, "the :: must expand to at least one field of zeros", "");
    }
    Ok(())
}

fn embedded_v4(text: &str, fields: &str) -> Checked {
    let (mut value, mut digits, mut position) = (0_u32, 0, 0);
    for (index, byte) in fields.bytes().enumerate() {
        let at = || fields.get(index..).unwrap_or_default();
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return refused(text, "IPv4 field has octet with leading zero", "");
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return refused(text, "IPv4 field has value >255", "");
                }
            }
            b'.' => {
                if digits == 0 || index + 1 == fields.len() {
                    return refused(text, "IPv4 field must have at least one digit", at());
                }
                if position == 3 {
                    return refused(text, "IPv4 address too long", "");
                }
                (value, digits) = (0, 0);
                position += 1;
            }
            _ => return refused(text, "unexpected character", at()),
        }
    }
    if position < 3 {
        refused(text, "IPv4 address too short", "")
    } else {
        Ok(())
    }
}
