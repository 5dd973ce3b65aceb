//! Archives with any names in them, which no honest packer would write.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A `.tgz` of these files, each below the directory `root`.
pub(crate) fn tarball<'a>(root: &str, files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, data) in files {
        append(&mut tar, &format!("{root}/{name}"), data);
    }
    tar.extend([0; 1024]);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail.
    let written = gzip.write_all(&tar).and_then(|()| gzip.finish());
    written.unwrap_or_default()
}

fn append(tar: &mut Vec<u8>, name: &str, data: &[u8]) {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, bytes: &[u8]| {
        for (target, source) in header.iter_mut().skip(at).zip(bytes) {
            *target = *source;
        }
    };
    // The names of vectors fit into the 100 bytes of the oldest format.
    put(0, name.get(..100).unwrap_or(name).as_bytes());
    put(100, b"0000644\0");
    put(124, format!("{:011o}\0", data.len()).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    for (target, source) in header.iter_mut().skip(148).zip(sum.bytes()) {
        *target = source;
    }
    tar.extend(header);
    tar.extend(data);
    tar.extend(std::iter::repeat_n(
        0,
        data.len().next_multiple_of(512) - data.len(),
    ));
}
