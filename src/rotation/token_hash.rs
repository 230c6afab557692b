//! What stands for a refresh token where the token itself has no business.

use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const BYTES: usize = 16;

/// 128 bits of SHA-256 of a refresh token: enough to recognise it, of no use to exchange it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// The hash of a refresh token.
    ///
    /// ```
    /// use edgeseal::rotation::TokenHash;
    /// assert!(TokenHash::of(&"rt_1".into()) == TokenHash::of(&"rt_1".into()));
    /// assert!(TokenHash::of(&"rt_1".into()) != TokenHash::of(&"rt_2".into()));
    /// ```
    pub fn of(refresh_token: &SecretString) -> Self {
        let hash = Sha256::digest(refresh_token.expose_secret());
        Self(Base64UrlUnpadded::encode_string(hash.get(..BYTES).unwrap_or_default()))
    }

    /// As it was written; a text that is no hash is that of no token.
    pub(super) fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenHash(…)")
    }
}
