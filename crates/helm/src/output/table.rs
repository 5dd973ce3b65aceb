//! Tables as github.com/gosuri/uitable prints them: every cell padded, the last one too, a tab between.

/// Rows of cells, cells may have several lines.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn print(&self) -> String {
        let n_columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![0; n_columns];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.split('\n').map(width_of).max().unwrap_or(0).max(*width);
            }
        }
        let rows: Vec<String> = self.rows.iter().map(|row| print_row(row, &widths)).collect();
        rows.join("\n") + "\n"
    }
}

fn print_row(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<Vec<&str>> = row.iter().map(|cell| cell.split('\n').collect()).collect();
    let n_lines = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let cells = cells
            .iter()
            .zip(widths)
            .map(|(lines, width)| match lines.get(number) {
                Some(text) => pad(text, *width),
                // What a cell has no line for is one space in a column without width.
                None => pad("", (*width).max(1)),
            });
        cells.collect::<Vec<String>>().join("\t")
    };
    (0..n_lines).map(line).collect::<Vec<String>>().join("\n")
}

pub(super) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(width_of(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Characters; helm counts wide ones of East Asian scripts as two.
fn width_of(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_wide_character_counts_as_one_column() {
        let mut table = Table::default();
        for name in ["\u{5e97}", "abc"] {
            table.row([name.to_owned(), "x".to_owned()]);
        }
        assert_eq!(table.print(), "\u{5e97}  \tx\nabc\tx\n");
    }
}
