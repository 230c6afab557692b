//! The names of the wire formats, how each is recognised, and sets of them. Nothing here opens a seal.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::password::PasswordRing;
use super::{dotnet, edgeseal, fernet, go, iron, json, php, remix, ruby, ruby_legacy};
use crate::error::ConfigurationError;

/// How a sealed session is written down. Every WorkOS SDK has its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SealFormat {
    /// `Fe26.2*…~2` of `@workos-inc/node`, `authkit-*` and iron-session.
    Iron,
    /// React Router's signed cookie around an iron seal, of `authkit-remix` and `authkit-react-router`.
    Remix,
    /// Fernet, of the Python SDK.
    Fernet,
    /// AES-256-GCM of the Ruby SDK from version 7 on.
    Ruby,
    /// AES-256-GCM of the Go and Rust SDKs.
    Go,
    /// NaCl's secretbox, of the PHP SDK.
    Php,
    /// AES-256-GCM of the .NET SDK, under a slowly derived key. Accepted only where it is named: each new salt costs
    /// milliseconds, and the sender chooses it. See [`crate::DerivedKeys`].
    Dotnet,
    /// AES-256-GCM of the Ruby SDK before version 7. Only read: a session that comes in it is sealed as [`Self::Ruby`].
    RubyLegacy,
    /// Our own: AES-256-GCM with a key per seal, password id and expiry. No SDK reads it.
    Edgeseal,
    /// Not sealed: plain JSON. Accepted only where it is named; nothing in it is believed but the signed token.
    Json,
}

impl SealFormat {
    /// Every format.
    pub const ALL: &'static [Self] = &[
        Self::Iron,
        Self::Remix,
        Self::Fernet,
        Self::Ruby,
        Self::Go,
        Self::Php,
        Self::Dotnet,
        Self::RubyLegacy,
        Self::Edgeseal,
        Self::Json,
    ];

    /// The name in settings and in the JS API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iron => "iron",
            Self::Remix => "remix",
            Self::Fernet => "fernet",
            Self::Ruby => "ruby",
            Self::Go => "go",
            Self::Php => "php",
            Self::Dotnet => "dotnet",
            Self::RubyLegacy => "ruby-legacy",
            Self::Edgeseal => "edgeseal",
            Self::Json => "json",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The formats that a sealed value may be of, likeliest first, without opening it. More than one where only the
    /// password can tell.
    ///
    /// ```
    /// use edgeseal::SealFormat;
    /// assert_eq!(SealFormat::detect("Fe26.2*1*…"), [SealFormat::Iron]);
    /// assert_eq!(SealFormat::detect("not sealed"), []);
    /// ```
    pub fn detect(sealed: &str) -> &'static [Self] {
        if iron::looks_like(sealed) {
            &[Self::Iron]
        } else if fernet::looks_like(sealed) {
            &[Self::Fernet]
        } else if dotnet::looks_like(sealed) {
            &[Self::Dotnet]
        } else if remix::looks_like(sealed) {
            &[Self::Remix]
        } else if edgeseal::looks_like(sealed) {
            &[Self::Edgeseal]
        } else if json::looks_like(sealed) {
            &[Self::Json]
        } else if ruby_legacy::looks_like(sealed) {
            &[Self::RubyLegacy]
        } else if !go::looks_like(sealed) {
            &[]
        } else if ruby::starts_with_version(sealed) {
            &[Self::Ruby, Self::Go, Self::Php, Self::RubyLegacy]
        } else {
            &[Self::Go, Self::Php, Self::RubyLegacy]
        }
    }

    /// Whether the newest password of a ring can seal this format.
    ///
    /// # Errors
    /// What kind of password the format needs.
    pub fn check(self, passwords: &PasswordRing) -> Result<(), ConfigurationError> {
        let (_, newest) = passwords.newest();
        if self.suits(newest) { Ok(()) } else { Err(self.password_error()) }
    }

    /// Whether a password has the shape that this format needs.
    pub(crate) fn suits(self, password: &str) -> bool {
        match self {
            Self::Fernet => fernet::suits(password),
            Self::Php => php::suits(password),
            Self::RubyLegacy => ruby_legacy::suits(password),
            Self::Iron | Self::Remix | Self::Ruby | Self::Go | Self::Dotnet | Self::Edgeseal | Self::Json => true,
        }
    }

    pub(crate) const fn password_error(self) -> ConfigurationError {
        let problem = match self {
            Self::Fernet => {
                "does not suit the format `fernet`; write url-safe base64 of 32 bytes, \
                 for example the output of `openssl rand -base64 32 | tr '+/' '-_'`"
            }
            Self::Php => {
                "does not suit the format `php`; write base64 of 32 bytes, \
                 for example the output of `openssl rand -base64 32`"
            }
            Self::RubyLegacy => "does not suit the format `ruby-legacy`; write the 32 bytes that the Ruby SDK has",
            Self::Iron | Self::Remix | Self::Ruby | Self::Go | Self::Dotnet | Self::Edgeseal | Self::Json => {
                "is too short; write 32 characters or more"
            }
        };
        ConfigurationError::new("cookie password", problem)
    }

    /// The format that a session of this one is sealed in: the same, except for what is only read.
    pub const fn written(self) -> Self {
        match self {
            Self::RubyLegacy => Self::Ruby,
            format => format,
        }
    }

    /// A sealed value as it stands in a cookie that the SDK of this format reads too: what surrounds the SDK there (Rack,
    /// PHP, React Router) percent-decodes, and takes a `+` for a space. Reading a cookie here, both spellings count.
    pub fn cookie_value(self, sealed: String) -> String {
        // What base64 has beside letters and digits, what a cookie cannot hold (RFC 6265 §4.1.1), and the sign of JSON that
        // stands as it is.
        const RESERVED: &AsciiSet = &CONTROLS
            .add(b'+')
            .add(b'/')
            .add(b'=')
            .add(b' ')
            .add(b'"')
            .add(b'%')
            .add(b',')
            .add(b';')
            .add(b'{')
            .add(b'\\');
        match self {
            Self::Remix | Self::Ruby | Self::Php | Self::Json => utf8_percent_encode(&sealed, RESERVED).to_string(),
            _ => sealed,
        }
    }

    /// Whether opening it proves who wrote it.
    pub(crate) const fn is_sealed(self) -> bool {
        !matches!(self, Self::Json)
    }

    /// Whether a seal of this format can carry an expiry of its own.
    #[cfg(feature = "js")]
    pub(crate) const fn can_expire(self) -> bool {
        matches!(self, Self::Iron | Self::Edgeseal)
    }

    /// Whether the SDK of this format writes `accessToken`; the others write `access_token`.
    pub(crate) const fn is_camel_case(self) -> bool {
        matches!(self, Self::Iron | Self::Remix)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of formats: those that are accepted.
///
/// ```
/// use edgeseal::{SealFormat, SealFormats};
/// assert!(SealFormats::DEFAULT.contains(SealFormat::Fernet));
/// assert!(!SealFormats::only(SealFormat::Iron).contains(SealFormat::Fernet));
/// let two: SealFormats = [SealFormat::Iron, SealFormat::Go].into_iter().collect();
/// assert!(two.contains(SealFormat::Go));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealFormats(u16);

impl SealFormats {
    /// What is accepted where nothing else is said: every format that is cheap to check and really sealed.
    pub const DEFAULT: Self = Self(
        SealFormat::Iron.bit()
            | SealFormat::Remix.bit()
            | SealFormat::Fernet.bit()
            | SealFormat::Ruby.bit()
            | SealFormat::Go.bit()
            | SealFormat::Php.bit()
            | SealFormat::RubyLegacy.bit()
            | SealFormat::Edgeseal.bit(),
    );

    /// This format and no other.
    pub const fn only(format: SealFormat) -> Self {
        Self(format.bit())
    }

    /// Whether the format is in the set.
    pub const fn contains(self, format: SealFormat) -> bool {
        self.0 & format.bit() != 0
    }
}

impl FromIterator<SealFormat> for SealFormats {
    fn from_iter<I: IntoIterator<Item = SealFormat>>(formats: I) -> Self {
        Self(formats.into_iter().fold(0, |set, format| set | format.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for format in SealFormat::ALL {
            assert_eq!(SealFormat::from_name(format.name()), Some(*format));
        }
        assert_eq!(SealFormat::from_name("rot13"), None);
        assert_eq!(SealFormat::from_name("Iron"), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        for format in SealFormat::ALL {
            let others = SealFormat::ALL.iter().copied().filter(|other| other != format).collect::<SealFormats>();
            assert!(SealFormats::only(*format).contains(*format) && !others.contains(*format));
        }
    }

    #[test]
    fn a_set_may_be_told_twice() {
        assert_eq!(
            [SealFormat::Go, SealFormat::Go].into_iter().collect::<SealFormats>(),
            SealFormats::only(SealFormat::Go)
        );
    }

    #[test]
    fn what_is_accepted_by_default_is_cheap_and_sealed() {
        for format in SealFormat::ALL {
            let is_exception = matches!(format, SealFormat::Dotnet | SealFormat::Json);
            assert_eq!(SealFormats::DEFAULT.contains(*format), !is_exception, "{}", format.name());
        }
    }

    #[test]
    fn one_format_is_not_sealed_and_two_are_of_javascript() {
        let named =
            |is: fn(SealFormat) -> bool| SealFormat::ALL.iter().copied().filter(move |f| is(*f)).map(SealFormat::name);
        assert!(named(|format| !format.is_sealed()).eq(["json"]));
        assert!(named(SealFormat::is_camel_case).eq(["iron", "remix"]));
    }
}
