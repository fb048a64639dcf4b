//! What `check` accepts, what it refuses, and what it says.

use crate::documents::{digest, good, set};
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
    match check("wac", &document.to_string()) {
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
        (
            "/download_base",
            json!("http://x"),
            "download_base: must be an https address, is `http://x`",
        ),
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
fn every_finding_is_told_in_one_go() {
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
        assert_eq!(check("wac", text).expect_err(text).to_string(), finding);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = check("wac", &deep).expect_err("too deep").to_string();
    assert!(error.starts_with("document: recursion limit exceeded"), "{error}");
}
