//! Documents that the tests edit.

use serde_json::{json, Value};
use validator::watch::Watch;

/// A digest that could be real: the SHA-256 of a word.
pub(crate) fn digest(word: &str) -> String {
    let mut hash = validator::hashing::Sha256::default();
    hash.update(word.as_bytes());
    hash.finish()
}

/// A tool file that keeps every rule and has every field of ours.
pub(crate) fn good() -> Value {
    json!({
        "tool_name": "wac",
        "github_repo": "bytecodealliance/wac",
        "latest_version": "0.9.0",
        "supported_platforms": ["darwin_arm64", "linux_amd64"],
        "versions": {"0.9.0": {
            "release_date": "2026-02-03",
            "tag": "v0.9.0",
            "platforms": {
                "darwin_arm64": {
                    "asset": "wac-cli-aarch64-apple-darwin",
                    "confirmed_by": ["digest", "bytes"],
                    "sha256": digest("darwin"),
                    "size": 11_000_000,
                    "url_suffix": "aarch64-apple-darwin",
                },
                "linux_amd64": {
                    "asset": "wac-cli-x86_64-unknown-linux-musl",
                    "confirmed_by": ["registry:some"],
                    "sha256": digest("linux"),
                    "url_suffix": "x86_64-unknown-linux-musl",
                },
            },
        }},
    })
}

/// The entry of `tools.toml` for the good document.
pub(crate) fn entry() -> Value {
    json!({
        "repository": "bytecodealliance/wac",
        "tag": "v{version}",
        "assets": {
            "darwin_arm64": "wac-cli-aarch64-apple-darwin",
            "linux_amd64": "wac-cli-x86_64-unknown-linux-musl",
        },
    })
}

/// An entry, as the rules want it.
pub(crate) fn watch(entry: &Value) -> Watch {
    crate::typed::watch("wac", entry).expect("an entry")
}

/// The object at a JSON pointer.
pub(crate) fn at<'a>(
    document: &'a mut Value,
    pointer: &str,
) -> &'a mut serde_json::Map<String, Value> {
    let value = document.pointer_mut(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
    value.as_object_mut().expect("an object")
}

/// Set a field, or drop it if the value is null.
pub(crate) fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let object = at(document, parent);
    if value.is_null() {
        assert!(object.remove(name).is_some(), "nothing at {pointer}");
    } else {
        object.insert(name.to_owned(), value);
    }
}
