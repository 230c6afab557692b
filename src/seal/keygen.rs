//! Makes cookie passwords that the WorkOS SDKs take, as random as their shape allows. Draws nothing by itself, and keeps
//! nothing.
//!
//! The SDKs disagree about what a password is. Node wants 32 characters, Ruby 32 bytes; Python and PHP decode base64 of 32
//! bytes, Python in the URL-safe alphabet and PHP in the standard one; Go and .NET take any text. Base64 of 32 bytes in which
//! none of the characters occurs that the two alphabets disagree about (`-`, `_`, `+`, `/`) suits them all at once.

use base64ct::{Base64, Encoding};
use secrecy::{ExposeSecret, ExposeSecretMut, SecretSlice, SecretString};

use super::iron;
use crate::limits;

/// Which SDKs a generated password has to suit. Every kind suits those for Node, Ruby from version 7 on, Go and .NET.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CookiePasswordKind {
    /// 44 characters for the SDKs for Node, Python, Ruby from version 7 on, Go, PHP and .NET: base64 of 32 bytes, without
    /// `+` and `/`. 254 bits.
    #[default]
    Common,
    /// 64 hexadecimal digits, which the SDK for Rust insists on. 256 bits.
    Rust,
    /// 32 letters and digits: the SDK for Ruby before version 7 uses the bytes themselves as a key. 190 bits.
    RubyLegacy,
}

impl CookiePasswordKind {
    /// Every kind, for tables in documentation and tests.
    pub const ALL: &'static [Self] = &[Self::Common, Self::Rust, Self::RubyLegacy];

    /// The name in the JS API and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Rust => "rust",
            Self::RubyLegacy => "ruby-legacy",
        }
    }

    /// The kind of that name.
    ///
    /// ```
    /// use edgeseal::CookiePasswordKind;
    /// assert_eq!(CookiePasswordKind::from_name("rust"), Some(CookiePasswordKind::Rust));
    /// assert_eq!(CookiePasswordKind::from_name("Rust"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A new cookie password, drawn from `fill`, which has to be a cryptographically secure random source.
///
/// `None` if the source gave nothing usable in [`limits::COOKIE_PASSWORD_DRAWS`] draws: it is not random then, and no
/// password is better than one that can be guessed.
///
/// ```
/// use edgeseal::{CookiePasswordKind, PasswordRing, SealFormat, generate_cookie_password};
/// use secrecy::ExposeSecret;
/// let source = |bytes: &mut [u8]| bytes.fill(7); // a secure source, in real life
/// let password = generate_cookie_password(CookiePasswordKind::Common, source).ok_or("not random")?;
/// assert_eq!(password.expose_secret().len(), 44);
/// let ring = PasswordRing::single(password)?;
/// for format in [SealFormat::Iron, SealFormat::Fernet, SealFormat::Ruby, SealFormat::Go, SealFormat::Php] {
///     format.check(&ring)?;
/// }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn generate_cookie_password(kind: CookiePasswordKind, mut fill: impl FnMut(&mut [u8])) -> Option<SecretString> {
    let mut draw = |length: usize| {
        let mut bytes = SecretSlice::from(vec![0; length]);
        fill(bytes.expose_secret_mut());
        bytes
    };
    // Base64 as it comes, drawn again whole until every character is a letter or a digit. Throwing away whole draws keeps
    // those that are left equally likely, which replacing single characters would not.
    //
    // What is left of 32 bytes: 42 characters out of 62 and a 43rd out of 16, because it carries the last 4 bits; that is
    // 62^42 * 16, or 254 bits, and 26 draws of 100 are kept. Of 24 bytes: 32 characters out of 62, or 190 bits, 36 of 100.
    let mut letters_and_digits = |length: usize| {
        let is_plain = |password: &SecretString| !password.expose_secret().contains(['+', '/']);
        (0..limits::COOKIE_PASSWORD_DRAWS)
            .map(|_| SecretString::from(Base64::encode_string(draw(length).expose_secret())))
            .find(is_plain)
    };
    match kind {
        CookiePasswordKind::Common => letters_and_digits(32),
        CookiePasswordKind::RubyLegacy => letters_and_digits(24),
        CookiePasswordKind::Rust => Some(iron::hex(draw(32).expose_secret()).into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use base64ct::Base64Url;

    use super::*;
    use crate::seal::{PasswordRing, SealFormat};

    const PASSWORDS: usize = 1000;

    /// splitmix64: the same passwords in every run, so that what is counted below cannot fail by chance.
    fn source() -> impl FnMut(&mut [u8]) {
        let mut state = 0_u64;
        move |bytes: &mut [u8]| {
            for byte in bytes {
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                *byte = (mixed >> 56) as u8;
            }
        }
    }

    fn passwords(kind: CookiePasswordKind) -> Vec<String> {
        let mut fill = source();
        let one = |_| generate_cookie_password(kind, &mut fill).unwrap().expose_secret().to_owned();
        (0..PASSWORDS).map(one).collect()
    }

    /// The formats that no password of this kind can seal; every one of the kind can seal the others.
    fn unsuited(kind: CookiePasswordKind) -> Vec<SealFormat> {
        let ring = |password: &String| PasswordRing::single(password.as_str().into()).unwrap();
        let rings: Vec<_> = passwords(kind).iter().map(ring).collect();
        let is_unsuited = |format: &SealFormat| {
            let suited = rings.iter().filter(|ring| format.check(ring).is_ok()).count();
            assert!(suited == 0 || suited == PASSWORDS, "{format:?} takes {suited}");
            suited == 0
        };
        SealFormat::ALL.iter().copied().filter(is_unsuited).collect()
    }

    #[test]
    fn every_kind_suits_every_format_but_those_that_need_another_shape() {
        use SealFormat::{Fernet, Php, RubyLegacy};
        assert_eq!(unsuited(CookiePasswordKind::Common), [RubyLegacy]);
        assert_eq!(unsuited(CookiePasswordKind::Rust), [Fernet, Php, RubyLegacy]);
        assert_eq!(unsuited(CookiePasswordKind::RubyLegacy), [Fernet, Php]);
    }

    #[test]
    fn the_common_kind_is_the_same_32_bytes_in_both_alphabets() {
        for password in passwords(CookiePasswordKind::Common) {
            assert_eq!(password.len(), 44);
            let standard = Base64::decode_vec(&password).unwrap();
            assert_eq!(standard.len(), 32);
            assert_eq!(Base64Url::decode_vec(&password).unwrap(), standard);
            assert!(password.ends_with('=') && password[..43].bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn the_other_kinds_are_hexadecimal_digits_and_32_bytes() {
        for password in passwords(CookiePasswordKind::Rust) {
            assert!(password.len() == 64 && password.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
        }
        for password in passwords(CookiePasswordKind::RubyLegacy) {
            assert!(password.len() == 32 && password.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn no_two_are_alike_and_every_character_is_as_likely_as_the_others() {
        // Per kind: how many characters are counted, and in how many kinds they come.
        for (kind, counted, kinds) in [
            (CookiePasswordKind::Common, 42, 62),
            (CookiePasswordKind::Rust, 64, 16),
            (CookiePasswordKind::RubyLegacy, 32, 62),
        ] {
            let passwords = passwords(kind);
            assert_eq!(passwords.iter().collect::<BTreeSet<_>>().len(), PASSWORDS);
            let mut counts = BTreeMap::<char, f64>::new();
            passwords.iter().flat_map(|password| password.chars().take(counted)).for_each(|character| {
                *counts.entry(character).or_default() += 1.0;
            });
            assert_eq!(counts.len(), kinds, "{kind:?}");
            // Chi-squared: its mean is one less than the number of kinds, and it exceeds twice that never by chance.
            let expected = (PASSWORDS * counted) as f64 / kinds as f64;
            let chi_squared: f64 = counts.values().map(|count| (count - expected).powi(2) / expected).sum();
            assert!(chi_squared < 2.0 * (kinds - 1) as f64, "{kind:?}: {chi_squared}");
        }
        // The last character before the padding carries four bits.
        let last: BTreeSet<_> = passwords(CookiePasswordKind::Common).iter().map(|text| text.as_bytes()[42]).collect();
        assert_eq!(last.len(), 16);
    }

    #[test]
    fn about_one_draw_in_four_is_kept() {
        let (mut fill, mut draws) = (source(), 0);
        let mut counting = |bytes: &mut [u8]| {
            draws += 1;
            fill(bytes);
        };
        for _ in 0..PASSWORDS {
            generate_cookie_password(CookiePasswordKind::Common, &mut counting).unwrap();
        }
        // 1000 / (62/64)^42 is 3794.
        assert!((3500..4100).contains(&draws), "{draws}");
    }

    #[test]
    fn a_source_that_is_stuck_gives_no_password_in_the_end() {
        let mut draws = 0;
        let stuck = |bytes: &mut [u8]| {
            draws += 1;
            bytes.fill(0xFF);
        };
        assert!(generate_cookie_password(CookiePasswordKind::Common, stuck).is_none());
        assert_eq!(draws, limits::COOKIE_PASSWORD_DRAWS);
        assert!(generate_cookie_password(CookiePasswordKind::RubyLegacy, |bytes| bytes.fill(0xFF)).is_none());
    }

    #[test]
    fn names_are_unique_and_lead_back() {
        for kind in CookiePasswordKind::ALL {
            assert_eq!(CookiePasswordKind::from_name(kind.name()), Some(*kind));
        }
    }
}
