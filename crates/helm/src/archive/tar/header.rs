//! The header block of a tar entry, in the formats Go reads: old, USTAR, STAR and GNU.

use super::BLOCK;
use crate::archive::error::TarDamage;

/// The fields of a header block, before extended headers are applied.
pub(super) struct RawHeader {
    pub(super) name: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) type_flag: u8,
    pub(super) mode: i64,
    pub(super) size: i64,
    pub(super) modified: i64,
}

impl RawHeader {
    pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Self, TarDamage> {
        let field = |from: usize, length: usize| block.get(from..from + length).unwrap_or_default();
        // A header whose checksum is wrong is no header: the stream is out of step, and its size would be noise.
        let want = octal(field(148, 8)).ok_or(TarDamage::Checksum)?;
        let (mut unsigned, mut signed) = (0i64, 0i64);
        for (index, byte) in block.iter().enumerate() {
            let byte = if (148..156).contains(&index) { b' ' } else { *byte };
            unsigned += i64::from(byte);
            signed += i64::from(byte as i8);
        }
        if want != unsigned && want != signed {
            return Err(TarDamage::Checksum);
        }

        let number = |from, length| numeric(field(from, length)).ok_or(TarDamage::Number);
        let mut name = until_nul(field(0, 100)).to_vec();
        let (mode, _uid, _gid) = (number(100, 8)?, number(108, 8)?, number(116, 8)?);
        let (size, modified) = (number(124, 12)?, number(136, 12)?);
        let type_flag = block.get(156).copied().unwrap_or_default();
        let link = until_nul(field(157, 100)).to_vec();

        let (magic, version) = (field(257, 6), field(263, 2));
        let prefix: &[u8] = if magic == b"ustar\0" {
            let _devices = (number(329, 8)?, number(337, 8)?);
            if field(508, 4) == b"tar\0" {
                field(345, 131)
            } else {
                field(345, 155)
            }
        } else if magic == b"ustar " && version == b" \0" {
            let _devices = (number(329, 8)?, number(337, 8)?);
            // Go before 1.8 wrote a prefix into what are time fields in this format; Helm of that time packed charts.
            let times = [field(345, 12), field(357, 12)];
            let is_prefix = times
                .iter()
                .any(|time| time.first() != Some(&0) && numeric(time).is_none());
            let prefix = until_nul(field(345, 155));
            if is_prefix && prefix.is_ascii() {
                prefix
            } else {
                b""
            }
        } else {
            b""
        };
        let prefix = until_nul(prefix);
        if !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Ok(Self {
            name,
            link,
            type_flag,
            mode,
            size,
            modified,
        })
    }
}

/// A number in octal, or in base 256 when the first bit is set.
fn numeric(field: &[u8]) -> Option<i64> {
    let Some((&first, rest)) = field.split_first() else {
        return Some(0);
    };
    if first & 0x80 == 0 {
        return octal(field);
    }
    let invert: u8 = if first & 0x40 == 0 { 0 } else { 0xff };
    let mut value = u64::from((first ^ invert) & 0x7f);
    for byte in rest {
        if value >> 56 > 0 {
            return None;
        }
        value = value << 8 | u64::from(byte ^ invert);
    }
    let value = i64::try_from(value).ok()?;
    Some(if invert == 0 { value } else { !value })
}

fn octal(field: &[u8]) -> Option<i64> {
    let blank = |byte: &u8| *byte == b' ' || *byte == 0;
    let start = field.iter().position(|byte| !blank(byte)).unwrap_or(field.len());
    let end = field
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |last| last + 1);
    let digits = until_nul(field.get(start..end)?);
    let mut value = 0u64;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        value = value.checked_mul(8)?.checked_add(u64::from(digit))?;
    }
    // As in Go, a value past the signed range turns negative and is refused where a size is wanted.
    Some(value as i64)
}

pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_go_does() {
        let cases: [(&[u8], Option<i64>); 9] = [
            (b"0000644\0", Some(0o644)),
            (b" 644 \0\0", Some(0o644)),
            (b"\0\0\0\0", Some(0)),
            (b"", Some(0)),
            (b"08\0", None),
            (b"1 2\0", None),
            (b"\x80\0\0\0\0\0\0\0\0\0\x01\0", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1)),
            (b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
        ];
        for (field, want) in cases {
            assert_eq!(numeric(field), want, "{field:?}");
        }
    }
}
