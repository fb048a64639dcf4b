//! One file per command. Each does all that it can: a tool that fails does not stop the others.

mod bazel;
mod check;
mod list;
mod outcome;
mod poll;
mod poll_command;
mod tools;
mod update;
mod validate;

use serde_json::{Map, Value};

use crate::args::{Args, Command};
use crate::host::{Error, Host};
use crate::output::Console;
use crate::status::Status;

/// Run a command and show what it found.
pub(crate) fn run(args: &Args, host: &dyn Host, console: &mut Console<'_>) -> Status {
    console.quiet = args.quiet;
    console.directory = (args.directory.clone(), args.shown.clone());
    console.releases.clone_from(&args.releases);
    let (problems, unknown) = (Vec::new(), Vec::new());
    let mut session = Session { directory: &args.directory, host, console, problems, unknown };
    let (name, answer) = match &args.command {
        Command::List => ("list", list::run(&mut session)),
        Command::Check { tools } => ("check", check::run(tools, &mut session)),
        Command::Update { tools, dry_run } => {
            ("update", update::run(tools, *dry_run, &mut session))
        }
        Command::Poll { tools } => ("poll", poll_command::run(tools, &mut session)),
        Command::Validate { tools, online } => {
            ("validate", validate::run(tools, *online, &mut session))
        }
        Command::Bazel { tools } => ("generate-bazel-rules", bazel::run(tools, &mut session)),
    };
    let Session { problems, .. } = session;
    let Answer { status, text, fields } = answer;
    if name == "poll" {
        return status; // it has written its lines
    }
    if !args.json {
        console.show(&text);
        return status;
    }
    let common = [
        ("command", name.into()),
        ("exit_code", status.code().into()),
        ("problems", problems.into()),
    ];
    console.json(&object(fields.into_iter().chain(common).collect()));
    status
}

/// A JSON object. The macro `json!` takes several times the code for it.
fn object(fields: Fields) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// Names and values, for programs.
type Fields = Vec<(&'static str, Value)>;

/// What a command found.
struct Answer {
    /// How it ended.
    status: Status,
    /// For people.
    text: String,
    /// For programs.
    fields: Fields,
}

/// What there is, and how it ended; nothing if it failed.
fn or_nothing<T: Default>(result: Result<T, Status>) -> (T, Status) {
    match result {
        Ok(found) => (found, Status::Done),
        Err(status) => (T::default(), status),
    }
}

/// What every command works with.
struct Session<'a, 'c> {
    /// The directory of the checksums.
    directory: &'a str,
    host: &'a dyn Host,
    console: &'a mut Console<'c>,
    /// What failed that concerns no single tool, for programs.
    problems: Vec<Value>,
    /// Tools that were named but do not exist, which have been reported.
    unknown: Vec<String>,
}

impl Session<'_, '_> {
    /// Tell what failed about one tool, and return what that means for the exit code.
    fn failed(&mut self, what: &str, error: &Error) -> Status {
        self.console.error(&format!("{what}: {}", error.report()), error.help());
        Status::from(error)
    }

    /// Tell what failed that concerns no single tool.
    fn failed_as_a_whole(&mut self, what: &str, error: &Error) -> Status {
        let problem = self.problem(error);
        self.problems.push(problem);
        self.failed(what, error)
    }

    /// An error as programs read it.
    fn problem(&self, error: &Error) -> Value {
        let lines: Vec<String> =
            error.facts().lines().map(|line| self.console.line(line)).collect();
        object(vec![("kind", error.kind().into()), ("text", lines.join("\n").into())])
    }

    /// What messages call the directory.
    fn shown(&self) -> &str {
        &self.console.directory.1
    }

    /// The text of a tool file.
    fn read(&self, tool: &str) -> Result<String, Error> {
        self.host.read(self.directory, tool)
    }
}
