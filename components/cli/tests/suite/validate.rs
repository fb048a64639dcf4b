//! `validate`.

use cli::host::{Error, State};
use serde_json::{json, Value};

use crate::memory::{change, outcome, path, request, Memory};

#[test]
fn a_valid_file_need_not_be_canonical() {
    let mut memory = Memory::new();
    let text = format!(" {}", memory.files[&path("wkg")]);
    memory.files.insert(path("wkg"), text);
    for arguments in [&["validate"][..], &["validate", "--all"]] {
        let run = memory.run(arguments);
        let table = "TOOL  RESULT\nwac   valid\nwkg   valid, not in canonical form\n";
        assert_eq!((run.code, &*run.out, &*run.err), (0, table, ""));
    }
}

#[test]
fn the_rules_are_given_what_is_watched() {
    let mut memory = Memory::new();
    memory.config = Ok(r#"{"wkg": {"scheme": "numeric"}}"#.to_owned());
    memory.run(&["validate"]);
    let watches: Vec<Value> =
        memory.requests.borrow().iter().map(|input| input["watch"].clone()).collect();
    assert_eq!(watches, [Value::Null, json!({"scheme": "numeric"})]);
}

#[test]
fn an_invalid_file_shows_each_finding_and_does_not_stop_the_others() {
    let mut memory = Memory::new();
    memory.files.insert(path("wac"), "wrong".to_owned());
    let run = memory.run(&["validate", "wac", "wkg"]);
    assert_eq!((run.code, &*run.out), (1, "TOOL  RESULT\nwac   invalid\nwkg   valid\n"));
    let errors = "\
error: wac is not valid: a document breaks the rules
  tag: is wrong
  size: is wrong too
  help: correct by hand what is named here; nothing was written
  see:  doit-wasm help DW413
";
    assert_eq!(run.err, errors);
}

#[test]
fn without_online_nothing_is_polled() {
    let memory = Memory::new();
    memory.run(&["validate", "--all"]);
    assert!(memory.requests.borrow().iter().all(|input| input.get("mode").is_none()));
}

#[test]
fn online_compares_what_is_watched_and_a_newer_release_is_no_flaw() {
    let mut memory = Memory::new();
    memory.config = Ok(r#"{"wac": {}}"#.to_owned());
    memory.poll(outcome("wac", State::Newer, "0.9.0", "0.10.1"));
    let run = memory.run(&["validate", "--online"]);
    let table = "\
TOOL  RESULT  COMPARED  CHANGED
wac   valid   2         0
wkg   valid   -         -
";
    assert_eq!((run.code, &*run.out, &*run.err), (0, table, ""));
    assert_eq!(memory.requests.borrow().last(), Some(&request("check", &["wac"])));
}

#[test]
fn findings_come_before_what_the_network_says() {
    let mut memory = Memory::new();
    memory.files.insert(path("wkg"), "wrong".to_owned());
    let mut changed = outcome("wac", State::Current, "0.9.0", "0.9.0");
    changed.changes = vec![change("linux_amd64", "")];
    memory.poll(changed);
    memory.fail("wkg", Error::Status("https://host/a: 404 not found".to_owned()));
    let run = memory.run(&["validate", "--online"]);
    assert_eq!(run.code, 4);
    let order = ["wkg is not valid", "wac: 1 of 2 recorded digests", "cannot check wkg: a server"];
    let places: Vec<usize> = order.iter().filter_map(|text| run.err.find(text)).collect();
    assert!(places.len() == 3 && places.is_sorted(), "{}", run.err);
    assert!(run.out.contains("\nwac   valid    2         1\nwkg   invalid  -         -\n"));
}

#[test]
fn a_run_that_cannot_begin_leaves_the_findings() {
    let mut memory = Memory::new();
    memory.refused = Some(Error::File("/checksums: gone".to_owned()));
    let run = memory.run(&["validate", "--online"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("\nwac   valid   -         -\n"), "{}", run.out);
    assert!(run.err.starts_with("error: cannot begin: "), "{}", run.err);
}
