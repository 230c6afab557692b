//! Where the browser goes to sign in: `getAuthorizationUrl` and the same with a new code verifier. Conversion only.

use base64ct::{Base64UrlUnpadded, Encoding};
use js_sys::{Object, Reflect};
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{Options, wrong};
use super::random::from_source;
use super::workos::UserManagement;

/// The options of the SDK and the parameters that they become, in the order of the query: the alphabet's.
const PARAMETERS: [(&str, &str); 18] = [
    ("claimNonce", "claim_nonce"),
    ("clientId", "client_id"),
    ("codeChallenge", "code_challenge"),
    ("codeChallengeMethod", "code_challenge_method"),
    ("connectionId", "connection_id"),
    ("domainHint", "domain_hint"),
    ("invitationToken", "invitation_token"),
    ("loginHint", "login_hint"),
    ("maxAge", "max_age"),
    ("organizationId", "organization_id"),
    ("prompt", "prompt"),
    ("provider", "provider"),
    ("providerQueryParams", "provider_query_params"),
    ("providerScopes", "provider_scopes"),
    ("redirectUri", "redirect_uri"),
    ("responseType", "response_type"),
    ("screenHint", "screen_hint"),
    ("state", "state"),
];

#[wasm_bindgen(js_class = UserManagement)]
impl UserManagement {
    /// `getAuthorizationUrl({ provider, redirectUri, … })`.
    ///
    /// # Errors
    /// A TypeError that names the argument that cannot work.
    #[wasm_bindgen(js_name = getAuthorizationUrl, skip_typescript)]
    pub fn authorization_url(&self, options: &JsValue) -> Result<String, JsValue> {
        self.authorization_url_with(options, &[])
    }

    /// `getAuthorizationUrlWithPKCE({ provider, redirectUri, … })`: `{ url, state, codeVerifier }`.
    ///
    /// # Errors
    /// The same, and an Error where there is no secure source of randomness.
    #[wasm_bindgen(js_name = getAuthorizationUrlWithPKCE, skip_typescript)]
    pub fn authorization_url_with_pkce(&self, options: &JsValue) -> Result<JsValue, JsValue> {
        let random = || {
            from_source(|fill| {
                let mut bytes = [0; 32];
                fill(&mut bytes);
                // 43 characters (RFC 7636 §4.1).
                Base64UrlUnpadded::encode_string(&bytes)
            })
        };
        let (state, code_verifier) = (random()?, random()?);
        let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(code_verifier.as_bytes()));
        let own = [("codeChallenge", &*challenge), ("codeChallengeMethod", "S256"), ("state", &*state)];
        let url = self.authorization_url_with(options, &own)?;
        let result = Object::new();
        for (name, value) in [("url", url), ("state", state), ("codeVerifier", code_verifier)] {
            Reflect::set(&result, &name.into(), &value.into())?;
        }
        Ok(result.into())
    }

    fn authorization_url_with(&self, options: &JsValue, own: &[(&str, &str)]) -> Result<String, JsValue> {
        let options = Options::new(options)?;
        let workos = &self.shared().environment.workos;
        let mut parameters = Vec::new();
        for (name, parameter) in PARAMETERS {
            let own = own.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
            let values = match name {
                _ if own.is_some() => own.into_iter().collect(),
                "clientId" => vec![options.string(name)?.unwrap_or_else(|| workos.client_id().to_owned())],
                "redirectUri" => vec![options.required(name)?],
                "responseType" => vec!["code".to_owned()],
                "maxAge" => options.number(name)?.map(|seconds| seconds.to_string()).into_iter().collect(),
                "providerScopes" => options.strings(name)?.unwrap_or_default(),
                "providerQueryParams" => {
                    let members = options.map(name)?.unwrap_or_default();
                    parameters.extend(members.into_iter().map(|(key, value)| (format!("{parameter}[{key}]"), value)));
                    continue;
                }
                _ => options.string(name)?.into_iter().collect(),
            };
            parameters.extend(values.into_iter().map(|value| (parameter.to_owned(), value)));
        }
        let has = |name: &str| parameters.iter().any(|(parameter, _)| parameter == name);
        if !["provider", "connection_id", "organization_id"].into_iter().any(has) {
            return Err(wrong("provider", "is missing; write it, or a `connectionId` or an `organizationId`"));
        }
        if has("screen_hint") && !parameters.iter().any(|(name, value)| name == "provider" && value == "authkit") {
            return Err(wrong("screenHint", "is only for the provider `authkit`"));
        }
        Ok(workos.authorization_url_of(&parameters))
    }
}
