//! `--json`: what is written is compared with the files in `tests/golden`, and these with the
//! schema in `docs/reference/schema`, in a test of Python. `BLESS=1` rewrites them.

use std::path::Path;
use std::{env, fs};

use cli::host::{Error, Outcome, State};
use serde_json::Value;

use crate::memory::{answer, change, finding, limited, outcome, path, Memory};

type Problem = (&'static str, fn(String) -> Error);

/// A directory in which everything happens that can.
fn eventful() -> Memory {
    let mut memory = Memory::new();
    let states =
        [("same", State::Current), ("part", State::Incomplete(None)), ("young", State::Young)];
    let problems: [Problem; 5] = [
        ("down", Error::Network),
        ("gone", Error::Status),
        ("html", answer),
        ("limited", limited),
        ("swapped", Error::Mismatch),
    ];
    let named =
        states.clone().map(|(tool, _)| tool).into_iter().chain(problems.map(|(tool, _)| tool));
    let entries = named.chain(["wac", "wkg", "new", "later", "moved"]);
    let entries: Vec<String> = entries.map(|tool| format!(r#""{tool}": {{}}"#)).collect();
    memory.config = Ok(format!("{{{}}}", entries.join(", ")));
    for (tool, state) in states {
        memory.poll(outcome(tool, state, "1.0.0", "1.0.0"));
    }
    for (tool, problem) in problems {
        memory.fail(tool, problem("https://h/a: why; try again in 9 s".to_owned()));
    }
    let other = Error::Entry(vec![finding("tag", "upstream has `r2` since; write `r{version}`")]);
    memory.poll(outcome("moved", State::Unmatched(other), "1.0.0", "1.0.0"));
    memory.files.insert(path("jco"), " {}".to_owned());
    memory.files.insert(path("odd"), "wrong".to_owned());
    let mut changed = outcome("wkg", State::Newer, "0.15.0", "0.16.0");
    changed.latest = Some("0.15.0".to_owned());
    changed.changes = vec![change("linux_amd64", "2026-11-20T12:00:00Z"), change("wasm", "")];
    changed.notes = vec!["repository moved to o/r".to_owned()];
    memory.poll(changed);
    memory.poll(outcome("new", State::Updated, "", "1.0.0"));
    memory.poll(Outcome::new("later", State::Unpolled));
    memory
}

fn golden(name: &str, memory: &Memory, arguments: &[&str], code: u8) {
    let run = memory.run(&[arguments, &["--json"]].concat());
    assert_eq!(run.code, code, "{}", run.err);
    let document: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(document["exit_code"], code);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("BLESS").is_some() {
        fs::write(&file, &run.out).expect("a file that can be written");
    }
    let expected = fs::read_to_string(&file).expect("a golden file; make it with BLESS=1");
    assert_eq!(run.out, expected, "{name}");
}

#[test]
fn every_command_writes_one_document() {
    let memory = eventful();
    golden("list.json", &memory, &["list"], 1);
    golden("check.json", &memory, &["check"], 4);
    golden("update.json", &memory, &["update", "--all"], 4);
    golden("rehearse.json", &Memory::new(), &["update", "--dry-run", "wac"], 0);
    golden("validate.json", &memory, &["validate", "nope", "wac", "wkg", "odd"], 1);
    golden("validate-online.json", &memory, &["validate", "--online"], 4);
    golden("generate-bazel-rules.json", &memory, &["generate-bazel-rules", "wac"], 0);
}

#[test]
fn a_command_that_fails_as_a_whole_writes_one_as_well() {
    let elsewhere = ["--dir", "/nowhere", "--shown-as", "sums"];
    golden("list-failed.json", &eventful(), &[&["list"], &elsewhere[..]].concat(), 1);
    golden("validate-failed.json", &eventful(), &[&["validate"], &elsewhere[..]].concat(), 1);
    let mut memory = eventful();
    memory.config = Ok("wrong".to_owned());
    golden("check-failed.json", &memory, &["check"], 1);
    golden("update-failed.json", &memory, &["update", "wac"], 1);
    golden("generate-bazel-rules-failed.json", &memory, &["generate-bazel-rules"], 1);
}
