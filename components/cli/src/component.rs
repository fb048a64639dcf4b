//! The only module that touches generated code: WIT types on one side, ours on the other.

use cli::host::{Error, Host, Outcome, State};
use serde_json::json;

use crate::bindings::doit_wasm::updater::{documents, releases};

/// The components that this one is composed with.
pub(crate) struct Composed;

impl Host for Composed {
    fn tools(&self, directory: &str) -> Result<Vec<String>, Error> {
        Ok(releases::tools(directory)?)
    }

    fn read(&self, path: &str) -> Result<String, Error> {
        Ok(releases::read(path)?)
    }

    fn check(&self, name: &str, document: &str) -> Result<String, Error> {
        Ok(documents::check(&json!({"name": name, "document": document}).to_string())?)
    }

    fn update(&self, path: &str, dry_run: bool) -> Result<Outcome, Error> {
        Ok(releases::update(path, dry_run)?.into())
    }
}

impl From<documents::Error> for Error {
    fn from(error: documents::Error) -> Self {
        match error {
            documents::Error::UnknownTool(text) => Self::UnknownTool(text),
            documents::Error::File(text) => Self::File(text),
            documents::Error::Invalid(text) => Self::Invalid(text),
            documents::Error::Network(text) => Self::Network(text),
            documents::Error::Status(text) => Self::Status(text),
            documents::Error::Answer(text) => Self::Answer(text),
            documents::Error::RateLimited(text) => Self::RateLimited(text),
            documents::Error::Mismatch(text) => Self::Mismatch(text),
        }
    }
}

impl From<releases::Outcome> for Outcome {
    fn from(outcome: releases::Outcome) -> Self {
        let releases::Outcome { state, before, after, latest, assets, bytes } = outcome;
        Self { state: state.into(), before, after, latest, assets, bytes }
    }
}

impl From<releases::State> for State {
    fn from(state: releases::State) -> Self {
        match state {
            releases::State::Current => Self::Current,
            releases::State::Updated => Self::Updated,
            releases::State::Incomplete => Self::Incomplete,
        }
    }
}
