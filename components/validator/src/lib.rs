//! The rules of checksum files, and streaming SHA-256.
//!
//! Everything is a pure function of its arguments: the component imports nothing, and the same code is
//! tested on the host. Only `component` knows that it runs as WebAssembly.
//!
//! - [`watched`] reads `tools.toml`, [`watch`] is an entry of it;
//! - [`checks`] checks tool files;
//! - [`plan`] decides what to do about a tool;
//! - [`record`] adds a release to a tool file;
//! - [`sums`] reads files of checksums;
//! - [`bazel`] renders tool files for Bazel;
//! - [`scheme`] the order of versions;
//! - [`json`] text to value, and back in the canonical form;
//! - [`request`] the input of a decision;
//! - [`hashing`] SHA-256.

pub mod bazel;
#[rustfmt::skip]
#[allow(clippy::all, clippy::restriction, missing_docs, unreachable_pub, unsafe_code, unused_imports)]
mod bindings;
pub mod checks;
pub mod digest;
pub mod error;
pub mod findings;
pub mod hashing;
pub mod json;
mod node;
pub mod plan;
mod platform;
mod predecessor;
pub mod record;
mod recorded;
pub mod request;
pub mod rules;
pub mod scheme;
pub mod sums;
pub mod time;
pub mod watch;
pub mod watched;

#[cfg(target_family = "wasm")]
mod component;
