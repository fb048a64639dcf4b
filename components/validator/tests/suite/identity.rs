//! A release is not its tag.

use serde_json::{json, Value};
use validator::error::Error;

use crate::documents::digest;
use crate::plan::{file, input, recorded, release, run, DARWIN, LINUX};

/// Another release with the tag of one, and other files.
fn twin(version: &str, id: i64, fields: &[(&str, Value)]) -> Value {
    let mut twin = release(version);
    twin["id"] = id.into();
    twin["assets"] = json!([file(DARWIN, &digest("other d")), file(LINUX, &digest("other l"))]);
    for (name, value) in fields {
        twin[*name] = value.clone();
    }
    twin
}

fn both_orders(one: &Value, other: &Value) -> [Value; 2] {
    [input(&[one.clone(), other.clone()]), input(&[other.clone(), one.clone()])]
}

#[test]
fn a_draft_or_a_prerelease_with_the_tag_of_a_release_is_another_release() {
    let published = release("0.10.1");
    for field in ["draft", "prerelease"] {
        let stray = twin("0.10.1", 7, &[(field, true.into())]);
        for asked in both_orders(&published, &stray) {
            let plan = run(&asked).expect("a plan");
            assert_eq!([&plan["state"], &plan["release"]], [&json!("newer"), &published["id"]]);
        }
    }
}

#[test]
fn a_recorded_digest_is_compared_with_the_release_and_never_with_a_stray_one() {
    for field in ["draft", "prerelease"] {
        let stray = twin("0.9.0", 7, &[(field, true.into())]);
        for asked in both_orders(&recorded(), &stray) {
            let plan = run(&asked).expect("a plan");
            assert_eq!([&plan["state"], &plan["changes"]], [&json!("current"), &json!([])]);
            assert_eq!(plan["compared"], 2);
        }
    }
}

#[test]
fn a_prerelease_counts_where_the_tool_takes_them_and_nothing_else_has_its_tag() {
    let mut asked = input(&[twin("0.10.1", 7, &[("prerelease", true.into())]), recorded()]);
    asked["watch"]["prereleases"] = true.into();
    assert_eq!(run(&asked).expect("a plan")["release"], 7);
}

#[test]
fn two_published_releases_with_one_tag_are_refused() {
    let rivals = [(release("0.10.1"), twin("0.10.1", 7, &[])), (recorded(), twin("0.9.0", 7, &[]))];
    for (one, other) in rivals {
        for asked in both_orders(&one, &other) {
            let error = run(&asked).expect_err("no plan");
            assert!(matches!(error, Error::Answer(_)), "{error}");
            let said = error.to_string();
            assert!(said.contains("both published under the tag `v0."), "{said}");
        }
    }
}

#[test]
fn a_release_that_two_pages_show_is_one() {
    let asked = input(&[release("0.10.1"), recorded(), release("0.10.1"), recorded()]);
    let plan = run(&asked).expect("a plan");
    assert_eq!([&plan["state"], &plan["compared"]], [&json!("newer"), &json!(2)]);
}

#[test]
fn a_rolling_tag_is_that_of_the_published_release() {
    let mut published = release("0.10.1");
    published["tag"] = "canary".into();
    let stray = twin("0.10.1", 7, &[("tag", "canary".into()), ("draft", true.into())]);
    for mut asked in both_orders(&published, &stray) {
        asked["watch"]["tag"] = "canary".into();
        asked["watch"]["rolling"] = true.into();
        asked["document"] = "".into();
        assert_eq!(run(&asked).expect("a plan")["release"], published["id"]);
    }
    let mut rivals = input(&[published.clone(), twin("0.10.1", 7, &[("tag", "canary".into())])]);
    rivals["watch"]["tag"] = "canary".into();
    rivals["watch"]["rolling"] = true.into();
    rivals["document"] = "".into();
    assert!(run(&rivals).is_err());
}
