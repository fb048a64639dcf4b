//! Streams that nobody reads any more.

use std::io::{self, Write};

use crate::memory::{request, Memory};

/// A pipe whose reader is gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_closed_standard_output_is_a_failure_and_no_panic() {
    for arguments in [&["list"][..], &["list", "--json"], &["--help"], &["validate"]] {
        let mut err = Vec::new();
        let words = arguments.iter().map(Into::into);
        let status = cli::run(words, &Memory::new(), &mut Closed, &mut err);
        assert_eq!((status.code(), &*err == b""), (1, true), "{arguments:?}");
    }
}

#[test]
fn a_closed_standard_error_does_not_stop_a_run() {
    let (memory, mut out) = (Memory::new(), Vec::new());
    let words = ["update", "--all"].iter().map(Into::into);
    let status = cli::run(words, &memory, &mut out, &mut Closed);
    assert_eq!(status.code(), 1);
    assert!(String::from_utf8(out).expect("UTF-8").contains("\nwkg   current"));
    assert_eq!(*memory.requests.borrow(), [request("update", &["wac", "wkg"])]);
}
