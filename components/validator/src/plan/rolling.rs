//! A tag that upstream moves from release to release: a changed file is a new release.

use super::files::Files;
use super::identity::of_tag;
use super::unmatched::named;
use super::{Found, Plan, State};
use crate::error::Error;
use crate::recorded::Recorded;
use crate::request::{PlanRequest, Published, Release};
use crate::time::Moment;

/// Decide about the release that has the tag.
pub(super) fn decide(
    request: &PlanRequest<'_>,
    recorded: Recorded<'_>,
    now: Moment,
    plan: &mut Plan,
) -> Result<(), Error> {
    let watch = request.watch;
    let Some(release) = of_tag(request, &watch.tag)? else {
        plan.state = State::More;
        return if request.last { Err(unfound(request)) } else { Ok(()) };
    };
    let moved = moved(release);
    plan.found = Found {
        version: release.tag.clone(),
        tag: release.tag.clone(),
        id: release.id,
        date: moved.map(|moment| moment.day.to_string()),
    };
    let files = Files { watch, version: &release.tag, release };
    if is_recorded(&files, recorded, plan) {
        return Ok(());
    }
    if watch.assets.is_empty() {
        plan.state = State::Watched;
        return Ok(());
    }
    let end = moved.map(|moment| moment.later(watch.cooldown));
    if watch.cooldown > 0 && end.is_none_or(|end| end > now) {
        plan.state = State::Young;
        plan.until = end.map(|end| end.day.to_string());
        return Ok(());
    }
    files.complete(recorded, Some(&release.tag), plan)?;
    if matches!(plan.state, State::Incomplete) {
        plan.overdue(moved, watch.patience, now, &files);
    }
    Ok(())
}

/// No release has the tag.
fn unfound(request: &PlanRequest<'_>) -> Error {
    let (count, tag) = (request.releases.len(), &request.watch.tag);
    let reason = format!("none of {count} has the tag `{tag}`");
    if count == 0 {
        return Error::answer("releases", reason);
    }
    let tags = named(request.releases.iter().map(|it| &*it.tag));
    Error::entry("tag", format!("{reason}, but {tags}; write the tag that upstream moves now"))
}

/// When upstream last moved the tag; the date of the release may be that of the first move.
fn moved(release: &Release) -> Option<Moment> {
    let touched = release.assets.iter().filter_map(|file| file.touched());
    touched.chain(release.published()).max()
}

/// Whether each file is the recorded one.
fn is_recorded(files: &Files<'_>, recorded: Recorded<'_>, plan: &mut Plan) -> bool {
    let Some(known) = recorded.release(files.version) else {
        return false;
    };
    let mut same = true;
    for (platform, name) in files.present() {
        let Some(file) = files.uploaded(&name) else {
            continue;
        };
        let digest = known.asset(platform).and_then(|asset| asset.digest());
        same &= match (digest, file.sha256()) {
            (Some(digest), Some(published)) => {
                plan.compared += 1;
                digest == published
            }
            (Some(_), None) => !is_later(file, known.text("release_date")),
            (None, _) => false,
        };
    }
    same
}

/// Whether upstream changed a file on a later day.
fn is_later(file: &Published, day: &str) -> bool {
    file.touched().zip(Moment::parse(day)).is_some_and(|(now, then)| now.day > then.day)
}
