//! Builds tar files block by block, so that a test can lie in any field.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// A tar file in the making.
#[derive(Clone, Default)]
pub(crate) struct Tar {
    bytes: Vec<u8>,
}

/// The fields of a header that tests vary.
pub(crate) struct Header {
    pub(crate) name: Vec<u8>,
    pub(crate) link: &'static [u8],
    pub(crate) type_flag: u8,
    pub(crate) mode: &'static [u8],
    pub(crate) size: Vec<u8>,
    pub(crate) magic: &'static [u8],
}

impl Header {
    pub(crate) fn new(name: impl AsRef<[u8]>, type_flag: u8, size: u64) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            link: b"",
            type_flag,
            mode: b"0000644\0",
            size: format!("{size:011o}\0").into_bytes(),
            magic: b"ustar\x0000",
        }
    }

    pub(crate) fn block(&self) -> [u8; 512] {
        let mut block = [0u8; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name);
        put(100, self.mode);
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        put(124, &self.size);
        put(136, b"00000000000\0");
        put(156, &[self.type_flag]);
        put(157, self.link);
        put(257, self.magic);
        seal(&mut block);
        block
    }
}

/// Writes the checksum of a header block.
pub(crate) fn seal(block: &mut [u8; 512]) {
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

impl Tar {
    /// A chart that would load, to which a test adds.
    pub(crate) fn chart() -> Self {
        Self::default().file("demo/Chart.yaml", b"name: demo\nversion: 1.0.0\n")
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn entry(self, header: &Header, data: &[u8]) -> Self {
        let padding = vec![0; data.len().next_multiple_of(512) - data.len()];
        self.raw(&header.block()).raw(data).raw(&padding)
    }

    pub(crate) fn file(self, name: impl AsRef<[u8]>, data: &[u8]) -> Self {
        self.entry(&Header::new(name, b'0', data.len() as u64), data)
    }

    pub(crate) fn link(self, name: &str, type_flag: u8, target: &'static [u8]) -> Self {
        self.entry(
            &Header {
                link: target,
                ..Header::new(name, type_flag, 0)
            },
            b"",
        )
    }

    /// A PAX header of the given records for the next entry.
    pub(crate) fn pax(self, records: &[(&str, &[u8])]) -> Self {
        self.special(b'x', records)
    }

    pub(crate) fn special(self, type_flag: u8, records: &[(&str, &[u8])]) -> Self {
        let mut data = Vec::new();
        for (key, value) in records {
            let bare = key.len() + value.len() + 3;
            let mut length = bare + 1;
            while length != bare + length.to_string().len() {
                length = bare + length.to_string().len();
            }
            data.extend_from_slice(format!("{length} {key}=").as_bytes());
            data.extend_from_slice(value);
            data.push(b'\n');
        }
        self.entry(
            &Header::new("PaxHeaders.0/x", type_flag, data.len() as u64),
            &data,
        )
    }

    pub(crate) fn gnu_long_name(self, name: &[u8]) -> Self {
        let header = Header {
            magic: b"ustar  \0",
            ..Header::new("././@LongLink", b'L', name.len() as u64)
        };
        self.entry(&header, name)
    }

    /// The compressed archive, with the blocks that end it.
    pub(crate) fn tgz(self) -> Vec<u8> {
        gzip(&self.raw(&[0; 1024]).bytes)
    }

    /// The compressed archive as it stands.
    pub(crate) fn unended(self) -> Vec<u8> {
        gzip(&self.bytes)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}
