//! The files that this repository ships keep their own rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use validator::bazel::{self, ToolFile};
use validator::checks::check;
use validator::watch::{Source, Watch};
use validator::watched;

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
fn entries() -> BTreeMap<String, Watch> {
    let config = fs::read_to_string(checksums().join("tools.toml")).expect("a text");
    let entries = watched::parse(&config).expect("valid");
    entries.into_iter().map(|entry| (entry.tool.clone(), entry)).collect()
}

#[test]
fn each_tool_file_is_valid_and_canonical() {
    let entries = entries();
    assert!(tools().len() >= 9);
    for (name, text) in tools() {
        let entry = &entries[&name];
        let canonical = check(&name, &text, Some(entry));
        assert_eq!(canonical.unwrap_or_else(|error| panic!("{name}: {error}")), text);
    }
}

#[test]
fn each_tool_file_has_the_repository_tag_and_files_that_are_watched() {
    let entries = entries();
    for (name, text) in tools() {
        let entry = &entries[&name];
        let tool: Value = serde_json::from_str(&text).expect("JSON");
        let repository = tool.get("github_repo").and_then(Value::as_str).unwrap_or_default();
        let watched = match &entry.source {
            Source::Github(repository) => repository.as_str(),
            Source::Go(_) | Source::Nodejs(_) => "",
        };
        assert_eq!(repository, watched, "{name}");
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
    let tools = tools().into_iter().map(|(tool, text)| ToolFile { tool, text });
    let watched: Vec<Watch> = entries().into_values().collect();
    let rendered = bazel::render(&tools.collect::<Vec<_>>(), &watched).expect("a module");
    assert_eq!(rendered.skipped, [""; 0]);
}
