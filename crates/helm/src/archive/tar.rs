//! A tar reader that is fed with chunks, with the leniencies of Go's `archive/tar` and none of its features that a
//! chart has no use for: sparse files are refused, extended attributes and owners are skipped. It keeps no file data.

use super::error::{ArchiveError, Missing, TarDamage};

const BLOCK: usize = 512;

/// Go's cap on an extended header (PAX records, GNU long names): without one, a single header could claim gigabytes
/// for a name.
const MAX_SPECIAL: u64 = 1 << 20;

/// One entry of the archive, with long names and PAX records applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TarEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    pub(crate) kind: EntryKind,
    /// The size its header claims; the data handed on is exactly this much, or none for a header-only entry.
    pub(crate) size: u64,
    pub(crate) modified: Modified,
}

/// When a file was last changed, as its tar header has it: seconds and nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Modified {
    pub seconds: i64,
    pub nanoseconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Directory,
    Symlink,
    Hardlink,
    CharacterDevice,
    BlockDevice,
    Fifo,
    Sparse,
}

/// Receives what the reader finds.
pub(crate) trait TarSink {
    /// A header block of any kind, those that only describe the next entry included.
    fn header(&mut self) -> Result<(), ArchiveError>;
    fn entry(&mut self, entry: TarEntry) -> Result<(), ArchiveError>;
    fn data(&mut self, data: &[u8]) -> Result<(), ArchiveError>;
    fn end_entry(&mut self) -> Result<(), ArchiveError>;
}

pub(crate) struct TarReader {
    state: State,
    block: [u8; BLOCK],
    filled: usize,
    /// How far into the unpacked stream we are, and where the last header began, for messages.
    offset: u64,
    header_at: u64,
    /// What extended headers said about the next entry.
    long_name: Vec<u8>,
    long_link: Vec<u8>,
    pax: Pax,
}

enum State {
    Header,
    /// One zero block was seen; a second one ends the archive.
    AfterZeroBlock,
    Special {
        kind: Special,
        size: u64,
        left: u64,
        data: Vec<u8>,
    },
    Data {
        size: u64,
        left: u64,
    },
    Padding {
        left: usize,
    },
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Special {
    Pax,
    GlobalPax,
    LongName,
    LongLink,
}

/// The PAX records that matter.
#[derive(Default)]
struct Pax {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<i64>,
    modified: Option<Modified>,
    sparse: bool,
}

impl TarReader {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Header,
            block: [0; BLOCK],
            filled: 0,
            offset: 0,
            header_at: 0,
            long_name: Vec::new(),
            long_link: Vec::new(),
            pax: Pax::default(),
        }
    }

    pub(crate) fn ended(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// Reads `input` and tells `sink` about it. What lies behind the end of the archive is ignored.
    pub(crate) fn push(&mut self, mut input: &[u8], sink: &mut dyn TarSink) -> Result<(), ArchiveError> {
        while !input.is_empty() {
            match &mut self.state {
                State::End => return Ok(()),
                State::Header | State::AfterZeroBlock => {
                    let (head, rest) = split(input, BLOCK - self.filled);
                    if let Some(slot) = self.block.get_mut(self.filled..self.filled + head.len()) {
                        slot.copy_from_slice(head);
                    }
                    self.filled += head.len();
                    self.offset += head.len() as u64;
                    input = rest;
                    if self.filled == BLOCK {
                        self.filled = 0;
                        self.block_complete(sink)?;
                    }
                }
                State::Special { left, data, .. } => {
                    let (head, rest) = split(input, clamp(*left));
                    data.extend_from_slice(head);
                    *left -= head.len() as u64;
                    self.offset += head.len() as u64;
                    input = rest;
                    if *left == 0 {
                        self.special_complete()?;
                    }
                }
                State::Data { size, left } => {
                    let (head, rest) = split(input, clamp(*left));
                    *left -= head.len() as u64;
                    let (size, left) = (*size, *left);
                    self.offset += head.len() as u64;
                    input = rest;
                    sink.data(head)?;
                    if left == 0 {
                        sink.end_entry()?;
                        self.state = padding(size);
                    }
                }
                State::Padding { left } => {
                    let (head, rest) = split(input, *left);
                    *left -= head.len();
                    self.offset += head.len() as u64;
                    input = rest;
                    if *left == 0 {
                        self.state = State::Header;
                    }
                }
            }
        }
        Ok(())
    }

    /// Says whether the stream may end here. As in Go, the two zero blocks at the end may be missing, and so may the
    /// last file's padding.
    pub(crate) fn finish(&self) -> Result<(), ArchiveError> {
        match &self.state {
            State::End | State::Padding { .. } => Ok(()),
            State::Header | State::AfterZeroBlock if self.filled == 0 => Ok(()),
            State::Header | State::AfterZeroBlock => Err(ArchiveError::Truncated {
                missing: Missing::TarHeader,
            }),
            State::Special { .. } => Err(ArchiveError::Truncated {
                missing: Missing::TarHeader,
            }),
            State::Data { .. } => Err(ArchiveError::Truncated {
                missing: Missing::FileData,
            }),
        }
    }

    fn damaged(&self, what: TarDamage) -> ArchiveError {
        ArchiveError::DamagedTar {
            offset: self.header_at,
            what,
        }
    }

    fn block_complete(&mut self, sink: &mut dyn TarSink) -> Result<(), ArchiveError> {
        self.header_at = self.offset.saturating_sub(BLOCK as u64);
        if self.block.iter().all(|byte| *byte == 0) {
            self.state = if matches!(self.state, State::AfterZeroBlock) {
                State::End
            } else {
                State::AfterZeroBlock
            };
            return Ok(());
        }
        if matches!(self.state, State::AfterZeroBlock) {
            return Err(self.damaged(TarDamage::DataAfterZeroBlock));
        }
        sink.header()?;
        let raw = RawHeader::parse(&self.block).map_err(|what| self.damaged(what))?;
        let special = match raw.type_flag {
            b'x' => Some(Special::Pax),
            b'g' => Some(Special::GlobalPax),
            b'L' => Some(Special::LongName),
            b'K' => Some(Special::LongLink),
            _ => None,
        };
        if let Some(kind) = special {
            let size = u64::try_from(raw.size).map_err(|_| self.damaged(TarDamage::NegativeSize))?;
            if size > MAX_SPECIAL {
                return Err(self.damaged(TarDamage::LongNameTooLong));
            }
            self.state = State::Special {
                kind,
                size,
                left: size,
                data: Vec::new(),
            };
            if size == 0 {
                self.special_complete()?;
            }
            return Ok(());
        }

        let pax = std::mem::take(&mut self.pax);
        let mut name = pax.path.unwrap_or(raw.name);
        let mut link = pax.link.unwrap_or(raw.link);
        // Go lets a GNU long name win over a PAX path.
        if !self.long_name.is_empty() {
            name = std::mem::take(&mut self.long_name);
        }
        if !self.long_link.is_empty() {
            link = std::mem::take(&mut self.long_link);
        }
        let size =
            u64::try_from(pax.size.unwrap_or(raw.size)).map_err(|_| self.damaged(TarDamage::NegativeSize))?;
        let kind = if pax.sparse {
            EntryKind::Sparse
        } else {
            kind_of(raw.type_flag, raw.mode, &name)
        };
        // Whether data follows is decided by the type flag alone: a mode may say "directory" on an entry with data.
        let header_only = matches!(raw.type_flag, b'1'..=b'6');
        let modified = pax.modified.unwrap_or(Modified {
            seconds: raw.modified,
            nanoseconds: 0,
        });
        sink.entry(TarEntry {
            name,
            link,
            kind,
            size,
            modified,
        })?;
        if header_only || size == 0 {
            sink.end_entry()?;
            self.state = State::Header;
        } else {
            self.state = State::Data { size, left: size };
        }
        Ok(())
    }

    fn special_complete(&mut self) -> Result<(), ArchiveError> {
        let State::Special { kind, size, data, .. } = std::mem::replace(&mut self.state, State::Header)
        else {
            return Ok(());
        };
        match kind {
            Special::Pax => self.pax = Pax::parse(&data).ok_or_else(|| self.damaged(TarDamage::Pax))?,
            // Go applies a global header to no entry, so neither do we: it must merely be well formed.
            Special::GlobalPax => {
                Pax::records(&data, |_, _| true).ok_or_else(|| self.damaged(TarDamage::Pax))?;
                self.pax = Pax::default();
                self.long_name.clear();
                self.long_link.clear();
            }
            Special::LongName => self.long_name = until_nul(&data).to_vec(),
            Special::LongLink => self.long_link = until_nul(&data).to_vec(),
        }
        self.state = padding(size);
        Ok(())
    }
}

/// The fields of a header block, before extended headers are applied.
struct RawHeader {
    name: Vec<u8>,
    link: Vec<u8>,
    type_flag: u8,
    mode: i64,
    size: i64,
    modified: i64,
}

impl RawHeader {
    fn parse(block: &[u8; BLOCK]) -> Result<Self, TarDamage> {
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

impl Pax {
    fn parse(data: &[u8]) -> Option<Self> {
        let mut pax = Self::default();
        Self::records(data, |key, value| {
            if key.starts_with(b"GNU.sparse.") {
                pax.sparse = true;
            }
            // An empty value takes a record back.
            if value.is_empty() {
                return true;
            }
            match key {
                b"path" => pax.path = Some(value.to_vec()),
                b"linkpath" => pax.link = Some(value.to_vec()),
                b"size" => match decimal(value) {
                    Some(size) => pax.size = Some(size),
                    None => return false,
                },
                b"mtime" => match pax_time(value) {
                    Some(time) => pax.modified = Some(time),
                    None => return false,
                },
                b"uid" | b"gid" => return decimal(value).is_some(),
                b"atime" | b"ctime" => return pax_time(value).is_some(),
                _ => {}
            }
            true
        })?;
        Some(pax)
    }

    /// Walks over `length key=value\n` records; `None` when one is malformed or not liked by `each`.
    fn records(mut data: &[u8], mut each: impl FnMut(&[u8], &[u8]) -> bool) -> Option<()> {
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
            if *newline != b'\n' || key.is_empty() || nul || !each(key, value) {
                return None;
            }
            data = data.get(length..)?;
        }
        Some(())
    }
}

fn kind_of(type_flag: u8, mode: i64, name: &[u8]) -> EntryKind {
    // Go also believes the mode, whatever the type says.
    const MODE_DIRECTORY: u32 = 0o40000;
    match type_flag {
        b'5' => EntryKind::Directory,
        _ if mode as u32 & !0o7777 == MODE_DIRECTORY => EntryKind::Directory,
        0 if name.last() == Some(&b'/') => EntryKind::Directory,
        b'1' => EntryKind::Hardlink,
        b'2' => EntryKind::Symlink,
        b'3' => EntryKind::CharacterDevice,
        b'4' => EntryKind::BlockDevice,
        b'6' => EntryKind::Fifo,
        b'S' => EntryKind::Sparse,
        _ => EntryKind::File,
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

fn padding(size: u64) -> State {
    match (size % BLOCK as u64) as usize {
        0 => State::Header,
        over => State::Padding { left: BLOCK - over },
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn split(input: &[u8], at: usize) -> (&[u8], &[u8]) {
    input.split_at_checked(at).unwrap_or((input, &[]))
}

fn clamp(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
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
        let bad: [&[u8]; 9] = [
            b"11 path=a",
            b"path=a\n",
            b"99 path=a\n",
            b"4 a\n",
            b"7 =bcd\n",
            b"-1 path=a\n",
            b"12 path=a\0b\n",
            b"12 size=abc\n",
            b"9 patha\n ",
        ];
        for data in bad {
            assert!(Pax::parse(data).is_none(), "{:?}", String::from_utf8_lossy(data));
        }
        let good = Pax::parse(b"12 path=a/b\n12 size=123\n").map(|pax| (pax.path, pax.size));
        assert_eq!(good, Some((Some(b"a/b".to_vec()), Some(123))));
    }
}
