//! A directory of checksums in memory, in place of the components that do the work.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cli::host::{Change, Error, Event, Host, Outcome, State};
use serde_json::{json, Value};

/// What the command left behind.
pub(crate) struct Run {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The directory, what polling each tool will say, and what was asked for.
pub(crate) struct Memory {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) config: Result<String, Error>,
    pub(crate) polls: BTreeMap<String, Outcome>,
    /// Milliseconds that pass before what is told before any tool is done.
    pub(crate) events: RefCell<VecDeque<(u64, Event)>>,
    /// Why a run cannot begin.
    pub(crate) refused: Option<Error>,
    pub(crate) bazel: Result<String, Error>,
    pub(crate) requests: RefCell<Vec<Value>>,
    now: Cell<Duration>,
}

impl Memory {
    /// Two tools, of which `wac` has a newer release.
    pub(crate) fn new() -> Self {
        let wac = file("wac", "0.9.0", "2026-02-03", &["darwin_arm64", "linux_amd64"]);
        let wkg = file("wkg", "0.15.0", "2026-02-06", &["linux_amd64"]);
        let mut updated = outcome("wac", State::Updated, "0.9.0", "0.10.1");
        (updated.assets, updated.bytes) = (2, 23_000_000);
        let current = outcome("wkg", State::Current, "0.15.0", "0.15.0");
        Self {
            files: [("wac", wac), ("wkg", wkg)].map(|(name, text)| (path(name), text)).into(),
            config: Ok(r#"{"wac": {"scheme": "semver"}, "wkg": {"scheme": "numeric"}}"#.to_owned()),
            polls: [updated, current].map(|outcome| (outcome.tool.clone(), outcome)).into(),
            events: RefCell::default(),
            refused: None,
            bazel: Ok(r#"{"text": "def tools():\n    pass\n", "skipped": []}"#.to_owned()),
            requests: RefCell::default(),
            now: Cell::new(Duration::from_secs(1_795_341_599)),
        }
    }

    /// Let polling end in this for its tool.
    pub(crate) fn poll(&mut self, outcome: Outcome) {
        self.polls.insert(outcome.tool.clone(), outcome);
    }

    /// Let polling fail.
    pub(crate) fn fail(&mut self, tool: &str, problem: Error) {
        self.poll(Outcome::new(tool, State::Failed, Some(problem)));
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
                path.strip_prefix(directory.trim_end_matches('/'))?
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
        match self.files.get(path).map(String::as_str) {
            Some("unreadable") => Err(Error::File(format!("{path}: permission denied"))),
            Some(text) => Ok(text.to_owned()),
            None => Err(Error::UnknownTool(path.to_owned())),
        }
    }

    fn config(&self, _: &str) -> Result<String, Error> {
        self.config.clone()
    }

    /// The rules are the validator's; here `tools.toml` is JSON.
    fn watched(&self, config: &str) -> Result<String, Error> {
        if config == "wrong" {
            return Err(Error::Invalid("tools.toml: wac: no repository".to_owned()));
        }
        Ok(if config.is_empty() { "{}".to_owned() } else { config.to_owned() })
    }

    /// Here a document is wrong if it says so.
    fn check(&self, input: &str) -> Result<String, Error> {
        let input: Value = serde_json::from_str(input).expect("JSON");
        let document = input["document"].as_str().expect("a text").to_owned();
        self.requests.borrow_mut().push(input);
        if document.contains("wrong") {
            return Err(Error::Invalid("tag: is wrong\nsize: is wrong too".to_owned()));
        }
        Ok(document.trim_start().to_owned())
    }

    fn bazel(&self, input: &str) -> Result<String, Error> {
        self.requests.borrow_mut().push(serde_json::from_str(input).expect("JSON"));
        self.bazel.clone()
    }

    /// The tools are done in the opposite order, to see that this does not show.
    fn begin(&self, request: &str) -> Result<(), Error> {
        let request: Value = serde_json::from_str(request).expect("JSON");
        if let Some(error) = &self.refused {
            return Err(error.clone());
        }
        for tool in request["tools"].as_array().expect("a list").iter().rev() {
            if let Some(outcome) = self.polls.get(tool.as_str().expect("a name")) {
                self.events.borrow_mut().push_back((0, Event::Finished(outcome.clone())));
            }
        }
        self.requests.borrow_mut().push(request);
        Ok(())
    }

    fn next(&self) -> Option<Event> {
        let (milliseconds, event) = self.events.borrow_mut().pop_front()?;
        self.now.set(self.now.get() + Duration::from_millis(milliseconds));
        Some(event)
    }

    fn now(&self) -> Duration {
        self.now.get()
    }
}

/// What `begin` is asked for.
pub(crate) fn request(mode: &str, tools: &[&str]) -> Value {
    json!({"directory": "/checksums", "mode": mode, "tools": tools})
}

pub(crate) fn path(name: &str) -> String {
    format!("/checksums/tools/{name}.json")
}

pub(crate) fn outcome(tool: &str, state: State, before: &str, after: &str) -> Outcome {
    let [before, after, latest] = [before, after, after].map(str::to_owned);
    Outcome { before, after, latest, compared: 2, ..Outcome::new(tool, state, None) }
}

pub(crate) fn change(platform: &str, updated_at: &str) -> Change {
    Change {
        version: "0.9.0".to_owned(),
        platform: platform.to_owned(),
        asset: format!("wac-{platform}"),
        recorded: "a".repeat(64),
        published: "b".repeat(64),
        release_date: "2026-02-03".to_owned(),
        updated_at: updated_at.to_owned(),
    }
}

fn file(name: &str, version: &str, date: &str, platforms: &[&str]) -> String {
    let platforms: Vec<String> = platforms.iter().map(|name| format!("{name:?}: {{}}")).collect();
    let release =
        format!(r#"{{"release_date": "{date}", "platforms": {{{}}}}}"#, platforms.join(", "));
    format!(
        r#"{{"tool_name": "{name}", "latest_version": "{version}", "versions": {{"{version}": {release}}}}}"#
    )
}
