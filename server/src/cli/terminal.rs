//! What the commands print, and to whom.

use std::io::{IsTerminal as _, Write as _};

/// Prints one line to standard output. A reader that went away (`| head`) is no error of ours.
pub(super) fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints text as it is to standard output.
pub(super) fn write(text: &str) {
    write_bytes(text.as_bytes());
}

/// Prints bytes as they are to standard output.
pub(super) fn write_bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Prints one line to standard error.
pub(super) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Whether a person watches the progress.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints rows under headings, columns aligned, as helm prints its tables.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (cell, width) in cells.zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(
                ' ',
                (width + 2).saturating_sub(cell.chars().count()),
            ));
        }
        print(line.trim_end());
    };
    line(&mut headings.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
}
