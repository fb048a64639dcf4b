//! What `record` refuses, and whose fault it says that is.

use crate::documents::{digest, good, set};
use crate::record::{next, run};
use serde_json::{json, Value};
use validator::error::Error;

#[test]
fn a_release_that_would_break_a_rule_is_refused() {
    let cases = [
        ("/release_date", json!("yesterday"), "must be a day, YYYY-MM-DD, is `yesterday`"),
        ("/tag", json!("v1"), "must be a tag with the version, `0.10.1`, in it, is `v1`"),
        ("/platforms/linux_amd64/sha256", json!("0".repeat(64)), "is a placeholder"),
        (
            "/platforms/linux_amd64/sha256",
            json!(digest("darwin 0.10.1")),
            "is the digest of darwin_arm64 too",
        ),
        ("/platforms/linux_amd64/asset", json!("../x"), "must be the name of a file, is `../x`"),
        ("/platforms/linux_amd64/confirmed_by", json!([]), "must name who confirmed the digest"),
        ("/version", json!("0.10\u{1b}[2J"), "must be named by a version"),
    ];
    for (pointer, value, reason) in cases {
        let mut input = next();
        set(&mut input, pointer, value);
        let error = run(&input).expect_err(reason);
        assert!(matches!(error, Error::Answer(_)), "{error}");
        assert!(error.to_string().contains(reason), "{error} instead of {reason}");
        assert!(error.to_string().starts_with("versions[\"0.10"), "{error}");
    }
}

#[test]
fn a_document_that_breaks_a_rule_itself_is_not_the_releases_fault() {
    let broken = |pointer: &str, value: Value| {
        let mut document = good();
        set(&mut document, pointer, value);
        json!(document.to_string())
    };
    let cases = [
        (
            "/document",
            broken("/versions/0.9.0/release_date", json!("2026")),
            "must be a day, YYYY-MM-DD, is `2026`",
        ),
        ("/document", broken("/github_repo", json!("wac")), "github_repo: must be `owner/name`"),
        ("/name", json!("wkg"), "tool_name: must be the name of the file, `wkg`, is `wac`"),
        ("/document", json!("[]"), "document: must be an object"),
        ("/document", json!(r#"{"versions": 1}"#), "versions: must be an object"),
        ("/document", json!("{"), "document: EOF while parsing an object"),
    ];
    for (pointer, value, reason) in cases {
        let mut input = next();
        set(&mut input, pointer, value);
        let error = run(&input).expect_err(reason);
        assert!(matches!(error, Error::Invalid(_)), "{error}");
        assert!(error.to_string().contains(reason), "{error} instead of {reason}");
    }
}

#[test]
fn a_platform_that_the_version_before_has_may_not_vanish() {
    let mut input = next();
    set(&mut input, "/platforms/darwin_arm64", Value::Null);
    let error = run(&input).expect_err("a platform is gone");
    assert!(matches!(error, Error::Answer(_)), "{error}");
    let place = r#"versions["0.10.1"].platforms.darwin_arm64"#;
    let reason = "is missing, but 0.9.0 has it; record it, or name it in `optional` of tools.toml";
    assert_eq!(error.to_string(), format!("{place}: {reason}"));
}
