//! Tables, progress and messages, in plain text.

use std::io::{self, Write};

/// The two streams of a command.
pub struct Console<'a> {
    /// Takes what was asked for.
    pub out: &'a mut dyn Write,
    /// Takes progress and errors.
    pub err: &'a mut dyn Write,
}

impl Console<'_> {
    /// Write a line of progress.
    ///
    /// # Errors
    ///
    /// If the stream cannot be written.
    pub fn progress(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.err, "{}", plain(line))
    }

    /// Write what failed, and what the user can do next.
    ///
    /// # Errors
    ///
    /// If the stream cannot be written.
    pub fn error(&mut self, what: &str, help: &str) -> io::Result<()> {
        let lines: Vec<String> = what.lines().map(plain).collect();
        writeln!(self.err, "error: {}\n  help: {help}", lines.join("\n"))
    }

    /// Write a table.
    ///
    /// # Errors
    ///
    /// If the stream cannot be written.
    pub fn table(&mut self, table: &Table) -> io::Result<()> {
        self.out.write_all(table.render().as_bytes())
    }
}

/// Rows of equally many cells, the first of them the heading.
#[derive(Debug)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// Start a table.
    pub fn new(heading: &[&str]) -> Self {
        Self(vec![heading.iter().map(|cell| plain(cell)).collect()])
    }

    /// Add a row.
    pub fn row(&mut self, cells: &[&str]) {
        self.0.push(cells.iter().map(|cell| plain(cell)).collect());
    }

    /// Return the text: columns two spaces apart, no space at the end of a line.
    fn render(&self) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let cells = |column: usize| self.0.iter().filter_map(move |row| row.get(column));
        let width = |column| cells(column).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).filter_map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        self.0.iter().map(line).collect()
    }
}

/// A line as it may be shown: files and servers have a part in it, and a control character would steer
/// the terminal.
fn plain(line: &str) -> String {
    line.replace(char::is_control, "\u{FFFD}")
}

/// A number of bytes as people say it: `12.3 MB`.
pub fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit / (unit / 10)),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_lines_end_without_spaces() {
        let mut table = Table::new(&["TOOL", "RESULT"]);
        table.row(&["wit-bindgen", "valid"]);
        table.row(&["wac", ""]);
        assert_eq!(table.render(), "TOOL         RESULT\nwit-bindgen  valid\nwac\n");
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console { out: &mut out, err: &mut err };
        console.progress("wac: \u{1b}[2J\r1.0").expect("a vector");
        console.error("cannot\n  a\u{9b}31mb\u{7}", "wait").expect("a vector");
        let mut table = Table::new(&["TOOL"]);
        table.row(&["a\nb\u{0}"]);
        console.table(&table).expect("a vector");
        let shown =
            "wac: \u{fffd}[2J\u{fffd}1.0\nerror: cannot\n  a\u{fffd}31mb\u{fffd}\n  help: wait\n";
        assert_eq!(String::from_utf8(err).expect("UTF-8"), shown);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), "TOOL\na\u{fffd}b\u{fffd}\n");
    }

    #[test]
    fn sizes_are_cut_to_one_decimal() {
        let cases = [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (12_345_678, "12.3 MB")];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(size(u64::MAX), "18446744073.7 GB");
    }
}
