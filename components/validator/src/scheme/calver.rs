//! Versions that are dates: `24.04.1`, `2026.1.15`, `20260115`, `2026-01-15T16-07-38Z`, `2026a`.
//!
//! The first number is a year of two or four digits, or a date without separators. Numbers follow, then
//! perhaps one word: of a stage before the release (`rc1`, `beta2`), of a revision behind it (`post1`,
//! `p2`, a single letter), or one that says nothing (`LTS`).

use std::ops::RangeInclusive;

use super::{parts, Number, Part};

/// The most significant field first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    numbers: Vec<Number>,
    stage: Stage,
}

/// In ascending order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Development(Number),
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Final,
    Revision(Number),
}

impl Rank {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let end = text.find(|any: char| !any.is_ascii_digit()).unwrap_or(text.len());
        let (first, rest) = text.split_at_checked(end)?;
        let mut numbers = date(first)?;
        let mut stage = None;
        let mut parts = parts(rest).into_iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Number(number) if stage.is_none() => numbers.push(number),
                Part::Word(word) if word == "T" && parts.peek().is_some() && stage.is_none() => {}
                Part::Word(word) if stage.is_none() => {
                    let number = match parts.next() {
                        Some(Part::Number(number)) => Some(number),
                        None => None,
                        Some(Part::Word(_)) => return None,
                    };
                    stage = Some(named(&word, number)?);
                }
                Part::Number(_) | Part::Word(_) => return None,
            }
        }
        while numbers.last().is_some_and(Number::is_zero) {
            numbers.pop();
        }
        Some(Self { numbers, stage: stage.unwrap_or(Stage::Final) })
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.stage < Stage::Final
    }
}

/// Return the year that digits are, and the month, day and time that they may go on with.
fn date(digits: &str) -> Option<Vec<Number>> {
    match digits.len() {
        2 => split(digits, 2),
        4 | 6 => split(digits, 4).or_else(|| split(digits, 2)),
        8.. => split(digits, 4),
        _ => None,
    }
}

/// Split digits behind a year of some digits.
fn split(digits: &str, width: usize) -> Option<Vec<Number>> {
    let (year, rest) = digits.split_at_checked(width)?;
    let century = if width == 2 { 2000 } else { 0 };
    let mut numbers = vec![within(year, century, 1980..=2199)?];
    let (month, rest) = rest.split_at_checked(2).unwrap_or_default();
    let (day, time) = rest.split_at_checked(2).unwrap_or_default();
    for (text, most) in [(month, 12), (day, 31)] {
        if !text.is_empty() {
            numbers.push(within(text, 0, 1..=most)?);
        }
    }
    numbers.extend(Number::parse(time));
    Some(numbers)
}

/// Return the number that digits are, counted from another one, if it is in a range.
fn within(digits: &str, base: u32, range: RangeInclusive<u32>) -> Option<Number> {
    let number = base + digits.parse::<u32>().ok()?;
    range.contains(&number).then(|| number.into())
}

/// The meaning of a word in a version.
fn named(word: &str, number: Option<Number>) -> Option<Stage> {
    let word = word.to_ascii_lowercase();
    let count = number.clone().unwrap_or_default();
    Some(match word.as_str() {
        "z" | "lts" | "final" | "ga" | "stable" if number.is_none() => Stage::Final,
        "dev" | "nightly" | "snapshot" | "canary" | "edge" => Stage::Development(count),
        "a" if number.is_some() => Stage::Alpha(count),
        "b" if number.is_some() => Stage::Beta(count),
        "alpha" => Stage::Alpha(count),
        "beta" => Stage::Beta(count),
        "c" if number.is_some() => Stage::Candidate(count),
        "rc" | "pre" | "preview" => Stage::Candidate(count),
        "post" | "patch" | "hotfix" | "rev" | "build" | "update" => Stage::Revision(count),
        "p" | "r" | "u" if number.is_some() => Stage::Revision(count),
        letter if letter.len() == 1 && number.is_none() => {
            Stage::Revision(u32::from(*letter.as_bytes().first()?).into())
        }
        _ => return None,
    })
}
