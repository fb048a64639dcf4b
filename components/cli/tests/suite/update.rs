//! `update`.

use cli::host::{Error, Outcome, State};

use crate::memory::{outcome, path, Memory};

#[test]
fn each_tool_is_polled_once_told_of_on_standard_error_and_a_line_of_the_table() {
    let memory = Memory::new();
    let run = memory.run(&["update", "--all"]);
    let table = "\
TOOL  RESULT   BEFORE  AFTER   ASSETS  BYTES
wac   updated  0.9.0   0.10.1  2       23.0 MB
wkg   current  0.15.0  0.15.0  0       0 B
";
    let progress = "wac: recorded 0.10.1 after 0.9.0: 2 assets, 23.0 MB\nwkg: 0.15.0 is recorded\n";
    assert_eq!((run.code, &*run.out, &*run.err), (0, table, progress));
    assert_eq!(*memory.updates.borrow(), [(path("wac"), false), (path("wkg"), false)]);
}

#[test]
fn a_dry_run_is_passed_on_and_told_of_as_such() {
    let memory = Memory::new();
    let run = memory.run(&["update", "--dry-run", "wac"]);
    assert_eq!(run.code, 0);
    assert_eq!(run.err, "wac: would record 0.10.1 after 0.9.0: 2 assets, 23.0 MB\n");
    assert_eq!(*memory.updates.borrow(), [(path("wac"), true)]);
}

#[test]
fn a_first_record_has_nothing_before_it_and_an_incomplete_release_is_no_failure() {
    let mut memory = Memory::new();
    memory.polls.insert(path("wac"), Ok(outcome(State::Updated, "", "0.10.1", 2, 999)));
    memory.polls.insert(path("wkg"), Ok(outcome(State::Incomplete, "0.15.0", "0.16.0", 0, 0)));
    let run = memory.run(&["update", "--all"]);
    let table = "\
TOOL  RESULT      BEFORE  AFTER   ASSETS  BYTES
wac   updated     -       0.10.1  2       999 B
wkg   incomplete  0.15.0  0.16.0  0       0 B
";
    assert_eq!((run.code, &*run.out), (0, table));
    assert_eq!(run.err, "wac: recorded 0.10.1: 2 assets, 999 B\nwkg: 0.16.0 is not complete yet\n");
}

#[test]
fn a_backport_is_recorded_and_the_latest_version_stays() {
    let mut memory = Memory::new();
    let backport =
        |state| Outcome { latest: "0.9.0".to_owned(), ..outcome(state, "0.9.0", "0.8.5", 2, 999) };
    memory.polls.insert(path("wac"), Ok(backport(State::Updated)));
    memory.polls.insert(path("wkg"), Ok(backport(State::Current)));
    let run = memory.run(&["update", "--all"]);
    let told = "wac: recorded 0.8.5, 0.9.0 stays the latest: 2 assets, 999 B\n\
                wkg: 0.8.5 is recorded, 0.9.0 stays the latest\n";
    assert_eq!((run.code, &*run.err), (0, told));
    assert!(run.out.contains("\nwac   updated, not latest  0.9.0   0.8.5 "), "{}", run.out);
    assert!(run.out.contains("\nwkg   current, not latest  0.9.0   0.8.5 "), "{}", run.out);
    let run = memory.run(&["update", "--dry-run", "wac"]);
    assert!(
        run.err.starts_with("wac: would record 0.8.5, 0.9.0 stays the latest: "),
        "{}",
        run.err
    );
}

#[test]
fn a_rate_limit_is_told_once_and_ends_the_polling() {
    let mut memory = Memory::new();
    memory.polls.insert(path("wac"), Err(Error::RateLimited("https://host/a: 403".to_owned())));
    let run = memory.run(&["update", "wkg", "wac", "nope", "wkg"]);
    let table = "\
TOOL  RESULT      BEFORE  AFTER   ASSETS  BYTES
wkg   current     0.15.0  0.15.0  0       0 B
wac   failed
nope  not polled
wkg   not polled
";
    assert_eq!((run.code, &*run.out), (5, table));
    assert_eq!(run.err.matches("error: ").count(), 1, "{}", run.err);
    assert_eq!(*memory.updates.borrow(), [(path("wkg"), false), (path("wac"), false)]);
}

#[test]
fn each_error_has_its_code_its_facts_and_a_help_line_and_stops_nothing() {
    let fact = "https://host/a: why";
    let cases = [
        (Error::UnknownTool("wac".to_owned()), 1, "there is no tool `wac`\n"),
        (
            Error::File(fact.to_owned()),
            1,
            "a file could not be read or written\n  https://host/a: why\n",
        ),
        (
            Error::Invalid(fact.to_owned()),
            1,
            "a document breaks the rules\n  https://host/a: why\n",
        ),
        (
            Error::Network(fact.to_owned()),
            1,
            "a host could not be reached, or a transfer broke\n  https://host/a: why\n",
        ),
        (Error::Status(fact.to_owned()), 1, "a server refused\n  https://host/a: why\n"),
        (
            Error::Answer(fact.to_owned()),
            1,
            "a server's answer cannot be used\n  https://host/a: why\n",
        ),
        (
            Error::Mismatch(fact.to_owned()),
            4,
            "the bytes are not the ones that were expected\n  https://host/a: why\n",
        ),
    ];
    for (error, code, text) in cases {
        let mut memory = Memory::new();
        memory.polls.insert(path("wac"), Err(error));
        let run = memory.run(&["update", "--all"]);
        assert_eq!(run.code, code, "{text}");
        assert!(
            run.err.starts_with(&format!("error: cannot update wac: {text}  help: ")),
            "{}",
            run.err
        );
        assert!(run.out.contains("\nwac   failed\nwkg   current"), "{}", run.out);
    }
}

#[test]
fn of_several_failures_the_most_urgent_one_decides_the_code() {
    let mut memory = Memory::new();
    memory.polls.insert(path("wac"), Err(Error::Mismatch(String::new())));
    memory.polls.insert(path("wkg"), Err(Error::Network(String::new())));
    assert_eq!(memory.run(&["update", "--all"]).code, 4);
    memory.polls.insert(path("wac"), Err(Error::Network(String::new())));
    memory.polls.insert(path("wkg"), Err(Error::RateLimited(String::new())));
    assert_eq!(memory.run(&["update", "--all"]).code, 1);
}

#[test]
fn a_slash_at_the_end_of_the_directory_does_not_matter() {
    for (directory, expected) in [("/", "/tools/wac.json"), ("/a/b/", "/a/b/tools/wac.json")] {
        let memory = Memory::new();
        memory.run(&["update", "wac", "--dir", directory]);
        assert_eq!(*memory.updates.borrow(), [(expected.to_owned(), false)]);
    }
}
