//! PAX records: what an extended header says about the entry behind it.

use super::Modified;

/// The records that matter, as text. Their values are looked at only when they are used, as in Go: a header that
/// another one replaces is not held against the archive.
#[derive(Debug, Default)]
pub(super) struct Pax {
    path: Vec<u8>,
    link: Vec<u8>,
    size: Vec<u8>,
    modified: Vec<u8>,
    /// Numbers and times that are not used and must be well formed all the same.
    others: [Vec<u8>; 4],
    is_sparse: bool,
}

/// What records mean. `None` is what they do not say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<i64>,
    pub(super) modified: Option<Modified>,
    pub(super) is_sparse: bool,
}

impl Pax {
    /// Reads `length key=value\n` records; `None` when one is malformed.
    pub(super) fn parse(mut data: &[u8]) -> Option<Self> {
        let mut pax = Self::default();
        while !data.is_empty() {
            let space = data.iter().position(|byte| *byte == b' ')?;
            let length = usize::try_from(decimal(data.get(..space)?)?)
                .ok()
                .filter(|length| *length >= 5)?;
            let record = data.get(space + 1..length)?;
            let (newline, record) = record.split_last()?;
            let equals = record.iter().position(|byte| *byte == b'=')?;
            let (key, value) = (record.get(..equals)?, record.get(equals + 1..)?);
            // A NUL in a name would show one name here and another to whoever stops at it.
            let in_name = matches!(key, b"path" | b"linkpath" | b"uname" | b"gname");
            let nul = if in_name {
                value.contains(&0)
            } else {
                key.contains(&0)
            };
            if *newline != b'\n' || key.is_empty() || nul {
                return None;
            }
            let [uid, gid, accessed, changed] = &mut pax.others;
            let field = match key {
                b"path" => Some(&mut pax.path),
                b"linkpath" => Some(&mut pax.link),
                b"size" => Some(&mut pax.size),
                b"mtime" => Some(&mut pax.modified),
                b"uid" => Some(uid),
                b"gid" => Some(gid),
                b"atime" => Some(accessed),
                b"ctime" => Some(changed),
                _ => None,
            };
            // The last of several records counts, and an empty value takes it back.
            if let Some(field) = field {
                *field = value.to_vec();
            }
            pax.is_sparse |= key.starts_with(b"GNU.sparse.");
            data = data.get(length..)?;
        }
        Some(pax)
    }

    /// What the records say about an entry; `None` when a number or a time is malformed.
    pub(super) fn meaning(self) -> Option<Meaning> {
        let present = |text: Vec<u8>| (!text.is_empty()).then_some(text);
        let [uid, gid, accessed, changed] = self.others;
        for number in [uid, gid].into_iter().filter_map(present) {
            decimal(&number)?;
        }
        for time in [accessed, changed].into_iter().filter_map(present) {
            pax_time(&time)?;
        }
        let size = match present(self.size) {
            Some(text) => Some(decimal(&text)?),
            None => None,
        };
        let modified = match present(self.modified) {
            Some(text) => Some(pax_time(&text)?),
            None => None,
        };
        let (path, link) = (present(self.path), present(self.link));
        Some(Meaning {
            path,
            link,
            size,
            modified,
            is_sparse: self.is_sparse,
        })
    }
}

fn decimal(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `seconds.fraction`, with a sign that holds for both.
fn pax_time(text: &[u8]) -> Option<Modified> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let mut nanoseconds = 0u32;
    for (index, digit) in fraction.bytes().enumerate() {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        if index < 9 {
            nanoseconds += u32::from(digit) * 10u32.pow(8 - index as u32);
        }
    }
    if whole.starts_with('-') && nanoseconds > 0 {
        return Some(Modified {
            seconds: seconds.checked_sub(1)?,
            nanoseconds: 1_000_000_000 - nanoseconds,
        });
    }
    Some(Modified { seconds, nanoseconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pax_times() {
        let time = |seconds, nanoseconds| Some(Modified { seconds, nanoseconds });
        assert_eq!(pax_time(b"1350244992.023960108"), time(1_350_244_992, 23_960_108));
        assert_eq!(
            pax_time(b"1350244992.02396010812345"),
            time(1_350_244_992, 23_960_108)
        );
        assert_eq!(pax_time(b"-1.5"), time(-2, 500_000_000));
        assert_eq!(pax_time(b"1.x"), None);
        assert_eq!(pax_time(b""), None);
    }

    #[test]
    fn refuses_malformed_pax_records() {
        let bad: [&[u8]; 8] = [
            b"11 path=a",
            b"path=a\n",
            b"99 path=a\n",
            b"4 a\n",
            b"7 =bcd\n",
            b"-1 path=a\n",
            b"12 path=a\0b\n",
            b"9 patha\n ",
        ];
        for data in bad {
            assert!(Pax::parse(data).is_none(), "{:?}", String::from_utf8_lossy(data));
        }
    }

    #[test]
    fn records_mean_what_the_last_one_says() {
        let meaning = |data: &[u8]| {
            Pax::parse(data)
                .and_then(Pax::meaning)
                .map(|meaning| (meaning.path, meaning.size))
        };
        assert_eq!(
            meaning(b"12 path=a/b\n12 size=123\n"),
            Some((Some(b"a/b".to_vec()), Some(123)))
        );
        assert_eq!(meaning(b"12 size=abc\n10 size=3\n"), Some((None, Some(3))));
        assert_eq!(meaning(b"12 size=123\n8 size=\n"), Some((None, None)));
        assert_eq!(meaning(b"12 size=abc\n"), None);
        assert_eq!(meaning(b"9 uid=xx\n"), None);
    }
}
