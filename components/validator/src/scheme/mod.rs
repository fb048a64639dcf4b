//! How the versions of a tool are ordered. Versions are never compared as text.

mod calver;
mod numeric;
mod pep440;
mod semver;
mod semver_build;

use std::cmp::Ordering;

/// How the versions of a tool are ordered.
///
/// - `Semver`: semantic versioning 2.0.0, `1.2.3-rc.1`;
/// - `SemverBuild`: the same, where build metadata counts, `1.30.4+k3s2`;
/// - `Calver`: the calendar, `24.04.1`, `2026.1.15`, `2026-01-15T16-07-38Z`;
/// - `Numeric`: dotted numbers of any count, `129`, `1.26.1`;
/// - `Pep440`: Python's, `1.2rc1`, `2!1.0.post1`.
pub use crate::bindings::exports::doit_wasm::updater::documents::Scheme;

impl Scheme {
    /// The names of the schemes in `tools.toml`.
    pub const NAMES: &[&str] = &["semver", "semver-build", "calver", "numeric", "pep440"];

    /// Return the scheme of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "semver" => Some(Self::Semver),
            "semver-build" => Some(Self::SemverBuild),
            "calver" => Some(Self::Calver),
            "numeric" => Some(Self::Numeric),
            "pep440" => Some(Self::Pep440),
            _ => None,
        }
    }

    /// The name of the scheme in `tools.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Semver => "semver",
            Self::SemverBuild => "semver-build",
            Self::Calver => "calver",
            Self::Numeric => "numeric",
            Self::Pep440 => "pep440",
        }
    }

    /// Parse a version; none if the text is not a version of this scheme.
    pub fn parse(self, text: &str) -> Option<Version> {
        let rank = match self {
            Self::Semver => Rank::Semver(semver::Rank::parse(text)?),
            Self::SemverBuild => Rank::SemverBuild(semver_build::Rank::parse(text)?),
            Self::Calver => Rank::Calver(calver::Rank::parse(text)?),
            Self::Numeric => Rank::Numeric(numeric::Rank::parse(text)?),
            Self::Pep440 => Rank::Pep440(pep440::Rank::parse(text)?),
        };
        Some(Version { rank, text: text.to_owned() })
    }
}

/// A version by a scheme.
///
/// The order is total: versions that the scheme treats as equal, such as `1.0` and `1.0.0`, are in the
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

    /// Whether this version is newer than another by the scheme.
    pub fn outranks(&self, other: &Self) -> bool {
        self.rank.cmp(&other.rank) == Ordering::Greater
    }

    /// Whether this is a prerelease by the scheme.
    pub fn is_prerelease(&self) -> bool {
        match &self.rank {
            Rank::Semver(rank) => rank.is_prerelease(),
            Rank::SemverBuild(rank) => rank.is_prerelease(),
            Rank::Calver(rank) => rank.is_prerelease(),
            Rank::Numeric(_) => false,
            Rank::Pep440(rank) => rank.is_prerelease(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Semver(semver::Rank),
    SemverBuild(semver_build::Rank),
    Calver(calver::Rank),
    Numeric(numeric::Rank),
    Pep440(pep440::Rank),
}

/// A number of any size; more digits are greater.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    length: usize,
    digits: String,
}

impl Number {
    /// Parse decimal digits, with any number of leading zeros.
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

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        Self::parse(&number.to_string()).unwrap_or_default()
    }
}

/// A run of digits or of letters in a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(Number),
    Word(String),
}

/// Return the runs of digits and of letters in a text; other characters separate them.
fn parts(text: &str) -> Vec<Part> {
    let is_plain = |any: char| any.is_ascii_alphanumeric();
    let words = text.split(|any: char| !is_plain(any)).filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let runs =
                word.as_bytes().chunk_by(|one, two| one.is_ascii_digit() == two.is_ascii_digit());
            runs.map(|run| String::from_utf8_lossy(run).into_owned())
        })
        .map(|run| Number::parse(&run).map_or(Part::Word(run), Part::Number))
        .collect()
}

/// Return dotted numbers without trailing zeros, which change nothing: `1.2.0` is `1.2`.
fn numbers(text: &str) -> Option<Vec<Number>> {
    let mut numbers = text.split('.').map(Number::parse).collect::<Option<Vec<_>>>()?;
    while numbers.last().is_some_and(Number::is_zero) {
        numbers.pop();
    }
    Some(numbers)
}
