//! Reads what a JS caller passed. Everything that is wrong is a TypeError that names the argument.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Function, Reflect, TypeError};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use wasm_bindgen::{JsCast, JsValue};

use super::json;
use super::text::text;
use crate::error::ConfigurationError;
use crate::seal::{DerivedKeys, PasswordRing};
use crate::time::Timestamp;

thread_local! {
    /// One for all calls: what takes long to derive is kept, and garbage spends one budget.
    static DERIVED_KEYS: DerivedKeys = DerivedKeys::default();
    /// The names of options as strings of JavaScript's: to make one takes longer than to look it up in an object.
    static NAMES: RefCell<BTreeMap<&'static str, JsValue>> = const { RefCell::new(BTreeMap::new()) };
}

/// A TypeError about one argument.
pub(super) fn wrong(name: &str, problem: &str) -> JsValue {
    TypeError::new(&format!("`{name}` {problem}")).into()
}

/// An argument that has to be a string.
pub(super) fn string(name: &str, value: &JsValue) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| wrong(name, "has to be a string"))
}

/// The same for one that is long: a cookie, a token.
pub(super) fn long_string(name: &str, value: &JsValue) -> Result<String, JsValue> {
    text(value).ok_or_else(|| wrong(name, "has to be a string"))
}

/// The same for one that may be missing.
pub(super) fn optional_string(name: &str, value: &JsValue) -> Result<Option<String>, JsValue> {
    if value.is_undefined() { Ok(None) } else { string(name, value).map(Some) }
}

/// The moment that JS counts in milliseconds.
pub(super) fn timestamp(name: &str, milliseconds: f64) -> Result<Timestamp, JsValue> {
    if milliseconds.abs() > LARGEST_DATE {
        return Err(wrong(name, "lies outside of time as JavaScript counts it"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above; fractions of a millisecond do not matter")]
    Ok(Timestamp::from_milliseconds(milliseconds.floor() as i64))
}

/// Largest moment of a JS `Date`, in milliseconds (ECMA-262 §21.4.1.1).
const LARGEST_DATE: f64 = 8.64e15;

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Passwords {
    One(String),
    List(Vec<String>),
    Map(BTreeMap<String, String>),
}

/// An argument that is a bag of options. `undefined` counts as missing, as in a destructured parameter; `null` does not.
pub(super) struct Options<'a>(&'a JsValue);

impl<'a> Options<'a> {
    pub(super) fn new(value: &'a JsValue) -> Result<Self, JsValue> {
        if value.is_object() { Ok(Self(value)) } else { Err(wrong("options", "has to be an object")) }
    }

    pub(super) fn value(&self, name: &'static str) -> Result<Option<JsValue>, JsValue> {
        // Not while it is borrowed: a getter of the caller's may come back here.
        let name = NAMES.with_borrow_mut(|names| names.entry(name).or_insert_with(|| name.into()).clone());
        Ok(Some(Reflect::get(self.0, &name)?).filter(|value| !value.is_undefined()))
    }

    pub(super) fn string(&self, name: &'static str) -> Result<Option<String>, JsValue> {
        self.value(name)?.map(|value| string(name, &value)).transpose()
    }

    /// A string that may not be missing, nor empty.
    pub(super) fn required(&self, name: &'static str) -> Result<String, JsValue> {
        let string = self.string(name)?.filter(|string| !string.is_empty());
        string.ok_or_else(|| wrong(name, "is missing"))
    }

    pub(super) fn boolean(&self, name: &'static str) -> Result<Option<bool>, JsValue> {
        let boolean = |value: JsValue| value.as_bool().ok_or_else(|| wrong(name, "has to be true or false"));
        self.value(name)?.map(boolean).transpose()
    }

    /// A finite number.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<f64>, JsValue> {
        let finite = |value: JsValue| value.as_f64().filter(|number| number.is_finite());
        let number = |value: JsValue| finite(value).ok_or_else(|| wrong(name, "has to be a finite number"));
        self.value(name)?.map(number).transpose()
    }

    /// One string or a list of them. An empty list or string would silently check nothing, so it is refused.
    pub(super) fn strings(&self, name: &'static str) -> Result<Option<Vec<String>>, JsValue> {
        let problem = "has to be a string, or a list of strings, and none of them empty";
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        let strings = serde_wasm_bindgen::from_value(value).ok().map(|strings| match strings {
            OneOrMany::One(string) => vec![string],
            OneOrMany::Many(strings) => strings,
        });
        let sound = |strings: &Vec<String>| !strings.is_empty() && strings.iter().all(|string| !string.is_empty());
        strings.filter(sound).map(Some).ok_or_else(|| wrong(name, problem))
    }

    /// A list of strings, which may be empty or missing.
    pub(super) fn list(&self, name: &'static str) -> Result<Vec<String>, JsValue> {
        let list =
            |value| serde_wasm_bindgen::from_value(value).map_err(|_| wrong(name, "has to be a list of strings"));
        Ok(self.value(name)?.map(list).transpose()?.unwrap_or_default())
    }

    /// Whole seconds, none of them negative; a fraction counts for nothing.
    pub(super) fn seconds(&self, name: &'static str) -> Result<Option<i64>, JsValue> {
        match self.number(name)? {
            Some(seconds) if seconds < 0.0 => Err(wrong(name, "has to be 0 or more")),
            Some(seconds) => Ok(Some(timestamp(name, seconds * 1000.0)?.seconds())),
            None => Ok(None),
        }
    }

    /// A whole number, from 0 to the most that is possible.
    pub(super) fn count(&self, name: &'static str, most: u32) -> Result<Option<u32>, JsValue> {
        match self.number(name)? {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and within bounds")]
            Some(number) if number.fract() == 0.0 && (0.0..=f64::from(most)).contains(&number) => {
                Ok(Some(number as u32))
            }
            Some(_) => Err(wrong(name, &format!("has to be a whole number from 0 to {most}"))),
            None => Ok(None),
        }
    }

    pub(super) fn function(&self, name: &'static str) -> Result<Option<Function>, JsValue> {
        let function = |value: JsValue| value.dyn_into().map_err(|_| wrong(name, "has to be a function"));
        self.value(name)?.map(function).transpose()
    }

    /// An object of the caller's. One that lacks these methods would fail when it is needed, in silence.
    pub(super) fn with_methods<T: JsCast>(
        &self,
        name: &'static str,
        methods: [&str; 2],
    ) -> Result<Option<Rc<T>>, JsValue> {
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        let has = |method: &&str| Reflect::get(&value, &(*method).into()).is_ok_and(|method| method.is_function());
        if methods.iter().all(has) {
            return Ok(Some(Rc::new(value.unchecked_into())));
        }
        let [first, second] = methods;
        Err(wrong(name, &format!("has to have the methods `{first}` and `{second}`")))
    }

    /// An object of strings, sorted by name.
    pub(super) fn map(&self, name: &'static str) -> Result<Option<BTreeMap<String, String>>, JsValue> {
        let map =
            |value| serde_wasm_bindgen::from_value(value).map_err(|_| wrong(name, "has to be an object of strings"));
        self.value(name)?.map(map).transpose()
    }

    /// `password`, as [`password_ring`] reads it.
    pub(super) fn passwords(&self) -> Result<PasswordRing, JsValue> {
        password_ring("password", &self.value("password")?.unwrap_or_default())
    }
}

/// A string, a list (newest first), or a map from id to password (the largest id seals).
pub(super) fn password_ring(name: &str, value: &JsValue) -> Result<PasswordRing, JsValue> {
    let problem = "has to be a string, a list of strings, or an object of strings";
    let ring = match serde_wasm_bindgen::from_value(value.clone()).map_err(|_| wrong(name, problem))? {
        Passwords::One(password) => PasswordRing::single(password.into()),
        Passwords::List(passwords) => PasswordRing::list(passwords.into_iter().map(Into::into).collect()),
        Passwords::Map(map) => PasswordRing::map(map.into_iter().map(|(id, text)| (id, text.into())).collect()),
    };
    let ring = ring.map(|ring| ring.sharing(DERIVED_KEYS.with(DerivedKeys::clone)));
    ring.map_err(|error| TypeError::new(&format!("`{name}`: {error}")).into())
}

/// The passwords as one text: equal texts, equal rings.
pub(super) fn password_text(name: &str, value: &JsValue) -> Result<String, JsValue> {
    match value.as_string() {
        Some(password) => Ok(password),
        // A password may look like a list.
        None if value.is_object() => Ok(format!("\0{}", json::write(name, value)?)),
        None => Err(wrong(name, "has to be a string, a list of strings, or an object of strings")),
    }
}

/// Whether two options that are secrets are one.
pub(super) fn is_same_secret(ours: &SecretString, theirs: &SecretString) -> bool {
    ours.expose_secret().as_bytes().ct_eq(theirs.expose_secret().as_bytes()).into()
}

/// A setting that cannot work, under the name that it has here.
pub(super) fn configuration(error: &ConfigurationError) -> JsValue {
    let name = match error.setting() {
        "WORKOS_API_KEY" => "key",
        "WORKOS_BASE_URL" => "apiHostname",
        _ => "clientId",
    };
    wrong(name, error.problem())
}
