//! Keys that take long to derive (PBKDF2 with 100 000 rounds), kept, and a budget for deriving more.
//!
//! Whoever sends a seal chooses its salt, and every new salt costs milliseconds: without a bound, garbage would stop an
//! isolate. A key that is here already costs nothing. Nothing in here knows what a seal looks like.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use crate::limits;
use crate::time::Timestamp;

pub(super) const SALT_BYTES: usize = 16;

/// Derived keys of one isolate, and what is left of its budget. Clones share both.
///
/// There is no `Debug`: it is all secrets.
#[derive(Clone, Default)]
pub struct DerivedKeys(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    kept: BTreeMap<Id, Kept>,
    /// Counts the uses, so that the key unused for longest goes first.
    uses: u64,
    /// The salt that each password seals with here.
    sealing_salts: BTreeMap<Id, [u8; SALT_BYTES]>,
    budget: Budget,
}

/// SHA-256 of a password, with or without a salt.
type Id = [u8; 32];

struct Kept {
    key: SecretBox<[u8; 32]>,
    last_use: u64,
}

/// How many keys may be derived now: a bucket that fills up with time.
struct Budget {
    left: u32,
    filled_at: Timestamp,
}

impl DerivedKeys {
    /// The key that opens a seal. `None` where it would have to be derived and the budget is spent.
    pub(super) fn to_open(&self, password: &str, salt: &[u8; SALT_BYTES], now: Timestamp) -> Option<[u8; 32]> {
        self.with(|state| {
            let id = id(password, salt);
            if !state.kept.contains_key(&id) && !state.budget.take(now) {
                return None;
            }
            Some(state.key(id, password, salt))
        })
    }

    /// A salt and its key for a seal. Whatever the budget says: what is sealed are sessions that were just verified. One salt
    /// serves all seals of a password here, so that other isolates derive one key for all of them.
    pub(super) fn to_seal(&self, password: &str, fresh: &[u8; SALT_BYTES]) -> ([u8; SALT_BYTES], [u8; 32]) {
        self.with(|state| {
            if state.sealing_salts.len() > limits::PASSWORDS {
                state.sealing_salts.clear();
            }
            let salt = *state.sealing_salts.entry(id(password, &[])).or_insert(*fresh);
            (salt, state.key(id(password, &salt), password, &salt))
        })
    }

    fn with<R>(&self, use_state: impl FnOnce(&mut State) -> R) -> R {
        // A panic in the middle leaves a key more or less behind, never a wrong one.
        use_state(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn key(&mut self, id: Id, password: &str, salt: &[u8]) -> [u8; 32] {
        self.uses += 1;
        let kept = self.kept.entry(id).or_insert_with(|| Kept {
            key: SecretBox::new(Box::new(pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(
                password.as_bytes(),
                salt,
                limits::SLOW_KEY_ROUNDS,
            ))),
            last_use: 0,
        });
        kept.last_use = self.uses;
        let key = *kept.key.expose_secret();
        if self.kept.len() > limits::SLOW_KEYS_KEPT {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.last_use).map(|(id, _)| *id);
            oldest.map(|id| self.kept.remove(&id));
        }
        key
    }
}

/// Salts have one length, so that no two pairs of password and salt read the same.
fn id(password: &str, salt: &[u8]) -> Id {
    Sha256::new().chain_update(salt).chain_update(password).finalize().into()
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: limits::SLOW_KEYS_AT_ONCE, filled_at: Timestamp::from_seconds(0) }
    }
}

impl Budget {
    fn take(&mut self, now: Timestamp) -> bool {
        let passed = now.milliseconds().saturating_sub(self.filled_at.milliseconds());
        let earned = (passed / limits::SLOW_KEY_EVERY_MILLISECONDS).clamp(0, u32::MAX.into());
        let earned = u32::try_from(earned).unwrap_or_default();
        if earned > 0 {
            self.left = self.left.saturating_add(earned).min(limits::SLOW_KEYS_AT_ONCE);
            self.filled_at = now;
        }
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_fills_up_with_time_and_never_over_its_brim() {
        let mut budget = Budget::default();
        let at = |milliseconds| Timestamp::from_milliseconds(1_000_000 + milliseconds);
        let taken = |budget: &mut Budget, now| (0..100).take_while(|_| budget.take(now)).count();
        assert_eq!(taken(&mut budget, at(0)), limits::SLOW_KEYS_AT_ONCE as usize);
        assert_eq!(taken(&mut budget, at(limits::SLOW_KEY_EVERY_MILLISECONDS - 1)), 0);
        assert_eq!(taken(&mut budget, at(3 * limits::SLOW_KEY_EVERY_MILLISECONDS)), 3);
        assert_eq!(taken(&mut budget, at(-1_000_000)), 0, "a clock that goes back earns nothing");
        assert_eq!(taken(&mut budget, Timestamp::from_milliseconds(i64::MAX)), limits::SLOW_KEYS_AT_ONCE as usize);
    }

    #[test]
    fn a_key_that_is_kept_costs_no_budget_and_what_was_used_last_stays() {
        let keys = DerivedKeys::default();
        let now = Timestamp::from_seconds(1_000);
        let first = keys.to_open("password", &[0; SALT_BYTES], now);
        assert!(first.is_some());
        for number in 1_u8.. {
            if keys.to_open("password", &[number; SALT_BYTES], now).is_none() {
                assert_eq!(u32::from(number), limits::SLOW_KEYS_AT_ONCE);
                break;
            }
        }
        assert_eq!(keys.clone().to_open("password", &[0; SALT_BYTES], now), first);
        assert_eq!(keys.to_open("other password", &[0; SALT_BYTES], now), None);
    }

    #[test]
    fn one_salt_serves_all_seals_of_a_password() {
        let keys = DerivedKeys::default();
        let (salt, key) = keys.to_seal("password", &[1; SALT_BYTES]);
        assert_eq!((salt, key), keys.to_seal("password", &[2; SALT_BYTES]));
        assert_eq!(keys.to_open("password", &salt, Timestamp::from_seconds(0)), Some(key), "without any budget");
        assert_eq!(keys.to_seal("other password", &[2; SALT_BYTES]).0, [2; SALT_BYTES]);
    }

    /// A key that is there without having been derived.
    fn keep(state: &mut State, id: Id) {
        state.kept.insert(id, Kept { key: SecretBox::new(Box::new([0; 32])), last_use: 0 });
    }

    fn numbered(number: usize) -> Id {
        let mut id = [0; 32];
        id.first_chunk_mut().into_iter().for_each(|start| *start = number.to_be_bytes());
        id
    }

    #[test]
    fn as_many_keys_are_kept_as_are_meant_to_be_and_the_one_unused_for_longest_goes() {
        let mut state = State::default();
        // Used from the largest id to the smallest: their order says nothing about it.
        let ids: Vec<Id> = (1..=limits::SLOW_KEYS_KEPT).rev().map(numbered).collect();
        ids.iter().for_each(|id| keep(&mut state, *id));
        for id in &ids {
            state.key(*id, "", &[]);
        }
        assert_eq!(state.kept.len(), limits::SLOW_KEYS_KEPT, "so many and no fewer");
        keep(&mut state, numbered(0));
        state.key(numbered(0), "", &[]);
        assert_eq!(state.kept.len(), limits::SLOW_KEYS_KEPT);
        assert!(!state.kept.contains_key(&numbered(limits::SLOW_KEYS_KEPT)) && state.kept.contains_key(&numbered(1)));
    }

    #[test]
    fn no_more_salts_are_remembered_than_rings_hold_passwords() {
        let fresh = [1; SALT_BYTES];
        for (others, remembered) in
            [(limits::PASSWORDS, limits::PASSWORDS + 1), (limits::PASSWORDS + 1, 1), (limits::PASSWORDS + 2, 1)]
        {
            let keys = DerivedKeys::default();
            keys.with(|state| {
                state.sealing_salts.extend((0..others).map(|number| (numbered(number), fresh)));
                keep(state, id("password", &fresh));
            });
            assert_eq!(keys.to_seal("password", &fresh), (fresh, [0; 32]));
            assert_eq!(keys.with(|state| state.sealing_salts.len()), remembered, "beside {others} others");
        }
    }
}
