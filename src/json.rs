//! JSON from strangers: an object without duplicate members, of bounded depth.
//!
//! Parsers disagree about which duplicate wins, and attackers live in that gap (RFC 8725 §2.4), so a duplicate at any
//! depth refuses the whole text. Nothing here knows what the members mean.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits;

/// An object, with the text that it was read from: to hand it on, nothing has to be written anew.
///
/// There is no `Debug`: it holds personal data.
pub struct JsonObject {
    members: Map<String, Value>,
    text: Vec<u8>,
}

impl JsonObject {
    /// Parses the bytes of one JSON object; `None` for anything else.
    pub(crate) fn parse(text: Vec<u8>) -> Option<Self> {
        Some(Self { members: parse_object(&text)?, text })
    }

    /// Its members.
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The same as JSON, as it came.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// Parses the bytes of one JSON object; `None` for anything else.
pub(crate) fn parse_object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The text with `\ufffd` in the place of surrogates that have lost their other half; `None` when all are paired.
///
/// JavaScript writes such halves without a word (a name that was cut in the middle of an emoji), and no UTF-8 can hold
/// them. Only for text whose author is trusted: it is not what was written any more.
pub(crate) fn mend_lone_surrogates(text: &[u8]) -> Option<Vec<u8>> {
    let mut mended = text.to_vec();
    let mut is_mended = false;
    let mut position = 0;
    while let Some(rest) = text.get(position..).filter(|rest| !rest.is_empty()) {
        position += match (rest, unit(rest)) {
            (_, Some(0xd800..=0xdbff)) if matches!(rest.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) => 12,
            (_, Some(0xd800..=0xdfff)) => {
                if let Some(place) = mended.get_mut(position..position + 6) {
                    place.copy_from_slice(b"\\ufffd");
                }
                is_mended = true;
                6
            }
            // Another escape: what follows the backslash begins none.
            ([b'\\', _, ..], _) => 2,
            _ => 1,
        };
    }
    is_mended.then_some(mended)
}

/// The UTF-16 unit of a `\uXXXX` at the start.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == limits::JSON_DEPTH { Err(E::custom("too deep")) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_object() {
        let object = parse_object(br#"{"a":[1,-2,0.5,"x",null,true,{"b":{}}]}"#).unwrap();
        assert_eq!(Value::Object(object).to_string(), r#"{"a":[1,-2,0.5,"x",null,true,{"b":{}}]}"#);
    }

    #[test]
    fn refuses_duplicates_at_any_depth() {
        assert!(parse_object(br#"{"a":1,"a":1}"#).is_none());
        assert!(parse_object(br#"{"x":[{"a":1,"b":2,"a":3}]}"#).is_none());
        assert!(parse_object(br#"{"a":1,"\u0061":2}"#).is_none());
    }

    #[test]
    fn refuses_all_but_one_object() {
        let refused: [&[u8]; 8] =
            [b"", b"[]", b"1", b"{} {}", b"\xef\xbb\xbf{}", b"{\"a\":1e999}", b"{\"a\":\"\xff\"}", b"{'a':1}"];
        for text in refused {
            assert!(parse_object(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn lone_surrogates_are_mended_and_pairs_stay() {
        for (text, expected) in [
            (r#"{"a":"\ud83d"}"#, Some(r#"{"a":"\ufffd"}"#)),
            (r#"{"a":"\uDE00x\ud83d\ude00"}"#, Some(r#"{"a":"\ufffdx\ud83d\ude00"}"#)),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, Some(r#"{"a":"\ufffd\ud83d\ude00"}"#)),
            (r#"{"a":"\ud83d\ude00"}"#, None),
            (r#"{"a":"\\ud83d"}"#, None),
            (r#"{"a":"\u00e9 plain"}"#, None),
            (r#"{"a":"\ud8"#, None),
        ] {
            let mended = mend_lone_surrogates(text.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(mended.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse_object(nested(limits::JSON_DEPTH - 1).as_bytes()).is_some());
        assert!(parse_object(nested(limits::JSON_DEPTH).as_bytes()).is_none());
        assert!(parse_object(nested(1_000_000).as_bytes()).is_none());
    }
}
