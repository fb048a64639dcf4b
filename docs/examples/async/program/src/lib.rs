//! Greets two people at once.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::example::app::greetings::greet;
use bindings::exports::wasi::cli::run::Guest;
use bindings::wasi::cli::stdout::write_via_stream;
use bindings::wit_stream;

struct Component;

impl Guest for Component {
    async fn run() -> Result<(), ()> {
        let (ada, eve) = (greet("Ada".into()), greet("Eve".into()));
        let text = format!("{}; {}\n", eve.await, ada.await);
        let (mut writer, reader) = wit_stream::new();
        let written = write_via_stream(reader);
        writer.write_all(text.into_bytes()).await;
        drop(writer);
        written.await.map_err(|_| ())
    }
}

bindings::export!(Component with_types_in bindings);
