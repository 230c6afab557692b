//! What is done later in JavaScript: futures of all kinds under one type. Each kind by itself would bring a copy of what drives it into
//! the module, 2 KB a call.

use std::pin::Pin;

use js_sys::Promise;
use js_sys::futures::{future_to_promise, spawn_local};
use wasm_bindgen::JsValue;

/// The promise of what a future gives.
pub(crate) fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let future: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(future);
    future_to_promise(future)
}

/// Goes on beside whatever else is done.
pub(crate) fn beside(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    spawn_local(future);
}
