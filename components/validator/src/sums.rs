//! Files of checksums, in every form in which they are published.
//!
//! - GNU coreutils, text and binary, with escaped names: `HEX  NAME`, `HEX *NAME`, `\HEX  A\nB`;
//! - BSD and OpenSSL: `SHA256 (NAME) = HEX`, `SHA2-256(NAME)= HEX`;
//! - PowerShell's `Get-FileHash`, as a table and as a list;
//! - a digest alone.
//!
//! They may be signed in clear text, have comments, carriage returns and a byte order mark, and hold
//! digests of other algorithms, which are left out.

use std::collections::BTreeMap;

use crate::digest;
use crate::error::Error;
use crate::json;

/// The number of hex digits of the algorithms that other lines may be of.
const OTHERS: [usize; 5] = [32, 40, 56, 96, 128];

/// Parse a file of checksums into one JSON object, file name to digest; a bare digest has no name.
///
/// # Errors
///
/// [`Error::Answer`] if a line is of no known form, two disagree about a name, or none has a SHA-256.
pub fn sums(text: &str) -> Result<String, Error> {
    let (mut known, mut listed) = (BTreeMap::new(), Listed::default());
    for (number, line) in lines(text) {
        let found = match listed.read(line) {
            Some(found) => found,
            None => read(line).ok_or_else(|| {
                let quoted: String = line.chars().take(80).collect();
                Error::answer(format!("line {number}"), format!("is no checksum: `{quoted}`"))
            })?,
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
    json::text(&known)
}

/// A name and its digest.
struct Sum {
    name: String,
    digest: String,
}

/// The lines that say something, with their numbers, freed from what a signature puts around them.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut armor, mut is_signed, mut is_over) = (false, false, false);
    let lines = text.split('\n').enumerate();
    lines.filter_map(move |(index, line)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
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

/// Read a line that stands for itself: what it says, nothing if that is no SHA-256, none if it is of
/// no known form.
fn read(line: &str) -> Option<Option<Sum>> {
    bsd(line).or_else(|| table(line)).or_else(|| gnu(line))
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
    Some(Some(Sum { name: plain(&name), digest }))
}

fn is_hex(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A name as coreutils spells it if it has a backslash or an end of line in it.
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

/// A name without the directory `.`, which says nothing.
fn plain(name: &str) -> String {
    name.strip_prefix("./").unwrap_or(name).to_owned()
}

/// The last part of a path, of Windows or not: the others are those of the machine that hashed it.
fn last(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

/// A list of `Get-FileHash`, whose entries go over several lines.
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
