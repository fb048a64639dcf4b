//! A directory of checksums in memory, in place of the components that do the work.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cli::host::{Error, Host, Outcome, State};

/// What the command left behind.
pub(crate) struct Run {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The directory, what polling each tool will say, and what was asked for.
pub(crate) struct Memory {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) polls: BTreeMap<String, Result<Outcome, Error>>,
    pub(crate) updates: RefCell<Vec<(String, bool)>>,
}

impl Memory {
    /// Two tools, of which `wac` has a newer release.
    pub(crate) fn new() -> Self {
        let wac = file("wac", "0.9.0", "2026-02-03", &["darwin_arm64", "linux_amd64"]);
        let wkg = file("wkg", "0.15.0", "2026-02-06", &["linux_amd64"]);
        let updated = outcome(State::Updated, "0.9.0", "0.10.1", 2, 23_000_000);
        let current = outcome(State::Current, "0.15.0", "0.15.0", 0, 0);
        Self {
            files: [("wac", wac), ("wkg", wkg)].map(|(name, text)| (path(name), text)).into(),
            polls: [("wac", updated), ("wkg", current)]
                .map(|(name, poll)| (path(name), Ok(poll)))
                .into(),
            updates: RefCell::default(),
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = cli::run(arguments.iter().map(Into::into), self, &mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run { code: status.code(), out: text(out), err: text(err) }
    }
}

impl Host for Memory {
    fn tools(&self, directory: &str) -> Result<Vec<String>, Error> {
        let name = |path: &String| {
            Some(
                path.strip_prefix(directory)?
                    .strip_prefix("/tools/")?
                    .strip_suffix(".json")?
                    .to_owned(),
            )
        };
        let names: Vec<String> = self.files.keys().filter_map(name).collect();
        if names.is_empty() {
            Err(Error::File(format!("{directory}/tools: not found")))
        } else {
            Ok(names)
        }
    }

    fn read(&self, path: &str) -> Result<String, Error> {
        self.files.get(path).cloned().ok_or_else(|| Error::UnknownTool(path.to_owned()))
    }

    /// The rules are the validator's; here a document is wrong if it says so.
    fn check(&self, _: &str, document: &str) -> Result<String, Error> {
        if document.contains("wrong") {
            return Err(Error::Invalid("tag: is wrong\nsize: is wrong too".to_owned()));
        }
        Ok(document.trim_start().to_owned())
    }

    fn update(&self, path: &str, dry_run: bool) -> Result<Outcome, Error> {
        self.updates.borrow_mut().push((path.to_owned(), dry_run));
        self.polls.get(path).cloned().unwrap_or_else(|| Err(Error::UnknownTool(path.to_owned())))
    }
}

pub(crate) fn path(name: &str) -> String {
    format!("/checksums/tools/{name}.json")
}

pub(crate) fn outcome(state: State, before: &str, after: &str, assets: u32, bytes: u64) -> Outcome {
    let [before, after, latest] = [before, after, after].map(str::to_owned);
    Outcome { state, before, after, latest, assets, bytes }
}

fn file(name: &str, version: &str, date: &str, platforms: &[&str]) -> String {
    let platforms: Vec<String> = platforms.iter().map(|name| format!("{name:?}: {{}}")).collect();
    let release =
        format!(r#"{{"release_date": "{date}", "platforms": {{{}}}}}"#, platforms.join(", "));
    format!(
        r#"{{"tool_name": "{name}", "latest_version": "{version}", "versions": {{"{version}": {release}}}}}"#
    )
}
