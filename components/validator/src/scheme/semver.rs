//! Semantic versioning 2.0.0.

use super::Number;

/// The fields that clause 11 compares, without build metadata.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    core: Vec<Number>,
    stage: Stage,
}

/// In ascending order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Prerelease(Vec<Identifier>),
    Release,
}

/// In ascending order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(Number),
    Word(String),
}

impl Rank {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (text, build) = split(text, '+');
        let (core, prerelease) = split(text, '-');
        if !build.is_none_or(|build| build.split('.').all(is_word)) {
            return None;
        }
        let core = core.split('.').map(number).collect::<Option<Vec<_>>>()?;
        let stage = match prerelease {
            None => Stage::Release,
            Some(words) => {
                Stage::Prerelease(words.split('.').map(identifier).collect::<Option<_>>()?)
            }
        };
        (core.len() == 3).then_some(Self { core, stage })
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.stage != Stage::Release
    }
}

/// The texts before and after a sign.
fn split(text: &str, sign: char) -> (&str, Option<&str>) {
    text.split_once(sign).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

/// A number; leading zeros are forbidden.
fn number(text: &str) -> Option<Number> {
    (text == "0" || !text.starts_with('0')).then(|| Number::parse(text)).flatten()
}

fn identifier(text: &str) -> Option<Identifier> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        number(text).map(Identifier::Number)
    } else {
        is_word(text).then(|| Identifier::Word(text.to_owned()))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
