//! `poll`.

use cli::host::{Error, Outcome, State};
use serde_json::Value;

use crate::memory::{limited, outcome, request, Memory, Run};

fn polled() -> Memory {
    let mut memory = Memory::new();
    for tool in ["wac", "wkg"] {
        memory.poll(outcome(tool, State::Polled, "0.9.0", "0.12.0"));
    }
    memory
}

/// The documents of a run, one per line.
fn lines(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn each_tool_is_one_line_as_soon_as_it_is_polled() {
    for arguments in [&["poll"][..], &["poll", "--all"], &["poll", "--json"]] {
        let memory = polled();
        let run = memory.run(arguments);
        assert_eq!((run.code, &*run.err), (0, ""));
        assert_eq!(*memory.requests.borrow(), [request("poll", &["wac", "wkg"])]);
        // In the order in which they are done.
        let tools: Vec<Value> = lines(&run).iter().map(|line| line["tool"].clone()).collect();
        assert_eq!(tools, ["wkg", "wac"]);
        assert!(lines(&run).iter().all(|line| line["state"] == "polled"));
        assert!(lines(&run).iter().all(|line| line["after"] == "0.12.0"));
    }
}

#[test]
fn what_fails_does_not_stop_the_others_and_a_limit_says_when_to_come_back() {
    let mut memory = polled();
    memory.fail("wac", Error::Network("https://h/a: no route".to_owned()));
    let run = memory.run(&["poll"]);
    assert_eq!(run.code, 1);
    assert!(run.err.starts_with("error: cannot poll wac: "), "{}", run.err);
    memory.fail("wac", limited("https://h/a: 403".to_owned()));
    memory.poll(Outcome::new("wkg", State::Unpolled));
    let run = memory.run(&["poll"]);
    assert_eq!(run.code, 5);
    assert!(run.err.contains("a rate limit left 2 of 2 tools to be polled"), "{}", run.err);
    assert!(run.err.contains("run again after "), "{}", run.err);
    let states: Vec<Value> = lines(&run).iter().map(|line| line["state"].clone()).collect();
    assert_eq!(states, ["unpolled", "failed"]);
}

#[test]
fn release_files_show_under_the_name_that_the_user_gave_their_directory() {
    let mut memory = polled();
    memory.fail("wac", Error::File("/releases/wac.json: permission denied".to_owned()));
    let run = memory.run(&["poll", "wac", "--releases-shown-as", "build/releases"]);
    assert!(run.err.contains("  build/releases/wac.json: permission denied"), "{}", run.err);
}
