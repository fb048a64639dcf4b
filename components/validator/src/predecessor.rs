//! The entry of a platform in an earlier version, and what of it holds for the next one.

use serde_json::{Map, Value};

use crate::scheme::Scheme;

/// Fields about the use of the file, which hold for the next version, too.
const CARRIED: [&str; 4] = ["binary", "binary_path", "npm_path", "platform_name"];

/// The entry of a platform in an earlier version.
pub(crate) struct Predecessor<'a> {
    version: &'a str,
    fields: &'a Map<String, Value>,
}

impl<'a> Predecessor<'a> {
    /// Find the entry of a platform in the latest version, or else in the highest that has it.
    pub(crate) fn find(document: &'a Value, platform: &str, scheme: Scheme) -> Option<Self> {
        let latest = document.get("latest_version").and_then(Value::as_str);
        let versions = document.get("versions")?.as_object()?;
        let entry = |version: &'a str| {
            let fields = versions.get(version)?.get("platforms")?.get(platform)?.as_object()?;
            Some(Self { version, fields })
        };
        latest.and_then(entry).or_else(|| {
            let others = versions.keys().filter_map(|version| entry(version));
            others.max_by_key(|other| scheme.parse(other.version))
        })
    }

    /// The fields that hold for the next version, too.
    pub(crate) fn carried(&self) -> impl Iterator<Item = (&'static str, &'a Value)> {
        let fields = self.fields;
        CARRIED.into_iter().filter_map(|name| Some((name, fields.get(name)?)))
    }

    /// The `url_suffix` of an asset of the next version: what follows the part that readers of the
    /// peer's format put before it.
    pub(crate) fn suffix<'b>(&self, asset: &'b str, version: &str) -> &'b str {
        let field = |name| self.fields.get(name).and_then(Value::as_str);
        let next = |text: &str| text.replace(self.version, version);
        let Some(suffix) = field("url_suffix") else {
            return asset;
        };
        let start = match field("asset").and_then(|old| old.strip_suffix(suffix)) {
            Some(head) => asset.starts_with(&next(head)).then(|| next(head).len()),
            None => asset.strip_suffix(&next(suffix)).map(str::len),
        };
        start.and_then(|start| asset.get(start..)).unwrap_or(asset)
    }
}
