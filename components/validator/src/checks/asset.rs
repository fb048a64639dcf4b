//! An entry of `platforms`: one published file.

use serde_json::Value;

use crate::digest;
use crate::findings::Findings;
use crate::node::Node;
use crate::platform::contradiction;
use crate::rules::is_file_name;

pub(super) fn check(asset: &Node<'_>, findings: &mut Findings) {
    if asset.object(findings).is_none() {
        return;
    }
    // npm verifies what it installs, so such an entry has neither a file nor a digest.
    let package = asset.optional("npm_package");
    let package = package.and_then(|field| field.word(|text| !text.is_empty(), "a name", findings));
    let elsewhere = package.is_some();
    sha256(asset, elsewhere, findings);
    name(asset, elsewhere, findings);
    if let Some(field) = asset.optional("size") {
        if field.value.as_u64().is_none_or(|size| size == 0) {
            findings.add(field.place(), "must be a whole number of bytes, at least 1");
        }
    }
    if let Some(field) = asset.optional("confirmed_by") {
        let who = field.words(findings);
        if who.is_empty() || who.contains(&"") {
            findings.add(field.place(), "must name who confirmed the digest");
        }
    }
}

fn sha256(asset: &Node<'_>, elsewhere: bool, findings: &mut Findings) {
    let Some(field) = asset.required("sha256", findings) else {
        return;
    };
    let Some(text) = field.word(|_| true, "", findings) else {
        return;
    };
    if elsewhere && text.is_empty() {
        return;
    }
    if let Some(fault) = digest::fault(text) {
        findings.add(field.place(), format!("{fault}: `{text}`"));
    }
}

/// Fields that may name the file; all but the first belong to the peer's format.
const LOCATORS: [&str; 4] = ["asset", "url_suffix", "platform_name", "binary_name"];

fn name(asset: &Node<'_>, elsewhere: bool, findings: &mut Findings) {
    let mut word = |name: &str| {
        asset
            .optional(name)
            .and_then(|field| field.word(|_| true, "", findings))
            .unwrap_or_default()
    };
    let [file, suffix, platform, binary] = LOCATORS.map(&mut word);
    if asset.optional("asset").is_some() && !is_file_name(file) {
        findings.add(asset.below("asset"), format!("must be the name of a file, is `{file}`"));
    }
    if !file.is_empty() && !file.ends_with(suffix) {
        findings
            .add(asset.below("url_suffix"), format!("must be the end of `{file}`, is `{suffix}`"));
    }
    if !elsewhere && [file, suffix, platform, binary].iter().all(|word| word.is_empty()) {
        findings.add(asset.below("asset"), "is missing, and there is no url_suffix either");
    }
}

/// A name with `darwin` is not that of a file for Linux, in whatever field.
pub(super) fn fits(version: &str, platform: &str, asset: &Node<'_>, findings: &mut Findings) {
    for name in LOCATORS {
        let text = asset.value.get(name).and_then(Value::as_str).unwrap_or_default();
        // A version may look like a word for a processor.
        if let Some(word) = contradiction(platform, &text.replace(version, "")) {
            findings.add(asset.below(name), format!("says `{word}`, is `{text}`"));
            return;
        }
    }
}
