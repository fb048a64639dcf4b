//! `validate`.

use crate::memory::{path, Memory};

#[test]
fn a_valid_file_need_not_be_canonical() {
    let mut memory = Memory::new();
    let text = format!(" {}", memory.files[&path("wkg")]);
    memory.files.insert(path("wkg"), text);
    let run = memory.run(&["validate", "--all"]);
    let table = "TOOL  RESULT\nwac   valid\nwkg   valid, not in canonical form\n";
    assert_eq!((run.code, &*run.out, &*run.err), (0, table, ""));
}

#[test]
fn an_invalid_file_shows_each_finding_and_does_not_stop_the_others() {
    let mut memory = Memory::new();
    memory.files.insert(path("wac"), "wrong".to_owned());
    let run = memory.run(&["validate", "wac", "nope", "wkg"]);
    assert_eq!(
        (run.code, &*run.out),
        (1, "TOOL  RESULT\nwac   invalid\nnope  invalid\nwkg   valid\n")
    );
    let errors = "\
error: wac is not valid: a document breaks the rules
  tag: is wrong
  size: is wrong too
  help: correct by hand what is named here; nothing was written
error: nope is not valid: there is no tool `/checksums/tools/nope.json`
  help: `list` shows the tools; a new one needs a table in tools.toml
";
    assert_eq!(run.err, errors);
}

#[test]
fn validate_never_updates() {
    let memory = Memory::new();
    memory.run(&["validate", "--all"]);
    assert!(memory.updates.borrow().is_empty());
}
