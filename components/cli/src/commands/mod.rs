//! One file per command. A tool that fails does not stop the others.

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
use crate::code::Code;
use crate::host::{Error, Host};
use crate::output::Console;
use crate::status::Status;

/// Run a command and show its result.
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
        return status; // its lines are written already
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

/// A JSON object. The macro `json!` needs several times the code for it.
fn object(fields: Fields) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// Names and values, for programs.
type Fields = Vec<(&'static str, Value)>;

/// The result of a command.
struct Answer {
    /// How it ended.
    status: Status,
    /// For people.
    text: String,
    /// For programs.
    fields: Fields,
}

/// The value and how the command ended; nothing if it failed.
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
    /// Failures that concern no single tool, for programs.
    problems: Vec<Value>,
    /// Named tools that do not exist, which have been reported.
    unknown: Vec<String>,
}

impl Session<'_, '_> {
    /// Report the failure of one tool and return the exit code that it means.
    fn failed(&mut self, what: &str, error: &Error) -> Status {
        let what = format!("{what}: {}", error.report());
        self.console.error(&what, error.help(), Code::from(error));
        Status::from(error)
    }

    /// Report a failure that concerns no single tool.
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

    /// The name of the directory in messages.
    fn shown(&self) -> &str {
        &self.console.directory.1
    }

    /// The text of a tool file.
    fn read(&self, tool: &str) -> Result<String, Error> {
        self.host.read(self.directory, tool)
    }
}
