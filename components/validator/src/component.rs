//! The only module that touches generated code: WIT types on one side, ours on the other.

use std::cell::RefCell;

use crate::bindings;
use crate::bindings::exports::doit_wasm::updater::{documents, hashing};
use crate::error::Error;
use crate::hashing::Sha256;
use crate::request::PlanRequest;
use crate::time::Moment;
use crate::{bazel, checks, plan, record, sums, watched};
use documents::{ConfirmedRelease, Plan, Recorded, Release, Starlark, Sum, ToolFile, Watch};

struct Component;

impl documents::Guest for Component {
    fn watched(config: String) -> Result<Vec<Watch>, documents::Error> {
        Ok(watched::parse(&config)?)
    }

    fn check(tool: String, text: String, watch: Option<Watch>) -> Result<String, documents::Error> {
        Ok(checks::check(&tool, &text, watch.as_ref())?)
    }

    fn decide(
        watch: Watch,
        text: Option<String>,
        releases: Vec<Release>,
        last: bool,
        now: u64,
    ) -> Result<Plan, documents::Error> {
        let (document, now) = (text.as_deref(), Moment::since_1970(now));
        let request = PlanRequest { watch: &watch, document, releases: &releases, last, now };
        Ok(plan::decide(&request)?)
    }

    fn add(
        watch: Watch,
        text: Option<String>,
        release: ConfirmedRelease,
    ) -> Result<Recorded, documents::Error> {
        Ok(record::add(&watch, text.as_deref(), &release)?)
    }

    fn sums(text: String) -> Result<Vec<Sum>, documents::Error> {
        Ok(sums::parse(&text)?)
    }

    fn bazel(tools: Vec<ToolFile>, watched: Vec<Watch>) -> Result<Starlark, documents::Error> {
        Ok(bazel::render(&tools, &watched)?)
    }
}

impl hashing::Guest for Component {
    type Sha256 = RefCell<Sha256>;
}

impl hashing::GuestSha256 for RefCell<Sha256> {
    fn new() -> Self {
        Self::default()
    }

    fn update(&self, bytes: Vec<u8>) {
        self.borrow_mut().update(&bytes);
    }

    fn finish(&self) -> String {
        self.borrow_mut().finish()
    }
}

impl From<Error> for documents::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(findings) => Self::Invalid(findings.0),
            Error::Answer(findings) => Self::Answer(findings.0),
            Error::Entry(findings) => Self::Entry(findings.0),
            Error::Mismatch { .. } => Self::Mismatch(error.to_string()),
        }
    }
}

/// The expansion of the macro is generated code as well.
#[allow(unsafe_code)]
mod export {
    use super::{bindings, Component};

    bindings::export!(Component with_types_in bindings);
}
