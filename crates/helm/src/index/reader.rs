//! The entrance: unpacks where need be, finds out the format, and watches over sizes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::assemble::Assembler;
use super::entry::IndexEntry;
use super::error::IndexError;
use super::json::JsonSplitter;
use super::skip::Skipped;
use super::timestamp::Timestamp;
use super::yaml::YamlSplitter;
use crate::archive::{ArchiveError, Flow, Gunzip};

/// How much an index may cost. Memory is a few times `max_part_bytes` at worst, whatever the document's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexLimits {
    /// The whole document, unpacked.
    pub max_bytes: u64,
    /// One version. Longer ones are skipped.
    pub max_entry_bytes: usize,
    /// What has to be read in one piece when the document is not laid out in the usual way (YAML in flow style, a
    /// chart's versions on one line). Longer ones make the document unusable.
    pub max_part_bytes: usize,
    pub max_charts: usize,
    pub max_versions: u64,
    pub max_name_bytes: usize,
    pub max_url_bytes: usize,
}

impl Default for IndexLimits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            max_bytes: 256 * MIB as u64,
            max_entry_bytes: MIB,
            max_part_bytes: 16 * MIB,
            max_charts: 100_000,
            max_versions: 1_000_000,
            max_name_bytes: 250,
            max_url_bytes: 4096,
        }
    }
}

/// What the reader hands on.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexItem {
    Version(Box<IndexEntry>),
    Skipped(Skipped),
}

/// What is known once the whole index was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexSummary {
    pub n_bytes: u64,
    pub n_charts: usize,
    pub n_versions: u64,
    pub n_skipped: u64,
    pub is_json: bool,
    /// Whether something after the last entry shows that none is missing. A YAML index that was cut between two
    /// entries is a smaller, valid index; where this is `false`, only a `Content-Length` can tell.
    pub is_proven_complete: bool,
    pub api_version: String,
    pub generated: Option<Timestamp>,
    /// ChartMuseum's: where its API is.
    pub server_info: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// Keys that Helm does not know (some of them). In a YAML index each makes Helm refuse the whole repository.
    pub unknown_keys: BTreeSet<String>,
}

/// Reads an index that arrives in chunks. Everything handed to the sink is provisional until [`IndexReader::finish`]
/// has returned `Ok`.
pub struct IndexReader {
    limits: IndexLimits,
    assembler: Assembler,
    gunzip: Option<Box<Gunzip>>,
    document: Document,
    /// The first bytes, until it is known what they are.
    head: Vec<u8>,
    n_bytes: u64,
}

enum Document {
    Unknown,
    Json(JsonSplitter),
    Yaml(YamlSplitter),
}

impl IndexReader {
    pub fn new(limits: IndexLimits) -> Self {
        Self {
            limits,
            assembler: Assembler::new(limits),
            gunzip: None,
            document: Document::Unknown,
            head: Vec::new(),
            n_bytes: 0,
        }
    }

    /// Reads an index from `source` to its end.
    pub fn read(
        mut source: impl Read,
        limits: IndexLimits,
        sink: &mut dyn FnMut(IndexItem),
    ) -> Result<IndexSummary, IndexError> {
        let mut reader = Self::new(limits);
        let mut chunk = vec![0; 64 * 1024];
        loop {
            match source.read(&mut chunk) {
                Ok(0) => return reader.finish(sink),
                Ok(n_bytes) => reader.push(chunk.get(..n_bytes).unwrap_or_default(), sink)?,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(IndexError::Read(error)),
            }
        }
    }

    /// Takes the next bytes. After an error the reader is of no further use.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn FnMut(IndexItem)) -> Result<(), IndexError> {
        if let Some(mut gunzip) = self.gunzip.take() {
            self.unpack(&mut gunzip, chunk, sink)?;
            self.gunzip = Some(gunzip);
            return Ok(());
        }
        if self.n_bytes == 0 {
            // Two bytes tell a gzip stream, whatever the headers said.
            self.head.extend_from_slice(chunk);
            if self.head.len() < 2 {
                return Ok(());
            }
            let head = std::mem::take(&mut self.head);
            if head.starts_with(&[0x1f, 0x8b]) {
                let mut gunzip = Box::new(Gunzip::new());
                self.unpack(&mut gunzip, &head, sink)?;
                self.gunzip = Some(gunzip);
                return Ok(());
            }
            return self.text(&head, sink);
        }
        self.text(chunk, sink)
    }

    /// Ends the document.
    pub fn finish(mut self, sink: &mut dyn FnMut(IndexItem)) -> Result<IndexSummary, IndexError> {
        if let Some(gunzip) = self.gunzip.take() {
            gunzip.finish().map_err(IndexError::Gzip)?;
        }
        let head = std::mem::take(&mut self.head);
        if !head.is_empty() {
            self.text(&head, sink)?;
            self.begin(true);
            let head = std::mem::take(&mut self.head);
            self.document_push(&head, sink)?;
        }
        match self.document {
            Document::Unknown => return Err(IndexError::Empty),
            Document::Json(mut splitter) => splitter.finish(&mut self.assembler, sink)?,
            Document::Yaml(mut splitter) => splitter.finish(&mut self.assembler, sink)?,
        }
        self.assembler.finish(self.n_bytes)
    }

    fn unpack(
        &mut self,
        gunzip: &mut Gunzip,
        chunk: &[u8],
        sink: &mut dyn FnMut(IndexItem),
    ) -> Result<(), IndexError> {
        // The decoder speaks of archives; an error of ours travels beside it.
        let mut ours = None;
        let result = gunzip.push(chunk, &mut |piece| match self.text(piece, sink) {
            Ok(()) => Ok(Flow::Continue),
            Err(error) => {
                ours = Some(error);
                Ok(Flow::Stop)
            }
        });
        match ours {
            Some(error) => Err(error),
            None => result.map_err(|error: ArchiveError| IndexError::Gzip(error)),
        }
    }

    fn text(&mut self, text: &[u8], sink: &mut dyn FnMut(IndexItem)) -> Result<(), IndexError> {
        self.n_bytes += text.len() as u64;
        if self.n_bytes > self.limits.max_bytes {
            return Err(IndexError::TooLarge {
                limit_bytes: self.limits.max_bytes,
            });
        }
        if matches!(self.document, Document::Unknown) {
            self.head.extend_from_slice(text);
            if !self.begin(false) {
                // Nothing but white space so far.
                if self.head.len() > self.limits.max_entry_bytes {
                    return Err(IndexError::NotAnIndex);
                }
                return Ok(());
            }
            let head = std::mem::take(&mut self.head);
            return self.document_push(&head, sink);
        }
        self.document_push(text, sink)
    }

    /// Decides on the format by the first character; says whether it could.
    fn begin(&mut self, at_end: bool) -> bool {
        if !matches!(self.document, Document::Unknown) {
            return true;
        }
        let bom = self.head.starts_with(b"\xef\xbb\xbf");
        let text = if bom {
            self.head.get(3..).unwrap_or_default()
        } else {
            &self.head
        };
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            // Go's JSON has no byte order mark, so that text is YAML, in flow style. So is what begins like JSON and
            // is not; the JSON splitter turns to YAML when it finds out.
            Some(b'{') if !bom => self.document = Document::Json(JsonSplitter::new(self.limits)),
            Some(_) if text.len() >= 3 || at_end => {
                self.document = Document::Yaml(YamlSplitter::new(self.limits));
            }
            _ => return false,
        }
        true
    }

    fn document_push(&mut self, text: &[u8], sink: &mut dyn FnMut(IndexItem)) -> Result<(), IndexError> {
        match &mut self.document {
            Document::Unknown => Ok(()),
            Document::Yaml(splitter) => splitter.push(text, &mut self.assembler, sink),
            Document::Json(splitter) => {
                if let Some(unread) = splitter.push(text, &mut self.assembler, sink)? {
                    let mut yaml = YamlSplitter::new(self.limits);
                    yaml.push(&unread, &mut self.assembler, sink)?;
                    self.document = Document::Yaml(yaml);
                }
                Ok(())
            }
        }
    }
}
