//! An entry of `tools.toml`, with its defaults.

pub use crate::bindings::exports::doit_wasm::updater::documents::{
    AssetPattern, Site, Source, Watch,
};
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

/// All keys of an entry, in the order of the documentation.
const KEYS: [&str; 18] = [
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
    "interval",
    "sums",
    "strip_prefix",
    "universal",
    "optional",
    "assets",
];

/// The largest number of days that a key may have.
const DAYS: u64 = 36_500;
/// How many days a release may stay incomplete by default.
const PATIENCE: u32 = 14;

impl Watch {
    /// Read an entry; a value that breaks a rule is a finding and is replaced by its default.
    pub(crate) fn read(tool: &str, entry: &Node<'_>, findings: &mut Findings) -> Self {
        for field in entry.object(findings).into_iter().flat_map(|fields| fields.keys()) {
            if !KEYS.contains(&field.as_str()) {
                let known = KEYS.join(", ");
                findings.add(entry.below(field), format!("is not a known key; known are {known}"));
            }
        }
        let rolling = flag(entry, "rolling", findings);
        let scheme = word(entry, "scheme", |text| Scheme::named(text).is_some(), SCHEMES, findings);
        let watch = Self {
            tool: tool.to_owned(),
            source: source(entry, findings),
            tag: tag(entry, rolling, findings),
            scheme: Scheme::named(&scheme).unwrap_or(Scheme::Semver),
            prereleases: flag(entry, "prereleases", findings),
            rolling,
            ignore: words(entry, "ignore", is_version, "a version", findings),
            other_tags: words(entry, "other_tags", is_tag, OTHER, findings),
            cooldown: days(entry, "cooldown", 0, findings),
            patience: days(entry, "patience", PATIENCE, findings),
            sums: optional(word(entry, "sums", is_sums, SUMS, findings)),
            strip_prefix: optional(word(entry, "strip_prefix", is_prefix, PREFIX, findings)),
            universal: flag(entry, "universal", findings),
            optional: words(entry, "optional", is_platform, PLATFORM, findings),
            assets: assets(entry, findings),
        };
        // Of the tasks that poll: nothing here depends on it.
        word(entry, "interval", is_interval, INTERVAL, findings);
        origin(entry, &watch.source, findings);
        if !watch.universal {
            watch.distinct(entry, findings);
        }
        watch
    }

    /// One file cannot be right for two platforms, and no tool file may claim so.
    fn distinct(&self, entry: &Node<'_>, findings: &mut Findings) {
        for (index, AssetPattern { platform, asset }) in self.assets.iter().enumerate() {
            let twin = self.assets.iter().take(index).find(|earlier| earlier.asset == *asset);
            if let Some(twin) = twin.filter(|_| !asset.is_empty()) {
                let twin = &twin.platform;
                let reason = format!("is the asset of {twin} too, and `universal` is not declared");
                findings.add(below(&entry.below("assets"), platform), reason);
            }
        }
    }

    /// Return the version of a tag; none if the tag is not one of this tool.
    pub fn version_of<'a>(&self, tag: &'a str) -> Option<&'a str> {
        if self.rolling {
            return (tag == self.tag).then_some(tag);
        }
        let (before, behind) = self.tag.split_once(VERSION)?;
        tag.strip_prefix(before)?.strip_suffix(behind).filter(|version| is_version(version))
    }

    /// Whether a tag belongs to something else in the repository.
    pub fn is_other(&self, tag: &str) -> bool {
        self.other_tags.iter().any(|pattern| matches(pattern, tag))
    }

    /// Whether its releases list all of their files.
    pub fn lists_files(&self) -> bool {
        matches!(self.source, Source::Github(_))
    }

    /// Return the tag of a version.
    pub fn tag_of(&self, version: &str) -> String {
        self.tag.replace(VERSION, version)
    }

    /// Return the name of a platform's file in a version; none if the entry does not name it.
    pub fn asset_of(&self, platform: &str, version: &str) -> Option<String> {
        let pattern = self.assets.iter().find(|it| it.platform == platform)?;
        Some(pattern.asset.replace(VERSION, version))
    }

    /// Return the name of the file that holds the digest of an asset; none if there is no such file.
    pub fn sums_of(&self, asset: &str, version: &str) -> Option<String> {
        Some(self.sums.as_ref()?.replace(VERSION, version).replace(ASSET, asset))
    }

    /// Return the top-level directory of an archive; none if unknown.
    pub fn strip_prefix_of(&self, stem: &str, version: &str) -> Option<String> {
        Some(self.strip_prefix.as_ref()?.replace(VERSION, version).replace(STEM, stem))
    }
}

const SOURCES: &str = "one of github, go, nodejs";
const SCHEMES: &str = "one of semver, semver-build, calver, numeric, pep440";
const BASE: &str = "an http or https address without a final `/`";
const TAG: &str = "a tag with `{version}` in it once, unless `rolling` is declared";
const ROLLING: &str = "the tag itself, without `{version}`, as it is rolling";
const OTHER: &str = "a tag, with `*` for any characters";
const INTERVAL: &str = "such as `30m`, `6h`, `1d` or `2w`, at most 366 days, or `0`";
const SUMS: &str = "the name of a file, with no braces but `{version}` and `{asset}`";
const PREFIX: &str = "a directory, with no braces but `{version}` and `{stem}`";
const FILE: &str = "the name of a file, with no braces but `{version}`";
const PLATFORM: &str = "a platform: lower-case letters, digits, `_`";

fn is_source(text: &str) -> bool {
    ["github", "go", "nodejs"].contains(&text)
}

fn source(entry: &Node<'_>, findings: &mut Findings) -> Source {
    let name = word(entry, "source", is_source, SOURCES, findings);
    let repository = word(entry, "repository", is_repository, "`owner/name`", findings);
    let base = word(entry, "base", is_base, BASE, findings);
    let lts = flag(entry, "lts", findings);
    match name.as_str() {
        "go" => Source::Go(base),
        "nodejs" => Source::Nodejs(Site { base, lts }),
        _ => Source::Github(repository),
    }
}

/// A source needs its own address and no other.
fn origin(entry: &Node<'_>, source: &Source, findings: &mut Findings) {
    let github = matches!(source, Source::Github(_));
    let (needed, foreign) = if github { ("repository", "base") } else { ("base", "repository") };
    if is_absent(entry, needed) {
        findings.add(entry.below(needed), "is missing");
    }
    if !is_absent(entry, foreign) {
        let sources = if github { "go and nodejs" } else { "github" };
        findings.add(entry.below(foreign), format!("is for the source {sources} only"));
    }
    let lts = entry.optional("lts").is_some_and(|field| field.value == true);
    if lts && !matches!(source, Source::Nodejs(_)) {
        findings.add(entry.below("lts"), "is for the source nodejs only");
    }
}

/// Return none for an empty text.
pub(crate) fn optional(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// A tag may contain a slash, as in monorepos.
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

/// Whether a text matches a pattern, where each `*` stands for any text.
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

/// How long a poll holds.
fn is_interval(text: &str) -> bool {
    let seconds = |count: &str, unit: u64| {
        let is_number = count.len() <= 6 && count.bytes().all(|byte| byte.is_ascii_digit());
        count.parse::<u64>().ok().filter(|_| is_number).map(|count| count * unit)
    };
    let units = [('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let mut readings = units.iter().filter_map(|(unit, size)| {
        text.strip_suffix(*unit).and_then(|count| seconds(count, *size))
    });
    text == "0" || readings.any(|length| (1..=366 * 86_400).contains(&length))
}

fn assets(entry: &Node<'_>, findings: &mut Findings) -> Vec<AssetPattern> {
    let table = entry.optional("assets");
    let fields = table.and_then(|table| Some((table.object(findings)?, table.place)));
    let mut assets = Vec::new();
    for (platform, value) in fields.iter().flat_map(|(fields, _)| fields.iter()) {
        let place = fields.as_ref().map(|(_, place)| below(place, platform)).unwrap_or_default();
        let field = Node { value, place };
        if !is_platform(platform) {
            findings.add(field.place(), format!("must be named by {PLATFORM}"));
        }
        let name = field.word(is_asset, FILE, findings).unwrap_or_default();
        assets.push(AssetPattern { platform: platform.clone(), asset: name.to_owned() });
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

/// Whether a text has no braces except those of some placeholders.
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
