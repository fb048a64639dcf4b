//! Newer releases that are passed over, and why.

use serde_json::{json, Value};

use crate::documents::set;
use crate::plan::{input, recorded, release, run, LINUX};

/// A release with some fields changed.
fn changed(version: &str, edits: &[(&str, Value)]) -> Value {
    let mut changed = release(version);
    for (pointer, to) in edits {
        set(&mut changed, pointer, to.clone());
    }
    changed
}

/// What is passed over: version, tag, reason, and until when.
fn passed(releases: &[Value], watch: &[(&str, Value)]) -> Value {
    let mut asked = input(releases);
    for (pointer, to) in watch {
        set(&mut asked, &format!("/watch{pointer}"), to.clone());
    }
    let plan = run(&asked).expect("a plan");
    let items = plan["passed_over"].as_array().expect("a list");
    items.iter().map(|it| json!([it["version"], it["tag"], it["reason"], it["until"]])).collect()
}

#[test]
fn each_newer_release_that_is_not_taken_says_why() {
    let newest = release("0.10.1");
    let cases = [
        (changed("0.11.0", &[("/draft", json!(true))]), "it is a draft"),
        (changed("0.11.0", &[("/prerelease", json!(true))]), "it is a prerelease"),
    ];
    for (other, reason) in cases {
        let list = [other, newest.clone(), recorded()];
        assert_eq!(passed(&list, &[]), json!([["0.11.0", "v0.11.0", reason, null]]));
    }
    let list = [release("0.11.0"), newest.clone(), recorded()];
    let ignored = [("/ignore", json!(["0.11.0"]))];
    let expected = json!([["0.11.0", "v0.11.0", "tools.toml ignores it", null]]);
    assert_eq!(passed(&list, &ignored), expected);
    let list = [release("0.11.0-rc.1"), newest, recorded()];
    let expected = json!([["0.11.0-rc.1", "v0.11.0-rc.1", "it is a prerelease", null]]);
    assert_eq!(passed(&list, &[]), expected);
}

#[test]
fn a_young_release_names_the_day_from_which_it_is_taken() {
    let young = changed("0.11.0", &[("/published_at", json!("2026-11-20T12:00:00Z"))]);
    let expected = json!([["0.11.0", "v0.11.0", "it is too young", "2026-11-27"]]);
    let cooldown = [("/cooldown", json!(7))];
    assert_eq!(passed(&[young.clone(), release("0.10.1"), recorded()], &cooldown), expected);
    assert_eq!(passed(&[young, recorded()], &cooldown), expected);
}

#[test]
fn an_incomplete_release_names_what_is_missing() {
    let days = [("/published_at", json!("2026-11-20T12:00:00Z"))];
    let mut lacking = changed("0.11.0", &days);
    lacking["assets"].as_array_mut().expect("a list").pop();
    let reason = format!("it is incomplete: {LINUX} is not there");
    let expected = json!([["0.11.0", "v0.11.0", reason, null]]);
    assert_eq!(passed(&[lacking, release("0.10.1"), recorded()], &[]), expected);
}

#[test]
fn a_later_tag_that_does_not_match_is_passed_over_and_that_of_another_product_is_not() {
    let later = [("/tag", json!("0.11.0")), ("/published_at", json!("2026-11-20T12:00:00Z"))];
    let list = [changed("0.11.0", &later), release("0.10.1"), recorded()];
    let reason = "its tag does not match `v{version}` by semver";
    assert_eq!(passed(&list, &[]), json!([[null, "0.11.0", reason, null]]));
    assert_eq!(passed(&list, &[("/other_tags", json!(["0.*"]))]), json!([]));
}

#[test]
fn what_is_older_is_not_passed_over() {
    let list = [release("0.10.1"), release("0.9.9"), changed("0.8.0", &[("/draft", json!(true))])];
    assert_eq!(passed(&list, &[]), json!([]));
}
