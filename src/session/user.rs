//! The provider's user: an open object, kept whole, spelled as each reader expects.

use serde::Serialize;
use serde_json::{Map, Value};

/// A user with `snake_case` members, as the provider's API writes them. Unknown members are kept.
#[derive(Clone, Serialize, PartialEq)]
#[serde(transparent)]
pub struct User(Map<String, Value>);

impl User {
    /// Reads a user in either spelling.
    pub(crate) fn from_members(members: Map<String, Value>) -> Self {
        let mut snake_case = Map::new();
        // Not `collect`: it sorts first, which is more wasm than a few inserts.
        snake_case.extend(members.into_iter().map(|(name, value)| (to_snake_case(&name), value)));
        Self(snake_case)
    }

    /// The provider's id of the user.
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// The e-mail address.
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// All members, in `snake_case`.
    pub const fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All members, in the `camelCase` of the Node SDK. What is inside a member (`metadata`) keeps its spelling.
    pub fn camel_case(&self) -> Map<String, Value> {
        let mut camel_case = Map::new();
        camel_case.extend(self.0.iter().map(|(name, value)| (to_camel_case(name), value.clone())));
        camel_case
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

fn to_snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn to_camel_case(name: &str) -> String {
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
    camel
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
