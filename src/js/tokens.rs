//! `verifyJwt`: one token against one key set, synchronously. Which keys to trust is the caller's business.

use js_sys::Date;
use serde_json::{Value, json};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, string, timestamp, wrong};
use super::json;
use crate::error::Rejection;
use crate::jwks::KeySet;
use crate::jwt::{TokenPolicy, UnverifiedToken};
use crate::time::Timestamp;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A JSON Web Key Set (RFC 7517 §5). Keys that cannot verify are skipped. */
export interface JsonWebKeySet {
  readonly keys: readonly object[];
}

export interface VerifyJwtOptions {
  /** The keys that may have signed the token. The key decides the algorithm, never the token. */
  keys: JsonWebKeySet;
  /** Accepted algorithms. Default: every one that is implemented, `RS256`. */
  algorithms?: string | readonly string[];
  /** Accepted issuers (`iss`). Default: not checked. */
  issuer?: string | readonly string[];
  /** Accepted audiences (`aud`), of which the token has to name one. Default: not checked. */
  audience?: string | readonly string[];
  /** Tolerance of the time checks, in seconds. Default: 0. */
  leewaySeconds?: number;
  /** Whether a token without `exp` is refused. Default: true. */
  requireExp?: boolean;
  /** The time, in milliseconds since 1970. Default: `Date.now()`. */
  now?: number;
}

export interface JwtHeader {
  alg: string;
  kid?: string;
  [member: string]: unknown;
}

/** Claims of a verified token. */
export interface JwtClaims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
  [claim: string]: unknown;
}

/** Why a token is refused. */
export type JwtRejection =
  | 'token_too_large'
  | 'token_malformed'
  | 'critical_header'
  | 'algorithm_not_allowed'
  | 'unknown_key'
  | 'ambiguous_key'
  | 'bad_signature'
  | 'claims_malformed'
  | 'expiration_missing'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'issuer_mismatch'
  | 'audience_mismatch';

export type VerifyJwtResult<Claims = JwtClaims> =
  | { valid: true; header: JwtHeader; claims: Claims }
  | { valid: false; detail: JwtRejection };

/**
 * Verifies a compact token: shape, key, signature, then times, issuer and audience.
 *
 * Returns a refusal as a value, whatever the token holds; throws a TypeError for wrong arguments alone.
 */
export function verifyJwt<Claims = JwtClaims>(token: string, options: VerifyJwtOptions): VerifyJwtResult<Claims>;
"#;

/// `verifyJwt(token, { keys, … })`.
///
/// # Errors
/// A TypeError for a wrong argument; a token that is refused is none.
#[wasm_bindgen(js_name = verifyJwt, skip_typescript)]
pub fn verify_jwt(token: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let token = string("token", token)?;
    let check = Check::new(&Options::new(options)?)?;
    let verdict = check.run(&token);
    json::plain(&verdict.unwrap_or_else(|rejection| json!({ "valid": false, "detail": rejection.code() })))
}

/// The options, read.
struct Check {
    keys: KeySet,
    algorithms: Option<Vec<String>>,
    policy: TokenPolicy,
    demands_expiration: bool,
    now: Timestamp,
}

impl Check {
    fn new(options: &Options<'_>) -> Result<Self, JsValue> {
        let keys = json::write("keys", &options.value("keys")?.unwrap_or_default())?;
        let leeway = options.number("leewaySeconds")?.unwrap_or_default();
        if leeway < 0.0 {
            return Err(wrong("leewaySeconds", "has to be 0 or more"));
        }
        Ok(Self {
            keys: KeySet::parse(keys.as_bytes()).ok_or_else(|| wrong("keys", "has to be a JSON Web Key Set"))?,
            algorithms: options.strings("algorithms")?,
            policy: TokenPolicy {
                issuers: options.strings("issuer")?.unwrap_or_default(),
                audiences: options.strings("audience")?.unwrap_or_default(),
                leeway_seconds: timestamp("leewaySeconds", leeway * 1000.0)?.seconds(),
            },
            demands_expiration: options.boolean("requireExp")?.unwrap_or(true),
            now: timestamp("now", options.number("now")?.unwrap_or_else(Date::now))?,
        })
    }

    fn run(&self, token: &str) -> Result<Value, Rejection> {
        let token = UnverifiedToken::parse(token)?;
        let header = token.header();
        let accepted = |algorithms: &Vec<String>| algorithms.iter().any(|accepted| accepted == header.algorithm());
        if !self.algorithms.as_ref().is_none_or(accepted) {
            return Err(Rejection::AlgorithmNotAllowed);
        }
        let verified = token.verify(self.keys.select(header)?)?;
        let claims = match self.demands_expiration {
            true => verified.validate(&self.policy, self.now)?.members().clone(),
            false => verified.validate_without_demanding_expiration(&self.policy, self.now)?,
        };
        Ok(json!({ "valid": true, "header": header.members(), "claims": claims }))
    }
}
