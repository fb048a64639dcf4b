//! What the command line needs of the components behind it, in our own types.

use std::fmt;

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
    /// The API's quota is used up. Holds `URL: REASON`.
    RateLimited(String),
    /// Bytes do not have the digest or size that was published or recorded. Holds both.
    Mismatch(String),
}

impl Error {
    /// What the user can do next.
    pub fn help(&self) -> &'static str {
        match self {
            Self::UnknownTool(_) => "`list` shows the tools; a new one needs a table in tools.toml",
            Self::File(_) => {
                "check that the host has mounted this directory, and who may write there"
            }
            Self::Invalid(_) => "correct by hand what is named here; nothing was written",
            Self::Network(_) => "check the network and run again; nothing was written",
            Self::Status(_) => {
                "check the repository and the asset names in tools.toml, and the token if one is set"
            }
            Self::Answer(_) => {
                "run again later, or ask upstream or whoever runs the proxy; nothing was written"
            }
            Self::RateLimited(_) => {
                "wait, or set GITHUB_TOKEN, and run again; what is done is kept"
            }
            Self::Mismatch(_) => {
                "compare with upstream's announcement; nothing was written"
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, facts) = match self {
            Self::UnknownTool(name) => return write!(formatter, "there is no tool `{name}`"),
            Self::File(facts) => ("a file could not be read or written", facts),
            Self::Invalid(facts) => ("a document breaks the rules", facts),
            Self::Network(facts) => ("a host could not be reached, or a transfer broke", facts),
            Self::Status(facts) => ("a server refused", facts),
            Self::Answer(facts) => ("a server's answer cannot be used", facts),
            Self::RateLimited(facts) => ("the API's quota is used up", facts),
            Self::Mismatch(facts) => ("the bytes are not the ones that were expected", facts),
        };
        formatter.write_str(what)?;
        facts.lines().try_for_each(|line| write!(formatter, "\n  {line}"))
    }
}

/// What became of one tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The release is recorded already.
    Current,
    /// A release was recorded, or would be in a dry run.
    Updated,
    /// A release is not recorded yet, as not all of its assets are there; nothing was written.
    Incomplete,
}

/// The result of polling one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What became of it.
    pub state: State,
    /// The version that the tool file had; empty if there was none.
    pub before: String,
    /// The version of the release that upstream calls the latest, which may be a backport.
    pub after: String,
    /// The latest version of the tool file after all that.
    pub latest: String,
    /// How many assets were downloaded and hashed.
    pub assets: u32,
    /// How many bytes those assets have.
    pub bytes: u64,
}

/// The components behind the command line.
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

    /// Check a tool file and return its canonical text.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all findings.
    fn check(&self, name: &str, document: &str) -> Result<String, Error>;

    /// Poll the repository of a tool and record a newer release.
    ///
    /// # Errors
    ///
    /// Any case.
    fn update(&self, path: &str, dry_run: bool) -> Result<Outcome, Error>;
}
