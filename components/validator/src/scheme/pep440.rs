//! Python's versions: PEP 440, with all the spellings that it normalises.

use super::{numbers, Number};

/// The order of versions; each enumeration below is in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    epoch: Number,
    release: Vec<Number>,
    stage: Stage,
    post: Option<Number>,
    development: Development,
    local: Option<Vec<Local>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// A development release without a stage, which precedes the first alpha.
    Development,
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Final,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Development {
    Number(Number),
    None,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Word(String),
    Number(Number),
}

impl Rank {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let mut rest = Rest(text.strip_prefix('v').unwrap_or(&text));
        let epoch = rest.epoch()?;
        let release = numbers(rest.release())?;
        let stage = rest.stage();
        let post = rest.post();
        let development = rest.word(&["dev"]).map(|(_, number)| number);
        let local = rest.local()?;
        let stage = match (stage, &post, &development) {
            (Some(stage), _, _) => stage,
            (None, None, Some(_)) => Stage::Development,
            (None, _, _) => Stage::Final,
        };
        let development = development.map_or(Development::None, Development::Number);
        rest.0.is_empty().then_some(Self { epoch, release, stage, post, development, local })
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.stage != Stage::Final || self.development != Development::None
    }
}

/// The rest of the text. A method that finds nothing consumes nothing.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn epoch(&mut self) -> Option<Number> {
        let Some((epoch, rest)) = self.0.split_once('!') else {
            return Some(Number::default());
        };
        self.0 = rest;
        Number::parse(epoch)
    }

    /// Numbers with single dots between them; a dot before anything else belongs to what follows.
    fn release(&mut self) -> &'a str {
        let whole = self.0;
        self.digits();
        while let Some(rest) = self.0.strip_prefix('.') {
            let mut rest = Rest(rest);
            if rest.digits().is_empty() {
                break;
            }
            self.0 = rest.0;
        }
        whole.get(..whole.len() - self.0.len()).unwrap_or_default()
    }

    fn stage(&mut self) -> Option<Stage> {
        let (word, number) =
            self.word(&["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"])?;
        Some(match word {
            "alpha" | "a" => Stage::Alpha(number),
            "beta" | "b" => Stage::Beta(number),
            _ => Stage::Candidate(number),
        })
    }

    fn post(&mut self) -> Option<Number> {
        let mut rest = Rest(self.0.strip_prefix('-').unwrap_or_default());
        let Some(number) = Number::parse(rest.digits()) else {
            return self.word(&["post", "rev", "r"]).map(|(_, number)| number);
        };
        self.0 = rest.0;
        Some(number)
    }

    /// The first of some words at this place, and the number after it, 0 by default.
    fn word<'b>(&mut self, words: &[&'b str]) -> Option<(&'b str, Number)> {
        let text = separated(self.0);
        let (word, rest) = words.iter().find_map(|word| Some((*word, text.strip_prefix(word)?)))?;
        let mut behind = Rest(separated(rest));
        let number = Number::parse(behind.digits());
        self.0 = if number.is_some() { behind.0 } else { rest };
        Some((word, number.unwrap_or_default()))
    }

    /// The label after `+`; it ends the version, so anything else there is a fault.
    fn local(&mut self) -> Option<Option<Vec<Local>>> {
        let Some(label) = self.0.strip_prefix('+') else {
            return Some(None);
        };
        self.0 = "";
        let part = |text: &str| {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let word = || plain.then(|| Local::Word(text.to_owned()));
            Number::parse(text).map(Local::Number).or_else(word)
        };
        label.split(['.', '-', '_']).map(part).collect::<Option<_>>().map(Some)
    }

    fn digits(&mut self) -> &'a str {
        let rest = self.0.trim_start_matches(|any: char| any.is_ascii_digit());
        let digits = self.0.get(..self.0.len() - rest.len()).unwrap_or_default();
        self.0 = rest;
        digits
    }
}

/// A text without a leading separator.
fn separated(text: &str) -> &str {
    text.strip_prefix(['.', '-', '_']).unwrap_or(text)
}
