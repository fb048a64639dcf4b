//! The progress that a long run prints.

use cli::host::{Event, Polling, Transfer, Waiting};

use crate::memory::Memory;

fn polled(done: u32) -> Event {
    Event::Polled(Polling { done, total: 22 })
}

#[test]
fn a_run_that_is_soon_done_tells_nothing() {
    let memory = Memory::new();
    memory.events.borrow_mut().extend([(0, polled(1)), (1_000, polled(2)), (999, polled(3))]);
    assert_eq!(memory.run(&["check", "wkg"]).err, "");
}

#[test]
fn a_longer_one_tells_at_most_one_line_a_second() {
    let memory = Memory::new();
    let downloading = |received| {
        let (tool, asset) = ("wac".to_owned(), "wac-linux".to_owned());
        Event::Downloading(Transfer { tool, asset, received, size: Some(41_900_000) })
    };
    memory.events.borrow_mut().extend([
        (2_000, polled(3)),
        (999, polled(4)),
        (1, polled(5)),
        (900, downloading(1_000_000)),
        (100, downloading(2_000_000)),
    ]);
    let printed = "polled 3 of 22 tools\npolled 5 of 22 tools\nwac: wac-linux: 2.0 MB of 41.9 MB\n";
    assert_eq!(memory.run(&["check", "wkg"]).err, printed);
}

#[test]
fn waiting_is_reported_at_once_and_quiet_is_quiet() {
    for (arguments, printed) in [
        (&["check", "wkg"][..], "api.github.com: waiting 30 s for its rate limit\n"),
        (&["check", "wkg", "--quiet"], ""),
    ] {
        let memory = Memory::new();
        let waiting = Event::Waiting(Waiting { host: "api.github.com".to_owned(), seconds: 30 });
        memory.events.borrow_mut().extend([(0, waiting), (0, polled(1))]);
        assert_eq!(memory.run(arguments).err, printed);
    }
}
