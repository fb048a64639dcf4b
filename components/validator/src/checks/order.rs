//! Relations between versions, by the scheme that `tools.toml` declares.

use serde_json::{Map, Value};

use crate::findings::Findings;
use crate::node::{below, Node};
use crate::scheme::Version;
use crate::watch::Watch;

/// The versions of a document. Those of a rolling tool cannot be compared.
pub(super) struct Order<'a> {
    watch: &'a Watch,
    versions: Vec<(Version, &'a Node<'a>)>,
    unknown: Vec<&'a Node<'a>>,
}

impl<'a> Order<'a> {
    pub(super) fn of(versions: &'a [(&'a String, Node<'a>)], watch: &'a Watch) -> Self {
        let mut order = Self { watch, versions: Vec::new(), unknown: Vec::new() };
        for (name, node) in versions.iter().filter(|_| !watch.rolling) {
            match watch.scheme.parse(name) {
                Some(version) => order.versions.push((version, node)),
                None => order.unknown.push(node),
            }
        }
        order
    }

    /// Check all versions, or only one of them.
    pub(super) fn check(&self, only: Option<&str>, findings: &mut Findings) {
        let wanted =
            |node: &Node<'_>| only.is_none_or(|name| node.place == below("versions", name));
        let scheme = self.watch.scheme.name();
        for node in self.unknown.iter().filter(|node| wanted(node)) {
            let reason = format!("is no version by {scheme}, the scheme that tools.toml declares");
            findings.add(node.place(), reason);
        }
        for (version, node) in self.versions.iter().filter(|(_, node)| wanted(node)) {
            if let Some(earlier) = self.before(version) {
                self.vanished(earlier, node, findings);
            }
        }
    }

    /// The version that comes before another.
    fn before(&self, version: &Version) -> Option<&(Version, &'a Node<'a>)> {
        let earlier = self.versions.iter().filter(|(other, _)| other < version);
        earlier.max_by(|(one, _), (other, _)| one.cmp(other))
    }

    /// A platform of one version may not be missing from the next one.
    fn vanished(&self, earlier: &(Version, &Node<'_>), node: &Node<'_>, findings: &mut Findings) {
        let (version, earlier) = (earlier.0.text(), platforms(earlier.1));
        let Some(now) = platforms(node) else {
            return;
        };
        for platform in earlier.into_iter().flat_map(Map::keys) {
            if !now.contains_key(platform) && !self.watch.optional.contains(platform) {
                let reason = format!(
                    "is missing, but {version} has it; record it, or name it in `optional` of \
                     tools.toml"
                );
                findings.add(below(&node.below("platforms"), platform), reason);
            }
        }
    }

    /// No other version may be higher than the latest.
    pub(super) fn highest(&self, latest: Option<&str>, findings: &mut Findings) {
        let latest = self.versions.iter().find(|(version, _)| Some(version.text()) == latest);
        let highest = self.versions.iter().max_by(|(one, _), (other, _)| one.cmp(other));
        if let Some(((latest, _), (highest, _))) = latest.zip(highest) {
            if highest.outranks(latest) {
                let (highest, latest) = (highest.text(), latest.text());
                let scheme = self.watch.scheme.name();
                let reason = format!("must be the highest, {highest} by {scheme}, is {latest}");
                findings.add("latest_version", reason);
            }
        }
    }
}

fn platforms<'a>(release: &Node<'a>) -> Option<&'a Map<String, Value>> {
    release.value.get("platforms")?.as_object()
}
