//! How a tool counts its versions. Versions are never compared as text.

mod numeric;
mod pep440;
mod semver;

use std::cmp::Ordering;

use serde::Serialize;

/// How a tool counts its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Semantic versioning 2.0.0: `1.2.3-rc.1`.
    Semver,
    /// Dotted numbers of any count: `129`, `1.26.1`.
    Numeric,
    /// Python's: `1.2rc1`, `2!1.0.post1`.
    Pep440,
}

impl Scheme {
    /// What the schemes are called in `tools.toml`.
    pub const NAMES: &[&str] = &["semver", "numeric", "pep440"];

    /// Return the scheme of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "semver" => Some(Self::Semver),
            "numeric" => Some(Self::Numeric),
            "pep440" => Some(Self::Pep440),
            _ => None,
        }
    }

    /// What the scheme is called in `tools.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Semver => "semver",
            Self::Numeric => "numeric",
            Self::Pep440 => "pep440",
        }
    }

    /// Return the version that a text is; none if it is none by this scheme.
    pub fn parse(self, text: &str) -> Option<Version> {
        let rank = match self {
            Self::Semver => Rank::Semver(semver::Rank::parse(text)?),
            Self::Numeric => Rank::Numeric(numeric::Rank::parse(text)?),
            Self::Pep440 => Rank::Pep440(pep440::Rank::parse(text)?),
        };
        Some(Version { rank, text: text.to_owned() })
    }
}

/// A version by a scheme.
///
/// The order is total: versions that the scheme holds for equal, such as `1.0` and `1.0.0`, are in the
/// order of their text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    rank: Rank,
    text: String,
}

impl Version {
    /// The version as it was spelled.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the scheme holds this version for newer than another.
    pub fn outranks(&self, other: &Self) -> bool {
        self.rank.cmp(&other.rank) == Ordering::Greater
    }

    /// Whether the scheme says that it comes before a release proper.
    pub fn is_prerelease(&self) -> bool {
        match &self.rank {
            Rank::Semver(rank) => rank.is_prerelease(),
            Rank::Numeric(_) => false,
            Rank::Pep440(rank) => rank.is_prerelease(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Semver(semver::Rank),
    Numeric(numeric::Rank),
    Pep440(pep440::Rank),
}

/// A number of any size: the more digits, the greater.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    length: usize,
    digits: String,
}

impl Number {
    /// Return the number that decimal digits are, however many zeros they begin with.
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = text.trim_start_matches('0');
        Some(Self { length: digits.len(), digits: digits.to_owned() })
    }

    /// Whether it is 0.
    fn is_zero(&self) -> bool {
        self.length == 0
    }
}

/// Return dotted numbers without the zeros at their end, which change nothing: `1.2.0` is `1.2`.
fn numbers(text: &str) -> Option<Vec<Number>> {
    let mut numbers = text.split('.').map(Number::parse).collect::<Option<Vec<_>>>()?;
    while numbers.last().is_some_and(Number::is_zero) {
        numbers.pop();
    }
    Some(numbers)
}
