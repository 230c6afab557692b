//! Values that are too long for one cookie, split into up to four. The format is a contract: docs/cookies.md.
//!
//! `name.0 = count . tag . data`, then `name.1 = tag . data` and so on. The tag is taken from a hash of the whole value, so
//! parts of two generations are never joined, whatever the browser kept.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use super::{Attributes, names, values};
use crate::error::Rejection;
use crate::limits;

/// Characters of the tag: 48 bits tell generations apart; authenticity is the seal's affair.
const TAG_CHARACTERS: usize = 8;

/// The lines that store a value, in one cookie or in parts, and delete those of `present` that would be left over.
///
/// # Errors
/// [`Rejection::CookieTooLarge`] when four parts do not hold it.
pub(crate) fn set(
    attributes: &Attributes,
    value: &str,
    max_age_seconds: i64,
    present: &str,
) -> Result<Vec<String>, Rejection> {
    let whole = attributes.set(value, max_age_seconds);
    if whole.len() <= limits::SET_COOKIE_BYTES {
        let mut lines = vec![whole];
        lines.extend(delete_parts(attributes, 0, present));
        return Ok(lines);
    }
    let part = |index: usize| Attributes { name: part_name(&attributes.name, index), ..attributes.clone() };
    // Every part gets the room that the longest prefix leaves.
    let prefix = "0..".len() + TAG_CHARACTERS;
    let room = limits::SET_COOKIE_BYTES.saturating_sub(part(0).set("", max_age_seconds).len() + prefix);
    let fits = |pieces: &Vec<&str>| pieces.len() <= limits::COOKIE_PARTS;
    let pieces = pieces(value, room).filter(fits).ok_or(Rejection::CookieTooLarge)?;
    let (count, tag) = (pieces.len(), tag(value));
    let mut lines: Vec<String> = pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| {
            let data = if index == 0 { format!("{count}.{tag}.{piece}") } else { format!("{tag}.{piece}") };
            part(index).set(&data, max_age_seconds)
        })
        .collect();
    lines.extend(delete_parts(attributes, count, present));
    if values(present, &attributes.name).next().is_some() {
        lines.push(attributes.delete());
    }
    Ok(lines)
}

/// The lines that delete a value, however it is stored.
pub(crate) fn delete(attributes: &Attributes, present: &str) -> Vec<String> {
    let mut lines = vec![attributes.delete()];
    lines.extend(delete_parts(attributes, 0, present));
    lines
}

/// The values of a name, whole ones first, then those whose parts are complete and of one generation.
///
/// `Err` stands for parts that do not fit together.
pub(crate) fn read<'a>(header: &'a str, name: &'a str) -> Vec<Result<String, Rejection>> {
    let whole = values(header, name).map(|value| Ok(value.to_owned()));
    let first_name = part_name(name, 0);
    let split = values(header, &first_name).map(|first| join(header, name, first).ok_or(Rejection::CookiePartsMixed));
    whole.chain(split).take(limits::COOKIE_VALUES).collect()
}

fn join(header: &str, name: &str, first: &str) -> Option<String> {
    let (count, rest) = first.split_once('.')?;
    let (tag_of_first, data) = rest.split_once('.')?;
    let count = count.parse().ok().filter(|count| (2..=limits::COOKIE_PARTS).contains(count))?;
    let mut value = data.to_owned();
    for index in 1..count {
        let part_name = part_name(name, index);
        let of_generation = |part: &&str| part.split_once('.').is_some_and(|(tag, _)| tag == tag_of_first);
        let part = values(header, &part_name).find(of_generation)?;
        value.push_str(part.split_once('.')?.1);
    }
    (tag(&value) == tag_of_first).then_some(value)
}

/// Whether a cookie is the session's, whole or in parts.
pub(crate) fn belongs_to(name: &str, own: &str) -> bool {
    name.strip_prefix(own).is_some_and(|rest| rest.is_empty() || is_part_suffix(rest))
}

fn is_part_suffix(rest: &str) -> bool {
    (0..limits::COOKIE_PARTS).any(|index| rest.strip_prefix('.').is_some_and(|digits| digits == index.to_string()))
}

fn delete_parts<'a>(attributes: &'a Attributes, from: usize, present: &'a str) -> impl Iterator<Item = String> + 'a {
    (from..limits::COOKIE_PARTS)
        .map(|index| Attributes { name: part_name(&attributes.name, index), ..attributes.clone() })
        .filter(|part| names(present).any(|name| name == part.name))
        .map(|part| part.delete())
}

/// Pieces of at most `room` bytes; `None` for what no cookie can hold. A sealed value is ASCII, so any cut is clean.
fn pieces(value: &str, room: usize) -> Option<Vec<&str>> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at_checked(room.min(rest.len())).filter(|(piece, _)| !piece.is_empty())?;
        pieces.push(piece);
        rest = after;
    }
    Some(pieces)
}

fn part_name(name: &str, index: usize) -> String {
    format!("{name}.{index}")
}

fn tag(value: &str) -> String {
    let hash = Base64UrlUnpadded::encode_string(&Sha256::digest(value));
    hash.chars().take(TAG_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::SameSite;
    use super::*;

    fn attributes() -> Attributes {
        Attributes {
            name: "s".into(),
            path: "/".into(),
            domain: None,
            same_site: SameSite::Lax,
            secure: true,
            http_only: true,
        }
    }

    fn value(length: usize) -> String {
        (0..length).map(|index| char::from(b'a' + u8::try_from(index % 26).unwrap())).collect()
    }

    /// What the browser sends after these lines.
    fn sent(lines: &[String]) -> String {
        let kept = lines.iter().filter(|line| !line.contains("Max-Age=0"));
        kept.map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
    }

    fn names(lines: &[String]) -> Vec<&str> {
        lines.iter().map(|line| line.split('=').next().unwrap()).collect()
    }

    #[test]
    fn what_fits_stays_whole() {
        let lines = set(&attributes(), &value(4000), 60, "").unwrap();
        assert_eq!(names(&lines), ["s"]);
        assert_eq!(read(&sent(&lines), "s"), [Ok(value(4000))]);
    }

    #[test]
    fn long_values_come_back_from_their_parts() {
        for (length, parts) in [(4100, 2), (8000, 2), (9000, 3), (16_000, 4)] {
            let lines = set(&attributes(), &value(length), 60, "").unwrap();
            assert_eq!(lines.len(), parts, "{length}");
            assert!(lines.iter().all(|line| line.len() <= limits::SET_COOKIE_BYTES));
            assert_eq!(read(&sent(&lines), "s"), [Ok(value(length))]);
        }
        assert_eq!(set(&attributes(), &value(17_000), 60, ""), Err(Rejection::CookieTooLarge));
    }

    #[test]
    fn no_stale_part_survives() {
        let long = sent(&set(&attributes(), &value(16_000), 60, "").unwrap());
        assert_eq!(names(&set(&attributes(), &value(100), 60, &long).unwrap()), ["s", "s.0", "s.1", "s.2", "s.3"]);
        assert_eq!(names(&set(&attributes(), &value(8000), 60, &long).unwrap()), ["s.0", "s.1", "s.2", "s.3"]);
        assert_eq!(names(&set(&attributes(), &value(8000), 60, "s=old").unwrap()), ["s.0", "s.1", "s"]);
        assert_eq!(names(&delete(&attributes(), &long)), ["s", "s.0", "s.1", "s.2", "s.3"]);
        assert_eq!(names(&delete(&attributes(), "s=x")), ["s"]);
    }

    #[test]
    fn generations_are_never_mixed() {
        let one = sent(&set(&attributes(), &value(8000), 60, "").unwrap());
        let two = sent(&set(&attributes(), &value(8001), 60, "").unwrap());
        let (first, _) = one.split_once("; ").unwrap();
        let (_, second) = two.split_once("; ").unwrap();
        assert_eq!(read(&format!("{first}; {second}"), "s"), [Err(Rejection::CookiePartsMixed)]);
        assert_eq!(read(first, "s"), [Err(Rejection::CookiePartsMixed)]);
        assert_eq!(read(&format!("{one}; {two}"), "s"), [Ok(value(8000)), Ok(value(8001))]);
        assert_eq!(read(second, "s"), []);
    }

    #[test]
    fn hostile_parts_are_refused() {
        for header in
            ["s.0=", "s.0=2", "s.0=2.x", "s.0=9.t.x; s.1=t.y", "s.0=-1.t.x", "s.0=1.t.x", "s.0=2.t.x; s.1=t.y"]
        {
            assert!(read(header, "s").iter().all(|value| *value == Err(Rejection::CookiePartsMixed)), "{header}");
        }
    }

    #[test]
    fn only_the_sessions_own_cookies_belong_to_it() {
        for name in ["s", "s.0", "s.3"] {
            assert!(belongs_to(name, "s"), "{name}");
        }
        for name in ["s.4", "s.00", "s.", "sx", "s.0.1", "S", "t.0"] {
            assert!(!belongs_to(name, "s"), "{name}");
        }
    }
}
