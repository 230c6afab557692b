//! The settings of how the gateway conducts itself: how long it keeps what, and who may see more.

use secrecy::SecretString;

use crate::error::ConfigurationError;
use crate::limits;
use crate::revocation::RevocationPolicy;

/// `COOKIE_MAX_AGE`.
pub(super) fn max_age(setting: Option<String>) -> Result<i64, ConfigurationError> {
    let Some(setting) = setting else {
        return Ok(limits::COOKIE_MAX_AGE_SECONDS);
    };
    setting.parse().ok().filter(|seconds| (60..=limits::COOKIE_MAX_AGE_SECONDS).contains(seconds)).ok_or_else(|| {
        ConfigurationError::new(
            "COOKIE_MAX_AGE",
            "is not between 60 and 34560000 seconds (400 days, the most browsers keep)",
        )
    })
}

/// `DEGRADED_SECONDS`.
pub(super) fn degraded_seconds(setting: Option<String>) -> Result<i64, ConfigurationError> {
    let Some(setting) = setting else {
        return Ok(0);
    };
    setting
        .parse()
        .ok()
        .filter(|seconds| (0..=limits::DEGRADED_SECONDS).contains(seconds))
        .ok_or_else(|| ConfigurationError::new("DEGRADED_SECONDS", "is not between 0 and 86400 seconds (a day)"))
}

/// `SIGNATURES`: whether RSA has to do without the kernel.
pub(super) fn portable_signatures(setting: Option<String>) -> Result<bool, ConfigurationError> {
    match setting.as_deref() {
        None | Some("fast") => Ok(false),
        Some("portable") => Ok(true),
        Some(_) => Err(ConfigurationError::new("SIGNATURES", "is not known; write `fast` or `portable`")),
    }
}

/// `REVOCATION` and `REVOCATION_OUTAGE_SECONDS`.
pub(super) fn revocation(
    mode: Option<String>,
    outage_seconds: Option<String>,
) -> Result<RevocationPolicy, ConfigurationError> {
    Ok(RevocationPolicy {
        is_strict: is_revocation_strict(mode)?,
        outage_seconds: revocation_outage_seconds(outage_seconds)?,
    })
}

fn is_revocation_strict(setting: Option<String>) -> Result<bool, ConfigurationError> {
    match setting.as_deref() {
        None | Some("eventual") => Ok(false),
        Some("strict") => Ok(true),
        Some(_) => Err(ConfigurationError::new("REVOCATION", "is not known; write `eventual` or `strict`")),
    }
}

fn revocation_outage_seconds(setting: Option<String>) -> Result<i64, ConfigurationError> {
    let Some(setting) = setting else {
        return Ok(limits::REVOCATION_OUTAGE_SECONDS);
    };
    let allowed = 0..=limits::LONGEST_REVOCATION_OUTAGE_SECONDS;
    setting.parse().ok().filter(|seconds| allowed.contains(seconds)).ok_or_else(|| {
        ConfigurationError::new("REVOCATION_OUTAGE_SECONDS", "is not between 0 and 86400 seconds (a day)")
    })
}

/// `ADMIN_TOKEN`.
pub(super) fn admin_token(setting: Option<String>) -> Result<Option<SecretString>, ConfigurationError> {
    if setting.as_ref().is_some_and(|token| token.len() < limits::ADMIN_TOKEN_BYTES) {
        return Err(ConfigurationError::new("ADMIN_TOKEN", "is too short; write 32 random characters or more"));
    }
    Ok(setting.map(Into::into))
}
