//! Newer releases that are passed over, and why.

use super::newest::{is_old, ripe};
use super::{Passed, Plan, State};
use crate::request::{PlanRequest, Release};
use crate::scheme::Version;
use crate::time::Moment;
use crate::watch::optional;

/// Why a release is passed over, and until when.
type Reason = (String, Option<String>);

/// Name the releases that are newer than the one that can be recorded, in the order of the list.
pub(super) fn over(request: &PlanRequest<'_>, now: Moment, plan: &mut Plan) {
    if matches!(plan.state, State::More) {
        return;
    }
    let own = plan.hindrance();
    if request.watch.rolling {
        let found = &plan.found;
        plan.passed_over.extend(own.map(|own| passed(Some(&found.version), &found.tag, own)));
        return;
    }
    let scheme = request.watch.scheme;
    let found = scheme.parse(&plan.found.version);
    let date =
        request.releases.iter().find(|it| it.id == plan.found.id).and_then(Release::published);
    for release in request.releases {
        let tag = release.tag.as_str();
        let version = request.watch.version_of(tag).and_then(|text| scheme.parse(text));
        let is_newer = match (&version, &found) {
            (Some(version), Some(found)) => version.outranks(found),
            _ => date.is_some_and(|date| release.published().is_some_and(|day| day > date)),
        };
        let reason = if release.id == plan.found.id {
            own.clone()
        } else if is_newer {
            reason(request, release, version.as_ref(), now)
        } else {
            None
        };
        if let Some(reason) = reason {
            plan.passed_over.push(passed(version.as_ref().map(Version::text), tag, reason));
        }
    }
}

fn passed(version: Option<&str>, tag: &str, (reason, until): Reason) -> Passed {
    Passed { version: version.map(str::to_owned), tag: tag.to_owned(), reason, until }
}

impl Plan {
    /// Why the chosen release cannot be recorded yet.
    fn hindrance(&self) -> Option<Reason> {
        match (&self.state, &self.problem) {
            (State::Young, _) => Some(("it is too young".to_owned(), self.until.clone())),
            (State::Incomplete, Some(overdue)) => Some((overdue.reason.clone(), None)),
            (State::Incomplete, None) => {
                Some((format!("it is incomplete: {} is not there", self.missing.join(", ")), None))
            }
            _ => None,
        }
    }
}

/// Why a newer release is passed over; none if it belongs to another product.
fn reason(
    request: &PlanRequest<'_>,
    release: &Release,
    version: Option<&Version>,
    now: Moment,
) -> Option<Reason> {
    let watch = request.watch;
    let Some(version) = version else {
        let is_foreign = watch.is_other(&release.tag) || release.draft;
        let reason = format!("its tag does not match `{}` by {}", watch.tag, watch.scheme.name());
        return optional(if is_foreign { String::new() } else { reason }).map(|it| (it, None));
    };
    let text = if release.draft {
        "it is a draft"
    } else if watch.ignore.iter().any(|ignored| ignored == version.text()) {
        "tools.toml ignores it"
    } else if !watch.prereleases && (release.prerelease || version.is_prerelease()) {
        "it is a prerelease"
    } else if is_old(release, watch.cooldown, now) {
        return None;
    } else {
        let until = ripe(release, watch.cooldown).map(|end| end.day.to_string());
        return Some(("it is too young".to_owned(), until));
    };
    Some((text.to_owned(), None))
}
