//! Sealing: encrypting and authenticating a session so that a browser can carry it.
//!
//! One file per wire format below; here are the two verbs that they share, in `format`
//! their names and in `password` the ring.
//! No randomness and no clock: both are arguments.

mod aes;
mod aes_cbc;
mod aes_gcm;
mod derived_keys;
mod dotnet;
mod edgeseal;
mod fernet;
mod format;
mod go;
mod iron;
mod json;
mod keygen;
mod mac;
mod password;
mod php;
mod remix;
mod ruby;
mod ruby_legacy;
#[cfg(test)]
#[path = "../tests/support/third_party.rs"]
mod third_party;

use core::cell::OnceCell;

pub use derived_keys::DerivedKeys;
pub use format::{SealFormat, SealFormats};
pub use keygen::{CookiePasswordKind, generate_cookie_password};
pub use password::PasswordRing;
use secrecy::{ExposeSecret, SecretSlice};

use crate::encoding::decode_base64;
use crate::error::{ConfigurationError, Rejection};
use crate::limits;
use crate::time::Timestamp;

/// The password id that a sealed value names, where its format has one. Nothing is proven by it.
///
/// ```
/// assert_eq!(edgeseal::password_id("Fe26.2*2*…"), Some("2"));
/// assert_eq!(edgeseal::password_id("es1.2.…"), Some("2"));
/// assert_eq!(edgeseal::password_id("Fe26.2**…"), None);
/// ```
pub fn password_id(sealed: &str) -> Option<&str> {
    iron::password_id(sealed).or_else(|| edgeseal::password_id(sealed))
}

/// Fresh randomness for one seal. Not `Clone`: salts and nonces are used once.
pub struct SealEntropy {
    salts: [[u8; 32]; 2],
    iv: [u8; 16],
    nonce: [u8; 12],
    long_nonce: [u8; 24],
}

impl SealEntropy {
    /// Draws from `fill`, which has to be a cryptographically secure random source.
    pub fn from_source(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut entropy = Self { salts: [[0; 32]; 2], iv: [0; 16], nonce: [0; 12], long_nonce: [0; 24] };
        entropy.salts.iter_mut().for_each(|salt| fill(salt));
        fill(&mut entropy.iv);
        fill(&mut entropy.nonce);
        fill(&mut entropy.long_nonce);
        entropy
    }
}

/// What a seal held, with the format it came in. Only [`unseal`] makes one.
pub struct Unsealed {
    plaintext: SecretSlice<u8>,
    format: SealFormat,
    version: iron::Version,
    expires_at: Option<Timestamp>,
}

impl Unsealed {
    /// The bytes that were sealed: JSON, for every SDK.
    pub fn plaintext(&self) -> &[u8] {
        self.plaintext.expose_secret()
    }

    /// The format it came in, which a refresh keeps.
    pub const fn format(&self) -> SealFormat {
        self.format
    }

    /// From when on the seal opens no more, where it says so itself.
    pub fn opens_until(&self) -> Option<Timestamp> {
        self.expires_at.map(|at| at.plus_milliseconds(limits::SEAL_LEEWAY_MILLISECONDS))
    }

    /// Whether iron-session before version 2 wrote it: the data is then in the member `persistent`.
    pub(crate) const fn is_legacy_iron(&self) -> bool {
        matches!(self.version, iron::Version::Legacy)
    }
}

/// Opens a seal of an accepted format with any password of the ring that fits.
///
/// # Errors
/// [`Rejection::CookieTooLarge`], [`Rejection::SealUnknownFormat`], [`Rejection::SealNotAccepted`],
/// [`Rejection::SealMalformed`], [`Rejection::SealExpired`], [`Rejection::SealUnknownPassword`],
/// [`Rejection::SealBadMac`], or [`Rejection::SealBudgetSpent`], which decides nothing.
pub fn unseal(
    sealed: &str,
    passwords: &PasswordRing,
    accepted: SealFormats,
    now: Timestamp,
) -> Result<Unsealed, Rejection> {
    if sealed.len() > limits::SEALED_SESSION_BYTES {
        return Err(Rejection::CookieTooLarge);
    }
    let candidates = SealFormat::detect(sealed);
    let mut rejection = if candidates.is_empty() { Rejection::SealUnknownFormat } else { Rejection::SealNotAccepted };
    // Once for all formats in plain base64: what only the password tells apart is not decoded for each of them.
    let bytes = OnceCell::new();
    let decoded = || bytes.get_or_init(|| plain_base64(sealed)).as_deref().ok_or(Rejection::SealMalformed);
    let mut tried = candidates.iter().copied().filter(|format| accepted.contains(*format)).map(|format| {
        let (mut version, mut expires_at) = (iron::Version::Current, None);
        let plaintext = match format {
            SealFormat::Iron | SealFormat::Remix => {
                let open = if format == SealFormat::Iron { iron::unseal } else { remix::unseal };
                let opened = open(sealed, passwords, now)?;
                (version, expires_at) = (opened.version, opened.expires_at);
                opened.plaintext
            }
            SealFormat::Fernet => fernet::unseal(sealed, passwords)?,
            SealFormat::Ruby => ruby::unseal(decoded()?, passwords)?,
            SealFormat::Go => go::unseal(decoded()?, passwords)?,
            SealFormat::Php => php::unseal(decoded()?, passwords)?,
            SealFormat::RubyLegacy => ruby_legacy::unseal(decoded()?, passwords)?,
            SealFormat::Dotnet => dotnet::unseal(sealed, passwords, now)?,
            SealFormat::Edgeseal => {
                let (plaintext, found) = edgeseal::unseal(sealed, edgeseal::Purpose::Session, passwords, now)?;
                expires_at = found;
                plaintext
            }
            SealFormat::Json => json::unseal(sealed)?,
        };
        Ok(Unsealed { plaintext: plaintext.into(), format, version, expires_at })
    });
    tried.find_map(|result| result.map_err(|refused| rejection = refused).ok()).ok_or(rejection)
}

/// Opens what [`seal_record`] has sealed. No browser has had it in its hands, so it may be longer than a cookie.
///
/// # Errors
/// As [`unseal`].
pub(crate) fn unseal_record(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Result<Vec<u8>, Rejection> {
    edgeseal::unseal(sealed, edgeseal::Purpose::Record, passwords, now).map(|(plaintext, _)| plaintext)
}

/// Seals in our own format what is stored and not carried; none where the ring has no password for it.
pub(crate) fn seal_record(plaintext: &[u8], passwords: &PasswordRing, entropy: &SealEntropy) -> Option<String> {
    edgeseal::seal(plaintext, edgeseal::Purpose::Record, passwords, entropy, None)
}

/// Seals bytes with the newest password of the ring that suits the format. `now` and `expires_at` are written where the
/// format has a place for them: the time of sealing, and the seal's own expiry.
///
/// ```
/// use edgeseal::{PasswordRing, SealEntropy, SealFormat, SealFormats, Timestamp, seal, unseal};
/// let passwords = PasswordRing::single("a password of at least 32 characters".into())?;
/// let now = Timestamp::from_seconds(1_763_640_000);
/// let entropy = SealEntropy::from_source(|bytes| bytes.fill(7)); // a secure source, in real life
/// let sealed = seal(b"{}", SealFormat::Iron, &passwords, entropy, now, None)?;
/// assert!(sealed.starts_with("Fe26.2*1*"));
/// assert_eq!(unseal(&sealed, &passwords, SealFormats::DEFAULT, now)?.plaintext(), b"{}");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// No password of the ring has the shape that the format needs (every one suits [`SealFormat::Iron`]), or the format is
/// only read.
pub fn seal(
    plaintext: &[u8],
    format: SealFormat,
    passwords: &PasswordRing,
    entropy: SealEntropy,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<String, ConfigurationError> {
    let password = passwords.newest_for(format).ok_or_else(|| format.password_error())?;
    Ok(match format {
        SealFormat::Iron => iron::seal(plaintext, passwords, &entropy, expires_at),
        SealFormat::Remix => remix::seal(plaintext, passwords, password, &entropy),
        SealFormat::Fernet => {
            fernet::seal(plaintext, password, &entropy, now).ok_or_else(|| format.password_error())?
        }
        SealFormat::Ruby => ruby::seal(plaintext, password, &entropy),
        SealFormat::Go => go::seal(plaintext, password, &entropy),
        SealFormat::Php => php::seal(plaintext, password, &entropy).ok_or_else(|| format.password_error())?,
        SealFormat::Dotnet => dotnet::seal(plaintext, passwords, password, &entropy),
        SealFormat::Edgeseal => edgeseal::seal(plaintext, edgeseal::Purpose::Session, passwords, &entropy, expires_at)
            .ok_or_else(|| format.password_error())?,
        SealFormat::Json => String::from_utf8_lossy(plaintext).into_owned(),
        SealFormat::RubyLegacy => {
            return Err(ConfigurationError::new("seal format", "`ruby-legacy` is only read; write `ruby`"));
        }
    })
}

/// Whether it may be base64 in the standard alphabet, padded.
fn is_plain_base64(sealed: &str) -> bool {
    sealed.len().is_multiple_of(4) && !has(sealed, |byte| !is_base64(byte))
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=')
}

/// MIME's.
const fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Whether a byte is such. Looks at every one, however many: the compiler then takes sixteen at once.
pub(crate) fn has(sealed: &str, is_such: impl Fn(u8) -> bool) -> bool {
    sealed.bytes().fold(false, |found, byte| found | is_such(byte))
}

/// Base64 in the standard alphabet, padded. Line breaks are in it only where `ruby_legacy` is the one candidate.
fn plain_base64(sealed: &str) -> Option<Vec<u8>> {
    match has(sealed, is_line_break) {
        true => decode_base64(&sealed.replace(['\n', '\r'], "")),
        false => decode_base64(sealed),
    }
}

/// Whether a seal's own expiry has passed, with iron's tolerance.
fn has_expired(expires_at: Timestamp, now: Timestamp) -> bool {
    expires_at.milliseconds() <= now.milliseconds().saturating_sub(limits::SEAL_LEEWAY_MILLISECONDS)
}
