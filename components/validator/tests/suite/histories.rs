//! Five years of tags, release after release, as upstreams have published them.
//!
//! A file of `tests/histories` names the scheme and the pattern, and each line a month and a tag.

use std::fs;
use std::path::PathBuf;

use serde_json::{json, Value};
use validator::scheme::Scheme;

use crate::documents::{digest, good};
use crate::plan::{input, release, run};

struct History {
    name: String,
    scheme: Scheme,
    pattern: String,
    /// A tag, and when it was released; the oldest first.
    tags: Vec<(String, String)>,
}

impl History {
    fn read(name: &str, text: &str) -> Self {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut field = |name: &str| {
            let line = lines.next().expect("a line");
            line.strip_prefix(name).unwrap_or_else(|| panic!("no {name}")).trim().to_owned()
        };
        let scheme = Scheme::named(&field("scheme")).expect("a scheme");
        let pattern = field("tag");
        let tags = lines.enumerate().map(|(index, line)| {
            let (month, tag) = line.split_once(' ').expect("a month and a tag");
            // The days of a month do not matter, their order does.
            let (hour, minute) = (index / 60, index % 60);
            (tag.to_owned(), format!("{month}-15T{hour:02}:{minute:02}:00Z"))
        });
        Self { name: name.to_owned(), scheme, pattern, tags: tags.collect() }
    }

    fn all() -> Vec<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
        let files = fs::read_dir(folder).expect("a folder").map(|it| it.expect("a file").path());
        let read = |path: PathBuf| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            Self::read(&name, &fs::read_to_string(&path).expect("a text"))
        };
        files.map(read).collect()
    }

    fn version(&self, tag: &str) -> String {
        let (before, behind) = self.pattern.split_once("{version}").expect("a pattern");
        let version = tag.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
        version.unwrap_or_else(|| panic!("{}: {tag} is not of the pattern", self.name)).to_owned()
    }

    /// What is decided after so many releases, where the tag of one of them is recorded.
    fn plan(&self, count: usize, recorded: &str, scheme: Scheme) -> Value {
        let page = self.tags.iter().take(count).rev().take(30).map(|(tag, moment)| {
            let mut it = release(tag);
            it["tag"] = tag.as_str().into();
            it["published_at"] = moment.as_str().into();
            it
        });
        let mut asked = input(&page.collect::<Vec<_>>());
        asked["watch"]["tag"] = self.pattern.as_str().into();
        asked["watch"]["scheme"] = scheme.name().into();
        let mut document = good();
        let mut entry = document["versions"]["0.9.0"].take();
        entry["tag"] = recorded.into();
        for (platform, word) in [("darwin_arm64", "darwin"), ("linux_amd64", "linux")] {
            let digest = digest(&format!("{word} {recorded}"));
            entry["platforms"][platform]["sha256"] = digest.into();
        }
        let version = self.version(recorded);
        document["versions"] = json!({});
        document["versions"][&version] = entry;
        document["latest_version"] = version.into();
        asked["document"] = document.to_string().into();
        run(&asked).unwrap_or_else(|error| panic!("{}: {recorded}: {error}", self.name))
    }

    /// Call with each release that was the newest when it came: how many there were, it, and the newest before.
    fn walk(&self, mut newer: impl FnMut(usize, &str, &str), mut older: impl FnMut(usize, &str)) {
        let parse = |tag: &str| self.scheme.parse(&self.version(tag));
        let mut newest: Option<&str> = None;
        for (index, (tag, _)) in self.tags.iter().enumerate() {
            let version =
                parse(tag).unwrap_or_else(|| panic!("{}: {tag} is no version", self.name));
            if version.is_prerelease() {
                continue;
            }
            match newest {
                None => newest = Some(tag),
                Some(before) if parse(before).is_some_and(|it| version.outranks(&it)) => {
                    newer(index + 1, tag, before);
                    newest = Some(tag);
                }
                Some(before) => older(index + 1, before),
            }
        }
    }
}

#[test]
fn every_release_is_seen_the_day_it_comes() {
    let histories = History::all();
    assert!(histories.len() >= 9);
    for history in &histories {
        let mut seen = 0;
        history.walk(
            |count, tag, before| {
                let plan = history.plan(count, before, history.scheme);
                let (state, after) = (&plan["state"], &plan["after"]);
                assert_eq!(state, "newer", "{}: {tag} after {before}: {plan}", history.name);
                assert_eq!(after, &history.version(tag), "{}: {tag}", history.name);
                seen += 1;
            },
            |count, newest| {
                let plan = history.plan(count, newest, history.scheme);
                assert_eq!(plan["state"], "current", "{}: {newest}: {plan}", history.name);
            },
        );
        assert!(seen > 10, "{}: {seen}", history.name);
    }
}

#[test]
fn what_the_default_scheme_does_not_see_is_never_silent() {
    for history in History::all() {
        history.walk(
            |count, tag, before| {
                if Scheme::Semver.parse(&history.version(before)).is_none() {
                    // Such a version cannot have been recorded.
                    return;
                }
                let plan = history.plan(count, before, Scheme::Semver);
                let state = plan["state"].as_str().expect("a state");
                assert!(
                    ["newer", "unmatched"].contains(&state),
                    "{}: {tag} after {before}: {plan}",
                    history.name
                );
            },
            |_, _| {},
        );
    }
}
