//! Which tools a command is about.

use cli::host::{Error, State};

use crate::memory::{outcome, path, request, Memory};

#[test]
fn an_unknown_tool_fails_with_what_may_have_been_meant_and_stops_no_other() {
    let memory = Memory::new();
    for command in ["check", "update", "validate"] {
        let run = memory.run(&[command, "wak", "wkg", "zzzzzz"]);
        assert_eq!(run.code, 1, "{command}");
        let errors = "\
error: there is no tool `wak`
  help: did you mean `wac`?
  see:  doit-wasm help DW411
error: there is no tool `zzzzzz`
  help: `list` shows the tools; a new one needs a table in tools.toml
  see:  doit-wasm help DW411
";
        assert_eq!(run.err, errors, "{command}");
        assert!(run.out.contains("\nwkg "), "{command}: {}", run.out);
    }
}

#[test]
fn a_tool_that_is_watched_and_has_no_file_is_polled() {
    let mut memory = Memory::new();
    memory.files.remove(&path("wac"));
    let mut first = outcome("wac", State::Updated, "", "0.10.1");
    (first.assets, first.bytes) = (2, 999);
    memory.poll(first);
    let run = memory.run(&["update", "--all"]);
    let table = "\
TOOL  RESULT   BEFORE  AFTER   ASSETS  BYTES
wac   updated  -       0.10.1  2       999 B
wkg   current  0.15.0  0.15.0  0       0 B
";
    assert_eq!((run.code, &*run.out), (0, table));
    assert_eq!(run.err, "wac: recorded 0.10.1: 2 assets, 999 B\n");
}

#[test]
fn a_file_that_nothing_watches_is_no_failure_unless_it_is_named() {
    let mut memory = Memory::new();
    memory.config = Ok(r#"{"wkg": {}}"#.to_owned());
    let run = memory.run(&["check"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    assert!(run.out.contains("\nwac   unwatched  -         -       0 "), "{}", run.out);
    assert_eq!(*memory.requests.borrow(), [request("check", &["wkg"])]);
    let run = memory.run(&["check", "wac"]);
    let error = "\
error: cannot check wac: a document breaks the rules
  tools.toml: there is no table [wac], which says what to poll
  help: correct by hand what is named here; nothing was written
  see:  doit-wasm help DW413
";
    assert_eq!((run.code, &*run.err), (1, error));
}

#[test]
fn polling_needs_something_that_is_watched() {
    let mut memory = Memory::new();
    memory.config = Ok(String::new());
    for arguments in [&["check"][..], &["update", "--all"]] {
        let run = memory.run(arguments);
        assert_eq!((run.code, &*run.out), (1, ""));
        assert!(run.err.starts_with("error: no tool is watched: "), "{}", run.err);
        assert!(run.err.contains("tools.toml"), "{}", run.err);
    }
    assert!(memory.requests.borrow().is_empty());
}

#[test]
fn a_broken_tools_toml_ends_what_needs_it_and_validate_goes_on_without() {
    let mut memory = Memory::new();
    memory.config = Ok("wrong".to_owned());
    let error = "\
error: cannot use /checksums/tools.toml: a document breaks the rules
  tools.toml: wac: no repository
  help: correct by hand what is named here; nothing was written
  see:  doit-wasm help DW413
";
    for command in ["check", "generate-bazel-rules", "validate"] {
        let run = memory.run(&[command]);
        assert_eq!((run.code, &*run.err), (1, error), "{command}");
        assert_eq!(run.out.contains("wkg   valid"), command == "validate", "{command}");
    }
}

#[test]
fn a_run_that_says_nothing_of_a_tool_is_a_failure_of_that_tool() {
    let mut memory = Memory::new();
    memory.polls.remove("wac");
    let run = memory.run(&["check"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("wac: the run ended without a result"), "{}", run.err);
    assert!(run.out.contains("\nwac   failed "), "{}", run.out);
}

#[test]
fn a_tool_that_only_the_run_does_not_know_is_reported_as_well() {
    let mut memory = Memory::new();
    memory.fail("wac", Error::UnknownTool("wac".to_owned()));
    let run = memory.run(&["check", "wkk", "wac"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.err.matches("there is no tool `wkk`").count(), 1, "{}", run.err);
    assert!(run.err.contains("error: cannot check wac: there is no tool `wac`"), "{}", run.err);
}
