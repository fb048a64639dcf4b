//! The rules, on the host: no WebAssembly is needed to test them.

// A helper of a test is a test: that it stops at the first surprise is what it is for.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod bazel;
mod canonical;
mod checks;
mod documents;
mod fuzz;
mod hashing;
mod histories;
mod identity;
mod passed;
mod peer;
mod plan;
mod record;
mod refused;
mod repository;
mod rolling;
mod schemes;
mod standstill;
mod strategies;
mod sums;
mod typed;
mod watched;
