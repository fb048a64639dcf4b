//! Dotted numbers of any count.

use super::{numbers, Number};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(Vec<Number>);

impl Rank {
    pub(super) fn parse(text: &str) -> Option<Self> {
        numbers(text).map(Self)
    }
}
