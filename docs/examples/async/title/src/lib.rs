//! Implements the interface titles.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::exports::example::app::titles::Guest;

struct Component;

impl Guest for Component {
    fn title(name: String) -> String {
        format!("Lady {name}")
    }
}

bindings::export!(Component with_types_in bindings);
