//! Gzip, pushed in chunk by chunk. Knows members, checksums and where a stream may end as Go's `compress/gzip` does;
//! knows nothing of tar. The inflating itself is flate2's.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::error::{ArchiveError, GzipDamage, Missing};

/// Output is handed on in pieces of this size; together with the inflate window it is all the memory a stream costs.
const OUTPUT_BYTES: usize = 32 * 1024;

/// Go reads a member's name and comment into a buffer of this size and refuses longer ones.
const MAX_HEADER_STRING: usize = 512;

const FLAG_HEADER_CRC: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;

/// What the consumer of the unpacked bytes says after each piece.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    /// The consumer has seen its end: what follows is not even unpacked, so nothing can hide a bomb behind it.
    Stop,
}

/// A gzip decoder that is fed with chunks.
pub(crate) struct Gunzip {
    state: State,
    inflate: Decompress,
    crc: Crc,
    output: Box<[u8]>,
    consumed: u64,
    n_members: u32,
}

enum State {
    Header(MemberHeader),
    Body,
    Trailer { bytes: [u8; 8], filled: usize },
    Stopped,
}

/// The part of a member header that is being read.
struct MemberHeader {
    part: HeaderPart,
    flags: u8,
    crc: Crc,
    n_bytes: usize,
}

enum HeaderPart {
    Fixed,
    ExtraLength { low: Option<u8> },
    Extra { left: u16 },
    Name { length: usize },
    Comment { length: usize },
    Checksum { low: Option<u8>, want: u16 },
    Done,
}

impl Gunzip {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Header(MemberHeader::new()),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            output: vec![0; OUTPUT_BYTES].into_boxed_slice(),
            consumed: 0,
            n_members: 0,
        }
    }

    /// How many complete or begun members were seen.
    pub(crate) fn n_members(&self) -> u32 {
        self.n_members
    }

    /// Unpacks `input` into `sink`. After `sink` answers [`Flow::Stop`] all further input is ignored, as Go's tar
    /// reader never asks for what lies behind the end of the archive.
    pub(crate) fn push(
        &mut self,
        mut input: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<Flow, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        loop {
            match &mut self.state {
                State::Stopped => return Ok(()),
                State::Header(header) => {
                    let Some((&byte, rest)) = input.split_first() else {
                        return Ok(());
                    };
                    let first_member = self.n_members == 0;
                    header.push(byte).map_err(|what| {
                        if first_member && what == GzipDamage::Header {
                            ArchiveError::NotGzip
                        } else {
                            ArchiveError::DamagedGzip {
                                offset: self.consumed,
                                what,
                            }
                        }
                    })?;
                    input = rest;
                    self.consumed += 1;
                    if matches!(header.part, HeaderPart::Done) {
                        self.n_members = self.n_members.saturating_add(1);
                        self.inflate.reset(false);
                        self.crc.reset();
                        self.state = State::Body;
                    }
                }
                State::Body => {
                    let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
                    let status = self
                        .inflate
                        .decompress(input, &mut self.output, FlushDecompress::None);
                    let status = status.map_err(|_| ArchiveError::DamagedGzip {
                        offset: self.consumed,
                        what: GzipDamage::Deflate,
                    })?;
                    let n_in = (self.inflate.total_in() - before_in) as usize;
                    let n_out = (self.inflate.total_out() - before_out) as usize;
                    self.consumed += n_in as u64;
                    input = input.get(n_in..).unwrap_or_default();
                    let piece = self.output.get(..n_out).unwrap_or_default();
                    self.crc.update(piece);
                    if !piece.is_empty() && sink(piece)? == Flow::Stop {
                        self.state = State::Stopped;
                        return Ok(());
                    }
                    if status == Status::StreamEnd {
                        self.state = State::Trailer {
                            bytes: [0; 8],
                            filled: 0,
                        };
                    } else if n_in == 0 && n_out == 0 {
                        // Nothing more can be had from this chunk.
                        if input.is_empty() {
                            return Ok(());
                        }
                        return Err(ArchiveError::DamagedGzip {
                            offset: self.consumed,
                            what: GzipDamage::Deflate,
                        });
                    }
                }
                State::Trailer { bytes, filled } => {
                    let Some((&byte, rest)) = input.split_first() else {
                        return Ok(());
                    };
                    if let Some(slot) = bytes.get_mut(*filled) {
                        *slot = byte;
                    }
                    *filled += 1;
                    input = rest;
                    self.consumed += 1;
                    if *filled == bytes.len() {
                        let [a, b, c, d, e, f, g, h] = *bytes;
                        let offset = self.consumed;
                        if u32::from_le_bytes([a, b, c, d]) != self.crc.sum() {
                            return Err(ArchiveError::DamagedGzip {
                                offset,
                                what: GzipDamage::Checksum,
                            });
                        }
                        if u32::from_le_bytes([e, f, g, h]) != self.crc.amount() {
                            return Err(ArchiveError::DamagedGzip {
                                offset,
                                what: GzipDamage::Length,
                            });
                        }
                        // Several members in a row are one stream, as Go (and RFC 1952) has it.
                        self.state = State::Header(MemberHeader::new());
                    }
                }
            }
        }
    }

    /// Says whether the input may end here: between two members, or after the consumer stopped.
    pub(crate) fn finish(&self) -> Result<(), ArchiveError> {
        match &self.state {
            State::Stopped => Ok(()),
            State::Header(header) if header.n_bytes == 0 && self.n_members > 0 => Ok(()),
            State::Header(_) if self.n_members == 0 => Err(ArchiveError::NotGzip),
            _ => Err(ArchiveError::Truncated {
                missing: Missing::GzipData,
            }),
        }
    }
}

impl MemberHeader {
    fn new() -> Self {
        Self {
            part: HeaderPart::Fixed,
            flags: 0,
            crc: Crc::new(),
            n_bytes: 0,
        }
    }

    fn push(&mut self, byte: u8) -> Result<(), GzipDamage> {
        // The checksum covers everything before itself.
        if !matches!(self.part, HeaderPart::Checksum { .. }) {
            self.crc.update(&[byte]);
        }
        self.n_bytes += 1;
        match &mut self.part {
            HeaderPart::Fixed => {
                match (self.n_bytes, byte) {
                    (1, 0x1f) | (2, 0x8b) | (3, 8) => {}
                    (1..=3, _) => return Err(GzipDamage::Header),
                    (4, flags) => self.flags = flags,
                    _ => {}
                }
                if self.n_bytes == 10 {
                    self.enter(FLAG_EXTRA);
                }
            }
            HeaderPart::ExtraLength { low } => match *low {
                None => *low = Some(byte),
                Some(low) => match u16::from_le_bytes([low, byte]) {
                    0 => self.enter(FLAG_NAME),
                    left => self.part = HeaderPart::Extra { left },
                },
            },
            HeaderPart::Extra { left } => {
                *left -= 1;
                if *left == 0 {
                    self.enter(FLAG_NAME);
                }
            }
            HeaderPart::Name { length } | HeaderPart::Comment { length } => {
                *length += 1;
                if *length > MAX_HEADER_STRING {
                    return Err(GzipDamage::Header);
                }
                if byte == 0 {
                    let next = if matches!(self.part, HeaderPart::Name { .. }) {
                        FLAG_COMMENT
                    } else {
                        FLAG_HEADER_CRC
                    };
                    self.enter(next);
                }
            }
            HeaderPart::Checksum { low, want } => match *low {
                None => *low = Some(byte),
                Some(low) => {
                    if u16::from_le_bytes([low, byte]) != *want {
                        return Err(GzipDamage::HeaderChecksum);
                    }
                    self.part = HeaderPart::Done;
                }
            },
            HeaderPart::Done => {}
        }
        Ok(())
    }

    /// Goes to the first optional part, from `flag` on, that the member has.
    fn enter(&mut self, flag: u8) {
        let order = [FLAG_EXTRA, FLAG_NAME, FLAG_COMMENT, FLAG_HEADER_CRC];
        let next = order
            .into_iter()
            .skip_while(|&f| f != flag)
            .find(|f| self.flags & f != 0);
        self.part = match next {
            Some(FLAG_EXTRA) => HeaderPart::ExtraLength { low: None },
            Some(FLAG_NAME) => HeaderPart::Name { length: 0 },
            Some(FLAG_COMMENT) => HeaderPart::Comment { length: 0 },
            Some(_) => HeaderPart::Checksum {
                low: None,
                want: (self.crc.sum() & 0xffff) as u16,
            },
            None => HeaderPart::Done,
        };
    }
}
