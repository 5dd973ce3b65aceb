//! Text on its way out in parts, as it is or as gzip. Neither is ever copied into one buffer.
//!
//! Deflate (RFC 1951) is a row of blocks, and a flush ends one at the border of a byte. So parts that were compressed
//! without knowledge of each other are one stream when they stand in a row, and gzip (RFC 1952) wants around them ten
//! bytes in front, and behind them an empty last block and the CRC-32 of the whole, which is made of those of the parts.
//! What changes in one part is compressed in one part; an answer costs no compressing at all.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

use super::blocking;
use crate::{Error, Result};

/// A member with no time and no name, made on no system in particular.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty block with fixed codes, which is the last.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// A part, which many documents may share.
#[derive(Debug)]
pub(super) struct Text {
    plain: Bytes,
    deflated: OnceLock<Deflated>,
}

/// A part as blocks of which none is the last.
#[derive(Debug)]
struct Deflated {
    blocks: Bytes,
    /// Of what was compressed.
    crc: Crc,
}

/// A text in parts.
#[derive(Clone, Debug)]
pub struct Document {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Vec<Arc<Text>>,
    plain: Pieces,
    gzip: tokio::sync::OnceCell<Pieces>,
}

/// Bytes of a body, in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Pieces {
    bytes: Arc<[Bytes]>,
    n_bytes: u64,
}

impl Text {
    pub(super) fn new(plain: impl Into<Bytes>) -> Arc<Self> {
        Arc::new(Self {
            plain: plain.into(),
            deflated: OnceLock::new(),
        })
    }

    pub(super) fn plain(&self) -> &Bytes {
        &self.plain
    }
}

impl Document {
    pub(super) fn new(parts: Vec<Arc<Text>>) -> Self {
        let plain = parts.iter().map(|part| part.plain.clone()).collect();
        Self {
            inner: Arc::new(Inner {
                parts,
                plain: Pieces::new(plain),
                gzip: tokio::sync::OnceCell::new(),
            }),
        }
    }

    /// The text as it is.
    pub fn plain(&self) -> Pieces {
        self.inner.plain.clone()
    }

    /// The text as gzip. Whoever asks first waits for those parts that nobody wanted compressed before.
    pub async fn gzip(&self) -> Result<Pieces> {
        let inner = Arc::clone(&self.inner);
        let make = || async { blocking(move || gzip(&inner.parts)).await? };
        self.inner.gzip.get_or_try_init(make).await.cloned()
    }
}

impl Pieces {
    fn new(bytes: Vec<Bytes>) -> Self {
        Self {
            n_bytes: bytes.iter().map(|piece| piece.len() as u64).sum(),
            bytes: bytes.into(),
        }
    }

    /// Length of the whole.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The whole in one buffer, for those who need it so.
    pub fn concat(&self) -> Vec<u8> {
        self.bytes.concat()
    }

    /// One after the other, without holding up anything else that is made of them.
    pub fn into_pieces(self) -> impl Iterator<Item = Bytes> + Send + 'static {
        (0..self.bytes.len()).filter_map(move |at| self.bytes.get(at).cloned())
    }
}

fn gzip(parts: &[Arc<Text>]) -> Result<Pieces> {
    let mut compress = None;
    let mut bytes = vec![Bytes::from_static(&GZIP_HEAD)];
    let mut crc = Crc::new();
    for part in parts {
        let deflated = match part.deflated.get() {
            Some(deflated) => deflated,
            None => {
                // Its tables are larger than most parts: one for all of them.
                let compress = compress.get_or_insert_with(|| Compress::new(Compression::default(), false));
                let made = deflate(compress, &part.plain)?;
                part.deflated.get_or_init(|| made)
            }
        };
        crc.combine(&deflated.crc);
        bytes.push(deflated.blocks.clone());
    }
    let mut end = LAST_BLOCK.to_vec();
    end.extend(crc.sum().to_le_bytes());
    // By its own rule modulo 2^32.
    end.extend(crc.amount().to_le_bytes());
    bytes.push(Bytes::from(end));
    Ok(Pieces::new(bytes))
}

fn deflate(compress: &mut Compress, plain: &[u8]) -> Result<Deflated> {
    compress.reset();
    let mut blocks = Vec::with_capacity(plain.len() / 8 + 64);
    loop {
        let n_taken = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = plain.get(n_taken..).unwrap_or_default();
        compress
            .compress_vec(rest, &mut blocks, FlushCompress::Sync)
            .map_err(Error::internal)?;
        // Where room is left over, everything was taken and flushed.
        if blocks.len() < blocks.capacity() {
            break;
        }
        blocks.reserve(blocks.capacity());
    }
    blocks.shrink_to_fit();
    let mut crc = Crc::new();
    crc.update(plain);
    Ok(Deflated {
        blocks: Bytes::from(blocks),
        crc,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::{Document, Text};

    /// Text of so many bytes that is neither all the same nor noise.
    fn words(n_bytes: usize, seed: u32) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let letter = u8::try_from(state >> 28).unwrap_or(0);
            b'a' + letter
        };
        (0..n_bytes).map(|_| next()).collect()
    }

    #[tokio::test]
    async fn parts_in_a_row_are_one_gzip() {
        let cases: [&[usize]; 6] = [
            &[],
            &[0],
            &[1, 0, 1],
            &[65_535, 65_536, 65_537],
            &[32_768, 3, 32_768],
            &[1_000_000, 10],
        ];
        for lengths in cases {
            let texts = lengths.iter().zip(0..).map(|(length, seed)| words(*length, seed));
            let texts: Vec<Vec<u8>> = texts.collect();
            let document = Document::new(texts.iter().cloned().map(Text::new).collect());
            let want = texts.concat();
            assert_eq!(document.plain().concat(), want);
            assert_eq!(document.plain().n_bytes(), want.len() as u64);
            let gzip = document.gzip().await.expect("it is compressed");
            assert_eq!(gzip.n_bytes(), gzip.concat().len() as u64);
            // Reads to the end of the member, and checks its CRC and its length.
            let packed = gzip.concat();
            let mut decoder = GzDecoder::new(packed.as_slice());
            let mut got = Vec::new();
            decoder.read_to_end(&mut got).expect("it unpacks");
            assert!(got == want, "{lengths:?}");
            assert!(decoder.into_inner().is_empty(), "{lengths:?}: nothing follows");
        }
    }

    #[tokio::test]
    async fn a_part_is_compressed_once_for_all_documents() {
        let (first, shared) = (Text::new(words(100, 1)), Text::new(words(50_000, 2)));
        let one = Document::new(vec![first, shared.clone()]);
        let two = Document::new(vec![Text::new(words(200, 3)), shared.clone()]);
        one.gzip().await.expect("it is compressed");
        let blocks = shared.deflated.get().expect("it was compressed").blocks.clone();
        let pieces: Vec<_> = two
            .gzip()
            .await
            .expect("it is compressed")
            .into_pieces()
            .collect();
        assert_eq!(pieces[2].as_ptr(), blocks.as_ptr());
        assert!(blocks.len() < 40_000, "{}", blocks.len());
    }
}
