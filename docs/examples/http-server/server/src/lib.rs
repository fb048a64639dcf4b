//! Answers a request for /NAME with a greeting.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::exports::wasi::http::incoming_handler::Guest;
use bindings::wasi::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Server;

impl Guest for Server {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body();
        ResponseOutparam::set(answer, Ok(response));
        if let Ok(body) = body {
            greet(path.trim_start_matches('/'), body);
        }
    }
}

/// Write a greeting for `name`. The client may leave before its end.
fn greet(name: &str, body: OutgoingBody) {
    if let Ok(stream) = body.write() {
        let text = format!("Hello, {name}!\n");
        let _ = stream.blocking_write_and_flush(text.as_bytes());
    }
    let _ = OutgoingBody::finish(body, None);
}

bindings::export!(Server with_types_in bindings);
