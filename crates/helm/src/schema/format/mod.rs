//! The formats that `format` can ask for, with the library's explanations.
//!
//! Only drafts up to 7 check them; later ones take `format` as a note.

mod ip;

use engine::datetime::{Time, Zone};
use engine::regexp::Regex;
use engine::strconv;
use engine::url::{self, Part, Url};
use engine::value::GoStr;

use super::location;

/// What is wrong with a text.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) String);

type Checked = Result<(), Problem>;

fn problem<T>(text: impl Into<String>) -> Result<T, Problem> {
    Err(Problem(text.into()))
}

fn invalid_character<T>(character: char) -> Result<T, Problem> {
    problem(format!(
        "invalid character {}",
        strconv::quote_rune(Some(character))
    ))
}

/// A known format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Regex,
    JsonPointer,
    RelativeJsonPointer,
    Uuid,
    Duration,
    Period,
    Ipv4,
    Ipv6,
    Hostname,
    Email,
    Date,
    Time,
    DateTime,
    Uri,
    Iri,
    UriReference,
    IriReference,
    UriTemplate,
    Semver,
}

const NAMES: &[(&str, Format)] = &[
    ("regex", Format::Regex),
    ("json-pointer", Format::JsonPointer),
    ("relative-json-pointer", Format::RelativeJsonPointer),
    ("uuid", Format::Uuid),
    ("duration", Format::Duration),
    ("period", Format::Period),
    ("ipv4", Format::Ipv4),
    ("ipv6", Format::Ipv6),
    ("hostname", Format::Hostname),
    ("email", Format::Email),
    ("date", Format::Date),
    ("time", Format::Time),
    ("date-time", Format::DateTime),
    ("uri", Format::Uri),
    ("iri", Format::Iri),
    ("uri-reference", Format::UriReference),
    ("iri-reference", Format::IriReference),
    ("uri-template", Format::UriTemplate),
    ("semver", Format::Semver),
];

impl Format {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, format)| *format == self)
            .map_or("", |(name, _)| name)
    }

    pub(crate) fn check(self, text: &GoStr) -> Checked {
        let bytes = text.as_bytes();
        let text = text.to_str_lossy();
        match self {
            Self::Regex => match Regex::compile(bytes) {
                Ok(_) => Ok(()),
                Err(error) => problem(error.to_string()),
            },
            Self::JsonPointer => json_pointer(&text),
            Self::RelativeJsonPointer => relative_json_pointer(&text),
            Self::Uuid => uuid(&text),
            Self::Duration => duration(&text),
            Self::Period => period(&text),
            Self::Ipv4 => ip::v4(&text),
            Self::Ipv6 => ip::v6(&text),
            Self::Hostname => hostname(&text),
            Self::Email => email(&text),
            Self::Date => date(bytes),
            Self::Time => time(&text),
            Self::DateTime => date_time(&text),
            Self::Uri | Self::Iri => match parse_url(bytes)?.scheme.is_empty() {
                true => problem("relative url"),
                false => Ok(()),
            },
            Self::UriReference | Self::IriReference => match text.contains('\\') {
                true => problem("contains \\"),
                false => parse_url(bytes).map(|_| ()),
            },
            Self::UriTemplate => uri_template(bytes),
            Self::Semver => semver(&text),
        }
    }
}

/// A problem of a part, introduced.
fn within(what: &str, checked: Checked) -> Checked {
    checked.map_err(|Problem(text)| Problem(format!("{what}: {text}")))
}

fn json_pointer(text: &str) -> Checked {
    if text.is_empty() {
        return Ok(());
    }
    let Some(tokens) = text.strip_prefix('/') else {
        return problem("not starting with /");
    };
    for token in tokens.split('/') {
        let mut escaping = false;
        for character in token.chars() {
            if escaping && !matches!(character, '0' | '1') {
                break;
            }
            escaping = !escaping && character == '~';
        }
        if escaping {
            return problem("~ must be followed by 0 or 1");
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Checked {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return problem("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return problem("starts with zero");
    }
    match text.get(digits..).unwrap_or_default() {
        "#" => Ok(()),
        pointer => json_pointer(pointer),
    }
}

fn uuid(text: &str) -> Checked {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != LENGTHS.len() {
        return problem("must have 5 elements");
    }
    for (index, (group, length)) in groups.into_iter().zip(LENGTHS).enumerate() {
        if group.len() != length {
            return problem(format!("element {} must be {length} characters long", index + 1));
        }
        if let Some(character) = group.chars().find(|character| !character.is_ascii_hexdigit()) {
            return problem(format!(
                "non-hex character {}",
                strconv::quote_rune(Some(character))
            ));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Checked {
    let Some(text) = text.strip_prefix('P') else {
        return problem("must start with P");
    };
    if text.is_empty() {
        return problem("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        return match weeks {
            "" => problem("no number in week"),
            _ if weeks.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            _ => problem("invalid week"),
        };
    }
    for (index, part) in text.split('T').enumerate() {
        if index != 0 && part.is_empty() {
            return problem("no time elements");
        }
        let all = match index {
            0 => "YMD",
            1 => "HMS",
            _ => return problem("more than one T"),
        };
        let (mut units, mut rest) = (all, part);
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return problem("missing number");
            }
            let after = rest.get(digits..).unwrap_or_default();
            let Some(unit) = after.chars().next() else {
                return problem("missing unit");
            };
            // Go looks at one byte of the text.
            let byte = after.bytes().next().map_or(unit, char::from);
            let Some(at) = units.find(unit) else {
                let quoted = strconv::quote_rune(Some(byte));
                return match all.contains(unit) {
                    true => problem(format!("unit {quoted} out of order")),
                    false => problem(format!("invalid unit {quoted}")),
                };
            };
            units = units.get(at + 1..).unwrap_or_default();
            rest = after.get(unit.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(())
}

fn period(text: &str) -> Checked {
    let Some((start, end)) = text.split_once('/') else {
        return problem("missing slash");
    };
    if start.starts_with('P') {
        within("invalid start duration", duration(start))?;
        return within("invalid end date-time", date_time(end));
    }
    within("invalid start date-time", date_time(start))?;
    if end.starts_with('P') {
        within("invalid end duration", duration(end))
    } else {
        within("invalid end date-time", date_time(end))
    }
}

fn hostname(text: &str) -> Checked {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return problem("more than 253 characters long");
    }
    for label in text.split('.') {
        if !(1..=63).contains(&label.len()) {
            return problem("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return problem("label starts with hyphen");
        }
        if label.ends_with('-') {
            return problem("label ends with hyphen");
        }
        let odd = |character: &char| !character.is_ascii_alphanumeric() && *character != '-';
        if let Some(character) = label.chars().find(odd) {
            return invalid_character(character);
        }
    }
    Ok(())
}

fn email(text: &str) -> Checked {
    if text.len() > 254 {
        return problem("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return problem("missing @");
    };
    if local.len() > 64 {
        return problem("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') {
        // The library forgets to look for the closing quote.
        let inside = local.get(1..).unwrap_or_default();
        let mut inside = inside.chars();
        inside.next_back();
        if inside.as_str().contains(['\\', '"']) {
            return problem("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return problem("starts with dot");
        }
        if local.ends_with('.') {
            return problem("ends with dot");
        }
        if local.contains("..") {
            return problem("consecutive dots");
        }
        let odd = |character: &char| {
            !character.is_ascii_alphanumeric() && !".!#$%&'*+-/=?^_`{|}~".contains(*character)
        };
        if let Some(character) = local.chars().find(odd) {
            return invalid_character(character);
        }
    }
    if let Some(address) = domain
        .strip_prefix('[')
        .and_then(|domain| domain.strip_suffix(']'))
    {
        return match address.strip_prefix("IPv6:") {
            Some(address) => within("invalid ipv6 address", ip::v6(address)),
            None => within("invalid ipv4 address", ip::v4(address)),
        };
    }
    within("invalid domain", hostname(domain))
}

fn date(text: &[u8]) -> Checked {
    match Time::parse(b"2006-01-02", text, &Zone::Utc) {
        Ok(_) => Ok(()),
        Err(error) => problem(error.to_string()),
    }
}

/// Two numbers of Go's `strconv.Atoi`, or three.
fn numbers(text: &str, not_a_number: &str, negative: &str) -> Result<Vec<i64>, Problem> {
    let mut numbers = Vec::new();
    for part in text.split(':') {
        let number = strconv::parse_int(part, 10, 64).or_else(|_| problem(not_a_number))?;
        if number < 0 {
            return problem(negative);
        }
        numbers.push(number);
    }
    Ok(numbers)
}

fn time(text: &str) -> Checked {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return problem("less than 9 characters long");
    }
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return problem("missing colon in correct place");
    }
    let Some((clock, rest)) = text.split_at_checked(8) else {
        return problem("invalid hour/min/sec");
    };
    let clock = numbers(clock, "invalid hour/min/sec", "non-positive hour/min/sec")?;
    let [mut hour, mut minute, second] = clock[..] else {
        return problem("missing hour/min/sec");
    };
    if hour > 23 || minute > 59 || second > 60 {
        return problem("hour/min/sec out of range");
    }
    let mut rest = rest;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return problem("no digits in second fraction");
        }
        rest = fraction.get(digits..).unwrap_or_default();
    }
    if !matches!(rest, "z" | "Z") {
        if rest.len() != 6 {
            return problem("offset must be 6 characters long");
        }
        let (sign, offset) = match rest.split_at_checked(1) {
            Some(("+", offset)) => (-1, offset),
            Some(("-", offset)) => (1, offset),
            _ => return problem("offset must begin with plus/minus"),
        };
        if offset.as_bytes().get(2) != Some(&b':') {
            return problem("missing colon in offset in correct place");
        }
        let offset = numbers(
            offset,
            "invalid hour/min in offset",
            "non-positive hour/min in offset",
        )?;
        let [hours, minutes] = offset[..] else {
            return problem("invalid hour/min in offset");
        };
        if hours > 23 || minutes > 59 {
            return problem("hour/min in offset out of range");
        }
        let mut total = hour * 60 + minute + sign * (hours * 60 + minutes);
        if total < 0 {
            total += 24 * 60;
        }
        (hour, minute) = (total / 60, total % 60);
    }
    if second >= 60 && (hour, minute) != (23, 59) {
        return problem("invalid leap second");
    }
    Ok(())
}

fn date_time(text: &str) -> Checked {
    if text.len() < 20 {
        return problem("less than 20 characters long");
    }
    let bytes = text.as_bytes();
    if !matches!(bytes.get(10), Some(b't' | b'T')) {
        return problem("11th character must be t or T");
    }
    within("invalid date element", date(bytes.get(..10).unwrap_or_default()))?;
    within("invalid time element", time(text.get(11..).unwrap_or_default()))
}

fn parse_url(text: &[u8]) -> Result<Url, Problem> {
    let url = Url::parse(text).map_err(|error| Problem(error.to_string()))?;
    let name = url.hostname();
    if name.contains(&b':') {
        if !url.host.contains(&b'[') || !url.host.contains(&b']') {
            return problem("ipv6 address not enclosed in brackets");
        }
        within("invalid ipv6 address", ip::v6(&String::from_utf8_lossy(name)))?;
    }
    Ok(url)
}

/// The library looks at the path only where it is not escaped as Go would escape it.
fn uri_template(text: &[u8]) -> Checked {
    let url = parse_url(text)?;
    let path = written_path(&url, text);
    if path == url::escape(&url.path, Part::Path) {
        return Ok(());
    }
    for token in path.split(|byte| *byte == b'/') {
        let token = location::decode(&String::from_utf8_lossy(token))
            .map_err(|escape| Problem(format!("percent decode failed: invalid URL escape {escape:?}")))?;
        let mut open = false;
        for brace in token.chars().filter(|character| matches!(character, '{' | '}')) {
            if (brace == '{') == open {
                return problem("nested curly braces");
            }
            open = !open;
        }
        if open {
            return problem("no matching closing brace");
        }
    }
    Ok(())
}

/// The path of `url` as `text` has it.
fn written_path<'t>(url: &Url, text: &'t [u8]) -> &'t [u8] {
    if !url.opaque.is_empty() {
        return b"";
    }
    let end = text
        .iter()
        .position(|byte| matches!(byte, b'#' | b'?'))
        .unwrap_or(text.len());
    let start = if url.scheme.is_empty() {
        0
    } else {
        url.scheme.len() + 1
    };
    let rest = text.get(start..end).unwrap_or_default();
    match rest.strip_prefix(b"//") {
        Some(authority) if !url.scheme.is_empty() || !rest.starts_with(b"///") => {
            let path = authority
                .iter()
                .position(|byte| *byte == b'/')
                .unwrap_or(authority.len());
            authority.get(path..).unwrap_or_default()
        }
        _ => rest,
    }
}

fn semver(text: &str) -> Checked {
    let word = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    if let Some(build) = build {
        if build.is_empty() {
            return problem("build is empty");
        }
        for identifier in build.split('.') {
            if identifier.is_empty() {
                return problem("build identifier is empty");
            }
            if let Some(character) = identifier.chars().find(|character| !word(character)) {
                let quoted = strconv::quote_rune(Some(character));
                return problem(format!("invalid character {quoted} in build identifier"));
            }
        }
    }
    let (core, pre_release) = match text.split_once('-') {
        Some((core, pre_release)) => (core, Some(pre_release)),
        None => (text, None),
    };
    for identifier in pre_release
        .into_iter()
        .flat_map(|pre_release| pre_release.split('.'))
    {
        if identifier.is_empty() {
            return problem("pre-release identifier is empty");
        }
        if let Some(character) = identifier.chars().find(|character| !word(character)) {
            let quoted = strconv::quote_rune(Some(character));
            return problem(format!("invalid character {quoted} in pre-release identifier"));
        }
        if identifier.len() > 1
            && identifier.starts_with('0')
            && identifier.bytes().all(|byte| byte.is_ascii_digit())
        {
            return problem("pre-release numeric identifier starts with zero");
        }
    }
    let numbers: Vec<&str> = core.split('.').collect();
    if numbers.len() != 3 {
        return problem("versionCore must have 3 numbers separated by dot");
    }
    for (number, name) in numbers.into_iter().zip(["major", "minor", "patch"]) {
        if number.is_empty() {
            return problem(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return problem(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return problem(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}
