//! The files of the release that is to be recorded.

use super::{Plan, State};
use crate::error::Error;
use crate::findings::Findings;
use crate::node::below;
use crate::recorded::Recorded;
use crate::request::{Published, Release};
use crate::watch::{Source, Watch};

/// The files of a release, as `tools.toml` names them.
pub(super) struct Files<'a> {
    pub(super) watch: &'a Watch,
    pub(super) version: &'a str,
    pub(super) release: &'a Release<'a>,
}

impl<'a> Files<'a> {
    /// Each platform of `tools.toml` with the name of its file.
    fn wanted(&self) -> impl Iterator<Item = (&'a str, String)> + use<'a> {
        let (watch, version) = (self.watch, self.version);
        let platforms = watch.assets.keys();
        platforms.filter_map(|it| Some((it.as_str(), watch.asset_of(it, version)?)))
    }

    /// A file that is all there.
    pub(super) fn uploaded(&self, name: &str) -> Option<&'a Published<'a>> {
        self.release.assets.iter().find(|file| file.name == name && file.state == "uploaded")
    }

    /// Each platform whose file is all there, with its name.
    pub(super) fn present(&self) -> impl Iterator<Item = (&'a str, String)> + use<'a, '_> {
        self.wanted().filter(|(_, name)| self.uploaded(name).is_some())
    }

    /// Decide whether the release can be recorded, and with which files.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if `tools.toml` has no name for a platform that the version before has.
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
                    plan.optional.push(platform.to_owned());
                } else {
                    plan.lacks(name);
                }
                continue;
            }
            if let Some(sums) = self.watch.sums_of(&name, self.version) {
                // Only a repository lists all of its files.
                if self.watch.source == Source::Github && self.uploaded(&sums).is_none() {
                    plan.lacks(sums.clone());
                }
                plan.sums.insert(platform.to_owned(), sums);
            }
            plan.assets.insert(platform.to_owned(), name);
        }
        if plan.assets.is_empty() {
            plan.missing = self.wanted().map(|(_, name)| name).collect();
        }
        plan.state = State::Newer;
        if !plan.missing.is_empty() {
            plan.state = State::Incomplete;
            plan.assets.clear();
            plan.sums.clear();
        }
        Ok(())
    }

    /// A platform that `tools.toml` does not know would vanish.
    fn covers(&self, recorded: Recorded<'_>, before: Option<&str>) -> Result<(), Error> {
        let (mut findings, before) = (Findings::default(), before.unwrap_or_default());
        let release = recorded.release(before);
        for (platform, _) in release.into_iter().flat_map(|release| release.assets()) {
            let is_known = self.watch.assets.contains_key(platform)
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
