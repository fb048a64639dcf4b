//! What there is to do about a tool.
//!
//! - [`identity`] which release a tag stands for;
//! - [`newest`] which release is the one to record;
//! - [`unmatched`] newer releases that the entry of the tool does not match;
//! - [`rolling`] the same for a tag that upstream moves;
//! - [`files`] the files of that release;
//! - [`compare`] what is recorded, beside what is published now.

mod compare;
mod files;
mod identity;
mod newest;
mod rolling;
mod unmatched;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::checks;
use crate::error::Error;
use crate::json;
use crate::recorded::Recorded;
use crate::request::PlanRequest;
use crate::time::Moment;

/// What there is to do; see `wit/updater/documents.wit`.
#[derive(Debug, Default, Serialize)]
struct Plan {
    state: State,
    before: String,
    after: String,
    tag: String,
    release: i64,
    release_date: String,
    assets: BTreeMap<String, String>,
    sums: BTreeMap<String, String>,
    optional: Vec<String>,
    missing: Vec<String>,
    until: String,
    compared: usize,
    changes: Vec<Change>,
    notes: Vec<String>,
    problem: String,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    #[default]
    Current,
    Newer,
    Watched,
    Incomplete,
    Unmatched,
    Young,
    More,
}

/// A recorded digest that is no longer the published one.
#[derive(Debug, Serialize)]
struct Change {
    version: String,
    platform: String,
    asset: String,
    recorded: String,
    published: String,
    release_date: String,
    updated_at: String,
}

impl Plan {
    /// Name a file that is not there yet.
    fn lacks(&mut self, name: String) {
        if !self.missing.contains(&name) {
            self.missing.push(name);
        }
    }
}

/// Decide what there is to do about a tool, and compare what is recorded with what is published.
///
/// # Errors
///
/// [`Error::Invalid`] if the tool file or its entry in `tools.toml` breaks a rule, [`Error::Answer`] if
/// no release fits.
pub fn plan(request: &PlanRequest<'_>) -> Result<String, Error> {
    let now = Moment::parse(&request.now);
    let now = now.ok_or_else(|| Error::invalid("now", "must be a time"))?;
    let mut document = Value::Null;
    if !request.document.is_empty() {
        document = json::parse(&request.document)?;
        checks::approve(&request.name, &document, Some(&request.watch))?;
    }
    let recorded = Recorded(&document);
    let mut plan = Plan { before: recorded.latest().to_owned(), ..Plan::default() };
    if request.watch.rolling {
        rolling::decide(request, recorded, now, &mut plan)?;
    } else {
        compare::compare(request, recorded, &mut plan)?;
        newest::decide(request, recorded, now, &mut plan)?;
    }
    json::text(&plan)
}
