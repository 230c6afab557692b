//! A host in memory, for tests: the clock stands where it is put, and a function answers every request.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::Host;
use crate::http::{FetchFault, InboundResponse, OutboundRequest};
use crate::loaded::KeyMemory;
use crate::revocation::RevocationMemory;
use crate::rotation::RotationMemory;
use crate::time::Timestamp;

type Provider = Box<dyn FnMut(OutboundRequest) -> Result<InboundResponse, FetchFault>>;

/// A host without a runtime. Its randomness is a counter: for tests alone.
///
/// ```
/// use edgeseal::{Timestamp, host::{Host, MemoryHost}, http::FetchFault};
/// let host = MemoryHost::new(Timestamp::from_seconds(1_000), |_request| Err(FetchFault::Unreachable));
/// host.set_now(host.now().plus_seconds(60));
/// assert_eq!(host.now().seconds(), 1_060);
/// ```
pub struct MemoryHost {
    now: Cell<Timestamp>,
    random: Cell<u8>,
    provider: RefCell<Provider>,
    cache: RefCell<BTreeMap<String, String>>,
    keys: RefCell<KeyMemory>,
    rotation: RefCell<RotationMemory>,
    revocations: RefCell<RevocationMemory>,
}

impl MemoryHost {
    /// A host at a moment, with a provider that is a function.
    pub fn new(
        now: Timestamp,
        provider: impl FnMut(OutboundRequest) -> Result<InboundResponse, FetchFault> + 'static,
    ) -> Self {
        Self {
            now: Cell::new(now),
            random: Cell::new(0),
            provider: RefCell::new(Box::new(provider)),
            cache: RefCell::default(),
            keys: RefCell::default(),
            rotation: RefCell::default(),
            revocations: RefCell::default(),
        }
    }

    /// Puts the clock.
    pub fn set_now(&self, now: Timestamp) {
        self.now.set(now);
    }

    /// Forgets what an isolate remembers, as a new isolate would; the shared cache stays.
    pub fn forget_memory(&self) {
        *self.keys.borrow_mut() = KeyMemory::new();
        *self.rotation.borrow_mut() = RotationMemory::new();
        *self.revocations.borrow_mut() = RevocationMemory::new();
    }
}

impl Host for MemoryHost {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            self.random.set(self.random.get().wrapping_add(1));
            *byte = self.random.get();
        }
    }

    async fn sleep(&self, milliseconds: u32) {
        self.now.set(Timestamp::from_milliseconds(self.now.get().milliseconds() + i64::from(milliseconds)));
    }

    async fn fetch(&self, request: OutboundRequest) -> Result<InboundResponse, FetchFault> {
        (self.provider.borrow_mut())(request)
    }

    async fn cache_get(&self, key: &str) -> Option<String> {
        self.cache.borrow().get(key).cloned()
    }

    fn cache_put(&self, key: String, value: String, _seconds_to_live: u64) {
        self.cache.borrow_mut().insert(key, value);
    }

    fn with_key_memory<R>(&self, use_memory: impl FnOnce(&mut KeyMemory) -> R) -> R {
        use_memory(&mut self.keys.borrow_mut())
    }

    fn with_rotation_memory<R>(&self, use_memory: impl FnOnce(&mut RotationMemory) -> R) -> R {
        use_memory(&mut self.rotation.borrow_mut())
    }

    fn with_revocation_memory<R>(&self, use_memory: impl FnOnce(&mut RevocationMemory) -> R) -> R {
        use_memory(&mut self.revocations.borrow_mut())
    }
}
