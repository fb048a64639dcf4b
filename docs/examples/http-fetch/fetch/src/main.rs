//! Prints what a URL answers.

use wstd::http::{body::Body, Client, Request};

#[wstd::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("name a URL")?;
    let request = Request::get(url).body(Body::empty())?;
    let response = Client::new().send(request).await?;
    let status = response.status();
    let text = response.into_body().str_contents().await?.to_owned();
    println!("{status}: {text}");
    Ok(())
}
