//! Sessions that were verified a moment ago, by the value of their cookie: a hit costs a comparison instead of cryptography.
//!
//! A hit stands for what a full check would find now. So it ends with the token, and with the keys that the token was verified
//! with; a clock that was set back ends it too. Pure: time is an argument.

use std::rc::Rc;

use secrecy::{ExposeSecret, SecretString};

use crate::jwks::KeySet;
use crate::time::Timestamp;

/// The memory of one isolate, for one set of cookie passwords, formats and token policy. Bounded: whatever falls on an occupied
/// place replaces what stood there.
pub(crate) struct SessionMemo<V> {
    places: Vec<Option<Remembered<V>>>,
}

/// A session that was verified.
pub(crate) struct Verified<V> {
    /// With these keys.
    pub(crate) keys: Rc<KeySet>,
    /// At this time.
    pub(crate) at: Timestamp,
    /// From here on token or seal would be refused.
    pub(crate) until: Timestamp,
    /// What came of it.
    pub(crate) value: V,
}

struct Remembered<V> {
    session_data: SecretString,
    verified: Verified<V>,
}

impl<V> SessionMemo<V> {
    /// A memory for that many sessions; none at all with 0.
    pub(crate) fn new(size: usize) -> Self {
        let mut places = Vec::new();
        places.resize_with(size, || None);
        Self { places }
    }

    /// What this cookie was found to hold, if a check would find the same now.
    pub(crate) fn get(&self, session_data: &[u8], keys: &Rc<KeySet>, now: Timestamp) -> Option<&V> {
        let Remembered { session_data: known, verified } = self.places.get(self.place(session_data)?)?.as_ref()?;
        let holds = Rc::ptr_eq(&verified.keys, keys) && verified.at <= now && now < verified.until;
        // In no constant time: whoever has the cookie of a session has the session, and who does not never gets this far.
        (holds && is_same(known.expose_secret().as_bytes(), session_data)).then_some(&verified.value)
    }

    /// Remembers a session.
    pub(crate) fn put(&mut self, session_data: &str, verified: Verified<V>) {
        let place = self.place(session_data.as_bytes()).and_then(|place| self.places.get_mut(place));
        if let Some(place) = place {
            *place = Some(Remembered { session_data: session_data.into(), verified });
        }
    }

    /// Every format ends in a MAC, a tag or ciphertext, so the end alone tells seals apart. FNV-1a: whoever could make two seals
    /// fall on one place gains a slower check.
    fn place(&self, session_data: &[u8]) -> Option<usize> {
        let end = session_data.iter().rev().take(DISTINCTIVE_BYTES);
        let hash = end.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        usize::try_from(hash).ok()?.checked_rem(self.places.len())
    }
}

/// Eight bytes at a time: in wasm, what compares slices goes byte by byte, and was a third of what a hit cost.
fn is_same(ours: &[u8], theirs: &[u8]) -> bool {
    let ((ours, our_rest), (theirs, their_rest)) = (ours.as_chunks::<8>(), theirs.as_chunks::<8>());
    let words = ours.iter().zip(theirs);
    ours.len() == theirs.len()
        && our_rest == their_rest
        && words
            .fold(0, |differing, (ours, theirs)| differing | (u64::from_le_bytes(*ours) ^ u64::from_le_bytes(*theirs)))
            == 0
}

/// How much of a seal's end is hashed, in bytes.
const DISTINCTIVE_BYTES: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::algorithms;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn keys() -> Rc<KeySet> {
        Rc::new(KeySet::parse(br#"{"keys":[]}"#, algorithms::SESSION_TOKENS).unwrap())
    }

    fn verified(keys: &Rc<KeySet>, value: u32) -> Verified<u32> {
        Verified { keys: Rc::clone(keys), at: NOW, until: NOW.plus_seconds(300), value }
    }

    #[test]
    fn a_hit_ends_with_the_token_and_with_its_keys() {
        let keys = keys();
        let mut memo = SessionMemo::new(8);
        memo.put("a seal", verified(&keys, 1));
        assert_eq!(memo.get(b"a seal", &keys, NOW), Some(&1));
        assert_eq!(memo.get(b"a seal", &keys, NOW.plus_milliseconds(299_999)), Some(&1));
        assert_eq!(memo.get(b"a seal", &keys, NOW.plus_seconds(300)), None, "the token has ended");
        assert_eq!(memo.get(b"a seal", &keys, NOW.plus_milliseconds(-1)), None, "a clock that was set back");
        assert_eq!(memo.get(b"a seal", &self::keys(), NOW), None, "other keys");
    }

    #[test]
    fn only_the_very_same_cookie_hits() {
        let keys = keys();
        let mut memo = SessionMemo::new(1);
        memo.put("one seal and its mac, which is long", verified(&keys, 1));
        for other in ["", "two seal and its mac, which is long", "one seal and its mac, which is lonG", "g"] {
            assert_eq!(memo.get(other.as_bytes(), &keys, NOW), None, "{other}");
        }
    }

    #[test]
    fn it_is_bounded_and_the_newest_stays() {
        let keys = keys();
        let mut memo = SessionMemo::new(4);
        for index in 0..100 {
            memo.put(&format!("seal {index}"), verified(&keys, index));
            assert_eq!(memo.get(format!("seal {index}").as_bytes(), &keys, NOW), Some(&index));
        }
        let kept = (0..100).filter(|index| memo.get(format!("seal {index}").as_bytes(), &keys, NOW).is_some()).count();
        assert!((1..=4).contains(&kept), "{kept}");
    }

    #[test]
    fn without_a_place_nothing_is_remembered() {
        let keys = keys();
        let mut memo = SessionMemo::new(0);
        memo.put("a seal", verified(&keys, 1));
        assert_eq!(memo.get(b"a seal", &keys, NOW), None);
    }
}
