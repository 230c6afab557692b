//! The password ring: several cookie passwords at once, so that one can be replaced without signing anybody out.

use secrecy::{ExposeSecret, SecretString};

use super::{DerivedKeys, SealFormat};
use crate::error::ConfigurationError;
use crate::limits;

const SETTING: &str = "cookie password";

/// Cookie passwords, newest first. The newest seals; every one opens.
///
/// There is no `Debug`: a ring cannot be printed.
///
/// ```
/// use edgeseal::PasswordRing;
/// let ring = PasswordRing::list(vec![
///     "the new password, 32 characters or more".into(),
///     "the old password, 32 characters or more".into(),
/// ])?;
/// assert_eq!(ring.len(), 2);
/// assert!(PasswordRing::single("too short".into()).is_err());
/// # Ok::<(), edgeseal::ConfigurationError>(())
/// ```
#[derive(Clone)]
pub struct PasswordRing {
    entries: Vec<Entry>,
    derived_keys: DerivedKeys,
}

#[derive(Clone)]
struct Entry {
    /// The id that a map gives to its password; none in a string or a list, whose passwords open any id.
    id: Option<String>,
    password: SecretString,
}

impl PasswordRing {
    /// A ring of one password.
    ///
    /// # Errors
    /// A password of fewer than 32 characters.
    pub fn single(password: SecretString) -> Result<Self, ConfigurationError> {
        Self::list(vec![password])
    }

    /// A ring of passwords, newest first. Any of them opens a seal of any password id.
    ///
    /// # Errors
    /// No password, more than eight, or one of fewer than 32 characters.
    pub fn list(passwords: Vec<SecretString>) -> Result<Self, ConfigurationError> {
        Self::checked(passwords.into_iter().map(|password| Entry { id: None, password }).collect())
    }

    /// A ring of named passwords, as iron-session keeps them. The largest id seals.
    ///
    /// # Errors
    /// As [`PasswordRing::list`], and an id that is not made of letters, digits and `_`.
    pub fn map(passwords: Vec<(String, SecretString)>) -> Result<Self, ConfigurationError> {
        if !passwords.iter().all(|(id, _)| is_password_id(id)) {
            return Err(ConfigurationError::new(
                SETTING,
                "has an id with other characters than letters, digits and `_`",
            ));
        }
        let mut entries: Vec<_> =
            passwords.into_iter().map(|(id, password)| Entry { id: Some(id), password }).collect();
        // Longer ids are larger, so that `10` counts as newer than `9`.
        entries.sort_by(|a, b| (b.id_length(), &b.id).cmp(&(a.id_length(), &a.id)));
        Self::checked(entries)
    }

    /// How many passwords it holds.
    #[expect(clippy::len_without_is_empty, reason = "a ring is never empty")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Keeps derived keys, and the budget for them, together with other rings: one for all that an isolate serves.
    #[must_use]
    pub fn sharing(self, derived_keys: DerivedKeys) -> Self {
        Self { derived_keys, ..self }
    }

    /// The keys that it has derived, to share them.
    pub const fn derived_keys(&self) -> &DerivedKeys {
        &self.derived_keys
    }

    fn checked(entries: Vec<Entry>) -> Result<Self, ConfigurationError> {
        if entries.is_empty() {
            return Err(ConfigurationError::new(SETTING, "is missing; write 32 random characters or more"));
        }
        if entries.len() > limits::PASSWORDS {
            return Err(ConfigurationError::new(SETTING, "holds more than 8 passwords; drop the oldest"));
        }
        let long_enough = |entry: &Entry| {
            entry.password.expose_secret().encode_utf16().take(limits::PASSWORD_CHARACTERS).count()
                == limits::PASSWORD_CHARACTERS
        };
        if !entries.iter().all(long_enough) {
            return Err(ConfigurationError::new(
                SETTING,
                "is too short; write 32 characters or more, for example the output of `openssl rand -base64 32`",
            ));
        }
        Ok(Self { entries, derived_keys: DerivedKeys::default() })
    }

    /// The id and password that seal. `1` where the ring has no ids: the only id that the WorkOS SDK reads.
    pub(crate) fn newest(&self) -> (&str, &str) {
        // A ring is never empty: `checked` is its only constructor.
        self.entries
            .first()
            .map_or(("1", ""), |entry| (entry.id.as_deref().unwrap_or("1"), entry.password.expose_secret()))
    }

    /// The newest password of the shape that a format needs. Every one suits [`SealFormat::Iron`].
    pub(crate) fn newest_for(&self, format: SealFormat) -> Option<&str> {
        self.candidates("").find(|password| format.suits(password))
    }

    /// The passwords that may open a seal of this id. A seal without an id may be of any.
    pub(crate) fn candidates<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries
            .iter()
            .filter(move |entry| id.is_empty() || entry.id.as_deref().is_none_or(|own| own == id))
            .map(|entry| entry.password.expose_secret())
    }
}

impl Entry {
    fn id_length(&self) -> usize {
        self.id.as_deref().map_or(0, str::len)
    }
}

/// Iron's rule for password ids: `^\w+$`.
pub(crate) fn is_password_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(name: &str) -> SecretString {
        format!("{name} password of more than 32 characters").into()
    }

    #[test]
    fn a_map_seals_with_its_largest_id() {
        let ring =
            PasswordRing::map(["9", "10", "2"].map(|id| (id.to_owned(), password(id))).into_iter().collect()).unwrap();
        assert_eq!(ring.newest().0, "10");
        assert_eq!(ring.candidates("9").count(), 1);
        assert_eq!(ring.candidates("3").count(), 0);
        assert_eq!(ring.candidates("").count(), 3);
    }

    #[test]
    fn a_list_opens_any_id_and_seals_with_the_first() {
        let ring = PasswordRing::list(vec![password("new"), password("old")]).unwrap();
        assert_eq!(ring.newest(), ("1", "new password of more than 32 characters"));
        assert_eq!(ring.candidates("7").count(), 2);
    }

    #[test]
    fn length_is_counted_in_utf16_units() {
        assert!(PasswordRing::single("é".repeat(31).into()).is_err());
        assert!(PasswordRing::single("é".repeat(32).into()).is_ok());
        assert!(PasswordRing::single("🔑".repeat(16).into()).is_ok());
    }

    #[test]
    fn empty_and_overlong_rings_are_refused() {
        assert!(PasswordRing::list(vec![]).is_err());
        assert!(PasswordRing::list(vec![password("same"); 9]).is_err());
        assert!(PasswordRing::map(vec![("a*b".to_owned(), password("x"))]).is_err());
    }
}
