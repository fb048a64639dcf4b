//! The files that this repository ships keep their own rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use validator::bazel::bazel;
use validator::checks::check;
use validator::json::argument;
use validator::watched::watched;

use crate::documents::watch;

fn checksums() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../checksums")
}

/// Name and text of each tool file.
fn tools() -> Vec<(String, String)> {
    let entries = fs::read_dir(checksums().join("tools")).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let stem = |path: &Path| path.file_stem().expect("a name").to_str().expect("a word").to_owned();
    paths.map(|path| (stem(&path), fs::read_to_string(&path).expect("a text"))).collect()
}

/// What is watched, by tool.
fn entries() -> Value {
    let config = fs::read_to_string(checksums().join("tools.toml")).expect("a text");
    serde_json::from_str(&watched(&config).expect("valid")).expect("JSON")
}

#[test]
fn each_tool_file_is_valid_and_canonical() {
    let entries = entries();
    assert!(tools().len() >= 9);
    for (name, text) in tools() {
        let entry = watch(&entries[&name]);
        let canonical = check(&name, &text, Some(&entry));
        assert_eq!(canonical.unwrap_or_else(|error| panic!("{name}: {error}")), text);
    }
}

#[test]
fn each_tool_file_has_the_repository_tag_and_files_that_are_watched() {
    let entries = entries();
    for (name, text) in tools() {
        let entry = watch(&entries[&name]);
        let tool: Value = serde_json::from_str(&text).expect("JSON");
        let repository = tool.get("github_repo").and_then(Value::as_str).unwrap_or_default();
        assert_eq!(repository, entry.repository, "{name}");
        let version = tool["latest_version"].as_str().expect("a word");
        let release = &tool["versions"][version];
        assert_eq!(release["tag"], entry.tag_of(version), "{name}");
        for (platform, asset) in release["platforms"].as_object().expect("platforms") {
            let file = asset["asset"].as_str().map(str::to_owned);
            assert_eq!(file, entry.asset_of(platform, version), "{name} {platform}");
        }
    }
}

#[test]
fn each_tool_file_can_be_rendered_for_bazel() {
    let tools: BTreeMap<String, String> = tools().into_iter().collect();
    let input = json!({"tools": tools, "watched": entries()}).to_string();
    let rendered = bazel(&argument(&input).expect("an argument")).expect("a module");
    let rendered: Value = serde_json::from_str(&rendered).expect("JSON");
    assert_eq!(rendered["skipped"], json!([]));
}
