//! A tool that stands still while its upstream does not.

use serde_json::{json, Value};

use crate::documents::digest;
use crate::plan::{file, input, recorded, release, run, DARWIN, LINUX};

/// Tags and the days of 2026 on which they were released.
type Tags<'a> = &'a [(&'a str, &'a str)];

/// A release of a tag, published on a day of 2026.
fn tagged(tag: &str, day: &str) -> Value {
    let mut it = release(tag);
    it["tag"] = tag.into();
    it["published_at"] = format!("2026-{day}T12:00:00Z").into();
    it
}

/// What is decided where `v0.9.0`, of February 3rd, is recorded, with other keys in the entry.
fn decided(others: Tags<'_>, keys: &[(&str, Value)]) -> Value {
    let mut ours = recorded();
    ours["published_at"] = "2026-02-03T12:00:00Z".into();
    let mut releases: Vec<Value> = others.iter().map(|(tag, day)| tagged(tag, day)).collect();
    releases.push(ours);
    let mut asked = input(&releases);
    for (key, value) in keys {
        asked["watch"][*key] = value.clone();
    }
    run(&asked).expect("a plan")
}

fn problem(plan: &Value) -> &str {
    plan["problem"].as_str().expect("a text")
}

#[test]
fn newer_releases_under_other_tags_are_named_with_what_to_write() {
    let cases: [(Tags<'_>, &str); 10] = [
        (&[("1.0.0", "03-01"), ("1.1.0", "04-01")], "tag = \"{version}\""),
        (&[("release-1.0.0", "03-01")], "tag = \"release-{version}\""),
        (&[("wac-v1.0.0", "03-01")], "tag = \"wac-v{version}\""),
        (&[("wac/v1.0.0", "03-01")], "tag = \"wac/v{version}\""),
        (&[("V1.0.0", "03-01")], "tag = \"V{version}\""),
        (&[("2026.1.15", "03-01")], "tag = \"{version}\""),
        // Once in a while without the letter, and now for good.
        (&[("0.8.0", "01-01"), ("1.0.0", "03-01")], "tag = \"{version}\""),
        // Backports go on under the old tags.
        (&[("1.0.0", "03-01"), ("v0.8.9", "04-01")], "tag = \"{version}\""),
        // Counted anew.
        (&[("0.1.0", "03-01")], "tag = \"{version}\""),
        (&[("wac1.0", "03-01")], "tag = \"wac{version}\""),
    ];
    for (others, remedy) in cases {
        let plan = decided(others, &[]);
        assert_eq!(plan["state"], "unmatched", "{others:?}: {plan}");
        let said = problem(&plan);
        assert!(said.starts_with("tag: ") && said.contains(remedy), "{said}");
    }
}

#[test]
fn three_tags_are_named_the_newest_first() {
    let many = [("1.0.0", "03-01"), ("1.1.0", "03-02"), ("1.2.0", "03-03"), ("1.3.0", "03-04")];
    let plan = decided(&many, &[]);
    let expected = "tag: 4 newer releases have another tag than `v{version}`: `1.3.0`, `1.2.0`, `1.1.0`; \
                    write `tag = \"{version}\"` if they are of this tool, or name them in `other_tags`";
    assert_eq!(problem(&plan), expected);
}

#[test]
fn newer_versions_that_the_scheme_does_not_understand_are_named_with_one_that_does() {
    let cases = [
        ("v1.0", "numeric"),
        ("v1.0.0.1", "numeric"),
        ("v2026.01.15", "numeric"),
        ("v1.0.0.post1", "pep440"),
    ];
    for (tag, scheme) in cases {
        let plan = decided(&[(tag, "03-01")], &[]);
        assert_eq!(plan["state"], "unmatched", "{tag}: {plan}");
        let said = problem(&plan);
        assert!(said.starts_with("scheme: 1 newer release has a version"), "{said}");
        assert!(said.contains(&format!("`{tag}`; write `scheme = \"{scheme}\"`")), "{said}");
    }
    let plan = decided(&[("v1-final-3x", "03-01")], &[]);
    assert!(problem(&plan).contains("watch them as another tool"), "{plan}");
}

#[test]
fn a_rebuild_that_the_scheme_does_not_see_is_named() {
    let ours = tagged("v0.9.0", "02-03");
    let mut document = crate::documents::good();
    let entry = document["versions"]["0.9.0"].take();
    document["versions"] = json!({"0.9.0+k3s2": entry});
    document["versions"]["0.9.0+k3s2"]["tag"] = "v0.9.0+k3s2".into();
    document["latest_version"] = "0.9.0+k3s2".into();
    let releases = [
        tagged("v0.9.0+k3s1", "01-03"),
        tagged("v0.9.0+k3s10", "03-03"),
        Value::clone(&tagged("v0.9.0+k3s2", "02-03")),
    ];
    let mut asked = input(&releases);
    asked["document"] = document.to_string().into();
    let plan = run(&asked).expect("a plan");
    assert_eq!(plan["state"], "unmatched", "{plan}");
    assert_eq!(
        problem(&plan),
        "scheme: `v0.9.0+k3s10` came after 0.9.0+k3s2, and semver holds them for the same version; \
         write `scheme = \"semver-build\"`"
    );
    asked["watch"]["scheme"] = "semver-build".into();
    let plan = run(&asked).expect("a plan");
    assert_eq!([&plan["state"], &plan["after"]], ["newer", "0.9.0+k3s10"]);
    // Whoever begins takes the last one, though no scheme tells.
    asked["watch"]["scheme"] = "semver".into();
    asked["document"] = "".into();
    asked["releases"].as_array_mut().expect("a list").push(ours);
    assert_eq!(run(&asked).expect("a plan")["after"], "0.9.0+k3s10");
}

#[test]
fn other_things_of_the_repository_are_no_newer_releases() {
    let wanted = json!(["shim-*", "preview*-v*", "nightly"]);
    let cases: [(Tags<'_>, &[(&str, Value)]); 9] = [
        // A sibling: its tags were there before.
        (&[("shim-v0.1.0", "01-01"), ("shim-v0.2.0", "03-01")], &[]),
        (&[("preview2-v0.1.0", "01-01"), ("preview2-v0.2.0", "03-01")], &[]),
        // Declared.
        (&[("shim-v0.2.0", "03-01"), ("preview2-v7", "03-02")], &[("other_tags", wanted)]),
        // No version.
        (&[("nightly", "03-01"), ("latest", "03-02"), ("vnext", "03-02")], &[]),
        // Not a release proper.
        (&[("v1.0.0rc1", "03-01"), ("1.0.0-beta", "03-02"), ("v1.0-dev3", "03-03")], &[]),
        // Older.
        (&[("1.0.0", "01-01"), ("v0.8", "01-02"), ("2019.1.0", "01-03")], &[]),
        // Never wanted.
        (&[("1.0.0", "03-01")], &[("ignore", json!(["1.0.0"]))]),
        (&[], &[]),
        (&[("v0.8.0", "01-01")], &[]),
    ];
    for (others, keys) in cases {
        let plan = decided(others, keys);
        assert_eq!([&plan["state"], &plan["problem"]], ["current", ""], "{others:?}: {plan}");
    }
}

#[test]
fn a_draft_or_a_prerelease_with_another_tag_is_no_newer_release() {
    for field in ["draft", "prerelease"] {
        let mut other = tagged("1.0.0", "03-01");
        other[field] = true.into();
        let mut ours = recorded();
        ours["published_at"] = "2026-02-03T12:00:00Z".into();
        assert_eq!(run(&input(&[other, ours])).expect("a plan")["state"], "current");
    }
}

#[test]
fn a_tool_that_moves_on_is_only_reported() {
    let plan = decided(&[("v0.10.1", "03-01"), ("1.0.0", "04-01")], &[]);
    assert_eq!([&plan["state"], &plan["after"]], ["newer", "0.10.1"]);
    assert!(plan["notes"][0].as_str().expect("a note").contains("`1.0.0`"), "{plan}");
}

/// A release of a day that lacks the file for Linux, and has others.
fn incomplete(version: &str, day: &str) -> Value {
    let mut it = tagged(&format!("v{version}"), day);
    let names = ["readme.txt", "wac-cli-x86_64-linux-gnu", DARWIN];
    it["assets"] = names.iter().map(|name| file(name, &digest(name))).collect();
    it
}

fn planned(releases: &[Value], patience: u32) -> Value {
    let mut asked = input(&[releases, &[recorded()]].concat());
    asked["watch"]["patience"] = patience.into();
    run(&asked).expect("a plan")
}

#[test]
fn a_release_that_stays_incomplete_needs_a_person() {
    // It is the 22nd of November, 10 o'clock.
    let cases = [
        (vec![incomplete("0.10.0", "11-20")], 14, None),
        (vec![incomplete("0.10.0", "11-08")], 14, None),
        (vec![incomplete("0.10.0", "11-08")], 13, Some("2026-11-08")),
        (vec![incomplete("0.10.0", "11-20")], 0, Some("2026-11-20")),
        // A release a week, and none is complete.
        (
            vec![incomplete("0.10.1", "11-20"), incomplete("0.10.0", "11-01")],
            14,
            Some("2026-11-01"),
        ),
        // The one before was.
        (vec![incomplete("0.10.1", "11-20"), tagged("v0.10.0", "11-01")], 14, None),
    ];
    for (releases, patience, since) in cases {
        let plan = planned(&releases, patience);
        assert_eq!(plan["state"], "incomplete");
        let said = problem(&plan);
        let Some(since) = since else {
            assert_eq!(said, "");
            continue;
        };
        let expected = format!(
            "assets: incomplete since {since}, for longer than {patience} days: {LINUX} is missing; \
             there is wac-cli-x86_64-linux-gnu, {DARWIN}, readme.txt; "
        );
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn of_a_thousand_files_the_most_alike_are_named() {
    let mut it = tagged("v0.10.0", "03-01");
    let names = (0..999).map(|number| format!("{number:03}.sig"));
    let names = names.chain([format!("{LINUX}.tar.gz")]);
    it["assets"] = names.map(|name| file(&name, &digest(&name))).collect();
    let plan = planned(&[it], 14);
    let said = problem(&plan);
    assert!(said.contains(&format!("there is {LINUX}.tar.gz, ")), "{said}");
    assert!(said.contains(" and 980 more; ") && said.len() < 1000, "{said}");
}

#[test]
fn a_rolling_tag_that_stays_incomplete_needs_a_person() {
    let mut it = incomplete("0.10.0", "03-01");
    it["tag"] = "canary".into();
    let mut asked = input(&[it]);
    asked["document"] = "".into();
    asked["watch"]["tag"] = "canary".into();
    asked["watch"]["rolling"] = true.into();
    let plan = run(&asked).expect("a plan");
    assert!(problem(&plan).contains("incomplete since 2026-08-02"), "{plan}");
}

#[test]
fn whoever_begins_is_shown_what_to_write() {
    let cases = [
        ("v1.30.4+k3s1", "numeric", "; write `scheme = \"semver\"`"),
        ("1.2.3", "semver", "; write `tag = \"{version}\"`"),
        (
            "tool-1.2",
            "semver",
            "; write `tag = \"tool-{version}\"` and write `scheme = \"numeric\"`",
        ),
        ("canary", "semver", "(a tag that upstream moves must be declared `rolling`)"),
    ];
    for (tag, scheme, end) in cases {
        let mut asked = input(&[tagged(tag, "03-01")]);
        asked["watch"]["scheme"] = scheme.into();
        asked["document"] = "".into();
        let error = run(&asked).expect_err("no release fits").to_string();
        assert!(error.starts_with("tag: none of 1 is a release"), "{error}");
        assert!(error.ends_with(end), "{error}");
    }
}
