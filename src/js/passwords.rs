//! `generateCookiePassword`: randomness in, a new cookie password out. What suits which SDK is decided in the core.

use secrecy::ExposeSecret;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, wrong};
use super::random::{from_source, no_randomness};
use crate::seal::{CookiePasswordKind, generate_cookie_password};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export interface CookiePasswordOptions {
  /**
   * Which SDKs the password has to suit. `common`: those for Node, Python, Ruby from version 7 on, Go, PHP and .NET, all at
   * once. `rust`: that for Rust. `ruby-legacy`: that for Ruby before version 7. All three suit Node, Ruby from version 7 on, Go
   * and .NET. Default: `common`.
   */
  for?: 'common' | 'rust' | 'ruby-legacy';
}

/**
 * A new cookie password for `sealData` and for the WorkOS SDKs: for `common` 44 characters of base64 without `+` and `/`, which is 32
 * bytes in both alphabets of base64; for `rust` 64 hexadecimal digits; for `ruby-legacy` 32 letters and digits.
 *
 * Throws a TypeError for wrong arguments, and an Error where there is no secure source of randomness.
 */
export function generateCookiePassword(options?: CookiePasswordOptions): string;
"#;

/// `generateCookiePassword({ for? })`.
///
/// # Errors
/// A TypeError for a wrong argument; an Error where the runtime has no secure randomness.
#[wasm_bindgen(js_name = generateCookiePassword, skip_typescript)]
pub fn generate_password(options: &JsValue) -> Result<JsValue, JsValue> {
    let kind = match options.is_undefined() {
        true => None,
        false => Options::new(options)?.string("for")?,
    };
    let kind = match kind {
        None => CookiePasswordKind::default(),
        Some(name) => CookiePasswordKind::from_name(&name)
            .ok_or_else(|| wrong("for", "has to be `common`, `rust` or `ruby-legacy`"))?,
    };
    let password = from_source(|fill| generate_cookie_password(kind, fill))?;
    password.map(|password| password.expose_secret().into()).ok_or_else(no_randomness)
}
