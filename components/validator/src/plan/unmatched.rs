//! Newer releases that the tool's entry does not match: upstream changed its tags or versions.

use super::newest::Candidate;
use crate::request::{PlanRequest, Release};
use crate::scheme::{Scheme, Version};
use crate::time::Moment;
use crate::watch::Watch;

/// How many tags a message names.
const NAMED: usize = 3;
/// Words before a version that name nothing.
const GENERIC: [&str; 9] =
    ["v", "ver", "version", "r", "rel", "release", "releases", "stable", "tag"];
/// Words of prereleases, in any scheme.
const EARLY: [&str; 12] = [
    "rc", "alpha", "beta", "pre", "dev", "nightly", "snapshot", "canary", "test", "next", "edge",
    "unstable",
];

/// Return what to correct in the entry, and why; none if no newer release is missed.
///
/// A repository may hold other products with their own tags. Their tags alternate with those of the
/// tool; tags that replace others begin where these end.
pub(super) fn unmatched(
    request: &PlanRequest<'_>,
    candidates: &[Candidate<'_>],
    newest: &Candidate<'_>,
    recorded: &str,
) -> Option<(&'static str, String)> {
    let known = Known::of(request, candidates, newest);
    let mut left: Vec<&Release> = Vec::new();
    for release in request.releases.iter().filter(|it| known.misses(it)) {
        // A sort would take more code than all this.
        let at = left.iter().position(|other| other.published_at < release.published_at);
        if left.iter().all(|other| other.id != release.id) {
            left.insert(at.unwrap_or(left.len()), release);
        }
    }
    known.remedy(&left, recorded).or_else(|| rebuilt(request, candidates, recorded))
}

/// The known facts about the tool's tags.
struct Known<'a> {
    request: &'a PlanRequest<'a>,
    newest: &'a Version,
    /// When the first and the last release of the tool were published, of those that are listed.
    first: Option<Moment>,
    last: Option<Moment>,
    /// What stands before the versions of tags that were there before the last release of the tool.
    others: Vec<&'a str>,
}

impl<'a> Known<'a> {
    fn of(
        request: &'a PlanRequest<'a>,
        candidates: &[Candidate<'_>],
        newest: &'a Candidate<'a>,
    ) -> Self {
        let moments = || candidates.iter().filter_map(|it| it.release.published());
        let last = moments().max();
        let older = request
            .releases
            .iter()
            .filter(|it| !it.draft && it.published().is_some_and(|then| Some(then) <= last));
        let foreign = older.filter(|it| request.watch.version_of(&it.tag).is_none());
        let others = foreign.map(|it| split(&it.tag).0).collect();
        Self { request, newest: &newest.version, first: moments().min(), last, others }
    }

    /// Whether a release seems to be a newer one that the tool's entry does not match.
    fn misses(&self, release: &Release) -> bool {
        let watch = &self.request.watch;
        let matched = watch.version_of(&release.tag);
        let (prefix, text) = split(&release.tag);
        let is_ours = matched.is_some_and(|text| watch.scheme.parse(text).is_some());
        let text = matched.unwrap_or(text);
        let is_early = release.prerelease || is_early(text);
        if release.draft
            || is_ours
            || (is_early && !watch.prereleases)
            || !release.tag.contains(|any: char| any.is_ascii_digit())
            || watch.ignore.iter().any(|ignored| ignored == text)
            || watch.is_other(&release.tag)
        {
            return false;
        }
        let published = release.published();
        let is_later = published > self.last && self.last.is_some();
        if matched.is_some() {
            return is_later;
        }
        let own = watch.tag.split('{').next().unwrap_or_default();
        let is_family = prefix == own || (is_generic(prefix) && is_generic(own));
        let is_higher = watch.scheme.parse(text).is_some_and(|it| it.outranks(self.newest));
        (is_family && is_higher && published > self.first)
            || (is_later && !self.others.contains(&prefix))
            || (is_later && is_family && watch.scheme.parse(text).is_none())
    }

    /// What to correct in the entry, given the releases that it misses, the newest first.
    fn remedy(&self, left: &[&Release], recorded: &str) -> Option<(&'static str, String)> {
        let watch = &self.request.watch;
        let newest = left.first()?;
        let tags = named(left.iter().map(|it| &*it.tag));
        let releases = match left.len() {
            1 => "1 newer release has".to_owned(),
            count => format!("{count} newer releases have"),
        };
        if let Some(version) = watch.version_of(&newest.tag) {
            let (by, remedy) = (watch.scheme.name(), scheme(&[version, recorded]));
            let remedy = remedy.unwrap_or_else(|| "watch them as another tool".to_owned());
            let reason = format!(
                "{releases} a version that {by} does not understand: {tags}; {remedy}, or name them \
                 in `other_tags`"
            );
            return Some(("scheme", reason));
        }
        let reason = format!(
            "{releases} another tag than `{}`: {tags}; {} if they are of this tool, or name them in \
             `other_tags`",
            watch.tag,
            pattern(watch, &newest.tag, recorded)
        );
        Some(("tag", reason))
    }
}

/// What to write so that the entry matches a tag.
fn pattern(watch: &Watch, tag: &str, recorded: &str) -> String {
    let (prefix, version) = split(tag);
    let scheme = scheme(&[version, recorded]).filter(|_| watch.scheme.parse(version).is_none());
    let scheme = scheme.map(|remedy| format!(" and {remedy}")).unwrap_or_default();
    format!("write `tag = \"{prefix}{{version}}\"`{scheme}")
}

/// What to write so that the newest release of a repository is one of the tool, of which none is; none
/// if its tag has no version in it.
pub(super) fn first(watch: &Watch, tag: &str) -> Option<String> {
    match watch.version_of(tag) {
        Some(version) => scheme(&[version]),
        None if tag.contains(|any: char| any.is_ascii_digit()) => Some(pattern(watch, tag, "")),
        None => None,
    }
}

/// Releases that differ from the recorded one in what the scheme does not compare: build metadata.
fn rebuilt(
    request: &PlanRequest<'_>,
    candidates: &[Candidate<'_>],
    recorded: &str,
) -> Option<(&'static str, String)> {
    let before = request.watch.scheme.parse(recorded)?;
    let then = candidates.iter().find(|it| it.version == before)?;
    let then = then.release.published()?;
    let is_later = |it: &&Candidate<'_>| {
        !it.version.outranks(&before)
            && !before.outranks(&it.version)
            && it.release.published().is_some_and(|now| now > then)
    };
    let later: Vec<&Candidate<'_>> = candidates.iter().filter(is_later).collect();
    let newest = later.iter().max_by_key(|it| &it.release.published_at)?;
    let named = named(later.iter().map(|it| &*it.release.tag));
    let by = request.watch.scheme.name();
    let remedy = scheme(&[newest.version.text(), recorded]);
    let remedy = remedy.unwrap_or_else(|| "watch them as another tool".to_owned());
    let reason = format!(
        "{named} came after {recorded}, and {by} holds them for the same version; {remedy}"
    );
    Some(("scheme", reason))
}

/// What to write so that some versions are understood, each newer than the next; empty ones say nothing.
fn scheme(versions: &[&str]) -> Option<String> {
    let versions: Vec<&str> = versions.iter().copied().filter(|text| !text.is_empty()).collect();
    let orders = |scheme: &Scheme| {
        let parsed: Option<Vec<Version>> = versions.iter().map(|text| scheme.parse(text)).collect();
        parsed.is_some_and(|parsed| parsed.is_sorted_by(|new, old| new.outranks(old)))
    };
    let known = Scheme::NAMES.iter().filter_map(|name| Scheme::named(name));
    let scheme = known.into_iter().find(orders)?;
    Some(format!("write `scheme = \"{}\"`", scheme.name()))
}

/// The first of some tags.
pub(super) fn named<'a>(tags: impl Iterator<Item = &'a str>) -> String {
    let tags: Vec<String> = tags.take(NAMED).map(|tag| format!("`{tag}`")).collect();
    tags.join(", ")
}

/// The text before the version in a tag, and the version.
fn split(tag: &str) -> (&str, &str) {
    let bytes = tag.as_bytes();
    let at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied();
    let is_start = |start: usize| {
        let (before, earlier) = (at(start.checked_sub(1)), at(start.checked_sub(2)));
        let ends_word = |byte: Option<u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let is_dotted = {
            let rest = tag.get(start..).unwrap_or_default();
            let rest = rest.trim_start_matches(|any: char| any.is_ascii_digit());
            rest.strip_prefix('.')
                .is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
        };
        ends_word(before)
            || (matches!(before, Some(b'v' | b'V')) && ends_word(earlier))
            || is_dotted
    };
    let digits = || tag.char_indices().filter(|(_, it)| it.is_ascii_digit()).map(|(at, _)| at);
    let start = digits().find(|at| is_start(*at)).or_else(|| digits().next());
    tag.split_at_checked(start.unwrap_or(tag.len())).unwrap_or((tag, ""))
}

/// Whether the text before a version names nothing.
fn is_generic(prefix: &str) -> bool {
    let prefix = prefix.to_ascii_lowercase();
    let mut words = prefix.split(|any: char| !any.is_ascii_alphanumeric());
    words.all(|word| word.is_empty() || GENERIC.contains(&word))
}

/// Whether a version is a prerelease.
fn is_early(version: &str) -> bool {
    let version = version.to_ascii_lowercase();
    let mut words = version.split(|any: char| !any.is_ascii_alphabetic());
    words.any(|word| EARLY.contains(&word))
}
