//! Notices a browser that signs in again and again because it keeps no session, before it does so for ever.
//!
//! The count is in a cookie of ten seconds. It is no secret and proves nothing: a visitor who forges it sees a page.

use crate::cookie::{self, Attributes, SameSite};
use crate::gateway::settings::WorkOsSettings;
use crate::limits;
use crate::time::Timestamp;

/// Sign-ins in a row that were finished without a session in the browser.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SignIns {
    count: u32,
    since: Timestamp,
}

impl SignIns {
    /// The sign-ins so far, with the one that has just been finished.
    pub(super) fn one_more(settings: &WorkOsSettings, cookie_header: &str, now: Timestamp) -> Self {
        let name = attributes(settings).name;
        let earlier = cookie::values(cookie_header, &name).find_map(|value| Self::parse(value, now));
        earlier
            .map_or(Self { count: 1, since: now }, |earlier| Self { count: earlier.count.saturating_add(1), ..earlier })
    }

    /// Whether it is time to stop and say so.
    pub(super) const fn is_loop(&self) -> bool {
        self.count >= limits::LOOP_SIGN_INS
    }

    pub(super) fn set_cookie(&self, settings: &WorkOsSettings) -> String {
        attributes(settings).set(&format!("{}.{}", self.count, self.since.seconds()), limits::LOOP_SECONDS)
    }

    fn parse(value: &str, now: Timestamp) -> Option<Self> {
        let (count, since) = value.split_once('.')?;
        let since = Timestamp::from_seconds(since.parse().ok()?);
        let is_recent = (0..limits::LOOP_SECONDS).contains(&now.seconds_since(since));
        Some(Self { count: count.parse().ok()?, since }).filter(|_| is_recent)
    }
}

const SECURE_NAME: &str = "__Host-edgeseal-sign-ins";
const LOCAL_NAME: &str = "edgeseal-sign-ins";

/// Whether a cookie is the count: it is no business of the upstream.
pub(super) fn is_count_cookie(name: &str) -> bool {
    name == SECURE_NAME || name == LOCAL_NAME
}

fn attributes(settings: &WorkOsSettings) -> Attributes {
    let secure = settings.cookie.secure;
    let name = if secure { SECURE_NAME } else { LOCAL_NAME };
    Attributes {
        name: name.to_owned(),
        path: "/".to_owned(),
        domain: None,
        same_site: SameSite::Lax,
        secure,
        http_only: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::settings::workos_settings as settings;

    const NOW: Timestamp = Timestamp::from_seconds(1_763_640_000);

    #[test]
    fn the_third_in_ten_seconds_is_a_loop() {
        let settings = settings(&[]).unwrap();
        let mut header = String::new();
        for (second, is_loop) in [(0, false), (4, false), (9, true)] {
            let sign_ins = SignIns::one_more(&settings, &header, NOW.plus_seconds(second));
            assert_eq!(sign_ins.is_loop(), is_loop, "{second}");
            header = sign_ins.set_cookie(&settings).split(';').next().unwrap().to_owned();
        }
        assert!(!SignIns::one_more(&settings, &header, NOW.plus_seconds(10)).is_loop(), "a new row");
    }

    #[test]
    fn forged_counts_do_no_harm() {
        let settings = settings(&[]).unwrap();
        for value in
            ["", "x", "9", "9.", "-1.1763640000", "4294967295.1763640000", "9.99999999999999999999", "9.1763640001"]
        {
            let header = format!("__Host-edgeseal-sign-ins={value}");
            let _ = SignIns::one_more(&settings, &header, NOW).set_cookie(&settings);
        }
    }
}
