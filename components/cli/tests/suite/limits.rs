//! Messages about rate limits.

use cli::host::{Error, Outcome, RateLimit, State};

use crate::memory::Memory;

fn limited(reason: &str, seconds: u64) -> Memory {
    let mut memory = Memory::new();
    memory.fail("wac", Error::RateLimited(RateLimit { reason: reason.to_owned(), seconds }));
    memory.poll(Outcome::new("wkg", State::Unpolled));
    memory
}

#[test]
fn when_to_run_again_and_what_is_left_is_printed_once() {
    let run = limited("https://host/a: 403 quota; try again in 1800 s", 1800).run(&["check"]);
    let errors = "\
error: cannot check wac: the API's quota is used up
  https://host/a: 403 quota; try again in 1800 s
  help: wait, or set GITHUB_TOKEN for a larger quota, and run again; what is done is kept
  see:  doit-wasm help DW418
error: a rate limit left 2 of 2 tools to be polled
  wac, wkg
  help: run again after 2026-11-22T10:29:59Z, in 30 min; what is done is kept
  see:  doit-wasm help DW418
";
    assert_eq!((run.code, &*run.err), (5, errors));
    assert!(run.out.contains("\nwac   failed "), "{}", run.out);
    assert!(run.out.contains("\nwkg   unpolled "), "{}", run.out);
}

#[test]
fn what_the_words_of_a_server_say_of_the_wait_counts_for_nothing() {
    for words in ["https://host/a: 403", "try again in 9999 s", "try again in 0 s", ""] {
        let run = limited(words, 1800).run(&["update", "--all"]);
        assert_eq!(run.code, 5);
        let help = concat!(
            "\n  help: run again after 2026-11-22T10:29:59Z, in 30 min; what is done is kept",
            "\n  see:  doit-wasm help DW418\n",
        );
        assert!(run.err.ends_with(help), "{}", run.err);
    }
}

#[test]
fn a_server_that_does_not_say_when_is_not_guessed_at() {
    let mut unpolled = Memory::new();
    unpolled.poll(Outcome::new("wkg", State::Unpolled));
    let endless = [367 * 86_400, u64::MAX].map(|seconds| limited("https://host/a: 403", seconds));
    for memory in endless.into_iter().chain([unpolled]) {
        let run = memory.run(&["update", "--all"]);
        assert_eq!(run.code, 5);
        let help = concat!(
            "\n  help: run again later; what is done is kept",
            "\n  see:  doit-wasm help DW418\n",
        );
        assert!(run.err.ends_with(help), "{}", run.err);
    }
}
