//! Which texts go-yaml takes for timestamps: they decode as text, but are quoted when printed.
//!
//! The layouts are Go's `2006-1-2T15:4:5.999999999Z07:00` (also with `t`), `2006-1-2 15:4:5.999999999` and
//! `2006-1-2`, read with the freedom of Go's `time.Parse`.

/// Whether `text` is a timestamp.
#[must_use]
pub fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes.get(4) != Some(&b'-') {
        return false;
    }
    parse(bytes).is_some()
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn literal(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    /// One digit, or two.
    fn number(&mut self) -> Option<u32> {
        let (first, rest) = self.rest.split_first()?;
        let mut value = digit(*first)?;
        self.rest = rest;
        if let Some((second, rest)) = rest.split_first()
            && let Some(ones) = digit(*second)
        {
            value = value * 10 + ones;
            self.rest = rest;
        }
        Some(value)
    }

    fn two_digits(&mut self) -> Option<u32> {
        let before = self.rest.len();
        let value = self.number()?;
        (before - self.rest.len() == 2).then_some(value)
    }
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

fn parse(bytes: &[u8]) -> Option<()> {
    let (year, rest) = bytes.split_at_checked(4)?;
    let year = year.iter().try_fold(0, |y, b| Some(y * 10 + digit(*b)?))?;
    let mut at = Cursor { rest };
    at.literal(b'-')?;
    let month = at.number()?;
    at.literal(b'-')?;
    let day = at.number()?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    match at.rest.split_first() {
        None => Some(()),
        Some((b'T' | b't', rest)) => {
            at.rest = rest;
            time(&mut at)?;
            zone(&mut at)
        }
        // Blanks in a layout stand for any number of blanks.
        Some((b' ', _)) => {
            at.rest = at.rest.trim_ascii_start();
            time(&mut at)?;
            at.rest.is_empty().then_some(())
        }
        Some(_) => None,
    }
}

fn time(at: &mut Cursor<'_>) -> Option<()> {
    let hour = at.number()?;
    at.literal(b':')?;
    let minute = at.number()?;
    at.literal(b':')?;
    let second = at.number()?;
    if hour >= 24 || minute >= 60 || second >= 60 {
        return None;
    }
    // Any number of decimals, after a comma too.
    if let [b'.' | b',', first, ..] = at.rest
        && first.is_ascii_digit()
    {
        let decimals = at.rest.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
        at.rest = at.rest.get(1 + decimals..)?;
    }
    Some(())
}

fn zone(at: &mut Cursor<'_>) -> Option<()> {
    match at.rest.split_first()? {
        (b'Z', rest) => at.rest = rest,
        (b'+' | b'-', rest) => {
            at.rest = rest;
            let hours = at.two_digits()?;
            at.literal(b':')?;
            let minutes = at.two_digits()?;
            if hours > 24 || minutes > 60 {
                return None;
            }
        }
        _ => return None,
    }
    at.rest.is_empty().then_some(())
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}
