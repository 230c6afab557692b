//! `verifyJwt`: one token against one key set, synchronously. Conversion only: the verdict is `verify_jwt`'s.

use js_sys::Date;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, long_string, timestamp, wrong};
use super::key_sets::key_set;
use super::view;
use crate::jwt::{self, TokenPolicy, VerifyJwt};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A JSON Web Key Set (RFC 7517 §5). Keys that cannot verify are skipped: those for another use, private or weak ones, and those of
 * algorithms other than `JwtAlgorithm`.
 *
 * A secret for HS256 is `{ kty: 'oct', k: base64url(secret) }`, of 32 bytes or more. It counts in a set of nothing but secrets: in
 * one that holds public keys it is skipped, because what is published is no secret.
 */
export interface JsonWebKeySet {
  readonly keys: readonly object[];
}

/** What is implemented. `Ed25519` is the newer name of `EdDSA`, for keys that say so. */
export type JwtAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'EdDSA'
  | 'Ed25519'
  | 'HS256';

export interface VerifyJwtOptions {
  /**
   * The keys that may have signed the token. The key decides the algorithm, never the token: by its `alg`, or else RS256 for RSA, ES256
   * for P-256, EdDSA for Ed25519 and HS256 for a secret.
   */
  keys: JsonWebKeySet;
  /** Accepted algorithms, a choice from `JwtAlgorithm`. Default: those that the keys are for. */
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
    let token = long_string("token", token)?;
    let options = Options::new(options)?;
    let keys = key_set("keys", &options.value("keys")?.unwrap_or_default())?;
    let leeway = options.number("leewaySeconds")?.unwrap_or_default();
    if leeway < 0.0 {
        return Err(wrong("leewaySeconds", "has to be 0 or more"));
    }
    let verdict = jwt::verify_jwt(
        &token,
        &VerifyJwt {
            keys: &keys,
            algorithms: &options.strings("algorithms")?.unwrap_or_default(),
            policy: &TokenPolicy {
                issuers: options.strings("issuer")?.unwrap_or_default(),
                audiences: options.strings("audience")?.unwrap_or_default(),
                leeway_seconds: timestamp("leewaySeconds", leeway * 1000.0)?.seconds(),
            },
            requires_expiration: options.boolean("requireExp")?.unwrap_or(true),
            now: timestamp("now", options.number("now")?.unwrap_or_else(Date::now))?,
        },
    );
    match verdict {
        Ok(jwt) => view::verified(&jwt),
        Err(rejection) => view::unverified(rejection),
    }
}
