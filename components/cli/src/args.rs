//! The command line, parsed.

use std::ffi::OsString;

use lexopt::prelude::{Long, Short, Value, ValueExt};
use lexopt::Parser;

use crate::help;
use crate::nearest::nearest;

/// Name and version, as `--version` shows them.
const VERSION: &str = concat!("checksum-updater ", env!("CARGO_PKG_VERSION"), "\n");

/// Where the checksums are without `--dir`: the host mounts them there.
const DIRECTORY: &str = "/checksums";

/// Where the launcher mounts the release files.
pub const RELEASES: &str = "/releases";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// Show a text: help or version.
    Show(&'static str),
    /// Run a command.
    Run(Args),
}

/// A command, and the options that all commands have.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// The directory of checksums, which holds `tools.toml` and `tools/`.
    pub directory: String,
    /// The name of this directory in messages: the user may know it by another name than the host.
    pub shown: String,
    /// The name of the directory of release files in messages.
    pub releases: String,
    /// Write one JSON document instead of tables.
    pub json: bool,
    /// Print no progress and no notes.
    pub quiet: bool,
    /// The command.
    pub command: Command,
}

/// A command with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Show what is recorded.
    List,
    /// Poll and write nothing.
    Check {
        /// Which tools.
        tools: Tools,
    },
    /// Record newer releases.
    Update {
        /// The tools to use.
        tools: Tools,
        /// Whether to write nothing.
        dry_run: bool,
    },
    /// Write what upstream has to release files.
    Poll {
        /// Which tools.
        tools: Tools,
    },
    /// Check tool files.
    Validate {
        /// Which.
        tools: Tools,
        /// Whether to compare them with upstream's digests, too.
        online: bool,
    },
    /// Render tool files as Starlark.
    Bazel {
        /// Which.
        tools: Tools,
    },
}

/// Which tools a command is about.
#[derive(Debug, PartialEq, Eq)]
pub enum Tools {
    /// All tools.
    All,
    /// These tools, in the given order.
    Named(Vec<String>),
}

/// An invalid command line.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError {
    /// What is wrong.
    pub what: String,
    /// What to type instead.
    pub help: String,
}

/// A word that names a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    List,
    Check,
    Update,
    Poll,
    Validate,
    Bazel,
}

impl Word {
    const ALL: [Self; 6] =
        [Self::List, Self::Check, Self::Update, Self::Poll, Self::Validate, Self::Bazel];

    fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Check => "check",
            Self::Update => "update",
            Self::Poll => "poll",
            Self::Validate => "validate",
            Self::Bazel => "generate-bazel-rules",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::List => help::LIST,
            Self::Check => help::CHECK,
            Self::Update => help::UPDATE,
            Self::Poll => help::POLL,
            Self::Validate => help::VALIDATE,
            Self::Bazel => help::BAZEL,
        }
    }

    fn parse(text: &str) -> Result<Self, UsageError> {
        let names = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|word| word.name() == text).ok_or_else(|| UsageError {
            what: format!("there is no command `{text}`"),
            help: match nearest(text, names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("the commands are {}", names.join(", ")),
            },
        })
    }
}

/// Every long option that people type; `--shown-as` and `--releases-shown-as` are the launcher's.
const OPTIONS: [&str; 9] =
    ["all", "dir", "dry-run", "help", "json", "online", "quiet", "releases", "version"];

/// The part of the command line that has been read so far.
#[derive(Default)]
struct Seen {
    word: Option<Word>,
    directory: Option<String>,
    shown: Option<String>,
    releases: Option<String>,
    tools: Vec<String>,
    all: bool,
    dry_run: bool,
    online: bool,
    json: bool,
    quiet: bool,
}

/// Parse the arguments, without the program's name.
///
/// # Errors
///
/// What is wrong, and what to type instead.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, UsageError> {
    let mut parser = Parser::from_args(arguments);
    let mut seen = Seen::default();
    while let Some(argument) = parser.next().map_err(|error| usage(error.to_string()))? {
        match argument {
            Short('h') | Long("help") => {
                return Ok(Request::Show(seen.word.map_or(help::MAIN, Word::help)));
            }
            Short('V') | Long("version") => return Ok(Request::Show(VERSION)),
            Long("dir") => seen.directory = Some(text(parser.value())?),
            Long("shown-as") => seen.shown = Some(text(parser.value())?),
            Long("releases-shown-as") => seen.releases = Some(text(parser.value())?),
            Long("all") => seen.all = true,
            Long("dry-run") => seen.dry_run = true,
            Long("online") => seen.online = true,
            Long("json") => seen.json = true,
            Short('q') | Long("quiet") => seen.quiet = true,
            Value(value) => seen.value(text(Ok(value))?)?,
            Long(name) => {
                let error = usage(format!("there is no option `--{name}`"));
                let help = nearest(name, OPTIONS).map(|known| format!("did you mean `--{known}`?"));
                return Err(UsageError { help: help.unwrap_or(error.help), ..error });
            }
            Short(letter) => return Err(usage(format!("there is no option `-{letter}`"))),
        }
    }
    seen.finish().map(Request::Run)
}

impl Seen {
    fn value(&mut self, value: String) -> Result<(), UsageError> {
        if self.word.is_some() {
            self.tools.push(tool(value)?);
        } else {
            self.word = Some(Word::parse(&value)?);
        }
        Ok(())
    }

    fn finish(self) -> Result<Args, UsageError> {
        let word = self.word.ok_or_else(|| usage("name a command"))?;
        if self.dry_run && word != Word::Update {
            return Err(usage("`--dry-run` belongs to `update`"));
        }
        if self.online && word != Word::Validate {
            return Err(usage("`--online` belongs to `validate`"));
        }
        let directory = self.directory.unwrap_or_else(|| DIRECTORY.to_owned());
        if !directory.starts_with('/') {
            return Err(usage(format!("`--dir` must start with `/`, is `{directory}`")));
        }
        let shown = self.shown.unwrap_or_else(|| directory.clone());
        let releases = self.releases.unwrap_or_else(|| RELEASES.to_owned());
        let named = self.all || !self.tools.is_empty();
        let command = match word {
            Word::List if named => {
                return Err(usage("`list` takes no tools: it always shows all"));
            }
            Word::Poll => Command::Poll { tools: tools(self.all, self.tools)? },
            Word::Update if !named => return Err(usage("name tools or give `--all`")),
            Word::List => Command::List,
            Word::Check => Command::Check { tools: tools(self.all, self.tools)? },
            Word::Update => {
                Command::Update { tools: tools(self.all, self.tools)?, dry_run: self.dry_run }
            }
            Word::Validate => {
                Command::Validate { tools: tools(self.all, self.tools)?, online: self.online }
            }
            Word::Bazel => Command::Bazel { tools: tools(self.all, self.tools)? },
        };
        Ok(Args { directory, shown, releases, json: self.json, quiet: self.quiet, command })
    }
}

/// Remove repeated tools.
fn tools(all: bool, named: Vec<String>) -> Result<Tools, UsageError> {
    if named.is_empty() {
        return Ok(Tools::All);
    }
    if all {
        return Err(usage("name tools or give `--all`, not both"));
    }
    let mut once: Vec<String> = Vec::new();
    for name in named {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    Ok(Tools::Named(once))
}

/// A tool's name becomes part of a path, so it must not lead elsewhere.
fn tool(name: String) -> Result<String, UsageError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.bytes().all(plain) {
        Ok(name)
    } else {
        Err(usage(format!("`{name}` is no tool's name: letters, digits, `.`, `-`, `_`")))
    }
}

fn text(value: Result<OsString, lexopt::Error>) -> Result<String, UsageError> {
    value.and_then(|value| value.string()).map_err(|error| usage(error.to_string()))
}

fn usage(what: impl Into<String>) -> UsageError {
    UsageError { what: what.into(), help: "`--help` shows what can be typed".to_owned() }
}
