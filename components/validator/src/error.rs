//! What can go wrong with a document.

use crate::findings::Findings;

/// What can go wrong with a document.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It breaks the rules.
    #[error("{0}")]
    Invalid(Findings),

    /// A release that was to be added to it breaks the rules; the document itself may be fine.
    #[error("{0}")]
    Release(Findings),

    /// A digest differs from the one that was recorded for the same asset; it is never overwritten.
    #[error("{place}: {got} came, {recorded} was recorded")]
    Mismatch {
        /// Where the recorded digest stands in the document.
        place: String,
        /// The digest in the document.
        recorded: String,
        /// The digest that was to replace it.
        got: String,
    },
}

impl Error {
    /// Return the error of one broken rule.
    pub fn invalid(place: impl Into<String>, reason: impl Into<String>) -> Self {
        let mut findings = Findings::default();
        findings.add(place, reason);
        Self::Invalid(findings)
    }
}
