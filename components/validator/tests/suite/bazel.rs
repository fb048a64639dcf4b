//! Tool files as a Starlark module.

use crate::documents::{digest, entry, good, set};
use crate::typed::bazel;
use serde_json::{json, Value};

fn render(tools: &Value, watched: &Value) -> (String, Vec<Value>) {
    let rendered = bazel(&json!({"tools": tools, "watched": watched})).expect("a module");
    (rendered.text, rendered.skipped.into_iter().map(Value::from).collect())
}

/// A tool file with one platform, and its entry.
fn tool(name: &str, asset: &str) -> (Value, Value) {
    let document = json!({
        "tool_name": name,
        "github_repo": "o/r",
        "latest_version": "1.2.3",
        "versions": {"1.2.3": {
            "release_date": "2026-02-03",
            "platforms": {"linux_amd64": {"sha256": digest(name), "asset": asset}},
        }},
    });
    let entry = json!({
        "repository": "o/r",
        "tag": "v{version}",
        "assets": {"linux_amd64": asset.replace("1.2.3", "{version}")},
    });
    (document, entry)
}

#[test]
fn a_module_has_a_macro_a_tool_and_one_for_all() {
    let (archive, watch) = tool("wasm-tools", "wasm-tools-1.2.3-x86_64-linux.tar.gz");
    let mut watch = watch;
    watch["strip_prefix"] = json!("{stem}");
    let (text, skipped) = render(
        &json!({"wac": good().to_string(), "wasm-tools": archive.to_string()}),
        &json!({"wac": entry(), "wasm-tools": watch}),
    );
    let expected = format!(
        r#""""Repositories of the tools in checksums/tools, made by `checksum-updater generate-bazel-rules`.

Do not edit: the next run replaces it.
"""

load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive", "http_file")

_BUILD = """\
exports_files(glob(["**"]))

filegroup(
    name = "files",
    srcs = glob(["**"]),
    visibility = ["//visibility:public"],
)
"""

def wac():
    """Declare the files of wac 0.9.0."""
    http_file(
        name = "wac__darwin_arm64",
        downloaded_file_path = "wac-cli-aarch64-apple-darwin",
        executable = True,
        sha256 = "{}",
        urls = ["https://github.com/bytecodealliance/wac/releases/download/v0.9.0/wac-cli-aarch64-apple-darwin"],
    )
    http_file(
        name = "wac__linux_amd64",
        downloaded_file_path = "wac-cli-x86_64-unknown-linux-musl",
        executable = True,
        sha256 = "{}",
        urls = ["https://github.com/bytecodealliance/wac/releases/download/v0.9.0/wac-cli-x86_64-unknown-linux-musl"],
    )

def wasm_tools():
    """Declare the files of wasm-tools 1.2.3."""
    http_archive(
        name = "wasm_tools__linux_amd64",
        build_file_content = _BUILD,
        sha256 = "{}",
        strip_prefix = "wasm-tools-1.2.3-x86_64-linux",
        urls = ["https://github.com/o/r/releases/download/v1.2.3/wasm-tools-1.2.3-x86_64-linux.tar.gz"],
    )

def all_tools():
    """Declare the files of every tool."""
    wac()
    wasm_tools()
"#,
        digest("darwin"),
        digest("linux"),
        digest("wasm-tools"),
    );
    assert_eq!(text, expected);
    assert!(skipped.is_empty(), "{skipped:?}");
}

#[test]
fn only_what_is_used_is_loaded() {
    let (text, _) = render(&json!({}), &json!({}));
    assert!(!text.contains("load(") && text.ends_with("every tool.\"\"\"\n    pass\n"), "{text}");
    let (binary, watch) = tool("a", "a-1.2.3");
    let (text, _) = render(&json!({"a": binary.to_string()}), &json!({"a": watch}));
    assert!(text.contains("http.bzl\", \"http_file\")\n\ndef a()") && !text.contains("_BUILD"));
    let (archive, watch) = tool("a", "a-1.2.3.zip");
    let (text, _) = render(&json!({"a": archive.to_string()}), &json!({"a": watch}));
    assert!(text.contains("http.bzl\", \"http_archive\")\n\n_BUILD"), "{text}");
    assert!(!text.contains("strip_prefix"), "it is not known");
}

#[test]
fn the_form_of_a_file_decides_the_rule() {
    for (asset, expected) in [
        ("a-1.2.3.tar.xz", "http_archive(\n"),
        ("a-1.2.3.tgz", "http_archive(\n"),
        ("a-1.2.3.zip", "http_archive(\n"),
        ("a-1.2.3", "executable = True"),
        ("a-x86_64-unknown-linux-gnu", "executable = True"),
    ] {
        let (document, watch) = tool("a", asset);
        let (text, _) = render(&json!({"a": document.to_string()}), &json!({"a": watch}));
        assert!(text.contains(expected), "{asset}: {text}");
    }
    for asset in ["a.wasm", "a.gz", "a.json"] {
        let (document, watch) = tool("a", asset);
        let (text, _) = render(&json!({"a": document.to_string()}), &json!({"a": watch}));
        assert!(text.contains("http_file(\n") && !text.contains("executable"), "{asset}: {text}");
    }
}

#[test]
fn the_address_is_that_of_the_recorded_tag_file_and_site() {
    let url = |edits: &[(&str, Value)], watch: &Value| {
        let (mut document, _) = tool("a", "a-1.2.3.zip");
        edits.iter().for_each(|(pointer, value)| set(&mut document, pointer, value.clone()));
        let watched = if watch.is_null() { json!({}) } else { json!({"a": watch}) };
        let (text, skipped) = render(&json!({"a": document.to_string()}), &watched);
        let line = text.lines().find_map(|line| line.trim().strip_prefix("urls = [\""));
        let line = line.and_then(|line| line.strip_suffix("\"],"));
        line.map_or_else(|| skipped[0].as_str().expect("a text").to_owned(), str::to_owned)
    };
    let (_, watch) = tool("a", "a-1.2.3.zip");
    let github = "https://github.com/o/r/releases/download";
    let tag = ("/versions/1.2.3/tag", json!("cli/1.2.3+b"));
    let unnamed = ("/versions/1.2.3/platforms/linux_amd64/asset", Value::Null);
    let suffix = |text: &str| ("/versions/1.2.3/platforms/linux_amd64/url_suffix", json!(text));
    let none = Value::Null;
    assert_eq!(url(&[], &watch), format!("{github}/v1.2.3/a-1.2.3.zip"));
    assert_eq!(
        url(std::slice::from_ref(&tag), &watch),
        format!("{github}/cli%2F1.2.3%2Bb/a-1.2.3.zip")
    );
    assert_eq!(url(&[tag], &none), format!("{github}/cli%2F1.2.3%2Bb/a-1.2.3.zip"));
    assert_eq!(
        url(&[unnamed.clone(), suffix("3.zip")], &watch),
        format!("{github}/v1.2.3/a-1.2.3.zip")
    );
    assert_eq!(
        url(&[unnamed.clone(), suffix("3.tar.gz")], &watch),
        "a 1.2.3 linux_amd64: tools.toml makes a-1.2.3.zip, which does not end with the url_suffix 3.tar.gz"
    );
    assert_eq!(
        url(&[unnamed, suffix("3.zip")], &none),
        "a 1.2.3 linux_amd64: no asset is recorded, and tools.toml has no name for it"
    );
    assert_eq!(
        url(&[], &none),
        "a 1.2.3 linux_amd64: no tag is recorded, and tools.toml does not name the tool"
    );
    let go = json!({"source": "go", "base": "https://go.dev/dl", "tag": "go{version}"});
    assert_eq!(url(&[], &go), "https://go.dev/dl/a-1.2.3.zip");
    let node = json!({"source": "nodejs", "base": "https://nodejs.org/dist", "tag": "v{version}"});
    assert_eq!(url(&[], &node), "https://nodejs.org/dist/v1.2.3/a-1.2.3.zip");
    let site = [("/github_repo", none.clone()), ("/download_base", json!("https://go.dev/dl"))];
    assert_eq!(
        url(&site, &none),
        "a 1.2.3 linux_amd64: its site is not known, as tools.toml does not name the tool"
    );
}

#[test]
fn names_are_words_of_the_language() {
    for (name, expected) in [
        ("wit-bindgen", "def wit_bindgen():"),
        ("import", "def tool_import():"),
        ("all_tools", "def tool_all_tools():"),
        ("7zip", "def tool_7zip():"),
    ] {
        let (document, watch) = tool(name, "a");
        let (text, _) = render(&json!({name: document.to_string()}), &json!({name: watch}));
        assert!(text.contains(expected), "{text}");
    }
    let (one, watch) = tool("a.b", "a");
    let (other, _) = tool("a-b", "a");
    let tools = json!({"a.b": one.to_string(), "a-b": other.to_string()});
    let (text, skipped) = render(&tools, &json!({"a.b": watch, "a-b": watch}));
    assert_eq!(skipped, ["a.b 1.2.3 all: would have the macro of a-b 1.2.3"]);
    assert_eq!(text.matches("def a_b").count(), 1);
}

#[test]
fn strings_are_escaped() {
    let (document, watch) = tool("a", "a\"b$(x)é");
    let (text, _) = render(&json!({"a": document.to_string()}), &json!({"a": watch}));
    assert!(text.contains(r#"downloaded_file_path = "a\"b$(x)é","#), "{text}");
    assert!(text.contains("/v1.2.3/a%22b%24%28x%29%C3%A9\"],"), "{text}");
}

#[test]
fn what_has_no_digest_is_skipped_and_what_breaks_a_rule_refused() {
    let (mut document, watch) = tool("a", "a");
    let npm = json!({"sha256": "", "url_suffix": "", "npm_package": "@a/b"});
    document["versions"]["1.2.3"]["platforms"]["universal"] = npm;
    let (text, skipped) = render(&json!({"a": document.to_string()}), &json!({"a": watch}));
    assert_eq!(skipped, ["a 1.2.3 universal: no digest is recorded"]);
    assert!(text.contains("a__linux_amd64"));
    document["latest_version"] = json!("2");
    let input = json!({"tools": {"a": document.to_string(), "b-c": "{"}, "watched": {}});
    let error = bazel(&input).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "tools.a.latest_version: must be one of versions, is `2`\n\
         tools[\"b-c\"].document: EOF while parsing an object at line 1 column 1"
    );
}
