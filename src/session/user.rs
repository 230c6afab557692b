//! The provider's user: an open object, kept whole as it came, spelled as each reader expects.

use std::borrow::Cow;
use std::rc::Rc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A user, with every member that came along. Serialized in `snake_case`, as the provider's API writes it.
#[derive(Clone)]
pub struct User(Rc<Map<String, Value>>);

impl User {
    /// Takes a user in either spelling.
    pub(crate) fn from_members(members: Map<String, Value>) -> Self {
        Self(Rc::new(members))
    }

    /// The provider's id of the user.
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// The e-mail address.
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// All members, in `snake_case`. What is inside a member (`metadata`) keeps its spelling.
    pub fn snake_case(&self) -> Map<String, Value> {
        self.spelled(to_snake_case)
    }

    /// All members, in the `camelCase` of the Node SDK. What is inside a member keeps its spelling.
    pub fn camel_case(&self) -> Map<String, Value> {
        self.spelled(to_camel_case)
    }

    fn spelled(&self, spell: fn(&str) -> Cow<'_, str>) -> Map<String, Value> {
        let mut spelled = Map::new();
        // Not `collect`: it sorts first, which is more wasm than a few inserts.
        spelled.extend(self.0.iter().map(|(name, value)| (spell(name).into_owned(), value.clone())));
        spelled
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

/// However each is spelled.
impl PartialEq for User {
    fn eq(&self, other: &Self) -> bool {
        self.snake_case() == other.snake_case()
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.snake_case().serialize(serializer)
    }
}

/// A user as JavaScript reads it, without a map in between.
#[cfg(feature = "js")]
pub(crate) struct CamelCase<'a>(pub(crate) &'a User);

#[cfg(feature = "js")]
impl Serialize for CamelCase<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.0.iter().map(|(name, value)| (to_camel_case(name), value)))
    }
}

fn to_snake_case(name: &str) -> Cow<'_, str> {
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return name.into();
    }
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake.into()
}

pub(crate) fn to_camel_case(name: &str) -> Cow<'_, str> {
    if !name.contains('_') {
        return name.into();
    }
    let mut camel = String::with_capacity(name.len());
    let mut after_underscore = false;
    for character in name.chars() {
        match character {
            '_' if !camel.is_empty() => after_underscore = true,
            _ if after_underscore => {
                camel.push(character.to_ascii_uppercase());
                after_underscore = false;
            }
            _ => camel.push(character),
        }
    }
    camel.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for (snake, camel) in
            [("id", "id"), ("profile_picture_url", "profilePictureUrl"), ("last_sign_in_at", "lastSignInAt")]
        {
            assert_eq!(to_camel_case(snake), camel);
            assert_eq!(to_snake_case(camel), snake);
            assert_eq!(to_snake_case(snake), snake);
        }
    }
}
