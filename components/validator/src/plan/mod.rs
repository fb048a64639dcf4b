//! Decides what to do about a tool.
//!
//! - [`identity`] which release a tag stands for;
//! - [`newest`] which release is the one to record;
//! - [`unmatched`] newer releases that the entry of the tool does not match;
//! - [`rolling`] the same for a tag that upstream moves;
//! - [`passed`] newer releases that are passed over, and why;
//! - [`files`] the files of that release;
//! - [`compare`] compares recorded digests with published ones.

mod compare;
mod files;
mod identity;
mod newest;
mod passed;
mod rolling;
mod unmatched;

use serde_json::Value;

pub use crate::bindings::exports::doit_wasm::updater::documents::{
    Decision, Difference, File, Found, Incomplete, Passed, Plan as Decided, Recordable, Unmatched,
    Young,
};
use crate::checks;
use crate::error::Error;
use crate::findings::Finding;
use crate::json;
use crate::recorded::Recorded;
use crate::request::PlanRequest;

/// A plan in progress.
struct Plan {
    state: State,
    found: Found,
    files: Vec<File>,
    missing: Vec<String>,
    until: Option<String>,
    problem: Option<Finding>,
    compared: u32,
    differences: Vec<Difference>,
    notes: Vec<String>,
    passed_over: Vec<Passed>,
}

enum State {
    Current,
    Newer,
    Watched,
    Incomplete,
    Unmatched,
    Young,
    More,
}

impl Plan {
    fn new() -> Self {
        let [version, tag] = [String::new(), String::new()];
        Self {
            state: State::Current,
            found: Found { version, tag, id: 0, date: None },
            files: Vec::new(),
            missing: Vec::new(),
            until: None,
            problem: None,
            compared: 0,
            differences: Vec::new(),
            notes: Vec::new(),
            passed_over: Vec::new(),
        }
    }

    fn decided(self) -> Decided {
        let (release, problem) = (self.found, self.problem);
        let decision = match (self.state, problem) {
            (State::More, _) => Decision::More,
            (State::Newer, _) => Decision::Newer(Recordable { release, files: self.files }),
            (State::Watched, _) => Decision::Watched(release),
            (State::Incomplete, overdue) => {
                Decision::Incomplete(Incomplete { release, missing: self.missing, overdue })
            }
            (State::Young, _) => Decision::Young(Young { release, until: self.until }),
            (State::Unmatched, Some(problem)) => {
                Decision::Unmatched(Unmatched { release, problem })
            }
            (State::Current | State::Unmatched, _) => Decision::Current(release),
        };
        let Self { compared, differences, notes, passed_over, .. } = self;
        Decided { decision, compared, differences, notes, passed_over }
    }

    /// Name a missing file.
    fn lacks(&mut self, name: String) {
        if !self.missing.contains(&name) {
            self.missing.push(name);
        }
    }
}

/// Decide what to do about a tool, and compare recorded digests with published ones.
///
/// # Errors
///
/// [`Error::Invalid`] if the tool file or its entry in `tools.toml` breaks a rule, [`Error::Entry`] or
/// [`Error::Answer`] if no release fits.
pub fn decide(request: &PlanRequest<'_>) -> Result<Decided, Error> {
    let mut document = Value::Null;
    if let Some(text) = request.document {
        document = json::parse(text)?;
        checks::approve(&request.watch.tool, &document, Some(request.watch))?;
    }
    let recorded = Recorded(&document);
    let mut plan = Plan::new();
    if request.watch.rolling {
        rolling::decide(request, recorded, request.now, &mut plan)?;
    } else {
        compare::digests(request, recorded, &mut plan)?;
        newest::decide(request, recorded, request.now, &mut plan)?;
    }
    passed::over(request, request.now, &mut plan);
    Ok(plan.decided())
}
