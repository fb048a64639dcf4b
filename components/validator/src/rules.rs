//! What single words in a document must look like.

/// Characters that a word may have beside letters and digits.
fn only(text: &str, extra: &[u8]) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
}

fn starts_plain(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Whether a word names a tool and can be the stem of a file: `wasm-tools`.
pub fn is_tool_name(text: &str) -> bool {
    starts_plain(text) && only(text, b"-_.")
}

/// Whether a word is a version: `1.2.3`, `129`, `0.2.7-rc.2`, `canary`.
pub fn is_version(text: &str) -> bool {
    starts_plain(text) && only(text, b"-_.+")
}

/// Whether a word names a platform: `linux_amd64`, `universal`.
pub fn is_platform(text: &str) -> bool {
    starts_plain(text) && only(text, b"_") && text.bytes().all(|byte| !byte.is_ascii_uppercase())
}

/// Whether a word names a repository: `owner/name`.
pub fn is_repository(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| {
        starts_plain(owner)
            && only(owner, b"-")
            && !name.is_empty()
            && only(name, b"-_.")
            && name != "."
            && name != ".."
    })
}

/// Whether a word is the plain name of a file, with no directory in it.
pub fn is_file_name(text: &str) -> bool {
    !text.is_empty()
        && text != "."
        && text != ".."
        && !text.contains(|any: char| any == '/' || any == '\\' || any.is_control())
}

/// Whether a word is a day that the calendar has: `2026-02-28`.
pub fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-').map(number);
    let (Some(Some((year, 4))), Some(Some((month, 2))), Some(Some((day, 2)))) =
        (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    (1..=days(year, month)).contains(&day)
}

/// The value of a word of decimal digits, and how many they are.
fn number(text: &str) -> Option<(u32, usize)> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok().map(|value| (value, text.len()))).flatten()
}

/// How many days a month has; none if there is no such month.
fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    }
}

/// Digests of what a failed download leaves behind.
const LEFTOVERS: [(&str, &str); 2] = [
    (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "is the digest of an empty file",
    ),
    (
        "0019dfc4b32d63c1392aa264aed2253c1e0c2fb09216f8e2cc269bbfb8bb49b5",
        "is the digest of the text `Not Found`",
    ),
];

/// Return why a word cannot be the digest of a published file, if it cannot.
pub fn digest_fault(text: &str) -> Option<&'static str> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 64 || !text.bytes().all(is_hex) {
        return Some("must be 64 lower-case hex digits");
    }
    let leftover = LEFTOVERS.iter().find(|(digest, _)| *digest == text).map(|(_, fault)| *fault);
    leftover.or_else(|| repeats_itself(text).then_some("is a placeholder"))
}

/// Whether a word is one short pattern over and over: no real digest is, invented ones often are.
fn repeats_itself(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=text.len() / 2)
        .any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(a, b)| a == b))
}
