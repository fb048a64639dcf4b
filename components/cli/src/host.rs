//! What the command line needs from the other components; the types are those of the WIT package
//! `updater`.

use std::time::Duration;

pub use crate::bindings::doit_wasm::updater::documents::{
    Scheme, Source, Starlark, ToolFile, Watch,
};
pub use crate::bindings::doit_wasm::updater::releases::{
    Change, Event, Mode, Outcome, Polling, State, Transfer, Waiting,
};
pub use crate::bindings::doit_wasm::updater::types::{Error, Finding, RateLimit};

impl Error {
    /// The name of the case, as in `wit/updater/types.wit`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnknownTool(_) => "unknown-tool",
            Self::File(_) => "file",
            Self::Invalid(_) => "invalid",
            Self::Network(_) => "network",
            Self::Status(_) => "status",
            Self::Answer(_) => "answer",
            Self::Entry(_) => "entry",
            Self::RateLimited(_) => "rate-limited",
            Self::Mismatch(_) => "mismatch",
        }
    }

    /// The error of one broken rule of a document of the user.
    pub fn invalid(place: &str, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Finding { place: place.to_owned(), reason: reason.into() }])
    }

    /// The content of the case, one fact per line.
    pub fn facts(&self) -> String {
        match self {
            Self::Invalid(findings) | Self::Answer(findings) | Self::Entry(findings) => {
                findings.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            Self::RateLimited(limit) => limit.reason.clone(),
            Self::UnknownTool(facts)
            | Self::File(facts)
            | Self::Network(facts)
            | Self::Status(facts)
            | Self::Mismatch(facts) => facts.clone(),
        }
    }

    /// What failed, and below it the content of the case.
    pub fn report(&self) -> String {
        let what = match self {
            Self::UnknownTool(name) => return format!("there is no tool `{name}`"),
            Self::File(_) => "a file could not be read or written",
            Self::Invalid(_) => "a document breaks the rules",
            Self::Network(_) => "a host could not be reached, or a transfer broke",
            Self::Status(_) => "a server refused",
            Self::Answer(_) => "a server's answer cannot be used",
            Self::Entry(_) => "tools.toml does not fit what upstream publishes",
            Self::RateLimited(_) => "the API's quota is used up",
            Self::Mismatch(_) => "the bytes are not the ones that were expected",
        };
        let facts = self.facts();
        facts.lines().fold(what.to_owned(), |report, line| format!("{report}\n  {line}"))
    }

    /// What the user can do next.
    pub fn help(&self) -> &'static str {
        match self {
            Self::UnknownTool(_) => "`list` shows the tools; a new one needs a table in tools.toml",
            Self::File(_) => {
                "check the directory (`--dir`), who may read and write there, and who works in it"
            }
            Self::Invalid(_) => "correct by hand what is named here; nothing was written",
            Self::Network(_) => "check the network and run again; nothing was written",
            Self::Status(_) => {
                "run again later after a 5xx; else check the repository and the asset names in \
                 tools.toml, and the token if one is set"
            }
            Self::Answer(_) => {
                "run again later, or ask upstream or the operator of the proxy; nothing was written"
            }
            Self::Entry(_) => {
                "correct the table of the tool in tools.toml as it says; nothing was written"
            }
            Self::RateLimited(_) => {
                "wait, or set GITHUB_TOKEN for a larger quota, and run again; what is done is kept"
            }
            Self::Mismatch(_) => "compare with upstream's announcement; nothing was written",
        }
    }
}

/// A finding as one line.
fn line(finding: &Finding) -> String {
    let Finding { place, reason } = finding;
    if place.is_empty() {
        reason.clone()
    } else {
        format!("{place}: {reason}")
    }
}

impl State {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Newer => "newer",
            Self::Updated => "updated",
            Self::Incomplete(_) => "incomplete",
            Self::Unmatched(_) => "unmatched",
            Self::Young => "young",
            Self::Failed(_) => "failed",
            Self::Unpolled => "unpolled",
            Self::Unwatched => "unwatched",
            Self::Polled => "polled",
        }
    }
}

impl Outcome {
    /// The result for a tool of which only the state is known.
    pub fn new(tool: &str, state: State) -> Self {
        Self {
            tool: tool.to_owned(),
            state,
            before: None,
            after: None,
            latest: None,
            assets: 0,
            bytes: 0,
            compared: 0,
            changes: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Why it failed or why a person must act, if so.
    pub fn problem(&self) -> Option<&Error> {
        match &self.state {
            State::Failed(error) | State::Unmatched(error) => Some(error),
            State::Incomplete(overdue) => overdue.as_ref(),
            _ => None,
        }
    }
}

/// The other components; the functions are those of the WIT package `updater`.
pub trait Host {
    /// The names of the tools in a directory of checksums, sorted.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the directory cannot be read.
    fn tools(&self, directory: &str) -> Result<Vec<String>, Error>;

    /// The text of a tool file.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTool`] or [`Error::File`].
    fn read(&self, directory: &str, tool: &str) -> Result<String, Error>;

    /// The text of `tools.toml`; empty if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    fn config(&self, directory: &str) -> Result<String, Error>;

    /// Read the text of `tools.toml`; the entries are sorted by tool.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all findings.
    fn watched(&self, config: &str) -> Result<Vec<Watch>, Error>;

    /// Check the file of a tool and return its canonical text.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all findings.
    fn check(&self, tool: &str, text: &str, watch: Option<&Watch>) -> Result<String, Error>;

    /// Render tool files as Starlark.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all findings.
    fn bazel(&self, tools: &[ToolFile], watched: &[Watch]) -> Result<Starlark, Error>;

    /// Begin a run over some tools.
    ///
    /// # Errors
    ///
    /// An error that concerns all tools.
    fn begin<'a>(
        &'a self,
        directory: &str,
        tools: &[String],
        mode: Mode,
    ) -> Result<Box<dyn Run + 'a>, Error>;

    /// The time since 1970.
    fn now(&self) -> Duration;
}

/// A run over some tools; dropping the value ends the run.
pub trait Run {
    /// Continue until there is something to report; none at the end.
    fn next(&self) -> Option<Event>;
}
