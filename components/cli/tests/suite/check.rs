//! `check`.

use cli::host::{Error, State};

use crate::memory::{change, outcome, request, Memory};

fn newer() -> Memory {
    let mut memory = Memory::new();
    let mut newer = outcome("wac", State::Newer, "0.9.0", "0.10.1");
    newer.latest = Some("0.9.0".to_owned());
    memory.poll(newer);
    memory
}

#[test]
fn all_is_meant_where_nothing_is_named_and_a_newer_release_is_code_3() {
    let table = "\
TOOL  RESULT   RECORDED  NEWEST  COMPARED  CHANGED
wac   newer    0.9.0     0.10.1  2         0
wkg   current  0.15.0    0.15.0  2         0
";
    for arguments in [&["check"][..], &["check", "--all"]] {
        let memory = newer();
        let run = memory.run(arguments);
        assert_eq!((run.code, &*run.out, &*run.err), (3, table, ""));
        assert_eq!(*memory.requests.borrow(), [request("check", &["wac", "wkg"])]);
    }
}

#[test]
fn a_table_with_nothing_newer_is_code_0_and_the_order_is_that_of_the_arguments() {
    let mut memory = newer();
    for (state, latest) in
        [(State::Current, "2"), (State::Incomplete(None), "1"), (State::Young, "1")]
    {
        let mut poll = outcome("wac", state, "1", "2");
        poll.latest = Some(latest.to_owned());
        memory.poll(poll);
        let run = memory.run(&["check", "wkg", "wac", "wkg"]);
        assert_eq!(run.code, 0);
        let first: Vec<&str> = run.out.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(first, ["TOOL", "wkg", "wac"]);
    }
}

#[test]
fn a_changed_digest_is_code_4_and_shows_old_new_and_dates() {
    let mut memory = newer();
    let mut poll = outcome("wkg", State::Current, "0.15.0", "0.15.0");
    poll.changes = vec![change("linux_amd64", "2026-11-20T12:00:00Z"), change("linux_arm64", "")];
    memory.poll(poll);
    let run = memory.run(&["check"]);
    let (old, new) = ("a".repeat(64), "b".repeat(64));
    let report = format!(
        "\
error: wkg: 2 of 2 recorded digests are not the published ones
    0.9.0 linux_amd64: wac-linux_amd64
      recorded:  {old}, released 2026-02-03
      published: {new}, changed 2026-11-20T12:00:00Z
    0.9.0 linux_arm64: wac-linux_arm64
      recorded:  {old}, released 2026-02-03
      published: {new}
  help: ask upstream whether it released anew, and do not use these files until then; nothing was overwritten
  see:  doit-wasm help DW419
"
    );
    assert_eq!((run.code, run.err), (4, report.replace("\n    ", "\n  ")));
    assert!(run.out.ends_with("\nwkg   current  0.15.0    0.15.0  2         2\n"), "{}", run.out);
}

#[test]
fn notes_are_printed_unless_quiet() {
    let mut memory = newer();
    let mut poll = outcome("wac", State::Incomplete(None), "0.9.0", "0.10.1");
    poll.notes = vec!["0.10.1 lacks wac-linux_arm64".to_owned()];
    memory.poll(poll);
    assert_eq!(memory.run(&["check"]).err, "note: wac: 0.10.1 lacks wac-linux_arm64\n");
    assert_eq!(memory.run(&["check", "-q"]).err, "");
}

#[test]
fn what_concerns_all_tools_ends_the_run() {
    let mut memory = newer();
    memory.refused = Some(Error::File("/checksums: another updater is at work".to_owned()));
    let run = memory.run(&["check", "--shown-as", "sums"]);
    assert_eq!((run.code, &*run.out), (1, ""));
    let error = "error: cannot begin: a file could not be read or written\n  /checksums: another";
    assert!(run.err.starts_with(error), "{}", run.err);
}
