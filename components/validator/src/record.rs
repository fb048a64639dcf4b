//! Adding a release to a tool file.

use serde_json::{Map, Value};

pub use crate::bindings::exports::doit_wasm::updater::documents::Recorded as Added;
use crate::checks;
use crate::digest;
use crate::error::Error;
use crate::json;
use crate::node::below;
use crate::predecessor::Predecessor;
use crate::recorded::Recorded;
use crate::request::{Confirmed, ConfirmedRelease};
use crate::watch::{Site, Source, Watch};

/// Add a release to a tool file and return the checked result in canonical form.
///
/// A tool without a file gets one. Unknown fields survive. The release becomes the
/// latest version only if it is newer by the tool's scheme.
///
/// # Errors
///
/// [`Error::Mismatch`] if the version is recorded already with another digest and its tag is not a
/// rolling one, [`Error::Answer`] if the release breaks a rule, [`Error::Invalid`] if the rest of the
/// document does.
pub fn add(watch: &Watch, text: Option<&str>, release: &ConfirmedRelease) -> Result<Added, Error> {
    let mut document = match text {
        None => Map::new().into(),
        Some(text) => json::parse(text)?,
    };
    let before = document.clone();
    let tool = object(&mut document, "document")?;
    introduce(tool, watch);
    let versions = child(tool, "versions", "")?;
    let place = below("versions", &release.version);
    let entry = child(versions, &release.version, "versions")?;
    entry.insert("release_date".into(), release.date.as_str().into());
    entry.insert("tag".into(), release.tag.as_str().into());
    let platforms = child(entry, "platforms", &place)?;
    let place = below(&place, "platforms");
    for asset in &release.files {
        let platform = &asset.platform;
        let entry = child(platforms, platform, &place)?;
        if !watch.rolling {
            unchanged(entry, asset, &below(&place, platform))?;
        }
        let predecessor = Predecessor::find(&before, platform, watch.scheme);
        write(entry, asset, predecessor.as_ref(), &release.version);
    }
    if supersedes(watch, Recorded(&before).latest(), &release.version) {
        tool.insert("latest_version".into(), release.version.as_str().into());
    }
    tool.insert("supported_platforms".into(), union(tool));
    checks::approve_release(&release.version, &document, watch)?;
    let text = checks::approve(&watch.tool, &document, Some(watch))?;
    Ok(Added { text, latest: Recorded(&document).latest().to_owned() })
}

/// Fill in the tool and its source, unless the document has them.
fn introduce(tool: &mut Map<String, Value>, watch: &Watch) {
    tool.entry("tool_name").or_insert_with(|| watch.tool.as_str().into());
    if tool.contains_key("github_repo") || tool.contains_key("download_base") {
        return;
    }
    let (name, origin) = match &watch.source {
        Source::Github(repository) => ("github_repo", repository),
        Source::Go(base) | Source::Nodejs(Site { base, .. }) => ("download_base", base),
    };
    tool.insert(name.into(), origin.as_str().into());
}

/// Whether a release takes the place of the latest version: upstream may release a backport.
fn supersedes(watch: &Watch, latest: &str, version: &str) -> bool {
    let (latest, version) = (watch.scheme.parse(latest), watch.scheme.parse(version));
    watch.rolling
        || latest.is_none_or(|latest| version.is_some_and(|version| version.outranks(&latest)))
}

fn object<'a>(value: &'a mut Value, place: &str) -> Result<&'a mut Map<String, Value>, Error> {
    value.as_object_mut().ok_or_else(|| Error::invalid(place, "must be an object"))
}

/// The object in a field, created if missing.
fn child<'a>(
    parent: &'a mut Map<String, Value>,
    name: &str,
    place: &str,
) -> Result<&'a mut Map<String, Value>, Error> {
    let value = parent.entry(name).or_insert_with(|| Map::new().into());
    object(value, &below(place, name))
}

/// Refuse to replace a digest that somebody relies on.
fn unchanged(entry: &Map<String, Value>, asset: &Confirmed, place: &str) -> Result<(), Error> {
    let recorded = entry.get("sha256").and_then(Value::as_str).unwrap_or_default();
    if recorded == asset.sha256 || digest::fault(recorded).is_some() {
        return Ok(());
    }
    Err(Error::Mismatch {
        place: below(place, "sha256"),
        recorded: recorded.to_owned(),
        got: asset.sha256.clone(),
    })
}

fn write(
    entry: &mut Map<String, Value>,
    asset: &Confirmed,
    predecessor: Option<&Predecessor<'_>>,
    version: &str,
) {
    let suffix = predecessor.map_or(asset.asset.as_str(), |it| it.suffix(&asset.asset, version));
    entry.entry("url_suffix").or_insert_with(|| suffix.into());
    for (name, value) in predecessor.into_iter().flat_map(Predecessor::carried) {
        entry.entry(name).or_insert_with(|| value.clone());
    }
    // Facts about another digest or the size of another file no longer hold.
    if entry.get("sha256").is_some_and(|recorded| *recorded != *asset.sha256) {
        entry.remove("confirmed_by");
        entry.remove("size");
    }
    let known = entry.get("confirmed_by").and_then(Value::as_array).into_iter().flatten();
    let known = known.filter_map(Value::as_str).map(str::to_owned);
    let mut confirmed = Map::new();
    confirmed.extend(asset.confirmed_by.iter().cloned().chain(known).map(|who| (who, Value::Null)));
    entry.insert("confirmed_by".into(), keys(&confirmed));
    entry.insert("asset".into(), asset.asset.as_str().into());
    entry.insert("sha256".into(), asset.sha256.as_str().into());
    if let Some(size) = asset.size {
        entry.insert("size".into(), size.into());
    }
}

/// The platforms that any version has.
fn union(tool: &Map<String, Value>) -> Value {
    let versions = tool.get("versions").and_then(Value::as_object).into_iter().flatten();
    let platforms = versions.filter_map(|(_, release)| release.get("platforms")?.as_object());
    let mut names = Map::new();
    names.extend(platforms.flat_map(Map::keys).map(|name| (name.clone(), Value::Null)));
    keys(&names)
}

/// The keys of an object, which are sorted, as a list.
fn keys(object: &Map<String, Value>) -> Value {
    object.keys().map(String::as_str).collect()
}
