//! `update`.

use cli::host::{Error, State};

use crate::memory::{answer, invalid, limited, outcome, request, Memory};

#[test]
fn each_tool_is_a_line_of_the_table_and_what_is_recorded_is_printed() {
    let memory = Memory::new();
    let run = memory.run(&["update", "--all"]);
    let table = "\
TOOL  RESULT   BEFORE  AFTER   ASSETS  BYTES
wac   updated  0.9.0   0.10.1  2       23.0 MB
wkg   current  0.15.0  0.15.0  0       0 B
";
    let printed = "wac: recorded 0.10.1 after 0.9.0: 2 assets, 23.0 MB\n";
    assert_eq!((run.code, &*run.out, &*run.err), (0, table, printed));
    assert_eq!(*memory.requests.borrow(), [request("update", &["wac", "wkg"])]);
}

#[test]
fn a_dry_run_is_a_rehearsal_and_reported_as_such() {
    let memory = Memory::new();
    let run = memory.run(&["update", "--dry-run", "wac"]);
    assert_eq!(run.code, 0);
    assert_eq!(run.err, "wac: would record 0.10.1 after 0.9.0: 2 assets, 23.0 MB\n");
    assert_eq!(*memory.requests.borrow(), [request("rehearse", &["wac"])]);
}

#[test]
fn what_waits_for_another_day_or_is_only_watched_is_no_failure() {
    for state in [State::Incomplete(None), State::Young, State::Newer] {
        let mut memory = Memory::new();
        let mut poll = outcome("wac", state.clone(), "0.9.0", "0.10.1");
        poll.latest = Some("0.9.0".to_owned());
        memory.poll(poll);
        let run = memory.run(&["update", "--all"]);
        assert_eq!((run.code, &*run.err), (0, ""));
        let row: Vec<&str> = run.out.lines().nth(1).expect("a row").split_whitespace().collect();
        assert_eq!(row[..4], ["wac", state.name(), "0.9.0", "0.10.1"]);
    }
}

#[test]
fn a_backport_is_recorded_and_the_latest_version_stays() {
    let mut memory = Memory::new();
    for (tool, state) in [("wac", State::Updated), ("wkg", State::Current)] {
        let mut backport = outcome(tool, state, "0.9.0", "0.8.5");
        backport.latest = Some("0.9.0".to_owned());
        (backport.assets, backport.bytes) = (2, 999);
        memory.poll(backport);
    }
    let run = memory.run(&["update", "--all"]);
    let printed = "wac: recorded 0.8.5, 0.9.0 stays the latest: 2 assets, 999 B\n";
    assert_eq!((run.code, &*run.err), (0, printed));
    assert!(run.out.contains("\nwac   updated, not latest  0.9.0   0.8.5 "), "{}", run.out);
    assert!(run.out.contains("\nwkg   current, not latest  0.9.0   0.8.5 "), "{}", run.out);
}

#[test]
fn each_error_has_its_codes_its_facts_and_a_help_line_and_stops_nothing() {
    let text = "https://host/a: why".to_owned();
    type Case = (fn(String) -> Error, u8, u16, &'static str);
    let cases: [Case; 7] = [
        (Error::File, 1, 412, "a file could not be read or written"),
        (invalid, 1, 413, "a document breaks the rules"),
        (Error::Network, 1, 414, "a host could not be reached, or a transfer broke"),
        (Error::Status, 1, 415, "a server refused"),
        (answer, 1, 416, "a server's answer cannot be used"),
        (limited, 5, 418, "the API's quota is used up"),
        (Error::Mismatch, 4, 419, "the bytes are not the ones that were expected"),
    ];
    for (error, code, entry, what) in cases {
        let mut memory = Memory::new();
        memory.fail("wac", error(text.clone()));
        let run = memory.run(&["update", "--all"]);
        assert_eq!(run.code, code, "{what}");
        let start = format!("error: cannot update wac: {what}\n  https://host/a: why\n  help: ");
        assert!(run.err.starts_with(&start), "{}", run.err);
        let see = format!("\n  see:  doit-wasm help DW{entry}\n");
        assert!(run.err.contains(&see), "got {:?}, want {see:?}", run.err);
        assert!(run.out.contains("\nwac   failed   -       -       0       0 B\nwkg   current"));
    }
}

#[test]
fn of_several_failures_the_most_urgent_one_decides_the_code() {
    let mut memory = Memory::new();
    memory.fail("wac", Error::Mismatch(String::new()));
    memory.fail("wkg", Error::Network(String::new()));
    assert_eq!(memory.run(&["update", "--all"]).code, 4);
    memory.fail("wac", Error::Network(String::new()));
    memory.fail("wkg", limited(String::new()));
    assert_eq!(memory.run(&["update", "--all"]).code, 1);
}
