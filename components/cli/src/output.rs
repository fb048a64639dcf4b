//! Tables, progress and messages, in plain text.

use std::io::Write;

use serde_json::Value;

use crate::args::RELEASES;
use crate::code::Code;

/// The two output streams of a command.
pub struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    /// Whether progress and notes are left out.
    pub quiet: bool,
    /// The directory of checksums, and its name in messages.
    pub directory: (String, String),
    /// The name of the directory of release files in messages.
    pub releases: String,
    broken: bool,
}

impl<'a> Console<'a> {
    /// Write to these streams.
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        let (directory, releases) = Default::default();
        Self { out, err, quiet: false, directory, releases, broken: false }
    }

    /// Whether a stream could not be written, so that output was lost. The run continues, because
    /// stopping it halfway would help nobody.
    pub fn broken(&self) -> bool {
        self.broken
    }

    /// Write the result.
    pub fn show(&mut self, text: &str) {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        self.broken |= written.is_err();
    }

    /// Write the result as JSON: sorted keys, two spaces, a final newline.
    pub fn json(&mut self, document: &Value) {
        self.show(&escaped(format!("{document:#}\n")));
    }

    /// Write a document as JSON on one line.
    pub fn json_line(&mut self, document: &Value) {
        self.show(&escaped(format!("{document}\n")));
    }

    /// Write a line of progress, unless the output is quiet.
    pub fn progress(&mut self, line: &str) {
        if !self.quiet {
            self.tell(&format!("{}\n", self.line(line)));
        }
    }

    /// Write what failed, one line each, what the user can do next, and where more is written.
    pub fn error(&mut self, what: &str, help: &str, code: Code) {
        let lines: Vec<String> = what.lines().map(|line| self.line(line)).collect();
        let (what, help) = (lines.join("\n"), plain(help));
        self.tell(&format!("error: {what}\n  help: {help}\n  see:  doit-wasm help {code}\n"));
    }

    /// Replace the host's path at the beginning of a line by the one that the user knows.
    pub fn line(&self, line: &str) -> String {
        let (directory, shown) = &self.directory;
        let start = line.len() - line.trim_start().len();
        let (indent, rest) = line.split_at(start);
        let places = [(directory.as_str(), shown), (RELEASES, &self.releases)];
        let known = places.iter().find_map(|(place, shown)| {
            let inside = rest.strip_prefix(place).filter(|inside| inside.starts_with('/'))?;
            Some(plain(&format!("{indent}{}{inside}", shown.trim_end_matches('/'))))
        });
        known.unwrap_or_else(|| plain(line))
    }

    fn tell(&mut self, text: &str) {
        self.broken |= self.err.write_all(text.as_bytes()).is_err();
    }
}

/// JSON with escapes for characters that act on a terminal, which JSON allows in strings.
fn escaped(text: String) -> String {
    let escape = |text: String, code: u8| {
        text.replace(char::from(code), &format!("\\u{:04x}", u32::from(code)))
    };
    (0x7f..=0x9f).fold(text, escape)
}

/// Rows with the same number of cells; the first is the heading.
#[derive(Debug)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// Start a table.
    pub fn new(heading: &[&str]) -> Self {
        Self(vec![heading.iter().map(|cell| plain(cell)).collect()])
    }

    /// Add a row; an empty cell shows as `-`.
    pub fn row(&mut self, cells: &[&str]) {
        let shown = |cell: &&str| if cell.is_empty() { "-".to_owned() } else { plain(cell) };
        self.0.push(cells.iter().map(shown).collect());
    }

    /// Return the text: columns two spaces apart, no space at the end of a line; none without rows.
    pub fn render(&self) -> String {
        if self.0.len() < 2 {
            return String::new();
        }
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

/// Escape control characters of a line: files and servers supply parts of it, and control characters
/// act on the terminal.
fn plain(line: &str) -> String {
    line.replace(char::is_control, "\u{FFFD}")
}

/// A number of bytes for people: `12.3 MB`.
pub fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit / (unit / 10)),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_lines_end_without_spaces() {
        let mut table = Table::new(&["TOOL", "RESULT"]);
        table.row(&["wit-bindgen", "valid"]);
        table.row(&["wac", ""]);
        assert_eq!(table.render(), "TOOL         RESULT\nwit-bindgen  valid\nwac          -\n");
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut out, &mut err);
        console.progress("wac: \u{1b}[2J\r1.0");
        console.error("cannot\n  a\u{9b}31mb\u{7}", "wait", Code::Usage);
        let mut table = Table::new(&["TOOL"]);
        table.row(&["a\nb\u{0}"]);
        console.show(&table.render());
        console.json(&json!({"a\u{7f}": "\u{1b}\u{9b}é"}));
        let shown = concat!(
            "wac: \u{fffd}[2J\u{fffd}1.0\nerror: cannot\n  a\u{fffd}31mb\u{fffd}\n",
            "  help: wait\n  see:  doit-wasm help DW410\n",
        );
        assert_eq!(String::from_utf8(err).expect("UTF-8"), shown);
        let shown = "TOOL\na\u{fffd}b\u{fffd}\n{\n  \"a\\u007f\": \"\\u001b\\u009bé\"\n}\n";
        assert_eq!(String::from_utf8(out).expect("UTF-8"), shown);
    }

    #[test]
    fn the_directory_shows_under_the_name_that_the_user_gave_it() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut out, &mut err);
        console.directory = ("/checksums".to_owned(), "../sums".to_owned());
        let what = "cannot\n  /checksums/a: gone\n  /checksumsb\n  at /checksums/a";
        console.error(what, "wait", Code::File);
        let shown = concat!(
            "error: cannot\n  ../sums/a: gone\n  /checksumsb\n  at /checksums/a\n",
            "  help: wait\n  see:  doit-wasm help DW412\n",
        );
        assert_eq!(String::from_utf8(err).expect("UTF-8"), shown);
    }

    #[test]
    fn a_directory_that_was_named_with_a_slash_shows_with_one() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut out, &mut err);
        for (shown, path) in [("/", "/a"), ("sums/", "sums/a"), ("sums//", "sums/a")] {
            console.directory = ("/checksums".to_owned(), shown.to_owned());
            assert_eq!(console.line("/checksums/a"), path);
        }
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
