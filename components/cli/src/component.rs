//! The only module that touches generated code: WIT types on one side, ours on the other.

use std::time::{Duration, SystemTime};

use cli::host::{Change, Error, Event, Host, Outcome, State};

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

    fn config(&self, directory: &str) -> Result<String, Error> {
        Ok(releases::watched(directory)?)
    }

    fn watched(&self, config: &str) -> Result<String, Error> {
        Ok(documents::watched(config)?)
    }

    fn check(&self, input: &str) -> Result<String, Error> {
        Ok(documents::check(input)?)
    }

    fn bazel(&self, input: &str) -> Result<String, Error> {
        Ok(documents::bazel(input)?)
    }

    fn begin(&self, request: &str) -> Result<(), Error> {
        Ok(releases::begin(request)?)
    }

    fn next(&self) -> Option<Event> {
        releases::next().map(Event::from)
    }

    fn now(&self) -> Duration {
        // A clock that stands before 1970 tells nothing.
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
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
            documents::Error::Entry(text) => Self::Entry(text),
            documents::Error::RateLimited(text) => Self::RateLimited(text),
            documents::Error::Mismatch(text) => Self::Mismatch(text),
        }
    }
}

impl From<releases::Event> for Event {
    fn from(event: releases::Event) -> Self {
        match event {
            releases::Event::Polled(releases::Polling { done, total }) => {
                Self::Polled { done, total }
            }
            releases::Event::Downloading(transfer) => {
                let releases::Transfer { tool, asset, received, size } = transfer;
                Self::Downloading { tool, asset, received, size }
            }
            releases::Event::Waiting(releases::Waiting { host, seconds }) => {
                Self::Waiting { host, seconds }
            }
            releases::Event::Finished(outcome) => Self::Finished(outcome.into()),
        }
    }
}

impl From<releases::Outcome> for Outcome {
    fn from(outcome: releases::Outcome) -> Self {
        Self {
            tool: outcome.tool,
            state: outcome.state.into(),
            before: outcome.before,
            after: outcome.after,
            latest: outcome.latest,
            assets: outcome.assets,
            bytes: outcome.bytes,
            compared: outcome.compared,
            changes: outcome.changes.into_iter().map(Change::from).collect(),
            notes: outcome.notes,
            problem: outcome.problem.map(Error::from),
        }
    }
}

impl From<releases::Change> for Change {
    fn from(change: releases::Change) -> Self {
        Self {
            version: change.version,
            platform: change.platform,
            asset: change.asset,
            recorded: change.recorded,
            published: change.published,
            release_date: change.release_date,
            updated_at: change.updated_at,
        }
    }
}

impl From<releases::State> for State {
    fn from(state: releases::State) -> Self {
        match state {
            releases::State::Current => Self::Current,
            releases::State::Newer => Self::Newer,
            releases::State::Updated => Self::Updated,
            releases::State::Incomplete => Self::Incomplete,
            releases::State::Unmatched => Self::Unmatched,
            releases::State::Young => Self::Young,
            releases::State::Failed => Self::Failed,
            releases::State::Unpolled => Self::Unpolled,
        }
    }
}
