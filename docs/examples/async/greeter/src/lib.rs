//! Implements the interface greetings.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::{example::app::titles::title, exports::example::app::greetings::Guest};

struct Component;

impl Guest for Component {
    async fn greet(name: String) -> String {
        wit_bindgen::yield_async().await; // others go on meanwhile
        format!("hello, {}", title(&name))
    }
}

bindings::export!(Component with_types_in bindings);
