//! The JWTs that this isolate has verified. Settings do not change while it lives, so one memory serves all requests.

use std::cell::RefCell;
use std::rc::Rc;

use super::revoked::Revocable;
use super::{Gate, person};
use crate::host::Host;
use crate::jwks::KeySet;
use crate::limits;
use crate::provider::stytch::VerifiedSession;
use crate::session::{Session, SessionMemo, Verified};

/// What a JWT was found to say.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) session: Session,
    pub(super) revocable: Option<Revocable>,
}

thread_local! {
    static REMEMBERED: RefCell<SessionMemo<Known>> =
        RefCell::new(SessionMemo::new(limits::SESSIONS_REMEMBERED as usize));
}

impl<H: Host> Gate<'_, H> {
    /// What this JWT was found to say, if a check would find the same now.
    pub(super) fn recall(&self, jwt: &str) -> Option<Known> {
        let keys = self.ready_keys()?;
        REMEMBERED.with_borrow(|memo| memo.get(jwt.as_bytes(), &keys, self.host.now()).cloned())
    }

    /// Remembers a JWT that was verified just now, and gives what it says.
    ///
    /// Not where keys were loaded meanwhile: nobody knows whether these are the ones.
    pub(super) fn remember(&self, jwt: &str, keys: Option<Rc<KeySet>>, verified: &VerifiedSession) -> Known {
        let session = person::of_token(verified);
        let revocable = self.revocable(&session, verified.session().started_at());
        let known = Known { session, revocable };
        if let Some(keys) = keys.filter(|keys| self.ready_keys().is_some_and(|now| Rc::ptr_eq(keys, &now))) {
            let end = verified.token_expires_at().plus_seconds(limits::GATEWAY_LEEWAY_SECONDS);
            let too_old = self.settings.max_token_age_seconds.map(|age| verified.issued_at().plus_seconds(age));
            let until = too_old.map_or(end, |too_old| too_old.min(end));
            let remembered = Verified { keys, at: self.host.now(), until, value: known.clone() };
            REMEMBERED.with_borrow_mut(|memo| memo.put(jwt, remembered));
        }
        known
    }

    /// The keys that a check would use now without waiting for any.
    pub(super) fn ready_keys(&self) -> Option<Rc<KeySet>> {
        let url = self.settings.stytch.jwks_url().to_string();
        let now = self.host.now();
        self.host.with_key_memory(|memory| memory.keys.ready(&url, now).map(|keys| Rc::clone(&keys.value)))
    }
}
