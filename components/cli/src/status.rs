//! Exit codes.

use crate::host::Error;

/// How a run ended, from best to worst; the number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Success.
    Done = 0,
    /// Something could not be done.
    Failed = 1,
    /// The command line is invalid.
    Usage = 2,
    /// There are newer releases; only `check` ends so.
    Available = 3,
    /// Bytes do not have their published digest, or a recorded digest is no longer published.
    Mismatch = 4,
    /// A rate limit ended the run; finished work is kept, and it is safe to run again.
    RateLimited = 5,
}

impl Status {
    /// The exit code.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The more urgent of two: a mismatch hides nothing else, and "run again" hides no failure.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let urgency = [
            Self::Done,
            Self::Available,
            Self::RateLimited,
            Self::Failed,
            Self::Usage,
            Self::Mismatch,
        ];
        let rank = |status| urgency.iter().position(|known| *known == status);
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

impl From<&Error> for Status {
    fn from(error: &Error) -> Self {
        match error {
            Error::Mismatch(_) => Self::Mismatch,
            Error::RateLimited(_) => Self::RateLimited,
            Error::UnknownTool(_)
            | Error::File(_)
            | Error::Invalid(_)
            | Error::Network(_)
            | Error::Status(_)
            | Error::Answer(_)
            | Error::Entry(_) => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status::{Available, Done, Failed, Mismatch, RateLimited, Usage};

    #[test]
    fn the_more_urgent_status_wins_in_either_order() {
        let rising = [Done, Available, RateLimited, Failed, Usage, Mismatch];
        for (index, low) in rising.into_iter().enumerate() {
            for high in &rising[index..] {
                assert_eq!(low.and(*high), *high);
                assert_eq!(high.and(low), *high);
            }
        }
    }
}
