//! What `plan` decides about a tag that upstream moves.

use serde_json::{json, Value};

use crate::documents::{digest, entry, good, set};
use crate::plan::{input, release};
use crate::typed::plan;

/// A document and a release of a rolling tag, whose files are the recorded ones.
fn rolling() -> Value {
    let mut document = good();
    let mut recorded = document["versions"]["0.9.0"].take();
    recorded["tag"] = json!("canary");
    recorded["release_date"] = json!("2026-08-02");
    document["versions"] = json!({"canary": recorded});
    document["latest_version"] = json!("canary");
    let mut canary = release("canary");
    canary["tag"] = json!("canary");
    canary["prerelease"] = json!(true);
    for (index, word) in ["darwin", "linux"].iter().enumerate() {
        canary["assets"][index]["digest"] = json!(format!("sha256:{}", digest(word)));
    }
    let mut asked = input(&[release("0.9.0"), canary]);
    asked["document"] = json!(document.to_string());
    asked["watch"] = json!({
        "repository": "bytecodealliance/wac",
        "tag": "canary",
        "rolling": true,
        "assets": entry()["assets"],
    });
    asked
}

fn decided(asked: &Value) -> Value {
    plan(asked).expect("a plan")
}

#[test]
fn the_same_files_are_current() {
    let plan = decided(&rolling());
    assert_eq!([&plan["state"], &plan["after"]], ["current", "canary"]);
    assert_eq!(plan["compared"].to_string(), "2");
}

#[test]
fn a_changed_file_is_a_new_release_and_no_tampering() {
    let mut asked = rolling();
    set(&mut asked, "/releases/1/assets/1/digest", json!(format!("sha256:{}", digest("new"))));
    set(&mut asked, "/releases/1/assets/1/updated_at", json!("2026-11-20T08:00:00Z"));
    let plan = decided(&asked);
    assert_eq!([&plan["state"], &plan["after"], &plan["tag"]], ["newer", "canary", "canary"]);
    assert_eq!(plan["release_date"], "2026-11-20", "the day of the newest file");
    assert_eq!(plan["changes"], json!([]));
    assert_eq!(plan["assets"].as_object().map(serde_json::Map::len), Some(2));
}

#[test]
fn without_a_digest_the_day_of_the_file_decides() {
    let mut asked = rolling();
    set(&mut asked, "/releases/1/assets/1/digest", json!(""));
    assert_eq!(decided(&asked)["state"], "current");
    set(&mut asked, "/releases/1/assets/1/updated_at", json!("2026-08-03T00:00:00Z"));
    assert_eq!(decided(&asked)["state"], "newer");
}

#[test]
fn the_cooldown_counts_from_the_newest_file() {
    let mut asked = rolling();
    set(&mut asked, "/watch/cooldown", json!(7));
    set(&mut asked, "/releases/1/assets/1/digest", json!(format!("sha256:{}", digest("new"))));
    set(&mut asked, "/releases/1/assets/1/updated_at", json!("2026-11-20T08:00:00Z"));
    let plan = decided(&asked);
    assert_eq!([&plan["state"], &plan["until"]], ["young", "2026-11-27"]);
}

#[test]
fn a_missing_file_is_incomplete_and_a_missing_tag_asks_for_more() {
    let mut asked = rolling();
    set(&mut asked, "/document", json!(""));
    set(&mut asked, "/releases/1/assets/1/state", json!("open"));
    assert_eq!(decided(&asked)["state"], "incomplete");
    set(&mut asked, "/releases/1/tag", json!("nightly"));
    set(&mut asked, "/last", json!(false));
    assert_eq!(decided(&asked)["state"], "more");
    set(&mut asked, "/last", json!(true));
    let error = plan(&asked).expect_err("no tag");
    let named = "tag: none of 2 has the tag `canary`, but `v0.9.0`, `nightly`; write the tag that upstream moves now";
    assert_eq!(error.to_string(), named);
    set(&mut asked, "/releases", json!([]));
    let error = plan(&asked).expect_err("no tag");
    assert_eq!(error.to_string(), "releases: none of 0 has the tag `canary`");
}
