//! What is watched for one tool: an entry of `tools.toml`, with its defaults.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::Serialize;
use serde_json::Value;

use crate::findings::Findings;
use crate::node::{below, Node};
use crate::rules::{is_base, is_file_name, is_platform, is_repository, is_version};
use crate::scheme::Scheme;

/// Where the version goes in a pattern.
const VERSION: &str = "{version}";
/// Where the name of the asset goes in a pattern.
const ASSET: &str = "{asset}";
/// Where the name of the asset without the extension of its archive goes in a pattern.
const STEM: &str = "{stem}";

/// Every key of an entry, in the order in which the documentation names them.
const KEYS: [&str; 17] = [
    "source",
    "repository",
    "base",
    "tag",
    "scheme",
    "prereleases",
    "lts",
    "rolling",
    "ignore",
    "other_tags",
    "cooldown",
    "patience",
    "sums",
    "strip_prefix",
    "universal",
    "optional",
    "assets",
];

/// The most days that a key may have.
const DAYS: u64 = 36_500;
/// How many days a release may be incomplete by default.
const PATIENCE: u32 = 14;

/// Where releases are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The releases of a repository.
    Github,
    /// The list of go.dev.
    Go,
    /// The index of nodejs.org.
    Nodejs,
}

/// What is watched for one tool.
#[derive(Debug, Clone, Serialize)]
pub struct Watch {
    /// Where its releases are listed.
    pub source: Source,
    /// Its repository, `owner/name`; empty for other sources than GitHub.
    pub repository: String,
    /// The address that index and files lie below; empty for GitHub.
    pub base: String,
    /// The pattern of its tags, or the tag itself if it is rolling.
    pub tag: String,
    /// How it counts its versions.
    pub scheme: Scheme,
    /// Whether prereleases are taken too.
    pub prereleases: bool,
    /// Whether only releases with long-term support are taken.
    pub lts: bool,
    /// Whether upstream moves the tag from release to release.
    pub rolling: bool,
    /// Versions that are never taken.
    pub ignore: Vec<String>,
    /// Patterns of tags of other things in the repository.
    pub other_tags: Vec<String>,
    /// How many days old a release must be.
    pub cooldown: u32,
    /// For how many days a release may be incomplete.
    pub patience: u32,
    /// The pattern of the asset that holds digests; empty if there is none.
    pub sums: String,
    /// The pattern of the directory that archives hold everything in; empty if that is not known.
    pub strip_prefix: String,
    /// Whether platforms may share one file.
    pub universal: bool,
    /// Platforms that a version may lack though the one before had them.
    pub optional: Vec<String>,
    /// The pattern of the asset of each platform; empty if the tool is only watched.
    pub assets: BTreeMap<String, String>,
}

impl Watch {
    /// Read an entry; what breaks a rule is a finding, and read as its default.
    pub(crate) fn read(entry: &Node<'_>, findings: &mut Findings) -> Self {
        for field in entry.object(findings).into_iter().flat_map(|fields| fields.keys()) {
            if !KEYS.contains(&field.as_str()) {
                let known = KEYS.join(", ");
                findings.add(entry.below(field), format!("is not a known key; known are {known}"));
            }
        }
        let rolling = flag(entry, "rolling", findings);
        let scheme = word(entry, "scheme", |text| Scheme::named(text).is_some(), SCHEMES, findings);
        let watch = Self {
            source: source(&word(entry, "source", is_source, SOURCES, findings)),
            repository: word(entry, "repository", is_repository, "`owner/name`", findings),
            base: word(entry, "base", is_base, BASE, findings),
            tag: tag(entry, rolling, findings),
            scheme: Scheme::named(&scheme).unwrap_or(Scheme::Semver),
            prereleases: flag(entry, "prereleases", findings),
            lts: flag(entry, "lts", findings),
            rolling,
            ignore: words(entry, "ignore", is_version, "a version", findings),
            other_tags: words(entry, "other_tags", is_tag, OTHER, findings),
            cooldown: days(entry, "cooldown", 0, findings),
            patience: days(entry, "patience", PATIENCE, findings),
            sums: word(entry, "sums", is_sums, SUMS, findings),
            strip_prefix: word(entry, "strip_prefix", is_prefix, PREFIX, findings),
            universal: flag(entry, "universal", findings),
            optional: words(entry, "optional", is_platform, PLATFORM, findings),
            assets: assets(entry, findings),
        };
        watch.origin(entry, findings);
        if !watch.universal {
            watch.distinct(entry, findings);
        }
        watch
    }

    /// A source needs its address, and no other one's.
    fn origin(&self, entry: &Node<'_>, findings: &mut Findings) {
        let github = self.source == Source::Github;
        let (needed, foreign) =
            if github { ("repository", "base") } else { ("base", "repository") };
        if is_absent(entry, needed) {
            findings.add(entry.below(needed), "is missing");
        }
        if !is_absent(entry, foreign) {
            let sources = if github { "go and nodejs" } else { "github" };
            findings.add(entry.below(foreign), format!("is for the source {sources} only"));
        }
        if self.lts && self.source != Source::Nodejs {
            findings.add(entry.below("lts"), "is for the source nodejs only");
        }
    }

    /// One file cannot be right for two platforms, and no tool file may say that it is.
    fn distinct(&self, entry: &Node<'_>, findings: &mut Findings) {
        for (index, (platform, asset)) in self.assets.iter().enumerate() {
            let twin = self.assets.iter().take(index).find(|(_, earlier)| *earlier == asset);
            if let Some((twin, _)) = twin.filter(|_| !asset.is_empty()) {
                let reason = format!("is the asset of {twin} too, and `universal` is not declared");
                findings.add(below(&entry.below("assets"), platform), reason);
            }
        }
    }

    /// Return the version that a tag is of; none if the tag is not of this tool.
    pub fn version_of<'a>(&self, tag: &'a str) -> Option<&'a str> {
        if self.rolling {
            return (tag == self.tag).then_some(tag);
        }
        let (before, behind) = self.tag.split_once(VERSION)?;
        tag.strip_prefix(before)?.strip_suffix(behind).filter(|version| is_version(version))
    }

    /// Whether a tag is one of other things in the repository.
    pub fn is_other(&self, tag: &str) -> bool {
        self.other_tags.iter().any(|pattern| matches(pattern, tag))
    }

    /// Return the tag of a version.
    pub fn tag_of(&self, version: &str) -> String {
        self.tag.replace(VERSION, version)
    }

    /// Return the name of a platform's file in a version; none if the entry does not know it.
    pub fn asset_of(&self, platform: &str, version: &str) -> Option<String> {
        self.assets.get(platform).map(|pattern| pattern.replace(VERSION, version))
    }

    /// Return the name of the file that holds the digest of an asset; none if there is no such file.
    pub fn sums_of(&self, asset: &str, version: &str) -> Option<String> {
        let name = self.sums.replace(VERSION, version).replace(ASSET, asset);
        (!name.is_empty()).then_some(name)
    }

    /// Return the directory that an archive holds everything in; none if that is not known.
    pub fn strip_prefix_of(&self, stem: &str, version: &str) -> Option<String> {
        let name = self.strip_prefix.replace(VERSION, version).replace(STEM, stem);
        (!name.is_empty()).then_some(name)
    }
}

impl<'de> Deserialize<'de> for Watch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let mut findings = Findings::default();
        let watch = Self::read(&Node::root(&value), &mut findings);
        findings.unless_any(watch).map_err(D::Error::custom)
    }
}

const SOURCES: &str = "one of github, go, nodejs";
const SCHEMES: &str = "one of semver, semver-build, calver, numeric, pep440";
const BASE: &str = "an http or https address without a final `/`";
const TAG: &str = "a tag with `{version}` in it once, unless `rolling` is declared";
const ROLLING: &str = "the tag itself, without `{version}`, as it is rolling";
const OTHER: &str = "a tag, with `*` for any characters";
const SUMS: &str = "the name of a file, with no braces but `{version}` and `{asset}`";
const PREFIX: &str = "a directory, with no braces but `{version}` and `{stem}`";
const FILE: &str = "the name of a file, with no braces but `{version}`";
const PLATFORM: &str = "a platform: lower-case letters, digits, `_`";

fn is_source(text: &str) -> bool {
    ["github", "go", "nodejs"].contains(&text)
}

fn source(text: &str) -> Source {
    match text {
        "go" => Source::Go,
        "nodejs" => Source::Nodejs,
        _ => Source::Github,
    }
}

/// A tag may have a slash in it, as those of monorepos do.
fn tag(entry: &Node<'_>, rolling: bool, findings: &mut Findings) -> String {
    if is_absent(entry, "tag") {
        findings.add(entry.below("tag"), "is missing");
    }
    let is_pattern = |text: &str| {
        text.matches(VERSION).count() == 1 && is_pattern(text, &[VERSION]) && is_tag(text)
    };
    if rolling {
        word(entry, "tag", is_version, ROLLING, findings)
    } else {
        word(entry, "tag", is_pattern, TAG, findings)
    }
}

/// Whether a text is a pattern with something in the place of each `*`.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, behind)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, end) = behind.rsplit_once('*').unwrap_or(("", behind));
    let inner = text.strip_prefix(before).and_then(|text| text.strip_suffix(end));
    let rest = inner.and_then(|inner| {
        middle.split('*').try_fold(inner, |rest, part| Some(rest.split_once(part)?.1))
    });
    rest.is_some()
}

fn is_tag(text: &str) -> bool {
    !text.contains(|any: char| any.is_control() || any.is_whitespace())
}

fn days(entry: &Node<'_>, name: &str, default: u32, findings: &mut Findings) -> u32 {
    let Some(field) = entry.optional(name) else {
        return default;
    };
    let days = field.value.as_u64().filter(|days| *days <= DAYS);
    if days.is_none() {
        findings.add(field.place(), format!("must be a number of days, at most {DAYS}"));
    }
    days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default()
}

fn assets(entry: &Node<'_>, findings: &mut Findings) -> BTreeMap<String, String> {
    let table = entry.optional("assets");
    let fields = table.and_then(|table| Some((table.object(findings)?, table.place)));
    let mut assets = BTreeMap::new();
    for (platform, value) in fields.iter().flat_map(|(fields, _)| fields.iter()) {
        let place = fields.as_ref().map(|(_, place)| below(place, platform)).unwrap_or_default();
        let field = Node { value, place };
        if !is_platform(platform) {
            findings.add(field.place(), format!("must be named by {PLATFORM}"));
        }
        let name = field.word(is_asset, FILE, findings).unwrap_or_default();
        assets.insert(platform.clone(), name.to_owned());
    }
    assets
}

fn is_asset(text: &str) -> bool {
    is_file_name(text) && is_pattern(text, &[VERSION])
}

fn is_sums(text: &str) -> bool {
    is_file_name(text) && is_pattern(text, &[VERSION, ASSET])
}

fn is_prefix(text: &str) -> bool {
    text.split('/').all(is_file_name) && is_pattern(text, &[VERSION, STEM])
}

/// Whether a text has no braces but those of some words.
fn is_pattern(text: &str, words: &[&str]) -> bool {
    let rest = words.iter().fold(text.to_owned(), |text, word| text.replace(word, ""));
    !rest.contains(['{', '}'])
}

/// An empty text says what no text says: the default.
fn is_absent(entry: &Node<'_>, name: &str) -> bool {
    entry.optional(name).is_none_or(|field| field.value == "")
}

fn word(
    entry: &Node<'_>,
    name: &str,
    keeps: impl Fn(&str) -> bool,
    must: &str,
    findings: &mut Findings,
) -> String {
    let field = entry.optional(name).filter(|field| field.value != "");
    field.and_then(|field| field.word(keeps, must, findings)).unwrap_or_default().to_owned()
}

fn words(
    entry: &Node<'_>,
    name: &str,
    keeps: impl Fn(&str) -> bool,
    must: &str,
    findings: &mut Findings,
) -> Vec<String> {
    let field = entry.optional(name);
    let words = field.map(|field| field.words(findings)).unwrap_or_default();
    for word in words.iter().filter(|word| !keeps(word)) {
        findings.add(entry.below(name), format!("must name {must}, names `{word}`"));
    }
    words.into_iter().map(str::to_owned).collect()
}

fn flag(entry: &Node<'_>, name: &str, findings: &mut Findings) -> bool {
    let Some(field) = entry.optional(name) else {
        return false;
    };
    if !field.value.is_boolean() {
        findings.add(field.place(), "must be true or false");
    }
    field.value.as_bool().unwrap_or_default()
}
