//! IP addresses: IPv4 as the library reads it, IPv6 as Go does.

use engine::strconv;
use engine::url::{Address, parse_address};

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
                return problem(format!(
                    "strconv.Atoi: parsing {}: {reason}",
                    strconv::quote(group.as_bytes())
                ));
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

pub(super) fn v6(text: &str) -> Checked {
    if !text.contains(':') {
        return problem("missing colon");
    }
    match parse_address(text) {
        Ok(Address::Zoned) => problem("zone id is not a part of ipv6 address"),
        Ok(Address::V4 | Address::V6) => Ok(()),
        Err(error) => Err(Problem(error.to_string())),
    }
}
