//! The one place of the JS API that draws randomness. A source that fails gives nothing, never zeros.

use wasm_bindgen::JsValue;

/// What `make` makes of the runtime's secure randomness.
pub(super) fn from_source<T>(make: impl FnOnce(&mut dyn FnMut(&mut [u8])) -> T) -> Result<T, JsValue> {
    let mut result = Ok(());
    let made = make(&mut |bytes| result = result.and_then(|()| getrandom::fill(bytes)));
    result.map(|()| made).map_err(|_| no_randomness())
}

/// An Error, not a TypeError: nothing is wrong with the arguments.
pub(super) fn no_randomness() -> JsValue {
    js_sys::Error::new("no secure source of randomness here").into()
}
