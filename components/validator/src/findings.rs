//! The findings about a document, one line per finding.

use std::fmt;

pub use crate::bindings::exports::doit_wasm::updater::types::Finding;

/// Broken rules, in the order in which they were found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Return one finding.
    pub fn one(place: impl Into<String>, reason: impl Into<String>) -> Self {
        let mut findings = Self::default();
        findings.add(place, reason);
        findings
    }

    /// Add a finding: the value at `place` breaks a rule.
    pub fn add(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        // A reason quotes the value, and a control character in it could end the line.
        let reason = reason.into().replace(char::is_control, "\u{FFFD}");
        self.0.push(Finding { place: place.into(), reason });
    }

    /// Add findings of a document at `place`.
    pub fn extend(&mut self, place: &str, findings: Self) {
        self.0.extend(findings.0.into_iter().map(|mut finding| {
            finding.place = format!("{place}.{}", finding.place);
            finding
        }));
    }

    /// Return `value` if nothing was found.
    ///
    /// # Errors
    ///
    /// All findings.
    pub fn unless_any<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Finding { place, reason }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{place}: {reason}")?;
        }
        Ok(())
    }
}
