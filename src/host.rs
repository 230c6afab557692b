//! The host: everything the core may not touch itself — clock, randomness, network, shared cache, isolate memory.
//!
//! One implementation per runtime below; [`MemoryHost`] is for tests.

#[cfg(feature = "cloudflare")]
mod cloudflare;
mod in_time;
#[cfg(feature = "js")]
mod js;
#[cfg(feature = "js")]
mod later;
mod load;
mod memory;
#[cfg(any(feature = "cloudflare", feature = "js"))]
mod messages;
mod rotate;
#[cfg(any(feature = "gateway-entry", feature = "js"))]
mod session_object;

#[cfg(feature = "cloudflare")]
pub use cloudflare::CloudflareHost;
#[cfg(feature = "js")]
pub(crate) use js::JsHost;
#[cfg(feature = "js")]
pub(crate) use later::{beside, promise};
pub use load::PendingReload;
pub(crate) use load::{Reload, keys_after_unknown, load};
pub use memory::MemoryHost;
pub(crate) use rotate::{rotate, rotate_ahead};
#[cfg(any(feature = "gateway-entry", feature = "js"))]
pub(crate) use session_object::{ObjectMemory, ObjectPlace, RECORD, SessionObject, StorageFault};

use secrecy::SecretString;

use crate::http::{FetchFault, InboundResponse, OutboundRequest};
use crate::jwks::KeySet;
use crate::loaded::KeyMemory;
use crate::revocation::RevocationMemory;
use crate::rotation::RotationMemory;
use crate::time::Timestamp;

/// What the core asks of a runtime. The futures run on one thread.
#[expect(async_fn_in_trait, reason = "hosts run on one thread, so the futures need not be Send")]
pub trait Host {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Fills with cryptographically secure random bytes. A host that cannot has to abort: there is no fallback.
    fn fill_random(&self, bytes: &mut [u8]);

    /// Waits on a timer of this request.
    async fn sleep(&self, milliseconds: u32);

    /// Sends a request and reads the answer, within its bounds, without following redirects.
    async fn fetch(&self, request: OutboundRequest) -> Result<InboundResponse, FetchFault>;

    /// Reads the cache that isolates share. A cache that fails is a miss.
    async fn cache_get(&self, key: &str) -> Option<String>;

    /// Writes the cache that isolates share, after the answer where the runtime can.
    fn cache_put(&self, key: String, value: String, seconds_to_live: u64);

    /// Starts a reload of keys that goes on beside the request, and after its answer where the runtime can. Gives it back where this host
    /// cannot: then the request waits for it.
    fn reload_beside(&self, reload: PendingReload<KeySet>) -> Option<PendingReload<KeySet>> {
        Some(reload)
    }

    /// The keys and policies in this isolate's memory.
    fn with_key_memory<R>(&self, use_memory: impl FnOnce(&mut KeyMemory) -> R) -> R;

    /// The refreshes in this isolate's memory.
    fn with_rotation_memory<R>(&self, use_memory: impl FnOnce(&mut RotationMemory) -> R) -> R;

    /// Whether there are objects that keep sessions. Without them, one isolate does not know what another one refreshes.
    fn has_session_objects(&self) -> bool {
        false
    }

    /// Sends a [`Message`](crate::rotation::Message) to the object of that name and reads its answer, within
    /// [`REFRESH_WAIT_MILLISECONDS`](crate::limits::REFRESH_WAIT_MILLISECONDS).
    async fn ask_session_object(&self, _name: &str, _message: SecretString) -> Result<SecretString, FetchFault> {
        Err(FetchFault::Unreachable)
    }

    /// Sends one whose answer nobody needs, after the answer to the visitor where the runtime can.
    fn tell_session_object(&self, _name: String, _message: SecretString) {}

    /// Whether there is an object that keeps what is revoked. Without it nothing is.
    fn has_revocations(&self) -> bool {
        false
    }

    /// What this isolate knows of what is revoked.
    fn with_revocation_memory<R>(&self, use_memory: impl FnOnce(&mut RevocationMemory) -> R) -> R;

    /// Sends a [`Message`](crate::revocation::Message) to the one of that environment and reads its answer, within
    /// [`REVOCATIONS_TIMEOUT_MILLISECONDS`](crate::limits::REVOCATIONS_TIMEOUT_MILLISECONDS).
    async fn ask_revocations(&self, _scope: &str, _message: String) -> Result<String, FetchFault> {
        Err(FetchFault::Unreachable)
    }

    /// Sends one whose answer nobody needs, after the answer to the visitor where the runtime can.
    fn tell_revocations(&self, _scope: String, _message: String) {}
}
