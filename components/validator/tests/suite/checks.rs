//! What `check` accepts, what it refuses, and what it says.

use crate::documents::{digest, entry, good, set};
use serde_json::{json, Value};
use validator::checks::check;
use validator::error::Error;

pub(crate) const LINUX: &str = "/versions/0.9.0/platforms/linux_amd64";
const DARWIN: &str = "/versions/0.9.0/platforms/darwin_arm64";

/// What `check` says of the good document after an edit.
pub(crate) fn said(edits: &[(&str, Value)]) -> String {
    let mut document = good();
    for (pointer, value) in edits {
        set(&mut document, pointer, value.clone());
    }
    match check("wac", &document.to_string(), None) {
        Ok(_) => String::new(),
        Err(Error::Invalid(findings)) => findings.to_string(),
        Err(other) => panic!("{other}"),
    }
}

pub(crate) fn below(parent: &str, name: &str) -> String {
    format!("{parent}/{name}")
}

#[test]
fn a_good_document_passes() {
    assert_eq!(said(&[]), "");
}

#[test]
fn each_broken_rule_of_the_document_is_one_finding() {
    let cases = [
        ("/tool_name", Value::Null, "tool_name: is missing"),
        ("/tool_name", json!("wkg"), "tool_name: must be the name of the file, `wac`, is `wkg`"),
        ("/tool_name", json!(7), "tool_name: must be a string"),
        (
            "/github_repo",
            Value::Null,
            "github_repo: is missing, and there is no download_base either",
        ),
        ("/github_repo", json!("wac"), "github_repo: must be `owner/name`, is `wac`"),
        ("/github_repo", json!("a/b/c"), "github_repo: must be `owner/name`, is `a/b/c`"),
        ("/github_repo", json!("../b"), "github_repo: must be `owner/name`, is `../b`"),
        ("/github_repo", json!("a/.."), "github_repo: must be `owner/name`, is `a/..`"),
        ("/download_base", json!("ftp://x"), "download_base: must be an address, is `ftp://x`"),
        ("/latest_version", Value::Null, "latest_version: is missing"),
        ("/latest_version", json!("0.9"), "latest_version: must be one of versions, is `0.9`"),
        ("/supported_platforms", json!("all"), "supported_platforms: must be a list of strings"),
        ("/supported_platforms", json!([1]), "supported_platforms: must be a list of strings"),
        (
            "/supported_platforms",
            json!(["linux_amd64", "linux_amd64"]),
            "supported_platforms: names `linux_amd64` twice",
        ),
        (
            "/supported_platforms",
            json!(["windows_amd64"]),
            "supported_platforms: names `windows_amd64`, which no version has",
        ),
    ];
    for (pointer, value, finding) in cases {
        assert_eq!(said(&[(pointer, value)]), finding);
    }
}

#[test]
fn a_document_without_versions_is_refused() {
    let missing = said(&[("/versions", Value::Null), ("/supported_platforms", Value::Null)]);
    let none = "latest_version: must be one of versions, is `0.9.0`";
    assert_eq!(missing, format!("versions: is missing\n{none}"));
    let empty = said(&[("/versions", json!({})), ("/supported_platforms", Value::Null)]);
    assert_eq!(empty, format!("versions: must not be empty\n{none}"));
    let list = said(&[("/versions", json!([])), ("/supported_platforms", Value::Null)]);
    assert_eq!(list, format!("versions: must be an object\n{none}"));
}

#[test]
fn each_broken_rule_of_a_release_is_one_finding() {
    let place = r#"versions["0.9.0"]"#;
    let cases = [
        ("release_date", Value::Null, "is missing"),
        ("release_date", json!("2026-2-3"), "must be a day, YYYY-MM-DD, is `2026-2-3`"),
        ("release_date", json!("2025-02-29"), "must be a day, YYYY-MM-DD, is `2025-02-29`"),
        ("release_date", json!(20260203), "must be a string"),
        ("tag", json!("v0.8.0"), "must be a tag with the version, `0.9.0`, in it, is `v0.8.0`"),
    ];
    for (name, value, reason) in cases {
        let finding = format!("{place}.{name}: {reason}");
        assert_eq!(said(&[(&below("/versions/0.9.0", name), value)]), finding);
    }
    let none =
        said(&[("/versions/0.9.0/platforms", json!({})), ("/supported_platforms", Value::Null)]);
    assert_eq!(none, format!("{place}.platforms: must not be empty"));
    let odd = said(&[(
        "/versions/0.9.0/platforms/Linux x64",
        json!({"url_suffix": "x", "sha256": digest("x")}),
    )]);
    let must = "must be named by a platform: lower-case letters, digits, `_`";
    assert_eq!(odd, format!(r#"{place}.platforms["Linux x64"]: {must}"#));
    let odd = said(&[
        ("/versions/0 9", good()["versions"]["0.9.0"].clone()),
        ("/versions/0 9/tag", Value::Null),
    ]);
    assert_eq!(
        odd,
        r#"versions["0 9"]: must be named by a version: letters, digits, `.`, `-`, `_`, `+`"#
    );
}

#[test]
fn each_broken_rule_of_an_asset_is_one_finding() {
    let not_found = digest("Not Found");
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let upper = digest("linux").to_uppercase();
    let short = &digest("linux")[1..];
    let zeros = "0".repeat(64);
    let pattern = "1234567890abcdef".repeat(4);
    let hex = "must be 64 lower-case hex digits";
    let cases = [
        ("sha256", Value::Null, "is missing".to_owned()),
        ("sha256", json!(""), format!("{hex}: ``")),
        ("sha256", json!("PLACEHOLDER"), format!("{hex}: `PLACEHOLDER`")),
        ("sha256", json!(upper), format!("{hex}: `{upper}`")),
        ("sha256", json!(short), format!("{hex}: `{short}`")),
        ("sha256", json!(nothing), format!("is the digest of an empty file: `{nothing}`")),
        (
            "sha256",
            json!(not_found),
            format!("is the digest of the text `Not Found`: `{not_found}`"),
        ),
        ("sha256", json!(zeros), format!("is a placeholder: `{zeros}`")),
        ("sha256", json!(pattern), format!("is a placeholder: `{pattern}`")),
        ("sha256", json!(digest("darwin")), "is the digest of darwin_arm64 too".to_owned()),
        (
            "asset",
            json!("a/wac-x86_64-unknown-linux-musl"),
            "must be the name of a file, is `a/wac-x86_64-unknown-linux-musl`".to_owned(),
        ),
        ("size", json!(0), "must be a whole number of bytes, at least 1".to_owned()),
        ("size", json!(1.5), "must be a whole number of bytes, at least 1".to_owned()),
        ("size", json!("1"), "must be a whole number of bytes, at least 1".to_owned()),
        ("confirmed_by", json!([]), "must name who confirmed the digest".to_owned()),
        ("confirmed_by", json!(["bytes", "bytes"]), "names `bytes` twice".to_owned()),
        (
            "url_suffix",
            json!("x86_64-linux.tar.xz"),
            "must be the end of `wac-cli-x86_64-unknown-linux-musl`, is `x86_64-linux.tar.xz`"
                .to_owned(),
        ),
        ("npm_package", json!(""), "must be a name, is ``".to_owned()),
    ];
    for (name, value, reason) in cases {
        let finding = format!(r#"versions["0.9.0"].platforms.linux_amd64.{name}: {reason}"#);
        assert_eq!(said(&[(&below(LINUX, name), value)]), finding);
    }
}

#[test]
fn an_asset_that_nobody_could_find_is_refused() {
    let edits = [(&*below(LINUX, "asset"), Value::Null), (&*below(LINUX, "url_suffix"), json!(""))];
    let finding = said(&edits);
    assert!(finding.ends_with("asset: is missing, and there is no url_suffix either"), "{finding}");
}

#[test]
fn a_finding_is_one_line_without_control_characters_whatever_it_quotes() {
    let finding = said(&[("/versions/0.9.0/release_date", json!("1\nsize: \u{1b}[2J"))]);
    let place = r#"versions["0.9.0"].release_date"#;
    let quoted = "1\u{fffd}size: \u{fffd}[2J";
    assert_eq!(finding, format!("{place}: must be a day, YYYY-MM-DD, is `{quoted}`"));
}

#[test]
fn every_finding_is_reported_at_once() {
    let edits =
        [("/tool_name", Value::Null), ("/versions/0.9.0/tag", json!("x")), (DARWIN, json!({}))];
    assert_eq!(said(&edits).lines().count(), 4);
}

#[test]
fn what_is_no_object_is_refused() {
    for (text, finding) in [
        ("[]", "document: must be an object"),
        ("", "document: EOF while parsing a value at line 1 column 0"),
        (r#"{"a": 1, "a": 2}"#, "document: key `a` stands twice in one object at line 1 column 12"),
        (
            r#"{"a": [{"b": {}, "b": 1.5}]}"#,
            "document: key `b` stands twice in one object at line 1 column 20",
        ),
    ] {
        assert_eq!(check("wac", text, None).expect_err(text).to_string(), finding);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = check("wac", &deep, None).expect_err("too deep").to_string();
    assert!(error.starts_with("document: recursion limit exceeded"), "{error}");
}

/// What `check` says of the good document after edits, given an entry of `tools.toml`.
fn said_with(watch: &Value, edits: &[(&str, Value)]) -> String {
    let mut document = good();
    for (pointer, value) in edits {
        set(&mut document, pointer, value.clone());
    }
    let checked = check("wac", &document.to_string(), Some(&crate::documents::watch(watch)));
    checked.err().map(|error| error.to_string()).unwrap_or_default()
}

/// The good release as another version.
fn as_version(version: &str) -> Value {
    let mut release = good()["versions"]["0.9.0"].clone();
    release["tag"] = json!(format!("v{version}"));
    release
}

#[test]
fn the_latest_version_must_be_the_highest_by_the_declared_scheme() {
    let ten = ("/versions/0.10.0", as_version("0.10.0"));
    let highest = "latest_version: must be the highest, 0.10.0 by semver, is 0.9.0";
    assert_eq!(said_with(&entry(), &[]), "");
    assert_eq!(said_with(&entry(), std::slice::from_ref(&ten)), highest);
    assert_eq!(said(std::slice::from_ref(&ten)), "", "no scheme is declared");
    assert_eq!(said_with(&entry(), &[ten, ("/latest_version", json!("0.10.0"))]), "");
    let older = [("/versions/0.8.0", as_version("0.8.0"))];
    assert_eq!(said_with(&entry(), &older), "");
}

#[test]
fn a_version_that_is_none_by_the_declared_scheme_is_a_finding() {
    let mut watch = entry();
    let canary = [("/versions/canary", as_version("canary"))];
    let place = "versions.canary: is no version by";
    let declares = "the scheme that tools.toml declares";
    assert_eq!(said_with(&watch, &canary), format!("{place} semver, {declares}"));
    watch["scheme"] = json!("numeric");
    assert_eq!(said_with(&watch, &canary), format!("{place} numeric, {declares}"));
    set(&mut watch, "/rolling", json!(true));
    set(&mut watch, "/tag", json!("canary"));
    let latest = ("/latest_version", json!("canary"));
    assert_eq!(said_with(&watch, &[canary[0].clone(), latest]), "");
}

#[test]
fn a_platform_may_not_vanish_from_one_version_to_the_next() {
    let mut next = as_version("0.10.0");
    set(&mut next, "/platforms/darwin_arm64", Value::Null);
    let edits = [("/versions/0.10.0", next), ("/latest_version", json!("0.10.0"))];
    let mut watch = entry();
    let finding = r#"versions["0.10.0"].platforms.darwin_arm64: is missing, but 0.9.0 has it; record it, or name it in `optional` of tools.toml"#;
    assert_eq!(said_with(&watch, &edits), finding);
    assert_eq!(said(&edits), "", "no order is declared");
    watch["optional"] = json!(["darwin_arm64"]);
    assert_eq!(said_with(&watch, &edits), "");
}

#[test]
fn platforms_may_share_a_digest_only_if_that_is_declared_or_runs_anywhere() {
    let same = (&*below(LINUX, "sha256"), json!(digest("darwin")));
    let mut watch = entry();
    let finding =
        r#"versions["0.9.0"].platforms.linux_amd64.sha256: is the digest of darwin_arm64 too"#;
    assert_eq!(said_with(&watch, std::slice::from_ref(&same)), finding);
    watch["universal"] = json!(true);
    assert_eq!(said_with(&watch, &[same]), "");
    let entry = json!({"sha256": digest("darwin"), "url_suffix": "wac.wasm"});
    for platform in ["universal", "wasm", "wasm_component", "wasm_component_aot"] {
        let pointer = below("/versions/0.9.0/platforms", platform);
        assert_eq!(said(&[(&pointer, entry.clone())]), "", "{platform}");
    }
}

#[test]
fn a_file_that_says_another_platform_is_a_finding() {
    let cases = [
        ("wac-aarch64-apple-darwin", "darwin"),
        ("wac-macos-amd64.tar.gz", "macos"),
        ("wac-x86_64-pc-windows-gnu.exe", "windows"),
        ("wac.exe", "exe"),
        ("wac-linux-arm64", "arm64"),
        ("wac-AArch64-Linux.zip", "aarch64"),
        ("wac-linux-i686", "i686"),
        ("wac-freebsd-amd64", "freebsd"),
    ];
    for (file, word) in cases {
        let edits =
            [(&*below(LINUX, "asset"), json!(file)), (&*below(LINUX, "url_suffix"), Value::Null)];
        let finding =
            format!(r#"versions["0.9.0"].platforms.linux_amd64.asset: says `{word}`, is `{file}`"#);
        assert_eq!(said(&edits), finding);
    }
    let fine = [
        "wac",
        "wac-linux",
        "wac-x64.tar.gz",
        "wac-linux64",
        "wac_Linux_x86_64",
        "wac-linux-musl",
        "wac-darwin-linux-universal",
        "wac-0.9.0-linux-amd64",
        "darwinia-linux-amd64",
    ];
    for file in fine {
        let edits =
            [(&*below(LINUX, "asset"), json!(file)), (&*below(LINUX, "url_suffix"), Value::Null)];
        assert_eq!(said(&edits), "", "{file}");
    }
    let suffix = [
        (&*below(DARWIN, "asset"), Value::Null),
        (&*below(DARWIN, "url_suffix"), json!("x86_64-macos.zip")),
    ];
    assert!(said(&suffix).ends_with("url_suffix: says `amd64`, is `x86_64-macos.zip`"));
}

#[test]
fn the_digest_of_what_a_failed_download_leaves_is_refused() {
    // Each is the SHA-256 that `sha256sum` prints of such a file.
    let cases = [
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "an empty file"),
        (
            "0019dfc4b32d63c1392aa264aed2253c1e0c2fb09216f8e2cc269bbfb8bb49b5",
            "the text `Not Found`",
        ),
        ("8739c76e681f900923b900c9df0ef75cf421d39cabb54650c4b9ad19b6a76d85", "an empty zip file"),
        ("84ff92691f909a05b224e1c56abb4864f01b4f8e3c854e4bb4c7baf1d3f6d652", "an empty tar file"),
        ("01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b", "an empty line"),
    ];
    for (hex, name) in cases {
        let finding = said(&[(&below(LINUX, "sha256"), json!(hex))]);
        assert!(finding.ends_with(&format!("is the digest of {name}: `{hex}`")), "{finding}");
    }
    for text in [
        "404: Not Found",
        "404 page not found\n",
        r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#,
        "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    ] {
        let finding = said(&[(&below(LINUX, "sha256"), json!(digest(text)))]);
        assert!(finding.contains("is the digest of "), "{finding}");
    }
}
