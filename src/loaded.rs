//! What a provider publishes and changes seldom, so that it is loaded once and kept: key sets, and the policies of roles.
//!
//! One mechanism for all of them: `memory` decides who loads when, `record` is how it lies in a shared cache, `freshness` says how
//! long it is believed. Nothing here asks anybody: that is `host/load.rs`.

mod freshness;
mod memory;
mod missing;
pub(crate) mod record;
mod vouched;

pub use freshness::{Freshness, freshness};
pub(crate) use freshness::{KEYS, Lifetime};
pub use memory::KeyMemory;
pub(crate) use memory::{Loaded, Memory, Plan};

use crate::error::Rejection;
use crate::host::{Host, PendingReload};
use crate::http::OutboundRequest;

/// A kind of thing that is loaded: how it is read, and how long it is believed.
pub(crate) trait Loadable: Sized {
    /// Its name in the keys of a shared cache.
    const KIND: &'static str;
    /// The member of a record that holds its text.
    const MEMBER: &'static str;
    /// How long it is believed.
    const LIFETIME: Lifetime;
    /// How many of them an isolate keeps; beyond that the one that was used longest ago goes.
    const MOST: usize;
    /// What its absence means for whoever needs it.
    const UNAVAILABLE: Rejection;

    /// Reads the provider's text; `None` for one that is of no use.
    fn parse(text: &[u8]) -> Option<Self>;

    /// Starts a reload that nobody waits for; gives it back where that cannot be.
    fn reload_beside<H: Host>(_host: &H, reload: PendingReload<Self>) -> Option<PendingReload<Self>> {
        Some(reload)
    }

    /// Where an isolate keeps those of this kind.
    fn memory(memory: &mut KeyMemory) -> &mut Memory<Self>;
}

/// One such thing at one provider.
pub(crate) trait Source<T> {
    /// Names it among all others, in memory and in a shared cache: its URL, and whose it is where the URL does not say.
    fn scope(&self) -> String;

    /// Asks for it.
    fn request(&self) -> OutboundRequest;

    /// What the operator has given to use until it is loaded, as the provider would write it.
    fn pinned(&self) -> Option<&[u8]> {
        None
    }

    /// What it stands for when the provider says that it is not there (403, 404); `None` where that is a failure.
    fn where_absent(&self) -> Option<&'static str> {
        None
    }
}
