//! Data between JS and the core, as JSON text: JS's own reader and writer decide what a value is.
//!
//! Claims are written by strangers. `JSON.parse` makes plain objects of them whatever their members are called
//! (`__proto__` included), and rounds large numbers instead of throwing.

use js_sys::JSON;
use serde_json::Value;
use wasm_bindgen::JsValue;

use super::arguments::wrong;
use super::text::text;

/// The value of a JS argument as JSON, as `JSON.stringify` writes it.
pub(super) fn write(name: &str, value: &JsValue) -> Result<String, JsValue> {
    let json: JsValue = JSON::stringify(value)?.into();
    text(&json).ok_or_else(|| wrong(name, "has to be something that JSON can hold"))
}

/// A plain JS value from JSON.
pub(super) fn read(json: &str) -> Result<JsValue, JsValue> {
    JSON::parse(json)
}

/// A plain JS value of our own making.
pub(super) fn plain(value: &Value) -> Result<JsValue, JsValue> {
    read(&value.to_string())
}
