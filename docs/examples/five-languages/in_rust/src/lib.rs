//! Implements the interface rust of wit/chain.wit.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::{exports::my::chain::rust::Guest, my::chain::c::say};

struct Component;

impl Guest for Component {
    fn say(text: String) -> String {
        say(&(text + " Rust"))
    }
}

bindings::export!(Component with_types_in bindings);
