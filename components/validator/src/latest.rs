//! Which release of a tool is the latest one: upstream may call a backport that.

use std::cmp::Ordering;

use serde_json::Value;

/// Whether a release takes the place of the latest version of a document.
///
/// The days decide, as nothing says how a tool counts its versions. A backport comes out after what it
/// is lower than, though: of two versions that are dotted numbers, the lower one never takes the place.
pub(crate) fn supersedes(document: &Value, version: &str, release_date: &str) -> bool {
    let Some((latest, day)) = latest(document) else {
        return true;
    };
    let order = numbers(version).zip(numbers(latest)).map(|(new, old)| new.cmp(&old));
    match release_date.cmp(day) {
        Ordering::Less => false,
        Ordering::Equal => order == Some(Ordering::Greater),
        Ordering::Greater => order != Some(Ordering::Less),
    }
}

/// The latest version and the day of its release.
fn latest(document: &Value) -> Option<(&str, &str)> {
    let version = document.get("latest_version")?.as_str()?;
    let release = document.get("versions")?.get(version)?;
    Some((version, release.get("release_date")?.as_str()?))
}

/// The parts of a version like `1.2.3` or `129`.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}
