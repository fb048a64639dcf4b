//! Which release is the one to record: the newest by the scheme of the tool that is allowed.

use std::cmp::Ordering;

use super::files::Files;
use super::identity::of_tag;
use super::unmatched::{first, named, unmatched};
use super::{Found, Plan, State};
use crate::error::Error;
use crate::findings::Finding;
use crate::recorded::Recorded;
use crate::request::{PlanRequest, Release};
use crate::scheme::Version;
use crate::time::Moment;
use crate::watch::Watch;

/// A release that may be recorded.
pub(super) struct Candidate<'a> {
    pub(super) version: Version,
    pub(super) release: &'a Release,
}

/// How many releases may not be recorded, by the reason.
#[derive(Default)]
struct Refused<'a> {
    drafts: usize,
    prereleases: usize,
    ignored: usize,
    foreign: Vec<&'a str>,
}

/// Decide about releases whose tags are versions.
///
/// # Errors
///
/// [`Error::Entry`] or [`Error::Answer`] if no release fits, and what [`Files::complete`] returns.
pub(super) fn decide(
    request: &PlanRequest<'_>,
    recorded: Recorded<'_>,
    now: Moment,
    plan: &mut Plan,
) -> Result<(), Error> {
    let (candidates, refused) = candidates(request);
    let Some(newest) = highest(candidates.iter()) else {
        plan.state = State::More;
        return if request.last { Err(refused.error(request)) } else { Ok(()) };
    };
    choose(request, recorded, now, &candidates, newest, plan)?;
    if let Some((key, reason)) = unmatched(request, &candidates, newest, recorded.latest()) {
        if matches!(plan.state, State::Current) {
            plan.state = State::Unmatched;
            plan.problem = Some(Finding { place: key.to_owned(), reason });
        } else {
            plan.notes.push(reason);
        }
    }
    Ok(())
}

/// Choose among releases that may be recorded.
fn choose(
    request: &PlanRequest<'_>,
    recorded: Recorded<'_>,
    now: Moment,
    candidates: &[Candidate<'_>],
    newest: &Candidate<'_>,
    plan: &mut Plan,
) -> Result<(), Error> {
    plan.describe(newest);
    let before = request.watch.scheme.parse(recorded.latest());
    let is_newer =
        |it: &&Candidate<'_>| before.as_ref().is_none_or(|before| it.version.outranks(before));
    if !is_newer(&newest) {
        current(request, recorded, newest, before.as_ref(), plan);
        return Ok(());
    }
    if request.watch.assets.is_empty() {
        plan.state = State::Watched;
        return Ok(());
    }
    let days = request.watch.cooldown;
    let newer = candidates.iter().filter(is_newer);
    let Some(chosen) = highest(newer.filter(|it| is_old(it.release, days, now))) else {
        plan.state = State::Young;
        plan.until = ripe(newest.release, days).map(|end| end.day.to_string());
        return Ok(());
    };
    of_tag(request, &chosen.release.tag)?;
    plan.describe(chosen);
    if chosen.version != newest.version {
        plan.notes.push(match ripe(newest.release, days) {
            Some(end) => format!("{} is too young until {}", newest.version.text(), end.day),
            None => format!("{} has no date, and so is too young", newest.version.text()),
        });
    }
    let files = chosen.files(request.watch);
    files.complete(recorded, before.as_ref().map(Version::text), plan)?;
    if matches!(plan.state, State::Incomplete) {
        let newer = candidates.iter().filter(is_newer);
        let days = request.watch.patience;
        plan.overdue(since(request.watch, newer, chosen), days, now, &files);
    }
    Ok(())
}

/// Since when no newer release, up to the chosen one, has been complete.
fn since<'a, 'b>(
    watch: &'b Watch,
    newer: impl Iterator<Item = &'b Candidate<'a>>,
    chosen: &'b Candidate<'a>,
) -> Option<Moment>
where
    'a: 'b,
{
    let newer: Vec<_> = newer.filter(|it| it.version <= chosen.version).collect();
    let whole = newer.iter().filter(|it| it.files(watch).is_whole()).map(|it| &it.version).max();
    let incomplete = newer.iter().filter(|it| Some(&it.version) > whole);
    incomplete.filter_map(|it| it.release.published()).min()
}

impl<'a> Candidate<'a> {
    fn files(&'a self, watch: &'a Watch) -> Files<'a> {
        Files { watch, version: self.version.text(), release: self.release }
    }
}

impl Plan {
    fn describe(&mut self, candidate: &Candidate<'_>) {
        let published = candidate.release.published();
        self.found = Found {
            version: candidate.version.text().to_owned(),
            tag: candidate.release.tag.clone(),
            id: candidate.release.id,
            date: published.map(|moment| moment.day.to_string()),
        };
    }
}

/// The newest of some releases.
fn highest<'a, 'b>(candidates: impl Iterator<Item = &'b Candidate<'a>>) -> Option<&'b Candidate<'a>>
where
    'a: 'b,
{
    // The last one of releases whose versions the scheme treats as equal.
    candidates.max_by(|one, other| {
        let (a, b) = (&one.version, &other.version);
        let is_same = !a.outranks(b) && !b.outranks(a);
        let date = if is_same {
            one.release.published_at.cmp(&other.release.published_at)
        } else {
            Ordering::Equal
        };
        date.then_with(|| a.cmp(b))
    })
}

/// The releases that may be recorded.
fn candidates<'a>(request: &'a PlanRequest<'a>) -> (Vec<Candidate<'a>>, Refused<'a>) {
    let watch = request.watch;
    let (mut candidates, mut refused) = (Vec::new(), Refused::default());
    for release in request.releases {
        let version = watch.version_of(&release.tag).and_then(|text| watch.scheme.parse(text));
        let Some(version) = version else {
            refused.foreign.push(&release.tag);
            continue;
        };
        if release.draft {
            refused.drafts += 1;
        } else if watch.ignore.iter().any(|ignored| ignored == version.text()) {
            refused.ignored += 1;
        } else if !watch.prereleases && (release.prerelease || version.is_prerelease()) {
            refused.prereleases += 1;
        } else {
            candidates.push(Candidate { version, release });
        }
    }
    (candidates, refused)
}

/// There is nothing newer; add notes for the user.
fn current(
    request: &PlanRequest<'_>,
    recorded: Recorded<'_>,
    newest: &Candidate<'_>,
    before: Option<&Version>,
    plan: &mut Plan,
) {
    if before.is_some_and(|before| before.outranks(&newest.version)) {
        plan.notes.push(format!(
            "{} is recorded, but the newest release is {}",
            recorded.latest(),
            newest.version.text()
        ));
        return;
    }
    let files = newest.files(request.watch);
    for (platform, asset) in files.present() {
        let release = recorded.release(newest.version.text());
        if release.is_some_and(|release| release.asset(platform).is_none()) {
            plan.notes.push(format!("{platform} is not recorded, but {asset} is published"));
        }
    }
}

/// When the cooldown of a release ends; none if its date is unknown.
pub(super) fn ripe(release: &Release, days: u32) -> Option<Moment> {
    release.published().map(|moment| moment.later(days))
}

/// A release without a date is old enough only if there is no cooldown.
pub(super) fn is_old(release: &Release, days: u32, now: Moment) -> bool {
    days == 0 || ripe(release, days).is_some_and(|end| end <= now)
}

impl Refused<'_> {
    fn error(&self, request: &PlanRequest<'_>) -> Error {
        let (tag, scheme) = (&request.watch.tag, request.watch.scheme.name());
        let count = request.releases.len();
        let mut reason = format!("none of {count} is a release `{tag}` with a version by {scheme}");
        for (count, what) in
            [(self.drafts, "drafts"), (self.prereleases, "prereleases"), (self.ignored, "ignored")]
        {
            if count > 0 {
                reason += &format!(", {count} {what}");
            }
        }
        if self.foreign.is_empty() {
            let is_ready = self.prereleases > 0 || self.ignored > 0;
            if self.prereleases > 0 {
                reason += "; `prereleases = true` takes those";
            }
            return if is_ready {
                Error::entry("releases", reason)
            } else {
                Error::answer("releases", reason)
            };
        }
        reason += &format!(
            "; {} with other tags, as {} (a tag that upstream moves must be declared `rolling`)",
            self.foreign.len(),
            named(self.foreign.iter().copied())
        );
        if let Some(remedy) = self.foreign.iter().find_map(|tag| first(request.watch, tag)) {
            reason += &format!("; {remedy}");
        }
        Error::entry("tag", reason)
    }
}
