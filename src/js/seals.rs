//! `sealData`, `unsealData` and `detectSeal`, with the signatures and results of iron-session 8.
//!
//! Where a seal that does not open makes iron-session throw or not, depending on what is wrong with it, here it never
//! does: it holds nothing, `{}`.

use js_sys::{Date, Promise, Reflect};
use serde_json::json;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, long_string, timestamp, wrong};
use super::json;
use super::random::from_source;
use super::view;
use crate::error::Rejection;
use crate::limits;
use crate::seal::{PasswordRing, SealEntropy, SealFormat, SealFormats, password_id, seal, unseal};

/// iron-session's `ttl` where none is given, in seconds: 14 days.
const DEFAULT_TTL_SECONDS: f64 = 14.0 * 24.0 * 3600.0;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * How a sealed session is written down: `iron` by the Node SDK and iron-session, `remix` by
 * authkit-remix and authkit-react-router, `fernet` by the SDK for Python, `ruby`
 * by that for Ruby (`ruby-legacy` before its version 7: only read), `go` by those for Go and Rust, `php` by that
 * for PHP, `dotnet` by that for .NET. `edgeseal` is our own, `json` not sealed at all.
 */
export type SealFormat =
  | 'iron'
  | 'remix'
  | 'fernet'
  | 'ruby'
  | 'go'
  | 'php'
  | 'dotnet'
  | 'ruby-legacy'
  | 'edgeseal'
  | 'json';

/**
 * Cookie passwords of 32 characters or more: one, a list (newest first), or a map from id to password.
 * The first of a list, or the largest id of a map, seals; every one of them opens.
 */
export type Password = string | readonly string[] | Readonly<Record<string, string>>;

export interface SealDataOptions {
  password: Password;
  /** Seconds until the seal expires by itself. Default: 14 days, as in iron-session; 0: never. Only `iron` and `edgeseal` can expire. */
  ttl?: number;
  /** Default: `iron`. */
  format?: Exclude<SealFormat, 'ruby-legacy'>;
}

export interface UnsealDataOptions {
  password: Password;
  /** Accepted and not used, as in iron-session: what counts is the expiry inside the seal. */
  ttl?: number;
  /**
   * The formats that are opened. The password has to suit each one that is named. Default: all but `dotnet`, in which
   * whoever sends a seal chooses how long it takes to open: some 50 ms for each new salt, until a budget is spent.
   */
  acceptFormats?: readonly Exclude<SealFormat, 'json'>[];
}

/** What a sealed value looks like; `candidates` where only the password can tell. */
export type DetectedSeal = { format: SealFormat; passwordId?: string } | { candidates: SealFormat[] };

/**
 * Encrypts and authenticates data, so that a browser can carry it. Readable by iron-session and every WorkOS SDK of
 * that format.
 *
 * Rejects with a TypeError for wrong arguments, and for data whose seal is longer than 16 KiB.
 */
export function sealData(data: unknown, options: SealDataOptions): Promise<string>;

/**
 * Opens a seal, whatever its format. Resolves to `{}` for a seal that is expired, tampered with, of another password or of a
 * format that is not accepted, and for what is no seal at all. Plain `json` is none: anybody can write it.
 *
 * Rejects with a TypeError for wrong arguments, and with an Error whose `detail` is `seal_budget_spent` and whose `retryable` is
 * true when too many seals of the format `dotnet` came at once.
 */
export function unsealData<T = Record<string, unknown>>(sealed: string, options: UnsealDataOptions): Promise<T>;

/** Tells what a sealed value looks like, without opening it; `null` for what is no seal. */
export function detectSeal(sealed: string): DetectedSeal | null;
"#;

/// `sealData(data, { password, ttl?, format? })`.
#[wasm_bindgen(js_name = sealData, skip_typescript)]
pub fn seal_data(data: &JsValue, options: &JsValue) -> Promise {
    settle(try_seal(data, options))
}

/// `unsealData(sealed, { password, ttl?, acceptFormats? })`.
#[wasm_bindgen(js_name = unsealData, skip_typescript)]
pub fn unseal_data(sealed: &JsValue, options: &JsValue) -> Promise {
    settle(try_unseal(sealed, options))
}

/// `detectSeal(sealed)`.
///
/// # Errors
/// A TypeError when `sealed` is no string.
#[wasm_bindgen(js_name = detectSeal, skip_typescript)]
pub fn detect_seal(sealed: &JsValue) -> Result<JsValue, JsValue> {
    let sealed = long_string("sealed", sealed)?;
    let names: Vec<_> = SealFormat::detect(&sealed).iter().map(|format| format.name()).collect();
    json::plain(&match (names.as_slice(), password_id(&sealed)) {
        ([], _) => json!(null),
        ([name], Some(id)) => json!({ "format": name, "passwordId": id }),
        ([name], None) => json!({ "format": name }),
        (candidates, _) => json!({ "candidates": candidates }),
    })
}

fn try_seal(data: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let options = Options::new(options)?;
    let passwords = options.passwords()?;
    let format = match options.string("format")? {
        None => SealFormat::Iron,
        Some(name) => SealFormat::from_name(&name)
            .filter(|format| format.written() == *format)
            .ok_or_else(|| wrong("format", "is not one that can be sealed"))?,
    };
    let ttl = match (options.number("ttl")?, format) {
        (Some(ttl), _) if ttl < 0.0 => return Err(wrong("ttl", "has to be 0 or more seconds")),
        (ttl, format) if format.can_expire() => ttl.unwrap_or(DEFAULT_TTL_SECONDS),
        (Some(ttl), _) if ttl > 0.0 => {
            return Err(wrong("ttl", "has a place in the formats `iron` and `edgeseal` only"));
        }
        _ => 0.0,
    };
    let now = Date::now();
    let expires_at = (ttl > 0.0).then(|| timestamp("ttl", now + ttl * 1000.0)).transpose()?;
    let plaintext = json::write("data", data)?;
    let now = timestamp("now", now)?;
    let entropy = from_source(|fill| SealEntropy::from_source(fill))?;
    let sealed = seal(plaintext.as_bytes(), format, &passwords, entropy, now, expires_at)
        .map_err(|error| js_sys::TypeError::new(&format!("`password`: {error}")))?;
    if sealed.len() > limits::SEALED_SESSION_BYTES {
        return Err(wrong("data", "is too large: its seal would be longer than 16 KiB, and could not be opened again"));
    }
    Ok(sealed.into())
}

fn try_unseal(sealed: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let sealed = long_string("sealed", sealed)?;
    let options = Options::new(options)?;
    let passwords = options.passwords()?;
    let accepted = accepted_formats(&options, &passwords)?;
    let now = timestamp("now", Date::now())?;
    let unsealed = match unseal(&sealed, &passwords, accepted, now) {
        Ok(unsealed) => unsealed,
        Err(rejection) if rejection.is_retryable() => return Err(retryable_error(rejection)),
        Err(_) => return json::plain(&json!({})),
    };
    let text = String::from_utf8_lossy(unsealed.plaintext());
    let data = json::read(&text)?;
    if data.is_null() {
        return json::plain(&json!({}));
    }
    // iron-session before version 2 kept the session in this member.
    let persistent = match unsealed.is_legacy_iron() && data.is_object() {
        true => Reflect::get(&data, &"persistent".into())?,
        false => JsValue::UNDEFINED,
    };
    Ok(if persistent.is_object() { persistent } else { data })
}

fn accepted_formats(options: &Options<'_>, passwords: &PasswordRing) -> Result<SealFormats, JsValue> {
    let Some(names) = options.strings("acceptFormats")? else {
        return Ok(SealFormats::DEFAULT);
    };
    let format = |name: &String| {
        let format = SealFormat::from_name(name).filter(|format| format.is_sealed());
        let format =
            format.ok_or_else(|| wrong("acceptFormats", "names a format that does not exist or is not sealed"))?;
        match passwords.newest_for(format) {
            Some(_) => Ok(format),
            None => Err(js_sys::TypeError::new(&format!("`password`: {}", format.password_error())).into()),
        }
    };
    names.iter().map(format).collect()
}

/// An error that says so: whoever takes it for an empty seal signs somebody out.
fn retryable_error(rejection: Rejection) -> JsValue {
    view::error("too many seals that take long to open; try again in a moment", rejection)
}

fn settle(result: Result<JsValue, JsValue>) -> Promise {
    match result {
        Ok(value) => Promise::resolve(&value),
        Err(error) => Promise::reject(&error),
    }
}
