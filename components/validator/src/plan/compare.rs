//! Compares recorded digests with published ones.

use super::identity::of_tag;
use super::{Difference, Plan};
use crate::digest;
use crate::error::Error;
use crate::recorded::{Asset, Recorded, Release};
use crate::request::{PlanRequest, Published};
use crate::watch::{optional, Watch};

impl Published {
    /// The digest that upstream publishes, if it can be compared.
    pub(super) fn sha256(&self) -> Option<String> {
        digest::normal(self.digest.as_deref()?.strip_prefix("sha256:")?)
    }
}

/// Compare each recorded digest with the published one.
///
/// # Errors
///
/// [`Error::Answer`] if it is unclear which release a recorded version is.
pub(super) fn digests(
    request: &PlanRequest<'_>,
    recorded: Recorded<'_>,
    plan: &mut Plan,
) -> Result<(), Error> {
    for release in recorded.releases() {
        let Some(published) = of_tag(request, &tag(request.watch, release))? else {
            continue;
        };
        for (platform, asset) in release.assets() {
            compare_asset(request.watch, release, platform, asset, &published.assets, plan);
        }
    }
    Ok(())
}

/// The tag of a recorded version.
fn tag(watch: &Watch, release: Release<'_>) -> String {
    match release.text("tag") {
        "" => watch.tag_of(release.version),
        recorded => recorded.to_owned(),
    }
}

fn compare_asset(
    watch: &Watch,
    release: Release<'_>,
    platform: &str,
    asset: Asset<'_>,
    published: &[Published],
    plan: &mut Plan,
) {
    let (version, known) = (release.version, asset.text("asset"));
    let name = match known {
        "" => watch.asset_of(platform, version),
        known => Some(known.to_owned()),
    };
    let Some((name, recorded)) = name.zip(asset.digest()) else {
        return;
    };
    let Some(file) = published.iter().find(|file| file.name == name) else {
        // Only a repository lists all of its files, and only a recorded name is known to have been one.
        if watch.lists_files() && !known.is_empty() {
            plan.notes.push(format!("{name} of {version} is not published any more"));
        }
        return;
    };
    let Some(digest) = file.sha256() else {
        return;
    };
    plan.compared += 1;
    if digest != recorded {
        plan.differences.push(Difference {
            version: version.to_owned(),
            platform: platform.to_owned(),
            asset: name,
            recorded: recorded.to_owned(),
            published: digest,
            release_date: optional(release.text("release_date").to_owned()),
            updated_at: file.updated_at.clone(),
        });
    }
}
