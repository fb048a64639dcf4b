//! Prints what a URL answers.

#[rustfmt::skip]
#[allow(warnings)]
mod bindings;

use bindings::wasi::http::outgoing_handler::handle;
use bindings::wasi::http::types::{Fields, IncomingResponse, OutgoingRequest, Scheme};
use bindings::wasi::io::streams::StreamError;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("name a URL")?;
    let response = asked(&url)?;
    println!("{}: {}", response.status(), text_of(&response)?);
    Ok(())
}

/// Ask for a URL, and wait for the head of the answer.
fn asked(url: &str) -> Result<IncomingResponse, Box<dyn Error>> {
    let rest = url.strip_prefix("http://").ok_or("it is no http:// URL")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let request = OutgoingRequest::new(Fields::new());
    let set = request
        .set_scheme(Some(&Scheme::Http))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(if path.is_empty() { "/" } else { path })));
    set.map_err(|()| "it is no URL")?;
    let answer = handle(request, None)?;
    answer.subscribe().block();
    Ok(answer.get().and_then(Result::ok).ok_or("no answer")??)
}

/// Read the body of an answer to its end.
fn text_of(response: &IncomingResponse) -> Result<String, Box<dyn Error>> {
    let body = response.consume().map_err(|()| "it was read before")?;
    let stream = body.stream().map_err(|()| "it was read before")?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(65_536) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(String::from_utf8(bytes)?)
}
