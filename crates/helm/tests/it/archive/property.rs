//! Whatever the bytes, the reader answers, and the size of the chunks does not change the answer.

use super::build::Tar;
use super::read;
use helm::archive::{ArchiveLimits, ArchiveReader, Modified, pack};
use proptest::prelude::*;

/// The answer in words, for comparing.
fn answer(chunks: &mut dyn Iterator<Item = &[u8]>) -> String {
    let mut reader = ArchiveReader::new(ArchiveLimits::default());
    for chunk in chunks {
        if let Err(error) = reader.push(chunk) {
            return error.to_string();
        }
    }
    match reader.finish() {
        Ok(chart) => format!("{:?} {:?}", chart.files, chart.oddities),
        Err(error) => error.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(&bytes);
        let _ = read(&super::build::gzip(&bytes));
    }

    #[test]
    fn damaged_archives_get_the_same_answer_in_any_chunks(
        flips in prop::collection::vec((0usize..4096, any::<u8>()), 0..4),
        chunk in 1usize..700,
    ) {
        let mut tar = Tar::chart()
            .pax(&[("path", b"demo/templates/a.yaml"), ("mtime", b"12.25")])
            .file("demo/x", &[b'y'; 600])
            .gnu_long_name(b"demo/values.yaml\0")
            .file("demo/y", b"a: 1")
            .raw(&[0; 1024])
            .into_bytes();
        for (at, byte) in flips {
            let length = tar.len();
            tar[at % length] = byte;
        }
        let tgz = super::build::gzip(&tar);
        let whole = answer(&mut std::iter::once(tgz.as_slice()));
        prop_assert_eq!(whole, answer(&mut tgz.chunks(chunk)));
    }

    #[test]
    fn what_is_packed_is_read_again(
        files in prop::collection::btree_map("[a-zA-Z0-9_\u{e4}-\u{ff}][a-zA-Z0-9._ -]{0,120}", prop::collection::vec(any::<u8>(), 0..900), 1..6)
    ) {
        let list = files.iter().map(|(path, data)| (path.as_str(), data.as_slice()));
        let tgz = pack("demo", list, Modified::default()).expect("packs");
        let chart = read(&tgz).expect("loads");
        prop_assert_eq!(chart.files.len(), files.len());
        for file in &chart.files {
            let want = &files[&file.path];
            let want = want.strip_prefix(b"\xef\xbb\xbf").unwrap_or(want);
            prop_assert_eq!(file.data.as_ref(), want);
        }
    }
}
