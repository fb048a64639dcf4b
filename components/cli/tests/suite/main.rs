//! The command line, on the host, over a directory in memory.

// A helper of a test is a test: that it stops at the first surprise is what it is for.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod bazel;
mod check;
mod json;
mod limits;
mod list;
mod memory;
mod poll;
mod progress;
mod streams;
mod tools;
mod update;
mod usage;
mod validate;
