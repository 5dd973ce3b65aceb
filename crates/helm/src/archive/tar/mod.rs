//! A tar reader that is fed with chunks, with the leniencies of Go's `archive/tar` and none of its features that a
//! chart has no use for: sparse files are refused, extended attributes and owners are skipped. It keeps no file data.

mod header;
mod pax;

use super::error::{ArchiveError, Missing, TarDamage};
use header::{RawHeader, until_nul};
use pax::Pax;

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

        let pax = std::mem::take(&mut self.pax)
            .meaning()
            .ok_or_else(|| self.damaged(TarDamage::Pax))?;
        let mut name = pax.path.unwrap_or(raw.name);
        let mut link = pax.link.unwrap_or(raw.link);
        // Go lets a GNU long name win over a PAX path.
        if !self.long_name.is_empty() {
            name = std::mem::take(&mut self.long_name);
        }
        if !self.long_link.is_empty() {
            link = std::mem::take(&mut self.long_link);
        }
        let kind = if pax.is_sparse {
            EntryKind::Sparse
        } else {
            kind_of(raw.type_flag, raw.mode, &name)
        };
        // Whether data follows is decided by the type alone: a mode may say "directory" on an entry with data. Archives
        // older than types mark a directory by its slash.
        let header_only =
            matches!(raw.type_flag, b'1'..=b'6') || (raw.type_flag == 0 && name.last() == Some(&b'/'));
        let size = match u64::try_from(pax.size.unwrap_or(raw.size)) {
            Ok(size) => size,
            Err(_) if header_only => 0,
            Err(_) => return Err(self.damaged(TarDamage::NegativeSize)),
        };
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
                Pax::parse(&data).ok_or_else(|| self.damaged(TarDamage::Pax))?;
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

fn padding(size: u64) -> State {
    match (size % BLOCK as u64) as usize {
        0 => State::Header,
        over => State::Padding { left: BLOCK - over },
    }
}

fn split(input: &[u8], at: usize) -> (&[u8], &[u8]) {
    input.split_at_checked(at).unwrap_or((input, &[]))
}

fn clamp(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
