//! The rules of checksum files, and streaming SHA-256.
//!
//! Everything is a pure function of its arguments: the component imports nothing, and the same code is
//! tested on the host. Only `component` knows that it runs as WebAssembly.
//!
//! - [`checks`] what makes a tool file right;
//! - [`record`] adds a release to one;
//! - [`watched`] reads `tools.toml`;
//! - [`json`] text to value, and back in the canonical form;
//! - [`request`] the JSON objects in which arguments arrive;
//! - [`sums`] SHA-256.

pub mod checks;
pub mod error;
pub mod findings;
pub mod json;
mod latest;
mod node;
mod predecessor;
pub mod record;
pub mod request;
pub mod rules;
pub mod sums;
pub mod watched;

#[cfg(target_family = "wasm")]
#[rustfmt::skip]
#[allow(clippy::all, clippy::restriction, missing_docs, unreachable_pub, unsafe_code)]
mod bindings;
#[cfg(target_family = "wasm")]
mod component;
