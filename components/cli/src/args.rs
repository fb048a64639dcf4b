//! What the user asked for.

use std::ffi::OsString;
use std::io;

use lexopt::prelude::{Long, Short, Value, ValueExt};
use lexopt::Parser;

use crate::help;
use crate::output::Console;

/// Name and version, as `--version` shows them.
const VERSION: &str = concat!("checksum-updater ", env!("CARGO_PKG_VERSION"), "\n");

/// Where the checksums are unless `--dir` says otherwise: the host mounts them there.
const DIRECTORY: &str = "/checksums";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// Show a text: help or version.
    Show(&'static str),
    /// Run a command.
    Run(Args),
}

/// A command and what holds for each.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// The directory of checksums; has `tools.toml` and `tools/` in it.
    pub directory: String,
    /// The command.
    pub command: Command,
}

/// A command with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Show what is recorded.
    List,
    /// Check tool files.
    Validate {
        /// Which.
        tools: Tools,
    },
    /// Record newer releases.
    Update {
        /// Of which tools.
        tools: Tools,
        /// Whether to write nothing.
        dry_run: bool,
    },
}

/// Which tools a command is about.
#[derive(Debug, PartialEq, Eq)]
pub enum Tools {
    /// Every one that has a tool file.
    All,
    /// These, in the order given.
    Named(Vec<String>),
}

/// A command line that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError {
    what: String,
    help: &'static str,
}

impl UsageError {
    /// Write what is wrong and what can be typed instead.
    ///
    /// # Errors
    ///
    /// If standard error cannot be written.
    pub fn report(&self, console: &mut Console<'_>) -> io::Result<()> {
        console.error(&self.what, self.help)
    }
}

/// A word that names a command, and the help text of it.
#[derive(Clone, Copy)]
enum Word {
    List,
    Validate,
    Update,
}

impl Word {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "list" => Some(Self::List),
            "validate" => Some(Self::Validate),
            "update" => Some(Self::Update),
            _ => None,
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::List => help::LIST,
            Self::Validate => help::VALIDATE,
            Self::Update => help::UPDATE,
        }
    }
}

/// What has been read of the command line so far.
#[derive(Default)]
struct Seen {
    word: Option<Word>,
    directory: Option<String>,
    tools: Vec<String>,
    all: bool,
    dry_run: bool,
}

/// Parse the arguments, without the program's name.
///
/// # Errors
///
/// What is wrong, and what can be typed instead.
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
            Long("all") => seen.all = true,
            Long("dry-run") => seen.dry_run = true,
            Value(value) => seen.value(text(Ok(value))?)?,
            other => return Err(usage(other.unexpected().to_string())),
        }
    }
    seen.finish().map(Request::Run)
}

impl Seen {
    fn value(&mut self, value: String) -> Result<(), UsageError> {
        if self.word.is_some() {
            self.tools.push(tool(value)?);
        } else {
            let word = Word::parse(&value);
            self.word = Some(word.ok_or_else(|| usage(format!("there is no command `{value}`")))?);
        }
        Ok(())
    }

    fn finish(self) -> Result<Args, UsageError> {
        let word = self.word.ok_or_else(|| usage("name a command"))?;
        if self.dry_run && !matches!(word, Word::Update) {
            return Err(usage("`--dry-run` belongs to `update`"));
        }
        let directory = self.directory.as_deref().unwrap_or(DIRECTORY);
        if !directory.starts_with('/') {
            return Err(usage(format!("`--dir` must start with `/`, is `{directory}`")));
        }
        let command = match word {
            Word::List if self.all || !self.tools.is_empty() => {
                return Err(usage("`list` takes no tools: it always shows all"));
            }
            Word::List => Command::List,
            Word::Validate => Command::Validate { tools: tools(self.all, self.tools)? },
            Word::Update => {
                Command::Update { tools: tools(self.all, self.tools)?, dry_run: self.dry_run }
            }
        };
        Ok(Args { directory: directory.to_owned(), command })
    }
}

fn tools(all: bool, named: Vec<String>) -> Result<Tools, UsageError> {
    match (all, named.is_empty()) {
        (true, true) => Ok(Tools::All),
        (false, false) => Ok(Tools::Named(named)),
        (true, false) => Err(usage("name tools or give `--all`, not both")),
        (false, true) => Err(usage("name tools or give `--all`")),
    }
}

/// A tool's name becomes part of a path, so it must not lead anywhere else.
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
    UsageError { what: what.into(), help: "`--help` shows what can be typed" }
}
