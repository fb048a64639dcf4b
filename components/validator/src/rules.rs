//! The rules of single words in a document.

/// Characters that a word may have besides letters and digits.
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

/// Whether a word is a base address of files: `https://go.dev/dl`.
pub fn is_base(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| starts_plain(rest) && !rest.ends_with('/') && only(rest, b"-_.~:/[]%"))
}
