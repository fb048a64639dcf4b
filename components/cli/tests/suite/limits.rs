//! What is told of a rate limit.

use cli::host::{Error, Outcome, State};

use crate::memory::Memory;

fn limited(text: &str) -> Memory {
    let mut memory = Memory::new();
    memory.fail("wac", Error::RateLimited(text.to_owned()));
    memory.poll(Outcome::new("wkg", State::Unpolled, None));
    memory
}

#[test]
fn when_to_run_again_and_what_is_left_is_told_once() {
    let run = limited("https://host/a: 403 quota; try again in 1800 s").run(&["check"]);
    let errors = "\
error: cannot check wac: the API's quota is used up
  https://host/a: 403 quota; try again in 1800 s
  help: wait, or set GITHUB_TOKEN for a larger quota, and run again; what is done is kept
error: a rate limit left 2 of 2 tools to be polled
  wac, wkg
  help: run again after 2026-11-22T10:29:59Z, in 30 min; what is done is kept
";
    assert_eq!((run.code, &*run.err), (5, errors));
    assert!(run.out.contains("\nwac   failed "), "{}", run.out);
    assert!(run.out.contains("\nwkg   unpolled "), "{}", run.out);
}

#[test]
fn a_server_that_does_not_say_when_is_not_guessed_at() {
    for text in [
        "https://host/a: 403",
        "try again in a while",
        "try again in 9x s",
        "try again in 18446744073709551615 s",
        "",
    ] {
        let run = limited(text).run(&["update", "--all"]);
        assert_eq!(run.code, 5);
        let help = "\n  help: run again later; what is done is kept\n";
        assert!(run.err.ends_with(help), "{}", run.err);
    }
}
