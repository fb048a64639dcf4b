//! The address of a platform's file.

use crate::recorded::{Asset, Recorded, Release};
use crate::watch::{Site, Source, Watch};

/// The known facts about a platform's file.
pub(super) struct Address<'a> {
    pub(super) recorded: Recorded<'a>,
    pub(super) watch: Option<&'a Watch>,
    pub(super) release: Release<'a>,
    pub(super) platform: &'a str,
    pub(super) asset: Asset<'a>,
}

impl Address<'_> {
    /// Return the name of the file: the recorded one, or the one that `tools.toml` yields.
    ///
    /// # Errors
    ///
    /// Why it is unknown.
    pub(super) fn file(&self) -> Result<String, String> {
        let recorded = self.asset.text("asset");
        if !recorded.is_empty() {
            return Ok(recorded.to_owned());
        }
        let version = self.release.version;
        let name = self.watch.and_then(|watch| watch.asset_of(self.platform, version));
        let name = name.ok_or("no asset is recorded, and tools.toml has no name for it")?;
        let suffix = self.asset.text("url_suffix");
        if name.ends_with(suffix) {
            Ok(name)
        } else {
            Err(format!("tools.toml makes {name}, which does not end with the url_suffix {suffix}"))
        }
    }

    /// Return the address of the file.
    ///
    /// # Errors
    ///
    /// Why it is unknown.
    pub(super) fn url(&self, file: &str) -> Result<String, String> {
        let file = encoded(file);
        match self.watch.map(|watch| &watch.source) {
            Some(Source::Go(base)) => Ok(format!("{base}/{file}")),
            Some(Source::Nodejs(Site { base, .. })) => {
                Ok(format!("{base}/{}/{file}", encoded(&self.tag()?)))
            }
            Some(Source::Github(repository)) => self.release_url(repository, &file),
            None => match self.recorded.text("github_repo") {
                "" => Err("its site is not known, as tools.toml does not name the tool".into()),
                repository => self.release_url(repository, &file),
            },
        }
    }

    fn release_url(&self, repository: &str, file: &str) -> Result<String, String> {
        let tag = encoded(&self.tag()?);
        Ok(format!("https://github.com/{repository}/releases/download/{tag}/{file}"))
    }

    /// The recorded tag, or the one that `tools.toml` yields.
    fn tag(&self) -> Result<String, String> {
        let recorded = self.release.text("tag");
        if !recorded.is_empty() {
            return Ok(recorded.to_owned());
        }
        let made = self.watch.map(|watch| watch.tag_of(self.release.version));
        made.ok_or_else(|| "no tag is recorded, and tools.toml does not name the tool".into())
    }
}

/// A segment of a path, percent-encoded.
fn encoded(segment: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let encode = |byte: u8| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    segment.bytes().map(encode).collect()
}
