//! The session cookie of an upstream that runs an SDK: what it gets of ours, and what becomes of the one that it sets. Decides
//! only; headers are read and written in `upstream`.
//!
//! The browser's cookie and the upstream's are two seals of one session. Neither side ever sees the other's.

use std::time::UNIX_EPOCH;

use super::Gate;
use crate::error::Rejection;
use crate::gateway::admission::{Admission, Admitted};
use crate::gateway::inbound::Inbound;
use crate::gateway::settings::WorkOsSettings;
use crate::host::Host;
use crate::limits;
use crate::seal::{SealEntropy, SealFormats};
use crate::session::{Session, UnsealedSession};
use crate::time::Timestamp;

/// What the upstream says about the session with its `Set-Cookie` lines.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Said {
    /// It sets its session cookie to this value.
    Value(String),
    /// It deletes its session cookie.
    Deletion,
    /// It sets a cookie of ours that it has never seen: the browser's name where its own is another, a part, the old name.
    Foreign,
}

/// What becomes of the browser's session cookie.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Verdict {
    /// These lines take the place of those that the gateway had for the browser.
    Replace(Vec<String>),
    /// Nothing is new.
    Keep,
}

impl<H: Host> Gate<'_, H> {
    /// As [`Self::admit`]; where the upstream reads the session cookie, a token that is about to end is refreshed here, so that
    /// the upstream's SDK does not do the same at the same time.
    pub(in crate::gateway) async fn admit_to_upstream(&self, inbound: &Inbound) -> Admission {
        let mut admitted = match self.admit(inbound).await {
            Admission::Admitted(admitted) => admitted,
            refused => return refused,
        };
        let is_wanted = self.settings.upstream_seal.is_some() && !inbound.is_prefetch && !admitted.was_provider_asked;
        if !is_wanted || outlives_buffer(&admitted.session, self.host.now()) {
            return Admission::Admitted(admitted);
        }
        let Some(unsealed) = admitted.unsealed() else {
            return Admission::Admitted(admitted);
        };
        // Once is enough.
        self.take_due();
        match self.refresh(unsealed, None, inbound).await {
            // The token is good for a while yet: without an answer that ends the session, nobody is turned away.
            Admission::Refused(refusal) if !refusal.rejection.ends_session() => {
                // A pair that was rotated and cannot be checked now reaches the browser all the same.
                if !refusal.cookies.is_empty() {
                    admitted.cookies = refusal.cookies;
                }
                Admission::Admitted(admitted)
            }
            answered => answered,
        }
    }

    /// Whether the upstream runs an SDK of WorkOS's.
    pub(in crate::gateway) const fn upstream_reads_sessions(&self) -> bool {
        self.settings.upstream_seal.is_some()
    }

    /// What the upstream says about the session, apart from its other `Set-Cookie` lines.
    pub(in crate::gateway) fn separate(&self, lines: Vec<String>) -> (Vec<String>, Option<Said>) {
        separate(lines, self.settings, self.host.now())
    }

    /// The one session cookie for the upstream, as it stands in the `Cookie` header. Seals anew: once per request.
    pub(in crate::gateway) fn cookie_for_upstream(&self, admitted: &Admitted) -> Option<String> {
        let upstream = self.settings.upstream_seal.as_ref()?;
        let now = self.host.now();
        if !outlives_buffer(&admitted.session, now) {
            return None;
        }
        let entropy = SealEntropy::from_source(|bytes| self.host.fill_random(bytes));
        let sealed = admitted.unsealed()?.seal_as(upstream.format, &upstream.passwords, entropy, now).ok()?;
        Some(format!("{}={}", upstream.cookie_name, upstream.format.cookie_value(sealed)))
    }

    /// What the browser gets instead of the session cookie that the upstream sets.
    ///
    /// # Errors
    /// The code of why it is dropped.
    pub(in crate::gateway) async fn adopt(
        &self,
        said: Said,
        admitted: Option<&Admitted>,
        was_handed_on: bool,
        inbound: &Inbound,
    ) -> Result<Verdict, &'static str> {
        // On a public page the upstream does not know who is there, so it has nothing to say about their session.
        let admitted = admitted.ok_or("nobody_admitted")?;
        match said {
            Said::Foreign => Err("cookie_foreign"),
            // An SDK that got no cookie may delete what it takes for a broken one: that is no word of the person's.
            Said::Deletion if !was_handed_on => Err("cookie_not_handed_on"),
            Said::Deletion => {
                admitted.unsealed().into_iter().for_each(|session| self.client().end(session));
                Ok(Verdict::Replace(self.deletion(inbound)))
            }
            Said::Value(value) => match self.next_from(&value, admitted).await? {
                None => Ok(Verdict::Keep),
                Some(next) => self.session_cookies(&next, inbound).map(Verdict::Replace).map_err(Rejection::code),
            },
        }
    }

    /// The next generation in the cookie of an upstream; none where it is the one that the upstream was given.
    async fn next_from(&self, value: &str, admitted: &Admitted) -> Result<Option<UnsealedSession>, &'static str> {
        let upstream = self.settings.upstream_seal.as_ref().ok_or("cookie_foreign")?;
        let accepted = SealFormats::only(upstream.format);
        let opened = UnsealedSession::open(Some(value), &upstream.passwords, accepted, self.host.now());
        let opened = opened.map_err(Rejection::code)?;
        // Whoever came with a token alone has no session cookie to be replaced.
        let unsealed = admitted.unsealed().ok_or("cookie_not_handed_on")?;
        if opened.is_same_generation(unsealed) {
            return Ok(None);
        }
        let verified = self.client().authenticate(&opened).await.map_err(Rejection::code)?;
        check_succession(&admitted.session, verified.session())?;
        let next = unsealed.succeeded_by(opened).map_err(Rejection::code)?;
        if self.client().was_outrun(unsealed).await {
            return Err(Rejection::SessionRevoked.code());
        }
        self.client().adopt(unsealed, &next);
        Ok(Some(next))
    }
}

/// Whether a session can be handed on: the upstream's SDK will not find it worth a refresh while it serves this request.
fn outlives_buffer(session: &Session, now: Timestamp) -> bool {
    session.expires_at() > now.plus_seconds(limits::UPSTREAM_REFRESH_BUFFER_SECONDS)
}

/// Whether a verified session may follow another one: of the same person, and not from before it.
fn check_succession(current: &Session, next: &Session) -> Result<(), &'static str> {
    if current.user_id.is_none() || current.user_id != next.user_id {
        return Err("another_person");
    }
    if next.issued_at < current.issued_at {
        return Err("older_generation");
    }
    Ok(())
}

/// Takes the lines about the session out of the upstream's `Set-Cookie` lines. The others keep their order; of those about the
/// session the last one counts, as in a browser.
fn separate(lines: Vec<String>, settings: &WorkOsSettings, now: Timestamp) -> (Vec<String>, Option<Said>) {
    let own_name = settings.upstream_seal.as_ref().map(|seal| seal.cookie_name.as_str());
    let (mut others, mut said) = (Vec::with_capacity(lines.len()), None);
    for line in lines {
        let cookie = SetCookie::read(&line, now);
        if own_name == Some(cookie.name) {
            said = Some(if cookie.is_deletion { Said::Deletion } else { Said::Value(cookie.value.to_owned()) });
        } else if settings.is_session_cookie(cookie.name) {
            said = said.or(Some(Said::Foreign));
        } else {
            others.push(line);
        }
    }
    (others, said)
}

/// One `Set-Cookie` line, as far as the session is concerned (RFC 6265 §5.2).
struct SetCookie<'a> {
    name: &'a str,
    value: &'a str,
    is_deletion: bool,
}

impl<'a> SetCookie<'a> {
    fn read(line: &'a str, now: Timestamp) -> Self {
        let mut parts = line.split(';');
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).unwrap_or_default();
        // Python's standard library quotes what has a `=` in it.
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        let (mut max_age, mut expires) = (None, None);
        for attribute in parts {
            let (key, content) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (key, content) = (key.trim(), content.trim());
            if key.eq_ignore_ascii_case("max-age") {
                max_age = is_zero_or_less(content).or(max_age);
            } else if key.eq_ignore_ascii_case("expires") {
                expires = date(content).map(|expires| expires <= now).or(expires);
            }
        }
        // `Max-Age` comes before `Expires` (RFC 6265 §5.3), whichever stands first.
        let is_deletion = value.is_empty() || max_age.or(expires).unwrap_or(false);
        Self { name: name.trim(), value, is_deletion }
    }
}

/// Whether `Max-Age` says that the cookie is over; none for what is no number of any length.
fn is_zero_or_less(max_age: &str) -> Option<bool> {
    let is_negative = max_age.starts_with('-');
    let digits = max_age.strip_prefix('-').unwrap_or(max_age);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| is_negative || digits.bytes().all(|byte| byte == b'0'))
}

/// A date of HTTP, or one with dashes, as PHP and older frameworks write it.
fn date(text: &str) -> Option<Timestamp> {
    let parse = |text: &str| httpdate::parse_http_date(text).ok();
    let since = parse(text).or_else(|| parse(&text.replace('-', " ")))?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok().map(Timestamp::from_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::settings::workos_settings as settings;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    fn session(user_id: Option<&str>, issued_at: i64, expires_at: i64) -> Session {
        Session {
            user_id: user_id.map(str::to_owned),
            session_id: None,
            organization_id: None,
            role: None,
            roles: Vec::new(),
            permissions: Vec::new(),
            entitlements: Vec::new(),
            feature_flags: Vec::new(),
            user: None,
            impersonator: None,
            authentication_method: None,
            issued_at: Some(issued_at),
            expires_at,
        }
    }

    #[test]
    fn only_what_outlives_the_buffer_is_handed_on() {
        for (remaining, expected) in [(300, true), (61, true), (60, false), (1, false), (-1, false)] {
            let session = session(Some("user_1"), 0, NOW.seconds() + remaining);
            assert_eq!(outlives_buffer(&session, NOW), expected, "{remaining}");
        }
    }

    #[test]
    fn only_the_same_person_goes_on_and_only_forward() {
        let current = session(Some("user_1"), 100, 400);
        assert_eq!(check_succession(&current, &session(Some("user_1"), 100, 400)), Ok(()));
        assert_eq!(check_succession(&current, &session(Some("user_1"), 200, 500)), Ok(()));
        assert_eq!(check_succession(&current, &session(Some("user_1"), 99, 500)), Err("older_generation"));
        assert_eq!(check_succession(&current, &session(Some("user_2"), 200, 500)), Err("another_person"));
        assert_eq!(check_succession(&current, &session(None, 200, 500)), Err("another_person"));
        let nobody = session(None, 100, 400);
        assert_eq!(check_succession(&nobody, &nobody), Err("another_person"));
    }

    fn said(lines: &[&str]) -> (Vec<String>, Option<Said>) {
        let changes =
            [("UPSTREAM_SEAL", "go"), ("UPSTREAM_COOKIE_NAME", "site_session"), ("COOKIE_NAME_BEFORE", "old_session")];
        separate(lines.iter().map(|line| (*line).to_owned()).collect(), &settings(&changes).unwrap(), NOW)
    }

    #[test]
    fn other_lines_keep_their_order_and_their_octets() {
        let lines = ["a=1; Path=/", "site_session=v; HttpOnly", "b=2, c=3", "no pair", "site_sessionx=1", "=x"];
        let (others, found) = said(&lines);
        assert_eq!(others, ["a=1; Path=/", "b=2, c=3", "no pair", "site_sessionx=1", "=x"]);
        assert_eq!(found, Some(Said::Value("v".to_owned())));
        assert_eq!(said(&["a=1"]), (vec!["a=1".to_owned()], None));
    }

    #[test]
    fn the_last_line_about_the_session_counts() {
        let value = |value: &str| Some(Said::Value(value.to_owned()));
        assert_eq!(said(&["site_session=1", "site_session=2"]).1, value("2"));
        assert_eq!(said(&["site_session=; Max-Age=0", "site_session=2"]).1, value("2"));
        assert_eq!(said(&["site_session=1", "site_session="]).1, Some(Said::Deletion));
        assert_eq!(said(&[" site_session = \"a=b==\" ; Path=/"]).1, value("a=b=="));
    }

    #[test]
    fn our_own_cookies_are_not_the_upstreams_to_set() {
        for line in ["wos-session=x", "wos-session.0=2.t.x", "old_session=", "site_session.1=t.x"] {
            assert_eq!(said(&[line]), (vec![], Some(Said::Foreign)), "{line}");
        }
        assert_eq!(said(&["wos-session=x", "site_session=y"]).1, Some(Said::Value("y".to_owned())));
        assert_eq!(said(&["site_session=y", "wos-session=x"]).1, Some(Said::Value("y".to_owned())));
    }

    #[test]
    fn deletions_are_told_from_values_as_browsers_tell_them() {
        for line in [
            "s=",
            "s=\"\"",
            "s=x; Max-Age=0",
            "s=x; max-age=-1",
            "s=x; MAX-AGE=-99999999999999999999",
            "s=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0",
            "s=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "s=x; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
            "s=x; Max-Age=60; Max-Age=0",
            "s=x; Max-Age=0; Expires=Wed, 21 Oct 2037 07:28:00 GMT",
        ] {
            assert!(SetCookie::read(line, NOW).is_deletion, "{line}");
        }
        for line in [
            "s=x",
            "s=x; Max-Age",
            "s=x; Max-Age=",
            "s=x; Max-Age=-",
            "s=x; Max-Age=soon",
            "s=x; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "s=x; Expires=Wed, 21 Oct 2037 07:28:00 GMT",
            "s=x; Expires=yesterday",
            "s=x; Comment=Max-Age=0",
        ] {
            assert!(!SetCookie::read(line, NOW).is_deletion, "{line}");
        }
    }
}
