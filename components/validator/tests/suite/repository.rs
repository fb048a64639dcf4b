//! The files that this repository ships keep their own rules.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use validator::checks::check;
use validator::watched::watched;

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

#[test]
fn each_tool_file_is_valid_and_canonical() {
    assert!(tools().len() >= 9);
    for (name, text) in tools() {
        assert_eq!(
            check(&name, &text, None).unwrap_or_else(|error| panic!("{name}: {error}")),
            text
        );
    }
}

#[test]
fn each_tool_file_is_watched_with_the_same_repository_tag_and_platforms() {
    let config = fs::read_to_string(checksums().join("tools.toml")).expect("a text");
    let config: Value = serde_json::from_str(&watched(&config).expect("valid")).expect("JSON");
    let keys = |value: &Value| -> Vec<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    for (name, text) in tools() {
        let tool: Value = serde_json::from_str(&text).expect("JSON");
        let (version, watched) = (tool["latest_version"].as_str().expect("a word"), &config[&name]);
        let release = &tool["versions"][version];
        assert_eq!(tool["github_repo"], watched["repository"], "{name}");
        let tag = watched["tag"].as_str().expect("a word").replace("{version}", version);
        assert_eq!(release["tag"], tag, "{name}");
        assert_eq!(keys(&release["platforms"]), keys(&watched["assets"]), "{name}");
    }
}
