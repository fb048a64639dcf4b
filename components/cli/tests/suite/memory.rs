//! A directory of checksums in memory, in place of the components that do the work.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cli::host::{
    Change, Error, Event, Finding, Host, Mode, Outcome, RateLimit, Scheme, Source, Starlark, State,
    ToolFile, Watch,
};
use serde_json::{json, Map, Value};

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
    /// Events before any tool is done, each with the milliseconds that pass before it.
    pub(crate) events: RefCell<VecDeque<(u64, Event)>>,
    /// Why a run cannot begin.
    pub(crate) refused: Option<Error>,
    pub(crate) bazel: Result<Starlark, Error>,
    pub(crate) requests: RefCell<Vec<Value>>,
    now: Cell<Duration>,
}

impl Memory {
    /// Two tools; `wac` has a newer release.
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
            bazel: Ok(starlark("def tools():\n    pass\n", &[])),
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
        self.poll(Outcome::new(tool, State::Failed(problem)));
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

    fn read(&self, directory: &str, tool: &str) -> Result<String, Error> {
        let path = format!("{}/tools/{tool}.json", directory.trim_end_matches('/'));
        match self.files.get(&path).map(String::as_str) {
            Some("unreadable") => Err(Error::File(format!("{path}: permission denied"))),
            Some(text) => Ok(text.to_owned()),
            None => Err(Error::UnknownTool(path)),
        }
    }

    fn config(&self, _: &str) -> Result<String, Error> {
        self.config.clone()
    }

    /// The rules are the validator's; here `tools.toml` is JSON.
    fn watched(&self, config: &str) -> Result<Vec<Watch>, Error> {
        if config == "wrong" {
            return Err(Error::invalid("tools.toml", "wac: no repository"));
        }
        let config = if config.is_empty() { "{}" } else { config };
        let entries: Map<String, Value> = serde_json::from_str(config).expect("JSON");
        Ok(entries.into_iter().map(|(tool, entry)| watch(&tool, &entry)).collect())
    }

    /// Here a document is wrong if it says so.
    fn check(&self, tool: &str, text: &str, watch: Option<&Watch>) -> Result<String, Error> {
        let watch = watch.map(shown);
        self.requests.borrow_mut().push(json!({"name": tool, "document": text, "watch": watch}));
        if text.contains("wrong") {
            return Err(Error::Invalid(vec![
                finding("tag", "is wrong"),
                finding("size", "is wrong too"),
            ]));
        }
        Ok(text.trim_start().to_owned())
    }

    fn bazel(&self, tools: &[ToolFile], watched: &[Watch]) -> Result<Starlark, Error> {
        let tools: Map<String, Value> =
            tools.iter().map(|it| (it.tool.clone(), it.text.clone().into())).collect();
        let watched: Map<String, Value> =
            watched.iter().map(|watch| (watch.tool.clone(), shown(watch))).collect();
        self.requests.borrow_mut().push(json!({"tools": tools, "watched": watched}));
        self.bazel.clone()
    }

    /// The tools are done in the opposite order, to see that this does not show.
    fn begin<'a>(
        &'a self,
        directory: &str,
        tools: &[String],
        mode: Mode,
    ) -> Result<Box<dyn cli::host::Run + 'a>, Error> {
        if let Some(error) = &self.refused {
            return Err(error.clone());
        }
        for tool in tools.iter().rev() {
            if let Some(outcome) = self.polls.get(tool) {
                self.events.borrow_mut().push_back((0, Event::Finished(outcome.clone())));
            }
        }
        let mode = match mode {
            Mode::Check => "check",
            Mode::Rehearse => "rehearse",
            Mode::Update => "update",
            Mode::Poll => "poll",
        };
        let request = json!({"directory": directory, "mode": mode, "tools": tools});
        self.requests.borrow_mut().push(request);
        Ok(Box::new(Events(self)))
    }

    fn now(&self) -> Duration {
        self.now.get()
    }
}

/// The events of a run, as they were put there.
struct Events<'a>(&'a Memory);

impl cli::host::Run for Events<'_> {
    fn next(&self) -> Option<Event> {
        let Memory { events, now, .. } = self.0;
        let (milliseconds, event) = events.borrow_mut().pop_front()?;
        now.set(now.get() + Duration::from_millis(milliseconds));
        Some(event)
    }
}

/// What is watched of a tool; all but its name and its scheme is the same for each.
fn watch(tool: &str, entry: &Value) -> Watch {
    let scheme = if entry["scheme"] == "numeric" { Scheme::Numeric } else { Scheme::Semver };
    Watch {
        tool: tool.to_owned(),
        source: Source::Github("o/r".to_owned()),
        tag: "v{version}".to_owned(),
        scheme,
        prereleases: false,
        rolling: false,
        ignore: Vec::new(),
        other_tags: Vec::new(),
        cooldown: 0,
        patience: 14,
        sums: None,
        strip_prefix: None,
        universal: false,
        optional: Vec::new(),
        assets: Vec::new(),
    }
}

/// What of an entry is its own.
fn shown(watch: &Watch) -> Value {
    json!({"scheme": if watch.scheme == Scheme::Numeric { "numeric" } else { "semver" }})
}

/// A rendered module.
pub(crate) fn starlark(text: &str, skipped: &[&str]) -> Starlark {
    let skipped = skipped.iter().map(|&line| line.to_owned()).collect();
    Starlark { text: text.to_owned(), skipped }
}

/// A rule that is broken.
pub(crate) fn finding(place: &str, reason: &str) -> Finding {
    Finding { place: place.to_owned(), reason: reason.to_owned() }
}

/// An answer that cannot be used.
pub(crate) fn answer(text: String) -> Error {
    Error::Answer(vec![finding("", &text)])
}

/// A document that breaks a rule.
pub(crate) fn invalid(text: String) -> Error {
    Error::invalid("", text)
}

/// A quota that is used up for nine seconds.
pub(crate) fn limited(reason: String) -> Error {
    Error::RateLimited(RateLimit { reason, seconds: 9 })
}

/// What `begin` is asked for.
pub(crate) fn request(mode: &str, tools: &[&str]) -> Value {
    json!({"directory": "/checksums", "mode": mode, "tools": tools})
}

pub(crate) fn path(name: &str) -> String {
    format!("/checksums/tools/{name}.json")
}

pub(crate) fn outcome(tool: &str, state: State, before: &str, after: &str) -> Outcome {
    let [before, after, latest] = [before, after, after].map(known);
    Outcome { before, after, latest, compared: 2, ..Outcome::new(tool, state) }
}

/// None for a text that says nothing.
pub(crate) fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(crate) fn change(platform: &str, updated_at: &str) -> Change {
    Change {
        version: "0.9.0".to_owned(),
        platform: platform.to_owned(),
        asset: format!("wac-{platform}"),
        recorded: "a".repeat(64),
        published: "b".repeat(64),
        release_date: known("2026-02-03"),
        updated_at: known(updated_at),
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
