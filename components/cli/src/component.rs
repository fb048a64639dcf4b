//! The components of the composition.

use std::time::{Duration, SystemTime};

use crate::bindings::doit_wasm::updater::{documents, releases};
use crate::host::{Error, Event, Host, Mode, Run, Starlark, ToolFile, Watch};

/// The other components of the composition.
pub struct Composed;

impl Host for Composed {
    fn tools(&self, directory: &str) -> Result<Vec<String>, Error> {
        releases::tools(directory)
    }

    fn read(&self, directory: &str, tool: &str) -> Result<String, Error> {
        releases::read(directory, tool)
    }

    fn config(&self, directory: &str) -> Result<String, Error> {
        releases::watched(directory)
    }

    fn watched(&self, config: &str) -> Result<Vec<Watch>, Error> {
        documents::watched(config)
    }

    fn check(&self, tool: &str, text: &str, watch: Option<&Watch>) -> Result<String, Error> {
        documents::check(tool, text, watch)
    }

    fn bazel(&self, tools: &[ToolFile], watched: &[Watch]) -> Result<Starlark, Error> {
        documents::bazel(tools, watched)
    }

    fn begin<'a>(
        &'a self,
        directory: &str,
        tools: &[String],
        mode: Mode,
    ) -> Result<Box<dyn Run + 'a>, Error> {
        Ok(Box::new(releases::begin(directory, tools, mode)?))
    }

    fn now(&self) -> Duration {
        // A clock before 1970 is wrong.
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

impl Run for releases::Run {
    fn next(&self) -> Option<Event> {
        self.next()
    }
}
