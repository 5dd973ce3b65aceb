//! Packs a chart: the same files give the same bytes, on any machine and at any time.

use flate2::{Compression, GzBuilder};
use std::io::Write as _;

use super::path::EntryPath;
use super::tar::Modified;

const BLOCK: usize = 512;

/// Why files cannot be packed into an archive that would load again.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("chart name `{name}` cannot name a directory")]
    TopDirectory { name: String },
    #[error("path `{path}` cannot be packed")]
    Path { path: String },
    #[error("file `{path}` is too large for an archive")]
    TooLarge { path: String },
    #[error("compressing the archive")]
    Compress(#[source] std::io::Error),
}

/// Packs `files` below a directory called `top`, in the given order, all of them last changed at `modified`.
pub fn pack<'a>(
    top: &str,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    modified: Modified,
) -> Result<Vec<u8>, PackError> {
    if top.is_empty() || matches!(top, "." | "..") || top.contains(['/', '\\', '\0']) {
        return Err(PackError::TopDirectory { name: top.to_owned() });
    }
    // The header's own time and system would differ from machine to machine.
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::new(9));
    let mut write = |bytes: &[u8]| gzip.write_all(bytes).map_err(PackError::Compress);
    for (path, data) in files {
        let name = format!("{top}/{path}");
        let loads = EntryPath::parse(&name).is_ok_and(|parsed| parsed.path == path && !parsed.unclean);
        if !loads || path.contains(['\\', '\0']) {
            return Err(PackError::Path {
                path: path.to_owned(),
            });
        }
        let size = u64::try_from(data.len()).unwrap_or(u64::MAX);
        if size >= 1 << 33 {
            return Err(PackError::TooLarge {
                path: path.to_owned(),
            });
        }
        let fields = split_name(&name);
        if fields.is_none() {
            // PAX for long names, and for those that are not ASCII, as Go writes them.
            let records = pax_record("path", &name);
            write(&header(
                "PaxHeaders.0/path",
                "",
                b'x',
                records.len() as u64,
                Modified::default(),
            ))?;
            write(records.as_bytes())?;
            write(padding(records.len()))?;
        }
        let (prefix, short) = fields.unwrap_or(("", "PaxHeaders.0/file"));
        write(&header(short, prefix, b'0', size, modified))?;
        write(data)?;
        write(padding(data.len()))?;
    }
    write(&[0; 2 * BLOCK])?;
    gzip.finish().map_err(PackError::Compress)
}

/// Splits a name into the prefix and name fields of a header, if it fits.
fn split_name(name: &str) -> Option<(&str, &str)> {
    if !name.is_ascii() {
        return None;
    }
    if name.len() <= 100 {
        return Some(("", name));
    }
    let (prefix, rest) =
        name.match_indices('/')
            .map(|(at, _)| name.split_at(at))
            .find(|(prefix, rest)| {
                // The slash itself is not stored.
                prefix.len() <= 155 && rest.len() <= 101 && rest.len() > 1
            })?;
    Some((prefix, rest.strip_prefix('/')?))
}

fn header(name: &str, prefix: &str, type_flag: u8, size: u64, modified: Modified) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(field) = block.get_mut(at..at + bytes.len()) {
            field.copy_from_slice(bytes);
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(
        136,
        format!("{:011o}\0", modified.seconds.clamp(0, 0o77_777_777_777)).as_bytes(),
    );
    put(148, b"        ");
    put(156, &[type_flag]);
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    if let Some(field) = block.get_mut(148..156) {
        field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    block
}

/// `length key=value\n`, where the length counts itself.
fn pax_record(key: &str, value: &str) -> String {
    let bare = key.len() + value.len() + 3;
    let mut length = bare + 1;
    while length != bare + length.to_string().len() {
        length = bare + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

fn padding(length: usize) -> &'static [u8] {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    let over = length % BLOCK;
    if over == 0 {
        &[]
    } else {
        ZEROS.get(over..).unwrap_or_default()
    }
}
