//! Codes of errors, under which the documentation explains them.

use std::fmt;

use crate::host::Error;

/// What kind of error is reported; the number is that of its entry in `docs/troubleshooting.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Code {
    /// The command line is invalid.
    Usage = 410,
    /// There is no such tool.
    UnknownTool = 411,
    /// A file could not be read or written.
    File = 412,
    /// A document breaks the rules.
    Invalid = 413,
    /// A host could not be reached, or a transfer broke.
    Network = 414,
    /// A server refused.
    Status = 415,
    /// A server's answer cannot be used.
    Answer = 416,
    /// The table of a tool does not fit what upstream publishes.
    Entry = 417,
    /// A rate limit ended the run.
    RateLimited = 418,
    /// Bytes or a published digest are not the ones that were expected.
    Mismatch = 419,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DW{}", *self as u16)
    }
}

impl From<&Error> for Code {
    fn from(error: &Error) -> Self {
        match error {
            Error::UnknownTool(_) => Self::UnknownTool,
            Error::File(_) => Self::File,
            Error::Invalid(_) => Self::Invalid,
            Error::Network(_) => Self::Network,
            Error::Status(_) => Self::Status,
            Error::Answer(_) => Self::Answer,
            Error::Entry(_) => Self::Entry,
            Error::RateLimited(_) => Self::RateLimited,
            Error::Mismatch(_) => Self::Mismatch,
        }
    }
}
