//! What `record` adds and keeps.

use crate::documents::{at, digest, entry, good, set};
use serde_json::{json, Value};
use validator::error::Error;

/// The next release of the good document.
pub(crate) fn next() -> Value {
    json!({
        "name": "wac",
        "document": good().to_string(),
        "watch": entry(),
        "version": "0.10.1",
        "release_date": "2026-08-01",
        "tag": "v0.10.1",
        "platforms": {
            "darwin_arm64": {
                "asset": "wac-cli-aarch64-apple-darwin",
                "sha256": digest("darwin 0.10.1"),
                "size": 12_000_000,
                "confirmed_by": ["digest", "bytes"],
            },
            "linux_amd64": {
                "asset": "wac-cli-x86_64-unknown-linux-musl",
                "sha256": digest("linux 0.10.1"),
                "size": 13_000_000,
                "confirmed_by": ["bytes"],
            },
        },
    })
}

pub(crate) fn run(input: &Value) -> Result<Value, Error> {
    let text = crate::typed::record(input)?;
    Ok(serde_json::from_str(&text).expect("JSON"))
}

/// What `record` makes of a document that was edited before.
fn with_document(edit: impl FnOnce(&mut Value)) -> Result<Value, Error> {
    let (mut document, mut input) = (good(), next());
    edit(&mut document);
    set(&mut input, "/document", json!(document.to_string()));
    run(&input)
}

#[test]
fn a_release_is_added_and_becomes_the_latest() {
    let after = run(&next()).expect("good");
    let mut expected = good();
    set(&mut expected, "/latest_version", json!("0.10.1"));
    let added = json!({
        "release_date": "2026-08-01",
        "tag": "v0.10.1",
        "platforms": {
            "darwin_arm64": {
                "asset": "wac-cli-aarch64-apple-darwin",
                "confirmed_by": ["bytes", "digest"],
                "sha256": digest("darwin 0.10.1"),
                "size": 12_000_000,
                "url_suffix": "aarch64-apple-darwin",
            },
            "linux_amd64": {
                "asset": "wac-cli-x86_64-unknown-linux-musl",
                "confirmed_by": ["bytes"],
                "sha256": digest("linux 0.10.1"),
                "size": 13_000_000,
                "url_suffix": "x86_64-unknown-linux-musl",
            },
        },
    });
    set(&mut expected, "/versions/0.10.1", added);
    // Compared as text: what was typed here and what was parsed hold numbers differently.
    assert_eq!(after.to_string(), expected.to_string());
}

#[test]
fn the_latest_version_stays_unless_the_release_is_newer_by_the_scheme() {
    let cases = [
        ("semver", "0.9.0", "0.10.1", "0.10.1"),
        ("semver", "0.10.0", "0.9.9", "0.10.0"), // a backport, and not as text
        ("semver", "0.10.0", "0.10.0-rc.1", "0.10.0"),
        ("semver", "0.10.0-rc.1", "0.10.0", "0.10.0"),
        ("numeric", "99", "100", "100"),
        ("numeric", "1.26.1", "1.25.12", "1.26.1"),
        ("pep440", "1.0rc1", "1.0", "1.0"),
        ("pep440", "1.0", "1.0.dev1", "1.0"),
    ];
    for (scheme, latest, version, expected) in cases {
        let mut document = good();
        let mut release = document["versions"]["0.9.0"].take();
        release["tag"] = json!(format!("v{latest}"));
        document["versions"] = json!({latest: release});
        document["latest_version"] = json!(latest);
        let mut input = next();
        set(&mut input, "/document", json!(document.to_string()));
        set(&mut input, "/version", json!(version));
        set(&mut input, "/tag", json!(format!("v{version}")));
        set(&mut input, "/watch/scheme", json!(scheme));
        let after = run(&input).expect("good");
        assert_eq!(after["latest_version"], expected, "{version} after {latest} by {scheme}");
        assert_eq!(after["versions"][version]["release_date"], "2026-08-01");
    }
}

#[test]
fn recording_twice_changes_nothing() {
    let once = run(&next()).expect("good");
    let mut again = next();
    set(&mut again, "/document", json!(once.to_string()));
    assert_eq!(run(&again).expect("good"), once);
}

#[test]
fn fields_that_nobody_knows_survive_at_each_level() {
    let extras = [
        ("/security", json!({"signing": "keyless", "level": 1.10})),
        ("/last_checked", json!("2026-01-01T00:00:00Z")),
        ("/versions/0.9.0/description", json!("a release")),
        ("/versions/0.9.0/platforms/linux_amd64/notes", json!(["a", {"b": null}])),
    ];
    let after = with_document(|document| {
        extras.iter().for_each(|(pointer, value)| set(document, pointer, value.clone()));
    });
    let after = after.expect("good");
    for (pointer, value) in extras {
        let kept = after.pointer(pointer).expect(pointer);
        assert_eq!(kept.to_string(), value.to_string());
    }
}

#[test]
fn a_tool_without_a_file_gets_one() {
    let mut input = next();
    set(&mut input, "/document", json!(""));
    let after = run(&input).expect("good");
    assert_eq!(after["tool_name"], "wac");
    assert_eq!(after["github_repo"], "bytecodealliance/wac");
    assert_eq!(after["latest_version"], "0.10.1");
    assert_eq!(after["supported_platforms"], json!(["darwin_arm64", "linux_amd64"]));
    let linux = &after["versions"]["0.10.1"]["platforms"]["linux_amd64"];
    assert_eq!(linux["url_suffix"], "wac-cli-x86_64-unknown-linux-musl");
}

#[test]
fn a_tool_of_another_site_gets_its_address() {
    let mut input = next();
    set(&mut input, "/document", json!(""));
    set(&mut input, "/watch/source", json!("go"));
    set(&mut input, "/watch/base", json!("https://go.dev/dl/"));
    assert!(run(&input).is_err(), "an address that ends with a slash");
    set(&mut input, "/watch/base", json!("https://go.dev/dl"));
    set(&mut input, "/watch/repository", Value::Null);
    let after = run(&input).expect("good");
    assert_eq!(after["download_base"], "https://go.dev/dl");
    assert_eq!(after.get("github_repo"), None);
}

#[test]
fn a_file_of_a_rolling_tag_takes_the_place_of_the_one_before() {
    let rolling = json!({
        "repository": "bytecodealliance/wac",
        "tag": "canary",
        "rolling": true,
        "assets": entry()["assets"],
    });
    let mut input = next();
    set(&mut input, "/watch", rolling);
    set(&mut input, "/document", json!(""));
    set(&mut input, "/version", json!("canary"));
    set(&mut input, "/tag", json!("canary"));
    let once = run(&input).expect("good");
    set(&mut input, "/document", json!(once.to_string()));
    set(&mut input, "/release_date", json!("2026-08-02"));
    set(&mut input, "/platforms/linux_amd64/sha256", json!(digest("tomorrow")));
    set(&mut input, "/platforms/linux_amd64/size", Value::Null);
    set(&mut input, "/platforms/linux_amd64/confirmed_by", json!(["digest"]));
    let after = run(&input).expect("good");
    assert_eq!(after["latest_version"], "canary");
    assert_eq!(after["versions"]["canary"]["release_date"], "2026-08-02");
    let linux = &after["versions"]["canary"]["platforms"]["linux_amd64"];
    assert_eq!(linux["sha256"], digest("tomorrow"));
    assert_eq!(linux["confirmed_by"], json!(["digest"]), "what was said of another digest");
    assert_eq!(linux.get("size"), None, "the size of another file");
}

#[test]
fn the_suffix_is_what_differs_from_the_predecessors_name() {
    let cases = [
        // asset and suffix before, asset after, suffix after
        (Some("t-0.9.0-x86_64.tar.gz"), "x86_64.tar.gz", "t-0.10.1-x86_64.tar.xz", "x86_64.tar.xz"),
        (None, "x86_64.tar.gz", "t-0.10.1-x86_64.tar.gz", "x86_64.tar.gz"),
        (None, "t-0.9.0.zip", "t-0.10.1.zip", "t-0.10.1.zip"),
        (None, "x86_64.tar.gz", "renamed.zip", "renamed.zip"),
        (None, "", "t-x86_64", ""),
    ];
    for (before, suffix, asset, expected) in cases {
        let mut document = good();
        let linux = "/versions/0.9.0/platforms/linux_amd64";
        set(&mut document, &format!("{linux}/asset"), before.map_or(Value::Null, Value::from));
        set(&mut document, &format!("{linux}/url_suffix"), json!(suffix));
        set(&mut document, &format!("{linux}/platform_name"), json!("x86_64-linux"));
        let mut input = next();
        set(&mut input, "/document", json!(document.to_string()));
        set(&mut input, "/platforms/linux_amd64/asset", json!(asset));
        let after = run(&input).expect(asset);
        let entry = &after["versions"]["0.10.1"]["platforms"]["linux_amd64"];
        assert_eq!(entry["url_suffix"], expected, "{asset}");
        assert_eq!(entry["platform_name"], "x86_64-linux");
    }
}

#[test]
fn the_predecessor_is_the_highest_version_that_has_the_platform() {
    let mut input = next();
    let mut document = good();
    for (version, path) in [("0.8.9", "nine"), ("0.8.10", "ten")] {
        let mut older = document["versions"]["0.9.0"].clone();
        older["tag"] = json!(format!("v{version}"));
        let entry = json!({"sha256": digest(version), "url_suffix": "x", "binary_path": path});
        older["platforms"] = json!({"windows_amd64": entry});
        set(&mut document, &format!("/versions/{version}"), older);
    }
    set(&mut input, "/document", json!(document.to_string()));
    set(&mut input, "/watch/optional", json!(["windows_amd64"]));
    let mut added = next()["platforms"]["darwin_arm64"].clone();
    set(&mut added, "/asset", json!("wac.exe"));
    set(&mut added, "/sha256", json!(digest("exe")));
    set(&mut input, "/platforms/windows_amd64", added);
    let after = run(&input).expect("good");
    let entry = &after["versions"]["0.10.1"]["platforms"]["windows_amd64"];
    assert_eq!(entry["binary_path"], "ten");
}

#[test]
fn how_to_use_a_file_is_carried_over_and_what_describes_one_file_is_not() {
    let after = with_document(|document| {
        let linux = at(document, "/versions/0.9.0/platforms/linux_amd64");
        linux.insert("binary_path".into(), json!("node-v{}/bin/node"));
        linux.insert("size_kb".into(), json!(853));
    });
    let after = after.expect("good");
    let entry = &after["versions"]["0.10.1"]["platforms"]["linux_amd64"];
    assert_eq!(entry["binary_path"], "node-v{}/bin/node");
    assert_eq!(entry.get("size_kb"), None);
}

#[test]
fn the_list_of_platforms_is_made_of_all_versions() {
    let mut input = next();
    set(&mut input, "/platforms/darwin_arm64", Value::Null);
    set(&mut input, "/watch/optional", json!(["darwin_arm64"]));
    let mut added = next()["platforms"]["darwin_arm64"].clone();
    set(&mut added, "/asset", json!("wac.exe"));
    set(&mut input, "/platforms/windows_amd64", added);
    let after = run(&input).expect("good");
    assert_eq!(
        after["supported_platforms"],
        json!(["darwin_arm64", "linux_amd64", "windows_amd64"])
    );
}

#[test]
fn another_digest_for_a_recorded_asset_is_a_mismatch_that_names_both() {
    let mut input = next();
    set(&mut input, "/version", json!("0.9.0"));
    set(&mut input, "/tag", json!("v0.9.0"));
    set(&mut input, "/platforms/darwin_arm64/sha256", json!(digest("darwin")));
    let error = run(&input).expect_err("tampered");
    assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    let place = r#"versions["0.9.0"].platforms.linux_amd64.sha256"#;
    let (recorded, got) = (digest("linux"), digest("linux 0.10.1"));
    assert_eq!(error.to_string(), format!("{place}: {got} came, {recorded} was recorded"));
}

#[test]
fn a_digest_that_never_was_one_may_be_replaced() {
    let mut input = next();
    let mut document = good();
    set(&mut document, "/versions/0.9.0/platforms/linux_amd64/sha256", json!("PLACEHOLDER"));
    set(&mut document, "/versions/0.9.0/platforms/darwin_arm64", Value::Null);
    set(&mut input, "/document", json!(document.to_string()));
    set(&mut input, "/version", json!("0.9.0"));
    set(&mut input, "/tag", json!("v0.9.0"));
    let after = run(&input).expect("good");
    let entry = &after["versions"]["0.9.0"]["platforms"]["linux_amd64"];
    assert_eq!(entry["sha256"], digest("linux 0.10.1"));
    assert_eq!(entry["confirmed_by"], json!(["bytes"]));
}
