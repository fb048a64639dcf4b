//! What the command line needs of the components behind it, in our own types.

use std::fmt;
use std::time::Duration;

/// What can go wrong there; the cases are those of `wit/updater/types.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// No such tool. Holds its name.
    UnknownTool(String),
    /// A file could not be read or written. Holds `PATH: REASON`.
    File(String),
    /// A document of the user breaks the rules. Holds one finding a line.
    Invalid(String),
    /// A host could not be reached, or a transfer broke. Holds `URL: REASON`.
    Network(String),
    /// A server answered with a status that ends the request. Holds `URL: STATUS REASON`.
    Status(String),
    /// What a server answered cannot be used. Holds `URL: REASON`, or one finding a line.
    Answer(String),
    /// What upstream publishes does not fit the tool's entry of `tools.toml`. Holds one finding a line.
    Entry(String),
    /// The API's quota is used up. Holds `URL: REASON`.
    RateLimited(String),
    /// Bytes do not have the digest or size that was published or recorded. Holds both.
    Mismatch(String),
}

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

    /// What the case holds.
    pub fn facts(&self) -> &str {
        match self {
            Self::UnknownTool(facts)
            | Self::File(facts)
            | Self::Invalid(facts)
            | Self::Network(facts)
            | Self::Status(facts)
            | Self::Answer(facts)
            | Self::Entry(facts)
            | Self::RateLimited(facts)
            | Self::Mismatch(facts) => facts,
        }
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
                "check the repository and the asset names in tools.toml, and the token if one is set"
            }
            Self::Answer(_) => {
                "run again later, or ask upstream or whoever runs the proxy; nothing was written"
            }
            Self::Entry(_) => "correct the table of the tool in tools.toml as it says; nothing was written",
            Self::RateLimited(_) => {
                "wait, or set GITHUB_TOKEN for a larger quota, and run again; what is done is kept"
            }
            Self::Mismatch(_) => {
                "compare with upstream's announcement; nothing was written"
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::UnknownTool(name) => return write!(formatter, "there is no tool `{name}`"),
            Self::File(_) => "a file could not be read or written",
            Self::Invalid(_) => "a document breaks the rules",
            Self::Network(_) => "a host could not be reached, or a transfer broke",
            Self::Status(_) => "a server refused",
            Self::Answer(_) => "a server's answer cannot be used",
            Self::Entry(_) => "tools.toml does not fit what upstream publishes",
            Self::RateLimited(_) => "the API's quota is used up",
            Self::Mismatch(_) => "the bytes are not the ones that were expected",
        };
        formatter.write_str(what)?;
        self.facts().lines().try_for_each(|line| write!(formatter, "\n  {line}"))
    }
}

/// What became of one tool; the cases are those of `wit/updater/releases.wit`, and one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The newest release is recorded already.
    Current,
    /// There is a newer release, and it was not asked for or has no file to record.
    Newer,
    /// A release was recorded, or would be in a dry run.
    Updated,
    /// A release is not recorded yet, as not all of its assets are there.
    Incomplete,
    /// There are newer releases that the entry of the tool does not match.
    Unmatched,
    /// A release is not recorded yet, as it is younger than the cooldown of the tool.
    Young,
    /// It failed.
    Failed,
    /// It was not polled, because a rate limit ended the run.
    Unpolled,
    /// It has a tool file, and no table in tools.toml says where to look for releases.
    Unwatched,
}

impl State {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Newer => "newer",
            Self::Updated => "updated",
            Self::Incomplete => "incomplete",
            Self::Unmatched => "unmatched",
            Self::Young => "young",
            Self::Failed => "failed",
            Self::Unpolled => "unpolled",
            Self::Unwatched => "unwatched",
        }
    }
}

/// A recorded digest that is no longer the published one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The recorded version.
    pub version: String,
    /// Its platform.
    pub platform: String,
    /// The file.
    pub asset: String,
    /// The digest in the tool file.
    pub recorded: String,
    /// The digest that upstream publishes now.
    pub published: String,
    /// The day on which the version was released, as recorded.
    pub release_date: String,
    /// When upstream last touched the file; empty if unknown.
    pub updated_at: String,
}

/// The result for one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its name.
    pub tool: String,
    /// What became of it.
    pub state: State,
    /// The version that the tool file had; empty if there was none.
    pub before: String,
    /// The newest version upstream; empty if that is not known.
    pub after: String,
    /// The latest version of the tool file after all that.
    pub latest: String,
    /// How many assets were downloaded and hashed.
    pub assets: u32,
    /// How many bytes those assets have.
    pub bytes: u64,
    /// How many recorded digests were compared with published ones.
    pub compared: u32,
    /// Those that differ.
    pub changes: Vec<Change>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Why it failed, or needs a person.
    pub problem: Option<Error>,
}

impl Outcome {
    /// The result for a tool about which nothing is known but this.
    pub fn new(tool: &str, state: State, problem: Option<Error>) -> Self {
        Self {
            tool: tool.to_owned(),
            state,
            before: String::new(),
            after: String::new(),
            latest: String::new(),
            assets: 0,
            bytes: 0,
            compared: 0,
            changes: Vec::new(),
            notes: Vec::new(),
            problem,
        }
    }
}

/// What happens in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// How far the polling is.
    Polled {
        /// Tools that have been polled.
        done: u32,
        /// Tools to poll.
        total: u32,
    },
    /// A download that takes long enough to be told.
    Downloading {
        /// The tool that it is for.
        tool: String,
        /// The file.
        asset: String,
        /// Bytes that came.
        received: u64,
        /// Bytes that are expected.
        size: u64,
    },
    /// A rate limit that is waited for.
    Waiting {
        /// Whose limit.
        host: String,
        /// For how long.
        seconds: u32,
    },
    /// A tool is done.
    Finished(Outcome),
}

/// The components behind the command line; the functions are those of the WIT package `updater`.
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
    fn read(&self, path: &str) -> Result<String, Error>;

    /// The text of `tools.toml`; empty if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    fn config(&self, directory: &str) -> Result<String, Error>;

    /// Turn the text of `tools.toml` into JSON, with all defaults.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all findings.
    fn watched(&self, config: &str) -> Result<String, Error>;

    /// Check a tool file and return its canonical text.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all findings.
    fn check(&self, input: &str) -> Result<String, Error>;

    /// Render tool files as Starlark.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all findings.
    fn bazel(&self, input: &str) -> Result<String, Error>;

    /// Begin a run over some tools.
    ///
    /// # Errors
    ///
    /// What concerns all tools.
    fn begin(&self, request: &str) -> Result<(), Error>;

    /// Go on with the run until there is something to tell; none at its end.
    fn next(&self) -> Option<Event>;

    /// The time since 1970.
    fn now(&self) -> Duration;
}
