//! Files of checksums, in all published forms.
//!
//! - GNU coreutils, text and binary, with escaped names: `HEX  NAME`, `HEX *NAME`, `\HEX  A\nB`;
//! - BSD and OpenSSL: `SHA256 (NAME) = HEX`, `SHA2-256(NAME)= HEX`;
//! - PowerShell's `Get-FileHash`, as a table and as a list; `certutil`, in any language;
//! - a digest and a name in either order, with anything between and around them: `NAME HEX`,
//!   `NAME: HEX`, `sha256:HEX NAME`, `"NAME": "HEX",`, `| NAME | HEX |`;
//! - a digest alone.
//!
//! They may have a clear-text signature, comments, headings, any line ends, a byte order mark, and
//! digests of other algorithms, which are ignored. A line that can be read in two ways is refused.

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use crate::bindings::exports::doit_wasm::updater::documents::Sum as Named;
use crate::digest;
use crate::error::Error;
use crate::watch::optional;

/// The numbers of hex digits of other algorithms.
const OTHERS: [usize; 5] = [32, 40, 56, 96, 128];

/// Parse a file of checksums, sorted by name; a digest alone has no name.
///
/// # Errors
///
/// [`Error::Answer`] if a line has an unknown form, two disagree about a name, or none has a SHA-256.
pub fn parse(text: &str) -> Result<Vec<Named>, Error> {
    let (mut known, mut listed, mut heading) = (BTreeMap::new(), Listed::default(), None);
    let text = &entries(text);
    for (number, line) in lines(text) {
        let found = listed.read(line).or_else(|| read(line));
        let head = heading.take();
        let found = match (found, head) {
            (Some(Some(Sum { name, digest })), Some(head)) if name.is_empty() => {
                Some(Sum { name: last(head), digest })
            }
            (Some(found), _) => found,
            (None, _) if is_furniture(line) => None,
            (None, _) => {
                let Some(head) = line.trim_end().strip_suffix([':', '：']) else {
                    let quoted: String = line.chars().take(80).collect();
                    let why =
                        if digests(line).len() > 1 { "has two readings" } else { "is no checksum" };
                    return Err(Error::answer(
                        format!("line {number}"),
                        format!("{why}: `{quoted}`"),
                    ));
                };
                heading = Some(subject(head));
                None
            }
        };
        let Some(Sum { name, digest }) = found else {
            continue;
        };
        match known.get(&name) {
            Some(earlier) if *earlier != digest => {
                let reason = format!("{digest} for `{name}`, which had {earlier} before");
                return Err(Error::answer(format!("line {number}"), reason));
            }
            _ => known.insert(name, digest),
        };
    }
    if known.is_empty() {
        return Err(Error::answer("document", "has no SHA-256 in it"));
    }
    let named = |(name, sha256)| Named { name: optional(name), sha256 };
    Ok(known.into_iter().map(named).collect())
}

/// A name and its digest.
struct Sum {
    name: String,
    digest: String,
}

/// The text with one entry per line, also of JSON.
fn entries(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        return text.replace(['{', '}', '[', ']', ','], "\n").into();
    }
    text.into()
}

/// The numbered lines with content, without what a signature adds.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut armor, mut is_signed, mut is_over) = (false, false, false);
    // `sha256sum --zero` ends its lines with zero bytes, and old systems with carriage returns.
    let lines = text
        .split('\n')
        .enumerate()
        .flat_map(|(index, line)| line.split(['\r', '\0']).map(move |line| (index, line)));
    lines.filter_map(move |(index, line)| {
        if line == "-----BEGIN PGP SIGNED MESSAGE-----" {
            (armor, is_signed) = (true, true);
            return None;
        }
        is_over |= is_signed && line == "-----BEGIN PGP SIGNATURE-----";
        // Headers of the armor end at the first empty line.
        let is_header = armor;
        armor &= !line.is_empty();
        let line = if is_signed { line.strip_prefix("- ").unwrap_or(line) } else { line };
        let is_said = !line.trim().is_empty() && !line.starts_with(['#', ';']);
        (is_said && !is_header && !is_over).then_some((index + 1, line))
    })
}

/// Read a self-contained line: its entry, nothing if that is not a SHA-256, none if its form is
/// unknown.
fn read(line: &str) -> Option<Option<Sum>> {
    bsd(line)
        .or_else(|| table(line))
        .or_else(|| gnu(line))
        .or_else(|| pairs(line))
        .or_else(|| any(line))
}

/// Characters around a digest or a name that belong to neither.
const AROUND: [char; 9] = [':', '=', '*', '|', '"', '\'', '`', ',', ';'];

/// One digest, and one name before or behind it
fn any(line: &str) -> Option<Option<Sum>> {
    let found = digests(line);
    let [(before, hex, behind)] = found.as_slice() else {
        return None;
    };
    let digest = digest::normal(hex)?;
    let before = plain_text(unlabelled(before)).trim_end_matches(['(', '[', '<']);
    let behind = plain_text(behind).trim_start_matches([')', ']', '>']);
    let (before, behind) = (plain_text(before), plain_text(behind));
    // A size is not part of the digest.
    let is_said = |text: &&str| !text.is_empty() && !text.bytes().all(|it| it.is_ascii_digit());
    let mut names = [before, behind].into_iter().filter(is_said);
    let name = names.next().unwrap_or_default();
    names.next().is_none().then(|| Some(Sum { name: plain(name), digest }))
}

/// Each word of 64 hex digits in a line, with the text before and after it.
fn digests(line: &str) -> Vec<(&str, &str, &str)> {
    let is_word = |it: char| it.is_ascii_alphanumeric();
    let mut found = Vec::new();
    let mut at = 0;
    for word in line.split(|it: char| !is_word(it)) {
        let end = at + word.len();
        if digest::normal(word).is_some() {
            let around = (line.get(..at), line.get(end..));
            found.extend(around.0.zip(around.1).map(|(before, behind)| (before, word, behind)));
        }
        at = end + line.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    found
}

/// A text without the name of the algorithm at its end.
fn unlabelled(text: &str) -> &str {
    let rest = text.trim_end().trim_end_matches([':', '=', '-']).trim_end();
    let lower = rest.to_ascii_lowercase();
    let label =
        ["sha256", "sha-256", "sha_256", "sha2-256"].iter().find(|it| lower.ends_with(**it));
    let Some(before) = label.and_then(|label| rest.get(..rest.len() - label.len())) else {
        return text;
    };
    // `x.sha256` is a name.
    let ends_word =
        before.ends_with(|it: char| it.is_alphanumeric() || matches!(it, '.' | '-' | '_'));
    if ends_word {
        text
    } else {
        before
    }
}

/// A text without the characters around it.
fn plain_text(text: &str) -> &str {
    text.trim_matches(|it: char| it.is_whitespace() || AROUND.contains(&it))
}

/// `HE XH EX …`, as older `certutil` writes it
fn pairs(line: &str) -> Option<Option<Sum>> {
    let is_paired = line.trim().split(' ').all(|pair| pair.len() == 2);
    let hex: String = line.split_whitespace().collect();
    let is_other = is_paired && is_hex(&hex) && OTHERS.contains(&hex.len());
    match digest::normal(&hex).filter(|_| is_paired) {
        Some(digest) => Some(Some(Sum { name: String::new(), digest })),
        None => is_other.then_some(None),
    }
}

/// Whether a line is decoration: a rule, a heading, the last line of `certutil`.
fn is_furniture(line: &str) -> bool {
    let words = line.split(|it: char| !it.is_alphanumeric() && it != '-');
    let mut words = words.filter(|word| word.contains(char::is_alphanumeric));
    let is_head = |word: &str| HEADS.contains(&word.to_ascii_lowercase().as_str());
    line.starts_with("CertUtil:") || line.starts_with("//") || words.all(is_head)
}

/// Words in the heads of tables.
const HEADS: [&str; 13] = [
    "file",
    "files",
    "name",
    "filename",
    "asset",
    "sha256",
    "sha-256",
    "hash",
    "checksum",
    "checksums",
    "digest",
    "size",
    "bytes",
];

/// The subject of a line that ends with a colon: `SHA256 hash of NAME`, in any language.
fn subject(head: &str) -> &str {
    let named = [" of file ", " of "].iter().find_map(|of| Some(head.split_once(of)?.1));
    let is_name = |word: &&str| {
        let plain = word.contains(|it: char| it.is_ascii_alphanumeric());
        plain && !is_furniture(word)
    };
    let word = || head.split_whitespace().rev().find(is_name).unwrap_or_default();
    named.map_or_else(word, str::trim)
}

/// `SHA256 (NAME) = HEX`
fn bsd(line: &str) -> Option<Option<Sum>> {
    let (algorithm, rest) = line.split_once('(')?;
    let algorithm = algorithm.trim_end();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'/';
    if algorithm.is_empty() || !algorithm.bytes().all(is_word) {
        return None;
    }
    let (name, hex) = rest.rsplit_once(')')?;
    let hex = hex.trim_start().strip_prefix('=')?.trim();
    if !["SHA256", "SHA2-256"].contains(&algorithm.to_ascii_uppercase().as_str()) {
        return Some(None);
    }
    Some(Some(Sum { name: plain(name), digest: digest::normal(hex)? }))
}

/// `SHA256  HEX  C:\PATH`, below a head that is no checksum itself
fn table(line: &str) -> Option<Option<Sum>> {
    let mut words = line.split_whitespace();
    let algorithm = words.next()?;
    if ["Algorithm", "---------"].contains(&algorithm) {
        return Some(None);
    }
    let hex = words.next().filter(|hex| is_hex(hex))?;
    let path = line.split_once(hex)?.1.trim();
    match algorithm {
        "SHA256" => Some(Some(Sum { name: last(path), digest: digest::normal(hex)? })),
        "MD5" | "SHA1" | "SHA384" | "SHA512" => Some(None),
        _ => None,
    }
}

/// `HEX  NAME`, `HEX *NAME`, or `HEX` alone
fn gnu(line: &str) -> Option<Option<Sum>> {
    let (is_escaped, line) = line.strip_prefix('\\').map_or((false, line), |rest| (true, rest));
    let end = line.find([' ', '\t']).unwrap_or(line.len());
    let (hex, rest) = line.split_at_checked(end)?;
    if is_hex(hex) && OTHERS.contains(&hex.len()) {
        return Some(None);
    }
    let digest = digest::normal(hex)?;
    if rest.trim().is_empty() {
        return Some(Some(Sum { name: String::new(), digest }));
    }
    let name = rest.strip_prefix([' ', '\t'])?;
    let name = name.strip_prefix([' ', '*']).unwrap_or(name);
    let name = if is_escaped { unescaped(name)? } else { name.to_owned() };
    if digest::normal(&name).is_some() {
        // Which of the two is the name?
        return None;
    }
    Some(Some(Sum { name: plain(&name), digest }))
}

fn is_hex(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A name as coreutils escapes it if it contains a backslash or a line end.
fn unescaped(name: &str) -> Option<String> {
    let (mut text, mut characters) = (String::new(), name.chars());
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            other => other,
        });
    }
    Some(text)
}

/// A name without a leading `./`.
fn plain(name: &str) -> String {
    name.strip_prefix("./").unwrap_or(name).to_owned()
}

/// The last part of a path, also of Windows: the rest belongs to the machine that hashed it.
fn last(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

/// A list of `Get-FileHash`, whose entries span several lines.
#[derive(Default)]
struct Listed {
    algorithm: String,
    digest: String,
}

impl Listed {
    /// Read a line of the list; none if it is not one.
    fn read(&mut self, line: &str) -> Option<Option<Sum>> {
        let (field, value) = line.split_once(':')?;
        let (field, value) = (field.trim(), value.trim());
        match field {
            "Algorithm" => value.clone_into(&mut self.algorithm),
            "Hash" => value.clone_into(&mut self.digest),
            "Path" if self.algorithm == "SHA256" => {
                let digest = digest::normal(&self.digest)?;
                return Some(Some(Sum { name: last(value), digest }));
            }
            "Path" => {}
            _ => return None,
        }
        Some(None)
    }
}
