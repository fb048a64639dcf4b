//! The only module that touches generated code: WIT types on one side, ours on the other.

use std::cell::RefCell;

use crate::bindings;
use crate::bindings::exports::doit_wasm::updater::{documents, hashing};
use crate::error::Error;
use crate::hashing::Sha256;
use crate::request::CheckRequest;
use crate::{bazel, checks, json, plan, record, sums, watched};

struct Component;

impl documents::Guest for Component {
    fn watched(config: String) -> Result<String, documents::Error> {
        Ok(watched::watched(&config)?)
    }

    fn check(input: String) -> Result<String, documents::Error> {
        let request: CheckRequest = json::argument(&input)?;
        Ok(checks::check(&request.name, &request.document, request.watch.as_ref())?)
    }

    fn plan(input: String) -> Result<String, documents::Error> {
        Ok(plan::plan(&json::argument(&input)?)?)
    }

    fn record(input: String) -> Result<String, documents::Error> {
        Ok(record::record(&json::argument(&input)?)?)
    }

    fn sums(text: String) -> Result<String, documents::Error> {
        Ok(sums::sums(&text)?)
    }

    fn bazel(input: String) -> Result<String, documents::Error> {
        Ok(bazel::bazel(&json::argument(&input)?)?)
    }
}

impl hashing::Guest for Component {
    type Sha256 = RefCell<Sha256>;
}

impl hashing::GuestSha256 for RefCell<Sha256> {
    fn new() -> Self {
        Self::default()
    }

    fn update(&self, bytes: Vec<u8>) {
        self.borrow_mut().update(&bytes);
    }

    fn finish(&self) -> String {
        self.borrow_mut().finish()
    }
}

impl From<Error> for documents::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(findings) => Self::Invalid(findings.0),
            Error::Answer(findings) => Self::Answer(findings.0),
            Error::Entry(findings) => Self::Entry(findings.0),
            Error::Mismatch { .. } => Self::Mismatch(error.to_string()),
        }
    }
}

/// What the macro expands to is generated code as well.
#[allow(unsafe_code)]
mod export {
    use super::{bindings, Component};

    bindings::export!(Component with_types_in bindings);
}
