//! The files of the release to record.

use std::cmp::Reverse;

use super::{File, Plan, State};
use crate::error::Error;
use crate::findings::{Finding, Findings};
use crate::node::below;
use crate::recorded::Recorded;
use crate::request::{Published, Release};
use crate::time::Moment;
use crate::watch::Watch;

/// How many files a message names.
const NAMED: usize = 20;

/// The files of a release, as `tools.toml` names them.
pub(super) struct Files<'a> {
    pub(super) watch: &'a Watch,
    pub(super) version: &'a str,
    pub(super) release: &'a Release,
}

impl<'a> Files<'a> {
    /// Each platform of `tools.toml` with the name of its file.
    fn wanted(&self) -> impl Iterator<Item = (&'a str, String)> + use<'a> {
        let (watch, version) = (self.watch, self.version);
        let names = watch.assets.iter().map(|it| it.platform.as_str());
        names.filter_map(|it| Some((it, watch.asset_of(it, version)?)))
    }

    /// A completely uploaded file.
    pub(super) fn uploaded(&self, name: &str) -> Option<&'a Published> {
        self.release.assets.iter().find(|file| file.name == name && file.uploaded)
    }

    /// Each platform with a completely uploaded file, and the file's name.
    pub(super) fn present(&self) -> impl Iterator<Item = (&'a str, String)> + use<'a, '_> {
        self.wanted().filter(|(_, name)| self.uploaded(name).is_some())
    }

    /// Whether all required files are completely uploaded.
    pub(super) fn is_whole(&self) -> bool {
        let is_optional = |platform: &str| self.watch.optional.iter().any(|it| it == platform);
        let is_there = |name: &str| {
            let sums = self.watch.sums_of(name, self.version);
            let is_listed = self.watch.lists_files();
            self.uploaded(name).is_some()
                && sums.is_none_or(|sums| !is_listed || self.uploaded(&sums).is_some())
        };
        self.present().next().is_some()
            && self.wanted().all(|(platform, name)| is_there(&name) || is_optional(platform))
    }

    /// The names of completely uploaded files, those first that resemble one of some others most.
    fn names_like(&self, missing: &[String]) -> Vec<&'a str> {
        let files = self.release.assets.iter().filter(|file| file.uploaded);
        let mut names: Vec<(Reverse<Option<usize>>, &str)> = Vec::new();
        for file in files {
            let alike = missing.iter().map(|other| likeness(&file.name, other)).max();
            let key = (Reverse(alike), &*file.name);
            let at = names.iter().position(|other| key < *other);
            names.insert(at.unwrap_or(names.len()), key);
        }
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// Decide whether the release can be recorded, and with which files.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if `tools.toml` has no name for a platform of the previous version,
    /// [`Error::Answer`] if two files have the name of one platform's file.
    pub(super) fn complete(
        &self,
        recorded: Recorded<'_>,
        before: Option<&str>,
        plan: &mut Plan,
    ) -> Result<(), Error> {
        self.covers(recorded, before)?;
        for (platform, name) in self.wanted() {
            if self.uploaded(&name).is_none() {
                if self.watch.optional.iter().any(|optional| optional == platform) {
                    plan.notes.push(format!("{name} is not there, but {platform} is optional"));
                } else {
                    plan.lacks(name);
                }
                continue;
            }
            self.require_one(&name)?;
            let sums = self.watch.sums_of(&name, self.version);
            // Only a repository lists all of its files.
            if let Some(sums) = sums.as_ref().filter(|_| self.watch.lists_files()) {
                if self.uploaded(sums).is_none() {
                    plan.lacks(sums.clone());
                }
            }
            plan.files.push(File { platform: platform.to_owned(), asset: name, sums });
        }
        if plan.files.is_empty() {
            plan.missing = self.wanted().map(|(_, name)| name).collect();
        }
        plan.state = State::Newer;
        if !plan.missing.is_empty() {
            plan.state = State::Incomplete;
            plan.files.clear();
        }
        Ok(())
    }

    /// Two files with one name: it is unknown which one is meant.
    fn require_one(&self, name: &str) -> Result<(), Error> {
        let files = self.release.assets.iter().filter(|file| file.name == name && file.uploaded);
        match files.count() {
            0 | 1 => Ok(()),
            count => Err(Error::answer(
                "assets",
                format!("release `{}` has {count} files named {name}", self.release.tag),
            )),
        }
    }

    /// A platform that `tools.toml` does not name would vanish.
    fn covers(&self, recorded: Recorded<'_>, before: Option<&str>) -> Result<(), Error> {
        let (mut findings, before) = (Findings::default(), before.unwrap_or_default());
        let release = recorded.release(before);
        for (platform, _) in release.into_iter().flat_map(|release| release.assets()) {
            let is_known = self.watch.assets.iter().any(|it| it.platform == platform)
                || self.watch.optional.iter().any(|optional| optional == platform);
            if !is_known {
                let reason = format!(
                    "is missing from tools.toml, but {before} has it; add it, or name it in \
                     `optional`"
                );
                findings.add(below("assets", platform), reason);
            }
        }
        findings.unless_any(()).map_err(Error::Invalid)
    }
}

impl Plan {
    /// Ask for a person if a release has been incomplete for longer than some days.
    pub(super) fn overdue(
        &mut self,
        since: Option<Moment>,
        days: u32,
        now: Moment,
        files: &Files<'_>,
    ) {
        let Some(since) = since.filter(|since| since.later(days) <= now) else {
            return;
        };
        let there = files.names_like(&self.missing);
        let (shown, more) = there.split_at(there.len().min(NAMED));
        let shown = if shown.is_empty() { "no file".to_owned() } else { shown.join(", ") };
        let more =
            if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let reason = format!(
            "incomplete since {}, for longer than {days} days: {} is missing; there is \
             {shown}{more}; write the names that upstream has now, or name in `optional` a platform \
             that it has given up",
            since.day,
            self.missing.join(", ")
        );
        self.problem = Some(Finding { place: "assets".to_owned(), reason });
    }
}

/// How many characters two names have in common at their beginnings and ends.
fn likeness(one: &str, other: &str) -> usize {
    let same = |pair: &(char, char)| pair.0 == pair.1;
    one.chars().zip(other.chars()).take_while(same).count()
        + one.chars().rev().zip(other.chars().rev()).take_while(same).count()
}
