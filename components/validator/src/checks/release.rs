//! An entry of `versions`: one release.

use super::asset;
use crate::findings::Findings;
use crate::node::Node;
use crate::platform::is_universal;
use crate::rules::{is_platform, is_version};
use crate::time::Day;
use crate::watch::Watch;

pub(super) fn check(
    version: &str,
    release: &Node<'_>,
    watch: Option<&Watch>,
    findings: &mut Findings,
) {
    if !is_version(version) {
        findings.add(
            release.place(),
            "must be named by a version: letters, digits, `.`, `-`, `_`, `+`",
        );
    }
    if release.object(findings).is_none() {
        return;
    }
    if let Some(field) = release.required("release_date", findings) {
        field.word(|text| Day::parse(text).is_some(), "a day, YYYY-MM-DD", findings);
    }
    if let Some(field) = release.optional("tag") {
        let must = format!("a tag with the version, `{version}`, in it");
        field.word(|text| text.contains(version), &must, findings);
    }
    if let Some(platforms) = release.required("platforms", findings) {
        let entries = platforms.entries(findings);
        for (platform, node) in &entries {
            if !is_platform(platform) {
                findings.add(
                    node.place(),
                    "must be named by a platform: lower-case letters, digits, `_`",
                );
            }
            asset::check(node, findings);
        }
        if !watch.is_some_and(|watch| watch.universal) {
            for (platform, node) in &entries {
                asset::fits(version, platform, node, findings);
            }
            distinct(&entries, findings);
        }
    }
}

/// Two platforms with the same digest: one of them was downloaded from the other's address.
fn distinct(platforms: &[(&String, Node<'_>)], findings: &mut Findings) {
    let platforms: Vec<_> = platforms.iter().filter(|(name, _)| !is_universal(name)).collect();
    for (index, (_, node)) in platforms.iter().enumerate() {
        let Some(own) = digest(node).filter(|own| !own.is_empty()) else {
            continue;
        };
        let twin = platforms.iter().take(index).find(|(_, earlier)| digest(earlier) == Some(own));
        if let Some((platform, _)) = twin {
            findings.add(node.below("sha256"), format!("is the digest of {platform} too"));
        }
    }
}

fn digest<'a>(asset: &Node<'a>) -> Option<&'a str> {
    asset.value.get("sha256")?.as_str()
}
