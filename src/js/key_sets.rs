//! The key sets that callers of `verifyJwt` give, prepared once each: to prepare a key costs as much as to verify a signature.

use std::cell::RefCell;
use std::rc::Rc;

use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen::JsValue;

use super::arguments::wrong;
use super::json;
use crate::jwks::KeySet;
use crate::limits;
use crate::signature::algorithms;

thread_local! {
    /// By their text: an object may be changed between two calls. The one that was used last stands first.
    static KNOWN: RefCell<Vec<(SecretString, Rc<KeySet>)>> = const { RefCell::new(Vec::new()) };
}

/// The key set in an argument, secrets included.
///
/// # Errors
/// A TypeError for what is no key set.
pub(super) fn key_set(name: &str, value: &JsValue) -> Result<Rc<KeySet>, JsValue> {
    let text = json::write(name, value)?;
    let known = KNOWN.with_borrow_mut(|known| {
        let place = known.iter().position(|(other, _)| other.expose_secret() == text)?;
        known.get_mut(..=place)?.rotate_right(1);
        known.first().map(|(_, keys)| Rc::clone(keys))
    });
    if let Some(keys) = known {
        return Ok(keys);
    }
    let keys = KeySet::parse_with_secrets(text.as_bytes(), algorithms::ALL);
    let keys = Rc::new(keys.ok_or_else(|| wrong(name, "has to be a JSON Web Key Set"))?);
    KNOWN.with_borrow_mut(|known| {
        known.truncate(limits::KEY_SETS_REMEMBERED - 1);
        known.insert(0, (text.into(), Rc::clone(&keys)));
    });
    Ok(keys)
}
