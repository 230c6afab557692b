//! The sessions that this isolate has verified. Settings do not change while it lives, so one memory serves all requests.

use std::cell::RefCell;
use std::rc::Rc;

use super::Gate;
use crate::host::Host;
use crate::jwks::KeySet;
use crate::limits;
use crate::revocation::Identity;
use crate::session::{AuthenticatedSession, SessionMemo, UnsealedSession, Verified};

/// With what of it can be revoked: that is looked up for every request.
type Remembered = (UnsealedSession, AuthenticatedSession, Option<Identity>);

thread_local! {
    static REMEMBERED: RefCell<SessionMemo<Remembered>> =
        RefCell::new(SessionMemo::new(limits::SESSIONS_REMEMBERED as usize));
}

impl<H: Host> Gate<'_, H> {
    /// What this cookie was found to hold, if a check would find the same now.
    pub(super) fn recall(&self, sealed: &str) -> Option<Remembered> {
        let keys = self.ready_keys()?;
        REMEMBERED.with_borrow(|memo| memo.get(sealed.as_bytes(), &keys, self.host.now()).cloned())
    }

    /// Remembers a session that was verified just now.
    ///
    /// Not where keys were loaded meanwhile: nobody knows whether these are the ones.
    pub(super) fn remember(&self, sealed: &str, keys: Option<Rc<KeySet>>, remembered: Remembered) {
        let Some(keys) = keys.filter(|keys| self.ready_keys().is_some_and(|now| Rc::ptr_eq(keys, &now))) else {
            return;
        };
        let until = remembered.0.holds_until(&remembered.1, self.settings.workos.policy());
        let verified = Verified { keys, at: self.host.now(), until, value: remembered };
        REMEMBERED.with_borrow_mut(|memo| memo.put(sealed, verified));
    }

    /// The keys that a check would use now without waiting for any.
    pub(super) fn ready_keys(&self) -> Option<Rc<KeySet>> {
        let url = self.settings.workos.jwks_url().to_string();
        let now = self.host.now();
        self.host.with_key_memory(|memory| memory.keys.ready(&url, now).map(|keys| Rc::clone(&keys.value)))
    }
}
