//! IP addresses as Go's `netip.ParseAddr` reads them, and refuses them.

use crate::strconv;

/// Why a text is not an IP address; prints as Go does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ParseAddr({}): {problem}{}", strconv::quote(.text.as_bytes()), place(.at))]
pub struct AddressError {
    text: String,
    problem: &'static str,
    /// What could not be read, where Go tells.
    at: String,
}

fn place(at: &str) -> String {
    if at.is_empty() {
        String::new()
    } else {
        format!(" (at {})", strconv::quote(at.as_bytes()))
    }
}

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    V4,
    V6,
    /// IPv6 with a zone.
    Zoned,
}

/// Tells what kind of address `text` is.
pub fn parse_address(text: &str) -> Result<Address, AddressError> {
    // Which of these comes first decides how Go reads it.
    let first = text.find(['.', ':', '%']).and_then(|at| text.as_bytes().get(at));
    match first {
        Some(b'.') => embedded_v4(text, text).map(|()| Address::V4),
        Some(b':') => {
            let (address, zone) = match text.split_once('%') {
                Some((address, zone)) => (address, Some(zone)),
                None => (text, None),
            };
            if zone == Some("") {
                return refused(text, "zone must be a non-empty string", "");
            }
            parse(text, address)?;
            Ok(if zone.is_some() {
                Address::Zoned
            } else {
                Address::V6
            })
        }
        Some(_) => refused(text, "missing IPv6 address", ""),
        None => refused(text, "unable to parse IP", ""),
    }
}

fn refused<T>(text: &str, problem: &'static str, at: &str) -> Result<T, AddressError> {
    Err(AddressError {
        text: text.to_owned(),
        problem,
        at: at.to_owned(),
    })
}

/// `text` is the whole, `rest` what is left of the address.
fn parse(text: &str, address: &str) -> Result<(), AddressError> {
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

fn embedded_v4(text: &str, fields: &str) -> Result<(), AddressError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        for (text, kind) in [
            ("1.2.3.4", Address::V4),
            ("::", Address::V6),
            ("1:2:3:4:5:6:7:8", Address::V6),
            ("::ffff:1.2.3.4", Address::V6),
            ("fe80::1%eth0", Address::Zoned),
        ] {
            assert_eq!(parse_address(text), Ok(kind), "{text}");
        }
    }

    #[test]
    fn errors_are_gos() {
        for (text, error) in [
            ("", "unable to parse IP"),
            ("V1.fe", "unexpected character (at \"V1.fe\")"),
            ("::ffff:01.2.3.4", "IPv4 field has octet with leading zero"),
            ("1::2::3", "multiple :: in address (at \":3\")"),
            ("1:2:3:4:5:6:7", "address string too short"),
            (
                "12345::",
                "each group must have 4 or less digits (at \"12345::\")",
            ),
            ("fe80::1%", "zone must be a non-empty string"),
        ] {
            let want = format!("ParseAddr({}): {error}", strconv::quote(text.as_bytes()));
            assert_eq!(parse_address(text).map_err(|error| error.to_string()), Err(want));
        }
    }
}
