//! Finds the name that a mistyped one was meant to be.

/// Return the known name that is nearest to the typed one, if any is near enough.
pub(crate) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = typed.chars().count().div_ceil(3);
    let found = known.into_iter().map(|name| (distance(typed, name), name)).min()?;
    (found.0 <= allowed).then_some(found.1)
}

/// How many letters must be inserted, removed or replaced to turn one name into the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut next = vec![index + 1];
        for ((above, window), against) in row.iter().skip(1).zip(&row).zip(other.chars()) {
            let left = next.last().copied().unwrap_or_default();
            next.push((above + 1).min(left + 1).min(window + usize::from(letter != against)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let known = ["list", "check", "update", "validate"];
        let cases = [
            ("lst", Some("list")),
            ("lists", Some("list")),
            ("chekc", Some("check")),
            ("updat", Some("update")),
            ("valdiate", Some("validate")),
            ("frobnicate", None),
            ("x", None),
            ("", None),
        ];
        for (typed, meant) in cases {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        assert_eq!(nearest("list", []), None);
    }

    #[test]
    fn the_distance_counts_letters_and_is_the_same_both_ways() {
        for (one, other, count) in
            [("", "", 0), ("", "ab", 2), ("kitten", "sitting", 3), ("wac", "wkg", 2), ("é", "e", 1)]
        {
            assert_eq!(distance(one, other), count, "{one} {other}");
            assert_eq!(distance(other, one), count, "{other} {one}");
        }
    }
}
