//! The input of a decision: the tool file and upstream's releases.

pub use crate::bindings::exports::doit_wasm::updater::documents::{
    Asset as Published, Confirmed, ConfirmedRelease, Release,
};
use crate::time::Moment;
use crate::watch::Watch;

/// What `plan` decides about: a tool file, and releases of its repository.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The tool's entry.
    pub watch: &'a Watch,
    /// The text of the tool file, if there is one.
    pub document: Option<&'a str>,
    /// Releases in any order.
    pub releases: &'a [Release],
    /// Whether there is no further page of releases.
    pub last: bool,
    /// The present moment.
    pub now: Moment,
}

impl Release {
    /// When it was published, if known.
    pub(crate) fn published(&self) -> Option<Moment> {
        Moment::parse(self.published_at.as_deref()?)
    }
}

impl Published {
    /// When it was last changed, if known.
    pub(crate) fn touched(&self) -> Option<Moment> {
        Moment::parse(self.updated_at.as_deref()?)
    }
}
