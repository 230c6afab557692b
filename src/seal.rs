//! Sealing: encrypting and authenticating a session so that a browser can carry it.
//!
//! One file per wire format below; here is what they share: the format's name, the password ring, and the two verbs.
//! No randomness and no clock: both are arguments.

mod go;
mod iron;
mod password;

pub use password::PasswordRing;
use secrecy::{ExposeSecret, SecretSlice};

use crate::error::Rejection;
use crate::limits;
use crate::time::Timestamp;

/// How a sealed session is written down. Every WorkOS SDK has its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SealFormat {
    /// `Fe26.2*…~2` of `@workos-inc/node`, `authkit-*` and iron-session.
    Iron,
    /// AES-256-GCM of the Go and Rust SDKs.
    Go,
}

impl SealFormat {
    /// The name in settings and in the JS API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iron => "iron",
            Self::Go => "go",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Iron, Self::Go].into_iter().find(|format| format.name() == name)
    }

    /// The format that a sealed value looks like, without opening it.
    ///
    /// ```
    /// use edgeseal::SealFormat;
    /// assert_eq!(SealFormat::detect("Fe26.2*1*…"), Some(SealFormat::Iron));
    /// assert_eq!(SealFormat::detect("not sealed"), None);
    /// ```
    pub fn detect(sealed: &str) -> Option<Self> {
        if iron::looks_like(sealed) {
            Some(Self::Iron)
        } else if go::looks_like(sealed) {
            Some(Self::Go)
        } else {
            None
        }
    }
}

/// The password id that a sealed value names, where its format has one. Nothing is proven by it.
///
/// ```
/// assert_eq!(edgeseal::password_id("Fe26.2*2*…"), Some("2"));
/// assert_eq!(edgeseal::password_id("Fe26.2**…"), None);
/// ```
pub fn password_id(sealed: &str) -> Option<&str> {
    iron::password_id(sealed)
}

/// Fresh randomness for one seal. Not `Clone`: salts and nonces are used once.
pub struct SealEntropy {
    salts: [[u8; 32]; 2],
    iv: [u8; 16],
    nonce: [u8; 12],
}

impl SealEntropy {
    /// Draws from `fill`, which has to be a cryptographically secure random source.
    pub fn from_source(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut entropy = Self { salts: [[0; 32]; 2], iv: [0; 16], nonce: [0; 12] };
        entropy.salts.iter_mut().for_each(|salt| fill(salt));
        fill(&mut entropy.iv);
        fill(&mut entropy.nonce);
        entropy
    }
}

/// What a seal held, with the format it came in. Only [`unseal`] makes one.
pub struct Unsealed {
    plaintext: SecretSlice<u8>,
    format: SealFormat,
    version: iron::Version,
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

    /// Whether iron-session before version 2 wrote it: the data is then in the member `persistent`.
    pub(crate) const fn is_legacy_iron(&self) -> bool {
        matches!(self.version, iron::Version::Legacy)
    }
}

/// Opens a seal with any password of the ring that fits.
///
/// # Errors
/// [`Rejection::CookieTooLarge`], [`Rejection::SealUnknownFormat`], [`Rejection::SealMalformed`],
/// [`Rejection::SealExpired`], [`Rejection::SealUnknownPassword`] or [`Rejection::SealBadMac`].
pub fn unseal(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Result<Unsealed, Rejection> {
    if sealed.len() > limits::SEALED_SESSION_BYTES {
        return Err(Rejection::CookieTooLarge);
    }
    let format = SealFormat::detect(sealed).ok_or(Rejection::SealUnknownFormat)?;
    let (plaintext, version) = match format {
        SealFormat::Iron => iron::unseal(sealed, passwords, now)?,
        SealFormat::Go => (go::unseal(sealed, passwords)?, iron::Version::Current),
    };
    Ok(Unsealed { plaintext: plaintext.into(), format, version })
}

/// Seals bytes with the newest password of the ring. `expires_at`: the seal's own expiry, where the format has one.
///
/// ```
/// use edgeseal::{PasswordRing, SealEntropy, SealFormat, Timestamp, seal, unseal};
/// let passwords = PasswordRing::single("a password of at least 32 characters".into())?;
/// let now = Timestamp::from_seconds(1_763_640_000);
/// let entropy = SealEntropy::from_source(|bytes| bytes.fill(7)); // a secure source, in real life
/// let sealed = seal(b"{}", SealFormat::Iron, &passwords, entropy, None);
/// assert!(sealed.starts_with("Fe26.2*1*"));
/// assert_eq!(unseal(&sealed, &passwords, now)?.plaintext(), b"{}");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn seal(
    plaintext: &[u8],
    format: SealFormat,
    passwords: &PasswordRing,
    entropy: SealEntropy,
    expires_at: Option<Timestamp>,
) -> String {
    match format {
        SealFormat::Iron => iron::seal(plaintext, passwords, &entropy, expires_at),
        SealFormat::Go => go::seal(plaintext, passwords, &entropy),
    }
}
