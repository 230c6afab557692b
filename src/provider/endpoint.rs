//! What the providers' URLs have in common: a base that is checked once, and ids that may stand in a path.

use http::Uri;

use crate::error::ConfigurationError;

/// Scheme and host of a provider's API, without a slash at its end.
pub(super) struct BaseUrl {
    text: String,
    setting: &'static str,
    problem: &'static str,
}

impl BaseUrl {
    /// `https` and a host, or `http` on this machine; no path, so that every endpoint is where it should be.
    ///
    /// # Errors
    /// The setting, with what is wrong with it.
    pub(super) fn new(url: &str, setting: &'static str, problem: &'static str) -> Result<Self, ConfigurationError> {
        let base = Self { text: url.trim_end_matches('/').to_owned(), setting, problem };
        let uri = base.parse(&base.text)?;
        let host = uri.host().unwrap_or_default();
        let is_local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        let is_secure = uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_local);
        if host.is_empty() || !is_secure || uri.path() != "/" || uri.query().is_some() || base.text.contains('@') {
            return Err(ConfigurationError::new(setting, problem));
        }
        Ok(base)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// A path on it.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(super) fn endpoint(&self, path: &str) -> Result<Uri, ConfigurationError> {
        self.parse(&format!("{}{path}", self.text))
    }

    fn parse(&self, url: &str) -> Result<Uri, ConfigurationError> {
        Uri::try_from(url).map_err(|_| ConfigurationError::new(self.setting, self.problem))
    }
}

/// Whether it may stand in a path.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
