//! The path that rules are matched against, and every other way in which an upstream might read it.
//!
//! Most holes of gateways are here: the gateway sees `/docs/..%2fapp`, the upstream `/app` (CVE-2026-41248 and its kin). So a
//! path with more than one reading is held against the rules in all of them.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

/// A request's path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// One reading: decoded once.
    Clear(String),
    /// Encoded or repeated slashes, backslashes, dot segments, path parameters, control characters, double encoding,
    /// full-width letters, or bytes that are no UTF-8: the readings that are known.
    Ambiguous(BTreeSet<String>),
}

/// Encodings are undone at most this often: nothing decodes more often than twice.
const DECODINGS: usize = 3;

impl Path {
    /// Reads a path as it was sent.
    pub(super) fn read(path: &str) -> Self {
        match canonical(path) {
            Some(clear) => Self::Clear(clear),
            None => Self::Ambiguous(readings(path)),
        }
    }

    /// Whether a path that is decoded has one reading.
    pub(super) fn is_clear(decoded: &str) -> bool {
        let is_odd = decoded.contains("//")
            || decoded.chars().any(|c| matches!(c, '\\' | ';' | '%' | '?' | '#') || c.is_control() || is_full_width(c))
            || decoded.chars().any(is_disguised_ascii)
            || decoded.split('/').any(is_dots_and_spaces);
        decoded.starts_with('/') && !is_odd
    }
}

fn canonical(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let slashes = |text: &str| text.bytes().filter(|byte| *byte == b'/').count();
    (slashes(path) == slashes(&decoded) && Path::is_clear(&decoded)).then(|| decoded.into_owned())
}

/// Dot segments, and what becomes one or nothing where Windows drops dots and spaces at the end of a name.
fn is_dots_and_spaces(segment: &str) -> bool {
    !segment.is_empty() && segment.chars().all(|character| matches!(character, '.' | ' '))
}

/// What servers, frameworks and file systems make of it, one habit after another.
fn readings(path: &str) -> BTreeSet<String> {
    const HABITS: [fn(&str) -> String; 5] =
        [ascii_letters, without_tail, without_parameters, with_single_slashes, resolved];
    let mut readings = BTreeSet::new();
    let mut decoded = path.to_owned();
    for _ in 0..=DECODINGS {
        let mut reading = decoded.clone();
        readings.insert(reading.clone());
        for habit in HABITS {
            reading = habit(&reading);
            readings.insert(reading.clone());
        }
        // Dots that stand between merged slashes, and slashes that resolved dots leave behind.
        readings.insert(resolved(&decoded.replace('\\', "/")));
        decoded = percent_decode_str(&decoded).decode_utf8_lossy().into_owned();
    }
    readings
}

/// Backslashes and full-width letters as the ASCII that some file systems take them for.
fn ascii_letters(path: &str) -> String {
    let fold = |character: char| match character {
        '\\' => '/',
        _ if is_full_width(character) => {
            char::from_u32(u32::from(character) - u32::from('\u{ff01}') + u32::from('!')).unwrap_or(character)
        }
        _ => character,
    };
    path.chars().map(fold).collect()
}

fn is_full_width(character: char) -> bool {
    ('\u{ff01}'..='\u{ff5e}').contains(&character)
}

/// Other characters that become ASCII where compatibility forms are folded (NFKC): dots and slashes in disguise, letters of
/// formulas and in circles.
fn is_disguised_ascii(character: char) -> bool {
    matches!(
        character,
        '\u{2024}'..='\u{2026}'
            | '\u{2100}' | '\u{2101}' | '\u{2105}' | '\u{2106}'
            | '\u{24b6}'..='\u{24e9}'
            | '\u{fe52}'..='\u{fe6b}'
            | '\u{1d400}'..='\u{1d7ff}'
    )
}

/// Up to a NUL, a line break, a query or a fragment.
fn without_tail(path: &str) -> String {
    path.split(|c: char| c.is_control() || matches!(c, '?' | '#')).next().unwrap_or_default().to_owned()
}

/// Without `;parameters` of segments (RFC 3986 §3.3).
fn without_parameters(path: &str) -> String {
    let plain = path.split('/').map(|segment| segment.split(';').next().unwrap_or_default());
    plain.collect::<Vec<_>>().join("/")
}

fn with_single_slashes(path: &str) -> String {
    let mut single = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !single.ends_with('/') {
            single.push(character);
        }
    }
    single
}

/// Without dot segments (RFC 3986 §5.2.4).
fn resolved(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_decoded_once() {
        for (path, expected) in [
            ("/", "/"),
            ("/app/", "/app/"),
            ("/%61pp", "/app"),
            ("/caf%C3%A9", "/café"),
            ("/a.b/..c/d...", "/a.b/..c/d..."),
            ("/a%20b+c", "/a b+c"),
        ] {
            assert_eq!(Path::read(path), Path::Clear(expected.to_owned()), "{path}");
        }
    }

    #[test]
    fn every_other_reading_is_known() {
        for (path, reading) in [
            ("//app", "/app"),
            ("/a//b", "/a/b"),
            ("/docs/..%2fapp", "/app"),
            ("/docs/%2e%2e/app", "/app"),
            ("/docs/../app", "/app"),
            ("/docs/..;/app", "/app"),
            ("/docs/..;x=1/app", "/app"),
            ("/./app", "/app"),
            ("/docs%5c..%5capp", "/app"),
            ("/docs\\..\\app", "/app"),
            ("/docs/..//app", "/app"),
            ("/app;x=1", "/app"),
            ("/app%00.css", "/app"),
            ("/app%0d%0a", "/app"),
            ("/app%3F.css", "/app"),
            ("/app%23.css", "/app"),
            ("/%2561pp", "/app"),
            ("/docs/%252e%252e/app", "/app"),
            ("/docs/%25252e%25252e%25252fapp", "/app"),
            ("/\u{ff41}pp", "/app"),
            ("/docs\u{ff0f}..\u{ff0f}app", "/app"),
        ] {
            let Path::Ambiguous(readings) = Path::read(path) else { panic!("{path} is not clear") };
            assert!(readings.contains(reading), "{path}: {readings:?}");
        }
        for path in [
            "/%ff",
            "/a%25",
            "",
            "app",
            "/docs/\u{2025}/app",
            "/\u{1d41a}pp",
            "/\u{fe52}\u{fe52}/app",
            "/docs/...",
            "/docs/.. /app",
            "/docs/%20/app",
            "/docs/app/%20",
        ] {
            assert!(matches!(Path::read(path), Path::Ambiguous(_)), "{path}");
        }
    }
}
