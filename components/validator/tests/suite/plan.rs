//! What `plan` decides.

use serde_json::{json, Value};
use validator::error::Error;

use crate::documents::{digest, entry, good, set};

pub(crate) const DARWIN: &str = "wac-cli-aarch64-apple-darwin";
pub(crate) const LINUX: &str = "wac-cli-x86_64-unknown-linux-musl";

pub(crate) fn file(name: &str, digest: &str) -> Value {
    json!({
        "name": name,
        "state": "uploaded",
        "size": 5,
        "digest": if digest.is_empty() { String::new() } else { format!("sha256:{digest}") },
        "updated_at": "2026-08-02T00:00:00Z",
    })
}

/// A release with both files.
pub(crate) fn release(version: &str) -> Value {
    let id = i64::from_str_radix(&digest(version)[..8], 16).expect("hex digits");
    json!({
        "id": id,
        "tag": format!("v{version}"),
        "draft": false,
        "prerelease": false,
        "published_at": "2026-08-01T12:00:00Z",
        "assets": [
            file(DARWIN, &digest(&format!("darwin {version}"))),
            file(LINUX, &digest(&format!("linux {version}"))),
        ],
    })
}

/// The release that the good document has recorded.
pub(crate) fn recorded() -> Value {
    let mut known = release("0.9.0");
    known["assets"] = json!([file(DARWIN, &digest("darwin")), file(LINUX, &digest("linux"))]);
    known
}

pub(crate) fn input(releases: &[Value]) -> Value {
    json!({
        "name": "wac",
        "document": good().to_string(),
        "watch": entry(),
        "now": "2026-11-22T10:00:00Z",
        "last": true,
        "releases": releases,
    })
}

pub(crate) fn run(input: &Value) -> Result<Value, Error> {
    crate::typed::plan(input)
}

fn decided(input: &Value) -> Value {
    run(input).expect("a plan")
}

fn edited(mut value: Value, edits: &[(&str, Value)]) -> Value {
    for (pointer, to) in edits {
        set(&mut value, pointer, to.clone());
    }
    value
}

#[test]
fn a_newer_release_is_to_be_recorded() {
    let plan = decided(&input(&[release("0.10.1"), recorded()]));
    let expected = json!({
        "state": "newer",
        "after": "0.10.1",
        "tag": "v0.10.1",
        "release": release("0.10.1")["id"],
        "release_date": "2026-08-01",
        "assets": {"darwin_arm64": DARWIN, "linux_amd64": LINUX},
        "sums": {},
        "missing": [],
        "until": "",
        "compared": 2,
        "changes": [],
        "notes": [],
        "passed_over": [],
        "problem": "",
    });
    // Compared as text: what was typed here and what was parsed hold numbers differently.
    assert_eq!(plan.to_string(), expected.to_string());
}

#[test]
fn two_files_with_the_name_of_a_platform_are_refused_with_the_release_and_the_name() {
    let mut twice = release("0.10.1");
    let file = file(LINUX, &digest("another"));
    twice["assets"].as_array_mut().expect("a list").push(file);
    let error = run(&input(&[twice.clone(), recorded()])).expect_err("no plan");
    let said = format!("assets: release `v0.10.1` has 2 files named {LINUX}");
    assert_eq!(error.to_string(), said);
    set(&mut twice, "/assets/2/state", json!("starter"));
    assert_eq!(decided(&input(&[twice, recorded()]))["state"], "newer");
}

#[test]
fn what_is_recorded_is_current() {
    let plan = decided(&input(&[recorded()]));
    assert_eq!(plan["state"], "current");
    assert_eq!(plan["after"], "0.9.0");
    assert_eq!(plan["assets"], json!({}));
}

#[test]
fn a_tool_without_a_file_takes_the_newest_release() {
    let asked = edited(input(&[release("0.8.0"), release("0.9.0")]), &[("/document", json!(""))]);
    let plan = decided(&asked);
    assert_eq!([&plan["state"], &plan["after"]], ["newer", "0.9.0"]);
}

#[test]
fn the_newest_is_the_highest_by_the_scheme_and_not_the_first() {
    let backports = [release("0.9.9"), release("0.10.1"), release("0.8.20"), recorded()];
    assert_eq!(decided(&input(&backports))["after"], "0.10.1");
    let backport = [release("0.8.20"), recorded()];
    assert_eq!(decided(&input(&backport))["state"], "current");
}

#[test]
fn only_whole_tags_of_the_pattern_are_versions() {
    let others =
        ["vv0.10.1", "0.10.1", "v0.10.1-", "cli-v0.10.1", "v", "canary", "v0.10", "v0/1.0.0"];
    for tag in others {
        let other = edited(release("0.10.1"), &[("/tag", json!(tag))]);
        assert_eq!(decided(&input(&[other, recorded()]))["state"], "current", "{tag}");
    }
    let slash = edited(release("1"), &[("/tag", json!("cli/v0.10.1"))]);
    let asked = edited(input(&[slash]), &[("/watch/tag", json!("cli/v{version}"))]);
    assert_eq!(decided(&asked)["after"], "0.10.1");
}

#[test]
fn drafts_prereleases_and_ignored_versions_are_passed_over() {
    let candidates = [
        edited(release("0.11.0"), &[("/draft", json!(true)), ("/published_at", json!(""))]),
        edited(release("0.12.0"), &[("/prerelease", json!(true))]),
        release("0.13.0-rc.1"),
        release("0.14.0"),
        recorded(),
    ];
    let mut asked = edited(input(&candidates), &[("/watch/ignore", json!(["0.14.0"]))]);
    assert_eq!(decided(&asked)["state"], "current");
    asked["watch"]["prereleases"] = json!(true);
    assert_eq!(decided(&asked)["after"], "0.13.0-rc.1");
}

#[test]
fn another_page_is_asked_for_while_nothing_fits() {
    let prerelease = edited(release("0.12.0"), &[("/prerelease", json!(true))]);
    let pages = vec![prerelease; 30];
    let mut asked = edited(input(&pages), &[("/last", json!(false))]);
    assert_eq!(decided(&asked)["state"], "more");
    asked["last"] = json!(true);
    let error = run(&asked).expect_err("nothing fits");
    assert!(matches!(error, Error::Entry(_)), "{error}");
    assert_eq!(
        error.to_string(),
        "releases: none of 30 is a release `v{version}` with a version by semver, 30 prereleases; \
         `prereleases = true` takes those"
    );
}

#[test]
fn a_rolling_tag_that_is_not_declared_is_refused() {
    let canary = edited(release("1"), &[("/tag", json!("canary"))]);
    let error = run(&input(&[canary])).expect_err("refused").to_string();
    assert!(
        error.contains(
            "1 with other tags, as `canary` (a tag that upstream moves must be declared `rolling`)"
        ),
        "{error}"
    );
}

#[test]
fn a_release_is_incomplete_until_every_file_is_uploaded() {
    let whole = release("0.10.1");
    let cases = [
        edited(whole.clone(), &[("/assets", json!([file(DARWIN, &digest("x"))]))]),
        edited(whole.clone(), &[("/assets/1/state", json!("open"))]),
        edited(whole.clone(), &[("/assets/1/name", json!(format!("{LINUX}.sha256")))]),
        edited(whole, &[("/assets/1/name", json!(format!("x{LINUX}")))]),
    ];
    for case in cases {
        let plan = decided(&input(&[case, recorded()]));
        assert_eq!(plan["state"], "incomplete");
        assert_eq!(plan["missing"], json!([LINUX]));
        assert_eq!([&plan["assets"], &plan["sums"]], [&json!({}), &json!({})]);
        assert_eq!(plan["compared"].to_string(), "2", "what is recorded is compared all the same");
    }
    let empty = edited(release("0.10.1"), &[("/assets", json!([]))]);
    assert_eq!(decided(&input(&[empty]))["missing"], json!([DARWIN, LINUX]));
}

#[test]
fn an_optional_platform_may_be_missing_but_not_all() {
    let partly = edited(release("0.10.1"), &[("/assets", json!([file(DARWIN, &digest("x"))]))]);
    let mut asked = edited(input(&[partly]), &[("/watch/optional", json!(["linux_amd64"]))]);
    let plan = decided(&asked);
    assert_eq!(plan["state"], "newer");
    assert_eq!(plan["assets"], json!({"darwin_arm64": DARWIN}));
    assert_eq!(
        plan["notes"],
        json!([format!("{LINUX} is not there, but linux_amd64 is optional")])
    );
    asked["watch"]["optional"] = json!(["linux_amd64", "darwin_arm64"]);
    asked["releases"][0]["assets"] = json!([]);
    let plan = decided(&asked);
    assert_eq!(plan["state"], "incomplete");
    assert_eq!(plan["missing"], json!([DARWIN, LINUX]));
}

#[test]
fn a_platform_that_nobody_names_any_more_is_a_fault_of_tools_toml() {
    let mut asked = input(&[release("0.10.1")]);
    set(&mut asked, "/watch/assets/darwin_arm64", Value::Null);
    let error = run(&asked).expect_err("a platform would vanish");
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    assert_eq!(
        error.to_string(),
        "assets.darwin_arm64: is missing from tools.toml, but 0.9.0 has it; add it, or name it in `optional`"
    );
    asked["watch"]["optional"] = json!(["darwin_arm64"]);
    assert_eq!(decided(&asked)["state"], "newer");
}

#[test]
fn the_file_of_digests_must_be_there_too() {
    let mut asked = input(&[release("0.10.1")]);
    set(&mut asked, "/watch/sums", json!("{asset}.sha256"));
    let missing = json!([format!("{DARWIN}.sha256"), format!("{LINUX}.sha256")]);
    assert_eq!(decided(&asked)["missing"], missing);
    set(&mut asked, "/watch/sums", json!("wac-{version}-SHA256SUMS"));
    assert_eq!(decided(&asked)["missing"], json!(["wac-0.10.1-SHA256SUMS"]));
    let files = asked["releases"][0]["assets"].as_array_mut().expect("a list");
    files.push(file("wac-0.10.1-SHA256SUMS", ""));
    let plan = decided(&asked);
    assert_eq!(plan["state"], "newer");
    let name = "wac-0.10.1-SHA256SUMS";
    assert_eq!(plan["sums"], json!({"darwin_arm64": name, "linux_amd64": name}));
}

#[test]
fn a_release_must_be_as_old_as_the_cooldown_says() {
    let at = |day: &str| edited(release("0.10.1"), &[("/published_at", json!(day))]);
    let cases = [
        ("2026-11-15T10:00:00Z", "newer", ""),
        ("2026-11-15T10:00:01Z", "young", "2026-11-22"),
        ("2026-11-20T00:00:00.5Z", "young", "2026-11-27"),
        ("2026-12-28T00:00:00Z", "young", "2027-01-04"), // a clock is wrong
        ("", "young", ""),
        ("yesterday", "young", ""),
    ];
    for (published, state, until) in cases {
        let asked = edited(input(&[at(published), recorded()]), &[("/watch/cooldown", json!(7))]);
        let plan = decided(&asked);
        assert_eq!([&plan["state"], &plan["until"]], [state, until], "{published}");
        assert_eq!(plan["after"], "0.10.1");
    }
    let undated = decided(&input(&[at("")]));
    assert_eq!([&undated["state"], &undated["release_date"]], ["newer", ""]);
}

#[test]
fn an_older_release_is_taken_while_the_newest_is_too_young() {
    let young = edited(release("0.11.0"), &[("/published_at", json!("2026-11-21T00:00:00Z"))]);
    let asked = edited(input(&[young, release("0.10.1")]), &[("/watch/cooldown", json!(7))]);
    let plan = decided(&asked);
    assert_eq!([&plan["state"], &plan["after"], &plan["tag"]], ["newer", "0.10.1", "v0.10.1"]);
    assert_eq!(plan["notes"], json!(["0.11.0 is too young until 2026-11-28"]));
}

#[test]
fn a_tool_without_names_of_files_is_only_watched() {
    let asked = edited(input(&[release("0.10.1")]), &[("/watch/assets", Value::Null)]);
    let plan = decided(&asked);
    assert_eq!([&plan["state"], &plan["after"]], ["watched", "0.10.1"]);
}

#[test]
fn a_recorded_digest_that_is_not_the_published_one_is_a_change() {
    let mut swapped = recorded();
    swapped["assets"][1]["digest"] = json!(format!("sha256:{}", digest("evil").to_uppercase()));
    let plan = decided(&input(&[release("0.10.1"), swapped]));
    assert_eq!(plan["state"], "newer");
    assert_eq!(plan["compared"].to_string(), "2");
    let change = json!({
        "version": "0.9.0",
        "platform": "linux_amd64",
        "asset": LINUX,
        "recorded": digest("linux"),
        "published": digest("evil"),
        "release_date": "2026-02-03",
        "updated_at": "2026-08-02T00:00:00Z",
    });
    assert_eq!(plan["changes"], json!([change]));
}

#[test]
fn every_recorded_version_is_compared_by_its_tag() {
    let mut document = good();
    let mut older = document["versions"]["0.9.0"].clone();
    older["tag"] = json!("release-0.8.0");
    set(&mut older, "/platforms/linux_amd64/asset", Value::Null);
    set(&mut older, "/platforms/linux_amd64/sha256", json!(digest("older linux")));
    set(&mut older, "/platforms/darwin_arm64/sha256", json!(digest("older darwin")));
    set(&mut document, "/versions/0.8.0", older);
    let mut published = recorded();
    published["tag"] = json!("release-0.8.0");
    let asked =
        edited(input(&[recorded(), published]), &[("/document", json!(document.to_string()))]);
    let plan = decided(&asked);
    assert_eq!(plan["compared"].to_string(), "4", "the name of a file may come from tools.toml");
    assert_eq!(plan["changes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_is_not_published_cannot_be_compared() {
    for unknown in ["", "sha512:00", "sha256:00", "sha256:"] {
        let mut quiet = recorded();
        quiet["assets"][1]["digest"] = json!(unknown);
        let plan = decided(&input(&[quiet]));
        assert_eq!(plan["compared"].to_string(), "1", "{unknown}");
        assert_eq!(plan["changes"], json!([]));
    }
    let gone = edited(recorded(), &[("/assets", json!([file(DARWIN, &digest("darwin"))]))]);
    let plan = decided(&input(&[gone]));
    assert_eq!(plan["notes"], json!([format!("{LINUX} of 0.9.0 is not published any more")]));
}

#[test]
fn what_upstream_took_back_or_added_is_noted() {
    let plan = decided(&input(&[release("0.8.0")]));
    assert_eq!(plan["state"], "current");
    assert_eq!(plan["notes"], json!(["0.9.0 is recorded, but the newest release is 0.8.0"]));
    let mut asked = input(&[recorded()]);
    set(&mut asked, "/watch/assets/windows_amd64", json!("wac.exe"));
    asked["releases"][0]["assets"].as_array_mut().expect("a list").push(file("wac.exe", ""));
    let plan = decided(&asked);
    assert_eq!(plan["notes"], json!(["windows_amd64 is not recorded, but wac.exe is published"]));
}

#[test]
fn a_tool_file_that_breaks_a_rule_is_refused() {
    let cases = [
        ("/document", json!("{"), "document: EOF"),
        ("/document", json!("{}"), "tool_name: is missing"),
        ("/watch/scheme", json!("numeric"), "is no version by numeric"),
    ];
    for (pointer, value, reason) in cases {
        let mut asked = edited(input(&[release("0.10.1")]), &[(pointer, value)]);
        if reason.contains("numeric") {
            let mut document = good();
            let release = document["versions"]["0.9.0"].clone();
            set(&mut document, "/versions/0.9.0-rc.1", release);
            asked["document"] = json!(document.to_string());
        }
        let error = run(&asked).expect_err(reason);
        assert!(matches!(error, Error::Invalid(_)), "{error}");
        assert!(error.to_string().contains(reason), "{error} instead of {reason}");
    }
}
