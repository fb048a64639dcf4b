//! The files that users of rules_wasm_component have: one in tests/peer for each quirk, written as that
//! project writes them.

use std::fs;
use std::path::Path;

use serde_json::{json, Map, Value};
use validator::checks::check;

use crate::documents::digest;
use crate::typed::{record, watch};

/// Each quirk, its tool, and the scheme that its versions have.
const FILES: [(&str, &str, &str); 12] = [
    ("bare-binary", "wkg", "semver"),
    ("extras", "wasm-tools", "semver"),
    ("never-checked", "wac", "semver"),
    ("no-list", "wasmtime", "semver"),
    ("npm-package", "jco", "semver"),
    ("number", "binaryen", "numeric"),
    ("older-platform", "example", "semver"),
    ("own-site", "go", "numeric"),
    ("paths", "tinygo", "semver"),
    ("platform-name", "wac", "semver"),
    ("prerelease", "example", "semver"),
    ("rolling", "example", ""),
];

fn read(quirk: &str, tool: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer");
    let path = directory.join(quirk).join(tool).with_extension("json");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// An entry of `tools.toml` for a file, which lets every platform go.
fn entry(document: &Value, scheme: &str) -> Value {
    let platforms = |release: &Value| release["platforms"].as_object().cloned().expect("platforms");
    let versions = document["versions"].as_object().expect("versions");
    let platforms: Map<String, Value> = versions.values().flat_map(platforms).collect();
    let optional: Vec<&String> = platforms.keys().collect();
    let mut entry = json!({"scheme": scheme, "tag": "v{version}", "optional": optional});
    match document.get("github_repo") {
        Some(repository) => entry["repository"] = repository.clone(),
        None => {
            entry["source"] = json!("go");
            entry["base"] = document["download_base"].clone();
        }
    }
    if scheme.is_empty() {
        entry["rolling"] = json!(true);
        entry["tag"] = document["latest_version"].clone();
    }
    entry
}

#[test]
fn every_file_is_tested() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer");
    let mut found: Vec<String> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a word"))
        .collect();
    found.sort();
    assert_eq!(found, FILES.map(|(quirk, _, _)| quirk));
}

#[test]
fn each_file_passes_and_loses_nothing() {
    for (quirk, tool, scheme) in FILES {
        let text = read(quirk, tool);
        let entry = watch(tool, &entry(&parsed(&text), scheme)).expect(quirk);
        for watch in [None, Some(&entry)] {
            let canonical = check(tool, &text, watch);
            let canonical = canonical.unwrap_or_else(|error| panic!("{quirk}: {error}"));
            assert_eq!(parsed(&canonical), parsed(&text), "{quirk}");
            assert_eq!(check(tool, &canonical, watch).expect(quirk), canonical, "{quirk}");
        }
    }
}

#[test]
fn a_new_version_leaves_everything_else_as_it_was() {
    for (quirk, tool, scheme) in FILES {
        let text = read(quirk, tool);
        let before = parsed(&text);
        let version = if scheme.is_empty() { "canary" } else { "9999.0.0" };
        let platforms = json!({"linux_s390x": {
            "asset": "new-linux-s390x",
            "sha256": digest("new"),
            "size": 5,
            "confirmed_by": ["bytes"],
        }});
        let input = json!({
            "name": tool,
            "document": text,
            "watch": entry(&before, scheme),
            "version": version,
            "release_date": "2026-11-22",
            "tag": if scheme.is_empty() { "canary" } else { "v9999.0.0" },
            "platforms": platforms,
        });
        let after = record(&input).unwrap_or_else(|error| panic!("{quirk}: {error}"));
        let mut after = parsed(&after);
        assert_eq!(after["latest_version"], version, "{quirk}");
        // Take back what was to change.
        for field in ["latest_version", "supported_platforms"] {
            after[field] = before[field].clone();
        }
        let release = before["versions"].get(version).cloned();
        let versions = after["versions"].as_object_mut().expect("versions");
        match release {
            Some(release) => _ = versions.insert(version.into(), release),
            None => _ = versions.remove(version),
        }
        let mut expected = before;
        if expected.get("supported_platforms").is_none() {
            expected["supported_platforms"] = Value::Null;
        }
        assert_eq!(after, expected, "{quirk}");
    }
}
