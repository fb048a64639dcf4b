//! Which release a tag stands for.
//!
//! A tag does not identify a release: a draft may carry the tag of a published release, and users with
//! push access see both. A list that grows while its pages are read shows a release twice.

use crate::error::Error;
use crate::request::{PlanRequest, Release};

/// Return the published release of a tag; none if there is none.
///
/// Of a release and a prerelease with one tag, the one that the tool may record counts.
///
/// # Errors
///
/// [`Error::Answer`] if several releases are published under the tag.
pub(super) fn of_tag<'a>(
    request: &PlanRequest<'a>,
    tag: &str,
) -> Result<Option<&'a Release>, Error> {
    let published = || request.releases.iter().filter(|it| !it.draft && it.tag == tag);
    let full = published().find(|it| !it.prerelease).filter(|_| !request.watch.prereleases);
    let Some(first) = full.or_else(|| published().next()) else {
        return Ok(None);
    };
    let rival =
        published().filter(|it| full.is_none() || !it.prerelease).find(|it| it.id != first.id);
    match rival {
        Some(rival) => Err(Error::answer(
            "releases",
            format!(
                "{} and {} are both published under the tag `{tag}`; ask upstream to delete one",
                first.id, rival.id
            ),
        )),
        None => Ok(Some(first)),
    }
}
