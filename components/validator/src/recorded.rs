//! A tool file: the recorded facts of each version.

use serde_json::{Map, Value};

use crate::digest;

/// A view of a document, without what does not fit the format.
#[derive(Clone, Copy)]
pub(crate) struct Recorded<'a>(pub(crate) &'a Value);

/// One recorded version.
#[derive(Clone, Copy)]
pub(crate) struct Release<'a> {
    pub(crate) version: &'a str,
    fields: &'a Map<String, Value>,
}

impl<'a> Recorded<'a> {
    /// The latest version; empty if there is none.
    pub(crate) fn latest(self) -> &'a str {
        text(self.0.get("latest_version"))
    }

    /// A field of the document; empty if missing.
    pub(crate) fn text(self, name: &str) -> &'a str {
        text(self.0.get(name))
    }

    /// All versions.
    pub(crate) fn releases(self) -> impl Iterator<Item = Release<'a>> {
        let versions = self.0.get("versions").and_then(Value::as_object).into_iter().flatten();
        versions.filter_map(|(version, entry)| {
            Some(Release { version: version.as_str(), fields: entry.as_object()? })
        })
    }

    /// One version.
    pub(crate) fn release(self, version: &str) -> Option<Release<'a>> {
        self.releases().find(|release| release.version == version)
    }
}

impl<'a> Release<'a> {
    /// A field of the version; empty if missing.
    pub(crate) fn text(self, name: &str) -> &'a str {
        text(self.fields.get(name))
    }

    /// Its platforms with their files.
    pub(crate) fn assets(self) -> impl Iterator<Item = (&'a str, Asset<'a>)> {
        let platforms = self.fields.get("platforms").and_then(Value::as_object);
        let fields = platforms.into_iter().flatten();
        fields.filter_map(|(name, entry)| Some((name.as_str(), Asset(entry.as_object()?))))
    }

    /// The file of a platform.
    pub(crate) fn asset(self, platform: &str) -> Option<Asset<'a>> {
        self.assets().find(|(name, _)| *name == platform).map(|(_, asset)| asset)
    }
}

/// The recorded file of a platform.
#[derive(Clone, Copy)]
pub(crate) struct Asset<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Asset<'a> {
    /// A field of the entry; empty if missing.
    pub(crate) fn text(self, name: &str) -> &'a str {
        text(self.0.get(name))
    }

    /// Its digest; none if the recorded value cannot be one.
    pub(crate) fn digest(self) -> Option<&'a str> {
        Some(self.text("sha256")).filter(|text| digest::fault(text).is_none())
    }
}

fn text(field: Option<&Value>) -> &str {
    field.and_then(Value::as_str).unwrap_or_default()
}
