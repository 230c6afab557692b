//! Long strings on their way in: encoded once, straight into our own memory. What `wasm-bindgen` does by itself goes character by
//! character, which for a cookie takes some fifteen times as long.

use js_sys::JsString;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type TextEncoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;
    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, text: &JsString, bytes: &mut [u8]) -> Encoded;

    type Encoded;
    #[wasm_bindgen(method, getter)]
    fn written(this: &Encoded) -> u32;
}

thread_local! {
    static ENCODER: TextEncoder = TextEncoder::new();
}

/// A string's text; none for what is no string.
pub(super) fn text(value: &JsValue) -> Option<String> {
    String::from_utf8(utf8(value)?).ok()
}

/// The same as UTF-8 bytes, for whoever only compares them.
pub(super) fn utf8(value: &JsValue) -> Option<Vec<u8>> {
    let string = value.dyn_ref::<JsString>()?;
    let mut bytes = vec![0; string.length() as usize];
    let written = ENCODER.with(|encoder| encoder.encode_into(string, &mut bytes)).written();
    // Fewer bytes than characters cannot be; as many are all ASCII, or stop at one that is none. Looks at every one, however many: the
    // compiler then takes sixteen at once.
    let is_ascii = bytes.iter().fold(0, |bits, byte| bits | byte) < 128;
    if written as usize == bytes.len() && is_ascii { Some(bytes) } else { value.as_string().map(String::into_bytes) }
}
